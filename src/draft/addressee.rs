//! Whom to answer: a person, a relay, somebody from earlier, or nobody, each with a why.
//!
//! In doubt nobody. What is forged most easily (Reply-To, display names) never decides
//! alone. It must not choose words or look at what the user wants to say.

use jiff::Timestamp;

use crate::model::address::{Address, Mailbox};
use crate::model::addressee::{Addressee, Addressing, Warning};
use crate::model::findings::Findings;
use crate::model::ids::MessageNo;
use crate::model::message::{Message, ReturnPath};

use super::compose::NEEDS_SMTPUTF8;
use super::organisation;

/// Somebody who wrote to the user personally in the same application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierContact {
    /// Who.
    pub mailbox: Mailbox,
    /// When.
    pub at: Timestamp,
    /// In which message.
    pub message: MessageNo,
}

/// Who can be answered. `authserv_id` is the name under which the user's own provider
/// writes Authentication-Results (RFC 8601 section 2.2), when it is known.
pub fn decide(
    message: &Message,
    findings: &Findings,
    history: &[EarlierContact],
    own: &[Address],
    authserv_id: Option<&str>,
) -> Addressing {
    let mut warnings = Vec::new();
    if !is_addressed_to(message, own) {
        warnings.push(Warning::NotAddressedToUser);
    }
    let Some(sender) = message.sender() else {
        return without_sender(message, warnings);
    };
    // A sender who may be somebody else is answered through no back door either.
    if dmarc_failed(message, authserv_id) {
        warnings.push(Warning::DmarcFailed);
        let why = format!("your mail provider could not confirm that this came from {sender}");
        return Addressing { addressee: Addressee::Nobody, why, warnings };
    }
    if let Some(like) = looks_like(sender, history) {
        warnings.push(Warning::LookAlike);
        let why = format!(
            "{} looks like {}, which wrote to you before, and is another domain",
            sender.address.domain(),
            like.address.domain()
        );
        return Addressing { addressee: Addressee::Nobody, why, warnings };
    }
    let target = message.header.reply_to.first().unwrap_or(sender);
    if !message.header.reply_to.iter().all(|it| belong_together(&it.address, &sender.address)) {
        warnings.push(Warning::ReplyToElsewhere);
        let why = format!(
            "answers would go to {}, which is another organisation than the sender {}",
            target.address, sender.address
        );
        return Addressing { addressee: Addressee::Nobody, why, warnings };
    }
    match obstacle(message, findings, target, own) {
        None => answerable(findings, target, warnings),
        Some(why) => instead(sender, findings, history, own, why, warnings),
    }
}

/// Whom the sender's domain imitates, of those who wrote before.
fn looks_like<'a>(sender: &Mailbox, history: &'a [EarlierContact]) -> Option<&'a Mailbox> {
    let before = history.iter().map(|contact| &contact.mailbox);
    let known = |it: &&Mailbox| organisation::same(&it.address, &sender.address);
    if before.clone().any(|it| known(&it)) {
        return None;
    }
    before.into_iter().find(|it| organisation::look_alike(&it.address, &sender.address))
}

fn without_sender(message: &Message, mut warnings: Vec<Warning>) -> Addressing {
    let why = if message.header.from.is_empty() {
        "the mail does not say who sent it".to_owned()
    } else {
        warnings.push(Warning::SeveralFrom);
        "the mail names several senders, so it is not certain who wrote it".to_owned()
    };
    Addressing { addressee: Addressee::Nobody, why, warnings }
}

fn is_addressed_to(message: &Message, own: &[Address]) -> bool {
    let header = &message.header;
    let named = header.to.iter().chain(&header.cc).map(|mailbox| &mailbox.address);
    named.chain(&header.delivered_to).any(|address| is_own(address, own))
}

fn is_own(address: &Address, own: &[Address]) -> bool {
    own.iter().any(|mine| mine.same_mailbox(address))
}

