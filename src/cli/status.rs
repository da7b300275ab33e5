//! `regards status`: what the daemon does, and what waits.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::args::Cli;
use super::print::{self, Style};
use super::{Done, Failure, desk, moment, now, out, out_json, place, rule_set};
use crate::model::visibility::Visibility;
use crate::review::listing::{Listing, Scope};
use crate::stats;
use crate::store::accounts::{self, AccountRow};
use crate::store::sightings;

/// An account that was not read for so long makes `status` fail.
const UNREAD_FOR: SignedDuration = SignedDuration::from_hours(1);

/// Closer than this, the contact counts as standing: the daemon confirms it at every IDLE.
/// Finer words would change by the minute, and with every mail that came.
const IN_CONTACT: SignedDuration = SignedDuration::from_mins(12);

/// A line of `status --json`. The field names stay.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum Line<'a> {
    /// The daemon.
    Daemon { running: bool },
    /// One account.
    Account {
        account: &'a str,
        /// `in-contact`, `waiting` or `not-yet`.
        state: &'static str,
        /// When it was last read to its end; `null` while in contact.
        last_contact: Option<Timestamp>,
        mail_read: i64,
        why: Option<&'a str>,
    },
    /// What holds drafts.
    Brake(&'a crate::store::brakes::Brake),
    /// The user's own rule files cannot be used.
    Rules { why: &'a str },
    /// What was read and what waits.
    Counts(Counts),
}

#[derive(Serialize)]
struct Counts {
    mail_read: i64,
    drafts: usize,
    approved: usize,
    doubtful: usize,
    questions: usize,
    /// Mails that fit several applications.
    unclear: usize,
}

/// `regards status`
pub(super) fn status(cli: &Cli) -> Done {
    let mut desk = place::desk(cli)?;
    let moment_now = now();
    let running = desk.store().dir().daemon_runs();
    let scope = Scope { ended: false, visibility: Visibility::Released };
    let listing = desk.list(scope, moment_now)?;
    let (rows, mail_read) = desk.store().read(|tx| {
        let mut rows = Vec::new();
        for row in accounts::all(tx)?.into_iter().filter(|row| row.present) {
            let read = sightings::count_read_of(tx, row.no)?;
            rows.push((row, read));
        }
        Ok((rows, sightings::count_read(tx)?))
    })?;
    let counts = counts(&listing, mail_read, desk.unclear()?.len());
    let broken = rule_set::in_force(cli).err().map(|failure| failure.message);
    if cli.json {
        out_json(&Line::Daemon { running })?;
        for (row, read) in &rows {
            out_json(&account_line(row, *read, moment_now))?;
        }
        for brake in &listing.brakes {
            out_json(&Line::Brake(brake))?;
        }
        if let Some(why) = &broken {
            out_json(&Line::Rules { why })?;
        }
        out_json(&Line::Counts(counts))?;
    } else {
        print_text(running, &rows, &listing, &counts, moment_now)?;
        broken.map_or(Ok(()), |why| out(&broken_rules(&why)))?;
    }
    let unread = |row: &AccountRow| {
        row.contact_at.is_none_or(|at| moment_now.duration_since(at) > UNREAD_FOR)
    };
    if rows.iter().any(|(row, _)| unread(row)) { Err(Failure::told()) } else { Ok(()) }
}

/// A running daemon goes on with the last good ones, and says so only in its log.
fn broken_rules(why: &str) -> String {
    let mut lines = why.lines().map(print::clean);
    let first = lines.next().unwrap_or_default();
    let more = match lines.count() {
        0 => String::new(),
        more => format!(" (and {})", print::counted(more as u64, "further mistake")),
    };
    let text = format!("Your own rules are not in force: {first}{more}\n");
    print::paint(Style::Bad, &text, print::colors()) + "  → regards rules check\n"
}

fn counts(listing: &Listing, mail_read: i64, unclear: usize) -> Counts {
    let of = |state: &str| listing.rows.iter().filter(|row| row.state == state).count();
    Counts {
        mail_read,
        drafts: of("drafted"),
        approved: of("approved"),
        doubtful: of("doubtful"),
        questions: listing.asked.len(),
        unclear,
    }
}

fn state(row: &AccountRow, now: Timestamp) -> &'static str {
    match row.contact_at {
        _ if row.waiting.is_some() => "waiting",
        None => "not-yet",
        Some(at) if now.duration_since(at) <= IN_CONTACT => "in-contact",
        Some(_) => "waiting",
    }
}

fn account_line(row: &AccountRow, mail_read: i64, now: Timestamp) -> Line<'_> {
    let state = state(row, now);
    Line::Account {
        account: &row.label,
        state,
        last_contact: row.contact_at.filter(|_| state != "in-contact"),
        mail_read,
        why: row.waiting.as_deref(),
    }
}

fn print_text(
    running: bool,
    rows: &[(AccountRow, i64)],
    listing: &Listing,
    counts: &Counts,
    now: Timestamp,
) -> Done {
    let color = print::colors();
    for brake in &listing.brakes {
        out(&print::paint(Style::Warning, &desk::held(brake), color))?;
    }
    out(if running {
        "The daemon is running.\n"
    } else {
        "The daemon is not running: regards run, or systemctl --user start regards\n"
    })?;
    for (row, read) in rows {
        let label = print::clean(&row.label);
        let last = row.contact_at.map_or("never".to_owned(), moment);
        let text = match (state(row, now), &row.waiting) {
            ("in-contact", _) => {
                let text = if running { "in contact, read to its end" } else { "read to its end" };
                print::paint(Style::Good, text, color)
            }
            (_, Some(why)) => {
                let text = format!("waiting: {} (last read: {last})", print::clean(why));
                print::paint(Style::Bad, &text, color)
            }
            ("not-yet", None) => "the first look is not finished".to_owned(),
            (_, None) => format!("last read: {last}"),
        };
        let read = print::counted(u64::try_from(*read).unwrap_or_default(), "mail");
        out(&format!("{label}: {text}; {read} read\n"))?;
    }
    out(&format!(
        "{}, {} approved, {} doubtful, {}\n",
        print::counted(counts.drafts as u64, "draft"),
        counts.approved,
        counts.doubtful,
        print::counted(counts.questions as u64, "question")
    ))?;
    stats::unclear_words(counts.unclear as u64)
        .map_or(Ok(()), |words| out(&format!("{words}\n  {}\n", stats::UNCLEAR_HINT)))
}
