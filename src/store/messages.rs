//! Messages: admitted once, whatever the server does.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, Transaction, params};

use super::row::{column, instant, instant_opt, millis, parsed};
use super::{Context, StoreError};
use crate::model::address::{Address, Mailbox, MessageId};
use crate::model::addressee::Addressing;
use crate::model::findings::Reason;
use crate::model::ids::{AccountNo, ApplicationNo, MessageNo};
use crate::model::message::{Direction, Message};
use crate::model::verdict::{Decision, Kind, Verdict};
use crate::model::visibility::Visibility;

/// 128 bits that tell a mail again wherever it turns up.
pub type Fingerprint = [u8; 16];

/// What the user is asked about a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Question {
    /// Is it a rejection?
    Unsure,
    /// Which application does it belong to?
    Ambiguous,
    /// It does not fit what is known of the application.
    Contradicts,
    /// It carries another mail's identifiers with another text.
    SameIds,
}

impl Question {
    const ALL: [Question; 4] =
        [Question::Unsure, Question::Ambiguous, Question::Contradicts, Question::SameIds];

    /// Its word in the database.
    pub fn name(self) -> &'static str {
        match self {
            Question::Unsure => "unsure",
            Question::Ambiguous => "ambiguous",
            Question::Contradicts => "contradicts",
            Question::SameIds => "same-ids",
        }
    }
}

/// A job mail on its way in.
#[derive(Debug)]
pub struct NewMessage<'a> {
    /// Where it came.
    pub account: AccountNo,
    /// What it belongs to.
    pub application: Option<ApplicationNo>,
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// The fingerprint of its text.
    pub text_fingerprint: Fingerprint,
    /// It was seen in a folder whose rejections are answered.
    pub watched: bool,
    /// The mail.
    pub message: &'a Message,
    /// The verdict; `None` for own mail.
    pub verdict: Option<&'a Verdict>,
    /// When it was received.
    pub received_at: Timestamp,
    /// When it was read.
    pub first_seen_at: Timestamp,
    /// What the user is asked.
    pub question: Option<Question>,
    /// Who could be answered.
    pub addressing: Option<&'a Addressing>,
    /// Nobody hears of it before.
    pub quiet_until: Option<Timestamp>,
    /// Found late: to be listed once as having come while the user was away.
    pub away: bool,
    /// What was read of it.
    pub raw: &'a [u8],
}

/// A job mail as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// Its number.
    pub no: MessageNo,
    /// Where it came.
    pub account: AccountNo,
    /// What it belongs to.
    pub application: Option<ApplicationNo>,
    /// Who wrote it.
    pub direction: Direction,
    /// It was seen in a folder whose rejections are answered.
    pub watched: bool,
    /// Message-ID.
    pub message_id: Option<MessageId>,
    /// From.
    pub sender: Option<Mailbox>,
    /// To.
    pub recipient: Option<Address>,
    /// Subject.
    pub subject: String,
    /// When it was received.
    pub received_at: Timestamp,
    /// The decision; `None` for own mail.
    pub decision: Option<Decision>,
    /// The user told the kind.
    pub corrected: bool,
    /// P(rejected).
    pub probability: f64,
    /// Two letters.
    pub language: Option<String>,
    /// The rules that fired, as JSON.
    pub hits: String,
    /// The employer.
    pub company: Option<String>,
    /// The position.
    pub role: Option<String>,
    /// The employer's number.
    pub reference: Option<String>,
    /// Who signed.
    pub person: Option<String>,
    /// Why it ended.
    pub reason: Option<Reason>,
    /// What the user is asked.
    pub question: Option<Question>,
    /// `person`, `relay`, `earlier`, `chosen` or `nobody`, with the reason.
    pub addressee: Option<(String, String)>,
    /// Nobody hears of it before.
    pub quiet_until: Option<Timestamp>,
    /// What the sender wrote.
    pub text: Option<String>,
}

/// What is already known of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acquaintance {
    /// Never seen, or only as mail that is not about a job.
    Stranger,
    /// It is this message again.
    Known {
        /// Which.
        no: MessageNo,
        /// It was seen in a watched folder before.
        watched: bool,
    },
    /// It has this message's identifiers, but another text.
    Impostor(MessageNo),
}

