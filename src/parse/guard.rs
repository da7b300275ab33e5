//! What is looked at before the parser may look: how deep a mail nests, and whether its
//! multiparts end.
//!
//! mail-parser keeps nested messages inside each other, and dropping 40,000 of them
//! overflows the stack, which ends the process. So they are counted in the bytes first.

use memchr::memmem;

/// Attached mails inside attached mails, or multiparts inside multiparts, beyond this
/// depth are somebody's joke. A forwarded chain of a large firm has five.
pub const DEPTH_MAX: usize = 20;

/// No Content-Type needs a line so long before it says its type.
const TYPE_LINE_MAX_BYTES: usize = 200;

/// Where the bytes should end so that at most [`DEPTH_MAX`] `message/rfc822` (or
/// `message/global`) headers and as many multipart headers are among them; `None` when
/// all of them may be read.
///
/// It counts headers, not real depth: 20 attached mails side by side are cut as well.
/// That loses attachments, never the text, which stands before them.
pub fn cut_at(raw: &[u8]) -> Option<usize> {
    let mut nested = 0;
    let mut multiparts = 0;
    let mut counted = None;
    for slash in memchr::memchr_iter(b'/', raw) {
        let (before, behind) = raw.split_at_checked(slash)?;
        let is_multipart = ends_with(before, b"multipart");
        let is_mail = ends_with(before, b"message")
            && (starts_with(behind, b"/rfc822") || starts_with(behind, b"/global"));
        if !is_multipart && !is_mail {
            continue;
        }
        // A line counts once.
        let Some(start) = start_of_type(before) else { continue };
        if counted.replace(start) == Some(start) {
            continue;
        }
        multiparts += usize::from(is_multipart);
        nested += usize::from(is_mail);
        if nested > DEPTH_MAX || multiparts > DEPTH_MAX {
            return Some(start);
        }
    }
    None
}

/// Where the line begins at whose end a type stands, when it is a Content-Type, or a folded
/// or damaged rest of one. Lines of text that merely mention the type are counted too, which
/// costs a long discussion of MIME its end and nothing else.
fn start_of_type(before: &[u8]) -> Option<usize> {
    let window = before.len().saturating_sub(TYPE_LINE_MAX_BYTES);
    let start = match memchr::memrchr(b'\n', before.get(window..)?) {
        Some(at) => window + at + 1,
        None if window == 0 => 0,
        None => return None,
    };
    let line = before.get(start..)?;
    let alone = line.trim_ascii_start().iter().all(u8::is_ascii_alphabetic);
    (alone || starts_with(line, b"content-type")).then_some(start)
}

fn ends_with(bytes: &[u8], end: &[u8]) -> bool {
    let at = bytes.len().checked_sub(end.len());
    at.and_then(|at| bytes.get(at..)).is_some_and(|last| last.eq_ignore_ascii_case(end))
}

fn starts_with(bytes: &[u8], start: &[u8]) -> bool {
    bytes.get(..start.len()).is_some_and(|first| first.eq_ignore_ascii_case(start))
}

/// The mail with every multipart ended that has begun; `None` when all have their end.
///
/// mail-parser gives up the encoding and the type of a part whose multipart does not end,
/// which is every part of a prefix of a mail.
pub fn closed(raw: &[u8]) -> Option<Vec<u8>> {
    let mut whole = None;
    // The last begun ends first.
    for boundary in boundaries(raw).iter().rev() {
        let begin = format!("\n--{boundary}");
        // The end stands at the end of the mail.
        let ended = memmem::rfind(raw, format!("{begin}--").as_bytes()).is_some();
        if !ended && memmem::find(raw, begin.as_bytes()).is_some() {
            let whole = whole.get_or_insert_with(|| raw.to_vec());
            whole.extend_from_slice(format!("\r\n\r\n--{boundary}--\r\n").as_bytes());
        }
    }
    whole
}

/// The values of `boundary=` parameters, in order, each once.
fn boundaries(raw: &[u8]) -> Vec<String> {
    let mut boundaries = Vec::new();
    let signs = memchr::memchr_iter(b'=', raw)
        .filter(|sign| raw.get(..*sign).is_some_and(|before| ends_with(before, b"boundary")));
    for sign in signs.take(2 * DEPTH_MAX) {
        // RFC 2046 section 5.1.1: at most 70 characters.
        let rest = raw.get(sign + 1..raw.len().min(sign + 73)).unwrap_or_default();
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
