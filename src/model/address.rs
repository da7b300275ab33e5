//! Addresses, mailboxes and message identifiers of RFC 5322, each checked once at the door.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// An `addr-spec` (RFC 5322 section 3.4.1): `local@domain`.
///
/// Invariant: one `@` divides two non-empty halves, nothing in it is white space, a
/// control character or one of `<>,;:"\`; the domain is lower case, and a domain of other
/// letters is in its ASCII form (RFC 5890 section 2.3.2.1), so that one domain has one
/// writing. Quoted local parts are refused: no employer's address needs one and they have
/// smuggled headers before.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(String);

/// The text is not an address that one would answer to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a mail address (expected something like name@example.org)")]
pub struct BadAddress(pub String);

/// RFC 5321 section 4.5.3.1: 64 octets of local part, `@`, 255 of domain.
const ADDRESS_MAX_BYTES: usize = 320;

impl Address {
    /// What stands before the `@`, as written.
    pub fn local(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(local, _)| local)
    }

    /// What stands behind the `@`, in lower case.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// Mail to it would need SMTPUTF8 (RFC 6531), which is not spoken here.
    pub fn needs_smtputf8(&self) -> bool {
        !self.0.is_ascii()
    }

    /// The whole address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same mailbox for every practical purpose: local parts differ in case only on
    /// paper (RFC 5321 section 2.4 allows it, no provider does it).
    pub fn same_mailbox(&self, other: &Address) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl FromStr for Address {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, BadAddress> {
        let bad = || BadAddress(text.chars().filter(|c| !c.is_control()).take(80).collect());
        let (local, domain) = text.rsplit_once('@').ok_or_else(bad)?;
        // Before the checks: what a letter stands for may be a `<`.
        let domain = if domain.is_ascii() {
            domain.to_ascii_lowercase()
        } else {
            idna::domain_to_ascii(domain).map_err(|_| bad())?
        };
        let forbidden =
            |c: char| c.is_whitespace() || c.is_control() || "<>(),;:\"\\[]@".contains(c);
        let sound = !local.is_empty()
            && !domain.is_empty()
            && text.len() <= ADDRESS_MAX_BYTES
            && !local.contains(forbidden)
            && !domain.contains(forbidden)
            && !domain.starts_with(['.', '-'])
            && !domain.ends_with(['.', '-'])
            && !domain.contains("..");
        if !sound {
            return Err(bad());
        }
        Ok(Address(format!("{local}@{domain}")))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}>", self.0)
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// A `mailbox` (RFC 5322 section 3.4): an address, perhaps with a display name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mailbox {
    /// The display name, decoded, without control characters; absent rather than empty.
    pub name: Option<String>,
    /// Where mail for it goes.
    pub address: Address,
}

impl Mailbox {
    /// A mailbox whose name is cleaned: no control characters, no blank edges, never empty.
    pub fn new(name: Option<&str>, address: Address) -> Self {
        let name = name
            .map(|n| n.chars().filter(|c| !c.is_control()).collect::<String>().trim().to_owned());
        Mailbox { name: name.filter(|n| !n.is_empty()), address }
    }

    /// A mailbox of an address alone.
    pub fn bare(address: Address) -> Self {
        Mailbox { name: None, address }
    }
}

impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name} <{}>", self.address),
            None => write!(f, "{}", self.address),
        }
    }
}

/// A `msg-id` (RFC 5322 section 3.6.4), kept without its angle brackets.
///
/// Invariant: printable ASCII without white space, `<` or `>`, at most 900 bytes, so that
/// it can be written into a header line as it stands (section 2.1.1 ends lines at 998).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(String);

/// The text is not a message identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Not a message identifier")]
pub struct BadMessageId;

const MESSAGE_ID_MAX_BYTES: usize = 900;

impl MessageId {
    /// The identifier without `<` and `>`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for MessageId {
    type Err = BadMessageId;

    fn from_str(text: &str) -> Result<Self, BadMessageId> {
        let text = text.trim();
        let inner = text.strip_prefix('<').and_then(|t| t.strip_suffix('>')).unwrap_or(text);
        let sound = !inner.is_empty()
            && inner.len() <= MESSAGE_ID_MAX_BYTES
            && inner.bytes().all(|b| b.is_ascii_graphic() && b != b'<' && b != b'>');
        if sound { Ok(MessageId(inner.to_owned())) } else { Err(BadMessageId) }
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}>", self.0)
    }
}

impl fmt::Debug for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}>", self.0)
    }
}

impl Serialize for MessageId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_two_halves_without_anything_that_could_end_a_line() {
        for good in ["anna@example.org", "a.b+c@mail.Example.ORG", "müller@exämple.de"] {
            assert!(good.parse::<Address>().is_ok(), "{good}");
        }
        for bad in [
            "anna",
            "@x.org",
            "anna@",
            "a b@x.org",
            "a@x.org\r\nBcc: b@y.org",
            "a@b@c.org",
            "\"a b\"@x.org",
            "a@.x.org",
            "a@x..org",
            "a@x\u{ff1c}y.org",
            "a@x\u{ff0e}\u{ff0e}org",
            "a@x.org>",
            "a@x.org,b@y.org",
            "a@-x.org",
        ] {
            assert!(bad.parse::<Address>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn only_the_domain_is_folded() {
        let address: Result<Address, _> = "Anna@Example.ORG".parse();
        assert_eq!(address.as_ref().map(Address::as_str), Ok("Anna@example.org"));
        let elsewhere: Result<Address, _> = "Anna@BÜCHER.example".parse();
        assert_eq!(elsewhere.as_ref().map(Address::as_str), Ok("Anna@xn--bcher-kva.example"));
        let other: Result<Address, _> = "anna@example.org".parse();
        assert!(matches!((address, other), (Ok(a), Ok(b)) if a.same_mailbox(&b)));
    }

    #[test]
    fn a_message_id_loses_its_brackets_and_nothing_else() {
        let id: Result<MessageId, _> = " <a.b$c@host> ".parse();
        assert_eq!(id.as_ref().map(MessageId::as_str), Ok("a.b$c@host"));
        for bad in ["", "<>", "a b@c", "a\r\nX: y@c", "ü@c", "<a@b> <c@d>"] {
            assert!(bad.parse::<MessageId>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_display_name_keeps_no_line_break() {
        let address: Address = "a@x.org".parse().unwrap_or_else(|e| panic!("{e}"));
        let mailbox = Mailbox::new(Some("Anna\r\nBcc: x@y.org"), address.clone());
        assert_eq!(mailbox.name.as_deref(), Some("AnnaBcc: x@y.org"));
        assert_eq!(Mailbox::new(Some(" \t"), address).name, None);
    }
}
