//! Attachments out of the way of the parser, which would decode each of them for nothing.
//!
//! What is left of one is its header, where its name stands, and the first line of its text.
//! Only what is plainly an attachment is taken out: base64 lines below a Content-Type whose
//! text nobody reads.

use std::ops::Range;

use memchr::memmem;

/// Shorter ones are not worth a copy of the mail.
const ATTACHMENT_MIN_BYTES: usize = 4 * 1024;

/// Fields of a part take no more; a type and an encoding that stand further apart are none.
pub const FIELDS_MAX_BYTES: usize = 4 * 1024;

/// So many bytes are looked at before the first that does not fit ends it.
const PIECE_BYTES: usize = 1024;

/// Types that hold no text of the mail.
const UNREAD: [&[u8]; 4] = [b"application/", b"image/", b"audio/", b"video/"];

/// Where the text of attachments stands, in order.
pub fn unread(raw: &[u8]) -> Vec<Range<usize>> {
    let mut behind = 0;
    let found = memmem::find_iter(raw, b"base64").filter_map(|at| {
        let range = text_of(raw, at).filter(|range| range.start >= behind)?;
        behind = range.end;
        Some(range)
    });
    found.collect()
}

/// Where the lines behind the first one begin and end, of an attachment whose encoding is
/// named at `at`.
fn text_of(raw: &[u8], at: usize) -> Option<Range<usize>> {
    let start = begin_of_fields(raw, at);
    let behind = raw.get(at..raw.len().min(at + FIELDS_MAX_BYTES))?;
    let (fields, _) = divided(behind)?;
    let fields = raw.get(start..at + fields)?;
    let named = |name: &[u8]| value(fields, name);
    if !named(b"content-transfer-encoding:")?.eq_ignore_ascii_case(b"base64") {
        return None;
    }
    let kind = named(b"content-type:")?.to_ascii_lowercase();
    // A calendar among them is told by its type alone.
    UNREAD.iter().find(|unread| kind.starts_with(unread))?;
    let begin = at + divided(behind)?.1;
    let first = begin + memchr::memchr(b'\n', raw.get(begin..)?)? + 1;
    // What stays is sound base64 by itself.
    if raw.get(begin..first)?.trim_ascii().len() % 4 != 0 {
        return None;
    }
    // No line of base64 begins so, every boundary does.
    let text = raw.get(first - 1..)?;
    let length = memmem::find(text, b"\n--").unwrap_or(text.len());
    let end = first - 1 + length;
    let lines = raw.get(first..end)?;
    let is_base64 = |byte: &u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'\r' | b'\n')
    };
    // Without an end within a piece: so the processor looks at many bytes at once.
    let all = |piece: &[u8]| piece.iter().fold(true, |all, byte| all & is_base64(byte));
    (lines.len() >= ATTACHMENT_MIN_BYTES && lines.chunks(PIECE_BYTES).all(all))
        .then_some(first..end)
}

/// Where the header of a part begins in which `at` stands.
pub fn begin_of_fields(raw: &[u8], at: usize) -> usize {
    let from = at.saturating_sub(FIELDS_MAX_BYTES);
    let before = raw.get(from..at).unwrap_or_default();
    let ends = [b"\n\n".as_slice(), b"\n\r\n", b"\n--"];
    from + ends.iter().filter_map(|end| memmem::rfind(before, end)).max().unwrap_or(0)
}

/// Where the fields end and where the text behind them begins.
pub fn divided(raw: &[u8]) -> Option<(usize, usize)> {
    let ends = [b"\n\n".as_slice(), b"\n\r\n"];
    let found = ends.iter().filter_map(|end| memmem::find(raw, end).map(|at| (at, at + end.len())));
    found.min()
}

/// The first word of the field of that name, as far as its first line has one.
pub fn value<'a>(fields: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let lines = fields.split(|byte| *byte == b'\n');
    let mut values = lines.filter_map(|line| {
        let (start, value) = line.split_at_checked(name.len())?;
        start.eq_ignore_ascii_case(name).then_some(value.trim_ascii())
    });
    let value = values.next().filter(|_| values.next().is_none())?;
    value.split(|byte| *byte == b';' || *byte == b' ').next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    fn mail(kind: &str, encoding: &str, text: &str) -> Vec<u8> {
        format!(
            "From: a@firm.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n\
             Hello\r\n--b\r\nContent-Type: {kind}; name=cv.pdf\r\n\
             Content-Transfer-Encoding: {encoding}\r\n\r\n{text}\r\n--b\r\n\r\nBye\r\n--b--\r\n"
        )
        .into_bytes()
    }

    #[test]
    fn an_attachment_leaves_its_name_and_the_text_around_it() {
        let text = "QUJD".repeat(19).to_string() + "\r\n";
        let text = text.repeat(100);
        let raw = mail("application/pdf", "base64", text.trim_end());
        let left = parse::left_out(&raw).unwrap();
        assert!(left.len() < 400, "{}", String::from_utf8_lossy(&left));
        assert_eq!(parse::left_out(&left), None);
        let (whole, short) = (parse::message(&raw, true, &[]), parse::message(&left, true, &[]));
        assert_eq!(whole, short);
        assert_eq!(whole.body.attachments, ["cv.pdf"]);
        assert!(whole.body.new_text.contains("Hello") && whole.body.new_text.contains("Bye"));
    }

    #[test]
    fn what_may_be_text_stays() {
        let text = ("QUJD".repeat(19).to_string() + "\r\n").repeat(100);
        for (kind, encoding, text) in [
            ("text/plain", "base64", text.as_str()),
            ("message/rfc822", "base64", &text),
            ("application/pdf", "7bit", &text),
            ("application/pdf", "base64", "QUJD"),
            ("application/pdf", "base64", &text.replacen("QUJD", "not base64 at all", 40)),
        ] {
            assert!(unread(&mail(kind, encoding, text)).is_empty(), "{kind} {encoding}");
        }
    }
}
