//! How a sentence is meant: which of its words stand under an "if" or a "not".

use std::ops::Range;

use super::pattern::Pattern;
use crate::model::verdict::Mark;

/// What the words of a list do to others in their sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Governs {
    /// "if": what follows, and what stands before when nothing divides the two.
    Around,
    /// "candidates who": what follows is said of anybody, what stands before is not.
    Anybody,
    /// "this does not mean": what follows.
    Negated,
    /// "but": nothing any more.
    Nothing,
}

impl Governs {
    /// The words of the rule files for it.
    pub const WORDS: &[(&str, Governs)] = &[
        ("conditional", Governs::Around),
        ("general", Governs::Anybody),
        ("negated", Governs::Negated),
        ("plain", Governs::Nothing),
    ];

    /// What a word of the rule files means.
    pub fn named(word: &str) -> Option<Governs> {
        Governs::WORDS.iter().find(|(known, _)| *known == word).map(|(_, governs)| *governs)
    }

    fn mark(self) -> Option<Mark> {
        match self {
            Governs::Around | Governs::Anybody => Some(Mark::Conditional),
            Governs::Negated => Some(Mark::Negated),
            Governs::Nothing => None,
        }
    }
}

/// The words of one sentence that govern others, and those that end their clause.
#[derive(Debug)]
pub struct Clauses {
    openings: Vec<(Range<usize>, Governs)>,
    ends: Vec<Range<usize>>,
}

impl Clauses {
    /// Finds them by the expressions of the rule files.
    pub fn of<'a>(
        expressions: impl Iterator<Item = (Governs, &'a Pattern)>,
        sentence: &str,
    ) -> Clauses {
        let mut clauses = Clauses { openings: Vec::new(), ends: Vec::new() };
        for (governs, pattern) in expressions {
            for found in pattern.matches(sentence) {
                match governs {
                    Governs::Nothing => clauses.ends.push(found),
                    governs => clauses.openings.push((found, governs)),
                }
            }
        }
        // "If you are still interested" is mere politeness, "even if" no condition: both are
        // listed among the ends.
        let ends = &clauses.ends;
        clauses.openings.retain(|(opening, _)| !ends.iter().any(|e| e.contains(&opening.start)));
        clauses
    }

    /// The mark of the words at `hit`.
    ///
    /// An opening governs what follows until something ends its clause ("…, but we
    /// decided"); an "if" also governs what stands before it when nothing divides the two.
    /// Words inside the hit are its own: "candidates who have more experience".
    pub fn mark(&self, sentence: &str, hit: &Range<usize>) -> Option<Mark> {
        let after = |(range, governs): &&(Range<usize>, Governs)| {
            *governs == Governs::Around
                && range.start >= hit.end
                && !divided(sentence.get(hit.end..range.start).unwrap_or(""))
        };
        if self.openings.iter().any(|opening| after(&opening)) {
            return Some(Mark::Conditional);
        }
        let before = self.openings.iter().filter(|(range, _)| range.start < hit.start);
        let (opening, governs) = before.max_by_key(|(range, _)| range.start)?;
        let ended = self.ends.iter().any(|end| (opening.start + 1..hit.start).contains(&end.start));
        governs.mark().filter(|_| !ended)
    }
}

/// Something between a hit and a later "if" keeps them apart.
fn divided(between: &str) -> bool {
    const WORDS: &[&str] = &[
        " and ", " but ", " so ", " und ", " aber ", " et ", " mais ", " y ", " pero ", " en ",
        " maar ", " e ", " ma ", " mas ", " och ", " men ",
    ];
    between.contains([',', ';', ':', '(', '-']) || WORDS.iter().any(|word| between.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(sentence: &str) -> Option<Mark> {
        let expressions = [
            (Governs::Around, r"\bif\b"),
            (Governs::Anybody, "those who"),
            (Governs::Negated, "not mean"),
            (Governs::Nothing, "if you like"),
            (Governs::Nothing, "even if"),
            (Governs::Nothing, r"\bbut\b"),
        ]
        .map(|(governs, source)| (governs, Pattern::new(source).unwrap()));
        let expressions = expressions.iter().map(|(governs, pattern)| (*governs, pattern));
        let start = sentence.find("NO").unwrap();
        Clauses::of(expressions, sentence).mark(sentence, &(start..start + 2))
    }

    #[test]
    fn a_condition_governs_its_clause_on_both_sides() {
        assert_eq!(mark("if it is NO we write"), Some(Mark::Conditional));
        assert_eq!(mark("it is NO if we write"), Some(Mark::Conditional));
        assert_eq!(mark("it is NO, if we write"), None);
        assert_eq!(mark("if we write, but it is NO"), None);
        assert_eq!(mark("but if we write it is NO"), Some(Mark::Conditional));
        assert_eq!(mark("if you like it is NO"), None);
        assert_eq!(mark("even if it is NO"), None);
        assert_eq!(mark("this does not mean NO"), Some(Mark::Negated));
        assert_eq!(mark("it is NO"), None);
        assert_eq!(mark("those who are NO"), Some(Mark::Conditional));
        assert_eq!(mark("it is NO for those who came"), None);
    }
}
