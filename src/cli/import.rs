//! `regards import`: the applications of somebody's own table, beside those that mail tells of.

mod table;
mod words;

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use jiff::tz::TimeZone;
use serde::Serialize;

use super::args::{Cli, ImportArgs};
use super::{Done, Failure, now, out, out_json, place, print, run, show, told_aside, width};
use crate::model::ids::ApplicationNo;
use crate::review::import::{Entry, Fate};
use table::{Mapping, Row, Table};

/// A larger file is no table of applications.
const BYTES_MAX: u64 = 16 * 1024 * 1024;

/// A line of `import --json`. The field names stay.
#[derive(Serialize)]
struct Line<'a> {
    line: u64,
    company: Option<&'a str>,
    role: Option<&'a str>,
    applied: Option<String>,
    /// `null` of what was not applied for.
    stage: Option<&'static str>,
    result: &'static str,
    application: Option<ApplicationNo>,
}

/// `regards import`
pub(super) fn import(cli: &Cli, args: &ImportArgs) -> Done {
    if cli.json && !args.dry_run && !args.yes {
        let hint = Some("Add --yes when it is meant, --dry-run to see what it would do".to_owned());
        return Err(Failure::usage("A script is not asked", hint));
    }
    let mut desk = place::desk(cli)?;
    let Table { rows, unused } = table(args)?;
    let entries = rows.iter().filter_map(entry).collect::<Result<Vec<Entry>, Failure>>()?;
    let fates = desk.would_import(&entries)?;
    let new = fates.iter().filter(|it| **it == Fate::New).count();
    let adds = new > 0 && !args.dry_run;
    if !(cli.json && adds) {
        told(cli, &rows, &fates, "would be added")?;
    }
    if !unused.is_empty() {
        told_aside(&format!("not used: {}", unused.join(", ")));
    }
    let counted = print::counted(new as u64, "application");
    if new == 0 {
        return said(cli, "Nothing new");
    }
    if !adds {
        return Ok(());
    }
    if !args.yes && !show::yes(&format!("Add {counted}?"))? {
        return said(cli, "Nothing was added");
    }
    let fates = desk.import(&entries, now())?;
    run::nudge(desk.store().dir());
    if cli.json {
        told(cli, &rows, &fates, "added")?;
    }
    said(cli, &format!("Added: {counted}"))
}

/// A word to a person; a script has the lines.
fn said(cli: &Cli, text: &str) -> Done {
    if cli.json { Ok(()) } else { out(&format!("{text}\n")) }
}

const MAPPING: &str = "A mapping tells what the columns and words mean: regards import --help";

fn table(args: &ImportArgs) -> Result<Table, Failure> {
    let failed = |said: String| Failure::failed(said, Some(MAPPING.to_owned()));
    let mapping = match &args.mapping {
        Some(path) => toml::from_str(&text(path, MAPPING)?).map_err(|error| {
            failed(format!("The mapping {} cannot be read: {error}", path.display()))
        })?,
        None => Mapping::default(),
    };
    let zone = TimeZone::system();
    let today = now().to_zoned(zone.clone()).date();
    let text = text(&args.file, "Name the CSV file that your tracker or spreadsheet wrote")?;
    table::read(&text, &mapping, (today, &zone))
        .map_err(|mistake| failed(format!("{} cannot be imported. {mistake}", args.file.display())))
}

/// A file's text; `which` tells which file is meant, where this is none.
fn text(path: &Path, which: &str) -> Result<String, Failure> {
    let failed = |why: String, hint: &str| {
        let message = format!("{} cannot be read: {why}", path.display());
        Failure::failed(message, Some(hint.to_owned()))
    };
    let about = fs::metadata(path).map_err(|error| failed(error.to_string(), which))?;
    if about.is_dir() {
        return Err(failed("it is a directory".to_owned(), which));
    }
    if about.len() > BYTES_MAX {
        let why = format!("it is larger than {} MiB", BYTES_MAX / 1024 / 1024);
        return Err(failed(why, which));
    }
    fs::read_to_string(path).map_err(|error| match error.kind() {
        ErrorKind::InvalidData => failed("it is no text in UTF-8".to_owned(), UTF_8),
        _ => failed(error.to_string(), "It must be a file that you may read"),
    })
}

const UTF_8: &str = "Save it as text in UTF-8, a table as CSV";

/// `None` of what was not applied for.
fn entry(row: &Row) -> Option<Result<Entry, Failure>> {
    let day = row.applied?.to_zoned(TimeZone::system()).map(|it| it.timestamp());
    let at = row.at.map_or(day, Ok);
    let failed = |error: jiff::Error| Failure::failed(format!("line {}: {error}", row.line), None);
    Some(at.map_err(failed).map(|applied_at| Entry {
        company: row.company.clone(),
        role: row.role.clone(),
        applied_at,
        stage: row.stage,
        note: row.note.clone(),
    }))
}

fn told(cli: &Cli, rows: &[Row], fates: &[Fate], new: &'static str) -> Done {
    let mut fates = fates.iter();
    let both: Vec<(&Row, Option<&Fate>)> =
        rows.iter().map(|row| (row, row.applied.and_then(|_| fates.next()))).collect();
    if cli.json {
        return both.iter().try_for_each(|(row, fate)| out_json(&line(row, *fate, new)));
    }
    let cells = |(row, fate): &(&Row, Option<&Fate>)| {
        let it = line(row, *fate, new);
        let known = it.application.map(|no| format!(" as {no}")).unwrap_or_default();
        let applied = row.applied.map(|it| it.to_string()).unwrap_or_default();
        let result = format!("{}{known}", it.result);
        vec![
            row.company.clone().unwrap_or_else(|| "?".to_owned()),
            row.role.clone().unwrap_or_default(),
            applied,
            it.stage.unwrap_or("-").to_owned(),
            result,
        ]
    };
    let rows: Vec<Vec<String>> = both.iter().map(cells).collect();
    let heading = ["COMPANY", "ROLE", "APPLIED", "STAGE", "RESULT"];
    out(&print::table_or_lines(&heading, &rows, width(), print::colors()))
}

fn line<'a>(row: &'a Row, fate: Option<&Fate>, new: &'static str) -> Line<'a> {
    let (result, application) = match fate {
        None => ("not applied for", None),
        Some(Fate::New) => (new, None),
        Some(Fate::Added(no)) => (new, Some(*no)),
        Some(Fate::Known(no)) => ("known", Some(*no)),
        Some(Fate::Twice) => ("stands twice", None),
    };
    Line {
        line: row.line,
        company: row.company.as_deref(),
        role: row.role.as_deref(),
        applied: row.applied.map(|it| it.to_string()),
        stage: fate.map(|_| row.stage.name()),
        result,
        application,
    }
}
