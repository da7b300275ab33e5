//! The lines of a mail to who said them: the sender now, earlier mail that is quoted,
//! somebody else's mail that is passed on, and the signature.
//!
//! The name under "Kind regards" stays in the new text, where it can be found; only what
//! stands below the mark `-- ` or a phone's advertisement is cut off as signature.

use super::words::{
    ATTRIBUTION_ENDS, ATTRIBUTION_STARTS, FIELD_FROM, FIELD_OTHER, FORWARD_MARKS, FORWARD_OPENINGS,
    ORIGINAL_MARKS, PHONE_SIGNATURES,
};

/// The text, cut.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// Written by the sender in this mail.
    pub new_text: String,
    /// Quoted from earlier mail.
    pub quoted: String,
    /// Passed on from somebody else.
    pub forwarded: String,
    /// Below the signature mark.
    pub signature: String,
}

/// Below the mark `-- ` stand a few lines; more than this is text that a ruler divides.
const SIGNATURE_MAX_LINES: usize = 25;
/// "On Monday, 3 November 2025 at 10:12, Anna Example <…> wrote:" may be wrapped so often.
const ATTRIBUTION_MAX_LINES: usize = 4;
/// An attribution is not longer than this.
const ATTRIBUTION_MAX_CHARS: usize = 300;
/// The head of a quoted mail as Outlook writes it has at most so many lines.
const HEAD_MAX_LINES: usize = 8;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Said {
    Now,
    Earlier,
    Elsewhere,
    Below,
}

/// Cuts a text. `forwarding`: the subject says that this mail passes another one on, by
/// which a head in Outlook's manner is told from that of an answered mail.
pub fn cut(text: &str, forwarding: bool) -> Parts {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let said = who_said(&lines, forwarding);
    let of = |whom: Said| -> Vec<&str> {
        lines
            .iter()
            .zip(&said)
            .filter(|(_, said)| **said == whom)
            .map(|(line, _)| if whom == Said::Now { line } else { unquoted(line).1 })
            .collect()
    };
    let parts = Parts {
        new_text: join(&of(Said::Now)),
        quoted: join(&of(Said::Earlier)),
        forwarded: join(&of(Said::Elsewhere)),
        signature: join(&of(Said::Below)),
    };
    // Some programs indent the whole mail as a quotation; nobody quotes without a word
    // of whom.
    let nothing_new = parts.new_text.is_empty() && parts.forwarded.is_empty();
    if nothing_new && !lines.iter().any(|line| ends_attribution(line)) && !has_head(&lines) {
        return Parts { new_text: parts.quoted, quoted: String::new(), ..parts };
    }
    parts
}

fn has_head(lines: &[&str]) -> bool {
    (0..lines.len()).any(|at| is_ruler(line_at(lines, at), ORIGINAL_MARKS) || is_head(lines, at))
}

fn who_said(lines: &[&str], forwarding: bool) -> Vec<Said> {
    let mut said = Vec::with_capacity(lines.len());
    let mut rest = Said::Now;
    let mut passed_on_in_quote = false;
    let mut anything_new = false;
    while said.len() < lines.len() {
        let at = said.len();
        let (depth, line) = unquoted(line_at(lines, at));
        if rest == Said::Earlier || rest == Said::Elsewhere {
            said.push(rest);
            continue;
        }
        if is_forward_mark(line) {
            passed_on_in_quote = depth > 0;
            if depth == 0 {
                rest = Said::Elsewhere;
            }
            said.push(Said::Elsewhere);
            continue;
        }
        if depth > 0 {
            said.push(if passed_on_in_quote { Said::Elsewhere } else { Said::Earlier });
            continue;
        }
        passed_on_in_quote &= line.trim().is_empty();
        if is_ruler(line, ORIGINAL_MARKS) || is_head(lines, at) {
            rest = if forwarding { Said::Elsewhere } else { Said::Earlier };
            said.push(rest);
        } else if let Some(length) = attribution(lines, at) {
            said.resize(at + length, Said::Earlier);
            let next = lines.iter().skip(at + length).find(|line| !line.trim().is_empty());
            if next.is_some_and(|next| unquoted(next).0 == 0) {
                rest = Said::Earlier;
            }
        } else if rest == Said::Now && anything_new && begins_signature(lines, at) {
            rest = Said::Below;
            said.push(rest);
        } else {
            anything_new |= !line.trim().is_empty();
            said.push(rest);
        }
    }
    said
}

fn line_at<'a>(lines: &[&'a str], at: usize) -> &'a str {
    lines.get(at).copied().unwrap_or("")
}

