//! Names out of sentences: employer, position, number, signature. Each is absent rather
//! than guessed: a shape that is not plainly a name is no name.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use regex::{Captures, Regex};

use super::employer;
use super::name_words::{
    COMPANY_ENDS, CUE_WORDS, NOT_A_NAME, NOT_A_PERSON, ROLE_ENDS, ROLE_STARTS, ROLE_STOPS,
    ROLE_TAILS, ROLE_WORDS,
};
use super::no_names::{
    COMPANY_STARTS, FAREWELL_ENDS, FAREWELLS, GREETINGS, NO_EMPLOYER, NO_POSITION, POSTS, SIGNS_FOR,
};
use super::shapes::{List, Shaped, regex};

/// A company's or position's name is not longer than this.
const NAME_MAX_CHARS: usize = 70;

/// What may stand behind a closing formula in its line: "Herzliche Grüße aus dem Allgäu".
const PLACE_MAX_CHARS: usize = 30;

/// The shapes of positions and numbers. None of them is stronger than another.
pub const SHAPES: &[(List, &[(u32, &str)])] = &[
    (List::Beside, BESIDE),
    (List::Roles, ROLES),
    (List::Titles, TITLES),
    (List::Behind, BEHIND),
    (List::Bare, BARE),
    (List::References, REFERENCES),
];

/// How sentences name the position beside the employer.
const BESIDE: &[(u32, &str)] = &[
    (
        0,
        r"(?i:appl(?:ication|ying|ied|y) (?:for|to) (?:the |our |a |an )?(?:position of |role of |post of )?)ROLE(?i:,? (?:position|role|opening|job|vacancy|post|internship))?,? (?i:at|with|here at) COMPANY",
    ),
    (
        0,
        r"(?i:interest(?:ed)? in (?:the |our |a |an )?(?:position of |role of )?)ROLE(?i: (?:position|role|opening|job|vacancy|post|internship|opportunity))?,? (?i:at|with|here at) COMPANY",
    ),
    (
        0,
        r"(?i:(?:position|role|post|job|vacancy) (?:of|as)(?: an?)? )ROLE (?i:at|with|here at) COMPANY",
    ),
    (
        0,
        r"(?i:interview(?: for|:) (?:the |our |a |an )?)ROLE(?i:,? (?:position|role|opening|job|vacancy|post|internship))? (?i:at|with) COMPANY",
    ),
    (
        0,
        r"(?i:bewerbung (?:als |für die (?:stelle|position) (?:als )?|um die (?:stelle|position) (?:als )?))ROLE (?i:bei|in)(?i: der| dem)? COMPANY",
    ),
];

