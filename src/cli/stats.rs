//! `regards stats`: the search in figures.

use std::io::IsTerminal;

use jiff::tz::TimeZone;

use super::args::{Cli, PeriodArgs, StatsArgs};
use super::{Done, Failure, course, now, out, out_json, place, print, width};
use crate::model::visibility::Visibility;
use crate::stats::{self, By, Counted, Days, Group, Look, Period};

/// From here on a table has room for quartiles.
const WIDE_COLUMNS: usize = 110;

/// `regards stats`
pub(super) fn stats(cli: &Cli, args: &StatsArgs) -> Done {
    let mut desk = place::desk(cli)?;
    let period = period(&args.period, desk.zone())?;
    let facts = desk.facts(visibility(&args.period))?;
    if let Some(by) = args.by {
        let groups = stats::groups(&facts, &period, by, now());
        return match cli.json {
            true => groups.iter().try_for_each(out_json),
            false => out(&table(&groups, by, !args.plain && print::colors())),
        };
    }
    let figures = stats::figures(&facts, &period, now());
    if cli.json {
        return out_json(&figures);
    }
    let look = look(args.plain);
    if args.replies {
        return out(&stats::render_replies(&figures, width(), look));
    }
    out(&course::screen(&facts, &figures, &period, now(), (width(), look)))
}

/// How much may be drawn on standard output.
pub(super) fn look(plain: bool) -> Look {
    let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
    match std::io::stdout().is_terminal() && !plain && !dumb {
        true if print::colors() => Look::Coloured,
        true => Look::Drawn,
        false => Look::Plain,
    }
}

/// The days that were named, as the user's.
pub(super) fn period(args: &PeriodArgs, zone: TimeZone) -> Result<Period, Failure> {
    let (since, until) = (args.since, args.until);
    if let Some((since, until)) = since.zip(until).filter(|(since, until)| since > until) {
        let message = format!("No day is since {since} and until {until}");
        let hint = format!("--since {until} --until {since}");
        return Err(Failure::usage(message, Some(hint)));
    }
    Ok(Period { since, until, zone })
}

/// What may be known.
pub(super) fn visibility(args: &PeriodArgs) -> Visibility {
    if args.cooling { Visibility::Cooling } else { Visibility::Released }
}

/// One line for each sort of application.
fn table(groups: &[Group], by: By, color: bool) -> String {
    if groups.is_empty() {
        return "No applications yet\n".to_owned();
    }
    let heading = by.name().to_uppercase();
    let heading = [
        heading.as_str(),
        "ALL",
        "ANSWERED",
        "TALKS",
        "OFFERS",
        "REJECTED",
        "SILENT",
        "ANSWER IN",
        "NO IN",
    ];
    let row = |group: &Group| {
        let Counted { applications, answered, invited, offered, rejected, silent, .. } =
            group.counted;
        let numbers = [applications, answered, invited, offered, rejected, silent];
        let name = group.name.clone().unwrap_or_else(|| unnamed(by).to_owned());
        let times = [group.counted.first_answer, group.counted.rejection].map(days);
        [name].into_iter().chain(numbers.map(|it| it.to_string())).chain(times).collect()
    };
    let rows: Vec<Vec<String>> = groups.iter().map(row).collect();
    print::table_or_lines(&heading, &rows, width(), color)
}

fn unnamed(by: By) -> &'static str {
    if by == By::System { "none" } else { "not known" }
}

/// A median, and where there is room the quartiles.
fn days(days: Option<Days>) -> String {
    let Some(Days { median, lower_quartile, upper_quartile, .. }) = days else {
        return "-".to_owned();
    };
    match lower_quartile.zip(upper_quartile).filter(|_| width() >= WIDE_COLUMNS) {
        Some((lower, upper)) => format!("{median} d ({lower} to {upper})"),
        None => format!("{median} d"),
    }
}
