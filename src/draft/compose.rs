//! A draft to bytes: always the same ones, so that a digest can be taken over them.
//!
//! Every foreign word passes [`HeaderText`], [`Mailbox`] or [`MessageId`] on its way into
//! a header field, and the built bytes are read back by another parser and compared with
//! what was meant (`readback`): a difference is an error, never a mail.
//! It must not send, choose words, or read the clock.

use std::time::SystemTime;

use jiff::tz::TimeZone;
use lettre::message::header::{ContentTransferEncoding, ContentType};
use lettre::message::{Mailbox as LettreMailbox, SinglePart};
use ring::digest::{Context, SHA256};

use crate::model::address::{Address, Mailbox, MessageId};
use crate::model::addressee::{Addressee, Addressing};
use crate::model::mail::{Digest, Draft, Envelope, HeaderText, Intent, MailDate, Origin, Route};
use crate::model::message::Message;
use crate::model::reply::Claim;

use super::clean::{header_text, is_subject_mark, plain_text};
use super::readback;

/// References longer than this are cut to the first and the last ones, as common
/// practice has it; RFC 5322 sets no limit, servers and archives do.
const REFERENCES_MAX: usize = 50;

/// Why an address with such letters is not written to.
pub const NEEDS_SMTPUTF8: &str =
    "it has letters outside ASCII before the @, which need SMTPUTF8 (RFC 6531)";

/// The mail cannot be made of that draft.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// RFC 6531 addresses need a server extension that is not spoken here.
    #[error("Cannot write to or from `{0}`: {NEEDS_SMTPUTF8}")]
    NotAscii(Address),
    /// The envelope names nobody, or not the recipient of the To field.
    #[error("The envelope does not name the recipient `{0}`")]
    EnvelopeWithoutRecipient(Address),
    /// The library refused a part.
    #[error("Cannot build the mail: {0}")]
    Build(String),
    /// The bytes say something else than the draft.
    #[error("The built mail says something else than the draft in {0}")]
    Differs(&'static str),
    /// What was approved and what would be sent are two mails.
    #[error("The mail is not the one that was approved")]
    NotAsApproved,
}

impl ComposeError {
    /// What the user can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            ComposeError::NotAscii(_) => "Answer this one from your mail program",
            ComposeError::NotAsApproved => "Look at the draft again and approve it anew",
            ComposeError::EnvelopeWithoutRecipient(_)
            | ComposeError::Build(_)
            | ComposeError::Differs(_) => {
                "Edit the draft; if that does not help, answer from your mail program and report it"
            }
        }
    }
}

/// A mail without its Date field: the part that is approved.
///
/// Invariant: its lines end in CRLF, no CR or LF stands alone, all of it is ASCII.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    bytes: Vec<u8>,
}

impl Rendered {
    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// What a draft is assembled from; kept apart so that the same draft can be made again
/// from the facts of a later moment and compared with the approved one.
#[derive(Debug, Clone)]
pub struct Parts<'a> {
    /// The account and its way out.
    pub route: Route,
    /// As whom.
    pub from: Mailbox,
    /// To whom.
    pub addressing: &'a Addressing,
    /// The rejection.
    pub parent: &'a Message,
    /// A follow-up answers this mail of the user's own instead of the rejection.
    pub follows: Option<&'a Draft>,
    /// The subject of a mail that answers none ([`super::template::Templates::subject`]).
    pub new_subject: HeaderText,
    /// A copy to the user's own address, in the envelope only.
    pub bcc_self: bool,
    /// The mail's own identifier.
    pub message_id: MessageId,
    /// The text.
    pub text: String,
    /// What for.
    pub intent: Intent,
    /// Where the text comes from.
    pub origin: Origin,
}