/// How sentences name the position alone.
const ROLES: &[(u32, &str)] = &[
    (
        0,
        r"(?i:appl(?:ication|ying|ied|y) (?:for|to) (?:the |our |a |an )?(?:position of |role of |post of )?)ROLE(?i: (?:position|role|opening|job|vacancy|post|internship))",
    ),
    (0, r"(?i:(?:position|role|post|vacancy) (?:of|as)(?: an?| the)? )ROLE"),
    (0, r"(?i:(?:for|to|in|the|our) )ROLE(?i: (?:position|role|opening|vacancy))\b"),
    (0, r"(?i:(?:stelle|position|bewerbung) (?:als|zum|zur) )ROLE"),
    (0, r"(?i:(?:stelle|position|job): ?)ROLE"),
    (0, r#"(?i:(?:position|role|stelle|job)(?: (?:of|as|als))? )"(?P<role>[^"]{3,70})""#),
    (0, r"(?i:appl(?:ication|ying|ied) for (?:the |our |a |an )?)ROLE$"),
];

/// How sentences may name the position; believed when it reads like a job title.
const TITLES: &[(u32, &str)] = &[
    (
        0,
        r"(?i:\b(?:puesto|vacante|postulación|vaga|cargo|posizione|ruolo|functie|vacature|poste|candidatura|candidature|sollicitatie) (?:de |d'|para |per |di |van |als |op |à |a |pour |como |da |do )+(?:el |la |le |un |una )?)(?P<role>\p{L}[\p{L}'/()-]*(?: [\p{L}'/()-]+){0,5}?)(?: (?i:en|em|chez|presso|bij|hos|na|no|avanz\w+|foi|est|ha|que|pour|con|y|e|et)\b|[.,!:|]|$| - )",
    ),
    (
        0,
        r"(?i:\b(?:for|to|in|as|of|your|our|the|an?|:|-) )ROLE(?i: (?:position|role|program(?:me)?|opportunity|gig|application|opening)\b| (?:at|with|in|from) |[.,!]|$)",
    ),
    (0, r"(?i:\b(?:als|für|zum|zur|um|position|stelle|vertragsunterlagen für) )ROLE"),
    (
        0,
        r"(?i:\b(?:poste|puesto|vacante|postulación|vaga|cargo|posizione|ruolo|functie|vacature|sollicitatie|candidatura|candidature|tjänsten?|rollen) (?:de |d'|para |per |di |van |als |op |som |à |a |en |pour |como |da |do )*(?:el |la |le |un |una )?)ROLE",
    ),
];

/// Behind the noun for a position stands its name, whatever it is.
const BEHIND: &[(u32, &str)] = &[
    (
        0,
        r"(?i:\b(?:puesto|vacante|plaza|cargo|posición|vaga|função|lugar|posição|posizione|ruolo|posto|functie|vacature|poste|emploi|tjänsten?|rollen|befattningen|anställning|stelle) (?:de |d'|para |per |di |van |voor |als |som |como |da |do |comme )(?:el |la |le |l'|un |una |um |uma |een |o |a )?)(?P<role>\p{L}[\p{L}'/()&+.-]+(?: [\p{L}'/()&+-]+){0,5}?)(?:,| (?i:en|em|chez|presso|bij|hos|na|no|nos|nas|au|aux|al|alla|nel|nella|dans|ha|hemos|avons|è|est|a|se|está|foi|is|wordt|har|är|que|che|die|som|qui|pour|per|para|con|com|met|med|y|e|et|och|und|in|im|bei|wir|ist|wurde|på|vid|op|aan|ref|ter|waar|till|inom|fue|ya|já|gaat|we|nous|vous)\b|[.!:;|\x22]|$| [-–(])",
    ),
    (
        0,
        r"(?i:\b(?:puesto|vacante|plaza|cargo|posición|vaga|função|posição|posizione|ruolo|functie|vacature|poste|tjänsten|rollen|oferta|annuncio|annons|convocatoria|concorso|stage|proceso|processo|selezione|inscripción)(?: en la oferta| a| för| pour| per)? )\x22?(?P<role>\p{Lu}[\p{L}'/()&+.-]+(?: [\p{L}'/()&+-]+){0,5}?)(?:,| (?i:en|em|chez|presso|bij|hos|na|no|nos|nas|au|al|nel|dans|ha|hemos|è|est|a été|está|foi|is|har|är|que|che|die|som|qui|con|com|met|med|y|e|et|och|ref|já|ya)\b|[.!:;|\x22]|$| [-–(])",
    ),
    (
        0,
        r"(?i:\b(?:candidat\w*|postul\w+|inscrib\w+|sollicite\w+|beworben|sökt|incorporar\w*|rol|búsqueda|bolsa|procura|ricerca|oferta|convocatoria) (?:como |come |als |som |comme |de |di |del |di un |de un )+)(?P<role>\p{Lu}[\p{L}'/()&+.-]+(?: [\p{L}'/()&+-]+){0,5}?)(?:,| (?i:en|em|presso|bij|hos|na|no|ha|è|está|foi|is|har|é|que|che|per|con|com|met|med|y|e|et|och|se|la|vamos)\b|[.!:;|\x22]|$| [-–(])",
    ),
];

/// A line that is nothing but a job title.
const BARE: &[(u32, &str)] = &[(0, r"^ROLE$")];

/// How mail numbers applications and positions.
const REFERENCES: &[(u32, &str)] = &[
    (
        0,
        r"(?i:\b(?:job|req(?:uisition)?|reference|ref|position|vacancy|application|referenz|kennziffer|stellen|job-?)[ .-]*(?:id|no|number|nr|nummer|code|req)?\.?(?: is)?\s*[:#]?\s*#?)(?P<reference>[A-Z]{0,6}[-_]?\d[\w/-]{2,18})",
    ),
    (0, r"\((?P<reference>(?:REQ|JR|R|JOB|ID)[-_]?\d{3,12})\)"),
    (0, r"\b(?P<reference>(?:REQ|JR)[-_]?\d{3,12})\b"),
];

/// All its letters are of these scripts. In a text with others a name may go on behind the
/// letters that are known, and half a name is a wrong one.
pub fn is_readable(text: &str) -> bool {
    let known = |c: char| matches!(c, '\u{0}'..='\u{7ff}' | '\u{1e00}'..='\u{1fff}');
    text.is_ascii() || text.chars().all(|c| known(c) || !c.is_alphabetic())
}

/// A value and the words that it was read from.
pub type Named = (String, String);

/// Without one of these no sentence names an employer or a position; looking for them
/// costs a hundredth of the expressions.
static CUES: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::builder().ascii_case_insensitive(true).build(CUE_WORDS).ok());

