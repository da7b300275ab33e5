//! The same counts for each sort of application.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::counted::{Counted, count};
use super::{ApplicationFact, Facts, Period};
use crate::model::findings::named;

/// What sorts applications.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// The month of applying.
    Month,
    /// The week of applying (ISO 8601).
    Week,
    /// The employer.
    Company,
    /// The tracking system.
    System,
    /// How far it came.
    Stage,
    /// The language that the employer writes.
    Language,
    /// The position.
    Role,
    /// The day of the week of applying.
    Weekday,
}

named!(By {
    Month => "month",
    Week => "week",
    Company => "company",
    System => "system",
    Stage => "stage",
    Language => "language",
    Role => "role",
    Weekday => "weekday",
});

const WEEKDAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// Applications of one sort. The field names are those of `stats --by WHAT --json` and stay.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Group {
    /// By what they were sorted.
    pub by: By,
    /// The sort; `null`: the mail does not tell, or no tracking system wrote.
    pub name: Option<String>,
    /// What became of them.
    #[serde(flatten)]
    pub counted: Counted,
}

/// Applications of a period, sorted and counted: what belongs to the calendar in its order,
/// all else with the largest first, and last what is not known.
pub fn groups(facts: &Facts, period: &Period, by: By, now: Timestamp) -> Vec<Group> {
    let mut sorts: BTreeMap<(bool, String), Vec<&ApplicationFact>> = BTreeMap::new();
    for it in facts.applications.iter().filter(|it| period.holds(it.opened_at)) {
        let key = key(it, by, period.day(it.opened_at));
        sorts.entry((key.is_none(), key.unwrap_or_default())).or_default().push(it);
    }
    let mut sorted: Vec<_> = sorts.into_iter().collect();
    if matches!(by, By::Company | By::System | By::Language | By::Role) {
        sorted.sort_by_key(|((unknown, _), members)| (*unknown, Reverse(members.len())));
    }
    let group = |(_, members): (_, Vec<&ApplicationFact>)| {
        let first = members.first()?;
        let name = name(first, by, period.day(first.opened_at));
        Some(Group { by, name, counted: count(&members, now) })
    };
    sorted.into_iter().filter_map(group).collect()
}

/// What is the same in all applications of a sort, in the order of the sorts.
fn key(it: &ApplicationFact, by: By, day: Date) -> Option<String> {
    match by {
        By::Stage => Some(format!("{}", it.reached as u8)),
        By::Weekday => Some(format!("{}", day.weekday().to_monday_zero_offset())),
        By::Company | By::Role => name(it, by, day).map(|name| name.trim().to_lowercase()),
        By::Month | By::Week | By::System | By::Language => name(it, by, day),
    }
}

fn name(it: &ApplicationFact, by: By, day: Date) -> Option<String> {
    match by {
        By::Month => Some(day.strftime("%Y-%m").to_string()),
        By::Week => {
            let week = day.iso_week_date();
            Some(format!("{:04}-W{:02}", week.year(), week.week()))
        }
        By::Company => it.names.company.clone(),
        By::System => it.names.system.clone(),
        By::Stage => Some(it.reached.name().to_owned()),
        By::Language => it.names.language.clone(),
        By::Role => it.names.role.clone(),
        By::Weekday => {
            let at = usize::try_from(day.weekday().to_monday_zero_offset()).ok()?;
            WEEKDAYS.get(at).map(|&name| name.to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::model::application::Stage;
    use crate::stats::Names;
    use crate::stats::tests::{application, day, rejected};

    fn some() -> Facts {
        let named = |it: ApplicationFact, company: &str, system: Option<&str>| ApplicationFact {
            names: Names {
                company: Some(company.to_owned()),
                system: system.map(str::to_owned),
                ..Names::default()
            },
            ..it
        };
        Facts {
            applications: vec![
                named(application(Stage::InTalks(1), 40), "Berg", None),
                named(rejected(0, 8), "Acme", Some("Greenhouse")),
                named(rejected(4, 9), "BERG ", None),
                application(Stage::Applied, 7),
            ],
            ..Facts::default()
        }
    }

    fn names(by: By) -> Vec<(Option<String>, u64)> {
        let groups = groups(&some(), &Period::all(TimeZone::UTC), by, day(50));
        groups.into_iter().map(|it| (it.name, it.counted.applications)).collect()
    }

    fn told(expected: &[(&str, u64)]) -> Vec<(Option<String>, u64)> {
        let name = |name: &str| (!name.is_empty()).then(|| name.to_owned());
        expected.iter().map(|(it, count)| (name(it), *count)).collect()
    }

    #[test]
    fn applications_are_sorted_by_what_was_asked() {
        assert_eq!(names(By::Month), told(&[("2026-01", 3), ("2026-02", 1)]));
        // 1 January 2026 was a Thursday.
        assert_eq!(names(By::Week), told(&[("2026-W01", 1), ("2026-W02", 2), ("2026-W07", 1)]));
        assert_eq!(names(By::Weekday), told(&[("Monday", 1), ("Tuesday", 1), ("Thursday", 2)]));
        assert_eq!(names(By::Company), told(&[("Berg", 2), ("Acme", 1), ("", 1)]));
        assert_eq!(names(By::System), told(&[("Greenhouse", 1), ("", 3)]));
        assert_eq!(names(By::Stage), told(&[("applied", 3), ("talks", 1)]));
        assert_eq!(names(By::Language), told(&[("", 4)]));
    }

    #[test]
    fn each_sort_has_its_own_counts_and_times() {
        let sorts = groups(&some(), &Period::all(TimeZone::UTC), By::System, day(50));
        let [greenhouse, none] = sorts.as_slice() else { panic!("two sorts: {sorts:?}") };
        assert_eq!((greenhouse.counted.rejected, none.counted.rejected), (1, 1));
        let days = |it: &Group| it.counted.rejection.map(|days| days.median);
        assert_eq!((days(greenhouse), days(none)), (Some(8), Some(5)));
        assert_eq!(none.counted.silent, 1, "the one of day 7");
    }
}
