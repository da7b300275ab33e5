//! Passwords and tokens: where they are kept, and how they are asked for.
//!
//! A secret is fetched when it is needed and dropped after use; nothing is cached here, so a
//! keyring that opens later, a changed password or a fresh OAuth2 token is seen by the next
//! [`fetch`]. A secret travels through pipes and files only, never through arguments, the
//! environment, `Debug` or an error. This room does not know what a secret opens and never
//! decides when to ask again; it says whether that can help ([`SecretError::may_mend`]).

mod file;
mod helper;
mod keyring;
mod process;

use std::fmt;
use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};

pub use helper::{HELPER_COMMAND, answer_as_helper};
pub use keyring::Keyring;

/// A longer secret is a mistake (a whole file, a web page); OAuth2 tokens reach 4 KiB.
pub(crate) const SECRET_MAX_BYTES: usize = 16 * 1024;

/// Where a secret is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The desktop's keyring: Secret Service on Linux, Keychain on macOS.
    Keyring(Keyring),
    /// A systemd credential of this name, below `$CREDENTIALS_DIRECTORY`.
    Credential(String),
    /// The first line that a program prints, started without a shell at every [`fetch`].
    Command(Vec<String>),
    /// The first line of a file that only the user may read.
    File(PathBuf),
}

impl Source {
    /// The systemd credential of an account, by the name that it always has.
    pub fn credential(account: &str, purpose: Purpose) -> Source {
        Source::Credential(entry_name(account, purpose))
    }
}

/// What the secret opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Reading the mailbox.
    Imap,
    /// Handing mail to the server that sends it.
    Smtp,
}

impl Purpose {
    /// Its word on the command line and in names: `imap` or `smtp`.
    pub fn name(self) -> &'static str {
        match self {
            Purpose::Imap => "imap",
            Purpose::Smtp => "smtp",
        }
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The name under which the secret of an account is kept: `ACCOUNT.imap`. The keyring's entry
/// and the systemd credential are called so.
pub fn entry_name(account: &str, purpose: Purpose) -> String {
    format!("{account}.{purpose}")
}

/// Why there is no secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The keyring is there and closed.
    #[error("The keyring is locked")]
    Locked,
    /// The keyring could not be asked: no session bus, no service, no answer in time.
    #[error("The keyring cannot be reached: {why}")]
    Unavailable {
        /// What stood in the way.
        why: String,
    },
    /// The place can be read and the secret is not in it.
    #[error("There is no {purpose} secret of account `{account}` in {place}")]
    Missing {
        /// The account's label.
        account: String,
        /// What it is for.
        purpose: Purpose,
        /// Where it was looked for.
        place: Place,
    },
    /// Others may read the file.
    #[error("The secret file {path} can be read by others (mode {mode:04o})")]
    RefusedMode {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The path does not name a plain file of the user's own.
    #[error("The secret file {path} is refused: it is {what}")]
    RefusedFile {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        what: &'static str,
    },
    /// The file system said no.
    #[error("The secret file {path} cannot be {tried}: {error}")]
    File {
        /// The file.
        path: PathBuf,
        /// `read` or `written`.
        tried: &'static str,
        /// The system's words.
        error: std::io::Error,
    },
    /// The program could not be started.
    #[error("The secret command `{program}` cannot be started: {error}")]
    CommandNotStarted {
        /// The program, without its arguments.
        program: String,
        /// The system's words.
        error: std::io::Error,
    },
    /// The program ended with a failure.
    #[error("The secret command `{program}` failed ({exit}): {line}")]
    CommandFailed {
        /// The program, without its arguments.
        program: String,
        /// `exit status: 1`, `signal: 9`.
        exit: String,
        /// The first line it wrote to its standard error, cleaned.
        line: String,
    },
    /// The program and what it started were killed.
    #[error("The secret command `{program}` gave no answer in {seconds} seconds")]
    CommandSilent {
        /// The program, without its arguments.
        program: String,
        /// How long was waited.
        seconds: u64,
    },
    /// Something is there that cannot be a secret.
    #[error("What {place} holds cannot be used as a secret: {what}")]
    Unusable {
        /// Where it stands.
        place: Place,
        /// What is wrong with it; never the thing itself.
        what: &'static str,
    },
    /// A place that regards only reads.
    #[error("A secret cannot be stored in {place}")]
    ReadOnly {
        /// The place.
        place: Place,
    },
}

impl SecretError {
    /// The same question may be answered later without the user changing a setting: the
    /// keyring opens, the network that a token command needs comes back.
    pub fn may_mend(&self) -> bool {
        matches!(
            self,
            SecretError::Locked
                | SecretError::Unavailable { .. }
                | SecretError::CommandFailed { .. }
                | SecretError::CommandSilent { .. }
        )
    }

