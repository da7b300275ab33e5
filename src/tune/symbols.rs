//! What each symbol does on labelled mail: how often it fires, where, and whether it is
//! right. It shows rules that are dead, that remember one collection, and that mislead.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::interval::{Share, ratio, rounded};
use super::{Judged, Truth};
use crate::classify::RuleInfo;
use crate::model::verdict::Kind;

/// A symbol is said to mislead from this many mails on; fewer are chance.
const MISLEADS_MIN: usize = 5;

/// What one symbol does.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OfSymbol<'a> {
    /// Its name.
    pub symbol: &'a str,
    /// The kind that its largest weight speaks for or against; none without a row.
    pub kind: Option<Kind>,
    /// That weight.
    pub weight: f64,
    /// Mails in which it fired as a plain statement.
    pub fires: usize,
    /// Mails in which it fired only conditionally, negated, quoted or forwarded.
    pub marked: usize,
    /// Of the mails in which it fired plainly, those that are as its weight says.
    pub right: Share,
    /// Of the mails that are as its weight says, the part in which it fired.
    pub rate_right: Option<f64>,
    /// The same of the mails that are not.
    pub rate_wrong: Option<f64>,
    /// Where it fired plainly: mails by label.
    pub labels: BTreeMap<&'static str, usize>,
    /// The same by source.
    pub sources: BTreeMap<&'a str, usize>,
    /// What is odd about it.
    pub odd: Vec<Odd>,
}

/// What is odd about a symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Odd {
    /// It fired in no mail, not even with a mark.
    NeverFires,
    /// All its mails are of one source, though there are several.
    OneSource,
    /// It fires less often where its weight is right than where it is wrong.
    Misleads,
}

impl Odd {
    /// All of them, the most harmful first.
    pub const ALL: [Odd; 3] = [Odd::Misleads, Odd::OneSource, Odd::NeverFires];

    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Odd::NeverFires => "never fires",
            Odd::OneSource => "fires in one source only",
            Odd::Misleads => "misleads",
        }
    }
}

/// Looks at every symbol that is not switched off, in the order of the list.
pub fn symbols<'a>(rules: &'a [RuleInfo], mails: &'a [Judged]) -> Vec<OfSymbol<'a>> {
    let sources: BTreeSet<&str> = mails.iter().map(|mail| mail.source.as_str()).collect();
    let in_force = rules.iter().filter(|rule| !rule.off);
    // A symbol with expressions in several files is listed with each of them.
    let mut seen = BTreeSet::new();
    in_force
        .filter(|rule| seen.insert(rule.symbol.as_str()))
        .map(|rule| symbol(rule, mails, sources.len()))
        .collect()
}

fn symbol<'a>(rule: &'a RuleInfo, mails: &'a [Judged], all_sources: usize) -> OfSymbol<'a> {
    let (mut plain, mut marked) = (Vec::new(), 0usize);
    for mail in mails {
        let mut hits = mail.hits.iter().filter(|hit| hit.symbol == rule.symbol).peekable();
        if hits.peek().is_none() {
            continue;
        }
        if hits.any(|hit| hit.mark.is_none()) {
            plain.push(mail);
        } else {
            marked += 1;
        }
    }
    let strongest = rule.weights.iter().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()));
    let says = |mail: &Judged| {
        let (kind, weight) = strongest?;
        is(mail.truth, *kind).map(|is| is == (*weight > 0.0))
    };
    let count = |among: &mut dyn Iterator<Item = &Judged>, right| {
        among.filter(|mail| says(mail) == Some(right)).count()
    };
    let (right, wrong) =
        (count(&mut plain.iter().copied(), true), count(&mut plain.iter().copied(), false));
    let (all_right, all_wrong) = (count(&mut mails.iter(), true), count(&mut mails.iter(), false));
    let rate = |count, of| (of > 0).then(|| ratio(count, of));
    let (rate_right, rate_wrong) = (rate(right, all_right), rate(wrong, all_wrong));
    let (mut labels, mut sources) = (BTreeMap::new(), BTreeMap::new());
    for mail in &plain {
        *labels.entry(mail.truth.word()).or_default() += 1;
        *sources.entry(mail.source.as_str()).or_default() += 1;
    }
    let odd = Odd::ALL.into_iter().filter(|odd| match odd {
        Odd::NeverFires => plain.is_empty() && marked == 0,
        Odd::OneSource => sources.len() == 1 && all_sources > 1,
        Odd::Misleads => {
            plain.len() >= MISLEADS_MIN && rate_right < rate_wrong && rate_right.is_some()
        }
    });
    OfSymbol {
        symbol: &rule.symbol,
        kind: strongest.map(|(kind, _)| *kind),
        weight: strongest.map_or(0.0, |(_, weight)| *weight),
        fires: plain.len(),
        marked,
        right: Share { count: right, of: right + wrong },
        rate_right: rate_right.map(rounded),
        rate_wrong: rate_wrong.map(rounded),
        odd: odd.collect(),
        labels,
        sources,
    }
}