/// A draft of its parts; `None` when nobody is to be written to.
pub fn assemble(parts: Parts<'_>) -> Option<Draft> {
    let to = parts.addressing.addressee.mailbox()?.clone();
    let (subject, in_reply_to, references) = match (parts.follows, &parts.addressing.addressee) {
        (Some(mail), _) => reply_headers(mail),
        (None, Addressee::Chosen(_)) => reply_headers(parts.parent),
        (None, _) if parts.parent.takes_answers_at(&to.address) => reply_headers(parts.parent),
        // Who did not write the parent, and was not named by the user, does not have it: RFC
        // 5322 section 3.6.4 threads answers, and this is none.
        (None, _) => (parts.new_subject, None, Vec::new()),
    };
    let mut envelope = Envelope { from: parts.from.address.clone(), to: vec![to.address.clone()] };
    if parts.bcc_self && !envelope.from.same_mailbox(&to.address) {
        envelope.to.push(envelope.from.clone());
    }
    Some(Draft {
        route: parts.route,
        envelope,
        from: clean_mailbox(&parts.from),
        to: clean_mailbox(&to),
        subject,
        in_reply_to,
        references,
        message_id: parts.message_id,
        text: plain_text(&parts.text),
        intent: parts.intent,
        origin: parts.origin,
    })
}

/// What an answer takes over from the mail that it answers.
#[derive(Debug, Clone, Copy)]
pub struct Answered<'a> {
    subject: &'a str,
    message_id: Option<&'a MessageId>,
    in_reply_to: &'a [MessageId],
    references: &'a [MessageId],
}

impl<'a> From<&'a Message> for Answered<'a> {
    fn from(mail: &'a Message) -> Self {
        Answered {
            subject: &mail.header.subject,
            message_id: mail.header.message_id.as_ref(),
            in_reply_to: &mail.header.in_reply_to,
            references: &mail.header.references,
        }
    }
}

impl<'a> From<&'a Draft> for Answered<'a> {
    fn from(mail: &'a Draft) -> Self {
        Answered {
            subject: mail.subject.as_str(),
            message_id: Some(&mail.message_id),
            in_reply_to: mail.in_reply_to.as_slice(),
            references: &mail.references,
        }
    }
}

/// Subject, In-Reply-To and References of an answer (RFC 5322 section 3.6.4 and 3.6.5):
/// one "Re: ", and identifiers only where the parent has one.
pub fn reply_headers<'a>(
    parent: impl Into<Answered<'a>>,
) -> (HeaderText, Option<MessageId>, Vec<MessageId>) {
    let parent = parent.into();
    let subject = header_text(&format!("Re: {}", without_reply_marks(parent.subject)));
    let Some(id) = parent.message_id.cloned() else {
        return (subject, None, Vec::new());
    };
    let mut chain = match (parent.references, parent.in_reply_to) {
        ([], [only]) => vec![only.clone()],
        (references, _) => references.to_vec(),
    };
    chain.retain(|earlier| *earlier != id);
    chain.push(id.clone());
    if chain.len() > REFERENCES_MAX {
        chain.drain(1..=chain.len() - REFERENCES_MAX);
    }
    (subject, Some(id), chain)
}

fn without_reply_marks(subject: &str) -> &str {
    let mut rest = subject.trim();
    while let Some((mark, after)) = rest.split_once(':') {
        if !is_subject_mark(mark.split('[').next().unwrap_or(mark)) {
            break;
        }
        rest = after.trim();
    }
    rest
}

fn clean_mailbox(mailbox: &Mailbox) -> Mailbox {
    let name = mailbox.name.as_deref().map(header_text);
    Mailbox::new(name.as_ref().map(HeaderText::as_str), mailbox.address.clone())
}

/// A Message-ID of 128 random bits at the user's own mail domain; never the host's name.
/// `None` when the domain cannot stand in an identifier.
pub fn new_message_id(random: [u8; 16], domain: &str) -> Option<MessageId> {
    let hex: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("<{hex}@{domain}>").parse().ok()
}

/// The bytes of a draft, without Date.
pub fn render(draft: &Draft) -> Result<Rendered, ComposeError> {
    for address in [&draft.from.address, &draft.to.address, &draft.envelope.from]
        .into_iter()
        .chain(&draft.envelope.to)
    {
        if address.needs_smtputf8() {
            return Err(ComposeError::NotAscii(address.clone()));
        }
    }
    if !draft.envelope.to.contains(&draft.to.address) {
        return Err(ComposeError::EnvelopeWithoutRecipient(draft.to.address.clone()));
    }
    let bytes = build(draft)?;
    readback::compare(&bytes, draft).map_err(ComposeError::Differs)?;
    Ok(Rendered { bytes })
}

