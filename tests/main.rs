//! All integration tests, as one binary.

mod support;

mod secret;
mod systemd;
mod tidy;
