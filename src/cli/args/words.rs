//! Words that are typed, to what they mean.

use crate::model::answer::AnswerKind;
use crate::model::application::Stage;
use crate::model::ids::{ApplicationNo, BadNumber, CaseNo};
use crate::model::mail::Intent;
use crate::model::verdict::Kind;
use crate::stats::By;
use crate::tune::folds::Folds;

pub(super) fn stage(word: &str) -> Result<Stage, String> {
    Stage::named(word).ok_or_else(|| {
        let words: Vec<&str> = Stage::words().collect();
        format!("`{word}` is no stage; write one of {}", words.join(", "))
    })
}

pub(super) fn date(word: &str) -> Result<jiff::civil::Date, String> {
    word.parse().map_err(|_| format!("`{word}` is not a day; write it like 2026-09-01"))
}

/// What an employer or a position is called.
pub(super) fn name(word: &str) -> Result<String, String> {
    let name = word.trim();
    let says_something = name.chars().any(char::is_alphanumeric);
    says_something
        .then(|| name.to_owned())
        .ok_or_else(|| "a name has a letter or a digit, e.g. \"Lindgren & Co\"".to_owned())
}

/// What somebody is kept in mind by.
pub(super) fn case(word: &str) -> Result<CaseNo, String> {
    match word.parse::<ApplicationNo>() {
        Ok(no) if word.starts_with('a') => Err(format!(
            "`{no}` is an application; name its reply or its rejection, e.g. r3 or m4 (regards \
             applications show {no} lists its mails)"
        )),
        _ => word.parse().map_err(|error: BadNumber| error.to_string()),
    }
}

pub(super) fn folds(word: &str) -> Result<Folds, String> {
    match (word, word.parse()) {
        ("source", _) => Ok(Folds::BySource),
        (_, Ok(many)) if many >= 2 => Ok(Folds::Groups(many)),
        _ => Err(format!("`{word}` is neither `source` nor a number of groups from 2 on")),
    }
}

pub(in crate::cli) fn intent(word: &str) -> Result<Intent, String> {
    Intent::named(word).ok_or_else(|| {
        let names: Vec<&str> = Intent::ALL.iter().map(|it| it.name()).collect();
        format!("`{word}` is none of {}", names.join(", "))
    })
}

pub(super) fn by(word: &str) -> Result<By, String> {
    By::named(word).ok_or_else(|| {
        let names: Vec<&str> = By::ALL.iter().map(|it| it.name()).collect();
        format!("`{word}` is none of {}", names.join(", "))
    })
}

pub(super) fn answer_kind(word: &str) -> Result<AnswerKind, String> {
    AnswerKind::named(word)
        .filter(|kind| kind.is_personal())
        .ok_or_else(|| format!("`{word}` is none of given, refused, warm"))
}

pub(super) fn kind(word: &str) -> Result<Kind, String> {
    Kind::named(word).ok_or_else(|| {
        let names: Vec<&str> = Kind::ALL.iter().map(|k| k.name()).collect();
        let near = names
            .iter()
            .max_by(|a, b| strsim::jaro(a, word).total_cmp(&strsim::jaro(b, word)))
            .copied()
            .unwrap_or_default();
        format!("`{word}` is not a kind; did you mean `{near}`? ({})", names.join(", "))
    })
}