fn build(draft: &Draft) -> Result<Vec<u8>, ComposeError> {
    let failed = |error: &dyn std::fmt::Display| ComposeError::Build(error.to_string());
    let mut builder = lettre::Message::builder()
        // The builder would read the clock; this date is taken out again below.
        .date(SystemTime::UNIX_EPOCH)
        .from(lettre_mailbox(&draft.from)?)
        .to(lettre_mailbox(&draft.to)?)
        .subject(draft.subject.as_str())
        .message_id(Some(draft.message_id.to_string()));
    if let Some(parent) = &draft.in_reply_to {
        builder = builder.in_reply_to(parent.to_string());
    }
    if !draft.references.is_empty() {
        let ids: Vec<String> = draft.references.iter().map(MessageId::to_string).collect();
        builder = builder.references(ids.join(" "));
    }
    // The library ends the last line itself.
    let text = plain_text(&draft.text).replace('\n', "\r\n");
    let part = SinglePart::builder()
        .header(ContentType::TEXT_PLAIN)
        .header(ContentTransferEncoding::QuotedPrintable)
        .body(text.strip_suffix("\r\n").unwrap_or(&text).to_owned());
    let mut message = builder.singlepart(part).map_err(|error| failed(&error))?;
    message.headers_mut().remove_raw("Date");
    Ok(message.formatted())
}

fn lettre_mailbox(mailbox: &Mailbox) -> Result<LettreMailbox, ComposeError> {
    let address = lettre::Address::new(mailbox.address.local(), mailbox.address.domain())
        .map_err(|error| ComposeError::Build(format!("`{}`: {error}", mailbox.address)))?;
    // The library panics on a name with CR or LF in it.
    Ok(LettreMailbox::new(clean_mailbox(mailbox).name, address))
}

/// The whole mail: its Date field stands first, in the user's zone.
pub fn dated(
    rendered: &Rendered,
    date: MailDate,
    zone: &TimeZone,
) -> Result<Vec<u8>, ComposeError> {
    let date = jiff::fmt::rfc2822::to_string(&date.to_zoned(zone.clone()))
        .map_err(|error| ComposeError::Build(error.to_string()))?;
    let mut bytes = format!("Date: {date}\r\n").into_bytes();
    bytes.extend_from_slice(&rendered.bytes);
    Ok(bytes)
}

/// SHA-256 over route, envelope and bytes without Date. Each field is preceded by its
/// length, so that no two mails can share one by shifting words between fields.
pub fn digest(draft: &Draft) -> Result<Digest, ComposeError> {
    Ok(digest_of(draft, &render(draft)?))
}

fn digest_of(draft: &Draft, rendered: &Rendered) -> Digest {
    let mut context = Context::new(&SHA256);
    let mut field = |bytes: &[u8]| {
        context.update(&(bytes.len() as u64).to_be_bytes());
        context.update(bytes);
    };
    field(draft.route.mailbox.as_bytes());
    field(draft.route.transport.as_bytes());
    field(draft.envelope.from.as_str().as_bytes());
    field(&(draft.envelope.to.len() as u64).to_be_bytes());
    for recipient in &draft.envelope.to {
        field(recipient.as_str().as_bytes());
    }
    field(&rendered.bytes);
    let mut digest = [0u8; 32];
    for (to, from) in digest.iter_mut().zip(context.finish().as_ref()) {
        *to = *from;
    }
    Digest(digest)
}

/// The bytes that a claim may send: rendered anew, and refused when their digest is not
/// the approved one.
pub fn bytes_for(claim: &Claim, zone: &TimeZone) -> Result<Vec<u8>, ComposeError> {
    let rendered = render(claim.draft())?;
    if digest_of(claim.draft(), &rendered) != claim.digest() {
        return Err(ComposeError::NotAsApproved);
    }
    dated(&rendered, claim.date(), zone)
}
