//! After the sending: doubts are settled by what is found, copies are filed.

use jiff::SignedDuration;

use super::outbox::{Outbox, advance};
use super::sent::{self, InSent, NotSearched};
use super::{Shared, now};
use crate::draft::compose;
use crate::model::mail::Proof;
use crate::model::reply::{ReplyEvent, ReplyState};
use crate::store::{StoreError, arrivals, crash, replies};

/// When a doubtful mail is looked for in the Sent folder, counted from the doubt.
const LOOKUPS_AFTER: [SignedDuration; 4] = [
    SignedDuration::from_mins(1),
    SignedDuration::from_mins(5),
    SignedDuration::from_mins(30),
    SignedDuration::from_hours(6),
];

impl Outbox {
    /// Looks for doubtful mails in the Sent folder; what is found there is sent.
    pub(super) async fn settle_doubts(&mut self, shared: &Shared) -> Result<(), StoreError> {
        let doubtful = shared.store().read(|tx| replies::in_states(tx, &["doubtful"]))?;
        for reply in doubtful {
            let ReplyState::Doubtful { approval, since, .. } = &reply.state else { continue };
            let id = &approval.draft.message_id;
            if shared.store().read(|tx| arrivals::has_own(tx, id))? {
                let event = ReplyEvent::FoundSent(Proof::FoundInSent);
                advance(shared, reply.no, event, Some("its copy came"))?;
                continue;
            }
            if self.searches.holds(reply.no, now()) {
                continue;
            }
            let looked = shared.store().read(|tx| replies::lookups(tx, reply.no))?;
            let next = usize::try_from(looked).ok().and_then(|n| LOOKUPS_AFTER.get(n));
            if next.is_none_or(|pause| now().duration_since(*since) < *pause) {
                continue;
            }
            let day = since.to_zoned(jiff::tz::TimeZone::UTC).date();
            match sent::search(shared, &reply, &approval.draft, day).await {
                Ok(InSent::Itself) => {
                    let event = ReplyEvent::FoundSent(Proof::FoundInSent);
                    advance(shared, reply.no, event, Some("it was found in the Sent folder"))?;
                }
                Ok(InSent::Another | InSent::Nothing) => {
                    self.searches.succeeded(reply.no);
                    shared.store().write(|tx| replies::count_lookup(tx, reply.no))?;
                }
                Err(error) => {
                    tracing::warn!(reply = %reply.no, "Could not look for it: {error}");
                    self.searches.failed(reply.no, now());
                }
            }
        }
        Ok(())
    }

    pub(super) async fn file_copies(&mut self, shared: &Shared) -> Result<(), StoreError> {
        let sent = shared.store().read(replies::without_sent_copy)?;
        for reply in sent {
            let ReplyState::Sent { draft, date, .. } = &reply.state else { continue };
            if self.searches.holds(reply.no, now()) {
                continue;
            }
            let zone = &shared.settings.cool.zone;
            let bytes = compose::render(draft).and_then(|it| compose::dated(&it, *date, zone));
            let Ok(bytes) = bytes else { continue };
            // A copy that the provider or an earlier attempt has filed is enough.
            let day = date.to_zoned(jiff::tz::TimeZone::UTC).date();
            let there = sent::search(shared, &reply, draft, day).await;
            crash::point("copy.searched");
            let filed = match there {
                Ok(InSent::Itself) => Ok(()),
                Ok(InSent::Another | InSent::Nothing) => {
                    sent::file_copy(shared, reply.account, bytes).await.map_err(NotSearched::from)
                }
                Err(error) => Err(error),
            };
            match filed {
                Ok(()) => {
                    crash::point("copy.filed");
                    self.searches.succeeded(reply.no);
                    shared.store().write(|tx| replies::want_sent_copy(tx, reply.no, false))?;
                }
                Err(error) => {
                    tracing::warn!(reply = %reply.no, "No copy in the Sent folder yet: {error}");
                    self.searches.failed(reply.no, now());
                }
            }
        }
        Ok(())
    }
}
