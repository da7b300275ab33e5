//! The one gate that every printed foreign text passes: what a mail, a server or a file
//! brought must not steer the terminal, hide words or turn their direction.
//!
//! It makes strings and prints nothing. Text from elsewhere goes through [`clean`] (inside a
//! line), [`clean_block`] (a text of lines), [`table`] or [`json_line`]; colour is added
//! afterwards by [`paint`], the only place that writes an escape.

use std::ffi::OsStr;
use std::io::IsTerminal;

use serde::Serialize;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::model::mail::is_hidden;

/// Shown for a control character that has no better sign.
const DOT: char = '·';
/// Shown for ESC, which begins the sequences that steer a terminal.
const ESCAPE_SIGN: char = '␛';
/// A narrower column than this is unreadable; the table overflows instead.
const COLUMN_MIN: usize = 6;
const COLUMN_GAP: usize = 2;

/// On a narrower terminal names would be cut to nothing.
const TABLE_COLUMNS_MIN: usize = 70;
/// What goes on in the next line stands so much deeper.
const FOLD_INDENT: usize = 4;

/// Foreign text inside a line: no line ends, runs of white space become one blank.
pub fn clean(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_whitespace() {
            if !line.is_empty() && !line.ends_with(' ') {
                line.push(' ');
            }
        } else if let Some(shown) = shown(c) {
            line.push(shown);
        }
    }
    line.truncate(line.trim_end().len());
    line
}

/// Foreign text of several lines: every kind of line end becomes LF, a tab four blanks.
pub fn clean_block(text: &str) -> String {
    let mut block = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\r' => {
                rest.next_if_eq(&'\n');
                block.push('\n');
            }
            // NEL, LINE SEPARATOR and PARAGRAPH SEPARATOR break lines in some terminals only.
            '\n' | '\u{85}' | '\u{2028}' | '\u{2029}' => block.push('\n'),
            '\t' => block.push_str("    "),
            _ => block.extend(shown(c)),
        }
    }
    block
}

/// Foreign text of several lines, each cleaned; from the second on they begin with `indent`.
pub fn lines(text: &str, indent: &str) -> String {
    text.lines().map(clean).collect::<Vec<_>>().join(&format!("\n{indent}"))
}

/// How a character is shown; `None` when it is left out.
fn shown(c: char) -> Option<char> {
    match c {
        '\u{1b}' => Some(ESCAPE_SIGN),
        _ if c.is_control() => Some(DOT),
        // Turning the reading direction is an attack worth seeing; soft hyphens, joiners and
        // variation selectors are everyday litter of newsletters.
        '\u{061C}'
        | '\u{200E}'
        | '\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2066}'..='\u{2069}' => Some(DOT),
        '\u{2028}' | '\u{2029}' => Some(DOT),
        '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' => None,
        _ if is_hidden(c) => None,
        _ => Some(c),
    }
}

