//! Sightings: where mail was seen. Of mail that is not about a job this is the only trace.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::{Transaction, params};

use super::messages::Fingerprint;
use super::{Context, StoreError};
use crate::model::ids::{AccountNo, MessageNo};
use crate::model::verdict::{Decision, Kind, Verdict};

/// Where a mail was seen and how it was judged; the only trace of mail not about a job.
#[derive(Debug, Clone, Copy)]
pub struct Sighting<'a> {
    /// The folder's number.
    pub folder: i64,
    /// The UID's epoch.
    pub uidvalidity: u32,
    /// Which mail.
    pub uid: u64,
    /// When it was received.
    pub received_at: Timestamp,
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// The verdict; `None` for own mail.
    pub verdict: Option<&'a Verdict>,
    /// The rule set that judged it.
    pub ruleset: u32,
    /// The job mail that it is.
    pub message: Option<MessageNo>,
}

/// Notes where a mail was seen.
pub fn sight(transaction: &Transaction<'_>, it: &Sighting<'_>) -> Result<(), StoreError> {
    let kind = it.verdict.map_or(0, |v| match v.decision {
        Decision::Sure(kind) | Decision::Unsure(kind) => kind.code(),
    });
    let probability = it.verdict.map_or(0.0, |v| (v.probability.clamp(0.0, 1.0) * 255.0).round());
    transaction
        .prepare_cached(
            "INSERT OR REPLACE INTO sighting
             (folder, uidvalidity, uid, day, fingerprint, kind, probability, ruleset, message)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )
        .context("note a sighting")?
        .execute(params![
            it.folder,
            it.uidvalidity,
            i64::try_from(it.uid).unwrap_or(i64::MAX),
            it.received_at.as_second().div_euclid(86_400),
            it.fingerprint,
            kind,
            probability,
            it.ruleset,
            it.message.map(MessageNo::get),
        ])
        .context("note a sighting")?;
    Ok(())
}

/// Notes of every place where this mail was seen that it is this message.
pub fn is_message(
    transaction: &Transaction<'_>,
    fingerprint: &Fingerprint,
    no: MessageNo,
) -> Result<(), StoreError> {
    transaction
        .execute(
            "UPDATE sighting SET message = ?2 WHERE fingerprint = ?1 AND message IS NULL",
            (fingerprint, no.get()),
        )
        .context("note what a sighting is")?;
    Ok(())
}

/// Which of these UIDs have no row yet, in the order given.
pub fn unseen(
    transaction: &Transaction<'_>,
    folder: i64,
    uidvalidity: u32,
    uids: &[u64],
) -> Result<Vec<u64>, StoreError> {
    let mut statement = transaction
        .prepare_cached(
            "SELECT uid FROM sighting WHERE folder = ?1 AND uidvalidity = ?2
             AND uid BETWEEN ?3 AND ?4",
        )
        .context("read sightings")?;
    let known = |uid: Option<&u64>| uid.and_then(|uid| i64::try_from(*uid).ok());
    let (first, last) = (known(uids.iter().min()), known(uids.iter().max()).unwrap_or(i64::MAX));
    let seen: BTreeSet<i64> = statement
        .query_map((folder, uidvalidity, first, last), |row| row.get(0))
        .and_then(Iterator::collect)
        .context("read sightings")?;
    let unseen = |uid: &&u64| i64::try_from(**uid).is_ok_and(|uid| !seen.contains(&uid));
    Ok(uids.iter().filter(unseen).copied().collect())
}

/// How many mails have been read, those not counted that nobody may hear of yet.
pub fn count_read(transaction: &Transaction<'_>) -> Result<i64, StoreError> {
    transaction
        .query_row(
            // A mail in two folders, or under new numbers, is one mail. Counted by an index
            // each, which is ten times as fast as a join of the two.
            "SELECT (SELECT count(DISTINCT fingerprint) FROM sighting)
             - (SELECT count(DISTINCT fingerprint) FROM message WHERE quiet_until IS NOT NULL)",
            [],
            |row| row.get(0),
        )
        .context("count the mails read")
}

/// The same for one account.
pub fn count_read_of(transaction: &Transaction<'_>, account: AccountNo) -> Result<i64, StoreError> {
    transaction
        .query_row(
            "SELECT count(DISTINCT s.fingerprint) FROM sighting AS s
             JOIN folder AS f ON f.no = s.folder WHERE f.account = ?1
             AND (s.message IS NULL OR s.message NOT IN
                  (SELECT no FROM message WHERE quiet_until IS NOT NULL))",
            [account.get()],
            |row| row.get(0),
        )
        .context("count the mails read")
}

/// The day of the oldest mail that has been read, in days since 1970.
pub fn oldest_day(transaction: &Transaction<'_>) -> Result<Option<i64>, StoreError> {
    transaction
        .query_row("SELECT min(day) FROM sighting", [], |row| row.get(0))
        .context("find the oldest mail")
}

/// Kind and day of each mail that is not kept; however often it was seen, once.
pub fn unkept_by_kind(transaction: &Transaction<'_>) -> Result<Vec<(Kind, i64)>, StoreError> {
    let mut statement = transaction
        .prepare_cached(
            "SELECT kind, min(day) FROM sighting WHERE message IS NULL AND kind > 0
             GROUP BY fingerprint",
        )
        .context("count mail")?;
    let rows: Vec<(u8, i64)> = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .and_then(Iterator::collect)
        .context("count mail")?;
    Ok(rows.into_iter().filter_map(|(code, day)| Some((Kind::from_code(code)?, day))).collect())
}
