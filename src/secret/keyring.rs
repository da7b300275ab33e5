//! The keyring, asked by a short-lived copy of this program.
//!
//! The `keyring` crate keeps the outcome of its first attempt for the life of a process: a
//! keyring that was closed then stays closed for it, a panic poisons it, and a window that
//! waits for a password holds its thread. So each question is put by a child process that
//! runs [`super::answer_as_helper`]: it sees the keyring as it is now, its panic is a failed
//! question, and it can be killed, which also takes its window off the screen.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::process::Command;

use super::helper::{Answer, HELPER_COMMAND};
use super::process::{Ended, run};
use super::{Place, Purpose, SecretError, entry_name, first_line};

/// No window is put up for a question: only a keyring service that has to be started, or is
/// stuck, takes longer than a moment.
const FETCH_LIMIT: Duration = Duration::from_secs(20);

/// Somebody sits there and types the keyring's password into the desktop's window.
const STORE_LIMIT: Duration = Duration::from_secs(120);

/// The desktop's keyring and the program that asks it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyring {
    program: PathBuf,
}

impl Default for Keyring {
    /// Asked by this program itself.
    fn default() -> Self {
        // On Linux the link leads to the running program even after an upgrade replaced or
        // removed its file, where the path would start another version or none.
        let program = if cfg!(target_os = "linux") {
            PathBuf::from("/proc/self/exe")
        } else {
            std::env::current_exe().unwrap_or_else(|_| PathBuf::from("regards"))
        };
        Keyring { program }
    }
}

impl Keyring {
    /// Asked by the `regards` at this path, for a process that is another program.
    pub fn asked_by(program: impl Into<PathBuf>) -> Self {
        Keyring { program: program.into() }
    }

    pub(super) async fn fetch(
        &self,
        account: &str,
        purpose: Purpose,
    ) -> Result<SecretString, SecretError> {
        let ended = self.ask("get", account, purpose, b"", FETCH_LIMIT).await?;
        understand(&ended, account, purpose)?;
        first_line(&ended.output, || Place::Keyring)
    }

    pub(super) async fn store(
        &self,
        account: &str,
        purpose: Purpose,
        secret: &SecretString,
    ) -> Result<(), SecretError> {
        let secret = secret.expose_secret().as_bytes();
        let ended = self.ask("set", account, purpose, secret, STORE_LIMIT).await?;
        understand(&ended, account, purpose)
    }

    async fn ask(
        &self,
        verb: &str,
        account: &str,
        purpose: Purpose,
        input: &[u8],
        limit: Duration,
    ) -> Result<Ended, SecretError> {
        let mut command = Command::new(&self.program);
        // What a list of processes shows; the link above would be a riddle there.
        command.arg0("regards").arg(HELPER_COMMAND).arg(verb).arg(entry_name(account, purpose));
        let ended = run(&mut command, input, limit).await.map_err(|error| {
            let why = format!("{} cannot be started: {error}", self.program.display());
            SecretError::Unavailable { why }
        })?;
        ended.ok_or_else(|| SecretError::Unavailable {
            why: format!("it gave no answer in {} seconds", limit.as_secs()),
        })
    }
}

fn understand(ended: &Ended, account: &str, purpose: Purpose) -> Result<(), SecretError> {
    match ended.status.code().and_then(Answer::from_code) {
        Some(Answer::Done) => Ok(()),
        Some(Answer::Missing) => Err(SecretError::Missing {
            account: account.to_owned(),
            purpose,
            place: Place::Keyring,
        }),
        Some(Answer::Locked) => Err(SecretError::Locked),
        Some(Answer::Several) => Err(SecretError::Unusable {
            place: Place::Keyring,
            what: "there are several entries of this name",
        }),
        Some(Answer::NotText) => {
            Err(SecretError::Unusable { place: Place::Keyring, what: "it is not UTF-8 text" })
        }
        // Also a panic (101) and a kill (no code): the next question starts afresh.
        Some(Answer::Unavailable) | None => {
            Err(SecretError::Unavailable { why: ended.complaint.clone() })
        }
    }
}
