//! The parts of a mail to one text, its attachments and its calendar. The only other
//! place besides `header` that knows mail-parser.

use std::borrow::Cow;

use mail_parser::decoders::{base64::base64_decode, quoted_printable::quoted_printable_decode};
use mail_parser::{Encoding, HeaderValue, Message as Parsed, MessagePart, MimeHeaders, PartType};

use super::{charset, html};
use crate::model::message::Defect;

/// Text beyond this is not read: no answer to an application is as long as a novel.
const TEXT_MAX_BYTES: usize = 256 * 1024;
/// HTML beyond this is not read; the text of a mail begins earlier even after the
/// largest style sheets seen.
const HTML_MAX_BYTES: usize = 1024 * 1024;
/// A plain part shorter than a quarter of what the HTML says, and shorter than this, is a
/// stand-in ("please view this mail in HTML").
const STAND_IN_MAX_CHARS: usize = 400;
/// More attachments than this are not listed.
const ATTACHMENTS_MAX: usize = 50;

/// What the parts of a mail hold.
#[derive(Default)]
pub struct Content {
    /// The text as sent, lines and all.
    pub text: String,
    /// File names of attachments.
    pub attachments: Vec<String>,
    /// A text/calendar part is there.
    pub calendar: bool,
    /// What was odd.
    pub defects: Vec<Defect>,
}

/// Reads the parts of `parsed`, whose bytes are `raw`.
pub fn read(raw: &[u8], parsed: &Parsed<'_>) -> Content {
    let mut content = Content::default();
    let plain = join(&mut content, raw, parsed, &parsed.text_body, false);
    // In a mail without alternative the same parts stand in both lists.
    let other = parsed.html_body != parsed.text_body && may_be_stand_in(&plain);
    let rich = other.then(|| join(&mut content, raw, parsed, &parsed.html_body, true));
    content.text = match rich {
        Some(rich) if prefers_html(&plain, &rich) => rich,
        _ => plain,
    };
    for part in &parsed.parts {
        if part.is_content_type("text", "calendar") || part.is_content_type("application", "ics") {
            content.calendar = true;
        }
        if part.is_encoding_problem && !matches!(part.body, PartType::Multipart(_)) {
            content.note(Defect::BadEncoding);
        }
        if content.attachments.len() < ATTACHMENTS_MAX {
            content.attachments.extend(file_name(part));
        }
    }
    if content.text.trim().is_empty() {
        content.text = last_resort(&mut content, raw, parsed);
    }
    content
}

impl Content {
    fn note(&mut self, defect: Defect) {
        if !self.defects.contains(&defect) {
            self.defects.push(defect);
        }
    }
}

/// The plain part is what the sender means readers without HTML to see; it is taken
/// unless it is empty or plainly a stand-in.
fn prefers_html(plain: &str, rich: &str) -> bool {
    let (plain_length, rich_length) = (seen(plain), seen(rich));
    if plain_length == 0 {
        return rich_length > 0;
    }
    looks_like_html(plain) && rich_length > 0
        || plain_length < STAND_IN_MAX_CHARS && rich_length > plain_length.saturating_mul(4)
}

/// Whether the HTML is worth a look.
fn may_be_stand_in(plain: &str) -> bool {
    looks_like_html(plain) || seen(plain) < STAND_IN_MAX_CHARS
}

/// Whether a text is read whatever the HTML beside it says, as far as it can be told before
/// its charset is known: from its letters in ASCII.
pub fn speaks_for_itself(bytes: &[u8], encoding: &[u8]) -> bool {
    let decoded = match encoding.to_ascii_lowercase().as_slice() {
        b"" | b"7bit" | b"8bit" => Some(Cow::Borrowed(bytes)),
        b"quoted-printable" => quoted_printable_decode(bytes).map(Cow::Owned),
        b"base64" => base64_decode(bytes).map(Cow::Owned),
        _ => None,
    };
    decoded.is_some_and(|bytes| {
        let text = String::from_utf8_lossy(&bytes);
        let letters = bytes.iter().filter(|byte| byte.is_ascii_graphic()).count();
        letters >= STAND_IN_MAX_CHARS && !looks_like_html(&text) && !is_html_by_mistake(&text)
    })
}

fn looks_like_html(plain: &str) -> bool {
    let begins = plain.trim_start();
    begins.starts_with("<html")
        || begins.starts_with("<!DOCTYPE")
        || plain.contains("</") && plain.matches("</").count() > 5
}

