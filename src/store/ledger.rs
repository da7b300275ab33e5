//! What has been given to a server, kept beside the database: one line a mail, appended
//! and synced before the first byte of its body.
//!
//! A database that was copied after an approval and put back after the sending does not
//! know that the mail is out; this file does.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;

use super::{StateDir, StoreError};
use crate::model::mail::Digest;

/// Notes that the mail of this digest may be on the wire from now on.
///
/// # Errors
/// When it cannot be written; then the mail must not be sent.
pub fn note(dir: &StateDir, digest: &Digest) -> Result<(), StoreError> {
    append(dir, &digest.hex())
}

/// The server did not take it after all (4yz, 5yz after the dot), or the user knows so: it
/// may be given again.
///
/// # Errors
/// When it cannot be written.
pub fn forget(dir: &StateDir, digest: &Digest) -> Result<(), StoreError> {
    append(dir, &format!("-{}", digest.hex()))
}

/// Appends a line and syncs it. Lines are only ever added, so that daemon and faces cannot
/// lose each other's; a line end goes first, in case a full disk tore the last one.
fn append(dir: &StateDir, line: &str) -> Result<(), StoreError> {
    let path = dir.ledger();
    let failed = |source| StoreError::Directory { what: "write", path: path.clone(), source };
    let mut file =
        OpenOptions::new().create(true).append(true).mode(0o600).open(&path).map_err(failed)?;
    file.write_all(format!("\n{line}\n").as_bytes()).map_err(failed)?;
    file.sync_all().map_err(failed)?;
    // Or a loss of power may take the name of a new file, and with it the line.
    dir.sync()
}

/// The mail of this digest has been given to a server before, and not been returned.
///
/// # Errors
/// When the file is there and cannot be read.
pub fn knows(dir: &StateDir, digest: &Digest) -> Result<bool, StoreError> {
    let path = dir.ledger();
    let hex = digest.hex();
    match std::fs::read_to_string(&path) {
        Ok(text) => {
            let about = |line: &&str| line.strip_prefix('-').unwrap_or(line) == hex;
            Ok(text.lines().rfind(about).is_some_and(|line| !line.starts_with('-')))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(source) => Err(StoreError::Directory { what: "read", path, source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_line_hides_no_later_mail_and_the_last_word_counts() {
        let home = tempfile::tempdir().unwrap();
        let dir = StateDir::at(home.path());
        let (first, second) = (Digest([1; 32]), Digest([2; 32]));
        assert!(!knows(&dir, &first).unwrap());
        std::fs::write(dir.ledger(), "01".repeat(10)).unwrap();
        note(&dir, &second).unwrap();
        assert!(knows(&dir, &second).unwrap() && !knows(&dir, &first).unwrap());
        forget(&dir, &second).unwrap();
        assert!(!knows(&dir, &second).unwrap());
        note(&dir, &second).unwrap();
        assert!(knows(&dir, &second).unwrap());
    }
}
