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
    /// The reply could not be delivered: a server gave it back.
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

/// The status (RFC 3463) in a server's words, e.g. `5.1.1`.
pub fn status_in(said: &str) -> Option<&str> {
    let digits = |part: &str, max: usize| {
        (1..=max).contains(&part.len()) && part.bytes().all(|it| it.is_ascii_digit())
    };
    said.split(|c: char| !c.is_ascii_digit() && c != '.').find(|word| {
        let parts: Vec<&str> = word.split('.').collect();
        matches!(parts.as_slice(), ["4" | "5", subject, detail]
            if digits(subject, 3) && digits(detail, 3))
    })
}

/// Why a mail was not delivered, for a person, by the status in the server's words.
pub fn why_undelivered(said: &str) -> String {
    let Some(status) = status_in(said) else {
        return "the server there did not take it".to_owned();
    };
    let (_, detail) = status.split_once('.').unwrap_or_default();
    let why = match detail {
        "1.1" | "1.0" | "1.3" | "1.10" => "the address does not exist",
        "1.2" | "4.4" => "the part of the address behind the @ takes no mail",
        "1.6" => "the person has another address now",
        "2.1" => "the mailbox is switched off",
        "2.2" => "the mailbox is full",
        "2.3" | "3.4" => "the mail is too large for the mailbox",
        "4.1" | "4.2" | "4.7" => "the server there could not be reached",
        _ if detail.starts_with("7.") => "the server there did not want it",
        _ => "the server there did not take it",
    };
    format!("{why} ({status})")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_told_in_plain_words() {
        for (said, why) in [
            ("550 5.1.1 <a@b.example>: user unknown", "the address does not exist (5.1.1)"),
            ("550-5.1.1 The account does not exist", "the address does not exist (5.1.1)"),
            ("no mailbox by that name. (#5.1.1)", "the address does not exist (5.1.1)"),
            ("552 5.2.2 over quota", "the mailbox is full (5.2.2)"),
            ("550 5.7.26 unauthenticated", "the server there did not want it (5.7.26)"),
            ("5.3.0", "the server there did not take it (5.3.0)"),
            ("host mx[192.0.2.5] said: 550 no", "the server there did not take it"),
            ("Unrouteable address", "the server there did not take it"),
            ("", "the server there did not take it"),
        ] {
            assert_eq!(why_undelivered(said), why, "{said}");
        }
    }
}