fn seen(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
}

/// The bodies of one flavour, one after the other.
fn join(content: &mut Content, raw: &[u8], parsed: &Parsed<'_>, ids: &[u32], rich: bool) -> String {
    let mut whole = String::new();
    for part in ids.iter().filter_map(|id| parsed.part(*id)) {
        // In a mail without alternative the same part stands in both lists.
        let text = match &part.body {
            PartType::Text(text) if is_html_by_mistake(text) => to_text(content, text),
            PartType::Text(text) => repaired(content, raw, part, text),
            PartType::Html(text) if rich || parsed.html_body == parsed.text_body => {
                let text = repaired(content, raw, part, text);
                to_text(content, &text)
            }
            _ => continue,
        };
        if !whole.is_empty() {
            whole.push_str("\n\n");
        }
        whole.push_str(&text);
        if whole.len() > TEXT_MAX_BYTES {
            content.note(Defect::TextCut);
            whole = prefix(&whole, TEXT_MAX_BYTES).to_owned();
            break;
        }
    }
    whole
}

/// HTML sent as text/plain: a whole document, or a piece of one with its line ends in it.
fn is_html_by_mistake(text: &str) -> bool {
    let head = text.trim_start().get(..9).unwrap_or("").to_ascii_lowercase();
    let paragraphs = ["</p>", "<br>", "<br/>", "<br />", "</div>"];
    head.starts_with("<html")
        || head.starts_with("<!doctype")
        || text.contains('<')
            && paragraphs.iter().map(|tag| text.matches(tag).count()).sum::<usize>() >= 2
}

fn to_text(content: &mut Content, text: &str) -> String {
    let bounded = prefix(text, HTML_MAX_BYTES);
    let (plain, cut) = html::to_text(bounded);
    if cut || bounded.len() < text.len() {
        content.note(Defect::HtmlCut);
    }
    plain
}

/// The decoded text, read again when its charset was missing or wrong.
fn repaired(content: &mut Content, raw: &[u8], part: &MessagePart<'_>, text: &str) -> String {
    if text.contains('\u{fffd}')
        && let Some(bytes) = undecoded(raw, part)
    {
        let (guessed, damaged) = charset::guess(&bytes);
        let lost = |text: &str| text.matches('\u{fffd}').count();
        if lost(&guessed) < lost(text) {
            if damaged {
                content.note(Defect::BadCharset);
            }
            return guessed;
        }
    }
    if let Some(text) = charset::undo_double_encoding(text) {
        content.note(Defect::BadCharset);
        return text;
    }
    text.to_owned()
}

/// The part's bytes after its transfer encoding and before any charset.
fn undecoded(raw: &[u8], part: &MessagePart<'_>) -> Option<Vec<u8>> {
    let bytes = raw.get(part.offset_body as usize..part.offset_end as usize)?;
    match part.encoding {
        Encoding::None => Some(bytes.to_vec()),
        Encoding::QuotedPrintable => quoted_printable_decode(bytes),
        Encoding::Base64 => base64_decode(bytes),
    }
}

fn file_name(part: &MessagePart<'_>) -> Option<String> {
    let name = part.attachment_name()?;
    let clean: String = name.chars().filter(|c| !c.is_control()).take(200).collect();
    (!clean.trim().is_empty()).then_some(clean)
}

/// A mail none of whose parts is a body (a broken multipart, a lone text attachment):
/// the first text that any part holds.
fn last_resort(content: &mut Content, raw: &[u8], parsed: &Parsed<'_>) -> String {
    for part in &parsed.parts {
        let text = match &part.body {
            PartType::Text(text) => repaired(content, raw, part, text),
            PartType::Html(text) => to_text(content, text),
            _ => continue,
        };
        if text.trim().is_empty() {
            continue;
        }
        if is_multipart(part) {
            content.note(Defect::BrokenMultipart);
        }
        return prefix(&text, TEXT_MAX_BYTES).to_owned();
    }
    String::new()
}

fn is_multipart(part: &MessagePart<'_>) -> bool {
    part.headers.iter().any(|field| {
        matches!(&field.value, HeaderValue::ContentType(kind) if kind.c_type.eq_ignore_ascii_case("multipart"))
    })
}

/// At most `max` bytes, ended between two characters.
fn prefix(text: &str, max: usize) -> &str {
    let mut end = max.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or(text)
}
