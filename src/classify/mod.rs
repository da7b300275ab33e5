//! Rule files to a compiled matcher; a message to a verdict with its findings.
//!
//! `file` reads TOML, `shipped` is what `build.rs` has read before, `compile` merges and
//! checks, `engine` runs the rules that `prefilter` lets pass over a `reading` of the mail in
//! the form that `fold` gives it, `score` decides, `findings` takes names
//! out of the words, `waiting` tells how long "six months" is. This room must not read files, know accounts, or remember anything
//! between two mails.

pub mod answers;
mod clauses;
mod compile;
mod domain_name;
mod employer;
mod engine;
mod file;
mod finder;
mod findings;
mod fold;
mod formula;
mod literals;
mod name_words;
mod names;
mod no_names;
mod number;
mod pattern;
mod prefilter;
mod reading;
mod score;
mod shapes;
mod shipped;
pub mod waiting;

use engine::{Engine, Fired};
pub use score::{KINDS, Row, Weights, index};
use shipped::{SHIPPED, SHIPPED_NUMBER};

use crate::model::message::{Body, Direction, Header, Message};
use crate::model::verdict::{Decision, Hit, Kind, Place, Verdict};

/// One rule file: its name for messages, and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleFile {
    /// File name, as shown in errors.
    pub name: String,
    /// TOML, as `rules/README.md` describes it.
    pub text: String,
}

/// What is wrong with a rule file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {message}")]
pub struct RuleError {
    /// Which file.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// The known word nearest to an unknown one.
    pub nearest: Option<String>,
}

impl RuleError {
    /// What to do next.
    pub fn hint(&self) -> String {
        match &self.nearest {
            Some(word) => format!("Did you mean `{word}`?"),
            None => "rules/README.md explains what a rule file may say".to_owned(),
        }
    }
}

/// A rule's own test line that does not do what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestFailure {
    /// Which rule.
    pub symbol: String,
    /// Its line.
    pub line: String,
    /// It should have fired and did not; otherwise the other way round.
    pub should_fire: bool,
}

/// One rule for listings.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleInfo {
    /// Its name.
    pub symbol: String,
    /// What it looks for.
    pub describe: String,
    /// The file that it stands in; empty for what the program sets itself.
    pub file: String,
    /// Its weights other than 0.
    pub weights: Vec<(Kind, f64)>,
    /// A later file switched it off.
    pub off: bool,
}

/// What the record knows about a mail before its words are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Known {
    /// It answers a mail of the user's own or of a known application.
    pub thread: bool,
    /// Its sender or company belongs to a known open application.
    pub application: bool,
}

/// A compiled rule set. It never changes; a reload makes a new one.
#[derive(Debug)]
pub struct Rules {
    engine: Engine,
    number: u32,
}

impl Rules {
    /// The rules shipped inside the program. They are checked by the tests; should they
    /// not compile all the same, nothing is recognised and nothing is done.
    pub fn embedded() -> Rules {
        Rules::compile(&[]).unwrap_or_else(|_| Rules::of(compile::Set::default(), &[]))
    }

    /// The shipped rules with a user's files merged after them: a symbol of a later file
    /// replaces that of an earlier one, the weight 0 switches it off.
    ///
    /// # Errors
    /// Every mistake in the files, with its place.
    pub fn compile(files: &[RuleFile]) -> Result<Rules, Vec<RuleError>> {
        Ok(Rules::of(compile::compile(SHIPPED, files)?, files))
    }

    fn of(set: compile::Set, files: &[RuleFile]) -> Rules {
        let texts = files.iter().map(|file| file.text.as_str());
        let number = texts.fold(SHIPPED_NUMBER, number::with);
        Rules { engine: Engine::new(set), number }
    }

    /// The same rules without the filter before them: every expression is tried on every
    /// sentence. Slow; by this a test sees that the filter changes no verdict.
    #[must_use]
    pub fn unfiltered(mut self) -> Rules {
        self.engine.filter_nothing();
        self
    }

    /// A number of the rule set: the same texts in the same order give the same number.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// How much each symbol speaks for each kind, and from where on it is believed.
    pub fn weights(&self) -> &Weights {
        &self.engine.set.weights
    }

