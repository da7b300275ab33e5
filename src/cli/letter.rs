//! `regards letter`: the week that is over, in a few lines.

use jiff::civil::Date;

use super::args::Cli;
use super::print::{self, Style};
use super::{Done, Failure, now, out, out_json, place};
use crate::review::letter::Unread;
use crate::stats::Letter;

/// `regards letter`
pub(super) fn letter(cli: &Cli, until: Option<Date>) -> Done {
    let mut desk = place::desk(cli)?;
    let today = desk.today(now());
    if let Some(day) = until.filter(|day| *day >= today) {
        let over = desk.letter(None, now())?.until;
        let hint = Some(format!("The last week that is over: regards letter --until {over}"));
        return Err(Failure::usage(format!("{day} is not over yet"), hint));
    }
    let letter = desk.letter(until, now())?;
    // A script that looks must not hide it from the person.
    if cli.json {
        return out_json(&letter);
    }
    out(&page(&letter, today))?;
    Ok(desk.letter_read(&letter, now())?)
}

/// For so many days after its week a letter tells how it stands today, too: until the next.
const DAYS_OF_NEWS: i32 = 7;

/// A line of the desk.
pub(super) fn line(it: &Unread) -> String {
    format!("\nYour letter of the week until {}: regards letter\n", named(it.until))
}

fn named(day: Date) -> String {
    day.strftime("%A, %-d %B %Y").to_string()
}

fn page(it: &Letter, today: Date) -> String {
    let same_year = it.since.year() == it.until.year();
    let first = it.since.strftime(if same_year { "%A, %-d %B" } else { "%A, %-d %B %Y" });
    let heading = format!("{first} to {}", named(it.until));
    let mut page = print::paint(Style::Strong, &heading, print::colors()) + "\n\n";
    let week = week(it);
    if week.is_empty() {
        page.push_str("A quiet week. It says nothing about you; rest is part of the search.\n");
    }
    week.iter().for_each(|(count, what)| page.push_str(&line_of(*count, what)));
    // Beside a week of long ago it would be taken for how it stood then.
    let ended = today.since(it.until).map_or(i32::MAX, |span| span.get_days());
    if ended > DAYS_OF_NEWS {
        return page;
    }
    page.push_str("\nToday\n");
    page.push_str(&line_of(
        it.open,
        &plural(it.open, "application is open", "applications are open"),
    ));
    if it.drafts > 0 {
        let waits = plural(it.drafts, "draft waits for you", "drafts wait for you");
        page.push_str(&line_of(it.drafts, &format!("{waits}: regards review")));
    }
    page
}

/// What happened; a nought is left out, but not beside a goal.
fn week(it: &Letter) -> Vec<(u64, String)> {
    let goal = it.goal.map(|goal| format!(" (your goal: {goal})")).unwrap_or_default();
    let applications = plural(it.applications, "application", "applications") + &goal;
    let mut week = vec![(it.applications, applications)];
    for (count, one, many) in [
        (it.first_answers, "first answer to an application", "first answers to applications"),
        (it.invitations, "invitation", "invitations"),
        (it.offers, "offer", "offers"),
        (it.rejections, "rejection", "rejections"),
        (it.fell_silent, "answer became overdue", "answers became overdue"),
        (it.replies_sent, "reply of yours left", "replies of yours left"),
        (it.replies_answered, "answer to a reply of yours", "answers to replies of yours"),
        (it.feedback, "feedback was given", "times feedback was given"),
    ] {
        week.push((count, plural(count, one, many)));
    }
    let goal_stands = |at: usize| at == 0 && it.goal.is_some();
    let told = |(at, (count, _)): &(usize, (u64, String))| *count > 0 || goal_stands(*at);
    week.into_iter().enumerate().filter(told).map(|(_, line)| line).collect()
}

fn plural(count: u64, one: &str, many: &str) -> String {
    if count == 1 { one.to_owned() } else { many.to_owned() }
}

fn line_of(count: u64, what: &str) -> String {
    format!("{}  {what}\n", print::paint(Style::Good, &format!("{count:>4}"), print::colors()))
}
