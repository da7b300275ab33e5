//! One account's life: connect, read every folder, wait for news, and begin again.

use std::convert::Infallible;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use super::connect::{LoggedIn, log_in};
use super::error::ImapError;
use super::folders::{self, Opened, Plan, still_open};
use super::idle::{SleepWatch, Woken, idle};
use super::sweep::{Swept, sweep, sweep_opened};
use super::wire::Wire;
use super::{Auth, Credentials, Settings, isolated, secret_of};
use crate::source::{Clock, Contact, Folder, Intake, Role, beat};

/// Days that are looked over again at each new connection and each day, for mail that
/// the server did not list the first time.
const LOOK_BACK_DAYS: i64 = 14;

/// A server that calls for nothing all the time is not answered more often than this.
const BETWEEN_SWEEPS: Duration = Duration::from_millis(200);

/// What one pass over an account brought.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Summary {
    /// Messages that the intake took.
    pub admitted: u64,
    /// Folders that are configured but that the server does not have.
    pub missing: Vec<String>,
}

/// Reads every folder of the account to its end, and returns.
///
/// # Errors
/// Whatever stood in the way; batches admitted before it stay admitted.
pub async fn run_once<C: Credentials, I: Intake>(
    settings: Arc<Settings>,
    credentials: Arc<C>,
    intake: Arc<I>,
    clock: Clock,
) -> Result<Summary, ImapError> {
    let secret = secret_of(&settings, &*credentials).await?;
    let own = Arc::clone(&settings);
    isolated(&settings, async move {
        let LoggedIn { mut wire, capabilities } = log_in(&own, &secret).await?;
        intake.contact(own.account, Contact::Connected);
        let listed = folders::list(&mut wire, &capabilities).await?;
        let plan = folders::plan(&own, &listed);
        let mut admitted = 0;
        for folder in &plan.folders {
            let day = look_back_day(clock());
            admitted += sweep(&mut wire, folder, &*intake, Some(day)).await?.admitted;
        }
        wire.logout().await;
        let missing = plan.missing;
        let contact = Contact::CaughtUp { admitted, missing: missing.clone() };
        intake.contact(own.account, contact);
        Ok(Summary { admitted, missing })
    })
    .await
}

/// Keeps watch over the account until `stop`. It tells how it stands through
/// [`Intake::contact`] and gives up for nothing but a refused login, which waits for
/// `changed` (fire it with `notify_one` when the secret has been set anew).
pub async fn watch<C: Credentials, I: Intake>(
    settings: Arc<Settings>,
    credentials: Arc<C>,
    changed: Arc<Notify>,
    intake: Arc<I>,
    clock: Clock,
    stop: CancellationToken,
) {
    // Dropping the work ends it at once: a batch under way is durable or was never there.
    tokio::select! {
        () = stop.cancelled() => {}
        () = watch_for_ever(&settings, &*credentials, &changed, &intake, clock) => {}
    }
}

async fn watch_for_ever<C: Credentials, I: Intake>(
    settings: &Arc<Settings>,
    credentials: &C,
    changed: &Notify,
    intake: &Arc<I>,
    clock: Clock,
) {
    let mut failures = 0;
    loop {
        let caught_up = Arc::new(AtomicBool::new(false));
        let connection = Connection {
            settings: Arc::clone(settings),
            intake: Arc::clone(intake),
            clock,
            caught_up: Arc::clone(&caught_up),
        };
        let error = connection.last(credentials).await;
        if error.is_login_refused() {
            let (why, hint) = (error.to_string(), error.hint().unwrap_or_default());
            intake.contact(settings.account, Contact::Refused { why, hint });
            changed.notified().await;
            continue;
        }
        failures = if caught_up.load(Ordering::Relaxed) { 0 } else { failures + 1 };
        let pause = pause(settings, failures);
        let until = clock().checked_add(pause).unwrap_or(Timestamp::MAX);
        intake.contact(settings.account, standstill(&error, until));
        tokio::select! {
            () = changed.notified() => {}
            () = sleep(pause) => {}
        }
    }
}

fn standstill(error: &ImapError, until: Timestamp) -> Contact {
    match error {
        ImapError::NoSecret { why, .. } => Contact::WaitingForSecret { why: why.clone(), until },
        other => Contact::Lost { why: other.to_string(), hint: other.hint(), until },
    }
}

/// Doubles up to the longest, then takes between half and all of it, so that many clients
/// of a server that comes back do not knock at once.
fn pause(settings: &Settings, failures: u32) -> Duration {
    let deadlines = settings.deadlines;
    let doubled = deadlines.back_off.saturating_mul(1 << failures.saturating_sub(1).min(16));
    let whole = doubled.min(deadlines.back_off_max);
    let random = RandomState::new().build_hasher().finish() % 1_000;
    whole / 2 + whole.mul_f64(random as f64 / 2_000.0)
}

fn look_back_day(now: Timestamp) -> Date {
    let today = now.to_zoned(TimeZone::UTC).date();
    today.checked_sub(LOOK_BACK_DAYS.days()).unwrap_or(today)
}

/// What one connection works with.
struct Connection<I> {
    settings: Arc<Settings>,
    intake: Arc<I>,
    clock: Clock,
    caught_up: Arc<AtomicBool>,
}

impl<I> Clone for Connection<I> {
    fn clone(&self) -> Self {
        Connection {
            settings: Arc::clone(&self.settings),
            intake: Arc::clone(&self.intake),
            clock: self.clock,
            caught_up: Arc::clone(&self.caught_up),
        }
    }
}

