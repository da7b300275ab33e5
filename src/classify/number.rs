//! A number for a set of rule texts: the same texts in the same order give the same number.
//!
//! Knows nothing else: `build.rs` uses it, too, for the shipped texts.

/// Of no texts.
#[cfg_attr(not(test), allow(dead_code, reason = "where `build.rs` begins"))]
pub const OF_NONE: u32 = 0x811c_9dc5;

/// FNV-1a: a name for the set, not a proof against anybody.
pub fn with(number: u32, text: &str) -> u32 {
    let bytes = text.bytes().chain([0]);
    bytes.fold(number, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}
