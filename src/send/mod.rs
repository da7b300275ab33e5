//! One approved mail onto the wire, once.
//!
//! [`send`] takes a [`Parcel`], which needs a [`Claim`], which only an approved reply
//! gives out. It tries once and says what can be known of the result; trying again, and
//! remembering, is the daemon's. It must not change a byte of the mail.

/// What a TLS failure means, in a sentence.
mod certificate;

/// A folder as transport: the mail becomes a file.
mod folder;

/// The `sendmail` command as transport.
mod sendmail;

pub mod smtp;

/// The line to an SMTP server: bytes out, replies in, each step with its time limit.
mod wire;

use std::fmt::Display;
use std::future::Future;
use std::path::PathBuf;
use std::time::Duration;

use crate::model::address::MessageId;
use crate::model::mail::{Envelope, Outcome};
use crate::model::reply::Claim;

/// The way out.
#[derive(Debug, Clone)]
pub enum Transport {
    /// A submission server (RFC 6409), always under TLS.
    Smtp(smtp::Settings),
    /// A program that takes a mail as Unix `sendmail` does.
    Sendmail(PathBuf),
    /// A directory that gets one file a mail; nothing leaves the machine.
    Folder(PathBuf),
}

/// What is sent: the ticket and the bytes that `draft::compose::bytes_for` made for it.
#[derive(Debug)]
pub struct Parcel {
    claim: Claim,
    bytes: Vec<u8>,
}

/// The bytes are not those of the claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("The bytes handed over are not the claimed mail's")]
pub struct WrongBytes;

impl Parcel {
    /// Puts a claim and its bytes together. The digest was compared when the bytes were
    /// made; here it is only made sure that no two replies were mixed up, and that no
    /// line can end the mail early.
    pub fn new(claim: Claim, bytes: Vec<u8>) -> Result<Parcel, WrongBytes> {
        let head =
            bytes.split(|byte| *byte == b'\n').take_while(|line| !line.trim_ascii().is_empty());
        let field = format!("Message-ID: {}", claim.draft().message_id);
        // A long identifier stands folded on a line of its own.
        let bare = claim.draft().message_id.to_string();
        let named = head
            .map(<[u8]>::trim_ascii)
            .any(|line| line.eq_ignore_ascii_case(field.as_bytes()) || line == bare.as_bytes());
        if named && ends_lines_with_crlf(&bytes) {
            Ok(Parcel { claim, bytes })
        } else {
            Err(WrongBytes)
        }
    }

    fn envelope(&self) -> &Envelope {
        &self.claim.draft().envelope
    }

    fn message_id(&self) -> &MessageId {
        &self.claim.draft().message_id
    }
}

/// RFC 5321 section 2.3.8: no CR and no LF alone. The last line is ended, too.
fn ends_lines_with_crlf(bytes: &[u8]) -> bool {
    let mut before = None;
    for &byte in bytes {
        if (byte == b'\n') != (before == Some(b'\r')) {
            return false;
        }
        before = Some(byte);
    }
    bytes.ends_with(b"\r\n")
}

/// How long each step may take. The defaults are those of RFC 5321 section 4.5.3.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Name, TCP connection.
    pub connect: Duration,
    /// The TLS handshake.
    pub tls: Duration,
    /// The server's greeting.
    pub greeting: Duration,
    /// EHLO, STARTTLS and each line of AUTH.
    pub hello: Duration,
    /// MAIL and RCPT.
    pub envelope: Duration,
    /// DATA, until 354.
    pub data: Duration,
    /// Writing the body.
    pub body: Duration,
    /// The answer after the dot. Long, because a server may scan, and giving up early
    /// makes a doubtful mail of a sent one.
    pub dot: Duration,
    /// QUIT; nothing hangs on it.
    pub quit: Duration,
    /// A whole run of the `sendmail` command.
    pub command: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        let minutes = |n: u64| Duration::from_secs(60 * n);
        Timeouts {
            connect: minutes(1),
            tls: minutes(1),
            greeting: minutes(5),
            hello: minutes(5),
            envelope: minutes(5),
            data: minutes(2),
            body: minutes(3),
            dot: minutes(10),
            quit: Duration::from_secs(10),
            command: minutes(10),
        }
    }
}

/// Tries to send it, once.
///
/// `body_begins` is awaited when the next byte would be the body's first (for a command
/// and a folder: before it starts). When it fails, nothing of the body is written and the
/// outcome is [`Outcome::Unnoted`].
pub async fn send<F, R, E>(
    parcel: Parcel,
    transport: &Transport,
    limits: &Timeouts,
    body_begins: F,
) -> Outcome
where
    F: FnOnce() -> R + Send,
    R: Future<Output = Result<(), E>> + Send,
    E: Display + Send,
{
    match transport {
        Transport::Smtp(settings) => smtp::send(parcel, settings, limits, body_begins).await,
        Transport::Sendmail(program) => {
            sendmail::send(parcel, program, limits.command, body_begins).await
        }
        Transport::Folder(directory) => folder::send(parcel, directory, body_begins).await,
    }
}

/// What a trial of the way out showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// How the other side names itself: the SMTP server's name, else the path.
    pub server: String,
    /// The largest mail that it takes, when it says so (RFC 1870), in bytes.
    pub max_bytes: Option<u64>,
}

/// The way out is not usable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckError {
    /// Not reached, or no encrypted talk.
    #[error("{0}")]
    NoContact(String),
    /// Reached, and the login was refused.
    #[error("{0}")]
    LoginRefused(String),
}

impl CheckError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            CheckError::NoContact(_) => {
                "Check the host, the port and the kind of encryption; many providers take \
                 465 with `tls = \"implicit\"` or 587 with `tls = \"starttls\"`"
            }
            CheckError::LoginRefused(_) => {
                "Set the password anew; Gmail, Yahoo, iCloud and Fastmail want an app password"
            }
        }
    }
}

/// Tries the way out without sending: EHLO, TLS, AUTH and QUIT; or whether the program or
/// the directory is there.
pub async fn check(transport: &Transport, limits: &Timeouts) -> Result<Report, CheckError> {
    match transport {
        Transport::Smtp(settings) => smtp::check(settings, limits).await,
        Transport::Sendmail(program) => {
            sendmail::usable(program).await.map_err(CheckError::NoContact)?;
            Ok(Report { server: program.display().to_string(), max_bytes: None })
        }
        Transport::Folder(directory) => {
            folder::usable(directory).await.map_err(CheckError::NoContact)?;
            Ok(Report { server: directory.display().to_string(), max_bytes: None })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_step_is_given_less_time_than_rfc_5321_asks() {
        let ours = Timeouts::default();
        // Section 4.5.3.2: the step, our limit, the least number of minutes.
        let table = [
            ("4.5.3.2.1 initial 220", ours.greeting, 5),
            ("4.5.3.2.2 MAIL", ours.envelope, 5),
            ("4.5.3.2.3 RCPT", ours.envelope, 5),
            ("4.5.3.2.4 DATA initiation", ours.data, 2),
            ("4.5.3.2.5 data block", ours.body, 3),
            ("4.5.3.2.6 DATA termination", ours.dot, 10),
            // Not named there; a server that looks its client up is slow here, too.
            ("EHLO, STARTTLS, AUTH", ours.hello, 5),
            ("a command in place of DATA", ours.command, 10),
        ];
        for (step, limit, minutes) in table {
            assert!(limit >= Duration::from_secs(60 * minutes), "{step}: {limit:?}");
        }
    }
}
