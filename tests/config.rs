//! The configuration file: the manual names every setting and its true default, and every
//! broken one ends in a sentence with its place and, for a word that is nearly right, with
//! the right one.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use regards::config::{Config, ConfigError};

const MANUAL: &str = include_str!("../config.example.toml");

fn parse(text: &str) -> Result<Config, ConfigError> {
    let now = "2026-11-20T10:00:00Z".parse().expect("a time");
    Config::parse(text, Path::new("config.toml"), now)
}

/// All settings of the rooms; two texts that mean the same give the same.
fn meaning(text: &str) -> String {
    match parse(text) {
        Ok(config) => format!("{config:#?}"),
        Err(error) => panic!("{error}\n{text}"),
    }
}

/// What a line of the manual is.
enum Line<'a> {
    /// `[table]`, `key = value`, prose or nothing.
    Other,
    /// `#key = value`: the default.
    Default(&'a str),
    /// `#e.g. key = value`: absent unless written.
    Example(&'a str),
    /// A line of a whole account that is shown.
    Shown(&'a str),
}

/// The manual's lines, in order. What follows a `#[table]` belongs to an account that is shown
/// as a whole.
fn lines() -> Vec<(&'static str, Line<'static>)> {
    let mut shown = false;
    let line = |line: &'static str| {
        let bare = line.strip_prefix('#').unwrap_or("");
        shown |= bare.starts_with('[');
        let setting = bare
            .split_once(" = ")
            .is_some_and(|(key, _)| key.chars().all(|c| c.is_ascii_lowercase() || c == '_'));
        let kind = if let Some(example) = bare.strip_prefix("e.g. ") {
            Line::Example(example)
        } else if shown && (setting || bare.starts_with('[')) {
            Line::Shown(bare)
        } else if setting {
            Line::Default(bare)
        } else {
            Line::Other
        };
        (line, kind)
    };
    MANUAL.lines().map(line).collect()
}

/// The manual with some of its lines written otherwise.
fn manual_with(change: impl Fn(usize, &Line<'static>) -> Option<String>) -> String {
    let line = |(at, (line, kind)): (usize, (&str, Line<'static>))| {
        change(at, &kind).unwrap_or_else(|| line.to_owned()) + "\n"
    };
    lines().into_iter().enumerate().map(line).collect()
}

#[test]
fn the_manual_is_a_configuration_and_its_defaults_are_the_true_ones() {
    let bare = meaning(MANUAL);
    let mut count = 0;
    for (at, (_, kind)) in lines().iter().enumerate() {
        let (Line::Default(setting) | Line::Example(setting)) = kind else { continue };
        let written = manual_with(|i, _| (i == at).then(|| (*setting).to_owned()));
        if matches!(kind, Line::Default(_)) {
            assert_eq!(meaning(&written), bare, "`{setting}` is not the default");
        } else {
            assert_ne!(meaning(&written), bare, "`{setting}` changes nothing");
        }
        count += 1;
    }
    assert!(count > 30, "only {count} settings were recognised");
    let all = manual_with(|_, kind| match kind {
        Line::Default(setting) => Some((*setting).to_owned()),
        _ => None,
    });
    assert_eq!(meaning(&all), bare);
}

#[test]
fn every_account_that_the_manual_shows_can_be_used() {
    let all = manual_with(|_, kind| match kind {
        Line::Default(text) | Line::Example(text) | Line::Shown(text) => Some((*text).to_owned()),
        Line::Other => None,
    });
    let config = parse(&all).expect("parses");
    let labels: Vec<&str> = config.accounts.iter().map(|it| it.label.as_str()).collect();
    assert_eq!(labels, ["fastmail", "gmail", "local", "main", "outlook", "trial"]);
    assert!(config.accounts.iter().all(|it| it.way_out.is_some()));
}

/// The settings of a table as the program itself names them when it meets an unknown one.
fn settings_of(table: &str) -> BTreeSet<String> {
    let text = match table {
        "" => "zzz = 1\n".to_owned(),
        table => format!("name = \"A\"\n[{table}]\nzzz = 1\n"),
    };
    let error = parse(&text).expect_err("refused");
    assert!(error.message.contains("zzz"), "{error}");
    let names = error.message.split('`').skip(3).step_by(2).map(str::to_owned);
    names.collect()
}

#[test]
fn the_manual_names_every_setting_of_every_table() {
    let mut count = 0;
    for table in [
        "",
        "cooling",
        "sending",
        "account.x",
        "account.x.imap",
        "account.x.maildir",
        "account.x.send",
    ] {
        let mut here = String::new();
        let mut named = BTreeSet::new();
        for (line, kind) in lines() {
            let text = match kind {
                Line::Default(text) | Line::Example(text) | Line::Shown(text) => text,
                Line::Other => line,
            };
            if let Some(head) = text.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
                let mut parts: Vec<&str> = head.split('.').collect();
                if let Some(label) = parts.get_mut(1) {
                    *label = "x";
                }
                here = parts.join(".");
            } else if let Some((key, _)) = text.split_once(" = ") {
                if here == table {
                    named.insert(key.to_owned());
                }
            }
        }
        let missing: Vec<_> = settings_of(table)
            .into_iter()
            .filter(|key| !named.contains(key) && !MANUAL.contains(&format!("[{key}")))
            .filter(|key| !MANUAL.contains(&format!("[account.main.{key}]")))
            .filter(|key| !MANUAL.contains(&format!("#[account.local.{key}]")))
            .collect();
        assert!(missing.is_empty(), "[{table}]: {missing:?} is not in config.example.toml");
        count += settings_of(table).len();
    }
    assert!(count > 40, "only {count} settings were found");
}
