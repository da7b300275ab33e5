//! What an answer to one of the user's own replies says. Its rules stand apart from the
//! others: they are asked about such answers only and judge no other mail.

use std::sync::LazyLock;

use super::compile::Set;
use super::engine::{Engine, Fired};
use super::{Known, RuleFile, compile};
use crate::model::answer::Theme;
use crate::model::message::{Body, Direction, Header, Message};
use crate::model::verdict::Place;

const FILE: &str = include_str!("../../rules/replies/answers.toml");
const MARKS: &str = include_str!("../../rules/00-marks.toml");

// A test compiles the file and runs its lines; should it not compile all the same, every
// answer is one without feedback.
static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::new(shipped().unwrap_or_default()));

fn shipped() -> Result<Set, Vec<super::RuleError>> {
    let file = |name: &str, text: &str| RuleFile { name: name.to_owned(), text: text.to_owned() };
    compile::compile(&[], &[file("00-marks.toml", MARKS), file("replies/answers.toml", FILE)])
}

/// What was read of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Said {
    /// It says what decided it, or what to do better.
    pub gives: bool,
    /// It says that there will be no feedback.
    pub refuses: bool,
    /// What it is about, in a fixed order.
    pub themes: Vec<Theme>,
}

/// Reads what the sender wrote, never what is quoted.
pub fn read(message: &Message) -> Said {
    let fired = fired(&ENGINE, message);
    let holds =
        |symbol: &str| fired.iter().any(|it| it.symbol == symbol && it.place == Place::Body);
    let themes = Theme::ALL.iter().copied();
    Said {
        gives: holds("GIVES"),
        refuses: holds("REFUSES"),
        themes: themes.filter(|it| holds(&format!("THEME_{}", it.name().to_uppercase()))).collect(),
    }
}

/// The first sentence of a letter that says something good of the applicant.
pub fn kind_word(letter: &str) -> Option<String> {
    let body = Body { new_text: letter.to_owned(), ..Body::default() };
    let header = Header::default();
    let message = Message { direction: Direction::Incoming, header, body, defects: Vec::new() };
    // "If we were impressed by your papers, we call you."
    let kind = |it: &Fired<'_>| it.symbol == "KIND" && it.place == Place::Body && it.mark.is_none();
    let found = fired(&ENGINE, &message).into_iter().find(kind)?;
    Some(found.sentence.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn fired<'r>(engine: &'r Engine, message: &Message) -> Vec<Fired<'r>> {
    engine.run(message, &Known::default(), &engine.read(message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::with_line;

    fn said(line: &str) -> Said {
        read(&with_line(Place::Body, line))
    }

    #[test]
    fn every_rule_does_what_its_own_lines_say() {
        let set = shipped().expect("the file compiles");
        let mut count = 0;
        for rule in &set.rules {
            let lines = rule.matching.iter().map(|line| (line, true));
            for (line, fires) in lines.chain(rule.pass.iter().map(|line| (line, false))) {
                let message = with_line(Place::Body, line);
                let found = fired(&ENGINE, &message).iter().any(|it| it.symbol == rule.symbol);
                assert_eq!(found, fires, "{}: {line}", rule.symbol);
                count += 1;
            }
        }
        assert_eq!(count, 50);
    }

    #[test]
    fn a_kind_word_is_told_as_it_was_written() {
        let letter = "Dear Alex,\n\nunfortunately we chose somebody else. We were really impressed \
                      by your portfolio. All the best.\n";
        let said = "We were really impressed by your portfolio.";
        assert_eq!(kind_word(letter).as_deref(), Some(said));
        for letter in ["We regret.", "If we are impressed by your papers, we will call you.", ""] {
            assert_eq!(kind_word(letter), None, "{letter}");
        }
    }

    #[test]
    fn an_answer_may_refuse_and_give_at_once_and_thanks_do_neither() {
        let both = said(
            "We cannot give detailed feedback. Between us, the deciding factor was the salary.",
        );
        assert!(both.gives && both.refuses, "{both:?}");
        assert_eq!(both.themes, [Theme::Logistics]);
        assert_eq!(said("Thank you for your kind words. All the best to you."), Said::default());
    }
}
