//! Mail that no honest program writes: files named after their quirk in `tests/malformed`,
//! the big ones made here. Each gives a verdict, soon, and all of them in little memory.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use regards::classify::{Known, Rules};
use regards::parse;
use serde_json::Value;

/// What all of them may take, RELIABILITY.md 5: the goal of the finished program, kept by the
/// unoptimised one, too.
const RSS_MAX_KIB: u64 = 128 * 1024;

fn files() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/malformed");
    let mut files: Vec<_> = fs::read_dir(root).unwrap().map(|it| it.unwrap().path()).collect();
    files.sort();
    files
}

/// The lines of `scan` over these paths by a process of its own, and its largest memory.
fn scanned(paths: &[&Path]) -> (Vec<Value>, u64) {
    // The memory of a child is told to its parent only; Python asks for it. On two processors,
    // because each has a mail in hand.
    const MEASURE: &str = "
import os, resource, subprocess, sys
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
code = subprocess.run(sys.argv[1:]).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(code)";
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new("python3");
    command.args(["-c", MEASURE, env!("CARGO_BIN_EXE_regards"), "scan", "--json", "--all"]);
    let output = command.args(paths).env("HOME", home.path()).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (lines, said.lines().last().unwrap().parse().unwrap())
}

#[test]
fn every_broken_mail_gives_a_verdict_within_a_second() {
    let rules = Rules::embedded();
    // Unoptimised code takes several times as long.
    let limit = Duration::from_secs(if cfg!(debug_assertions) { 5 } else { 1 });
    let files = files();
    assert!(files.len() >= 60, "{}", files.len());
    for file in files {
        let raw = fs::read(&file).unwrap();
        for complete in [true, false] {
            let judged = || {
                let started = Instant::now();
                let mail = parse::message(&raw, complete, &[]);
                let verdict = rules.classify(&mail, &Known::default());
                assert!((0.0..=1.0).contains(&verdict.probability), "{}", file.display());
                let single = |text: &str| !text.contains(|c: char| c.is_control());
                assert!(single(&mail.header.subject), "{}", file.display());
                assert!(mail.header.from.iter().all(|it| single(&it.to_string())));
                started.elapsed()
            };
            // On a busy machine the clock tells of its neighbours, too: the best of three.
            assert!((0..3).any(|_| judged() < limit), "{}", file.display());
        }
    }
}

#[test]
fn broken_mail_is_judged_by_what_can_be_read_of_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/malformed");
    let (lines, memory) = scanned(&[&root]);
    assert_eq!(lines.len(), files().len());
    assert!(memory < RSS_MAX_KIB, "{memory} KiB");
    let table: Vec<String> = lines
        .iter()
        .map(|line| {
            let name = Path::new(line["path"].as_str().unwrap()).file_stem().unwrap().to_owned();
            let defects: Vec<&str> =
                line["defects"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
            let (name, kind) = (name.to_string_lossy(), line["kind"].as_str().unwrap());
            format!("{name}: {kind} {}", defects.join(" ")).trim_end().to_owned()
        })
        .collect();
    insta::assert_snapshot!(table.join("\n"));
}

/// Broken mail collected by the makers of other parsers, where it is at hand (`tests/parse.rs`
/// tells how): hundreds of files in one process.
#[test]
fn collected_broken_mail_is_judged_in_little_memory() {
    let given = std::env::var_os("REGARDS_MALFORMED").map(PathBuf::from);
    let root =
        given.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/malformed"));
    let Ok(folders) = fs::read_dir(&root) else {
        eprintln!("broken mail absent: set REGARDS_MALFORMED to a folder of folders of it");
        return;
    };
    // Under a name that says that it is a mail; what looks like an mbox stays one.
    let dir = tempfile::tempdir().unwrap();
    let mut count = 0;
    for folder in folders.map(|it| it.unwrap().path()).filter(|path| path.is_dir()) {
        for file in fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()) {
            fs::copy(file, dir.path().join(format!("{count}.eml"))).unwrap();
            count += 1;
        }
    }
    let (lines, memory) = scanned(&[dir.path()]);
    assert!(lines.len() >= count, "{} of {count} were judged", lines.len());
    assert!(memory < RSS_MAX_KIB, "{memory} KiB");
}

/// A mail of this header and text.
fn mail(header: &str, text: &str) -> Vec<u8> {
    format!("From: Nora <nora@nordkorn.example>\r\n{header}\r\n{text}").into_bytes()
}

/// Mails that are small to write and large to read.
fn bombs() -> Vec<(&'static str, Vec<u8>)> {
    let multi = "Content-Type: multipart/mixed; boundary=";
    let nested = |depth: usize| -> String {
        (0..depth).map(|n| format!("--b{n}\r\n{multi}b{}\r\n\r\n", n + 1)).collect()
    };
    let parts = |count: usize| "--b0\r\n\r\npart\r\n".repeat(count) + "--b0--\r\n";
    let rfc822 = "Content-Type: message/rfc822\r\n\r\n".repeat(130_000);
    let word = "=?utf-8?b?w7w=?= ".repeat(60_000);
    let encoded = format!("{multi}b0\r\nContent-Transfer-Encoding: base64\r\n");
    vec![
        ("multiparts, 50,000 deep", mail(&format!("{multi}b0\r\n"), &nested(50_000))),
        ("300,000 parts", mail(&format!("{multi}b0\r\n"), &parts(300_000))),
        ("mails in mails", mail("", "").into_iter().chain(rfc822.into_bytes()).collect()),
        ("encoded multipart", mail(&encoded, &"LS1iMA0K".repeat(500_000))),
        ("a million fields", mail(&"a: b\r\n".repeat(1_000_000), "hi")),
        ("a subject of encoded words", mail(&format!("Subject: {word}\r\n"), "hi")),
        ("references", mail(&format!("References: {}\r\n", "<a@b>".repeat(400_000)), "hi")),
        ("tags", mail("Content-Type: text/html\r\n", &"<div><p>".repeat(300_000))),
        ("comments", mail(&format!("Date: {}\r\n", "(".repeat(2_000_000)), "hi")),
        (
            "a line of base64",
            mail("Content-Transfer-Encoding: base64\r\n", &"QUJD".repeat(900_000)),
        ),
    ]
}

#[test]
fn mail_made_to_burst_is_read_in_little_memory() {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in bombs() {
        let path = dir.path().join("bomb.eml");
        fs::write(&path, bytes).unwrap();
        let (lines, memory) = scanned(&[&path]);
        assert_eq!(lines.len(), 1, "{name}");
        assert!(memory < RSS_MAX_KIB, "{name}: {memory} KiB");
    }
}

#[test]
fn of_a_mail_of_a_gigabyte_in_a_file_the_beginning_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("huge.eml");
    let text = "Unfortunately we have decided to move forward with other candidates.\r\n";
    fs::write(&path, mail("Subject: Your application\r\n", text)).unwrap();
    // No block of the rest is on the disk.
    fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(1 << 30).unwrap();
    let (lines, memory) = scanned(&[&path]);
    assert_eq!(lines.len(), 1);
    assert!(memory < RSS_MAX_KIB, "{memory} KiB");
}
