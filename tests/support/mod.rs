//! The bench that the stories run on.

pub mod postfix;
pub mod smtp;
pub mod tls;

/// What a test does without its server: says why and is skipped, but fails where the
/// servers were promised (`tests/run` sets the variable).
pub fn missing(what: &str) {
    assert!(
        std::env::var_os("REGARDS_TESTS_REQUIRE_SERVERS").is_none(),
        "{what} is missing (tests/run --install installs it)"
    );
    eprintln!("skipped: {what} is missing");
}
