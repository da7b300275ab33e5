//! When no word is silence: derived at each look, so that a late answer ends it.

use jiff::SignedDuration;
use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::ApplicationFact;
use crate::model::findings::Reached;

/// Without an answer for so long after applying, an application counts as silent.
pub const SILENT_AFTER_APPLYING: SignedDuration = SignedDuration::from_hours(21 * 24);

/// After talks people expect to hear sooner.
pub const SILENT_AFTER_TALKS: SignedDuration = SignedDuration::from_hours(12 * 24);

/// From so many answers on the user's own history is the better measure.
const LEARNED_FROM: usize = 20;

/// What most answers had taken less than; later ones are rare enough not to wait for.
const MOST_PERCENT: usize = 90;

/// Employers that answer within days must not make a week of silence.
const LEARNED_MIN: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What the user has set of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Waits {
    /// After applying.
    pub after_applying: Option<SignedDuration>,
    /// After talks.
    pub after_talks: Option<SignedDuration>,
}

/// How long an answer may take before it is silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// After applying.
    pub after_applying: SignedDuration,
    /// After talks.
    pub after_talks: SignedDuration,
}

impl Default for Patience {
    fn default() -> Self {
        Patience { after_applying: SILENT_AFTER_APPLYING, after_talks: SILENT_AFTER_TALKS }
    }
}

/// Gives each application the patience that the user has set or that all of them teach.
pub fn wait(applications: &mut [ApplicationFact], set: Waits) {
    let patience = Patience::of(set, applications);
    applications.iter_mut().for_each(|it| it.patience = patience);
}

/// In whole days, as it is measured.
impl Serialize for Patience {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (applying, talks) = self.days();
        let mut days = serializer.serialize_struct("Patience", 2)?;
        days.serialize_field("applying_days", &applying)?;
        days.serialize_field("talks_days", &talks)?;
        days.end()
    }
}

impl Patience {
    /// After applying, and after talks.
    pub fn days(&self) -> (i64, i64) {
        (self.after_applying.as_hours() / 24, self.after_talks.as_hours() / 24)
    }

    /// What the user has set; else as long as nine of ten answers took in the user's own
    /// history, where it has enough of them; else the usual. An application first heard of by
    /// its answer tells no time.
    pub fn of(set: Waits, applications: &[ApplicationFact]) -> Patience {
        let usual = Patience::default();
        let answers = applications.iter().filter_map(|it| {
            let waited = it.first_answer_at?.duration_since(it.opened_at);
            waited.is_positive().then_some(waited)
        });
        let ends = applications.iter().filter_map(|it| {
            let talked = it.reached >= Reached::Talks;
            let waited = it.closed_at?.duration_since(it.heard_before_end_at?);
            (talked && waited.is_positive()).then_some(waited)
        });
        Patience {
            after_applying: set.after_applying.or(most(answers)).unwrap_or(usual.after_applying),
            after_talks: set.after_talks.or(most(ends)).unwrap_or(usual.after_talks),
        }
    }
}

fn most(waits: impl Iterator<Item = SignedDuration>) -> Option<SignedDuration> {
    let mut waits: Vec<SignedDuration> = waits.collect();
    if waits.len() < LEARNED_FROM {
        return None;
    }
    waits.sort_unstable();
    let at = (waits.len() * MOST_PERCENT).div_ceil(100).saturating_sub(1);
    // Whole days: so it is told.
    let wait = waits.get(at)?.max(&LEARNED_MIN);
    Some(SignedDuration::from_hours(wait.as_hours().saturating_add(23) / 24 * 24))
}

#[cfg(test)]
mod tests {
    use super::super::is_silent;
    use super::super::tests::{application, day, rejected};
    use super::*;
    use crate::model::application::Stage;

    #[test]
    fn twenty_answers_of_the_users_own_tell_how_long_one_takes() {
        let mut answered: Vec<_> = (1..20).map(|wait| rejected(0, wait)).collect();
        let learned_from = |facts: &[ApplicationFact]| Patience::of(Waits::default(), facts);
        assert_eq!(learned_from(&answered), Patience::default());
        answered.push(rejected(0, 300));
        let learned = learned_from(&answered);
        assert_eq!(learned.after_applying, SignedDuration::from_hours(24 * 18));
        assert_eq!(learned.after_talks, SILENT_AFTER_TALKS, "of those there are none");
        let waiting = ApplicationFact { patience: learned, ..application(Stage::Applied, 0) };
        assert!(is_silent(&waiting, day(18)) && !is_silent(&waiting, day(17)));
        let quick: Vec<_> = (0..30).map(|_| rejected(0, 1)).collect();
        assert_eq!(learned_from(&quick).after_applying, LEARNED_MIN);
        let week = Some(SignedDuration::from_hours(24 * 7));
        let set = Waits { after_talks: week, ..Waits::default() };
        assert_eq!(Some(Patience::of(set, &answered).after_talks), week, "what is set holds");
    }
}
