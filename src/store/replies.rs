//! Replies: [`advance`] is the only write of a reply's state.

use jiff::Timestamp;
use rusqlite::{Row, Transaction, params};

use super::row::{column, instant, instant_opt, millis, parsed, required};
use super::{Context, StoreError, journal};
use crate::model::address::{Address, MessageId};
use crate::model::ids::{AccountNo, ApplicationNo, MessageNo, ReplyNo};
use crate::model::journal::Entry;
use crate::model::mail::{Digest, Intent, Phase, Proof};
use crate::model::reply::{Approval, Overtaking, Reply, ReplyEvent, ReplyState, Withdrawal};

mod mail;

/// A reply that begins to cool.
#[derive(Debug, Clone, Copy)]
pub struct NewReply<'a> {
    /// The application that ended.
    pub application: ApplicationNo,
    /// The rejection.
    pub parent: MessageNo,
    /// Who sends it.
    pub account: AccountNo,
    /// Whom the user named, instead of the program.
    pub chosen: Option<&'a Address>,
    /// The intent that the user named.
    pub wanted: Option<Intent>,
    /// The sent reply that it follows up.
    pub follows: Option<ReplyNo>,
    /// Not on the desk before.
    pub not_before: Timestamp,
}

/// Begins a reply. At most one per application lives at a time; the database sees to it.
pub fn begin(
    transaction: &Transaction<'_>,
    it: &NewReply<'_>,
    by: &str,
    now: Timestamp,
) -> Result<ReplyNo, StoreError> {
    transaction
        .execute(
            "INSERT INTO reply (application, parent, account, chosen, state, not_before, wanted,
                 follows) VALUES (?1, ?2, ?3, ?4, 'cooling', ?5, ?6, ?7)",
            (
                it.application.get(),
                it.parent.get(),
                it.account.get(),
                it.chosen.map(Address::as_str),
                millis(it.not_before),
                it.wanted.map(Intent::name),
                it.follows.map(ReplyNo::get),
            ),
        )
        .context("begin a reply")?;
    let no = ReplyNo::new(transaction.last_insert_rowid())
        .ok_or_else(|| StoreError::Unreadable("reply 0".to_owned()))?;
    let entry = Entry {
        at: now,
        by: by.to_owned(),
        what: "cooling".to_owned(),
        reply: Some(no),
        application: Some(it.application),
        message: Some(it.parent),
        why: None,
    };
    journal::append(transaction, &entry)?;
    Ok(no)
}

/// Lets a cooling reply answer a later, better rejection of the same closing, and restarts
/// its pause.
pub fn move_to(
    transaction: &Transaction<'_>,
    reply: &Reply,
    parent: MessageNo,
    not_before: Timestamp,
    by: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    transaction
        .execute(
            // One that the user has put off longer stays so.
            "UPDATE reply SET parent = ?2, state = 'cooling',
                 not_before = max(coalesce(not_before, ?3), ?3), since = NULL, notice = NULL,
                 version = version + 1, route_mailbox = NULL
             WHERE no = ?1 AND state IN ('cooling', 'drafted')",
            (reply.no.get(), parent.get(), millis(not_before)),
        )
        .context("move a reply")?;
    let entry = Entry {
        at: now,
        by: by.to_owned(),
        what: "moved".to_owned(),
        reply: Some(reply.no),
        application: Some(reply.application),
        message: Some(parent),
        why: Some("a further rejection came from somebody better to answer".to_owned()),
    };
    journal::append(transaction, &entry)
}

/// Lets `event` happen to the reply in version `seen_version`, and tells the journal.
///
/// # Errors
/// [`StoreError::Changed`] when somebody else wrote it since, [`StoreError::Refused`] when
/// the state machine does not allow it; nothing is written then.
pub fn advance(
    transaction: &Transaction<'_>,
    reply: &Reply,
    event: ReplyEvent,
    notice: Option<&str>,
    by: &str,
    now: Timestamp,
) -> Result<Reply, StoreError> {
    let current = get(transaction, reply.no)?;
    if current.version != reply.version {
        return Err(StoreError::Changed);
    }
    let what = event.name().to_owned();
    // The database keeps milliseconds; what is compared later must not hold more.
    let now = instant(millis(now))?;
    let state = current.state.on(event, now)?;
    let next = Reply {
        state,
        version: current.version.saturating_add(1),
        notice: notice.map(str::to_owned),
        ..current
    };
    write(transaction, &next)?;
    let entry = Entry {
        at: now,
        by: by.to_owned(),
        what,
        reply: Some(next.no),
        application: Some(next.application),
        message: None,
        why: notice.map(str::to_owned),
    };
    journal::append(transaction, &entry)?;
    Ok(next)
}

