//! `--json`: every line is an object, and its field names are a promise.

use std::collections::{BTreeMap, BTreeSet};

use clap::CommandFactory;
use serde_json::Value;

use crate::support::mails::{days_ago, invitation, rejection};
use crate::support::story::{number, sql};
use crate::support::world::{Ran, World};

/// The paths of all fields below a value: `mail.from`, `journal[].at`.
fn fields(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                found.insert(path.clone());
                // These are named by kinds, as far as the rules of the day have weights and
                // make mistakes, or by the files that were measured.
                let named = ["weights", "confusion", "labels"].contains(&name.as_str())
                    || name == "sources" && value.is_object();
                // As `figures`; and as the share `right`.
                let again = ["apart", "before", "left_out", "after"].contains(&name.as_str())
                    || name != "right" && value.get("rate").is_some();
                if !named && !again {
                    fields(value, &path, found);
                }
            }
        }
        Value::Array(list) => {
            list.iter().for_each(|value| fields(value, &format!("{path}[]"), found));
        }
        _ => {}
    }
}

#[test]
fn the_field_names_of_every_json_line_are_as_they_were_promised() {
    let mut world = World::local();
    world.set("sending.delay", "1h");
    let mut kept: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut run = |world: &World, name: &str, arguments: &[&str]| {
        let ran = world.cli(&[arguments, &["--json"]].concat());
        assert!(ran.status < 2, "{ran:?}");
        let lines = ran.json();
        assert!(!lines.is_empty(), "{ran:?}");
        for line in lines {
            let kind = line["type"].as_str().map(|it| format!(" ({it})")).unwrap_or_default();
            assert!(line.is_object(), "{line}");
            fields(&line, "", kept.entry(format!("{name}{kind}")).or_default());
        }
        ran
    };
    world.deliver(&invitation(&world));
    // What is old at the first look is history; what comes old later was missed.
    world.cli(&["run", "--once"]).ok();
    world.deliver(&old_rejection(&world));
    world.deliver(&form_rejection(&world));
    world.cli(&["run", "--once"]).ok();
    run(&world, "desk", &["desk"]);
    let daemon = world.daemon();
    world.deliver(&rejection(&world));
    let drafted = world.until_reply_is("drafted");
    let reply = number(&drafted);
    let message = drafted["message"].as_str().unwrap().to_owned();
    run(&world, "desk", &["desk", "--all"]);
    run(&world, "show", &["show", &reply]);
    run(&world, "approve", &["approve", &reply]);
    run(&world, "revoke", &["revoke", &reply]);
    run(&world, "explain", &["explain", "m1"]);
    run(&world, "scan", &["scan", "Maildir"]);
    run(&world, "scan --report", &["scan", "Maildir", "--report", "page"]);
    run(&world, "stats", &["stats"]);
    applications(&world, &mut run);
    run(&world, "stats --by", &["stats", "--by", "company"]);
    run(&world, "report", &["report", "--out", "page"]);
    for what in ["applications", "messages", "replies"] {
        run(&world, &format!("export ({what})"), &["export", what]);
    }
    sql(&world.state_dir(), THOUGHT);
    for words in [&["letter"][..], &["wins"], &["wins", "--forget", "1"], &["pause"]] {
        run(&world, words[0], words);
    }
    run(&world, "desk", &["desk", "--all"]);
    let plain = ["status", "resume", "check", "rules list", "rules check", "rules test"];
    for name in plain.into_iter().chain(["find", "rescan"]) {
        run(&world, name, &name.split(' ').collect::<Vec<_>>());
    }
    the_rules(&world, |name, arguments| drop(run(&world, name, arguments)));
    run(&world, "correct", &["correct", "m1", "noise"]);
    world.write_private("text.txt", "Thank you.\n");
    run(&world, "edit", &["edit", &reply, "--text", "text.txt"]);
    run(&world, "snooze", &["snooze", &reply, "3d"]);
    run(&world, "skip", &["skip", &reply]);
    run(&world, "draft", &["draft", &message]);
    run(&world, "draft --try", &["draft", "--try", "en/thanks.1.txt", &message]);
    run(&world, "remind", &["remind", &reply, "3", "months"]);
    run(&world, "remind", &["remind"]);
    run(&world, "backup", &["backup", "copy.db"]);
    run(&world, "forget", &["forget", "--all", "--yes"]);
    drop(daemon);
    run(&world, "demo", &["demo", "--yes"]);
    every_command_was_run(&kept);
    let mut text = String::new();
    for (name, fields) in kept {
        let fields: Vec<String> = fields.into_iter().collect();
        text.push_str(&format!("{name}\n    {}\n", fields.join("\n    ")));
    }
    insta::assert_snapshot!(text);
}

