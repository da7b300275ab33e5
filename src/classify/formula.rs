//! Boolean formulas over symbols: `REJ_SOFT & (HIRING | REJ_*:conditional) & !INV_*`.

use crate::model::verdict::Mark;

/// A formula as written.
#[derive(Debug, Clone, PartialEq)]
pub enum Formula {
    /// A symbol, or all symbols with a common beginning.
    Symbol {
        name: String,
        family: bool,
        mark: Wanted,
    },
    Not(Box<Formula>),
    And(Vec<Formula>),
    Or(Vec<Formula>),
}

/// Which hits of a symbol count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// Plain statements.
    Plain,
    /// Only with this mark.
    Marked(Mark),
    /// Any hit at all.
    Any,
}

/// What is wrong and at which byte.
#[derive(Debug, PartialEq, Eq)]
pub struct FormulaError {
    pub message: String,
    pub offset: usize,
}

/// Brackets in brackets.
const DEPTH_MAX: usize = 20;

impl Formula {
    /// Reads a formula.
    pub fn parse(text: &str) -> Result<Formula, FormulaError> {
        let mut reader = Reader { text, at: 0, depth: 0 };
        let formula = reader.either()?;
        reader.blanks();
        if reader.at < text.len() {
            return Err(reader.expected("`&`, `|` or the end"));
        }
        Ok(formula)
    }

    /// Every symbol or family that it names.
    pub fn names<'a>(&'a self, into: &mut Vec<(&'a str, bool)>) {
        match self {
            Formula::Symbol { name, family, .. } => into.push((name, *family)),
            Formula::Not(inner) => inner.names(into),
            Formula::And(all) | Formula::Or(all) => all.iter().for_each(|one| one.names(into)),
        }
    }

    /// Whether it holds, `fired` telling of one name whether it does.
    pub fn holds(&self, fired: &impl Fn(&str, bool, Wanted) -> bool) -> bool {
        match self {
            Formula::Symbol { name, family, mark } => fired(name, *family, *mark),
            Formula::Not(inner) => !inner.holds(fired),
            Formula::And(all) => all.iter().all(|one| one.holds(fired)),
            Formula::Or(all) => all.iter().any(|one| one.holds(fired)),
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn takes(&mut self, sign: char) -> bool {
        self.blanks();
        let there = self.rest().starts_with(sign);
        self.at += usize::from(there);
        there
    }

    fn expected(&self, what: &str) -> FormulaError {
        FormulaError { message: format!("Expected {what}"), offset: self.at }
    }

    fn either(&mut self) -> Result<Formula, FormulaError> {
        let mut all = vec![self.both()?];
        while self.takes('|') {
            all.push(self.both()?);
        }
        Ok(one_or(all, Formula::Or))
    }

    fn both(&mut self) -> Result<Formula, FormulaError> {
        let mut all = vec![self.one()?];
        while self.takes('&') {
            all.push(self.one()?);
        }
        Ok(one_or(all, Formula::And))
    }

    fn one(&mut self) -> Result<Formula, FormulaError> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self.expected("fewer brackets"));
        }
        let formula = if self.takes('!') {
            Formula::Not(Box::new(self.one()?))
        } else if self.takes('(') {
            let inner = self.either()?;
            if !self.takes(')') {
                return Err(self.expected("`)`"));
            }
            inner
        } else {
            self.symbol()?
        };
        self.depth -= 1;
        Ok(formula)
    }

    fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or("")
    }

    fn symbol(&mut self) -> Result<Formula, FormulaError> {
        self.blanks();
        let name = self.word().to_owned();
        if name.is_empty() {
            return Err(self.expected("the name of a symbol"));
        }
        let family = self.rest().starts_with('*');
        self.at += usize::from(family);
        let mut mark = Wanted::Plain;
        if self.rest().starts_with(':') {
            self.at += 1;
            let offset = self.at;
            let word = self.word();
            mark = match (word, Mark::named(word)) {
                ("any", _) => Wanted::Any,
                (_, Some(mark)) => Wanted::Marked(mark),
                _ => {
                    let message = format!(
                        "`{word}` is not a mark (conditional, negated, quoted, forwarded or any)"
                    );
                    return Err(FormulaError { message, offset });
                }
            };
        }
        Ok(Formula::Symbol { name, family, mark })
    }
}

fn one_or(mut all: Vec<Formula>, many: fn(Vec<Formula>) -> Formula) -> Formula {
    match (all.len(), all.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            all.extend(last);
            many(all)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(text: &str, fired: &[&str]) -> bool {
        Formula::parse(text).unwrap().holds(&|name, family, _| {
            fired.iter().any(|f| if family { f.starts_with(name) } else { *f == name })
        })
    }

    #[test]
    fn and_binds_closer_than_or() {
        assert!(holds("A | B & C", &["A"]));
        assert!(!holds("(A | B) & C", &["A"]));
        assert!(holds("A & !B_*", &["A"]));
        assert!(!holds("A & !B_*", &["A", "B_X"]));
    }

    #[test]
    fn mistakes_have_a_place() {
        assert_eq!(Formula::parse("A & ").unwrap_err().offset, 4);
        assert_eq!(Formula::parse("A B").unwrap_err().offset, 2);
        assert_eq!(Formula::parse("A:maybe").unwrap_err().offset, 2);
        assert!(Formula::parse(&"(".repeat(100)).is_err());
    }
}
