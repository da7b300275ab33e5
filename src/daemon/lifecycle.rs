//! Beginning, pulse and end of the daemon: accounts entered and left, loops started, what a
//! killed predecessor left behind put right, one tick a minute, a clean stop.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::fingerprint::FingerprintKey;
use super::intake::DaemonIntake;
use super::nudge::{Ear, Nudge};
use super::outbox::{self, Outbox};
use super::{
    MailboxSource, Settings, Shared, arrange, decisions, keeping, now, overtake, random, release,
};
use crate::model::ids::AccountNo;
use crate::model::reply::{ReplyState, Withdrawal};
use crate::source::imap::{self, ImapError};
use crate::source::{beat, maildir};
use crate::store::brakes::{self, Brake};
use crate::store::{DaemonLock, Store, StoreError, accounts, messages, replies};

/// The clock was set back by more than this: dates cannot be trusted (DESIGN section 8).
const CLOCK_BACK: SignedDuration = SignedDuration::from_hours(1);

/// How often the clock's last reading is written down.
const CLOCK_NOTED_EVERY: SignedDuration = SignedDuration::from_mins(10);

const CLOCK_KEY: &str = "clock";
pub(super) const FINGERPRINT_KEY: &str = "fingerprint_key";

/// How long to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Until stopped.
    Service,
    /// Catch up, release, send what is due, end.
    Once,
}

/// Why the daemon ended.
#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The rules, in sentences for the user.
    #[error("The rules cannot be used:\n{0}")]
    Rules(String),
    /// `--once`: an account could not be read.
    #[error("{label}: {why}")]
    Account {
        /// The account.
        label: String,
        /// One sentence.
        why: String,
        /// What to do.
        hint: Option<String>,
    },
    /// A newer program has migrated the database.
    #[error("A newer regards has taken the database over; this one ends")]
    MovedOn,
    /// The loop that sends has ended.
    #[error("The loop that sends mail broke down; nothing is lost, start the daemon again")]
    Broken,
    /// The system.
    #[error("Could not {what}: {source}")]
    System {
        /// What was tried.
        what: &'static str,
        /// Why not.
        source: std::io::Error,
    },
}

/// Runs the daemon of the locked directory until `stop`, or once.
///
/// # Errors
/// See [`DaemonError`]; whatever was decided and read until then is in the database.
pub async fn run(
    settings: Settings,
    lock: DaemonLock,
    mode: Mode,
    stop: CancellationToken,
) -> Result<(), DaemonError> {
    let shared = Arc::new(begin(settings, &lock)?);
    let daemon = Daemon {
        outbox_wake: Arc::new(Notify::new()),
        secrets_changed: shared.numbers.iter().map(|_| Arc::new(Notify::new())).collect(),
        shared,
        stop,
    };
    match mode {
        Mode::Once => daemon.once().await,
        Mode::Service => daemon.serve(&lock).await,
    }
}

fn begin(settings: Settings, lock: &DaemonLock) -> Result<Shared, DaemonError> {
    let mut store = Store::open_as_daemon(lock)?;
    let rules = (settings.rules.load)().map_err(DaemonError::Rules)?;
    let key = fingerprint_key(&mut store)?;
    let mut numbers = Vec::new();
    for account in &settings.accounts {
        numbers.push(
            store.write(|tx| accounts::enter(tx, &account.login, &account.host, &account.label))?,
        );
    }
    dismiss_removed(&mut store, &numbers)?;
    outbox::recover(&mut store)?;
    Ok(Shared::new(settings, numbers, rules, key, store))
}

fn fingerprint_key(store: &mut Store) -> Result<FingerprintKey, StoreError> {
    store.write(|tx| {
        if let Some(key) = crate::store::meta(tx, FINGERPRINT_KEY)? {
            return Ok(FingerprintKey::new(&key));
        }
        let key = random::<32>()?;
        crate::store::set_meta(tx, FINGERPRINT_KEY, &key)?;
        Ok(FingerprintKey::new(&key))
    })
}

