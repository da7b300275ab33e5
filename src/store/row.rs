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

/// A row's columns, one after the other: where rows are many, to find each column by its
/// name takes longer than to read it.
pub struct Cells<'a> {
    row: &'a Row<'a>,
    next: usize,
}

impl<'a> Cells<'a> {
    /// All of them are still to be read.
    pub fn of(row: &'a Row<'a>) -> Cells<'a> {
        Cells { row, next: 0 }
    }

    /// The next column, which must have this name.
    pub fn next<T: rusqlite::types::FromSql>(
        &mut self,
        name: &'static str,
    ) -> Result<T, StoreError> {
        let at = self.next;
        debug_assert_eq!(self.row.as_ref().column_name(at), Ok(name), "columns in their order");
        self.next = at.saturating_add(1);
        self.row.get(at).map_err(|error| StoreError::Unreadable(format!("column {name}: {error}")))
    }

    /// The next column, of text or empty.
    pub fn text(&mut self, name: &'static str) -> Result<Option<String>, StoreError> {
        self.next(name)
    }

    /// The next column, which says yes or no.
    pub fn flag(&mut self, name: &'static str) -> Result<bool, StoreError> {
        Ok(self.next::<i64>(name)? != 0)
    }
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
