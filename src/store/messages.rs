//! Messages: admitted once, whatever the server does.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, Transaction, params};

use super::row::{Cells, instant, instant_opt, millis};
use super::{Context, StoreError};
use crate::model::address::{Address, Mailbox, MessageId};
use crate::model::addressee::{Addressing, Warning};
use crate::model::findings::{Reached, Reason};
use crate::model::ids::{AccountNo, ApplicationNo, MessageNo};
use crate::model::message::Direction;
use crate::model::verdict::{Decision, Kind};
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

    fn named(word: &str) -> Option<Question> {
        Self::ALL.into_iter().find(|it| it.name() == word)
    }

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
    /// How far the application had come, as this mail says.
    pub reached: Option<Reached>,
    /// Why it ended.
    pub reason: Option<Reason>,
    /// The tracking system that sent it.
    pub system: Option<String>,
    /// What the user is asked.
    pub question: Option<Question>,
    /// `person`, `relay`, `earlier`, `chosen` or `nobody`, with the reason.
    pub addressee: Option<(String, String)>,
    /// Why the sender may be somebody else, if so.
    pub warning: Option<Warning>,
    /// None of the user's addresses was among its recipients.
    pub to_others: bool,
    /// Nobody hears of it before.
    pub quiet_until: Option<Timestamp>,
    /// Since when it may be heard of, if it was kept quiet before.
    pub released_at: Option<Timestamp>,
    /// What the sender wrote.
    pub text: Option<String>,
    /// What it answers.
    pub in_reply_to: Vec<MessageId>,
    /// The rest of the thread that it stands in.
    pub references: Vec<MessageId>,
    /// Marks of one application in its links.
    pub ties: Vec<String>,
}

impl Kept {
    /// It is a rejection, and nobody need be asked whether.
    pub fn is_rejection(&self) -> bool {
        self.decision == Some(Decision::Sure(Kind::Rejected)) && self.question.is_none()
    }
}

pub(super) fn number(no: i64) -> Result<MessageNo, StoreError> {
    MessageNo::new(no).ok_or_else(|| StoreError::Unreadable("message 0".to_owned()))
}

macro_rules! kept_columns {
    ($hits:literal, $text:literal) => {
        concat!(
            "SELECT m.no, account, application, own, watched, m.message_id, sender_name, sender,
             recipient, subject, received_at, kind, unsure, corrected, probability, language, ",
            $hits,
            " AS hits, company, role, reference, person, reached, reason, system, question,
             addressee, addressee_why, warning, to_others, quiet_until,
             released_at, ties, ",
            $text,
            " AS text,
             (SELECT group_concat(t.message_id, ' ') FROM thread_id AS t
              WHERE t.message = m.no AND direct = 1) AS in_reply_to,
             (SELECT group_concat(t.message_id, ' ') FROM thread_id AS t
              WHERE t.message = m.no AND direct = 0) AS refs
             FROM message AS m"
        )
    };
}

const KEPT: &str = kept_columns!("hits", "text");

/// The same without what is large: the words of the mail and of its hits.
const KEPT_BRIEFLY: &str = kept_columns!("'[]'", "NULL");

fn kept(row: &Row<'_>) -> Result<Kept, StoreError> {
    let mut cells = Cells::of(row);
    let it = &mut cells;
    Ok(Kept {
        no: number(it.next("no")?)?,
        account: AccountNo::new(it.next("account")?)
            .ok_or_else(|| StoreError::Unreadable("account 0".to_owned()))?,
        application: it.next::<Option<i64>>("application")?.and_then(ApplicationNo::new),
        direction: if it.flag("own")? { Direction::Own } else { Direction::Incoming },
        watched: it.flag("watched")?,
        message_id: it.text("message_id")?.and_then(|id| id.parse().ok()),
        sender: mailbox(it.text("sender_name")?, it.text("sender")?),
        recipient: it.text("recipient")?.and_then(|address| address.parse().ok()),
        subject: it.next("subject")?,
        received_at: instant(it.next("received_at")?)?,
        decision: decision(it.next("kind")?, it.flag("unsure")?),
        corrected: it.flag("corrected")?,
        probability: it.next("probability")?,
        language: it.text("language")?,
        hits: it.next("hits")?,
        company: it.text("company")?,
        role: it.text("role")?,
        reference: it.text("reference")?,
        person: it.text("person")?,
        reached: it.text("reached")?.as_deref().and_then(Reached::named),
        reason: it.text("reason")?.as_deref().and_then(Reason::named),
        system: it.text("system")?,
        question: it.text("question")?.as_deref().and_then(Question::named),
        addressee: it.text("addressee")?.zip(it.text("addressee_why")?),
        warning: it.text("warning")?.as_deref().and_then(Warning::named),
        to_others: it.flag("to_others")?,
        quiet_until: instant_opt(it.next("quiet_until")?)?,
        released_at: instant_opt(it.next("released_at")?)?,
        ties: it.text("ties")?.iter().flat_map(|it| it.split(' ')).map(str::to_owned).collect(),
        text: it.text("text")?,
        in_reply_to: ids(it.text("in_reply_to")?),
        references: ids(it.text("refs")?),
    })
}

