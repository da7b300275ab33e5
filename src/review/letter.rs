//! The weekly letter: the week that is over in a few lines, on the desk and nowhere else.
//!
//! It is counted when it is read, so nothing of it is kept but up to which week the user has
//! read; a rejection that still cools is in none.

use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use rusqlite::Transaction;
use serde::Serialize;

use super::{Desk, DeskError, Settings};
use crate::model::visibility::Visibility;
use crate::stats::{self, Letter};
use crate::store::{StoreError, applications, letter};

/// A letter that was not read yet. The field names are those of `desk --json` and stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Unread {
    /// The first day of its week.
    pub since: Date,
    /// The last one.
    pub until: Date,
}

impl Desk {
    /// The letter of the week until this day; else of the last week that is over, by the
    /// configured day, without one by the calendar's.
    ///
    /// # Errors
    /// The store's.
    pub fn letter(&mut self, until: Option<Date>, now: Timestamp) -> Result<Letter, DeskError> {
        let today = self.today(now);
        let day = self.settings.weekly_letter.unwrap_or(Weekday::Monday);
        let week = until.map_or_else(|| stats::week_before(day, today), stats::week_until);
        Ok(stats::letter(&self.facts(Visibility::Released)?, week, &self.zone(), now))
    }

    /// Where the user's days begin.
    pub fn zone(&self) -> TimeZone {
        self.settings.zone.clone()
    }

    /// The user's day.
    pub fn today(&self, now: Timestamp) -> Date {
        now.to_zoned(self.zone()).date()
    }

    /// Notes that it was read, if it is the one that waits on the desk.
    ///
    /// # Errors
    /// The store's.
    pub fn letter_read(&mut self, it: &Letter, now: Timestamp) -> Result<(), DeskError> {
        let settings = self.settings.clone();
        Ok(self.store().write(|tx| match unread(tx, &settings, now)? {
            Some(waits) if waits.until == it.until => letter::set_read(tx, it.until),
            _ => Ok(()),
        })?)
    }
}

/// The letter that waits to be read, if the user wants letters and there is a search to write
/// of: a new installation has none.
pub(super) fn unread(
    tx: &Transaction<'_>,
    settings: &Settings,
    now: Timestamp,
) -> Result<Option<Unread>, StoreError> {
    let Some(day) = settings.weekly_letter else { return Ok(None) };
    let (since, until) = stats::week_before(day, now.to_zoned(settings.zone.clone()).date());
    let read = letter::read_until(tx)?.is_some_and(|read| read >= until);
    Ok((!read && applications::any(tx)?).then_some(Unread { since, until }))
}
