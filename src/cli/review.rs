//! `regards review`: the desk, one draft after the other.

mod words;

use super::args::Cli;
use super::print::{self, Style};
use super::run::{self, Finder};
use super::{Done, Failure, desk, now, out, place, show, when, wins};
use crate::model::ids::ReplyNo;
use crate::model::visibility::Visibility;
use crate::review::listing::Scope;
use crate::review::{Desk, DeskError};

const CHOICES: &str =
    "[a]pprove  [e]dit  [i]ntent  [n]ot today  [l]ater  [s]kip  [h]eart  [w]hy  [q]uit  ? ";

/// What `?` says.
const MEANINGS: &str = "What each key does:
  a  approve    say yes to exactly this mail; it leaves when the undo time is over
  e  edit       change the text in your editor
  i  intent     have the draft made anew for something else (thanks, a request for feedback …)
  n  not today  have it back on the next working day
  l  later      have it back at another time: 3d, 2 weeks, friday, 2027-02-01
  s  skip       do not answer this one, ever
  h  heart      keep the company in mind: a short follow-up is drafted in three months
  w  why        by which words it was taken for a rejection, and what happened since
  q  quit       stop here; what is not decided stays on the desk
Enter alone does nothing.";

/// Makes drafts anew; opened when it is needed.
type Drafter<'a> = &'a dyn Fn() -> Result<Finder, Failure>;

/// Where the review goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    /// The same draft again.
    Again,
    /// The next one.
    Next,
    /// Home.
    Quit,
}

/// `regards review`
pub(super) fn review(cli: &Cli) -> Done {
    if cli.json {
        let hint = "For scripts: regards desk --json, regards show ID --json".to_owned();
        let message = "`review` is a talk with a person and prints no JSON";
        return Err(Failure::usage(message, Some(hint)));
    }
    let mut desk = place::desk(cli)?;
    through(&mut desk, &|| run::finder(cli))
}

/// Goes through everything that is drafted.
pub(super) fn through(desk: &mut Desk, drafter: Drafter<'_>) -> Done {
    let scope = Scope { ended: false, visibility: Visibility::Released };
    let listing = desk.list(scope, now())?;
    for brake in &listing.brakes {
        out(&print::paint(Style::Warning, &desk::held(brake), print::colors()))?;
    }
    let waiting: Vec<ReplyNo> =
        listing.rows.iter().filter(|row| row.state == "drafted").map(|row| row.reply).collect();
    if waiting.is_empty() {
        let why = listing.empty_because.unwrap_or_else(|| "no draft waits for you".to_owned());
        return out(&format!("Nothing to review: {why}.\n"));
    }
    desk::warning(&listing)?;
    let mut asked = false;
    for (at, no) in waiting.iter().enumerate() {
        out(&format!("\n── {} of {} ──\n", at.saturating_add(1), waiting.len()))?;
        loop {
            match one(desk, drafter, *no)? {
                Then::Again => {}
                Then::Next => {
                    asked = asked || wins::offer(desk, *no)?;
                    break;
                }
                Then::Quit => return Ok(()),
            }
        }
    }
    out("That was all.\n")
}

fn one(desk: &mut Desk, drafter: Drafter<'_>, no: ReplyNo) -> Result<Then, Failure> {
    let opened = desk.open(no, now())?;
    out(&show::page(&opened))?;
    show::seen(desk, &opened)?;
    let Some(choice) = show::answer(CHOICES)? else { return Ok(Then::Quit) };
    let done = match choice.as_str() {
        "a" | "approve" => approve(desk, no, &opened),
        "e" | "edit" => edit(desk, no, &opened),
        "i" | "intent" => words::intent(drafter, &opened.reply),
        "n" | "not today" => not_today(desk, no),
        "l" | "later" => later(desk, no),
        "s" | "skip" => {
            desk.skip(no, now()).map_err(Into::into).map(|_| ("Skipped.".to_owned(), Then::Next))
        }
        "h" | "heart" => super::remind::heart(desk, no).map(|said| (said, Then::Again)),
        "w" | "why" => Ok((why(&opened), Then::Again)),
        "q" | "quit" => return Ok(Then::Quit),
        "?" | "help" => Ok((MEANINGS.to_owned(), Then::Again)),
        _ => Ok(("Type one of the letters in brackets; ? tells each.".to_owned(), Then::Again)),
    };
    match done {
        Ok((text, then)) => {
            out(&format!("{text}\n"))?;
            Ok(then)
        }
        // What cannot be done is said, and the draft is shown again.
        Err(failure) => {
            let hint = failure.hint.map(|it| format!("  → {}\n", print::clean(&it)));
            let said = format!("{}\n{}", print::clean(&failure.message), hint.unwrap_or_default());
            out(&print::paint(Style::Bad, &said, print::colors()))?;
            Ok(Then::Again)
        }
    }
}

type Step = Result<(String, Then), Failure>;

fn approve(desk: &mut Desk, no: ReplyNo, opened: &crate::review::Opened) -> Step {
    let Some(digest) = opened.digest else {
        return Ok(("There is nothing to approve.".to_owned(), Then::Next));
    };
    match desk.approve(no, digest, now()) {
        Err(DeskError::Tone { findings, .. }) => return words::tone(desk, no, opened, &findings),
        told => told?,
    };
    run::nudge(desk.store().dir());
    if let Some(brake) = desk.brakes(now())?.first() {
        return Ok((desk::waits(no, brake), Then::Next));
    }
    Ok((format!("Approved; until it leaves: regards revoke {no}"), Then::Next))
}

fn edit(desk: &mut Desk, no: ReplyNo, opened: &crate::review::Opened) -> Step {
    let Some(draft) = opened.reply.state.draft() else {
        return Ok(("There is nothing to edit.".to_owned(), Then::Next));
    };
    let text = show::in_editor(&draft.text)?;
    let edited = desk.edit(no, &text, desk::random()?, now());
    edited.map_err(|error| show::kept(no, &text, error.into()))?;
    Ok(("Changed.".to_owned(), Then::Again))
}

/// It comes back with the first office hours from tomorrow on.
fn not_today(desk: &mut Desk, no: ReplyNo) -> Step {
    desk.snooze(no, super::tomorrow()?, now())?;
    Ok(("It comes back on the next working day.".to_owned(), Then::Next))
}

fn later(desk: &mut Desk, no: ReplyNo) -> Step {
    let Some(time) = show::answer("Until when? [3d] ")? else {
        return Ok(("It stays on the desk.".to_owned(), Then::Next));
    };
    let time = if time.is_empty() { "3d".to_owned() } else { time };
    let until = when::when(&time, now())?;
    desk.snooze(no, until, now())?;
    Ok((format!("It comes back after {}.", super::moment(until)), Then::Next))
}

/// The words by which the mail was recognised, and what happened since.
fn why(opened: &crate::review::Opened) -> String {
    let mut text = super::explain::reasons(&opened.parent);
    for entry in &opened.journal {
        let why = entry.why.as_deref().map(|why| format!(": {}", print::clean(why)));
        text.push_str(&format!(
            "  {}  {} by {}{}\n",
            super::moment(entry.at),
            entry.what,
            entry.by,
            why.unwrap_or_default()
        ));
    }
    text
}
