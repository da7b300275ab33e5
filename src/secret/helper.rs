//! The child process's side of [`super::keyring`]: one question to the keyring, then the end.
//!
//! It never makes the desktop ask for a password in order to read: a daemon that puts up
//! windows is switched off. Only storing, which a person at the terminal does, may.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::process::ExitCode;

use keyring::v1::{Entry, Error};
use zeroize::Zeroizing;

use super::SECRET_MAX_BYTES;

/// The hidden subcommand that starts this program as the helper.
pub const HELPER_COMMAND: &str = "keyring-helper";

/// The `service` attribute of all entries.
const SERVICE: &str = "regards";

/// The helper's exit codes: the language between the two processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Done = 0,
    Unavailable = 10,
    Locked = 11,
    Missing = 12,
    Several = 13,
    NotText = 14,
}

impl Answer {
    pub(super) fn from_code(code: i32) -> Option<Answer> {
        use Answer::{Done, Locked, Missing, NotText, Several, Unavailable};
        [Done, Unavailable, Locked, Missing, Several, NotText]
            .into_iter()
            .find(|answer| *answer as i32 == code)
    }
}

/// Why the keyring gave nothing: the code, and words for the other process's message.
struct Failure(Answer, String);

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let answer = match &error {
            Error::NoEntry => Answer::Missing,
            Error::NoStorageAccess(_) => Answer::Locked,
            Error::Ambiguous(_) => Answer::Several,
            Error::BadEncoding(_) => Answer::NotText,
            _ => Answer::Unavailable,
        };
        Failure(answer, error.to_string())
    }
}

/// Runs the helper with the arguments after [`HELPER_COMMAND`]: `get NAME` prints the secret
/// on standard output, `set NAME` reads it from standard input. Call it before any runtime
/// is started.
pub fn answer_as_helper(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let words: Vec<String> = arguments.map(|word| word.to_string_lossy().into_owned()).collect();
    let done = match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["get", name] => get(name),
        ["set", name] => set(name),
        _ => Err(Failure(Answer::Unavailable, "Expected `get NAME` or `set NAME`".to_owned())),
    };
    let Failure(answer, why) = done.err().unwrap_or(Failure(Answer::Done, String::new()));
    // The other process reads the code; without its pipe there is nobody to tell.
    let _ = writeln!(std::io::stderr(), "{why}");
    ExitCode::from(answer as u8)
}

fn get(name: &str) -> Result<(), Failure> {
    quietly(name)?;
    let secret = Zeroizing::new(entry(name)?.get_password()?);
    let mut out = std::io::stdout();
    out.write_all(secret.as_bytes()).and_then(|()| out.flush()).map_err(pipe_broke)
}

fn set(name: &str) -> Result<(), Failure> {
    let mut secret = Zeroizing::new(String::with_capacity(SECRET_MAX_BYTES));
    std::io::stdin()
        .take(SECRET_MAX_BYTES as u64)
        .read_to_string(&mut secret)
        .map_err(pipe_broke)?;
    Ok(entry(name)?.set_password(&secret)?)
}

fn entry(name: &str) -> Result<Entry, Failure> {
    // `new` says only that there is no store; the status knows why.
    if let Err(error) = Entry::store_status() {
        return Err(Failure(Answer::Unavailable, error.to_string()));
    }
    Ok(Entry::new(SERVICE, name)?)
}

fn pipe_broke(error: std::io::Error) -> Failure {
    Failure(Answer::Unavailable, format!("The helper's pipe broke: {error}"))
}

/// Looks whether the entry can be read without a window. The `keyring` crate unlocks whatever
/// it finds locked, which makes the desktop ask, at every look of the daemon's.
#[cfg(target_os = "linux")]
fn quietly(name: &str) -> Result<(), Failure> {
    use secret_service::blocking::SecretService;
    use secret_service::{EncryptionType, Error};

    let unavailable = |error: Error| Failure(Answer::Unavailable, error.to_string());
    // No secret is moved over this connection, only the question whether one is there.
    let service = SecretService::connect(EncryptionType::Plain).map_err(unavailable)?;
    let wanted = [("service", SERVICE), ("username", name)].into();
    let found = service.search_items(wanted).map_err(unavailable)?;
    if found.locked.is_empty() && !found.unlocked.is_empty() {
        return Ok(());
    }
    // Some services show nothing at all of a locked keyring: then the keyring itself is asked.
    let locked = !found.locked.is_empty()
        || match service.get_default_collection() {
            Ok(collection) => collection.is_locked().map_err(unavailable)?,
            Err(Error::NoResult) => false,
            Err(error) => return Err(unavailable(error)),
        };
    let answer = if locked { Answer::Locked } else { Answer::Missing };
    Err(Failure(answer, String::new()))
}

/// The Keychain asks once and remembers that this program may read the entry.
#[cfg(not(target_os = "linux"))]
fn quietly(_name: &str) -> Result<(), Failure> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_survives_the_exit_code_and_a_panic_is_none() {
        for answer in [Answer::Done, Answer::Unavailable, Answer::Locked, Answer::Several] {
            assert_eq!(Answer::from_code(i32::from(answer as u8)), Some(answer));
        }
        assert_eq!(Answer::from_code(101), None, "a panic's code must not read as an answer");
        assert_eq!(Answer::from_code(2), None, "nor that of a usage error");
    }
}
