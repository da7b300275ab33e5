//! The rule files inside the program, as `build.rs` has read them: a start would spend most
//! of its time on reading them again.

use super::literals::TABLE_DIVIDED_BY;

/// One file. Its tables are text: as many small constants they would be a megabyte of
/// addresses, and each start would set them.
pub struct ShippedFile {
    pub name: &'static str,
    /// What it says besides rules and marks.
    pub rest: &'static str,
    rules: &'static str,
    marks: &'static str,
}

/// `[[rule]]`; of what has several entries, `entries` tells them.
pub struct ShippedRule {
    pub symbol: &'static str,
    pub describe: &'static str,
    pub lang: &'static str,
    pub tells: &'static str,
    pub places: &'static str,
    pub matching: &'static str,
    pub pass: &'static str,
    pub any: &'static str,
    pub unless: &'static str,
    pub near: &'static str,
}

/// `[[mark]]`
pub struct ShippedMark {
    pub means: &'static str,
    pub any: &'static str,
}

impl ShippedFile {
    /// Its rules, in order.
    pub fn rules(&self) -> impl Iterator<Item = ShippedRule> {
        records(self.rules).map(|mut next| ShippedRule {
            symbol: next(),
            describe: next(),
            lang: next(),
            tells: next(),
            places: next(),
            matching: next(),
            pass: next(),
            any: next(),
            unless: next(),
            near: next(),
        })
    }

    /// Its marks, in order.
    pub fn marks(&self) -> impl Iterator<Item = ShippedMark> {
        records(self.marks).map(|mut next| ShippedMark { means: next(), any: next() })
    }
}

/// Of each record what tells one field after the other.
fn records(table: &'static str) -> impl Iterator<Item = impl FnMut() -> &'static str> {
    let [between_records, between_fields, ..] = TABLE_DIVIDED_BY;
    let records = table.split(between_records).filter(|record| !record.is_empty());
    records.map(move |record| {
        let mut fields = record.split(between_fields);
        move || fields.next().unwrap_or("")
    })
}

/// The entries of a field.
pub fn entries(field: &'static str) -> impl Iterator<Item = &'static str> {
    let [_, _, between_entries, _] = TABLE_DIVIDED_BY;
    field.split(between_entries).filter(|entry| !entry.is_empty())
}

/// An expression, and its literals as `literals` tells them.
pub fn expression(entry: &'static str) -> Option<(&'static str, &'static str)> {
    let [.., between] = TABLE_DIVIDED_BY;
    entry.split_once(between)
}

/// All files, by name.
pub static SHIPPED: &[ShippedFile] = include!(concat!(env!("OUT_DIR"), "/shipped.rs"));

/// The number of their texts.
pub const SHIPPED_NUMBER: u32 = include!(concat!(env!("OUT_DIR"), "/shipped_number.rs"));
