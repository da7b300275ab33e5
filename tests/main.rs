//! All integration tests, as one binary.

mod corpus;
mod parse;
mod rules;
mod support;
