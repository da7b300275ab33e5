//! What the user was asked for oneself, and answered or left.

use jiff::Timestamp;
use rusqlite::{Row, Transaction};

use super::row::{column, instant, millis};
use super::{Context, StoreError};
use crate::model::ids::{ApplicationNo, ReplyNo};
use crate::model::reflection::{Question, Reflection};
use crate::model::reply::Reply;

/// How often a question was asked so far, answered or not.
pub fn times_asked(transaction: &Transaction<'_>, question: Question) -> Result<i64, StoreError> {
    transaction
        .prepare_cached("SELECT count(*) FROM reflection WHERE question = ?1")
        .context("count the questions asked")?
        .query_row([question.name()], |row| row.get(0))
        .context("count the questions asked")
}

/// A question was asked after this reply.
pub fn was_asked(transaction: &Transaction<'_>, no: ReplyNo) -> Result<bool, StoreError> {
    transaction
        .prepare_cached("SELECT 1 FROM reflection WHERE reply = ?1")
        .context("look a question up")?
        .exists([no.get()])
        .context("look a question up")
}

/// Notes a question that was asked; without `text` it was left.
pub fn note(
    transaction: &Transaction<'_>,
    reply: &Reply,
    question: Question,
    text: Option<&str>,
    now: Timestamp,
) -> Result<(), StoreError> {
    transaction
        .execute(
            "INSERT INTO reflection (at, application, reply, question, text)
             VALUES (?1, ?2, ?3, ?4, ?5)",
            (millis(now), reply.application.get(), reply.no.get(), question.name(), text),
        )
        .context("keep a reflection")?;
    Ok(())
}

/// What was answered, the latest first.
pub fn answered(transaction: &Transaction<'_>) -> Result<Vec<Reflection>, StoreError> {
    let mut statement = transaction
        .prepare_cached(
            "SELECT no, at, application, reply, question, text FROM reflection
             WHERE text IS NOT NULL ORDER BY no DESC",
        )
        .context("read the reflections")?;
    let mut rows = statement.query([]).context("read the reflections")?;
    let mut reflections = Vec::new();
    while let Some(row) = rows.next().context("read the reflections")? {
        reflections.push(reflection(row)?);
    }
    Ok(reflections)
}

fn reflection(row: &Row<'_>) -> Result<Reflection, StoreError> {
    let unreadable = |what: &str| StoreError::Unreadable(format!("the {what} of a reflection"));
    let question: String = column(row, "question")?;
    Ok(Reflection {
        no: column(row, "no")?,
        at: instant(column(row, "at")?)?,
        application: ApplicationNo::new(column(row, "application")?)
            .ok_or_else(|| unreadable("application"))?,
        reply: ReplyNo::new(column(row, "reply")?).ok_or_else(|| unreadable("reply"))?,
        question: Question::named(&question).ok_or_else(|| unreadable("question"))?,
        text: column(row, "text")?,
    })
}

/// Erases one. Tells whether there was one.
pub fn forget(transaction: &Transaction<'_>, no: i64) -> Result<bool, StoreError> {
    let gone = transaction
        .execute("DELETE FROM reflection WHERE no = ?1 AND text IS NOT NULL", [no])
        .context("forget a reflection")?;
    Ok(gone > 0)
}