/// How deep a line is quoted, and the line without its marks.
fn unquoted(line: &str) -> (usize, &str) {
    let mut depth = 0;
    let mut rest = line;
    while let Some(inner) = rest.trim_start().strip_prefix(['>', '|']) {
        // A line drawn with bars is a table, not a quotation.
        if rest.trim_start().starts_with('|') && depth == 0 {
            break;
        }
        depth += 1;
        rest = inner;
    }
    (depth, if depth > 0 { rest.strip_prefix(' ').unwrap_or(rest) } else { line })
}

/// Without blanks and emphasis around it.
fn bare(line: &str) -> &str {
    line.trim().trim_matches('*').trim()
}

fn folded(line: &str) -> String {
    bare(line).to_lowercase()
}

/// `-----Original Message-----` and its like.
fn is_ruler(line: &str, words: &[&str]) -> bool {
    let line = line.trim();
    if !line.starts_with("--") && !line.starts_with("__") {
        return false;
    }
    let inner = line.trim_matches(['-', '_', ' ']).to_lowercase();
    words.iter().any(|word| inner == *word)
}

fn is_forward_mark(line: &str) -> bool {
    if is_ruler(line, FORWARD_MARKS) {
        return true;
    }
    let line = bare(line).trim_end_matches(':');
    // Nearly every line is longer than these: it need not be folded.
    let longest = FORWARD_OPENINGS.iter().map(|opening| opening.len()).max().unwrap_or(0);
    line.len() <= longest && FORWARD_OPENINGS.contains(&line.to_lowercase().as_str())
}

/// A head as Outlook writes it: a From line and two other fields just below.
fn is_head(lines: &[&str], at: usize) -> bool {
    if !begins_with_field(line_at(lines, at), FIELD_FROM) {
        return false;
    }
    let below = lines.iter().skip(at + 1).filter(|l| !l.trim().is_empty()).take(HEAD_MAX_LINES);
    below.filter(|line| begins_with_field(line, FIELD_OTHER)).count() >= 2
}

fn begins_with_field(line: &str, names: &[&str]) -> bool {
    let Some((name, _)) = bare(line).split_once(':') else { return false };
    names.contains(&name.to_lowercase().trim_matches(['*', ' ', '\u{a0}']))
}

fn ends_attribution(line: &str) -> bool {
    let Some(line) = bare(line).strip_suffix(':') else { return false };
    let line = line.trim_end().to_lowercase();
    ATTRIBUTION_ENDS.iter().any(|end| line.ends_with(end))
}

/// How many lines the attribution that begins here has, if one does.
fn attribution(lines: &[&str], at: usize) -> Option<usize> {
    let first = folded(line_at(lines, at));
    if first.is_empty() {
        return None;
    }
    let opens = ATTRIBUTION_STARTS
        .iter()
        .any(|start| first.strip_prefix(start).is_some_and(|rest| rest.starts_with([' ', ','])));
    let names_somebody = first.contains('@') || first.contains(|c: char| c.is_ascii_digit());
    if opens {
        let mut whole = String::new();
        for (count, line) in lines.iter().skip(at).take(ATTRIBUTION_MAX_LINES).enumerate() {
            let line = folded(line);
            if line.is_empty() || whole.len() + line.len() > ATTRIBUTION_MAX_CHARS {
                return None;
            }
            whole.push_str(&line);
            whole.push(' ');
            let dated = whole.contains('@') || whole.contains(|c: char| c.is_ascii_digit());
            let german = whole.contains(" schrieb ") || whole.contains(" skrev ");
            if dated && (ends_attribution(&line) || german && line.ends_with(':')) {
                return Some(count + 1);
            }
        }
        return None;
    }
    (ends_attribution(&first) && names_somebody && first.len() < ATTRIBUTION_MAX_CHARS).then_some(1)
}

fn begins_signature(lines: &[&str], at: usize) -> bool {
    let line = line_at(lines, at).trim();
    let below = lines.iter().skip(at + 1).take_while(|line| unquoted(line).0 == 0);
    if line == "--" {
        // Not counted further than needed: every line may be such a mark.
        let below = below.filter(|line| !line.trim().is_empty());
        return below.take(SIGNATURE_MAX_LINES + 1).count() <= SIGNATURE_MAX_LINES;
    }
    let line = folded(line);
    PHONE_SIGNATURES.iter().any(|opening| line.starts_with(opening))
}

/// Lines to paragraphs: a wrapped line goes on, a line that was ended on purpose ends.
fn join(lines: &[&str]) -> String {
    let mut text = String::new();
    for paragraph in lines.split(|line| line.trim().is_empty()) {
        if paragraph.is_empty() {
            continue;
        }
        if !text.is_empty() {
            text.push_str("\n\n");
        }
        let width =
            paragraph.iter().filter(|line| line.contains(' ')).map(|line| width(line)).max();
        let width = width.unwrap_or(0);
        let mut before: Option<&str> = None;
        for line in paragraph {
            let line = line.trim();
            if let Some(before) = before {
                text.push(if goes_on(before, line, width) { ' ' } else { '\n' });
            }
            text.push_str(line);
            before = Some(line);
        }
    }
    text
}

