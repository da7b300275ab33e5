//! Labelled mail from files: JSON Lines, and directories `<kind>/*.eml`.
//!
//! It reads the files that it is given and nothing else, and makes of a body without a
//! header a mail as it would have come, so that it is judged on the way of every mail.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::Truth;
use crate::model::verdict::Kind;

/// The sender of a mail that was kept without one; a name of RFC 2606, known to no rule.
const NOBODY: &str = "nobody@example.org";

/// One labelled mail.
#[derive(Clone, PartialEq, Eq)]
pub struct Labelled {
    /// Its name in its source: the `id`, or the path below the directory.
    pub id: String,
    /// The file or directory, without its ending.
    pub source: String,
    /// Its language as a two-letter code, when the label says so.
    pub language: Option<String>,
    /// What it is.
    pub truth: Truth,
    /// Whoever labelled it was in doubt. It is scored like the others and said so.
    pub ambiguous: bool,
    /// The mail.
    pub raw: Vec<u8>,
}

impl std::fmt::Debug for Labelled {
    /// Without a word of the mail.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Labelled {{ {}/{}: {} }}", self.source, self.id, self.truth.word())
    }
}

/// Why labelled mail could not be read.
#[derive(Debug, thiserror::Error)]
pub enum CorpusError {
    /// A file, or a mail that a file names.
    #[error("{path}: could not be read: {why}")]
    Unreadable {
        /// Which.
        path: String,
        /// The system's reason.
        why: io::Error,
    },
    /// A line of a file.
    #[error("{path}:{line}: {what}")]
    Line {
        /// Which file.
        path: String,
        /// Which line, from 1.
        line: usize,
        /// What is wrong with it.
        what: String,
    },
    /// There is nothing in it.
    #[error("{path}: holds no labelled mail")]
    Empty {
        /// Which.
        path: String,
    },
    /// A directory in a directory of mail whose name is no kind.
    #[error("{path}: the directory's name is no kind of mail{}", meant(near.as_deref()))]
    UnknownDirectory {
        /// Which.
        path: String,
        /// The nearest kind.
        near: Option<String>,
    },
}

fn meant(near: Option<&str>) -> String {
    near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

impl CorpusError {
    /// What to do next.
    pub fn hint(&self) -> String {
        let forms = "a file of JSON Lines (label, subject, body …) or a directory <kind>/*.eml";
        match self {
            CorpusError::Unreadable { .. } | CorpusError::Empty { .. } => {
                format!("Labelled mail is {forms}")
            }
            CorpusError::Line { .. } | CorpusError::UnknownDirectory { .. } => {
                "rules/README.md lists the fields and labels under “Measuring”".to_owned()
            }
        }
    }
}

/// Labels of published collections, and what they are here.
const LABELS: &[(&str, Truth)] = &[
    ("rejection", Truth::Is(Kind::Rejected)),
    ("received", Truth::Is(Kind::Acknowledged)),
    ("interview", Truth::Is(Kind::Invited)),
    ("assessment", Truth::Is(Kind::Invited)),
    ("offer", Truth::Is(Kind::Offered)),
    ("other_job", Truth::NotRejected),
    ("outreach", Truth::Is(Kind::Noise)),
    ("alert", Truth::Is(Kind::Noise)),
    ("other_rejection", Truth::Is(Kind::Noise)),
    ("other", Truth::Is(Kind::Noise)),
    ("unsure", Truth::Unclear),
];

/// A kind's word or a label.
fn truth(word: &str) -> Option<Truth> {
    let kind = Kind::named(word).map(Truth::Is);
    kind.or_else(|| LABELS.iter().find(|(label, _)| *label == word).map(|(_, truth)| *truth))
}

fn nearest(word: &str) -> Option<String> {
    let words =
        Kind::ALL.iter().map(|kind| kind.name()).chain(LABELS.iter().map(|(word, _)| *word));
    words
        .map(|known| (strsim::jaro_winkler(known, word), known))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, known)| known.to_owned())
}

/// One line of a file. Other fields are passed over: collections note all sorts of things.
#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    id: Option<String>,
    /// Of collections with labels of their own.
    #[serde(default)]
    label: Option<String>,
    /// The kind, unless there is a label.
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    lang: Option<String>,
    #[serde(default)]
    from: String,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    body: Option<String>,
    /// The path of the whole mail, from the file's directory.
    #[serde(default)]
    raw: Option<PathBuf>,
    #[serde(default)]
    ambiguous: bool,
}

/// All mail of some files and directories, by source and in each in its own order, so that
/// the order in which they are named changes no figure.
///
/// # Errors
/// The first file, line or directory that is not as it must be.
pub fn read(paths: &[PathBuf]) -> Result<Vec<Labelled>, CorpusError> {
    let mut all = Vec::new();
    for path in paths {
        let before = all.len();
        let about = fs::metadata(path).map_err(unreadable(path))?;
        if about.is_dir() {
            tree(path, &mut all)?;
        } else {
            lines(path, &mut all)?;
        }
        if all.len() == before {
            return Err(CorpusError::Empty { path: path.display().to_string() });
        }
    }
    all.sort_by(|a, b| a.source.cmp(&b.source));
    Ok(all)
}

fn unreadable(path: &Path) -> impl FnOnce(io::Error) -> CorpusError {
    let path = path.display().to_string();
    |why| CorpusError::Unreadable { path, why }
}

