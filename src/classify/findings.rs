//! What a mail says besides its kind: names from its sentences, facts from rules that
//! tell something.

use super::compile::Tells;
use super::domain_name::DomainName;
use super::employer::{self, Employers};
use super::engine::{Fired, Read};
use super::names::{self, Named};
use super::reading::Passage;
use super::shapes::Shaped;
use crate::model::address::{Address, Mailbox};
use crate::model::findings::{Findings, Found, Reached, System};
use crate::model::message::Message;
use crate::model::verdict::{Mark, Place};

/// Names stand in the first sentences or nowhere.
const SENTENCES_MAX: usize = 60;
/// A job title alone in its line stands at the top; below, it is the signer's.
const BARE_LINES: usize = 5;
/// A signature is not longer.
const SIGNATURE_LINES: usize = 12;

/// All findings of one mail; names out of its sentences only when they are wanted.
pub fn find(message: &Message, read: &Read<'_>, fired: &[Fired<'_>], named: bool) -> Findings {
    let mut findings = Findings::default();
    if let Some(sender) = read.sender {
        let domain = message.header.from.first().map_or("", |from| from.address.domain());
        let system = System { name: sender.name.clone(), relays: sender.relays };
        findings.system = Some(Found::new(system, domain));
    }
    if named {
        names_in(&mut findings, message, read);
    }
    for hit in fired.iter().filter(|f| f.place != Place::Quoted) {
        let Some(tells) = hit.rule.and_then(|rule| rule.tells) else { continue };
        // "If you would like feedback", "would you be open to another role?": an offer is
        // made under a condition; a fact is not.
        let offer = matches!(
            tells,
            Tells::FeedbackOffered | Tells::OtherRoleOffered | Tells::WriteTo | Tells::DoNotReply
        );
        if hit.mark.is_none() || offer && hit.mark == Some(Mark::Conditional) {
            tell(&mut findings, tells, hit);
        }
    }
    findings
}

/// Employer, position, number and person.
fn names_in(findings: &mut Findings, message: &Message, read: &Read<'_>) {
    let sentences: Vec<Shaped<'_>> = told(read).map(Shaped::new).collect();
    let client = employer::client(&sentences);
    from_sentences(findings, &sentences, client.as_ref().map_or("", |(name, _)| name));
    let role = findings.role.as_ref().map_or("", |role| role.value.as_str()).to_owned();
    findings.company = client.or_else(|| employer(message, read, &sentences, &role)).map(found);
    if let (Some(role), Some(company)) = (&mut findings.role, &findings.company) {
        // "Nordkorn - Baker", "Nordkorn's Baker role".
        let rest = role.value.strip_prefix(company.value.as_str()).map(|rest| {
            rest.strip_prefix("'s").unwrap_or(rest).trim_start_matches([' ', '-', '–', '|', ':'])
        });
        if let Some(rest) = rest.filter(|rest| names::is_role(rest)) {
            role.value = rest.to_owned();
        }
    }
    let signed = read
        .passages
        .iter()
        .filter(|passage| passage.place == Place::Body)
        .find_map(|passage| names::signer(&passage.text.clean));
    let person = signed.map(found).or_else(|| writer(message, read));
    let firm = findings.company.as_ref().map(|company| company.value.clone());
    // "Berg" may be Anna Berg's own; "Consultora Andes Talento" is the firm's.
    let is_firm = |it: &Found<String>, firm: &String| {
        firm.contains(&it.value) || firm.contains(' ') && it.value.contains(firm.as_str())
    };
    findings.person = person.filter(|it| !firm.as_ref().is_some_and(|firm| is_firm(it, firm)));
}

fn found((value, words): Named) -> Found<String> {
    Found::new(value, words)
}

