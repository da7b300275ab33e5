//! Which expressions of many can match a text at all: those of which one way of matching has
//! all the literals that it needs there, and those that need none.

use std::collections::HashMap;

use super::finder::Finder;
use super::literals::ways;

/// Room for the literals of the shipped rules.
const LITERALS_EXPECTED: usize = 40_000;

/// The literals of a list of expressions.
#[derive(Debug)]
pub struct Prefilter {
    literals: Option<Finder>,
    /// By literal: the ways of matching whose rarest set has it.
    begins: Lists,
    /// By way of matching: the expression.
    ways: Vec<u32>,
    /// By way of matching: the other sets, of each of which one literal must be there, too.
    also: Lists,
    /// By set: its literals.
    sets: Lists,
    /// Expressions that have to be tried on every text.
    always: Vec<usize>,
}

/// Lists of numbers, themselves numbered as they come; all in one piece, for there are tens of
/// thousands and most have one number.
#[derive(Debug)]
struct Lists {
    /// Where each begins; one more at the end.
    starts: Vec<u32>,
    numbers: Vec<u32>,
}

impl Lists {
    fn new() -> Lists {
        Lists { starts: vec![0], numbers: Vec::new() }
    }

    fn push(&mut self, numbers: impl Iterator<Item = u32>) -> u32 {
        let at = number(self.starts.len() - 1);
        self.numbers.extend(numbers);
        self.starts.push(number(self.numbers.len()));
        at
    }

    fn get(&self, at: u32) -> &[u32] {
        let place = |at: usize| self.starts.get(at).map(|it| *it as usize);
        let range = place(at as usize).zip(place(at as usize + 1));
        range.and_then(|(start, end)| self.numbers.get(start..end)).unwrap_or_default()
    }

    /// Out of pairs of a list and a number: so many lists, the numbers in the pairs' order.
    fn of(count: usize, pairs: &[(u32, u32)]) -> Lists {
        let mut starts = vec![0; count + 1];
        for (list, _) in pairs {
            starts.get_mut(*list as usize + 1).into_iter().for_each(|it| *it += 1);
        }
        let mut before = 0;
        for start in &mut starts {
            before += *start;
            *start = before;
        }
        let mut next = starts.clone();
        let mut numbers = vec![0; pairs.len()];
        for (list, number) in pairs {
            let Some(at) = next.get_mut(*list as usize) else { continue };
            numbers.get_mut(*at as usize).into_iter().for_each(|it| *it = *number);
            *at += 1;
        }
        Lists { starts, numbers }
    }
}

/// There are never so many that they do not fit.
fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
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

/// The number of a literal; a new one gets the next.
fn numbered<'a>(known: &mut HashMap<&'a str, u32>, literal: &'a str) -> u32 {
    let next = number(known.len());
    *known.entry(literal).or_insert(next)
}

impl Prefilter {
    /// Over expressions that are numbered as they come, of each what `literals::told` tells.
    pub fn new<'a>(expressions: impl Iterator<Item = &'a str>) -> Prefilter {
        let mut known = HashMap::with_capacity(LITERALS_EXPECTED);
        let mut filter = Prefilter::off(0);
        let mut begins = Vec::new();
        let mut count = 0;
        for (pattern, told) in expressions.enumerate() {
            count = pattern + 1;
            let before = filter.ways.len();
            for mut sets in ways(told) {
                let first = sets.next().into_iter().flatten();
                let way = number(filter.ways.len());
                begins.extend(first.map(|literal| (numbered(&mut known, literal), way)));
                let also = sets
                    .map(|set| filter.sets.push(set.map(|literal| numbered(&mut known, literal))));
                filter.also.push(also);
                filter.ways.push(number(pattern));
            }
            if filter.ways.len() == before {
                filter.always.push(pattern);
            }
        }
        let mut literals = vec![""; known.len()];
        for (literal, number) in known {
            literals.get_mut(number as usize).into_iter().for_each(|it| *it = literal);
        }
        let begins = Lists::of(literals.len(), &begins);
        match Finder::new(literals.iter().copied()) {
            Some(finder) => Prefilter { literals: Some(finder), begins, ..filter },
            None => Prefilter::off(count),
        }
    }

    /// Lets every one of so many expressions pass.
    pub fn off(count: usize) -> Prefilter {
        let always = (0..count).collect();
        let [begins, also, sets] = [(); 3].map(|()| Lists::new());
        Prefilter { literals: None, begins, ways: Vec::new(), also, sets, always }
    }

    /// The numbers of the expressions that can match, in order.
    pub fn candidates(&self, text: &str, seen: &mut Seen, into: &mut Vec<usize>) {
        into.clear();
        into.extend_from_slice(&self.always);
        let Some(literals) = &self.literals else { return };
        literals.find(text, |number| seen.note(number));
        let begun = seen.numbers.iter().flat_map(|number| self.begins.get(*number));
        let is_there = |set: &u32| self.sets.get(*set).iter().any(|it| seen.holds(*it));
        let fits = |way: &&u32| self.also.get(**way).iter().all(is_there);
        let patterns = begun.filter(fits).filter_map(|way| self.ways.get(*way as usize));
        into.extend(patterns.map(|pattern| *pattern as usize));
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