/// The name of a file or directory, without its ending.
fn source(path: &Path) -> String {
    let whole = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    whole.file_stem().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

fn lines(path: &Path, all: &mut Vec<Labelled>) -> Result<(), CorpusError> {
    let text = fs::read_to_string(path).map_err(unreadable(path))?;
    let source = source(path);
    for (at, text) in text.lines().enumerate() {
        if text.trim().is_empty() {
            continue;
        }
        let wrong =
            |what| CorpusError::Line { path: path.display().to_string(), line: at + 1, what };
        let line: Line = serde_json::from_str(text).map_err(|error| wrong(no_line(&error)))?;
        let truth = labelled(&line).map_err(wrong)?;
        let raw = match (&line.raw, &line.body) {
            (Some(raw), _) => {
                let raw = path.parent().unwrap_or(Path::new("")).join(raw);
                fs::read(&raw).map_err(unreadable(&raw))?
            }
            (None, Some(body)) => mail(&line.from, &line.subject, body),
            (None, None) => return Err(wrong("Neither `body` nor `raw` is there".to_owned())),
        };
        all.push(Labelled {
            id: line.id.unwrap_or_else(|| format!("line {}", at + 1)),
            source: source.clone(),
            language: line.lang.filter(|lang| !lang.is_empty()),
            truth,
            ambiguous: line.ambiguous,
            raw,
        });
    }
    Ok(())
}

/// What serde says, without its "at line 1": each line is a document of its own.
fn no_line(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let what = text.split(" at line ").next().unwrap_or_default();
    format!(
        "Not a JSON object with the fields of a labelled mail: {what}, column {}",
        error.column()
    )
}

fn labelled(line: &Line) -> Result<Truth, String> {
    let word = line.label.as_ref().or(line.kind.as_ref());
    let word = word.ok_or_else(|| "Neither `label` nor `kind` is there".to_owned())?;
    truth(word).ok_or_else(|| {
        format!("`{word}` is neither a kind nor a known label{}", meant(nearest(word).as_deref()))
    })
}

/// The mail that such a text would have come in. Header values are kept on one line: a
/// subject must not bring fields of its own.
fn mail(from: &str, subject: &str, body: &str) -> Vec<u8> {
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let from = one_line(from);
    let from = match (from.contains('@'), from.is_empty()) {
        (true, _) => from,
        (false, true) => NOBODY.to_owned(),
        (false, false) => format!("\"{}\" <{NOBODY}>", from.replace(['"', '\\'], "")),
    };
    format!(
        "From: {from}\r\nSubject: {}\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{body}\r\n",
        one_line(subject)
    )
    .into_bytes()
}

fn tree(root: &Path, all: &mut Vec<Labelled>) -> Result<(), CorpusError> {
    let source = source(root);
    for folder in sorted(root)? {
        if !folder.is_dir() {
            continue;
        }
        let word = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let truth = truth(&word).ok_or_else(|| CorpusError::UnknownDirectory {
            path: folder.display().to_string(),
            near: nearest(&word),
        })?;
        for file in sorted(&folder)? {
            if file.extension().is_none_or(|ending| ending != "eml") {
                continue;
            }
            let name = file.file_stem().unwrap_or_default().to_string_lossy();
            all.push(Labelled {
                id: format!("{word}/{name}"),
                source: source.clone(),
                language: None,
                truth,
                ambiguous: false,
                raw: fs::read(&file).map_err(unreadable(&file))?,
            });
        }
    }
    Ok(())
}

fn sorted(directory: &Path) -> Result<Vec<PathBuf>, CorpusError> {
    let entries = fs::read_dir(directory).map_err(unreadable(directory))?;
    let paths: io::Result<Vec<PathBuf>> = entries.map(|entry| Ok(entry?.path())).collect();
    let mut paths = paths.map_err(unreadable(directory))?;
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_becomes_the_mail_it_would_have_come_in() {
        let raw = mail("Größe & Co", "One\r\nBcc: x@example.org", "Ja.\nNein.");
        let message = crate::parse::message(&raw, true, &[]);
        assert_eq!(message.header.subject, "One Bcc: x@example.org");
        assert_eq!(message.header.from[0].name.as_deref(), Some("Größe & Co"));
        assert_eq!(message.body.new_text, "Ja.\nNein.");
        let nobody = crate::parse::message(&mail("", "", "x"), true, &[]);
        assert_eq!(nobody.header.from[0].address.to_string(), NOBODY);
    }

    #[test]
    fn labels_are_kinds_or_those_of_known_collections() {
        assert_eq!(truth("rejected"), Some(Truth::Is(Kind::Rejected)));
        assert_eq!(truth("assessment"), Some(Truth::Is(Kind::Invited)));
        assert_eq!(truth("other_job"), Some(Truth::NotRejected));
        assert_eq!(truth("unsure"), Some(Truth::Unclear));
        assert_eq!(truth("spam"), None);
        assert_eq!(nearest("rejektion").as_deref(), Some("rejection"));
    }

    #[test]
    fn the_label_goes_before_a_kind_that_means_something_else() {
        let line: Line =
            serde_json::from_str(r#"{"kind": "real", "label": "received", "body": ""}"#).unwrap();
        assert_eq!(labelled(&line), Ok(Truth::Is(Kind::Acknowledged)));
        let line: Line = serde_json::from_str(r#"{"kind": "real", "body": ""}"#).unwrap();
        assert!(labelled(&line).unwrap_err().starts_with("`real` is neither"));
    }
}
