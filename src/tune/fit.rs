//! Labelled hits to weights: a multinomial logistic regression that starts at the weights
//! written by hand and is pulled back to them.
//!
//! Only the numbers that somebody wrote are fitted, so that a row stays as short as it was,
//! and none changes its sign: what speaks for a kind may come to say nothing, and no more.
//! Texts are not needed, only what fired: corrections are kept as hits.

use std::collections::BTreeMap;

use super::Truth;
use super::interval::number;
use crate::classify::{KINDS, Row, Weights, index};
use crate::model::verdict::{Kind, Mark, Symbol};

/// How firmly the weights written by hand are believed, for fits to a whole collection. 10
/// takes each for right within about 0.3 (a normal prior of variance 1/10). Of 0.3, 1, 3, 10
/// and 30 it had the least Brier score on sources left out of the fit.
pub const PULL: f64 = 10.0;

/// What a rule file may say.
const WEIGHT_MAX: f64 = 50.0;

/// Weights are printed with two decimals; what moves them less has no effect.
const MOVED_MIN: f64 = 1e-4;

/// Rounds over all numbers; enough for the slowest of them, the bound keeps a trap from
/// running for ever.
const ROUNDS_MAX: usize = 5_000;

/// The curvature of a logistic curve is nowhere larger.
const CURVATURE_MAX: f64 = 0.25;

/// One labelled mail as the weights see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// The symbols that fired, each with its mark.
    pub fired: Vec<(Symbol, Option<Mark>)>,
    /// What it is; what is [`Truth::Unclear`] teaches nothing.
    pub truth: Truth,
}

/// How to fit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// How firmly the weights written by hand are believed; more than 0. See [`PULL`].
    pub pull: f64,
    /// The share that rejections have in what the weights are for, as
    /// [`super::INBOX_PRIOR`]; `None` takes the examples as they lie.
    pub prior: Option<f64>,
}

/// One number of one row.
struct Cell {
    symbol: usize,
    kind: usize,
    hand: f64,
    value: f64,
    low: f64,
    high: f64,
}

/// One example while the numbers move.
struct Mail {
    /// The odds of each kind, up to a factor that all have in common.
    odds: Row,
    /// How much it counts.
    weight: f64,
    truth: Truth,
}

/// The rows that are to change, with two decimals. The same examples in the same order give
/// the same rows, to the last bit.
pub fn fit(weights: &Weights, examples: &[Example], settings: Settings) -> BTreeMap<Symbol, Row> {
    let examples: Vec<&Example> =
        examples.iter().filter(|example| example.truth != Truth::Unclear).collect();
    let (symbols, mut cells) = cells(weights);
    let touched = touched(weights, &symbols, &examples);
    let mut mails = mails(weights, &examples, settings.prior);
    for _ in 0..ROUNDS_MAX {
        let mut moved = 0.0_f64;
        for cell in &mut cells {
            let Some(touched) = touched.get(cell.symbol).filter(|it| !it.is_empty()) else {
                continue;
            };
            moved = moved.max(step(cell, touched, &mut mails, settings.pull).abs());
        }
        if moved < MOVED_MIN {
            break;
        }
    }
    changed(&symbols, &cells)
}

/// The symbols with a row, and every number that is not 0.
fn cells(weights: &Weights) -> (Vec<&str>, Vec<Cell>) {
    let (mut symbols, mut cells) = (Vec::new(), Vec::new());
    for (symbol, row) in weights.rows() {
        for (kind, hand) in row.iter().copied().enumerate().filter(|(_, hand)| *hand != 0.0) {
            let (low, high) = if hand > 0.0 { (0.0, WEIGHT_MAX) } else { (-WEIGHT_MAX, 0.0) };
            cells.push(Cell { symbol: symbols.len(), kind, hand, value: hand, low, high });
        }
        symbols.push(symbol);
    }
    (symbols, cells)
}

