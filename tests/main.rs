//! All integration tests, as one binary.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::type_complexity,
    reason = "helpers of tests stop at the first surprise and date their mail by the clock"
)]

mod support;

mod cli;
mod config;
mod corpus;
mod draft;
mod faults;
mod fuzz;
mod hostile;
mod intake;
mod journey;
mod kept;
mod parse;
mod record;
mod reply;
mod report;
mod rules;
mod sabotage;
mod secret;
mod send;
mod situations;
mod soak;
mod source;
mod supply;
mod systemd;
mod tidy;
mod traced;
mod tune;
mod upgrade;
mod year;
