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
        if find_opening(now, &self).is_none() {
            return Err(BadSettings::OnlyHolidays);
        }
        Ok(self)
    }

    fn works_on(&self, day: Date) -> bool {
        self.working_days.contains(&day.weekday()) && !self.holidays.contains(&day)
    }
}

/// The end of the pause: *received* and the time that fits how far it had come.
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
    received.saturating_add(pause).unwrap_or(received)
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
    let today = at.to_zoned(settings.zone.clone()).date();
    (0..SEARCH_MAX_DAYS)
        .map_while(|days| today.checked_add(i64::try_from(days).ok()?.days()).ok())
        .filter(|day| settings.works_on(*day))
        .find_map(|day| {
            // "Compatible": an opening that the clocks skip comes with the first moment
            // after the gap, one that they show twice with the first of the two.
            let opening = settings.zone.to_timestamp(day.to_datetime(settings.office_from)).ok()?;
            (opening >= at && is_open(opening, settings)).then_some(opening)
        })
}
