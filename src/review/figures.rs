//! The search in figures: what the store knows, as facts that `stats` can count.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::applications::unclear;
use super::{Desk, DeskError};
use crate::model::answer::{Answer, AnswerKind};
use crate::model::application::Stage;
use crate::model::ids::ReplyNo;
use crate::model::message::Direction;
use crate::model::reply::ReplyState;
use crate::model::verdict::Decision;
use crate::model::visibility::Visibility;
use crate::stats::{
    self, ApplicationFact, Event, Facts, FeedbackFact, Figures, MessageFact, Names, Period,
    ReplyCount, ReplyFact, SentFact, Waits,
};
use crate::store::applications::{self, Step, Whole};
use crate::store::{StoreError, answers, replies};
use crate::store::{messages, sightings};

const DAY_SECONDS: i64 = 86_400;

impl Desk {
    /// The figures of a period, as of what may be known.
    ///
    /// # Errors
    /// The store's.
    pub fn figures(
        &mut self,
        period: &Period,
        visibility: Visibility,
        now: Timestamp,
    ) -> Result<Figures, DeskError> {
        Ok(stats::figures(&self.facts(visibility)?, period, now))
    }

    /// Everything that can be counted, as of what may be known.
    ///
    /// # Errors
    /// The store's.
    pub fn facts(&mut self, visibility: Visibility) -> Result<Facts, DeskError> {
        let (goal, waits) = (self.settings.weekly_goal, self.settings.waits);
        Ok(self.store().read(|tx| {
            let wholes = applications::all(tx, visibility)?;
            let mut messages: Vec<MessageFact> =
                wholes.iter().flat_map(|whole| &whole.messages).filter_map(counted).collect();
            for (kind, day) in sightings::unkept_by_kind(tx)? {
                let at = Timestamp::from_second(day.saturating_mul(DAY_SECONDS))
                    .map_err(|_| StoreError::Unreadable(format!("the day {day}")))?;
                messages.push(MessageFact { at, decision: Decision::Sure(kind) });
            }
            let mut facts =
                Facts { applications: all_of(&wholes, waits), messages, goal, ..Facts::default() };
            let lost = messages::joinable(tx)?;
            facts.unclear = lost.iter().filter_map(unclear).map(|it| it.received).collect();
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
                if known {
                    facts.feedback.extend(answers.iter().filter_map(feedback));
                }
            }
            Ok(facts)
        })?)
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

fn feedback(answer: &Answer) -> Option<FeedbackFact> {
    let given = answer.kind == AnswerKind::Given;
    given.then(|| FeedbackFact { at: answer.at, tags: answer.tags.clone() })
}

/// The applications, each with the patience that the user has set or learned from all.
pub(super) fn all_of(wholes: &[Whole], waits: Waits) -> Vec<ApplicationFact> {
    let mut facts: Vec<ApplicationFact> = wholes.iter().filter_map(application).collect();
    stats::wait(&mut facts, waits);
    facts
}

pub(super) fn application(whole: &Whole) -> Option<ApplicationFact> {
    let about = &whole.application;
    let steps = whole.steps();
    let mut events: Vec<Event> = steps.iter().map(event).collect();
    let mut stages: Vec<Stage> = steps.iter().map(|it| it.stage).collect();
    stages.insert(0, whole.began());
    if whole.messages.is_empty() {
        // Entered by hand: when the employer said what the user's table knows is not told.
        events.insert(0, said(about.opened_at, whole.began()));
        stages.insert(0, Stage::Applied);
    }
    let first = |tell: fn(&messages::Kept) -> Option<&String>| {
        whole.messages.iter().find_map(tell).cloned()
    };
    let fact = ApplicationFact::of(&stages, &events)?;
    Some(ApplicationFact {
        no: Some(about.no),
        opened_at: about.opened_at,
        reached: whole.furthest(),
        names: Names {
            company: about.company.clone(),
            role: about.role.clone(),
            language: first(|it| it.language.as_ref()),
            system: first(|it| it.system.as_ref()),
        },
        ..fact
    })
}

fn event(it: &Step<'_>) -> Event {
    match it.message {
        Some(mail) => Event { at: it.at, direction: mail.direction, decision: mail.decision },
        None => said(it.at, it.stage),
    }
}

/// The employer's word that no mail carries, if there must have been one.
fn said(at: Timestamp, stage: Stage) -> Event {
    match stage.said() {
        Some(kind) => {
            Event { at, direction: Direction::Incoming, decision: Some(Decision::Sure(kind)) }
        }
        None => Event { at, direction: Direction::Own, decision: None },
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
