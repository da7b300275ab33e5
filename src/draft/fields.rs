//! What a template may say of an application: the names that are certain, as they may
//! stand in a mail of the user's. A name from foreign mail that looks like more than a name
//! is left out. It must not know a template.

use std::sync::LazyLock;

use regex::Regex;

use crate::model::address::Mailbox;
use crate::model::addressee::{Addressee, Addressing};
use crate::model::findings::Findings;
use crate::model::mail::HeaderText;
use crate::model::message::Message;

use super::addressee::{is_shared, is_shared_word};
use super::compose::{is_subject_mark, plain_text};

/// What a name of a company, a role or a person has at most.
const FIELD_MAX_CHARS: usize = 60;

/// What a template may say. Everything that is absent renders its branch without it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields {
    pub(super) company: Option<String>,
    pub(super) role: Option<String>,
    pub(super) person: Option<String>,
    pub(super) informal: bool,
    pub(super) my_name: String,
    pub(super) signature: Option<String>,
    pub(super) new_mail: bool,
    pub(super) talked: bool,
}

impl Fields {
    /// The fields of an answer in the formal address. `my_name` and `signature` are the
    /// user's own words and stand as they are; the others come from foreign mail and pass
    /// [`allowed`].
    pub fn new(
        company: Option<&str>,
        role: Option<&str>,
        person: Option<&str>,
        my_name: &str,
        signature: Option<&str>,
    ) -> Self {
        Fields {
            company: company.and_then(allowed),
            role: role.and_then(allowed).map(without_gender_mark).filter(|it| !it.is_empty()),
            person: person.and_then(allowed),
            informal: false,
            my_name: HeaderText::clean(my_name).as_str().to_owned(),
            signature: signature
                .map(|text| plain_text(text).trim_end().to_owned())
                .filter(|text| !text.is_empty()),
            new_mail: false,
            talked: false,
        }
    }

    /// The same in the address that the rejection uses ([`super::address_form`]).
    pub fn in_form(self, informal: bool) -> Self {
        Fields { informal, ..self }
    }

    /// The same for a mail that answers none.
    pub fn of_new_mail(self) -> Self {
        Fields { new_mail: true, ..self }
    }

    /// The same after a talk, or without one.
    pub fn after_talks(self, talked: bool) -> Self {
        Fields { talked, ..self }
    }

    /// Who is greeted by the first name alone.
    pub(super) fn first_name(&self) -> Option<&str> {
        self.person.as_deref().map(first_name)
    }
}

/// A foreign name as it may stand in a mail of the user's: letters, digits and a few marks,
/// no address of any kind, at most 60 characters. Everything else is absent.
pub fn allowed(name: &str) -> Option<String> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let marks = " .,&'’()/+#-–|:!";
    let sound = !name.is_empty()
        && name.chars().count() <= FIELD_MAX_CHARS
        && name.chars().all(|c| c.is_alphanumeric() || marks.contains(c))
        && name.chars().any(char::is_alphabetic)
        && !name.contains("//")
        && !name.split(|c: char| c.is_whitespace() || "/,()|:!".contains(c)).any(reads_as_host);
    sound.then_some(name)
}

/// Mail programs make links of words like `firm.com`.
fn reads_as_host(word: &str) -> bool {
    let word = word.trim_matches('.').to_lowercase();
    word.starts_with("www.")
        || psl::domain(word.as_bytes()).is_some_and(|domain| domain.suffix().is_known())
}

/// "(m/w/d)", "(H/F)", "(all genders)": an advertisement says so, a person's answer does not.
fn without_gender_mark(role: String) -> String {
    static MARK: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let letters = r"[mwfdhxnvkogi](?:\s?[/|,]\s?[mwfdhxnvkogi*]){1,4}";
        Regex::new(&format!(
            r"(?i)\s*\((?:{letters}|gn|all genders)\)|\s+[mwfdhxv]/[mwfdhxv](?:/[mwfdhxv])?$"
        ))
        .ok()
    });
    match &*MARK {
        Some(mark) => mark.replace_all(&role, "").trim().to_owned(),
        None => role,
    }
}