/// The sentence may name an employer or a position.
pub fn has_cue(sentence: &str) -> bool {
    CUES.as_ref().is_none_or(|cues| cues.is_match(sentence))
}

/// The position that a sentence names, and whether the sentence says that it is one.
pub fn role(sentence: &Shaped<'_>) -> Option<Named> {
    if !has_cue(sentence.text) {
        return None;
    }
    let mut shapes = sentence.shapes(List::Beside).chain(sentence.shapes(List::Roles));
    shapes.find_map(|(regex, _)| position(&regex.captures(sentence.text)?))
}

/// The position that stands behind its noun in the languages that put it there.
pub fn position_of(sentence: &Shaped<'_>) -> Option<Named> {
    if !has_cue(sentence.text) {
        return None;
    }
    let shapes = sentence.shapes(List::Behind);
    let found = shapes.flat_map(|(regex, _)| regex.captures_iter(sentence.text));
    found.filter_map(|found| position(&found)).find(|(name, _)| {
        let first = name.split([' ', '\'']).next().unwrap_or("").to_lowercase();
        !NO_POSITION.contains(&first.as_str())
    })
}

/// What [`is_role`] looks for. Looking for it in a whole sentence first spares most of the
/// expressions. Foreign letters stand in it small and large, the others are taken as either.
static ROLE_CUES: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let words = || ROLE_ENDS.iter().chain(ROLE_WORDS);
    let cues = words().map(|word| (*word).to_owned()).chain(words().map(|w| w.to_uppercase()));
    AhoCorasick::builder().ascii_case_insensitive(true).build(cues).ok()
});

fn has_role(sentence: &str) -> bool {
    ROLE_CUES.as_ref().is_none_or(|cues| cues.is_match(sentence))
}

/// The position that stands in a sentence and reads like a job title.
pub fn title(sentence: &Shaped<'_>) -> Option<Named> {
    if !has_role(sentence.text) {
        return None;
    }
    sentence
        .shapes(List::Titles)
        .flat_map(|(regex, _)| regex.captures_iter(sentence.text))
        .filter_map(|found| position(&found))
        .find(|(name, _)| is_role(name))
}

/// The job title that a line or a piece of the subject consists of.
pub fn bare_title(line: &Shaped<'_>) -> Option<Named> {
    if !has_role(line.text) {
        return None;
    }
    let found = line.shapes(List::Bare).find_map(|(regex, _)| regex.captures(line.text.trim()))?;
    position(&found).filter(|(name, _)| is_role(name))
}

