//! Lengths of time: a median, and the quartiles where there are enough of them.

use jiff::Timestamp;
use serde::Serialize;

use super::SHARE_MIN_BASE;

const DAY_SECONDS: i64 = 24 * 60 * 60;

/// A median with its base.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Days {
    /// Whole days, rounded.
    pub median: i64,
    /// A quarter of them took no longer; `null` below five.
    pub lower_quartile: Option<i64>,
    /// A quarter of them took no less; `null` below five.
    pub upper_quartile: Option<i64>,
    /// Of how many. An application first heard of by its own answer tells no time.
    pub of: u64,
}

/// The days between two moments each, as far as the second one has come.
pub(super) fn days(spans: impl Iterator<Item = (Timestamp, Option<Timestamp>)>) -> Option<Days> {
    let mut seconds: Vec<i64> = spans
        .filter_map(|(from, to)| to.map(|to| to.duration_since(from).as_secs()))
        .filter(|seconds| *seconds > 0)
        .collect();
    seconds.sort_unstable();
    let of = seconds.len() as u64;
    let quartile = |quarters| quantile(&seconds, quarters).filter(|_| of >= SHARE_MIN_BASE);
    Some(Days {
        median: quantile(&seconds, 2)?,
        lower_quartile: quartile(1),
        upper_quartile: quartile(3),
        of,
    })
}

/// The value below which so many quarters lie, between two neighbours in proportion
/// (Hyndman and Fan 1996, definition 7), in whole days.
fn quantile(sorted: &[i64], quarters: usize) -> Option<i64> {
    let steps = sorted.len().checked_sub(1)? * quarters;
    let (at, rest) = (steps / 4, i64::try_from(steps % 4).unwrap_or_default());
    let lower = *sorted.get(at)?;
    let upper = *sorted.get(at + 1).unwrap_or(&lower);
    let seconds = lower + (upper - lower) * rest / 4;
    Some((seconds + DAY_SECONDS / 2) / DAY_SECONDS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::tests::day;

    fn of(lengths: &[i64]) -> Option<Days> {
        days(lengths.iter().map(|length| (day(0), Some(day(*length)))))
    }

    #[test]
    fn quartiles_stand_beside_a_median_of_five() {
        let four = of(&[8, 2, 6, 4]).expect("four");
        assert_eq!((four.median, four.lower_quartile, four.upper_quartile), (5, None, None));
        let five = of(&[10, 2, 6, 4, 8]).expect("five");
        assert_eq!((five.median, five.lower_quartile, five.upper_quartile), (6, Some(4), Some(8)));
        // Between 2 and 6, and between 14 and 18: a quarter and three quarters of the way.
        let six = of(&[2, 6, 10, 14, 18, 22]).expect("six");
        assert_eq!((six.median, six.lower_quartile, six.upper_quartile), (12, Some(7), Some(17)));
        assert_eq!(of(&[]), None);
    }
}
