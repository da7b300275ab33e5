//! What can go wrong with an IMAP account, each with its sentence and its cure.
//!
//! The server's own words are quoted, but only short ones without control characters,
//! and never the bytes that could not be understood: they may be mail.

use std::time::Duration;

use super::budget::Refusal;
use crate::source::IntakeError;

/// Why an IMAP account could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ImapError {
    /// No connection.
    #[error("Could not reach {server}: {why}")]
    Unreachable {
        /// `host:port`.
        server: String,
        /// The system's reason.
        why: String,
    },
    /// A deadline passed.
    #[error("{server} gave no answer within {} s (tried to {doing})", after.as_secs())]
    Silent {
        /// `host:port`.
        server: String,
        /// What was tried.
        doing: String,
        /// The deadline.
        after: Duration,
    },
    /// The connection ended in the middle.
    #[error("The connection to {server} was lost (tried to {doing})")]
    Lost {
        /// `host:port`.
        server: String,
        /// What was tried.
        doing: String,
    },
    /// The server took its leave (RFC 9051 section 7.1.5).
    #[error("{server} closed the connection: {words}")]
    Bye {
        /// `host:port`.
        server: String,
        /// The server's words.
        words: String,
    },
    /// Tagged NO: the server understood and declined.
    #[error("{server} refused to {doing}: {words}")]
    No {
        /// `host:port`.
        server: String,
        /// What was tried.
        doing: String,
        /// The server's words, its response code included.
        words: String,
    },
    /// Tagged BAD: the server did not understand.
    #[error("{server} did not understand the request to {doing}: {words}")]
    Bad {
        /// `host:port`.
        server: String,
        /// What was tried.
        doing: String,
        /// The server's words.
        words: String,
    },
    /// The name or the password is wrong (RFC 5530 AUTHENTICATIONFAILED and its kin).
    #[error("{server} refused the login of {login}: {words}")]
    LoginRefused {
        /// `host:port`.
        server: String,
        /// The login name.
        login: String,
        /// The server's words.
        words: String,
    },
    /// LOGINDISABLED, and no mechanism that is spoken here.
    #[error("{server} offers no way to log in that is spoken here ({wanted})")]
    NoMechanism {
        /// `host:port`.
        server: String,
        /// What was looked for.
        wanted: &'static str,
    },
    /// The certificate or the handshake.
    #[error("{sentence}")]
    Tls {
        /// What is wrong, in one sentence.
        sentence: String,
        /// What to do about it.
        hint: String,
    },
    /// STARTTLS is configured and cannot be had unspoilt.
    #[error("{server} {what}; nothing was sent over the open connection")]
    NotEncrypted {
        /// `host:port`.
        server: String,
        /// What it did.
        what: &'static str,
    },
    /// The greeting is none.
    #[error("{server} does not speak IMAP here: {words}")]
    NoGreeting {
        /// `host:port`.
        server: String,
        /// The first words.
        words: String,
    },
    /// More, longer or deeper than any honest answer.
    #[error("{server} sent {refusal} (tried to {doing}); the connection was cut")]
    TooMuch {
        /// `host:port`.
        server: String,
        /// What was tried.
        doing: String,
        /// Which limit.
        refusal: Refusal,
    },
    /// An answer that is no IMAP.
    #[error("{server} sent an answer that cannot be read (tried to {doing})")]
    Unreadable {
        /// `host:port`.
        server: String,
        /// What was tried.
        doing: String,
    },
    /// The library gave up on the server's answer.
    #[error("An answer of {server} upset the IMAP reader; the account was set aside")]
    Panicked {
        /// `host:port`.
        server: String,
    },
    /// A folder that cannot be read under a lasting number.
    #[error("{server} opened {folder} {what}")]
    BadFolder {
        /// `host:port`.
        server: String,
        /// The mailbox name.
        folder: String,
        /// What is wrong.
        what: &'static str,
    },
    /// The machine slept: the connection is stale.
    #[error("This machine was asleep; the connection to {server} is opened anew")]
    Slept {
        /// `host:port`.
        server: String,
    },
    /// The password or token could not be had.
    #[error("The secret for {login} cannot be read yet: {why}")]
    NoSecret {
        /// The login name.
        login: String,
        /// The keeper's reason.
        why: String,
    },
    /// The other side of the source failed.
    #[error("Mail could not be taken over: {0}")]
    Intake(IntakeError),
    /// The certificate store or `ca_file` cannot be used.
    #[error("{0}")]
    Setup(String),
}

impl ImapError {
    /// What the user can do, where there is something.
    pub fn hint(&self) -> Option<String> {
        match self {
            ImapError::Tls { hint, .. } => Some(hint.clone()),
            ImapError::LoginRefused { .. } => Some(
                "Set the password anew: regards secret set ACCOUNT imap; many providers want an app \
                 password here"
                    .to_owned(),
            ),
            ImapError::NoMechanism { .. } => Some(
                "Look at what `regards check` lists for this server, and at `auth` in the \
                 configuration"
                    .to_owned(),
            ),
            ImapError::NotEncrypted { .. } => Some(
                "Use implicit TLS (port 993) if the provider has it; otherwise ask the \
                 provider, as somebody may sit in between"
                    .to_owned(),
            ),
            ImapError::Unreachable { .. } | ImapError::NoGreeting { .. } => {
                Some("Check host and port in the configuration, and the network".to_owned())
            }
            _ => None,
        }
    }

    /// Trying again with the same secret would only bring the account closer to a lock-out.
    pub fn is_login_refused(&self) -> bool {
        matches!(self, ImapError::LoginRefused { .. })
    }
}

/// The server's words fit for a sentence: one line, no control characters, at most 200 characters.
pub(super) fn tidy(words: &str) -> String {
    const WORDS_MAX_CHARS: usize = 200;
    let text: String =
        words.chars().map(|c| if c.is_control() { ' ' } else { c }).take(WORDS_MAX_CHARS).collect();
    let text = text.trim();
    if text.is_empty() { "no reason given".to_owned() } else { text.to_owned() }
}

/// The response code at the head of a status text (RFC 9051 section 7.1), in capitals.
pub(super) fn response_code(words: &str) -> Option<String> {
    let inner = words.strip_prefix('[')?.split(']').next()?;
    Some(inner.split(' ').next().unwrap_or(inner).to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_servers_words_are_shown_short_and_on_one_line() {
        assert_eq!(tidy("a\r\nb\u{1b}[31m"), "a  b [31m");
        assert_eq!(tidy(""), "no reason given");
        assert_eq!(tidy(&"x".repeat(9_000)).len(), 200);
    }

    #[test]
    fn a_response_code_is_read_without_its_arguments() {
        assert_eq!(
            response_code("[authenticationfailed] no").as_deref(),
            Some("AUTHENTICATIONFAILED")
        );
        assert_eq!(response_code("[UIDNEXT 5] x").as_deref(), Some("UIDNEXT"));
        assert_eq!(response_code("no [ALERT]"), None);
    }
}
