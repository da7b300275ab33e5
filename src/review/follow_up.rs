//! Why a follow-up is on the desk, and what came back to the mail that it follows.

use jiff::Timestamp;
use rusqlite::Transaction;
use serde::Serialize;

use crate::model::ids::ReplyNo;
use crate::model::reply::Reply;
use crate::model::visibility::Visibility;
use crate::store::{StoreError, answers, messages, reminders, replies};

/// Of an answer so much is shown; `regards feedback` has it all.
const ANSWER_MAX_CHARS: usize = 300;

/// Where a follow-up comes from. The field names are those of `show --json` and stay.
#[derive(Debug, Clone, Serialize)]
pub struct FollowUp {
    /// The mail that went out before.
    pub earlier: ReplyNo,
    /// The employer's words that named the time; `null`: the user asked to be reminded.
    pub said: Option<String>,
    /// It goes to the one who wrote back.
    pub to_answerer: bool,
    /// What a person wrote back last.
    pub answer: Option<LastAnswer>,
}

/// The last answer to the mail before.
#[derive(Debug, Clone, Serialize)]
pub struct LastAnswer {
    /// When it was received.
    pub received: Timestamp,
    /// Its beginning; `null`: forgotten.
    pub text: Option<String>,
}

impl FollowUp {
    /// Why it is there, in a line.
    pub fn why(&self) -> String {
        let to = if self.to_answerer { "answered" } else { "got" };
        let because = match &self.said {
            Some(words) => format!("they said “{words}”"),
            None => "you wanted to be reminded".to_owned(),
        };
        format!("a follow-up to {}, to the one who {to} it; {because}", self.earlier)
    }
}

/// `None` for a reply that follows none.
pub(super) fn of(tx: &Transaction<'_>, reply: &Reply) -> Result<Option<FollowUp>, StoreError> {
    let Some(earlier) = reply.follows else { return Ok(None) };
    let before = replies::get(tx, earlier)?;
    let to = |reply: &Reply| reply.state.draft().map(|draft| draft.to.address.clone());
    let all = answers::all(tx)?;
    let last = all.into_iter().rfind(|it| it.reply == earlier && it.kind.is_personal());
    let answer = last.map(|it| {
        let kept = it.message.map(|no| messages::get(tx, no, Visibility::Released)).transpose()?;
        let text = kept.and_then(|kept| kept.text).map(|text| beginning(&text));
        Ok::<_, StoreError>(LastAnswer { received: it.at, text })
    });
    Ok(Some(FollowUp {
        earlier,
        said: reminders::said_of(tx, reply.no)?,
        to_answerer: to(reply).is_some() && to(reply) != to(&before),
        answer: answer.transpose()?,
    }))
}

/// On one line, cut where it is long.
fn beginning(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(ANSWER_MAX_CHARS) {
        Some((at, _)) => format!("{}…", line.get(..at).unwrap_or_default().trim_end()),
        None => line,
    }
}
