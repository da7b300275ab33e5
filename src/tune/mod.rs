//! Measures and fits rules on labelled mail.
//!
//! `corpus` reads mail with its labels, `eval` counts, `fit` moves weights and `folds` judges
//! that, `learn` fits to a user's corrections, `symbols` looks at each rule, `diff` compares
//! two rule sets. This room must not print, write a rule file or keep anything: it turns
//! labelled mail into figures and proposals.

pub mod corpus;
pub mod diff;
pub mod eval;
pub mod fit;
pub mod folds;
pub mod interval;
pub mod learn;
pub mod symbols;

use serde::Serialize;

use crate::classify::{Known, Rules};
use crate::model::verdict::{Decision, Hit, Kind, Mark};
use crate::parse;
use corpus::Labelled;

/// Of so many messages in an inbox one is a rejection: 1 in 100. Labelled mail is mostly
/// rejections and what looks like them, so that figures taken over it as it lies would
/// promise too little or too much.
pub const INBOX_PRIOR: f64 = 0.01;

/// What a mail really is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    /// Of this kind.
    Is(Kind),
    /// About an application and no rejection; which of the other kinds is not known.
    NotRejected,
    /// Nobody can tell from the words: the right answer is to ask.
    Unclear,
}

impl Truth {
    /// Whether it is a rejection; `None` when nobody can tell.
    pub fn rejected(self) -> Option<bool> {
        match self {
            Truth::Is(kind) => Some(kind == Kind::Rejected),
            Truth::NotRejected => Some(false),
            Truth::Unclear => None,
        }
    }

    /// Its word in figures.
    pub fn word(self) -> &'static str {
        match self {
            Truth::Is(kind) => kind.name(),
            Truth::NotRejected => "not rejected",
            Truth::Unclear => "unclear",
        }
    }

    /// Whether a decision is right.
    pub fn agrees(self, decision: Decision) -> bool {
        match self {
            Truth::Is(kind) => decision == Decision::Sure(kind),
            Truth::NotRejected => decision.sure().is_some_and(|kind| kind != Kind::Rejected),
            Truth::Unclear => decision.sure().is_none(),
        }
    }
}

impl Serialize for Truth {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

/// A labelled mail and what the rules make of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// Its name in its source.
    pub id: String,
    /// Where it comes from: the file or directory.
    pub source: String,
    /// Its language, as labelled or else as the rules told it; empty when nobody could.
    pub language: String,
    /// What it is.
    pub truth: Truth,
    /// Whoever labelled it was in doubt.
    pub ambiguous: bool,
    /// What the rules say.
    pub decision: Decision,
    /// P(rejected).
    pub probability: f64,
    /// Why.
    pub hits: Vec<Hit>,
}

impl Judged {
    /// What fired, as weights and fits take it.
    pub fn fired(&self) -> Vec<(&str, Option<Mark>)> {
        self.hits.iter().map(|hit| (hit.symbol.as_str(), hit.mark)).collect()
    }
}

/// Reads and judges one labelled mail as a mail that nothing is known about.
pub fn judge(rules: &Rules, mail: &Labelled) -> Judged {
    let message = parse::message(&mail.raw, true, &[]);
    let verdict = rules.classify(&message, &Known::default());
    Judged {
        id: mail.id.clone(),
        source: mail.source.clone(),
        language: mail.language.clone().or(verdict.language).unwrap_or_default(),
        truth: mail.truth,
        ambiguous: mail.ambiguous,
        decision: verdict.decision,
        probability: verdict.probability,
        hits: verdict.hits,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_only_known_to_be_no_rejection_is_scored_as_that() {
        assert!(Truth::NotRejected.agrees(Decision::Sure(Kind::Noise)));
        assert!(Truth::NotRejected.agrees(Decision::Sure(Kind::Question)));
        assert!(!Truth::NotRejected.agrees(Decision::Sure(Kind::Rejected)));
        assert!(!Truth::NotRejected.agrees(Decision::Unsure(Kind::Question)));
        assert!(Truth::Unclear.agrees(Decision::Unsure(Kind::Rejected)));
        assert!(!Truth::Is(Kind::Rejected).agrees(Decision::Unsure(Kind::Rejected)));
    }
}
