//! How right the rules are on labelled mail: counts, shares with their intervals, and
//! whether the probabilities can be believed.

use std::collections::BTreeMap;

use serde::Serialize;

use super::interval::{PERCENT_MIN, Share, number, ratio, rounded};
use super::{INBOX_PRIOR, Judged, Truth};
use crate::model::verdict::{Decision, Hit, Kind};

/// Where the bins of the reliability table begin; the last one ends at 1.
const BINS: &[f64] = &[0.0, 0.05, 0.2, 0.4, 0.6, 0.8, 0.95];

/// Between these a probability says little.
const UNDECIDED: (f64, f64) = (0.05, 0.95);

/// Everything that is counted over some mail.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figures {
    /// Mails.
    pub mails: usize,
    /// Others that were opened as rejections: what must not happen.
    pub others_opened: Share,
    /// Others that are asked about, without those that are rightly so.
    pub others_unsure: Share,
    /// Rejections that were opened.
    pub opened: Share,
    /// Rejections that were opened or are asked about.
    pub opened_or_unsure: Share,
    /// Rejections that are asked about.
    pub unsure: Share,
    /// Mail with a probability strictly between 0.05 and 0.95.
    pub undecided: Share,
    /// Mail that was taken for what it is.
    pub right: Share,
    /// By kind, those that occur.
    pub kinds: Vec<OfKind>,
    /// What was taken for what: label, decision, mails.
    pub confusion: BTreeMap<&'static str, BTreeMap<&'static str, usize>>,
    /// By source.
    pub sources: Vec<Group>,
    /// By language.
    pub languages: Vec<Group>,
    /// The mean squared error of P(rejected) at the inbox prior; `None` where there are
    /// too few rejections or others.
    pub brier: Option<f64>,
    /// What became of each probability.
    pub reliability: Vec<Bin>,
}

/// One kind.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OfKind {
    /// Which; `rejected` first.
    pub kind: Kind,
    /// Of the mails taken for it, those that are of it. Mail of which only is known that
    /// it is no rejection counts for `rejected` alone.
    pub precision: Share,
    /// Of the mails of it, those that were taken for it.
    pub recall: Share,
    /// The harmonic mean of both; `None` when one of them has too few mails.
    pub f1: Option<f64>,
}

/// The mails of one source or language.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Mails.
    pub mails: usize,
    /// Rejections that were opened.
    pub opened: Share,
    /// Rejections that are asked about.
    pub unsure: Share,
    /// Others that were opened as rejections.
    pub others_opened: Share,
    /// Others that are asked about.
    pub others_unsure: Share,
}

/// The mails with a probability from here to there.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bin {
    /// From, inclusive.
    pub from: f64,
    /// To, exclusive but for 1.
    pub to: f64,
    /// Mails.
    pub mails: usize,
    /// Rejections among them.
    pub rejections: usize,
    /// Their mean probability at the inbox prior.
    pub told: Option<f64>,
    /// How many of them would be rejections in an inbox.
    pub seen: Option<f64>,
}

/// A mail that was judged wrongly.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Wrong<'a> {
    /// Where it comes from.
    pub source: &'a str,
    /// Its name there.
    pub id: &'a str,
    /// What it is.
    pub label: Truth,
    /// Whoever labelled it was in doubt.
    pub ambiguous: bool,
    /// What it was taken for: a kind or `unsure`.
    pub taken: &'static str,
    /// P(rejected).
    pub probability: f64,
    /// Why.
    pub hits: &'a [Hit],
}

fn opened(mail: &Judged) -> bool {
    mail.decision == Decision::Sure(Kind::Rejected)
}

fn unsure(mail: &Judged) -> bool {
    mail.decision.sure().is_none()
}

/// Rejections, and what is certainly none or must at least not be opened.
fn parted<'a>(mails: &[&'a Judged]) -> (Vec<&'a Judged>, Vec<&'a Judged>) {
    mails.iter().copied().partition(|mail| mail.truth.rejected() == Some(true))
}

fn needlessly_asked(others: &[&Judged]) -> Share {
    let known: Vec<_> = others.iter().filter(|mail| mail.truth != Truth::Unclear).collect();
    Share::of(&known, |mail| unsure(mail))
}

/// Counts over these mails.
pub fn figures(mails: &[Judged]) -> Figures {
    let all: Vec<&Judged> = mails.iter().collect();
    let (rejections, others) = parted(&all);
    Figures {
        mails: all.len(),
        others_opened: Share::of(&others, |mail| opened(mail)),
        others_unsure: needlessly_asked(&others),
        opened: Share::of(&rejections, |mail| opened(mail)),
        opened_or_unsure: Share::of(&rejections, |mail| opened(mail) || unsure(mail)),
        unsure: Share::of(&rejections, |mail| unsure(mail)),
        undecided: Share::of(&all, |mail| {
            UNDECIDED.0 < mail.probability && mail.probability < UNDECIDED.1
        }),
        right: Share::of(&all, |mail| mail.truth.agrees(mail.decision)),
        kinds: Kind::ALL.iter().filter_map(|kind| of_kind(*kind, &all)).collect(),
        confusion: confusion(&all),
        sources: groups(&all, |mail| &mail.source),
        languages: groups(&all, |mail| &mail.language),
        brier: brier(&all).map(rounded),
        reliability: reliability(&all),
    }
}

