//! `regards report`, and the report of `regards scan`: the search as a page to keep and share.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::args::{Cli, ReportArgs};
use super::stats::{period, visibility};
use super::{Done, Failure, not_come, now, out, out_json, place, print};
use crate::report::{self, Page, Picture};
use crate::stats::{self, Facts, Period};

mod anonymous;

mod page;

/// The page's file; pictures alone are called after their sections.
const PAGE_FILE: &str = "report.html";

const SANKEYMATIC_FILE: &str = "sankeymatic.txt";

/// What to write besides the page, and how.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Wanted {
    pub(super) svg: bool,
    pub(super) sankeymatic: bool,
    pub(super) anonymous: bool,
}

/// A line of `report --json`.
#[derive(Serialize)]
struct Written {
    written: PathBuf,
}

/// `regards report`
pub(super) fn report(cli: &Cli, args: &ReportArgs) -> Done {
    let mut desk = place::desk(cli)?;
    let period = period(&args.period, desk.zone())?;
    let today = period.day(now());
    if let Some(since) = period.since.filter(|since| *since > today) {
        return Err(not_come(since, &format!("Name a day until today: --since {today}")));
    }
    let facts = desk.facts(visibility(&args.period))?;
    if facts.applications.is_empty() {
        let hint = "They are read from your mail: regards run --once".to_owned();
        return Err(Failure::failed("No application is known yet", Some(hint)));
    }
    let wanted = Wanted { svg: args.svg, sankeymatic: args.sankeymatic, anonymous: args.anonymous };
    let unclear = write_all(cli, facts, &period, &args.out, wanted)?;
    match stats::unclear_words(unclear).filter(|_| !cli.json) {
        Some(words) => out(&format!("{words}\n  {}\n", stats::UNCLEAR_HINT)),
        None => Ok(()),
    }
}

/// A page without an application tells nothing.
fn check_some(facts: &Facts, period: &Period) -> Done {
    let days = || facts.applications.iter().map(|it| period.day(it.opened_at));
    if facts.applications.iter().any(|it| period.holds(it.opened_at)) {
        return Ok(());
    }
    Err(match days().min().zip(days().max()) {
        Some((first, last)) => {
            let hint = Some(format!("The first one is of {first}, the last of {last}"));
            Failure::failed("No application began on these days", hint)
        }
        None => {
            let hint = "regards scan PATH lists what each mail is".to_owned();
            Failure::failed("No application was found in this mail", Some(hint))
        }
    })
}

/// Writes what was wanted of these facts into a directory; how many mails are in none of the
/// applications.
pub(super) fn write_all(
    cli: &Cli,
    mut facts: Facts,
    period: &Period,
    dir: &Path,
    wanted: Wanted,
) -> Result<u64, Failure> {
    check_some(&facts, period)?;
    if wanted.anonymous {
        anonymous::rename(&mut facts);
    }
    let page = page::page(&facts, period, now());
    let mut files = vec![(PAGE_FILE.to_owned(), report::html(&page))];
    if wanted.svg {
        let alone = |it| report::svg(it).map(|svg| (format!("{}.svg", it.name), svg));
        files.extend(page.sections.iter().filter_map(alone));
    }
    if wanted.sankeymatic {
        files.push((SANKEYMATIC_FILE.to_owned(), sankeymatic(&page)));
    }
    std::fs::create_dir_all(dir).map_err(|error| unwritable(dir, &error))?;
    for (name, text) in files {
        let path = dir.join(name);
        write_private(&path, &text).map_err(|error| unwritable(&path, &error))?;
        match cli.json {
            true => out_json(&Written { written: path })?,
            false => out(&format!("Written: {}\n", print::clean(&path.display().to_string())))?,
        }
    }
    Ok(facts.unclear_in(period))
}

fn sankeymatic(page: &Page) -> String {
    let flows = |picture: &Picture| match picture {
        Picture::Sankey(sankey) => Some(sankey.lines()),
        Picture::Columns(_) | Picture::Rows(_) => None,
    };
    page.sections.iter().filter_map(|it| it.picture.as_ref()).filter_map(flows).collect()
}

/// Whole or not at all, and readable by the user alone: where one applied is nobody else's
/// business until the user shares it.
pub(super) fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let dir = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    file.write_all(text.as_bytes())?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    let message = format!("Could not write {}: {error}", path.display());
    Failure::failed(message, Some("Name a directory that you may write to".to_owned()))
}
