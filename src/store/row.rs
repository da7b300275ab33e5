//! How the model's values stand in a row.

use std::str::FromStr;

use jiff::Timestamp;
use rusqlite::Row;

use super::StoreError;

/// Milliseconds since 1970.
pub fn millis(at: Timestamp) -> i64 {
    at.as_millisecond()
}

/// The instant of such a number.
pub fn instant(millis: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(millis)
        .map_err(|_| StoreError::Unreadable(format!("the time {millis}")))
}

/// An optional instant.
pub fn instant_opt(millis: Option<i64>) -> Result<Option<Timestamp>, StoreError> {
    millis.map(instant).transpose()
}

/// A column by name.
pub fn column<T: rusqlite::types::FromSql>(row: &Row<'_>, name: &str) -> Result<T, StoreError> {
    row.get(name).map_err(|error| StoreError::Unreadable(format!("column {name}: {error}")))
}

/// A column that must be filled in this row's state.
pub fn required<T: rusqlite::types::FromSql>(row: &Row<'_>, name: &str) -> Result<T, StoreError> {
    column::<Option<T>>(row, name)?
        .ok_or_else(|| StoreError::Unreadable(format!("column {name} is empty")))
}

/// Text that is read by the type's own rules.
pub fn parsed<T: FromStr>(text: &str, what: &str) -> Result<T, StoreError> {
    text.parse().map_err(|_| StoreError::Unreadable(format!("{what} `{text}`")))
}
