//! Header fields to [`Header`]: every field by itself, bounded, cleaned.
//!
//! mail-parser tells where the fields stand; each is then read from its own bytes, because
//! its `from()` gives the last of two From fields and drops `Mueller, Hans <h@x>`.

use std::borrow::Cow;

use jiff::Timestamp;
use mail_parser::parsers::MessageStream;
use mail_parser::{Addr, Address as Addresses, DateTime, Header as RawField, HeaderValue};

use super::charset;
use crate::model::address::{Address, Mailbox, MessageId};
use crate::model::message::{Automatic, Defect, Field, Header, ReturnPath};

/// One field is read this far: the longest honest ones are DKIM signatures and References.
const FIELD_MAX_BYTES: usize = 8 * 1024;
/// All fields together; the rest of a longer header is not looked at.
const HEADER_MAX_BYTES: usize = 64 * 1024;
/// More mailboxes than this in one field are a mailing, whose further names nobody needs.
const MAILBOXES_MAX: usize = 100;

/// The fields of the top header, with what was odd about them.
pub fn read(raw: &[u8], fields: &[RawField<'_>]) -> (Header, Vec<Defect>) {
    let mut reader = Reader::default();
    let mut total = 0;
    for field in fields {
        let (start, end) = (field.offset_start as usize, field.offset_end as usize);
        let bytes = raw.get(start..end.min(start + FIELD_MAX_BYTES)).unwrap_or_default();
        total += bytes.len();
        if total > HEADER_MAX_BYTES {
            break;
        }
        reader.field(field.name.as_str(), bytes);
    }
    reader.finish()
}

#[derive(Default)]
struct Reader {
    header: Header,
    defects: Vec<Defect>,
    seen_from: usize,
    seen_subject: usize,
    seen_reply_to: usize,
}

impl Reader {
    fn field(&mut self, name: &str, bytes: &[u8]) {
        let (mut text, guessed) = charset::guess(bytes);
        if guessed {
            self.note(Defect::BadCharset);
        }
        // The stream ends a value at a line feed that no blank follows.
        if !text.ends_with('\n') {
            text.push('\n');
        }
        let value = self.clean(&decoded(&text));
        let lower = name.to_ascii_lowercase();
        match lower.as_str() {
            "from" => {
                self.seen_from += 1;
                let mailboxes = self.mailboxes(&text);
                self.header.from.extend(mailboxes);
            }
            "sender" => self.header.sender = self.mailboxes(&text).into_iter().next(),
            "reply-to" => {
                self.seen_reply_to += 1;
                let mailboxes = self.mailboxes(&text);
                self.header.reply_to.extend(mailboxes);
            }
            "to" => {
                let mailboxes = self.mailboxes(&text);
                self.header.to.extend(mailboxes);
            }
            "cc" => {
                let mailboxes = self.mailboxes(&text);
                self.header.cc.extend(mailboxes);
            }
            "subject" => {
                self.seen_subject += 1;
                if self.seen_subject == 1 {
                    self.header.subject.clone_from(&value);
                }
            }
            "date" => self.header.date = self.header.date.or_else(|| date_of(&text)),
            "received" if self.header.received.is_none() => {
                self.header.received = received_date(&value);
            }
            "message-id" | "in-reply-to" | "references" => self.identifiers(&lower, &value),
            "delivered-to" | "x-original-to" | "envelope-to" | "x-envelope-to" => {
                let bare = value.trim_matches(['<', '>']).parse::<Address>().ok();
                self.header.delivered_to.extend(bare);
            }
            "return-path" => self.header.return_path = return_path(&value),
            "authentication-results" => self.header.authentication_results.push(value.clone()),
            _ => {}
        }
        self.automatic(&lower, &value);
        self.header.fields.push(Field { name: name.to_owned(), value });
    }

    fn identifiers(&mut self, name: &str, value: &str) {
        let ids = value
            .split(|c: char| c.is_whitespace() || c == ',')
            .filter(|word| word.starts_with('<') && word.ends_with('>'))
            .filter_map(|word| word.parse::<MessageId>().ok());
        match name {
            "message-id" => {
                let whole = value.parse().ok();
                self.header.message_id = self.header.message_id.take().or(whole);
            }
            "in-reply-to" => self.header.in_reply_to.extend(ids),
            _ => self.header.references.extend(ids),
        }
    }

    /// RFC 3834 section 2, and what programs send in its place.
    fn automatic(&mut self, name: &str, value: &str) {
        let automatic: &mut Automatic = &mut self.header.automatic;
        let word = value.split([';', ' ']).next().unwrap_or("").to_ascii_lowercase();
        match name {
            "auto-submitted" if word != "no" && !word.is_empty() => {
                automatic.auto_submitted = Some(word);
            }
            "precedence" if ["bulk", "junk", "list"].contains(&word.as_str()) => {
                automatic.precedence = Some(word);
            }
            "x-auto-response-suppress" => automatic.suppressed = true,
            "content-type" if word.starts_with("multipart/report") => automatic.report = true,
            _ if name.starts_with("list-") => automatic.list = true,
            _ => {}
        }
    }

    fn mailboxes(&mut self, text: &str) -> Vec<Mailbox> {
        let HeaderValue::Address(list) = MessageStream::new(text.as_bytes()).parse_address() else {
            return Vec::new();
        };
        let entries: Vec<Addr<'_>> = match list {
            Addresses::List(list) => list,
            Addresses::Group(groups) => groups.into_iter().flat_map(|g| g.addresses).collect(),
        };
        let mut mailboxes = Vec::new();
        // What an unquoted comma cut off the front of a display name.
        let mut front = String::new();
        for entry in entries.into_iter().take(MAILBOXES_MAX) {
            let name = entry.name.map(|name| self.clean(&name));
            match entry.address.as_deref().and_then(|a| a.trim().parse::<Address>().ok()) {
                Some(address) => {
                    let whole = match (front.is_empty(), name) {
                        (true, name) => name,
                        (false, Some(name)) => Some(format!("{front}, {name}")),
                        (false, None) => Some(std::mem::take(&mut front)),
                    };
                    front.clear();
                    mailboxes.push(Mailbox::new(whole.as_deref(), address));
                }
                None => front = name.unwrap_or_default(),
            }
        }
        mailboxes
    }

    /// One line without control characters; notes when an encoded word had hidden some.
    fn clean(&mut self, text: &str) -> String {
        // Nearly every field is clean as it stands.
        let plain = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
        if text.bytes().all(plain) && !text.contains("  ") {
            return text.trim_matches(' ').to_owned();
        }
        if text.chars().any(|c| c.is_control() && c != '\t') {
            self.note(Defect::HiddenControl);
        }
        let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        spaced.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn note(&mut self, defect: Defect) {
        if !self.defects.contains(&defect) {
            self.defects.push(defect);
        }
    }

    fn finish(mut self) -> (Header, Vec<Defect>) {
        if self.header.from.is_empty() {
            self.note(Defect::NoFrom);
        }
        if self.seen_from > 1 {
            self.note(Defect::SeveralFrom);
        }
        if self.seen_subject > 1 || self.seen_reply_to > 1 {
            self.note(Defect::RepeatedField);
        }
        if self.header.message_id.is_none() {
            self.note(Defect::BadMessageId);
        }
        if self.header.date.is_none() {
            self.note(Defect::BadDate);
        }
        (self.header, self.defects)
    }
}

/// Unfolded, with RFC 2047 encoded words decoded. Only the ends of folded lines are taken
/// away here, so that a line break from inside an encoded word is still seen as hidden.
fn decoded(text: &str) -> String {
    if !text.contains("=?") {
        return unfolded(text);
    }
    match MessageStream::new(text.as_bytes()).parse_unstructured() {
        HeaderValue::Text(Cow::Borrowed(value)) => unfolded(value),
        HeaderValue::Text(Cow::Owned(value)) => value,
        _ => unfolded(text),
    }
}

fn unfolded(text: &str) -> String {
    text.trim().replace("\r\n", " ").replace('\n', " ")
}

fn date_of(text: &str) -> Option<Timestamp> {
    match MessageStream::new(text.as_bytes()).parse_date() {
        HeaderValue::DateTime(date) => timestamp(&date),
        _ => None,
    }
}

/// RFC 5321 section 4.4: the date stands behind the last semicolon.
fn received_date(value: &str) -> Option<Timestamp> {
    let (_, date) = value.rsplit_once(';')?;
    date_of(&format!("{}\n", date.trim()))
}

fn timestamp(date: &DateTime) -> Option<Timestamp> {
    // `to_timestamp` computes something for a thirteenth month, too.
    let sound = date.is_valid() && date.year >= 1970;
    sound.then(|| Timestamp::from_second(date.to_timestamp()).ok()).flatten()
}

fn return_path(value: &str) -> Option<ReturnPath> {
    match value.trim_matches(['<', '>', ' ']) {
        "" => Some(ReturnPath::Null),
        address => address.parse().ok().map(ReturnPath::Address),
    }
}