fn answerable(findings: &Findings, target: &Mailbox, warnings: Vec<Warning>) -> Addressing {
    if let Some(system) = findings.system.as_ref().filter(|found| found.value.relays) {
        let why = format!("{} passes answers on to a person", system.value.name);
        return Addressing { addressee: Addressee::Relay(target.clone()), why, warnings };
    }
    let why = match &findings.person {
        Some(person) => format!("{} signed it and can be answered", person.value),
        None if is_shared(&target.address) => {
            format!("{} is a shared mailbox that people read", target.address)
        }
        None => format!("{} looks like a person's own address", target.address),
    };
    Addressing { addressee: Addressee::Person(target.clone()), why, warnings }
}

/// Why the mail itself cannot be answered.
fn obstacle(
    message: &Message,
    findings: &Findings,
    target: &Mailbox,
    own: &[Address],
) -> Option<String> {
    let address = &target.address;
    if is_own(address, own) {
        return Some(format!("{address} is your own address"));
    }
    if takes_no_replies(address) {
        return Some(format!("{address} takes no answers"));
    }
    if address.needs_smtputf8() {
        return Some(format!("{address} cannot be written to: {NEEDS_SMTPUTF8}"));
    }
    if findings.do_not_reply.is_some() {
        return Some("the mail asks not to be answered".to_owned());
    }
    let automatic = &message.header.automatic;
    if automatic.report {
        return Some("it is a delivery report".to_owned());
    }
    if findings.system.as_ref().is_some_and(|found| found.value.relays) {
        // Such systems mark their mail as automatic and pass answers on nevertheless.
        return None;
    }
    if let Some(system) = &findings.system {
        return Some(format!("{} does not pass answers on to a person", system.value.name));
    }
    let mark = if automatic.auto_submitted.is_some() {
        "Auto-Submitted"
    } else if automatic.precedence.is_some() {
        "Precedence"
    } else if automatic.list {
        "List-"
    } else if automatic.suppressed {
        "X-Auto-Response-Suppress"
    } else if message.header.return_path == Some(ReturnPath::Null) {
        "an empty Return-Path"
    } else {
        return None;
    };
    Some(format!("it was sent by a machine (marked by {mark})"))
}

/// Somebody else than the sender: whom the mail names, or who wrote earlier.
fn instead(
    sender: &Mailbox,
    findings: &Findings,
    history: &[EarlierContact],
    own: &[Address],
    why: String,
    warnings: Vec<Warning>,
) -> Addressing {
    let open = |address: &Address| {
        !takes_no_replies(address) && !is_own(address, own) && !address.needs_smtputf8()
    };
    if let Some(named) = &findings.write_to {
        let mailbox = &named.value;
        if open(&mailbox.address) && belong_together(&mailbox.address, &sender.address) {
            let why = format!("{why}, but it asks to write to {} instead", mailbox.address);
            return Addressing { addressee: Addressee::Person(mailbox.clone()), why, warnings };
        }
    }
    let latest = history
        .iter()
        .filter(|contact| open(&contact.mailbox.address))
        .max_by_key(|contact| contact.at);
    match latest {
        Some(contact) => {
            let why = format!(
                "{why}, but {} wrote to you earlier in this application; this will be a new mail",
                contact.mailbox
            );
            Addressing { addressee: Addressee::Earlier(contact.mailbox.clone()), why, warnings }
        }
        None => Addressing {
            addressee: Addressee::Nobody,
            why: format!("{why}, and nobody wrote to you personally before"),
            warnings,
        },
    }
}

/// One organisation may send for another of its hosts; behind a public mail provider
/// every mailbox is somebody else's.
pub fn belong_together(one: &Address, other: &Address) -> bool {
    if PUBLIC_PROVIDERS.contains(&organisation::of(one.domain())) {
        return one.same_mailbox(other);
    }
    organisation::same(one, other)
}

/// Where anybody can have a mailbox.
const PUBLIC_PROVIDERS: [&str; 24] = [
    "gmail.com",
    "googlemail.com",
    "outlook.com",
    "hotmail.com",
    "live.com",
    "msn.com",
    "yahoo.com",
    "yahoo.de",
    "yahoo.fr",
    "aol.com",
    "icloud.com",
    "me.com",
    "mac.com",
    "gmx.de",
    "gmx.net",
    "gmx.at",
    "web.de",
    "t-online.de",
    "freenet.de",
    "posteo.de",
    "mailbox.org",
    "proton.me",
    "protonmail.com",
    "fastmail.com",
];

