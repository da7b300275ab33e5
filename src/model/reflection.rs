//! What the user thinks of an application that ended: for nobody else.

use jiff::Timestamp;
use serde::Serialize;

use super::findings::named;
use super::ids::{ApplicationNo, ReplyNo};

/// What the user may ask oneself after a draft was dealt with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Question {
    /// Something good first.
    WentWell,
    /// What is to be learned.
    Differently,
    /// Not only they choose.
    RightJob,
}

named!(Question {
    WentWell => "went-well",
    Differently => "differently",
    RightJob => "right-job",
});

impl Question {
    /// As it is asked.
    pub fn sentence(self) -> &'static str {
        match self {
            Question::WentWell => "What went well?",
            Question::Differently => "What would you do differently?",
            Question::RightJob => "Was it the right job for you?",
        }
    }
}

/// A question that was asked, with the user's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reflection {
    /// Its number.
    pub no: i64,
    /// When.
    pub at: Timestamp,
    /// About which application.
    pub application: ApplicationNo,
    /// After which reply.
    pub reply: ReplyNo,
    /// What was asked.
    pub question: Question,
    /// What the user answered.
    pub text: String,
}
