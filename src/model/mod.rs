//! The nouns that two rooms exchange, and nothing else.
//!
//! Nothing here reads a clock, a file, a socket or a database; a type that only one
//! room uses lives in that room. Wrong states are meant not to compile, doubtful ones
//! have a name ([`verdict::Verdict::Unsure`](verdict), [`reply::ReplyState::Doubtful`]).

pub mod ids;

pub mod address;

pub mod message;

pub mod findings;

pub mod verdict;

pub mod application;

pub mod addressee;

pub mod answer;

pub mod mail;

pub mod reply;

pub mod journal;

pub mod reflection;

pub mod visibility;
