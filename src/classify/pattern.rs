//! One regular expression of a rule: checked when loaded, compiled when first needed.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use regex_automata::Input;
use regex_automata::meta::{BuildError, Cache, Regex};
use regex_automata::nfa::thompson::WhichCaptures;
use regex_automata::util::iter::Searcher;
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
    compiled: OnceLock<Option<Compiled>>,
    /// What stands in every text that it matches, as `literals` tells it.
    literals: Cow<'static, str>,
}

/// An expression ready to match, with the memory that it matches in: the library would keep
/// some for each of eight threads.
#[derive(Debug)]
struct Compiled {
    regex: Regex,
    /// As many as have matched at one time.
    idle: Mutex<Vec<Cache>>,
}

impl Compiled {
    fn of(regex: Regex) -> Compiled {
        Compiled { regex, idle: Mutex::default() }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Cache>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn matches<'a>(&'a self, text: Input<'a>) -> Matches<'a> {
        let idle = self.idle().pop();
        let cache = idle.unwrap_or_else(|| self.regex.create_cache());
        Matches { compiled: self, searcher: Searcher::new(text), cache: Some(cache) }
    }
}

/// Where an expression matches, from the beginning of a text on.
struct Matches<'a> {
    compiled: &'a Compiled,
    searcher: Searcher<'a>,
    /// Lent until this is dropped.
    cache: Option<Cache>,
}

impl Iterator for Matches<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let (regex, cache) = (&self.compiled.regex, self.cache.as_mut()?);
        let found = self.searcher.advance(|input| Ok(regex.search_with(cache, input)));
        found.map(|found| found.range())
    }
}

impl Drop for Matches<'_> {
    fn drop(&mut self) {
        self.compiled.idle().extend(self.cache.take());
    }
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
        Ok(Pattern { source, compiled: OnceLock::new(), literals })
    }

    /// An expression that was checked before, with its literals.
    pub fn checked(source: &'static str, literals: &'static str) -> Pattern {
        let (source, literals) = (Cow::Borrowed(source), Cow::Borrowed(literals));
        Pattern { source, compiled: OnceLock::new(), literals }
    }

    /// What must stand in every text that it matches, as `literals::told` writes it; empty when
    /// it has to be tried on every text.
    pub fn literals(&self) -> &str {
        &self.literals
    }

    /// Where it matches in this text, from its beginning on.
    pub fn matches<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Range<usize>> {
        self.compiled().into_iter().flat_map(|it| it.matches(Input::new(text)))
    }

    /// It matches somewhere in this text.
    pub fn is_match(&self, text: &str) -> bool {
        let input = Input::new(text).earliest(true);
        self.compiled().is_some_and(|it| it.matches(input).next().is_some())
    }

    /// `None` when it is too large, which `size` finds at load.
    fn compiled(&self) -> Option<&Compiled> {
        let compile = || build(&self.source, PATTERN_MAX_BYTES).ok().map(Compiled::of);
        self.compiled.get_or_init(compile).as_ref()
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
    use crate::classify::literals::ways;

    fn literals(source: &str) -> Vec<String> {
        let pattern = Pattern::new(source).unwrap();
        let ways = ways(pattern.literals()).map(|way| {
            way.map(|set| set.collect::<Vec<_>>().join("|")).collect::<Vec<_>>().join(" & ")
        });
        ways.collect()
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
    fn the_memory_it_matches_in_is_lent_and_given_back() {
        let pattern = Pattern::new(r"\bno\w*").unwrap();
        let idle = || pattern.compiled().unwrap().idle().len();
        assert_eq!(pattern.matches("now or never, no").collect::<Vec<_>>(), [0..3, 14..16]);
        assert_eq!(idle(), 1);
        let mut half = pattern.matches("now, no");
        assert_eq!(half.next(), Some(0..3));
        assert!(pattern.is_match("or no") && !pattern.is_match("yes"));
        assert_eq!(half.next(), Some(5..7));
        drop(half);
        assert_eq!(idle(), 2, "two matched at one time");
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
