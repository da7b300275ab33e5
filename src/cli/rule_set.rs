//! The rules that a command works with: the shipped ones with the user's own.

use std::path::{Path, PathBuf};

use super::args::Cli;
use super::{Failure, FailureKind, place};
use crate::classify::{RuleFile, Rules};

/// The shipped rules with the user's own merged after them.
pub(super) fn load(rules_dir: Option<&Path>) -> Result<Rules, Failure> {
    compiled(place::texts(rules_dir, "toml")?)
}

/// The shipped rules with these files, (name, text), merged after them.
pub(super) fn compiled(own: Vec<(String, String)>) -> Result<Rules, Failure> {
    if own.is_empty() {
        return Ok(Rules::embedded());
    }
    let files: Vec<RuleFile> =
        own.into_iter().map(|(name, text)| RuleFile { name, text }).collect();
    Rules::compile(&files).map_err(|errors| {
        let lines: Vec<String> = errors
            .iter()
            .map(|error| match &error.nearest {
                Some(word) => format!("{error}; did you mean `{word}`?"),
                None => error.to_string(),
            })
            .collect();
        Failure {
            kind: FailureKind::Config,
            message: lines.join("\n"),
            hint: Some("rules/README.md explains how a rule is written".to_owned()),
        }
    })
}

/// The rules directory, if there is a configuration at all.
pub(super) fn dir(cli: &Cli) -> Result<Option<PathBuf>, Failure> {
    let configured = cli.config.is_some() || place::config_path(cli)?.exists();
    Ok(if configured { place::config(cli)?.rules_dir } else { None })
}

/// The rules in force.
pub(super) fn in_force(cli: &Cli) -> Result<Rules, Failure> {
    load(dir(cli)?.as_deref())
}
