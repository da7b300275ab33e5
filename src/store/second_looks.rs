//! Mail that is judged a second time, by other rules: which, and what becomes of its rows.

use jiff::Timestamp;
use rusqlite::{Transaction, params};

use super::messages::{Fingerprint, Question, number};
use super::row::{column, millis};
use super::{Context, StoreError};
use crate::model::ids::{AccountNo, ApplicationNo, MessageNo};
use crate::model::verdict::{Decision, Kind, Verdict};

/// P(rejected) beyond which no verdict is in doubt.
const DOUBT: (f64, f64) = (0.05, 0.95);

/// The same as it stands in `sighting`.
const DOUBT_BYTES: (i64, i64) = (13, 242);

/// Which mail to look at again.
#[derive(Debug, Clone, Copy)]
pub struct Scope {
    /// What this rule set has judged needs no second look.
    pub ruleset: u32,
    /// Received at this moment or later.
    pub since: Option<Timestamp>,
    /// Also what was not in doubt.
    pub all: bool,
}

/// A mail that is not kept, in one of the places where it was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unkept {
    /// Whose.
    pub account: AccountNo,
    /// The folder's name.
    pub folder: String,
    /// The UID's epoch.
    pub uidvalidity: u32,
    /// Which mail there.
    pub uid: u64,
    /// What tells it again.
    pub fingerprint: Fingerprint,
    /// What it was taken for.
    pub kind: Kind,
}

/// Kept messages that may be heard of and whose words are there.
pub fn kept(transaction: &Transaction<'_>, it: &Scope) -> Result<Vec<MessageNo>, StoreError> {
    let mut statement = transaction
        .prepare_cached(
            "SELECT no FROM message AS m
             WHERE own = 0 AND quiet_until IS NULL AND raw IS NOT NULL AND received_at >= ?2
             AND (?3 OR unsure = 1 OR probability BETWEEN ?4 AND ?5)
             AND EXISTS (SELECT 1 FROM sighting AS s
                 WHERE s.fingerprint = m.fingerprint AND s.message = m.no AND s.ruleset <> ?1)
             ORDER BY no",
        )
        .context("look for mail to read again")?;
    let since = it.since.map_or(i64::MIN, millis);
    let numbers: Vec<i64> = statement
        .query_map((it.ruleset, since, it.all, DOUBT.0, DOUBT.1), |row| row.get(0))
        .and_then(Iterator::collect)
        .context("look for mail to read again")?;
    numbers.into_iter().map(number).collect()
}

/// Incoming mail that is not kept, each once, by folder.
pub fn unkept(transaction: &Transaction<'_>, it: &Scope) -> Result<Vec<Unkept>, StoreError> {
    let mut statement = transaction
        .prepare_cached(
            "SELECT f.account, f.name, s.uidvalidity, min(s.uid) AS uid, s.fingerprint, s.kind
             FROM sighting AS s JOIN folder AS f ON f.no = s.folder
             WHERE s.message IS NULL AND s.kind > 0 AND s.ruleset <> ?1 AND s.day >= ?2
             AND s.uidvalidity = f.uidvalidity AND (?3 OR s.probability BETWEEN ?4 AND ?5)
             GROUP BY s.fingerprint ORDER BY f.no, 4",
        )
        .context("look for mail to read again")?;
    let since = it.since.map_or(i64::MIN, |at| at.as_second().div_euclid(86_400));
    let mut rows = statement
        .query((it.ruleset, since, it.all, DOUBT_BYTES.0, DOUBT_BYTES.1))
        .context("look for mail to read again")?;
    let mut unkept = Vec::new();
    while let Some(row) = rows.next().context("look for mail to read again")? {
        let account = AccountNo::new(column(row, "account")?);
        let kind = Kind::from_code(column(row, "kind")?);
        let (Some(account), Some(kind)) = (account, kind) else {
            return Err(StoreError::Unreadable("a sighting".to_owned()));
        };
        let uid: i64 = column(row, "uid")?;
        unkept.push(Unkept {
            account,
            folder: column(row, "name")?,
            uidvalidity: column(row, "uidvalidity")?,
            uid: u64::try_from(uid).unwrap_or_default(),
            fingerprint: column(row, "fingerprint")?,
            kind,
        });
    }
    Ok(unkept)
}

