//! What came back to a reply that was sent.

use jiff::Timestamp;
use serde::Serialize;

use super::findings::named;
use super::ids::{MessageNo, ReplyNo};

/// What an answer to one of the user's replies is, in the order of how much it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnswerKind {
    /// It says what decided it, or what to do better.
    Given,
    /// Feedback is refused.
    Refused,
    /// A person wrote back, without feedback.
    Warm,
    /// The reply could not be delivered (RFC 3464, action `failed`).
    Bounce,
    /// A machine wrote back: out of office, a receipt.
    Automatic,
}

named!(AnswerKind {
    Given => "given",
    Refused => "refused",
    Warm => "warm",
    Bounce => "bounce",
    Automatic => "automatic",
});

impl AnswerKind {
    /// A person wrote it.
    pub fn is_personal(self) -> bool {
        matches!(self, AnswerKind::Given | AnswerKind::Refused | AnswerKind::Warm)
    }
}

/// What feedback is about. The user may use other words, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Theme {
    /// What somebody can do.
    Skills,
    /// What somebody has done before.
    Experience,
    /// How somebody explains things.
    Communication,
    /// Whether team, values and wishes match.
    Fit,
    /// Pay, place, time.
    Logistics,
}

named!(Theme {
    Skills => "skills",
    Experience => "experience",
    Communication => "communication",
    Fit => "fit",
    Logistics => "logistics",
});

/// An answer as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// To which reply.
    pub reply: ReplyNo,
    /// The message; `None` for what a machine wrote, of which no word is kept.
    pub message: Option<MessageNo>,
    /// What it is.
    pub kind: AnswerKind,
    /// When it was received.
    pub at: Timestamp,
    /// Of a bounce: the server's words.
    pub said: Option<String>,
    /// What it is about: suggested, or the user's own words.
    pub tags: Vec<String>,
}
