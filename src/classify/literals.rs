//! The literals that must stand in every text that an expression matches.
//!
//! Knows expressions and nothing else: `build.rs` uses it, too, to work the literals of the
//! shipped rules out before the program is built.

use std::ops::Range;

use regex_syntax::hir::{Class, Hir, HirKind};

/// Brackets in brackets.
pub const NEST_MAX: u32 = 50;
/// Alternations with more literals than this are not worth listing.
const LITERALS_MAX: usize = 400;
/// Sets of literals that one way of matching is asked for; a fifth would say no more.
const SETS_MAX: usize = 4;
/// Pieces that stand side by side are joined as long as they have no more ways to be written.
const JOINED_MAX: usize = 24;
/// Shorter literals are in every mail; "cv" and "rh" are not.
const LITERAL_MIN_BYTES: usize = 2;
/// A word that is shorter than this rules hardly any text out which another set let pass, and
/// to find it wherever it stands costs more than the expression.
const SECOND_MIN_BYTES: usize = 4;
/// A class of more letters is no spelling.
const SPELLINGS_MAX: usize = 4;

/// What `\w` stands for: Unicode's own class is so large that `(?:\w+ ){0,5}` would
/// compile to half a megabyte. The rules' languages are written in Latin letters.
const WORD_CHARACTER: &str = r"[a-z0-9_\u{df}-\u{24f}]";

/// What `\S` stands for, for the same reason: in a sentence of tidied text the only white
/// space is the single space.
const NO_SPACE: &str = "[^ ]";

/// The parser of all expressions.
pub fn parser() -> regex_syntax::Parser {
    regex_syntax::ParserBuilder::new().nest_limit(NEST_MAX).build()
}

/// The expression with the classes that the rules mean.
pub fn plain_classes(source: &str) -> String {
    source.replace(r"\w", WORD_CHARACTER).replace(r"\S", NO_SPACE).replace(r"\d", "[0-9]")
}

/// What one way of matching needs: of each set one literal must stand in the text.
pub type Needs = Vec<Vec<String>>;

/// How the tables of `build.rs` write them: ways, sets and literals, divided by signs that stand
/// in no text that rules read.
const DIVIDED_BY: [char; 3] = ['\u{1d}', '\u{1e}', '\u{1f}'];

/// How the tables of `build.rs` divide rules, the fields of a rule, the entries of a field, and an
/// expression from its literals; for the same reason.
pub const TABLE_DIVIDED_BY: [char; 4] = ['\u{1}', '\u{2}', '\u{3}', '\u{4}'];

/// All ways in one line.
pub fn told(ways: &[Needs]) -> String {
    let [between_ways, between_sets, between_literals] = DIVIDED_BY.map(String::from);
    let set = |set: &Vec<String>| set.join(&between_literals);
    let way = |way: &Needs| way.iter().map(set).collect::<Vec<_>>().join(&between_sets);
    ways.iter().map(way).collect::<Vec<_>>().join(&between_ways)
}

/// The ways that such a line tells: of each its sets, of each of these its literals.
pub fn ways(told: &str) -> impl Iterator<Item = impl Iterator<Item = impl Iterator<Item = &str>>> {
    let [between_ways, between_sets, between_literals] = DIVIDED_BY;
    let ways = told.split(between_ways).filter(|way| !way.is_empty());
    ways.map(move |way| way.split(between_sets).map(move |set| set.split(between_literals)))
}

/// The ways in which an expression can match, each with what it needs, the rarest set first.
/// Empty when there is a way that needs nothing.
pub fn literals(hir: &Hir) -> Vec<Needs> {
    let mut ways: Vec<Needs> = branches(hir).into_iter().map(needs).collect();
    if ways.iter().any(Vec::is_empty) {
        return Vec::new();
    }
    // Ways that need but one word each are one way that needs one of these words.
    let single: Vec<String> =
        ways.extract_if(.., |way| way.len() == 1).flatten().flatten().collect();
    let single = without_longer(single);
    ways.extend((!single.is_empty()).then(|| vec![single]));
    ways
}

/// Whether it is worth looking for these: a single letter is everywhere, a `?` is not.
fn good(set: &[String]) -> bool {
    let rare = |literal: &String| {
        literal.len() >= LITERAL_MIN_BYTES
            || matches!(literal.as_str(), "?" | "!" | "/" | "@" | "%")
    };
    !set.is_empty() && set.len() <= LITERALS_MAX && set.iter().all(rare)
}

/// How often one of these is found, roughly: each letter more makes a word three times as
/// rare.
fn commonness(set: &[String]) -> u64 {
    let letters = |literal: &String| literal.bytes().filter(|byte| *byte != b' ').count();
    set.iter().map(|it| 3_u64.pow(12 - letters(it).min(12) as u32)).sum()
}

/// The branches of an expression that has some and nothing beside them.
fn branches(hir: &Hir) -> Vec<&Hir> {
    let is_text = |piece: &&Hir| !matches!(piece.kind(), HirKind::Look(_) | HirKind::Empty);
    match hir.kind() {
        HirKind::Capture(capture) => branches(&capture.sub),
        HirKind::Alternation(all) => all.iter().flat_map(branches).collect(),
        HirKind::Concat(pieces) => {
            let mut texts = pieces.iter().filter(is_text);
            match (texts.next(), texts.next()) {
                (Some(piece), None) => branches(piece),
                _ => vec![hir],
            }
        }
        _ => vec![hir],
    }
}