fn of_kind(kind: Kind, mails: &[&Judged]) -> Option<OfKind> {
    let taken = |mail: &Judged| mail.decision == Decision::Sure(kind);
    let is = |mail: &Judged| mail.truth == Truth::Is(kind);
    let known = |mail: &Judged| match mail.truth {
        Truth::Is(_) => true,
        Truth::NotRejected => kind == Kind::Rejected,
        Truth::Unclear => false,
    };
    let of_it: Vec<&Judged> = mails.iter().copied().filter(|mail| is(mail)).collect();
    let as_it: Vec<&Judged> =
        mails.iter().copied().filter(|mail| taken(mail) && known(mail)).collect();
    if of_it.is_empty() && as_it.is_empty() {
        return None;
    }
    let precision = Share::of(&as_it, |mail| is(mail));
    let recall = Share::of(&of_it, |mail| taken(mail));
    let f1 = precision.rate().zip(recall.rate()).map(|_| {
        // The same as the harmonic mean, without a division by 0.
        rounded(ratio(2 * precision.count, precision.of + recall.of))
    });
    Some(OfKind { kind, precision, recall, f1 })
}

fn confusion(mails: &[&Judged]) -> BTreeMap<&'static str, BTreeMap<&'static str, usize>> {
    let mut table: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    for mail in mails {
        let row = table.entry(mail.truth.word()).or_default();
        *row.entry(mail.decision.word()).or_default() += 1;
    }
    table
}

fn groups<'a>(mails: &[&'a Judged], name: impl Fn(&'a Judged) -> &'a str) -> Vec<Group> {
    let mut by_name: BTreeMap<&str, Vec<&Judged>> = BTreeMap::new();
    for mail in mails.iter().copied() {
        by_name.entry(name(mail)).or_default().push(mail);
    }
    let group = |(name, mails): (&str, Vec<&Judged>)| {
        let (rejections, others) = parted(&mails);
        Group {
            name: name.to_owned(),
            mails: mails.len(),
            opened: Share::of(&rejections, |mail| opened(mail)),
            unsure: Share::of(&rejections, |mail| unsure(mail)),
            others_opened: Share::of(&others, |mail| opened(mail)),
            others_unsure: needlessly_asked(&others),
        }
    };
    by_name.into_iter().map(group).collect()
}

/// How much one rejection and one other mail count, so that together they are like an
/// inbox; `None` where there are too few of one. All weights add up to 1.
fn at_the_prior(mails: &[&Judged]) -> Option<(f64, f64)> {
    let count = |is| mails.iter().filter(|mail| mail.truth.rejected() == Some(is)).count();
    let (rejections, others) = (count(true), count(false));
    (rejections >= PERCENT_MIN && others >= PERCENT_MIN)
        .then(|| (INBOX_PRIOR / number(rejections), (1.0 - INBOX_PRIOR) / number(others)))
}

fn brier(mails: &[&Judged]) -> Option<f64> {
    let (rejection, other) = at_the_prior(mails)?;
    let error = |mail: &&Judged| match mail.truth.rejected() {
        Some(true) => rejection * (1.0 - mail.probability).powi(2),
        Some(false) => other * mail.probability.powi(2),
        None => 0.0,
    };
    Some(mails.iter().map(error).sum())
}

fn reliability(mails: &[&Judged]) -> Vec<Bin> {
    let prior = at_the_prior(mails);
    let ends = BINS.iter().skip(1).copied().chain([f64::INFINITY]);
    let bin = |(from, to): (f64, f64)| {
        let inside: Vec<(bool, f64)> = mails
            .iter()
            .filter(|mail| from <= mail.probability && mail.probability < to)
            .filter_map(|mail| Some((mail.truth.rejected()?, mail.probability)))
            .collect();
        let (mut weight, mut told, mut seen) = (0.0, 0.0, 0.0);
        for (is, probability) in &inside {
            let one = prior.map_or(0.0, |(rejection, other)| if *is { rejection } else { other });
            weight += one;
            told += one * probability;
            seen += if *is { one } else { 0.0 };
        }
        let share = |sum: f64| (weight > 0.0).then(|| rounded(sum / weight));
        Bin {
            from,
            to: to.min(1.0),
            mails: inside.len(),
            rejections: inside.iter().filter(|(is, _)| *is).count(),
            told: share(told),
            seen: share(seen),
        }
    };
    BINS.iter().copied().zip(ends).map(bin).collect()
}

