//! A moment for the user: the question that `review` offers, and `regards wins`.

use std::io::IsTerminal;

use serde::Serialize;

use super::args::Cli;
use super::print::{self, Style};
use super::{Done, Failure, day, now, out, out_json, place, show, width};
use crate::model::ids::ReplyNo;
use crate::review::Desk;
use crate::review::wins::{Counts, KindWords, Thought, Wins};

/// Text columns at most; longer lines are hard to read.
const TEXT_COLUMNS_MAX: usize = 78;

/// Offers a question after a reply was dealt with, to a person only: what a script types is
/// meant for the next draft. Tells whether one was asked.
pub(super) fn offer(desk: &mut Desk, no: ReplyNo) -> Result<bool, Failure> {
    if !std::io::stdin().is_terminal() {
        return Ok(false);
    }
    let Some(question) = desk.question(no)? else { return Ok(false) };
    out("\nFor yourself, if you like (it stays on this machine; Enter leaves it):\n")?;
    if let Some(text) = show::answer(&format!("{} ", question.sentence()))? {
        // One letter was meant for the next draft.
        let text = if text.chars().count() > 1 { text.as_str() } else { "" };
        desk.reflect(no, question, text, now())?;
        if !text.is_empty() {
            out("Kept; regards wins shows it.\n")?;
        }
    }
    Ok(true)
}

/// A line of `wins --json`.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum Line<'a> {
    Wins(&'a Counts),
    KindWords(&'a KindWords),
    Reflection(&'a Thought),
    Forgotten { no: i64 },
}

/// `regards wins`
pub(super) fn wins(cli: &Cli, forget: Option<i64>) -> Done {
    let mut desk = place::desk(cli)?;
    if let Some(no) = forget {
        desk.forget_reflection(no)?;
        return match cli.json {
            true => out_json(&Line::Forgotten { no }),
            false => out(&format!("Reflection {no} is erased\n")),
        };
    }
    let wins = desk.wins()?;
    if !cli.json {
        return out(&page(&wins));
    }
    out_json(&Line::Wins(&wins.counts))?;
    wins.kind_words.iter().try_for_each(|it| out_json(&Line::KindWords(it)))?;
    wins.reflections.iter().try_for_each(|it| out_json(&Line::Reflection(it)))
}

fn page(wins: &Wins) -> String {
    if wins.is_empty() {
        return "Nothing to count yet, and that says nothing about you: each application that \
                you sent took work and courage. What comes of it will stand here.\n"
            .to_owned();
    }
    let mut page = counted(&wins.counts);
    if !wins.kind_words.is_empty() {
        page.push_str("\nKind words:\n");
        for it in &wins.kind_words {
            let company = company(&it.company);
            page.push_str(&format!("  {}  {company}\n", day(it.received)));
            page.push_str(&indented(&format!("“{}”", print::clean(&it.text))));
        }
    }
    if !wins.reflections.is_empty() {
        page.push_str("\nWhat you thought:\n");
        wins.reflections.iter().for_each(|it| page.push_str(&thought(it)));
    }
    page
}

/// What there is; a nought is no win.
fn counted(counts: &Counts) -> String {
    let mut text = String::new();
    for (count, what) in [
        (counts.interviews, "interview reached"),
        (counts.offers, "offer"),
        (counts.answers, "answer to a reply of yours"),
        (counts.feedback, "of them with feedback"),
    ] {
        if count > 0 {
            text.push_str(&line(count, what));
        }
    }
    text
}

fn line(count: usize, what: &str) -> String {
    let color = print::colors();
    let number = print::paint(Style::Good, &format!("{count:>4}"), color);
    let what = match (count, what.split_once(' ')) {
        (1, _) => what.to_owned(),
        (_, Some(("of", _))) => what.to_owned(),
        (_, Some((noun, rest))) => format!("{noun}s {rest}"),
        (_, None) => format!("{what}s"),
    };
    format!("{number}  {what}\n")
}

fn thought(it: &Thought) -> String {
    let color = print::colors();
    let role = it.role.as_deref().map(|role| format!(" · {}", print::clean(role)));
    let about = format!("{}{}", company(&it.company), role.unwrap_or_default());
    let about = print::paint(Style::Strong, &about, color);
    let question = print::paint(Style::Quiet, it.question.sentence(), color);
    let heading = format!("  {}  {}  {about}\n      {question}\n", it.no, day(it.at));
    heading + &indented(&print::clean(&it.text))
}

fn company(name: &Option<String>) -> String {
    name.as_deref().map_or_else(|| "unknown company".to_owned(), print::clean)
}

fn indented(text: &str) -> String {
    let columns = width().min(TEXT_COLUMNS_MAX).saturating_sub(6);
    show::wrapped(text, columns).iter().map(|part| format!("      {part}\n")).collect()
}
