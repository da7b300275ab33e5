//! The line to an SMTP server: bytes out, replies in, each step with its time limit.
//!
//! lettre's `AsyncSmtpConnection` is not used for this, because three steps cannot be done
//! cleanly over it: it keeps what came in clear behind the answer to STARTTLS and takes it
//! for an encrypted reply (the injection of nostarttls.secvuln.info), it fails on replies
//! that are not UTF-8, and it writes body and dot in one call. Its commands and its reply
//! parser are used.

use std::fmt::Display;
use std::future::Future;
use std::io;
use std::time::Duration;

use lettre::transport::smtp::response::Response;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};

/// RFC 5321 section 4.5.3.1.5 allows 512 octets to a reply line; servers write more.
const LINE_MAX_BYTES: usize = 4096;

/// EHLO is the longest reply; real ones have 20 lines.
const REPLY_MAX_BYTES: usize = 64 * 1024;

/// What of a server's words is kept for the user.
const WORDS_MAX_CHARS: usize = 300;

/// Any encrypted or clear stream.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// Why a step came to no reply.
#[derive(Debug, thiserror::Error)]
pub(super) enum WireError {
    #[error("it did not answer within {} s", .0.as_secs_f32())]
    TimedOut(Duration),
    #[error("it closed the connection")]
    Closed,
    #[error("the connection broke ({0})")]
    Broken(#[from] io::Error),
    #[error("it sent something that is no SMTP reply")]
    Garbage,
    #[error("it answered what it was not asked")]
    OutOfTurn,
}

/// One reply.
#[derive(Debug)]
pub(super) struct Reply {
    /// The three digits.
    pub(super) code: u16,
    /// The reply as lettre reads it.
    pub(super) response: Response,
}

impl Reply {
    /// Code and words on one line, for the user; cut, without control characters.
    pub(super) fn words(&self) -> String {
        let words: Vec<&str> = self.response.message().collect();
        format!("{} {}", self.code, words.join(" "))
            .chars()
            .map(|c| if c.is_control() || crate::model::mail::is_hidden(c) { ' ' } else { c })
            .take(WORDS_MAX_CHARS)
            .collect::<String>()
            .trim_end()
            .to_owned()
    }
}

/// One connection.
pub(super) struct Wire {
    stream: BufReader<Box<dyn Stream>>,
}

impl Wire {
    pub(super) fn new(stream: Box<dyn Stream>) -> Self {
        Wire { stream: BufReader::new(stream) }
    }

    /// The stream itself, to be wrapped in TLS. Refused when the server has sent more than
    /// it was asked for: what came in clear must not be taken for encrypted.
    pub(super) fn into_stream(self) -> Result<Box<dyn Stream>, WireError> {
        if self.stream.buffer().is_empty() {
            Ok(self.stream.into_inner())
        } else {
            Err(WireError::OutOfTurn)
        }
    }

    /// Sends a command (its `Display` ends in CRLF) and reads the reply.
    pub(super) async fn command(
        &mut self,
        command: impl Display + Send,
        limit: Duration,
    ) -> Result<Reply, WireError> {
        let line = command.to_string();
        within(limit, async {
            self.write_all(line.as_bytes()).await?;
            self.read_reply().await
        })
        .await
    }

    /// Reads a reply that was asked for before.
    pub(super) async fn reply(&mut self, limit: Duration) -> Result<Reply, WireError> {
        within(limit, self.read_reply()).await
    }

    /// Writes and flushes; reads nothing.
    pub(super) async fn write(&mut self, bytes: &[u8], limit: Duration) -> Result<(), WireError> {
        within(limit, self.write_all(bytes)).await
    }

    async fn write_all(&mut self, bytes: &[u8]) -> Result<(), WireError> {
        // A reply that waits already would be taken for the answer to what is sent now.
        if !self.stream.buffer().is_empty() {
            return Err(WireError::OutOfTurn);
        }
        self.stream.get_mut().write_all(bytes).await?;
        self.stream.get_mut().flush().await?;
        Ok(())
    }

    async fn read_reply(&mut self) -> Result<Reply, WireError> {
        let mut text = String::new();
        loop {
            let line = self.read_line().await?;
            text.push_str(&line);
            if text.len() > REPLY_MAX_BYTES {
                return Err(WireError::Garbage);
            }
            if line.as_bytes().get(3) != Some(&b'-') {
                break;
            }
        }
        let code =
            text.get(..3).and_then(|digits| digits.parse().ok()).ok_or(WireError::Garbage)?;
        let response: Response = text.parse().map_err(|_| WireError::Garbage)?;
        Ok(Reply { code, response })
    }

    /// A line with CRLF at its end, whatever ended it; a half line is an end.
    async fn read_line(&mut self) -> Result<String, WireError> {
        let mut line = Vec::new();
        let mut limited = (&mut self.stream).take(LINE_MAX_BYTES as u64);
        limited.read_until(b'\n', &mut line).await?;
        match line.last() {
            None => Err(WireError::Closed),
            Some(b'\n') => {
                let words = String::from_utf8_lossy(&line);
                let words = words.trim_end();
                // "250" alone is a reply (RFC 5321 section 4.2); parsers want the blank.
                let blank = if words.len() == 3 { " " } else { "" };
                Ok(format!("{words}{blank}\r\n"))
            }
            Some(_) if line.len() < LINE_MAX_BYTES => Err(WireError::Closed),
            Some(_) => Err(WireError::Garbage),
        }
    }
}

/// A step with its limit.
pub(super) async fn within<T>(
    limit: Duration,
    step: impl Future<Output = Result<T, WireError>> + Send,
) -> Result<T, WireError> {
    tokio::time::timeout(limit, step).await.unwrap_or(Err(WireError::TimedOut(limit)))
}
