//! The feedback notebook: what employers wrote back to the user's replies.

use jiff::Timestamp;
use serde::Serialize;

use super::{Desk, DeskError};
use crate::model::answer::{Answer, AnswerKind};
use crate::model::ids::{MessageNo, ReplyNo};
use crate::model::visibility::Visibility;
use crate::store::{StoreError, answers, applications, messages, replies};

/// One entry. The field names are those of `feedback --json` and stay.
#[derive(Debug, Clone, Serialize)]
pub struct Entry {
    /// The mail, by whose number it is told; `null` for what a machine wrote.
    pub message: Option<MessageNo>,
    /// To which reply.
    pub reply: ReplyNo,
    /// What it is.
    pub kind: AnswerKind,
    /// When it was received.
    pub received: Timestamp,
    /// The employer, when it is known.
    pub company: Option<String>,
    /// The position, when it is known.
    pub role: Option<String>,
    /// Who wrote it.
    pub from: Option<String>,
    /// What it is about: suggested by rules, or the user's own words.
    pub tags: Vec<String>,
    /// What the employer wrote; of a bounce the server's words; `null`: forgotten.
    pub text: Option<String>,
}

impl Desk {
    /// What came back, oldest first; what machines wrote only with `all`.
    ///
    /// # Errors
    /// The store's.
    pub fn feedback(&mut self, all: bool) -> Result<Vec<Entry>, DeskError> {
        let entries = self.store().read(|tx| {
            let answers = answers::all(tx)?.into_iter();
            let wanted = answers.filter(|it| all || it.kind.is_personal());
            wanted.map(|it| entry(tx, it)).collect::<Result<Vec<_>, _>>()
        })?;
        Ok(entries)
    }

    /// Writes down what an answer is, or what it is about.
    ///
    /// # Errors
    /// When no answer to a reply has this number.
    pub fn tell_feedback(
        &mut self,
        no: MessageNo,
        kind: Option<AnswerKind>,
        tags: Option<&[String]>,
    ) -> Result<(), DeskError> {
        let absent = || StoreError::NotFound(format!("answer {no}"));
        let told = self.store().write(|tx| answers::tell(tx, no, kind, tags))?;
        if told { Ok(()) } else { Err(absent().into()) }
    }
}

fn entry(tx: &rusqlite::Transaction<'_>, it: Answer) -> Result<Entry, StoreError> {
    let reply = replies::get(tx, it.reply)?;
    let whole = applications::get(tx, reply.application, Visibility::Released)?;
    let kept = it.message.map(|no| messages::get(tx, no, Visibility::Released)).transpose()?;
    let (from, text) = match kept {
        Some(kept) => (kept.sender.map(|it| it.to_string()), kept.text),
        None => (None, it.said),
    };
    Ok(Entry {
        message: it.message,
        reply: it.reply,
        kind: it.kind,
        received: it.at,
        company: whole.application.company,
        role: whole.application.role,
        from,
        tags: it.tags,
        text,
    })
}
