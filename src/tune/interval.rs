//! Shares of counts, and how far they can be believed. Arithmetic only.

use serde::Serialize;

use crate::stats::interval::wilson;

/// A share of fewer mails than this is given as counts: its percentage would say more
/// than is known.
pub const PERCENT_MIN: usize = 20;

/// So many of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Share {
    /// How many.
    pub count: usize,
    /// Of how many.
    pub of: usize,
}

impl Share {
    /// Of `of` items those that `are`.
    pub fn of<T>(items: &[T], are: impl Fn(&T) -> bool) -> Share {
        Share { count: items.iter().filter(|item| are(item)).count(), of: items.len() }
    }

    /// 0 to 1; `None` when there are too few to say it in per cent.
    pub fn rate(self) -> Option<f64> {
        (self.of >= PERCENT_MIN).then(|| ratio(self.count, self.of))
    }

    /// The Wilson score interval at 95 %, see [`wilson`].
    pub fn interval(self) -> Option<(f64, f64)> {
        let counted = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        self.rate().map(|_| wilson(counted(self.count), counted(self.of)))
    }
}

/// As JSON: `count`, `of`, and where there are enough mails `rate`, `low`, `high`.
impl Serialize for Share {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Line {
            count: usize,
            of: usize,
            rate: Option<f64>,
            low: Option<f64>,
            high: Option<f64>,
        }
        let interval = self.interval();
        Line {
            count: self.count,
            of: self.of,
            rate: self.rate().map(rounded),
            low: interval.map(|(low, _)| rounded(low)),
            high: interval.map(|(_, high)| rounded(high)),
        }
        .serialize(serializer)
    }
}

/// `count / of`; 0 of nothing.
pub fn ratio(count: usize, of: usize) -> f64 {
    if of == 0 { 0.0 } else { number(count) / number(of) }
}

/// A count as a number. Nobody has 2^32 labelled mails.
pub fn number(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

/// To the four digits that are printed.
pub fn rounded(number: f64) -> f64 {
    (number * 1e4).round() / 1e4
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 81 of 263 is the example of Newcombe 1998 (method 3); at the ends the formula is
    /// z² / (n + z²); the others were computed apart from this program.
    #[test]
    fn intervals_are_wilsons() {
        for (count, of, low, high) in [
            (0, 20, 0.0, 0.1611),
            (20, 20, 0.8389, 1.0),
            (10, 20, 0.2993, 0.7007),
            (81, 263, 0.2553, 0.3662),
            (0, 794, 0.0, 0.0048),
            (299, 311, 0.9338, 0.9778),
        ] {
            let (found_low, found_high) = Share { count, of }.interval().unwrap();
            assert!((found_low - low).abs() < 6e-5, "{count}/{of}: {found_low} not {low}");
            assert!((found_high - high).abs() < 6e-5, "{count}/{of}: {found_high} not {high}");
        }
    }

    #[test]
    fn a_few_mails_have_no_percentage() {
        assert_eq!(Share { count: 19, of: 19 }.rate(), None);
        assert_eq!(Share { count: 19, of: 19 }.interval(), None);
        assert_eq!(Share { count: 19, of: 20 }.rate(), Some(0.95));
        assert_eq!(Share::default().rate(), None);
    }
}
