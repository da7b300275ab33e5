//! `regards scan`: what the rules say of mail in files. Nothing is written but the report
//! that was asked for, and no configuration is needed.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::iter::Enumerate;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;

use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::args::{Cli, ScanArgs};
use super::print::{self, Style};
use super::report::{self, Wanted};
use super::search::{self, Told};
use super::{Done, Failure, day, now, out, out_json, rule_set, told_aside, width};
use crate::classify::{Known, Rules};
use crate::draft::addressee;
use crate::model::message::{Defect, Message};
use crate::model::verdict::{Kind, Verdict};
use crate::parse;
use crate::source::files::{self, FileError, Files, Found};
use crate::stats::{self, Period};

/// The word of a kind with the blank behind it.
const KIND_COLUMNS: usize = 15;

/// One message of `scan --json` and `explain --json`. The field names stay; what was not
/// found is `null`.
#[derive(Serialize)]
pub(super) struct Line {
    pub(super) path: String,
    pub(super) message_id: Option<String>,
    pub(super) date: Option<Timestamp>,
    pub(super) from: Option<String>,
    pub(super) subject: String,
    /// The verdict's kind, or `unsure`.
    pub(super) kind: &'static str,
    pub(super) probability: f64,
    pub(super) symbols: Vec<String>,
    pub(super) company: Option<String>,
    pub(super) role: Option<String>,
    pub(super) person: Option<String>,
    pub(super) reference: Option<String>,
    pub(super) stage: Option<&'static str>,
    pub(super) reason: Option<&'static str>,
    pub(super) addressee: AddresseeJson,
    pub(super) language: Option<String>,
    pub(super) defects: Vec<Defect>,
}

/// Who can be answered.
#[derive(Serialize)]
pub(super) struct AddresseeJson {
    pub(super) who: Option<String>,
    pub(super) why: String,
}

/// So many judged mails are handed on at once: to wake who prints costs as much as a short mail.
const BATCH_MAILS: usize = 16;

/// Batches that wait for a slow reader; then whoever judges waits, too.
const QUEUE_BATCHES: usize = 16;

/// What was judged, with which mail it is.
type Batch<T> = Vec<(usize, T)>;

/// A mail, judged.
struct Scanned {
    /// How far we are.
    position: u64,
    line: Line,
    /// What the report needs of it, if there is to be one.
    told: Option<Told>,
}

/// What a scan has told so far.
#[derive(Default)]
struct Tally {
    /// What is not about a job is listed, too.
    all: bool,
    /// Instead of listing mails, what they tell is kept for a report.
    report: Option<Vec<Told>>,
    counts: BTreeMap<&'static str, u64>,
    failures: u64,
}

/// `regards scan`
pub(super) fn scan(cli: &Cli, args: &ScanArgs) -> Done {
    let rules = rule_set::in_force(cli)?;
    if args.report.is_some() {
        args.paths.iter().try_for_each(|path| check_there(path))?;
    }
    let files = files::open(&args.paths);
    let bar = progress(files.total());
    let report = args.report.as_ref().map(|_| Vec::new());
    let judging = Judging { rules: &rules, now: report.as_ref().map(|_| now()) };
    let mut tally = Tally { all: args.all, report, ..Tally::default() };
    let files = Mutex::new(files.enumerate());
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        let (sender, judged) = mpsc::sync_channel(QUEUE_BATCHES);
        for _ in 0..cores {
            let sender = sender.clone();
            scope.spawn(|| judging.all(&files, sender));
        }
        drop(sender);
        in_order(judged, |scanned| tally.tell(cli, &bar, scanned))
    })?;
    bar.finish_and_clear();
    let (Some(dir), Some(told)) = (&args.report, tally.report.take()) else {
        return tally.end(cli, &args.paths);
    };
    if tally.counts.is_empty() {
        return Err(tally.unread().unwrap_or_else(|| {
            let said = summary(&tally.counts, &args.paths);
            Failure::failed(said.trim_end(), Some(READABLE.to_owned()))
        }));
    }
    let wanted = Wanted { anonymous: args.anonymous, ..Wanted::default() };
    let period = Period::all(TimeZone::system());
    let unclear = report::write_all(cli, search::facts(told), &period, dir, wanted)?;
    let ended = tally.end(cli, &args.paths);
    if let Some(words) = stats::unclear_words(unclear).filter(|_| !cli.json) {
        out(&format!("{words}\n"))?;
    }
    ended
}

/// A picture of half of what was named would be taken for the whole.
fn check_there(path: &Path) -> Done {
    std::fs::metadata(path).map(drop).map_err(|error| {
        let message = format!("{} cannot be read: {error}", path.display());
        Failure::failed(message, Some(READABLE.to_owned()))
    })
}

const READABLE: &str = "Maildir, mbox, .eml and directories of them can be scanned";

