//! The search in figures: what the store knows, as facts that `stats` can count.

use std::collections::BTreeMap;

use jiff::{Timestamp, Zoned};

use super::{Desk, DeskError};
use crate::model::answer::AnswerKind;
use crate::model::ids::ReplyNo;
use crate::model::message::Direction;
use crate::model::reply::ReplyState;
use crate::model::verdict::{Decision, Kind};
use crate::model::visibility::Visibility;
use crate::stats::{self, ApplicationFact, Facts, Figures, MessageFact, ReplyCount, ReplyFact};
use crate::store::applications::{self, Whole};
use crate::store::{StoreError, answers, replies};
use crate::store::{messages, sightings};

const DAY_SECONDS: i64 = 86_400;

impl Desk {
    /// The figures since the first instant of a day, as of what may be known.
    ///
    /// # Errors
    /// The store's.
    pub fn figures(
        &mut self,
        since: Option<&Zoned>,
        visibility: Visibility,
        now: Timestamp,
    ) -> Result<Figures, DeskError> {
        let facts = self.store().read(|tx| {
            let wholes = applications::all(tx, visibility)?;
            let mut messages: Vec<MessageFact> =
                wholes.iter().flat_map(|whole| &whole.messages).filter_map(counted).collect();
            for (kind, day) in sightings::unkept_by_kind(tx)? {
                let at = Timestamp::from_second(day.saturating_mul(DAY_SECONDS))
                    .map_err(|_| StoreError::Unreadable(format!("the day {day}")))?;
                messages.push(MessageFact { at, decision: Decision::Sure(kind) });
            }
            let mut facts = Facts {
                applications: wholes.iter().map(application).collect(),
                messages,
                replies: Vec::new(),
            };
            let answered = answered(tx)?;
            for reply in replies::all(tx)? {
                let parent = messages::get(tx, reply.parent, Visibility::Cooling)?;
                let known = parent.quiet_until.is_none() || visibility == Visibility::Cooling;
                let state = known.then(|| count(&reply.state)).flatten();
                let answer = answered.get(&reply.no).copied();
                let at = parent.received_at;
                facts.replies.extend(state.map(|state| ReplyFact { at, state, answer }));
            }
            Ok(facts)
        })?;
        Ok(stats::figures(&facts, since, now))
    }
}

/// What came back to each reply; the kinds stand in the order of what they say, so that
/// feedback goes before a refusal, a person before a machine.
fn answered(tx: &rusqlite::Transaction<'_>) -> Result<BTreeMap<ReplyNo, AnswerKind>, StoreError> {
    let mut answered: BTreeMap<ReplyNo, AnswerKind> = BTreeMap::new();
    for answer in answers::all(tx)? {
        let kind = answered.entry(answer.reply).or_insert(answer.kind);
        *kind = (*kind).min(answer.kind);
    }
    Ok(answered)
}

fn counted(message: &messages::Kept) -> Option<MessageFact> {
    Some(MessageFact { at: message.received_at, decision: message.decision? })
}

fn application(whole: &Whole) -> ApplicationFact {
    let incoming = || whole.messages.iter().filter(|m| m.direction == Direction::Incoming);
    let is = |m: &&messages::Kept, kind| m.decision == Some(Decision::Sure(kind));
    let stage = whole.application.stage;
    let stages = whole.stages();
    // The message after which it was closed, if it stayed closed.
    let closing = stages.iter().rposition(|stage| stage.is_open()).filter(|_| !stage.is_open());
    ApplicationFact {
        stage,
        reached: whole.furthest(),
        acknowledged: incoming().any(|m| is(&m, Kind::Acknowledged)),
        opened_at: whole.application.opened_at,
        first_answer_at: incoming()
            .find(
                |m| matches!(m.decision, Some(Decision::Sure(kind)) if kind != Kind::Acknowledged),
            )
            .map(|m| m.received_at),
        last_heard_at: incoming().next_back().map(|m| m.received_at),
        closed_at: closing.and_then(|at| whole.messages.get(at)).map(|m| m.received_at),
    }
}

fn count(state: &ReplyState) -> Option<ReplyCount> {
    Some(match state {
        ReplyState::Cooling { .. } => return None,
        ReplyState::Drafted { .. } => ReplyCount::Drafted,
        ReplyState::Approved(_) | ReplyState::Sending { .. } => ReplyCount::Approved,
        ReplyState::Doubtful { .. } => ReplyCount::Doubtful,
        ReplyState::Sent { .. } => ReplyCount::Sent,
        ReplyState::Skipped => ReplyCount::Skipped,
        ReplyState::Withdrawn(_) => ReplyCount::Withdrawn,
        ReplyState::Failed { .. } => ReplyCount::Failed,
    })
}
