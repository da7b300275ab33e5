//! The main job through whole processes: a rejection arrives over SMTP and IMAP, the daemon
//! sees it, a person approves the answer at the command line, it arrives at the recruiter.

mod bounced;
mod changed;
mod copies;
mod decisions;
mod follow_up;
mod headers;
mod held;
mod interviews;
mod journey_itself;
mod kills;
mod once;
mod points;
mod service;
mod ways_out;
mod written;
