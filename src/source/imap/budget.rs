//! A guard between TLS and the IMAP reader: what passes is bounded in every direction.
//!
//! The reader behind it takes literals of any size, lines without end and parts nested
//! until the stack is gone. The guard follows the line structure of what arrives (RFC
//! 9051 section 4.3 and 7) and refuses before a byte of the excess is handed on. It
//! understands no more than that; it is strict where the reader is lax, so that the two
//! never disagree about where a response ends: a message's data may hold literals only at
//! the first level, no quoted text (the server is never asked for any), and must close
//! every parenthesis on its line.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The largest literal taken: pieces of 256 KiB are the most that is ever asked for.
const LITERAL_MAX_BYTES: u64 = 256 * 1024 + 64;

/// The longest line: 20,000 UIDs of ten digits, in the answer to one search, with room.
const LINE_MAX_BYTES: u64 = 512 * 1024;

/// Parentheses in a message's data: flags and the list itself are two levels.
const DEPTH_MAX: u32 = 8;

/// Which limit an answer broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// `{N}` above the limit.
    #[error("a literal announced as {0} bytes")]
    Literal(u64),
    /// No end of line for too long.
    #[error("a line without end")]
    Line,
    /// Too many open parentheses.
    #[error("parentheses nested too deeply")]
    Depth,
    /// More bytes than the command can need.
    #[error("more bytes than were asked for")]
    Total,
    /// A literal, quoted text, open parenthesis or bare line feed where none may stand.
    #[error("an answer whose structure is broken")]
    Structure,
}

/// What a line may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Its first bytes are still awaited.
    Unknown,
    /// `* 12 …`: data of a message, read by rules of its own.
    Numbered,
    /// `* LIST …`: the name may be a literal.
    List,
    /// Anything else: no literal at all.
    Plain,
}

/// The state behind the bytes seen so far.
#[derive(Debug)]
struct Scanner {
    kind: Kind,
    /// The head of the line, until its kind is known.
    head: Vec<u8>,
    line_bytes: u64,
    depth: u32,
    /// Bytes of a literal still to come.
    literal_left: u64,
    /// Digits of a `{N}` under way, and whether its brace has been closed.
    announced: Option<(u64, bool)>,
    previous: u8,
    /// An opening quote was the last byte of a message's data.
    quote_open: bool,
    /// What may still come before the next command.
    allowance: u64,
}

impl Scanner {
    fn new(allowance: u64) -> Self {
        Scanner {
            kind: Kind::Unknown,
            head: Vec::new(),
            line_bytes: 0,
            depth: 0,
            literal_left: 0,
            announced: None,
            previous: 0,
            quote_open: false,
            allowance,
        }
    }

    /// Looks at bytes in the order of their arrival.
    fn scan(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        let count = bytes.len() as u64;
        self.allowance = self.allowance.checked_sub(count).ok_or(Refusal::Total)?;
        let mut rest = bytes;
        while !rest.is_empty() {
            if self.literal_left > 0 {
                let skipped = usize::try_from(self.literal_left).unwrap_or(usize::MAX);
                let skipped = skipped.min(rest.len());
                self.literal_left -= skipped as u64;
                rest = rest.get(skipped..).unwrap_or_default();
                continue;
            }
            let Some((&byte, tail)) = rest.split_first() else { break };
            self.byte(byte)?;
            rest = tail;
        }
        Ok(())
    }

    fn byte(&mut self, byte: u8) -> Result<(), Refusal> {
        self.line_bytes += 1;
        if self.line_bytes > LINE_MAX_BYTES {
            return Err(Refusal::Line);
        }
        if self.kind == Kind::Unknown {
            self.recognise(byte);
        }
        if byte == b'\n' {
            return self.line_end();
        }
        if self.kind == Kind::Numbered {
            self.message_data(byte)?;
        }
        self.follow_announcement(byte)?;
        self.previous = byte;
        Ok(())
    }

    fn recognise(&mut self, byte: u8) {
        self.head.push(byte.to_ascii_uppercase());
        let head = self.head.as_slice();
        self.kind = match head {
            b"* LIST " => Kind::List,
            [b'*', b' ', b'0'..=b'9', ..] => Kind::Numbered,
            _ if b"* LIST ".starts_with(head) => Kind::Unknown,
            _ => Kind::Plain,
        };
    }

    fn message_data(&mut self, byte: u8) -> Result<(), Refusal> {
        if self.quote_open {
            self.quote_open = false;
            return if byte == b'"' { Ok(()) } else { Err(Refusal::Structure) };
        }
        match byte {
            b'(' => {
                self.depth += 1;
                if self.depth > DEPTH_MAX {
                    return Err(Refusal::Depth);
                }
            }
            b')' => self.depth = self.depth.checked_sub(1).ok_or(Refusal::Structure)?,
            b'"' if self.previous == b' ' => self.quote_open = true,
            b'"' => return Err(Refusal::Structure),
            _ => {}
        }
        Ok(())
    }

