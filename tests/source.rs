//! The room `source`, against real servers and scripted ones.

mod faults;
mod mailbox;
mod recorder;
