//! What the rules say of files, without any configuration; and the demo.

use std::fs;
use std::process::{Command, Stdio};

use jiff::Timestamp;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::has;
use crate::support::house::{newsletter, put, rejection};
use crate::support::process::live_at;

fn regards() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_regards"));
    command.env("TZ", "UTC").stdin(Stdio::null());
    command
}

/// A directory with a Maildir, an mbox as Takeout writes it, and a single mail.
fn files() -> TempDir {
    let dir = TempDir::new().unwrap();
    let now: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
    for part in ["cur", "new", "tmp"] {
        fs::create_dir_all(dir.path().join("Maildir").join(part)).unwrap();
    }
    put(&dir.path().join("Maildir"), &rejection("maildir", "Lindgren", "Engineer").bytes(now));
    put(&dir.path().join("Maildir"), &newsletter("news", "Bulletin").bytes(now));
    let mut mbox = Vec::new();
    for id in ["box-1", "box-2"] {
        mbox.extend_from_slice(b"From 1812345678901234567@xxx Mon Nov 16 10:00:00 +0000 2026\r\n");
        mbox.extend_from_slice(b"X-GM-THRID: 1812345678901234567\r\nX-Gmail-Labels: Inbox\r\n");
        mbox.extend_from_slice(&rejection(id, "Harbor", "Analyst").bytes(now));
        mbox.extend_from_slice(b"\r\n");
    }
    fs::write(dir.path().join("All mail Including Spam and Trash.mbox"), mbox).unwrap();
    fs::write(dir.path().join("one.eml"), rejection("eml", "Solo", "Engineer").bytes(now)).unwrap();
    dir
}

#[test]
fn scan_reads_maildir_mbox_and_files_and_its_fields_are_the_documented_ones() {
    let dir = files();
    let output = regards().args(["scan", "--json"]).arg(dir.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines: Vec<Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let mut ids: Vec<&str> = lines.iter().map(|it| it["message_id"].as_str().unwrap()).collect();
    ids.sort_unstable();
    let wanted = [
        "<box-1@harbor.example>",
        "<box-2@harbor.example>",
        "<eml@solo.example>",
        "<maildir@lindgren.example>",
        "<news@bulletin.example>",
    ];
    assert_eq!(ids, wanted.map(|id| id.to_owned()));
    let mut documented = [
        "path",
        "message_id",
        "date",
        "from",
        "subject",
        "kind",
        "probability",
        "symbols",
        "company",
        "role",
        "person",
        "reference",
        "stage",
        "reason",
        "addressee",
        "language",
        "defects",
    ];
    documented.sort_unstable();
    for line in &lines {
        let mut names: Vec<&String> = line.as_object().unwrap().keys().collect();
        names.sort_unstable();
        assert_eq!(names, documented);
        let kind =
            if line["message_id"] == "<news@bulletin.example>" { "noise" } else { "rejected" };
        assert_eq!(line["kind"], kind, "{line}");
        assert!(line["addressee"]["why"].is_string(), "{line}");
    }
}

#[test]
fn scan_goes_on_after_a_path_that_cannot_be_read_and_says_so() {
    let dir = files();
    let output = regards()
        .arg("scan")
        .args([dir.path().join("missing.eml"), dir.path().join("one.eml")])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 message: 1 rejected"));
    assert!(String::from_utf8_lossy(&output.stderr).contains("missing.eml"));
}

#[test]
fn scan_tells_where_each_mail_is_and_lists_the_rest_on_demand() {
    let dir = files();
    let letter = newsletter("news", "Bulletin");
    fs::write(dir.path().join("two.eml"), letter.bytes(Timestamp::UNIX_EPOCH)).unwrap();
    let scan = |arguments: &[&str]| {
        let output = regards().arg("scan").arg(dir.path()).args(arguments).output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let (brief, all) = (scan(&[]), scan(&["--all"]));
    assert!(brief.contains("one.eml") && !brief.contains("two.eml"), "{brief}");
    assert!(all.contains("one.eml") && all.contains("two.eml"), "{all}");
}

#[test]
fn what_is_no_mail_is_not_judged() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("notes.txt"), "Unfortunately, we chose another candidate.\n")
        .unwrap();
    let scan = |path: &std::path::Path| regards().arg("scan").arg(path).output().unwrap();
    let named = scan(&dir.path().join("notes.txt"));
    assert_eq!(named.status.code(), Some(1));
    let told = String::from_utf8_lossy(&named.stderr);
    assert!(told.contains("notes.txt: it begins like no mail"), "{told}");
    let walked = scan(dir.path());
    assert_eq!(walked.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&walked.stdout).starts_with("No mail was found in "));
}

#[test]
fn a_reader_that_goes_away_ends_scan_quietly() {
    let dir = TempDir::new().unwrap();
    let now: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
    // More than a pipe holds.
    for n in 0..200 {
        let mail = rejection(&format!("no-{n}"), "Lindgren", "Engineer");
        fs::write(dir.path().join(format!("{n:03}.eml")), mail.bytes(now)).unwrap();
    }
    let mut child = regards()
        .args(["scan", "--json"])
        .arg(dir.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert_eq!(complaint, "");
}

#[test]
fn explain_names_the_rules_and_the_words_of_a_file_and_of_a_kept_message() {
    let dir = files();
    let output = regards().arg("explain").arg(dir.path().join("one.eml")).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("speaks for rejected"), "{said}");
    assert!(said.contains("move forward with other candidates"), "{said}");

    let house = crate::support::house::House::new("1h");
    house.deliver(&rejection("no", "Lindgren", "Engineer"));
    house.once();
    // Exempt from the silence: the user names the mail.
    let said = house.ok(&["explain", "m1"]);
    assert!(said.contains("move forward with other candidates"), "{said}");
    let (said, code) = house.says(&["explain", "m9"]);
    assert_eq!(code, 1, "{said}");
}

#[test]
fn the_demo_sends_one_mail_on_a_sunday_night_and_leaves_nothing_behind() {
    if !has(&["faketime"]) {
        return;
    }
    let dir = TempDir::new().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_regards"));
    live_at(&mut command, "@2026-11-22 03:00:00");
    let output = command
        .args(["demo", "--yes"])
        .env("TMPDIR", dir.path())
        .env("TZ", "UTC")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{complaint}");
    assert!(said.contains("This mail went out"), "{said}");
    assert!(said.contains("In-Reply-To: <rej-1@lindgren.example>"), "{said}");
    assert!(said.contains("To: \"Nora Lindgren\" <nora@lindgren.example>"), "{said}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn the_demo_opens_no_connection_to_anywhere() {
    if !has(&["strace"]) {
        return;
    }
    let dir = TempDir::new().unwrap();
    let trace = dir.path().join("trace");
    let output = Command::new("strace")
        .args(["-f", "-e", "trace=socket", "-o"])
        .arg(&trace)
        .args([env!("CARGO_BIN_EXE_regards"), "demo", "--yes"])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    if complaint.contains("ptrace") {
        return crate::support::missing("the right to trace a process");
    }
    assert!(output.status.success(), "{complaint}");
    let trace = fs::read_to_string(trace).unwrap();
    let strangers: Vec<&str> =
        trace.lines().filter(|l| l.contains("socket(") && !l.contains("AF_UNIX")).collect();
    assert!(strangers.is_empty(), "{strangers:?}");
    assert!(trace.contains("socket(AF_UNIX"), "nothing was traced");
}
