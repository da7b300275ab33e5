//! Puts what lies in `rules/` into the program: the reply templates as they are, and the rules
//! as tables with the literals of their expressions, which reading them at each start would
//! cost. `src/classify/shipped.rs` says what the tables are, and a test compares them with
//! the files.

#[path = "src/classify/literals.rs"]
#[allow(dead_code, reason = "the program reads what is written here")]
mod literals;

use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> Result<(), Box<dyn Error>> {
    // A directory is watched with everything in it.
    println!("cargo::rerun-if-changed=rules");
    println!("cargo::rerun-if-changed=src/classify/literals.rs");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("shipped.rs"), rules(Path::new("rules"))?)?;
    fs::write(out.join("replies.rs"), replies(Path::new("rules/replies"))?)?;
    Ok(())
}

/// What lies in a directory with this ending, always in the same order.
fn sorted(directory: &Path, ending: &str) -> io::Result<Vec<PathBuf>> {
    let mut paths =
        fs::read_dir(directory)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.retain(|path| path.extension().unwrap_or_default() == ending);
    paths.sort();
    Ok(paths)
}

fn last(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Every `<language>/*.txt` with its name, so that a translator adds a file and nobody keeps
/// a list.
fn replies(directory: &Path) -> Result<String, Box<dyn Error>> {
    let mut code = "&[".to_owned();
    for language in sorted(directory, "")?.iter().filter(|path| path.is_dir()) {
        for file in sorted(language, "txt")? {
            let name = format!("{}/{}", last(language), last(&file));
            let path = format!("/rules/replies/{name}");
            write!(
                code,
                "({name:?}, include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {path:?}))), "
            )?;
        }
    }
    code.push(']');
    Ok(code)
}

/// The tables of all rule files.
fn rules(directory: &Path) -> Result<String, Box<dyn Error>> {
    let mut code = "&[".to_owned();
    for path in &sorted(directory, "toml")? {
        code.push_str(&file(path).map_err(|why| format!("{}: {why}", path.display()))?);
    }
    code.push(']');
    Ok(code)
}

/// One file: its rules and marks as tables, what is left of it as text.
fn file(path: &Path) -> Result<String, Box<dyn Error>> {
    let mut table: toml::Table = fs::read_to_string(path)?.parse()?;
    let mut taken = |key: &str| match table.remove(key) {
        Some(toml::Value::Array(entries)) => entries,
        _ => Vec::new(),
    };
    let (rules, marks) = (taken("rule"), taken("mark"));
    let name = last(path);
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
        write!(code, "({source:?}, {:?}), ", literals::told(&literals::literals(&hir)))?;
    }
    Ok(code)
}