/// Position and number: a sentence that says so is believed before one that merely holds
/// something like a job title. "The Nordkorn process" names whom an agency speaks for.
fn from_sentences(findings: &mut Findings, sentences: &[Shaped<'_>], client: &str) {
    let shapes: [fn(&Shaped<'_>) -> Option<Named>; 3] =
        [names::role, names::position_of, names::title];
    let is_one = |(name, _): &Named| name != client;
    let first = |shape| sentences.iter().filter_map(shape).find(is_one);
    let bare = || sentences.iter().take(BARE_LINES).filter_map(names::bare_title).find(is_one);
    findings.role = shapes.into_iter().find_map(first).or_else(bare).map(found);
    findings.reference = sentences.iter().find_map(names::reference).map(found);
}

/// The first sentences of subject and body, as far as names can be read in them.
fn told<'a>(read: &'a Read<'_>) -> impl Iterator<Item = &'a str> {
    let places = |it: &&Passage| matches!(it.place, Place::Subject | Place::Body);
    let sentences = read.passages.iter().filter(places).flat_map(|passage| {
        (0..passage.sentences.len().min(SENTENCES_MAX)).map(|at| passage.clean(at))
    });
    sentences.filter(|it| names::is_readable(it))
}

/// The employer, from everywhere that one may be named.
fn employer(
    message: &Message,
    read: &Read<'_>,
    sentences: &[Shaped<'_>],
    role: &str,
) -> Option<Named> {
    let from = message.sender();
    let name = from.and_then(|from| from.name.as_deref()).unwrap_or("");
    // A tracking system's own domain says nothing.
    let from = from.filter(|_| read.sender.is_none());
    let home = DomainName::new(from.map_or("", |from| from.address.domain()));
    let local = from.map_or("", |from| from.address.local()).to_lowercase();
    let firm = home.bears(name)
        && !name.to_lowercase().split_whitespace().any(|word| local.contains(word));
    // "Anna <anna@nordkorn.example>" is a person, "Nordkorn <jobs@nordkorn.example>" is not.
    let alone = from.is_some() && !name.contains(' ') && !firm;
    let writer = if alone { name } else { first_names(name).filter(|_| !firm).unwrap_or("") };
    let mut people = writer.to_lowercase();
    let add = |people: &mut String, name: &str| {
        if !home.bears(name) {
            people.push_str(&format!(" {}", name.to_lowercase()));
        }
    };
    // "dana@…", signed "Dana".
    let signs = |word: &&str| {
        signatures(read).any(|line| line.trim_end_matches([',', '.']).to_lowercase() == **word)
    };
    local.split(['.', '_', '-']).filter(signs).for_each(|word| add(&mut people, word));
    for line in signatures(read) {
        let name = line.split([',', '|', '(', '·']).next().unwrap_or_default().trim();
        let first = name.split(' ').next().filter(|_| names::is_person(name));
        first.into_iter().for_each(|first| add(&mut people, first));
    }
    let mut employers = Employers::of(home);
    let mut text = String::new();
    for passage in read.passages.iter().filter(|p| matches!(p.place, Place::Subject | Place::Body))
    {
        let clean = &passage.text.clean;
        if passage.place == Place::Subject {
            employers.subject(clean);
        } else {
            last_lines(clean).for_each(|line| employers.line(line));
        }
        text.push_str(clean);
        text.push('\n');
    }
    sentences.iter().for_each(|sentence| employers.sentence(sentence));
    employers.display_name(name, firm);
    text.push_str(name);
    employers.best(&text, &people, |name| is_system(name, read) || role.ends_with(name))
}

/// The lines in which a mail may be signed.
fn signatures<'a>(read: &'a Read<'_>) -> impl Iterator<Item = &'a str> {
    let bodies = read.passages.iter().filter(|passage| passage.place == Place::Body);
    bodies.flat_map(|passage| last_lines(&passage.text.clean))
}

fn last_lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().rev().take(SIGNATURE_LINES).map(str::trim)
}

/// The person in a display name: "Anna Berg (Nordkorn)".
fn first_names(name: &str) -> Option<&str> {
    let person = name.split(['(', '|', ',']).next().unwrap_or("").trim();
    names::is_person(person).then_some(person)
}

/// The employer is never the tracking system.
fn is_system(name: &str, read: &Read<'_>) -> bool {
    read.sender.is_some_and(|sender| name.eq_ignore_ascii_case(&sender.name))
}

/// The person in From, when a person and not a system writes.
fn writer(message: &Message, read: &Read<'_>) -> Option<Found<String>> {
    let name = message.sender()?.name.as_deref()?;
    let name = name.split(['(', '|', ',']).next().unwrap_or("").trim();
    let person = names::is_person(name) && !names::is_post(name);
    (read.sender.is_none() && person).then(|| Found::new(name.to_owned(), name))
}

fn tell(findings: &mut Findings, tells: Tells, hit: &Fired<'_>) {
    let words = hit.words.clone();
    match tells {
        Tells::Reason(reason) => {
            findings.reason.get_or_insert(Found::new(reason, words));
        }
        Tells::FeedbackOffered => {
            findings.feedback_offered.get_or_insert(Found::new((), words));
        }
        Tells::OtherRoleOffered => {
            findings.other_role_offered.get_or_insert(Found::new((), words));
        }
        Tells::DoNotReply => {
            findings.do_not_reply.get_or_insert(Found::new((), words));
        }
        Tells::MayReapply => {
            findings.may_reapply.get_or_insert(Found::new(words.clone(), words));
        }
        Tells::WriteTo => {
            if let Some(mailbox) = mailbox_in(&hit.sentence) {
                findings.write_to.get_or_insert(Found::new(mailbox, words));
            }
        }
        Tells::TalksHeld => stage(findings, Reached::Talks, words),
        Tells::OfferMade => stage(findings, Reached::Offer, words),
    }
}

/// The furthest stage that is told.
fn stage(findings: &mut Findings, reached: Reached, words: String) {
    if findings.stage.as_ref().is_none_or(|before| before.value < reached) {
        findings.stage = Some(Found::new(reached, words));
    }
}

fn mailbox_in(sentence: &str) -> Option<Mailbox> {
    sentence
        .split(|c: char| c.is_whitespace() || "<>(),;:\"'[]".contains(c))
        .find_map(|word| word.trim_end_matches(['.', '!', '?']).parse::<Address>().ok())
        .filter(|address| address.domain().contains('.'))
        .map(Mailbox::bare)
}
