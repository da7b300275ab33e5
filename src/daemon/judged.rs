//! A mail on its way in, and the row that it becomes.

use jiff::Timestamp;

use crate::model::findings::Findings;
use crate::model::ids::{AccountNo, ApplicationNo};
use crate::model::message::Message;
use crate::model::verdict::Verdict;
use crate::source::Uid;
use crate::store::arrivals::NewMessage;
use crate::store::messages::Fingerprint;

/// A mail on its way in, judged but not written.
pub(super) struct Judged {
    pub(super) uid: Uid,
    pub(super) message: Message,
    pub(super) verdict: Option<Verdict>,
    pub(super) fingerprint: Fingerprint,
    pub(super) text_fingerprint: Fingerprint,
    pub(super) received_at: Timestamp,
    pub(super) raw: Vec<u8>,
    /// What the user's own application names.
    pub(super) begins: Option<Findings>,
    /// Marks of one application in its links.
    pub(super) ties: Vec<String>,
}

/// Where a mail was read, and when.
pub(super) struct Place {
    pub(super) account: AccountNo,
    pub(super) folder: i64,
    pub(super) uidvalidity: u32,
    pub(super) watched: bool,
    pub(super) ruleset: u32,
    pub(super) now: Timestamp,
}

/// The row of it; what is known beyond the mail itself is the caller's to add.
pub(super) fn new_message<'a>(
    place: &Place,
    it: &'a Judged,
    application: Option<ApplicationNo>,
) -> NewMessage<'a> {
    NewMessage {
        account: place.account,
        application,
        fingerprint: it.fingerprint,
        text_fingerprint: it.text_fingerprint,
        watched: place.watched,
        message: &it.message,
        verdict: it.verdict.as_ref(),
        findings: it.verdict.as_ref().map(|it| &it.findings).or(it.begins.as_ref()),
        ties: &it.ties,
        received_at: it.received_at,
        first_seen_at: place.now,
        question: None,
        addressing: None,
        quiet_until: None,
        away: false,
        raw: &it.raw,
    }
}
