//! Which expressions of many can match a text at all: those of which one way of matching has
//! all the literals that it needs there, and those that need none.

use std::collections::HashMap;

use super::finder::Finder;
use super::literals::ways;

/// The literals of a list of expressions.
#[derive(Debug)]
pub struct Prefilter {
    literals: Option<Finder>,
    /// By literal: the ways of matching whose rarest set has it.
    begins: Vec<Vec<u32>>,
    ways: Vec<Way>,
    /// Expressions that have to be tried on every text.
    always: Vec<usize>,
}

/// One way in which an expression can match.
#[derive(Debug)]
struct Way {
    pattern: usize,
    /// Of each of these sets, too, one literal must be there.
    also: Vec<Vec<u32>>,
}

/// What is looked up again and again: the literals of one text, and the room for them.
#[derive(Debug, Default)]
pub struct Seen {
    /// A bit for each literal.
    bits: Vec<u64>,
    numbers: Vec<u32>,
}

impl Seen {
    fn holds(&self, number: u32) -> bool {
        self.bits.get(number as usize / 64).is_some_and(|word| word & (1 << (number % 64)) != 0)
    }

    fn note(&mut self, number: u32) {
        let at = number as usize / 64;
        if at >= self.bits.len() {
            self.bits.resize(at + 1, 0);
        }
        let bit = 1 << (number % 64);
        if let Some(word) = self.bits.get_mut(at)
            && *word & bit == 0
        {
            *word |= bit;
            self.numbers.push(number);
        }
    }

    fn clear(&mut self) {
        for number in self.numbers.drain(..) {
            if let Some(word) = self.bits.get_mut(number as usize / 64) {
                *word = 0;
            }
        }
    }
}

impl Prefilter {
    /// Over expressions that are numbered as they come, of each what `literals::told` tells.
    pub fn new<'a>(expressions: impl Iterator<Item = &'a str>) -> Prefilter {
        let mut numbers: HashMap<&str, u32> = HashMap::new();
        let mut filter = Prefilter::off(0);
        let mut count = 0;
        for (pattern, told) in expressions.enumerate() {
            count = pattern + 1;
            let before = filter.ways.len();
            for way in ways(told) {
                let mut sets = way.iter().map(|set| filter.numbered(&mut numbers, set));
                let first = sets.next().unwrap_or_default();
                let also: Vec<Vec<u32>> = sets.collect();
                let way = u32::try_from(filter.ways.len()).unwrap_or(u32::MAX);
                filter.ways.push(Way { pattern, also });
                for literal in first {
                    filter.begins.get_mut(literal as usize).into_iter().for_each(|it| it.push(way));
                }
            }
            if filter.ways.len() == before {
                filter.always.push(pattern);
            }
        }
        let mut literals = vec![""; numbers.len()];
        for (literal, number) in numbers {
            literals.get_mut(number as usize).into_iter().for_each(|it| *it = literal);
        }
        match Finder::new(literals.iter().copied()) {
            Some(finder) => Prefilter { literals: Some(finder), ..filter },
            None => Prefilter::off(count),
        }
    }

    /// The numbers of a set's literals; new ones get the next.
    fn numbered<'a>(&mut self, known: &mut HashMap<&'a str, u32>, set: &[&'a str]) -> Vec<u32> {
        let number = |literal: &&'a str| {
            let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
            *known.entry(*literal).or_insert(next)
        };
        let numbers = set.iter().map(number).collect();
        self.begins.resize_with(known.len(), Vec::new);
        numbers
    }

    /// Lets every one of so many expressions pass.
    pub fn off(count: usize) -> Prefilter {
        let always = (0..count).collect();
        Prefilter { literals: None, begins: Vec::new(), ways: Vec::new(), always }
    }

    /// The numbers of the expressions that can match, in order.
    pub fn candidates(&self, text: &str, seen: &mut Seen, into: &mut Vec<usize>) {
        into.clear();
        into.extend_from_slice(&self.always);
        let Some(literals) = &self.literals else { return };
        literals.find(text, |number| seen.note(number));
        let begun = seen.numbers.iter().filter_map(|number| self.begins.get(*number as usize));
        let ways = begun.flatten().filter_map(|way| self.ways.get(*way as usize));
        let fits = |way: &&Way| way.also.iter().all(|set| set.iter().any(|it| seen.holds(*it)));
        into.extend(ways.filter(fits).map(|way| way.pattern));
        seen.clear();
        into.sort_unstable();
        into.dedup();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::pattern::Pattern;

    #[test]
    fn only_what_can_match_is_tried() {
        let sources = [
            "sorry|sad",
            r"\bno\b",
            "[ab]c?",
            "sorry to say",
            r"sad (?:\w+ )?song|no (?:\w+ )?luck",
        ];
        let patterns = sources.map(|s| Pattern::new(s).unwrap());
        let filter = Prefilter::new(patterns.iter().map(Pattern::literals));
        let (mut seen, mut found) = (Seen::default(), Vec::new());
        for (text, expected) in [
            ("so sorry, so sad", [0, 2].as_slice()),
            ("now", &[1, 2]),
            ("a sad song", &[0, 2, 4]),
            ("no song", &[1, 2]),
            ("no such luck", &[1, 2, 4]),
        ] {
            filter.candidates(text, &mut seen, &mut found);
            assert_eq!(found, expected, "{text}");
        }
        Prefilter::off(3).candidates("now", &mut seen, &mut found);
        assert_eq!(found, [0, 1, 2]);
    }
}
