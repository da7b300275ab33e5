//! The search as it went: weeks, days and silences, for pictures.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::{Span, Timestamp};
use serde::Serialize;

use super::counted::{heard, is_silent};
use super::period::monday;
use super::{ApplicationFact, Facts, Period};
use crate::model::ids::ApplicationNo;
use crate::model::verdict::{Decision, Kind};

const DAY_SECONDS: i64 = 24 * 60 * 60;

/// Longer rows of weeks or months are no picture any more; the earliest are left out.
const STEPS_MAX: usize = 600;

/// This week, beside the goal that the user set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Week {
    /// Its Monday.
    pub begins: Date,
    /// Applications since then.
    pub applications: u64,
    /// So many were meant to be; `null`: the configuration has no goal.
    pub goal: Option<u64>,
    /// Weeks in a row with so many, this one included as soon as it has them.
    pub in_a_row: Option<u64>,
    /// Today is one of the days that are counted.
    #[serde(skip)]
    pub counted: bool,
}

/// A day of the search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DayEvents {
    /// Applications that began.
    pub applied: u64,
    /// Invitations.
    pub invited: u64,
    /// Offers.
    pub offered: u64,
    /// Rejections.
    pub rejected: u64,
}

/// An application of which nothing was heard for long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Silence {
    /// Its number; `null` where no database gave it one.
    pub application: Option<ApplicationNo>,
    /// The employer.
    pub company: Option<String>,
    /// The position.
    pub role: Option<String>,
    /// Since then.
    pub since: Date,
    /// For so many whole days.
    pub days: i64,
}

/// The week of `now` against the goal.
pub(super) fn week(facts: &Facts, period: &Period, now: Timestamp) -> Week {
    let mut per_week: BTreeMap<Date, u64> = BTreeMap::new();
    for it in &facts.applications {
        *per_week.entry(monday(period.day(it.opened_at))).or_default() += 1;
    }
    let begins = monday(period.day(now));
    let of = |week: &Date| per_week.get(week).copied().unwrap_or_default();
    let in_a_row = facts.goal.filter(|goal| *goal > 0).map(|goal| {
        let earlier = std::iter::successors(week_before(begins), |week| week_before(*week));
        let full = earlier.take_while(|week| of(week) >= goal).count() as u64;
        full + u64::from(of(&begins) >= goal)
    });
    let counted = period.holds(now);
    Week { begins, applications: of(&begins), goal: facts.goal, in_a_row, counted }
}

fn week_before(week: Date) -> Option<Date> {
    week.checked_sub(Span::new().weeks(1)).ok()
}

/// The days of a period on which something happened.
pub fn days(facts: &Facts, period: &Period) -> BTreeMap<Date, DayEvents> {
    let mut days: BTreeMap<Date, DayEvents> = BTreeMap::new();
    for it in facts.applications.iter().filter(|it| period.holds(it.opened_at)) {
        days.entry(period.day(it.opened_at)).or_default().applied += 1;
    }
    for it in facts.messages.iter().filter(|it| period.holds(it.at)) {
        let Decision::Sure(kind) = it.decision else { continue };
        let day = || period.day(it.at);
        match kind {
            Kind::Invited => days.entry(day()).or_default().invited += 1,
            Kind::Offered => days.entry(day()).or_default().offered += 1,
            Kind::Rejected => days.entry(day()).or_default().rejected += 1,
            _ => {}
        }
    }
    days
}

/// Applications begun in each week from the first to the last one of a period, those
/// without any included: the week's Monday, how many, how many of them were answered.
pub fn weeks(facts: &Facts, period: &Period) -> Vec<(Date, u64, u64)> {
    steps(facts, period, monday, Span::new().weeks(1))
}

/// The same for months: the first day of each.
pub fn months(facts: &Facts, period: &Period) -> Vec<(Date, u64, u64)> {
    steps(facts, period, Date::first_of_month, Span::new().months(1))
}