/// Accounts that are gone from the configuration keep their history; what waited there is
/// withdrawn.
fn dismiss_removed(store: &mut Store, present: &[AccountNo]) -> Result<(), StoreError> {
    store.write(|tx| {
        for account in accounts::all(tx)? {
            if present.contains(&account.no) || !account.present {
                continue;
            }
            accounts::leave(tx, account.no)?;
            for reply in replies::in_states(tx, &["cooling", "drafted", "approved"])? {
                if reply.account == account.no {
                    overtake::withdraw(tx, &reply, Withdrawal::AccountRemoved, now())?;
                }
            }
        }
        Ok(())
    })
}

struct Daemon {
    shared: Arc<Shared>,
    outbox_wake: Arc<Notify>,
    /// Fired when a secret was set; in the order of the accounts.
    secrets_changed: Vec<Arc<Notify>>,
    stop: CancellationToken,
}

impl Daemon {
    async fn once(&self) -> Result<(), DaemonError> {
        let mut failed = None;
        for (account, no) in self.shared.settings.accounts.iter().zip(&self.shared.numbers) {
            let read = match &account.mailbox {
                MailboxSource::Imap { settings, secret } => {
                    let settings = imap::Settings { account: *no, ..(**settings).clone() };
                    let credentials = Arc::new(secret.clone().credentials());
                    let intake = Arc::new(DaemonIntake(Arc::clone(&self.shared)));
                    imap::run_once(Arc::new(settings), credentials, intake, now)
                        .await
                        .map(|_| ())
                        .map_err(|error| (error.to_string(), ImapError::hint(&error)))
                }
                MailboxSource::Maildir(path) => {
                    let intake = DaemonIntake(Arc::clone(&self.shared));
                    maildir::run_once(&maildir::Settings::new(*no, path.clone()), &intake)
                        .await
                        .map(|_| ())
                        .map_err(|error| (error.to_string(), error.hint()))
                }
            };
            if let Err((why, hint)) = read {
                let sentence = hint.as_ref().map_or(why.clone(), |hint| format!("{why} ({hint})"));
                self.shared.store().write(|tx| accounts::waits(tx, *no, &sentence))?;
                let label = account.label.clone();
                failed = failed.or(Some(DaemonError::Account { label, why, hint }));
            }
        }
        let moment = now();
        watch_clock(&self.shared, moment)?;
        decisions::apply(&self.shared, moment)?;
        arrange::arrange_if_needed(&self.shared, moment)?;
        release::release(&self.shared, moment)?;
        keeping::forget_old_text(&self.shared, moment)?;
        Outbox::default().look(&self.shared, &self.stop).await?;
        failed.map_or(Ok(()), Err)
    }

    async fn serve(&self, lock: &DaemonLock) -> Result<(), DaemonError> {
        let tasks = TaskTracker::new();
        for (at, account) in self.shared.settings.accounts.iter().enumerate() {
            self.watch(&tasks, at, account);
        }
        let mut outbox = tasks.spawn(outbox_loop(
            Arc::clone(&self.shared),
            Arc::clone(&self.outbox_wake),
            self.stop.clone(),
        ));
        let ear = Ear::open(lock.dir());
        tasks.close();
        tracing::info!(accounts = self.shared.numbers.len(), "Ready");
        notify_systemd(true, "watching");
        let ended = tokio::select! {
            ended = self.pulse(&ear) => ended,
            // It ends by itself only when it broke; a daemon that never sends is none.
            _ = &mut outbox => match self.stop.is_cancelled() {
                true => Ok(()),
                false => Err(DaemonError::Broken),
            },
        };
        notify_systemd_stopping();
        self.stop.cancel();
        // A mail in hand is finished: the unit gives 90 seconds, a dialogue may need them.
        tasks.wait().await;
        let _ = std::fs::remove_file(lock.dir().nudge_socket());
        ended
    }