/// Local parts (letters and digits only) that say "no answers" in one language or another.
const NO_REPLY_PARTS: [&str; 20] = [
    "noreply",
    "donotreply",
    "dontreply",
    "noresponse",
    "noanswer",
    "nichtantworten",
    "keineantwort",
    "nepasrepondre",
    "sansreponse",
    "noresponder",
    "noresponda",
    "norespondas",
    "nonrispondere",
    "naoresponder",
    "nieodpowiadaj",
    "nereplyto",
    "svarainte",
    "svarikke",
    "ikkesvar",
    "nietbeantwoorden",
];

/// Local parts of machines: exactly these, or followed by a mark and more.
const MACHINES: [&str; 10] = [
    "mailerdaemon",
    "mailer-daemon",
    "postmaster",
    "bounce",
    "bounces",
    "notification",
    "notifications",
    "automated",
    "auto-reply",
    "autoreply",
];

/// Nobody reads what is sent there.
pub fn takes_no_replies(address: &Address) -> bool {
    let local = address.local().to_lowercase();
    let letters: String = local.chars().filter(|c| c.is_alphanumeric()).collect();
    let no_reply = NO_REPLY_PARTS.iter().any(|part| letters.contains(part));
    let machine = MACHINES.iter().any(|name| {
        local.strip_prefix(name).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
    });
    no_reply || machine
}

/// Words of mailboxes that several people read.
const SHARED: [&str; 56] = [
    "jobs",
    "job",
    "career",
    "careers",
    "karriere",
    "hr",
    "recruiting",
    "recruitment",
    "recruiter",
    "talent",
    "talents",
    "people",
    "hiring",
    "bewerbung",
    "bewerbungen",
    "personal",
    "office",
    "info",
    "contact",
    "kontakt",
    "team",
    "hello",
    "service",
    "bewerbermanagement",
    "personalabteilung",
    "sekretariat",
    "recrutement",
    "emploi",
    "carriere",
    "carrieres",
    "candidature",
    "candidatures",
    "rh",
    "secretariat",
    "empleo",
    "seleccion",
    "talento",
    "rrhh",
    "candidaturas",
    "candidatos",
    "secretaria",
    "selezione",
    "lavoro",
    "risorse",
    "segreteria",
    "recrutamento",
    "vagas",
    "emprego",
    "vacatures",
    "werving",
    "sollicitatie",
    "sollicitaties",
    "personeel",
    "jobb",
    "rekrytering",
    "karriar",
];

pub(super) fn is_shared(address: &Address) -> bool {
    let local = address.local().to_lowercase();
    local.split(|c: char| !c.is_alphanumeric()).any(is_shared_word)
}

/// Names a mailbox of several people, in lower case.
pub(super) fn is_shared_word(word: &str) -> bool {
    SHARED.contains(&word)
}

/// Only the topmost Authentication-Results counts, and only under the provider's own name
/// where that is known: anybody can write the ones below (RFC 8601 section 7.1).
fn dmarc_failed(message: &Message, authserv_id: Option<&str>) -> bool {
    let Some(top) = message.header.authentication_results.first() else { return false };
    let mut statements = without_comments(top).to_lowercase();
    statements.retain(|c| !c.is_whitespace() || c == ' ');
    let mut parts = statements.split(';');
    let writer = parts.next().unwrap_or_default().split_whitespace().next().unwrap_or_default();
    if authserv_id.is_some_and(|known| !known.eq_ignore_ascii_case(writer)) {
        return false;
    }
    parts.any(|statement| {
        let squeezed: String =
            statement.replace(" =", "=").replace("= ", "=").trim_start().to_owned();
        squeezed.split_whitespace().next() == Some("dmarc=fail")
    })
}

/// RFC 5322 comments may hold anything, `dmarc=fail` too.
fn without_comments(value: &str) -> String {
    let mut depth = 0usize;
    value
        .chars()
        .filter(|c| match c {
            '(' => {
                depth += 1;
                false
            }
            ')' => {
                depth = depth.saturating_sub(1);
                false
            }
            _ => depth == 0,
        })
        .collect()
}

#[cfg(test)]
mod tests;
