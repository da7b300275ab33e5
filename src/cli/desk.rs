//! The desk's commands: list, and decide about one reply or message.

use std::io::Read;
use std::path::Path;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::args::{Cli, Resolution};
use super::print::{self, Style};
use super::{
    Done, Failure, day, find, letter, moment, nobody, now, out, out_json, place, remind, run, show,
    when, width,
};
use crate::model::ids::{MailNo, ReplyNo};
use crate::model::mail::Digest;
use crate::model::reply::{Refusal, Reply, ReplyState};
use crate::model::verdict::Kind;
use crate::model::visibility::Visibility;
use crate::review::Desk;
use crate::review::letter::Unread;
use crate::review::listing::{Asked, Away, Listing, Row, Scope};
use crate::review::nobody::Nobody;
use crate::review::reminders::Remembered;
use crate::store::StateDir;
use crate::store::decisions::Outcome;

/// On a narrower terminal the table's columns would be cut to nothing.
const TABLE_COLUMNS_MIN: usize = 60;

/// How long a command waits for a running daemon to carry a decision out.
const APPLIED_WITHIN: std::time::Duration = std::time::Duration::from_secs(3);

/// `regards desk`
pub(super) fn desk(cli: &Cli, all: bool, cooling: bool) -> Done {
    let mut desk = place::desk(cli)?;
    let visibility = if cooling { Visibility::Cooling } else { Visibility::Released };
    let listing = desk.list(Scope { ended: all, visibility }, now())?;
    if cli.json {
        print_json(&listing)?;
    } else {
        print_text(&listing, all)?;
    }
    // A script that looks must not hide them from the person.
    if !cli.json && !listing.away.is_empty() {
        desk.away_listed(&listing.away)?;
    }
    Ok(())
}

