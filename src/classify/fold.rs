//! Text to the form that rules are matched on, keeping the writer's own form beside it.
//!
//! Both forms have the same byte offsets, so that a hit in the folded text can be shown
//! in the mail's own writing without a table.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A text in two forms of the same length.
#[derive(Debug, Default)]
pub struct Text {
    /// The writer's letters: NFKC, plain quotes, dashes and spaces, nothing invisible.
    pub clean: String,
    /// The same in lower case.
    pub folded: String,
}

/// More sentences than this are not read.
const SENTENCES_MAX: usize = 2_000;
/// A "sentence" longer than this is cut; 50 MB without a full stop is nobody's prose.
const SENTENCE_MAX_BYTES: usize = 2_000;

impl Text {
    /// Folds a text once.
    pub fn new(original: &str) -> Text {
        let clean = clean(original);
        let folded = folded(&clean);
        Text { clean, folded }
    }

    /// The full stop at `at` belongs to a number: "2. Runde", "1. Online tests", not
    /// "in week 38. We …".
    fn is_ordinal(&self, start: usize, at: usize) -> bool {
        let before = self.folded.get(start..at).unwrap_or("");
        let mut words = before.rsplit([' ', '(']);
        let number = words.next().unwrap_or("");
        let follows = self.clean.get(at + 1..).unwrap_or("").trim_start().chars().next();
        // "bis zum 30.11. keine Nachricht"
        let date = number.split('.').all(|part| part.len() <= 2 && is_number(part));
        if number.contains('.') {
            return date && follows.is_some_and(char::is_lowercase);
        }
        if !date {
            return false;
        }
        words.next().is_none_or(|word| word.is_empty() || BEFORE_ORDINAL.contains(&word))
            || follows.is_some_and(char::is_lowercase)
    }

    /// Where its sentences are.
    pub fn sentences(&self) -> Vec<Range<usize>> {
        let mut ranges = Vec::new();
        let mut start = 0;
        // Bytes, not letters: nearly all of them end nothing.
        for (at, byte) in self.folded.bytes().enumerate() {
            let length = match byte {
                0x80..=0xbf => continue,
                0xc0.. => byte.leading_ones() as usize,
                _ => 1,
            };
            let end = at + length;
            let space_follows = || {
                let next = self.folded.get(end..).and_then(|rest| rest.chars().next());
                next.is_none_or(char::is_whitespace)
            };
            let ends = match byte {
                b'\n' => true,
                b'!' | b'?' => space_follows(),
                b'.' => {
                    space_follows()
                        && !is_abbreviation(self.folded.get(start..at).unwrap_or(""))
                        && !self.is_ordinal(start, at)
                }
                b' ' => end - start > SENTENCE_MAX_BYTES,
                _ => end - start > 2 * SENTENCE_MAX_BYTES,
            };
            if ends {
                push_trimmed(&mut ranges, &self.folded, start..end);
                start = end;
                if ranges.len() >= SENTENCES_MAX {
                    return ranges;
                }
            }
        }
        push_trimmed(&mut ranges, &self.folded, start..self.folded.len());
        ranges
    }
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit())
}

/// Words before an ordinal: "am 3. November", "in der 2. Runde", "on 3. November".
const BEFORE_ORDINAL: &[&str] = &[
    "am", "vom", "zum", "zur", "im", "beim", "bis", "ab", "seit", "der", "die", "das", "den",
    "dem", "des", "in", "und", "ihr", "ihre", "ihrer", "unser", "unsere", "unserer", "jede",
    "jeder", "on",
];

fn push_trimmed(ranges: &mut Vec<Range<usize>>, text: &str, range: Range<usize>) {
    let Some(raw) = text.get(range.clone()) else { return };
    let start = range.start + (raw.len() - raw.trim_start().len());
    let end = start + raw.trim().len();
    if end > start {
        ranges.push(start..end);
    }
}

/// The full stop behind this does not end a sentence.
fn is_abbreviation(before: &str) -> bool {
    const SHORT: &[&str] = &[
        "mr", "mrs", "ms", "dr", "prof", "st", "no", "nr", "inc", "ltd", "co", "corp", "vs", "e.g",
        "i.e", "z.b", "bzw", "ggf", "sr", "jr", "dept", "approx", "ref", "hr", "fr", "ca", "evtl",
        "d.h", "u.a", "abs", "tel", "str", "sra", "dra", "dott", "ing", "geom", "avv", "lic",
        "dña", "dhr", "mevr", "mw", "kl", "t.ex", "bl.a", "m.fl", "bijv", "evt", "i.v.m", "m.b.t",
        "o.a", "p.ej", "ej", "exma", "ex.mo", "ex.ma", "v. ex",
    ];
    let word = before.rsplit([' ', '(', '\n', '"']).next().unwrap_or("");
    let initial = word.chars().count() == 1 && word.chars().all(char::is_alphabetic);
    initial || SHORT.contains(&word)
}

