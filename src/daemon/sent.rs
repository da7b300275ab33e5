//! What the Sent folder says about a reply, and the copy that is put there where the user
//! wants one.

use std::sync::Arc;

use super::{MailboxSource, Shared};
use crate::model::ids::AccountNo;
use crate::model::mail::Draft;
use crate::model::reply::Reply;
use crate::source::imap::sent::{self, FoundBy, MailTo, SentAnswer, SentQuery};
use crate::source::imap::{self, ImapError};
use crate::store::{StoreError, replies};

/// What is known of sent mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InSent {
    /// This very mail.
    Itself,
    /// Another answer of the user's.
    Another,
    /// Nothing.
    Nothing,
}

/// Why nothing is known of sent mail.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotSearched {
    #[error(transparent)]
    Mailbox(#[from] ImapError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Searches the Sent folder for this draft of `reply`, or for another answer to its parent.
/// What the same application got before is known, and no other answer: after a mail that
/// came back the next one goes to somebody else.
///
/// # Errors
/// When it could not be searched to its end: then nothing may be sent.
pub(super) async fn search(
    shared: &Shared,
    reply: &Reply,
    draft: &Draft,
    since: jiff::civil::Date,
) -> Result<InSent, NotSearched> {
    let account = reply.account;
    let Some(MailboxSource::Imap { settings, secret }) =
        shared.account(account).map(|it| it.mailbox.clone())
    else {
        // A Maildir account has no Sent folder that could be asked.
        return Ok(InSent::Nothing);
    };
    let settings = imap::Settings { account, ..*settings };
    let mail_to = draft.in_reply_to.is_none().then(|| MailTo {
        to: draft.to.address.clone(),
        subject: draft.subject.as_str().to_owned(),
        since,
    });
    let query = SentQuery {
        in_reply_to: draft.in_reply_to.clone(),
        message_id: Some(draft.message_id.clone()),
        mail_to,
        but_not: shared.store().read(|tx| replies::sent_ids(tx, reply))?,
    };
    let answer = sent::find(Arc::new(settings), &secret.credentials(), query).await?;
    Ok(match answer {
        SentAnswer::Found { by: FoundBy::MessageId, .. } => InSent::Itself,
        SentAnswer::Found {
            by: FoundBy::InReplyTo | FoundBy::ToAndSubject | FoundBy::Flag,
            ..
        } => InSent::Another,
        SentAnswer::NotThere | SentAnswer::NoSentFolder => InSent::Nothing,
    })
}

/// Puts a copy of a sent mail into the Sent folder.
///
/// # Errors
/// When the server did not confirm it; that changes nothing about the mail being sent.
pub(super) async fn file_copy(
    shared: &Shared,
    account: AccountNo,
    bytes: Vec<u8>,
) -> Result<(), ImapError> {
    if let Some(MailboxSource::Imap { settings, secret }) =
        shared.account(account).map(|it| it.mailbox.clone())
    {
        let settings = imap::Settings { account, ..*settings };
        sent::append(Arc::new(settings), &secret.credentials(), bytes).await?;
    }
    Ok(())
}
