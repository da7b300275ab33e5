//! Puts what lies in `rules/` into the program: the reply templates as they are, and the rules
//! as tables with the literals of their expressions, which reading them at each start would
//! cost. `src/classify/shipped.rs` says what the tables are, and a test compares them with
//! the files.

#[path = "src/classify/literals.rs"]
#[allow(dead_code, reason = "the program reads what is written here")]
mod literals;
#[path = "src/classify/number.rs"]
mod number;

use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> Result<(), Box<dyn Error>> {
    // A directory is watched with everything in it.
    println!("cargo::rerun-if-changed=rules");
    println!("cargo::rerun-if-changed=src/classify/literals.rs");
    println!("cargo::rerun-if-changed=src/classify/number.rs");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("shipped.rs"), rules(Path::new("rules"))?)?;
    fs::write(out.join("shipped_number.rs"), rules_number(Path::new("rules"))?)?;
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

/// The number of all rule files.
fn rules_number(directory: &Path) -> Result<String, Box<dyn Error>> {
    let mut all = number::OF_NONE;
    for path in &sorted(directory, "toml")? {
        all = number::with(all, &fs::read_to_string(path)?);
    }
    Ok(all.to_string())
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
    write!(code, "rest: {:?}, ", toml::to_string(&table)?)?;
    let rules = rules.iter().map(rule).collect::<Result<Vec<_>, _>>()?;
    let marks = marks.iter().map(mark).collect::<Result<Vec<_>, _>>()?;
    let [between, ..] = literals::TABLE_DIVIDED_BY.map(String::from);
    write!(code, "rules: {:?}, marks: {:?} }}, ", rules.join(&between), marks.join(&between))?;
    Ok(code)
}

/// One rule, in the order of `ShippedRule`.
fn rule(rule: &toml::Value) -> Result<String, Box<dyn Error>> {
    let list = ["symbol", "describe", "lang", "tells", "where", "match", "pass"];
    let mut fields =
        list.map(|key| entries(words(rule, key))).into_iter().collect::<Result<Vec<_>, _>>()?;
    for key in ["any", "unless", "near"] {
        fields.push(patterns(rule, key)?);
    }
    Ok(fields.join(&literals::TABLE_DIVIDED_BY[1].to_string()))
}

/// One mark, in the order of `ShippedMark`.
fn mark(mark: &toml::Value) -> Result<String, Box<dyn Error>> {
    let fields = [entries(words(mark, "means"))?, patterns(mark, "any")?];
    Ok(fields.join(&literals::TABLE_DIVIDED_BY[1].to_string()))
}

/// The entries of a field in one line.
fn entries(words: Vec<&str>) -> Result<String, Box<dyn Error>> {
    let divides = |word: &&str| word.is_empty() || word.contains(literals::TABLE_DIVIDED_BY);
    match words.iter().copied().find(divides) {
        Some(word) => Err(format!("{word:?} cannot be written into a table").into()),
        None => Ok(words.join(&literals::TABLE_DIVIDED_BY[2].to_string())),
    }
}

/// A word or a list of words.
fn words<'a>(entry: &'a toml::Value, key: &str) -> Vec<&'a str> {
    match entry.get(key) {
        Some(toml::Value::String(word)) => vec![word],
        Some(toml::Value::Array(all)) => all.iter().filter_map(toml::Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// The expressions of a field, each with its literals.
fn patterns(entry: &toml::Value, key: &str) -> Result<String, Box<dyn Error>> {
    let [.., between_entries, before_literals] = literals::TABLE_DIVIDED_BY;
    let sources = words(entry, key);
    entries(sources.clone())?;
    let mut all = Vec::new();
    for source in sources {
        let hir = literals::parser().parse(&literals::plain_classes(source))?;
        let told = literals::told(&literals::literals(&hir));
        all.push(format!("{source}{before_literals}{told}"));
    }
    Ok(all.join(&between_entries.to_string()))
}