/// The sets of which one literal each must stand in every match, the rarest first. No two of
/// them speak of the same piece of the expression.
fn needs(hir: &Hir) -> Needs {
    let HirKind::Concat(pieces) = hir.kind() else {
        return required(hir).filter(|set| good(set)).into_iter().collect();
    };
    let mut sets = sets(pieces);
    sets.sort_by_key(|(_, set)| commonness(set));
    let mut taken: Vec<(Range<usize>, Vec<String>)> = Vec::new();
    for (range, set) in sets {
        let apart =
            |(other, _): &(Range<usize>, _)| other.end <= range.start || range.end <= other.start;
        let worth_it = taken.is_empty() || set.iter().all(|it| it.len() >= SECOND_MIN_BYTES);
        if taken.len() < SETS_MAX && worth_it && taken.iter().all(apart) {
            taken.push((range, set));
        }
    }
    taken.into_iter().map(|(_, set)| set).collect()
}

/// What pieces that stand side by side need, with the pieces that it comes from.
fn sets(pieces: &[Hir]) -> Vec<(Range<usize>, Vec<String>)> {
    let single = pieces.iter().enumerate();
    let single = single.filter_map(|(at, piece)| Some((at..at + 1, required(piece)?)));
    let runs = joined(pieces).into_iter().map(|(range, run)| (range, without_longer(run)));
    single.chain(runs).filter(|(_, set)| good(set)).collect()
}

/// A set of which one literal must stand in every match.
fn required(hir: &Hir) -> Option<Vec<String>> {
    if let Some(set) = written(hir) {
        return Some(without_longer(set));
    }
    match hir.kind() {
        HirKind::Capture(capture) => required(&capture.sub),
        HirKind::Repetition(repeat) if repeat.min > 0 => required(&repeat.sub),
        HirKind::Alternation(branches) => {
            let mut all = Vec::new();
            for branch in branches {
                all.extend(required(branch).filter(|set| good(set))?);
            }
            Some(without_longer(all))
        }
        HirKind::Concat(pieces) => {
            let sets = sets(pieces).into_iter().map(|(_, set)| set);
            sets.min_by_key(|set| commonness(set))
        }
        _ => None,
    }
}

/// Runs of pieces that can be written down, each as all that it may read.
fn joined(pieces: &[Hir]) -> Vec<(Range<usize>, Vec<String>)> {
    let nothing = || vec![String::new()];
    let (mut runs, mut run, mut begun) = (Vec::new(), nothing(), 0);
    for (at, piece) in pieces.iter().enumerate() {
        let piece = written(piece);
        run = match piece.as_ref().and_then(|piece| product(&run, piece)) {
            Some(longer) => longer,
            None => {
                runs.push((begun..at, run));
                begun = if piece.is_some() { at } else { at + 1 };
                piece.unwrap_or_else(nothing)
            }
        };
    }
    runs.push((begun..pieces.len(), run));
    runs
}

/// Everything that an expression matches, when that is little.
fn written(hir: &Hir) -> Option<Vec<String>> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(vec![String::new()]),
        HirKind::Literal(literal) => Some(vec![String::from_utf8(literal.0.to_vec()).ok()?]),
        HirKind::Class(Class::Unicode(class)) => {
            let letters = class.ranges().iter().flat_map(|range| range.start()..=range.end());
            let letters: Vec<String> = letters.take(SPELLINGS_MAX + 1).map(String::from).collect();
            (letters.len() <= SPELLINGS_MAX).then_some(letters)
        }
        HirKind::Capture(capture) => written(&capture.sub),
        HirKind::Repetition(repeat) if (repeat.min, repeat.max) == (0, Some(1)) => {
            let mut all = written(&repeat.sub)?;
            all.push(String::new());
            Some(all)
        }
        HirKind::Alternation(branches) => {
            let mut all = Vec::new();
            for branch in branches {
                all.extend(written(branch)?);
            }
            (all.len() <= JOINED_MAX).then_some(all)
        }
        HirKind::Concat(pieces) => pieces
            .iter()
            .try_fold(vec![String::new()], |all, piece| product(&all, &written(piece)?)),
        _ => None,
    }
}

/// Each of the one before each of the other.
fn product(left: &[String], right: &[String]) -> Option<Vec<String>> {
    let all = left.iter().flat_map(|l| right.iter().map(move |r| format!("{l}{r}")));
    (left.len() * right.len() <= JOINED_MAX).then(|| all.collect())
}

/// Without those that hold another one.
fn without_longer(mut set: Vec<String>) -> Vec<String> {
    set.sort_by_key(String::len);
    let mut kept: Vec<String> = Vec::new();
    for literal in set {
        if !kept.iter().any(|shorter| literal.contains(shorter.as_str())) {
            kept.push(literal);
        }
    }
    kept
}
