//! What the desk writes down for the daemon, because it needs the record or the templates.

use jiff::Timestamp;

use super::{Desk, DeskError};
use crate::model::ids::MessageNo;
use crate::model::reply::{Reply, ReplyState};
use crate::model::verdict::Kind;
use crate::model::visibility::Visibility;
use crate::store::decisions::{self, Decision, Outcome, Wish};
use crate::store::{messages, replies};

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
