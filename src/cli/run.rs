//! The composition root: configuration, rules, templates and lock become a daemon.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use tokio::runtime::{Builder, Runtime};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, filter};

use super::args::Cli;
use super::{Done, Failure, place, rule_set};
use crate::config::Config;
use crate::daemon::by_hand::ByHandError;
pub(super) use crate::daemon::by_hand::{Template, Tried};
pub(super) use crate::daemon::find::{Finder, Query, Seen};
pub(super) use crate::daemon::rescan::Change;
use crate::daemon::{self, DaemonError, Mode, Nudge, RulesLoader, Settings};
use crate::draft::template::{TemplateError, Templates};
use crate::source::beat;
use crate::store::{DaemonLock, StateDir, Store, StoreError};

const LOCK_ATTEMPTS: u32 = 5;
const LOCK_PAUSE: std::time::Duration = std::time::Duration::from_millis(50);

/// `regards run`
pub(super) fn run(cli: &Cli, once: bool) -> Done {
    let config = place::config(cli)?;
    let dir = place::state_dir(cli)?;
    log_to_stderr();
    let settings = settings(&config)?;
    let lock = lock(&dir)?;
    let mode = if once { Mode::Once } else { Mode::Service };
    let stop = CancellationToken::new();
    let runtime = waiting_runtime()?;
    let ended = runtime.block_on(async {
        stop_on_signal(stop.clone())?;
        daemon::run(settings, lock, mode, stop).await.map_err(Failure::from)
    });
    // What a blocked name look-up or keyring still does must not hold the end up.
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    ended
}

/// A command that only asks whether a daemon runs holds the lock for an instant.
fn lock(dir: &StateDir) -> Result<DaemonLock, Failure> {
    for _ in 0..LOCK_ATTEMPTS {
        match dir.lock() {
            Err(StoreError::SecondDaemon(_)) => std::thread::sleep(LOCK_PAUSE),
            other => return Ok(other?),
        }
    }
    Ok(dir.lock()?)
}

impl From<DaemonError> for Failure {
    fn from(error: DaemonError) -> Failure {
        match error {
            DaemonError::Store(error) => error.into(),
            DaemonError::Rules(why) => {
                let hint = Some("regards rules check".to_owned());
                Failure::config(format!("The rules cannot be used:\n{why}"), hint)
            }
            DaemonError::Account { ref hint, .. } => {
                let hint = hint.clone();
                Failure::failed(error.to_string(), hint)
            }
            DaemonError::MovedOn | DaemonError::Broken | DaemonError::System { .. } => {
                Failure::failed(error.to_string(), None)
            }
        }
    }
}

impl From<ByHandError> for Failure {
    fn from(error: ByHandError) -> Failure {
        match error {
            ByHandError::Store(error) => error.into(),
            ByHandError::Template(error) => template(&error),
            ByHandError::Refused(why) => Failure::failed(why, None),
        }
    }
}

fn template(error: &TemplateError) -> Failure {
    Failure::config(error.to_string(), Some(error.hint().to_owned()))
}

/// A runtime for one command that does something else beside it.
pub(super) fn runtime() -> Result<Runtime, Failure> {
    made(Builder::new_multi_thread().worker_threads(2))
}

/// A runtime that waits on one thread, so that a beat wakes one; what takes time (judging mail)
/// has threads of its own.
fn waiting_runtime() -> Result<Runtime, Failure> {
    beat::begin();
    made(&mut Builder::new_current_thread())
}

fn made(builder: &mut Builder) -> Result<Runtime, Failure> {
    let failure = |error| Failure::failed(format!("No threads can be started: {error}"), None);
    builder.enable_all().build().map_err(failure)
}

/// The daemon's settings from the configuration and the files that it names.
pub(super) fn settings(config: &Config) -> Result<Settings, Failure> {
    let templates = templates(config)?;
    let rules_dir = config.rules_dir.clone();
    let loader = RulesLoader {
        load: Box::new({
            let rules_dir = rules_dir.clone();
            move || rule_set::load(rules_dir.as_deref()).map_err(|failure| failure.message)
        }),
        stamp: Box::new(move || rules_dir.as_deref().map_or(0, stamp)),
    };
    Ok(config.daemon(templates, loader))
}

/// The reply templates, the user's own among them.
pub(super) fn templates(config: &Config) -> Result<Templates, Failure> {
    let own = place::texts(config.templates_dir.as_deref(), "txt")?;
    Templates::new(own.iter().map(|(name, text)| (name.as_str(), text.as_str())))
        .map_err(|error| template(&error))
}

/// Another number when a file below `dir` was written, added or removed.
fn stamp(dir: &Path) -> u64 {
    let mut hasher = DefaultHasher::new();
    let mut paths: Vec<PathBuf> = fs::read_dir(dir)
        .map(|entries| entries.filter_map(Result::ok).map(|entry| entry.path()).collect())
        .unwrap_or_default();
    paths.sort();
    for path in paths {
        let about = fs::metadata(&path).ok();
        let written = about.as_ref().and_then(|it| it.modified().ok());
        (path, about.map(|it| it.len()), written).hash(&mut hasher);
    }
    hasher.finish()
}

/// Starts a daemon in the background of this very process, for the demo.
pub(super) fn in_background(
    runtime: &Runtime,
    settings: Settings,
    lock: DaemonLock,
    stop: CancellationToken,
) -> tokio::task::JoinHandle<Result<(), DaemonError>> {
    runtime.spawn(daemon::run(settings, lock, Mode::Service, stop))
}

/// A reader of the mailboxes beside the daemon.
pub(super) fn finder(cli: &Cli) -> Result<Finder, Failure> {
    finder_of(&place::config(cli)?, &place::state_dir(cli)?)
}

/// The same for what is not told by arguments.
pub(super) fn finder_of(config: &Config, dir: &StateDir) -> Result<Finder, Failure> {
    Ok(Finder::open(settings(config)?, Store::open_as_face(dir)?)?)
}

/// Tells the daemon to look.
pub(super) fn nudge(dir: &StateDir) {
    daemon::nudge(dir, Nudge::Look);
}

/// Tells the daemon that a secret was set.
pub(super) fn nudge_secret(dir: &StateDir) {
    daemon::nudge(dir, Nudge::Secret);
}

fn stop_on_signal(stop: CancellationToken) -> Result<(), Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let listen = |kind| {
        signal(kind).map_err(|e| Failure::failed(format!("Signals cannot be heard: {e}"), None))
    };
    let (mut terminate, mut interrupt) =
        (listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?);
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        stop.cancel();
    });
    Ok(())
}

/// Log lines go to standard error, which is the journal under systemd. `REGARDS_LOG` sets
/// the level; the mail libraries stay at warnings whatever it says, because below that they
/// write passwords and whole mails.
fn log_to_stderr() {
    let filter = EnvFilter::try_from_env("REGARDS_LOG")
        .unwrap_or_else(|_| EnvFilter::new("warn,regards=info"));
    let libraries = filter::filter_fn(|about| {
        let talkative = ["async_imap", "imap_proto", "lettre", "rustls"];
        let library = talkative.iter().any(|name| about.target().starts_with(name));
        !library || *about.level() <= tracing::Level::WARN
    });
    let in_journal = std::env::var_os("JOURNAL_STREAM").is_some();
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false);
    let lines = if in_journal { lines.without_time().boxed() } else { lines.boxed() };
    let _ = tracing_subscriber::registry()
        .with(lines.with_filter(libraries).with_filter(filter))
        .try_init();
}
