//! All integration tests, as one binary.

mod rules;
mod support;
