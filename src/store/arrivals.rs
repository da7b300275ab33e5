//! Messages on their way in: known again wherever they turn up, kept once.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Transaction, params};

use super::messages::{Fingerprint, Question, number, to_others};
use super::row::{column, millis};
use super::{Context, StoreError, forget};
use crate::model::address::MessageId;
use crate::model::addressee::{Addressing, Warning};
use crate::model::findings::{Findings, Found};
use crate::model::ids::{AccountNo, ApplicationNo, MessageNo};
use crate::model::message::{Direction, Message};
use crate::model::verdict::{Decision, Kind, Verdict};
use crate::model::visibility::Visibility;

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
    /// What it names; of own mail, too.
    pub findings: Option<&'a Findings>,
    /// Marks of one application in its links.
    pub ties: &'a [String],
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
    /// The user had it erased.
    Forgotten,
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
    if found == Acquaintance::Stranger && forget::is_forgotten(transaction, fingerprint)? {
        found = Acquaintance::Forgotten;
    }
    Ok(found)
}

fn hits(it: &NewMessage<'_>) -> Result<String, StoreError> {
    serde_json::to_string(&it.verdict.map_or(&[][..], |v| &v.hits))
        .map_err(|error| StoreError::Unreadable(error.to_string()))
}

fn found(finding: Option<&Found<String>>) -> Option<&str> {
    finding.map(|found| found.value.as_str())
}

fn system(findings: Option<&Findings>) -> Option<&str> {
    findings.and_then(|it| it.system.as_ref()).map(|found| found.value.name.as_str())
}

/// Keeps the words of a message again that were forgotten; its kind and place stay.
pub fn remember(
    transaction: &Transaction<'_>,
    no: MessageNo,
    it: &NewMessage<'_>,
) -> Result<(), StoreError> {
    let header = &it.message.header;
    let findings = it.verdict.map(|v| &v.findings);
    transaction
        .execute(
            "UPDATE message SET text = ?2, raw = ?3, subject = ?4, sender_name = ?5, sender = ?6,
                 recipient = ?7, company = ?8, role = ?9, reference = ?10, person = ?11,
                 reason = ?12, hits = ?13, system = ?14,
                 reached = ?15
             WHERE no = ?1 AND raw IS NULL",
            params![
                no.get(),
                it.message.body.new_text,
                it.raw,
                header.subject,
                header.from.first().and_then(|m| m.name.clone()),
                header.from.first().map(|m| m.address.as_str()),
                header.to.first().map(|m| m.address.as_str()),
                found(findings.and_then(|f| f.company.as_ref())),
                found(findings.and_then(|f| f.role.as_ref())),
                found(findings.and_then(|f| f.reference.as_ref())),
                found(findings.and_then(|f| f.person.as_ref())),
                findings.and_then(|f| f.reason.as_ref()).map(|f| f.value.name()),
                hits(it)?,
                system(findings),
                findings.and_then(|f| f.stage.as_ref()).map(|f| f.value.name()),
            ],
        )
        .context("keep the words of a message")?;
    Ok(())
}

/// Keeps a job mail.
pub fn insert(transaction: &Transaction<'_>, it: &NewMessage<'_>) -> Result<MessageNo, StoreError> {
    let header = &it.message.header;
    let findings = it.findings;
    let hits = hits(it)?;
    transaction
        .prepare_cached(
            "INSERT INTO message (account, application, fingerprint, text_fingerprint, own,
                 watched, message_id, sender_name, sender, recipient, subject, received_at,
                 first_seen_at, kind, unsure, probability, language, hits, company, role,
                 reference, person, reason, question, addressee, addressee_why, to_others,
                 quiet_until, away, text, raw, warning, system, reached, ties)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17,
                 ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33,
                 ?34, ?35)",
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
            it.addressing.is_some_and(to_others),
            it.quiet_until.map(millis),
            it.away,
            it.message.body.new_text,
            it.raw,
            it.addressing.and_then(Addressing::about_sender).map(Warning::name),
            system(findings),
            findings.and_then(|f| f.stage.as_ref()).map(|f| f.value.name()),
            Some(it.ties.join(" ")).filter(|ties| !ties.is_empty()),
        ])
        .context("keep a message")?;
    let no = number(transaction.last_insert_rowid())?;
    let direct = header.in_reply_to.iter().map(|id| (id, true));
    for (id, direct) in direct.chain(header.references.iter().map(|id| (id, false))) {
        transaction
            .prepare_cached(
                "INSERT OR IGNORE INTO thread_id (message, message_id, direct)
                 VALUES (?1, ?2, ?3)",
            )
            .context("keep a thread")?
            .execute((no.get(), id.as_str(), direct))
            .context("keep a thread")?;
    }
    Ok(no)
}

fn kind_of(decision: Decision) -> Kind {
    match decision {
        Decision::Sure(kind) | Decision::Unsure(kind) => kind,
    }
}

/// Whether one of these identifiers belongs to a job mail, and whether somebody of this
/// domain wrote one that belongs to an application; of those that may be heard of.
pub fn acquainted(
    transaction: &Transaction<'_>,
    ids: &[&MessageId],
    domain: Option<&str>,
    visibility: Visibility,
) -> Result<(bool, bool), StoreError> {
    let cooling = visibility == Visibility::Cooling;
    let mut by_id = transaction
        .prepare_cached(
            "SELECT 1 FROM message WHERE message_id = ?1 AND application IS NOT NULL
             AND (?2 OR quiet_until IS NULL)",
        )
        .context("look a thread up")?;
    let mut thread = false;
    for id in ids {
        thread = thread || by_id.exists((id.as_str(), cooling)).context("look a thread up")?;
    }
    let Some(domain) = domain else { return Ok((thread, false)) };
    let application = transaction
        .prepare_cached(
            "SELECT 1 FROM message WHERE application IS NOT NULL AND own = 0
             AND substr(sender, instr(sender, '@') + 1) = ?1 AND (?2 OR quiet_until IS NULL)",
        )
        .context("look a sender up")?
        .exists((domain, cooling))
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

/// A mail of the user's own with this Message-ID has come: a copy proves that it is out.
pub fn has_own(transaction: &Transaction<'_>, id: &MessageId) -> Result<bool, StoreError> {
    transaction
        .prepare_cached("SELECT 1 FROM message WHERE message_id = ?1 AND own = 1")
        .context("look a copy up")?
        .exists([id.as_str()])
        .context("look a copy up")
}
