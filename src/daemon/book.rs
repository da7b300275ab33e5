//! The applications that a mail may belong to, read once for a transaction and kept right
//! while mail is admitted in it. Reading them anew for each mail makes a first look at a
//! large mailbox quadratic and its transactions long.

use rusqlite::Transaction;

use crate::model::address::MessageId;
use crate::model::ids::ApplicationNo;
use crate::model::reply::Reply;
use crate::model::visibility::Visibility;
use crate::record::Candidate;
use crate::store::applications::{self, Whole};
use crate::store::{StoreError, replies};

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
}

impl Book {
    /// What a mail may belong to.
    pub(super) fn candidates(&mut self, tx: &Transaction<'_>) -> Result<&[Candidate], StoreError> {
        Ok(&self.pages(tx)?.candidates)
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
        let candidate = candidate(&whole, &replies::of_application(tx, no)?);
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
            let candidates = wholes.iter().map(|whole| candidate(whole, &replies)).collect();
            self.read = Some(Pages { wholes, candidates });
        }
        Ok(self.read.get_or_insert_default())
    }
}

/// The mails received, and those that were drafted as answers and may have been sent.
fn candidate(whole: &Whole, replies: &[Reply]) -> Candidate {
    let no = whole.application.no;
    let own = replies.iter().filter(|reply| reply.application == no);
    let own = own.filter_map(|reply| Some(reply.state.draft()?.message_id.clone()));
    let received = whole.messages.iter().filter_map(|m| m.message_id.clone());
    let message_ids: Vec<MessageId> = received.chain(own).collect();
    Candidate { application: whole.application.clone(), message_ids }
}