/// What stands before a name and is no part of it.
const TITLES: [&str; 28] = [
    "docent",
    "doktor",
    "professor",
    "ing",
    "dott",
    "dra",
    "dr",
    "prof",
    "mr",
    "mrs",
    "ms",
    "miss",
    "mx",
    "herr",
    "frau",
    "madame",
    "monsieur",
    "mme",
    "señor",
    "señora",
    "mevrouw",
    "meneer",
    "signor",
    "signora",
    "senhor",
    "senhora",
    "fru",
    "von",
];

/// The first name of a full one; all of it where it is a guess which word that is.
fn first_name(person: &str) -> &str {
    let Some((first, _)) = person.split_once(' ') else { return person };
    let title = TITLES.contains(&first.to_lowercase().as_str());
    // "Müller, Anna", "A. Müller" and "MÜLLER Anna".
    let unclear = person.contains(['.', ',']) || !first.chars().any(char::is_lowercase);
    if title || unclear { person } else { first }
}

/// The name to greet by, only if the mail's signature and the address it goes to agree.
pub fn certain_person(addressing: &Addressing, findings: &Findings) -> Option<String> {
    let (mailbox, name) = match &addressing.addressee {
        Addressee::Earlier(mailbox) => (mailbox, mailbox.name.clone()?),
        Addressee::Person(mailbox) | Addressee::Relay(mailbox) | Addressee::Chosen(mailbox) => {
            (mailbox, findings.person.as_ref()?.value.clone())
        }
        Addressee::Nobody => return None,
    };
    let relayed = matches!(addressing.addressee, Addressee::Relay(_));
    let shown = mailbox.name.clone().filter(|_| addressing.addressee.name() != "earlier");
    let known = format!(
        "{} {}",
        shown.unwrap_or_default(),
        if relayed { "" } else { mailbox.address.local() }
    )
    .to_lowercase();
    if is_shared(&mailbox.address) && names_mailbox(&name, mailbox, findings) {
        return None;
    }
    let agrees = name
        .to_lowercase()
        .split(|c: char| !c.is_alphabetic())
        .any(|word| word.chars().count() > 2 && known.contains(word));
    if agrees { allowed(&name) } else { None }
}

fn words(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase)
}

/// "Empleo Costa Verde <empleo@…>", "Stadtwerke Lindenau <karriere@…>": what stands before a
/// shared mailbox often is its own name or the employer's, and signs the mail as well.
fn names_mailbox(name: &str, mailbox: &Mailbox, findings: &Findings) -> bool {
    // A shorter ending is an article or a legal form.
    const STEM_CHARS_MIN: usize = 4;
    let company = findings.company.as_ref().map_or("", |found| &found.value);
    let alike = |one: &str, other: &str| {
        let long = one.chars().count().min(other.chars().count()) >= STEM_CHARS_MIN;
        long && (one.starts_with(other) || other.starts_with(one))
    };
    words(name).any(|word| {
        is_shared_word(&word)
            || words(mailbox.address.local()).any(|it| it == word)
            || words(company).any(|it| alike(&it, &word))
    })
}

/// Whether a name that was read as the employer's may be said. A first name alone, from a
/// signature or a sender, and the mark of an answer before a subject are none.
pub fn is_employer(name: &str, findings: &Findings, parent: &Message) -> bool {
    if is_subject_mark(name) {
        return false;
    }
    let Some(sender) = parent.sender() else { return true };
    let mut said = words(name);
    let (Some(first), None) = (said.next(), said.next()) else { return true };
    let domain = sender.address.domain().to_lowercase();
    // "Fernhill Recruiting <fernhill@system>", "Lukas <lukas@lukas.example>"
    if findings.system.is_some() || is_shared(&sender.address) || domain.contains(&first) {
        return true;
    }
    let person = findings.person.as_ref().map(|found| found.value.as_str());
    let names = [sender.name.as_deref(), person];
    !names.into_iter().flatten().any(|it| words(it).next().as_ref() == Some(&first))
}

#[cfg(test)]
mod tests;
