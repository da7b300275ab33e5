//! Weights judged on mail that they were not fitted to: whole sources are left out, because
//! mails of one source are alike and each would tell the answer to the next.

use std::collections::BTreeMap;

use super::fit::{Example, Settings, fit};
use super::{Judged, Truth};
use crate::classify::{Row, Weights};
use crate::model::verdict::Symbol;

/// How the sources are parted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Folds {
    /// Each source is left out once.
    BySource,
    /// So many groups of sources.
    Groups(usize),
}

/// A judged mail as something to learn from.
pub fn example(mail: &Judged) -> Example {
    let fired = mail.hits.iter().map(|hit| (hit.symbol.clone(), hit.mark)).collect();
    Example { fired, truth: mail.truth }
}

/// The mails as these weights would judge them.
pub fn judged_by(weights: &Weights, mails: &[Judged]) -> Vec<Judged> {
    mails.iter().map(|mail| judge(weights, mail)).collect()
}

fn judge(weights: &Weights, mail: &Judged) -> Judged {
    let (decision, probability) = weights.decide(&mail.fired());
    Judged { decision, probability, ..mail.clone() }
}

/// Fits to all of these mails.
pub fn fitted(weights: &Weights, mails: &[Judged], settings: Settings) -> BTreeMap<Symbol, Row> {
    let examples: Vec<Example> = mails.iter().map(example).collect();
    fit(weights, &examples, settings)
}

/// Each mail as weights judge it that were fitted to the sources of the other groups;
/// `None` when all mail is of one source. In the order of `mails`.
pub fn left_out(
    weights: &Weights,
    mails: &[Judged],
    settings: Settings,
    folds: Folds,
    seed: u64,
) -> Option<Vec<Judged>> {
    let group_of = groups(mails, folds, seed);
    let groups = group_of.values().copied().max()? + 1;
    if groups < 2 {
        return None;
    }
    let group = |mail: &Judged| group_of.get(mail.source.as_str()).copied().unwrap_or(0);
    let fitted: Vec<Weights> = (0..groups)
        .map(|out| {
            let rest = mails.iter().filter(|mail| group(mail) != out);
            let examples: Vec<Example> = rest.map(example).collect();
            weights.with(&fit(weights, &examples, settings))
        })
        .collect();
    Some(mails.iter().map(|mail| judge(fitted.get(group(mail)).unwrap_or(weights), mail)).collect())
}

/// A group for each source. The seed shuffles the sources; each goes into the group with
/// the fewest mails so far.
fn groups(mails: &[Judged], folds: Folds, seed: u64) -> BTreeMap<&str, usize> {
    let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
    for mail in mails.iter().filter(|mail| mail.truth != Truth::Unclear) {
        *sizes.entry(&mail.source).or_default() += 1;
    }
    let many = match folds {
        Folds::BySource => return sizes.keys().copied().zip(0..).collect(),
        Folds::Groups(many) => many.min(sizes.len()),
    };
    let mut sources: Vec<(&str, usize)> = sizes.into_iter().collect();
    shuffle(&mut sources, seed);
    let mut filled = vec![0usize; many];
    let mut groups = BTreeMap::new();
    for (source, size) in sources {
        let least = filled.iter_mut().enumerate().min_by_key(|(at, mails)| (**mails, *at));
        if let Some((at, mails)) = least {
            *mails += size;
            groups.insert(source, at);
        }
    }
    groups
}

/// Fisher and Yates, with SplitMix64 (Steele, Lea and Flood 2014): the same seed gives the
/// same order everywhere and for ever, which no crate promises.
fn shuffle<T>(items: &mut [T], seed: u64) {
    let mut state = seed;
    for at in (1..items.len()).rev() {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        let below = u64::try_from(at).unwrap_or(u64::MAX).saturating_add(1);
        items.swap(at, usize::try_from(mixed % below).unwrap_or(0));
    }
}

#[cfg(test)]
mod tests {
    use super::super::fit::tests::toy;
    use super::*;
    use crate::model::verdict::{Decision, Hit, Kind, Place};

    /// A mail of a source on which these symbols fired.
    fn mail(source: &str, fired: &str, truth: Truth) -> Judged {
        let hit = |symbol: &str| Hit {
            symbol: symbol.to_owned(),
            describe: String::new(),
            weight: 0.0,
            place: Place::Body,
            words: String::new(),
            mark: None,
        };
        let hits = fired.split(' ').map(hit).collect();
        judge(
            &toy(),
            &Judged {
                id: String::new(),
                source: source.to_owned(),
                language: String::new(),
                truth,
                ambiguous: false,
                decision: Decision::Sure(Kind::Noise),
                probability: 0.0,
                hits,
            },
        )
    }

    const SETTINGS: Settings = Settings { pull: 1.0, prior: None };

    #[test]
    fn no_source_is_judged_by_weights_that_have_seen_any_of_its_mail() {
        let no = Truth::Is(Kind::Rejected);
        let mut mails = vec![mail("a", "TOY_OURS TOY_NO", no); 30];
        mails.extend(vec![mail("b", "TOY_OURS TOY_YES", Truth::Is(Kind::Invited)); 30]);
        let left_out = left_out(&toy(), &mails, SETTINGS, Folds::BySource, 1).unwrap();
        // TOY_NO fires in `a` alone, so that for `a` it must weigh what it weighed by hand.
        assert_eq!(left_out[0].probability, mails[0].probability);
        let seen = judged_by(&toy().with(&fitted(&toy(), &mails, SETTINGS)), &mails);
        assert!(seen[0].probability > mails[0].probability, "the fit does nothing");
    }

    #[test]
    fn groups_are_of_whole_sources_and_the_seed_decides_which() {
        let mails: Vec<Judged> = "abcdefgh"
            .chars()
            .map(|c| mail(&c.to_string(), "TOY_NO", Truth::NotRejected))
            .collect();
        let in_three = |seed| groups(&mails, Folds::Groups(3), seed);
        let mut sizes = [0; 3];
        in_three(1).values().for_each(|group| sizes[*group] += 1);
        assert_eq!((in_three(1).len(), sizes), (8, [3, 3, 2]));
        assert_eq!(in_three(1), in_three(1));
        assert!((2..9).any(|seed| in_three(seed) != in_three(1)));
        assert_eq!(groups(&mails, Folds::Groups(20), 1).values().max(), Some(&7));
    }

    #[test]
    fn one_source_alone_cannot_be_left_out() {
        let mails = vec![mail("a", "TOY_OURS TOY_NO", Truth::Is(Kind::Rejected)); 30];
        assert_eq!(left_out(&toy(), &mails, SETTINGS, Folds::BySource, 1), None);
        assert_eq!(left_out(&toy(), &[], SETTINGS, Folds::Groups(5), 1), None);
    }
}
