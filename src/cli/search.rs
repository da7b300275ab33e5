//! A search as mail in files tells it, without configuration or database: for the report of
//! `regards scan`. Of each job mail is kept what tells where it belongs, and no more; where it
//! does belong is decided in `record`.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::model::address::MessageId;
use crate::model::application::{Move, Stage};
use crate::model::findings::{Found, Reached, Reason};
use crate::model::ids::MessageNo;
use crate::model::message::{Direction, Message};
use crate::model::verdict::{Decision, Verdict};
use crate::record::{self, Aliases, Piece, Settled, Trace};
use crate::stats::{self, ApplicationFact, Event, Facts, MessageFact, Names, Waits};

/// A thread of more mails than this is none of an application's; a hostile mail may name any
/// number.
const THREAD_IDS_MAX: usize = 32;

/// A job mail without its words.
pub(super) struct Told {
    trace: Trace,
    decision: Decision,
    reason: Option<Reason>,
    /// How far the mail says the application had come.
    reached: Option<Reached>,
    names: Names,
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
        let (header, findings) = (&message.header, &verdict.findings);
        let to = header.delivered_to.first().or(header.to.first().map(|it| &it.address));
        let (decision, at) = (Some(verdict.decision), message.received_at(now));
        let mut trace = Trace::of(message, decision, findings, &Aliases::default(), at);
        for ids in [&mut trace.in_reply_to, &mut trace.references] {
            ids.drain(..ids.len().saturating_sub(THREAD_IDS_MAX));
            ids.shrink_to_fit();
        }
        let name = |found: &Option<Found<String>>| found.as_ref().map(|it| it.value.clone());
        Some(Told {
            trace,
            decision: verdict.decision,
            reason: findings.reason.as_ref().map(|it| it.value),
            reached: findings.stage.as_ref().map(|it| it.value),
            names: Names {
                company: name(&findings.company),
                role: name(&findings.role),
                language: verdict.language.clone(),
                system: findings.system.as_ref().map(|it| it.value.name.clone()),
            },
            to: to.map(|address| address.as_str().to_lowercase()),
        })
    }

    fn id(&self) -> &str {
        self.trace.message_id.as_ref().map_or("", MessageId::as_str)
    }

    fn from(&self) -> Option<String> {
        Some(self.trace.told.address.as_ref()?.as_str().to_lowercase())
    }

    fn piece(&self, row: i64) -> Option<Piece> {
        Some(Piece {
            message: MessageNo::new(row)?,
            now_in: None,
            pinned: None,
            trace: self.trace.clone(),
            reason: self.reason,
            asked: false,
            replies: Vec::new(),
        })
    }
}

/// What an application's mails have told so far.
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
    let told: BTreeMap<MessageNo, Told> = (1..)
        .zip(in_order(told))
        .filter_map(|(row, it)| Some((MessageNo::new(row)?, it)))
        .collect();
    let pieces: Vec<Piece> = told.iter().filter_map(|(no, it)| it.piece(no.get())).collect();
    let mut courses: BTreeMap<usize, Course> = BTreeMap::new();
    let mut unclear = Vec::new();
    for (message, settled) in record::arrange(&pieces, Vec::new(), &Aliases::default()) {
        let Some(it) = told.get(&message) else { continue };
        match settled {
            Settled::Opened(index) => courses.entry(index).or_insert_with(Course::begun).take(it),
            Settled::Unclear => unclear.push(it.trace.at),
            Settled::In(_) | Settled::Stays => {}
        }
    }
    let counted = |it: &Told| MessageFact { at: it.trace.at, decision: it.decision };
    let mut applications: Vec<_> = courses.into_values().filter_map(Course::fact).collect();
    stats::wait(&mut applications, Waits::default());
    let messages = told.values().map(counted).collect();
    Facts { applications, messages, unclear, ..Facts::default() }
}

/// Each mail once, by its time, and by its Message-ID second: the order of the files decides
/// nothing. The user's own mail is left out; its answers tell of it.
fn in_order(mut told: Vec<Told>) -> Vec<Told> {
    let own = user(&told);
    told.retain(|it| own.is_none() || it.from() != own);
    told.sort_by(|a, b| (a.trace.at, a.id()).cmp(&(b.trace.at, b.id())));
    let mut seen: BTreeSet<MessageId> = BTreeSet::new();
    told.retain(|it| it.trace.message_id.clone().is_none_or(|id| seen.insert(id)));
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

impl Course {
    fn begun() -> Course {
        let (stages, names) = (vec![Stage::Applied], Names::default());
        Course { stages, events: Vec::new(), names, told: None }
    }

    fn take(&mut self, it: &Told) {
        let stage = self.stages.last().copied().unwrap_or(Stage::Applied);
        // As in the database: what the rules are unsure of moves nothing.
        let sure = it.decision.sure();
        self.stages.push(match sure.map(|kind| stage.after(kind, it.reason)) {
            Some(Move::To(next)) => next,
            Some(Move::Stays | Move::Contradicts) | None => stage,
        });
        if sure.is_some() {
            self.told = self.told.max(it.reached);
        }
        let decision = Some(it.decision);
        self.events.push(Event { at: it.trace.at, direction: Direction::Incoming, decision });
        let first = |known: &mut Option<String>, told: &Option<String>| {
            *known = known.take().or_else(|| told.clone());
        };
        first(&mut self.names.company, &it.names.company);
        first(&mut self.names.role, &it.names.role);
        first(&mut self.names.language, &it.names.language);
        first(&mut self.names.system, &it.names.system);
    }

    fn fact(self) -> Option<ApplicationFact> {
        let fact = ApplicationFact::of(&self.stages, &self.events)?;
        let reached = self.told.map_or(fact.reached, |told| told.max(fact.reached));
        Some(ApplicationFact { names: self.names, reached, ..fact })
    }
}