/// Reads like a job title: one of its words is what people do for a living.
pub fn is_role(name: &str) -> bool {
    name.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .any(|word| ROLE_ENDS.iter().any(|end| word.ends_with(end)) || ROLE_WORDS.contains(&word))
}

/// A number for the application or the position.
pub fn reference(sentence: &Shaped<'_>) -> Option<Named> {
    sentence.text.bytes().filter(u8::is_ascii_digit).nth(2)?;
    let mut shapes = sentence.shapes(List::References);
    let found = shapes.find_map(|(regex, _)| regex.captures(sentence.text))?;
    let value = found.name("reference")?.as_str();
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    (digits >= 3 && !is_year(value)).then(|| (value.to_owned(), whole(&found)))
}

fn whole(found: &Captures<'_>) -> String {
    found.get(0).map_or_else(String::new, |m| m.as_str().to_owned())
}

/// The employer that an expression found.
pub fn company(found: &Captures<'_>) -> Option<Named> {
    let name = found.name("company")?.as_str();
    // A line that says it twice was joined of two.
    let half = name.len() / 2;
    let name = match (name.get(..half), name.get(half + 1..)) {
        (Some(left), Some(right)) if left == right => left,
        _ => name,
    };
    let mut name = name;
    while let Some(rest) = COMPANY_STARTS.iter().find_map(|start| name.strip_prefix(start)) {
        name = rest;
    }
    let name = tidy(name, COMPANY_ENDS)?;
    let sound = !name.contains('_')
        && !name.starts_with(char::is_lowercase)
        && !name.contains(" Your ")
        && !NO_EMPLOYER.contains(&name.to_lowercase().as_str())
        && !GREETINGS.iter().any(|hi| name.starts_with(hi));
    sound.then(|| (name, whole(found)))
}

/// The position that an expression found.
fn position(found: &Captures<'_>) -> Option<Named> {
    let name = found.name("role")?.as_str();
    let start = ROLE_STARTS.iter().find_map(|start| name.strip_prefix(start));
    let name = start.unwrap_or(name);
    let name = NUMBER_BEFORE.as_ref().map_or(name, |regex| {
        let number = regex.find(name).filter(|number| !is_year(number.as_str()));
        name.get(number.map_or(0, |number| number.end())..).unwrap_or(name)
    });
    let end = ROLE_STOPS.iter().filter_map(|stop| name.find(stop)).min().unwrap_or(name.len());
    let name = name.get(..end).unwrap_or(name);
    // "80-100" is how much of a week it takes.
    let share = SHARE_BEHIND.as_ref().and_then(|regex| regex.find(name));
    let name = name.get(..share.map_or(name.len(), |share| share.start())).unwrap_or(name);
    Some((tidy(name, ROLE_TAILS)?, whole(found)))
}

/// A requisition number before a job title.
static NUMBER_BEFORE: LazyLock<Option<Regex>> =
    LazyLock::new(|| regex(r"^(?:[A-Z]{0,4}-?\d{3,}[A-Z]{0,3})(?: -| –|:)? "));

/// A share of a full week behind a job title.
static SHARE_BEHIND: LazyLock<Option<Regex>> =
    LazyLock::new(|| regex(r" \d{2,3} ?(?:%|[-–] ?\d{2,3} ?%?)$"));

/// "2018 Summer Intern" is no requisition.
fn is_year(number: &str) -> bool {
    let digits = number.trim_end_matches([' ', '-', '–', ':']);
    digits.len() == 4 && (digits.starts_with("19") || digits.starts_with("20"))
}