    /// What to do next.
    pub fn hint(&self) -> String {
        match self {
            SecretError::Locked => {
                "Unlock the keyring (signing in to the desktop does, and so does \
                 `regards secret set`, which lets it ask); it is looked at again by itself"
                    .to_owned()
            }
            SecretError::Unavailable { .. } => {
                "It is asked again by itself. On a machine without a desktop keep the \
                 secret in a systemd credential, a command or a 0600 file instead"
                    .to_owned()
            }
            SecretError::Missing { account, purpose, place } => place.hint(account, *purpose),
            SecretError::RefusedMode { path, .. } => format!("chmod 600 {}", quoted(path)),
            SecretError::RefusedFile { .. } => {
                "Name a plain file that belongs to you and that only you may read".to_owned()
            }
            SecretError::File { path, .. } => format!("Look at `ls -l {}`", quoted(path)),
            SecretError::CommandNotStarted { program, .. } => {
                format!("Write the whole path of `{program}`; no shell looks for it")
            }
            SecretError::CommandFailed { .. } | SecretError::CommandSilent { .. } => {
                "Run the command in a terminal: its first line must be the secret, and it must not \
                 ask anything"
                    .to_owned()
            }
            SecretError::Unusable { .. } => {
                "It must be one line of text, not empty, without control characters".to_owned()
            }
            SecretError::ReadOnly { place } => format!("Change it where it is kept: {place}"),
        }
    }
}

/// A place in words, for messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The keyring.
    Keyring,
    /// The systemd credential of this name.
    Credential(String),
    /// What this program prints.
    Command(String),
    /// This file.
    File(PathBuf),
}

impl Place {
    fn hint(&self, account: &str, purpose: Purpose) -> String {
        match self {
            Place::Keyring | Place::File(_) => {
                format!("regards secret set {} {purpose}", quoted(account.as_ref()))
            }
            Place::Credential(name) => {
                format!("Add `LoadCredential={name}:/path/of/the/secret` to the systemd unit")
            }
            Place::Command(program) => format!("Make `{program}` print it"),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Keyring => f.write_str("the keyring"),
            Place::Credential(name) => write!(f, "the systemd credential `{name}`"),
            Place::Command(program) => write!(f, "the output of `{program}`"),
            Place::File(path) => write!(f, "the file {}", path.display()),
        }
    }
}

/// Asks `source` for the secret of `account`. Ends within a minute, whatever the other side
/// does, and never makes the desktop put up a window.
///
/// # Errors
/// Every [`SecretError`] but `ReadOnly`.
pub async fn fetch(
    source: &Source,
    account: &str,
    purpose: Purpose,
) -> Result<SecretString, SecretError> {
    match source {
        Source::Keyring(keyring) => keyring.fetch(account, purpose).await,
        Source::Credential(name) => {
            let directory = std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from);
            let missing = || SecretError::Missing {
                account: account.to_owned(),
                purpose,
                place: Place::Credential(name.clone()),
            };
            file::credential(directory, name).await?.ok_or_else(missing)
        }
        Source::Command(words) => process::first_line_of(words, process::COMMAND_LIMIT).await,
        Source::File(path) => {
            let missing = || SecretError::Missing {
                account: account.to_owned(),
                purpose,
                place: Place::File(path.clone()),
            };
            file::read(path.clone()).await?.ok_or_else(missing)
        }
    }
}

