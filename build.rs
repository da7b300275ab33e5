//! Works out before the program is built what reading the shipped rules would cost at each
//! start: their tables, and the literals of their expressions. `src/classify/shipped.rs` says
//! what the tables are, and a test compares them with the files.

#[path = "src/classify/literals.rs"]
mod literals;

use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=rules");
    println!("cargo::rerun-if-changed=src/classify/literals.rs");
    let mut files: Vec<PathBuf> = fs::read_dir("rules")?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_, std::io::Error>>()?;
    files.retain(|path| path.extension().is_some_and(|end| end == "toml"));
    files.sort();
    let mut code = "&[".to_owned();
    for path in &files {
        code.push_str(&file(path).map_err(|why| format!("{}: {why}", path.display()))?);
    }
    code.push(']');
    fs::write(Path::new(&env::var("OUT_DIR")?).join("shipped.rs"), code)?;
    Ok(())
}

/// One file: its rules and marks as tables, what is left of it as text.
fn file(path: &Path) -> Result<String, Box<dyn Error>> {
    let mut table: toml::Table = fs::read_to_string(path)?.parse()?;
    let mut taken = |key: &str| match table.remove(key) {
        Some(toml::Value::Array(entries)) => entries,
        _ => Vec::new(),
    };
    let (rules, marks) = (taken("rule"), taken("mark"));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut code = format!("ShippedFile {{ name: {name:?}, ");
    write!(code, "text: include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/rules/{name}\")), ")?;
    write!(code, "rest: {:?}, rules: &[", toml::to_string(&table)?)?;
    for rule in &rules {
        write!(code, "ShippedRule {{ ")?;
        for field in ["symbol", "describe"] {
            write!(code, "{field}: {:?}, ", words(rule, field).concat())?;
        }
        for field in ["lang", "tells"] {
            write!(code, "{field}: {:?}, ", words(rule, field).first())?;
        }
        for (field, key) in [("places", "where"), ("matching", "match"), ("pass", "pass")] {
            write!(code, "{field}: &{:?}, ", words(rule, key))?;
        }
        for field in ["any", "unless", "near"] {
            write!(code, "{field}: &[{}], ", patterns(rule, field)?)?;
        }
        code.push_str("}, ");
    }
    code.push_str("], marks: &[");
    for mark in &marks {
        let means = words(mark, "means").concat();
        write!(code, "ShippedMark {{ means: {means:?}, any: &[{}] }}, ", patterns(mark, "any")?)?;
    }
    code.push_str("] }, ");
    Ok(code)
}

/// A word or a list of words.
fn words<'a>(entry: &'a toml::Value, key: &str) -> Vec<&'a str> {
    match entry.get(key) {
        Some(toml::Value::String(word)) => vec![word],
        Some(toml::Value::Array(all)) => all.iter().filter_map(toml::Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn patterns(entry: &toml::Value, key: &str) -> Result<String, Box<dyn Error>> {
    let mut code = String::new();
    for source in words(entry, key) {
        let hir = literals::parser().parse(&literals::plain_classes(source))?;
        write!(code, "({source:?}, &{:?}), ", literals::literals(&hir))?;
    }
    Ok(code)
}
