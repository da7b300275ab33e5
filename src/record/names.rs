//! Names as they are compared: of companies, of roles, and the user's own word that two of
//! them are one employer. Pure.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What the user says are two names of one employer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Aliases(BTreeMap<String, String>);

impl Aliases {
    /// From pairs of names.
    pub fn of<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Aliases {
        let mut aliases = Aliases::default();
        for (one, other) in pairs {
            let (one, other) = (aliases.key(one), aliases.key(other));
            // All that was one with the other is one with this, too.
            for same in aliases.0.values_mut().filter(|it| **it == other) {
                same.clone_from(&one);
            }
            if one != other {
                aliases.0.insert(other, one);
            }
        }
        aliases
    }

    /// A company as it is compared.
    pub fn key(&self, name: &str) -> String {
        let key = company_key(name);
        self.0.get(&key).cloned().unwrap_or(key)
    }
}

/// Legal forms, folded, as they stand last in a name; a form of several words is split.
const LEGAL_FORMS: [&str; 40] = [
    "gmbh",
    "mbh",
    "ggmbh",
    "ag",
    "se",
    "kg",
    "kgaa",
    "ohg",
    "ug",
    "ev",
    "eg",
    "co",
    "inc",
    "incorporated",
    "corp",
    "corporation",
    "company",
    "ltd",
    "limited",
    "llc",
    "llp",
    "plc",
    "lp",
    "bv",
    "nv",
    "sa",
    "sas",
    "sarl",
    "srl",
    "spa",
    "sl",
    "ab",
    "as",
    "aps",
    "oy",
    "oyj",
    "kk",
    "pty",
    "pte",
    "zoo",
];

/// A company's name without case, accents, punctuation and legal form: `Müller & Söhne
/// GmbH & Co. KG` and `MUELLER + SOEHNE` do not meet (ü is not ue everywhere), `Müller
/// Söhne` and `Muller, Sohne AG` do. Whole words only: `Meta` is not `Metaverse`.
pub fn company_key(name: &str) -> String {
    // Forms written with dots: "B.V.", "S.A.", "z o.o.".
    let joined = name.replace('.', "");
    let mut words = folded_words(&joined.to_lowercase().replace("z oo", "zoo"));
    while words.len() > 1 && words.last().is_some_and(|last| LEGAL_FORMS.contains(&last.as_str())) {
        words.pop();
    }
    words.join(" ")
}

/// Marks of gender in German job titles, folded to single letters.
const GENDER_MARKS: [&str; 6] = ["m", "w", "d", "f", "x", "div"];

/// A word with so many digits is the employer's number for a position, not part of its name.
const NUMBER_DIGITS_MIN: usize = 3;

/// A role as its folded words, without `(m/w/d)`, `(REQ-1234)` and the like.
pub fn role_key(name: &str) -> String {
    let outside = without_brackets(name);
    // "C++" and "C#" are not "C".
    folded_words(&outside.replace("++", "pp").replace('#', "sharp")).join(" ")
}

fn without_brackets(name: &str) -> String {
    let mut kept = String::with_capacity(name.len());
    let mut rest = name;
    while let Some((before, after)) = rest.split_once('(') {
        kept.push_str(before);
        let Some((inside, behind)) = after.split_once(')') else {
            rest = after;
            break;
        };
        let words = folded_words(inside);
        let gender = words.iter().all(|word| GENDER_MARKS.contains(&word.as_str()));
        let digits = |word: &String| word.bytes().filter(u8::is_ascii_digit).count();
        let number = words.iter().any(|word| digits(word) >= NUMBER_DIGITS_MIN);
        if !gender && !number {
            kept.push(' ');
            kept.push_str(inside);
            kept.push(' ');
        }
        rest = behind;
    }
    kept.push_str(rest);
    kept
}

pub(super) fn reference_key(number: &str) -> String {
    number.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Words of letters and digits, lower case, without accents.
fn folded_words(text: &str) -> Vec<String> {
    let folded: String =
        text.nfkd().filter(|c| !is_combining_mark(*c)).collect::<String>().to_lowercase();
    folded
        .replace('ß', "ss")
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}
