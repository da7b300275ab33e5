//! How a sentence is meant: which of its words stand under an "if" or a "not".

use std::ops::Range;

use super::pattern::Pattern;
use crate::model::verdict::Mark;

/// The words of one sentence that govern others, and those that end their clause.
#[derive(Debug)]
pub struct Clauses {
    openings: Vec<(Range<usize>, Mark)>,
    ends: Vec<usize>,
}

impl Clauses {
    /// Finds them by the lists of the rule files; a list without a mark ends clauses.
    pub fn of(lists: &[(Option<Mark>, Vec<Pattern>)], sentence: &str) -> Clauses {
        let mut clauses = Clauses { openings: Vec::new(), ends: Vec::new() };
        for (mark, patterns) in lists {
            for found in
                patterns.iter().filter_map(Pattern::regex).flat_map(|r| r.find_iter(sentence))
            {
                match mark {
                    Some(mark) => clauses.openings.push((found.range(), *mark)),
                    None => clauses.ends.push(found.start()),
                }
            }
        }
        // "If you are still interested" is mere politeness, listed among the ends.
        let ends = &clauses.ends;
        clauses.openings.retain(|(range, _)| !ends.contains(&range.start));
        clauses
    }

    /// The mark of the words at `hit`.
    ///
    /// An opening governs what follows until something ends its clause ("…, but we
    /// decided"); an "if" also governs what stands before it when nothing divides the two.
    /// Words inside the hit are its own: "candidates who have more experience".
    pub fn mark(&self, sentence: &str, hit: &Range<usize>) -> Option<Mark> {
        let after = |(range, mark): &&(Range<usize>, Mark)| {
            *mark == Mark::Conditional
                && range.start >= hit.end
                && !divided(sentence.get(hit.end..range.start).unwrap_or(""))
        };
        if self.openings.iter().any(|opening| after(&opening)) {
            return Some(Mark::Conditional);
        }
        let before = self.openings.iter().filter(|(range, _)| range.end <= hit.start);
        let (at, mark) = before.max_by_key(|(range, _)| range.start).map(|(r, m)| (r.start, *m))?;
        let ended = self.ends.iter().any(|end| (at + 1..hit.start).contains(end));
        (!ended).then_some(mark)
    }
}

/// Something between a hit and a later "if" keeps them apart.
fn divided(between: &str) -> bool {
    between.contains([',', ';', ':', '(', '-'])
        || [" and ", " but ", " so ", " und ", " aber "].iter().any(|word| between.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(sentence: &str) -> Option<Mark> {
        let list = |sources: &[&str]| sources.iter().map(|s| Pattern::new(s).unwrap()).collect();
        let lists = vec![
            (Some(Mark::Conditional), list(&[r"\bif\b"])),
            (Some(Mark::Negated), list(&["not mean"])),
            (None, list(&["if you like", r"\bbut\b"])),
        ];
        let start = sentence.find("NO").unwrap();
        Clauses::of(&lists, sentence).mark(sentence, &(start..start + 2))
    }

    #[test]
    fn a_condition_governs_its_clause_on_both_sides() {
        assert_eq!(mark("if it is NO we write"), Some(Mark::Conditional));
        assert_eq!(mark("it is NO if we write"), Some(Mark::Conditional));
        assert_eq!(mark("it is NO, if we write"), None);
        assert_eq!(mark("if we write, but it is NO"), None);
        assert_eq!(mark("but if we write it is NO"), Some(Mark::Conditional));
        assert_eq!(mark("if you like it is NO"), None);
        assert_eq!(mark("this does not mean NO"), Some(Mark::Negated));
        assert_eq!(mark("it is NO"), None);
    }
}
