//! The room `source`, against real servers and scripted ones.

mod deliveries;
mod faults;
mod files;
mod mailbox;
mod matrix;
pub mod recorder;
mod twice;
