//! `regards find`: the mailbox itself, read for this one look. Nothing is kept of it.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::ProgressBar;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::args::Cli;
use super::print::{self, Style};
use super::run::{self, Finder, Query, Seen};
use super::{Done, Failure, day, now, out, out_json, width};
use crate::model::ids::{FoundNo, MailNo};
use crate::model::verdict::Kind;

/// What was typed.
pub(super) struct Wanted<'a> {
    pub(super) from: &'a Option<String>,
    pub(super) subject: &'a Option<String>,
    pub(super) since: Option<Date>,
    pub(super) account: &'a Option<String>,
    pub(super) limit: u16,
}

/// A line of `find --json`. The field names stay.
#[derive(Serialize)]
struct Line<'a> {
    id: &'a MailNo,
    account: &'a str,
    received: Timestamp,
    from: Option<String>,
    subject: &'a str,
    /// The verdict's kind, or `unsure`.
    kind: &'static str,
    probability: f64,
}

/// `regards find`
pub(super) fn find(cli: &Cli, wanted: &Wanted<'_>) -> Done {
    let finder = run::finder(cli)?;
    let labels = labels(&finder, wanted.account.as_deref())?;
    let query = Query {
        from: wanted.from.clone(),
        subject: wanted.subject.clone(),
        since: wanted.since.map(begins).transpose()?,
    };
    let limit = usize::from(wanted.limit);
    let (mut found, mut failed) = (Vec::new(), Vec::new());
    let runtime = run::runtime()?;
    for label in labels {
        let bar = spinner(&label);
        let told = bar.clone();
        let tell = move |many| told.set_position(u64::try_from(many).unwrap_or(u64::MAX));
        match runtime.block_on(finder.find(&label, &query, limit, now(), tell)) {
            Ok(seen) => found.extend(seen),
            Err(error) => failed.push(Failure::from(error)),
        }
        bar.finish_and_clear();
    }
    found.sort_by(|a, b| (b.received_at, &b.id).cmp(&(a.received_at, &a.id)));
    found.truncate(limit);
    if cli.json {
        found.iter().try_for_each(|seen| out_json(&line(seen)))?;
    } else if found.is_empty() && failed.is_empty() {
        out("Nothing was found\n")?;
    } else {
        out(&table(&found))?;
    }
    failed.into_iter().next().map_or(Ok(()), Err)
}

fn labels(finder: &Finder, wanted: Option<&str>) -> Result<Vec<String>, Failure> {
    let labels = finder.labels();
    let Some(wanted) = wanted else { return Ok(labels) };
    if labels.iter().any(|label| label == wanted) {
        return Ok(vec![wanted.to_owned()]);
    }
    let hint = format!("There are: {}", labels.join(", "));
    Err(Failure::usage(format!("There is no account `{wanted}`"), Some(hint)))
}

/// The first moment of a day here.
pub(super) fn begins(day: Date) -> Result<Timestamp, Failure> {
    let begins = day.to_zoned(TimeZone::system()).map(|zoned| zoned.timestamp());
    begins.map_err(|error| Failure::usage(error.to_string(), None))
}

/// On a terminal, how many were found; how many were read would tell of those left out.
fn spinner(label: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner().with_prefix(print::clean(label));
    if let Ok(style) = indicatif::ProgressStyle::with_template("{spinner} {prefix}: {pos} found") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

fn line(seen: &Seen) -> Line<'_> {
    Line {
        id: &seen.id,
        account: &seen.account,
        received: seen.received_at,
        from: seen.message.header.from.first().map(ToString::to_string),
        subject: &seen.message.header.subject,
        kind: seen.decision.word(),
        probability: (seen.probability * 1e4).round() / 1e4,
    }
}

fn table(found: &[Seen]) -> String {
    let columns = found.iter().map(|seen| seen.id.to_string().len()).max().unwrap_or(0);
    found.iter().map(|seen| row(seen, columns)).collect()
}

fn row(seen: &Seen, columns: usize) -> String {
    let line = line(seen);
    let color = print::colors();
    let style = match line.kind {
        "rejected" => Style::Strong,
        "unsure" => Style::Warning,
        _ => Style::Quiet,
    };
    let id = format!("{:<columns$}", line.id.to_string());
    let kind = print::paint(style, &format!("{:<12}", line.kind), color);
    let from = line.from.as_deref().unwrap_or("?");
    let text = format!("{:<11}  {from}: {}", day(line.received), line.subject);
    let left = width().saturating_sub(columns.saturating_add(16));
    format!("{id}  {kind}  {}\n", print::fit(&print::clean(&text), left))
}

/// The mail of an id that `find` gave, and who read it.
pub(super) fn fetched(cli: &Cli, no: &FoundNo) -> Result<(Finder, Seen), Failure> {
    let finder = run::finder(cli)?;
    let seen = run::runtime()?.block_on(finder.fetch(no, now()))?;
    let absent = || {
        let hint = "It was moved or deleted: regards find".to_owned();
        Failure::failed(format!("There is no mail {no}"), Some(hint))
    };
    Ok((finder, seen.ok_or_else(absent)?))
}

/// Takes one found mail in as one of this kind; the number of the decision.
pub(super) fn admit(cli: &Cli, no: &FoundNo, kind: Kind) -> Result<i64, Failure> {
    let (finder, seen) = fetched(cli, no)?;
    Ok(finder.admit(&seen, kind, "cli", now())?)
}
