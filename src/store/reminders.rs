//! When to write once more, or to apply again: at most one such time per application.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, Transaction, params};

use super::messages::number;
use super::row::{column, instant, instant_opt, millis};
use super::{Context, StoreError};
use crate::model::ids::{ApplicationNo, MessageNo, ReplyNo};

/// A reminder as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reminder {
    /// Of which application.
    pub application: ApplicationNo,
    /// The rejection that it is about.
    pub message: MessageNo,
    /// When; `None`: the user wants none, or a follow-up came of it.
    pub due: Option<Timestamp>,
    /// The employer's words that name the time; `None`: the user set it.
    pub said: Option<String>,
    /// Since when it stands.
    pub set_at: Timestamp,
}

/// Sets a reminder. The user's takes the place of any; the employer's only of another one of
/// the employer's.
pub fn set(transaction: &Transaction<'_>, it: &Reminder) -> Result<(), StoreError> {
    transaction
        .execute(
            "INSERT INTO reminder (application, message, due, said, set_at)
             VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (application) DO UPDATE SET message = ?2, due = ?3, said = ?4,
                 set_at = ?5, follow_up = NULL WHERE ?4 IS NULL OR said IS NOT NULL",
            params![
                it.application.get(),
                it.message.get(),
                it.due.map(millis),
                it.said,
                millis(it.set_at),
            ],
        )
        .context("set a reminder")?;
    Ok(())
}

/// A follow-up has begun: nothing is due any more.
pub fn seen_to(
    transaction: &Transaction<'_>,
    no: ApplicationNo,
    follow_up: ReplyNo,
) -> Result<(), StoreError> {
    transaction
        .execute(
            "UPDATE reminder SET due = NULL, follow_up = ?2 WHERE application = ?1",
            (no.get(), follow_up.get()),
        )
        .context("note a follow-up")?;
    Ok(())
}

/// Takes the reminder of an application away. The user's `never` stays.
pub fn drop_of(transaction: &Transaction<'_>, no: ApplicationNo) -> Result<(), StoreError> {
    transaction
        .execute("DELETE FROM reminder
             WHERE application = ?1 AND (due IS NOT NULL OR said IS NOT NULL OR follow_up IS NOT NULL)", [no.get()])
        .context("drop a reminder")?;
    Ok(())
}

/// Takes the reminder about a rejection away that is none. The user's `never` stays.
pub fn drop_about(transaction: &Transaction<'_>, no: MessageNo) -> Result<(), StoreError> {
    transaction
        .execute(
            "DELETE FROM reminder
             WHERE message = ?1 AND (due IS NOT NULL OR said IS NOT NULL OR follow_up IS NOT NULL)",
            [no.get()],
        )
        .context("drop a reminder")?;
    Ok(())
}

/// The reminder of an application.
pub fn of(
    transaction: &Transaction<'_>,
    no: ApplicationNo,
) -> Result<Option<Reminder>, StoreError> {
    let found = transaction
        .prepare_cached("SELECT * FROM reminder WHERE application = ?1")
        .context("read a reminder")?
        .query_row([no.get()], |row| Ok(reminder(row)))
        .optional()
        .context("read a reminder")?;
    found.transpose()
}

/// The employer's words from which this follow-up came; `None`: the user asked for it.
pub fn said_of(
    transaction: &Transaction<'_>,
    follow_up: ReplyNo,
) -> Result<Option<String>, StoreError> {
    let said = transaction
        .prepare_cached("SELECT said FROM reminder WHERE follow_up = ?1")
        .context("read a reminder")?
        .query_row([follow_up.get()], |row| row.get(0))
        .optional()
        .context("read a reminder")?;
    Ok(said.flatten())
}

/// The reminders that wait or are due, the earliest first.
pub fn all(transaction: &Transaction<'_>) -> Result<Vec<Reminder>, StoreError> {
    let mut statement = transaction
        .prepare_cached("SELECT * FROM reminder WHERE due IS NOT NULL ORDER BY due, application")
        .context("read the reminders")?;
    let mut rows = statement.query([]).context("read the reminders")?;
    let mut all = Vec::new();
    while let Some(row) = rows.next().context("read the reminders")? {
        all.push(reminder(row)?);
    }
    Ok(all)
}

fn reminder(row: &Row<'_>) -> Result<Reminder, StoreError> {
    let absent = || StoreError::Unreadable("the application of a reminder".to_owned());
    Ok(Reminder {
        application: ApplicationNo::new(column(row, "application")?).ok_or_else(absent)?,
        message: number(column(row, "message")?)?,
        due: instant_opt(column(row, "due")?)?,
        said: column(row, "said")?,
        set_at: instant(column(row, "set_at")?)?,
    })
}
