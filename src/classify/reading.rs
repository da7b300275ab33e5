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
    /// What stands between quotation marks: somebody else's words.
    citations: Vec<Range<usize>>,
}

/// Shorter than this, quotation marks hold a name or a word, not a statement.
const CITATION_MIN_BYTES: usize = 20;
/// Longer than this, they do not belong together.
const CITATION_MAX_BYTES: usize = 600;

impl Passage {
    fn new(place: Place, mark: Option<Mark>, original: &str) -> Passage {
        let text = Text::new(original);
        let sentences = text.sentences();
        let citations = citations(&text.folded);
        Passage { place, mark, text, sentences, citations }
    }

    /// The words at `hit` of a sentence begin or end between quotation marks.
    pub fn cited(&self, at: usize, hit: &Range<usize>) -> bool {
        let start = self.sentences.get(at).map_or(0, |sentence| sentence.start);
        let ends = [start + hit.start, (start + hit.end).saturating_sub(1)];
        self.citations.iter().any(|cited| ends.iter().any(|end| cited.contains(end)))
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

/// Pairs of quotation marks within a line.
fn citations(text: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut open = None;
    for (at, sign) in text.match_indices(['"', '\n']) {
        open = match open {
            _ if sign == "\n" => None,
            Some(start) if at - start <= CITATION_MAX_BYTES => {
                if at - start >= CITATION_MIN_BYTES {
                    ranges.push(start..at + 1);
                }
                None
            }
            _ => Some(at),
        };
    }
    ranges
}

/// All passages, the subject first; of what no person wrote only what is `wanted`.
pub fn read(message: &Message, wanted: impl Fn(Place) -> bool) -> Vec<Passage> {
    let (header, body) = (&message.header, &message.body);
    let mut passages = vec![
        Passage::new(Place::Subject, None, &header.subject),
        Passage::new(Place::Body, None, &body.new_text),
        Passage::new(Place::Body, None, &body.signature),
        Passage::new(Place::Quoted, Some(Mark::Quoted), &body.quoted),
        Passage::new(Place::Quoted, Some(Mark::Forwarded), &body.forwarded),
    ];
    if wanted(Place::Sender) {
        let senders: Vec<String> =
            header.from.iter().chain(&header.reply_to).map(ToString::to_string).collect();
        passages.push(Passage::new(Place::Sender, None, &senders.join("\n")));
    }
    if wanted(Place::Header) {
        passages.push(Passage::new(Place::Header, None, &fields(message).join("\n")));
    }
    if wanted(Place::Attachment) {
        passages.push(Passage::new(Place::Attachment, None, &body.attachments.join("\n")));
    }
    passages.retain(|passage| !passage.sentences.is_empty());
    passages
}

/// The header fields that a rule may look at.
fn fields(message: &Message) -> Vec<String> {
    let skipped = |name: &str| {
        let name = name.to_ascii_lowercase();
        SKIPPED_FIELDS.iter().any(|skipped| name.starts_with(skipped))
    };
    let fields = message.header.fields.iter().filter(|field| !skipped(&field.name));
    fields.map(|field| format!("{}: {}", field.name, field.value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_between_quotation_marks_is_somebody_elses() {
        let text =
            "they wrote: \"we went on. with others, sorry\" and \"no\".\n\"odd\nthe end is near\"";
        let passage = Passage::new(Place::Body, None, text);
        let cited = |words: &str| {
            (0..passage.sentences.len()).find_map(|at| {
                let start = passage.folded(at).find(words)?;
                Some(passage.cited(at, &(start..start + words.len())))
            })
        };
        assert_eq!(cited("we went on"), Some(true));
        assert_eq!(cited("with others"), Some(true), "the pair spans two sentences");
        assert_eq!(cited("they wrote"), Some(false));
        assert_eq!(cited("no"), Some(false), "a single word is a name");
        assert_eq!(cited("the end is near"), Some(false), "a pair does not span lines");
    }
}
