//! Symbols to a decision: weights are added per kind, turned into probabilities, and
//! compared with two thresholds.

use std::collections::{BTreeMap, BTreeSet};

use super::file;
use crate::model::verdict::{Decision, Kind, Mark};

/// Log odds by kind, in the order of [`Kind::ALL`].
pub type Row = [f64; KINDS];

/// How many kinds there are.
pub const KINDS: usize = 11;

/// What is taken from `rejected` when nothing says that an application is meant.
const NOT_OURS: f64 = -12.0;

/// With this lead over all others a kind needs no question: 22,000 to one. The shipped rules
/// lead by 4 where they ask; a rule of the user's own that settles it is to settle it.
const BEYOND_DOUBT: f64 = 10.0;

/// The weights and thresholds of a rule set.
#[derive(Debug, Clone, Default)]
pub struct Weights {
    pub(super) rows: BTreeMap<String, Row>,
    /// Symbols that a later file switched off.
    pub(super) off: BTreeSet<String>,
    pub(super) start: Row,
    pub(super) marked: BTreeMap<Mark, f64>,
    pub(super) upper: f64,
    pub(super) lower: f64,
    pub(super) tie: f64,
    pub(super) needs: String,
    pub(super) asks: Option<String>,
}

/// Where a kind stands in a row.
pub fn index(kind: Kind) -> usize {
    Kind::ALL.iter().position(|k| *k == kind).unwrap_or(0)
}

/// Numbers by a kind's word to a row; the first unknown word otherwise.
pub(super) fn row(numbers: &BTreeMap<String, f64>) -> Result<Row, String> {
    let mut row = [0.0; KINDS];
    for (word, number) in numbers {
        let kind = Kind::named(word).ok_or_else(|| word.clone())?;
        if let Some(cell) = row.get_mut(index(kind)) {
            *cell = *number;
        }
    }
    Ok(row)
}

impl Weights {
    /// Takes over `[decision]`; the first unknown word otherwise.
    pub(super) fn decide_by(&mut self, decision: &file::Decision) -> Result<(), String> {
        self.upper = decision.upper;
        self.lower = decision.lower;
        self.tie = decision.tie;
        self.needs.clone_from(decision.needs.get_ref());
        self.asks = decision.asks.as_ref().map(|symbol| symbol.get_ref().clone());
        self.start = row(&decision.start)?;
        self.marked.clear();
        for (word, number) in &decision.marked {
            let mark = Mark::named(word).ok_or_else(|| word.clone())?;
            self.marked.insert(mark, *number);
        }
        Ok(())
    }

    /// Every symbol with a row, by name.
    pub fn rows(&self) -> impl Iterator<Item = (&str, &Row)> {
        self.rows.iter().map(|(symbol, row)| (symbol.as_str(), row))
    }

    /// The same with these rows in place of theirs.
    #[must_use]
    pub fn with(&self, rows: &BTreeMap<String, Row>) -> Weights {
        let mut changed = self.clone();
        changed.rows.extend(rows.iter().map(|(symbol, row)| (symbol.clone(), *row)));
        changed
    }

    /// How much a hit with this mark counts, 1 being a plain statement.
    pub fn factor(&self, mark: Option<Mark>) -> f64 {
        mark.map_or(1.0, |m| self.marked.get(&m).copied().unwrap_or(0.0))
    }

    /// What a hit adds to each kind.
    pub fn of(&self, symbol: &str, mark: Option<Mark>) -> Row {
        let Some(row) = self.rows.get(symbol) else { return [0.0; KINDS] };
        let factor = self.factor(mark);
        row.map(|number| number * factor)
    }

    /// What a hit adds to one kind.
    pub fn toward(&self, kind: Kind, symbol: &str, mark: Option<Mark>) -> f64 {
        self.of(symbol, mark).get(index(kind)).copied().unwrap_or(0.0)
    }

    /// The symbol for which the user is asked though the numbers alone would not ask.
    pub fn asked_by(&self, fired: &[(&str, Option<Mark>)]) -> Option<&str> {
        let (decision, probability) = self.decide(fired);
        let by_it = matches!(decision, Decision::Unsure(_)) && probability < self.lower;
        self.asks.as_deref().filter(|_| by_it)
    }

    /// The symbol without which nothing is a rejection, when it alone is missing here.
    pub fn missing(&self, fired: &[(&str, Option<Mark>)]) -> Option<&str> {
        let needed = (self.needs.as_str(), None);
        if self.is_met(fired) {
            return None;
        }
        let with: Vec<_> = fired.iter().copied().chain([needed]).collect();
        (self.decide(&with).1 >= self.lower).then_some(needed.0)
    }

    fn is_met(&self, fired: &[(&str, Option<Mark>)]) -> bool {
        fired.iter().any(|(symbol, _)| *symbol == self.needs)
    }

    /// The log odds of each kind, up to a number that all have in common.
    pub fn sums(&self, fired: &[(&str, Option<Mark>)]) -> Row {
        let mut sums = self.start;
        for (symbol, mark) in fired {
            for (sum, weight) in sums.iter_mut().zip(self.of(symbol, *mark)) {
                *sum += weight;
            }
        }
        if let Some(rejected) = sums.get_mut(index(Kind::Rejected))
            && !self.is_met(fired)
        {
            *rejected += NOT_OURS;
        }
        sums
    }