/// By symbol: the examples in which it counts, and how much.
fn touched(weights: &Weights, symbols: &[&str], examples: &[&Example]) -> Vec<Vec<(usize, f64)>> {
    let mut touched: Vec<BTreeMap<usize, f64>> = vec![BTreeMap::new(); symbols.len()];
    for (at, example) in examples.iter().enumerate() {
        for (symbol, mark) in &example.fired {
            let factor = weights.factor(*mark);
            let known = symbols.binary_search(&symbol.as_str()).ok();
            if let Some(mails) = known.and_then(|known| touched.get_mut(known)) {
                *mails.entry(at).or_default() += factor;
            }
        }
    }
    touched.into_iter().map(|mails| mails.into_iter().collect()).collect()
}

fn mails(weights: &Weights, examples: &[&Example], prior: Option<f64>) -> Vec<Mail> {
    let count = |is| examples.iter().filter(|one| one.truth.rejected() == Some(is)).count();
    let (all, rejections, others) =
        (number(examples.len()), number(count(true)), number(count(false)));
    let mail = |example: &&Example| {
        let fired: Vec<(&str, Option<Mark>)> =
            example.fired.iter().map(|(symbol, mark)| (symbol.as_str(), *mark)).collect();
        let sums = weights.sums(&fired);
        let top = sums.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let weight = match (prior, example.truth.rejected()) {
            (Some(prior), Some(true)) if others > 0.0 => all * prior / rejections,
            (Some(prior), Some(false)) if rejections > 0.0 => all * (1.0 - prior) / others,
            _ => 1.0,
        };
        Mail { odds: sums.map(|sum| (sum - top).exp()), weight, truth: example.truth }
    };
    examples.iter().map(mail).collect()
}

/// Moves one number to where a parabola above the loss has its least value, which never
/// makes the loss larger; how far it moved.
fn step(cell: &mut Cell, touched: &[(usize, f64)], mails: &mut [Mail], pull: f64) -> f64 {
    let (mut slope, mut curvature) = (pull * (cell.value - cell.hand), pull);
    for (at, factor) in touched {
        let Some(mail) = mails.get(*at) else { continue };
        slope += mail.weight * factor * mail.excess(cell.kind);
        curvature += mail.weight * factor * factor * CURVATURE_MAX;
    }
    let value = (cell.value - slope / curvature).clamp(cell.low, cell.high);
    let moved = value - cell.value;
    cell.value = value;
    for (at, factor) in touched {
        let odds = mails.get_mut(*at).and_then(|mail| mail.odds.get_mut(cell.kind));
        if let Some(odds) = odds {
            *odds *= (moved * factor).exp();
        }
    }
    moved
}

impl Mail {
    /// By how much the kind is thought too likely.
    fn excess(&self, kind: usize) -> f64 {
        let all: f64 = self.odds.iter().sum();
        let rejected = index(Kind::Rejected);
        let odds = |kind: usize| self.odds.get(kind).copied().unwrap_or(0.0);
        let right = match self.truth {
            Truth::Is(is) if index(is) == kind => 1.0,
            Truth::NotRejected if kind != rejected => {
                let others = all - odds(rejected);
                if others > 0.0 { odds(kind) / others } else { 0.0 }
            }
            _ => 0.0,
        };
        odds(kind) / all - right
    }
}

/// The rows with a number that two decimals tell from the one written by hand.
fn changed(symbols: &[&str], cells: &[Cell]) -> BTreeMap<Symbol, Row> {
    let mut rows = BTreeMap::new();
    for (at, symbol) in symbols.iter().enumerate() {
        let mut row: Row = [0.0; KINDS];
        let mut differs = false;
        for cell in cells.iter().filter(|cell| cell.symbol == at) {
            // Adding 0 makes of -0 a 0.
            let value = (cell.value * 100.0).round() / 100.0 + 0.0;
            let same = (value - cell.hand).abs() < 0.005;
            differs |= !same;
            if let Some(number) = row.get_mut(cell.kind) {
                *number = if same { cell.hand } else { value };
            }
        }
        if differs {
            rows.insert((*symbol).to_owned(), row);
        }
    }
    rows
}

