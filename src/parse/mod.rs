//! Bytes to a [`Message`]; never fails, never lets a panic out.
//!
//! `guard` looks for mail that would break the parser, `attachments` and `alternative` find
//! what nobody reads, `header` and `mime` know mail-parser, `html` makes text of HTML, `cut` tells who said what. This room must not
//! judge what a mail means (that is `classify`), open a file or a socket, or load anything
//! that a mail points at.

mod alternative;
mod attachments;
mod charset;
mod cut;
mod guard;
mod header;
mod html;
mod mime;
mod report;
mod words;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use mail_parser::MessageParser;

use crate::model::address::Address;
use crate::model::message::{Body, Defect, Direction, Header, Message};

/// A mail is read this far: beyond it there are only attachments.
pub const MAIL_MAX_BYTES: usize = 2 * 1024 * 1024;

/// So much new text decides what a mail is; more of it is not asked for.
const ENOUGH_CHARS: usize = 2_000;

/// A mail is read this far, then on to the next as long as its text is short: before the
/// text stand style sheets and pictures, behind it attachments. Nineteen mails of twenty end
/// before the first, so that a footer ("do not reply") is seldom lost. Counted without
/// carriage returns, which one mailbox keeps and another does not.
const STEPS_BYTES: [usize; 2] = [80 * 1024, 320 * 1024];

/// A longer line is cut after all: it is no line.
const LINE_MAX_BYTES: usize = 4 * 1024;

/// Mail with this many parts or nested mails gets a thread with room for it.
const RISKY_BYTES: usize = 256 * 1024;
const BIG_STACK_BYTES: usize = 64 * 1024 * 1024;

/// Reads one mail, as far as its text needs. `complete` is false for a prefix of it; `own`
/// are the account's own addresses, by which the user's own mail is told.
///
/// How far it is read depends on the mail alone, so that it is the same message in every
/// kind of mailbox, however large the pieces were in which it came.
///
/// Every input gives a message: what could not be read is among its defects.
pub fn message(raw: &[u8], complete: bool, own: &[Address]) -> Message {
    let mut message = judged_early(raw).unwrap_or_else(|| read(raw, complete));
    if raw.len() > MAIL_MAX_BYTES {
        message.note(Defect::TooLarge);
    }
    if message.header.from.iter().any(|from| own.iter().any(|o| o.same_mailbox(&from.address))) {
        message.direction = Direction::Own;
    }
    message
}

/// The text visible in this prefix of a mail is enough to judge it, so that a source need
/// not fetch more.
pub fn enough(prefix: &[u8]) -> bool {
    judged_early(prefix).is_some()
}

/// The message that the first bytes are, when they hold enough of its text.
fn judged_early(raw: &[u8]) -> Option<Message> {
    let ends = STEPS_BYTES.iter().map_while(|step| end_of(raw, *step));
    let messages = ends.map(|end| read(raw.get(..end).unwrap_or(raw), false));
    messages.into_iter().find(|message| {
        let seen = message.body.new_text.chars().filter(|c| !c.is_whitespace());
        seen.take(ENOUGH_CHARS).count() == ENOUGH_CHARS
    })
}

/// Where `bytes` of a mail end, not counting carriage returns, if it has so many. A line
/// that is cut there is left out: a letter may stand half in it.
fn end_of(raw: &[u8], bytes: usize) -> Option<usize> {
    let mut end = bytes;
    loop {
        let returns = memchr::memchr_iter(b'\r', raw.get(..end)?).count();
        if bytes + returns == end {
            let line = memchr::memrchr(b'\n', raw.get(..end)?).map(|at| at + 1);
            return Some(line.filter(|line| end - line < LINE_MAX_BYTES).unwrap_or(end));
        }
        end = bytes + returns;
    }
}

