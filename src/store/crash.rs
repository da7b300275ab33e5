//! Points at which a test lets the program die as a power cut would: in the middle, without
//! a word, with nothing tidied up. A release build has none of them.

/// Ends the process here if `REGARDS_TEST_DIE_AT` names this point; `tests/README.md` has
/// the table of all points.
#[cfg(debug_assertions)]
pub fn point(name: &str) {
    if std::env::var_os("REGARDS_TEST_DIE_AT").is_some_and(|it| it == name) {
        std::process::abort();
    }
}

/// Nothing.
#[cfg(not(debug_assertions))]
pub fn point(_name: &str) {}
