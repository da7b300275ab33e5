//! One regular expression of a rule: checked when loaded, compiled when first needed.

use std::sync::OnceLock;

use regex::{Regex, RegexBuilder};
use regex_syntax::hir::{Hir, HirKind};

use super::literals::{NEST_MAX, literals, parser, plain_classes};

/// A single expression may compile to this much.
pub const PATTERN_MAX_BYTES: usize = 256 * 1024;

/// An expression over folded text.
#[derive(Debug)]
pub struct Pattern {
    source: String,
    regex: OnceLock<Option<Regex>>,
    /// One of these stands in every text that it matches; empty when there is no such set.
    pub literals: Vec<String>,
}

/// What is wrong with an expression, and where in it (a byte offset).
#[derive(Debug)]
pub struct PatternError {
    pub message: String,
    pub offset: usize,
}

impl Pattern {
    /// Checks an expression without compiling it.
    pub fn new(source: &str) -> Result<Pattern, PatternError> {
        // What is matched is parsed: Unicode's classes cost more than all else at a start.
        let hir = match parser().parse(&plain_classes(source)) {
            Ok(hir) => hir,
            // The place of a mistake is told in what was written.
            Err(_) => parser().parse(source).map_err(|error| mistake(&error))?,
        };
        if hir.properties().minimum_len() == Some(0) {
            let message = "This expression matches the empty text, so it would fire on every mail";
            return Err(PatternError { message: message.to_owned(), offset: 0 });
        }
        if let Some(literal) = capital(&hir) {
            let message = format!("Rules are matched on lower-case text, `{literal}` never fires");
            let offset = source.find(&literal).unwrap_or(0);
            return Err(PatternError { message, offset });
        }
        Ok(Pattern { source: source.to_owned(), regex: OnceLock::new(), literals: literals(&hir) })
    }

    /// An expression that was checked before, with its literals.
    pub fn checked(source: &str, literals: &[&str]) -> Pattern {
        let literals = literals.iter().map(|literal| (*literal).to_owned()).collect();
        Pattern { source: source.to_owned(), regex: OnceLock::new(), literals }
    }

    /// The compiled expression; `None` when it is too large, which `size` finds at load.
    pub fn regex(&self) -> Option<&Regex> {
        self.regex.get_or_init(|| build(&self.source, PATTERN_MAX_BYTES).ok()).as_ref()
    }

    /// An upper bound of the compiled size, within a factor of four.
    pub fn size(&self) -> Result<usize, PatternError> {
        let mut last = None;
        for limit in [
            PATTERN_MAX_BYTES / 64,
            PATTERN_MAX_BYTES / 16,
            PATTERN_MAX_BYTES / 4,
            PATTERN_MAX_BYTES,
        ] {
            match build(&self.source, limit) {
                Ok(_) => return Ok(limit),
                Err(error) => last = Some(error),
            }
        }
        let message = last.map_or_else(String::new, |e| e.to_string());
        Err(PatternError { message: format!("Too large: {message}"), offset: 0 })
    }
}

fn build(source: &str, limit: usize) -> Result<Regex, regex::Error> {
    let source = plain_classes(source);
    RegexBuilder::new(&source).size_limit(limit).nest_limit(NEST_MAX).build()
}

fn mistake(error: &regex_syntax::Error) -> PatternError {
    let offset = match error {
        regex_syntax::Error::Parse(e) => e.span().start.offset,
        regex_syntax::Error::Translate(e) => e.span().start.offset,
        _ => 0,
    };
    PatternError { message: short(error), offset }
}

/// The parser's message without its picture of the expression.
fn short(error: &regex_syntax::Error) -> String {
    let kind = match error {
        regex_syntax::Error::Parse(e) => e.kind().to_string(),
        regex_syntax::Error::Translate(e) => e.kind().to_string(),
        other => other.to_string(),
    };
    let mut chars = kind.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// A literal with a capital letter.
fn capital(hir: &Hir) -> Option<String> {
    match hir.kind() {
        HirKind::Literal(literal) => {
            let text = String::from_utf8_lossy(&literal.0).into_owned();
            text.chars().any(|c| c.is_ascii_uppercase()).then_some(text)
        }
        HirKind::Capture(capture) => capital(&capture.sub),
        HirKind::Repetition(repeat) => capital(&repeat.sub),
        HirKind::Alternation(all) | HirKind::Concat(all) => all.iter().find_map(capital),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literals(source: &str) -> Vec<String> {
        Pattern::new(source).unwrap().literals
    }

    #[test]
    fn the_literals_are_those_without_which_nothing_matches() {
        assert_eq!(literals(r"\bwe regret\b"), ["we regret"]);
        assert_eq!(literals("(?:sorry|unfortunately) no"), ["sorry no", "unfortunately no"]);
        assert_eq!(
            literals(r"other (?:candidate|applicant)s?"),
            ["other candidate", "other applicant"]
        );
        assert_eq!(literals(r"(?:\w+ )?not (?:be )?able"), ["not able", "not be able"]);
        assert_eq!(literals(r"^[^,]*\?$"), ["?"]);
        assert_eq!(literals("n[aã]o \\w+"), ["nao ", "não "]);
        assert!(literals(r"\w+ a|b").is_empty());
    }

    #[test]
    fn mistakes_have_a_place() {
        assert_eq!(Pattern::new("ab(c").unwrap_err().offset, 2);
        assert!(Pattern::new("We regret").unwrap_err().message.contains("lower-case"));
        assert!(Pattern::new("x*").unwrap_err().message.contains("empty"));
        assert!(Pattern::new(&"(".repeat(60)).is_err());
        assert!(Pattern::new(r"(?:\w{100}){1000}").unwrap().size().is_err());
    }
}