/// Rows as the `[weights]` of a rule file, by name, each with what it was.
pub fn toml(weights: &Weights, rows: &BTreeMap<Symbol, Row>) -> String {
    let hands: BTreeMap<&str, &Row> = weights.rows().collect();
    let mut text = "[weights]\n".to_owned();
    for (symbol, row) in rows {
        let hand = hands.get(symbol.as_str()).copied().unwrap_or(row);
        let bare = symbol.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let key = if bare { symbol.clone() } else { format!("{symbol:?}") };
        text.push_str(&format!("{key} = {} # was {}\n", numbers(row, hand), numbers(hand, hand)));
    }
    text
}

/// Those numbers of a row that were written by hand.
fn numbers(row: &Row, hand: &Row) -> String {
    let written = Kind::ALL.iter().zip(row).zip(hand).filter(|(_, hand)| **hand != 0.0);
    let words: Vec<String> =
        written.map(|((kind, value), _)| format!("{kind} = {value:.2}")).collect();
    format!("{{ {} }}", words.join(", "))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::classify::{RuleFile, Rules};

    /// Symbols of no shipped rule, before which all kinds are equally likely.
    const TOY: &str = "
[decision]
upper = 0.95
lower = 0.4
needs = 'TOY_OURS'
tie = 0.3
start = {}
marked = { conditional = 0.5, quoted = 0.0 }
[weights]
TOY_NO = { rejected = 2.0 }
TOY_NOISE = { noise = 2.0, rejected = -1.0 }
TOY_YES = { invited = 2.0 }
";

    pub fn toy() -> Weights {
        let rule = |symbol: &str| {
            let word = symbol.to_lowercase();
            format!("[[rule]]\nsymbol = '{symbol}'\ndescribe = 'x'\nany = ['{word}']\n")
        };
        let rules: String = ["TOY_OURS", "TOY_NO", "TOY_NOISE", "TOY_YES"].map(rule).concat();
        let (name, text) = ("toy.toml".to_owned(), rules + TOY);
        Rules::compile(&[RuleFile { name, text }]).unwrap().weights().clone()
    }

    pub fn examples(fired: &str, truth: Truth, many: usize) -> Vec<Example> {
        let fired = fired.split(' ').map(|symbol| (symbol.to_owned(), None)).collect();
        vec![Example { fired, truth }; many]
    }

    const NO: Truth = Truth::Is(Kind::Rejected);
    const NOISE: Truth = Truth::Is(Kind::Noise);
    const OTHER: Truth = Truth::Is(Kind::Question);
    /// So weak that it moves nothing by a hundredth.
    const FREE: Settings = Settings { pull: 1e-6, prior: None };

    fn at(rows: &BTreeMap<Symbol, Row>, symbol: &str, kind: Kind) -> f64 {
        rows[symbol][index(kind)]
    }

    /// TOY_NOISE speaks for noise and says nothing else.
    fn noise_alone() -> Weights {
        let mut row = [0.0; KINDS];
        row[index(Kind::Noise)] = 2.0;
        toy().with(&BTreeMap::from([("TOY_NOISE".to_owned(), row)]))
    }

    #[test]
    fn a_number_comes_to_the_odds_that_were_counted() {
        // 30 of 40 are noise, and the ten other kinds have odds of 1 each: e^w / 10 = 3.
        let all =
            [examples("TOY_OURS TOY_NOISE", NOISE, 30), examples("TOY_OURS TOY_NOISE", OTHER, 10)];
        let weights = noise_alone();
        let rows = fit(&weights, &all.concat(), FREE);
        assert!((at(&rows, "TOY_NOISE", Kind::Noise) - 30.0_f64.ln()).abs() < 0.006, "{rows:?}");
        assert_eq!(rows.len(), 1, "what did not fire stays: {rows:?}");
        // Pulled back: where 10 (w - 2) = 30 - 40 p(w).
        let pulled = fit(&weights, &all.concat(), Settings { pull: 10.0, prior: None });
        let slope = |w: f64| 10.0 * (w - 2.0) - 30.0 + 40.0 * w.exp() / (w.exp() + 10.0);
        let w = at(&pulled, "TOY_NOISE", Kind::Noise);
        assert!(slope(w - 0.006) < 0.0 && slope(w + 0.006) > 0.0, "{w}");
    }

    #[test]
    fn what_misleads_comes_to_say_nothing_and_never_the_contrary() {
        let all = [examples("TOY_OURS TOY_NO", OTHER, 40), examples("TOY_OURS TOY_NOISE", NO, 40)];
        let rows = fit(&toy(), &all.concat(), FREE);
        assert_eq!(at(&rows, "TOY_NO", Kind::Rejected), 0.0);
        assert!(at(&rows, "TOY_NO", Kind::Rejected).is_sign_positive());
        assert_eq!(rows["TOY_NOISE"], [0.0; KINDS]);
        let text = toml(&toy(), &rows);
        assert!(
            text.contains("TOY_NO = { rejected = 0.00 } # was { rejected = 2.00 }\n"),
            "{text}"
        );
    }

    #[test]
    fn a_marked_hit_counts_as_its_mark_says() {
        let fitted = |mark| {
            let noise = examples("TOY_OURS TOY_NOISE", NOISE, 30);
            let mut all = [noise, examples("TOY_OURS TOY_NOISE", OTHER, 10)].concat();
            all.iter_mut().for_each(|one| one.fired[1].1 = Some(mark));
            fit(&noise_alone(), &all, FREE)
        };
        assert!(fitted(Mark::Quoted).is_empty(), "it counts nothing");
        // Half: e^(w / 2) / 10 = 3.
        let conditional = at(&fitted(Mark::Conditional), "TOY_NOISE", Kind::Noise);
        assert!((conditional - 2.0 * 30.0_f64.ln()).abs() < 0.006, "{conditional}");
    }

    #[test]
    fn the_prior_and_not_the_collection_says_how_frequent_rejections_are() {
        let others =
            [examples("TOY_OURS TOY_NO", OTHER, 10), examples("TOY_OURS", OTHER, 90)].concat();
        let with = |rejections, prior| {
            let no = examples("TOY_OURS TOY_NO", NO, rejections);
            let rows = fit(&toy(), &[no, others.clone()].concat(), Settings { pull: 1e-6, prior });
            at(&rows, "TOY_NO", Kind::Rejected)
        };
        assert!((with(100, Some(0.5)) - with(1000, Some(0.5))).abs() < 0.02);
        assert!(with(100, None) + 2.0 < with(1000, None));
        assert!(with(100, Some(0.2)) < with(100, Some(0.5)));
    }

    #[test]
    fn what_is_only_no_rejection_says_nothing_about_the_other_kinds() {
        let strict = Settings { pull: 1.0, prior: None };
        let fired = "TOY_OURS TOY_YES";
        let rows = fit(&toy(), &examples(fired, NOISE, 20), strict);
        assert!(at(&rows, "TOY_YES", Kind::Invited) < 0.5, "{rows:?}");
        let rows = fit(&toy(), &examples(fired, Truth::NotRejected, 20), strict);
        assert!(rows.get("TOY_YES").is_none_or(|row| row[index(Kind::Invited)] >= 2.0), "{rows:?}");
        let rows = fit(&toy(), &examples("TOY_OURS TOY_NO", Truth::NotRejected, 20), strict);
        assert!(at(&rows, "TOY_NO", Kind::Rejected) < 1.0, "{rows:?}");
        assert!(fit(&toy(), &examples(fired, Truth::Unclear, 20), strict).is_empty());
    }

    #[test]
    fn the_same_examples_give_the_same_file() {
        let all = [
            examples("TOY_OURS TOY_NO TOY_NOISE", NO, 7),
            examples("TOY_OURS TOY_NO TOY_YES", OTHER, 3),
            examples("TOY_NOISE", NOISE, 5),
        ]
        .concat();
        let settings = Settings { pull: 1.0, prior: Some(0.01) };
        let text = || toml(&toy(), &fit(&toy(), &all, settings));
        assert_eq!(text(), text());
        assert!(text().lines().skip(1).is_sorted(), "{}", text());
    }
}
