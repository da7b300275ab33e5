//! A search as mail in files tells it, without configuration or database: for the report of
//! `regards scan`. Of each job mail is kept what tells where it belongs, and no more.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::model::address::MessageId;
use crate::model::application::{Application, Move, Stage};
use crate::model::findings::{Findings, Found, Reached};
use crate::model::ids::ApplicationNo;
use crate::model::message::{Body, Direction, Header, Message};
use crate::model::verdict::{Decision, Verdict};
use crate::record::{self, Aliases, Candidate, Placement, Trace};
use crate::stats::{ApplicationFact, Event, Facts, MessageFact, Names};

/// A thread of more mails than this is none of an application's; a hostile mail may name any
/// number.
const THREAD_IDS_MAX: usize = 32;

/// A job mail without its words.
pub(super) struct Told {
    at: Timestamp,
    message: Message,
    verdict: Verdict,
    /// To whom it went, by which the user is known.
    to: Option<String>,
}

impl Told {
    /// What is kept of a mail; `None` of one that belongs to no application. One without a
    /// date of its own came `now`.
    pub(super) fn of(message: &Message, verdict: &Verdict, now: Timestamp) -> Option<Told> {
        let (Decision::Sure(kind) | Decision::Unsure(kind)) = verdict.decision;
        if !kind.concerns_application() {
            return None;
        }
        let header = &message.header;
        let to = header.delivered_to.first().or(header.to.first().map(|it| &it.address));
        Some(Told {
            at: message.received_at(now),
            message: Message {
                direction: Direction::Incoming,
                header: Header {
                    message_id: header.message_id.clone(),
                    in_reply_to: latest(&header.in_reply_to),
                    references: latest(&header.references),
                    from: header.from.first().cloned().into_iter().collect(),
                    ..Header::default()
                },
                body: Body::default(),
                defects: Vec::new(),
            },
            verdict: Verdict {
                hits: Vec::new(),
                findings: needed(&verdict.findings),
                ..verdict.clone()
            },
            to: to.map(|address| address.as_str().to_lowercase()),
        })
    }

    fn id(&self) -> &str {
        self.message.header.message_id.as_ref().map_or("", MessageId::as_str)
    }

    fn from(&self) -> Option<String> {
        let from = self.message.header.from.first()?;
        Some(from.address.as_str().to_lowercase())
    }
}

fn latest(ids: &[MessageId]) -> Vec<MessageId> {
    ids.get(ids.len().saturating_sub(THREAD_IDS_MAX)..).unwrap_or_default().to_vec()
}

/// The findings that place a mail and name its application, without the words they were read
/// from.
fn needed(findings: &Findings) -> Findings {
    fn bare<T: Clone>(found: &Option<Found<T>>) -> Option<Found<T>> {
        found.as_ref().map(|it| Found::new(it.value.clone(), ""))
    }
    Findings {
        company: bare(&findings.company),
        role: bare(&findings.role),
        reference: bare(&findings.reference),
        stage: bare(&findings.stage),
        reason: bare(&findings.reason),
        system: bare(&findings.system),
        ..Findings::default()
    }
}

/// What an application's mails have told so far, beside its candidate.
#[derive(Default)]
struct Course {
    stages: Vec<Stage>,
    events: Vec<Event>,
    names: Names,
    /// How far the mails say it had come.
    told: Option<Reached>,
}

