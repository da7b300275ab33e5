//! How long to wait after an attempt that failed.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::model::ids::ReplyNo;

/// Pause after an attempt that met no server; doubled each time.
const UNREACHED_PAUSE: SignedDuration = SignedDuration::from_secs(15);
const UNREACHED_PAUSE_MAX: SignedDuration = SignedDuration::from_mins(15);

/// Failed attempts in a row and when the next one may be. Each is a log-in, and providers
/// lock accounts for too many.
#[derive(Debug, Default)]
pub(super) struct Pauses(BTreeMap<ReplyNo, (u32, Timestamp)>);

impl Pauses {
    /// The last attempt failed, and its pause is not over.
    pub(super) fn holds(&self, no: ReplyNo, now: Timestamp) -> bool {
        self.0.get(&no).is_some_and(|(_, at)| *at > now)
    }

    /// Not again for a while, and after each failure for a longer one.
    pub(super) fn failed(&mut self, no: ReplyNo, now: Timestamp) {
        let (failures, _) = self.0.get(&no).copied().unwrap_or_default();
        self.0.insert(no, (failures.saturating_add(1), after(now, pause_after(failures))));
    }

    /// It went well; the next failure is a first one.
    pub(super) fn succeeded(&mut self, no: ReplyNo) {
        self.0.remove(&no);
    }
}

/// A moment later.
pub(super) fn after(now: Timestamp, pause: SignedDuration) -> Timestamp {
    now.saturating_add(pause).unwrap_or(now)
}

/// The pause after so many failures before this one.
pub(super) fn pause_after(failures: u32) -> SignedDuration {
    let factor = 1i32.checked_shl(failures.min(10)).unwrap_or(1024);
    UNREACHED_PAUSE.saturating_mul(factor).min(UNREACHED_PAUSE_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failed_searches_pause_longer_each_time_and_a_success_forgets_them() {
        let now: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
        let (no, other) = (ReplyNo::new(1).unwrap(), ReplyNo::new(2).unwrap());
        let in_secs = |secs| after(now, SignedDuration::from_secs(secs));
        let mut pauses = Pauses::default();
        assert!(!pauses.holds(no, now));
        for secs in [15, 30, 60, 120, 240, 480, 900, 900] {
            pauses.failed(no, now);
            assert!(pauses.holds(no, in_secs(secs - 1)), "{secs}");
            assert!(!pauses.holds(no, in_secs(secs)), "{secs}");
            assert!(!pauses.holds(other, now));
        }
        pauses.succeeded(no);
        assert!(!pauses.holds(no, now));
        pauses.failed(no, now);
        assert!(!pauses.holds(no, in_secs(15)));
    }
}
