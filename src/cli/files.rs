//! `regards scan` and `regards explain`: what the rules say of mail, and why. Nothing is
//! written, and for files no configuration is needed.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::iter::Enumerate;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::args::Cli;
use super::print::{self, Style};
use super::{Done, Failure, day, find, out, out_json, place, rules, width};
use crate::classify::{Known, Rules};
use crate::draft::addressee;
use crate::model::ids::{FoundNo, MailNo, MessageNo};
use crate::model::message::{Defect, Message};
use crate::model::verdict::{Decision, Hit, Kind, Verdict};
use crate::model::visibility::Visibility;
use crate::parse;
use crate::source::files::{self, FileError, Files, Found};
use crate::store::Store;
use crate::store::messages::{self, Kept};

/// One message of `scan --json` and `explain --json`. The field names stay; what was not
/// found is `null`.
#[derive(Serialize)]
struct Line {
    path: String,
    message_id: Option<String>,
    date: Option<jiff::Timestamp>,
    from: Option<String>,
    subject: String,
    /// The verdict's kind, or `unsure`.
    kind: &'static str,
    probability: f64,
    symbols: Vec<String>,
    company: Option<String>,
    role: Option<String>,
    person: Option<String>,
    reference: Option<String>,
    stage: Option<&'static str>,
    reason: Option<&'static str>,
    addressee: AddresseeJson,
    language: Option<String>,
    defects: Vec<Defect>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hits: Option<Vec<Hit>>,
}

/// `explain --json` of a message whose words are forgotten.
#[derive(Serialize)]
struct Wordless {
    path: String,
    kind: &'static str,
    probability: f64,
    symbols: Vec<String>,
}

#[derive(Serialize)]
struct AddresseeJson {
    who: Option<String>,
    why: String,
}

/// Judged mail that waits for a slow reader; then whoever judges waits, too.
const QUEUE_LINES: usize = 256;

/// A mail, judged: how far we are, and its line.
type Scanned = Result<(u64, Line), FileError>;

/// What a scan has told so far.
#[derive(Default)]
struct Tally {
    counts: BTreeMap<&'static str, u64>,
    failures: u64,
}

/// `regards scan`
pub(super) fn scan(cli: &Cli, paths: &[PathBuf]) -> Done {
    let rules = rules::rules_of(cli)?;
    let files = files::open(paths);
    let bar = progress(files.total());
    let mut tally = Tally::default();
    let files = Mutex::new(files.enumerate());
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        let (sender, judged) = mpsc::sync_channel(QUEUE_LINES);
        for _ in 0..cores {
            let sender = sender.clone();
            scope.spawn(|| judge_all(&rules, &files, sender));
        }
        drop(sender);
        in_order(judged, |scanned| tally.tell(cli, &bar, scanned))
    })?;
    bar.finish_and_clear();
    tally.end(cli)
}

/// Takes one mail after the other until there is none, or nobody listens any more.
fn judge_all(
    rules: &Rules,
    files: &Mutex<Enumerate<Files>>,
    sender: mpsc::SyncSender<(usize, Scanned)>,
) {
    loop {
        let next = files.lock().unwrap_or_else(PoisonError::into_inner).next();
        let Some((at, found)) = next else { return };
        let scanned = found.map(|found| {
            let (message, verdict) = judge(rules, &found.bytes, found.complete);
            (found.position, line(found.path, &message, &verdict, false))
        });
        if sender.send((at, scanned)).is_err() {
            return;
        }
    }
}

/// Hands things on in the order of their numbers, whatever order they come in. The channel is
/// closed at the first error, which ends whoever sends.
fn in_order<T>(come: mpsc::Receiver<(usize, T)>, mut to: impl FnMut(T) -> Done) -> Done {
    let (mut waiting, mut next) = (BTreeMap::new(), 0);
    for (at, thing) in come {
        waiting.insert(at, thing);
        while let Some(thing) = waiting.remove(&next) {
            next += 1;
            to(thing)?;
        }
    }
    Ok(())
}

impl Tally {
    fn tell(&mut self, cli: &Cli, bar: &ProgressBar, scanned: Scanned) -> Done {
        match scanned {
            Ok((position, line)) => {
                bar.set_position(position);
                *self.counts.entry(line.kind).or_default() += 1;
                if cli.json {
                    out_json(&line)?;
                } else if line.kind != Kind::Noise.name() {
                    bar.suspend(|| out(&scanned_line(&line)))?;
                }
            }
            Err(error) => {
                self.failures = self.failures.saturating_add(1);
                let text = format!("{}: {}", error.path.display(), error.why);
                bar.suspend(|| told_aside(&text));
            }
        }
        Ok(())
    }

