//! Numbers that look random.

/// They come again with the same seed (Knuth's MMIX generator).
pub struct Chance(pub u64);

impl Chance {
    /// A number from 0 to below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }
}
