//! All integration tests, as one binary.

mod draft;
mod record;
mod reply;
mod send;
mod support;
