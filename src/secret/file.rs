//! Secrets in files: the user's own, and those that systemd lays down for a service.
//!
//! What is opened is what is checked (no second look by name). Others' secrets, links, pipes
//! and devices are refused, not read.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::{Place, SECRET_MAX_BYTES, SecretError, first_line};

/// The user's own file; `None` when there is none.
pub(super) async fn read(path: PathBuf) -> Result<Option<SecretString>, SecretError> {
    aside(move || {
        let Some(file) = open(&path)? else { return Ok(None) };
        check_owner(&file, &path)?;
        content(file, &path, || Place::File(path.clone())).map(Some)
    })
    .await
}

/// The credential `name` below `directory`; `None` when either is missing. Owner and mode are
/// systemd's business: it may lay the file down as root's with an access list.
pub(super) async fn credential(
    directory: Option<PathBuf>,
    name: &str,
) -> Result<Option<SecretString>, SecretError> {
    let name = name.to_owned();
    aside(move || {
        let Some(directory) = directory else { return Ok(None) };
        let path = directory.join(&name);
        if path.parent() != Some(&directory) || name == ".." {
            return Err(SecretError::RefusedFile { path, what: "outside of the credentials" });
        }
        let Some(file) = open(&path)? else { return Ok(None) };
        content(file, &path, || Place::Credential(name.clone())).map(Some)
    })
    .await
}

/// Replaces the file by one with this secret, mode 0600, whole or not at all.
pub(super) async fn write(path: PathBuf, secret: SecretString) -> Result<(), SecretError> {
    aside(move || {
        let directory = path.parent().unwrap_or(Path::new("."));
        let directory = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
        let written = tempfile::NamedTempFile::new_in(directory).and_then(|mut new| {
            new.write_all(secret.expose_secret().as_bytes())?;
            new.write_all(b"\n")?;
            new.as_file().sync_all()?;
            new.persist(&path).map_err(|error| error.error)?;
            Ok(())
        });
        written.map_err(|error| SecretError::File { path: path.clone(), tried: "written", error })
    })
    .await
}

/// A file may lie on a network drive: the waiting is done beside the runtime.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SecretError> + Send + 'static,
) -> Result<T, SecretError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(stopped) => Err(SecretError::Unavailable { why: stopped.to_string() }),
    }
}

fn open(path: &Path) -> Result<Option<File>, SecretError> {
    // NONBLOCK: opening a pipe without a writer would wait for one for ever.
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let opened = File::options().read(true).custom_flags(flags.bits().cast_signed()).open(path);
    let file = match opened {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => {
            return Err(SecretError::RefusedFile {
                path: path.to_owned(),
                what: "a symbolic link",
            });
        }
        Err(error) => return Err(unreadable(path, error)),
    };
    let metadata = file.metadata().map_err(|error| unreadable(path, error))?;
    if !metadata.is_file() {
        return Err(SecretError::RefusedFile { path: path.to_owned(), what: "not a plain file" });
    }
    Ok(Some(file))
}

fn check_owner(file: &File, path: &Path) -> Result<(), SecretError> {
    let metadata = file.metadata().map_err(|error| unreadable(path, error))?;
    if metadata.uid() != rustix::process::geteuid().as_raw() {
        return Err(SecretError::RefusedFile {
            path: path.to_owned(),
            what: "another user's file",
        });
    }
    let mode = metadata.mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(SecretError::RefusedMode { path: path.to_owned(), mode });
    }
    Ok(())
}

fn content(
    file: File,
    path: &Path,
    place: impl FnOnce() -> Place,
) -> Result<SecretString, SecretError> {
    // One line end more than a secret may have; capacity up front, so that growing leaves no
    // copies behind.
    let limit = SECRET_MAX_BYTES + 2;
    let mut bytes = Zeroizing::new(Vec::with_capacity(limit));
    file.take(limit as u64).read_to_end(&mut bytes).map_err(|error| unreadable(path, error))?;
    first_line(&bytes, place)
}

fn unreadable(path: &Path, error: std::io::Error) -> SecretError {
    SecretError::File { path: path.to_owned(), tried: "read", error }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn secret_file(directory: &tempfile::TempDir, mode: u32) -> PathBuf {
        let path = directory.path().join("secret");
        std::fs::write(&path, "pass\nuser\n").expect("written");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("chmod");
        path
    }

    #[tokio::test]
    async fn a_file_of_the_user_alone_is_read() {
        let directory = tempfile::tempdir().expect("directory");
        for mode in [0o600, 0o400] {
            let secret = read(secret_file(&directory, mode)).await.expect("read").expect("there");
            assert_eq!(secret.expose_secret(), "pass");
            std::fs::remove_file(directory.path().join("secret")).expect("removed");
        }
    }

    #[tokio::test]
    async fn a_file_that_others_may_read_is_refused_with_the_chmod_line() {
        let directory = tempfile::tempdir().expect("directory");
        for mode in [0o640, 0o604, 0o620, 0o601] {
            let path = secret_file(&directory, mode);
            let error = read(path.clone()).await.expect_err("refused");
            assert!(matches!(error, SecretError::RefusedMode { .. }), "{mode:o}: {error}");
            assert_eq!(error.hint(), format!("chmod 600 {}", path.display()));
        }
    }

    #[tokio::test]
    async fn links_pipes_and_directories_are_refused_without_waiting() {
        let directory = tempfile::tempdir().expect("directory");
        let link = directory.path().join("link");
        symlink(secret_file(&directory, 0o600), &link).expect("link");
        let pipe = directory.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg("-m600").arg(&pipe).status();
        assert!(made.expect("mkfifo").success());
        for path in [link, pipe, directory.path().to_owned()] {
            let error = read(path.clone()).await.expect_err("refused");
            assert!(matches!(error, SecretError::RefusedFile { .. }), "{path:?}: {error}");
        }
    }

    #[tokio::test]
    async fn what_was_written_is_read_back_and_belongs_to_the_user_alone() {
        let directory = tempfile::tempdir().expect("directory");
        let path = directory.path().join("new");
        for secret in ["first", "zweites ü"] {
            write(path.clone(), SecretString::from(secret)).await.expect("written");
            assert_eq!(
                read(path.clone()).await.expect("read").expect("there").expose_secret(),
                secret
            );
        }
        let left = std::fs::read_dir(directory.path()).expect("listed").count();
        assert_eq!(left, 1, "nothing else is left in the directory");
    }

    #[tokio::test]
    async fn a_missing_file_is_missing_and_not_an_error() {
        let directory = tempfile::tempdir().expect("directory");
        assert!(read(directory.path().join("none")).await.expect("looked").is_none());
        let here = Some(directory.path().to_owned());
        assert!(credential(here, "work.imap").await.expect("looked").is_none());
        assert!(credential(None, "work.imap").await.expect("looked").is_none());
    }

    #[tokio::test]
    async fn a_credential_is_read_whatever_its_mode_and_only_below_its_directory() {
        let directory = tempfile::tempdir().expect("directory");
        secret_file(&directory, 0o440);
        let here = || Some(directory.path().to_owned());
        let secret = credential(here(), "secret").await.expect("read").expect("there");
        assert_eq!(secret.expose_secret(), "pass");
        for name in ["../secret", "..", "/etc/hostname", "a/b"] {
            let error = credential(here(), name).await.expect_err("refused");
            assert!(matches!(error, SecretError::RefusedFile { .. }), "{name}: {error}");
        }
    }
}
