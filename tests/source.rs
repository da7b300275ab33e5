//! The room `source`, against real servers and scripted ones.

mod faults;
mod files;
mod mailbox;
pub mod recorder;
mod twice;