impl<I: Intake> Connection<I> {
    /// Keeps the connection as long as it lasts; why it ended.
    async fn last(self, credentials: &impl Credentials) -> ImapError {
        let secret = match secret_of(&self.settings, credentials).await {
            Ok(secret) => secret,
            Err(error) => return error,
        };
        let error = self.clone().run(secret.clone()).await;
        if !error.is_login_refused() || self.settings.auth != Auth::XOAuth2 {
            return error;
        }
        // A token runs out by itself: another one than was refused is worth one try.
        match secret_of(&self.settings, credentials).await {
            Ok(other) if other.expose_secret() != secret.expose_secret() => self.run(other).await,
            _ => error,
        }
    }

    async fn run(self, secret: SecretString) -> ImapError {
        let settings = Arc::clone(&self.settings);
        let work = async move {
            let LoggedIn { mut wire, capabilities } = log_in(&self.settings, &secret).await?;
            self.tell(Contact::Connected);
            self.cycle(&mut wire, &capabilities).await
        };
        let Err(error) = isolated::<Infallible>(&settings, work).await;
        error
    }

    fn tell(&self, contact: Contact) {
        self.intake.contact(self.settings.account, contact);
    }

    async fn cycle(
        &self,
        wire: &mut Wire,
        capabilities: &[String],
    ) -> Result<Infallible, ImapError> {
        let mut pushed = capabilities.iter().any(|c| c == "IDLE");
        let mut looked_back: Option<Date> = None;
        let mut sleep_watch = SleepWatch::new(self.clock);
        loop {
            let day = look_back_day((self.clock)());
            let look_back = (looked_back != Some(day)).then_some(day);
            let listed = folders::list(wire, capabilities).await?;
            let plan = folders::plan(&self.settings, &listed);
            let (mut admitted, mut open) = (0, None);
            for folder in &plan.folders {
                let swept = sweep(wire, folder, &*self.intake, look_back).await?;
                admitted += swept.admitted;
                open = Some((folder, swept.opened));
            }
            looked_back = Some(day);
            let next_full = Instant::now() + self.settings.poll_every;
            let missing = plan.missing.clone();
            self.caught_up.store(true, Ordering::Relaxed);
            self.tell(Contact::CaughtUp { admitted, missing });
            match first_watched(&plan).filter(|_| pushed) {
                Some(folder) => {
                    let place = Place { folder, missing: &plan.missing };
                    let opened = match open {
                        Some((last, opened)) if last == folder => opened,
                        _ => self.read(wire, &place, None).await?,
                    };
                    pushed =
                        self.idle_until(wire, &place, opened, next_full, &mut sleep_watch).await?;
                }
                None => self.wait_until(wire, next_full, &mut sleep_watch).await?,
            }
        }
    }

    /// Idles on a folder that was just read, and reads it after each call; `false` when the
    /// server refuses.
    async fn idle_until(
        &self,
        wire: &mut Wire,
        place: &Place<'_>,
        mut opened: Opened,
        until: Instant,
        sleep_watch: &mut SleepWatch,
    ) -> Result<bool, ImapError> {
        self.tell(Contact::Idle { pushed: true });
        let mut read = Instant::now();
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(true);
            }
            let wait = left.min(self.settings.idle_for);
            let open = match idle(wire, opened.exists, wait, sleep_watch).await? {
                Woken::News => {
                    sleep_until(read + BETWEEN_SWEEPS).await;
                    still_open(wire, opened)
                }
                Woken::Ended => {
                    sleep_until(read + BETWEEN_SWEEPS).await;
                    None
                }
                // All folders are looked at next.
                Woken::Tick if wait == left => return Ok(true),
                Woken::Tick => None,
                Woken::Refused => return Ok(false),
            };
            read = Instant::now();
            opened = self.read(wire, place, open).await?;
        }
    }

    /// Reads what is new in the folder that is idled on, and tells of it.
    async fn read(
        &self,
        wire: &mut Wire,
        place: &Place<'_>,
        open: Option<Opened>,
    ) -> Result<Opened, ImapError> {
        let Swept { admitted, opened } = match open {
            Some(open) => sweep_opened(wire, place.folder, open, &*self.intake, None).await?,
            None => sweep(wire, place.folder, &*self.intake, None).await?,
        };
        if admitted > 0 {
            self.tell(Contact::CaughtUp { admitted, missing: place.missing.to_vec() });
            self.tell(Contact::Idle { pushed: true });
        }
        Ok(opened)
    }

    /// Waits where no IDLE is to be had.
    async fn wait_until(
        &self,
        wire: &Wire,
        until: Instant,
        sleep_watch: &mut SleepWatch,
    ) -> Result<(), ImapError> {
        self.tell(Contact::Idle { pushed: false });
        loop {
            if until <= Instant::now() {
                return Ok(());
            }
            sleep_until(until.min(beat::next())).await;
            if sleep_watch.slept() {
                return Err(ImapError::Slept { server: wire.server().to_owned() });
            }
        }
    }
}

/// Where it idles, and what it could not find beside it.
struct Place<'a> {
    folder: &'a Folder,
    missing: &'a [String],
}

fn first_watched(plan: &Plan) -> Option<&Folder> {
    plan.folders.iter().find(|f| f.role == Role::Watch)
}
