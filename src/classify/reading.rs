//! A message as the engine reads it: folded texts by place, cut into sentences.

use std::ops::Range;

use super::fold::Text;
use crate::model::message::Message;
use crate::model::verdict::{Mark, Place};

/// Header fields that are long, say nothing to a reader, and differ in every mail.
const SKIPPED_FIELDS: &[&str] =
    &["received", "dkim-", "arc-", "authentication-", "x-google-", "x-ms-"];

/// One text of the message.
pub struct Passage {
    pub place: Place,
    /// The mark that all of it carries.
    pub mark: Option<Mark>,
    pub text: Text,
    pub sentences: Vec<Range<usize>>,
}

impl Passage {
    fn new(place: Place, mark: Option<Mark>, original: &str) -> Passage {
        let text = Text::new(original);
        let sentences = text.sentences();
        Passage { place, mark, text, sentences }
    }

    /// A sentence in lower case.
    pub fn folded(&self, at: usize) -> &str {
        self.sentences.get(at).and_then(|s| self.text.folded.get(s.clone())).unwrap_or("")
    }

    /// The same in the writer's letters.
    pub fn clean(&self, at: usize) -> &str {
        self.sentences.get(at).and_then(|s| self.text.clean.get(s.clone())).unwrap_or("")
    }
}

/// All passages, the subject first.
pub fn read(message: &Message) -> Vec<Passage> {
    let (header, body) = (&message.header, &message.body);
    let mut passages = vec![
        Passage::new(Place::Subject, None, &header.subject),
        Passage::new(Place::Body, None, &body.new_text),
        Passage::new(Place::Body, None, &body.signature),
        Passage::new(Place::Quoted, Some(Mark::Quoted), &body.quoted),
        Passage::new(Place::Quoted, Some(Mark::Forwarded), &body.forwarded),
    ];
    let senders: Vec<String> =
        header.from.iter().chain(&header.reply_to).map(ToString::to_string).collect();
    passages.push(Passage::new(Place::Sender, None, &senders.join("\n")));
    let fields: Vec<String> = header
        .fields
        .iter()
        .filter(|field| {
            let name = field.name.to_ascii_lowercase();
            !SKIPPED_FIELDS.iter().any(|skipped| name.starts_with(skipped))
        })
        .map(|field| format!("{}: {}", field.name, field.value))
        .collect();
    passages.push(Passage::new(Place::Header, None, &fields.join("\n")));
    passages.push(Passage::new(Place::Attachment, None, &body.attachments.join("\n")));
    passages.retain(|passage| !passage.sentences.is_empty());
    passages
}
