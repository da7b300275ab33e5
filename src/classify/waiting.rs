//! How long "six months", "einem halben Jahr" or "3 weeks" is. What is not understood is no
//! time at all: nobody is reminded on a day that was guessed. The words stand in
//! `rules/replies/times.toml`. It must not know a mail or a clock.

use std::sync::LazyLock;

use jiff::Span;
use serde::Deserialize;

/// Longer than anybody plans to apply again.
const YEARS_MAX: i64 = 10;

/// All languages, from `rules/replies/times.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    language: Vec<Words>,
}

/// The words of one language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    /// A two-letter code, for readers of the file.
    #[serde(rename = "lang")]
    _lang: String,
    one: Vec<String>,
    /// From two on; `|` between two ways to write one.
    more: Vec<String>,
    half: Vec<String>,
    days: Vec<String>,
    weeks: Vec<String>,
    months: Vec<String>,
    years: Vec<String>,
    half_years: Vec<String>,
    and: String,
}

const FILE: &str = include_str!("../../rules/replies/times.toml");

// The file is part of the program; a test reads it and fails on a mistake in it.
static SHIPPED: LazyLock<File> = LazyLock::new(|| toml::from_str(FILE).unwrap_or_default());

/// The first length of time that `words` name, in any of the eight languages.
pub fn time(words: &str) -> Option<Span> {
    let words = words.to_lowercase();
    let words: Vec<&str> = words
        // "1.5 years" and "1,5 Jahre" are not five.
        .split(|c: char| !c.is_alphanumeric() && c != '.' && c != ',')
        .map(|word| word.trim_matches(['.', ',']))
        .filter(|word| !word.is_empty())
        .collect();
    (0..words.len()).find_map(|at| {
        let (before, from) = words.split_at_checked(at)?;
        SHIPPED.language.iter().find_map(|language| language.beginning(before, from))
    })
}

impl Words {
    /// The time that stands at the beginning of `from`.
    fn beginning(&self, before: &[&str], from: &[&str]) -> Option<Span> {
        let is = |words: &[String], word: Option<&&str>| word.is_some_and(|it| holds(words, it));
        let first = from.first()?;
        if holds(&self.half_years, first) {
            return Some(Span::new().months(6));
        }
        if holds(&self.half, first) {
            // "half a year", "half year"; not "one and a half years".
            let unit = if is(&self.one, from.get(1)) { from.get(2) } else { from.get(1) };
            let more = before.iter().rev().take(2).any(|word| *word == self.and);
            return (!more && is(&self.years, unit)).then(|| Span::new().months(6));
        }
        let count = self.number(first)?;
        // "six (6) months"
        let again = from.get(1).and_then(|word| self.number(word)) == Some(count);
        self.span(count, from.get(if again { 2 } else { 1 })?)
    }

    fn number(&self, word: &str) -> Option<i64> {
        if holds(&self.one, word) {
            return Some(1);
        }
        let at = self.more.iter().position(|it| it.split('|').any(|it| it == word));
        match at {
            Some(at) => i64::try_from(at).ok().map(|at| at.saturating_add(2)),
            None => word.parse().ok().filter(|number| *number > 0),
        }
    }

    fn span(&self, count: i64, unit: &str) -> Option<Span> {
        let within = |in_a_year: i64| count <= YEARS_MAX.saturating_mul(in_a_year);
        if holds(&self.days, unit) && within(365) {
            Some(Span::new().days(count))
        } else if holds(&self.weeks, unit) && within(52) {
            Some(Span::new().weeks(count))
        } else if holds(&self.months, unit) && within(12) {
            Some(Span::new().months(count))
        } else if holds(&self.years, unit) && within(1) {
            Some(Span::new().years(count))
        } else {
            None
        }
    }
}

fn holds(words: &[String], word: &str) -> bool {
    words.iter().any(|it| it == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_words_can_be_read() {
        let file: File = toml::from_str(FILE).unwrap();
        assert_eq!(file.language.len(), 8);
        assert!(file.language.iter().all(|it| it.more.len() == 11), "two to twelve");
    }

    fn told(words: &str) -> Option<String> {
        time(words).map(|span| format!("{span:#}"))
    }

    #[test]
    fn a_time_is_read_in_eight_languages() {
        for (words, means) in [
            ("reapply after six months", "6mo"),
            ("apply again in 12 months", "12mo"),
            ("after a period of six (6) months", "6mo"),
            ("after 6-12 months", "12mo"),
            ("in a year", "1y"),
            ("in half a year", "6mo"),
            ("after 90 days", "90d"),
            ("3 weeks", "3w"),
            ("nach sechs Monaten wieder bewerben", "6mo"),
            ("nach Ablauf von zwölf Monaten", "12mo"),
            ("in einem Jahr", "1y"),
            ("in einem halben Jahr", "6mo"),
            ("frühestens im nächsten Halbjahr", "6mo"),
            ("in drei Wochen", "3w"),
            ("postuler à nouveau dans six mois", "6mo"),
            ("d'ici un an", "1y"),
            ("après deux années", "2y"),
            ("dans quinze jours ou 15 jours", "15d"),
            ("dentro de seis meses", "6mo"),
            ("pasado un año", "1y"),
            ("en medio año", "6mo"),
            ("tras 30 días", "30d"),
            ("na zes maanden opnieuw solliciteren", "6mo"),
            ("over een half jaar", "6mo"),
            ("over één jaar", "1y"),
            ("na vier weken", "4w"),
            ("dopo sei mesi", "6mo"),
            ("tra un anno", "1y"),
            ("fra mezzo anno", "6mo"),
            ("dopo 60 giorni", "60d"),
            ("dentro de três meses", "3mo"),
            ("daqui a um ano", "1y"),
            ("em meio ano", "6mo"),
            ("após duas semanas", "2w"),
            ("efter sex månader", "6mo"),
            ("om ett år", "1y"),
            ("om ett halvår", "6mo"),
            ("om ett halvt år", "6mo"),
            ("tidigast om 8 veckor", "8w"),
        ] {
            assert_eq!(told(words).as_deref(), Some(means), "{words}");
        }
    }

    #[test]
    fn what_is_not_understood_is_no_time() {
        for words in [
            "",
            "reapply after some months",
            "in ein paar Monaten",
            "en meses",
            "after 1.5 years",
            "nach 1,5 Jahren",
            "after one and a half years",
            "ett och ett halvt år",
            "after 0 months",
            "in 200 years",
            "after 99999999999999999999 days",
            "never",
            "sechs months",
            "12",
            "monthly",
        ] {
            assert_eq!(told(words), None, "{words}");
        }
    }
}
