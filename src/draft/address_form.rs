//! How a mail puts things that the answer takes over: "du" or "Sie", "tu" or "vous", and
//! the words before the employer's name.
//!
//! The words stand in `rules/replies/address.toml`. It reads the mail's own text only, and
//! in doubt it says formal.

use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    form: Vec<Words>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    lang: String,
    informal: Vec<String>,
    formal: Vec<String>,
    at: String,
    at_company: String,
    #[serde(default)]
    article: Vec<Article>,
}

/// What stands before names that begin or end so.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Article {
    say: String,
    #[serde(default)]
    starts: Vec<String>,
    /// In lower case.
    #[serde(default)]
    ends: Vec<String>,
}

/// The words of one language.
#[derive(Debug)]
struct Signs {
    lang: String,
    informal: Option<Regex>,
    formal: Option<Regex>,
    at: String,
    at_company: String,
    articles: Vec<Article>,
}

// The file is part of the program; a test reads it and fails on a mistake in it.
static SIGNS: LazyLock<Vec<Signs>> = LazyLock::new(|| read(FILE).unwrap_or_default());

const FILE: &str = include_str!("../../rules/replies/address.toml");

fn read(text: &str) -> Result<Vec<Signs>, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    let any = |words: &[String]| {
        let regex = (!words.is_empty()).then(|| Regex::new(&words.join("|")));
        regex.transpose().map_err(|error| error.to_string())
    };
    let signs = file.form.into_iter().map(|words| {
        Regex::new(&words.at).map_err(|error| error.to_string())?;
        let (informal, formal) = (any(&words.informal)?, any(&words.formal)?);
        let Words { lang, at, at_company, article: articles, .. } = words;
        Ok(Signs { lang, informal, formal, at, at_company, articles })
    });
    signs.collect()
}

/// Whether the reader of these texts, in this language, is called "du". The first text that
/// says either decides.
pub fn is_informal(texts: &[&str], language: Option<&str>) -> bool {
    let Some(signs) = SIGNS.iter().find(|it| Some(it.lang.as_str()) == language) else {
        return false;
    };
    texts.iter().find_map(|text| signs.told(text)).unwrap_or(false)
}

/// The words with which a text says "at the company", as they stand in it: "bei den
/// Stadtwerken Lindenau". Which article a name has only its owner knows.
pub fn at(text: &str, company: &str, language: Option<&str>) -> Option<String> {
    let signs = SIGNS.iter().find(|it| Some(it.lang.as_str()) == language)?;
    // "Stadtwerke Lindenau" are in the dative behind a German "bei den".
    let (first, rest) = company.split_at(company.find(' ').unwrap_or(company.len()));
    let dative = if signs.lang == "de" && first.ends_with('e') { "n?" } else { "" };
    let [first, rest] = [first, rest].map(|it| regex::escape(it).replace(' ', r"\s+"));
    let name = format!("{first}{dative}{rest}");
    let words = Regex::new(&format!(r"\b(?:{})\s*{name}(?:\b|\s|[.,;:!?)]|$)", signs.at)).ok()?;
    let found = words.find(text)?.as_str();
    let end = found.trim_end_matches(|c: char| !c.is_alphanumeric() && !company.ends_with(c));
    Some(end.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// "bei der Rheinlack GmbH", where the mail does not say it: by what the name begins or ends
/// with. `None` in a language that has no such words.
pub fn at_company(company: &str, language: &str) -> Option<String> {
    let signs = SIGNS.iter().find(|it| it.lang == language)?;
    let lower = company.to_lowercase();
    let fits = |it: &&Article| {
        it.starts.iter().any(|start| company.starts_with(start.as_str()))
            || it.ends.iter().any(|end| lower.ends_with(end.as_str()))
    };
    let say = signs.articles.iter().find(fits).map_or(&signs.at_company, |it| &it.say);
    let blank = if say.ends_with('\'') { "" } else { " " };
    Some(format!("{say}{blank}{company}"))
}

impl Signs {
    /// Informal is where the first word that tells is so, and most of them are. A footer that
    /// says it otherwise changes nothing.
    fn told(&self, text: &str) -> Option<bool> {
        let text = without_quotations(text);
        let first = |signs: &Regex| signs.find(&text).map(|it| it.start());
        let formal = self.formal.as_ref().and_then(first);
        match (self.informal.as_ref().and_then(first), formal) {
            (None, None) => None,
            (None, Some(_)) => Some(false),
            (Some(_), None) => Some(true),
            (Some(one), Some(other)) => {
                let count = |signs: &Option<Regex>| {
                    signs.as_ref().map_or(0, |signs| signs.find_iter(&text).count())
                };
                Some(one < other && count(&self.informal) > count(&self.formal))
            }
        }
    }
}

/// A slogan or a title between quotation marks is said to nobody.
fn without_quotations(text: &str) -> String {
    const SPAN_MAX_CHARS: usize = 200;
    const MARKS: [char; 6] = ['"', '„', '“', '”', '«', '»'];
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(MARKS) {
        kept.push_str(before);
        kept.push(' ');
        let closed = after
            .split_once(MARKS)
            .filter(|(span, _)| !span.contains('\n') && span.chars().count() <= SPAN_MAX_CHARS);
        rest = closed.map_or(after, |(_, beyond)| beyond);
    }
    kept.push_str(rest);
    kept
}

#[cfg(test)]
mod tests;
