//! Bars, upright and lying.

use std::fmt::Write;

use super::WIDTH;
use super::escape::escaped;

/// Upright bars of a course of time, in pairs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// What stands below a pair, its two counts.
    pub bars: Vec<(String, u64, u64)>,
    /// What the first one counts.
    pub first: String,
    /// What the second one counts.
    pub second: String,
}

/// Lying bars with their names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows {
    /// Name and count.
    pub rows: Vec<(String, u64)>,
}

/// More labels than this would run into each other on a small screen.
const LABELS_MAX: usize = 6;

/// More numbers than this would not fit above their bars.
const NUMBERS_MAX: usize = 16;

const CHART_TOP: u64 = 72;
const CHART_HEIGHT: u64 = 200;
const LABELS_Y: u64 = CHART_TOP + CHART_HEIGHT + 26;
const COLUMNS_HEIGHT: u64 = LABELS_Y + 10;

/// The first and the last label are wider than their bars.
const INSET: u64 = 28;

fn bar(class: &str, x: u64, width: u64, height: u64) -> String {
    let y = (CHART_TOP + CHART_HEIGHT) * 10 - height;
    let [x, y, width, height] = [x, y, width, height].map(tenths);
    format!("<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>\n")
}

fn text(class: &str, x: u64, y: u64, text: &str) -> String {
    let (x, text) = (tenths(x), escaped(text));
    format!("<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{text}</text>\n")
}

impl Columns {
    /// Height, what a screen reader says, and the shapes.
    pub(super) fn draw(&self) -> (u64, String, String) {
        let count = self.bars.len().max(1) as u64;
        let most = self.bars.iter().map(|it| it.1.max(it.2)).max().unwrap_or_default().max(1);
        let mut shapes = self.legend();
        let step = self.bars.len().div_ceil(LABELS_MAX).max(1);
        // In tenths of a unit, so that many bars are still even.
        let slot = (u64::from(WIDTH) - 2 * INSET) * 10 / count;
        for (at, (label, first, second)) in self.bars.iter().enumerate() {
            let left = INSET * 10 + slot * at as u64;
            let numbers = usize::from(self.bars.len() <= NUMBERS_MAX) + usize::from(count <= 8);
            let pair = [(*first, "plain", left + slot / 10), (*second, "good", left + slot / 2)];
            for (place, (value, class, x)) in pair.into_iter().enumerate() {
                shapes += &bar(class, x, slot * 4 / 10, value * CHART_HEIGHT * 10 / most);
                if place < numbers && value > 0 {
                    let y = CHART_TOP + CHART_HEIGHT - value * CHART_HEIGHT / most - 6;
                    shapes += &text("middle", x + slot / 5, y, &value.to_string());
                }
            }
            if at.is_multiple_of(step) {
                shapes += &text("axis middle", left + slot / 2, LABELS_Y, label);
            }
        }
        let y = CHART_TOP + CHART_HEIGHT;
        let _ = writeln!(
            shapes,
            "<line class=\"line\" x1=\"0\" x2=\"{WIDTH}\" y1=\"{y}\" y2=\"{y}\"/>"
        );
        let said = format!(
            "{count} pairs of bars: {} and {}; the highest is {most}. The table has the numbers.",
            self.first, self.second
        );
        (COLUMNS_HEIGHT, said, shapes)
    }

    fn legend(&self) -> String {
        let entry = |y: u64, class: &str, word: &str| {
            format!(
                "<rect class=\"{class}\" x=\"0\" y=\"{}\" width=\"14\" height=\"14\"/>\n\
                 <text x=\"22\" y=\"{y}\">{}</text>\n",
                y - 12,
                escaped(word)
            )
        };
        entry(18, "plain", &self.first) + &entry(44, "good", &self.second)
    }
}

const ROW_HEIGHT: u64 = 50;

impl Rows {
    /// Height, what a screen reader says, and the shapes.
    pub(super) fn draw(&self) -> (u64, String, String) {
        let most = self.rows.iter().map(|it| it.1).max().unwrap_or_default().max(1);
        let mut shapes = String::new();
        for (at, (name, count)) in (0u64..).zip(&self.rows) {
            let top = at * ROW_HEIGHT;
            let width = (count * u64::from(WIDTH) / most).max(1);
            let _ = write!(
                shapes,
                "<text x=\"0\" y=\"{}\">{}: {count}</text>\n\
                 <rect class=\"plain\" x=\"0\" y=\"{}\" width=\"{width}\" height=\"16\"/>\n",
                top + 20,
                escaped(name),
                top + 26,
            );
        }
        let told: Vec<String> =
            self.rows.iter().map(|(name, count)| format!("{name}: {count}")).collect();
        ((self.rows.len() as u64 * ROW_HEIGHT).max(1), told.join(", "), shapes)
    }
}

/// Tenths of a unit as SVG writes them.
fn tenths(tenths: u64) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}