    fn end(&self, cli: &Cli) -> Done {
        if !cli.json {
            let total: u64 = self.counts.values().sum();
            let parts = self.counts.iter().map(|(kind, n)| format!("{n} {kind}"));
            let parts: Vec<String> = parts.collect();
            out(&format!("{total} messages: {}\n", parts.join(", ")))?;
        }
        if self.failures == 0 {
            return Ok(());
        }
        let hint = Some("Maildir, mbox, .eml and directories of them can be scanned".to_owned());
        let message = format!("{} of the paths could not be read", self.failures);
        Err(Failure::failed(message, hint))
    }
}

fn told_aside(text: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "regards: {}", print::clean(text));
}

/// A bar over so many bytes, on a terminal.
pub(super) fn progress(total: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{wide_bar} {percent:>3} %  {bytes}  {eta} left");
    let bar = ProgressBar::new(total);
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar
}

fn judge(rules: &Rules, bytes: &[u8], complete: bool) -> (Message, Verdict) {
    let message = parse::message(bytes, complete, &[]);
    let verdict = rules.classify(&message, &Known::default());
    (message, verdict)
}

fn line(path: String, message: &Message, verdict: &Verdict, with_hits: bool) -> Line {
    let header = &message.header;
    let findings = &verdict.findings;
    // Without a configuration it is not known who the user is: every recipient counts.
    let own: Vec<_> = header.to.iter().chain(&header.cc).map(|m| m.address.clone()).collect();
    let addressing = addressee::decide(message, findings, &[], &own, None);
    let text = |found: &Option<crate::model::findings::Found<String>>| {
        found.as_ref().map(|found| found.value.clone())
    };
    Line {
        path,
        message_id: header.message_id.as_ref().map(ToString::to_string),
        date: header.date,
        from: header.from.first().map(ToString::to_string),
        subject: header.subject.clone(),
        kind: verdict.decision.word(),
        probability: (verdict.probability * 1e4).round() / 1e4,
        symbols: verdict.hits.iter().map(|hit| hit.symbol.clone()).collect(),
        company: text(&findings.company),
        role: text(&findings.role),
        person: text(&findings.person),
        reference: text(&findings.reference),
        stage: findings.stage.as_ref().map(|found| found.value.name()),
        reason: findings.reason.as_ref().map(|found| found.value.name()),
        addressee: AddresseeJson {
            who: addressing.addressee.mailbox().map(ToString::to_string),
            why: addressing.why,
        },
        language: verdict.language.clone(),
        defects: message.defects.clone(),
        hits: with_hits.then(|| verdict.hits.clone()),
    }
}

fn scanned_line(line: &Line) -> String {
    let color = print::colors();
    let style = match line.kind {
        "rejected" => Style::Strong,
        "unsure" => Style::Warning,
        _ => Style::Quiet,
    };
    let date = line.date.map(day).unwrap_or_default();
    let from = line.company.clone().or_else(|| line.from.clone()).unwrap_or_default();
    let text = format!("{:<12} {from}: {}", date, line.subject);
    let kind = print::paint(style, &format!("{:<13}", line.kind), color);
    format!("{kind} {}\n", print::fit(&print::clean(&text), width().saturating_sub(15)))
}

/// `regards explain`
pub(super) fn explain(cli: &Cli, what: &str) -> Done {
    let path = Path::new(what);
    if path.exists() {
        return explain_files(cli, path);
    }
    match what.parse::<MailNo>() {
        Ok(MailNo::Kept(no)) => explain_kept(cli, no),
        Ok(MailNo::Found(no)) => explain_found(cli, &no),
        Err(_) => {
            let hint = "Give a file, the number of a message such as m12, or an id of `find`";
            let hint = Some(hint.to_owned());
            Err(Failure::usage(format!("There is no file `{what}`"), hint))
        }
    }
}

fn explain_files(cli: &Cli, path: &Path) -> Done {
    let rules = rules::rules_of(cli)?;
    for found in files::open(&[path.to_owned()]) {
        let Found { path, bytes, complete, .. } = found.map_err(|error| {
            Failure::failed(format!("{}: {}", error.path.display(), error.why), None)
        })?;
        let (message, verdict) = judge(&rules, &bytes, complete);
        tell(cli, &line(path, &message, &verdict, true))?;
    }
    Ok(())
}

fn explain_found(cli: &Cli, no: &FoundNo) -> Done {
    let (_, seen) = find::fetched(cli, no)?;
    tell(cli, &line(no.to_string(), &seen.message, &seen.verdict, true))
}

