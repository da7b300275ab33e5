//! `regards import`: the applications of somebody's own table, beside those that mail tells of.

mod table;
mod words;

use std::fs;
use std::path::Path;

use jiff::tz::TimeZone;
use serde::Serialize;

use super::args::{Cli, ImportArgs};
use super::{Done, Failure, now, out, out_json, place, print, run, show, width};
use crate::model::ids::ApplicationNo;
use crate::review::import::{Entry, Fate};
use table::{Mapping, Row};

/// A larger file is no table of applications.
const BYTES_MAX: u64 = 16 * 1024 * 1024;

/// A line of `import --json`. The field names stay.
#[derive(Serialize)]
struct Line<'a> {
    line: u64,
    company: &'a str,
    role: Option<&'a str>,
    applied: Option<String>,
    stage: &'static str,
    result: &'static str,
    application: Option<ApplicationNo>,
}

/// `regards import`
pub(super) fn import(cli: &Cli, args: &ImportArgs) -> Done {
    let mut desk = place::desk(cli)?;
    let rows = rows(args)?;
    let entries = rows.iter().filter_map(entry).collect::<Result<Vec<Entry>, Failure>>()?;
    let fates = desk.would_import(&entries)?;
    let new = fates.iter().filter(|it| **it == Fate::New).count();
    if cli.json && !args.dry_run && !args.yes {
        let hint = Some("Add --yes when it is meant, --dry-run to see what it would do".to_owned());
        return Err(Failure::usage("A script is not asked", hint));
    }
    if args.dry_run || new == 0 {
        return told(cli, &rows, &fates, "would be added");
    }
    if !cli.json {
        told(cli, &rows, &fates, "would be added")?;
        let question = format!("Add {}", print::counted(new as u64, "application"));
        if !args.yes && !show::yes(&format!("{question}?"))? {
            return out("Nothing was added\n");
        }
    }
    let fates = desk.import(&entries, now())?;
    run::nudge(desk.store().dir());
    match cli.json {
        true => told(cli, &rows, &fates, "added"),
        false => out(&format!("Added: {}\n", print::counted(new as u64, "application"))),
    }
}

fn rows(args: &ImportArgs) -> Result<Vec<Row>, Failure> {
    let mapping = match &args.mapping {
        Some(path) => toml::from_str(&text(path)?).map_err(|error| {
            let hint = "regards import --help shows a mapping".to_owned();
            Failure::failed(
                format!("The mapping {} cannot be read: {error}", path.display()),
                Some(hint),
            )
        })?,
        None => Mapping::default(),
    };
    let today = now().to_zoned(TimeZone::system()).date();
    table::read(&text(&args.file)?, &mapping, today).map_err(|mistake| {
        let hint = "A mapping tells what the columns and words mean: regards import --help";
        let said = format!("{} cannot be imported. {mistake}", args.file.display());
        Failure::failed(said, Some(hint.to_owned()))
    })
}

fn text(path: &Path) -> Result<String, Failure> {
    let failed = |why: String| {
        let hint = Some("Save the table as CSV in UTF-8".to_owned());
        Failure::failed(format!("{} cannot be read: {why}", path.display()), hint)
    };
    let size = fs::metadata(path).map_err(|error| failed(error.to_string()))?.len();
    if size > BYTES_MAX {
        return Err(failed(format!("it is larger than {} MiB", BYTES_MAX / 1024 / 1024)));
    }
    fs::read_to_string(path).map_err(|error| failed(error.to_string()))
}

/// `None` of what was not applied for.
fn entry(row: &Row) -> Option<Result<Entry, Failure>> {
    let at = row.applied?.to_zoned(TimeZone::system()).map(|it| it.timestamp());
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
            row.company.clone(),
            row.role.clone().unwrap_or_default(),
            applied,
            it.stage.to_owned(),
            result,
        ]
    };
    let rows: Vec<Vec<String>> = both.iter().map(cells).collect();
    let heading = ["COMPANY", "ROLE", "APPLIED", "STAGE", "RESULT"];
    out(&print::table(&heading, &rows, width(), print::colors()))
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
        company: &row.company,
        role: row.role.as_deref(),
        applied: row.applied.map(|it| it.to_string()),
        stage: row.stage.name(),
        result,
        application,
    }
}