/// Without what is not part of the name; `None` when nothing is left of it.
fn tidy(name: &str, ends: &[&str]) -> Option<String> {
    let mut name = name.trim_matches([' ', ',', '-', '!', '\'', '"', '&', ':', '/']);
    loop {
        let before = name;
        for small in ends {
            name = name.strip_suffix(small).unwrap_or(name);
        }
        name = name
            .strip_suffix("'s")
            .unwrap_or(name)
            .trim_end_matches([',', '-', ' ', '\'', ':', '/']);
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
        let Some(farewell) = farewell(line) else { continue };
        let behind = line.get(farewell.len()..).unwrap_or("");
        let behind = behind.trim_start_matches([',', '!', '.', ' ']);
        let below = lines.get(at + 1..).unwrap_or_default().iter().copied();
        let mut below = below.map(signs_for_another).filter(|line| !line.is_empty());
        // "Cheers Joost" is signed, and what stands below is no name of a person.
        let alone = behind.chars().next().is_some_and(char::is_uppercase) && !behind.contains(' ');
        let below = below.next().filter(|_| !alone && behind.chars().count() <= PLACE_MAX_CHARS);
        for name in [Some(behind), below].into_iter().flatten() {
            let name = name.split([',', '|', '(', '·']).next().unwrap_or("").trim();
            if is_person(name) && !is_post(name) && self::farewell(name).is_none() {
                return Some((name.to_owned(), format!("{farewell} {name}")));
            }
        }
    }
    None
}

/// The closing formula with which a line begins, or that ends it.
fn farewell(line: &str) -> Option<&str> {
    let lower = line.to_lowercase();
    let begins = |it: &&&str| {
        let rest = lower.strip_prefix(**it);
        rest.is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
    };
    if let Some(found) = FAREWELLS.iter().filter(begins).max_by_key(|it| it.len()) {
        return line.get(..found.len());
    }
    let lower = lower.trim_end_matches(['.', ',', ' ']);
    FAREWELL_ENDS.iter().any(|it| lower.ends_with(it)).then_some(line)
}

/// The name behind "i. A.".
fn signs_for_another(line: &str) -> &str {
    let lower = line.to_lowercase();
    let found = SIGNS_FOR.iter().find(|it| lower.starts_with(**it));
    found.and_then(|it| line.get(it.len()..)).unwrap_or(line).trim()
}

/// Whether a department or a post is named, as below a closing formula.
pub fn is_post(name: &str) -> bool {
    name.split_whitespace().any(|word| POSTS.contains(&word.to_lowercase().as_str()))
}

