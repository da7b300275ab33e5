//! One beat for everything that only has to come round about once a minute: the look at what
//! is due, the watchdog, the watch over sleep, of every account. Each beat wakes the
//! processor once.

use std::sync::OnceLock;
use std::time::{Duration, Instant as Clock};

use tokio::time::Instant;

/// The runtime keeps its timers in wheels whose slots are 4,096 ms long from its beginning on: a
/// timer that ends between two slots is looked at up to three times.
const SLOT: Duration = Duration::from_millis(4096);

/// From one beat to the next.
pub const BEAT: Duration = SLOT.saturating_mul(15);

static BEGAN: OnceLock<Clock> = OnceLock::new();

/// Counts from now on. To be called just before the runtime is made; elsewhere, or not at all,
/// it only costs a little more.
pub fn begin() {
    let _ = BEGAN.set(Clock::now());
}

/// The next beat: the same for all who ask between two of them.
pub fn next() -> Instant {
    after(Instant::from_std(*BEGAN.get_or_init(Clock::now)), Instant::now())
}

fn after(began: Instant, now: Instant) -> Instant {
    let passed = now.saturating_duration_since(began);
    let beats = passed.as_nanos().checked_div(BEAT.as_nanos()).unwrap_or(0);
    let beats = u32::try_from(beats).unwrap_or(u32::MAX).saturating_add(1);
    let next = began + BEAT.saturating_mul(beats);
    if next > now { next } else { now + BEAT }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beat_is_on_a_slot_later_than_now_and_the_same_for_all() {
        let began = Instant::now();
        for ms in [0, 1, 4_095, 61_439, 61_440, 61_441, 86_400_000] {
            let now = began + Duration::from_millis(ms);
            let next = after(began, now);
            assert!(next > now && next <= now + BEAT, "{ms}");
            assert_eq!((next - began).as_nanos() % SLOT.as_nanos(), 0, "{ms}");
        }
        let minute = |ms| after(began, began + Duration::from_millis(ms));
        assert_eq!(minute(3), minute(61_000));
        assert!(minute(61_000) < minute(62_000));
        assert_eq!(after(began + BEAT, began), began + BEAT.saturating_mul(2));
    }
}
