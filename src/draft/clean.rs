//! What may stand in a mail of the user's: texts, subjects and foreign names made clean, and
//! the marks of a text that still waits for the user's words.

use crate::model::mail::HeaderText;

/// What a name of a company, a role or a person has at most.
const FIELD_MAX_CHARS: usize = 60;
/// Opens the mark of a gap that only the user can fill.
pub(super) const GAP_OPENS: &str = "[[";

/// Marks that no finished text holds.
const GAP_MARKS: [&str; 6] = [GAP_OPENS, "]]", "{{", "}}", "{%", "%}"];

/// Lines ended by `\n`, no other control character, nothing blank at the end of a line or
/// of the text, one line end last.
pub fn plain_text(text: &str) -> String {
    let unix = text.replace("\r\n", "\n").replace(['\r', '\u{0085}', '\u{2028}', '\u{2029}'], "\n");
    let kept: String =
        unix.chars().filter(|c| *c == '\n' || *c == '\t' || !c.is_control()).collect();
    let mut clean = String::with_capacity(kept.len());
    for line in kept.trim_end().lines() {
        clean.push_str(line.trim_end());
        clean.push('\n');
    }
    if clean.is_empty() { "\n".to_owned() } else { clean }
}

/// A header text that no reader takes for an encoded word (RFC 2047 section 2): a decoded
/// subject may hold one as its plain words, and would be decoded once more.
pub fn header_text(text: &str) -> HeaderText {
    HeaderText::clean(&text.replace("=?", "= ?"))
}

/// What mail programs of many languages put before the subject of an answer and of a forward,
/// which a mail within a company often is before it comes to the applicant.
const SUBJECT_MARKS: [&str; 15] = [
    "re", "aw", "antw", "antwort", "sv", "rif", "res", "fw", "fwd", "wg", "tr", "rv", "vb",
    "doorst", "enc",
];

/// A word that only stands before subjects.
pub(super) fn is_subject_mark(word: &str) -> bool {
    SUBJECT_MARKS.contains(&word.trim().to_lowercase().as_str())
}

/// A foreign name as it may stand in a mail of the user's: letters, digits and a few marks,
/// no address of any kind, at most 60 characters. Everything else is absent.
pub fn allowed(name: &str) -> Option<String> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let marks = " .,&'’()/+#-–|:!";
    let sound = !name.is_empty()
        && name.chars().count() <= FIELD_MAX_CHARS
        && name.chars().all(|c| c.is_alphanumeric() || marks.contains(c))
        && name.chars().any(char::is_alphabetic)
        && !name.contains("//")
        && !name.split(|c: char| c.is_whitespace() || "/,()|:!".contains(c)).any(reads_as_host);
    sound.then_some(name)
}

/// Mail programs make links of words like `firm.com`.
fn reads_as_host(word: &str) -> bool {
    let word = word.trim_matches('.').to_lowercase();
    word.starts_with("www.")
        || psl::domain(word.as_bytes()).is_some_and(|domain| domain.suffix().is_known())
}

/// The text waits for words of the user's own and cannot be approved.
pub fn has_gap(text: &str) -> bool {
    gap_in(text).is_some()
}

/// The mark of a gap, if one is left.
pub fn gap_in(text: &str) -> Option<&'static str> {
    GAP_MARKS.into_iter().find(|mark| text.contains(mark))
}
