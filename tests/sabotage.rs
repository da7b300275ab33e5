//! Each patch in `sabotage/` breaks one promise on purpose. Whether the tests that it names
//! turn red is tried by `tests/run --long`; here only that they could be tried.

use std::path::PathBuf;
use std::process::Command;

use crate::support::has;

/// The text before the first hunk: what is broken, and which tests must see it.
fn said<'a>(patch: &'a str, word: &str) -> &'a str {
    let head = patch.split("\n---").next().unwrap();
    head.lines().find_map(|line| line.strip_prefix(word)).unwrap_or_default().trim()
}

fn patches() -> Vec<(PathBuf, String)> {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/sabotage");
    let paths = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let mut patches: Vec<_> = paths.filter(|it| it.extension().unwrap() == "patch").collect();
    patches.sort();
    patches.into_iter().map(|it| (it.clone(), std::fs::read_to_string(it).unwrap())).collect()
}

#[test]
fn every_sabotage_applies_and_names_a_promise_and_tests_that_there_are() {
    if !has(&["git"]) {
        return;
    }
    let list = Command::new(std::env::current_exe().unwrap()).arg("--list").output().unwrap();
    let tests = String::from_utf8(list.stdout).unwrap();
    let (mut wrong, mut count) = (Vec::new(), 0);
    for (path, patch) in patches() {
        count += 1;
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let applied = Command::new("git")
            .args(["apply", "--check"])
            .arg(&path)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        if !applied.status.success() {
            wrong.push(format!("{name}: {}", String::from_utf8_lossy(&applied.stderr)));
        }
        if said(&patch, "Breaks:").is_empty() {
            wrong.push(format!("{name} breaks no promise"));
        }
        let red = said(&patch, "Red:");
        let named = |filter: &str| tests.lines().any(|test| test.contains(filter));
        // What is red in the library's own tests is not in this list.
        let known = red.starts_with("--lib ") || red.split(' ').all(named);
        if red.is_empty() || !known {
            wrong.push(format!("{name} names no test that there is: `{red}`"));
        }
    }
    assert!(count >= 12, "only {count} patches");
    assert!(wrong.is_empty(), "make them anew:\n{}", wrong.join("\n"));
}
