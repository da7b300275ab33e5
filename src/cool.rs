//! When the user may hear of a rejection: after a pause, and in office hours.
//!
//! The pause ends at an instant that is stored; office hours, weekends and holidays are
//! asked again at the release, in the user's zone of that day. It must not know replies,
//! drafts or the database, and it never reads the clock.

use jiff::civil::{Date, Time, Weekday, time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::model::findings::{Reached, Reason};

/// A year and a month: with a working day in each week a longer chain of holidays is a
/// mistake in the configuration.
const SEARCH_MAX_DAYS: usize = 400;

/// How long to be silent, and when to speak; checked by [`Settings::checked`].
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Pause after a rejection of the papers.
    pub after_form: SignedDuration,
    /// Pause after talks.
    pub after_talks: SignedDuration,
    /// Pause after an offer that was taken back.
    pub after_rescinded: SignedDuration,
    /// Office hours begin.
    pub office_from: Time,
    /// Office hours end; 24:00 is written as 23:59:59.
    pub office_to: Time,
    /// The days on which rejections are shown.
    pub working_days: Vec<Weekday>,
    /// Days on which they are not.
    pub holidays: Vec<Date>,
    /// Everything is shown at this time of the day; `None`: as it cools.
    pub once_a_day_at: Option<Time>,
    /// The user's zone.
    pub zone: TimeZone,
    /// A draft that nobody touched expires after this.
    pub expires_after: SignedDuration,
    /// Older rejections are counted, not drafted.
    pub look_back: SignedDuration,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            after_form: SignedDuration::from_hours(24),
            after_talks: SignedDuration::from_hours(48),
            after_rescinded: SignedDuration::from_hours(72),
            office_from: time(9, 0, 0, 0),
            office_to: time(18, 0, 0, 0),
            working_days: vec![
                Weekday::Monday,
                Weekday::Tuesday,
                Weekday::Wednesday,
                Weekday::Thursday,
                Weekday::Friday,
            ],
            holidays: Vec::new(),
            once_a_day_at: None,
            zone: TimeZone::UTC,
            expires_after: SignedDuration::from_hours(14 * 24),
            look_back: SignedDuration::from_hours(7 * 24),
        }
    }
}

/// Settings under which no rejection would ever be shown, or that run backwards.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadSettings {
    /// Nothing would ever be released.
    #[error("The cooling-off settings name no working day")]
    NoWorkingDay,
    /// Office hours are empty.
    #[error("Office hours end at {to}, which is not after their beginning at {from}")]
    NoOfficeHours {
        /// As set.
        from: Time,
        /// As set.
        to: Time,
    },
    /// The one time of the day lies outside of the office hours.
    #[error("{at} lies outside of the office hours, so nothing would come then")]
    ClosedThen {
        /// As set.
        at: Time,
    },
    /// A pause, an expiry or a look-back below zero.
    #[error("`{0}` is less than nothing")]
    Negative(&'static str),
    /// No opening within more than a year.
    #[error("The holidays leave no working day within a year")]
    OnlyHolidays,
}

impl Settings {
    /// The settings, if something can ever be released under them. `now` only bounds the
    /// search through the holidays.
    pub fn checked(self, now: Timestamp) -> Result<Settings, BadSettings> {
        let spans = [
            ("after_form", self.after_form),
            ("after_talks", self.after_talks),
            ("after_rescinded", self.after_rescinded),
            ("expires_after", self.expires_after),
            ("look_back", self.look_back),
        ];
        if let Some((name, _)) = spans.iter().find(|(_, span)| span.is_negative()) {
            return Err(BadSettings::Negative(name));
        }
        if self.working_days.is_empty() {
            return Err(BadSettings::NoWorkingDay);
        }
        if self.office_from >= self.office_to {
            return Err(BadSettings::NoOfficeHours { from: self.office_from, to: self.office_to });
        }
        let open = |at: &Time| *at >= self.office_from && *at < self.office_to;
        if let Some(at) = self.once_a_day_at.filter(|at| !open(at)) {
            return Err(BadSettings::ClosedThen { at });
        }
        if find_opening(now, &self).is_none() {
            return Err(BadSettings::OnlyHolidays);
        }
        Ok(self)
    }

    fn works_on(&self, day: Date) -> bool {
        self.working_days.contains(&day.weekday()) && !self.holidays.contains(&day)
    }
}

