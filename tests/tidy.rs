//! The house rules that a program can check, checked on the sources themselves.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Longer files are two files.
const LINES_MAX: usize = 500;

/// Files that are longer because they are one table: path and reason.
const TABLES: &[(&str, &str)] =
    &[("src/model/reply.rs", "one state machine, to be read in one piece, with its tests")];

/// Where a test may sleep: in helpers that wait for a condition with a deadline.
const WAIT_HELPERS: &[&str] = &["tests/support/", "src/secret/process.rs"];

/// The rooms of floor 2 that may import nothing of ours but `model`.
const FLOOR_2: &[&str] = &[
    "source", "parse", "classify", "record", "cool", "draft", "send", "stats", "report", "store",
    "secret",
];

/// What a room may name: itself, and these. ARCHITECTURE.md explains the floors.
fn may_name(room: &str) -> Vec<&'static str> {
    match room {
        "model" => vec![],
        "review" => {
            vec![
                "model",
                "store",
                "classify::answers",
                "draft::clean",
                "draft::compose",
                "draft::guard",
                "draft::tone",
                "stats",
            ]
        }
        "daemon" => [&["model"], FLOOR_2].concat(),
        "tune" => vec!["model", "parse", "classify", "stats::interval"],
        "tui" | "web" => vec!["model", "review", "stats"],
        "config" => [&["model", "review", "daemon"], FLOOR_2].concat(),
        "cli" | "main" => {
            [&["model", "review", "config", "tune", "tui", "web", "cli"], FLOOR_2].concat()
        }
        floor_2 if FLOOR_2.contains(&floor_2) => vec!["model"],
        unknown => {
            panic!("src/{unknown} is no room of the house: say in may_name what it may import")
        }
    }
}

/// Modules whose settings `config` names as `module::Settings`.
const SETTINGS_MODULES: &[&str] = &["cool", "daemon", "review", "send", "source::imap"];

/// The one file that may start the daemon; all else works on the store.
const NAMES_DAEMON: &str = "src/cli/run.rs";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below `directory` with this ending, as (path from the root, content).
fn files(directory: &str, ending: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut ahead = vec![root().join(directory)];
    while let Some(next) = ahead.pop() {
        let Ok(entries) = std::fs::read_dir(&next) else { continue };
        for entry in entries {
            let path: PathBuf = entry.expect("an entry").path();
            if path.is_dir() {
                ahead.push(path);
            } else if path.extension().is_some_and(|it| it == ending) {
                let name = path.strip_prefix(root()).expect("below the root").display().to_string();
                found.insert(name, std::fs::read_to_string(&path).expect("text"));
            }
        }
    }
    found
}

/// `a::b::{c, d::{e, f}}` as `a::b::c`, `a::b::d::e`, `a::b::d::f`.
fn spread(path: &str) -> Vec<String> {
    let Some(open) = path.find('{') else {
        let name = path.split(" as ").next().unwrap_or_default();
        return vec![name.trim().trim_end_matches("::self").to_owned()];
    };
    let inside = path[open + 1..].trim_end().strip_suffix('}').expect("a closed brace");
    let (mut depth, mut start, mut all) = (0, 0, Vec::new());
    for (at, c) in inside.char_indices().chain([(inside.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                let item = inside[start..at].trim();
                if !item.is_empty() {
                    all.extend(spread(&format!("{}{item}", &path[..open])));
                }
                start = at + 1;
            }
            _ => {}
        }
    }
    all
}

/// The code without comments, lines kept.
fn code(text: &str) -> String {
    text.lines()
        .map(|line| {
            let comment = line.trim_start().starts_with("//");
            let end = if comment { 0 } else { line.find(" // ").unwrap_or(line.len()) };
            format!("{}\n", &line[..end])
        })
        .collect()
}

/// Every path that begins with `crate::` (or, in the binary, `regards::`), with its line.
fn paths(text: &str, crate_name: &str) -> Vec<(usize, String)> {
    let code = code(text);
    let begin = format!("{crate_name}::");
    let mut found = Vec::new();
    for (at, _) in code.match_indices(&begin) {
        let inside_a_word =
            code[..at].ends_with(|c: char| c.is_alphanumeric() || "_:\"".contains(c));
        if inside_a_word {
            continue;
        }
        let line = code[..at].matches('\n').count() + 1;
        let rest = &code[at + begin.len()..];
        let statement = rest.split(';').next().unwrap_or_default();
        let uses = code[..at].trim_end().ends_with("use") && statement.contains('{');
        if uses {
            let flat: String = statement.split_whitespace().collect::<Vec<_>>().join(" ");
            found.extend(spread(&flat).into_iter().map(|path| (line, path)));
        } else {
            let word = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
            let path = rest.split(|c| !word(c)).next().unwrap_or_default();
            found.push((line, path.trim_matches(':').to_owned()));
        }
    }
    found
}

