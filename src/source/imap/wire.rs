//! One command at a time over a guarded connection.
//!
//! `async-imap` frames and parses the server's lines; commands are written here and every
//! response is looked at here, because the library's own calls end at the tagged line
//! without reading whether it says OK, and take a closed connection for an empty answer.
//! After any error but NO and BAD the connection is of no use and must be dropped.

use std::io;
use std::time::Duration;

use async_imap::Client;
use async_imap::imap_proto::{Capability, MailboxDatum, Response, Status};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;

use super::Deadlines;
use super::budget::{Budget, Refusal};
use super::error::{ImapError, tidy};

/// What an answer may weigh that carries no mail: SEARCH and LIST are the largest.
pub(super) const PLAIN_ANSWER_MAX_BYTES: u64 = 4 * 1024 * 1024;

/// A command takes at most this many deadlines altogether, however it drips.
const DEADLINES_PER_COMMAND: u32 = 10;

/// A command's text, cut where a literal stands.
#[derive(Debug, Default)]
pub(super) struct Words {
    pieces: Vec<Piece>,
}

#[derive(Debug)]
enum Piece {
    Text(String),
    Literal(Vec<u8>),
}

impl Words {
    /// A command without foreign text.
    pub(super) fn new(text: &str) -> Self {
        Words { pieces: vec![Piece::Text(text.to_owned())] }
    }

    /// Adds text that is ours.
    pub(super) fn text(mut self, text: &str) -> Self {
        self.pieces.push(Piece::Text(text.to_owned()));
        self
    }

    /// Adds foreign text as a quoted string, or as a literal where quoting is not safe
    /// (RFC 9051 section 4.3): nothing in it can end the line.
    pub(super) fn string(mut self, foreign: &str) -> Self {
        let quotable = foreign.len() <= 512 && foreign.bytes().all(|b| (0x20..0x7f).contains(&b));
        self.pieces.push(if quotable {
            let escaped = foreign.replace('\\', "\\\\").replace('"', "\\\"");
            Piece::Text(format!("\"{escaped}\""))
        } else {
            Piece::Literal(foreign.as_bytes().to_vec())
        });
        self
    }

    /// Adds bytes as a literal.
    pub(super) fn literal(mut self, bytes: &[u8]) -> Self {
        self.pieces.push(Piece::Literal(bytes.to_vec()));
        self
    }
}

/// What the server told in passing, gathered over all commands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Overheard {
    /// Messages in the open folder.
    pub(super) exists: u32,
    /// The open folder's UIDVALIDITY.
    pub(super) uidvalidity: Option<u32>,
}

/// A connection on which commands are given.
#[derive(Debug)]
pub(super) struct Wire {
    client: Client<Budget<TlsStream<TcpStream>>>,
    server: String,
    deadlines: Deadlines,
    tags: u64,
    overheard: Overheard,
}

/// The end of a command that was not refused outright.
pub(super) enum Answer {
    /// Tagged OK.
    Ok,
    /// A continuation request (`+`), with its text.
    Go(String),
}

impl Wire {
    /// A connection whose greeting has been read.
    pub(super) fn new(stream: TlsStream<TcpStream>, server: &str, deadlines: Deadlines) -> Self {
        Wire {
            client: Client::new(Budget::new(stream, PLAIN_ANSWER_MAX_BYTES)),
            server: server.to_owned(),
            deadlines,
            tags: 0,
            overheard: Overheard::default(),
        }
    }

    /// `host:port`.
    pub(super) fn server(&self) -> &str {
        &self.server
    }

    /// The deadlines in force.
    pub(super) fn deadlines(&self) -> Deadlines {
        self.deadlines
    }

    /// What was said in passing so far.
    pub(super) fn overheard(&mut self) -> &mut Overheard {
        &mut self.overheard
    }

