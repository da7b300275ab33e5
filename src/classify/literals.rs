//! The literals of which one must stand in every text that an expression matches.
//!
//! Knows expressions and nothing else: `build.rs` uses it, too, to work the literals of the
//! shipped rules out before the program is built.

use regex_syntax::hir::{Class, Hir, HirKind};

/// Brackets in brackets.
pub const NEST_MAX: u32 = 50;
/// Alternations with more literals than this are not worth listing.
const LITERALS_MAX: usize = 400;
/// Pieces that stand side by side are joined as long as they have no more ways to be written.
const JOINED_MAX: usize = 24;
/// Shorter literals are in every mail; "cv" and "rh" are not.
const LITERAL_MIN_BYTES: usize = 2;
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

/// One of these stands in every text that it matches; empty when there is no such set.
pub fn literals(hir: &Hir) -> Vec<String> {
    required(hir).filter(|set| good(set)).unwrap_or_default()
}

/// Whether it is worth looking for these: a single letter is everywhere, a `?` is not.
fn good(set: &[String]) -> bool {
    let rare = |literal: &String| {
        literal.len() >= LITERAL_MIN_BYTES
            || matches!(literal.as_str(), "?" | "!" | "/" | "@" | "%")
    };
    !set.is_empty() && set.len() <= LITERALS_MAX && set.iter().all(rare)
}

/// Long ones find little that is not meant, many cost room.
fn worth(set: &[String]) -> usize {
    let shortest = set.iter().map(String::len).min().unwrap_or(0);
    shortest * shortest * 8 / set.len().max(1)
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
            let single = pieces.iter().filter_map(required);
            let sets = single.chain(joined(pieces).into_iter().map(without_longer));
            sets.filter(|set| good(set)).max_by_key(|set| worth(set))
        }
        _ => None,
    }
}

/// Runs of pieces that can be written down, each as all that it may read.
fn joined(pieces: &[Hir]) -> Vec<Vec<String>> {
    let nothing = || vec![String::new()];
    let (mut runs, mut run) = (Vec::new(), nothing());
    for piece in pieces {
        let piece = written(piece);
        run = match piece.as_ref().and_then(|piece| product(&run, piece)) {
            Some(longer) => longer,
            None => {
                runs.push(run);
                piece.unwrap_or_else(nothing)
            }
        };
    }
    runs.push(run);
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