/// Two to four words that begin with capital letters, but for particles between them, and
/// none of them a department's.
pub fn is_person(name: &str) -> bool {
    let words: Vec<&str> = name.split_whitespace().collect();
    let capitals = words.iter().filter(|word| word.starts_with(char::is_uppercase)).count();
    (2..=4).contains(&words.len())
        && capitals >= 2
        && !employer::sounds_like_a_firm(name)
        && !NO_EMPLOYER.contains(&name.to_lowercase().as_str())
        && !COMPANY_STARTS
            .iter()
            .any(|it| it.starts_with(char::is_uppercase) && name.starts_with(it))
        && name.chars().count() <= 40
        && words.iter().all(|word| {
            let particle =
                ["van", "von", "de", "der", "den", "da", "di", "la", "zu"].contains(word);
            let capital = word.chars().next().is_some_and(char::is_uppercase);
            let letters = word.chars().all(|c| c.is_alphabetic() || "-'.".contains(c));
            letters
                && (capital || particle)
                && !NOT_A_PERSON.contains(&word.to_lowercase().as_str())
                && !word.to_lowercase().ends_with("team")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_name_employer_and_position() {
        for (sentence, role) in [
            (
                "Thank you for applying to the Data Engineer position at Blue Heron Labs.",
                "Data Engineer",
            ),
            (
                "Thank you for your application for Senior Baker (m/f/d) with Nordkorn GmbH",
                "Senior Baker (m/f/d)",
            ),
            (
                "We appreciate your interest in the Software Engineer, Product role at Exa&Daughters.",
                "Software Engineer, Product",
            ),
            ("Your interview for Backend Engineer at Lindgren & Co", "Backend Engineer"),
            (
                "vielen Dank für Ihre Bewerbung als Bäckermeister (m/w/d) bei Nordkorn.",
                "Bäckermeister (m/w/d)",
            ),
        ] {
            assert_eq!(
                self::role(&Shaped::new(sentence)).map(|f| f.0).as_deref(),
                Some(role),
                "{sentence}"
            );
        }
    }

    #[test]
    fn a_position_ends_before_its_number_and_the_rest_of_the_sentence() {
        for (line, name) in [
            ("Bewerbung Werkstudent Finance", "Werkstudent Finance"),
            ("Pflegefachkraft (Kennziffer 24-118)", "Pflegefachkraft"),
            ("Sachbearbeiter Einkauf 80-100", "Sachbearbeiter Einkauf"),
            ("Financial Accountant (R-104482)", "Financial Accountant"),
        ] {
            let found = bare_title(&Shaped::new(line)).map(|found| found.0);
            assert_eq!(found.as_deref(), Some(name), "{line}");
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
            let shaped = Shaped::new(sentence);
            assert_eq!(role(&shaped).or_else(|| title(&shaped)), None, "{sentence}");
        }
    }

    #[test]
    fn a_job_title_is_known_by_what_people_do() {
        assert_eq!(
            title(&Shaped::new("We looked at our Junior Web developer, thank you")).unwrap().0,
            "Junior Web developer"
        );
        assert_eq!(
            title(&Shaped::new("für die Position Pflegefachkraft (m/w/d)")).unwrap().0,
            "Pflegefachkraft (m/w/d)"
        );
        assert_eq!(
            bare_title(&Shaped::new("Data Scientist: Ads & Markets")).unwrap().0,
            "Data Scientist: Ads & Markets"
        );
        assert_eq!(title(&Shaped::new("for the Blue Heron, thank you")), None);
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
        for (text, name) in [
            ("Herzliche Grüße nach Wels\nCarina Brand\nSenior Consultant", "Carina Brand"),
            ("Freundliche Grüsse\n\nVera Graggen, Leiterin Pflege", "Vera Graggen"),
            ("Mit freundlichen Grüßen\ni. A. Beate Rohl\nPersonalabteilung", "Beate Rohl"),
            ("Cordialement,\nÉmilie Rouvier\nConsultante", "Émilie Rouvier"),
            ("mes sentiments distingués.\n\nAnne-Sophie Vigne", "Anne-Sophie Vigne"),
            ("Atentamente,\n\nYuliana Restrepo", "Yuliana Restrepo"),
            ("Distinti saluti\nChiara Lodi", "Chiara Lodi"),
            ("Met vriendelijke groet,\nBart de Wulf", "Bart de Wulf"),
            ("Com os melhores cumprimentos,\nAna da Silva", "Ana da Silva"),
            ("Med vänlig hälsning\nAnn-Charlotte Rydell\nEnhetschef", "Ann-Charlotte Rydell"),
        ] {
            assert_eq!(signer(text).map(|found| found.0).as_deref(), Some(name), "{text}");
        }
        for nobody in [
            "Groetjes Joost\nDe Spaak",
            "Atentamente,\nRecursos Humanos",
            "Cordialement\nLa Direction",
            "Mit freundlichen Grüßen\nIm Auftrag",
            "Viele Grüße\nvon der See",
            "Un saludo y suerte con tu proyecto en Madrid\nGrupo Almenar",
            "Kind regards,\nWarm Regards",
        ] {
            assert_eq!(signer(nobody), None, "{nobody}");
        }
        assert_eq!(signer("Kind regards,\nThe Nordkorn Recruiting Team"), None);
        assert_eq!(signer("Viele Grüße\nDein Lindental-Team"), None);
        assert_eq!(signer("Best of luck"), None);
    }

    #[test]
    fn a_reference_is_a_number_not_a_year() {
        assert_eq!(
            reference(&Shaped::new("your application (Job ID: R-20417)")).unwrap().0,
            "R-20417"
        );
        assert_eq!(reference(&Shaped::new("Kennziffer 4711-B")).unwrap().0, "4711-B");
        assert_eq!(reference(&Shaped::new("the position 2025")), None);
    }
}
