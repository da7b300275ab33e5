//! Which application a message belongs to, and what it moves.
//!
//! By thread, else by the link of a tracking system, else by reference number, else by the
//! employer (its name, another name of it, its domain), the role and the time. Two that fit
//! equally are said so, never guessed between.
//! Pure; it must not look anything up and never changes an application itself.

pub mod answer;

mod arrange;

mod begins;

mod home;

mod names;

mod trace;

use jiff::Timestamp;

use crate::model::address::MessageId;
use crate::model::application::{Application, Move, Stage};
use crate::model::findings::{Found, Reached};
use crate::model::ids::ApplicationNo;
use crate::model::message::{Direction, Message};
use crate::model::verdict::{Decision, Kind, Verdict};

pub use arrange::{Piece, Settled, arrange};
pub use begins::begins;
pub use home::{Home, home};
pub use names::{Aliases, company_key, role_key};
pub use trace::{Told, Trace, house, ties};

/// An application that the message may belong to.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// What is known of it.
    pub application: Application,
    /// The Message-IDs of its mails, both directions, drafts that were sent included.
    pub message_ids: Vec<MessageId>,
    /// What each of its mails tells.
    traces: Vec<Trace>,
    /// Its company, role and number, as they are compared.
    names: [Option<String>; 3],
}

impl Candidate {
    /// An application with what its mails tell; `message_ids` are further ones of its thread.
    pub fn new(
        application: Application,
        message_ids: Vec<MessageId>,
        traces: Vec<Trace>,
        aliases: &Aliases,
    ) -> Candidate {
        let names = [
            application.company.as_deref().map(|name| aliases.key(name)),
            application.role.as_deref().map(role_key),
            application.reference.as_deref().map(names::reference_key),
        ];
        let known = traces.iter().filter_map(|it| it.message_id.clone());
        let message_ids = known.chain(message_ids).collect();
        Candidate { application, message_ids, traces, names }
    }

    /// One more of its mails.
    pub fn learn(&mut self, trace: Trace) {
        self.message_ids.extend(trace.message_id.clone());
        self.traces.push(trace);
    }
}

/// Where a message belongs.
#[derive(Debug, Clone, PartialEq)]
pub enum Placement {
    /// To this application, which it moves so.
    Known(ApplicationNo, Move),
    /// To one that was not known.
    New(NewApplication),
    /// To one of these; the user is asked.
    Ambiguous(Vec<ApplicationNo>),
    /// To none.
    Nowhere,
}

/// An application that begins with this message.
#[derive(Debug, Clone, PartialEq)]
pub struct NewApplication {
    /// The employer.
    pub company: Option<String>,
    /// The position.
    pub role: Option<String>,
    /// The employer's number.
    pub reference: Option<String>,
    /// How far it has come by this message.
    pub stage: Stage,
}

/// Places a message that was received `at` this time.
///
/// An unsure verdict is placed by its best guess but moves nothing: the user has not
/// answered yet.
pub fn place(
    message: &Message,
    verdict: &Verdict,
    candidates: &[Candidate],
    aliases: &Aliases,
    at: Timestamp,
) -> Placement {
    let trace = Trace::of(message, Some(verdict.decision), &verdict.findings, aliases, at);
    match home(&trace, candidates) {
        Home::Known(no) => {
            let stage = candidates.iter().find(|it| it.application.no == no);
            let stage = stage.map_or(Stage::Applied, |it| it.application.stage);
            Placement::Known(no, moved(stage, message.direction, verdict))
        }
        Home::New => Placement::New(new(verdict)),
        Home::Ambiguous(numbers) => Placement::Ambiguous(numbers),
        Home::Nowhere => Placement::Nowhere,
    }
}

fn moved(stage: Stage, direction: Direction, verdict: &Verdict) -> Move {
    match (direction, verdict.decision) {
        (Direction::Incoming, Decision::Sure(kind)) => {
            stage.after(kind, verdict.findings.reason.as_ref().map(|found| found.value))
        }
        (Direction::Own, _) | (_, Decision::Unsure(_)) => Move::Stays,
    }
}

fn new(verdict: &Verdict) -> NewApplication {
    let findings = &verdict.findings;
    let (Decision::Sure(kind) | Decision::Unsure(kind)) = verdict.decision;
    let begun = match findings.stage.as_ref().map(|found| found.value) {
        Some(Reached::Offer) => Stage::Offered,
        Some(Reached::Talks) => Stage::InTalks(1),
        Some(Reached::Applied) | None => Stage::Applied,
    };
    let reason = findings.reason.as_ref().map(|found| found.value);
    let stage = match (verdict.decision, Stage::Applied.after(kind, reason)) {
        (Decision::Sure(_), Move::To(stage)) => stage,
        (Decision::Sure(_) | Decision::Unsure(_), _) => begun,
    };
    let value = |found: &Option<Found<String>>| found.as_ref().map(|found| found.value.clone());
    NewApplication {
        company: value(&findings.company),
        role: value(&findings.role),
        reference: value(&findings.reference),
        stage,
    }
}

/// It is about an application of the user's own.
fn concerns(decision: Option<Decision>) -> bool {
    let kind = |it| match it {
        Decision::Sure(kind) | Decision::Unsure(kind) => kind,
    };
    decision.map(kind).is_some_and(Kind::concerns_application)
}
