//! The applications that a mail may belong to, read once and kept right while mail is
//! admitted. Reading them anew for each mail, or for each transaction, makes a first look at
//! a large mailbox quadratic and its transactions long.

use std::sync::{Mutex, MutexGuard, PoisonError};

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
use crate::store::{StoreError, Version, by_hand, replies, version};

/// Where a book lies between two transactions of the intake.
#[derive(Default)]
pub(super) struct Shelf(Mutex<Option<Left>>);

/// A book as a transaction leaves it; to be put back once that is committed.
pub(super) struct Left {
    book: Book,
    at: Version,
}

impl Shelf {
    /// The book as it was left, or a new one where anything was written since. To be asked
    /// before a transaction writes.
    pub(super) fn take(&self, tx: &Transaction<'_>) -> Result<Book, StoreError> {
        let now = version(tx)?;
        let left = self.left().take().filter(|left| left.at == now);
        let book = left.map(|left| left.book).unwrap_or_default();
        debug_assert!(book.is_true(tx)?, "a book must tell what the database tells");
        Ok(book)
    }

    /// For the next transaction.
    pub(super) fn put(&self, left: Left) {
        *self.left() = Some(left);
    }

    /// Nobody reads on: it need not take up memory.
    pub(super) fn clear(&self) {
        *self.left() = None;
    }

    /// A panic elsewhere cannot have left half a book.
    fn left(&self) -> MutexGuard<'_, Option<Left>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All applications, cooling mail included.
#[derive(Default)]
pub(super) struct Book {
    /// Read at the first question: most mail asks none.
    read: Option<Pages>,
}

/// Two views of the same applications, in the same order.
#[derive(Default, PartialEq)]
struct Pages {
    wholes: Vec<Whole>,
    candidates: Vec<Candidate>,
    aliases: Aliases,
}

impl Book {
    /// As the transaction leaves it, which must write nothing after this.
    pub(super) fn left(self, tx: &Transaction<'_>) -> Result<Left, StoreError> {
        Ok(Left { book: self, at: version(tx)? })
    }

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
        let whole = applications::get_briefly(tx, no)?;
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
            self.read = Some(Pages::read(tx)?);
        }
        Ok(self.read.get_or_insert_default())
    }

    /// It tells what would be read now.
    fn is_true(&self, tx: &Transaction<'_>) -> Result<bool, StoreError> {
        Ok(match &self.read {
            Some(pages) => *pages == Pages::read(tx)?,
            None => true,
        })
    }
}

impl Pages {
    fn read(tx: &Transaction<'_>) -> Result<Pages, StoreError> {
        let wholes = applications::all(tx, Visibility::Cooling)?;
        let replies = replies::all(tx)?;
        let aliases = aliases(tx)?;
        let candidate = |whole| candidate(whole, &replies, &aliases);
        let candidates = wholes.iter().map(candidate).collect();
        Ok(Pages { wholes, candidates, aliases })
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
