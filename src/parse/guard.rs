//! What is looked at before the parser may look: how deep a mail nests.
//!
//! mail-parser keeps nested messages inside each other, and dropping 40,000 of them
//! overflows the stack, which ends the process. So they are counted in the bytes first.

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
    fn the_cut_is_before_the_first_header_too_many() {
        let part = "content-type:\r\n Message/RFC822\r\n\r\n";
        let raw = part.repeat(DEPTH_MAX + 1);
        let cut = cut_at(raw.as_bytes()).unwrap();
        assert!(cut > part.len() * DEPTH_MAX && cut < raw.len());
    }
}
