//! What the program is built from: every crate's licence, where it came from, and what must
//! not be among them, read from `Cargo.lock` without the network.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;

/// Licences that ask for nothing but their own text.
const LICENCES: [&str; 12] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "Unlicense",
    "Zlib",
];

const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Nothing in the program may load what a mail points at, so nothing can; and its TLS is not
/// whatever the machine has.
const BANNED: [&str; 12] = [
    "attohttpc",
    "aws-lc-rs",
    "curl",
    "h2",
    "hyper",
    "isahc",
    "minreq",
    "native-tls",
    "openssl",
    "openssl-sys",
    "reqwest",
    "ureq",
];

fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--format-version", "1", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

/// One of the alternatives of a licence expression is free of further conditions. Brackets
/// stand around alternatives only; `/` is how `OR` was written once.
fn may_be_used(licence: &str) -> bool {
    let all_of = |expression: &str, join: &str, one: fn(&str) -> bool| {
        expression.split(join).all(|part| one(part.trim()))
    };
    let any_of = |alternatives: &str| {
        let plain = alternatives.trim_matches(['(', ')', ' ']).replace('/', " OR ");
        plain.split(" OR ").any(|it| LICENCES.contains(&it.trim()))
    };
    match licence.contains('(') {
        true => all_of(licence, " AND ", any_of),
        false => licence
            .replace('/', " OR ")
            .split(" OR ")
            .any(|alternative| all_of(alternative, " AND ", |it| LICENCES.contains(&it))),
    }
}

#[test]
fn licence_expressions_are_read_as_they_are_meant() {
    for free in ["MIT", "GPL-3.0 OR MIT", "MIT/GPL-2.0", "(GPL-2.0 OR MIT) AND ISC", "ISC AND MIT"]
    {
        assert!(may_be_used(free), "{free}");
    }
    for bound in ["GPL-3.0", "MIT AND GPL-3.0", "(MIT OR ISC) AND AGPL-3.0", "", "MPL-2.0"] {
        assert!(!may_be_used(bound), "{bound}");
    }
}

#[test]
fn every_crate_is_free_comes_from_the_registry_and_is_none_of_the_banned() {
    let packages = packages();
    let mut versions: BTreeMap<String, usize> = BTreeMap::new();
    for package in &packages {
        let name = package["name"].as_str().unwrap();
        *versions.entry(name.to_owned()).or_default() += 1;
        assert!(!BANNED.contains(&name), "{name} must not be part of the program");
        let licence = package["license"].as_str().unwrap_or_default();
        assert!(may_be_used(licence), "{name}: the licence `{licence}`");
        match package["source"].as_str() {
            Some(source) => assert_eq!(source, REGISTRY, "{name}"),
            None => assert_eq!(name, "regards", "only the program itself lies here"),
        }
    }
    let twice = versions.values().filter(|count| **count > 1).count();
    println!("{} crates, {twice} of them in several versions", packages.len());
}

#[test]
fn cargo_deny_is_told_the_same() {
    let told = include_str!("../deny.toml");
    for word in LICENCES.iter().chain(&BANNED) {
        assert!(told.contains(&format!("    \"{word}\",\n")), "{word}");
    }
}
