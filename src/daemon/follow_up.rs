//! What a follow-up answers: the user's own earlier mail, and to whom it goes.
//!
//! It stands below that mail also when somebody answered it: what the user wrote back since,
//! from another program, would otherwise count as the answer that the follow-up is to be.

use rusqlite::Transaction;

use super::drafting::NoDraft;
use crate::draft::addressee::belong_together;
use crate::model::address::Mailbox;
use crate::model::addressee::{Addressee, Addressing};
use crate::model::ids::{ApplicationNo, ReplyNo};
use crate::model::mail::Draft;
use crate::model::message::Message;
use crate::model::reply::{Reply, ReplyState};
use crate::model::visibility::Visibility;
use crate::store::{StoreError, answers, messages, replies};

/// The user's own mail, and who gets the next one.
pub(super) struct Followed {
    pub(super) mail: Draft,
    pub(super) addressing: Addressing,
}

/// The last mail of this application that somebody has got.
pub(super) fn arrived(
    tx: &Transaction<'_>,
    application: ApplicationNo,
) -> Result<Option<Reply>, StoreError> {
    for reply in replies::of_application(tx, application)?.into_iter().rev() {
        let sent = matches!(reply.state, ReplyState::Sent { .. });
        if sent && answers::bounce_of(tx, reply.no)?.is_none() {
            return Ok(Some(reply));
        }
    }
    Ok(None)
}

/// What the follow-up to `no` answers; `parent` is the rejection.
pub(super) fn followed(
    tx: &Transaction<'_>,
    no: ReplyNo,
    parent: &Message,
) -> Result<Followed, NoDraft> {
    let reply = replies::get(tx, no)?;
    let ReplyState::Sent { draft, .. } = reply.state else { return Err(NoDraft::NoParent) };
    let answered = answered_by(tx, no, &draft.to)?;
    let why = match &answered {
        Some(_) => format!("a follow-up to {no}, to the one who answered it"),
        None => format!("a follow-up to {no}, to the one who got it"),
    };
    let to = answered.unwrap_or_else(|| draft.to.clone());
    let addressee = if reply.chosen.is_some() && to == draft.to {
        Addressee::Chosen(to)
    } else if parent.takes_answers_at(&to.address) {
        Addressee::Person(to)
    } else {
        Addressee::Earlier(to)
    };
    let addressing = Addressing { addressee, why, warnings: Vec::new() };
    Ok(Followed { mail: *draft, addressing })
}

/// Who of the same house wrote back last, when that was somebody else than the one who got it.
fn answered_by(
    tx: &Transaction<'_>,
    no: ReplyNo,
    to: &Mailbox,
) -> Result<Option<Mailbox>, StoreError> {
    let mut answers = answers::all(tx)?;
    answers.retain(|it| it.reply == no && it.kind.is_personal());
    let Some(message) = answers.last().and_then(|it| it.message) else { return Ok(None) };
    let sender = messages::get(tx, message, Visibility::Released)?.sender;
    Ok(sender.filter(|it| {
        !it.address.same_mailbox(&to.address) && belong_together(&it.address, &to.address)
    }))
}
