//! The program on a terminal, made by script(1): narrow, without colours, and with a person
//! who goes through the desk.

use std::process::Command;

use crate::support::has;
use crate::support::mails::{invitation, rejection};
use crate::support::story::number;
use crate::support::world::{Ran, World};

/// Runs a command on a terminal of so many columns and types this. What it printed, line
/// ends as in a file.
pub(super) fn on_terminal(
    world: &World,
    columns: u16,
    variables: &[(&str, &str)],
    words: &str,
    typed: &str,
) -> Option<String> {
    if !has(&["script"]) {
        return None;
    }
    let program = world.command(&[]).get_program().to_owned();
    let line = format!("stty cols {columns} rows 40 -echo; {} {words}", program.display());
    world.write_private("typed", typed);
    let plain = world.command(&[]);
    let mut command = Command::new("script");
    command.env_clear().args(["-q", "-e", "-c", &line, "/dev/null"]).current_dir(world.path(""));
    for (name, value) in plain.get_envs() {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    command.env("TERM", "xterm").env("SHELL", "/bin/sh").envs(variables.iter().copied());
    command.stdin(std::fs::File::open(world.path("typed")).unwrap());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    Some(String::from_utf8(output.stdout).unwrap().replace("\r\n", "\n"))
}

pub(super) fn drafted() -> (World, String) {
    let world = World::local();
    world.deliver(&invitation(&world));
    world.deliver(&rejection(&world));
    world.cli(&["run", "--once"]).ok();
    let daemon = world.daemon();
    let reply = number(&world.until_reply_is("drafted"));
    assert_eq!(daemon.stop(), 0);
    (world, reply)
}

#[test]
fn a_narrow_terminal_gets_narrow_lines_and_no_colour_where_none_is_wanted() {
    let (world, reply) = drafted();
    let (mut all, mut overlong, mut coloured) = (String::new(), Vec::new(), Vec::new());
    let show = format!("show {reply}");
    let table = "Company,Role,Date\nHarborforge Instruments,Data Analyst,2026-01-05\n";
    world.write_private("table.csv", table);
    for words in [
        "desk",
        &show,
        "stats",
        "stats --by company",
        "letter",
        "import table.csv --dry-run",
        "status",
        "review",
        "explain m1",
        "wins",
        "rules list",
        "applications",
        "applications show a1",
        "applications --unclear",
    ] {
        let Some(text) = on_terminal(&world, 40, &[("NO_COLOR", "1")], words, "q\n") else {
            return;
        };
        assert!(!text.contains('\u{1b}'), "{words}: {text:?}");
        // What must be copied as it is (a digest, a path) may be longer than the line.
        let long = |line: &&str| {
            unicode_width::UnicodeWidthStr::width(*line) > 40 && line.trim().contains(' ')
        };
        all.push_str(&format!("$ regards {words}\n{text}\n"));
        overlong.extend(text.lines().filter(long).map(|line| format!("{words}: {line}")));
        // Not compared with each other: a minute may have passed between the two.
        if on_terminal(&world, 40, &[], words, "q\n").unwrap().contains('\u{1b}') {
            coloured.push(words);
        }
        let dumb = on_terminal(&world, 40, &[("TERM", "dumb")], words, "q\n");
        assert!(!dumb.unwrap().contains('\u{1b}'), "{words}");
    }
    assert!(overlong.is_empty(), "{overlong:#?}\n{all}");
    let wanted = ["desk", &show, "stats", "letter", "status", "review", "explain m1"];
    assert_eq!(coloured[..wanted.len()], wanted);
    assert!(all.contains("company: Harborforge Instruments"), "{all}");
    let piped: Ran = world.cli(&["show", &reply]).ok();
    assert!(!piped.stdout.contains('\u{1b}'), "{piped:?}");
}

#[test]
fn a_narrow_terminal_cuts_no_rule() {
    let world = World::local();
    let Some(text) = on_terminal(&world, 50, &[("NO_COLOR", "1")], "rules list", "") else {
        return;
    };
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for rule in world.cli(&["rules", "list", "--json"]).ok().json() {
        let describe = rule["describe"].as_str().unwrap();
        assert!(text.contains(describe), "{describe}");
    }
}

#[test]
fn a_person_goes_through_the_desk() {
    let (world, reply) = drafted();
    if !has(&["script"]) {
        return;
    }
    world.write_private("editor", "#!/bin/sh\nsed -i 's/^Best regards.*/With best wishes,/; s/^Kind regards.*/With best wishes,/' \"$1\"\necho EDITED >> \"$1\"\n");
    Command::new("chmod").arg("700").arg(world.path("editor")).status().unwrap();
    let editor = world.path("editor").display().to_string();
    let review = |typed: &str| {
        on_terminal(&world, 80, &[("NO_COLOR", "1"), ("EDITOR", &editor)], "review", typed).unwrap()
    };
    let state = || world.only_reply().unwrap()["state"].as_str().unwrap().to_owned();

    // The input ends: nothing was decided.
    let text = review("");
    assert!(text.contains("1 of 1") && text.contains("[a]pprove"), "{text}");
    assert!(text.contains("it said “") && text.contains("signed by "), "{text}");
    assert_eq!(state(), "drafted");
    let text = review("x\nw\nq\n");
    assert!(text.contains("Type one of the letters in brackets"), "{text}");
    assert!(text.contains("speaks for rejected") && text.contains("REJ_"), "{text}");
    assert_eq!(state(), "drafted");

    let text = review("e\nq\n");
    assert!(text.contains("EDITED"), "the changed text is shown: {text}");
    let shown = world.cli(&["show", &reply, "--json"]).ok().one();
    assert!(shown["mail"]["text"].as_str().unwrap().contains("EDITED"), "{shown}");

    let text = review("l\nsoon\nl\n4h\n");
    assert!(text.contains("`soon` is not a time"), "{text}");
    assert!(text.contains("It comes back after "), "{text}");
    assert_eq!(state(), "cooling");
    let text = review("q\n");
    assert!(text.contains("Nothing to review"), "{text}");

    let (world, _) = drafted();
    let review =
        |typed: &str| on_terminal(&world, 80, &[("NO_COLOR", "1")], "review", typed).unwrap();
    let state = || world.only_reply().unwrap()["state"].as_str().unwrap().to_owned();
    let text = review("a\n");
    assert!(text.contains("Approved") && text.contains("That was all"), "{text}");
    assert_eq!(state(), "approved");
    let (world, _) = drafted();
    let text = on_terminal(&world, 80, &[("NO_COLOR", "1")], "review", "s\n").unwrap();
    assert!(text.contains("Skipped"), "{text}");
    assert_eq!(world.only_reply().unwrap()["state"], "skipped");

    let (world, reply) = drafted();
    let text = on_terminal(&world, 80, &[("NO_COLOR", "1")], "review", "n\n").unwrap();
    assert!(text.contains("next working day"), "{text}");
    assert_eq!(world.only_reply().unwrap()["state"], "cooling");
    let due = world.only_reply().unwrap()["due"].as_str().unwrap().to_owned();
    assert_eq!(due, tomorrow(), "{reply} comes back with tomorrow");
    let held = world.cli(&["pause", "--today", "--json"]).ok().one();
    assert_eq!(held, serde_json::json!({ "held": true, "until": tomorrow() }));
}

/// The first moment of tomorrow where the world's programs live.
fn tomorrow() -> String {
    let now = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC);
    now.tomorrow().unwrap().start_of_day().unwrap().timestamp().to_string()
}