/// Every command about applications; a2 becomes one with a1 and two again.
fn applications(world: &World, run: &mut dyn FnMut(&World, &str, &[&str]) -> Ran) {
    run(world, "applications", &["applications"]);
    world.write_private("t.csv", "company,date\nFirm,2026-01-05\n");
    run(world, "import", &["import", "t.csv", "--dry-run"]);
    run(world, "remind --ics", &["remind", "--ics", "reminders.ics"]);
    let first = world.cli(&["applications", "--json"]).ok().json();
    let no = |at: usize| first[at]["application"].as_str().unwrap().to_owned();
    let (one, other) = (no(0), no(1));
    let message = first[1]["messages"][0].as_str().unwrap().to_owned();
    let add = ["add", "--company", "Solo", "--on", "2026-01-05"];
    for arguments in [
        &["show", &one][..],
        &add,
        &["alias", "Solo", "Solo Holding"],
        &["merge", &one, &other],
        &["move", &message, "--to", &one],
        &["split", &one, "--message", &message],
        &["set", &one, "--role", "Cook"],
    ] {
        let name = format!("applications {}", arguments[0]);
        run(world, &name, &[&["applications"], arguments].concat());
    }
}

/// What works on labelled mail.
fn the_rules(world: &World, mut run: impl FnMut(&str, &[&str])) {
    let mail = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mail");
    run("rules stats", &["rules", "stats", mail]);
    world.write_private("wrong.jsonl", &wrongly_labelled());
    run("rules eval", &["rules", "eval", "wrong.jsonl", "--apart", mail]);
    run("rules fit", &["rules", "fit", mail, "wrong.jsonl"]);
    write_rule(world);
    run("rules diff", &["rules", "diff", "shipped", "x.toml", "wrong.jsonl"]);
}

/// A rule of the user's own.
fn write_rule(world: &World) {
    let rule = "[[rule]]\nsymbol = 'X'\ndescribe = 'x'\nany = ['data engineer']\n";
    world.write_private("x.toml", &format!("{rule}[weights]\nX = {{ noise = 50.0 }}\n"));
}

/// What is made for a person at a terminal, or prints no facts.
const WITHOUT_JSON: [&str; 6] = ["review", "run", "secret", "completions", "man", "resolve"];

fn every_command_was_run(kept: &BTreeMap<String, BTreeSet<String>>) {
    let all = regards::cli::args::Cli::command();
    let mut names = BTreeSet::new();
    for command in all.get_subcommands() {
        let below: Vec<_> = command.get_subcommands().map(|it| it.get_name()).collect();
        let name = command.get_name();
        if below.is_empty() {
            names.insert(name.to_owned());
        }
        names.extend(below.into_iter().map(|it| format!("{name} {it}")));
    }
    let run: BTreeSet<String> =
        kept.keys().map(|name| name.split(" (").next().unwrap_or(name).to_owned()).collect();
    let known =
        |name: &String| WITHOUT_JSON.iter().any(|without| name.split(' ').next() == Some(without));
    names.retain(|name| !run.contains(name) && !known(name));
    // Learning needs ten corrections, feedback an answer: tests/tune, tests/intake/answers.rs.
    assert_eq!(names, BTreeSet::from(["feedback".to_owned(), "rules learn".to_owned()]));
}

/// What is typed at a terminal only.
const THOUGHT: &str = "INSERT INTO reflection (at, application, reply, question, text)
                       SELECT 0, application, no, 'went-well', 'x' FROM reply";

/// A rejection older than the look-back: counted, not drafted, listed once.
fn old_rejection(world: &World) -> String {
    format!(
        "Date: {0}\nReceived: from a by b; {0}\nFrom: Otto Berg <otto@firm9.example>\nTo: {1}\n\
         Subject: Your application as Data Engineer at Berg AG\nMessage-ID: <o@firm9.example>\n\n\
         Dear Alex,\n\nthank you for your application as Data Engineer. Unfortunately, we have \
         decided to move forward with other candidates.\n\nBest regards,\nOtto Berg\n",
        days_ago(20),
        world.applicant()
    )
}

/// A rejection that nobody can be answered to.
fn form_rejection(world: &World) -> String {
    format!(
        "Date: {0}\nReceived: from a by b; {0}\nFrom: Dorn AG <no-reply@firm8.example>\nTo: {1}\n\
         Subject: Your application as Data Engineer at Dorn AG\nMessage-ID: <f@firm8.example>\n\n\
         Dear Alex,\n\nthank you for your application as Data Engineer. Unfortunately, we have \
         decided to move forward with other candidates.\n\nThe Dorn Team\n",
        days_ago(2),
        world.applicant()
    )
}

/// One labelled mail that no rule set will take for what its label says.
fn wrongly_labelled() -> String {
    let body = "Dear Alex,\n\nthank you for your application as Data Engineer. Unfortunately, we have \
                decided to move forward with other candidates.\n";
    format!("{}\n", serde_json::json!({"id": "1", "label": "offered", "body": body}))
}
