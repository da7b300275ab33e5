//! When to write once more: waiting times that an employer states become reminders, and what
//! is due begins a follow-up to the mail that was sent. Where none was sent, the desk says it.

use jiff::Timestamp;
use rusqlite::Transaction;

use super::{Account, DAEMON, Shared, follow_up};
use crate::classify::{Known, waiting};
use crate::model::ids::{ApplicationNo, MessageNo};
use crate::model::mail::Intent;
use crate::model::reply::{Overtaking, ReplyState};
use crate::model::visibility::Visibility;
use crate::parse;
use crate::store::messages::{self, Kept};
use crate::store::reminders::{self, Reminder};
use crate::store::replies::{self, NewReply};
use crate::store::{StoreError, accounts};

/// From now on everybody may hear of a message; what a rejection says about applying again
/// is heard of with it, and not before.
pub(super) fn let_out(
    tx: &Transaction<'_>,
    shared: &Shared,
    no: MessageNo,
    now: Timestamp,
) -> Result<(), StoreError> {
    let kept = messages::get(tx, no, Visibility::Cooling)?;
    if kept.quiet_until.is_none() {
        return Ok(());
    }
    messages::release(tx, no, now)?;
    stated(tx, shared, &kept, now)
}

/// "You may apply again after six months": counted from the day on which it was received.
pub(super) fn stated(
    tx: &Transaction<'_>,
    shared: &Shared,
    kept: &Kept,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (Some(application), Some(raw)) =
        (kept.application.filter(|_| kept.is_rejection()), messages::raw(tx, kept.no)?)
    else {
        return Ok(());
    };
    let own = shared.account(kept.account).map(Account::own_addresses).unwrap_or_default();
    let message = parse::message(&raw, true, &own);
    let known = Known { thread: true, application: true };
    let Some(found) = shared.rules().classify(&message, &known).findings.may_reapply else {
        return Ok(());
    };
    let Some(time) = waiting::time(&found.value) else { return Ok(()) };
    let received = kept.received_at.to_zoned(shared.settings.cool.zone.clone());
    let Ok(due) = received.checked_add(time).map(|it| it.timestamp()) else { return Ok(()) };
    // A time that is over reminds of nothing, and neither does what went on since.
    if due <= now || went_on(tx, application, kept.received_at)? {
        return Ok(());
    }
    let it = Reminder {
        application,
        message: kept.no,
        due: Some(due),
        said: Some(found.words),
        set_at: now,
    };
    reminders::set(tx, &it)
}

/// An invitation, an offer, a question or news came after `at`.
fn went_on(
    tx: &Transaction<'_>,
    application: ApplicationNo,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let mails = messages::of_application(tx, application, Visibility::Cooling)?;
    let kind = |it: &Kept| it.decision.filter(|_| it.question.is_none()).and_then(|it| it.sure());
    let mut later = mails.iter().filter(|it| it.received_at > at).filter_map(kind);
    Ok(later.any(|kind| Overtaking::by(kind).is_some()))
}

/// Something new came at `at` in an application: what was to be asked is answered.
pub(super) fn overtaken(
    tx: &Transaction<'_>,
    application: ApplicationNo,
    at: Timestamp,
) -> Result<(), StoreError> {
    let Some(reminder) = reminders::of(tx, application)? else { return Ok(()) };
    let about = messages::get(tx, reminder.message, Visibility::Cooling)?;
    if at > about.received_at { reminders::drop_of(tx, application) } else { Ok(()) }
}

/// Begins the follow-ups that are due. What is not to be followed up by itself stays due, and
/// the desk says it.
pub(super) fn begin_due(shared: &Shared, now: Timestamp) -> Result<(), StoreError> {
    let all = shared.store().read(reminders::all)?;
    for it in all.iter().filter(|it| it.due.is_some_and(|due| due <= now)) {
        shared.store().write(|tx| begin(tx, shared, it.application, now))?;
    }
    Ok(())
}

fn begin(
    tx: &Transaction<'_>,
    shared: &Shared,
    application: ApplicationNo,
    now: Timestamp,
) -> Result<(), StoreError> {
    // The user may have said something else since it was read.
    let due = |it: &Reminder| it.due.is_some_and(|due| due <= now);
    if !reminders::of(tx, application)?.as_ref().is_some_and(due) {
        return Ok(());
    }
    let Some(sent) = follow_up::open(tx, application)? else { return Ok(()) };
    let present = accounts::all(tx)?.iter().any(|it| it.no == sent.account && it.present);
    let pause = shared.settings.limits.same_person;
    let early = matches!(sent.state, ReplyState::Sent { at, .. } if now.duration_since(at) < pause);
    if !present || early || replies::living(tx, application)?.is_some() {
        return Ok(());
    }
    let new = NewReply {
        application,
        parent: sent.parent,
        account: sent.account,
        chosen: None,
        wanted: Some(Intent::KeepInTouch),
        follows: Some(sent.no),
        not_before: now,
    };
    let no = replies::begin(tx, &new, DAEMON, now)?;
    reminders::seen_to(tx, application, no)
}
