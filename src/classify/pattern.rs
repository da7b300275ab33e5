//! One regular expression of a rule: checked when loaded, compiled when first needed.

use std::borrow::Cow;
use std::sync::OnceLock;

use regex_automata::meta::{BuildError, Regex};
use regex_automata::nfa::thompson::WhichCaptures;
use regex_automata::util::syntax;
use regex_syntax::hir::{Hir, HirKind};

use super::fold::Text;
use super::literals::{NEST_MAX, literals, parser, plain_classes, told};

/// A single expression may compile to this much.
pub const PATTERN_MAX_BYTES: usize = 256 * 1024;

/// An expression over folded text.
#[derive(Debug)]
pub struct Pattern {
    source: Cow<'static, str>,
    regex: OnceLock<Option<Regex>>,
    /// What stands in every text that it matches, as `literals` tells it.
    literals: Cow<'static, str>,
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
        if let Some(never) = never_read(&hir) {
            let offset = source.find(&never.text).unwrap_or(0);
            return Err(PatternError { message: never.message, offset });
        }
        let (source, literals) = (source.to_owned().into(), told(&literals(&hir)).into());
        Ok(Pattern { source, regex: OnceLock::new(), literals })
    }

    /// An expression that was checked before, with its literals.
    pub fn checked(source: &'static str, literals: &'static str) -> Pattern {
        let (source, literals) = (Cow::Borrowed(source), Cow::Borrowed(literals));
        Pattern { source, regex: OnceLock::new(), literals }
    }

    /// What must stand in every text that it matches, as `literals::told` writes it; empty when
    /// it has to be tried on every text.
    pub fn literals(&self) -> &str {
        &self.literals
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

/// Without the engines that keep states for each expression and each thread, or a second
/// automaton for the way back: that pays in long texts, and a rule is tried on a sentence.
fn build(source: &str, limit: usize) -> Result<Regex, Box<BuildError>> {
    let config =
        Regex::config().nfa_size_limit(Some(limit)).which_captures(WhichCaptures::Implicit);
    let config = config.hybrid(false).dfa(false).onepass(false);
    let syntax = syntax::Config::new().nest_limit(NEST_MAX);
    let built = Regex::builder().configure(config).syntax(syntax).build(&plain_classes(source));
    built.map_err(Box::new)
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

/// Something that never stands in the text that rules read.
struct NeverRead {
    text: String,
    message: String,
}

/// A literal or a class that can never match folded text.
fn never_read(hir: &Hir) -> Option<NeverRead> {
    match hir.kind() {
        HirKind::Literal(literal) => unfolded(&String::from_utf8_lossy(&literal.0)),
        HirKind::Class(regex_syntax::hir::Class::Unicode(class)) => {
            let capitals = |it: &regex_syntax::hir::ClassUnicodeRange| {
                it.start().is_ascii_uppercase() && it.end().is_ascii_uppercase()
            };
            let ranges = class.ranges();
            let first = ranges.first().filter(|_| ranges.iter().all(capitals))?;
            unfolded(&first.start().to_string())
        }
        HirKind::Capture(capture) => never_read(&capture.sub),
        HirKind::Repetition(repeat) => never_read(&repeat.sub),
        HirKind::Alternation(all) | HirKind::Concat(all) => all.iter().find_map(never_read),
        _ => None,
    }
}

/// A literal that folding would change.
fn unfolded(literal: &str) -> Option<NeverRead> {
    let told = |text: &str, message: String| Some(NeverRead { text: text.to_owned(), message });
    if let Some(c) = literal.chars().find(|c| c.is_control()) {
        let message = "A control character never stands in a text; between \"…\" `\\b` means one, \
                       so put the expression between '…'";
        return told(&c.to_string(), message.to_owned());
    }
    if literal.chars().any(char::is_uppercase) {
        let message = format!("Rules are matched on lower-case text, `{literal}` never fires");
        return told(literal, message);
    }
    let folded = Text::new(literal).folded;
    let c = literal.chars().find(|c| !c.is_whitespace() && !folded.contains(*c))?;
    let message = match folded.trim() {
        "" => format!("`{c}` never stands in the text that rules read"),
        plain => format!("In the text that rules read, `{literal}` is written `{plain}`"),
    };
    told(&c.to_string(), message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::literals::{Told, ways};

    fn literals(source: &str) -> Vec<String> {
        let pattern = Pattern::new(source).unwrap();
        let sets = |way: Told<'_>| way.iter().map(|set| set.join("|")).collect::<Vec<_>>();
        ways(pattern.literals()).map(|way| sets(way).join(" & ")).collect()
    }

    #[test]
    fn the_literals_are_those_without_which_nothing_matches() {
        assert_eq!(literals(r"\bwe regret\b"), ["we regret"]);
        assert_eq!(literals("(?:sorry|unfortunately) no"), ["sorry no|unfortunately no"]);
        assert_eq!(
            literals(r"other (?:candidate|applicant)s?"),
            ["other candidate|other applicant"]
        );
        assert_eq!(literals(r"(?:\w+ )?not (?:be )?able"), ["not able|not be able"]);
        assert_eq!(literals(r"^[^,]*\?$"), ["?"]);
        assert_eq!(literals("n[aã]o \\w+"), ["nao |não "]);
        assert!(literals(r"\w+ a|b").is_empty());
    }

    #[test]
    fn every_way_of_matching_has_its_own_needs() {
        assert_eq!(literals(r"\bthe (?:\w+ )?(?:road|path) ends"), ["road ends|path ends & the "]);
        assert_eq!(
            literals(r"\b(?:sorry|hope (?:\w+ )?fortune|sad)\b"),
            ["fortune & hope ", "sad|sorry"]
        );
    }

    #[test]
    fn mistakes_have_a_place() {
        assert_eq!(Pattern::new("ab(c").unwrap_err().offset, 2);
        assert!(Pattern::new("We regret").unwrap_err().message.contains("lower-case"));
        assert!(Pattern::new("[A-Z][a-z]+ no").unwrap_err().message.contains("lower-case"));
        assert!(Pattern::new("[A-Za-z]+ no").is_ok());
        let in_double_quotes = Pattern::new("we \u{8}regret").unwrap_err();
        assert!(in_double_quotes.message.contains("between '…'"));
        assert_eq!(in_double_quotes.offset, 3);
        let curly = Pattern::new("we don’t").unwrap_err();
        assert!(curly.message.contains("is written `we don't`"), "{}", curly.message);
        assert_eq!(curly.offset, 6);
        assert!(Pattern::new("x*").unwrap_err().message.contains("empty"));
        assert!(Pattern::new(&"(".repeat(60)).is_err());
        assert!(Pattern::new(r"(?:\w{100}){1000}").unwrap().size().is_err());
    }
}
