//! The bench that the stories run on.

pub mod certificates;
pub mod chance;
pub mod disk;
pub mod dovecot;
pub mod house;
pub mod keyring;
pub mod mails;
pub mod ports;
pub mod postfix;
pub mod process;
pub mod proxy;
pub mod scripted;
pub mod smtp;
pub mod story;
pub mod trace;
pub mod world;

pub mod year;

use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Whether a test may run that needs these programs. When one is missing the test is over
/// under plain `cargo test`, with a line that says so, and fails under `tests/run`.
///
/// # Panics
/// When a program is missing and `REGARDS_TESTS_REQUIRE_SERVERS` is set.
pub fn has(programs: &[&str]) -> bool {
    let absent: Vec<&str> = programs.iter().copied().filter(|name| find(name).is_none()).collect();
    if absent.is_empty() {
        return true;
    }
    missing(&absent.join(", "));
    false
}

/// The path of a program. Servers lie where an ordinary user's `PATH` does not look.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin", "/sbin", "/usr/lib/dovecot"].map(PathBuf::from))
        .map(|directory| directory.join(program))
        .find(|file| file.is_file())
}

/// A number from the environment, where the long form asks for more.
pub fn number(name: &str, otherwise: usize) -> usize {
    std::env::var(name).ok().map_or(otherwise, |text| text.parse().unwrap())
}

/// Waits until `done`, and not a moment longer.
///
/// # Panics
/// When it did not come true within `limit`.
pub fn wait_until(what: &str, limit: Duration, mut done: impl FnMut() -> bool) {
    let until = Instant::now() + limit;
    while !done() {
        assert!(Instant::now() < until, "not within {limit:?}: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// What a test does without its server: says why and is skipped, but fails where the
/// servers were promised (`tests/run` sets the variable).
///
/// # Panics
/// When `REGARDS_TESTS_REQUIRE_SERVERS` is set.
pub fn missing(what: &str) {
    let required = std::env::var_os("REGARDS_TESTS_REQUIRE_SERVERS").is_some();
    assert!(!required, "{what} is missing: tests/run --install installs it");
    eprintln!("skipped: {what} is missing (tests/run --install installs it)");
}