/// In lower case, each letter at its place.
pub fn folded(clean: &str) -> String {
    if clean.is_ascii() {
        return clean.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(clean.len());
    for c in clean.chars() {
        let mut lower = c.to_lowercase();
        match (lower.next(), lower.next()) {
            // A letter whose small form has another length stays: offsets rule.
            (Some(small), None) if small.len_utf8() == c.len_utf8() => folded.push(small),
            _ => folded.push(c),
        }
    }
    folded
}

/// The beginning of a text that is clean as it stands: nearly all of nearly every mail. The
/// letter before a foreign sign is not in it, because the sign may be its accent.
fn sound(text: &str) -> &str {
    // A single space behind a letter is as it should be.
    let mut spaced = true;
    let mut clean = |byte: &u8| {
        let space = *byte == b' ';
        let fits = byte.is_ascii_graphic() || space && !spaced;
        spaced = space;
        fits
    };
    let length = text.bytes().take_while(|byte| clean(byte)).count();
    let cut = text.as_bytes().get(length).is_some_and(|next| !next.is_ascii());
    text.get(..length - usize::from(cut && length > 0)).unwrap_or("")
}

fn clean(original: &str) -> String {
    let mut out = String::with_capacity(original.len());
    let mut cluster = String::new();
    let mut rest = original;
    loop {
        let run = sound(rest);
        out.push_str(run);
        let mut chars = rest.get(run.len()..).unwrap_or("").chars();
        let Some(c) = chars.next() else { return out };
        let behind = chars.as_str();
        let length = behind.find(|c: char| c.is_ascii() || !is_combining_mark(c));
        let (marks, next) =
            behind.split_at_checked(length.unwrap_or(behind.len())).unwrap_or_default();
        rest = next;
        if c.is_ascii() && marks.is_empty() {
            push(&mut out, c);
            continue;
        }
        cluster.clear();
        cluster.push(c);
        // Zalgo: marks beyond the third are decoration.
        cluster.extend(marks.chars().filter(|mark| *mark != '\u{34f}').take(3));
        // Before NFKC, which makes space and accent of a lone acute.
        if let Some(plain) = plain(c) {
            push(&mut out, plain);
            continue;
        }
        for c in cluster.nfkc() {
            push(&mut out, plain(c).unwrap_or(c));
        }
    }
}

/// Appends a character; runs of blanks become one, a line end eats the blanks around it.
fn push(out: &mut String, c: char) {
    if is_invisible(c) {
        return;
    }
    if c == '\n' {
        while out.ends_with(' ') {
            out.pop();
        }
        if !out.ends_with("\n\n") {
            out.push('\n');
        }
    } else if c.is_whitespace() || c.is_control() {
        if !out.is_empty() && !out.ends_with([' ', '\n']) {
            out.push(' ');
        }
    } else {
        out.push(c);
    }
}

fn plain(c: char) -> Option<char> {
    Some(match c {
        '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}' | '\u{2bc}' | '\u{b4}' | '\u{60}'
        | '\u{2032}' | '\u{ff07}' => '\'',
        '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{201f}' | '\u{ab}' | '\u{bb}' | '\u{2033}' => '"',
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2043}' => '-',
        _ => return None,
    })
}

/// Characters that pad previews, join words or turn the direction, and cannot be seen.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentences(text: &str) -> Vec<String> {
        let text = Text::new(text);
        text.sentences()
            .into_iter()
            .map(|range| text.clean.get(range).unwrap().to_owned())
            .collect()
    }

    #[test]
    fn disguised_words_are_the_same_words() {
        let plain = Text::new("we're sorry").folded;
        for disguise in [
            "We\u{2019}re\u{a0}sorry",
            "we\u{200b}'re so\u{ad}rry",
            "we're   \tsorry",
            "\u{ff37}\u{ff25}'re sorry",
        ] {
            assert_eq!(Text::new(disguise).folded, plain, "{disguise:?}");
        }
        assert_eq!(Text::new("fu\u{308}r").folded, "für");
    }

    #[test]
    fn both_forms_have_the_same_offsets() {
        for text in ["İstanbul ẞ Größe", "ＦＵＬＬ ﬁne ǅ", "Ω K Å"] {
            let text = Text::new(text);
            assert_eq!(text.clean.len(), text.folded.len());
            for (at, _) in text.folded.char_indices() {
                assert!(text.clean.is_char_boundary(at));
            }
        }
    }

    #[test]
    fn a_full_stop_ends_a_sentence_unless_it_abbreviates() {
        assert_eq!(
            sentences("Dear Dr. Who. We met on 3. Mai. Bye"),
            ["Dear Dr. Who.", "We met on 3. Mai.", "Bye"]
        );
        assert_eq!(
            sentences("Node.js at acme.com, e.g. this\nnext"),
            ["Node.js at acme.com, e.g. this", "next"]
        );
        assert_eq!(
            sentences("in week 38. Not in the 2. round"),
            ["in week 38.", "Not in the 2. round"]
        );
        assert_eq!(sentences("Sie sind in der 2. Runde."), ["Sie sind in der 2. Runde."]);
        assert_eq!(sentences("1. Tests"), ["1. Tests"]);
    }

    #[test]
    fn endless_text_ends() {
        assert!(sentences(&"word ".repeat(100_000)).len() < 300);
        assert_eq!(sentences(&"no. yes! ".repeat(5_000)).len(), SENTENCES_MAX);
    }
}
