#![doc = include_str!("../ARCHITECTURE.md")]

/// The nouns that the rooms exchange, and their state machines.
pub mod model;

/// Where mail comes from: IMAP, Maildir, mbox, single files.
pub mod source;

/// Bytes to a [`model::message::Message`]; never fails.
pub mod parse;

/// Rule files to a matcher; a message to a verdict with its findings.
pub mod classify;

/// Measures and fits rules on labelled mail.
pub mod tune;

/// Which application a message belongs to, and what it moves.
pub mod record;

/// When the user may hear of it.
pub mod cool;

/// Whom to answer, with what words, as which bytes, and when not to.
pub mod draft;

/// One approved mail onto the wire, once.
pub mod send;

/// Rows to figures.
pub mod stats;

/// A page with pictures, and single pictures.
pub mod report;

/// What is remembered: the only room that speaks SQL.
pub mod store;

/// Passwords and tokens: where they are kept and asked for.
pub mod secret;

/// The desk: every face looks at replies and decides about them here.
pub mod review;

/// The loops that move a message through the house, and the clock.
pub mod daemon;

/// The configuration file's text to each room's settings.
pub mod config;

/// Arguments, output, composition.
pub mod cli;
