//! What is remembered: SQLite, and the only room that speaks SQL.
//!
//! The database is also the meeting point of daemon and faces: a face writes a decision,
//! the daemon looks. There is one file of functions per noun; each takes a transaction
//! first, so that what belongs together is written together. Nothing here reads a clock.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use rusqlite_migration::{M, Migrations};

pub mod accounts;

pub mod answers;

pub mod applications;

pub mod arrivals;

pub mod backup;

pub mod brakes;

pub mod by_hand;

pub mod corrections;

pub mod crash;

pub mod decisions;

pub mod forget;

pub mod journal;

pub mod ledger;

pub mod letter;

pub mod messages;

pub mod reflections;

pub mod reminders;

pub mod replies;

mod row;

pub mod second_looks;

pub mod sightings;

pub mod state_dir;

pub use state_dir::{DaemonLock, StateDir};

/// Longer than any transaction of the intake (200 ms), short enough for a person.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The WAL-reset bug is cured from 3.51.3 on; the bundled library is newer.
const SQLITE_MIN: i32 = 3_051_003;

const MIGRATIONS: &[M<'static>] = &[M::up(include_str!("migrations/0001_init.sql"))];

/// Why the store could not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The state directory cannot be used.
    #[error("Could not {what} {path}: {source}", path = path.display())]
    Directory {
        /// What was tried.
        what: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// Others can read what only the user may read.
    #[error("{path} can be read by other users", path = .0.display())]
    ReadableByOthers(PathBuf),
    /// What is taken for ours may be somebody else's.
    #[error("{path} is a link to another place", path = .0.display())]
    Link(PathBuf),
    /// There is no database yet.
    #[error("There is nothing here yet: {path} does not exist", path = .0.display())]
    Absent(PathBuf),
    /// Another daemon holds the database.
    #[error("Another regards daemon is running on {path}", path = .0.display())]
    SecondDaemon(PathBuf),
    /// The database has another schema than this program.
    #[error("The database has schema {found}, this program knows schema {known}")]
    Schema {
        /// In the file.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// The disk is full.
    #[error("No space is left on the disk while writing the database")]
    DiskFull,
    /// The disk gives errors (EIO): it fails, or its connection does.
    #[error("The disk fails: the database could not {0}")]
    DiskFails(&'static str),
    /// The file system refused a write-ahead log.
    #[error("The database could not be given a write-ahead log in {path}", path = .0.display())]
    NoLog(PathBuf),
    /// Somebody else holds the database for longer than five seconds.
    #[error("The database is busy")]
    Busy,
    /// A reply was changed by somebody else in between.
    #[error("It was changed in the meantime; look at it again")]
    Changed,
    /// What is to be erased is on its way to a server.
    #[error("One of its replies is being sent just now; nothing was erased")]
    BeingSent,
    /// There is no such row.
    #[error("There is no {0}")]
    NotFound(String),
    /// The state machine refuses.
    #[error(transparent)]
    Refused(#[from] crate::model::reply::Refusal),
    /// A row does not hold what it must hold.
    #[error("The database holds something unreadable: {0}")]
    Unreadable(String),
    /// Anything else that SQLite reports.
    #[error("The database could not {what}: {source}")]
    Sqlite {
        /// What was tried.
        what: &'static str,
        /// SQLite's words.
        source: rusqlite::Error,
    },
}

impl StoreError {
    /// What to do next, where a person can do something.
    pub fn hint(&self) -> Option<String> {
        match self {
            StoreError::ReadableByOthers(path) => {
                Some(format!("Close it: chmod -R go-rwx '{}'", path.display()))
            }
            StoreError::Link(_) => Some(
                "Put the file itself there; another directory can be named: --state-dir DIR"
                    .to_owned(),
            ),
            StoreError::Absent(_) => Some("Start the daemon once: regards run".to_owned()),
            StoreError::SecondDaemon(_) => {
                Some("`regards status` tells what the running one does".to_owned())
            }
            StoreError::Schema { found, known } if found > known => {
                Some("A newer regards wrote it: update this program".to_owned())
            }
            StoreError::Schema { .. } => Some(
                "Restart the daemon so that it is brought up to date: \
                 systemctl --user restart regards"
                    .to_owned(),
            ),
            StoreError::DiskFull => {
                Some("Free some space; the daemon goes on by itself".to_owned())
            }
            StoreError::DiskFails(_) => Some(
                "Look into the system's log for errors of this disk (journalctl -k); the daemon \
                 tries again by itself"
                    .to_owned(),
            ),
            StoreError::NoLog(_) => Some(
                "Start it again. If it says so again, that is no local disk or the disk fails \
                 (journalctl -k); another directory can be named: --state-dir DIR"
                    .to_owned(),
            ),
            StoreError::Unreadable(_) => Some(
                "Stop the daemon, move the database away without deleting it, and put a copy in \
                 its place; without one the next run begins anew"
                    .to_owned(),
            ),
            StoreError::Busy | StoreError::BeingSent => Some("Try again in a moment".to_owned()),
            StoreError::NotFound(what) if what.starts_with("reply") => {
                Some("`regards desk --all` lists the replies".to_owned())
            }
            StoreError::NotFound(what) if what.starts_with("answer") => {
                Some("`regards feedback` lists the answers to your replies".to_owned())
            }
            StoreError::NotFound(what) if what.starts_with("application") => {
                Some("`regards applications` lists them with their numbers".to_owned())
            }
            StoreError::NotFound(what) if what.starts_with("reflection") => {
                Some("`regards wins` lists them with their numbers".to_owned())
            }
            StoreError::NotFound(_) => {
                Some("`regards find` lists mails with their numbers".to_owned())
            }
            StoreError::Refused(refusal) => refusal.hint().map(str::to_owned),
            StoreError::Directory { .. } | StoreError::Changed | StoreError::Sqlite { .. } => None,
        }
    }
}

/// A disk's error, as the system numbers it; the same on Linux and macOS.
const EIO: i32 = 5;

impl StoreError {
    /// The same may succeed later without anybody's help.
    pub fn passes(&self) -> bool {
        match self {
            StoreError::DiskFull | StoreError::DiskFails(_) | StoreError::Busy => true,
            StoreError::Directory { source, .. } => {
                source.kind() == std::io::ErrorKind::StorageFull
                    || source.raw_os_error() == Some(EIO)
            }
            _ => false,
        }
    }
}

/// What a failed statement was about, in place of a bare SQLite error.
trait Context<T> {
    fn context(self, what: &'static str) -> Result<T, StoreError>;
}

impl<T> Context<T> for Result<T, rusqlite::Error> {
    fn context(self, what: &'static str) -> Result<T, StoreError> {
        self.map_err(|source| match source.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => StoreError::DiskFull,
            Some(rusqlite::ErrorCode::SystemIoFailure) => StoreError::DiskFails(what),
            Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => {
                StoreError::Busy
            }
            Some(rusqlite::ErrorCode::NotADatabase | rusqlite::ErrorCode::DatabaseCorrupt) => {
                StoreError::Unreadable("the file is damaged or no database".to_owned())
            }
            _ => StoreError::Sqlite { what, source },
        })
    }
}

/// An open database.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    dir: StateDir,
}

impl Store {
    /// Opens the database for the daemon, making and migrating it where needed; only the
    /// holder of the lock may.
    ///
    /// # Errors
    /// [`StoreError::Schema`] when a newer program wrote it; otherwise what the disk says.
    pub fn open_as_daemon(lock: &DaemonLock) -> Result<Store, StoreError> {
        lock.dir().make_database()?;
        let mut store = Store::connect(lock.dir())?;
        store.write_ahead()?;
        let known = schema_known();
        let found = store.schema()?;
        if found > known {
            return Err(StoreError::Schema { found, known });
        }
        Migrations::from_slice(MIGRATIONS).to_latest(&mut store.connection).map_err(|error| {
            match error {
                rusqlite_migration::Error::RusqliteError { err, .. } => {
                    match Err::<(), _>(err).context("bring the database up to date") {
                        Err(error) => error,
                        Ok(()) => StoreError::Busy,
                    }
                }
                other => StoreError::Unreadable(other.to_string()),
            }
        })?;
        // SQLite passes over what a disk says when it makes the name of its log lasting.
        lock.dir().sync()?;
        Ok(store)
    }

    /// Opens the database for a face.
    ///
    /// # Errors
    /// [`StoreError::Absent`] before the daemon's first run, [`StoreError::Schema`] when it
    /// is of another version and a daemon is running on it.
    pub fn open_as_face(dir: &StateDir) -> Result<Store, StoreError> {
        if !dir.database().exists() {
            return Err(StoreError::Absent(dir.database()));
        }
        let store = Store::connect(dir)?;
        let (found, known) = (store.schema()?, schema_known());
        if found == known {
            return Ok(store);
        }
        match dir.lock() {
            Ok(lock) if found < known => Store::open_as_daemon(&lock),
            _ => Err(StoreError::Schema { found, known }),
        }
    }

    fn connect(dir: &StateDir) -> Result<Store, StoreError> {
        dir.check_private()?;
        if rusqlite::version_number() < SQLITE_MIN {
            return Err(StoreError::Unreadable(format!(
                "SQLite {} may lose committed writes",
                rusqlite::version()
            )));
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection =
            Connection::open_with_flags(dir.database(), flags).context("open the database")?;
        connection.busy_timeout(BUSY_TIMEOUT).context("set the busy timeout")?;
        let store = Store { connection, dir: dir.clone() };
        for (pragma, value) in [
            // A committed "Sending" that a power cut forgets would be a second mail.
            ("synchronous", "FULL"),
            ("foreign_keys", "ON"),
            ("secure_delete", "ON"),
            ("trusted_schema", "OFF"),
        ] {
            store.set(pragma, value)?;
        }
        Ok(store)
    }

    /// Has SQLite keep a write-ahead log. That stays with the file; only the daemon sees to it,
    /// because two that do so at once are in each other's way.
    fn write_ahead(&self) -> Result<(), StoreError> {
        let mode: String = self
            .connection
            .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))
            .context("set its journal")?;
        // What stands in the way is no error to SQLite: it goes on with the journal it had, and
        // faces and daemon would wait for each other.
        if mode == "wal" { Ok(()) } else { Err(StoreError::NoLog(self.dir.path().to_owned())) }
    }

    fn set(&self, pragma: &str, value: &str) -> Result<(), StoreError> {
        self.connection.pragma_update(None, pragma, value).context("set a pragma")
    }

    /// The schema's number in the file; 0 for an empty one.
    pub fn schema(&self) -> Result<i64, StoreError> {
        self.connection
            .pragma_query_value(None, "user_version", |row| row.get(0))
            .context("read the schema's number")
    }

    /// A newer program has migrated the file under us.
    pub fn moved_on(&self) -> Result<bool, StoreError> {
        Ok(self.schema()? != schema_known())
    }

    /// Where it lies.
    pub fn dir(&self) -> &StateDir {
        &self.dir
    }

    /// Reads one consistent picture.
    ///
    /// # Errors
    /// What `work` says, or SQLite.
    pub fn read<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let transaction = self.connection.transaction().context("begin reading")?;
        work(&transaction)
    }

    /// Writes all of `work` or nothing of it; durable when this returns.
    ///
    /// # Errors
    /// What `work` says, or SQLite; then nothing was written.
    pub fn write<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .context("begin writing")?;
        let result = work(&transaction)?;
        transaction.commit().context("commit")?;
        Ok(result)
    }
}

