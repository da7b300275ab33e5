//! The HTML beside a plain text out of the way of the parser, which would decode it for
//! nothing: it is most of the bytes of most mail.
//!
//! Only what is plainly such a pair is taken for one: two parts of a multipart/alternative,
//! one behind the other, of which the first is a text that is read whatever the other says.

use std::ops::Range;

use memchr::memmem;

use super::attachments::{FIELDS_MAX_BYTES, begin_of_fields, divided, value};
use super::mime;

/// Shorter ones are not worth a copy of the mail.
const HTML_MIN_BYTES: usize = 1024;

/// A type and a boundary that stand further apart do not belong together.
const TYPE_MAX_BYTES: usize = 200;

/// Places that name the type; a mail with more of them is read as it is.
const NAMED_MAX: usize = 64;

/// Charsets in which each letter of ASCII is one, and stands for itself.
const PLAIN_CHARSETS: [&[u8]; 4] = [b"utf-8", b"us-ascii", b"iso-8859-", b"windows-125"];

/// Where the HTML stands that nobody reads, in order.
pub fn unread(raw: &[u8]) -> Vec<Range<usize>> {
    let mut behind = 0;
    let found = memmem::find_iter(raw, b"text/html").take(NAMED_MAX).filter_map(|at| {
        let range = html_of(raw, at).filter(|range| range.start >= behind)?;
        behind = range.end;
        Some(range)
    });
    found.collect()
}

/// The text of the part whose type is named at `at`, when the part before it says the same.
fn html_of(raw: &[u8], at: usize) -> Option<Range<usize>> {
    let html = Part::around(raw, at)?;
    if value(html.fields, b"content-type:")? != b"text/html" {
        return None;
    }
    let before = memmem::rfind(raw.get(..html.start)?, html.delimiter)?;
    let plain = Part::at(raw, before, html.start)?;
    let is_pair = plain.delimiter == html.delimiter
        && value(plain.fields, b"content-type:")?.eq_ignore_ascii_case(b"text/plain")
        && value(plain.fields, b"content-disposition:").is_none()
        && has_plain_charset(plain.fields)
        && is_alternative(raw.get(..before)?, html.delimiter.get(3..)?);
    let text = raw.get(plain.text..html.start)?;
    let encoding = value(plain.fields, b"content-transfer-encoding:").unwrap_or_default();
    let length = memmem::find(raw.get(html.text..)?, html.delimiter);
    let end = length.map_or(raw.len(), |length| html.text + length);
    let worth_it = end - html.text >= HTML_MIN_BYTES;
    (is_pair && worth_it && mime::speaks_for_itself(text, encoding)).then_some(html.text..end)
}

/// A part of a multipart.
struct Part<'a> {
    /// Where the line end before its delimiter is.
    start: usize,
    /// A line end, two dashes and the boundary.
    delimiter: &'a [u8],
    fields: &'a [u8],
    /// Where its text begins.
    text: usize,
}

impl<'a> Part<'a> {
    /// The part in whose fields `at` stands.
    fn around(raw: &'a [u8], at: usize) -> Option<Part<'a>> {
        let part = Part::at(raw, begin_of_fields(raw, at), raw.len())?;
        (at < part.text).then_some(part)
    }

    /// The part whose delimiter stands at `start`, and which has text before `end`.
    fn at(raw: &'a [u8], start: usize, end: usize) -> Option<Part<'a>> {
        let rest = raw.get(start..end.min(start + FIELDS_MAX_BYTES))?;
        let line = memchr::memchr(b'\n', rest.get(1..)?)? + 1;
        let delimiter = rest.get(..line)?.trim_ascii_end();
        let (fields, text) = divided(rest)?;
        let is_part = delimiter.starts_with(b"\n--") && delimiter.len() > 3;
        let fields = rest.get(line..fields).unwrap_or_default();
        is_part.then_some(Part { start, delimiter, fields, text: start + text })
    }
}

/// The multipart of this boundary, begun in `before`, is an alternative.
fn is_alternative(before: &[u8], boundary: &[u8]) -> bool {
    let Some(named) = memmem::find(before, boundary) else { return false };
    let from = named.saturating_sub(TYPE_MAX_BYTES);
    let fields = before.get(from..named).unwrap_or_default();
    let end = b"multipart/alternative";
    let mut places = fields.windows(end.len());
    places.any(|place| place.eq_ignore_ascii_case(end))
        && memmem::find(fields, b"\n--").is_none()
        && divided(fields).is_none()
}

/// ASCII's letters can be counted before the charset is undone.
fn has_plain_charset(fields: &[u8]) -> bool {
    let fields = fields.to_ascii_lowercase();
    let Some(at) = memmem::find(&fields, b"charset") else { return true };
    let told = fields.get(at + b"charset".len()..).unwrap_or_default();
    let told = told.trim_ascii_start().strip_prefix(b"=").unwrap_or_default().trim_ascii_start();
    let told = told.strip_prefix(b"\"").unwrap_or(told);
    PLAIN_CHARSETS.iter().any(|charset| told.starts_with(charset))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    const WORDS: &str = "We have read your application with interest.\r\n";

    fn mail(kind: &str, plain: &str, encoding: &str, text: &str, html: &str) -> Vec<u8> {
        format!(
            "From: a@firm.example\r\nContent-Type: multipart/{kind}; boundary=\"=_b\"\r\n\r\n\
             --=_b\r\nContent-Type: {plain}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n\
             {text}\r\n--=_b\r\nContent-Type: text/html; charset=utf-8\r\n\
             Content-Transfer-Encoding: quoted-printable\r\n\r\n{html}\r\n--=_b--\r\n"
        )
        .into_bytes()
    }

    #[test]
    fn html_beside_a_text_is_left_out_and_changes_nothing() {
        let html = format!("<p>{}</p>", WORDS.repeat(50));
        for (plain, encoding, text) in [
            ("text/plain; charset=\"UTF-8\"", "quoted-printable", WORDS.repeat(12)),
            ("text/plain", "7bit", WORDS.repeat(12)),
            ("text/plain; charset=iso-8859-1", "base64", "QUJDREVG".repeat(80)),
        ] {
            let raw = mail("alternative", plain, encoding, &text, &html);
            let unread = unread(&raw);
            assert_eq!(unread.len(), 1, "{plain} {encoding}");
            let left = unread.iter().map(|range| &raw[range.clone()]).collect::<Vec<_>>().concat();
            assert_eq!(left.trim_ascii_end(), html.as_bytes());
            let whole = parse::guarded(&raw).unwrap();
            assert_eq!(parse::message(&raw, true, &[]).body, whole.body, "{plain} {encoding}");
        }
    }

    #[test]
    fn html_that_may_be_read_stays() {
        let (long, html) = (WORDS.repeat(12), format!("<p>{}</p>", WORDS.repeat(50)));
        for (kind, plain, encoding, text) in [
            ("mixed", "text/plain", "7bit", long.as_str()),
            ("alternative", "text/calendar", "7bit", &long),
            ("alternative", "text/plain; charset=utf-16", "7bit", &long),
            ("alternative", "text/plain", "x-unknown", &long),
            ("alternative", "text/plain", "7bit", "Please view this mail in HTML"),
            ("alternative", "text/plain", "7bit", &format!("<html>{long}")),
            ("alternative", "text/plain", "quoted-printable", &"=C3=B6".repeat(500)),
        ] {
            let raw = mail(kind, plain, encoding, text, &html);
            assert!(unread(&raw).is_empty(), "{kind} {plain} {encoding}");
        }
    }
}
