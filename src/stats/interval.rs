//! How far a share of few can be believed.

/// The normal quantile of 95 %.
const Z_95: f64 = 1.959_963_984_540_054;

/// The Wilson score interval at 95 %, from 0 to 1: unlike the usual one it holds for small
/// counts and for shares near 0 and 1 (Wilson 1927). Of nothing everything is possible.
pub fn wilson(count: u64, of: u64) -> (f64, f64) {
    if of == 0 {
        return (0.0, 1.0);
    }
    let n = number(of);
    let p = number(count) / n;
    let z2 = Z_95 * Z_95;
    let middle = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = Z_95 / (1.0 + z2 / n) * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    // At the ends the formula gives 0 and 1 but for the last binary digit.
    let low = if count == 0 { 0.0 } else { middle - half };
    let high = if count == of { 1.0 } else { middle + half };
    (low, high)
}

/// A count as a number. Nobody has 2^32 applications.
fn number(count: u64) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// At the ends the formula is z² / (n + z²), worked out apart from this program.
    #[test]
    fn an_interval_is_wilsons() {
        for (count, of, low, high) in
            [(0, 5, 0.0, 0.4345), (5, 5, 0.5655, 1.0), (4, 6, 0.3000, 0.9032), (0, 0, 0.0, 1.0)]
        {
            let (found_low, found_high) = wilson(count, of);
            assert!((found_low - low).abs() < 6e-5, "{count}/{of}: {found_low}");
            assert!((found_high - high).abs() < 6e-5, "{count}/{of}: {found_high}");
        }
    }
}