/// Reads all of these bytes.
fn read(raw: &[u8], complete: bool) -> Message {
    let mut defects = Vec::new();
    let mut bytes = raw;
    if raw.len() > MAIL_MAX_BYTES {
        bytes = raw.get(..MAIL_MAX_BYTES).unwrap_or(raw);
    }
    if let Some(end) = guard::cut_at(bytes) {
        defects.push(Defect::TooDeep);
        bytes = bytes.get(..end).unwrap_or(bytes);
    }
    let complete = complete && bytes.len() == raw.len();
    let left = left_out(bytes);
    let bytes = left.as_deref().unwrap_or(bytes);
    let ended = guard::closed(bytes);
    if ended.is_some() && complete {
        defects.push(Defect::BrokenMultipart);
    }
    let bytes = ended.as_deref().unwrap_or(bytes);
    let mut message = guarded(bytes).unwrap_or_else(|| {
        defects.push(Defect::Unreadable);
        header_alone(bytes)
    });
    message.body.complete = complete;
    for defect in defects {
        message.note(defect);
    }
    message
}

/// The mail without what nobody reads; `None` when there is nothing of it.
fn left_out(raw: &[u8]) -> Option<Vec<u8>> {
    let mut unread = attachments::unread(raw);
    unread.extend(alternative::unread(raw));
    unread.sort_unstable_by_key(|range| range.start);
    let mut behind = unread.first()?.start;
    let mut kept = raw.get(..behind)?.to_vec();
    for range in unread {
        kept.extend_from_slice(raw.get(behind..range.start).unwrap_or_default());
        behind = range.end.max(behind);
    }
    kept.extend_from_slice(raw.get(behind..)?);
    Some(kept)
}

/// Parses under a net; a large mail on a thread of its own with a big stack.
fn guarded(raw: &[u8]) -> Option<Message> {
    let caught = || catch_unwind(AssertUnwindSafe(|| parsed(raw))).ok().flatten();
    if raw.len() < RISKY_BYTES {
        return caught();
    }
    thread::scope(|scope| {
        let builder = thread::Builder::new().name("parse".to_owned()).stack_size(BIG_STACK_BYTES);
        let spawned = builder.spawn_scoped(scope, caught);
        spawned.ok().and_then(|thread| thread.join().ok()).flatten()
    })
}

fn parsed(raw: &[u8]) -> Option<Message> {
    if raw.trim_ascii().is_empty() {
        return Some(nothing());
    }
    let Some(mail) = MessageParser::new().parse(raw) else { return headless(raw) };
    let (mut header, mut defects) = header::read(raw, mail.headers());
    let content = mime::read(raw, &mail);
    let failed = report::failed_delivery(raw, &mail, &header, &content.text);
    header.automatic.failed_delivery = failed;
    defects.extend(content.defects);
    let parts = cut::cut(&content.text, passes_on(&header.subject));
    let mut message = Message {
        direction: Direction::Incoming,
        header,
        body: Body {
            new_text: parts.new_text,
            quoted: parts.quoted,
            forwarded: parts.forwarded,
            signature: parts.signature,
            attachments: content.attachments,
            calendar: content.calendar,
            complete: true,
        },
        defects: Vec::new(),
    };
    for defect in defects {
        message.note(defect);
    }
    let body = &message.body;
    if body.new_text.is_empty() && body.quoted.is_empty() && body.forwarded.is_empty() {
        message.note(Defect::Empty);
    }
    Some(message)
}

/// The parser refuses what has no header field at all; it is a mail of text alone.
fn headless(raw: &[u8]) -> Option<Message> {
    const HEADER: &[u8] = b"MIME-Version: 1.0\r\n\r\n";
    if raw.starts_with(HEADER) { None } else { parsed(&[HEADER, raw].concat()) }
}

/// No bytes are a mail without header and text; the parser would refuse them.
fn nothing() -> Message {
    let (header, body) = (Header::default(), Body { complete: true, ..Body::default() });
    Message { direction: Direction::Incoming, header, body, defects: vec![Defect::Empty] }
}

/// What is left when the whole could not be parsed: perhaps the header can.
fn header_alone(raw: &[u8]) -> Message {
    let read = || {
        let mail = MessageParser::new().parse_headers(raw)?;
        Some(header::read(raw, mail.headers()))
    };
    let (header, defects) = catch_unwind(AssertUnwindSafe(read)).ok().flatten().unwrap_or_default();
    Message { direction: Direction::Incoming, header, body: Body::default(), defects }
}

fn passes_on(subject: &str) -> bool {
    let subject = subject.to_lowercase();
    words::FORWARD_SUBJECTS.iter().any(|mark| subject.starts_with(mark))
}