/// Whether a mail is of this kind; `None` when nobody knows.
fn is(truth: Truth, kind: Kind) -> Option<bool> {
    match truth {
        Truth::Is(it) => Some(it == kind),
        Truth::NotRejected => (kind == Kind::Rejected).then_some(false),
        Truth::Unclear => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::verdict::{Decision, Hit, Mark, Place};

    fn mail(source: &str, truth: Truth, fired: &[(&str, Option<Mark>)]) -> Judged {
        let hit = |(symbol, mark): &(&str, Option<Mark>)| Hit {
            symbol: (*symbol).to_owned(),
            describe: String::new(),
            weight: 0.0,
            place: Place::Body,
            words: String::new(),
            mark: *mark,
        };
        Judged {
            id: String::new(),
            source: source.to_owned(),
            language: String::new(),
            truth,
            ambiguous: false,
            decision: Decision::Sure(Kind::Noise),
            probability: 0.0,
            hits: fired.iter().map(hit).collect(),
        }
    }

    fn rule(symbol: &str, kind: Kind, weight: f64) -> RuleInfo {
        RuleInfo {
            symbol: symbol.to_owned(),
            describe: String::new(),
            file: String::new(),
            weights: vec![(kind, weight)],
            off: false,
        }
    }

    const NO: Truth = Truth::Is(Kind::Rejected);
    const NOISE: Truth = Truth::Is(Kind::Noise);

    #[test]
    fn a_symbol_misleads_when_it_fires_more_often_where_it_is_wrong() {
        // In 8 of 10 rejections and in 9 of 90 others: mostly wrong by count, and yet it
        // says something; in 1 of 10 and 45 of 90 it says the contrary.
        let mut mails = Vec::new();
        for at in 0..100 {
            let no = at < 10;
            let mut fired = Vec::new();
            if if no { at < 8 } else { at < 19 } {
                fired.push(("HELPS", None));
            }
            if if no { at < 1 } else { at < 55 } {
                fired.push(("LIES", None));
            }
            mails.push(mail(
                if at % 2 == 0 { "a" } else { "b" },
                if no { NO } else { NOISE },
                &fired,
            ));
        }
        let rules = [
            rule("HELPS", Kind::Rejected, 2.0),
            rule("LIES", Kind::Rejected, 2.0),
            rule("LIES", Kind::Rejected, 2.0),
            rule("AGAINST", Kind::Rejected, -2.0),
            RuleInfo { off: true, ..rule("OFF", Kind::Noise, 1.0) },
        ];
        let found = symbols(&rules, &mails);
        let [helps, lies, against] = &found[..] else { panic!("{found:?}") };
        assert_eq!((helps.fires, helps.right), (17, Share { count: 8, of: 17 }));
        assert_eq!((helps.rate_right, helps.rate_wrong), (Some(0.8), Some(0.1)));
        assert!(helps.odd.is_empty(), "{helps:?}");
        assert_eq!(lies.odd, [Odd::Misleads]);
        assert_eq!(against.odd, [Odd::NeverFires]);
        let turned = [rule("LIES", Kind::Rejected, -2.0), rule("HELPS", Kind::Rejected, -2.0)];
        let found = symbols(&turned, &mails);
        assert_eq!(found[0].odd, []);
        assert_eq!(found[1].odd, [Odd::Misleads], "what speaks against can mislead, too");
    }

    #[test]
    fn what_fires_in_one_source_only_is_said_and_marked_hits_are_counted_apart() {
        let mails = [
            mail("a", NO, &[("HERE", None), ("HERE", Some(Mark::Quoted))]),
            mail("a", NO, &[("HERE", None)]),
            mail("b", NO, &[("HERE", Some(Mark::Conditional))]),
            mail("b", Truth::NotRejected, &[("THERE", Some(Mark::Quoted))]),
        ];
        let rules = [rule("HERE", Kind::Rejected, 1.0), rule("THERE", Kind::Invited, 1.0)];
        let found = symbols(&rules, &mails);
        assert_eq!((found[0].fires, found[0].marked), (2, 1));
        assert_eq!(found[0].odd, [Odd::OneSource]);
        assert_eq!(found[0].sources, BTreeMap::from([("a", 2)]));
        assert_eq!((found[1].fires, found[1].marked, found[1].odd.len()), (0, 1, 0));
        assert!(symbols(&rules, &mails[..2])[0].odd.is_empty(), "of one source nothing follows");
    }
}
