//! All mail joined into applications at once, in the order in which it was received: what
//! comes of it does not depend on the order in which it was read. Pure.

use std::collections::BTreeSet;

use super::home::{Home, home};
use super::{Aliases, Candidate, Trace};
use crate::model::address::MessageId;
use crate::model::application::{Application, Move, Stage};
use crate::model::findings::Reason;
use crate::model::ids::{ApplicationNo, MessageNo};
use crate::model::verdict::Decision;

/// One kept mail.
#[derive(Debug, Clone)]
pub struct Piece {
    /// Which.
    pub message: MessageNo,
    /// What it belongs to so far.
    pub now_in: Option<ApplicationNo>,
    /// Where the user put it.
    pub pinned: Option<ApplicationNo>,
    /// What it tells.
    pub trace: Trace,
    /// Why it ended, if it is a rejection that says so.
    pub reason: Option<Reason>,
    /// The user is asked about it: it moves nothing.
    pub asked: bool,
    /// Message-IDs of the replies to it.
    pub replies: Vec<MessageId>,
}

/// Where a mail belongs after all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// To this application.
    In(ApplicationNo),
    /// To one that is to be opened; equal numbers are one.
    Opened(usize),
    /// To one of several: the user is asked.
    Unclear,
    /// It stays where it is.
    Stays,
}

/// Joins the mails. `named` are the applications that the user has set, put mail into or
/// entered: they are there before the first mail.
pub fn arrange(
    pieces: &[Piece],
    named: Vec<Application>,
    aliases: &Aliases,
) -> Vec<(MessageNo, Settled)> {
    let mut order: Vec<&Piece> = pieces.iter().collect();
    order.sort_by(|a, b| key(a).cmp(&key(b)));
    let mut shelf = Shelf { taken: BTreeSet::new(), candidates: Vec::new(), opened: 0 };
    for application in named {
        let pinned = order.iter().filter(|it| it.pinned == Some(application.no));
        let traces = pinned.map(|it| it.trace.clone()).collect();
        shelf.taken.insert(application.no);
        shelf.candidates.push(Candidate::new(application, Vec::new(), traces, aliases));
    }
    order.into_iter().map(|it| (it.message, shelf.settle(it, aliases))).collect()
}

/// Two mails of one second are told apart by what they say, not by when they were read.
fn key(it: &Piece) -> (jiff::Timestamp, Option<&MessageId>, Option<&String>, MessageNo) {
    (it.trace.at, it.trace.message_id.as_ref(), it.trace.told.role.as_ref(), it.message)
}

struct Shelf {
    taken: BTreeSet<ApplicationNo>,
    candidates: Vec<Candidate>,
    opened: usize,
}

impl Shelf {
    fn settle(&mut self, it: &Piece, aliases: &Aliases) -> Settled {
        let home = match it.pinned {
            Some(no) => Home::Known(no),
            None => home(&it.trace, &self.candidates),
        };
        let no = match home {
            Home::Known(no) => no,
            Home::New => self.open(it, aliases),
            Home::Ambiguous(_) => return Settled::Unclear,
            Home::Nowhere => return Settled::Stays,
        };
        if let Some(candidate) = self.candidates.iter_mut().find(|at| at.application.no == no) {
            candidate.add(it);
        }
        match usize::try_from(no.get().saturating_neg()) {
            Ok(opened) => Settled::Opened(opened),
            Err(_) => Settled::In(no),
        }
    }

    /// The number that the mail bears already, unless another application has it; numbers
    /// below zero are those to be opened.
    fn open(&mut self, it: &Piece, aliases: &Aliases) -> ApplicationNo {
        let free = it.now_in.filter(|no| !self.taken.contains(no));
        let no = free.unwrap_or_else(|| {
            self.opened = self.opened.saturating_add(1);
            let below = i64::try_from(self.opened).unwrap_or(i64::MAX).saturating_neg();
            ApplicationNo::new(below).unwrap_or(ApplicationNo::LAST)
        });
        self.taken.insert(no);
        let application = Application {
            no,
            company: None,
            role: None,
            reference: None,
            stage: Stage::Applied,
            opened_at: it.trace.at,
            last_at: it.trace.at,
        };
        self.candidates.push(Candidate::new(application, Vec::new(), Vec::new(), aliases));
        no
    }
}

impl Candidate {
    fn add(&mut self, it: &Piece) {
        if let Some(Decision::Sure(kind)) = it.trace.told.decision.filter(|_| !it.asked)
            && let Move::To(next) = self.application.stage.after(kind, it.reason)
        {
            self.application.stage = next;
        }
        self.application.last_at = it.trace.at;
        self.message_ids.extend(it.replies.iter().cloned());
        // Of what the user put here all was known from the beginning.
        if it.pinned.is_none() {
            self.learn(it.trace.clone());
        }
    }
}
