//! Which days are counted.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Days from one to another, both included, as the user's calendar has them.
#[derive(Debug, Clone)]
pub struct Period {
    /// The first day; `None`: from the beginning.
    pub since: Option<Date>,
    /// The last day; `None`: to the end.
    pub until: Option<Date>,
    /// Where the user's days begin.
    pub zone: TimeZone,
}

impl Period {
    /// All that is known.
    pub fn all(zone: TimeZone) -> Period {
        Period { since: None, until: None, zone }
    }

    /// The user's day of an instant.
    pub fn day(&self, at: Timestamp) -> Date {
        at.to_zoned(self.zone.clone()).date()
    }

    /// This happened on one of its days.
    pub fn holds(&self, at: Timestamp) -> bool {
        let day = self.day(at);
        self.since.is_none_or(|since| since <= day) && self.until.is_none_or(|until| day <= until)
    }
}

/// The Monday of a day's week.
pub fn monday(day: Date) -> Date {
    let back = i32::from(day.weekday().to_monday_zero_offset());
    day.checked_sub(jiff::Span::new().days(back)).unwrap_or(day)
}