/// Looks a mail up by what identifies it.
pub fn acquaintance(
    transaction: &Transaction<'_>,
    fingerprint: &Fingerprint,
    text_fingerprint: &Fingerprint,
) -> Result<Acquaintance, StoreError> {
    let mut statement = transaction
        .prepare_cached(
            "SELECT no, watched, text_fingerprint FROM message WHERE fingerprint = ?1 ORDER BY no",
        )
        .context("look a message up")?;
    let mut rows = statement.query([fingerprint]).context("look a message up")?;
    let mut found = Acquaintance::Stranger;
    while let Some(row) = rows.next().context("look a message up")? {
        let no = number(column(row, "no")?)?;
        let text: Fingerprint = column(row, "text_fingerprint")?;
        if text == *text_fingerprint {
            let watched = column::<i64>(row, "watched")? != 0;
            return Ok(Acquaintance::Known { no, watched });
        }
        found = Acquaintance::Impostor(no);
    }
    Ok(found)
}

fn number(no: i64) -> Result<MessageNo, StoreError> {
    MessageNo::new(no).ok_or_else(|| StoreError::Unreadable("message 0".to_owned()))
}

/// Keeps a job mail.
pub fn insert(transaction: &Transaction<'_>, it: &NewMessage<'_>) -> Result<MessageNo, StoreError> {
    let header = &it.message.header;
    let findings = it.verdict.map(|v| &v.findings);
    let found = |f: Option<&crate::model::findings::Found<String>>| f.map(|f| f.value.clone());
    let hits = serde_json::to_string(&it.verdict.map_or(&[][..], |v| &v.hits))
        .map_err(|error| StoreError::Unreadable(error.to_string()))?;
    transaction
        .prepare_cached(
            "INSERT INTO message (account, application, fingerprint, text_fingerprint, own,
                 watched, message_id, sender_name, sender, recipient, subject, received_at,
                 first_seen_at, kind, unsure, probability, language, hits, company, role,
                 reference, person, reason, question, addressee, addressee_why, quiet_until, away,
                 text, raw)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17,
                 ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30)",
        )
        .context("keep a message")?
        .execute(params![
            it.account.get(),
            it.application.map(ApplicationNo::get),
            it.fingerprint,
            it.text_fingerprint,
            it.message.direction == Direction::Own,
            it.watched,
            header.message_id.as_ref().map(MessageId::as_str),
            header.from.first().and_then(|m| m.name.clone()),
            header.from.first().map(|m| m.address.as_str()),
            header.to.first().map(|m| m.address.as_str()),
            header.subject,
            millis(it.received_at),
            millis(it.first_seen_at),
            it.verdict.map_or(0, |v| kind_of(v.decision).code()),
            it.verdict.is_some_and(|v| v.decision.sure().is_none()),
            it.verdict.map_or(0.0, |v| v.probability),
            it.verdict.and_then(|v| v.language.clone()),
            hits,
            found(findings.and_then(|f| f.company.as_ref())),
            found(findings.and_then(|f| f.role.as_ref())),
            found(findings.and_then(|f| f.reference.as_ref())),
            found(findings.and_then(|f| f.person.as_ref())),
            findings.and_then(|f| f.reason.as_ref()).map(|f| f.value.name()),
            it.question.map(Question::name),
            it.addressing.map(|a| a.addressee.name()),
            it.addressing.map(|a| a.why.clone()),
            it.quiet_until.map(millis),
            it.away,
            it.message.body.new_text,
            it.raw,
        ])
        .context("keep a message")?;
    let no = number(transaction.last_insert_rowid())?;
    for id in header.in_reply_to.iter().chain(&header.references) {
        transaction
            .prepare_cached("INSERT OR IGNORE INTO thread_id (message, message_id) VALUES (?1, ?2)")
            .context("keep a thread")?
            .execute((no.get(), id.as_str()))
            .context("keep a thread")?;
    }
    Ok(no)
}

fn kind_of(decision: Decision) -> Kind {
    match decision {
        Decision::Sure(kind) | Decision::Unsure(kind) => kind,
    }
}