/// A line of `desk --json`: what it is, and its fields.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum Line<'a> {
    Brake(&'a crate::store::brakes::Brake),
    Reply(&'a Row),
    Question(&'a Asked),
    Away(&'a Away),
    Reminder(&'a Remembered),
    Nobody(&'a Nobody),
    Letter(&'a Unread),
    Warning { text: &'a str },
}

fn print_json(listing: &Listing) -> Done {
    let brakes = listing.brakes.iter().map(Line::Brake);
    let rows = listing.rows.iter().map(Line::Reply);
    let asked = listing.asked.iter().map(Line::Question);
    let away = listing.away.iter().map(Line::Away);
    let reminders = listing.reminders.iter().map(Line::Reminder);
    let nobody = listing.nobody.iter().map(Line::Nobody);
    let letter = listing.letter.iter().map(Line::Letter);
    let warning = listing.warning.as_deref().map(|text| Line::Warning { text });
    let told = brakes.chain(rows).chain(asked).chain(away).chain(reminders).chain(nobody);
    told.chain(letter).chain(warning).try_for_each(|line| out_json(&line))
}

fn print_text(listing: &Listing, all: bool) -> Done {
    let (color, width) = (print::colors(), width());
    for brake in &listing.brakes {
        out(&print::paint(Style::Warning, &held(brake), color))?;
    }
    if let Some(why) = &listing.empty_because {
        out(&format!("The desk is empty: {why}.\n"))?;
    }
    if !listing.rows.is_empty() {
        if width < TABLE_COLUMNS_MIN {
            listing.rows.iter().try_for_each(|row| out(&stacked(row, width)))?;
        } else {
            let rows: Vec<Vec<String>> = listing.rows.iter().map(row).collect();
            let heading = ["", "mail", "state", "company", "role", "to", "received"];
            out(&print::table(&heading, &rows, width, color))?;
        }
        for row in &listing.rows {
            if let Some(notice) = &row.notice {
                out(&format!("  {}: {}\n", row.reply, print::lines(notice, "      ")))?;
            }
        }
    }
    if !listing.asked.is_empty() {
        out("\nYou are asked:\n")?;
        for it in &listing.asked {
            out(&question(it))?;
        }
    }
    if !listing.away.is_empty() {
        out("\nCame while you were away (counted, not drafted; later in `desk --all`):\n")?;
        for it in &listing.away {
            let company = it.company.as_deref().unwrap_or("unknown company");
            out(&format!("  {}  {}  {}\n", it.message, day(it.received), print::clean(company)))?;
        }
        out("  `regards draft ID` drafts an answer to one of them\n")?;
    }
    if !listing.reminders.is_empty() {
        out("\nTo keep in touch:\n")?;
        listing.reminders.iter().try_for_each(|it| out(&remind::line(it)))?;
        out(
            "  another time: regards remind ID 3 months; no more of it: regards remind ID never\n",
        )?;
    }
    nobody::told(&listing.nobody, all)?;
    listing.letter.iter().try_for_each(|it| out(&letter::line(it)))?;
    warning(listing)
}

/// What is said once of all replies.
pub(super) fn warning(listing: &Listing) -> Done {
    let Some(text) = &listing.warning else { return Ok(()) };
    out(&print::paint(Style::Warning, &format!("! {text}\n"), print::colors()))
}

/// A brake as the first line of every listing.
pub(super) fn held(brake: &crate::store::brakes::Brake) -> String {
    let until = brake.until.map(|at| format!(" until {}", moment(at))).unwrap_or_default();
    format!("Held{until}: {}. `regards resume` goes on.\n", print::clean(&brake.why))
}

/// A reply below each other, for a terminal that is too narrow for columns.
fn stacked(row: &Row, width: usize) -> String {
    let company = row.company.as_deref().unwrap_or("?");
    let role = row.role.as_deref().map(|role| format!(", {role}")).unwrap_or_default();
    let mut lines = vec![
        format!("{}  {}, {} of {}", row.reply, row.state, row.message, day(row.received)),
        format!("    {}", print::clean(&format!("{company}{role}"))),
    ];
    lines.extend(row.to.as_deref().map(|to| format!("    to {}", print::clean(to))));
    lines.iter().map(|line| print::fit(line, width) + "\n").collect()
}

fn row(row: &Row) -> Vec<String> {
    vec![
        row.reply.to_string(),
        row.message.to_string(),
        row.state.to_owned(),
        row.company.clone().unwrap_or_else(|| "?".to_owned()),
        row.role.clone().unwrap_or_default(),
        row.to.clone().unwrap_or_default(),
        day(row.received),
    ]
}

fn question(it: &Asked) -> String {
    use crate::store::messages::Question;
    let guess = it.guess.map_or("", Kind::name);
    let asks = match it.question {
        Question::Unsure => format!("is it {guess}?"),
        Question::Ambiguous => "which application does it belong to?".to_owned(),
        Question::Contradicts => "it does not fit what is known of the application".to_owned(),
        Question::SameIds => "it carries another mail's identifiers".to_owned(),
    };
    let from = print::clean(it.from.as_deref().unwrap_or("nobody named"));
    let subject = print::clean(&it.subject);
    format!(
        "  {}  {}  {from}: {subject}\n      {asks}  (regards explain {}; regards correct {} KIND)\n",
        it.message,
        day(it.received),
        it.message,
        it.message
    )
}

/// `regards approve`: the mail that was shown, and no other.
pub(super) fn approve(cli: &Cli, no: ReplyNo, seen: Option<&str>) -> Done {
    let mut desk = place::desk(cli)?;
    let seen = match seen {
        Some(hex) => Digest::from_hex(hex).ok_or_else(|| {
            let hint = format!("Take `digest` from: regards show {no} --json");
            Failure::usage(format!("`{hex}` is not a digest"), Some(hint))
        })?,
        None => last_shown(&mut desk, no)?,
    };
    let reply = desk.approve(no, seen, now())?;
    run::nudge(desk.store().dir());
    let held = desk.brakes(now())?;
    match held.first().filter(|_| !cli.json) {
        Some(brake) => out(&waits(no, brake))?,
        None => told(cli, &reply)?,
    }
    if cli.json || desk.store().dir().daemon_runs() {
        return Ok(());
    }
    out("The daemon is not running; it leaves once you start it: regards run\n")
}

/// What is said of a yes while a brake holds everything.
pub(super) fn waits(no: ReplyNo, brake: &crate::store::brakes::Brake) -> String {
    format!("{no} is approved and waits; to take it back: regards revoke {no}\n{}", held(brake))
}

fn last_shown(desk: &mut Desk, no: ReplyNo) -> Result<Digest, Failure> {
    let opened = desk.open(no, now())?;
    let shown = desk.last_shown(no)?;
    let hint = Some(format!("regards show {no}"));
    match (shown, opened.digest) {
        (_, None) => Err(Failure::failed(
            format!("{no} is {}; there is nothing to approve", opened.reply.state.name()),
            hint,
        )),
        (Some(shown), Some(now_is)) if shown == now_is => Ok(shown),
        (Some(_), Some(_)) => {
            Err(Failure::failed(format!("{no} has changed since you looked at it"), hint))
        }
        (None, Some(_)) => Err(Failure::failed(
            format!("You have not seen {no} yet; only what was shown can be approved"),
            hint,
        )),
    }
}

/// What a decision left behind, in a line.
#[derive(Serialize)]
struct Told {
    reply: ReplyNo,
    state: &'static str,
    due: Option<jiff::Timestamp>,
}

fn told(cli: &Cli, reply: &Reply) -> Done {
    let due = match &reply.state {
        ReplyState::Approved(approval) => Some(approval.due),
        ReplyState::Cooling { not_before, .. } => Some(*not_before),
        _ => None,
    };
    if cli.json {
        return out_json(&Told { reply: reply.no, state: reply.state.name(), due });
    }
    out(&match &reply.state {
        ReplyState::Approved(approval) => format!(
            "{} is approved and leaves at {} or later; until then: regards revoke {}\n",
            reply.no,
            moment(approval.due),
            reply.no
        ),
        ReplyState::Cooling { not_before, .. } => {
            format!("{} comes back on {}\n", reply.no, moment(*not_before))
        }
        ReplyState::Drafted { .. } => {
            format!("{} is on the desk: regards show {}\n", reply.no, reply.no)
        }
        other => format!("{} is {}\n", reply.no, other.name()),
    })
}

/// `regards revoke`
pub(super) fn revoke(cli: &Cli, no: ReplyNo) -> Done {
    let reply = place::desk(cli)?.revoke(no, now())?;
    told(cli, &reply)
}

/// `regards edit`
pub(super) fn edit(cli: &Cli, no: ReplyNo, text: Option<&Path>) -> Done {
    let mut desk = place::desk(cli)?;
    let state = desk.open(no, now())?.reply.state;
    // Before the editor opens: what is typed in vain is lost time.
    let editable = matches!(state, ReplyState::Drafted { .. } | ReplyState::Approved(_));
    if text.is_none() && !editable {
        let refusal = Refusal::NotNow { state: state.name(), event: "edited" };
        let hint = refusal.hint().map(str::to_owned);
        return Err(Failure::failed(refusal.to_string(), hint));
    }
    let typed = text.is_none_or(|path| path == Path::new("-"));
    let text = match text {
        Some(_) if typed => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text)?;
            text
        }
        Some(path) => std::fs::read_to_string(path).map_err(|error| {
            Failure::failed(format!("{} cannot be read: {error}", path.display()), None)
        })?,
        None => {
            let opened = desk.open(no, now())?;
            let Some(draft) = opened.reply.state.draft() else {
                let message = format!("{no} is {}", opened.reply.state.name());
                return Err(Failure::failed(message, None));
            };
            show::in_editor(&draft.text)?
        }
    };
    let reply = desk.edit(no, &text, random()?, now()).map_err(|error| match typed {
        true => show::kept(no, &text, error.into()),
        false => error.into(),
    })?;
    told(cli, &reply)?;
    if cli.json || state.name() != "approved" {
        return Ok(());
    }
    out(&format!("Your approval was of other words and is void: regards show {no}\n"))
}

/// Random bytes for a new Message-ID.
pub(super) fn random() -> Result<[u8; 16], Failure> {
    use ring::rand::{SecureRandom, SystemRandom};
    let mut bytes = [0u8; 16];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| Failure::failed("The system gives no random numbers", None))?;
    Ok(bytes)
}

/// `regards snooze`
pub(super) fn snooze(cli: &Cli, no: ReplyNo, time: &str) -> Done {
    let until = when::when(time, now())?;
    let mut desk = place::desk(cli)?;
    let reply = desk.snooze(no, until, now())?;
    // A short pause would be waited for a whole minute.
    run::nudge(desk.store().dir());
    told(cli, &reply)
}

/// `regards skip`
pub(super) fn skip(cli: &Cli, no: ReplyNo) -> Done {
    let mut desk = place::desk(cli)?;
    let put_away = desk.open(no, now())?.reply.state.has_ended();
    let reply = desk.skip(no, now())?;
    if put_away && !cli.json {
        return out(&format!("{no} is off the desk\n"));
    }
    told(cli, &reply)
}

/// `regards resolve`
pub(super) fn resolve(cli: &Cli, no: ReplyNo, outcome: Resolution) -> Done {
    let reply = place::desk(cli)?.resolve(no, outcome == Resolution::Sent, now())?;
    told(cli, &reply)
}

/// `regards correct`
pub(super) fn correct(cli: &Cli, no: &MailNo, kind: Kind) -> Done {
    let mut desk = place::desk(cli)?;
    let decision = match no {
        MailNo::Kept(no) => desk.correct(*no, kind, now())?,
        MailNo::Found(no) => find::admit(cli, no, kind)?,
    };
    applied(cli, &mut desk, decision)
}

/// Waits a moment for the daemon to carry a decision out, and says what came of it.
pub(super) fn applied(cli: &Cli, desk: &mut Desk, decision: i64) -> Done {
    let dir: StateDir = desk.store().dir().clone();
    run::nudge(&dir);
    let until = std::time::Instant::now() + APPLIED_WITHIN;
    let mut outcome = desk.outcome(decision)?;
    while outcome.is_none() && dir.daemon_runs() && std::time::Instant::now() < until {
        std::thread::sleep(std::time::Duration::from_millis(20));
        outcome = desk.outcome(decision)?;
    }
    let text = match outcome {
        Some(Outcome::Done(text)) => text,
        Some(Outcome::Refused(why)) => return Err(Failure::failed(why, None)),
        None => {
            let when = if dir.daemon_runs() { "as soon as" } else { "at the next run, when" };
            format!("It is applied {when} the daemon looks")
        }
    };
    if cli.json {
        return out_json(&serde_json::json!({ "decision": decision, "result": text }));
    }
    out(&format!("{}\n", print::clean(&text)))
}

/// `regards pause`
pub(super) fn pause(cli: &Cli, until: Option<Date>, today: bool) -> Done {
    let tomorrow = today.then(super::tomorrow).transpose()?;
    let until = until
        .map(|date| date.to_zoned(TimeZone::system()).map(|zoned| zoned.timestamp()))
        .transpose()
        .map_err(|error| Failure::usage(error.to_string(), None))?
        .or(tomorrow);
    let moment_now = now();
    if until.is_some_and(|at| at <= moment_now) {
        let hint = Some("It ends at the beginning of that day: give a later one".to_owned());
        return Err(Failure::usage("That day has begun already", hint));
    }
    let mut desk = place::desk(cli)?;
    desk.pause(until, moment_now)?;
    if cli.json {
        return told_held(true, until);
    }
    let until =
        until.map_or("until `regards resume`".to_owned(), |at| format!("until {}", day(at)));
    out(&format!("Drafts and sending are held {until}\n"))
}

/// `regards resume`
pub(super) fn resume(cli: &Cli) -> Done {
    let mut desk = place::desk(cli)?;
    let released = desk.resume()?;
    run::nudge(desk.store().dir());
    if cli.json {
        return told_held(false, None);
    }
    out(match released {
        0 => "Nothing was held\n",
        _ => "Drafts and sending go on\n",
    })
}

/// `pause --json` and `resume --json`.
fn told_held(held: bool, until: Option<jiff::Timestamp>) -> Done {
    out_json(&serde_json::json!({ "held": held, "until": until }))
}