fn explain_kept(cli: &Cli, no: MessageNo) -> Done {
    let rules = rules::rules_of(cli)?;
    let mut store = Store::open_as_face(&place::state_dir(cli)?)?;
    let (kept, raw) = store.read(|tx| {
        let kept = messages::get(tx, no, Visibility::Cooling)?;
        Ok((kept, messages::raw(tx, no)?))
    })?;
    let Some(raw) = raw else {
        if cli.json {
            return out_json(&Wordless {
                path: no.to_string(),
                kind: kept.decision.map_or("own mail", Decision::word),
                probability: (kept.probability * 1e4).round() / 1e4,
                symbols: hits(&kept).map(|(symbol, _)| symbol).collect(),
            });
        }
        out(&reasons(&kept))?;
        return told_by_user(cli, &kept);
    };
    let message = parse::message(&raw, true, &[]);
    let known =
        Known { thread: kept.application.is_some(), application: kept.application.is_some() };
    let verdict = rules.classify(&message, &known);
    let mut line = line(no.to_string(), &message, &verdict, true);
    // What was decided then, and perhaps corrected, holds; the words are those of today.
    if let Some(decision) = kept.decision {
        line.kind = decision.word();
    }
    if let Some((who, why)) = &kept.addressee {
        line.addressee.why = format!("{who}: {why}");
    }
    tell(cli, &line)?;
    told_by_user(cli, &kept)
}

fn told_by_user(cli: &Cli, kept: &Kept) -> Done {
    if !kept.corrected || cli.json {
        return Ok(());
    }
    out("You told the kind yourself; it stays whatever the rules say.\n")
}

fn tell(cli: &Cli, line: &Line) -> Done {
    if cli.json {
        return out_json(line);
    }
    let color = print::colors();
    let clean = |text: &str| print::clean(text);
    let mut text = format!(
        "{}  {} (P(rejected) = {:.3})\n",
        print::paint(Style::Strong, &clean(&line.path), color),
        print::paint(Style::Strong, line.kind, color),
        line.probability
    );
    text.push_str(&format!("  From     {}\n", clean(line.from.as_deref().unwrap_or("?"))));
    text.push_str(&format!("  Subject  {}\n", clean(&line.subject)));
    for (name, value) in [
        ("company", line.company.as_deref()),
        ("role", line.role.as_deref()),
        ("person", line.person.as_deref()),
        ("number", line.reference.as_deref()),
        ("stage", line.stage),
        ("reason", line.reason),
        ("language", line.language.as_deref()),
    ] {
        if let Some(value) = value {
            text.push_str(&format!("  {name:<9}{}\n", clean(value)));
        }
    }
    let who = line.addressee.who.as_deref().unwrap_or("nobody");
    text.push_str(&format!("  answer   to {}: {}\n", clean(who), clean(&line.addressee.why)));
    text.push_str(&because(line.hits.as_deref().unwrap_or_default()));
    for defect in &line.defects {
        text.push_str(&format!("  odd      {defect:?}\n"));
    }
    out(&text)
}

fn because(hits: &[Hit]) -> String {
    if hits.is_empty() {
        return "  because  no rule found anything\n".to_owned();
    }
    let mut text = String::new();
    for (at, hit) in hits.iter().enumerate() {
        let head = if at == 0 { "because" } else { "" };
        let mark = hit.mark.map(|mark| format!(" [{mark}]")).unwrap_or_default();
        text.push_str(&format!(
            "  {head:<8} {:+.1} {}{mark}  “{}” ({})\n",
            hit.weight,
            hit.symbol,
            print::clean(&hit.words),
            hit.place
        ));
    }
    text
}

/// The rules that fired on a kept message, with their words.
pub(super) fn reasons(kept: &Kept) -> String {
    let word = kept.decision.map_or("own mail", Decision::word);
    let mut text = format!("  {} is {word} (P = {:.3}) because of\n", kept.no, kept.probability);
    for (symbol, words) in hits(kept) {
        let words = Some(print::clean(&words)).filter(|it| !it.is_empty());
        let words = words.map(|it| format!("  “{it}”")).unwrap_or_default();
        text.push_str(&format!("    {}{words}\n", print::clean(&symbol)));
    }
    text
}

/// Symbol and words of what fired when it was read.
fn hits(kept: &Kept) -> impl Iterator<Item = (String, String)> {
    let hits: Vec<serde_json::Value> = serde_json::from_str(&kept.hits).unwrap_or_default();
    hits.into_iter().map(|hit| {
        let part = |name: &str| hit.get(name).and_then(|v| v.as_str()).unwrap_or("").to_owned();
        (part("symbol"), part("words"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_is_told_in_the_order_of_the_files_until_nobody_reads() {
        let (sender, judged) = mpsc::sync_channel(4);
        for thing in [(2, 'c'), (0, 'a'), (3, 'd'), (1, 'b')] {
            sender.send(thing).unwrap();
        }
        let mut told = String::new();
        let ended = in_order(judged, |thing| {
            told.push(thing);
            if thing == 'c' { Err(Failure::told()) } else { Ok(()) }
        });
        assert_eq!(told, "abc");
        assert!(ended.is_err() && sender.send((4, 'e')).is_err());
    }
}
