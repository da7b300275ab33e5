//! The text of job mail does not stay for ever: once a day that of applications that ended
//! long ago is forgotten. What was found in it, and the words that decided, stay.

use jiff::Timestamp;
use rusqlite::Transaction;

use super::Shared;
use crate::model::ids::MessageNo;
use crate::model::visibility::Visibility;
use crate::store::applications::Whole;
use crate::store::{StoreError, applications, forget, meta, reminders, replies, set_meta};

const LOOKED_KEY: &str = "old_text_looked_at";

/// Forgets the text whose time is over, at most once in a day of the calendar (UTC).
pub(super) fn forget_old_text(shared: &Shared, now: Timestamp) -> Result<(), StoreError> {
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date().to_string();
    let Ok(before) = now.checked_sub(shared.settings.keep_text) else { return Ok(()) };
    let looked = shared.store().read(|tx| meta(tx, LOOKED_KEY))?;
    if looked.is_some_and(|day| day == today.as_bytes()) {
        return Ok(());
    }
    let forgotten = shared.store().write(|tx| {
        let mut forgotten = 0usize;
        for no in old(tx, before)? {
            forgotten = forgotten.saturating_add(usize::from(forget::forget_text(tx, no)?));
        }
        set_meta(tx, LOOKED_KEY, today.as_bytes())?;
        Ok(forgotten)
    })?;
    if forgotten > 0 {
        tracing::info!(mails = forgotten, "The text of old mail was forgotten");
    }
    Ok(())
}

/// The mails of what ended before, or of nothing and came before.
fn old(tx: &Transaction<'_>, before: Timestamp) -> Result<Vec<MessageNo>, StoreError> {
    let mut old = forget::loose_before(tx, before)?;
    for whole in applications::all(tx, Visibility::Cooling)? {
        let ended = !whole.application.stage.is_open() && whole.application.last_at < before;
        if ended && !is_awaited(tx, &whole)? {
            old.extend(whole.messages.iter().map(|it| it.no));
        }
    }
    Ok(old)
}

/// A reply or a follow-up will be made of its text.
fn is_awaited(tx: &Transaction<'_>, whole: &Whole) -> Result<bool, StoreError> {
    let no = whole.application.no;
    let quiet = whole.messages.iter().any(|it| it.quiet_until.is_some());
    let remembered = reminders::of(tx, no)?.is_some_and(|it| it.due.is_some());
    Ok(quiet || remembered || replies::living(tx, no)?.is_some())
}