/// The columns of a state that are not the mail's.
#[derive(Default)]
struct Columns<'a> {
    not_before: Option<i64>,
    since: Option<i64>,
    approval: Option<&'a Approval>,
    date: Option<i64>,
    body_given: bool,
    proof: Option<&'static str>,
    why: Option<String>,
}

fn columns(state: &ReplyState) -> Columns<'_> {
    let none = Columns::default();
    match state {
        ReplyState::Cooling { not_before, .. } => {
            Columns { not_before: Some(millis(*not_before)), ..none }
        }
        ReplyState::Drafted { since, .. } => Columns { since: Some(millis(*since)), ..none },
        ReplyState::Approved(approval) => Columns { approval: Some(approval), ..none },
        ReplyState::Sending { approval, phase, .. } => {
            Columns { approval: Some(approval), body_given: *phase == Phase::BodyGiven, ..none }
        }
        ReplyState::Doubtful { approval, since, .. } => {
            Columns { approval: Some(approval), since: Some(millis(*since)), ..none }
        }
        ReplyState::Sent { date, at, proof, .. } => Columns {
            since: Some(millis(*at)),
            date: Some(millis(*date)),
            proof: Some(proof.name()),
            ..none
        },
        ReplyState::Skipped => none,
        ReplyState::Withdrawn(why) => {
            Columns { why: Some(withdrawal_word(why).to_owned()), ..none }
        }
        ReplyState::Failed { why } => Columns { why: Some(why.clone()), ..none },
    }
}

fn write(transaction: &Transaction<'_>, reply: &Reply) -> Result<(), StoreError> {
    let c = columns(&reply.state);
    let approval = c.approval;
    transaction
        .execute(
            "UPDATE reply SET version = ?2, state = ?3, notice = ?4, not_before = ?5, since = ?6,
                 digest = ?7, approved_by = ?8, approved_at = ?9, due = ?10, first_due = ?11,
                 deferrals = ?12, unreached = ?13, date = ?14, body_given = ?15, proof = ?16,
                 why = ?17, lookups = CASE WHEN state = 'doubtful' THEN lookups ELSE 0 END
             WHERE no = ?1",
            params![
                reply.no.get(),
                reply.version,
                reply.state.name(),
                reply.notice,
                c.not_before,
                c.since,
                approval.map(|a| a.digest.hex()),
                approval.map(|a| a.by.clone()),
                approval.map(|a| millis(a.at)),
                approval.map(|a| millis(a.due)),
                approval.map(|a| millis(a.first_due)),
                approval.map_or(0, |a| a.deferrals),
                approval.map_or(0, |a| a.unreached),
                c.date.or(approval.and_then(|a| a.date).map(millis)),
                c.body_given,
                c.proof,
                c.why,
            ],
        )
        .context("write a reply")?;
    match reply.state.draft() {
        Some(draft) => mail::write(transaction, reply.no, draft),
        None => Ok(()),
    }
}

fn approval(row: &Row<'_>) -> Result<Approval, StoreError> {
    let digest: String = required(row, "digest")?;
    Ok(Approval {
        draft: mail::read(row)?,
        digest: Digest::from_hex(&digest)
            .ok_or_else(|| StoreError::Unreadable(format!("the digest `{digest}`")))?,
        by: required(row, "approved_by")?,
        at: instant(required(row, "approved_at")?)?,
        due: instant(required(row, "due")?)?,
        first_due: instant(required(row, "first_due")?)?,
        deferrals: column(row, "deferrals")?,
        unreached: column(row, "unreached")?,
        date: instant_opt(column(row, "date")?)?,
    })
}

