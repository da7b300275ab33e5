//! A moment for the user: what went well so far, and what the user thought of it.
//!
//! Reflections are read here and nowhere else; no mail, no figure and no rule knows of them.

use jiff::Timestamp;
use rusqlite::Transaction;
use serde::Serialize;

use super::feedback::Entry;
use super::{Desk, DeskError};
use crate::classify::answers;
use crate::draft::tone;
use crate::model::answer::AnswerKind;
use crate::model::findings::Reached;
use crate::model::ids::{MessageNo, ReplyNo};
use crate::model::reflection::{Question, Reflection};
use crate::model::reply::ReplyState;
use crate::model::visibility::Visibility;
use crate::store::applications::{self, Whole};
use crate::store::{StoreError, messages, reflections, replies};

/// Longer answers to a question are a diary; the rest is cut.
pub const REFLECTION_MAX_CHARS: usize = 2_000;

/// A greeting has no more words than this.
const GREETING_WORDS_MAX: usize = 5;

/// What went well, as far as the mailbox tells. The field names are those of `wins --json`
/// and stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Applications that came to an interview or an assessment.
    pub interviews: usize,
    /// Applications that came to an offer.
    pub offers: usize,
    /// Answers that people wrote to the user's replies.
    pub answers: usize,
    /// Of these: feedback.
    pub feedback: usize,
}

/// A kind word: the sentence of a rejection or an answer that says something good, or the
/// first one of a warm answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KindWords {
    /// The mail.
    pub message: Option<MessageNo>,
    /// When it was received.
    pub received: Timestamp,
    /// The employer, when it is known.
    pub company: Option<String>,
    /// The sentence.
    pub text: String,
}

/// A reflection with what it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Thought {
    /// Its number.
    pub no: i64,
    /// When it was written.
    pub at: Timestamp,
    /// After which reply.
    pub reply: ReplyNo,
    /// The employer, when it is known.
    pub company: Option<String>,
    /// The position, when it is known.
    pub role: Option<String>,
    /// What was asked.
    pub question: Question,
    /// What the user answered.
    pub text: String,
}

/// Everything that `regards wins` shows.
#[derive(Debug, Clone)]
pub struct Wins {
    /// Counted from the mailbox.
    pub counts: Counts,
    /// The latest first.
    pub kind_words: Vec<KindWords>,
    /// The latest first.
    pub reflections: Vec<Thought>,
}

impl Wins {
    /// There is nothing to show yet.
    pub fn is_empty(&self) -> bool {
        let Counts { interviews, offers, answers, feedback } = &self.counts;
        let told = self.reflections.is_empty() && self.kind_words.is_empty();
        told && interviews + offers + answers + feedback == 0
    }
}

impl Desk {
    /// What went well and what the user thought of it, as of what may be known.
    ///
    /// # Errors
    /// The store's.
    pub fn wins(&mut self) -> Result<Wins, DeskError> {
        let answers = self.feedback(false)?;
        let (wholes, reflections, mut kind_words) = self.store().read(|tx| {
            let wholes = applications::all(tx, Visibility::Released)?;
            let mut kind_words = Vec::new();
            for whole in &wholes {
                kind_words.extend(kind_rejections(tx, whole)?);
            }
            Ok((wholes, reflections::answered(tx)?, kind_words))
        })?;
        let reached = |far| wholes.iter().filter(|whole| whole.furthest() >= far).count();
        let counts = Counts {
            interviews: reached(Reached::Talks),
            offers: reached(Reached::Offer),
            answers: answers.len(),
            feedback: answers.iter().filter(|it| it.kind == AnswerKind::Given).count(),
        };
        kind_words.extend(answers.into_iter().filter_map(kind_answer));
        kind_words.sort_by_key(|it| std::cmp::Reverse(it.received));
        Ok(Wins {
            counts,
            kind_words,
            reflections: reflections.into_iter().map(|it| thought(&wholes, it)).collect(),
        })
    }

    /// What the user may be asked after this reply was dealt with: the question that was
    /// asked least so far. `None` when the user wants none, was asked after this reply
    /// before, or it still waits.
    ///
    /// # Errors
    /// The store's.
    pub fn question(&mut self, no: ReplyNo) -> Result<Option<Question>, DeskError> {
        if !self.settings.questions {
            return Ok(None);
        }
        Ok(self.store().read(|tx| {
            let waits = matches!(replies::get(tx, no)?.state, ReplyState::Drafted { .. });
            if waits || reflections::was_asked(tx, no)? {
                return Ok(None);
            }
            let mut least = None;
            for question in Question::ALL {
                let times = reflections::times_asked(tx, *question)?;
                if least.is_none_or(|(before, _)| times < before) {
                    least = Some((times, *question));
                }
            }
            Ok(least.map(|(_, question)| question))
        })?)
    }

