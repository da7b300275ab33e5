//! The search in figures: what the store knows, as facts that `stats` can count.

use std::collections::BTreeMap;

use jiff::{Timestamp, Zoned};

use super::{Desk, DeskError};
use crate::model::answer::Answer;
use crate::model::ids::ReplyNo;
use crate::model::message::Direction;
use crate::model::reply::ReplyState;
use crate::model::verdict::{Decision, Kind};
use crate::model::visibility::Visibility;
use crate::stats::{
    self, ApplicationFact, Facts, Figures, MessageFact, ReplyCount, ReplyFact, SentFact,
};
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
                let answers = answered.get(&reply.no).map_or(&[][..], Vec::as_slice);
                let fact = |state| ReplyFact {
                    at: parent.received_at,
                    state,
                    // The kinds stand in the order of what they say: feedback goes before a
                    // refusal, a person before a machine.
                    answer: answers.iter().map(|it| it.kind).min(),
                    sent: sent(&reply.state, answers),
                };
                facts.replies.extend(state.map(fact));
            }
            Ok(facts)
        })?;
        Ok(stats::figures(&facts, since, now))
    }
}

/// What came back to each reply.
fn answered(tx: &rusqlite::Transaction<'_>) -> Result<BTreeMap<ReplyNo, Vec<Answer>>, StoreError> {
    let mut answered: BTreeMap<ReplyNo, Vec<Answer>> = BTreeMap::new();
    for answer in answers::all(tx)? {
        answered.entry(answer.reply).or_default().push(answer);
    }
    Ok(answered)
}

/// What is known of a reply that went out, and when a person first answered it.
fn sent(state: &ReplyState, answers: &[Answer]) -> Option<SentFact> {
    let ReplyState::Sent { draft, date, .. } = state else { return None };
    let personal = answers.iter().filter(|it| it.kind.is_personal());
    Some(SentFact {
        at: *date,
        intent: draft.intent,
        reached: draft.origin.reached,
        template: draft.origin.template.clone(),
        edited: draft.origin.edited,
        answered_at: personal.map(|it| it.at).min(),
    })
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