    fn watch(&self, tasks: &TaskTracker, at: usize, account: &super::Account) {
        let (Some(no), Some(changed)) =
            (self.shared.numbers.get(at).copied(), self.secrets_changed.get(at))
        else {
            return;
        };
        let intake = DaemonIntake(Arc::clone(&self.shared));
        let stop = self.stop.clone();
        match &account.mailbox {
            MailboxSource::Imap { settings, secret } => {
                let settings = imap::Settings { account: no, ..(**settings).clone() };
                let credentials = Arc::new(secret.clone().credentials());
                let changed = Arc::clone(changed);
                tasks.spawn(imap::watch(
                    Arc::new(settings),
                    credentials,
                    changed,
                    Arc::new(intake),
                    now,
                    stop,
                ));
            }
            MailboxSource::Maildir(path) => {
                let settings = maildir::Settings::new(no, path.clone());
                tasks.spawn(maildir::watch(settings, Arc::new(intake), now, stop));
            }
        }
    }

    /// The desk's loop.
    async fn pulse(&self, ear: &Ear) -> Result<(), DaemonError> {
        let mut hangups = hangups()?;
        let mut rules_stamp = (self.shared.settings.rules.stamp)();
        loop {
            let moment = now();
            match self.look(moment) {
                Ok(()) => {}
                // A full disk or a busy database passes; everything else is told, too, and
                // tried again at the next tick: ending would help nobody.
                Err(error) => {
                    let hint = error.hint();
                    tracing::error!(hint, "{error}");
                }
            }
            if self.shared.store().moved_on().unwrap_or(false) {
                return Err(DaemonError::MovedOn);
            }
            let stamp = (self.shared.settings.rules.stamp)();
            if stamp != rules_stamp {
                rules_stamp = stamp;
                self.reload_rules();
            }
            notify_systemd(false, "watching");
            self.outbox_wake.notify_one();
            let next = self.next_look(moment);
            tokio::select! {
                () = self.stop.cancelled() => return Ok(()),
                () = tokio::time::sleep_until(next) => {}
                () = self.shared.wake.notified() => {}
                nudge = ear.hear() => {
                    if nudge == Nudge::Secret {
                        self.shared.secret_set.store(true, Ordering::Relaxed);
                        self.secrets_changed.iter().for_each(|it| it.notify_one());
                    }
                }
                _ = hangups.recv() => self.reload_rules(),
            }
        }
    }

    fn look(&self, moment: Timestamp) -> Result<(), StoreError> {
        watch_clock(&self.shared, moment)?;
        decisions::apply(&self.shared, moment)?;
        arrange::arrange_if_needed(&self.shared, moment)?;
        release::release(&self.shared, moment)?;
        keeping::forget_old_text(&self.shared, moment)
    }

    /// Broken rules are told and the old ones stay in force.
    fn reload_rules(&self) {
        match (self.shared.settings.rules.load)() {
            Ok(rules) => {
                tracing::info!(ruleset = rules.number(), "Rules reloaded");
                let mut current =
                    self.shared.rules.write().unwrap_or_else(std::sync::PoisonError::into_inner);
                *current = Arc::new(rules);
            }
            Err(why) => tracing::error!("The rules stay as they were: {why}"),
        }
    }

    /// The next beat, or before it when something is due.
    fn next_look(&self, moment: Timestamp) -> Instant {
        let beat = beat::next();
        let due = self.shared.store().read(|tx| next_due(tx, moment)).ok().flatten();
        // Not below: what is due and held (a brake, the night) must not spin.
        let left = due.map(|at| at.duration_since(moment)).filter(|left| left.is_positive());
        left.map_or(beat, |left| beat.min(Instant::now() + left.unsigned_abs()))
    }
}