    /// Keeps what the user answered; nothing but blanks is no answer.
    ///
    /// # Errors
    /// The store's.
    pub fn reflect(
        &mut self,
        no: ReplyNo,
        question: Question,
        text: &str,
        now: Timestamp,
    ) -> Result<(), DeskError> {
        let text: String = text.trim().chars().take(REFLECTION_MAX_CHARS).collect();
        let text = Some(text.as_str()).filter(|text| !text.is_empty());
        Ok(self.store().write(|tx| {
            let reply = replies::get(tx, no)?;
            reflections::note(tx, &reply, question, text, now)
        })?)
    }

    /// Erases a reflection.
    ///
    /// # Errors
    /// When there is none of this number.
    pub fn forget_reflection(&mut self, no: i64) -> Result<(), DeskError> {
        let gone = self.store().write(|tx| reflections::forget(tx, no))?;
        let absent = || StoreError::NotFound(format!("reflection {no}"));
        if gone { Ok(()) } else { Err(absent().into()) }
    }
}

fn thought(wholes: &[Whole], it: Reflection) -> Thought {
    let about = wholes.iter().map(|whole| &whole.application).find(|a| a.no == it.application);
    Thought {
        no: it.no,
        at: it.at,
        reply: it.reply,
        company: about.and_then(|it| it.company.clone()),
        role: about.and_then(|it| it.role.clone()),
        question: it.question,
        text: it.text,
    }
}

/// What is kind in an answer. One that is warm and nothing else is kind as a whole.
fn kind_answer(it: Entry) -> Option<KindWords> {
    let letter = it.text.as_deref()?;
    let warm = || first_sentence(letter).filter(|_| it.kind == AnswerKind::Warm);
    let text = answers::kind_word(letter).or_else(warm)?;
    Some(KindWords { message: it.message, received: it.received, company: it.company, text })
}

/// What is kind in the rejections of an application.
fn kind_rejections(tx: &Transaction<'_>, whole: &Whole) -> Result<Vec<KindWords>, StoreError> {
    let mut found = Vec::new();
    for it in whole.messages.iter().filter(|it| it.is_rejection()) {
        // The application has its mails without their words.
        let letter = messages::get(tx, it.no, Visibility::Released)?.text;
        found.extend(letter.as_deref().and_then(answers::kind_word).map(|text| KindWords {
            message: Some(it.no),
            received: it.received_at,
            company: whole.application.company.clone(),
            text,
        }));
    }
    Ok(found)
}

/// The first sentence of a letter behind its greeting.
fn first_sentence(letter: &str) -> Option<String> {
    let mut lines = letter.lines().map(str::trim).skip_while(|line| line.is_empty()).peekable();
    if lines.peek().is_some_and(|line| is_greeting(line)) {
        lines.next();
    }
    let paragraph = lines.skip_while(|line| line.is_empty()).take_while(|line| !line.is_empty());
    let words: Vec<&str> = paragraph.flat_map(str::split_whitespace).collect();
    // "e.g." and "Dr." end no sentence, and neither does what goes on in small letters.
    let ends = |at: usize, word: &str| {
        let bare = word.trim_end_matches(['"', '”', '’', ')']);
        let stop = bare.ends_with(['!', '?']) || bare.ends_with('.') && bare.len() > 3;
        let next = words.get(at.saturating_add(1));
        stop && next.is_none_or(|next| !next.starts_with(char::is_lowercase))
    };
    let end = words.iter().enumerate().find(|(at, word)| ends(*at, word));
    let sentence = match end {
        Some((at, _)) => words.iter().take(at.saturating_add(1)).copied().collect::<Vec<_>>(),
        None => words,
    };
    Some(sentence.join(" ")).filter(|it| !it.is_empty())
}

fn is_greeting(line: &str) -> bool {
    line.split_whitespace().count() <= GREETING_WORDS_MAX
        && (line.ends_with([',', ':']) || line.ends_with('!') && tone::begins_with_greeting(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_sentence_stands_behind_the_greeting() {
        let cases = [
            ("Dear Alex,\n\nwhat a kind letter! All the best.\n\nNora", "what a kind letter!"),
            (
                "Hallo Alex!\n\nVielen Dank für deine\nNachricht. Bis bald.",
                "Vielen Dank für deine Nachricht.",
            ),
            ("Hi Alex, thank you so much. We will\nmeet again.", "Hi Alex, thank you so much."),
            ("\n\nThanks!\n\nNora", "Thanks!"),
            (
                "Dr. Berg and I liked your letter, e.g. its end. Bye.",
                "Dr. Berg and I liked your letter, e.g. its end.",
            ),
            ("It was good to read \"Thank you.\" Bye", "It was good to read \"Thank you.\""),
            ("no end at all", "no end at all"),
        ];
        for (letter, sentence) in cases {
            assert_eq!(first_sentence(letter).as_deref(), Some(sentence), "{letter}");
        }
        assert_eq!(first_sentence("Dear Alex,\n\n"), None);
        assert_eq!(first_sentence(""), None);
    }
}
