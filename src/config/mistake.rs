//! A mistake in the configuration as a person is told it: file, line, column, what is wrong
//! and what to write instead. It knows the text and nothing of what the settings mean.

use std::path::{Path, PathBuf};

/// What is wrong with the configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {message}", file = file.display())]
pub struct ConfigError {
    /// Which file.
    pub file: PathBuf,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

/// A setting that can be read and makes no sense, by its table and key.
pub(super) struct Wrong {
    pub(super) table: String,
    pub(super) key: &'static str,
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

impl Wrong {
    /// The mistake with its place.
    pub(super) fn placed(self, text: &str, file: &Path) -> ConfigError {
        let (line, column) = place_of(text, &self.table, self.key);
        let file = file.to_owned();
        ConfigError { file, line, column, message: self.message, hint: self.hint }
    }
}

/// Line and column of a parser's error, and the known word nearest to an unknown one.
pub(super) fn of_parser(error: &toml::de::Error, text: &str, file: &Path) -> ConfigError {
    let offset = error.span().map_or(0, |span| span.start);
    let (line, column) = position(text, offset);
    let (message, hint) = if holds_secret(text, line) {
        // Somebody may have written the password itself, and errors end in logs.
        (NO_PLACE.to_owned(), Some(PLACES.to_owned()))
    } else {
        let message = sentence(error.message());
        let hint = hint(&message);
        (message, hint)
    };
    ConfigError { file: file.to_owned(), line, column, message, hint }
}

/// Bytes that are no text.
pub(super) fn not_text(bytes: &[u8], valid_up_to: usize, file: &Path) -> ConfigError {
    let valid = bytes.get(..valid_up_to).unwrap_or_default();
    let valid = String::from_utf8_lossy(valid);
    let (line, column) = position(&valid, valid.len());
    ConfigError {
        file: file.to_owned(),
        line,
        column,
        message: "This is not text in UTF-8".to_owned(),
        hint: Some("Save the file as UTF-8 in your editor".to_owned()),
    }
}

const NO_PLACE: &str = "This does not tell where the secret is kept";
const PLACES: &str = "Write secret = \"keyring\", \"credential\", { command = [\"pass\", \"show\", \
                      \"mail\"] } or { file = \"PATH\" }; a password never stands here";

fn holds_secret(text: &str, line: usize) -> bool {
    let line = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
    line.split_once('=').is_some_and(|(key, _)| key.trim() == "secret") || line.contains("secret =")
}

fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count().saturating_add(1);
    let column = before.rsplit('\n').next().map_or(0, |tail| tail.chars().count());
    (line, column.saturating_add(1))
}

/// Where `key` stands in `[table]`, else the table, else its parent, else the beginning. By
/// lines, as people write the file; in a table inside a line it is the parent that is found.
fn place_of(text: &str, table: &str, key: &str) -> (usize, usize) {
    let mut wanted = table;
    loop {
        let mut here = String::new();
        let mut head = None;
        for (at, line) in text.lines().enumerate() {
            let start = line.trim_start();
            let column = line.chars().count().saturating_sub(start.chars().count());
            let place = (at.saturating_add(1), column.saturating_add(1));
            if let Some(name) = start.strip_prefix('[').and_then(|it| it.split_once(']')) {
                here = name.0.replace(['"', '\'', ' '], "");
                if here == wanted {
                    head = head.or(Some(place));
                }
            } else if here == wanted
                && wanted == table
                && start.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='))
            {
                return place;
            }
        }
        match (head, wanted.rsplit_once('.')) {
            (Some(place), _) => return place,
            (None, Some((parent, _))) => wanted = parent,
            (None, None) => return (1, 1),
        }
    }
}

/// What a person would call the types of the program.
const TYPES: [(&str, &str); 3] = [
    ("expected usize", "expected a whole number from 0"),
    ("expected u16", "expected a port, 1 to 65535"),
    ("expected a sequence", "expected a list"),
];

/// A parser's words as a line that begins like a sentence.
fn sentence(message: &str) -> String {
    let line = message.split('\n').map(str::trim).filter(|it| !it.is_empty());
    let mut line = line.collect::<Vec<_>>().join(", ");
    for (theirs, ours) in TYPES {
        line = line.replace(theirs, ours);
    }
    let mut chars = line.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn hint(message: &str) -> Option<String> {
    if message.starts_with("Unknown field `password`") {
        return Some("A password never stands here; `secret` tells where it is kept".to_owned());
    }
    if message.starts_with("Unknown") {
        return at_home(message)
            .or_else(|| nearest(message))
            .or_else(|| Some("config.example.toml explains every setting".to_owned()));
    }
    if let Some(rest) = message.strip_prefix("Missing field `") {
        let key = rest.trim_end_matches('`');
        return Some(format!("Add `{key} = …`; config.example.toml explains every setting"));
    }
    let invalid = message.starts_with("Invalid type");
    let hint = match message {
        _ if invalid && message.ends_with("expected a string") => "Write it between quotes: \"…\"",
        _ if invalid && message.ends_with("expected a list") => "Write it as a list: [\"…\"]",
        _ if UNQUOTED.iter().any(|it| message.starts_with(it)) => {
            "Write a text between quotes, \"…\"; true, false and numbers without"
        }
        _ if message.starts_with("Duplicate key") => {
            "A table or setting may stand there once only; take one away"
        }
        _ => return None,
    };
    Some(hint.to_owned())
}

/// What the parser says of a text without its quotes, depending on its first letters.
const UNQUOTED: [&str; 5] = [
    "String values must be quoted",
    "Invalid float",
    "Invalid integer",
    "Invalid number",
    "Invalid boolean",
];

/// Where a setting belongs that stands in a wrong table.
fn at_home(message: &str) -> Option<String> {
    let key = message.split('`').nth(1)?;
    Some(match super::file::table_of(key)? {
        "" => format!("`{key}` belongs at the top of the file, above the first [table]"),
        table => format!("`{key}` belongs below [{table}]"),
    })
}

/// Words less alike than this are not the same word misspelt (`colour` is not `cooling`).
const NEAR: f64 = 0.75;

/// From "Unknown field `hosst`, expected one of `host`, `port`" to "Did you mean `host`?".
fn nearest(message: &str) -> Option<String> {
    let mut words = message.split('`').skip(1).step_by(2);
    let unknown = words.next()?.to_lowercase();
    let near =
        words.max_by(|a, b| strsim::jaro(a, &unknown).total_cmp(&strsim::jaro(b, &unknown)))?;
    (strsim::jaro(near, &unknown) > NEAR).then(|| format!("Did you mean `{near}`?"))
}
