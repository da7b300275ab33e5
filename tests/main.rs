//! All integration tests, as one binary.

// A test may stop at the first surprise (clippy.toml says so only for `#[test]` itself).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    clippy::print_stderr
)]

mod source;
mod support;
