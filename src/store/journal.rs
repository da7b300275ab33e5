//! The journal: append-only.

use rusqlite::Transaction;

use super::row::{column, instant, millis};
use super::{Context, StoreError};
use crate::model::ids::{ApplicationNo, MessageNo, ReplyNo};
use crate::model::journal::Entry;

/// Appends a line.
pub fn append(transaction: &Transaction<'_>, entry: &Entry) -> Result<(), StoreError> {
    transaction
        .execute(
            "INSERT INTO journal (at, by, what, reply, application, message, why)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            (
                millis(entry.at),
                &entry.by,
                &entry.what,
                entry.reply.map(ReplyNo::get),
                entry.application.map(ApplicationNo::get),
                entry.message.map(MessageNo::get),
                &entry.why,
            ),
        )
        .context("append to the journal")?;
    Ok(())
}

/// What happened to a reply, in order.
pub fn of_reply(transaction: &Transaction<'_>, no: ReplyNo) -> Result<Vec<Entry>, StoreError> {
    let mut statement = transaction
        .prepare_cached(
            "SELECT at, by, what, reply, application, message, why FROM journal
             WHERE reply = ?1 ORDER BY no",
        )
        .context("read the journal")?;
    let mut rows = statement.query([no.get()]).context("read the journal")?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next().context("read the journal")? {
        entries.push(Entry {
            at: instant(column(row, "at")?)?,
            by: column(row, "by")?,
            what: column(row, "what")?,
            reply: column::<Option<i64>>(row, "reply")?.and_then(ReplyNo::new),
            application: column::<Option<i64>>(row, "application")?.and_then(ApplicationNo::new),
            message: column::<Option<i64>>(row, "message")?.and_then(MessageNo::new),
            why: column(row, "why")?,
        });
    }
    Ok(entries)
}
