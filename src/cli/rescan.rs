//! `regards rescan`: what older rules were in doubt about, judged by those of today.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::args::Cli;
use super::run::{self, Change};
use super::{Done, day, find, now, out, out_json, place, print, width};
use crate::model::ids::MailNo;

/// A line of `rescan --json`. The field names stay.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum Line<'a> {
    /// A mail that is judged otherwise.
    Changed {
        id: &'a MailNo,
        received: Timestamp,
        from: Option<&'a str>,
        subject: &'a str,
        old: &'static str,
        new: &'static str,
    },
    /// The last line.
    Rescanned { rules: u32, read: usize, changed: usize, corrected: usize, absent: usize },
}

/// `regards rescan`
pub(super) fn rescan(cli: &Cli, since: Option<Date>, all: bool) -> Done {
    let finder = run::finder(cli)?;
    let since = since.map(find::begins).transpose()?;
    let bar = bar();
    let told = bar.clone();
    let many = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let tell = move |done, total| {
        told.set_length(many(total));
        told.set_position(many(done));
    };
    let outcome = run::runtime()?.block_on(finder.rescan(since, all, now(), tell));
    bar.finish_and_clear();
    // What was judged until an error is written.
    run::nudge(&place::state_dir(cli)?);
    let outcome = outcome?;
    let changed = outcome.changes.len();
    if cli.json {
        outcome.changes.iter().try_for_each(|it| out_json(&line(it)))?;
        let (rules, read) = (outcome.ruleset, outcome.read);
        let (corrected, absent) = (outcome.told, outcome.absent);
        return out_json(&Line::Rescanned { rules, read, changed, corrected, absent });
    }
    for it in &outcome.changes {
        out(&row(it))?;
    }
    let mut text = format!("{} mails read again, {changed} judged otherwise", outcome.read);
    if outcome.told > 0 {
        text.push_str(&format!("; {} stay as you corrected them", outcome.told));
    }
    if outcome.absent > 0 {
        text.push_str(&format!("; {} are not in the mailbox any more", outcome.absent));
    }
    out(&format!("{text}\n"))
}

fn bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos}/{len}  {eta} left") {
        bar.set_style(style);
    }
    bar
}

fn line(it: &Change) -> Line<'_> {
    Line::Changed {
        id: &it.id,
        received: it.received_at,
        from: it.from.as_deref(),
        subject: &it.subject,
        old: it.old,
        new: it.new,
    }
}

fn row(it: &Change) -> String {
    let from = it.from.as_deref().unwrap_or("?");
    let head = format!("{}  {} → {}", it.id, it.old, it.new);
    let text = format!("{:<11}  {from}: {}", day(it.received_at), it.subject);
    let left = width().saturating_sub(print::columns(&head).saturating_add(2));
    format!("{head}  {}\n", print::fit(&print::clean(&text), left))
}