/// A state of the database as one connection sees it. While two of them are alike, nothing was
/// written in between, by this connection or any other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version {
    /// Moves with each commit of another connection.
    elsewhere: i64,
    /// Moves with each row that this connection writes.
    here: i64,
}

/// The database's version within this transaction.
pub fn version(transaction: &Transaction<'_>) -> Result<Version, StoreError> {
    transaction
        .query_row("SELECT data_version, total_changes() FROM pragma_data_version", [], |row| {
            Ok(Version { elsewhere: row.get(0)?, here: row.get(1)? })
        })
        .context("read its version")
}

/// The number of the newest migration of this program.
fn schema_known() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// Reads a value of `meta`.
pub fn meta(transaction: &Transaction<'_>, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
    use rusqlite::OptionalExtension;
    transaction
        .query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| row.get(0))
        .optional()
        .context("read a setting of its own")
}

/// Writes a value of `meta`.
pub fn set_meta(transaction: &Transaction<'_>, key: &str, value: &[u8]) -> Result<(), StoreError> {
    transaction
        .execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)", (key, value))
        .context("write a setting of its own")?;
    Ok(())
}

/// The state directory of a path; see [`StateDir::at`].
pub fn state_dir(path: &Path) -> StateDir {
    StateDir::at(path)
}

#[cfg(test)]
mod tests {
    use std::io::Error;

    use super::*;

    #[test]
    fn what_a_disk_refuses_passes_and_what_is_wrong_does_not() {
        let sqlite = |code| {
            let error = rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None);
            Err::<(), _>(error).context("write")
        };
        let written = |source| StoreError::Directory { what: "write", path: "/".into(), source };
        for passing in [
            sqlite(rusqlite::ffi::SQLITE_IOERR_FSYNC).unwrap_err(),
            sqlite(rusqlite::ffi::SQLITE_FULL).unwrap_err(),
            sqlite(rusqlite::ffi::SQLITE_BUSY).unwrap_err(),
            written(Error::from_raw_os_error(EIO)),
            written(std::io::ErrorKind::StorageFull.into()),
        ] {
            assert!(passing.passes() && !passing.to_string().is_empty(), "{passing:?}");
        }
        let damaged = sqlite(rusqlite::ffi::SQLITE_CORRUPT).unwrap_err();
        let refused = written(std::io::ErrorKind::PermissionDenied.into());
        assert!(!damaged.passes() && !refused.passes() && !StoreError::Changed.passes());
    }
}
