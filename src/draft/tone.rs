//! What the user may want to read again before approving: warns, never blocks.
//!
//! The words stand in `rules/replies/tone.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

use super::template;

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
    /// More than one question.
    SeveralQuestions,
    /// A place for the user's own words is still empty.
    PlaceholderLeft,
    /// The company's name does not occur, another one does.
    WrongCompany,
}

impl ToneWarning {
    /// The sentence for the user.
    pub fn sentence(&self) -> String {
        let words = &self.words;
        match self.kind {
            ToneKind::Bitterness => format!("This may sound bitter: \"{words}\""),
            ToneKind::Arguing => format!("This argues with the decision: \"{words}\""),
            ToneKind::Pleading => format!("This pleads: \"{words}\""),
            ToneKind::SeveralQuestions => {
                "It asks more than one question; one is answered more often".to_owned()
            }
            ToneKind::PlaceholderLeft => format!("A placeholder is left: \"{words}\""),
            ToneKind::WrongCompany => format!("It names \"{words}\", which is another company"),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WordLists {
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

// The file is part of the program; a test reads it and fails on a mistake in it.
static SHIPPED: LazyLock<Vec<WordList>> = LazyLock::new(|| {
    toml::from_str::<WordLists>(include_str!("../../rules/replies/tone.toml"))
        .map(|lists| lists.list)
        .unwrap_or_default()
});

/// What to look at again. `company` is the one the mail goes to; `others` are companies
/// that the user has applied to, of which none should be named here by mistake.
pub fn warnings(text: &str, company: Option<&str>, others: &[&str]) -> Vec<ToneWarning> {
    let words = folded(text);
    let mut found = Vec::new();
    for list in SHIPPED.iter() {
        if let Some(phrase) = list.any.iter().find(|phrase| holds(&words, phrase)) {
            found.push(ToneWarning { kind: list.kind, words: phrase.clone() });
        }
    }
    let questions = text.matches('?').count();
    if questions > 1 {
        found.push(ToneWarning { kind: ToneKind::SeveralQuestions, words: questions.to_string() });
    }
    if let Some(mark) = template::gap_in(text) {
        found.push(ToneWarning { kind: ToneKind::PlaceholderLeft, words: mark.to_owned() });
    }
    let this = company.map(folded).unwrap_or_default();
    let wrong = others.iter().find(|other| {
        let other = folded(other);
        other.trim().chars().count() > 2 && !this.contains(&other) && words.contains(&other)
    });
    if let Some(other) = wrong {
        found.push(ToneWarning { kind: ToneKind::WrongCompany, words: (*other).to_owned() });
    }
    found
}

fn holds(words: &str, phrase: &str) -> bool {
    words.contains(&folded(phrase))
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
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<ToneKind> {
        warnings(text, Some("Firm GmbH"), &["Other AG"]).into_iter().map(|it| it.kind).collect()
    }

    #[test]
    fn the_shipped_words_can_be_read() {
        let lists = toml::from_str::<WordLists>(include_str!("../../rules/replies/tone.toml"));
        assert_eq!(lists.map(|lists| lists.list.len()), Ok(SHIPPED.len()));
        assert_eq!(SHIPPED.len(), 6);
    }

    #[test]
    fn each_kind_of_spoiling_is_noticed_in_both_languages() {
        for (text, kind) in [
            ("This was a WASTE of\ntime.", ToneKind::Bitterness),
            ("Das war sehr enttäuscht.", ToneKind::Bitterness),
            ("Please reconsider.", ToneKind::Arguing),
            ("Bitte überdenken Sie das.", ToneKind::Arguing),
            ("I beg you.", ToneKind::Pleading),
            ("Geben Sie mir eine Chance!", ToneKind::Pleading),
            ("Why? And when?", ToneKind::SeveralQuestions),
            ("Dear {{ person }}", ToneKind::PlaceholderLeft),
            ("I liked Other AG.", ToneKind::WrongCompany),
        ] {
            assert_eq!(kinds(text), [kind], "{text}");
        }
    }

    #[test]
    fn ordinary_words_are_left_alone() {
        for text in [
            "Thank you, Firm GmbH. May I ask one thing?",
            "I am a crude oil engineer.",
            "It was a joyful talk; I liked the others.",
        ] {
            assert_eq!(kinds(text), [], "{text}");
        }
    }
}
