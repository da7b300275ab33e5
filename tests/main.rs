//! All integration tests, as one binary.

mod parse;
mod rules;
mod support;
