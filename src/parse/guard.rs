//! What is looked at before the parser may look: how deep a mail nests, and whether its
//! multiparts end.
//!
//! mail-parser keeps nested messages inside each other, and dropping 40,000 of them
//! overflows the stack, which ends the process. So they are counted in the bytes first.

use aho_corasick::AhoCorasick;

/// Attached mails inside attached mails, or multiparts inside multiparts, beyond this
/// depth are somebody's joke. A forwarded chain of a large firm has five.
pub const DEPTH_MAX: usize = 20;

/// Where the bytes should end so that at most [`DEPTH_MAX`] `message/rfc822` (or
/// `message/global`) headers and as many multipart headers are among them; `None` when
/// all of them may be read.
///
/// It counts headers, not real depth: 20 attached mails side by side are cut as well.
/// That loses attachments, never the text, which stands before them.
pub fn cut_at(raw: &[u8]) -> Option<usize> {
    let mut nested = 0;
    let mut multiparts = 0;
    let mut start = 0;
    while start < raw.len() {
        let rest = raw.get(start..).unwrap_or_default();
        let length = rest.iter().position(|b| *b == b'\n').map_or(rest.len(), |at| at + 1);
        let line = rest.get(..length).unwrap_or_default();
        if is_type_of(line, b"multipart/") {
            multiparts += 1;
        } else if is_type_of(line, b"message/rfc822")
            || is_type_of(line, b"message/global")
            || is_type_of(line, b"multipart/digest")
        {
            nested += 1;
        }
        if nested > DEPTH_MAX || multiparts > DEPTH_MAX {
            return Some(start);
        }
        start += length;
    }
    None
}

/// The mail with every multipart ended that has begun; `None` when all have their end.
///
/// mail-parser gives up the encoding and the type of a part whose multipart does not end,
/// which is every part of a prefix of a mail.
pub fn closed(raw: &[u8]) -> Option<Vec<u8>> {
    let boundaries = boundaries(raw);
    let ends: Vec<String> = boundaries.iter().map(|b| format!("\n--{b}--")).collect();
    let begins: Vec<String> = boundaries.iter().map(|b| format!("\n--{b}")).collect();
    let there = |words: &[String]| -> Option<Vec<bool>> {
        let mut seen = vec![false; words.len()];
        for found in AhoCorasick::new(words).ok()?.find_overlapping_iter(raw) {
            if let Some(seen) = seen.get_mut(found.pattern().as_usize()) {
                *seen = true;
            }
        }
        Some(seen)
    };
    let (ended, begun) = (there(&ends)?, there(&begins)?);
    let mut whole = None;
    // The last begun ends first.
    for ((boundary, ended), begun) in boundaries.iter().zip(ended).zip(begun).rev() {
        if begun && !ended {
            let whole = whole.get_or_insert_with(|| raw.to_vec());
            whole.extend_from_slice(format!("\r\n\r\n--{boundary}--\r\n").as_bytes());
        }
    }
    whole
}

/// The values of `boundary=` parameters, in order, each once.
fn boundaries(raw: &[u8]) -> Vec<String> {
    const KEY: &str = "boundary=";
    let mut boundaries = Vec::new();
    let Ok(keys) = AhoCorasick::builder().ascii_case_insensitive(true).build([KEY]) else {
        return boundaries;
    };
    for found in keys.find_iter(raw).take(2 * DEPTH_MAX) {
        // RFC 2046 section 5.1.1: at most 70 characters.
        let rest = raw.get(found.end()..raw.len().min(found.end() + 72)).unwrap_or_default();
        let rest = String::from_utf8_lossy(rest);
        let value = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split('"').next(),
            None => rest.split([';', ' ', '\t', '\r', '\n']).next(),
        };
        let value = value.unwrap_or("").to_owned();
        if !value.is_empty() && !boundaries.contains(&value) {
            boundaries.push(value);
        }
    }
    boundaries
}

/// The line is a Content-Type of that type, or a folded or damaged rest of one. Lines of
/// text that merely mention the type are counted too, which costs a long discussion of
/// MIME its end and nothing else.
fn is_type_of(line: &[u8], kind: &[u8]) -> bool {
    let line = line.get(..line.len().min(200)).unwrap_or_default();
    let at = line.windows(kind.len()).position(|window| window.eq_ignore_ascii_case(kind));
    at.is_some_and(|at| {
        let before = line.get(..at).unwrap_or_default();
        before.iter().all(u8::is_ascii_whitespace)
            || before.get(..12).is_some_and(|name| name.eq_ignore_ascii_case(b"content-type"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_mail_is_read_to_its_end() {
        let part = "Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\nhello\r\n";
        assert_eq!(cut_at(part.repeat(DEPTH_MAX).as_bytes()), None);
        assert_eq!(cut_at(b"hello\nworld"), None);
    }

    #[test]
    fn what_has_begun_is_ended_from_the_inside_out() {
        let raw = b"Content-Type: multipart/mixed; boundary=\"a b\"\r\n\r\n--a b\r\nContent-Type: multipart/alternative;\r\n boundary=c\r\n\r\n--c\r\n\r\nhi";
        let whole = closed(raw).unwrap();
        assert!(whole.starts_with(raw));
        assert!(whole.ends_with(b"\r\n--c--\r\n\r\n\r\n--a b--\r\n"));
        assert_eq!(closed(&whole), None);
        assert_eq!(closed(b"no boundary= here"), None);
    }

    #[test]
    fn the_cut_is_before_the_first_header_too_many() {
        let part = "content-type:\r\n Message/RFC822\r\n\r\n";
        let raw = part.repeat(DEPTH_MAX + 1);
        let cut = cut_at(raw.as_bytes()).unwrap();
        assert!(cut > part.len() * DEPTH_MAX && cut < raw.len());
    }
}
