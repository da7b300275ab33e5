//! How long "six months", "einem halben Jahr" or "3 weeks" is. What is not understood is no
//! time at all: nobody is reminded on a day that was guessed. It must not know a mail or a
//! clock.

use jiff::Span;

/// Longer than anybody plans to apply again.
const YEARS_MAX: i64 = 10;

/// The words of one language. Number and unit must be of the same one: "en" is Swedish for
/// one, and French and Spanish for in.
struct Words {
    one: &'static [&'static str],
    /// Two to twelve; `|` between two ways to write one.
    more: [&'static str; 11],
    half: &'static [&'static str],
    days: &'static [&'static str],
    weeks: &'static [&'static str],
    months: &'static [&'static str],
    years: &'static [&'static str],
    half_years: &'static [&'static str],
    /// "One and a half years" is not half a year.
    and: &'static str,
}

const LANGUAGES: [Words; 8] = [
    Words {
        one: &["a", "an", "one"],
        more: [
            "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
            "twelve",
        ],
        half: &["half"],
        days: &["day", "days"],
        weeks: &["week", "weeks"],
        months: &["month", "months"],
        years: &["year", "years"],
        half_years: &[],
        and: "and",
    },
    Words {
        one: &["ein", "eine", "einem", "einen", "einer", "eines"],
        more: [
            "zwei",
            "drei",
            "vier",
            "fünf|fuenf",
            "sechs",
            "sieben",
            "acht",
            "neun",
            "zehn",
            "elf",
            "zwölf|zwoelf",
        ],
        half: &["halbes", "halben"],
        days: &["tag", "tage", "tagen"],
        weeks: &["woche", "wochen"],
        months: &["monat", "monate", "monaten", "monats"],
        years: &["jahr", "jahre", "jahren", "jahres"],
        half_years: &["halbjahr"],
        and: "und",
    },
    Words {
        one: &["un", "une"],
        more: [
            "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze",
            "douze",
        ],
        half: &["demi"],
        days: &["jour", "jours"],
        weeks: &["semaine", "semaines"],
        months: &["mois"],
        years: &["an", "ans", "année", "années"],
        half_years: &[],
        and: "et",
    },
    Words {
        one: &["un", "una"],
        more: [
            "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once",
            "doce",
        ],
        half: &["medio"],
        days: &["día", "días", "dia", "dias"],
        weeks: &["semana", "semanas"],
        months: &["mes", "meses"],
        years: &["año", "años"],
        half_years: &[],
        and: "y",
    },
    Words {
        one: &["een", "één"],
        more: [
            "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen", "tien", "elf",
            "twaalf",
        ],
        half: &["half"],
        days: &["dag", "dagen"],
        weeks: &["week", "weken"],
        months: &["maand", "maanden"],
        years: &["jaar", "jaren"],
        half_years: &["halfjaar"],
        and: "en",
    },
    Words {
        one: &["un", "una"],
        more: [
            "due", "tre", "quattro", "cinque", "sei", "sette", "otto", "nove", "dieci", "undici",
            "dodici",
        ],
        half: &["mezzo"],
        days: &["giorno", "giorni"],
        weeks: &["settimana", "settimane"],
        months: &["mese", "mesi"],
        years: &["anno", "anni"],
        half_years: &[],
        and: "e",
    },
    Words {
        one: &["um", "uma"],
        more: [
            "dois|duas",
            "três|tres",
            "quatro",
            "cinco",
            "seis",
            "sete",
            "oito",
            "nove",
            "dez",
            "onze",
            "doze",
        ],
        half: &["meio"],
        days: &["dia", "dias"],
        weeks: &["semana", "semanas"],
        months: &["mês", "meses"],
        years: &["ano", "anos"],
        half_years: &[],
        and: "e",
    },
    Words {
        one: &["en", "ett"],
        more: ["två", "tre", "fyra", "fem", "sex", "sju", "åtta", "nio", "tio", "elva", "tolv"],
        half: &["halvt"],
        days: &["dag", "dagar"],
        weeks: &["vecka", "veckor"],
        months: &["månad", "månader"],
        years: &["år"],
        half_years: &["halvår"],
        and: "och",
    },
];

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
        LANGUAGES.iter().find_map(|language| language.beginning(before, from))
    })
}

impl Words {
    /// The time that stands at the beginning of `from`.
    fn beginning(&self, before: &[&str], from: &[&str]) -> Option<Span> {
        let is = |words: &[&str], word: Option<&&str>| word.is_some_and(|it| words.contains(it));
        let first = from.first()?;
        if self.half_years.contains(first) {
            return Some(Span::new().months(6));
        }
        if self.half.contains(first) {
            // "half a year", "half year"; not "one and a half years".
            let unit = if is(self.one, from.get(1)) { from.get(2) } else { from.get(1) };
            let more = before.iter().rev().take(2).any(|word| *word == self.and);
            return (!more && is(self.years, unit)).then(|| Span::new().months(6));
        }
        let count = self.number(first)?;
        // "six (6) months"
        let again = from.get(1).and_then(|word| self.number(word)) == Some(count);
        self.span(count, from.get(if again { 2 } else { 1 })?)
    }

    fn number(&self, word: &str) -> Option<i64> {
        if self.one.contains(&word) {
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
        if self.days.contains(&unit) && within(365) {
            Some(Span::new().days(count))
        } else if self.weeks.contains(&unit) && within(52) {
            Some(Span::new().weeks(count))
        } else if self.months.contains(&unit) && within(12) {
            Some(Span::new().months(count))
        } else if self.years.contains(&unit) && within(1) {
            Some(Span::new().years(count))
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