    /// Follows `{123}` up to the end of the line.
    fn follow_announcement(&mut self, byte: u8) -> Result<(), Refusal> {
        self.announced = match (byte, self.announced) {
            (b'{', _) => Some((0, false)),
            (b'0'..=b'9', Some((n, false))) => {
                let n = n.saturating_mul(10).saturating_add(u64::from(byte - b'0'));
                Some((n, false))
            }
            (b'+', Some((n, false))) => Some((n, false)),
            (b'}', Some((n, false))) => Some((n, true)),
            (b'\r', announced @ Some((_, true))) => announced,
            _ => None,
        };
        Ok(())
    }

    fn line_end(&mut self) -> Result<(), Refusal> {
        if self.previous != b'\r' {
            return Err(Refusal::Structure);
        }
        if let Some((size, true)) = self.announced.take() {
            if size > LITERAL_MAX_BYTES {
                return Err(Refusal::Literal(size));
            }
            let expected = match self.kind {
                Kind::Numbered => self.depth == 1,
                Kind::List => true,
                Kind::Unknown | Kind::Plain => false,
            };
            if !expected {
                return Err(Refusal::Structure);
            }
            self.literal_left = size;
            self.previous = 0;
            return Ok(());
        }
        if self.depth != 0 || self.quote_open {
            return Err(Refusal::Structure);
        }
        self.kind = Kind::Unknown;
        self.head.clear();
        self.line_bytes = 0;
        self.previous = 0;
        Ok(())
    }
}

/// A stream whose incoming bytes are looked at before anybody else sees them.
#[derive(Debug)]
pub(super) struct Budget<S> {
    inner: S,
    scanner: Scanner,
}

impl<S> Budget<S> {
    /// Guards a stream; `allowance` is for what comes before the first command.
    pub(super) fn new(inner: S, allowance: u64) -> Self {
        Budget { inner, scanner: Scanner::new(allowance) }
    }

    /// The bytes that may come from here on, as an answer to the next command.
    pub(super) fn allow(&mut self, bytes: u64) {
        self.scanner.allowance = bytes;
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Budget<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = buf.filled().len();
        match Pin::new(&mut this.inner).poll_read(cx, buf) {
            Poll::Ready(Ok(())) => {
                let fresh = buf.filled().get(before..).unwrap_or_default();
                Poll::Ready(this.scanner.scan(fresh).map_err(io::Error::other))
            }
            other => other,
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Budget<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whole, and byte by byte: the pieces in which bytes arrive must not matter.
    fn scan(text: &str) -> Result<(), Refusal> {
        let whole = Scanner::new(1 << 40).scan(text.as_bytes());
        let mut scanner = Scanner::new(1 << 40);
        let pieces = text.as_bytes().iter().try_for_each(|b| scanner.scan(&[*b]));
        assert_eq!(whole, pieces, "{text:?}");
        whole
    }

    #[test]
    fn honest_answers_pass() {
        for text in [
            "* OK ((((((((((((( it's 5\" today {x}\r\n",
            "* FLAGS (\\Answered \\Seen)\r\n* 3 EXISTS\r\n* OK [UIDVALIDITY 5] ok\r\n",
            "* 1 FETCH (UID 5 RFC822.SIZE 14 BODY[]<0> {14}\r\n((((((((((((\r\n)\r\n",
            "* 1 FETCH (UID 5 RFC822.SIZE 12 BODY[]<0> {2}\r\n\"( FLAGS (\\Seen))\r\n",
            "* 1 FETCH (BODY[] \"\" UID 7)\r\na1 OK done\r\n",
            "* LIST (\\HasNoChildren) \"/\" {5}\r\na\"(((\r\n+ idling\r\n",
            "* SEARCH 1 2 3\r\n",
        ] {
            assert_eq!(scan(text), Ok(()), "{text:?}");
        }
    }

    #[test]
    fn each_limit_is_refused_by_its_name() {
        let endless = format!("* OK {}", "x".repeat(600_000));
        for (text, refusal) in [
            ("* 1 FETCH (BODY[] {4294967295}\r\n", Refusal::Literal(4_294_967_295)),
            ("* OK {99999999999999999999999}\r\n", Refusal::Literal(u64::MAX)),
            (endless.as_str(), Refusal::Line),
            ("* 1 FETCH (BODYSTRUCTURE ((((((((((", Refusal::Depth),
        ] {
            assert_eq!(scan(text), Err(refusal));
        }
        assert_eq!(Scanner::new(3).scan(b"* OK"), Err(Refusal::Total));
    }

    #[test]
    fn the_guard_and_the_reader_cannot_be_led_apart() {
        for text in [
            // The reader takes an unknown item's list up to the first ")", lines and all.
            "* 1 FETCH (X ({9}\r\n) BODYSTR",
            "* 1 FETCH (X (\r\n* LIST {9}\r\n",
            "* 1 FETCH (X a\r\n",
            "* 1 FETCH (Y \"))\" X (BODY[] {9}\r\n",
            "* 1 FETCH (Z a\" Y \"))\"",
            "* 1 FETCH (UID 1))\r\n",
            // The reader takes literals inside some response codes.
            "* OK [BADCHARSET ({9}\r\n",
            "* SEARCH {9}\r\n",
            "* 1 FETCH (UID 1)\n",
        ] {
            assert_eq!(scan(text), Err(Refusal::Structure), "{text:?}");
        }
    }
}
