//! The user's own mail on its way in.

use rusqlite::Transaction;

use super::DAEMON;
use super::book::Book;
use super::judged::{Judged, Place, new_message};
use super::overtake::{overtake, withdraw};
use crate::model::ids::MessageNo;
use crate::model::mail::Proof;
use crate::model::reply::{Reply, ReplyEvent, ReplyState, Withdrawal};
use crate::record::Home;
use crate::store::{StoreError, applications, arrivals, replies};

/// The user's own mail: kept only when it belongs to an application, or is one; it settles a
/// doubtful reply that it is, and makes any other reply superfluous.
pub(super) fn take_in(
    tx: &Transaction<'_>,
    place: &Place,
    book: &mut Book,
    it: &Judged,
) -> Result<Option<MessageNo>, StoreError> {
    let header = &it.message.header;
    let mut application = None;
    for id in header.in_reply_to.iter().chain(header.references.iter().rev()) {
        application = application.or(arrivals::application_of(tx, id)?);
    }
    let ours = reply_with_id(tx, it)?;
    let application = application.or(ours.as_ref().map(|reply| reply.application));
    let application = match (application, &it.begins) {
        (Some(no), _) => no,
        (None, Some(findings)) => match book.home_of_own(tx, it, findings)? {
            Home::Known(no) => no,
            Home::New | Home::Ambiguous(_) | Home::Nowhere => applications::open(tx, place.now)?,
        },
        (None, None) => return Ok(None),
    };
    let no = arrivals::insert(tx, &new_message(place, it, Some(application)))?;
    book.changed(tx, application)?;
    match ours {
        Some(reply) if matches!(reply.state, ReplyState::Doubtful { .. }) => {
            let event = ReplyEvent::FoundSent(Proof::FoundInSent);
            replies::advance(tx, &reply, event, None, DAEMON, place.now)?;
        }
        // On the desk again, yet out: somebody was wrong about it. What is being sent or
        // has ended refuses this.
        Some(reply) => withdraw(tx, &reply, Withdrawal::AnsweredElsewhere, place.now)?,
        None => {
            overtake(tx, application, it.received_at, Withdrawal::AnsweredElsewhere, place.now)?;
        }
    }
    Ok(Some(no))
}

fn reply_with_id(tx: &Transaction<'_>, it: &Judged) -> Result<Option<Reply>, StoreError> {
    let Some(id) = &it.message.header.message_id else { return Ok(None) };
    let carries = |reply: &Reply| reply.state.draft().is_some_and(|draft| draft.message_id == *id);
    Ok(replies::all(tx)?.into_iter().find(carries))
}
