//! What a face decided and the daemon carries out.

use jiff::Timestamp;
use rusqlite::Transaction;

use super::row::{column, instant, millis};
use super::{Context, StoreError};
use crate::model::address::Address;
use crate::model::ids::MessageNo;
use crate::model::mail::Intent;
use crate::model::verdict::Kind;

/// A decision that needs more than the desk has at hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// The message is of this kind.
    Correct(Kind),
    /// Make a draft although none was made.
    Draft(Wish),
}

/// How a draft is wanted that the user asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wish {
    /// To this address, against the program's advice.
    pub to: Option<Address>,
    /// With this intent in place of the one that fits what happened.
    pub intent: Option<Intent>,
}

/// A decision that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// Its number.
    pub no: i64,
    /// When it was made.
    pub at: Timestamp,
    /// By which face.
    pub by: String,
    /// About which message.
    pub message: MessageNo,
    /// What.
    pub decision: Decision,
}

/// What came of a decision, in a sentence for the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was carried out.
    Done(String),
    /// It cannot be carried out; nothing has changed.
    Refused(String),
}

/// Writes a decision down and returns its number.
pub fn write(
    transaction: &Transaction<'_>,
    message: MessageNo,
    decision: &Decision,
    by: &str,
    now: Timestamp,
) -> Result<i64, StoreError> {
    let (what, argument, intent) = match decision {
        Decision::Correct(kind) => ("correct", kind.name().to_owned(), None),
        Decision::Draft(wish) => {
            let to = wish.to.as_ref().map(ToString::to_string).unwrap_or_default();
            ("draft", to, wish.intent.map(Intent::name))
        }
    };
    transaction
        .execute(
            "INSERT INTO decision (at, by, what, message, argument, intent)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            (millis(now), by, what, message.get(), argument, intent),
        )
        .context("write a decision")?;
    Ok(transaction.last_insert_rowid())
}

/// The decisions that the daemon has not carried out, oldest first.
pub fn pending(transaction: &Transaction<'_>) -> Result<Vec<Pending>, StoreError> {
    let mut statement = transaction
        .prepare_cached(
            "SELECT no, at, by, what, message, argument, intent FROM decision
             WHERE applied_at IS NULL ORDER BY no",
        )
        .context("read the decisions")?;
    let mut rows = statement.query([]).context("read the decisions")?;
    let mut pending = Vec::new();
    while let Some(row) = rows.next().context("read the decisions")? {
        let (what, argument): (String, String) = (column(row, "what")?, column(row, "argument")?);
        let intent: Option<String> = column(row, "intent")?;
        let intent = intent.as_deref().and_then(Intent::named);
        let draft = |to| Decision::Draft(Wish { to, intent });
        let decision = match what.as_str() {
            "correct" => Kind::named(&argument).map(Decision::Correct),
            "draft" if argument.is_empty() => Some(draft(None)),
            "draft" => argument.parse().ok().map(|address| draft(Some(address))),
            _ => None,
        };
        let message = MessageNo::new(column(row, "message")?);
        let (Some(decision), Some(message)) = (decision, message) else {
            return Err(StoreError::Unreadable(format!("the decision `{what} {argument}`")));
        };
        pending.push(Pending {
            no: column(row, "no")?,
            at: instant(column(row, "at")?)?,
            by: column(row, "by")?,
            message,
            decision,
        });
    }
    Ok(pending)
}

/// Notes that a decision was looked at and what came of it.
pub fn applied(
    transaction: &Transaction<'_>,
    no: i64,
    outcome: &Outcome,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (done, result) = match outcome {
        Outcome::Done(text) => (true, text),
        Outcome::Refused(text) => (false, text),
    };
    transaction
        .execute(
            "UPDATE decision SET applied_at = ?2, done = ?3, result = ?4 WHERE no = ?1",
            (no, millis(now), done, result),
        )
        .context("note a decision as done")?;
    Ok(())
}

/// What came of a decision; `None` while it waits.
pub fn outcome(transaction: &Transaction<'_>, no: i64) -> Result<Option<Outcome>, StoreError> {
    let (done, result): (Option<bool>, Option<String>) = transaction
        .query_row("SELECT done, result FROM decision WHERE no = ?1", [no], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .context("read what came of a decision")?;
    Ok(done.zip(result).map(|(done, text)| match done {
        true => Outcome::Done(text),
        false => Outcome::Refused(text),
    }))
}
