//! The binary: hands over to [`regards::cli`].
fn main() {}
