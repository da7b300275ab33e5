//! What one mail tells about where it belongs, in the form in which it is compared.

use jiff::Timestamp;

use super::begins::begins;
use super::names::{Aliases, reference_key, role_key};
use crate::model::address::{Address, Mailbox, MessageId};
use crate::model::findings::{Findings, Found};
use crate::model::message::{Direction, Message};
use crate::model::verdict::Decision;

/// Links kept of one mail at most: a letter has one or two, a newsletter hundreds.
const TIES_MAX: usize = 8;

/// A shorter piece of a link is a word or a page, not one application's own mark.
const TIE_LENGTH_MIN: usize = 8;

/// A mark that belongs to one application has so many digits; a word has none.
const TIE_DIGITS_MIN: usize = 4;

/// Pages on which a tracking system shows one application.
const OF_ONE_APPLICATION: [&str; 9] = [
    "application",
    "candidate",
    "candidacy",
    "candidature",
    "bewerbung",
    "status",
    "inbox",
    "submission",
    "interview",
];

/// What a mail tells.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// When it was received.
    pub at: Timestamp,
    /// Its Message-ID.
    pub message_id: Option<MessageId>,
    /// What it answers.
    pub in_reply_to: Vec<MessageId>,
    /// The thread that it stands in.
    pub references: Vec<MessageId>,
    /// Names and whereabouts.
    pub told: Told,
}

/// What a mail tells besides its thread.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// Who wrote it.
    pub direction: Direction,
    /// It is the user's own application.
    pub begins: bool,
    /// The decision; `None` for own mail.
    pub decision: Option<Decision>,
    /// The employer, as [`Aliases::key`] writes it.
    pub company: Option<String>,
    /// The name under which a tracking system wrote, as a company is compared: its customer's,
    /// or nobody's.
    pub house: Option<String>,
    /// The role, as [`role_key`] writes it.
    pub role: Option<String>,
    /// The employer's number, folded.
    pub reference: Option<String>,
    /// Who wrote it; of own mail: to whom it went.
    pub address: Option<Address>,
    /// A tracking system wrote it: the address is every employer's.
    pub system: bool,
    /// The marks of its links that belong to one application.
    pub ties: Vec<String>,
}

impl Trace {
    /// What a parsed mail tells.
    pub fn of(
        message: &Message,
        decision: Option<Decision>,
        findings: &Findings,
        aliases: &Aliases,
        at: Timestamp,
    ) -> Trace {
        let header = &message.header;
        let mailbox = match message.direction {
            Direction::Incoming => header.from.first(),
            Direction::Own => header.to.first(),
        };
        let told = Told {
            direction: message.direction,
            begins: begins(message),
            decision,
            company: None,
            house: house(mailbox, findings.system.as_ref().map(|it| &*it.value.name), aliases),
            role: None,
            reference: None,
            address: mailbox.map(|it| it.address.clone()),
            system: findings.system.is_some(),
            ties: ties(message),
        };
        let value = |found: &Option<Found<String>>| found.as_ref().map(|it| it.value.clone());
        let names = [&findings.company, &findings.role, &findings.reference].map(value);
        Trace {
            at,
            message_id: header.message_id.clone(),
            in_reply_to: header.in_reply_to.clone(),
            references: header.references.clone(),
            told: told.naming(names, aliases),
        }
    }
}

/// The name under which this system wrote.
pub fn house(from: Option<&Mailbox>, system: Option<&str>, aliases: &Aliases) -> Option<String> {
    let key = aliases.key(from?.name.as_deref()?);
    let own_name = aliases.key(system?) == key;
    (!own_name && !key.is_empty()).then_some(key)
}

impl Told {
    /// The same with the company, the role and the number that the mail names.
    pub fn naming(self, names: [Option<String>; 3], aliases: &Aliases) -> Told {
        let [company, role, reference] = names;
        let some = |key: String| Some(key).filter(|it| !it.is_empty());
        Told {
            company: company.and_then(|it| some(aliases.key(&it))),
            role: role.and_then(|it| some(role_key(&it))),
            reference: reference.and_then(|it| some(reference_key(&it))),
            ..self
        }
    }
}

/// The marks in a mail that belong to one application: of links to its page, and of a relay's
/// address that answers go to.
pub fn ties(message: &Message) -> Vec<String> {
    let relays = message.header.reply_to.iter().filter_map(|it| {
        let local = it.address.as_str().split('@').next()?;
        marks(local).next()
    });
    let links = message.body.new_text.split_whitespace().filter_map(|word| {
        let (_, rest) = word.split_once("://")?;
        let (_, path) = rest.split_once('/')?;
        let lower = path.to_lowercase();
        let shows = OF_ONE_APPLICATION.iter().any(|it| lower.contains(it));
        shows.then(|| marks(path).last()).flatten()
    });
    let mut ties: Vec<String> = Vec::new();
    for tie in relays.chain(links) {
        if !ties.contains(&tie) && ties.len() < TIES_MAX {
            ties.push(tie);
        }
    }
    ties
}

fn marks(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).filter_map(|piece| {
        let digits = piece.bytes().filter(u8::is_ascii_digit).count();
        let is_mark = piece.len() >= TIE_LENGTH_MIN && digits >= TIE_DIGITS_MIN;
        is_mark.then(|| piece.to_ascii_lowercase())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::message::{Body, Header};

    fn ties_in(text: &str) -> Vec<String> {
        let body = Body { new_text: text.to_owned(), ..Body::default() };
        let header = Header::default();
        ties(&Message { direction: Direction::Incoming, header, body, defects: vec![] })
    }

    #[test]
    fn the_page_of_one_application_ties_and_a_page_for_everybody_does_not() {
        let page = "See https://app.firm.example/applications/7f3e21aa-90b1?utm=1 for more";
        assert_eq!(ties_in(page), ["7f3e21aa-90b1"]);
        for other in [
            "https://firm.example/careers",
            "https://firm.example/application/status",
            "https://firm.example/privacy-policy-20240101",
            "call 0049301234567",
        ] {
            assert_eq!(ties_in(other), Vec::<String>::new(), "{other}");
        }
    }
}
