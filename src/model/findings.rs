//! What a mail says besides its kind: each finding with the words it was read from,
//! absent rather than guessed.

use serde::{Deserialize, Serialize};

use super::address::Mailbox;

/// A value and the words it was read from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found<T> {
    /// What was found, in its own writing.
    pub value: T,
    /// The words of the mail that say so.
    pub words: String,
}

impl<T> Found<T> {
    /// A value with its words.
    pub fn new(value: T, words: impl Into<String>) -> Self {
        Found { value, words: words.into() }
    }
}

/// All findings of one mail.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Findings {
    /// The employer (never the tracking system), in its own writing.
    pub company: Option<Found<String>>,
    /// The position applied for.
    pub role: Option<Found<String>>,
    /// The employer's number for the application or the position.
    pub reference: Option<Found<String>>,
    /// Who signed or wrote.
    pub person: Option<Found<String>>,
    /// How far the application had come, as this mail tells it.
    pub stage: Option<Found<Reached>>,
    /// Why it ended.
    pub reason: Option<Found<Reason>>,
    /// The tracking system that sent it.
    pub system: Option<Found<System>>,
    /// Feedback is offered on request.
    pub feedback_offered: Option<Found<()>>,
    /// Another role is offered or suggested.
    pub other_role_offered: Option<Found<()>>,
    /// An application may be sent again after this time, in the mail's own words.
    pub may_reapply: Option<Found<String>>,
    /// The mail asks not to be answered ("please do not reply to this email").
    pub do_not_reply: Option<Found<()>>,
    /// Another mailbox that the text asks to write to instead.
    pub write_to: Option<Found<Mailbox>>,
}

/// How far an application had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reached {
    /// Papers only.
    Applied,
    /// A conversation, an interview, an assessment took place.
    Talks,
    /// An offer had been made.
    Offer,
}

/// Why an application ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Somebody else was chosen.
    ChosenOther,
    /// The position is filled.
    Filled,
    /// The position was cancelled or the hiring stopped.
    Cancelled,
    /// An offer was taken back.
    Rescinded,
    /// A requirement is not met (a visa, a degree, years, a place).
    Requirement,
}

/// A tracking system and what an answer to its mail does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct System {
    /// Its name, e.g. `Greenhouse`.
    pub name: String,
    /// An answer to the address that it writes from reaches a person.
    pub relays: bool,
}

macro_rules! named {
    ($type:ty { $($variant:ident => $name:literal),+ $(,)? }) => {
        impl $type {
            /// All of them, in a fixed order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its word in code, database, command line and documentation.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// The one of that word.
            pub fn named(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|it| it.name() == word)
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}
pub(crate) use named;

named!(Reached { Applied => "applied", Talks => "talks", Offer => "offer" });
named!(Reason {
    ChosenOther => "chosen-other",
    Filled => "filled",
    Cancelled => "cancelled",
    Rescinded => "rescinded",
    Requirement => "requirement",
});
