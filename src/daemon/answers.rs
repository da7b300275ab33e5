//! Mail that answers one of the user's replies: noted for the notebook, and recorded as what
//! it is, which is never a further rejection.

use rusqlite::Transaction;

use super::DAEMON;
use super::book::Book;
use super::incoming::incoming;
use super::judged::{Judged, Place};
use crate::classify::answers;
use crate::model::answer::{Answer, AnswerKind, why_undelivered};
use crate::model::ids::MessageNo;
use crate::model::mail::Proof;
use crate::model::reply::{Reply, ReplyEvent, ReplyState};
use crate::model::verdict::{Decision, Verdict};
use crate::record::answer::{kind, recorded_as};
use crate::store::{StoreError, replies};

/// The reply that this mail answers, or that a report says was not delivered.
pub(super) fn answered(tx: &Transaction<'_>, it: &Judged) -> Result<Option<Reply>, StoreError> {
    let header = &it.message.header;
    let failed = header.automatic.failed_delivery.as_ref().map(|it| &it.message_id);
    // The nearest first: References name a thread's mails from its beginning.
    for id in failed.into_iter().chain(&header.in_reply_to).chain(header.references.iter().rev()) {
        if let Some(reply) = crate::store::answers::reply_of(tx, id)? {
            return Ok(Some(reply));
        }
    }
    Ok(None)
}

/// Takes in what was written back to `reply`. Returns the message, when it is kept, and
/// whether the desk's loop should look.
pub(super) fn take_in(
    tx: &Transaction<'_>,
    shared: &super::Shared,
    place: &Place,
    book: &mut Book,
    it: &Judged,
    verdict: &Verdict,
    reply: &Reply,
) -> Result<(Option<MessageNo>, bool), StoreError> {
    let said = answers::read(&it.message);
    let kind = kind(&it.message, said.gives, said.refuses);
    let (message, _) = match recorded_as(kind, verdict.decision) {
        Some(kind) => {
            let verdict = Verdict { decision: Decision::Sure(kind), ..verdict.clone() };
            incoming(tx, shared, place, book, it, &verdict, None)?
        }
        None => (None, true),
    };
    let failed = it.message.header.automatic.failed_delivery.as_ref();
    let themes = said.themes.iter().map(|theme| theme.name().to_owned());
    let answer = Answer {
        reply: reply.no,
        message,
        kind,
        at: it.received_at,
        said: failed.map(|it| it.said.clone()),
        tags: themes.filter(|_| kind == AnswerKind::Given).collect(),
    };
    let new = crate::store::answers::note(tx, &it.fingerprint, &answer)?;
    if new && let ReplyState::Doubtful { .. } = reply.state {
        // Whoever answers it has had it, and a server that gives it back, too.
        let event = ReplyEvent::FoundSent(Proof::Answered);
        replies::advance(tx, reply, event, None, DAEMON, place.now)?;
    }
    if new && kind == AnswerKind::Bounce {
        replies::set_notice(tx, reply.no, &came_back(reply, &answer))?;
    }
    Ok((message, true))
}

fn came_back(reply: &Reply, answer: &Answer) -> String {
    undelivered("it came back", reply, answer.said.as_deref().unwrap_or_default())
}

/// A line for what happened, for the server's words, and for what can be done.
pub(super) fn undelivered(what: &str, reply: &Reply, said: &str) -> String {
    format!(
        "{what}: {}\nthe server said: {said}\nto another address: regards draft {} --to \
         ADDRESS; to leave it at that: regards skip {}",
        why_undelivered(said),
        reply.parent,
        reply.no
    )
}
