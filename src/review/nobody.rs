//! Rejections that nobody can be answered to: counted, told for a while, and drafted only when
//! the user names somebody.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::model::addressee::Warning;
use crate::model::ids::MessageNo;
use crate::model::visibility::Visibility;
use crate::store::messages::Kept;
use crate::store::{StoreError, applications, messages};

/// As long as a draft lies on the desk that nobody touches.
const SHOWN_FOR: SignedDuration = SignedDuration::from_hours(14 * 24);

/// A rejection with nobody to write to. The field names are those of `desk --json` and stay.
#[derive(Debug, Clone, Serialize)]
pub struct Nobody {
    /// Its number.
    pub message: MessageNo,
    /// The employer, when it is known.
    pub company: Option<String>,
    /// The position, when it is known.
    pub role: Option<String>,
    /// When it was received.
    pub received: Timestamp,
    /// Why nobody is chosen.
    pub why: String,
    /// The sender may be somebody else.
    pub warning: Option<Warning>,
}

/// Those that were released lately, the latest first.
pub(super) fn lately(
    tx: &rusqlite::Transaction<'_>,
    now: Timestamp,
) -> Result<Vec<Nobody>, StoreError> {
    let since = now.saturating_sub(SHOWN_FOR).unwrap_or(Timestamp::MIN);
    let messages = messages::nobody_to_answer(tx, since)?;
    messages.into_iter().map(|message| row(tx, message)).collect()
}

fn row(tx: &rusqlite::Transaction<'_>, message: Kept) -> Result<Nobody, StoreError> {
    let (company, role) = match message.application {
        Some(no) => {
            let it = applications::around(tx, no, &message, Visibility::Released)?.application;
            (it.company, it.role)
        }
        None => (message.company, message.role),
    };
    Ok(Nobody {
        message: message.no,
        company,
        role,
        received: message.received_at,
        why: message.addressee.map(|(_, why)| why).unwrap_or_default(),
        warning: message.warning,
    })
}
