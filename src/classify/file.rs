//! The text of a rule file to its entries, and where in the text a mistake stands.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::RuleError;

/// A rule file larger than this is no rule file.
const FILE_MAX_BYTES: usize = 1024 * 1024;

/// All entries of one file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    #[serde(default)]
    pub rule: Vec<Rule>,
    #[serde(default)]
    pub composite: Vec<Composite>,
    #[serde(default)]
    pub sender: Vec<Sender>,
    #[serde(default)]
    pub mark: Vec<MarkWords>,
    #[serde(default)]
    pub weights: BTreeMap<Spanned<String>, Spanned<Weight>>,
    pub decision: Option<Decision>,
}

/// `[[rule]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub symbol: Spanned<String>,
    pub describe: String,
    #[serde(rename = "where", default = "body")]
    pub places: Spanned<OneOrMany>,
    pub any: Vec<Spanned<String>>,
    #[serde(default)]
    pub unless: Vec<Spanned<String>>,
    #[serde(default)]
    pub near: Vec<Spanned<String>>,
    pub lang: Option<Spanned<String>>,
    pub tells: Option<Spanned<String>>,
    #[serde(rename = "match", default)]
    pub matching: Vec<String>,
    #[serde(default)]
    pub pass: Vec<String>,
}

fn body() -> Spanned<OneOrMany> {
    Spanned::new(0..0, OneOrMany::One("body".to_owned()))
}

/// A word or a list of words.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    pub fn words(&self) -> &[String] {
        match self {
            OneOrMany::One(word) => std::slice::from_ref(word),
            OneOrMany::Many(words) => words,
        }
    }
}

/// `[[composite]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Composite {
    pub symbol: Spanned<String>,
    pub describe: String,
    pub when: Spanned<String>,
}

/// `[[sender]]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sender {
    pub name: String,
    pub domains: Vec<String>,
    /// An answer to its address reaches a person.
    #[serde(default)]
    pub relays: bool,
    /// It also sends advertisements of jobs, so that its name alone proves nothing.
    #[serde(default)]
    pub board: bool,
}

/// `[[mark]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarkWords {
    pub means: Spanned<String>,
    pub any: Vec<Spanned<String>>,
}

/// A row of `[weights]`: numbers by kind, or 0 to switch a symbol off.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Weight {
    Off(f64),
    Kinds(BTreeMap<String, f64>),
}

/// `[decision]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// P(rejected) from which a case is opened.
    pub upper: f64,
    /// P(rejected) from which the user is asked.
    pub lower: f64,
    /// The symbol without which nothing is a rejection.
    pub needs: Spanned<String>,
    /// The symbol at which the user is asked whatever the numbers say, short of a rejection.
    pub asks: Option<Spanned<String>>,
    /// Where two other kinds are nearer than this (log odds), it is progress.
    pub tie: f64,
    /// What each kind starts with.
    pub start: BTreeMap<String, f64>,
    /// How much a marked hit counts.
    pub marked: BTreeMap<String, f64>,
}

impl File {
    /// Reads the text of one file.
    pub fn parse(name: &str, text: &str) -> Result<File, RuleError> {
        if text.len() > FILE_MAX_BYTES {
            let message = format!("Larger than {FILE_MAX_BYTES} bytes");
            return Err(error_at(name, text, 0..0, message, None));
        }
        toml::from_str(text).map_err(|error| {
            let message = error.message().replace('\n', "; ");
            let nearest = unknown_word(&message);
            error_at(name, text, error.span().unwrap_or(0..0), capitalised(&message), nearest)
        })
    }
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// Of serde's "unknown field `x`, expected one of `a`, `b`": the nearest of a and b.
fn unknown_word(message: &str) -> Option<String> {
    let rest = message.strip_prefix("unknown field `")?;
    let mut words = rest.split('`').step_by(2);
    let unknown = words.next()?;
    let known: Vec<&str> = rest.split('`').skip(2).step_by(2).collect();
    nearest(unknown, known.into_iter())
}

/// The most similar of the known words, when one is similar at all.
pub fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    known
        .map(|k| (strsim::jaro_winkler(&word.to_lowercase(), &k.to_lowercase()), k))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, k)| k.to_owned())
}

/// An error at a byte range of a file's text.
pub fn error_at(
    name: &str,
    text: &str,
    span: Range<usize>,
    message: String,
    nearest: Option<String>,
) -> RuleError {
    let mut start = span.start.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let before = text.get(..start).unwrap_or("");
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    RuleError { file: name.to_owned(), line, column, message, nearest }
}
