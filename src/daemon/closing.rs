//! The reply to a rejection begins, or moves to the better addressee of a further one.

use jiff::Timestamp;
use rusqlite::Transaction;

use super::DAEMON;
use crate::model::addressee::{Addressee, Addressing};
use crate::model::ids::{AccountNo, ApplicationNo, MessageNo};
use crate::model::reply::ReplyState;
use crate::model::visibility::Visibility;
use crate::store::replies::{self, NewReply};
use crate::store::{StoreError, messages};

/// A rejection that may be answered.
pub(super) struct Closing {
    pub(super) application: ApplicationNo,
    pub(super) parent: MessageNo,
    pub(super) account: AccountNo,
}

/// Begins the reply of a closing, or moves the one that is there to the better addressee.
pub(super) fn begin(
    tx: &Transaction<'_>,
    it: &Closing,
    addressing: Option<&Addressing>,
    quiet_until: Option<Timestamp>,
    was_open: bool,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(addressing) = addressing.filter(|a| a.addressee != Addressee::Nobody) else {
        return Ok(());
    };
    let not_before = quiet_until.unwrap_or(now);
    let earlier = replies::of_application(tx, it.application)?;
    if let Some(reply) = earlier.iter().find(|reply| !reply.state.has_ended()) {
        let parent = messages::get(tx, reply.parent, Visibility::Cooling)?;
        let before = parent.addressee.map_or(0, |(word, _)| closeness(&word));
        let rank = closeness(addressing.addressee.name());
        let better = match reply.state {
            // It answers the user's own mail.
            _ if reply.follows.is_some() => false,
            ReplyState::Cooling { kept: None, .. } => rank >= before,
            // The user may have put work into these words: only for somebody better.
            ReplyState::Cooling { .. } | ReplyState::Drafted { .. } => rank > before,
            _ => false,
        };
        if better {
            replies::move_to(tx, reply, it.parent, not_before, DAEMON, now)?;
        }
        return Ok(());
    }
    // The same closing was dealt with before: a further rejection is only recorded.
    if !was_open && !earlier.is_empty() {
        return Ok(());
    }
    let new = NewReply {
        application: it.application,
        parent: it.parent,
        account: it.account,
        chosen: None,
        wanted: None,
        follows: None,
        not_before,
    };
    replies::begin(tx, &new, DAEMON, now)?;
    Ok(())
}

/// Who is better to answer: the person who wrote, somebody from earlier, a relay.
fn closeness(addressee: &str) -> u8 {
    match addressee {
        "person" | "chosen" => 3,
        "earlier" => 2,
        "relay" => 1,
        _ => 0,
    }
}
