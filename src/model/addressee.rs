//! Who can be answered, and why.

use serde::{Deserialize, Serialize};

use super::address::Mailbox;
use super::findings::named;

/// Who can be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Addressee {
    /// The person who wrote the rejection.
    Person(Mailbox),
    /// A tracking system's address that forwards answers to a person.
    Relay(Mailbox),
    /// Somebody who wrote to the user earlier in the same application; a new mail.
    Earlier(Mailbox),
    /// Whom the user named (`draft ID --to`), against the program's advice.
    Chosen(Mailbox),
    /// Nobody: the rejection is counted and not answered.
    Nobody,
}

/// The decision with its reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addressing {
    /// Who.
    pub addressee: Addressee,
    /// Why, in a sentence for the user; never empty.
    pub why: String,
    /// What the user must see before writing to it.
    pub warnings: Vec<Warning>,
}

/// Why an addressee is not preselected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Warning {
    /// Reply-To is in another organisation than From.
    ReplyToElsewhere,
    /// DMARC failed in the provider's own Authentication-Results.
    DmarcFailed,
    /// Several From mailboxes.
    SeveralFrom,
    /// The sender's domain looks like that of somebody who wrote before, and is another one.
    LookAlike,
    /// None of the user's addresses is among the recipients.
    NotAddressedToUser,
    /// The user overrode "nobody".
    AgainstAdvice,
}

named!(Warning {
    ReplyToElsewhere => "reply-to-elsewhere",
    DmarcFailed => "dmarc-failed",
    SeveralFrom => "several-from",
    LookAlike => "look-alike",
    NotAddressedToUser => "not-addressed-to-user",
    AgainstAdvice => "against-advice",
});

impl Warning {
    /// The sender may be somebody else than it says.
    pub fn is_about_sender(self) -> bool {
        match self {
            Warning::ReplyToElsewhere
            | Warning::DmarcFailed
            | Warning::SeveralFrom
            | Warning::LookAlike => true,
            Warning::NotAddressedToUser | Warning::AgainstAdvice => false,
        }
    }
}

impl Addressing {
    /// Why the sender may be somebody else, if so.
    pub fn about_sender(&self) -> Option<Warning> {
        self.warnings.iter().copied().find(|warning| warning.is_about_sender())
    }
}

impl Addressee {
    /// The mailbox, unless nobody.
    pub fn mailbox(&self) -> Option<&Mailbox> {
        match self {
            Addressee::Person(m)
            | Addressee::Relay(m)
            | Addressee::Earlier(m)
            | Addressee::Chosen(m) => Some(m),
            Addressee::Nobody => None,
        }
    }

    /// Its word in the database and in `--json`.
    pub fn name(&self) -> &'static str {
        match self {
            Addressee::Person(_) => "person",
            Addressee::Relay(_) => "relay",
            Addressee::Earlier(_) => "earlier",
            Addressee::Chosen(_) => "chosen",
            Addressee::Nobody => "nobody",
        }
    }
}
