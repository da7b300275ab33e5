//! A Maildir, watched: `new` and `cur`, never its sub-folders.
//!
//! Files are opened for reading and nothing else: nothing is renamed, moved or marked,
//! so that a mail program beside it sees no difference. A message is known by the unique
//! part of its file name, which keeps while its flags change.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use ring::digest::{SHA256, digest};
use tokio::sync::Notify;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::{
    BATCH_BYTES, BATCH_MESSAGES, Batch, Clock, Contact, Cursor, Folder, Intake, IntakeError,
    Looker, MESSAGE_READ_MAX, Raw, Role, Uid,
};
use crate::model::ids::AccountNo;

/// A Maildir has no UIDVALIDITY: its names are unique for ever.
const UIDVALIDITY: u32 = 1;

/// A delivery renames once and an expunge of many files often: one sweep for them all.
const SETTLE: Duration = Duration::from_millis(100);

/// A file may be renamed (its flags change) between listing and reading: look again.
const PASSES_MAX: usize = 3;

/// What hinders is near, a full disk or a directory that is not mounted yet: asking again is
/// cheap, and nobody wants to wait long after mending it.
const TRY_AGAIN: Duration = Duration::from_secs(5);

/// One Maildir.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Whose mail it is.
    pub account: AccountNo,
    /// The directory that holds `cur` and `new`.
    pub path: PathBuf,
    /// What it is read for.
    pub role: Role,
    /// How often it is looked at without being called (a network file system calls nobody).
    pub poll_every: Duration,
}

impl Settings {
    /// A Maildir that is watched, and looked at every minute besides.
    pub fn new(account: AccountNo, path: PathBuf) -> Self {
        Settings { account, path, role: Role::Watch, poll_every: Duration::from_secs(60) }
    }

    fn folder(&self) -> Folder {
        let name = self.path.to_string_lossy().into_owned();
        Folder { account: self.account, name, role: self.role }
    }
}

/// Why a Maildir could not be read.
#[derive(Debug, thiserror::Error)]
pub enum MaildirError {
    /// No `cur` and `new` in it, or no right to look.
    #[error("{} cannot be read as a Maildir: {why}", path.display())]
    Unreadable {
        /// The directory.
        path: PathBuf,
        /// The system's reason.
        why: io::Error,
    },
    /// The other side of the source failed.
    #[error("Mail could not be taken over: {0}")]
    Intake(IntakeError),
}

impl MaildirError {
    /// What the user can do, where there is something.
    pub fn hint(&self) -> Option<String> {
        match self {
            MaildirError::Unreadable { .. } => Some(
                "Name the directory that holds `cur` and `new`, and see that this user may \
                 read it"
                    .to_owned(),
            ),
            MaildirError::Intake(_) => None,
        }
    }
}

/// Reads what is new, and returns; the number of messages admitted.
///
/// # Errors
/// When the directory cannot be read. A single file that cannot be is passed on as unreadable.
pub async fn run_once<I: Intake>(settings: &Settings, intake: &I) -> Result<u64, MaildirError> {
    let mut admitted = 0;
    for _ in 0..PASSES_MAX {
        let pass = sweep(settings, intake).await?;
        admitted += pass.admitted;
        if !pass.moved {
            break;
        }
    }
    intake.contact(settings.account, Contact::CaughtUp { admitted, missing: Vec::new() });
    Ok(admitted)
}

/// Shows the looker every message, the newest first, until `limit` counted. Whether it
/// matches what is looked for is the looker's to say: a Maildir has no search.
///
/// # Errors
/// When the directory cannot be read.
pub async fn search<L: Looker>(
    settings: &Settings,
    limit: usize,
    looker: &L,
) -> Result<(), MaildirError> {
    show(settings, looker, limit, |_| true).await
}

/// Shows the looker the messages whose numbers are wanted, as far as they are there.
///
/// # Errors
/// When the directory cannot be read.
pub async fn again<L: Looker>(
    settings: &Settings,
    wanted: impl Fn(Uid) -> bool + Send + Sync,
    looker: &L,
) -> Result<(), MaildirError> {
    show(settings, looker, usize::MAX, wanted).await
}

async fn show<L: Looker>(
    settings: &Settings,
    looker: &L,
    limit: usize,
    wanted: impl Fn(Uid) -> bool + Send + Sync,
) -> Result<(), MaildirError> {
    let path = settings.path.clone();
    let letters = blocking(move || list(&path))
        .await
        .map_err(|why| MaildirError::Unreadable { path: settings.path.clone(), why })?;
    let mut left = limit;
    for letter in letters.into_iter().rev().filter(|letter| wanted(letter.uid)) {
        if left == 0 {
            break;
        }
        // Gone or moved meanwhile: a look is of one moment.
        let Ok(raw) = blocking(move || read(&letter)).await else { continue };
        if looker.look(&settings.folder(), UIDVALIDITY, raw) {
            left -= 1;
        }
    }
    Ok(())
}

/// Keeps watch until `stop`; tells how it stands through [`Intake::contact`].
pub async fn watch<I: Intake>(
    settings: Settings,
    intake: Arc<I>,
    clock: Clock,
    stop: CancellationToken,
) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = watch_for_ever(&settings, &*intake, clock) => {}
    }
}

