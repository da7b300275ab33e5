//! What a template may say of an application: the names that are certain, as they may
//! stand in a mail of the user's. A name from foreign mail that looks like more than a name
//! is left out. It must not know a template.

use std::sync::LazyLock;

use regex::Regex;

use crate::model::address::Mailbox;
use crate::model::findings::{Findings, Reason};
use crate::model::mail::HeaderText;
use crate::model::message::Message;

use super::addressee::is_shared;
use super::clean::{allowed, is_subject_mark, plain_text};
use super::greeting::{first_name, words};

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
    pub(super) earlier: bool,
    pub(super) by_first_name: bool,
    pub(super) may_reapply: bool,
    pub(super) occasion: Occasion,
    pub(super) at: Option<String>,
    pub(super) greeting: Option<String>,
}

/// What the rejection is, as far as a text must know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Occasion {
    /// Somebody decided against the applicant, or nothing more is known.
    #[default]
    Ordinary,
    /// The position is filled or was cancelled.
    Gone,
    /// An offer was taken back.
    Rescinded,
}

impl Occasion {
    /// What the findings of a rejection make of it.
    pub fn of(findings: &Findings) -> Self {
        match findings.reason.as_ref().map(|found| found.value) {
            Some(Reason::Cancelled | Reason::Filled) => Occasion::Gone,
            Some(Reason::Rescinded) => Occasion::Rescinded,
            Some(Reason::ChosenOther | Reason::Requirement) | None => Occasion::Ordinary,
        }
    }

    /// What stands behind the intent in a template's name.
    pub(super) fn suffix(self) -> &'static str {
        match self {
            Occasion::Ordinary => "",
            Occasion::Gone => "-gone",
            Occasion::Rescinded => "-rescinded",
        }
    }
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
            earlier: false,
            by_first_name: false,
            may_reapply: false,
            occasion: Occasion::Ordinary,
            at: None,
            greeting: None,
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

    /// The same for a new mail to somebody who wrote to the user before.
    pub fn to_earlier_contact(self) -> Self {
        Fields { earlier: true, ..self.of_new_mail() }
    }

    /// The same to people who call the user by the first name.
    pub fn by_first_name(self, by_first_name: bool) -> Self {
        Fields { by_first_name, ..self }
    }

    /// The same after an invitation to apply again.
    pub fn may_reapply(self, may_reapply: bool) -> Self {
        Fields { may_reapply, ..self }
    }

    /// The same on another occasion.
    pub fn on(self, occasion: Occasion) -> Self {
        Fields { occasion, ..self }
    }

    /// The same with the employer's own words for "at the company"; they pass [`allowed`].
    pub fn at(self, words: Option<&str>) -> Self {
        let at = words.and_then(allowed).filter(|_| self.company.is_some());
        Fields { at, ..self }
    }

    /// The same with the greeting that the user chose for this person before.
    pub fn greeted(self, greeting: Option<String>) -> Self {
        Fields { greeting, ..self }
    }

    /// Who is greeted by the first name alone.
    pub(super) fn first_name(&self) -> Option<&str> {
        self.person.as_deref().map(first_name)
    }
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

/// "… with our client": the agency that writes is not the employer.
fn speaks_for_a_client(parent: &Message) -> bool {
    static CLIENT: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let whose = "my|our|mein(?:e[mns])?|unser(?:e[mns])?|mon|notre|mi|nuestro|mijn|onze|mio|nostro|\
                     meu|nosso|min|vår";
        let whom = "client|kunden?|mandanten|auftraggebers?|cliente|klant|opdrachtgever|kund|\
                    uppdragsgivare";
        Regex::new(&format!(r"(?i)\b(?:{whose})\s+(?:{whom})\b")).ok()
    });
    let texts = [&parent.body.new_text, &parent.header.subject];
    CLIENT.as_ref().is_some_and(|client| texts.into_iter().any(|text| client.is_match(text)))
}

/// A word of a name stands in the sender's domain; shorter ones stand in many.
fn is_in_domain(word: &str, sender: &Mailbox) -> bool {
    word.chars().count() > 3 && sender.address.domain().contains(word)
}

/// Whether a name that was read as the employer's may be said. A first name alone, from a
/// signature or a sender, and the mark of an answer before a subject are none.
pub fn is_employer(name: &str, findings: &Findings, parent: &Message) -> bool {
    if is_subject_mark(name) {
        return false;
    }
    let Some(sender) = parent.sender() else { return true };
    if speaks_for_a_client(parent) && words(name).any(|it| is_in_domain(&it, sender)) {
        return false;
    }
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
