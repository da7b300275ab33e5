//! Whom a mail greets, and by which name: only one that is certain. It must not know a
//! template.

use crate::model::address::Mailbox;
use crate::model::addressee::{Addressee, Addressing};
use crate::model::findings::Findings;
use crate::model::message::Message;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::addressee::{is_shared, is_shared_word};
use super::clean::allowed;
use super::tone::{self, is_academic, is_courtesy};

/// The first name of a full one; all of it where it is a guess which word that is.
pub(super) fn first_name(person: &str) -> &str {
    let name = without(without(person, is_courtesy), is_academic);
    let Some((first, _)) = name.split_once(' ') else { return person };
    // "Müller, Anna", "A. Müller" and "MÜLLER Anna".
    let title = is_courtesy(first) || is_academic(first);
    let unclear = title || name.contains(['.', ',']) || !first.chars().any(char::is_lowercase);
    if unclear { person } else { first }
}

/// The name behind such titles, unless a surname alone is left: "Frau Müller".
fn without(person: &str, is_title: fn(&str) -> bool) -> &str {
    let mut name = person;
    while let Some((title, rest)) = name.split_once(' ') {
        if !is_title(title) {
            break;
        }
        name = rest.trim_start();
    }
    if name.contains(' ') { name } else { person }
}

/// The name to greet by, only if the mail's signature and the address it goes to agree.
pub fn certain_person(
    addressing: &Addressing,
    findings: &Findings,
    parent: &Message,
) -> Option<String> {
    let name = match &addressing.addressee {
        Addressee::Earlier(mailbox) => named_by_itself(mailbox, mailbox.name.as_deref()?, findings),
        Addressee::Person(mailbox) | Addressee::Relay(mailbox) | Addressee::Chosen(mailbox) => {
            found(addressing, mailbox, findings).or_else(|| signed(mailbox, parent, findings))
        }
        Addressee::Nobody => None,
    };
    name.and_then(|name| allowed(without(&name, is_courtesy)))
}

/// The person that the rules found, where the mailbox is hers.
fn found(addressing: &Addressing, mailbox: &Mailbox, findings: &Findings) -> Option<String> {
    let name = &findings.person.as_ref()?.value;
    let relayed = matches!(addressing.addressee, Addressee::Relay(_));
    let local = if relayed { "" } else { mailbox.address.local() };
    let known = format!("{} {local}", mailbox.name.as_deref().unwrap_or_default());
    let certain = !is_named_after_itself(name, mailbox, findings) && agrees(name, &known);
    certain.then(|| name.clone())
}

/// The sender's own name, where it stands on a line of its own below the text and in the
/// address: "Lukas <lukas@…>", signed "Lukas".
fn signed(mailbox: &Mailbox, parent: &Message, findings: &Findings) -> Option<String> {
    let name = mailbox.name.as_deref()?;
    let below = parent.body.new_text.lines().rev().take(SIGNATURE_LINES_MAX);
    let mut lines = below.map(|line| line.trim().trim_end_matches([',', '.']));
    let signs = lines.any(|line| folded(line) == folded(name));
    if signs { named_by_itself(mailbox, name, findings) } else { None }
}

/// Where a signature stands, with a legal footer below it.
const SIGNATURE_LINES_MAX: usize = 15;

/// A mailbox whose display name is in its address, too, and that is one person's.
fn named_by_itself(mailbox: &Mailbox, name: &str, findings: &Findings) -> Option<String> {
    let certain =
        !is_named_after_itself(name, mailbox, findings) && agrees(name, mailbox.address.local());
    certain.then(|| name.to_owned())
}

fn is_named_after_itself(name: &str, mailbox: &Mailbox, findings: &Findings) -> bool {
    is_shared(&mailbox.address) && names_mailbox(name, mailbox, findings)
}

/// A word of the name stands in what is known.
fn agrees(name: &str, known: &str) -> bool {
    let known = folded(known);
    folded(name)
        .split(|c: char| !c.is_alphabetic())
        .any(|word| word.chars().count() > 2 && known.contains(word))
}

/// Lower case without marks: addresses have none.
fn folded(text: &str) -> String {
    text.nfd().filter(|c| !is_combining_mark(*c)).collect::<String>().to_lowercase()
}

/// Whether people call the user by the first name: the first line of one of these texts that
/// names the user decides.
pub fn is_by_first_name(texts: &[&str], my_name: &str) -> bool {
    let mine: Vec<String> = words(my_name).collect();
    let Some((first, others)) = mine.split_first() else { return false };
    let told = texts.iter().filter_map(|text| first_line(text)).find_map(|line| {
        let greeting: Vec<String> = words(line).collect();
        let full = others.iter().any(|other| greeting.contains(other));
        greeting.contains(first).then_some(!full)
    });
    told.unwrap_or(false)
}

/// How the user greeted this person before, in the latest of these texts that begins with a
/// greeting by name.
pub fn own_greeting(texts: &[String], person: &Mailbox) -> Option<String> {
    let name: Vec<String> = words(person.name.as_deref()?).collect();
    let mut lines = texts.iter().filter_map(|text| first_line(text));
    let greeting = lines.find(|line| {
        let ends = line.ends_with([',', ':', '!']);
        ends && tone::begins_with_greeting(line)
            && words(line).any(|word| word.chars().count() > 2 && name.contains(&word))
    })?;
    Some(greeting.to_owned())
}

/// The first line with words on it, when it is as short as a greeting.
fn first_line(text: &str) -> Option<&str> {
    const GREETING_CHARS_MAX: usize = 60;
    let line = text.lines().map(str::trim).find(|line| !line.is_empty())?;
    Some(line).filter(|line| line.chars().count() <= GREETING_CHARS_MAX)
}

pub(super) fn words(text: &str) -> impl Iterator<Item = String> {
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

#[cfg(test)]
mod tests;