/// The end of the pause: *received* and the time that fits how far it had come, and then
/// the one time of a working day, if there is one.
pub fn not_before(
    received: Timestamp,
    reached: Reached,
    reason: Option<Reason>,
    settings: &Settings,
) -> Timestamp {
    let pause = match (reached, reason) {
        (_, Some(Reason::Rescinded)) | (Reached::Offer, _) => settings.after_rescinded,
        (Reached::Talks, _) => settings.after_talks,
        (Reached::Applied, _) => settings.after_form,
    };
    let cooled = received.saturating_add(pause).unwrap_or(received);
    settings.once_a_day_at.map_or(cooled, |time| first_at(cooled, time, settings).unwrap_or(cooled))
}

/// It is a working day within office hours.
pub fn is_open(now: Timestamp, settings: &Settings) -> bool {
    let local = now.to_zoned(settings.zone.clone());
    settings.works_on(local.date())
        && local.time() >= settings.office_from
        && local.time() < settings.office_to
}

/// The first moment from `at` on at which it is open; `at` itself when it is. With settings
/// that are not [`Settings::checked`] and never open, `at`.
pub fn next_opening(at: Timestamp, settings: &Settings) -> Timestamp {
    find_opening(at, settings).unwrap_or(at)
}

fn find_opening(at: Timestamp, settings: &Settings) -> Option<Timestamp> {
    if is_open(at, settings) {
        return Some(at);
    }
    first_at(at, settings.office_from, settings)
}

