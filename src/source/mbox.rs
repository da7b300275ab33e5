//! Splits an mbox into its mails, without holding more of it than one mail's beginning.
//!
//! Reads mboxrd and mboxo (RFC 4155 knows only the default form): a mail begins at a
//! `From ` line with a date in it behind an empty line, `>From ` loses one `>`. Written
//! by hand because the readers at hand hold whole lines, and a line may have 50 MB.

use std::io::{self, BufRead};

use super::MESSAGE_READ_MAX;

/// So much of a line is looked at, and taken, at once.
const PIECE_BYTES: usize = 8 * 1024;

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// One mail of an mbox.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct MboxMail {
    /// Its first bytes, unquoted, at most [`MESSAGE_READ_MAX`].
    pub(super) bytes: Vec<u8>,
    /// Bytes of the whole mail.
    pub(super) size: u64,
}

/// The mails of an mbox.
pub(super) struct Mbox<R> {
    reader: R,
    position: u64,
    /// A `From ` line has been read whose mail has not.
    begun: bool,
    ended: bool,
}

impl<R: BufRead> Mbox<R> {
    /// Splits what the reader gives.
    pub(super) fn new(reader: R) -> Self {
        Mbox { reader, position: 0, begun: false, ended: false }
    }

    /// Bytes read so far.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// A line, or a piece of a long one; empty at the end.
    fn piece(&mut self) -> io::Result<Vec<u8>> {
        let mut piece = Vec::new();
        while piece.len() < PIECE_BYTES {
            let available = match self.reader.fill_buf() {
                Ok(available) => available,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if available.is_empty() {
                break;
            }
            let room = PIECE_BYTES - piece.len();
            let reach = available.get(..room.min(available.len())).unwrap_or_default();
            let line_end = reach.iter().position(|b| *b == b'\n');
            let taken = line_end.map_or(reach.len(), |place| place + 1);
            piece.extend_from_slice(reach.get(..taken).unwrap_or_default());
            self.reader.consume(taken);
            self.position += taken as u64;
            if line_end.is_some() {
                break;
            }
        }
        Ok(piece)
    }

    fn mail(&mut self) -> io::Result<Option<MboxMail>> {
        let mut mail = MboxMail { bytes: Vec::new(), size: 0 };
        // An empty line is held back: before a `From ` line it belongs to the mbox.
        let mut held: Vec<u8> = Vec::new();
        let mut line_start = true;
        loop {
            let piece = self.piece()?;
            if piece.is_empty() {
                self.ended = true;
                return Ok(std::mem::take(&mut self.begun).then_some(mail));
            }
            let first_of_all = line_start && !self.begun;
            if first_of_all && piece.starts_with(b"From ") {
                self.begun = true;
                line_start = piece.ends_with(b"\n");
                // The rest of an overlong first line is no mail.
                while !line_start {
                    let rest = self.piece()?;
                    line_start = rest.is_empty() || rest.ends_with(b"\n");
                }
                continue;
            }
            if line_start && !held.is_empty() && is_from_line(&piece) {
                return Ok(Some(mail));
            }
            mail.take(&std::mem::take(&mut held));
            if line_start && (piece == b"\n" || piece == b"\r\n") {
                held = piece;
                continue;
            }
            let unquoted = if line_start && is_quoted_from(&piece) { 1 } else { 0 };
            mail.take(piece.get(unquoted..).unwrap_or_default());
            line_start = piece.ends_with(b"\n");
        }
    }
}

impl MboxMail {
    fn take(&mut self, bytes: &[u8]) {
        self.size += bytes.len() as u64;
        let room = MESSAGE_READ_MAX - self.bytes.len();
        self.bytes.extend_from_slice(bytes.get(..room.min(bytes.len())).unwrap_or_default());
    }
}

impl<R: BufRead> Iterator for Mbox<R> {
    type Item = io::Result<MboxMail>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        match self.mail() {
            Ok(mail) => mail.map(Ok),
            Err(error) => {
                self.ended = true;
                Some(Err(error))
            }
        }
    }
}

/// `From somebody Sat Jan  3 01:05:34 1996`: a weekday followed by a month tells it from
/// a sentence that begins with "From" behind an empty line.
fn is_from_line(line: &[u8]) -> bool {
    if !line.starts_with(b"From ") {
        return false;
    }
    let line = String::from_utf8_lossy(line);
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    words.windows(2).any(
        |pair| matches!(pair, [day, month] if WEEKDAYS.contains(day) && MONTHS.contains(month)),
    )
}

fn is_quoted_from(line: &[u8]) -> bool {
    let inner = line.iter().position(|b| *b != b'>').and_then(|place| line.get(place..));
    line.starts_with(b">") && inner.is_some_and(|rest| rest.starts_with(b"From "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufReader, Read};

    fn split(mbox: &str) -> Vec<String> {
        Mbox::new(mbox.as_bytes())
            .map(|mail| String::from_utf8(mail.unwrap().bytes).unwrap())
            .collect()
    }

    #[test]
    fn mails_are_divided_at_from_lines_with_a_date_behind_an_empty_line() {
        let mbox = "From a@b Sat Jan  3 01:05:34 1996\nA: 1\n\nhello\n\nFrom the start it was\n\
                    >From here\n>>From there\n\n\nFrom - Mon Feb 02 10:00:00 2026\nB: 2\n\nbye\n";
        assert_eq!(
            split(mbox),
            ["A: 1\n\nhello\n\nFrom the start it was\nFrom here\n>From there\n\n", "B: 2\n\nbye\n"]
        );
    }

    #[test]
    fn a_takeout_export_is_read_with_its_line_ends() {
        let mbox = "From 1798@xxx Sat Nov 21 10:00:00 +0000 2026\r\nX-GM-THRID: 1\r\n\r\n\
                    >From me\r\n\r\nFrom 1799@xxx Sat Nov 21 10:00:01 +0000 2026\r\nA: b\r\n\r\n\r\n";
        assert_eq!(split(mbox), ["X-GM-THRID: 1\r\n\r\nFrom me\r\n", "A: b\r\n\r\n"]);
    }

    #[test]
    fn an_empty_mail_and_an_empty_mbox_are_what_they_are() {
        assert_eq!(split(""), Vec::<String>::new());
        assert_eq!(split("From a Sat Jan 3\n"), [""]);
        assert_eq!(split("From a Sat Jan 3\n\nFrom b Sun Jan 4\nX: y\n"), ["", "X: y\n"]);
    }

    #[test]
    fn a_line_of_fifty_megabytes_is_counted_and_not_held() {
        let long = 50 * 1024 * 1024;
        let mbox = b"From a Sat Jan 3\n\n"
            .chain(io::repeat(b'x').take(long))
            .chain(&b"\n\nFrom b Sun Jan 4\nX: y\n"[..]);
        let mails: Vec<_> = Mbox::new(BufReader::new(mbox)).map(Result::unwrap).collect();
        assert_eq!(mails.len(), 2);
        assert_eq!(mails[0].size, long + 2);
        assert_eq!(mails[0].bytes.len(), MESSAGE_READ_MAX);
        assert!(mails[0].bytes.capacity() <= 2 * MESSAGE_READ_MAX);
        assert_eq!(mails[1].bytes, b"X: y\n");
    }
}