    /// The decision and P(rejected) of what fired.
    pub fn decide(&self, fired: &[(&str, Option<Mark>)]) -> (Decision, f64) {
        let sums = self.sums(fired);
        let probability = softmax(&sums, index(Kind::Rejected));
        let mut order: Vec<(Kind, f64)> = Kind::ALL.iter().copied().zip(sums).collect();
        order.sort_by(|a, b| b.1.total_cmp(&a.1));
        if probability >= self.upper {
            return (Decision::Sure(Kind::Rejected), probability);
        }
        let best = order.first().map_or(Kind::Noise, |(kind, _)| *kind);
        if probability >= self.lower {
            return (Decision::Unsure(best), probability);
        }
        let asks = |(symbol, _): &(&str, Option<Mark>)| Some(*symbol) == self.asks.as_deref();
        let lead =
            order.first().zip(order.get(1)).map_or(0.0, |(first, second)| first.1 - second.1);
        if lead < BEYOND_DOUBT && fired.iter().any(asks) {
            return (Decision::Unsure(Kind::Rejected), probability);
        }
        order.retain(|(kind, _)| *kind != Kind::Rejected);
        (Decision::Sure(self.untied(&order)), probability)
    }

    /// The first of the others; progress when the second is nearly as likely and both
    /// are about an application.
    fn untied(&self, order: &[(Kind, f64)]) -> Kind {
        match order {
            [(first, most), (second, next), ..]
                if most - next < self.tie
                    && first.concerns_application()
                    && second.concerns_application() =>
            {
                Kind::Progress
            }
            [(first, _), ..] => *first,
            [] => Kind::Noise,
        }
    }
}

fn softmax(sums: &Row, of: usize) -> f64 {
    let top = sums.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let total: f64 = sums.iter().map(|sum| (sum - top).exp()).sum();
    sums.get(of).map_or(0.0, |sum| (sum - top).exp() / total)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weights() -> Weights {
        let mut weights = Weights {
            upper: 0.9,
            lower: 0.4,
            tie: 0.5,
            needs: "OURS".into(),
            asks: Some("ODD".into()),
            ..Weights::default()
        };
        let row = |kind, number| row(&BTreeMap::from([(kind, number)])).unwrap();
        weights.start = row("noise".to_owned(), 3.0);
        weights.rows.insert("NO".into(), row("rejected".to_owned(), 8.0));
        weights.rows.insert("YES".into(), row("invited".to_owned(), 8.0));
        weights.rows.insert("OK".into(), row("acknowledged".to_owned(), 8.2));
        weights.rows.insert("SETTLED".into(), row("paused".to_owned(), 50.0));
        weights.marked.insert(Mark::Quoted, 0.0);
        weights
    }

    #[test]
    fn nothing_is_a_rejection_without_an_application() {
        let weights = weights();
        assert_eq!(weights.decide(&[("NO", None)]).0, Decision::Sure(Kind::Noise));
        let sure = weights.decide(&[("NO", None), ("OURS", None)]);
        assert_eq!(sure.0, Decision::Sure(Kind::Rejected));
        let quoted = weights.decide(&[("NO", Some(Mark::Quoted)), ("OURS", None)]);
        assert_eq!(quoted.0, Decision::Sure(Kind::Noise));
        assert_eq!(weights.missing(&[("NO", None)]), Some("OURS"));
        assert_eq!(weights.missing(&[("NO", None), ("OURS", None)]), None);
        assert_eq!(weights.missing(&[("YES", None)]), None, "it would be none with it");
    }

    #[test]
    fn what_says_yes_and_no_is_asked_about() {
        let both = weights().decide(&[("NO", None), ("YES", None), ("OURS", None)]);
        assert!(matches!(both.0, Decision::Unsure(_)), "{both:?}");
    }

    #[test]
    fn what_is_to_be_asked_about_is_asked_unless_it_is_a_rejection() {
        let decide = |fired: &[(&str, Option<Mark>)]| weights().decide(fired).0;
        let asked = Decision::Unsure(Kind::Rejected);
        assert_eq!(decide(&[("ODD", None)]), asked);
        assert_eq!(decide(&[("ODD", None), ("YES", None)]), asked);
        let no = [("ODD", None), ("NO", None), ("OURS", None)];
        assert_eq!(decide(&no), Decision::Sure(Kind::Rejected));
        let settled = [("ODD", None), ("SETTLED", None)];
        assert_eq!(decide(&settled), Decision::Sure(Kind::Paused), "a rule of one's own");
        assert_eq!(weights().asked_by(&[("ODD", None)]), Some("ODD"));
        for other in [&no[..], &settled, &[("NO", None), ("YES", None), ("OURS", None)]] {
            assert_eq!(weights().asked_by(other), None, "{other:?}");
        }
    }

    #[test]
    fn two_likely_kinds_are_progress() {
        let tied = weights().decide(&[("OK", None), ("YES", None), ("OURS", None)]);
        assert_eq!(tied.0, Decision::Sure(Kind::Progress));
    }
}
