//! `regards rules eval`, `fit`, `stats`, `diff`: labelled mail in, figures out. The figures
//! are made by `tune`, their text by `tune_text`.

use std::path::PathBuf;

use serde::Serialize;

use super::args::Cli;
use super::{Done, Failure, files, out, out_json, tune_text};
use crate::classify::Rules;
use crate::tune::corpus::{self, CorpusError, Labelled};
use crate::tune::eval::{self, Figures, Wrong};
use crate::tune::{self, Judged};

impl From<CorpusError> for Failure {
    fn from(error: CorpusError) -> Failure {
        Failure::failed(error.to_string(), Some(error.hint()))
    }
}

/// Judges labelled mail, with a bar on a terminal.
fn judged(rules: &Rules, mails: &[Labelled]) -> Vec<Judged> {
    let size = |mail: &Labelled| u64::try_from(mail.raw.len()).unwrap_or(u64::MAX);
    let bar = files::progress(mails.iter().map(size).sum());
    let all = mails
        .iter()
        .map(|mail| {
            bar.inc(size(mail));
            tune::judge(rules, mail)
        })
        .collect();
    bar.finish_and_clear();
    all
}

/// `rules eval --json`. The field names stay.
#[derive(Serialize)]
struct Measured<'a> {
    /// The number of the rule set.
    rules: u32,
    /// Over FILE…
    figures: &'a Figures,
    /// Over `--apart`.
    apart: Option<&'a Figures>,
    /// The mails of FILE… that were judged wrongly, the worst first.
    errors: &'a [Wrong<'a>],
}

/// `regards rules eval`
pub(super) fn eval(
    cli: &Cli,
    rules: &Rules,
    files: &[PathBuf],
    apart: &[PathBuf],
    errors: bool,
) -> Done {
    let (mails, held_out) = (corpus::read(files)?, corpus::read(apart)?);
    let mails = judged(rules, &mails);
    let held_out = judged(rules, &held_out);
    let figures = eval::figures(&mails);
    let apart = (!held_out.is_empty()).then(|| eval::figures(&held_out));
    let wrong = eval::wrong(&mails);
    if cli.json {
        let apart = apart.as_ref();
        return out_json(&Measured {
            rules: rules.number(),
            figures: &figures,
            apart,
            errors: &wrong,
        });
    }
    let mut text = tune_text::figures(&figures);
    if let Some(apart) = &apart {
        text.push_str(&tune_text::heading("Apart, and not looked at"));
        text.push_str(&tune_text::figures(apart));
    }
    if errors {
        text.push_str(&tune_text::wrong(&wrong));
    } else if !wrong.is_empty() {
        text.push_str(&format!("\n{} judged otherwise than labelled: --errors\n", wrong.len()));
    }
    out(&text)
}
