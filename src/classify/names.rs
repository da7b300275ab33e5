//! Names out of sentences: employer, position, number, signature. Each is absent rather
//! than guessed: a shape that is not plainly a name is no name.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use regex::{Captures, Regex};

use super::name_words::{FAREWELLS, NOT_A_NAME, NOT_A_PERSON};

/// A company's or position's name is not longer than this.
const NAME_MAX_CHARS: usize = 70;

/// A run of words that begin with a capital letter or a digit, with small words between.
const COMPANY: &str =
    r"(?P<company>[\p{Lu}\d][\w&.'+-]*(?: (?:[\p{Lu}\d&][\w&.'+-]*|of the|of|and|de|und|für))*)";
const ROLE: &str = r"(?P<role>[\p{Lu}\d][\w&/+#.'-]*(?:(?:,| -| –)? (?:\(?[\p{Lu}\d&/][\w&/+#.'-]*\)?|\([mwfdx]/[mwfdx](?:/[mwfdx])?\)|of the|of|and|for|in|to|und|für|im|in der))*)";

/// How sentences name the employer and the position, surest first.
static SENTENCES: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    compile(&[
        r"(?i:appl(?:ication|ying|ied|y) (?:for|to) (?:the |our |a |an )?(?:position of |role of |post of )?)ROLE(?i:,? (?:position|role|opening|job|vacancy|post|internship))?,? (?i:at|with|here at) COMPANY",
        r"(?i:interest(?:ed)? in (?:the |our |a |an )?(?:position of |role of )?)ROLE(?i: (?:position|role|opening|job|vacancy|post|internship|opportunity))?,? (?i:at|with|here at) COMPANY",
        r"(?i:for|to|the|our) ROLE(?i: (?:position|role|opening|job|vacancy|post|internship|opportunity)) (?i:at|with|here at) COMPANY",
        r"(?i:(?:position|role|post|job|vacancy) (?:of|as)(?: an?)? )ROLE (?i:at|with|here at) COMPANY",
        r"(?i:interview(?: for|:) (?:the |our |a |an )?)ROLE(?i:,? (?:position|role|opening|job|vacancy|post|internship))? (?i:at|with) COMPANY",
        r"(?i:bewerbung (?:als |für die (?:stelle|position) (?:als )?|um die (?:stelle|position) (?:als )?))ROLE (?i:bei|in)(?i: der| dem)? COMPANY",
        r"(?i:appl(?:ication|ying|ied) (?:to|at|with) )(?i:the )?COMPANY",
        r"(?i:thank(?:s| you) for (?:your )?interest in (?:joining |working (?:at|for|with) |employment (?:at|with) |a career (?:at|with) |opportunities (?:at|with) )?)(?i:the )?COMPANY(?i: and | as | team|[.,!]|$)",
        r"(?i:interest in (?:joining|working (?:at|for|with)|employment (?:at|with)|a career (?:at|with)|opportunities (?:at|with)) )(?i:the )?COMPANY",
        r"(?i:position|role|opening|job|career|careers|opportunities|internship|team|interview|process|offer)(?i: here)? (?i:at|with) COMPANY",
        r"(?i:(?:all of us|everyone|the team|the people|here|us) at )COMPANY",
        r"(?i:(?:bewerbung|interesse|stelle|position|mitarbeit) (?:bei|an)(?: der| dem)? )COMPANY",
    ])
});

/// How sentences name the position alone.
static ROLES: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    compile(&[
        r"(?i:appl(?:ication|ying|ied|y) (?:for|to) (?:the |our |a |an )?(?:position of |role of |post of )?)ROLE(?i: (?:position|role|opening|job|vacancy|post|internship))",
        r"(?i:(?:position|role|post|vacancy) (?:of|as)(?: an?| the)? )ROLE",
        r"(?i:(?:for|to|in|the|our) )ROLE(?i: (?:position|role|opening|vacancy|internship))\b",
        r"(?i:(?:stelle|position|bewerbung) (?:als|zum|zur) )ROLE",
        r"(?i:(?:stelle|position|job): ?)ROLE",
        r#"(?i:(?:position|role|stelle|job)(?: (?:of|as|als))? )"(?P<role>[^"]{3,70})""#,
        r"(?i:appl(?:ication|ying|ied) for (?:the |our |a |an )?)ROLE$",
    ])
});

