//! What has cooled comes onto the desk; what nobody touched leaves it; a draft that the
//! configuration has overtaken is made anew.

use jiff::Timestamp;
use rusqlite::Transaction;

use super::drafting::{self, NoDraft};
use super::{DAEMON, Shared, overtake, reminders};
use crate::cool;
use crate::draft::guard::{self, GuardInput, Objection};
use crate::model::ids::ReplyNo;
use crate::model::mail::Draft;
use crate::model::reply::{Reply, ReplyEvent, ReplyState, Withdrawal};
use crate::store::{StoreError, brakes, crash, messages, replies};

/// One look at everything that may be due.
pub(super) fn release(shared: &Shared, now: Timestamp) -> Result<(), StoreError> {
    let cool = &shared.settings.cool;
    let held = shared.store().read(|tx| Ok(!brakes::in_force(tx, now)?.is_empty()))?;
    if held {
        return Ok(());
    }
    expire(shared, now)?;
    refresh(shared, now)?;
    if !cool::is_open(now, cool) {
        return Ok(());
    }
    reminders::begin_due(shared, now)?;
    let (due, cooled) = shared.store().read(|tx| {
        let due = messages::due(tx, now)?;
        let mut cooled = replies::in_states(tx, &["cooling"])?;
        cooled.retain(|reply| {
            matches!(reply.state,
            ReplyState::Cooling { not_before, .. } if not_before <= now)
        });
        Ok((due, cooled))
    })?;
    for reply in cooled {
        crash::point("cool.over");
        shared.store().write(|tx| {
            // As it is by now: the user may have put its rejection elsewhere.
            let reply = replies::get(tx, reply.no)?;
            match reply.state {
                ReplyState::Cooling { .. } => draft(tx, shared, &reply, now),
                _ => Ok(()),
            }
        })?;
        crash::point("draft.committed");
    }
    for message in due {
        // Its reply went first; what is left has none, or one that was snoozed.
        shared.store().write(|tx| reminders::let_out(tx, shared, message.no, now))?;
    }
    Ok(())
}

/// Cooling → Drafted, together with the release of the rejection.
fn draft(
    tx: &Transaction<'_>,
    shared: &Shared,
    reply: &Reply,
    now: Timestamp,
) -> Result<(), StoreError> {
    reminders::let_out(tx, shared, reply.parent, now)?;
    crash::point("draft.released");
    let kept = reply.state.draft().cloned();
    let made = drafting::facts(tx, shared, reply).and_then(|facts| {
        let nobody = || NoDraft::Nobody(facts.addressing.why.clone());
        match kept {
            Some(kept) => drafting::again(&facts, &kept).ok_or_else(nobody),
            None => drafting::fresh(tx, shared, reply, &facts),
        }
    });
    match made {
        Ok(draft) => {
            let event = ReplyEvent::CooledOff(Box::new(draft));
            replies::advance(tx, reply, event, None, DAEMON, now)?;
            crash::point("draft.made");
            Ok(())
        }
        Err(NoDraft::Store(error)) => Err(error),
        // Without a way out or with a broken template there is something to mend first.
        Err(error @ (NoDraft::NoWayOut(_) | NoDraft::Template(_))) => {
            tracing::warn!(reply = %reply.no, "No draft was made: {error}");
            replies::set_notice(tx, reply.no, &error.to_string())
        }
        Err(NoDraft::Nobody(_) | NoDraft::NoParent) => {
            overtake::withdraw(tx, reply, Withdrawal::Unsettled, now)
        }
        Err(NoDraft::NoAccount) => overtake::withdraw(tx, reply, Withdrawal::AccountRemoved, now),
    }
}

fn expire(shared: &Shared, now: Timestamp) -> Result<(), StoreError> {
    let after = shared.settings.cool.expires_after;
    let drafted = shared.store().read(|tx| replies::in_states(tx, &["drafted"]))?;
    for reply in drafted {
        let untouched = matches!(reply.state,
            ReplyState::Drafted { since, .. } if now.duration_since(since) > after);
        if untouched {
            let notice = Withdrawal::Expired.sentence();
            shared.store().write(|tx| {
                replies::advance(tx, &reply, ReplyEvent::Expired, Some(notice), DAEMON, now)
            })?;
        }
    }
    Ok(())
}

/// A draft whose sender, way out or addressee would be another one today is made anew with
/// the same text; it gets a new Message-ID, so no approval of the old one can hold.
fn refresh(shared: &Shared, now: Timestamp) -> Result<(), StoreError> {
    let drafted = shared.store().read(|tx| replies::in_states(tx, &["drafted"]))?;
    for reply in drafted {
        shared.store().write(|tx| refresh_one(tx, shared, reply.no, now))?;
    }
    Ok(())
}

fn refresh_one(
    tx: &Transaction<'_>,
    shared: &Shared,
    no: ReplyNo,
    now: Timestamp,
) -> Result<(), StoreError> {
    // As it is by now: the user may have put its rejection elsewhere.
    let reply = replies::get(tx, no)?;
    let ReplyState::Drafted { .. } = reply.state else { return Ok(()) };
    let Some(old) = reply.state.draft().cloned() else { return Ok(()) };
    match renewed(tx, shared, &reply, &old) {
        Ok(None) => Ok(()),
        Ok(Some((new, what))) => {
            let event = ReplyEvent::Edited(Box::new(new));
            replies::advance(tx, &reply, event, Some(&what), DAEMON, now)?;
            Ok(())
        }
        Err(NoDraft::Store(error)) => Err(error),
        Err(NoDraft::NoAccount) => overtake::withdraw(tx, &reply, Withdrawal::AccountRemoved, now),
        Err(NoDraft::NoParent | NoDraft::Nobody(_)) => {
            overtake::withdraw(tx, &reply, Withdrawal::Unsettled, now)
        }
        Err(NoDraft::NoWayOut(_) | NoDraft::Template(_)) => Ok(()),
    }
}

fn renewed(
    tx: &Transaction<'_>,
    shared: &Shared,
    reply: &Reply,
    old: &Draft,
) -> Result<Option<(Draft, String)>, NoDraft> {
    let facts = drafting::facts(tx, shared, reply)?;
    let again = drafting::again(&facts, old)
        .ok_or_else(|| NoDraft::Nobody(facts.addressing.why.clone()))?;
    let changed = changes(shared, old, &again, &facts);
    if changed.is_empty() {
        return Ok(None);
    }
    let new = Draft { message_id: drafting::new_message_id(&facts)?, ..again };
    Ok(Some((new, changed.join("; "))))
}

fn changes(shared: &Shared, old: &Draft, again: &Draft, facts: &drafting::Facts) -> Vec<String> {
    let input = GuardInput {
        draft: old,
        recomputed: Some(again),
        addressing: &facts.addressing,
        own: &[],
        sent: &[],
        approval: None,
        now: Timestamp::UNIX_EPOCH,
        limits: &shared.settings.limits,
    };
    let changed = |objection: &Objection| matches!(objection, Objection::Changed(_));
    guard::objections(&input).iter().filter(|it| changed(it)).map(ToString::to_string).collect()
}
