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
    let path = dir.ledger();
    let failed = |source| StoreError::Directory { what: "write", path: path.clone(), source };
    let mut file =
        OpenOptions::new().create(true).append(true).mode(0o600).open(&path).map_err(failed)?;
    file.write_all(format!("{}\n", digest.hex()).as_bytes()).map_err(failed)?;
    file.sync_all().map_err(failed)
}

/// The mail of this digest has been given to a server before.
///
/// # Errors
/// When the file is there and cannot be read.
pub fn knows(dir: &StateDir, digest: &Digest) -> Result<bool, StoreError> {
    let path = dir.ledger();
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(text.lines().any(|line| line == digest.hex())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(source) => Err(StoreError::Directory { what: "read", path, source }),
    }
}

/// The server did not take it after all (4yz, 5yz after the dot), so it may be given again.
///
/// # Errors
/// When the file cannot be written anew.
pub fn forget(dir: &StateDir, digest: &Digest) -> Result<(), StoreError> {
    let path = dir.ledger();
    let failed = |source| StoreError::Directory { what: "write", path: path.clone(), source };
    let text = std::fs::read_to_string(&path).map_err(failed)?;
    let kept: String =
        text.lines().filter(|l| *l != digest.hex()).map(|l| format!("{l}\n")).collect();
    let mut file =
        tempfile::Builder::new().prefix(".handed-over").tempfile_in(dir.path()).map_err(failed)?;
    file.write_all(kept.as_bytes()).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist(&path).map_err(|error| failed(error.error))?;
    Ok(())
}
