//! The command line: arguments in, text out, an exit code at the end.
//!
//! `args` is what can be typed, `print` the gate that foreign text passes, `run` the
//! composition root and the only file that names the daemon. Every command is one function;
//! it talks through [`out`] and fails with a [`Failure`].

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use jiff::Timestamp;

pub mod args;

mod applications;

mod check;

mod course;

mod demo;

mod desk;

mod draft;

mod explain;

mod export;

mod feedback;

mod files;

mod find;

mod forget;

mod ics;

mod import;

mod learn;

mod letter;

mod nobody;

mod place;

pub mod print;

mod remind;

mod report;

mod rescan;

mod review;

mod rule_set;
mod rules;

mod run;

mod search;

mod show;

mod stats;

mod status;

mod tune;

mod tune_text;

mod when;

mod wins;

use crate::store::decisions::Wish;
use args::{Cli, Command};

/// Why a command failed, and what to do next.
#[derive(Debug)]
struct Failure {
    kind: FailureKind,
    message: String,
    hint: Option<String>,
}

/// Which exit code it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FailureKind {
    /// 1: it did not work.
    Failed,
    /// 1: it did not work, and has been said already.
    Told,
    /// 2: it cannot be meant so.
    Usage,
    /// 78 (`EX_CONFIG` of sysexits): the configuration.
    Config,
    /// Whoever read our output has gone: nothing to tell.
    PipeClosed,
}

impl Failure {
    fn failed(message: impl Into<String>, hint: Option<String>) -> Failure {
        Failure { kind: FailureKind::Failed, message: message.into(), hint }
    }

    fn usage(message: impl Into<String>, hint: Option<String>) -> Failure {
        Failure { kind: FailureKind::Usage, message: message.into(), hint }
    }

    fn config(message: impl Into<String>, hint: Option<String>) -> Failure {
        Failure { kind: FailureKind::Config, message: message.into(), hint }
    }

    fn told() -> Failure {
        Failure { kind: FailureKind::Told, message: String::new(), hint: None }
    }
}

impl From<crate::store::StoreError> for Failure {
    fn from(error: crate::store::StoreError) -> Failure {
        use crate::store::StoreError;
        let kind = match error {
            StoreError::ReadableByOthers(_) | StoreError::Link(_) => FailureKind::Config,
            _ => FailureKind::Failed,
        };
        Failure { kind, message: error.to_string(), hint: error.hint() }
    }
}

impl From<crate::review::DeskError> for Failure {
    fn from(error: crate::review::DeskError) -> Failure {
        Failure::failed(error.to_string(), error.hint())
    }
}

impl From<crate::config::ConfigError> for Failure {
    fn from(error: crate::config::ConfigError) -> Failure {
        Failure::config(error.to_string(), error.hint.clone())
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        let kind = match error.kind() {
            io::ErrorKind::BrokenPipe => FailureKind::PipeClosed,
            _ => FailureKind::Failed,
        };
        Failure { kind, message: error.to_string(), hint: None }
    }
}

type Done = Result<(), Failure>;

/// Runs the program with these arguments, its own name first.
pub fn main(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    // A panic in a library quotes what it stumbled over: a mail, a server's words. Where it
    // happened is all that is told; its work ends as an error.
    std::panic::set_hook(Box::new(|about| {
        let place = about.location().map(ToString::to_string).unwrap_or_default();
        let _ = writeln!(io::stderr(), "regards: an internal error at {place}");
    }));
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match dispatch(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => end(&failure),
    }
}

fn end(failure: &Failure) -> ExitCode {
    let code = match failure.kind {
        FailureKind::PipeClosed => return ExitCode::SUCCESS,
        FailureKind::Failed | FailureKind::Told => 1,
        FailureKind::Usage => 2,
        FailureKind::Config => 78,
    };
    if failure.kind != FailureKind::Told {
        let mut text = format!("regards: {}\n", print::clean_block(&failure.message).trim_end());
        if let Some(hint) = &failure.hint {
            text.push_str(&format!("  → {}\n", print::clean_block(hint).trim_end()));
        }
        let _ = io::stderr().write_all(text.as_bytes());
    }
    ExitCode::from(code)
}

