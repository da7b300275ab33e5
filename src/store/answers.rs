//! What came back to replies that were sent: noted once each.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, Transaction};

use super::messages::{Fingerprint, number};
use super::replies;
use super::row::{column, instant, millis};
use super::{Context, StoreError};
use crate::model::address::{Address, MessageId};
use crate::model::answer::{Answer, AnswerKind};
use crate::model::ids::{MessageNo, ReplyNo};
use crate::model::reply::{Reply, ReplyState};

/// The reply with this Message-ID that is out, or may be.
pub fn reply_of(
    transaction: &Transaction<'_>,
    id: &MessageId,
) -> Result<Option<Reply>, StoreError> {
    let no: Option<i64> = transaction
        .prepare_cached("SELECT no FROM reply WHERE message_id = ?1")
        .context("look a reply up")?
        .query_row([id.as_str()], |row| row.get(0))
        .optional()
        .context("look a reply up")?;
    let Some(no) = no.and_then(ReplyNo::new) else { return Ok(None) };
    let reply = replies::get(transaction, no)?;
    let out = matches!(
        reply.state,
        ReplyState::Sent { .. } | ReplyState::Doubtful { .. } | ReplyState::Sending { .. }
    );
    Ok(Some(reply).filter(|_| out))
}

/// Notes an answer; one that is known stays as it is. Tells whether it was new.
pub fn note(
    transaction: &Transaction<'_>,
    fingerprint: &Fingerprint,
    it: &Answer,
) -> Result<bool, StoreError> {
    let written = transaction
        .execute(
            "INSERT OR IGNORE INTO answer (reply, fingerprint, message, kind, at, said, tags)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            (
                it.reply.get(),
                fingerprint,
                it.message.map(MessageNo::get),
                it.kind.name(),
                millis(it.at),
                &it.said,
                json(&it.tags)?,
            ),
        )
        .context("note an answer")?;
    Ok(written > 0)
}

/// All answers, oldest first.
pub fn all(transaction: &Transaction<'_>) -> Result<Vec<Answer>, StoreError> {
    let mut statement = transaction
        .prepare_cached(
            "SELECT reply, message, kind, at, said, tags FROM answer ORDER BY at, reply",
        )
        .context("read the answers")?;
    let mut rows = statement.query([]).context("read the answers")?;
    let mut all = Vec::new();
    while let Some(row) = rows.next().context("read the answers")? {
        all.push(answer(row)?);
    }
    Ok(all)
}

fn answer(row: &Row<'_>) -> Result<Answer, StoreError> {
    let unreadable = |what: &str| StoreError::Unreadable(format!("the {what} of an answer"));
    let kind: String = column(row, "kind")?;
    let tags: String = column(row, "tags")?;
    Ok(Answer {
        reply: ReplyNo::new(column(row, "reply")?).ok_or_else(|| unreadable("reply"))?,
        message: column::<Option<i64>>(row, "message")?.map(number).transpose()?,
        kind: AnswerKind::named(&kind).ok_or_else(|| unreadable("kind"))?,
        at: instant(column(row, "at")?)?,
        said: column(row, "said")?,
        tags: serde_json::from_str(&tags).map_err(|_| unreadable("tags"))?,
    })
}

/// This message answers one of the user's replies.
pub fn is_answer(transaction: &Transaction<'_>, no: MessageNo) -> Result<bool, StoreError> {
    transaction
        .prepare_cached("SELECT 1 FROM answer WHERE message = ?1")
        .context("look an answer up")?
        .exists([no.get()])
        .context("look an answer up")
}

/// What the user says of an answer: its kind, or what it is about. Tells whether there is
/// such an answer.
pub fn tell(
    transaction: &Transaction<'_>,
    no: MessageNo,
    kind: Option<AnswerKind>,
    tags: Option<&[String]>,
) -> Result<bool, StoreError> {
    let tags = tags.map(json).transpose()?;
    let written = transaction
        .execute(
            "UPDATE answer SET kind = coalesce(?2, kind), tags = coalesce(?3, tags),
                 tagged = max(tagged, ?3 IS NOT NULL)
             WHERE message = ?1",
            (no.get(), kind.map(AnswerKind::name), tags),
        )
        .context("note what an answer says")?;
    Ok(written > 0)
}

/// When this reply came back, if it did.
pub fn bounce_of(
    transaction: &Transaction<'_>,
    no: ReplyNo,
) -> Result<Option<Timestamp>, StoreError> {
    let at: Option<i64> = transaction
        .prepare_cached("SELECT max(at) FROM answer WHERE reply = ?1 AND kind = 'bounce'")
        .context("look an answer up")?
        .query_row([no.get()], |row| row.get(0))
        .context("look an answer up")?;
    at.map(instant).transpose()
}

/// What reached somebody, or may have: which reply, to whom, when. What came back
/// undelivered has reached nobody.
pub fn sent_before(
    transaction: &Transaction<'_>,
) -> Result<Vec<(ReplyNo, Address, Timestamp)>, StoreError> {
    let mut sent = Vec::new();
    for reply in replies::in_states(transaction, &["sent", "doubtful"])? {
        let at = match &reply.state {
            ReplyState::Sent { at, .. } => *at,
            ReplyState::Doubtful { since, .. } => *since,
            _ => continue,
        };
        let to = reply.state.draft().map(|draft| draft.to.address.clone());
        if let (Some(to), None) = (to, bounce_of(transaction, reply.no)?) {
            sent.push((reply.no, to, at));
        }
    }
    Ok(sent)
}

fn json(tags: &[String]) -> Result<String, StoreError> {
    serde_json::to_string(tags).map_err(|error| StoreError::Unreadable(error.to_string()))
}
