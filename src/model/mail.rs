//! A mail of the user's, from the draft to the bytes that leave.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::address::{Address, Mailbox, MessageId};
use super::findings::{Reached, named};

/// A header value that cannot end its line.
///
/// Invariant: no control character at all; at most 500 characters. It is the only way of
/// foreign text into a header of ours: decoded encoded-words have carried `CRLF Bcc:` into
/// real libraries (DESIGN section 9).
#[derive(Clone, PartialEq, Eq)]
pub struct HeaderText(String);

const HEADER_TEXT_MAX_CHARS: usize = 500;

impl HeaderText {
    /// The text on one line: controls and line breaks become single spaces, invisible and
    /// direction-changing characters go, the rest is cut at 500 characters.
    pub fn clean(text: &str) -> Self {
        let mut clean = String::with_capacity(text.len());
        for c in text.chars() {
            let c = if c.is_control() || c.is_whitespace() { ' ' } else { c };
            let hidden = is_hidden(c);
            let again = c == ' ' && clean.ends_with(' ');
            if !hidden && !again {
                clean.push(c);
            }
        }
        HeaderText(clean.trim().chars().take(HEADER_TEXT_MAX_CHARS).collect())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for HeaderText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl fmt::Display for HeaderText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Characters that show nothing or turn the reading direction (Unicode `Cf`, tags and
/// variation selectors as far as they occur in mail): they hide what is really there.
pub fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
        | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
}

/// What the mail is meant to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Intent {
    /// Thank, and leave the door open.
    Thanks,
    /// Ask for feedback: one concrete question, never a demand.
    FeedbackRequest,
    /// Accept the feedback that was offered.
    AcceptFeedback,
    /// Say that another role is of interest; the user's own words are needed.
    OtherRole,
    /// Ask, months after the answer, whether something is coming up.
    KeepInTouch,
}

named!(Intent {
    Thanks => "thanks",
    FeedbackRequest => "feedback-request",
    AcceptFeedback => "accept-feedback",
    OtherRole => "other-role",
    KeepInTouch => "keep-in-touch",
});

/// The envelope of RFC 5321: who sends, who receives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// MAIL FROM.
    pub from: Address,
    /// RCPT TO: the recipient, and the user's own address where `bcc_self` is on.
    pub to: Vec<Address>,
}

/// Everything the user approves, field by field. Bytes are made of it by
/// `draft::compose`, always the same ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Which account sends it, as `login@host` of its mailbox and the route it leaves by.
    pub route: Route,
    /// The envelope.
    pub envelope: Envelope,
    /// From.
    pub from: Mailbox,
    /// To.
    pub to: Mailbox,
    /// Subject.
    pub subject: HeaderText,
    /// In-Reply-To: the parent's Message-ID; `None` for a new mail.
    pub in_reply_to: Option<MessageId>,
    /// References, oldest first.
    pub references: Vec<MessageId>,
    /// The mail's own Message-ID. A changed draft gets a new one.
    pub message_id: MessageId,
    /// The text, lines ended by `\n`.
    pub text: String,
    /// What the text is meant to do.
    pub intent: Intent,
    /// Where the text comes from. No part of the mail, nor of its digest.
    pub origin: Origin,
}

/// Where a draft's text comes from: kept for the figures of what replies brought.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origin {
    /// The template, e.g. `en/thanks.2.txt`; `None` when it is not known.
    pub template: Option<String>,
    /// The user has changed the words since.
    pub edited: bool,
    /// How far the application had come when the draft was made; `None` when it is not known.
    pub reached: Option<Reached>,
}

/// The account and the way out, as text that a digest can be taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// `login@host` of the mailbox.
    pub mailbox: String,
    /// `smtp:login@host:port`, `sendmail:PATH` or `folder:PATH`.
    pub transport: String,
}

/// SHA-256 over envelope, route and the mail's bytes without its Date field.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// Hexadecimal, 64 digits.
    pub fn hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Reads [`Digest::hex`] back.
    pub fn from_hex(hex: &str) -> Option<Digest> {
        let mut digest = [0u8; 32];
        if hex.len() != 64 || !hex.is_ascii() {
            return None;
        }
        for (byte, pair) in digest.iter_mut().zip(hex.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Digest(digest))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.hex())
    }
}

/// The result of one attempt to send, as far as it can be known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// 2yz after the dot (RFC 5321 section 4.2.5): the server owns it. Holds its words.
    Accepted(String),
    /// Nothing of the mail was offered: name, connection, TLS or login failed.
    NoContact(String),
    /// As [`Outcome::NoContact`], because the server refused the login: trying the same
    /// password again may lock the account, so it pauses until there is another.
    LoginRefused(String),
    /// 4yz: not taken, may be tried again.
    Deferred(String),
    /// 5yz: not taken, not to be tried again.
    Refused(String),
    /// It stopped before the first byte of the body was written.
    Interrupted(String),
    /// As [`Outcome::Interrupted`], on our side: it could not be noted that the body begins.
    Unnoted(String),
    /// The body was on its way and no answer came: it may be out or not.
    LostSight(String),
}

/// The two moments of a dialogue that matter for what may be out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// No byte of the body has been written.
    Talking,
    /// The body may be on the wire.
    BodyGiven,
}

/// How it became known that a mail went out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// The server said so.
    Accepted,
    /// It was found in the Sent folder.
    FoundInSent,
    /// The user said so.
    UserSaysSo,
    /// Somebody answered it, or a server sent it back.
    Answered,
}

named!(Proof {
    Accepted => "accepted",
    FoundInSent => "found-in-sent",
    UserSaysSo => "user-says-so",
    Answered => "answered",
});

/// The Date field of a mail: set at the first claim and kept by every retry.
pub type MailDate = Timestamp;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_text_cannot_end_its_line() {
        let text = HeaderText::clean("Re: x\r\nBcc: y@z.org\u{202E}\u{200B}  \t end");
        assert_eq!(text.as_str(), "Re: x Bcc: y@z.org end");
        assert_eq!(HeaderText::clean(&"ü".repeat(9999)).as_str().chars().count(), 500);
    }

    #[test]
    fn a_digest_survives_its_hexadecimal_form() {
        let digest = Digest([0xA7; 32]);
        assert_eq!(Digest::from_hex(&digest.hex()), Some(digest));
        assert_eq!(Digest::from_hex("a7"), None);
        assert_eq!(Digest::from_hex(&"ü".repeat(32)), None);
    }
}
