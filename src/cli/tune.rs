//! `regards rules eval`, `fit`, `stats`, `diff`: labelled mail in, figures out. The figures
//! are made by `tune`, their text by `tune_text`.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::args::Cli;
use super::{Done, Failure, files, out, out_json, place, rule_set, tune_text};
use crate::classify::{Row, Rules};
use crate::model::verdict::Kind;
use crate::tune::corpus::{self, CorpusError, Labelled};
use crate::tune::eval::{self, Figures, Wrong};
use crate::tune::fit::{self, PULL, Settings};
use crate::tune::folds::{self, Folds};
use crate::tune::{self, INBOX_PRIOR, Judged, diff, symbols};

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

/// `rules fit --json`. The field names stay.
#[derive(Serialize)]
struct Proposed<'a> {
    /// The number of the rule set that it was fitted for.
    rules: u32,
    seed: u64,
    /// The rows that differ: symbol, kind, weight.
    weights: BTreeMap<&'a str, BTreeMap<&'static str, f64>>,
    /// With the weights as they are.
    before: Figures,
    /// With weights fitted to other sources; `null` when there is one source alone.
    left_out: Option<Figures>,
    /// With the weights proposed, over the mails that they were fitted to.
    after: Figures,
}

/// `regards rules fit`
pub(super) fn fit(
    cli: &Cli,
    rules: &Rules,
    files: &[PathBuf],
    folds: Folds,
    seed: u64,
    out_file: Option<&Path>,
) -> Done {
    let mails = judged(rules, &corpus::read(files)?);
    let weights = rules.weights();
    let settings = Settings { pull: PULL, prior: Some(INBOX_PRIOR) };
    let rows = folds::fitted(weights, &mails, settings);
    let left_out = folds::left_out(weights, &mails, settings, folds, seed);
    let proposed = Proposed {
        rules: rules.number(),
        seed,
        weights: rows.iter().map(|(symbol, row)| (symbol.as_str(), by_kind(row))).collect(),
        before: eval::figures(&mails),
        left_out: left_out.map(|mails| eval::figures(&mails)),
        after: eval::figures(&folds::judged_by(&weights.with(&rows), &mails)),
    };
    let report = report(&proposed, rows.len());
    let commented: String =
        report.lines().map(|line| format!("{}\n", format!("# {line}").trim_end())).collect();
    let file = format!("{commented}\n{}", fit::toml(weights, &rows));
    if let Some(path) = out_file {
        written(path, &file)?;
    }
    match (cli.json, out_file) {
        (true, _) => out_json(&proposed),
        (false, Some(_)) => out(&report),
        (false, None) => out(&file),
    }
}

fn by_kind(row: &Row) -> BTreeMap<&'static str, f64> {
    let named = Kind::ALL.iter().map(|kind| kind.name()).zip(row.iter().copied());
    named.filter(|(_, weight)| *weight != 0.0).collect()
}

fn report(proposed: &Proposed<'_>, rows: usize) -> String {
    let (mails, sources) = (proposed.before.mails, proposed.before.sources.len());
    let mut text = format!(
        "Fitted by `regards rules fit` for rule set {}: {mails} mails of {sources} sources, seed {}.\n\
         {rows} rows differ from those in force.\n",
        proposed.rules, proposed.seed
    );
    let mut columns = vec![("as they are", &proposed.before)];
    match &proposed.left_out {
        Some(left_out) => columns.push(("fitted, left out", left_out)),
        None => {
            text.push_str("All mail is of one source, so nothing says how they do on other mail.\n")
        }
    }
    columns.push(("fitted, same mails", &proposed.after));
    text.push_str(&tune_text::side_by_side(&columns));
    text
}

/// Into a new file: rules that somebody wrote are not replaced.
fn written(path: &Path, text: &str) -> Done {
    let opened = OpenOptions::new().write(true).create_new(true).open(path);
    opened.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| {
        let hint = "Name a file that is not there yet in a directory that is".to_owned();
        Failure::failed(format!("{} could not be written: {error}", path.display()), Some(hint))
    })
}

/// `regards rules stats`
pub(super) fn stats(cli: &Cli, rules: &Rules, files: &[PathBuf]) -> Done {
    let mails = judged(rules, &corpus::read(files)?);
    let list = rules.list();
    let symbols = symbols::symbols(&list, &mails);
    if cli.json {
        return symbols.iter().try_for_each(out_json);
    }
    out(&tune_text::symbols(&symbols))
}

/// `regards rules diff`
pub(super) fn diff(cli: &Cli, old: &Path, new: &Path, files: &[PathBuf]) -> Done {
    let (old, new) = (rule_set(old)?, rule_set(new)?);
    let mails = corpus::read(files)?;
    let (old, new) = (judged(&old, &mails), judged(&new, &mails));
    let changes = diff::changes(&old, &new);
    if cli.json {
        return changes.iter().try_for_each(out_json);
    }
    out(&tune_text::changes(&changes, mails.len()))
}

/// A directory of rule files, one rule file, or the word for none.
fn rule_set(path: &Path) -> Result<Rules, Failure> {
    if path == Path::new("shipped") || path == Path::new("-") {
        return Ok(Rules::embedded());
    }
    let unreadable = |why: String| {
        let hint = "Name a directory of rule files, one file, or `shipped`".to_owned();
        Failure::failed(format!("{}: {why}", path.display()), Some(hint))
    };
    if path.is_dir() {
        let texts = place::texts(Some(path), "toml")?;
        if texts.is_empty() {
            return Err(unreadable("holds no rule file (*.toml)".to_owned()));
        }
        return rule_set::compiled(texts);
    }
    let text = fs::read_to_string(path)
        .map_err(|error| unreadable(format!("could not be read: {error}")))?;
    rule_set::compiled(vec![(path.display().to_string(), text)])
}
