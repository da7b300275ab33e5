//! One parsed mail: text only, no bytes, no input or output.

use jiff::Timestamp;
use serde::Serialize;

use super::address::{Address, Mailbox, MessageId};

/// Who wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Somebody wrote to the user.
    Incoming,
    /// The user wrote it (From is one of the account's own addresses). Gets no kind.
    Own,
}

/// One mail as the rules, the record and the desk see it.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Who wrote it.
    pub direction: Direction,
    /// What its header says.
    pub header: Header,
    /// What its text says, cut into who said it.
    pub body: Body,
    /// What was odd about it, in the order of being met; each at most once.
    pub defects: Vec<Defect>,
}

/// The header fields that matter here, decoded.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Header {
    /// Message-ID, when it is a valid one.
    pub message_id: Option<MessageId>,
    /// In-Reply-To, valid ones only.
    pub in_reply_to: Vec<MessageId>,
    /// References, oldest first, valid ones only.
    pub references: Vec<MessageId>,
    /// Every mailbox of every From field, in order. More than one field is a [`Defect`].
    pub from: Vec<Mailbox>,
    /// Sender.
    pub sender: Option<Mailbox>,
    /// Reply-To.
    pub reply_to: Vec<Mailbox>,
    /// To.
    pub to: Vec<Mailbox>,
    /// Cc.
    pub cc: Vec<Mailbox>,
    /// Delivered-To, X-Original-To, Envelope-To: which of the user's addresses got it.
    pub delivered_to: Vec<Address>,
    /// Return-Path.
    pub return_path: Option<ReturnPath>,
    /// Subject on one line, without control characters.
    pub subject: String,
    /// Date, when it can be read.
    pub date: Option<Timestamp>,
    /// The date of the topmost Received field: when the user's own provider took it.
    pub received: Option<Timestamp>,
    /// Signs that no person sits at the other end (RFC 3834).
    pub automatic: Automatic,
    /// Authentication-Results fields, topmost first, unfolded (RFC 8601).
    pub authentication_results: Vec<String>,
    /// All fields as `name: value`, unfolded and decoded, in order, bounded; for rules.
    pub fields: Vec<Field>,
}

/// One header field for the rules' `where = "header"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Name as written.
    pub name: String,
    /// Value on one line.
    pub value: String,
}

/// RFC 5321 section 4.5.5: a null reverse-path asks for no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReturnPath {
    /// `<>`
    Null,
    /// An address.
    Address(Address),
}

/// The marks by which RFC 3834 section 2 tells mail that should not be answered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Automatic {
    /// The value of Auto-Submitted when it is not `no`.
    pub auto_submitted: Option<String>,
    /// The value of Precedence when it is `bulk`, `junk` or `list`.
    pub precedence: Option<String>,
    /// Any List-* field (RFC 2369, RFC 2919) is there.
    pub list: bool,
    /// X-Auto-Response-Suppress is there.
    pub suppressed: bool,
    /// The mail is a multipart/report (RFC 6522): a bounce or a receipt.
    pub report: bool,
    /// What a report of a failed delivery says.
    pub failed_delivery: Option<FailedDelivery>,
}

/// A delivery that failed for good (RFC 3464: action `failed`, or a plain text that says so).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedDelivery {
    /// The Message-ID of the mail that was not delivered.
    pub message_id: MessageId,
    /// The server's words, on one line: its diagnostic code, else the status, else the text.
    pub said: String,
}

/// The text, cut by who said it. Each part holds sentences in their original writing:
/// wrapped lines are joined, line breaks that were meant are kept, paragraphs are divided by
/// an empty line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Body {
    /// What the sender wrote in this mail.
    pub new_text: String,
    /// What is quoted from earlier mail.
    pub quoted: String,
    /// What was passed on from somebody else.
    pub forwarded: String,
    /// What stands below the signature mark or reads like one.
    pub signature: String,
    /// File names of attachments.
    pub attachments: Vec<String>,
    /// A text/calendar part is there.
    pub calendar: bool,
    /// The end of the mail was read, too.
    pub complete: bool,
}

/// Something odd in a mail that was read nevertheless.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Defect {
    /// No From field with a readable address.
    NoFrom,
    /// More than one From field (RFC 5322 section 3.6 allows one): the sender is uncertain.
    SeveralFrom,
    /// More than one Subject or Reply-To field.
    RepeatedField,
    /// No Message-ID, or not a valid one.
    BadMessageId,
    /// No Date, or one that cannot be read.
    BadDate,
    /// The charset was missing, unknown or wrong; the text was guessed.
    BadCharset,
    /// A transfer encoding that could not be decoded.
    BadEncoding,
    /// A control character or a line break was hidden in an encoded word.
    HiddenControl,
    /// Multipart without its boundary or its end.
    BrokenMultipart,
    /// The HTML nests deeper or runs longer than is read.
    HtmlCut,
    /// The text is longer than is read.
    TextCut,
    /// Parts nest deeper than is read; the inner ones were left out.
    TooDeep,
    /// Larger than is read at all; only its header was.
    TooLarge,
    /// The parser gave up; only what was found before is here.
    Unreadable,
    /// Nothing to read was found.
    Empty,
}

impl Defect {
    /// What is odd, as the user reads it.
    pub fn sentence(self) -> &'static str {
        match self {
            Defect::NoFrom => "it does not say who sent it",
            Defect::SeveralFrom => "it has several From fields, so its sender is uncertain",
            Defect::RepeatedField => "a header field that may stand once stands twice",
            Defect::BadMessageId => "it has no valid Message-ID",
            Defect::BadDate => "it has no readable Date",
            Defect::BadCharset => "its charset is missing or wrong; the text was guessed",
            Defect::BadEncoding => "a part could not be decoded",
            Defect::HiddenControl => "a control character is hidden in its header",
            Defect::BrokenMultipart => "a multipart has no boundary or no end",
            Defect::HtmlCut => "its HTML is deeper or longer than is read",
            Defect::TextCut => "its text is longer than is read",
            Defect::TooDeep => "its parts nest deeper than is read",
            Defect::TooLarge => "it is larger than is read; only its header was",
            Defect::Unreadable => "the parser gave up on it",
            Defect::Empty => "there is nothing to read in it",
        }
    }
}

impl Message {
    /// The one mailbox in From, when there is exactly one.
    pub fn sender(&self) -> Option<&Mailbox> {
        match self.header.from.as_slice() {
            [one] => Some(one),
            _ => None,
        }
    }

    /// Answers to this mail go to this address (RFC 5322 section 3.6.2).
    pub fn takes_answers_at(&self, address: &Address) -> bool {
        let mut takes = self.header.from.iter().chain(&self.header.reply_to);
        takes.any(|it| it.address.same_mailbox(address))
    }

    /// When it came: the topmost Received, else Date, else when it was first seen, and
    /// never later than that (DESIGN: *received*).
    pub fn received_at(&self, first_seen: Timestamp) -> Timestamp {
        self.header.received.or(self.header.date).unwrap_or(first_seen).min(first_seen)
    }

    /// Notes a defect once.
    pub fn note(&mut self, defect: Defect) {
        if !self.defects.contains(&defect) {
            self.defects.push(defect);
        }
    }
}
