//! What the desk writes down for the daemon, because it needs the record or the templates.

use jiff::Timestamp;
use rusqlite::Transaction;

use super::{Desk, DeskError};
use crate::model::ids::{ApplicationNo, MessageNo, ReplyNo};
use crate::model::reply::{Reply, ReplyState};
use crate::model::verdict::Kind;
use crate::model::visibility::Visibility;
use crate::store::decisions::{self, Decision, Outcome, Wish};
use crate::store::{StoreError, answers, messages, replies};

impl Desk {
    /// Writes down that a message is of this kind; the daemon carries it out.
    ///
    /// # Errors
    /// When there is no such message that may be heard of.
    pub fn correct(&mut self, no: MessageNo, kind: Kind, now: Timestamp) -> Result<i64, DeskError> {
        self.write_down(no, &Decision::Correct(kind), now)
    }

    /// Writes down that a draft is wanted, and how.
    ///
    /// # Errors
    /// When there is no such message that may be heard of.
    pub fn draft(&mut self, no: MessageNo, wish: Wish, now: Timestamp) -> Result<i64, DeskError> {
        self.write_down(no, &Decision::Draft(wish), now)
    }

    /// The reply to this message that has not ended and has a draft; not one that waits for
    /// its day.
    ///
    /// # Errors
    /// When there is no such message that may be heard of.
    pub fn made_for(&mut self, no: MessageNo) -> Result<Option<Reply>, DeskError> {
        let living = self.store.read(|tx| {
            let kept = messages::get(tx, no, Visibility::Released)?;
            kept.application.map(|it| replies::living(tx, it)).transpose()
        })?;
        let made = |it: &Reply| !matches!(it.state, ReplyState::Cooling { .. });
        Ok(living.flatten().filter(|it| it.parent == no && made(it)))
    }

    /// The latest reply to this message, when it reached nobody: sent back, or refused.
    ///
    /// # Errors
    /// When there is no such message that may be heard of.
    pub fn reached_nobody(&mut self, no: MessageNo) -> Result<Option<ReplyNo>, DeskError> {
        Ok(self.store.read(|tx| {
            let kept = messages::get(tx, no, Visibility::Released)?;
            let Some(application) = kept.application else { return Ok(None) };
            reached_nobody(tx, application, no, None)
        })?)
    }

    /// What came of a decision; `None` while the daemon has not carried it out.
    ///
    /// # Errors
    /// The store's.
    pub fn outcome(&mut self, decision: i64) -> Result<Option<Outcome>, DeskError> {
        Ok(self.store.read(|tx| decisions::outcome(tx, decision))?)
    }

    fn write_down(
        &mut self,
        no: MessageNo,
        decision: &Decision,
        now: Timestamp,
    ) -> Result<i64, DeskError> {
        let by = self.by;
        Ok(self.store.write(|tx| {
            messages::get(tx, no, Visibility::Released)?;
            decisions::write(tx, no, decision, by, now)
        })?)
    }
}

/// The latest reply to `parent` before `before`, or of all, when it reached nobody.
pub(super) fn reached_nobody(
    tx: &Transaction<'_>,
    application: ApplicationNo,
    parent: MessageNo,
    before: Option<ReplyNo>,
) -> Result<Option<ReplyNo>, StoreError> {
    let replies = replies::of_application(tx, application)?;
    let earlier = replies
        .iter()
        .filter(|it| it.parent == parent && before.is_none_or(|before| it.no.get() < before.get()));
    let Some(last) = earlier.max_by_key(|it| it.no.get()) else { return Ok(None) };
    let nobody = match last.state {
        ReplyState::Sent { .. } => answers::bounce_of(tx, last.no)?.is_some(),
        ReplyState::Failed { .. } => true,
        _ => false,
    };
    Ok(Some(last.no).filter(|_| nobody))
}