/// One JSON value on one line, ended by LF. Characters that could steer a terminal are written
/// as `\uXXXX`: the value is exactly the same for a program and harmless for a person.
///
/// # Errors
/// When `value` cannot be written as JSON (a map with keys that are no strings).
pub fn json_line(value: &impl Serialize) -> Result<String, serde_json::Error> {
    let mut json = serde_json::to_string(value)?;
    if json.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') {
        json.push('\n');
        return Ok(json);
    }
    let mut line = String::with_capacity(json.len() + 1);
    for c in json.chars() {
        if shown(c) == Some(c) {
            line.push(c);
        } else {
            // Such a character stands inside a string, where JSON allows the escape.
            for unit in c.encode_utf16(&mut [0; 2]) {
                line.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    line.push('\n');
    Ok(line)
}

/// What a painted text means; the colours are chosen here alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// A heading, an id: bold.
    Strong,
    /// Less important: dim.
    Quiet,
    /// As it should be: green.
    Good,
    /// Look here: yellow.
    Warning,
    /// Wrong: red.
    Bad,
}

/// `text` in a style, or as it is. `text` must be our own or have passed the gate.
pub fn paint(style: Style, text: &str, enabled: bool) -> String {
    if !enabled || text.is_empty() {
        return text.to_owned();
    }
    let code = match style {
        Style::Strong => 1,
        Style::Quiet => 2,
        Style::Good => 32,
        Style::Warning => 33,
        Style::Bad => 31,
    };
    format!("\u{1b}[{code}m{text}\u{1b}[0m")
}

/// Standard output takes colour: it is a terminal that knows them and `NO_COLOR` is not set.
pub fn colors() -> bool {
    let no_color = std::env::var_os("NO_COLOR");
    let term = std::env::var_os("TERM");
    colors_for(std::io::stdout().is_terminal(), no_color.as_deref(), term.as_deref())
}

fn colors_for(terminal: bool, no_color: Option<&OsStr>, term: Option<&OsStr>) -> bool {
    // no-color.org: present and not empty, whatever its value.
    let refused = no_color.is_some_and(|value| !value.is_empty());
    terminal && !refused && term.is_some_and(|term| term != "dumb")
}

/// How many columns a text takes that has passed the gate and is not painted.
pub fn columns(text: &str) -> usize {
    text.width()
}

/// "1 message", "2 messages".
pub fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// Cuts a cleaned text to `width` columns; `…` stands for what is missing. A wide character is
/// never cut in half.
pub fn fit(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = 0;
    for c in text.chars() {
        let columns = c.width().unwrap_or(0);
        // One column is the ellipsis's.
        if used + columns >= width {
            break;
        }
        kept.push(c);
        used += columns;
    }
    kept.truncate(kept.trim_end().len());
    if width > 0 {
        kept.push('…');
    }
    kept
}

/// Breaks lines that are wider than `width` at blanks; what follows is indented a little more.
/// A word that is too long by itself (a digest, a path) stays whole, so that it can be copied.
pub fn fold(text: &str, width: usize) -> String {
    let mut folded = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        if shown_columns(line) <= width {
            folded.push_str(line);
            continue;
        }
        let start = line.trim_start_matches(' ');
        let indent = line.len().saturating_sub(start.len());
        let hang = " ".repeat(indent.saturating_add(FOLD_INDENT).min(width / 2));
        let mut part = " ".repeat(indent);
        let mut empty = true;
        for word in start.split(' ') {
            let wide = shown_columns(&part).saturating_add(shown_columns(word));
            if !empty && wide >= width {
                folded.push_str(part.trim_end());
                folded.push('\n');
                part.clone_from(&hang);
                empty = true;
            }
            if !empty {
                part.push(' ');
            }
            part.push_str(word);
            empty = empty && word.is_empty();
        }
        folded.push_str(&part);
    }
    folded
}

/// How many columns a line takes that has passed the gate and may be painted.
pub fn shown_columns(line: &str) -> usize {
    let mut parts = line.split('\u{1b}');
    let first = parts.next().map_or(0, |part| part.trim_end_matches('\n').width());
    let painted = parts.map(|part| {
        let text = part.split_once('m').map_or("", |(_, text)| text);
        text.trim_end_matches('\n').width()
    });
    painted.fold(first, usize::saturating_add)
}

/// Rows under a heading, columns aligned by blanks, at most `width` wide where that leaves
/// every column readable: the widest columns are cut first. All cells pass the gate here.
pub fn table(heading: &[&str], rows: &[Vec<String>], width: usize, color: bool) -> String {
    let rows: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|cell| clean(cell)).collect()).collect();
    let mut widths: Vec<usize> = heading.iter().map(|cell| cell.width()).collect();
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width());
        }
    }
    let gaps = COLUMN_GAP * widths.len().saturating_sub(1);
    while widths.iter().sum::<usize>() + gaps > width {
        match widths.iter_mut().max_by_key(|width| **width) {
            Some(widest) if *widest > COLUMN_MIN => *widest -= 1,
            _ => break,
        }
    }
    let heading: Vec<String> = heading.iter().map(|cell| (*cell).to_owned()).collect();
    let mut text = paint(Style::Quiet, &aligned(&heading, &widths), color);
    text.push('\n');
    for row in &rows {
        text.push_str(&aligned(row, &widths));
        text.push('\n');
    }
    text
}

