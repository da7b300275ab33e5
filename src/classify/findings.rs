//! What a mail says besides its kind: names from its sentences, facts from rules that
//! tell something.

use super::compile::Tells;
use super::engine::{Fired, Read};
use super::names::{self, Named};
use crate::model::address::{Address, Mailbox};
use crate::model::findings::{Findings, Found, Reached, System};
use crate::model::message::Message;
use crate::model::verdict::{Mark, Place};

/// Names stand in the first sentences or nowhere.
const SENTENCES_MAX: usize = 60;

/// All findings of one mail.
pub fn find(message: &Message, read: &Read<'_>, fired: &[Fired<'_>]) -> Findings {
    let mut findings = Findings::default();
    if let Some(sender) = read.sender {
        let domain = message.header.from.first().map_or("", |from| from.address.domain());
        let system = System { name: sender.name.clone(), relays: sender.relays };
        findings.system = Some(Found::new(system, domain));
    }
    from_sentences(&mut findings, read);
    from_sender(&mut findings, message, read);
    let signed = read
        .passages
        .iter()
        .filter(|passage| passage.place == Place::Body)
        .find_map(|passage| names::signer(&passage.text.clean));
    findings.person = signed.map(found).or_else(|| writer(message, read));
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

fn found((value, words): Named) -> Found<String> {
    Found::new(value, words)
}

fn from_sentences(findings: &mut Findings, read: &Read<'_>) {
    let told = read.passages.iter().filter(|p| matches!(p.place, Place::Subject | Place::Body));
    for passage in told {
        for at in 0..passage.sentences.len().min(SENTENCES_MAX) {
            let sentence = passage.clean(at);
            if findings.company.is_none() || findings.role.is_none() {
                let (company, role) = names::employer_and_role(sentence);
                let company = company.filter(|(name, _)| !is_system(name, read)).map(found);
                findings.company = findings.company.take().or(company);
                findings.role = findings.role.take().or(role.map(found));
            }
            if findings.reference.is_none() {
                findings.reference = names::reference(sentence).map(found);
            }
        }
    }
}

/// The employer is never the tracking system.
fn is_system(name: &str, read: &Read<'_>) -> bool {
    read.sender.is_some_and(|sender| name.eq_ignore_ascii_case(&sender.name))
}

/// What the From display name says, where the text says nothing.
fn from_sender(findings: &mut Findings, message: &Message, read: &Read<'_>) {
    if findings.company.is_some() {
        return;
    }
    let Some(name) = message.sender().and_then(|from| from.name.as_deref()) else { return };
    let mut company = names::employer_of_display_name(name);
    // "Nordkorn <no-reply@system>": the bare name, where the text uses it, too.
    if company.is_none() && read.sender.is_some_and(|s| !s.board) {
        let used =
            read.passages.iter().any(|p| p.place == Place::Body && p.text.clean.contains(name));
        company = (used && !names::is_person(name)).then(|| (name.to_owned(), name.to_owned()));
    }
    findings.company = company.filter(|(name, _)| !is_system(name, read)).map(found);
}

/// The person in From, when a person and not a system writes.
fn writer(message: &Message, read: &Read<'_>) -> Option<Found<String>> {
    let name = message.sender()?.name.as_deref()?;
    let name = name.split(['(', '|', ',']).next().unwrap_or("").trim();
    (read.sender.is_none() && names::is_person(name)).then(|| Found::new(name.to_owned(), name))
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
