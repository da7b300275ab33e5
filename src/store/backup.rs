//! A copy of the database while it is in use, by SQLite's own means.

use std::fs::{self, File};
use std::path::Path;

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use super::{BUSY_TIMEOUT, Context, Store, StoreError};

/// All pages at once: the intake's transactions are short, so nobody waits for long.
const ALL_PAGES: i32 = -1;

impl Store {
    /// Copies the database, as it is at one instant, into a file that only the user can
    /// read. The file is there whole or not at all.
    ///
    /// # Errors
    /// When `file` exists, unless it may be replaced, or cannot be written.
    pub fn back_up(&self, file: &Path, replace: bool) -> Result<(), StoreError> {
        let failed =
            |what| move |source| StoreError::Directory { what, path: file.to_owned(), source };
        if !replace && fs::symlink_metadata(file).is_ok() {
            let there = std::io::Error::from(std::io::ErrorKind::AlreadyExists);
            return Err(failed("write the backup")(there));
        }
        let dir = file.parent().filter(|dir| !dir.as_os_str().is_empty());
        // Made with mode 0600, in the directory of the file, so that it can be moved there.
        let copy = tempfile::Builder::new()
            .prefix(".regards-backup-")
            .tempfile_in(dir.unwrap_or(Path::new(".")))
            .map_err(failed("write the backup"))?;
        let mut target = Connection::open(copy.path()).context("open the backup")?;
        target.busy_timeout(BUSY_TIMEOUT).context("set the busy timeout")?;
        let step = Backup::new(&self.connection, &mut target)
            .and_then(|backup| backup.step(ALL_PAGES))
            .context("copy the database")?;
        if step != StepResult::Done {
            return Err(StoreError::Busy);
        }
        // One file that needs no others beside it.
        target.pragma_update(None, "journal_mode", "DELETE").context("close the backup")?;
        target.close().map_err(|(_, error)| error).context("close the backup")?;
        copy.as_file().sync_all().map_err(failed("write the backup"))?;
        let kept = match replace {
            true => copy.persist(file),
            false => copy.persist_noclobber(file),
        };
        kept.map_err(|error| failed("write the backup")(error.error))?;
        let dir = File::open(dir.unwrap_or(Path::new("."))).and_then(|dir| dir.sync_all());
        dir.map_err(failed("write the backup"))
    }
}