/// The mails that were judged wrongly, the worst first: others that were opened, missed
/// rejections, needless questions, kinds that were mixed up.
pub fn wrong(mails: &[Judged]) -> Vec<Wrong<'_>> {
    let mut all: Vec<&Judged> =
        mails.iter().filter(|mail| !mail.truth.agrees(mail.decision)).collect();
    all.sort_by_key(|mail| match (mail.truth.rejected(), mail.decision.sure()) {
        (_, Some(Kind::Rejected)) => 0,
        (Some(true), Some(_)) => 1,
        (Some(true), None) => 2,
        (_, None) => 3,
        _ => 4,
    });
    all.into_iter()
        .map(|mail| Wrong {
            source: &mail.source,
            id: &mail.id,
            label: mail.truth,
            ambiguous: mail.ambiguous,
            taken: mail.decision.word(),
            probability: rounded(mail.probability),
            hits: &mail.hits,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(truth: Truth, decision: Decision, probability: f64) -> Judged {
        Judged {
            id: String::new(),
            source: "a".to_owned(),
            language: "en".to_owned(),
            truth,
            ambiguous: false,
            decision,
            probability,
            hits: Vec::new(),
        }
    }

    const NO: Truth = Truth::Is(Kind::Rejected);
    const NOISE: Truth = Truth::Is(Kind::Noise);
    const AS_NO: Decision = Decision::Sure(Kind::Rejected);
    const AS_NOISE: Decision = Decision::Sure(Kind::Noise);
    const ASKED: Decision = Decision::Unsure(Kind::Rejected);

    #[test]
    fn the_error_of_the_probabilities_is_that_of_an_inbox() {
        let one = [mail(NO, ASKED, 0.5), mail(NO, AS_NO, 1.0), mail(NOISE, AS_NOISE, 0.1)];
        let mails: Vec<Judged> = std::iter::repeat_n(one, 20).flatten().collect();
        // 0.01 * (0.25 + 0) / 2 + 0.99 * 0.01
        let brier = figures(&mails).brier.unwrap();
        assert!((brier - 0.0112).abs() < 1e-9, "{brier}");
        assert_eq!(figures(&mails[..57]).brier, None, "19 others are no inbox");
    }

    #[test]
    fn a_bin_tells_how_often_its_probability_comes_true_in_an_inbox() {
        let mut mails = vec![mail(NO, AS_NO, 0.99); 80];
        mails.extend(vec![mail(NOISE, AS_NO, 0.99); 20]);
        mails.push(mail(Truth::Unclear, ASKED, 0.99));
        let top = figures(&mails).reliability.pop().unwrap();
        assert_eq!((top.from, top.to, top.mails, top.rejections), (0.95, 1.0, 100, 80));
        // All the inbox's rejections and all its others lie here: 1 in 100 comes true.
        assert_eq!((top.told, top.seen), (Some(0.99), Some(0.01)));
        let bins = figures(&[mail(NO, AS_NO, 1.0), mail(NOISE, AS_NOISE, 0.05)]).reliability;
        assert_eq!(bins.iter().map(|bin| bin.mails).collect::<Vec<_>>(), [0, 1, 0, 0, 0, 0, 1]);
    }

    #[test]
    fn being_asked_is_no_right_answer_and_no_wrong_kind() {
        let mails = [
            mail(NO, AS_NO, 0.99),
            mail(NO, ASKED, 0.5),
            mail(NO, AS_NOISE, 0.01),
            mail(NOISE, AS_NO, 0.96),
            mail(Truth::NotRejected, AS_NO, 0.97),
            mail(Truth::NotRejected, AS_NOISE, 0.0),
            mail(Truth::Unclear, AS_NO, 0.97),
        ];
        let found = figures(&mails);
        let share = |count, of| Share { count, of };
        assert_eq!(found.opened, share(1, 3));
        assert_eq!(found.opened_or_unsure, share(2, 3));
        assert_eq!(found.others_opened, share(3, 4), "what is unclear must not be opened");
        assert_eq!(found.others_unsure, share(0, 3), "and may be asked about");
        assert_eq!(found.undecided, share(1, 7));
        let [rejected, noise] = &found.kinds[..] else { panic!("{:?}", found.kinds) };
        assert_eq!((rejected.precision, rejected.recall), (share(1, 3), share(1, 3)));
        assert_eq!((noise.precision, noise.recall), (share(0, 1), share(0, 1)));
        assert_eq!(found.confusion["rejected"]["unsure"], 1);
        let order: Vec<_> = wrong(&mails).iter().map(|one| (one.label, one.taken)).collect();
        assert_eq!(order[3..], [(NO, "noise"), (NO, "unsure")]);
    }

    #[test]
    fn a_small_group_has_counts_and_no_percentage() {
        let mut mails = vec![mail(NO, AS_NO, 0.99); 20];
        mails.extend(vec![Judged { language: "nl".into(), ..mail(NO, AS_NO, 0.99) }; 19]);
        let found = figures(&mails).languages;
        assert_eq!(found[0].opened.rate(), Some(1.0));
        assert_eq!((found[1].mails, found[1].opened.rate()), (19, None));
    }
}
