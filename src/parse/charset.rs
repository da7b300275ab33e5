//! Text whose charset was missing or wrong, read a second time.

/// What windows-1252 has at 0x80–0x9F; the rest of it is Latin-1. Unassigned bytes stay
/// what they are.
const HIGH: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// The bytes as windows-1252, the charset that undeclared Western mail is written in.
pub fn windows_1252(bytes: &[u8]) -> String {
    bytes
        .iter()
        .map(|&byte| match byte {
            0x80..=0x9f => HIGH.get(usize::from(byte - 0x80)).copied().unwrap_or('\u{fffd}'),
            _ => char::from(byte),
        })
        .collect()
}

/// UTF-8 when it is, windows-1252 otherwise, with whether it had to be guessed. A single
/// cut character at the end of a mail that was not read to its end is no damage.
pub fn guess(bytes: &[u8]) -> (String, bool) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return (text.to_owned(), false);
    }
    // Behind the cut may stand the line end before the boundary that ends the part.
    match std::str::from_utf8(bytes.trim_ascii_end()) {
        Err(error) if error.error_len().is_none() => {
            let sound = bytes.get(..error.valid_up_to()).unwrap_or_default();
            (String::from_utf8_lossy(sound).into_owned(), false)
        }
        _ => (windows_1252(bytes), true),
    }
}

/// UTF-8 that was taken for windows-1252 and encoded again ("weâ€™re", "fÃ¼r") is undone
/// when the whole text allows it.
pub fn undo_double_encoding(text: &str) -> Option<String> {
    if !text.contains("Ã") && !text.contains("â€") {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len());
    for c in text.chars() {
        match u32::from(c) {
            code @ 0..=0x7f => bytes.push(code as u8),
            code => match HIGH.iter().position(|high| *high == c) {
                Some(at) => bytes.push(0x80 + at as u8),
                None if code <= 0xff => bytes.push(code as u8),
                None => return None,
            },
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn western_bytes_become_letters() {
        assert_eq!(guess(b"f\xfcr \x93Sie\x94"), ("für “Sie”".to_owned(), true));
        assert_eq!(guess("für".as_bytes()), ("für".to_owned(), false));
        assert_eq!(guess(b"f\xc3"), ("f".to_owned(), false));
        assert_eq!(guess(b"f\xc3\r\n"), ("f".to_owned(), false));
    }

    #[test]
    fn twice_encoded_text_is_read_back() {
        assert_eq!(undo_double_encoding("weâ€™re fÃ¼r").as_deref(), Some("we’re für"));
        assert_eq!(undo_double_encoding("Ã or 日本"), None);
        assert_eq!(undo_double_encoding("für"), None);
    }
}