fn steps(
    facts: &Facts,
    period: &Period,
    begin: impl Fn(Date) -> Date,
    step: Span,
) -> Vec<(Date, u64, u64)> {
    let mut counts: BTreeMap<Date, (u64, u64)> = BTreeMap::new();
    for it in facts.applications.iter().filter(|it| period.holds(it.opened_at)) {
        let (begun, answered) = counts.entry(begin(period.day(it.opened_at))).or_default();
        *begun += 1;
        *answered += u64::from(it.first_answer_at.is_some());
    }
    let Some((last, _)) = counts.last_key_value() else { return Vec::new() };
    let first = counts.keys().next().copied();
    let backwards = std::iter::successors(Some(*last), |at| at.checked_sub(step).ok());
    let mut steps: Vec<_> = backwards
        .take_while(|at| first.is_some_and(|first| first <= *at))
        .take(STEPS_MAX)
        .map(|at| {
            let (begun, answered) = counts.get(&at).copied().unwrap_or_default();
            (at, begun, answered)
        })
        .collect();
    steps.reverse();
    steps
}

/// The applications of a period that are silent for the longest time.
pub fn silences(facts: &Facts, period: &Period, now: Timestamp, most: usize) -> Vec<Silence> {
    let mut silent: Vec<&ApplicationFact> = facts
        .applications
        .iter()
        .filter(|it| period.holds(it.opened_at) && is_silent(it, now))
        .collect();
    silent.sort_by_key(|it| heard(it));
    let silence = |it: &ApplicationFact| Silence {
        application: it.no,
        company: it.names.company.clone(),
        role: it.names.role.clone(),
        since: period.day(heard(it)),
        days: now.duration_since(heard(it)).as_secs() / DAY_SECONDS,
    };
    silent.into_iter().take(most).map(silence).collect()
}

/// How many people told what with their feedback, what was told most first. What an answer is
/// about counts once in it.
pub fn themes(facts: &Facts, period: &Period) -> Vec<(String, u64)> {
    let mut themes: BTreeMap<&str, u64> = BTreeMap::new();
    for feedback in facts.feedback.iter().filter(|it| period.holds(it.at)) {
        for tag in feedback.tags.iter().map(String::as_str).collect::<BTreeSet<_>>() {
            *themes.entry(tag).or_default() += 1;
        }
    }
    let mut themes: Vec<_> = themes.into_iter().map(|(tag, n)| (tag.to_owned(), n)).collect();
    themes.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    themes
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use jiff::tz::TimeZone;

    use super::*;
    use crate::model::application::Stage;
    use crate::stats::tests::{application, day, rejected};

    fn applied(days: &[i64], goal: Option<u64>) -> Facts {
        let applications = days.iter().map(|it| application(Stage::Applied, *it)).collect();
        Facts { applications, goal, ..Facts::default() }
    }

    #[test]
    fn weeks_in_a_row_count_this_week_only_when_it_is_full() {
        // 1 January 2026 was a Thursday: weeks begin on days 4, 11, 18.
        let week =
            |days: &[i64], goal| week(&applied(days, goal), &Period::all(TimeZone::UTC), day(20));
        let begins = date(2026, 1, 19);
        assert_eq!(
            week(&[18, 19], None),
            Week { begins, applications: 2, goal: None, in_a_row: None, counted: true }
        );
        assert_eq!(week(&[4, 5, 11, 12, 18], Some(2)).in_a_row, Some(2), "not held against one");
        assert_eq!(week(&[4, 5, 11, 12, 18, 19], Some(2)).in_a_row, Some(3));
        assert_eq!(week(&[4, 5, 11, 18, 19], Some(2)).in_a_row, Some(1), "broken a week ago");
        assert_eq!(week(&[0], Some(2)).in_a_row, Some(0));
    }

    #[test]
    fn weeks_and_months_have_no_gaps() {
        let mut facts = applied(&[0, 1, 20], None);
        facts.applications.push(rejected(40, 45));
        let period = Period::all(TimeZone::UTC);
        let weeks: Vec<u64> = weeks(&facts, &period).into_iter().map(|(_, n, _)| n).collect();
        assert_eq!(weeks, [2, 0, 0, 1, 0, 0, 1]);
        let months = months(&facts, &period);
        assert_eq!(months, [(date(2026, 1, 1), 3, 0), (date(2026, 2, 1), 1, 1)]);
    }

    #[test]
    fn the_longest_silences_come_first() {
        let facts = applied(&[30, 0, 10], None);
        let silences = silences(&facts, &Period::all(TimeZone::UTC), day(40), 5);
        let days: Vec<i64> = silences.iter().map(|it| it.days).collect();
        assert_eq!(days, [40, 30], "the third has been silent for ten days only");
    }
}