/// How mail is judged.
struct Judging<'a> {
    rules: &'a Rules,
    /// For a report: when mail came that has no date.
    now: Option<Timestamp>,
}

impl Judging<'_> {
    /// Takes one mail after the other until there is none, or nobody listens any more.
    fn all(
        &self,
        files: &Mutex<Enumerate<Files>>,
        sender: mpsc::SyncSender<Batch<Result<Scanned, FileError>>>,
    ) {
        let next = || files.lock().unwrap_or_else(PoisonError::into_inner).next();
        let judged = || next().map(|(at, found)| (at, found.map(|found| self.one(found))));
        loop {
            let batch: Batch<_> = std::iter::from_fn(judged).take(BATCH_MAILS).collect();
            if batch.is_empty() || sender.send(batch).is_err() {
                return;
            }
        }
    }

    fn one(&self, found: Found) -> Scanned {
        let (message, verdict) = judge(self.rules, &found.bytes, found.complete);
        Scanned {
            position: found.position,
            told: self.now.and_then(|now| Told::of(&message, &verdict, now)),
            line: line(found.path, &message, &verdict),
        }
    }
}

/// Hands things on in the order of their numbers, whatever order they come in. The channel is
/// closed at the first error, which ends whoever sends.
fn in_order<T>(come: mpsc::Receiver<Batch<T>>, mut to: impl FnMut(T) -> Done) -> Done {
    let (mut waiting, mut next) = (BTreeMap::new(), 0);
    for batch in come {
        waiting.extend(batch);
        while let Some(thing) = waiting.remove(&next) {
            next += 1;
            to(thing)?;
        }
    }
    Ok(())
}

impl Tally {
    fn tell(&mut self, cli: &Cli, bar: &ProgressBar, scanned: Result<Scanned, FileError>) -> Done {
        match scanned {
            Ok(Scanned { position, line, told }) => {
                bar.set_position(position);
                *self.counts.entry(line.kind).or_default() += 1;
                if let Some(report) = &mut self.report {
                    report.extend(told);
                } else if cli.json {
                    out_json(&line)?;
                } else if self.all || line.kind != Kind::Noise.name() {
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

    fn end(&self, cli: &Cli, paths: &[PathBuf]) -> Done {
        if !cli.json {
            out(&summary(&self.counts, paths))?;
        }
        self.unread().map_or(Ok(()), Err)
    }

    fn unread(&self) -> Option<Failure> {
        let message = format!("{} of the paths could not be read", self.failures);
        (self.failures > 0).then(|| Failure::failed(message, Some(READABLE.to_owned())))
    }
}

fn summary(counts: &BTreeMap<&'static str, u64>, paths: &[PathBuf]) -> String {
    let total: u64 = counts.values().sum();
    if total == 0 {
        let paths: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        return format!("No mail was found in {}\n", print::clean(&paths.join(", ")));
    }
    let parts: Vec<String> = counts.iter().map(|(kind, n)| format!("{n} {kind}")).collect();
    format!("{}: {}\n", print::counted(total, "message"), parts.join(", "))
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

pub(super) fn judge(rules: &Rules, bytes: &[u8], complete: bool) -> (Message, Verdict) {
    let message = parse::message(bytes, complete, &[]);
    let verdict = rules.classify(&message, &Known::default());
    (message, verdict)
}

/// What the rules say of one mail.
pub(super) fn line(path: String, message: &Message, verdict: &Verdict) -> Line {
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
        probability: rounded(verdict.probability),
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
    }
}

/// A probability as it is told to scripts.
pub(super) fn rounded(probability: f64) -> f64 {
    (probability * 1e4).round() / 1e4
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
    let text = print::clean(&format!("{date:<12} {from}: {}", line.subject));
    let kind = print::paint(style, &format!("{:<13}", line.kind), color);
    let left = width().saturating_sub(KIND_COLUMNS);
    // Where the mail is goes first; a third is left to what it says.
    let path = print::clean(&line.path);
    let path = if print::columns(&path) < left * 2 / 3 { path } else { String::new() };
    let text = print::fit(&text, left.saturating_sub(print::columns(&path) + 2));
    let path = print::paint(Style::Quiet, &path, color);
    format!("{}\n", format!("{kind} {text}  {path}").trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_is_told_in_the_order_of_the_files_until_nobody_reads() {
        let (sender, judged) = mpsc::sync_channel(4);
        for batch in [vec![(2, 'c'), (0, 'a')], vec![(3, 'd')], vec![(1, 'b')]] {
            sender.send(batch).unwrap();
        }
        let mut told = String::new();
        let ended = in_order(judged, |thing| {
            told.push(thing);
            if thing == 'c' { Err(Failure::told()) } else { Ok(()) }
        });
        assert_eq!(told, "abc");
        assert!(ended.is_err() && sender.send(vec![(4, 'e')]).is_err());
    }
}
