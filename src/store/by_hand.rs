//! What the user said of applications: where a mail belongs, which names are one employer,
//! an application that no mail told of. Mail that is judged again changes none of it.

use jiff::Timestamp;
use rusqlite::{Transaction, params};

use super::row::millis;
use super::{Context, StoreError};
use crate::model::application::Stage;
use crate::model::ids::{ApplicationNo, MessageNo};

/// The key in `meta` that says: what was decided, or read late, may join mail otherwise.
const UNARRANGED: &str = "unarranged";

/// Pairs of names of one employer, in the order of being said.
pub fn aliases(transaction: &Transaction<'_>) -> Result<Vec<(String, String)>, StoreError> {
    let mut statement = transaction
        .prepare_cached("SELECT name, other FROM alias ORDER BY at, name, other")
        .context("read the aliases")?;
    statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .and_then(Iterator::collect)
        .context("read the aliases")
}

/// The user says that both are one employer.
pub fn alias(
    transaction: &Transaction<'_>,
    name: &str,
    other: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    transaction
        .execute(
            "INSERT OR IGNORE INTO alias (name, other, at) VALUES (?1, ?2, ?3)",
            (name, other, millis(now)),
        )
        .context("keep an alias")?;
    Ok(())
}

/// Takes an alias back, in whichever order it was said; whether there was one.
pub fn forget_alias(
    transaction: &Transaction<'_>,
    name: &str,
    other: &str,
) -> Result<bool, StoreError> {
    let gone = transaction
        .execute(
            "DELETE FROM alias WHERE (name = ?1 AND other = ?2) OR (name = ?2 AND other = ?1)",
            (name, other),
        )
        .context("forget an alias")?;
    Ok(gone > 0)
}

/// Where the user put mails.
pub fn pins(transaction: &Transaction<'_>) -> Result<Vec<(MessageNo, ApplicationNo)>, StoreError> {
    let mut statement = transaction
        .prepare_cached("SELECT message, application FROM pin ORDER BY message")
        .context("read where mails were put")?;
    let rows: Vec<(i64, i64)> = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .and_then(Iterator::collect)
        .context("read where mails were put")?;
    let pin =
        |(message, application)| Some((MessageNo::new(message)?, ApplicationNo::new(application)?));
    Ok(rows.into_iter().filter_map(pin).collect())
}

/// The user puts a mail into an application.
pub fn pin(
    transaction: &Transaction<'_>,
    message: MessageNo,
    to: ApplicationNo,
    now: Timestamp,
) -> Result<(), StoreError> {
    transaction
        .execute(
            "INSERT OR REPLACE INTO pin (message, application, at) VALUES (?1, ?2, ?3)",
            (message.get(), to.get(), millis(now)),
        )
        .context("put a mail")?;
    // Two living replies never come together: it follows once one of them has ended.
    if is_held(transaction, message, to)? {
        return Ok(());
    }
    put(transaction, message, Some(to))
}

/// Puts a mail into an application, with the reply to it and its reminder.
pub fn put(
    transaction: &Transaction<'_>,
    message: MessageNo,
    to: Option<ApplicationNo>,
) -> Result<(), StoreError> {
    let settled = "UPDATE message SET application = ?2,
                       question = nullif(question, CASE WHEN ?2 IS NULL THEN '' ELSE 'ambiguous' END)
                   WHERE no = ?1";
    transaction
        .execute(settled, params![message.get(), to.map(ApplicationNo::get)])
        .context("put a mail")?;
    let Some(to) = to else { return Ok(()) };
    for statement in [
        // Whoever has read the reply before must not judge it by where it was.
        "UPDATE reply SET application = ?2, version = version + 1
         WHERE parent = ?1 AND application <> ?2",
        "UPDATE OR IGNORE reminder SET application = ?2 WHERE message = ?1",
        "UPDATE reflection SET application = ?2
         WHERE reply IN (SELECT no FROM reply WHERE parent = ?1)",
    ] {
        transaction.execute(statement, (message.get(), to.get())).context("put a mail")?;
    }
    Ok(())
}

/// A living reply stands in the way of putting this mail there: both applications have one.
pub fn is_held(
    transaction: &Transaction<'_>,
    message: MessageNo,
    to: ApplicationNo,
) -> Result<bool, StoreError> {
    const LIVING: &str = "state IN ('cooling', 'drafted', 'approved', 'sending', 'doubtful')";
    transaction
        .prepare_cached(&format!(
            "SELECT 1 FROM reply WHERE parent = ?1 AND application <> ?2 AND {LIVING}
             AND EXISTS (SELECT 1 FROM reply WHERE application = ?2 AND {LIVING})"
        ))
        .context("look for a reply")?
        .exists((message.get(), to.get()))
        .context("look for a reply")
}

/// What the user, or the user's own table, says of an application; what is `None` stays as it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Said<'a> {
    /// The employer.
    pub company: Option<&'a str>,
    /// The position.
    pub role: Option<&'a str>,
    /// When the user applied for it.
    pub applied_at: Option<Timestamp>,
    /// How far it has come, and since when; `None`: since it was applied for.
    pub stage: Option<(Stage, Option<Timestamp>)>,
    /// What else there is to say, below what is noted already.
    pub note: Option<&'a str>,
}

/// Keeps what is said of an application.
pub fn say(
    transaction: &Transaction<'_>,
    no: ApplicationNo,
    said: &Said<'_>,
) -> Result<(), StoreError> {
    let stage = said.stage.map(|(stage, _)| stage.name());
    let stage_at = said.stage.and_then(|(_, since)| since).map(millis);
    transaction
        .execute(
            "UPDATE application SET
                 company = coalesce(?2, company),
                 role = coalesce(?3, role),
                 applied_at = coalesce(?4, applied_at),
                 stage = coalesce(?5, stage),
                 stage_at = CASE WHEN ?5 IS NULL THEN stage_at ELSE ?6 END,
                 note = CASE WHEN ?7 IS NULL THEN note
                        ELSE ifnull(note || char(10), '') || ?7 END
             WHERE no = ?1",
            params![
                no.get(),
                said.company,
                said.role,
                said.applied_at.map(millis),
                stage,
                stage_at,
                said.note
            ],
        )
        .context("keep what is said of an application")?;
    Ok(())
}

/// Takes back all that the user said of an application.
pub fn clear(transaction: &Transaction<'_>, no: ApplicationNo) -> Result<(), StoreError> {
    transaction
        .execute(
            "UPDATE application SET company = NULL, role = NULL, applied_at = NULL,
             stage = NULL, stage_at = NULL, note = NULL WHERE no = ?1",
            [no.get()],
        )
        .context("clear an application")?;
    Ok(())
}

/// From now on mail is to be joined anew.
pub fn disarrange(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    super::set_meta(transaction, UNARRANGED, b"1")
}

/// Whether mail is to be joined anew; from now on it is not.
pub fn take_unarranged(transaction: &Transaction<'_>) -> Result<bool, StoreError> {
    let waits = super::meta(transaction, UNARRANGED)?.is_some_and(|it| it == b"1");
    if waits {
        super::set_meta(transaction, UNARRANGED, b"0")?;
    }
    Ok(waits)
}

/// A kept mail was received later than this.
pub fn is_late(transaction: &Transaction<'_>, received: Timestamp) -> Result<bool, StoreError> {
    let latest: Option<i64> = transaction
        .query_row(
            "SELECT max(received_at) AS latest FROM message WHERE application IS NOT NULL",
            [],
            |row| row.get(0),
        )
        .context("look for later mail")?;
    Ok(latest.is_some_and(|latest| latest > millis(received)))
}
