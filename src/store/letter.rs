//! Up to which day the user has read the weekly letters.

use jiff::civil::Date;
use rusqlite::Transaction;

use super::{StoreError, meta, set_meta};

/// The key in `meta`; the value is a date as 2026-11-22.
const READ_UNTIL: &str = "letter_read_until";

/// The last day of the latest week whose letter was read.
pub fn read_until(transaction: &Transaction<'_>) -> Result<Option<Date>, StoreError> {
    let Some(value) = meta(transaction, READ_UNTIL)? else { return Ok(None) };
    let unreadable = || StoreError::Unreadable("the day of the last letter".to_owned());
    let text = String::from_utf8(value).map_err(|_| unreadable())?;
    text.parse().map(Some).map_err(|_| unreadable())
}

/// The letter of the week until this day was read.
pub fn set_read(transaction: &Transaction<'_>, until: Date) -> Result<(), StoreError> {
    set_meta(transaction, READ_UNTIL, until.to_string().as_bytes())
}