/// How a display name carries an employer.
static DISPLAY: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    compile(&[
        r"^COMPANY (?i:careers?|recruiting|recruitment|talent(?: acquisition)?(?: team)?|hiring(?: team)?|hr|human resources|people(?: team)?|jobs|karriere|personal|bewerbermanagement|team)(?i: team)?$",
        r"(?i:^| )(?i:from|at|@|von|bei) ?COMPANY$",
        r"^COMPANY (?i:via) ",
    ])
});

static REFERENCE: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    compile(&[
        r"(?i:\b(?:job|req(?:uisition)?|reference|ref|position|vacancy|application|referenz|kennziffer|stellen|job-?)[ .-]*(?:id|no|number|nr|nummer|code|req)?\.?(?: is)?\s*[:#]?\s*#?)(?P<reference>[A-Z]{0,6}[-_]?\d[\w/-]{2,18})",
        r"\((?P<reference>(?:REQ|JR|R|JOB|ID)[-_]?\d{3,12})\)",
        r"\b(?P<reference>(?:REQ|JR)[-_]?\d{3,12})\b",
    ])
});

fn compile(sources: &[&str]) -> Vec<Regex> {
    let whole = |source: &&str| source.replace("COMPANY", COMPANY).replace("ROLE", ROLE);
    sources.iter().filter_map(|source| Regex::new(&whole(source)).ok()).collect()
}

/// A value and the words that it was read from.
pub type Named = (String, String);

/// Without one of these no sentence names an employer or a position; looking for them
/// costs a hundredth of the expressions.
static CUES: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    const WORDS: &[&str] = &[
        "appl",
        "interest",
        "position",
        "role",
        "job",
        "opening",
        "vacancy",
        "post",
        "career",
        "opportunit",
        "inter",
        "team",
        "process",
        "offer",
        "us at",
        "everyone",
        "people at",
        "here at",
        "bewerbung",
        "stelle",
        "interesse",
        "mitarbeit",
    ];
    AhoCorasick::builder().ascii_case_insensitive(true).build(WORDS).ok()
});

/// Employer and position of one sentence.
pub fn employer_and_role(sentence: &str) -> (Option<Named>, Option<Named>) {
    let mut company = None;
    let mut role = None;
    if CUES.as_ref().is_some_and(|cues| !cues.is_match(sentence)) {
        return (company, role);
    }
    for found in SENTENCES.iter().filter_map(|regex| regex.captures(sentence)) {
        company = company.or_else(|| named(&found, "company"));
        role = role.or_else(|| named(&found, "role"));
    }
    for found in ROLES.iter().filter_map(|regex| regex.captures(sentence)) {
        role = role.or_else(|| named(&found, "role"));
    }
    (company, role)
}

/// The employer that a display name carries.
pub fn employer_of_display_name(name: &str) -> Option<Named> {
    DISPLAY.iter().filter_map(|regex| regex.captures(name)).find_map(|c| named(&c, "company"))
}

/// A number for the application or the position.
pub fn reference(sentence: &str) -> Option<Named> {
    sentence.bytes().filter(u8::is_ascii_digit).nth(2)?;
    let found = REFERENCE.iter().find_map(|regex| regex.captures(sentence))?;
    let value = found.name("reference")?.as_str();
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let dated = value.len() == 4 && value.starts_with("20");
    (digits >= 3 && !dated).then(|| (value.to_owned(), whole(&found)))
}

fn whole(found: &Captures<'_>) -> String {
    found.get(0).map_or_else(String::new, |m| m.as_str().to_owned())
}

fn named(found: &Captures<'_>, group: &str) -> Option<Named> {
    let value = tidy(found.name(group)?.as_str())?;
    Some((value, whole(found)))
}

/// Without what is not part of the name; `None` when nothing is left of it.
fn tidy(name: &str) -> Option<String> {
    let mut name = name.trim_matches([' ', ',', '-', '!', '\'', '"', '&']);
    loop {
        let before = name;
        for small in [
            " of",
            " of the",
            " and",
            " for",
            " in",
            " to",
            " de",
            " und",
            " für",
            " im",
            " We",
            " I",
            " Unfortunately",
            " Thank",
        ] {
            name = name.strip_suffix(small).unwrap_or(name);
        }
        name = name.strip_suffix("'s").unwrap_or(name).trim_end_matches([',', '-', ' ', '\'']);
        if name.ends_with('.')
            && !["Inc.", "Ltd.", "Co.", "Corp.", "S.A.", "e.V."].iter().any(|s| name.ends_with(s))
        {
            name = name.trim_end_matches('.');
        }
        if name == before {
            break;
        }
    }
    let known_word = NOT_A_NAME.contains(&name.to_lowercase().as_str());
    let first = name.split(' ').next().unwrap_or("").to_lowercase();
    let sound = name.chars().count() >= 2
        && name.chars().count() <= NAME_MAX_CHARS
        && name.chars().any(char::is_alphabetic)
        && !known_word
        && !["your", "our", "this", "we", "i", "ihre", "unsere", "the"].contains(&first.as_str());
    sound.then(|| name.to_owned())
}