/// A [`table`], or on a terminal that is too narrow for columns some lines for each row.
pub fn table_or_lines(heading: &[&str], rows: &[Vec<String>], width: usize, color: bool) -> String {
    if width >= TABLE_COLUMNS_MIN {
        return table(heading, rows, width, color);
    }
    let mut text = String::new();
    for row in rows {
        if !text.is_empty() {
            text.push('\n');
        }
        for (at, (name, cell)) in heading.iter().zip(row).enumerate() {
            let indent = if at == 0 { "" } else { "  " };
            text.push_str(&format!("{indent}{}: {}\n", name.to_lowercase(), clean(cell)));
        }
    }
    text
}

fn aligned(cells: &[String], widths: &[usize]) -> String {
    let mut line = String::new();
    for (cell, width) in cells.iter().zip(widths) {
        let cell = fit(cell, *width);
        let pad = (width - cell.width().min(*width)) + COLUMN_GAP;
        line.push_str(&cell);
        line.extend(std::iter::repeat_n(' ', pad));
    }
    line.truncate(line.trim_end().len());
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Written out here once more on purpose: the gate must not define its own measure.
    fn harmful(c: char) -> bool {
        let code = c as u32;
        code < 0x20
            || (0x7f..=0x9f).contains(&code)
            || [0x61c, 0x200b, 0x200e, 0x200f, 0xad, 0xfeff, 0x2028, 0x2029].contains(&code)
            || (0x202a..=0x202e).contains(&code)
            || (0x2060..=0x206f).contains(&code)
            || (0xe0000..=0xe0fff).contains(&code)
    }

    /// Mostly the characters that matter, so that the cases are not wasted on the rest.
    fn foreign() -> impl Strategy<Value = String> {
        let c = prop_oneof![
            (0u32..0xa0).prop_map(|code| char::from_u32(code).unwrap_or('x')),
            (0x2000u32..0x2070).prop_map(|code| char::from_u32(code).unwrap_or('x')),
            (0xe0000u32..0xe0080).prop_map(|code| char::from_u32(code).unwrap_or('x')),
            any::<char>(),
        ];
        prop::collection::vec(c, 0..60).prop_map(String::from_iter)
    }

    proptest! {
        #[test]
        fn nothing_that_steers_a_terminal_passes(text in foreign(), width in 0usize..60) {
            prop_assert!(!clean(&text).contains(harmful), "{:?}", clean(&text));
            let block = clean_block(&text);
            prop_assert!(!block.replace('\n', "").contains(harmful), "{block:?}");
            let table = table(&["A", "B"], &[vec![text.clone(), text.clone()]], width, false);
            prop_assert_eq!(table.lines().count(), 2);
            prop_assert!(!table.replace('\n', "").contains(harmful), "{table:?}");
            prop_assert!(fit(&clean(&text), width).width() <= width);
        }

        #[test]
        fn json_keeps_the_value_and_hides_what_steers(text in foreign()) {
            let line = json_line(&text).expect("json");
            let inside = line.strip_suffix('\n').expect("one line end");
            prop_assert!(!inside.contains(harmful), "{inside:?}");
            prop_assert_eq!(serde_json::from_str::<String>(&line).expect("json"), text);
        }

        #[test]
        fn the_gate_changes_nothing_the_second_time(text in foreign()) {
            prop_assert_eq!(clean(&clean(&text)), clean(&text));
            prop_assert_eq!(clean_block(&clean_block(&text)), clean_block(&text));
        }
    }

    #[test]
    fn escapes_and_turned_text_become_visible() {
        assert_eq!(clean("a\u{1b}[31mred\u{7}\u{9b}2J"), "a␛[31mred··2J");
        assert_eq!(clean("moc.\u{202E}evil"), "moc.·evil");
        assert_eq!(clean("soft\u{ad}ly\u{200b} here"), "softly here");
    }

    #[test]
    fn a_line_stays_one_line_and_a_block_keeps_its_lines() {
        assert_eq!(clean("  one\r\n\ttwo  \u{2028} three\n"), "one two three");
        assert_eq!(clean_block("one\r\ntwo\rthree\n\n\tfour"), "one\ntwo\nthree\n\n    four");
    }

    #[test]
    fn ordinary_writing_is_left_alone() {
        for text in ["Größe – „Ja“", "日本語 テスト", "שלום", "e\u{301}", "👩 🎉", "1 < 2 && 3"]
        {
            assert_eq!(clean(text), text);
            assert_eq!(clean_block(text), text);
        }
    }

    #[test]
    fn colour_is_for_terminals_that_want_it() {
        let xterm = Some(OsStr::new("xterm"));
        assert!(colors_for(true, None, xterm));
        assert!(colors_for(true, Some(OsStr::new("")), xterm), "set but empty is not set");
        assert!(!colors_for(false, None, xterm));
        assert!(!colors_for(true, Some(OsStr::new("0")), xterm));
        assert!(!colors_for(true, None, Some(OsStr::new("dumb"))));
        assert!(!colors_for(true, None, None));
        assert_eq!(paint(Style::Bad, "no", false), "no");
        assert_eq!(paint(Style::Bad, "no", true), "\u{1b}[31mno\u{1b}[0m");
    }

    #[test]
    fn a_cut_text_takes_the_columns_it_was_given() {
        assert_eq!(fit("Example Incorporated", 9), "Example…");
        assert_eq!(fit("short", 5), "short");
        assert_eq!(fit("日本語", 4), "日…");
        assert_eq!(fit("日本語", 0), "");
    }

    #[test]
    fn a_long_line_is_folded_at_blanks_and_a_long_word_stays_whole() {
        assert_eq!(fold("  one two three\n", 12), "  one two\n      three\n");
        assert_eq!(fold("short? ", 12), "short? ");
        assert_eq!(fold("a 0123456789012345", 10), "a\n    0123456789012345");
        let painted = paint(Style::Bad, "one two", true);
        assert_eq!(fold(&painted, 7), painted, "paint takes no columns");
    }

    #[test]
    fn a_table_is_aligned_over_wide_characters_and_cut_to_its_width() {
        let row = |cells: [&str; 3]| cells.map(String::from).to_vec();
        let rows = [row(["r1", "日本", "Engineer"]), row(["r12", "Example", "Head of everything"])];
        let expected = "\
ID   COMPANY  ROLE
r1   日本     Engineer
r12  Example  Head of everything
";
        assert_eq!(table(&["ID", "COMPANY", "ROLE"], &rows, 80, false), expected);
        let narrow = table(&["ID", "COMPANY", "ROLE"], &rows, 24, false);
        assert!(narrow.lines().all(|line| line.width() <= 24), "{narrow}");
        assert!(narrow.contains("r12  Example  Head of e…"), "{narrow}");
    }

    #[test]
    fn on_a_narrow_terminal_a_blank_line_divides_the_rows() {
        let rows =
            [vec!["r1".to_owned(), "日本".to_owned()], vec!["r12".to_owned(), "x".to_owned()]];
        let text = table_or_lines(&["ID", "COMPANY"], &rows, 40, false);
        assert_eq!(text, "id: r1\n  company: 日本\n\nid: r12\n  company: x\n");
    }
}