fn room_of(file: &str) -> &str {
    let inside = file.strip_prefix("src/").expect("a source");
    inside.split(['/', '.']).next().unwrap_or_default()
}

fn allowed(room: &str, file: &str, path: &str) -> bool {
    let named = path.split("::").next().unwrap_or_default();
    // A macro of the crate's root stands in no room.
    if named == room || named.is_empty() {
        return true;
    }
    // Settings and the types inside them; no function of another room is called to read a file.
    if room == "config" && named != "model" {
        let last = path.rsplit("::").next().unwrap_or_default();
        let a_type = last.starts_with(|c: char| c.is_ascii_uppercase());
        let settings = named != "store" && may_name(room).contains(&named);
        return settings && (a_type || SETTINGS_MODULES.contains(&path));
    }
    if named == "daemon" {
        return file == NAMES_DAEMON;
    }
    may_name(room).iter().any(|rule| path == *rule || path.starts_with(&format!("{rule}::")))
}

#[test]
fn rooms_name_only_the_rooms_that_the_house_allows() {
    let mut wrong = String::new();
    for (file, text) in files("src", "rs") {
        let room = room_of(&file);
        if room == "lib" {
            continue;
        }
        let crate_name = if room == "main" { "regards" } else { "crate" };
        for (line, path) in paths(&text, crate_name) {
            if !allowed(room, &file, &path) {
                let may = may_name(room).join(", ");
                let _ = writeln!(wrong, "{file}:{line} names {path}; `{room}` may name: {may}");
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn the_reader_of_paths_sees_what_a_cheat_would_hide() {
    let text = "use crate::{\n    model::{ids, mail::{self, Draft as D}},\n    store::Store,\n};\n\
                // crate::comment\nfn x() { crate::send::send() }\npub(crate) fn y() {}\n";
    let seen: Vec<String> = paths(text, "crate").into_iter().map(|(_, path)| path).collect();
    let expected =
        ["model::ids", "model::mail", "model::mail::Draft", "store::Store", "send::send"];
    assert_eq!(seen, expected);
    assert_eq!(paths(text, "crate")[4].0, 6, "the line is named");
    assert!(!allowed("parse", "src/parse/mod.rs", "store::Store"));
    assert!(!allowed("review", "src/review.rs", "draft::text"));
    assert!(!allowed("cli", "src/cli/status.rs", "daemon::run"));
    assert!(allowed("cli", "src/cli/run.rs", "daemon::run"));
    assert!(!allowed("config", "src/config.rs", "source::imap::connect"));
    assert!(!allowed("config", "src/config.rs", "store::Store"));
    assert!(!allowed("config", "src/config.rs", "daemon::run"));
    assert!(allowed("config", "src/config.rs", "review::Settings"));
    assert!(allowed("config", "src/config.rs", "source::imap::Settings"));
    assert!(allowed("config", "src/config.rs", "secret::Source"));
}

#[test]
fn every_file_begins_with_its_duty_and_ends_in_time() {
    let mut wrong = String::new();
    let sources = [files("src", "rs"), files("tests", "rs"), files("benches", "rs")].concat_maps();
    for (file, text) in &sources {
        // lib.rs begins with ARCHITECTURE.md, which is its header.
        if !text.starts_with("//! ") && file != "src/lib.rs" {
            let _ = writeln!(wrong, "{file}:1 has no `//!` header");
        }
        let lines = text.lines().count();
        let table = TABLES.iter().any(|(name, _)| name == file);
        if lines > LINES_MAX && !table {
            let _ = writeln!(wrong, "{file}: {lines} lines; {LINES_MAX} are two files' worth");
        }
    }
    for (name, _) in TABLES {
        let longer = sources.get(*name).is_some_and(|text| text.lines().count() > LINES_MAX);
        if !longer {
            let _ = writeln!(wrong, "{name} need not stand in TABLES");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn nothing_is_left_for_later_and_no_test_sleeps() {
    // Put together here, so that this file does not find itself.
    let never = ["todo", "unimplemented"].map(|word| format!("{word}!("));
    let ignored = format!("#[{}", "ignore");
    let sleep = format!("{}(", "sleep");
    let mut wrong = String::new();
    for (file, text) in [files("src", "rs"), files("tests", "rs")].concat_maps() {
        let tests_begin = if file.starts_with("tests/") {
            0
        } else {
            text.find("#[cfg(test)]").unwrap_or(text.len())
        };
        let first_test_line = text[..tests_begin].lines().count();
        for (number, line) in code(&text).lines().enumerate() {
            let asleep = number >= first_test_line
                && line.contains(&sleep)
                && !WAIT_HELPERS.iter().any(|helper| file.starts_with(helper));
            if asleep || line.contains(&ignored) || never.iter().any(|it| line.contains(it)) {
                let _ = writeln!(wrong, "{file}:{}: {}", number + 1, line.trim());
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn the_map_of_the_library_is_only_a_map() {
    let lib = std::fs::read_to_string(root().join("src/lib.rs")).expect("lib.rs");
    for (number, line) in lib.lines().enumerate() {
        let fits = line.is_empty()
            || line.starts_with("///")
            || line == "#![doc = include_str!(\"../ARCHITECTURE.md\")]"
            || (line.starts_with("pub mod ") && line.ends_with(';'));
        assert!(fits, "src/lib.rs:{}: {line}", number + 1);
    }
}

#[test]
fn every_test_file_is_run() {
    let files = files("tests", "rs");
    let main = &files["tests/main.rs"];
    let support = &files["tests/support/mod.rs"];
    for file in files.keys() {
        let parts: Vec<&str> = file.trim_end_matches(".rs").split('/').collect();
        let (named_in, name) = match parts.as_slice() {
            [_, "main"] | [_, "support", "mod"] => continue,
            [_, "support", name, ..] => (support, name),
            [_, name, ..] => (main, name),
            _ => panic!("{file} lies strangely"),
        };
        let named = named_in
            .lines()
            .any(|line| line == format!("mod {name};") || line == format!("pub mod {name};"));
        assert!(named, "{file} is compiled by nobody: name it with `mod {name};`");
    }
}

#[test]
fn every_dependency_says_why_it_is_there() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).expect("Cargo.toml");
    let (mut inside, mut seen, mut wrong) = (false, 0, String::new());
    for (number, line) in manifest.lines().enumerate() {
        if line.starts_with('[') {
            inside = line.ends_with("dependencies]");
        } else if inside && line.contains('=') {
            seen += 1;
            let reason = line.split(" # ").nth(1).map_or(0, |reason| reason.trim().len());
            if reason < 10 {
                let _ = writeln!(wrong, "Cargo.toml:{}: {line}", number + 1);
            }
        }
    }
    assert!(seen > 10, "the reader of the manifest sees nothing");
    assert!(wrong.is_empty(), "no reason (`# …` on the same line):\n{wrong}");
}

#[test]
fn every_column_of_the_database_is_explained() {
    let mut wrong = String::new();
    for (file, text) in files("src/store/migrations", "sql") {
        wrong += &unexplained(&file, &text);
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// Columns without a `--` comment on their line or above it, and tables that are not STRICT.
fn unexplained(file: &str, sql: &str) -> String {
    let (mut inside, mut before, mut wrong) = (false, "", String::new());
    for (number, line) in sql.lines().enumerate() {
        let line = line.trim();
        let upper = line.to_uppercase();
        let say = |what: &str| format!("{file}:{}: {what}: {line}\n", number + 1);
        if upper.starts_with("CREATE TABLE") {
            inside = true;
        } else if inside && line.starts_with(')') {
            inside = false;
            if !upper.contains("STRICT") {
                wrong += &say("a table that is not STRICT");
            }
        } else if inside && !line.is_empty() && !line.starts_with("--") {
            let constraint = ["PRIMARY KEY", "UNIQUE", "FOREIGN KEY", "CHECK", "CONSTRAINT"]
                .iter()
                .any(|word| upper.starts_with(word));
            // A column's definition may go on in the next line, indented CHECK and all.
            let goes_on = !before.is_empty() && !before.ends_with(',') && !before.ends_with('(');
            let column = line.starts_with(|c: char| c.is_ascii_lowercase()) && !goes_on;
            if column && !constraint && !line.contains("--") && !before.starts_with("--") {
                wrong += &say("a column without a comment");
            }
        } else if upper.starts_with("ALTER TABLE") && upper.contains("ADD COLUMN") {
            let explained = line.contains("--") || before.starts_with("--");
            if !explained {
                wrong += &say("a column without a comment");
            }
        }
        before = match line.find("--") {
            Some(0) => line,
            Some(at) => line[..at].trim_end(),
            None => line,
        };
    }
    wrong
}

#[test]
fn the_reader_of_migrations_finds_what_is_not_explained() {
    let sql = "CREATE TABLE message (\n  id INTEGER PRIMARY KEY, -- the number\n  -- the kind\n  \
               kind INTEGER NOT NULL\n    CHECK (kind > 0),\n  day INTEGER,\n  UNIQUE (id, day)\n) STRICT;\n\
               CREATE TABLE x (\n  a TEXT -- a\n);\nALTER TABLE x ADD COLUMN b TEXT;\n";
    let found = unexplained("1.sql", sql);
    let lines: Vec<&str> =
        found.lines().map(|line| line.split(": ").next().unwrap_or_default()).collect();
    assert_eq!(lines, ["1.sql:6", "1.sql:11", "1.sql:12"], "{found}");
}

/// Several sets of files as one.
trait ConcatMaps {
    fn concat_maps(self) -> BTreeMap<String, String>;
}

impl<const N: usize> ConcatMaps for [BTreeMap<String, String>; N] {
    fn concat_maps(self) -> BTreeMap<String, String> {
        self.into_iter().flatten().collect()
    }
}
