//! Weights for one user: fitted to the corrections, pulled back to the weights in force.
//! Must not write a file or decide whether the proposal is any good for other mail.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Truth;
use super::fit::{self, Example, Settings};
use super::interval::rounded;
use crate::classify::{Row, Weights};
use crate::model::verdict::{Kind, Symbol};

/// With fewer corrections a proposal would say more of the single mails than of the user's
/// mail: each weight that it moves would rest on two or three.
pub const CORRECTIONS_MIN: usize = 10;

/// A tenth of [`fit::PULL`]: each weight is taken for right within about 1. A user has few
/// mails of one sort, and they are the very mails on which the weights were wrong.
pub const PULL: f64 = 1.0;

/// A mail that the user told the kind of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lesson {
    /// What the user knows it by.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// What fired.
    pub example: Example,
}

/// A corrected mail that the rules would judge otherwise.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change<'a> {
    /// Which.
    pub message: &'a str,
    /// What the user says that it is.
    pub is: Kind,
    /// What the weights in force say: a kind or `unsure`.
    pub old: &'static str,
    /// What the proposed ones say.
    pub new: &'static str,
    /// P(rejected) with those in force.
    pub old_probability: f64,
    /// P(rejected) with the proposed ones.
    pub new_probability: f64,
}

/// The lessons that say something about a weight.
pub fn telling(weights: &Weights, lessons: Vec<Lesson>) -> Vec<Lesson> {
    let known: Vec<&str> = weights.rows().map(|(symbol, _)| symbol).collect();
    let tells = |lesson: &Lesson| {
        let mut fired = lesson.example.fired.iter();
        fired.any(|(symbol, _)| known.binary_search(&symbol.as_str()).is_ok())
    };
    lessons.into_iter().filter(tells).collect()
}

/// The rows that the lessons would change, with what they become.
pub fn rows(weights: &Weights, lessons: &[Lesson]) -> BTreeMap<Symbol, Row> {
    let examples: Vec<Example> = lessons.iter().map(|it| it.example.clone()).collect();
    fit::fit(weights, &examples, Settings { pull: PULL, prior: None })
}

/// How many of the lessons these weights judge as the user does.
pub fn right(weights: &Weights, lessons: &[Lesson]) -> usize {
    let right = |it: &&Lesson| Truth::Is(it.kind).agrees(weights.decide(&it.fired()).0);
    lessons.iter().filter(right).count()
}

/// The lessons with another verdict.
pub fn changes<'a>(old: &Weights, new: &Weights, lessons: &'a [Lesson]) -> Vec<Change<'a>> {
    let judged = lessons.iter().map(|it| (it, old.decide(&it.fired()), new.decide(&it.fired())));
    judged
        .filter(|(_, old, new)| old.0.word() != new.0.word())
        .map(|(lesson, old, new)| Change {
            message: &lesson.name,
            is: lesson.kind,
            old: old.0.word(),
            new: new.0.word(),
            old_probability: rounded(old.1),
            new_probability: rounded(new.1),
        })
        .collect()
}

impl Lesson {
    fn fired(&self) -> Vec<(&str, Option<crate::model::verdict::Mark>)> {
        self.example.fired.iter().map(|(symbol, mark)| (symbol.as_str(), *mark)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::fit::tests::{examples, toy};
    use super::*;

    fn lessons(kind: Kind, fired: &str, many: usize) -> Vec<Lesson> {
        let all = examples(fired, Truth::Is(kind), many);
        all.into_iter().map(|example| Lesson { name: "m1".to_owned(), kind, example }).collect()
    }

    #[test]
    fn one_mail_moves_a_weight_a_little_and_ten_turn_the_verdict() {
        let weights = toy();
        // P(rejected) = 0.42: unsure, and noise by what the user says.
        let wrong = "TOY_OURS TOY_NO";
        let weight = |lessons: &[Lesson]| rows(&weights, lessons)["TOY_NO"][0];
        let (one, ten) = (lessons(Kind::Noise, wrong, 1), lessons(Kind::Noise, wrong, 10));
        assert!((1.5..2.0).contains(&weight(&one)), "{}", weight(&one));
        assert!(weight(&ten) < 1.0, "{}", weight(&ten));
        let new = weights.with(&rows(&weights, &ten));
        let changes = changes(&weights, &new, &ten);
        assert_eq!(changes.len(), 10);
        assert_eq!((changes[0].old, changes[0].is), ("unsure", Kind::Noise));
        assert!(changes[0].new_probability < changes[0].old_probability);
    }

    #[test]
    fn a_mail_on_which_no_weighted_rule_fired_teaches_nothing() {
        let mut all = lessons(Kind::Noise, "TOY_OURS", 2);
        all.extend(lessons(Kind::Noise, "GONE_SINCE", 2));
        all.extend(lessons(Kind::Noise, "TOY_OURS TOY_YES", 3));
        assert_eq!(telling(&toy(), all).len(), 3);
    }
}
