//! A reply that something has overtaken is withdrawn, as long as nothing of it can be out.

use jiff::Timestamp;
use rusqlite::Transaction;

use super::{DAEMON, reminders};
use crate::model::ids::ApplicationNo;
use crate::model::reply::{Reply, ReplyEvent, Withdrawal};
use crate::model::visibility::Visibility;
use crate::store::{StoreError, messages, replies};

/// Withdraws the living reply of an application because of a mail received at `at`.
pub(super) fn overtake(
    tx: &Transaction<'_>,
    application: ApplicationNo,
    at: Timestamp,
    why: Withdrawal,
    now: Timestamp,
) -> Result<(), StoreError> {
    if matches!(why, Withdrawal::Overtaken(_)) {
        reminders::overtaken(tx, application, at)?;
    }
    let Some(reply) = replies::living(tx, application)? else { return Ok(()) };
    let parent = messages::get(tx, reply.parent, Visibility::Cooling)?;
    // Mail from before the rejection, read late, says nothing about it.
    if at <= parent.received_at {
        return Ok(());
    }
    withdraw(tx, &reply, why, now)
}

/// Withdraws a reply if nothing of it can be out.
pub(super) fn withdraw(
    tx: &Transaction<'_>,
    reply: &Reply,
    why: Withdrawal,
    now: Timestamp,
) -> Result<(), StoreError> {
    let notice = why.sentence();
    match replies::advance(tx, reply, ReplyEvent::Overtaken(why), Some(notice), DAEMON, now) {
        Ok(_) | Err(StoreError::Refused(_)) => Ok(()),
        Err(error) => Err(error),
    }
}