fn state(row: &Row<'_>) -> Result<ReplyState, StoreError> {
    let word: String = column(row, "state")?;
    let since = || instant(required(row, "since")?);
    let boxed = || approval(row).map(Box::new);
    let date = || instant(required(row, "date")?);
    let state = match word.as_str() {
        "cooling" => {
            let holds_mail = column::<Option<String>>(row, "route_mailbox")?.is_some();
            let kept = if holds_mail { Some(Box::new(mail::read(row)?)) } else { None };
            ReplyState::Cooling { not_before: instant(required(row, "not_before")?)?, kept }
        }
        "drafted" => ReplyState::Drafted { draft: Box::new(mail::read(row)?), since: since()? },
        "approved" => ReplyState::Approved(boxed()?),
        "sending" => {
            let given = column::<i64>(row, "body_given")? != 0;
            let phase = if given { Phase::BodyGiven } else { Phase::Talking };
            ReplyState::Sending { approval: boxed()?, date: date()?, phase }
        }
        "doubtful" => ReplyState::Doubtful { approval: boxed()?, date: date()?, since: since()? },
        "sent" => {
            let word: String = required(row, "proof")?;
            let proof = Proof::named(&word)
                .ok_or_else(|| StoreError::Unreadable(format!("the proof `{word}`")))?;
            ReplyState::Sent {
                draft: Box::new(mail::read(row)?),
                date: date()?,
                at: since()?,
                proof,
            }
        }
        "skipped" => ReplyState::Skipped,
        "withdrawn" => {
            let word: String = required(row, "why")?;
            let why = WITHDRAWALS.iter().find(|(_, it)| *it == word).map(|(why, _)| why.clone());
            ReplyState::Withdrawn(
                why.ok_or_else(|| StoreError::Unreadable(format!("the reason `{word}`")))?,
            )
        }
        "failed" => ReplyState::Failed { why: required(row, "why")? },
        other => return Err(StoreError::Unreadable(format!("the state `{other}`"))),
    };
    Ok(state)
}

const WITHDRAWALS: &[(Withdrawal, &str)] = &[
    (Withdrawal::AnsweredElsewhere, "answered-elsewhere"),
    (Withdrawal::Overtaken(Overtaking::Invited), "invited"),
    (Withdrawal::Overtaken(Overtaking::Offered), "offered"),
    (Withdrawal::Overtaken(Overtaking::Question), "question"),
    (Withdrawal::Overtaken(Overtaking::Progress), "progress"),
    (Withdrawal::Corrected, "corrected"),
    (Withdrawal::Rejudged, "rejudged"),
    (Withdrawal::Expired, "expired"),
    (Withdrawal::AccountRemoved, "account-removed"),
    (Withdrawal::Unsettled, "unsettled"),
];

/// The word of a reason in the database and in `--json`.
pub fn withdrawal_word(why: &Withdrawal) -> &'static str {
    WITHDRAWALS.iter().find(|(it, _)| it == why).map_or("", |(_, word)| word)
}

fn reply(row: &Row<'_>) -> Result<Reply, StoreError> {
    let absent = || StoreError::Unreadable("a reply without a number".to_owned());
    let chosen: Option<String> = column(row, "chosen")?;
    Ok(Reply {
        no: ReplyNo::new(column(row, "no")?).ok_or_else(absent)?,
        application: ApplicationNo::new(column(row, "application")?).ok_or_else(absent)?,
        parent: MessageNo::new(column(row, "parent")?).ok_or_else(absent)?,
        account: AccountNo::new(column(row, "account")?).ok_or_else(absent)?,
        chosen: chosen.map(|address| parsed(&address, "the address")).transpose()?,
        wanted: column::<Option<String>>(row, "wanted")?.as_deref().and_then(Intent::named),
        follows: column::<Option<i64>>(row, "follows")?.and_then(ReplyNo::new),
        state: state(row)?,
        version: column(row, "version")?,
        notice: column(row, "notice")?,
    })
}

fn select(
    transaction: &Transaction<'_>,
    tail: &str,
    params: impl rusqlite::Params,
) -> Result<Vec<Reply>, StoreError> {
    let mut statement = transaction
        .prepare_cached(&format!("SELECT * FROM reply {tail}"))
        .context("read replies")?;
    let mut rows = statement.query(params).context("read replies")?;
    let mut replies = Vec::new();
    while let Some(row) = rows.next().context("read replies")? {
        replies.push(reply(row)?);
    }
    Ok(replies)
}

/// One reply.
///
/// # Errors
/// [`StoreError::NotFound`] when there is none of this number.
pub fn get(transaction: &Transaction<'_>, no: ReplyNo) -> Result<Reply, StoreError> {
    let found = select(transaction, "WHERE no = ?1", [no.get()])?.into_iter().next();
    found.ok_or_else(|| StoreError::NotFound(format!("reply {no}")))
}

/// Replies in these states, the oldest first.
pub fn in_states(transaction: &Transaction<'_>, states: &[&str]) -> Result<Vec<Reply>, StoreError> {
    let mut replies = select(transaction, "ORDER BY no", [])?;
    replies.retain(|reply| states.contains(&reply.state.name()));
    Ok(replies)
}

/// All replies, the oldest first.
pub fn all(transaction: &Transaction<'_>) -> Result<Vec<Reply>, StoreError> {
    select(transaction, "ORDER BY no", [])
}

