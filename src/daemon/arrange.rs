//! Mail joined into applications anew, once mail was read out of its order or the user has
//! decided otherwise. A reply goes with the rejection that it answers.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::Transaction;

use super::Shared;
use super::book::{aliases, trace};
use crate::model::address::MessageId;
use crate::model::application::Application;
use crate::model::ids::{ApplicationNo, MessageNo};
use crate::model::message::Direction;
use crate::model::verdict::Decision;
use crate::model::visibility::Visibility;
use crate::record::{Piece, Settled, arrange};
use crate::store::messages::{self, Kept, Question};
use crate::store::{StoreError, applications, by_hand, replies};

/// Joins all mail anew, where something says that it is needed.
pub(super) fn arrange_if_needed(shared: &Shared, now: Timestamp) -> Result<(), StoreError> {
    shared.store().write(|tx| match by_hand::take_unarranged(tx)? {
        true => arrange_all(tx, now),
        false => Ok(()),
    })
}

fn arrange_all(tx: &Transaction<'_>, now: Timestamp) -> Result<(), StoreError> {
    let aliases = aliases(tx)?;
    let pins: BTreeMap<MessageNo, ApplicationNo> = by_hand::pins(tx)?.into_iter().collect();
    let replies = ids_of_replies(tx)?;
    let kept = messages::joinable(tx)?;
    let pieces: Vec<Piece> = kept
        .iter()
        .filter(|it| it.question != Some(Question::SameIds) && concerns(it))
        .map(|it| Piece {
            message: it.no,
            now_in: it.application,
            pinned: pins.get(&it.no).copied(),
            trace: trace(it, &aliases),
            reason: it.reason,
            asked: it.question.is_some_and(|it| it != Question::Ambiguous),
            replies: replies.get(&it.no).cloned().unwrap_or_default(),
        })
        .collect();
    let named = named(tx, &pins, &pieces)?;
    let before: BTreeMap<MessageNo, Option<ApplicationNo>> =
        pieces.iter().map(|it| (it.message, it.now_in)).collect();
    let mut opened: BTreeMap<usize, ApplicationNo> = BTreeMap::new();
    for (message, settled) in arrange(&pieces, named, &aliases) {
        let to = match settled {
            Settled::In(no) => Some(no),
            Settled::Opened(index) => Some(match opened.get(&index) {
                Some(no) => *no,
                None => {
                    let no = applications::open(tx, now)?;
                    opened.insert(index, no);
                    no
                }
            }),
            Settled::Unclear => None,
            Settled::Stays => continue,
        };
        let was = before.get(&message).copied().flatten();
        if to == was {
            continue;
        }
        if !stays(tx, message, to, &replies)? {
            by_hand::put(tx, message, to)?;
        } else if pins.contains_key(&message) {
            by_hand::disarrange(tx)?;
        }
    }
    Ok(())
}

/// The user's own mail, or what is about an application.
fn concerns(it: &Kept) -> bool {
    let kind = it.decision.map(|it| match it {
        Decision::Sure(kind) | Decision::Unsure(kind) => kind,
    });
    it.direction == Direction::Own || kind.is_some_and(|kind| kind.concerns_application())
}

/// What a reply rests on does not become unclear, and two replies never come together.
fn stays(
    tx: &Transaction<'_>,
    message: MessageNo,
    to: Option<ApplicationNo>,
    replies: &BTreeMap<MessageNo, Vec<MessageId>>,
) -> Result<bool, StoreError> {
    match to {
        Some(to) => by_hand::is_held(tx, message, to),
        None => Ok(replies.contains_key(&message)),
    }
}

fn ids_of_replies(tx: &Transaction<'_>) -> Result<BTreeMap<MessageNo, Vec<MessageId>>, StoreError> {
    let mut ids: BTreeMap<MessageNo, Vec<MessageId>> = BTreeMap::new();
    for reply in replies::all(tx)? {
        let drafted = reply.state.draft().map(|draft| draft.message_id.clone());
        ids.entry(reply.parent).or_default().extend(drafted);
    }
    Ok(ids)
}

/// The applications that the user has had a hand in, as they are before their first mail.
fn named(
    tx: &Transaction<'_>,
    pins: &BTreeMap<MessageNo, ApplicationNo>,
    pieces: &[Piece],
) -> Result<Vec<Application>, StoreError> {
    let mut named = Vec::new();
    for whole in applications::all(tx, Visibility::Cooling)? {
        let no = whole.application.no;
        let by_hand = applications::by_hand(tx, no)?;
        let first = pieces.iter().filter(|it| it.pinned == Some(no)).map(|it| it.trace.at).min();
        if !by_hand.is_named() && !pins.values().any(|it| *it == no) {
            continue;
        }
        let begins = by_hand.applied_at.into_iter().chain(first).min();
        let begins = begins.unwrap_or(whole.application.opened_at);
        named.push(Application {
            no,
            company: by_hand.company,
            role: by_hand.role,
            reference: None,
            stage: crate::model::application::Stage::Applied,
            opened_at: begins,
            last_at: begins,
        });
    }
    Ok(named)
}
