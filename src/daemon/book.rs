//! The applications that a mail may belong to, read once for a transaction and kept right
//! while mail is admitted in it. Reading them anew for each mail makes a first look at a
//! large mailbox quadratic and its transactions long.

use jiff::Timestamp;
use rusqlite::Transaction;

use super::judged::Judged;
use crate::model::findings::Findings;
use crate::model::ids::ApplicationNo;
use crate::model::message::{Direction, Message};
use crate::model::reply::Reply;
use crate::model::verdict::Verdict;
use crate::model::visibility::Visibility;
use crate::record::{self, Aliases, Candidate, Home, Placement, Told, Trace};
use crate::store::applications::{self, Whole};
use crate::store::messages::Kept;
use crate::store::{StoreError, by_hand, replies};

/// All applications of one transaction, cooling mail included.
#[derive(Default)]
pub(super) struct Book {
    /// Read at the first question: most mail asks none.
    read: Option<Pages>,
}

/// Two views of the same applications, in the same order.
#[derive(Default)]
struct Pages {
    wholes: Vec<Whole>,
    candidates: Vec<Candidate>,
    aliases: Aliases,
}

impl Book {
    /// Where a mail belongs that was received at this time.
    pub(super) fn place(
        &mut self,
        tx: &Transaction<'_>,
        message: &Message,
        verdict: &Verdict,
        at: Timestamp,
    ) -> Result<Placement, StoreError> {
        let pages = self.pages(tx)?;
        Ok(record::place(message, verdict, &pages.candidates, &pages.aliases, at))
    }

    /// Where the user's own application belongs.
    pub(super) fn home_of_own(
        &mut self,
        tx: &Transaction<'_>,
        it: &Judged,
        findings: &Findings,
    ) -> Result<Home, StoreError> {
        let pages = self.pages(tx)?;
        let trace = Trace::of(&it.message, None, findings, &pages.aliases, it.received_at);
        Ok(record::home(&trace, &pages.candidates))
    }

    /// An application as it stands now.
    pub(super) fn whole(&self, no: ApplicationNo) -> Option<&Whole> {
        self.read.as_ref()?.wholes.iter().find(|whole| whole.application.no == no)
    }

    /// A message was added to this application.
    pub(super) fn changed(
        &mut self,
        tx: &Transaction<'_>,
        no: ApplicationNo,
    ) -> Result<(), StoreError> {
        let Some(pages) = &mut self.read else { return Ok(()) };
        let whole = applications::get(tx, no, Visibility::Cooling)?;
        let candidate = candidate(&whole, &replies::of_application(tx, no)?, &pages.aliases);
        let at = pages.wholes.iter().position(|it| it.application.no == no);
        match at.and_then(|at| pages.wholes.get_mut(at).zip(pages.candidates.get_mut(at))) {
            Some((old_whole, old_candidate)) => {
                *old_whole = whole;
                *old_candidate = candidate;
            }
            None => {
                pages.wholes.push(whole);
                pages.candidates.push(candidate);
            }
        }
        Ok(())
    }

    fn pages(&mut self, tx: &Transaction<'_>) -> Result<&mut Pages, StoreError> {
        if self.read.is_none() {
            let wholes = applications::all(tx, Visibility::Cooling)?;
            let replies = replies::all(tx)?;
            let aliases = aliases(tx)?;
            let candidate = |whole| candidate(whole, &replies, &aliases);
            let candidates = wholes.iter().map(candidate).collect();
            self.read = Some(Pages { wholes, candidates, aliases });
        }
        Ok(self.read.get_or_insert_default())
    }
}

/// The mails received, and those that were drafted as answers and may have been sent.
fn candidate(whole: &Whole, replies: &[Reply], aliases: &Aliases) -> Candidate {
    let no = whole.application.no;
    let own = replies.iter().filter(|reply| reply.application == no);
    let drafted = own.filter_map(|reply| Some(reply.state.draft()?.message_id.clone())).collect();
    let traces = whole.messages.iter().map(|it| trace(it, aliases)).collect();
    Candidate::new(whole.application.clone(), drafted, traces, aliases)
}

/// What the user says are names of one employer.
pub(super) fn aliases(tx: &Transaction<'_>) -> Result<Aliases, StoreError> {
    let pairs = by_hand::aliases(tx)?;
    Ok(Aliases::of(pairs.iter().map(|(name, other)| (name.as_str(), other.as_str()))))
}

/// What a kept mail tells.
pub(super) fn trace(it: &Kept, aliases: &Aliases) -> Trace {
    let own = it.direction == Direction::Own;
    let sender = it.sender.as_ref().map(|sender| sender.address.clone());
    let told = Told {
        direction: it.direction,
        // Of the user's own mail that answers nothing only applications are kept.
        begins: own && it.in_reply_to.is_empty() && it.references.is_empty(),
        decision: it.decision,
        company: None,
        house: record::house(it.sender.as_ref().filter(|_| !own), it.system.as_deref(), aliases),
        role: None,
        reference: None,
        address: if own { it.recipient.clone() } else { sender },
        system: it.system.is_some(),
        ties: it.ties.clone(),
    };
    let names = [it.company.clone(), it.role.clone(), it.reference.clone()];
    Trace {
        at: it.received_at,
        message_id: it.message_id.clone(),
        in_reply_to: it.in_reply_to.clone(),
        references: it.references.clone(),
        told: told.naming(names, aliases),
    }
}
