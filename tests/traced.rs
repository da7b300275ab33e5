//! strace stands between the program and the system: it kills the program at any call,
//! refuses it a write, or tells what had reached the disk when the power went.

mod disk;
mod kills;
mod power;
