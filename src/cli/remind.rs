//! `regards remind`: when to write once more, or to apply again.

use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::args::{Cli, RemindArgs};
use super::{Done, Failure, day, now, out, out_json, place, when, width};
use super::{ics, print, report};
use crate::model::ids::{CaseNo, ReplyNo};
use crate::review::Desk;
use crate::review::reminders::Remembered;

/// On a narrower terminal the date would be cut.
const TABLE_COLUMNS_MIN: usize = 70;

/// The time for a company that the user marks in `review`.
const HEART: &str = "3 months";

/// `regards remind`
pub(super) fn remind(cli: &Cli, args: &RemindArgs) -> Done {
    let mut desk = place::desk(cli)?;
    if let Some(path) = &args.ics {
        return calendar(cli, path, &desk.reminders()?);
    }
    let Some(case) = args.id else { return list(cli, &mut desk) };
    let due = day_to_come(&args.when.join(" "), now())?;
    let it = desk.remind(case, due, now())?;
    if cli.json {
        return out_json(&it);
    }
    let name = print::clean(&name(&it));
    out(&match it.due {
        Some(due) => format!("{}: {name}, on {}\n", id(&it), day(due)),
        None => format!("{}: {name}, never\n", id(&it)),
    })
}

fn calendar(cli: &Cli, path: &Path, all: &[Remembered]) -> Done {
    report::write_private(path, &ics::calendar(all, &TimeZone::system())).map_err(|error| {
        let message = format!("Could not write {}: {error}", path.display());
        Failure::failed(message, Some("Name a file that you may write".to_owned()))
    })?;
    if cli.json {
        return out_json(&serde_json::json!({ "written": path, "reminders": all.len() }));
    }
    let what = print::counted(all.len() as u64, "reminder");
    out(&format!("Written: {} ({what})\n", print::clean(&path.display().to_string())))
}

/// The company of this draft is to be kept in mind.
pub(super) fn heart(desk: &mut Desk, no: ReplyNo) -> Result<String, Failure> {
    let wanted = day_to_come(HEART, now())?;
    // What the employer stated, or the user chose, may be a better time.
    let known = desk.reminders()?.into_iter().find(|it| it.reply == Some(no) && it.due >= wanted);
    if let Some(it) = known {
        let on = it.due.map(day).unwrap_or_default();
        return Ok(format!("Kept in mind until {on} already ({})", why(&it)));
    }
    let it = desk.remind(CaseNo::Reply(no), wanted, now())?;
    let on = it.due.map(day).unwrap_or_default();
    Ok(format!("Kept in mind until {on}; another time: regards remind {no} 6 weeks"))
}

/// What was typed to the instant that it means; `None`: never.
fn day_to_come(typed: &str, now: Timestamp) -> Result<Option<Timestamp>, Failure> {
    if typed == "never" {
        return Ok(None);
    }
    let at = when::when(typed, now)?;
    let date = |at: Timestamp| at.to_zoned(TimeZone::system()).date();
    // `3m` are minutes, and hardly meant.
    let today = date(at) == date(now);
    if today { Err(when::unusable(typed, "is still today")) } else { Ok(Some(at)) }
}

fn list(cli: &Cli, desk: &mut Desk) -> Done {
    let all = desk.reminders()?;
    if cli.json {
        return all.iter().try_for_each(out_json);
    }
    if all.is_empty() {
        return out("Nobody is kept in mind; to write once more: regards remind r3 3 months\n");
    }
    if width() < TABLE_COLUMNS_MIN {
        let stacked = |it: &Remembered| {
            let on = it.due.map(day).unwrap_or_default();
            out(&format!(
                "{}  {on}\n    {}\n    {}\n",
                id(it),
                print::clean(&name(it)),
                print::clean(&why(it))
            ))
        };
        return all.iter().try_for_each(stacked);
    }
    let cell = |it: &Option<String>| it.clone().unwrap_or_else(|| "?".to_owned());
    let row = |it: &Remembered| {
        vec![
            id(it),
            cell(&it.company),
            cell(&it.role),
            it.due.map(day).unwrap_or_default(),
            why(it),
        ]
    };
    let rows: Vec<Vec<String>> = all.iter().map(row).collect();
    out(&print::table(&["", "company", "role", "when", "why"], &rows, width(), print::colors()))
}

/// A line of the desk.
pub(super) fn line(it: &Remembered) -> String {
    format!("  {}  {}\n", id(it), print::clean(&format!("{}: {}", name(it), why(it))))
}

pub(super) fn why(it: &Remembered) -> String {
    match &it.said {
        Some(words) => format!("they said “{words}”"),
        None => "you wanted to be reminded".to_owned(),
    }
}

pub(super) fn name(it: &Remembered) -> String {
    let company = it.company.as_deref().unwrap_or("unknown company");
    it.role.as_deref().map_or(company.to_owned(), |role| format!("{company}, {role}"))
}

/// The number by which the user knows it.
fn id(it: &Remembered) -> String {
    it.reply.map_or_else(|| it.message.to_string(), |no| no.to_string())
}
