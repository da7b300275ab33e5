//! The directory that holds the database, the daemon's lock and its nudge socket: private
//! to the user, refused when others can read it.

use std::fs::{self, File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::StoreError;

/// Where everything is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateDir(PathBuf);

/// Holding it means being the only daemon on this database; it ends with the process.
#[derive(Debug)]
pub struct DaemonLock {
    dir: StateDir,
    _file: File,
}

impl DaemonLock {
    /// The directory that is locked.
    pub fn dir(&self) -> &StateDir {
        &self.dir
    }
}

/// Opens a file, and makes it where it is missing: for nobody but the user.
fn private(path: &Path) -> Result<File, StoreError> {
    let mut options = OpenOptions::new();
    let options = options.create(true).truncate(false).write(true).mode(0o600);
    options.open(path).map_err(|source| StoreError::Directory {
        what: "open",
        path: path.to_owned(),
        source,
    })
}

impl StateDir {
    /// The directory of this path; nothing is made or read yet.
    pub fn at(path: &Path) -> StateDir {
        StateDir(path.to_owned())
    }

    /// The directory itself.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The database.
    pub fn database(&self) -> PathBuf {
        self.0.join("regards.db")
    }

    /// The socket on which a face tells the daemon to look.
    pub fn nudge_socket(&self) -> PathBuf {
        self.0.join("nudge.sock")
    }

    /// What has been given to a server, outside of the database.
    pub fn ledger(&self) -> PathBuf {
        self.0.join("handed-over.log")
    }

    fn lock_file(&self) -> PathBuf {
        self.0.join("daemon.lock")
    }

    /// Makes the directory (mode 0700) where it is missing and takes the daemon's lock.
    ///
    /// # Errors
    /// [`StoreError::SecondDaemon`] when another process has it.
    pub fn lock(&self) -> Result<DaemonLock, StoreError> {
        self.create()?;
        self.check_private()?;
        let path = self.lock_file();
        let file = private(&path)?;
        match file.try_lock() {
            Ok(()) => Ok(DaemonLock { dir: self.clone(), _file: file }),
            Err(fs::TryLockError::WouldBlock) => Err(StoreError::SecondDaemon(self.0.clone())),
            Err(fs::TryLockError::Error(source)) => {
                Err(StoreError::Directory { what: "lock", path, source })
            }
        }
    }

    /// A daemon holds the lock right now.
    pub fn daemon_runs(&self) -> bool {
        matches!(self.lock(), Err(StoreError::SecondDaemon(_)))
    }

    fn create(&self) -> Result<(), StoreError> {
        if self.0.is_dir() {
            return Ok(());
        }
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.0).map_err(|source| {
            StoreError::Directory { what: "make the directory", path: self.0.clone(), source }
        })
    }

    /// Nobody but the owner may look into it, and nothing in it may lead elsewhere.
    ///
    /// # Errors
    /// [`StoreError::ReadableByOthers`] or [`StoreError::Link`], naming the file or directory.
    pub fn check_private(&self) -> Result<(), StoreError> {
        let database = [self.database(), self.sibling("-wal"), self.sibling("-shm")];
        let others = [self.0.clone(), self.ledger(), self.lock_file()];
        for path in others.into_iter().chain(database) {
            match fs::symlink_metadata(&path) {
                Ok(meta) if meta.is_symlink() => return Err(StoreError::Link(path)),
                Ok(meta) if meta.mode() & 0o077 != 0 => {
                    return Err(StoreError::ReadableByOthers(path));
                }
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(source) => return Err(StoreError::Directory { what: "look at", path, source }),
            }
        }
        Ok(())
    }

    /// Makes an empty database where there is none. SQLite would make it by the umask, and
    /// others could look into it until it is closed to them; its WAL gets the database's mode.
    pub(super) fn make_database(&self) -> Result<(), StoreError> {
        private(&self.database()).map(drop)
    }

    /// Makes the names of its files lasting: after a loss of power they are still there.
    pub(super) fn sync(&self) -> Result<(), StoreError> {
        let synced = File::open(&self.0).and_then(|directory| directory.sync_all());
        synced.map_err(|source| StoreError::Directory {
            what: "sync",
            path: self.0.clone(),
            source,
        })
    }

    fn sibling(&self, suffix: &str) -> PathBuf {
        let mut name = self.database().into_os_string();
        name.push(suffix);
        PathBuf::from(name)
    }
}