/// All replies of an application, the oldest first.
pub fn of_application(
    transaction: &Transaction<'_>,
    no: ApplicationNo,
) -> Result<Vec<Reply>, StoreError> {
    select(transaction, "WHERE application = ?1 ORDER BY no", [no.get()])
}

/// The Message-IDs of the other replies of its application that went out.
pub fn sent_ids(
    transaction: &Transaction<'_>,
    reply: &Reply,
) -> Result<Vec<MessageId>, StoreError> {
    let others = of_application(transaction, reply.application)?.into_iter();
    let sent = others.filter(|it| it.no != reply.no && it.state.name() == "sent");
    Ok(sent.filter_map(|it| it.state.draft().map(|draft| draft.message_id.clone())).collect())
}

/// The reply of an application that has not ended.
pub fn living(
    transaction: &Transaction<'_>,
    no: ApplicationNo,
) -> Result<Option<Reply>, StoreError> {
    Ok(of_application(transaction, no)?.into_iter().find(|reply| !reply.state.has_ended()))
}

/// How often the Sent folder was searched for a doubtful mail; counts one more.
pub fn count_lookup(transaction: &Transaction<'_>, no: ReplyNo) -> Result<(), StoreError> {
    transaction
        .execute("UPDATE reply SET lookups = lookups + 1 WHERE no = ?1", [no.get()])
        .context("count a look-up")?;
    Ok(())
}

/// How often the Sent folder was searched for a doubtful mail.
pub fn lookups(transaction: &Transaction<'_>, no: ReplyNo) -> Result<u32, StoreError> {
    transaction
        .query_row("SELECT lookups FROM reply WHERE no = ?1", [no.get()], |row| row.get(0))
        .context("count look-ups")
}

/// A copy of a sent mail is wanted in the Sent folder, or has been put there.
pub fn want_sent_copy(
    transaction: &Transaction<'_>,
    no: ReplyNo,
    wanted: bool,
) -> Result<(), StoreError> {
    transaction
        .execute("UPDATE reply SET sent_copy = ?2 WHERE no = ?1", (no.get(), wanted))
        .context("note a Sent copy")?;
    Ok(())
}

/// Sent replies whose copy is not in the Sent folder yet, with the Date they carried.
pub fn without_sent_copy(transaction: &Transaction<'_>) -> Result<Vec<Reply>, StoreError> {
    select(transaction, "WHERE state = 'sent' AND sent_copy = 1 ORDER BY no", [])
}

/// What the user should know of a reply that cannot move.
pub fn set_notice(
    transaction: &Transaction<'_>,
    no: ReplyNo,
    notice: &str,
) -> Result<(), StoreError> {
    transaction
        .execute("UPDATE reply SET notice = ?2 WHERE no = ?1", (no.get(), notice))
        .context("note a notice")?;
    Ok(())
}

/// Notes which intent the user names.
pub fn want(transaction: &Transaction<'_>, no: ReplyNo, intent: Intent) -> Result<(), StoreError> {
    transaction
        .execute("UPDATE reply SET wanted = ?2 WHERE no = ?1", (no.get(), intent.name()))
        .context("note the intent of a reply")?;
    Ok(())
}

/// Notes which mail the user has been shown.
pub fn set_shown(
    transaction: &Transaction<'_>,
    no: ReplyNo,
    digest: &Digest,
) -> Result<(), StoreError> {
    transaction
        .execute("UPDATE reply SET shown = ?2 WHERE no = ?1", (no.get(), digest.hex()))
        .context("note what was shown")?;
    Ok(())
}

/// Notes that the user has been shown what the tone check says of the text.
pub fn set_tone_shown(transaction: &Transaction<'_>, no: ReplyNo) -> Result<(), StoreError> {
    transaction
        .execute("UPDATE reply SET tone_shown = 1 WHERE no = ?1", [no.get()])
        .context("note what was shown")?;
    Ok(())
}

/// The user has been shown what the tone check says of the text as it is.
pub fn tone_shown(transaction: &Transaction<'_>, no: ReplyNo) -> Result<bool, StoreError> {
    transaction
        .query_row("SELECT tone_shown FROM reply WHERE no = ?1", [no.get()], |row| row.get(0))
        .context("read what was shown")
}

/// The mail that the user was last shown for this reply.
pub fn shown(transaction: &Transaction<'_>, no: ReplyNo) -> Result<Option<Digest>, StoreError> {
    let hex: Option<String> = transaction
        .query_row("SELECT shown FROM reply WHERE no = ?1", [no.get()], |row| row.get(0))
        .context("read what was shown")?;
    Ok(hex.as_deref().and_then(Digest::from_hex))
}
