//! One judged mail into the store: known or new, and whose it is. Runs inside the transaction
//! that moves the cursor.

use rusqlite::Transaction;

use super::book::Book;
use super::closing::{Closing, begin};
use super::incoming::{addressing, incoming, is_recent};
use super::judged::{Judged, Place};
use super::{Shared, answers, own};
use crate::model::ids::MessageNo;
use crate::model::message::Direction;
use crate::model::verdict::{Decision, Kind};
use crate::model::visibility::Visibility;
use crate::store::StoreError;
use crate::store::arrivals::{self, Acquaintance};
use crate::store::messages::{self, Question};
use crate::store::sightings::{self, Sighting};

/// Takes one mail in. Returns whether the desk's loop should look.
pub(super) fn admit(
    tx: &Transaction<'_>,
    shared: &Shared,
    place: &Place,
    book: &mut Book,
    it: &Judged,
) -> Result<bool, StoreError> {
    let known = arrivals::acquaintance(tx, &it.fingerprint, &it.text_fingerprint)?;
    let (message, woken) = match known {
        Acquaintance::Known { no, watched } => {
            let promoted = place.watched && !watched;
            if promoted {
                promote(tx, shared, place, it, no)?;
            }
            (Some(no), promoted)
        }
        Acquaintance::Stranger => take_in(tx, shared, place, book, it, None)?,
        // The same identifiers over another text: somebody's forgery, or a mailing that
        // numbers carelessly. It is kept apart and shown, never answered by itself.
        Acquaintance::Impostor(_) => take_in(tx, shared, place, book, it, Some(Question::SameIds))?,
        Acquaintance::Forgotten => (None, false),
    };
    let sighting = Sighting {
        folder: place.folder,
        uidvalidity: place.uidvalidity,
        uid: it.uid,
        received_at: it.received_at,
        fingerprint: it.fingerprint,
        // Of what was erased not even the kind is noted.
        verdict: it.verdict.as_ref().filter(|_| known != Acquaintance::Forgotten),
        ruleset: place.ruleset,
        message,
    };
    sightings::sight(tx, &sighting)?;
    Ok(woken)
}

fn take_in(
    tx: &Transaction<'_>,
    shared: &Shared,
    place: &Place,
    book: &mut Book,
    it: &Judged,
    question: Option<Question>,
) -> Result<(Option<MessageNo>, bool), StoreError> {
    match (&it.verdict, it.message.direction) {
        (Some(verdict), Direction::Incoming) => {
            match answers::answered(tx, it)?.filter(|_| question.is_none()) {
                Some(reply) => answers::take_in(tx, shared, place, book, it, verdict, &reply),
                None => incoming(tx, shared, place, book, it, verdict, question),
            }
        }
        _ => Ok((own::take_in(tx, place, book, it)?, true)),
    }
}

/// A mail known from a folder that is only counted turns up in one that is watched.
fn promote(
    tx: &Transaction<'_>,
    shared: &Shared,
    place: &Place,
    it: &Judged,
    no: MessageNo,
) -> Result<(), StoreError> {
    messages::watch(tx, no)?;
    let kept = messages::get(tx, no, Visibility::Cooling)?;
    let rejected = kept.decision == Some(Decision::Sure(Kind::Rejected));
    let recent = is_recent(shared, it.received_at, place.now);
    // In the other folder nobody was asked.
    if recent && matches!(kept.decision, Some(Decision::Unsure(_))) {
        messages::ask(tx, no, Question::Unsure)?;
    } else if recent && rejected && kept.application.is_none() {
        messages::ask(tx, no, Question::Ambiguous)?;
    }
    if let (Some(application), Some(verdict), true, true) =
        (kept.application, &it.verdict, rejected, recent)
    {
        let addressing = addressing(tx, shared, place.account, it, verdict, Some(application))?;
        let closing = Closing { application, parent: no, account: place.account };
        begin(tx, &closing, Some(&addressing), kept.quiet_until, false, place.now)?;
    }
    Ok(())
}
