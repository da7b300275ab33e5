//! Which expressions of many can match a text at all: those one of whose literals stands in
//! it, and those that have none.

use std::collections::BTreeMap;

use aho_corasick::AhoCorasick;

use super::pattern::Pattern;

/// The literals of a list of expressions.
#[derive(Debug)]
pub struct Prefilter {
    literals: Option<AhoCorasick>,
    /// By literal: the numbers of the expressions that it may begin.
    owners: Vec<Vec<usize>>,
    /// Expressions that have to be tried on every text.
    always: Vec<usize>,
}

impl Prefilter {
    /// Over expressions that are numbered as they come.
    pub fn new<'a>(patterns: impl Iterator<Item = &'a Pattern>) -> Prefilter {
        let mut numbers: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let mut always = Vec::new();
        let mut count = 0;
        for (at, pattern) in patterns.enumerate() {
            count = at + 1;
            if pattern.literals.is_empty() {
                always.push(at);
            }
            for literal in &pattern.literals {
                numbers.entry(literal).or_default().push(at);
            }
        }
        match AhoCorasick::new(numbers.keys()) {
            Ok(literals) => {
                let owners = numbers.into_values().collect();
                Prefilter { literals: Some(literals), owners, always }
            }
            Err(_) => Prefilter::off(count),
        }
    }

    /// Lets every one of so many expressions pass.
    pub fn off(count: usize) -> Prefilter {
        Prefilter { literals: None, owners: Vec::new(), always: (0..count).collect() }
    }

    /// The numbers of the expressions that can match, in order.
    pub fn candidates(&self, text: &str, into: &mut Vec<usize>) {
        into.clear();
        into.extend_from_slice(&self.always);
        let Some(literals) = &self.literals else { return };
        for found in literals.find_overlapping_iter(text) {
            into.extend(self.owners.get(found.pattern().as_usize()).into_iter().flatten());
        }
        into.sort_unstable();
        into.dedup();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_match_is_tried() {
        let patterns =
            ["sorry|sad", r"\bno\b", "[ab]c?", "sorry to say"].map(|s| Pattern::new(s).unwrap());
        let mut found = Vec::new();
        let filter = Prefilter::new(patterns.iter());
        filter.candidates("so sorry, so sad", &mut found);
        assert_eq!(found, [0, 2]);
        filter.candidates("now", &mut found);
        assert_eq!(found, [1, 2]);
        Prefilter::off(3).candidates("now", &mut found);
        assert_eq!(found, [0, 1, 2]);
    }
}
