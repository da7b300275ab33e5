//! What the user may want to read again before approving: warns, never blocks.
//!
//! The words stand in `rules/replies/tone.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::model::address::Mailbox;

use super::clean;

/// An answer that is longer is hardly read to its end.
const WORDS_MAX: usize = 200;

/// Something in the text that has spoilt answers before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToneWarning {
    /// What.
    pub kind: ToneKind,
    /// The words in question, as found.
    pub words: String,
}

/// The kinds of spoiling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ToneKind {
    /// Anger and reproach.
    Bitterness,
    /// Questioning the decision.
    Arguing,
    /// Begging.
    Pleading,
    /// Saying whose fault it is.
    Blame,
    /// Capitals and rows of marks.
    Shouting,
    /// More words than are read.
    Long,
    /// More than one question.
    SeveralQuestions,
    /// A place for the user's own words is still empty.
    PlaceholderLeft,
    /// The company's name does not occur, another one does.
    WrongCompany,
    /// It greets somebody else than it goes to.
    WrongPerson,
}

impl ToneWarning {
    /// The sentence for the user.
    pub fn sentence(&self) -> String {
        let words = &self.words;
        match self.kind {
            ToneKind::Bitterness => format!("This may sound bitter: \"{words}\""),
            ToneKind::Arguing => format!("This argues with the decision: \"{words}\""),
            ToneKind::Pleading => format!("This pleads: \"{words}\""),
            ToneKind::Blame => format!("This puts the blame on somebody: \"{words}\""),
            ToneKind::Shouting => format!("This is shouted: \"{words}\""),
            ToneKind::Long => {
                format!("It has {words} words; {WORDS_MAX} are more than most answers need")
            }
            ToneKind::SeveralQuestions => {
                "It asks more than one question; one is answered more often".to_owned()
            }
            ToneKind::PlaceholderLeft => format!("A placeholder is left: \"{words}\""),
            ToneKind::WrongCompany => format!("It names \"{words}\", which is another company"),
            ToneKind::WrongPerson => {
                format!("It greets \"{words}\", who is not the one that it goes to")
            }
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    greetings: Vec<String>,
    courtesy: Vec<String>,
    academic: Vec<String>,
    titles: Vec<String>,
    groups: Vec<String>,
    shouted: Vec<String>,
    list: Vec<WordList>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WordList {
    kind: ToneKind,
    /// A two-letter code, for readers of the file; words of all languages are looked for.
    #[serde(rename = "lang")]
    _lang: String,
    /// Lower-case words or phrases.
    any: Vec<String>,
}

const FILE: &str = include_str!("../../rules/replies/tone.toml");

// The file is part of the program; a test reads it and fails on a mistake in it.
static SHIPPED: LazyLock<File> = LazyLock::new(|| toml::from_str(FILE).unwrap_or_default());

/// What is known of the mail besides its text.
#[derive(Debug, Clone, Copy, Default)]
pub struct About<'a> {
    /// The company that it goes to.
    pub company: Option<&'a str>,
    /// The position that it is about.
    pub role: Option<&'a str>,
    /// Who is answered; without it no greeting is wrong.
    pub person: Option<&'a str>,
    /// To whom it goes.
    pub to: Option<&'a Mailbox>,
    /// Companies that the user has applied to, of which none should be named by mistake.
    pub others: &'a [&'a str],
}

/// What to look at again.
pub fn warnings(text: &str, about: &About<'_>) -> Vec<ToneWarning> {
    let words = folded(text);
    let mut found = in_lists(&words, about);
    let mut warn = |kind, words: String| found.push(ToneWarning { kind, words });
    if let Some(loud) = shouted(text, about) {
        warn(ToneKind::Shouting, loud);
    }
    let count = text.split_whitespace().count();
    if count > WORDS_MAX {
        warn(ToneKind::Long, count.to_string());
    }
    let questions = text.matches('?').count();
    if questions > 1 {
        warn(ToneKind::SeveralQuestions, questions.to_string());
    }
    if let Some(mark) = clean::gap_in(text) {
        warn(ToneKind::PlaceholderLeft, mark.to_owned());
    }
    let this = about.company.map(folded).unwrap_or_default();
    let wrong = about.others.iter().find(|other| {
        let other = folded(other);
        other.trim().chars().count() > 2 && !this.contains(&other) && words.contains(&other)
    });
    if let Some(other) = wrong {
        warn(ToneKind::WrongCompany, (*other).to_owned());
    }
    if let Some(name) = greeted_by_mistake(text, about) {
        warn(ToneKind::WrongPerson, name);
    }
    found
}

/// One find of each list. A lawyer may apply as a lawyer: the names of the company and the
/// position are not read.
fn in_lists(words: &str, about: &About<'_>) -> Vec<ToneWarning> {
    let names = [about.company, about.role].into_iter().flatten().map(folded);
    let words = names.fold(words.to_owned(), |words, name| words.replace(&name, " | "));
    let mut found = Vec::new();
    for list in &SHIPPED.list {
        if let Some(phrase) = list.any.iter().find(|phrase| words.contains(&folded(phrase))) {
            let warning = ToneWarning { kind: list.kind, words: phrase.clone() };
            if !found.contains(&warning) {
                found.push(warning);
            }
        }
    }
    found
}

/// What is written louder than it need be. Names and abbreviations are not.
fn shouted(text: &str, about: &About<'_>) -> Option<String> {
    const MARKS: [&str; 4] = ["!!", "?!", "!?", "??"];
    /// Abbreviations are shorter.
    const LETTERS_MIN: usize = 6;
    /// More abbreviations do not stand in a row.
    const ROW: usize = 3;
    if let Some(marks) = MARKS.into_iter().find(|marks| text.contains(marks)) {
        return Some(marks.to_owned());
    }
    let names = folded(&[about.company, about.role].map(Option::unwrap_or_default).join(" "));
    let sentences = text.lines().filter(|line| {
        // A name or an address below the text stands in a short line.
        line.split_whitespace().count() > 4 || line.trim_end().ends_with('!')
    });
    for line in sentences {
        let mut row = Vec::new();
        for word in line.split_whitespace() {
            let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
            let loud = bare.chars().count() > 1
                && bare.chars().all(char::is_uppercase)
                && !names.contains(&folded(bare));
            if !loud {
                row.clear();
                continue;
            }
            row.push(bare);
            let alone =
                bare.chars().count() >= LETTERS_MIN || SHIPPED.shouted.iter().any(|it| it == bare);
            if alone || row.len() == ROW {
                return Some(row.join(" "));
            }
            // A comma makes a list of abbreviations of it.
            if word.ends_with([',', ';']) {
                row.clear();
            }
        }
    }
    None
}

/// The name in the greeting, when it is nobody's whom the mail goes to.
fn greeted_by_mistake(text: &str, about: &About<'_>) -> Option<String> {
    let person = about.person?;
    let greeted = greeted(text, about.company)?;
    let to = about
        .to
        .map(|to| format!("{} {}", to.name.as_deref().unwrap_or_default(), to.address.local()));
    let known = folded(&format!("{person} {}", to.unwrap_or_default()));
    let agrees = |word: &&str| {
        let word = word.to_lowercase();
        // `annamueller@` is one word.
        known.contains(&format!(" {word} ")) || word.chars().count() > 3 && known.contains(&word)
    };
    let wrong = !greeted.split(' ').any(|word| agrees(&word));
    wrong.then_some(greeted)
}

/// The word stands before a name and is no part of it, whoever is greeted how.
pub(super) fn is_courtesy(word: &str) -> bool {
    is_one_of(word, &SHIPPED.courtesy)
}

/// The word stands before a name and may be said with it.
pub(super) fn is_academic(word: &str) -> bool {
    is_one_of(word, &SHIPPED.academic)
}

fn is_one_of(word: &str, titles: &[String]) -> bool {
    titles.contains(&word.trim_end_matches('.').to_lowercase())
}

/// The line begins as a letter does: "Dear …", "Sehr geehrte …".
pub fn begins_with_greeting(line: &str) -> bool {
    SHIPPED.greetings.iter().any(|greeting| folded(line).starts_with(&folded(greeting)))
}

/// The name of the one person that the first line greets.
fn greeted(text: &str, company: Option<&str>) -> Option<String> {
    /// More words are a sentence and no greeting.
    const WORDS_MAX: usize = 8;
    let line = text.lines().find(|line| !line.trim().is_empty())?;
    let all: Vec<&str> =
        line.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let greeting = |greeting: &&String| folded(line).starts_with(&folded(greeting));
    let longest =
        SHIPPED.greetings.iter().filter(greeting).map(|it| it.split(' ').count()).max()?;
    let company = folded(company.unwrap_or_default());
    let rest: Vec<&str> = all.into_iter().skip(longest).collect();
    let is_in = |words: &[String], word: &str| words.contains(&word.to_lowercase());
    let nobody = |word: &&str| is_in(&SHIPPED.groups, word) || company.contains(&folded(word));
    if rest.len() > WORDS_MAX || rest.iter().any(nobody) {
        return None;
    }
    let names: Vec<&str> = rest
        .into_iter()
        .filter(|word| word.starts_with(char::is_uppercase))
        .filter(|word| !is_courtesy(word) && !is_academic(word) && !is_in(&SHIPPED.titles, word))
        .collect();
    (!names.is_empty()).then(|| names.join(" "))
}

/// Lower-case words with one blank before and after each.
fn folded(text: &str) -> String {
    let mut words = String::from(" ");
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        words.push_str(&word.to_lowercase());
        words.push(' ');
    }
    words
}

#[cfg(test)]
mod tests;
