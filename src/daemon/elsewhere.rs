//! Drafts of mail that the user has answered from another program: looked for once, when
//! they come onto the desk. Before anything is sent it is looked for again.

use super::outbox::Outbox;
use super::sent::{self, InSent};
use super::{Shared, now, overtake};
use crate::model::reply::{ReplyState, Withdrawal};
use crate::model::visibility::Visibility;
use crate::store::{StoreError, messages, replies};

impl Outbox {
    /// Withdraws what has been answered; a mailbox that cannot be searched now is asked later.
    pub(super) async fn settle_answered(&mut self, shared: &Shared) -> Result<(), StoreError> {
        let drafted = shared.store().read(|tx| replies::in_states(tx, &["drafted"]))?;
        for reply in drafted {
            let ReplyState::Drafted { draft, .. } = &reply.state else { continue };
            let looked = self.looked.contains(&draft.message_id);
            if looked || self.glances.holds(reply.no, now()) {
                continue;
            }
            let parent =
                shared.store().read(|tx| messages::get(tx, reply.parent, Visibility::Cooling))?;
            let day = parent.received_at.to_zoned(jiff::tz::TimeZone::UTC).date();
            match sent::search(shared, &reply, draft, day).await {
                Ok(InSent::Nothing) => {
                    self.glances.succeeded(reply.no);
                    self.looked.insert(draft.message_id.clone());
                }
                Ok(InSent::Itself | InSent::Another) => {
                    let why = Withdrawal::AnsweredElsewhere;
                    shared.store().write(|tx| overtake::withdraw(tx, &reply, why, now()))?;
                }
                Err(error) => {
                    tracing::debug!(reply = %reply.no, "Not looked for an answer yet: {error}");
                    self.glances.failed(reply.no, now());
                }
            }
        }
        Ok(())
    }
}