fn dispatch(cli: &Cli) -> Done {
    match &cli.command {
        Command::Demo { yes } => demo::demo(cli, *yes),
        Command::Check { send_to_me } => check::check(cli, *send_to_me),
        Command::Run { once } => run::run(cli, *once),
        Command::Scan(args) => files::scan(cli, args),
        Command::Find { from, subject, since, account, limit } => {
            let wanted = find::Wanted { from, subject, since: *since, account, limit: *limit };
            find::find(cli, &wanted)
        }
        Command::Rescan { since, all } => rescan::rescan(cli, *since, *all),
        Command::Explain { what } => explain::explain(cli, what),
        Command::Review => review::review(cli),
        Command::Desk { all, cooling } => desk::desk(cli, *all, *cooling),
        Command::Show { id } => show::show(cli, *id),
        Command::Approve { id, seen } => desk::approve(cli, *id, seen.as_deref()),
        Command::Revoke { id } => desk::revoke(cli, *id),
        Command::Edit { id, text } => desk::edit(cli, *id, text.as_deref()),
        Command::Snooze { id, time } => desk::snooze(cli, *id, &time.join(" ")),
        Command::Skip { id } => desk::skip(cli, *id),
        Command::Resolve { id, outcome } => desk::resolve(cli, *id, *outcome),
        Command::Correct { id, kind } => desk::correct(cli, id, *kind),
        Command::Draft { id, template: Some(template), .. } => draft::trial(cli, *id, template),
        Command::Draft { id, to, intent, template: None } => {
            let wish = Wish { to: to.clone(), intent: *intent };
            draft::draft(cli, *id, wish)
        }
        Command::Applications(args) => applications::applications(cli, args),
        Command::Stats(args) => stats::stats(cli, args),
        Command::Report(args) => report::report(cli, args),
        Command::Export(args) => export::export(cli, args),
        Command::Import(args) => import::import(cli, args),
        Command::Feedback(args) => feedback::feedback(cli, args),
        Command::Remind(args) => remind::remind(cli, args),
        Command::Status => status::status(cli),
        Command::Letter { until } => letter::letter(cli, *until),
        Command::Wins { forget } => wins::wins(cli, *forget),
        Command::Pause { until, today } => desk::pause(cli, *until, *today),
        Command::Resume => desk::resume(cli),
        Command::Secret(args) => check::secret(cli, args),
        Command::Forget(args) => forget::forget(cli, args),
        Command::Backup { file, force } => forget::backup(cli, file, *force),
        Command::Rules(args) => rules::rules(cli, args),
        Command::Completions { shell } => completions(*shell),
        Command::Man => man(),
    }
}

fn completions(shell: clap_complete::Shell) -> Done {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "regards", &mut text);
    Ok(io::stdout().write_all(&text)?)
}

fn man() -> Done {
    let mut text = Vec::new();
    clap_mangen::Man::new(Cli::command()).render(&mut text)?;
    Ok(io::stdout().write_all(&text)?)
}

/// Prints text that is our own or has passed the gate; on a terminal no line is longer than it.
fn out(text: &str) -> Done {
    if io::stdout().is_terminal() {
        write_out(&print::fold(text, width()))
    } else {
        write_out(text)
    }
}

fn write_out(text: &str) -> Done {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    Ok(stdout.flush()?)
}

/// A word beside the result, which may go to another program.
fn told_aside(text: &str) {
    let _ = writeln!(io::stderr(), "regards: {}", print::clean(text));
}

/// Prints one JSON line.
fn out_json(value: &impl serde::Serialize) -> Done {
    let line = print::json_line(value).map_err(|error| Failure::failed(error.to_string(), None))?;
    write_out(&line)
}

/// The clock of this face, in milliseconds as the database keeps them.
#[allow(clippy::disallowed_methods, reason = "a face reads the clock itself")]
fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}

/// Columns of the terminal; where there is none, nothing needs to be cut.
fn width() -> usize {
    if !io::stdout().is_terminal() {
        return usize::from(u16::MAX);
    }
    rustix::termios::tcgetwinsize(io::stdout())
        .ok()
        .map(|size| usize::from(size.ws_col))
        .filter(|columns| *columns > 0)
        .unwrap_or(80)
}

/// The first moment of tomorrow here.
fn tomorrow() -> Result<Timestamp, Failure> {
    let today = now().to_zoned(jiff::tz::TimeZone::system());
    let begins = today.tomorrow().and_then(|day| day.start_of_day());
    begins.map(|day| day.timestamp()).map_err(|error| Failure::failed(error.to_string(), None))
}

/// An instant as the user reads it.
fn day(at: Timestamp) -> String {
    at.to_zoned(jiff::tz::TimeZone::system()).strftime("%-d %b %Y").to_string()
}

/// The refusal of a day that lies ahead.
fn not_come(day: jiff::civil::Date, hint: &str) -> Failure {
    Failure::usage(format!("{day} has not come yet"), Some(hint.to_owned()))
}

/// An instant with its time of day.
fn moment(at: Timestamp) -> String {
    at.to_zoned(jiff::tz::TimeZone::system()).strftime("%a %-d %b %Y, %H:%M").to_string()
}