/// The next moment after `moment` at which a rejection has cooled or an approved mail is
/// due. Not after the clock of now: what became due since the last look would be forgotten.
fn next_due(
    tx: &rusqlite::Transaction<'_>,
    moment: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let quiet = messages::quiet(tx)?.into_iter().filter_map(|m| m.quiet_until);
    let waiting = replies::in_states(tx, &["cooling", "approved"])?.into_iter().filter_map(
        |reply| match reply.state {
            ReplyState::Cooling { not_before, .. } => Some(not_before),
            ReplyState::Approved(approval) => Some(approval.due),
            _ => None,
        },
    );
    Ok(quiet.chain(waiting).filter(|at| *at > moment).min())
}

async fn outbox_loop(shared: Arc<Shared>, wake: Arc<Notify>, stop: CancellationToken) {
    let mut outbox = Outbox::default();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = wake.notified() => {}
        }
        if let Err(error) = outbox.look(&shared, &stop).await {
            let hint = error.hint();
            tracing::error!(hint, "{error}");
        }
    }
}

/// A clock that was set back makes every date doubtful: drafts are held.
fn watch_clock(shared: &Shared, moment: Timestamp) -> Result<(), StoreError> {
    shared.store().write(|tx| {
        let last = crate::store::meta(tx, CLOCK_KEY)?
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .and_then(|text| text.parse::<Timestamp>().ok());
        let back = last.is_some_and(|last| last.duration_since(moment) > CLOCK_BACK);
        if back {
            let why = "the clock was set back by more than an hour".to_owned();
            brakes::set(tx, &Brake { what: "clock".to_owned(), at: moment, until: None, why })?;
        }
        if back || last.is_none_or(|last| moment.duration_since(last) > CLOCK_NOTED_EVERY) {
            crate::store::set_meta(tx, CLOCK_KEY, moment.to_string().as_bytes())?;
        }
        Ok(())
    })
}

fn hangups() -> Result<tokio::signal::unix::Signal, DaemonError> {
    tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup())
        .map_err(|source| DaemonError::System { what: "listen for SIGHUP", source })
}

#[cfg(target_os = "linux")]
fn notify_systemd(ready: bool, status: &str) {
    use sd_notify::NotifyState;
    let mut states = vec![NotifyState::Watchdog, NotifyState::Status(status)];
    if ready {
        states.push(NotifyState::Ready);
    }
    let _ = sd_notify::notify(&states);
}

#[cfg(target_os = "linux")]
fn notify_systemd_stopping() {
    let _ = sd_notify::notify(&[sd_notify::NotifyState::Stopping]);
}

#[cfg(not(target_os = "linux"))]
fn notify_systemd(_ready: bool, _status: &str) {}

#[cfg(not(target_os = "linux"))]
fn notify_systemd_stopping() {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;
    use crate::store::StateDir;
    use crate::store::arrivals::{self, NewMessage};

    #[test]
    fn a_moment_that_passed_since_the_look_is_still_the_next_one() {
        let home = tempfile::tempdir().unwrap();
        let lock = StateDir::at(&home.path().join("state")).lock().unwrap();
        let mut store = Store::open_as_daemon(&lock).unwrap();
        let looked: Timestamp = "2026-01-05T10:00:00Z".parse().unwrap();
        let cooled = looked.saturating_add(SignedDuration::from_millis(100)).unwrap();
        let message = parse::message(b"From: a@b.example\r\n\r\nNo.\r\n", true, &[]);
        let next = store.write(|tx| {
            let account = accounts::enter(tx, "jo", "imap.example", "main")?;
            let kept = NewMessage {
                account,
                application: None,
                fingerprint: [1; 16],
                text_fingerprint: [1; 16],
                watched: true,
                message: &message,
                verdict: None,
                findings: None,
                ties: &[],
                received_at: looked,
                first_seen_at: looked,
                question: None,
                addressing: None,
                quiet_until: Some(cooled),
                away: false,
                raw: b"",
            };
            arrivals::insert(tx, &kept)?;
            Ok((next_due(tx, looked)?, next_due(tx, cooled)?))
        });
        // The clock of now stands long behind both.
        assert_eq!(next.unwrap(), (Some(cooled), None));
    }
}
