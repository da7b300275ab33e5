//! The rule files inside the program, as `build.rs` has read them: a start would spend most
//! of its time on reading them again.

/// One file.
pub struct ShippedFile {
    pub name: &'static str,
    /// All of it, as written.
    pub text: &'static str,
    /// What it says besides rules and marks.
    pub rest: &'static str,
    pub rules: &'static [ShippedRule],
    pub marks: &'static [ShippedMark],
}

/// An expression, and its literals as `literals` tells them.
pub type ShippedPattern = (&'static str, &'static str);

/// `[[rule]]`
pub struct ShippedRule {
    pub symbol: &'static str,
    pub describe: &'static str,
    pub places: &'static [&'static str],
    pub any: &'static [ShippedPattern],
    pub unless: &'static [ShippedPattern],
    pub near: &'static [ShippedPattern],
    pub lang: Option<&'static str>,
    pub tells: Option<&'static str>,
    pub matching: &'static [&'static str],
    pub pass: &'static [&'static str],
}

/// `[[mark]]`
pub struct ShippedMark {
    pub means: &'static str,
    pub any: &'static [ShippedPattern],
}

/// All files, by name.
pub static SHIPPED: &[ShippedFile] = include!(concat!(env!("OUT_DIR"), "/shipped.rs"));
