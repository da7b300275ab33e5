//! The user's data as rows, for other programs. As everywhere, nothing that cools is among
//! them; nor is what the user wrote for oneself alone.

use jiff::Timestamp;
use rusqlite::Transaction;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::{Desk, DeskError};
use crate::model::address::MessageId;
use crate::model::findings::Reached;
use crate::model::message::Direction;
use crate::model::reply::ReplyState;
use crate::model::visibility::Visibility;
use crate::store::applications::{self, Whole};
use crate::store::messages::{self, Kept};
use crate::store::{StoreError, answers, replies};

/// A row: its columns in their order. Their names stay; what is not known is `null`.
#[derive(Debug, Clone, PartialEq)]
pub struct Record(pub Vec<(&'static str, Value)>);

impl Serialize for Record {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// The columns of applications.
pub const APPLICATIONS: &[&str] = &[
    "application",
    "company",
    "role",
    "reference",
    "stage",
    "reached",
    "acknowledged",
    "opened_at",
    "first_answer_at",
    "last_heard_at",
    "closed_at",
    "language",
    "system",
];

/// The columns of messages.
pub const MESSAGES: &[&str] = &[
    "message",
    "application",
    "received_at",
    "direction",
    "from",
    "to",
    "subject",
    "message_id",
    "kind",
    "probability",
    "company",
    "role",
    "reference",
    "person",
    "reason",
    "system",
    "language",
];

/// The columns of replies.
pub const REPLIES: &[&str] = &[
    "reply",
    "application",
    "message",
    "state",
    "intent",
    "to",
    "subject",
    "message_id",
    "sent_at",
    "template",
    "edited",
    "reached",
    "text",
];

/// The columns of feedback.
pub const FEEDBACK: &[&str] =
    &["reply", "message", "kind", "received_at", "company", "role", "from", "tags", "text"];

fn record<const N: usize>(columns: &[&'static str], values: [Value; N]) -> Record {
    Record(columns.iter().copied().zip(values).collect())
}

/// To the four digits that `scan` gives, too.
fn rounded(probability: f64) -> f64 {
    (probability * 1e4).round() / 1e4
}

fn time(at: Option<Timestamp>) -> Value {
    at.map_or(Value::Null, |at| json!(at.to_string()))
}

impl Desk {
    /// All applications.
    ///
    /// # Errors
    /// The store's.
    pub fn export_applications(&mut self) -> Result<Vec<Record>, DeskError> {
        let wholes = self.store().read(|tx| applications::all(tx, Visibility::Released))?;
        Ok(wholes.iter().filter_map(application).collect())
    }

    /// All messages of applications, without their text.
    ///
    /// # Errors
    /// The store's.
    pub fn export_messages(&mut self) -> Result<Vec<Record>, DeskError> {
        let kept =
            self.store().read(|tx| messages::all_of_applications(tx, Visibility::Released))?;
        Ok(kept.iter().map(message).collect())
    }

    /// All replies, with their text.
    ///
    /// # Errors
    /// The store's.
    pub fn export_replies(&mut self) -> Result<Vec<Record>, DeskError> {
        let records = self.store().read(|tx| {
            let mut records = Vec::new();
            for reply in replies::all(tx)? {
                let cooling = matches!(reply.state, ReplyState::Cooling { .. });
                if !cooling
                    && seen(messages::get(tx, reply.parent, Visibility::Released))?.is_some()
                {
                    records.push(self::reply(&reply));
                }
            }
            Ok(records)
        })?;
        Ok(records)
    }

    /// What came back to replies.
    ///
    /// # Errors
    /// The store's.
    pub fn export_feedback(&mut self) -> Result<Vec<Record>, DeskError> {
        let records = self.store().read(|tx| {
            let mut records = Vec::new();
            for answer in answers::all(tx)? {
                records.extend(feedback(tx, &answer)?);
            }
            Ok(records)
        })?;
        Ok(records)
    }
}

/// What may not be heard of is not there.
fn seen<T>(found: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(StoreError::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

fn application(whole: &Whole) -> Option<Record> {
    let fact = super::figures::application(whole)?;
    let about = &whole.application;
    let values = [
        json!(about.no),
        json!(about.company),
        json!(about.role),
        json!(about.reference),
        json!(about.stage.name()),
        json!(fact.reached.name()),
        json!(fact.acknowledged),
        time(Some(fact.opened_at)),
        time(fact.first_answer_at),
        time(fact.last_heard_at),
        time(fact.closed_at),
        json!(fact.names.language),
        json!(fact.names.system),
    ];
    Some(record(APPLICATIONS, values))
}

fn message(it: &Kept) -> Record {
    let own = it.direction == Direction::Own;
    let values = [
        json!(it.no),
        json!(it.application),
        time(Some(it.received_at)),
        json!(it.direction),
        json!(it.sender.as_ref().map(ToString::to_string)),
        json!(it.recipient.as_ref().map(|address| address.as_str())),
        json!(it.subject),
        json!(it.message_id.as_ref().map(MessageId::as_str)),
        json!(it.decision.map(|decision| decision.word())),
        if own { Value::Null } else { json!(rounded(it.probability)) },
        json!(it.company),
        json!(it.role),
        json!(it.reference),
        json!(it.person),
        json!(it.reason.map(|reason| reason.name())),
        json!(it.system),
        json!(it.language),
    ];
    record(MESSAGES, values)
}

fn reply(it: &crate::model::reply::Reply) -> Record {
    let draft = it.state.draft();
    let sent = match &it.state {
        ReplyState::Sent { date, .. } => Some(*date),
        _ => None,
    };
    let values = [
        json!(it.no),
        json!(it.application),
        json!(it.parent),
        json!(it.state.name()),
        json!(draft.map(|draft| draft.intent.name())),
        json!(draft.map(|draft| draft.to.address.as_str())),
        json!(draft.map(|draft| draft.subject.as_str())),
        json!(draft.map(|draft| draft.message_id.as_str())),
        time(sent),
        json!(draft.and_then(|draft| draft.origin.template.as_ref())),
        json!(draft.map(|draft| draft.origin.edited)),
        json!(draft.and_then(|draft| draft.origin.reached).map(Reached::name)),
        json!(draft.map(|draft| &draft.text)),
    ];
    record(REPLIES, values)
}

fn feedback(
    tx: &Transaction<'_>,
    it: &crate::model::answer::Answer,
) -> Result<Option<Record>, StoreError> {
    let reply = replies::get(tx, it.reply)?;
    let parent = seen(messages::get(tx, reply.parent, Visibility::Released))?;
    let whole = seen(applications::get(tx, reply.application, Visibility::Released))?;
    let (Some(_), Some(whole)) = (parent, whole) else { return Ok(None) };
    let kept = match it.message {
        Some(no) => seen(messages::get(tx, no, Visibility::Released))?,
        None => None,
    };
    if it.message.is_some() && kept.is_none() {
        return Ok(None);
    }
    let text = kept.as_ref().map_or(it.said.as_ref(), |kept| kept.text.as_ref());
    let values = [
        json!(it.reply),
        json!(it.message),
        json!(it.kind.name()),
        time(Some(it.at)),
        json!(whole.application.company),
        json!(whole.application.role),
        json!(kept.as_ref().and_then(|kept| kept.sender.as_ref()).map(ToString::to_string)),
        json!(it.tags),
        json!(text),
    ];
    Ok(Some(record(FEEDBACK, values)))
}