/// Puts the secret of `account` where [`fetch`] will find it. A locked keyring may ask the user
/// to unlock it; that is waited for, two minutes at most.
///
/// # Errors
/// `ReadOnly` for credentials and commands, `Unusable` for what `fetch` would refuse later,
/// else what stood in the way.
pub async fn store(
    source: &Source,
    account: &str,
    purpose: Purpose,
    secret: SecretString,
) -> Result<(), SecretError> {
    match source {
        Source::Keyring(keyring) => {
            check(&secret, || Place::Keyring)?;
            keyring.store(account, purpose, &secret).await
        }
        Source::File(path) => {
            check(&secret, || Place::File(path.clone()))?;
            file::write(path.clone(), secret).await
        }
        Source::Credential(name) => {
            Err(SecretError::ReadOnly { place: Place::Credential(name.clone()) })
        }
        Source::Command(words) => {
            let program = words.first().cloned().unwrap_or_default();
            Err(SecretError::ReadOnly { place: Place::Command(program) })
        }
    }
}

/// The first line of `bytes` as a secret, checked: a password with a line end inside would end
/// the command of the protocol that carries it (RFC 9051 section 4.3, RFC 5321 section 2.3.8).
fn first_line(bytes: &[u8], place: impl FnOnce() -> Place) -> Result<SecretString, SecretError> {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let what = match std::str::from_utf8(line) {
        Err(_) => "it is not UTF-8 text",
        Ok(_) if line.len() > SECRET_MAX_BYTES => "it is longer than 16 KiB",
        Ok("") => "its first line is empty",
        Ok(text) if text.contains(char::is_control) => "it has control characters",
        Ok(text) => return Ok(SecretString::from(text)),
    };
    Err(SecretError::Unusable { place: place(), what })
}

/// What is stored must come back whole.
fn check(secret: &SecretString, place: impl Fn() -> Place) -> Result<(), SecretError> {
    let whole = secret.expose_secret();
    let line = first_line(whole.as_bytes(), &place)?;
    if line.expose_secret() != whole {
        return Err(SecretError::Unusable { place: place(), what: "it has more than one line" });
    }
    Ok(())
}

/// A path as one word of a shell line that can be copied.
fn quoted(path: &std::path::Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_alphanumeric() || "/._-+@".contains(c);
    if text.chars().all(plain) && !text.is_empty() {
        return text;
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(bytes: &[u8]) -> Result<String, String> {
        first_line(bytes, || Place::Keyring)
            .map(|secret| secret.expose_secret().to_owned())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn the_first_line_is_the_secret_and_blanks_belong_to_it() {
        assert_eq!(line(b" pass word \r\nlogin: x\n").as_deref(), Ok(" pass word "));
        assert_eq!(line("größe".as_bytes()).as_deref(), Ok("größe"));
    }

    #[test]
    fn what_would_break_a_protocol_line_is_no_secret() {
        for bytes in [&b"\nsecond"[..], b"a\rb", b"a\0b", b"\xff", &[b'x'; SECRET_MAX_BYTES + 1]] {
            assert!(line(bytes).is_err_and(|e| e.contains("cannot be used")), "{bytes:?}");
        }
    }

    #[test]
    fn hints_are_lines_that_can_be_typed() {
        let mode = SecretError::RefusedMode { path: "/home/a b/it's".into(), mode: 0o644 };
        assert_eq!(mode.hint(), r"chmod 600 '/home/a b/it'\''s'");
        let missing = SecretError::Missing {
            account: "work".into(),
            purpose: Purpose::Smtp,
            place: Place::Keyring,
        };
        assert_eq!(missing.hint(), "regards secret set work smtp");
    }

    #[tokio::test]
    async fn what_could_not_be_fetched_again_is_not_stored() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("secret");
        for secret in ["", "a\nb", "a\r", "a\n", &"x".repeat(SECRET_MAX_BYTES + 1)] {
            let source = Source::File(path.clone());
            let stored = store(&source, "work", Purpose::Imap, SecretString::from(secret)).await;
            assert!(matches!(stored, Err(SecretError::Unusable { .. })), "{secret:?}");
        }
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn a_place_that_is_only_read_is_not_written() {
        let secret = || SecretString::from("x");
        for source in [Source::Credential("work.imap".into()), Source::Command(vec!["pass".into()])]
        {
            let stored = store(&source, "work", Purpose::Imap, secret()).await;
            assert!(matches!(stored, Err(SecretError::ReadOnly { .. })), "{source:?}");
        }
    }
}
