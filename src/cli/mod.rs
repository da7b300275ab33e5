//! Arguments, output, composition.

pub mod print;
