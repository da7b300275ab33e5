//! All integration tests, as one binary.

mod source;
mod support;