const KEPT: &str = "SELECT no, account, application, own, watched, message_id, sender_name, sender,
     recipient, subject, received_at, kind, unsure, corrected, probability, language, hits, company,
     role, reference, person, reason, question, addressee, addressee_why, quiet_until, text
     FROM message";

/// The same without what is large: the words of the mail and of its hits.
const KEPT_BRIEFLY: &str = "SELECT no, account, application, own, watched, message_id, sender_name,
     sender, recipient, subject, received_at, kind, unsure, corrected, probability, language,
     '[]' AS hits, company, role, reference, person, reason, question, addressee, addressee_why,
     quiet_until, NULL AS text FROM message";

fn kept(row: &Row<'_>) -> Result<Kept, StoreError> {
    let sender: Option<String> = column(row, "sender")?;
    let sender_name: Option<String> = column(row, "sender_name")?;
    let own = column::<i64>(row, "own")? != 0;
    let kind = Kind::from_code(column(row, "kind")?);
    let unsure = column::<i64>(row, "unsure")? != 0;
    let text = |name| column::<Option<String>>(row, name);
    let addressee = text("addressee")?.zip(text("addressee_why")?);
    let question: Option<String> = text("question")?;
    Ok(Kept {
        no: number(column(row, "no")?)?,
        account: AccountNo::new(column(row, "account")?)
            .ok_or_else(|| StoreError::Unreadable("account 0".to_owned()))?,
        application: column::<Option<i64>>(row, "application")?.and_then(ApplicationNo::new),
        direction: if own { Direction::Own } else { Direction::Incoming },
        watched: column::<i64>(row, "watched")? != 0,
        message_id: text("message_id")?.and_then(|id| id.parse().ok()),
        sender: sender
            .and_then(|address| address.parse().ok())
            .map(|address| Mailbox::new(sender_name.as_deref(), address)),
        recipient: text("recipient")?.and_then(|address| address.parse().ok()),
        subject: column(row, "subject")?,
        received_at: instant(column(row, "received_at")?)?,
        decision: kind.map(|k| if unsure { Decision::Unsure(k) } else { Decision::Sure(k) }),
        corrected: column::<i64>(row, "corrected")? != 0,
        probability: column(row, "probability")?,
        language: text("language")?,
        hits: column(row, "hits")?,
        company: text("company")?,
        role: text("role")?,
        reference: text("reference")?,
        person: text("person")?,
        reason: text("reason")?.as_deref().and_then(Reason::named),
        question: question.and_then(|word| Question::ALL.into_iter().find(|it| it.name() == word)),
        addressee,
        quiet_until: instant_opt(column(row, "quiet_until")?)?,
        text: text("text")?,
    })
}

fn select(
    transaction: &Transaction<'_>,
    tail: &str,
    params: impl rusqlite::Params,
) -> Result<Vec<Kept>, StoreError> {
    select_as(transaction, KEPT, tail, params)
}

fn select_as(
    transaction: &Transaction<'_>,
    columns: &str,
    tail: &str,
    params: impl rusqlite::Params,
) -> Result<Vec<Kept>, StoreError> {
    let mut statement =
        transaction.prepare_cached(&format!("{columns} {tail}")).context("read messages")?;
    let mut rows = statement.query(params).context("read messages")?;
    let mut messages = Vec::new();
    while let Some(row) = rows.next().context("read messages")? {
        messages.push(kept(row)?);
    }
    Ok(messages)
}

/// One message.
///
/// # Errors
/// [`StoreError::NotFound`] when there is none of this number, or nobody may hear of it yet.
pub fn get(
    transaction: &Transaction<'_>,
    no: MessageNo,
    visibility: Visibility,
) -> Result<Kept, StoreError> {
    select(transaction, "WHERE no = ?1", [no.get()])?
        .into_iter()
        .find(|m| visibility == Visibility::Cooling || m.quiet_until.is_none())
        .ok_or_else(|| StoreError::NotFound(format!("message {no}")))
}

