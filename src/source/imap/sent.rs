//! Was it answered already: by the Sent folder, and by the flag that other mail programs put
//! on what they answer. And, only where a setting says so, a copy of a sent mail.

use std::sync::Arc;

use jiff::civil::Date;

use super::connect::{LoggedIn, log_in};
use super::error::ImapError;
use super::folders::{self, examine};
use super::search::{imap_date, uid_search};
use super::wire::{PLAIN_ANSWER_MAX_BYTES, Wire, Words};
use super::{Credentials, Settings, isolated, secret_of};
use crate::model::address::{Address, MessageId};
use crate::source::Uid;

/// What to look for; each given one is looked for by itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SentQuery {
    /// An answer to this message.
    pub in_reply_to: Option<MessageId>,
    /// This very message, also where the provider renamed it
    /// (`X-Microsoft-Original-Message-ID`).
    pub message_id: Option<MessageId>,
    /// A mail to somebody with a subject, since a day.
    pub mail_to: Option<MailTo>,
    /// Known mails of ours: they are no other answer.
    pub but_not: Vec<MessageId>,
}

/// A mail without a parent, told by its addressee and subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailTo {
    /// The addressee.
    pub to: Address,
    /// The subject, or a part of it.
    pub subject: String,
    /// The first day on which it may have been filed.
    pub since: Date,
}

/// By what a mail was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoundBy {
    /// It has our Message-ID.
    MessageId,
    /// It answers the same message.
    InReplyTo,
    /// It went to the same person with the same subject.
    ToAndSubject,
    /// No copy is there, but the message is flagged `\\Answered` (RFC 9051 section 2.3.2).
    Flag,
}

/// What the Sent folder says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SentAnswer {
    /// It is there.
    Found {
        /// By what.
        by: FoundBy,
        /// In which folder, as its name stands on the wire.
        folder: String,
        /// Under which UID.
        uid: Uid,
    },
    /// Every folder of sent mail was searched; it is not there.
    NotThere,
    /// There is no such folder: nothing is known.
    NoSentFolder,
}

/// Looks into the Sent folder.
///
/// # Errors
/// When it could not be searched to the end; then nothing is known and nothing may be sent.
pub async fn find<C: Credentials>(
    settings: Arc<Settings>,
    credentials: &C,
    query: SentQuery,
) -> Result<SentAnswer, ImapError> {
    let secret = secret_of(&settings, credentials).await?;
    let own = Arc::clone(&settings);
    isolated(&settings, async move {
        let LoggedIn { mut wire, capabilities } = log_in(&own, &secret).await?;
        let listed = folders::list(&mut wire, &capabilities).await?;
        let names = folders::sent(&own, &listed);
        let mut answer =
            if names.is_empty() { SentAnswer::NoSentFolder } else { SentAnswer::NotThere };
        for name in names {
            if let Some((by, uid)) = find_in(&mut wire, &name, &query).await? {
                answer = SentAnswer::Found { by, folder: name, uid };
                break;
            }
        }
        if let (false, Some(parent)) = (is_found(&answer), &query.in_reply_to) {
            answer = flagged(&mut wire, &own, &listed, parent).await?.unwrap_or(answer);
        }
        wire.logout().await;
        Ok(answer)
    })
    .await
}

fn is_found(answer: &SentAnswer) -> bool {
    matches!(answer, SentAnswer::Found { .. })
}

/// The message lies in a watched folder with the flag of an answered one.
async fn flagged(
    wire: &mut Wire,
    settings: &Settings,
    listed: &[folders::Listed],
    parent: &MessageId,
) -> Result<Option<SentAnswer>, ImapError> {
    for name in folders::watched(settings, listed) {
        examine(wire, &name).await?;
        let id = parent.to_string();
        let words = Words::new("UID SEARCH ANSWERED HEADER Message-ID ").string(&id);
        if let Some(uid) = uid_search(wire, words).await?.into_iter().max() {
            return Ok(Some(SentAnswer::Found { by: FoundBy::Flag, folder: name, uid }));
        }
    }
    Ok(None)
}

async fn find_in(
    wire: &mut Wire,
    folder: &str,
    query: &SentQuery,
) -> Result<Option<(FoundBy, Uid)>, ImapError> {
    examine(wire, folder).await?;
    let mut searches = Vec::new();
    if let Some(id) = &query.message_id {
        searches.push((FoundBy::MessageId, with_id(Words::new("UID SEARCH "), id)));
    }
    let but_not = |words: Words| {
        query.but_not.iter().fold(words, |words, id| with_id(words.text(" NOT "), id))
    };
    if let Some(parent) = &query.in_reply_to {
        let words = Words::new("UID SEARCH HEADER In-Reply-To ").string(&parent.to_string());
        searches.push((FoundBy::InReplyTo, but_not(words)));
    }
    if let Some(MailTo { to, subject, since }) = &query.mail_to {
        // A charset is named only where it is needed: not every server takes one.
        let ascii = subject.is_ascii() && to.as_str().is_ascii();
        let charset = if ascii { "" } else { "CHARSET UTF-8 " };
        let words = Words::new(&format!("UID SEARCH {charset}SINCE {} TO ", imap_date(*since)))
            .string(to.as_str())
            .text(" SUBJECT ")
            .string(subject);
        searches.push((FoundBy::ToAndSubject, but_not(words)));
    }
    for (by, words) in searches {
        if let Some(uid) = uid_search(wire, words).await?.into_iter().max() {
            return Ok(Some((by, uid)));
        }
    }
    Ok(None)
}

/// The mail with this Message-ID, also where the provider renamed it.
fn with_id(words: Words, id: &MessageId) -> Words {
    let id = id.to_string();
    words
        .text("OR HEADER Message-ID ")
        .string(&id)
        .text(" HEADER X-Microsoft-Original-Message-ID ")
        .string(&id)
}

/// Files a copy of a mail that went out, marked as read; only for `sent = "append"`.
///
/// Returns the folder's name, or `None` where there is no folder for it.
///
/// # Errors
/// When the server did not confirm it. That never changes whether the mail was sent.
pub async fn append<C: Credentials>(
    settings: Arc<Settings>,
    credentials: &C,
    mail: Vec<u8>,
) -> Result<Option<String>, ImapError> {
    let secret = secret_of(&settings, credentials).await?;
    let own = Arc::clone(&settings);
    isolated(&settings, async move {
        let LoggedIn { mut wire, capabilities } = log_in(&own, &secret).await?;
        let listed = folders::list(&mut wire, &capabilities).await?;
        let Some(name) = folders::sent(&own, &listed).into_iter().next() else {
            return Ok(None);
        };
        let words = Words::new("APPEND ").string(&name).text(" (\\Seen) ").literal(&mail);
        wire.command("file the sent mail", words, PLAIN_ANSWER_MAX_BYTES, |_| ()).await?;
        wire.logout().await;
        Ok(Some(name))
    })
    .await
}
