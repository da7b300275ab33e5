//! What a mail is, how sure that is, and why.

use serde::{Deserialize, Serialize};

use super::findings::{Findings, named};

/// What a mail is to the person who applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The applicant is told no.
    Rejected,
    /// The application has arrived.
    Acknowledged,
    /// About one's own application, decides nothing: viewed, delayed, still open, talent pool.
    Progress,
    /// On hold, a hiring freeze.
    Paused,
    /// An interview or an assessment.
    Invited,
    /// An offer.
    Offered,
    /// Asks the applicant to do something.
    Question,
    /// Feedback given or refused.
    Feedback,
    /// Confirms that the applicant has withdrawn.
    Withdrawn,
    /// A recruiter's first approach.
    Approached,
    /// Not about an application of the user's own.
    Noise,
}

named!(Kind {
    Rejected => "rejected",
    Acknowledged => "acknowledged",
    Progress => "progress",
    Paused => "paused",
    Invited => "invited",
    Offered => "offered",
    Question => "question",
    Feedback => "feedback",
    Withdrawn => "withdrawn",
    Approached => "approached",
    Noise => "noise",
});

impl Kind {
    /// Its number in the database; never given to another kind.
    pub fn code(self) -> u8 {
        match self {
            Kind::Rejected => 10,
            Kind::Acknowledged => 20,
            Kind::Progress => 30,
            Kind::Paused => 40,
            Kind::Invited => 50,
            Kind::Offered => 60,
            Kind::Question => 70,
            Kind::Feedback => 80,
            Kind::Withdrawn => 90,
            Kind::Approached => 100,
            Kind::Noise => 110,
        }
    }

    /// The kind of that number.
    pub fn from_code(code: u8) -> Option<Kind> {
        Kind::ALL.iter().copied().find(|kind| kind.code() == code)
    }

    /// Mail of this kind belongs to an application of the user's own.
    pub fn concerns_application(self) -> bool {
        !matches!(self, Kind::Noise | Kind::Approached)
    }
}

/// What the rules decided. Being unsure is a state with a name, not a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The kind holds.
    Sure(Kind),
    /// It may be a rejection: the user is asked, nobody is answered. Holds the best guess.
    Unsure(Kind),
}

impl Decision {
    /// The kind when it is certain.
    pub fn sure(self) -> Option<Kind> {
        match self {
            Decision::Sure(kind) => Some(kind),
            Decision::Unsure(_) => None,
        }
    }

    /// The kind toward which the weights of the hits are told: in doubt, `rejected`.
    pub fn weighed(self) -> Kind {
        self.sure().unwrap_or(Kind::Rejected)
    }

    /// The kind's word, or `unsure`.
    pub fn word(self) -> &'static str {
        self.sure().map_or("unsure", Kind::name)
    }
}

/// The verdict on one incoming mail.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// What it is.
    pub decision: Decision,
    /// P(rejected), 0 to 1.
    pub probability: f64,
    /// The rules that fired, strongest first.
    pub hits: Vec<Hit>,
    /// The language of the text as a two-letter code. A hint. `None` when it could not be told,
    /// and of what is surely noise: to tell it costs as much as the rules do.
    pub language: Option<String>,
    /// What else it says.
    pub findings: Findings,
}

/// The name of a rule, e.g. `REJ_OTHER_CANDIDATES`.
pub type Symbol = String;

/// One rule that fired.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hit {
    /// Which rule.
    pub symbol: Symbol,
    /// What the rule looks for, from its file.
    pub describe: String,
    /// How much it adds to the kind that was decided, or to `rejected` when that is not
    /// certain (log odds), after its mark; 0 for switched-off rules.
    pub weight: f64,
    /// Where it fired.
    pub place: Place,
    /// The words that matched, in the mail's own writing.
    pub words: String,
    /// How the sentence was meant; `None` for a plain statement.
    pub mark: Option<Mark>,
}

/// The part of a mail that a rule reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// Subject.
    Subject,
    /// What the sender wrote now.
    Body,
    /// From: name and address.
    Sender,
    /// All header fields.
    Header,
    /// Quoted or forwarded text.
    Quoted,
    /// File names of attachments.
    Attachment,
    /// Set by other rules or by what is known of the application, not by words.
    Composite,
}

named!(Place {
    Subject => "subject",
    Body => "body",
    Sender => "sender",
    Header => "header",
    Quoted => "quoted",
    Attachment => "attachment",
    Composite => "composite",
});

/// How a sentence is meant when it is not a plain statement. The engine sets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mark {
    /// "If you are not selected …"
    Conditional,
    /// "This is not a rejection."
    Negated,
    /// It stands in quoted text.
    Quoted,
    /// It stands in forwarded text.
    Forwarded,
}

named!(Mark {
    Conditional => "conditional",
    Negated => "negated",
    Quoted => "quoted",
    Forwarded => "forwarded",
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_word_and_a_number_of_its_own() {
        for kind in Kind::ALL {
            assert_eq!(Kind::named(kind.name()), Some(*kind));
            assert_eq!(Kind::from_code(kind.code()), Some(*kind));
        }
        assert_eq!(Kind::ALL.len(), 11);
        assert_eq!(Kind::named("unsure"), None, "unsure is a state, not a kind");
    }
}