/// The first working day's `time` from `at` on.
fn first_at(at: Timestamp, time: Time, settings: &Settings) -> Option<Timestamp> {
    let today = at.to_zoned(settings.zone.clone()).date();
    (0..SEARCH_MAX_DAYS)
        .map_while(|days| today.checked_add(i64::try_from(days).ok()?.days()).ok())
        .filter(|day| settings.works_on(*day))
        .find_map(|day| {
            // "Compatible": an opening that the clocks skip comes with the first moment
            // after the gap, one that they show twice with the first of the two.
            let opening = settings.zone.to_timestamp(day.to_datetime(time)).ok()?;
            (opening >= at && is_open(opening, settings)).then_some(opening)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn in_zone(name: &str) -> Settings {
        let settings = Settings { zone: TimeZone::get(name).unwrap(), ..Settings::default() };
        settings.checked(at("2026-01-01T00:00:00Z")).unwrap()
    }

    #[test]
    fn the_pause_grows_with_what_was_lost() {
        let settings = Settings::default();
        let received = at("2026-11-20T10:00:00Z");
        for (reached, reason, until) in [
            (Reached::Applied, None, "2026-11-21T10:00:00Z"),
            (Reached::Applied, Some(Reason::Filled), "2026-11-21T10:00:00Z"),
            (Reached::Talks, None, "2026-11-22T10:00:00Z"),
            (Reached::Offer, None, "2026-11-23T10:00:00Z"),
            (Reached::Applied, Some(Reason::Rescinded), "2026-11-23T10:00:00Z"),
        ] {
            assert_eq!(not_before(received, reached, reason, &settings), at(until), "{reached}");
        }
        let seconds = SignedDuration::from_secs(3);
        let demo = Settings { after_form: seconds, ..settings };
        let until = not_before(received, Reached::Applied, None, &demo);
        assert_eq!(until, at("2026-11-20T10:00:03Z"));
        assert_eq!(not_before(Timestamp::MAX, Reached::Talks, None, &demo), Timestamp::MAX);
    }

    #[test]
    fn it_opens_on_working_days_within_office_hours() {
        let berlin = in_zone("Europe/Berlin");
        for (now, open, next) in [
            ("2026-11-20T07:59:59Z", false, "2026-11-20T08:00:00Z"),
            ("2026-11-20T08:00:00Z", true, "2026-11-20T08:00:00Z"),
            ("2026-11-20T16:59:59Z", true, "2026-11-20T16:59:59Z"),
            ("2026-11-20T17:00:00Z", false, "2026-11-23T08:00:00Z"),
            ("2026-11-22T11:00:00Z", false, "2026-11-23T08:00:00Z"),
        ] {
            assert_eq!(is_open(at(now), &berlin), open, "{now}");
            assert_eq!(next_opening(at(now), &berlin), at(next), "{now}");
        }
    }

    #[test]
    fn everything_may_come_at_one_time_of_the_day() {
        let berlin =
            Settings { once_a_day_at: Some(time(17, 0, 0, 0)), ..in_zone("Europe/Berlin") };
        let until = |received| not_before(at(received), Reached::Applied, None, &berlin);
        // A day after: in the same afternoon, on the next day, after the week-end.
        assert_eq!(until("2026-11-17T09:00:00Z"), at("2026-11-18T16:00:00Z"));
        assert_eq!(until("2026-11-17T16:00:01Z"), at("2026-11-19T16:00:00Z"));
        assert_eq!(until("2026-11-19T20:00:00Z"), at("2026-11-23T16:00:00Z"));
        let closed = Settings { once_a_day_at: Some(time(20, 0, 0, 0)), ..in_zone("UTC") };
        let refused = closed.checked(at("2026-01-01T00:00:00Z")).map(|_| ());
        assert_eq!(refused, Err(BadSettings::ClosedThen { at: time(20, 0, 0, 0) }));
    }

    #[test]
    fn a_holiday_is_no_working_day() {
        let mut settings = in_zone("Europe/Berlin");
        settings.holidays = vec!["2026-12-25".parse().unwrap(), "2026-12-28".parse().unwrap()];
        let eve = at("2026-12-24T18:00:00Z");
        assert_eq!(next_opening(eve, &settings), at("2026-12-29T08:00:00Z"));
        assert!(!is_open(at("2026-12-25T11:00:00Z"), &settings));
    }

    #[test]
    fn the_clocks_may_change_in_between() {
        let berlin = in_zone("Europe/Berlin");
        // Summer time begins on Sunday 2026-03-29 and ends on Sunday 2026-10-25.
        for (friday_night, monday) in [
            ("2026-03-27T20:00:00Z", "2026-03-30T07:00:00Z"),
            ("2026-10-23T20:00:00Z", "2026-10-26T08:00:00Z"),
        ] {
            assert_eq!(next_opening(at(friday_night), &berlin), at(monday));
        }
        // An opening within the hour that is skipped, and within the one that comes twice.
        let mut early = berlin;
        early.working_days.push(Weekday::Sunday);
        early.office_from = time(2, 30, 0, 0);
        let skipped = next_opening(at("2026-03-29T00:00:00Z"), &early);
        assert_eq!(skipped, at("2026-03-29T01:30:00Z"), "3:30 summer time");
        let first = next_opening(at("2026-10-24T22:30:00Z"), &early);
        assert_eq!(first, at("2026-10-25T00:30:00Z"), "the first 2:30");
    }

    #[test]
    fn zones_of_half_hours_count_too() {
        let india = in_zone("Asia/Kolkata");
        assert_eq!(next_opening(at("2026-11-20T02:00:00Z"), &india), at("2026-11-20T03:30:00Z"));
        let chatham = in_zone("Pacific/Chatham");
        assert_eq!(next_opening(at("2026-07-06T20:00:00Z"), &chatham), at("2026-07-06T20:15:00Z"));
    }

    #[test]
    fn settings_that_never_open_are_refused() {
        let now = at("2026-01-01T00:00:00Z");
        let check = |change: fn(&mut Settings)| {
            let mut settings = Settings::default();
            change(&mut settings);
            settings.checked(now).map(|_| ())
        };
        assert_eq!(check(|_| {}), Ok(()));
        assert_eq!(check(|s| s.working_days.clear()), Err(BadSettings::NoWorkingDay));
        let backwards = check(|s| s.office_from = time(18, 0, 0, 0));
        assert!(matches!(backwards, Err(BadSettings::NoOfficeHours { .. })));
        let negative = check(|s| s.after_talks = SignedDuration::from_secs(-1));
        assert_eq!(negative, Err(BadSettings::Negative("after_talks")));
        let first: Date = "2025-12-31".parse().unwrap();
        let holidays = first.series(1.day()).take(500).collect();
        let all = Settings { holidays, ..Settings::default() };
        assert_eq!(all.checked(now), Err(BadSettings::OnlyHolidays));
    }

    #[test]
    fn an_opening_is_never_in_the_past_and_always_open() {
        for zone in ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia"] {
            let settings = in_zone(zone);
            let mut now = at("2026-01-01T00:00:00Z");
            for _ in 0..2000 {
                let opening = next_opening(now, &settings);
                assert!(opening >= now && is_open(opening, &settings), "{zone} {now}");
                now = now.checked_add(SignedDuration::from_mins(277)).unwrap();
            }
        }
    }
}
