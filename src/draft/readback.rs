//! Reads the built bytes with another parser and compares them with what was meant.
//!
//! It is the second lock on the door of [`super::compose`]: whatever a library does to a
//! value, a mail that says something else than its draft does not exist.

use mail_parser::{HeaderValue, MessageParser, MimeHeaders};

use crate::model::address::{Mailbox, MessageId};
use crate::model::mail::Draft;

use super::clean::plain_text;

/// RFC 5322 section 2.1.1, without the CRLF.
const LINE_MAX_BYTES: usize = 998;

/// What differs, as a word for the error.
pub(super) fn compare(bytes: &[u8], draft: &Draft) -> Result<(), &'static str> {
    lines_are_sound(bytes)?;
    let mut expected = vec!["From", "To", "Subject", "Message-ID"];
    if draft.in_reply_to.is_some() {
        expected.push("In-Reply-To");
    }
    if !draft.references.is_empty() {
        expected.push("References");
    }
    expected.extend(["MIME-Version", "Content-Type", "Content-Transfer-Encoding"]);
    if !same_names(bytes, &expected) {
        return Err("its header fields");
    }
    let parsed = MessageParser::default().parse(bytes).ok_or("its form")?;
    if parsed.parts.len() != 1 {
        return Err("its parts");
    }
    if !is_mailbox(parsed.from(), &draft.from) {
        return Err("From");
    }
    if !is_mailbox(parsed.to(), &draft.to) {
        return Err("To");
    }
    if parsed.subject().unwrap_or_default() != draft.subject.as_str() {
        return Err("Subject");
    }
    if parsed.message_id() != Some(draft.message_id.as_str()) {
        return Err("Message-ID");
    }
    let parent: Vec<MessageId> = draft.in_reply_to.iter().cloned().collect();
    if ids(parsed.in_reply_to()) != strings(&parent) {
        return Err("In-Reply-To");
    }
    if ids(parsed.references()) != strings(&draft.references) {
        return Err("References");
    }
    let plain_utf8 = parsed.content_type().is_some_and(|kind| {
        kind.ctype() == "text"
            && kind.subtype() == Some("plain")
            && kind
                .attribute("charset")
                .is_some_and(|charset| charset.eq_ignore_ascii_case("utf-8"))
    });
    if !plain_utf8 {
        return Err("Content-Type");
    }
    let text = parsed.body_text(0).ok_or("the text")?;
    // No cleaning of what came back: only the line ends of the wire.
    if text.replace("\r\n", "\n") != plain_text(&draft.text) {
        return Err("the text");
    }
    Ok(())
}

/// ASCII, CRLF pairs only, no line too long.
fn lines_are_sound(bytes: &[u8]) -> Result<(), &'static str> {
    let text = std::str::from_utf8(bytes).map_err(|_| "its characters")?;
    let sound = text.is_ascii()
        && text.split("\r\n").all(|line| {
            line.len() <= LINE_MAX_BYTES
                && line.bytes().all(|byte| byte == b'\t' || (b' '..=b'~').contains(&byte))
        });
    if sound { Ok(()) } else { Err("its lines") }
}

/// Exactly these fields, each once.
fn same_names(bytes: &[u8], expected: &[&str]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let head = text.split("\r\n\r\n").next().unwrap_or_default();
    let mut names: Vec<&str> = head
        .split("\r\n")
        .filter(|line| !line.starts_with([' ', '\t']))
        .map(|line| line.split(':').next().unwrap_or_default())
        .collect();
    let mut expected = expected.to_vec();
    names.sort_unstable();
    expected.sort_unstable();
    names == expected
}

fn is_mailbox(found: Option<&mail_parser::Address<'_>>, meant: &Mailbox) -> bool {
    let Some(mail_parser::Address::List(list)) = found else { return false };
    let [one] = list.as_slice() else { return false };
    let name = one.name().filter(|name| !name.is_empty());
    let same_address = one.address().and_then(|address| address.rsplit_once('@')).is_some_and(
        |(local, domain)| local == meant.address.local() && domain == meant.address.domain(),
    );
    same_address && name == meant.name.as_deref()
}

fn ids(value: &HeaderValue<'_>) -> Vec<String> {
    match value {
        HeaderValue::Text(one) => vec![one.to_string()],
        HeaderValue::TextList(list) => list.iter().map(ToString::to_string).collect(),
        _ => Vec::new(),
    }
}

fn strings(ids: &[MessageId]) -> Vec<String> {
    ids.iter().map(|id| id.as_str().to_owned()).collect()
}