fn width(line: &str) -> usize {
    line.trim().chars().count()
}

/// The break between two lines was made by a program, not by the writer: the next word
/// had no room any more, or the sentence plainly runs on.
fn goes_on(line: &str, next: &str, paragraph_width: usize) -> bool {
    let first_word = next.split_whitespace().next().map_or(0, |word| word.chars().count());
    let no_room = width(line) + 1 + first_word > paragraph_width;
    let runs_on = next.chars().next().is_some_and(char::is_lowercase)
        && !line.ends_with(['.', '!', '?', ':', ','])
        || line.ends_with(',') && width(line) > 30;
    let item = next.starts_with(['-', '*', '•', '·']);
    !item && (runs_on || no_room && paragraph_width > 30)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_stands_above_the_quoted_mail() {
        for head in [
            "On Mon, Nov 3, 2025 at 10:12 AM Anna Example <anna@example.org> wrote:",
            "On Mon, Nov 3, 2025 at 10:12 AM Anna Example\n<anna@example.org> wrote:",
            "Am 03.11.2025 um 10:12 schrieb Anna Example:",
            "Am Mo., 3. Nov. 2025 um 10:12 Uhr schrieb Anna Example <\nanna@example.org>:",
            "Le lun. 3 nov. 2025 à 10:12, Anna Example <anna@example.org> a écrit :",
            "Anna Example <anna@example.org> wrote:",
        ] {
            let parts =
                cut(&format!("Please come on Monday.\n\n{head}\n\n> Unfortunately not.\n"), false);
            assert_eq!(parts.new_text, "Please come on Monday.", "{head}");
            assert!(parts.quoted.ends_with("Unfortunately not."), "{head}");
        }
    }

    #[test]
    fn the_answer_may_stand_below_the_quoted_mail() {
        let parts = cut("On 3 Nov 2025 Anna wrote:\n> Unfortunately not.\n\nPlease come.\n", false);
        assert_eq!(parts.new_text, "Please come.");
        assert!(parts.quoted.contains("Unfortunately not."));
    }

    #[test]
    fn outlooks_head_begins_the_quoted_mail() {
        let head =
            "Von: Anna <a@example.org>\nGesendet: Montag, 3. November 2025\nAn: Max\nBetreff: x";
        let parts = cut(&format!("Bitte kommen Sie.\n\n{head}\n\nLeider nicht.\n"), false);
        assert_eq!(parts.new_text, "Bitte kommen Sie.");
        assert!(parts.quoted.ends_with("Leider nicht."));
        let parts = cut(&format!("fyi\n\n{head}\n\nLeider nicht.\n"), true);
        assert!(parts.forwarded.ends_with("Leider nicht."));
    }

    #[test]
    fn what_was_passed_on_is_nobodys_word_to_the_user() {
        for mark in [
            "---------- Forwarded message ---------",
            "Begin forwarded message:",
            "-------- Weitergeleitete Nachricht --------",
            "> ---------- Forwarded message ---------",
        ] {
            let parts = cut(&format!("look at this\n\n{mark}\n> Unfortunately not.\n"), false);
            assert_eq!(parts.new_text, "look at this", "{mark}");
            assert!(parts.forwarded.ends_with("Unfortunately not."), "{mark}");
            assert!(parts.quoted.is_empty(), "{mark}");
        }
    }

    #[test]
    fn the_name_under_the_greeting_stays_and_the_signature_goes() {
        let parts =
            cut("Sorry.\n\nKind regards\nAnna Example\n\n-- \nExample Ltd\nMain Street\n", false);
        assert_eq!(parts.new_text, "Sorry.\n\nKind regards\nAnna Example");
        assert_eq!(parts.signature, "--\nExample Ltd\nMain Street");
    }

    #[test]
    fn wrapped_lines_are_one_and_meant_lines_are_several() {
        let text = "Thank you for your interest in our\ncompany and the time that you\nspent with us over the\nlast weeks.\n\nKind regards\nAnna";
        let parts = cut(text, false);
        assert_eq!(
            parts.new_text,
            "Thank you for your interest in our company and the time that you spent with us over the last weeks.\n\nKind regards\nAnna"
        );
    }

    #[test]
    fn a_mail_that_is_indented_as_a_whole_is_new_text() {
        assert_eq!(cut("> Unfortunately not.\n> Anna", false).new_text, "Unfortunately not.\nAnna");
    }
}
