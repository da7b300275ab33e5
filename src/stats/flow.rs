//! How applications went, from step to step: what a funnel shows.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::counted::is_silent;
use super::{ApplicationFact, Facts, Period};
use crate::model::application::{Closing, Stage};
use crate::model::findings::Reached;

/// Where an application was, or is; in the order of a picture, from left to right and from
/// top to bottom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// All begin here.
    Applied,
    /// A conversation or an assessment.
    Talks,
    /// An offer.
    Offer,
    /// Ended: the user took the offer.
    Accepted,
    /// Ended: the user declined it.
    Declined,
    /// Not ended, and heard of.
    Open,
    /// Ended: the user withdrew.
    Withdrawn,
    /// Ended by the employer.
    Rejected,
    /// Not ended, and not heard of for long.
    Silent,
}

impl Step {
    /// Its words for people.
    pub fn words(self) -> &'static str {
        match self {
            Step::Applied => "Applications",
            Step::Talks => "Talks",
            Step::Offer => "Offers",
            Step::Accepted => "Accepted",
            Step::Declined => "Declined",
            Step::Open => "Open",
            Step::Withdrawn => "Withdrawn",
            Step::Rejected => "Rejected",
            Step::Silent => "No word",
        }
    }
}

/// How many applications of a period went from one step to another. Each goes from
/// [`Step::Applied`] to exactly one end.
pub fn flows(facts: &Facts, period: &Period, now: Timestamp) -> Vec<(Step, Step, u64)> {
    let mut flows: BTreeMap<(Step, Step), u64> = BTreeMap::new();
    for it in facts.applications.iter().filter(|it| period.holds(it.opened_at)) {
        let mut from = Step::Applied;
        for to in way(it, now) {
            *flows.entry((from, to)).or_default() += 1;
            from = to;
        }
    }
    flows.into_iter().map(|((from, to), count)| (from, to, count)).collect()
}

/// The steps after applying. An offer comes after talks, also where no mail told of them.
fn way(it: &ApplicationFact, now: Timestamp) -> Vec<Step> {
    let talks = (it.reached >= Reached::Talks).then_some(Step::Talks);
    let offer = (it.reached == Reached::Offer).then_some(Step::Offer);
    talks.into_iter().chain(offer).chain([end(it, now)]).collect()
}

/// Where an application is now.
pub fn end(it: &ApplicationFact, now: Timestamp) -> Step {
    match it.stage {
        Stage::Closed(Closing::Accepted) => Step::Accepted,
        Stage::Closed(Closing::Declined) => Step::Declined,
        Stage::Closed(Closing::WithdrawnByMe) => Step::Withdrawn,
        Stage::Closed(Closing::Rejected(_)) => Step::Rejected,
        _ if is_silent(it, now) => Step::Silent,
        _ => Step::Open,
    }
}

/// Lengths of time, each up to so many days.
const WAITS: [(&str, i64); 5] =
    [("1 week", 7), ("2 weeks", 14), ("3 weeks", 21), ("4 weeks", 28), ("8 weeks", 56)];

const DAY_SECONDS: i64 = 24 * 60 * 60;

/// How long the first answer and the rejection took, as far as both ends are known: up to
/// what length, how many answers, how many rejections.
pub fn waits(facts: &Facts, period: &Period) -> Vec<(&'static str, u64, u64)> {
    let counted = || facts.applications.iter().filter(|it| period.holds(it.opened_at));
    let days = |it: &ApplicationFact, end: Option<Timestamp>| {
        let seconds = end?.duration_since(it.opened_at).as_secs();
        // As in the medians: what was first heard of by its own answer tells no time.
        (seconds > 0).then(|| (seconds + DAY_SECONDS / 2) / DAY_SECONDS)
    };
    let answers: Vec<i64> = counted().filter_map(|it| days(it, it.first_answer_at)).collect();
    let rejections: Vec<i64> = counted()
        .filter(|it| super::counted::is_rejected(it))
        .filter_map(|it| days(it, it.closed_at))
        .collect();
    let between = |all: &[i64], over: i64, to: i64| {
        all.iter().filter(|days| over < **days && **days <= to).count() as u64
    };
    let mut over = -1;
    let mut waits = Vec::new();
    for (words, to) in WAITS.into_iter().chain([("longer", i64::MAX)]) {
        waits.push((words, between(&answers, over, to), between(&rejections, over, to)));
        over = to;
    }
    waits
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::stats::tests::{application, day, rejected};

    fn some() -> Facts {
        let reached = |it, reached| ApplicationFact { reached, ..it };
        Facts {
            applications: vec![
                rejected(0, 5),
                rejected(0, 8),
                reached(rejected(0, 40), Reached::Talks),
                application(Stage::Applied, 0),
                application(Stage::Applied, 39),
                reached(application(Stage::Closed(Closing::Accepted), 0), Reached::Offer),
            ],
            ..Facts::default()
        }
    }

    #[test]
    fn every_application_flows_into_one_end() {
        let flows = flows(&some(), &Period::all(TimeZone::UTC), day(40));
        use Step::*;
        assert_eq!(
            flows,
            [
                (Applied, Talks, 2),
                (Applied, Open, 1),
                (Applied, Rejected, 2),
                (Applied, Silent, 1),
                (Talks, Offer, 1),
                (Talks, Rejected, 1),
                (Offer, Accepted, 1),
            ]
        );
        for step in [Talks, Offer] {
            let sum = |way: fn(&(Step, Step, u64)) -> Step| {
                flows.iter().filter(|it| way(it) == step).map(|it| it.2).sum::<u64>()
            };
            assert_eq!(sum(|it| it.0), sum(|it| it.1), "what comes to {step:?} leaves it");
        }
    }

    #[test]
    fn a_wait_belongs_to_the_first_length_that_holds_it() {
        let waits = waits(&some(), &Period::all(TimeZone::UTC));
        let expected = [
            ("1 week", 1),
            ("2 weeks", 1),
            ("3 weeks", 0),
            ("4 weeks", 0),
            ("8 weeks", 1),
            ("longer", 0),
        ];
        assert_eq!(waits, expected.map(|(words, count)| (words, count, count)));
    }
}