    /// Gives a command and shows every response to `visit`, the tagged one included.
    ///
    /// # Errors
    /// NO, BAD, BYE, an end of the connection, a deadline, or more than `allowance` bytes.
    pub(super) async fn command(
        &mut self,
        doing: &str,
        words: Words,
        allowance: u64,
        mut visit: impl FnMut(&Response<'_>) + Send,
    ) -> Result<(), ImapError> {
        let whole = self.deadlines.command.saturating_mul(DEADLINES_PER_COMMAND);
        let server = self.server.clone();
        timeout(whole, async {
            let tag = self.give(doing, words, allowance).await?;
            match self.answer(doing, &tag, self.deadlines.command, &mut visit).await? {
                Answer::Ok => Ok(()),
                Answer::Go(_) => Err(self.unreadable(doing)),
            }
        })
        .await
        .map_err(|_| ImapError::Silent {
            server,
            doing: doing.to_owned(),
            after: whole,
        })?
    }

    /// Writes a command, waiting at each literal until the server asks for it; the tag.
    pub(super) async fn give(
        &mut self,
        doing: &str,
        words: Words,
        allowance: u64,
    ) -> Result<String, ImapError> {
        self.tags += 1;
        let tag = format!("r{}", self.tags);
        self.client.get_mut().allow(allowance);
        let mut bytes = format!("{tag} ").into_bytes();
        for piece in words.pieces {
            match piece {
                Piece::Text(text) => bytes.extend_from_slice(text.as_bytes()),
                Piece::Literal(literal) => {
                    bytes.extend_from_slice(format!("{{{}}}\r\n", literal.len()).as_bytes());
                    self.write(doing, &bytes).await?;
                    match self.answer(doing, &tag, self.deadlines.command, &mut |_| ()).await? {
                        Answer::Go(_) => bytes = literal,
                        Answer::Ok => return Err(self.unreadable(doing)),
                    }
                }
            }
        }
        bytes.extend_from_slice(b"\r\n");
        self.write(doing, &bytes).await?;
        Ok(tag)
    }

    /// Writes bytes as they stand.
    pub(super) async fn write(&mut self, doing: &str, bytes: &[u8]) -> Result<(), ImapError> {
        let after = self.deadlines.command;
        let stream = self.client.get_mut();
        let written = timeout(after, async {
            stream.write_all(bytes).await?;
            stream.flush().await
        })
        .await;
        match written {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(self.lost(doing)),
            Err(_) => Err(self.silent(doing, after)),
        }
    }

    /// Reads until the command is answered or the server asks to go on.
    pub(super) async fn answer(
        &mut self,
        doing: &str,
        tag: &str,
        patience: Duration,
        visit: &mut (impl FnMut(&Response<'_>) + Send),
    ) -> Result<Answer, ImapError> {
        loop {
            let (server, overheard) = (self.server.clone(), &mut self.overheard);
            let Ok(read) = timeout(patience, self.client.read_response()).await else {
                return Err(self.silent(doing, patience));
            };
            let data = match read {
                Ok(Some(data)) => data,
                Ok(None) => return Err(self.lost(doing)),
                Err(error) => return Err(self.read_failed(doing, &error)),
            };
            let response = data.parsed();
            overheard.listen(response);
            visit(response);
            match response {
                Response::Continue(outcome) => {
                    let text = outcome.information.as_deref().unwrap_or_default().to_owned();
                    return Ok(Answer::Go(text));
                }
                Response::Data { status: Status::Bye, outcome } => {
                    let words = tidy(outcome.information.as_deref().unwrap_or_default());
                    return Err(ImapError::Bye { server, words });
                }
                Response::Done { tag: answered, status, outcome } if answered.0 == tag => {
                    let words = tidy(outcome.information.as_deref().unwrap_or_default());
                    let doing = doing.to_owned();
                    return match status {
                        Status::Ok => Ok(Answer::Ok),
                        Status::No => Err(ImapError::No { server, doing, words }),
                        Status::Bad => Err(ImapError::Bad { server, doing, words }),
                        Status::Bye => Err(ImapError::Bye { server, words }),
                        Status::PreAuth => Err(ImapError::Unreadable { server, doing }),
                    };
                }
                // RFC 9051 section 2.2.2: one command at a time, so a foreign tag is a lie.
                Response::Done { .. } => {
                    return Err(ImapError::Unreadable { server, doing: doing.to_owned() });
                }
                _ => {}
            }
        }
    }

    /// Waits for one response in the middle of a command; `true` when it is a tagged one.
    /// Dropping this loses nothing.
    ///
    /// # Errors
    /// BYE, an end of the connection, or a broken answer.
    pub(super) async fn listen(&mut self, doing: &str) -> Result<bool, ImapError> {
        match self.client.read_response().await {
            Ok(Some(data)) => {
                let response = data.parsed();
                self.overheard.listen(response);
                if let Response::Data { status: Status::Bye, outcome } = response {
                    let words = tidy(outcome.information.as_deref().unwrap_or_default());
                    return Err(ImapError::Bye { server: self.server.clone(), words });
                }
                Ok(matches!(response, Response::Done { .. }))
            }
            Ok(None) => Err(self.lost(doing)),
            Err(error) => Err(self.read_failed(doing, &error)),
        }
    }

    /// Says goodbye, for at most a moment.
    pub(super) async fn logout(mut self) {
        self.deadlines.command = self.deadlines.command.min(Duration::from_secs(2));
        // Whatever comes, the connection is dropped now.
        let _ = self.command("log out", Words::new("LOGOUT"), 64 * 1024, |_| ()).await;
    }

    /// What the server can do at this moment, in capitals.
    pub(super) async fn capabilities(&mut self) -> Result<Vec<String>, ImapError> {
        let mut names = Vec::new();
        let words = Words::new("CAPABILITY");
        self.command("list its capabilities", words, PLAIN_ANSWER_MAX_BYTES, |response| {
            if let Response::Capabilities(capabilities) = response {
                names.extend(capabilities.iter().map(|c| match c {
                    Capability::Imap4rev1 => "IMAP4REV1".to_owned(),
                    Capability::Auth(name) => format!("AUTH={}", name.to_ascii_uppercase()),
                    Capability::Atom(name) => name.to_ascii_uppercase(),
                }));
            }
        })
        .await?;
        Ok(names)
    }

    /// The answer cannot be what it should be.
    pub(super) fn unreadable(&self, doing: &str) -> ImapError {
        ImapError::Unreadable { server: self.server.clone(), doing: doing.to_owned() }
    }

    fn lost(&self, doing: &str) -> ImapError {
        ImapError::Lost { server: self.server.clone(), doing: doing.to_owned() }
    }

    fn silent(&self, doing: &str, after: Duration) -> ImapError {
        ImapError::Silent { server: self.server.clone(), doing: doing.to_owned(), after }
    }

    /// The library's parse errors quote the buffer, that is mail: only their kind is told.
    fn read_failed(&self, doing: &str, error: &io::Error) -> ImapError {
        let refusal = error.get_ref().and_then(|e| e.downcast_ref::<Refusal>()).copied();
        let (server, doing) = (self.server.clone(), doing.to_owned());
        match (refusal, error.kind()) {
            (Some(refusal), _) => ImapError::TooMuch { server, doing, refusal },
            (None, io::ErrorKind::Other) => ImapError::Unreadable { server, doing },
            (None, _) => ImapError::Lost { server, doing },
        }
    }
}

impl Overheard {
    fn listen(&mut self, response: &Response<'_>) {
        use async_imap::imap_proto::ResponseCode;
        match response {
            Response::MailboxData(MailboxDatum::Exists(n)) => self.exists = *n,
            Response::Expunge(_) => self.exists = self.exists.saturating_sub(1),
            Response::Data { outcome, .. } => {
                if let Some(ResponseCode::UidValidity(n)) = outcome.code {
                    self.uidvalidity = Some(n);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(words: Words) -> String {
        words
            .pieces
            .into_iter()
            .map(|piece| match piece {
                Piece::Text(text) => text,
                Piece::Literal(bytes) => format!("{{{}}}", bytes.len()),
            })
            .collect()
    }

    #[test]
    fn foreign_text_can_never_end_a_command() {
        assert_eq!(shown(Words::new("X ").string("a\"b\\c")), "X \"a\\\"b\\\\c\"");
        assert_eq!(shown(Words::new("X ").string("a\r\nr9 DELETE INBOX")), "X {18}");
        assert_eq!(shown(Words::new("X ").string("ü").text(" Y")), "X {2} Y");
    }
}