/// Joins job mails into applications, oldest first. A mail that would fit several belongs to
/// none of them: nobody can be asked.
pub(super) fn facts(told: Vec<Told>) -> Facts {
    let told = in_order(told);
    let mut facts = Facts::default();
    let mut candidates: Vec<Candidate> = Vec::new();
    let aliases = Aliases::default();
    let mut courses: Vec<Course> = Vec::new();
    for it in &told {
        facts.messages.push(MessageFact { at: it.at, decision: it.verdict.decision });
        let at = match record::place(&it.message, &it.verdict, &candidates, &aliases, it.at) {
            Placement::Known(no, _) => candidates.iter().position(|it| it.application.no == no),
            Placement::New(_) => {
                candidates.extend(candidate(candidates.len(), it.at));
                courses.push(Course { stages: vec![Stage::Applied], ..Course::default() });
                candidates.len().checked_sub(1)
            }
            Placement::Ambiguous(_) | Placement::Nowhere => None,
        };
        let Some(at) = at else { continue };
        if let (Some(candidate), Some(course)) = (candidates.get_mut(at), courses.get_mut(at)) {
            course.take(it);
            learn(candidate, course, it);
        }
    }
    facts.applications = courses.into_iter().filter_map(Course::fact).collect();
    facts
}

/// Each mail once, by its time, and by its Message-ID second: the order of the files decides
/// nothing. The user's own mail is left out; its answers tell of it.
fn in_order(mut told: Vec<Told>) -> Vec<Told> {
    let own = user(&told);
    told.retain(|it| own.is_none() || it.from() != own);
    told.sort_by(|a, b| (a.at, a.id()).cmp(&(b.at, b.id())));
    let mut seen: BTreeSet<MessageId> = BTreeSet::new();
    told.retain(|it| it.message.header.message_id.clone().is_none_or(|id| seen.insert(id)));
    told
}

/// To whom most of the mail went.
fn user(told: &[Told]) -> Option<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for to in told.iter().filter_map(|it| it.to.as_deref()) {
        *counts.entry(to).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map(|(to, _)| to.to_owned())
}

fn candidate(before: usize, at: Timestamp) -> Option<Candidate> {
    let no = i64::try_from(before).ok().and_then(|before| ApplicationNo::new(before + 1))?;
    let application = Application {
        no,
        company: None,
        role: None,
        reference: None,
        stage: Stage::Applied,
        opened_at: at,
        last_at: at,
    };
    Some(Candidate::new(application, Vec::new(), Vec::new(), &Aliases::default()))
}

/// What the next mail is compared with.
fn learn(candidate: &mut Candidate, course: &Course, it: &Told) {
    candidate.application.stage = course.stages.last().copied().unwrap_or(Stage::Applied);
    candidate.application.last_at = it.at;
    let (decision, findings) = (Some(it.verdict.decision), &it.verdict.findings);
    let aliases = Aliases::default();
    candidate.learn(Trace::of(&it.message, decision, findings, &aliases, it.at));
}

impl Course {
    fn take(&mut self, it: &Told) {
        let findings = &it.verdict.findings;
        let reason = findings.reason.as_ref().map(|found| found.value);
        let stage = self.stages.last().copied().unwrap_or(Stage::Applied);
        // As in the database: what the rules are unsure of moves nothing.
        let moved = it.verdict.decision.sure().map(|kind| stage.after(kind, reason));
        self.stages.push(match moved {
            Some(Move::To(next)) => next,
            Some(Move::Stays | Move::Contradicts) | None => stage,
        });
        if it.verdict.decision.sure().is_some() {
            self.told = self.told.max(findings.stage.as_ref().map(|found| found.value));
        }
        let decision = Some(it.verdict.decision);
        self.events.push(Event { at: it.at, direction: Direction::Incoming, decision });
        let first = |known: &mut Option<String>, told: Option<&String>| {
            *known = known.take().or(told.cloned());
        };
        let names = &mut self.names;
        first(&mut names.company, findings.company.as_ref().map(|found| &found.value));
        first(&mut names.role, findings.role.as_ref().map(|found| &found.value));
        first(&mut names.language, it.verdict.language.as_ref());
        first(&mut names.system, findings.system.as_ref().map(|found| &found.value.name));
    }

    fn fact(self) -> Option<ApplicationFact> {
        let fact = ApplicationFact::of(&self.stages, &self.events)?;
        let reached = self.told.map_or(fact.reached, |told| told.max(fact.reached));
        Some(ApplicationFact { names: self.names, reached, ..fact })
    }
}