/// What becomes of a kept message.
#[derive(Debug, Clone, Copy)]
pub struct Rejudged<'a> {
    /// The new verdict.
    pub verdict: &'a Verdict,
    /// What it belongs to.
    pub application: Option<ApplicationNo>,
    /// What the user is asked.
    pub question: Option<Question>,
    /// Nobody hears of it before.
    pub quiet_until: Option<Timestamp>,
}

/// Writes the new verdict on a message that the user has not corrected.
pub fn rejudge(
    transaction: &Transaction<'_>,
    no: MessageNo,
    it: Rejudged<'_>,
) -> Result<(), StoreError> {
    let (Decision::Sure(kind) | Decision::Unsure(kind)) = it.verdict.decision;
    let findings = &it.verdict.findings;
    let found = |f: &Option<crate::model::findings::Found<String>>| {
        f.as_ref().map(|found| found.value.clone())
    };
    transaction
        .execute(
            "UPDATE message SET kind = ?2, unsure = ?3, probability = ?4, language = ?5,
                 company = ?6, role = ?7, reference = ?8, person = ?9, reason = ?10,
                 application = ?11, question = ?12, quiet_until = ?13, system = ?14,
                 reached = ?15
             WHERE no = ?1 AND corrected = 0",
            params![
                no.get(),
                kind.code(),
                it.verdict.decision.sure().is_none(),
                it.verdict.probability,
                it.verdict.language,
                found(&findings.company),
                found(&findings.role),
                found(&findings.reference),
                found(&findings.person),
                findings.reason.as_ref().map(|found| found.value.name()),
                it.application.map(ApplicationNo::get),
                it.question.map(Question::name),
                it.quiet_until.map(millis),
                findings.system.as_ref().map(|found| &found.value.name),
                findings.stage.as_ref().map(|found| found.value.name()),
            ],
        )
        .context("judge a message again")?;
    Ok(())
}

/// Notes what fires in a message now, whatever holds of it.
pub fn fires(
    transaction: &Transaction<'_>,
    no: MessageNo,
    verdict: &Verdict,
    ruleset: u32,
) -> Result<(), StoreError> {
    let hits = serde_json::to_string(&verdict.hits)
        .map_err(|error| StoreError::Unreadable(error.to_string()))?;
    transaction
        .execute("UPDATE message SET hits = ?2 WHERE no = ?1", (no.get(), hits))
        .context("note what fires")?;
    let fingerprint: Fingerprint = transaction
        .query_row("SELECT fingerprint FROM message WHERE no = ?1", [no.get()], |row| row.get(0))
        .context("note what fires")?;
    seen_again(transaction, &fingerprint, Some(no), verdict, ruleset)
}

/// The same verdict for every place where this mail was seen.
pub fn seen_again(
    transaction: &Transaction<'_>,
    fingerprint: &Fingerprint,
    message: Option<MessageNo>,
    verdict: &Verdict,
    ruleset: u32,
) -> Result<(), StoreError> {
    let (Decision::Sure(kind) | Decision::Unsure(kind)) = verdict.decision;
    let probability = (verdict.probability.clamp(0.0, 1.0) * 255.0).round();
    transaction
        .execute(
            "UPDATE sighting SET kind = ?3, probability = ?4, ruleset = ?5
             WHERE fingerprint = ?1 AND message IS ?2",
            params![fingerprint, message.map(MessageNo::get), kind.code(), probability, ruleset],
        )
        .context("judge a sighting again")?;
    Ok(())
}

/// An earlier second look has taken a rejection back that the user had heard of.
pub fn was_rejected(transaction: &Transaction<'_>, no: MessageNo) -> Result<bool, StoreError> {
    transaction
        .prepare_cached(
            "SELECT 1 FROM journal WHERE message = ?1 AND what LIKE 'judged % and not rejected'",
        )
        .context("look a message up")?
        .exists([no.get()])
        .context("look a message up")
}