/// The messages of an application, oldest first.
pub fn of_application(
    transaction: &Transaction<'_>,
    no: ApplicationNo,
    visibility: Visibility,
) -> Result<Vec<Kept>, StoreError> {
    let mut messages =
        select(transaction, "WHERE application = ?1 ORDER BY received_at, no", [no.get()])?;
    messages.retain(|m| visibility == Visibility::Cooling || m.quiet_until.is_none());
    Ok(messages)
}

/// All messages that belong to an application, ordered by it and by time; without their
/// text and hits.
pub fn all_of_applications(
    transaction: &Transaction<'_>,
    visibility: Visibility,
) -> Result<Vec<Kept>, StoreError> {
    let tail = match visibility {
        Visibility::Cooling => {
            "WHERE application IS NOT NULL ORDER BY application, received_at, no"
        }
        Visibility::Released => {
            "WHERE application IS NOT NULL AND quiet_until IS NULL
             ORDER BY application, received_at, no"
        }
    };
    select_as(transaction, KEPT_BRIEFLY, tail, [])
}

/// The messages about which the user is asked something.
pub fn questions(
    transaction: &Transaction<'_>,
    visibility: Visibility,
) -> Result<Vec<Kept>, StoreError> {
    let mut messages =
        select(transaction, "WHERE question IS NOT NULL ORDER BY received_at, no", [])?;
    messages.retain(|m| visibility == Visibility::Cooling || m.quiet_until.is_none());
    Ok(messages)
}

/// The messages that are kept quiet and whose time has come, oldest first.
pub fn due(transaction: &Transaction<'_>, now: Timestamp) -> Result<Vec<Kept>, StoreError> {
    select(transaction, "WHERE quiet_until <= ?1 ORDER BY quiet_until, no", [millis(now)])
}

/// The messages that are kept quiet, the earliest first.
pub fn quiet(transaction: &Transaction<'_>) -> Result<Vec<Kept>, StoreError> {
    select(transaction, "WHERE quiet_until IS NOT NULL ORDER BY quiet_until, no", [])
}

/// The rejections that came while the user was away and have not been listed.
pub fn away(transaction: &Transaction<'_>) -> Result<Vec<Kept>, StoreError> {
    select(transaction, "WHERE away = 1 AND quiet_until IS NULL ORDER BY received_at, no", [])
}

/// Notes that this one was listed.
pub fn away_listed(transaction: &Transaction<'_>, no: MessageNo) -> Result<(), StoreError> {
    change(transaction, "UPDATE message SET away = 2 WHERE no = ?1", no)
}

/// What was read of a message.
pub fn raw(transaction: &Transaction<'_>, no: MessageNo) -> Result<Option<Vec<u8>>, StoreError> {
    let row: Option<Option<Vec<u8>>> = transaction
        .query_row("SELECT raw FROM message WHERE no = ?1", [no.get()], |row| row.get(0))
        .optional()
        .context("read a message")?;
    Ok(row.flatten())
}

/// From now on everybody may hear of it.
pub fn release(transaction: &Transaction<'_>, no: MessageNo) -> Result<(), StoreError> {
    change(transaction, "UPDATE message SET quiet_until = NULL WHERE no = ?1", no)
}

/// It was seen in a watched folder, too.
pub fn watch(transaction: &Transaction<'_>, no: MessageNo) -> Result<(), StoreError> {
    change(transaction, "UPDATE message SET watched = 1 WHERE no = ?1", no)
}

/// The question is answered.
pub fn settle(transaction: &Transaction<'_>, no: MessageNo) -> Result<(), StoreError> {
    change(transaction, "UPDATE message SET question = NULL WHERE no = ?1", no)
}

/// The user is asked this about it.
pub fn ask(
    transaction: &Transaction<'_>,
    no: MessageNo,
    question: Question,
) -> Result<(), StoreError> {
    transaction
        .execute("UPDATE message SET question = ?2 WHERE no = ?1", (no.get(), question.name()))
        .context("ask about a message")?;
    Ok(())
}

fn change(transaction: &Transaction<'_>, sql: &str, no: MessageNo) -> Result<(), StoreError> {
    transaction.execute(sql, [no.get()]).context("change a message")?;
    Ok(())
}

