//! `regards rules …`: read them, run their own lines, list them. Measuring is in `tune`,
//! learning in `learn`.

use serde::Serialize;

use super::args::{Cli, RulesArgs, RulesCommand};
use super::print::{self, Style};
use super::{Done, Failure, learn, out, out_json, rule_set, tune, width};
use crate::classify::{RuleInfo, Rules};
use crate::model::verdict::Kind;

/// On a narrower terminal the descriptions would be cut to nothing.
const TABLE_COLUMNS_MIN: usize = 80;

/// `regards rules …`
pub(super) fn rules(cli: &Cli, args: &RulesArgs) -> Done {
    let rules = || rule_set::in_force(cli);
    match &args.command {
        RulesCommand::Check => {
            let count = rules()?.list().len();
            if cli.json {
                return out_json(&serde_json::json!({ "rules": count }));
            }
            out(&format!(
                "{count} rules, no mistakes; `regards rules test` tries their own lines\n"
            ))
        }
        RulesCommand::Test => test(cli, &rules()?),
        RulesCommand::List => list(cli, &rules()?),
        RulesCommand::Eval { files, apart, errors } => {
            tune::eval(cli, &rules()?, files, apart, *errors)
        }
        RulesCommand::Fit { files, folds, seed, out } => {
            tune::fit(cli, &rules()?, files, *folds, *seed, out.as_deref())
        }
        RulesCommand::Learn { out, yes } => learn::learn(cli, out.as_deref(), *yes),
        RulesCommand::Stats { files } => tune::stats(cli, &rules()?, files),
        RulesCommand::Diff { old, new, files } => tune::diff(cli, old, new, files),
    }
}

/// One line of `rules test --json` that failed.
#[derive(Serialize)]
#[serde(tag = "type", rename = "failed")]
struct FailedLine<'a> {
    symbol: &'a str,
    line: &'a str,
    expected: &'static str,
}

fn test(cli: &Cli, rules: &Rules) -> Done {
    let failures = rules.test();
    for failure in &failures {
        let expected = if failure.should_fire { "match" } else { "pass" };
        if cli.json {
            out_json(&FailedLine { symbol: &failure.symbol, line: &failure.line, expected })?;
        } else {
            let what = if failure.should_fire { "does not match" } else { "matches" };
            out(&format!("{} {what}: {}\n", failure.symbol, print::clean(&failure.line)))?;
        }
    }
    let (count, failed) = (rules.list().len(), failures.len());
    if cli.json {
        out_json(&serde_json::json!({ "type": "tested", "rules": count, "failed": failed }))?;
    } else {
        out(&format!("{count} rules, {failed} lines failed\n"))?;
    }
    if failures.is_empty() { Ok(()) } else { Err(Failure::told()) }
}

/// A rule in `rules list --json`.
#[derive(Serialize)]
struct Listed<'a> {
    symbol: &'a str,
    describe: &'a str,
    file: Option<&'a str>,
    weights: std::collections::BTreeMap<&'static str, f64>,
}

fn list(cli: &Cli, rules: &Rules) -> Done {
    let infos = rules.list();
    if cli.json {
        for info in &infos {
            out_json(&Listed {
                symbol: &info.symbol,
                describe: &info.describe,
                file: Some(info.file.as_str()).filter(|file| !file.is_empty()),
                weights: info.weights.iter().map(|(kind, w)| (kind.name(), *w)).collect(),
            })?;
        }
        return Ok(());
    }
    let rows: Vec<Vec<String>> = infos
        .iter()
        .map(|info| vec![info.symbol.clone(), strongest(info), info.describe.clone()])
        .collect();
    let color = print::colors();
    if width() < TABLE_COLUMNS_MIN {
        infos.iter().try_for_each(|info| out(&stacked(info)))?;
    } else {
        out(&print::table(&["rule", "says", "looks for"], &rows, width(), color))?;
    }
    out(&print::paint(Style::Quiet, &format!("{} rules\n", infos.len()), color))
}

/// A rule below each other, for a terminal that is too narrow for columns.
fn stacked(info: &RuleInfo) -> String {
    let (symbol, says) = (print::clean(&info.symbol), strongest(info));
    let symbol = print::paint(Style::Strong, &symbol, print::colors());
    format!("{symbol}  {says}\n    {}\n", print::clean(&info.describe))
}

fn strongest(info: &RuleInfo) -> String {
    let strongest: Option<&(Kind, f64)> =
        info.weights.iter().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()));
    strongest.map_or_else(String::new, |(kind, weight)| format!("{kind} {weight:+.1}"))
}
