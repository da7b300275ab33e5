//! All integration tests, as one binary.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::too_many_lines,
    missing_docs,
    reason = "the whole binary is a test: it may stop at the first surprise"
)]

mod draft;
mod record;
mod reply;
mod send;
mod support;