fn mailbox(name: Option<String>, address: Option<String>) -> Option<Mailbox> {
    Some(Mailbox::new(name.as_deref(), address?.parse().ok()?))
}

fn decision(kind: u8, unsure: bool) -> Option<Decision> {
    let kind = Kind::from_code(kind)?;
    Some(if unsure { Decision::Unsure(kind) } else { Decision::Sure(kind) })
}

fn ids(list: Option<String>) -> Vec<MessageId> {
    list.iter().flat_map(|it| it.split(' ')).filter_map(|id| id.parse().ok()).collect()
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

/// The messages of an application, those kept quiet too, oldest first; without their text
/// and hits.
pub fn of_application_briefly(
    transaction: &Transaction<'_>,
    no: ApplicationNo,
) -> Result<Vec<Kept>, StoreError> {
    let tail = "WHERE application = ?1 ORDER BY received_at, no";
    select_as(transaction, KEPT_BRIEFLY, tail, [no.get()])
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

/// All messages that may be joined into applications, whatever they are; without their text
/// and hits.
pub fn joinable(transaction: &Transaction<'_>) -> Result<Vec<Kept>, StoreError> {
    select_as(transaction, KEPT_BRIEFLY, "ORDER BY received_at, no", [])
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

/// The rejections that came while the user was away; unless `listed`, only those that have
/// not been listed yet.
pub fn away(transaction: &Transaction<'_>, listed: bool) -> Result<Vec<Kept>, StoreError> {
    let tail = "WHERE away > 0 AND away <= ?1 AND quiet_until IS NULL ORDER BY received_at, no";
    select(transaction, tail, [if listed { 2 } else { 1 }])
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
pub fn release(
    transaction: &Transaction<'_>,
    no: MessageNo,
    now: Timestamp,
) -> Result<(), StoreError> {
    transaction
        .execute(
            "UPDATE message SET quiet_until = NULL, released_at = ?2
             WHERE no = ?1 AND quiet_until IS NOT NULL",
            (no.get(), millis(now)),
        )
        .context("release a message")?;
    Ok(())
}

/// The rejections released since then that nobody can be answered to and nothing was drafted
/// for, the latest first.
pub fn nobody_to_answer(
    transaction: &Transaction<'_>,
    since: Timestamp,
) -> Result<Vec<Kept>, StoreError> {
    select_as(
        transaction,
        KEPT_BRIEFLY,
        "WHERE kind = ?1 AND unsure = 0 AND question IS NULL AND quiet_until IS NULL
         AND released_at >= ?2 AND addressee = 'nobody' AND NOT EXISTS (
             SELECT 1 FROM reply AS r JOIN message AS p ON p.no = r.parent
             WHERE p.quiet_until IS NULL AND (r.parent = m.no OR r.application = m.application))
         ORDER BY released_at DESC, no DESC",
        (Kind::Rejected.code(), millis(since)),
    )
}

/// Some application ended by a rejection of which everybody may hear.
pub fn has_rejection(transaction: &Transaction<'_>) -> Result<bool, StoreError> {
    transaction
        .query_row(
            "SELECT EXISTS (SELECT 1 FROM message WHERE kind = ?1 AND unsure = 0
             AND application IS NOT NULL AND quiet_until IS NULL)",
            [Kind::Rejected.code()],
            |row| row.get(0),
        )
        .context("look for a rejection")
}

/// It was seen in a watched folder, too.
pub fn watch(transaction: &Transaction<'_>, no: MessageNo) -> Result<(), StoreError> {
    change(transaction, "UPDATE message SET watched = 1 WHERE no = ?1", no)
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
    if it.kind.concerns_application() { Ok(()) } else { forget_words(transaction, no) }
}

/// Forgets what a mail says that turned out not to be about an application: who wrote it,
/// too. The symbols that fired stay: corrections are learned from by them.
pub fn forget_words(transaction: &Transaction<'_>, no: MessageNo) -> Result<(), StoreError> {
    transaction
        .execute(
            "UPDATE message SET text = NULL, raw = NULL, subject = '', sender_name = NULL,
                 sender = NULL, recipient = NULL, company = NULL, role = NULL, reference = NULL,
                 person = NULL, reached = NULL, reason = NULL, system = NULL, ties = NULL,
                 addressee = NULL, addressee_why = NULL, warning = NULL,
                 hits = (
                 SELECT json_group_array(json_set(value, '$.words', '')) FROM json_each(hits))
             WHERE no = ?1",
            [no.get()],
        )
        .context("forget the words of a message")?;
    Ok(())
}

/// None of the user's addresses was among the recipients.
pub(super) fn to_others(addressing: &Addressing) -> bool {
    addressing.warnings.contains(&Warning::NotAddressedToUser)
}

/// The addressee that was decided.
pub fn set_addressing(
    transaction: &Transaction<'_>,
    no: MessageNo,
    addressing: &Addressing,
) -> Result<(), StoreError> {
    transaction
        .execute(
            // Whom the user names instead does not change to whom the mail was.
            "UPDATE message SET addressee = ?2, addressee_why = ?3, to_others = max(to_others, ?4),
                 warning = ?5 WHERE no = ?1",
            (
                no.get(),
                addressing.addressee.name(),
                &addressing.why,
                to_others(addressing),
                addressing.about_sender().map(Warning::name),
            ),
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
