//! Rule files to a compiled matcher; a message to a verdict with its findings.
//!
//! It must not read files, know accounts, or remember anything between two mails.

use crate::model::findings::Findings;
use crate::model::message::Message;
use crate::model::verdict::{Decision, Kind, Verdict};

/// One rule file: its name for messages, and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleFile {
    /// File name, as shown in errors.
    pub name: String,
    /// TOML.
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
    /// The file that it stands in.
    pub file: String,
    /// Its weights other than 0.
    pub weights: Vec<(Kind, f64)>,
}

/// What the record knows about a mail before its words are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Known {
    /// It answers a mail of the user's own or of a known application.
    pub thread: bool,
    /// Its sender or company belongs to a known open application.
    pub application: bool,
}

/// A compiled rule set.
#[derive(Debug)]
pub struct Rules {}

impl Rules {
    /// The rules shipped inside the program.
    pub fn embedded() -> Rules {
        Rules {}
    }

    /// The shipped rules with a user's files merged after them.
    ///
    /// # Errors
    /// Every mistake in the files; the rules in force are not touched.
    pub fn compile(files: &[RuleFile]) -> Result<Rules, Vec<RuleError>> {
        let _ = files;
        Ok(Rules {})
    }

    /// A number of the rule set: the same texts give the same number.
    pub fn number(&self) -> u32 {
        0
    }

    /// Runs every rule's own test lines.
    pub fn test(&self) -> Vec<TestFailure> {
        Vec::new()
    }

    /// All rules in order.
    pub fn list(&self) -> Vec<RuleInfo> {
        Vec::new()
    }

    /// Judges one incoming mail.
    pub fn classify(&self, message: &Message, known: &Known) -> Verdict {
        let _ = (message, known);
        Verdict {
            decision: Decision::Sure(Kind::Noise),
            probability: 0.0,
            hits: Vec::new(),
            language: None,
            findings: Findings::default(),
        }
    }
}