/// Who signed: the name below or behind a closing formula.
pub fn signer(text: &str) -> Option<Named> {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    for (at, line) in lines.iter().enumerate().rev() {
        let lower = line.to_lowercase();
        let Some(farewell) =
            FAREWELLS.iter().filter(|f| lower.starts_with(**f)).max_by_key(|f| f.len())
        else {
            continue;
        };
        let behind =
            line.get(farewell.len()..).unwrap_or("").trim_start_matches([',', '!', '.', ' ']);
        let name =
            if behind.is_empty() { lines.get(at + 1).copied().unwrap_or("") } else { behind };
        let name = name.split([',', '|', '(', '·']).next().unwrap_or("").trim();
        if is_person(name) {
            return Some((
                name.to_owned(),
                format!("{} {name}", line.get(..farewell.len()).unwrap_or(line)),
            ));
        }
    }
    None
}

/// Two to four words that begin with capital letters, none of them a department's.
pub fn is_person(name: &str) -> bool {
    let words: Vec<&str> = name.split_whitespace().collect();
    (2..=4).contains(&words.len())
        && name.chars().count() <= 40
        && words.iter().all(|word| {
            let particle =
                ["van", "von", "de", "der", "den", "da", "di", "la", "zu"].contains(word);
            let capital = word.chars().next().is_some_and(char::is_uppercase);
            let letters = word.chars().all(|c| c.is_alphabetic() || "-'.".contains(c));
            letters
                && (capital || particle)
                && !NOT_A_PERSON.contains(&word.to_lowercase().as_str())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_name_employer_and_position() {
        for (sentence, company, role) in [
            (
                "Thank you for applying to the Data Engineer position at Blue Heron Labs.",
                "Blue Heron Labs",
                "Data Engineer",
            ),
            (
                "Thank you for your application for Senior Baker (m/f/d) with Nordkorn GmbH",
                "Nordkorn GmbH",
                "Senior Baker (m/f/d)",
            ),
            (
                "We appreciate your interest in the Software Engineer, Product role at Exa&Daughters.",
                "Exa&Daughters",
                "Software Engineer, Product",
            ),
            (
                "Your interview for Backend Engineer at Lindgren & Co",
                "Lindgren & Co",
                "Backend Engineer",
            ),
            (
                "vielen Dank für Ihre Bewerbung als Bäckermeister (m/w/d) bei Nordkorn.",
                "Nordkorn",
                "Bäckermeister (m/w/d)",
            ),
        ] {
            let (found_company, found_role) = employer_and_role(sentence);
            assert_eq!(found_company.map(|f| f.0).as_deref(), Some(company), "{sentence}");
            assert_eq!(found_role.map(|f| f.0).as_deref(), Some(role), "{sentence}");
        }
    }

    #[test]
    fn what_is_no_name_is_absent() {
        for sentence in [
            "Thank you for applying to our team.",
            "We wish you well in your search.",
            "Your application to us",
            "Interview: Tuesday at 10:00",
        ] {
            assert_eq!(employer_and_role(sentence), (None, None), "{sentence}");
        }
    }

    #[test]
    fn a_signature_is_a_person_or_nobody() {
        assert_eq!(
            signer("Sorry.\n\nKind regards,\nAnna Example\nRecruiter").unwrap().0,
            "Anna Example"
        );
        assert_eq!(
            signer("Sorry.\n\nMit freundlichen Grüßen\nHans-Peter von Muster").unwrap().0,
            "Hans-Peter von Muster"
        );
        assert_eq!(signer("Best regards, Anna Example").unwrap().0, "Anna Example");
        assert_eq!(signer("Kind regards,\nThe Nordkorn Recruiting Team"), None);
        assert_eq!(signer("Best of luck"), None);
    }

    #[test]
    fn a_reference_is_a_number_not_a_year() {
        assert_eq!(reference("your application (Job ID: R-20417)").unwrap().0, "R-20417");
        assert_eq!(reference("Kennziffer 4711-B").unwrap().0, "4711-B");
        assert_eq!(reference("the position 2025"), None);
    }
}