    /// Runs every rule's own test lines.
    pub fn test(&self) -> Vec<TestFailure> {
        let mut failures = Vec::new();
        for rule in &self.engine.set.rules {
            let place = rule.places.first().copied().unwrap_or(Place::Body);
            let lines = rule.matching.iter().map(|l| (l, true));
            for (line, should_fire) in lines.chain(rule.pass.iter().map(|l| (l, false))) {
                let message = with_line(place, line);
                let read = self.engine.read(&message).in_no_language();
                let fired = self.engine.run(&message, &Known::default(), &read);
                let fires = fired.iter().any(|f| f.symbol == rule.symbol && f.mark.is_none());
                if fires != should_fire {
                    let (symbol, line) = (rule.symbol.clone(), line.clone().into_owned());
                    failures.push(TestFailure { symbol, line, should_fire });
                }
            }
        }
        failures
    }

    /// All rules: the program's own symbols, the files' rules in order, composites last.
    pub fn list(&self) -> Vec<RuleInfo> {
        let set = &self.engine.set;
        let built_in = engine::BUILT_IN.iter().map(|(symbol, describe)| (*symbol, *describe, ""));
        let rules =
            set.rules.iter().map(|r| (r.symbol.as_str(), r.describe.as_str(), r.file.as_str()));
        let composites = set
            .composites
            .iter()
            .map(|c| (c.symbol.as_str(), c.describe.as_str(), c.file.as_str()));
        let info = |(symbol, describe, file): (&str, &str, &str)| RuleInfo {
            symbol: symbol.to_owned(),
            describe: describe.to_owned(),
            file: file.to_owned(),
            weights: Kind::ALL
                .iter()
                .copied()
                .zip(set.weights.of(symbol, None))
                .filter(|(_, weight)| *weight != 0.0)
                .collect(),
            off: set.weights.off.contains(symbol),
        };
        built_in.chain(rules).chain(composites).map(info).collect()
    }

    /// Judges one incoming mail.
    pub fn classify(&self, message: &Message, known: &Known) -> Verdict {
        let read = self.engine.read(message);
        let fired = self.engine.run(message, known, &read);
        let weights = &self.engine.set.weights;
        let symbols: Vec<_> = fired.iter().map(|f| (f.symbol, f.mark)).collect();
        let (decision, probability) = weights.decide(&symbols);
        // Who wrote about what is asked of mail about a job, not of every newsletter.
        let named = decision != Decision::Sure(Kind::Noise) || *known != Known::default();
        let findings = findings::find(message, &read, &fired, named);
        let mut hits: Vec<Hit> = fired
            .into_iter()
            .map(|f| {
                let weight = weights.toward(decision.weighed(), f.symbol, f.mark);
                hit(f, weight)
            })
            .collect();
        hits.sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()));
        let language = if named { read.language().map(str::to_owned) } else { None };
        Verdict { decision, probability, hits, language, findings }
    }
}

fn hit(fired: Fired<'_>, weight: f64) -> Hit {
    Hit {
        symbol: fired.symbol.to_owned(),
        describe: fired.describe.to_owned(),
        weight,
        place: fired.place,
        words: fired.words,
        mark: fired.mark,
    }
}

/// A message that holds one line at one place.
fn with_line(place: Place, line: &str) -> Message {
    let mut header = Header::default();
    let mut body = Body { complete: true, ..Body::default() };
    match place {
        Place::Subject => line.clone_into(&mut header.subject),
        Place::Quoted => line.clone_into(&mut body.quoted),
        Place::Attachment => body.attachments.push(line.to_owned()),
        Place::Sender => header.from.extend(mailbox(line)),
        Place::Header => {
            let (name, value) = line.split_once(": ").unwrap_or((line, ""));
            let (name, value) = (name.to_owned(), value.to_owned());
            header.fields.push(crate::model::message::Field { name, value });
        }
        Place::Body | Place::Composite => line.clone_into(&mut body.new_text),
    }
    Message { direction: Direction::Incoming, header, body, defects: Vec::new() }
}

fn mailbox(line: &str) -> Option<crate::model::address::Mailbox> {
    let (name, address) = line.rsplit_once('<').unwrap_or(("", line));
    let address = address.trim_end_matches('>').parse().ok()?;
    Some(crate::model::address::Mailbox::new(Some(name), address))
}
