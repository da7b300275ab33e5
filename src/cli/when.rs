//! Times that a person types: for how long, or until when. Every command reads them alike.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, Zoned};

use super::Failure;
use crate::classify::waiting;

/// What was typed to the instant that it means, which is not before `now`.
pub(super) fn when(typed: &str, now: Timestamp) -> Result<Timestamp, Failure> {
    let at = instant(&typed.trim().to_lowercase(), &now.to_zoned(TimeZone::system()));
    at.map(|at| at.timestamp())
        .ok_or_else(|| unusable(typed, "is not a time"))
        .and_then(|at| if at < now { Err(unusable(typed, "is past")) } else { Ok(at) })
}

/// A time that cannot be used, and how one is written.
pub(super) fn unusable(typed: &str, why: &str) -> Failure {
    let hint = "Write it like: 4h, 3d, 6 weeks, 3 months, tomorrow, friday, 2027-02-01";
    Failure::usage(format!("`{typed}` {why}"), Some(hint.to_owned()))
}

/// A day means its beginning: what comes back then waits for the office hours.
fn instant(typed: &str, now: &Zoned) -> Option<Zoned> {
    if let Ok(date) = typed.parse::<Date>() {
        return date.to_zoned(now.time_zone().clone()).ok();
    }
    if typed == "tomorrow" {
        return now.tomorrow().and_then(|day| day.start_of_day()).ok();
    }
    if let Some(day) = weekday(typed) {
        return now.nth_weekday(1, day).and_then(|day| day.start_of_day()).ok();
    }
    let length = typed.parse::<Span>().ok().or_else(|| waiting::time(typed))?;
    now.checked_add(length).ok()
}

fn weekday(typed: &str) -> Option<Weekday> {
    let names = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let at = names.iter().position(|name| *name == typed || name.get(..3) == Some(typed))?;
    Weekday::from_monday_zero_offset(i8::try_from(at).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_days_and_names_of_days_are_read() {
        // A Wednesday.
        let now: Zoned = "2026-11-18T10:30[Europe/Berlin]".parse().unwrap();
        for (typed, at) in [
            ("0s", "2026-11-18T10:30"),
            ("4h", "2026-11-18T14:30"),
            ("90 min", "2026-11-18T12:00"),
            ("3d", "2026-11-21T10:30"),
            ("1w", "2026-11-25T10:30"),
            ("6 weeks", "2026-12-30T10:30"),
            ("six weeks", "2026-12-30T10:30"),
            ("3 months", "2027-02-18T10:30"),
            ("half a year", "2027-05-18T10:30"),
            ("2027-02-01", "2027-02-01T00:00"),
            ("tomorrow", "2026-11-19T00:00"),
            ("friday", "2026-11-20T00:00"),
            ("wed", "2026-11-25T00:00"),
        ] {
            let read = instant(typed, &now).map(|it| it.datetime().to_string());
            assert_eq!(read, Some(format!("{at}:00")), "{typed}");
        }
        for typed in ["", "soon", "3", "frid", "never", "2027-02-31"] {
            assert_eq!(instant(typed, &now), None, "{typed}");
        }
    }

    #[test]
    fn what_is_past_is_refused() {
        let now: Timestamp = "2026-11-18T10:30:00Z".parse().unwrap();
        for typed in ["2020-01-01", "-3d", "3 days ago"] {
            assert!(when(typed, now).unwrap_err().message.contains("is past"), "{typed}");
        }
        assert_eq!(when("0s", now).unwrap(), now);
    }
}
