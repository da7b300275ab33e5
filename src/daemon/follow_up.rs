//! What a follow-up answers: the user's own earlier mail, and to whom it goes.
//!
//! It stands below that mail also when somebody answered it: what the user wrote back since,
//! from another program, would otherwise count as the answer that the follow-up is to be.

use jiff::{SignedDuration, Timestamp};
use rusqlite::Transaction;

use crate::draft::addressee::{belong_together, takes_no_replies};
use crate::model::address::Mailbox;
use crate::model::addressee::{Addressee, Addressing};
use crate::model::answer::AnswerKind;
use crate::model::ids::{ApplicationNo, ReplyNo};
use crate::model::mail::Draft;
use crate::model::message::{Direction, Message};
use crate::model::reply::{Reply, ReplyState};
use crate::model::visibility::Visibility;
use crate::store::messages::Kept;
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

/// The same, where a further mail is welcome and can be made: nobody has declined, the user
/// has not written since by another way, and the words of the rejection are there.
pub(super) fn open(
    tx: &Transaction<'_>,
    application: ApplicationNo,
) -> Result<Option<Reply>, StoreError> {
    let Some(sent) = arrived(tx, application)? else { return Ok(None) };
    let ReplyState::Sent { draft, at, .. } = &sent.state else { return Ok(None) };
    let answers = answers::all(tx)?;
    let last = answers.iter().rfind(|it| it.reply == sent.no && it.kind.is_personal());
    let declined = last.is_some_and(|it| it.kind == AnswerKind::Refused);
    let since = last.map_or(*at, |it| it.at.max(*at));
    let wrote = wrote_since(tx, application, draft, since)?;
    let kept = messages::raw(tx, sent.parent)?.is_some();
    Ok(Some(sent).filter(|_| kept && !declined && !wrote))
}

/// Whether the user wrote of an application by another way than ours, long after the last
/// mail of the exchange: thanks for an answer belong to it.
fn wrote_since(
    tx: &Transaction<'_>,
    application: ApplicationNo,
    ours: &Draft,
    since: Timestamp,
) -> Result<bool, StoreError> {
    let mails = messages::of_application(tx, application, Visibility::Released)?;
    let own = |it: &&Kept| {
        it.direction == Direction::Own && it.message_id.as_ref() != Some(&ours.message_id)
    };
    let late = |it: &Kept| it.received_at.duration_since(since) > SAME_EXCHANGE;
    Ok(mails.iter().filter(own).any(late))
}

/// What the user answered to their last word within this time belongs to it.
const SAME_EXCHANGE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What the follow-up to `no` answers, if that was sent; `parent` is the rejection.
pub(super) fn followed(
    tx: &Transaction<'_>,
    no: ReplyNo,
    parent: &Message,
) -> Result<Option<Followed>, StoreError> {
    let reply = replies::get(tx, no)?;
    let ReplyState::Sent { draft, .. } = reply.state else { return Ok(None) };
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
    Ok(Some(Followed { mail: *draft, addressing }))
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
    let can = |it: &Mailbox| !takes_no_replies(&it.address) && !it.address.needs_smtputf8();
    Ok(sender.filter(can).filter(|it| {
        !it.address.same_mailbox(&to.address) && belong_together(&it.address, &to.address)
    }))
}