/// What the user says of a message.
#[derive(Debug, Clone, Copy)]
pub struct Correction {
    /// The kind it really is.
    pub kind: Kind,
    /// What it belongs to.
    pub application: Option<ApplicationNo>,
    /// Nobody hears of it before.
    pub quiet_until: Option<Timestamp>,
}

/// Writes a correction: the kind holds through every later rule set.
pub fn correct(
    transaction: &Transaction<'_>,
    no: MessageNo,
    it: Correction,
) -> Result<(), StoreError> {
    transaction
        .execute(
            "UPDATE message SET kind = ?2, unsure = 0, corrected = 1, question = NULL,
                 application = ?3, quiet_until = ?4 WHERE no = ?1",
            params![
                no.get(),
                it.kind.code(),
                it.application.map(ApplicationNo::get),
                it.quiet_until.map(millis),
            ],
        )
        .context("correct a message")?;
    Ok(())
}

/// The addressee that was decided.
pub fn set_addressing(
    transaction: &Transaction<'_>,
    no: MessageNo,
    addressing: &Addressing,
) -> Result<(), StoreError> {
    transaction
        .execute(
            "UPDATE message SET addressee = ?2, addressee_why = ?3 WHERE no = ?1",
            (no.get(), addressing.addressee.name(), &addressing.why),
        )
        .context("note an addressee")?;
    Ok(())
}

/// The times at which rejections were received between two instants; for the brake.
pub fn rejections_received(
    transaction: &Transaction<'_>,
    since: Timestamp,
) -> Result<Vec<Timestamp>, StoreError> {
    let mut statement = transaction
        .prepare_cached(
            "SELECT received_at FROM message WHERE kind = ?1 AND unsure = 0 AND received_at >= ?2
             ORDER BY received_at",
        )
        .context("count rejections")?;
    let times: Vec<i64> = statement
        .query_map((Kind::Rejected.code(), millis(since)), |row| row.get(0))
        .and_then(Iterator::collect)
        .context("count rejections")?;
    times.into_iter().map(instant).collect()
}

/// Identifiers named by the messages of an application, and their own.
pub fn thread_ids(
    transaction: &Transaction<'_>,
    application: ApplicationNo,
) -> Result<Vec<MessageId>, StoreError> {
    let mut statement = transaction
        .prepare_cached(
            "SELECT message_id FROM message WHERE application = ?1 AND message_id IS NOT NULL
             UNION
             SELECT t.message_id FROM thread_id AS t JOIN message AS m ON m.no = t.message
             WHERE m.application = ?1",
        )
        .context("read a thread")?;
    let ids: Vec<String> = statement
        .query_map([application.get()], |row| row.get(0))
        .and_then(Iterator::collect)
        .context("read a thread")?;
    ids.iter().map(|id| parsed(id, "the Message-ID")).collect()
}

/// Whether one of these identifiers belongs to a job mail, and whether somebody of this
/// domain wrote one that belongs to an application.
pub fn acquainted(
    transaction: &Transaction<'_>,
    ids: &[&MessageId],
    domain: Option<&str>,
) -> Result<(bool, bool), StoreError> {
    let mut by_id = transaction
        .prepare_cached("SELECT 1 FROM message WHERE message_id = ?1 AND application IS NOT NULL")
        .context("look a thread up")?;
    let mut thread = false;
    for id in ids {
        thread = thread || by_id.exists([id.as_str()]).context("look a thread up")?;
    }
    let Some(domain) = domain else { return Ok((thread, false)) };
    let application = transaction
        .prepare_cached(
            "SELECT 1 FROM message WHERE application IS NOT NULL AND own = 0
             AND substr(sender, instr(sender, '@') + 1) = ?1",
        )
        .context("look a sender up")?
        .exists([domain])
        .context("look a sender up")?;
    Ok((thread, application))
}

/// The application of the mail with this Message-ID.
pub fn application_of(
    transaction: &Transaction<'_>,
    id: &MessageId,
) -> Result<Option<ApplicationNo>, StoreError> {
    let row: Option<Option<i64>> = transaction
        .query_row("SELECT application FROM message WHERE message_id = ?1", [id.as_str()], |row| {
            row.get(0)
        })
        .optional()
        .context("look a Message-ID up")?;
    Ok(row.flatten().and_then(ApplicationNo::new))
}