async fn watch_for_ever<I: Intake>(settings: &Settings, intake: &I, clock: Clock) {
    let tell = |contact| intake.contact(settings.account, contact);
    loop {
        // Watched before it is read, so that nothing falls in between; and anew each time,
        // since a directory that was replaced calls nobody.
        let called = Arc::new(Notify::new());
        let watcher = watch_directories(&settings.path, &called);
        if let Err(error) = run_once(settings, intake).await {
            let pause = settings.poll_every.min(TRY_AGAIN);
            let until = clock().checked_add(pause).unwrap_or(Timestamp::MAX);
            tell(Contact::Lost { why: error.to_string(), hint: error.hint(), until });
            sleep(pause).await;
            continue;
        }
        tell(Contact::Idle { pushed: watcher.is_some() });
        tokio::select! {
            () = called.notified() => sleep(SETTLE).await,
            () = sleep(settings.poll_every) => {}
        }
    }
}

/// `None` where the system cannot watch: then the clock has to do.
fn watch_directories(path: &Path, called: &Arc<Notify>) -> Option<RecommendedWatcher> {
    let caller = Arc::clone(called);
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // Our own reading is an access, too.
        if event.is_ok_and(|e| !matches!(e.kind, EventKind::Access(_))) {
            caller.notify_one();
        }
    })
    .ok()?;
    for part in ["new", "cur"] {
        watcher.watch(&path.join(part), RecursiveMode::NonRecursive).ok()?;
    }
    Some(watcher)
}

/// A message's file.
#[derive(Debug, Clone)]
struct Letter {
    uid: Uid,
    path: PathBuf,
    time: SystemTime,
}

struct Pass {
    admitted: u64,
    /// A file was not where it had been listed.
    moved: bool,
}

async fn sweep<I: Intake>(settings: &Settings, intake: &I) -> Result<Pass, MaildirError> {
    let path = settings.path.clone();
    let letters = blocking(move || list(&path))
        .await
        .map_err(|why| MaildirError::Unreadable { path: settings.path.clone(), why })?;
    let mut pass = Pass { admitted: 0, moved: false };
    for part in letters.chunks(1_000) {
        let uids = part.iter().map(|letter| letter.uid).collect();
        let unseen = intake
            .unseen(&settings.folder(), UIDVALIDITY, uids)
            .await
            .map_err(MaildirError::Intake)?;
        let fresh = part.iter().filter(|letter| unseen.contains(&letter.uid)).cloned();
        take(settings, intake, fresh.collect(), &mut pass).await?;
    }
    Ok(pass)
}

async fn take<I: Intake>(
    settings: &Settings,
    intake: &I,
    letters: Vec<Letter>,
    pass: &mut Pass,
) -> Result<(), MaildirError> {
    let cursor = Cursor { uidvalidity: UIDVALIDITY, uid_next: 0 };
    let mut batch = Batch {
        folder: settings.folder(),
        uidvalidity: UIDVALIDITY,
        messages: Vec::new(),
        unreadable: Vec::new(),
        cursor,
    };
    let mut bytes = 0;
    let count = letters.len();
    for (place, letter) in letters.into_iter().enumerate() {
        let uid = letter.uid;
        match blocking(move || read(&letter)).await {
            Ok(raw) => {
                bytes += raw.bytes.len();
                batch.messages.push(raw);
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => pass.moved = true,
            Err(_) => batch.unreadable.push(uid),
        }
        let full = batch.messages.len() >= BATCH_MESSAGES || bytes >= BATCH_BYTES;
        let empty = batch.messages.is_empty() && batch.unreadable.is_empty();
        if !empty && (full || place + 1 == count) {
            let next = Batch { messages: Vec::new(), unreadable: Vec::new(), ..batch.clone() };
            let full = std::mem::replace(&mut batch, next);
            pass.admitted += full.messages.len() as u64;
            bytes = 0;
            intake.admit(full).await.map_err(MaildirError::Intake)?;
        }
    }
    Ok(())
}

/// Every message, oldest file first.
fn list(path: &Path) -> io::Result<Vec<Letter>> {
    let mut letters = Vec::new();
    for part in ["cur", "new"] {
        for entry in fs::read_dir(path.join(part))? {
            let entry = entry?;
            let name = entry.file_name();
            if name.as_encoded_bytes().starts_with(b".") {
                continue;
            }
            // Gone, or moved by a mail program meanwhile: the next look has it.
            let Ok(about) = entry.metadata() else { continue };
            if about.is_file() {
                let time = about.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                letters.push(Letter {
                    uid: uid(name.as_encoded_bytes()),
                    path: entry.path(),
                    time,
                });
            }
        }
    }
    letters.sort_by(|a, b| (a.time, &a.path).cmp(&(b.time, &b.path)));
    Ok(letters)
}

/// The unique part of a file name as a number: what follows the colon are flags.
fn uid(name: &[u8]) -> Uid {
    let unique = name.split(|b| *b == b':').next().unwrap_or(name);
    let hash = digest(&SHA256, unique);
    let head = hash.as_ref().iter().take(8).fold(0, |n: u64, b| (n << 8) | u64::from(*b));
    (head >> 1).max(1)
}

fn read(letter: &Letter) -> io::Result<Raw> {
    let file = File::open(&letter.path)?;
    let size = file.metadata()?.len();
    let mut bytes = Vec::new();
    file.take(MESSAGE_READ_MAX as u64).read_to_end(&mut bytes)?;
    let read = bytes.len() as u64;
    Ok(Raw { uid: letter.uid, bytes, size: size.max(read), complete: read >= size })
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_keeps_its_number_when_its_flags_change() {
        let new = uid(b"1700000000.M1P2.host");
        assert_eq!(new, uid(b"1700000000.M1P2.host:2,S"));
        assert_eq!(new, uid(b"1700000000.M1P2.host:2,RS"));
        assert_ne!(new, uid(b"1700000000.M1P3.host"));
        // Stored in databases: it may never change.
        assert_eq!(uid(b"a"), 0x654b_c089_650d_dee5);
        assert!(new <= i64::MAX as u64);
    }
}
