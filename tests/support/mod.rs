//! The bench that the stories run on.

pub mod certificates;
pub mod dovecot;
pub mod scripted;

use std::path::Path;

/// Is a program that a test stands on installed?
///
/// `tests/run` sets `REGARDS_TESTS_REQUIRE_SERVERS`: then a missing one fails the test.
/// Otherwise the test says why it is skipped, and returns.
pub fn installed(program: &str) -> bool {
    let path = std::env::var("PATH").unwrap_or_default();
    // Daemons live in directories that a user's PATH seldom has.
    let places = path.split(':').chain(["/usr/sbin", "/usr/local/sbin"]);
    if places.into_iter().any(|place| Path::new(place).join(program).is_file()) {
        return true;
    }
    assert!(
        std::env::var_os("REGARDS_TESTS_REQUIRE_SERVERS").is_none(),
        "{program} is not installed (tests/run --install)"
    );
    eprintln!("skipped: {program} is not installed");
    false
}
