//! A second look by other rules: verdicts and figures change, nothing is drafted.

use std::fs;

use serde_json::Value;

use super::again::on_server;
use super::corrected::everything_is;
use crate::support::house::{House, Mail, confirmation, newsletter, rejection, unsure};

fn rules(house: &House, kind: &str) {
    fs::write(house.path("rules/own.toml"), everything_is(kind)).unwrap();
}

/// Subject, old and new kind of what changed, and the last line.
fn rescan(house: &House, arguments: &[&str]) -> (Vec<(String, String, String)>, Value) {
    let mut lines = house.json(&[&["rescan"], arguments].concat());
    let last = lines.pop().expect("a last line");
    assert_eq!(last["type"], "rescanned");
    let word = |line: &Value, name: &str| line[name].as_str().unwrap().to_owned();
    let change = |line: &Value| (word(line, "subject"), word(line, "old"), word(line, "new"));
    (lines.iter().map(change).collect(), last)
}

fn counts(last: &Value) -> [u64; 4] {
    ["read", "changed", "corrected", "absent"].map(|name| last[name].as_u64().unwrap())
}

/// A subject that tells the mail.
fn called(subject: &str, mail: Mail) -> Mail {
    Mail { subject: subject.to_owned(), ..mail }
}

fn change(subject: &str, old: &str, new: &str) -> (String, String, String) {
    (subject.to_owned(), old.to_owned(), new.to_owned())
}

#[test]
fn what_was_in_doubt_is_judged_again_and_with_all_everything_but_what_the_user_told() {
    let Some((house, server)) = on_server("1s", "watch = [\"INBOX\"]") else { return };
    for mail in [
        called("Doubt", unsure("hm").hours_ago(300)),
        called("No", rejection("no", "Harbor", "Analyst").hours_ago(100)),
        called("Told", confirmation("ack", "Solo", "Engineer").hours_ago(250)),
        called("News", newsletter("news", "Bulletin").hours_ago(200)),
    ] {
        server.deliver("anna", "INBOX", &mail.bytes(house.now));
    }
    house.once();
    house.wait_for(&[("r1", "drafted")]);
    let told: i64 = house.query("SELECT no FROM message WHERE subject = 'Told'");
    house.ok(&["correct", &format!("m{told}"), "invited"]);
    house.once();
    server.doveadm(&["mailbox", "status", "-u", "anna", "messages", "*"]);
    let mailbox = server.snapshot("anna");
    assert_eq!(counts(&rescan(&house, &["--all"]).1), [0, 0, 0, 0], "the rules are the same");

    rules(&house, "acknowledged");
    let (changes, last) = rescan(&house, &[]);
    assert_eq!(changes, [change("Doubt", "unsure", "acknowledged")]);
    assert_eq!(counts(&last), [1, 1, 0, 0]);
    house.wait_for(&[("r1", "drafted")]);
    assert_eq!((house.counted("acknowledged"), house.counted("rejected")), (1, 1));
    assert_eq!(counts(&rescan(&house, &[]).1), [0, 0, 0, 0], "nothing is read twice");

    let day = house.now.checked_sub(jiff::SignedDuration::from_hours(150)).unwrap();
    let day = day.strftime("%Y-%m-%d").to_string();
    let (changes, last) = rescan(&house, &["--all", "--since", &day]);
    assert_eq!(changes, [change("No", "rejected", "acknowledged")]);
    assert_eq!(counts(&last), [1, 1, 0, 0]);
    house.wait_for(&[("r1", "withdrawn")]);
    let said = house.ok(&["show", "r1"]);
    assert!(said.contains("the rules of today do not call it a rejection"), "{said}");

    let (changes, last) = rescan(&house, &["--all"]);
    assert_eq!(changes, [change("News", "noise", "acknowledged")]);
    assert_eq!(counts(&last), [2, 1, 1, 0], "the one told and the one in the mailbox");
    assert_eq!((house.counted("acknowledged"), house.counted("invited")), (3, 1));
    assert_eq!(house.counted("noise"), 0);

    rules(&house, "rejected");
    let said = house.ok(&["rescan", "--all"]);
    assert!(said.contains("acknowledged → rejected"), "{said}");
    let last = "4 mails read again, 3 judged otherwise; 1 stay as you corrected them\n";
    assert!(said.ends_with(last), "{said}");
    house.once();
    assert_eq!((house.counted("rejected"), house.counted("invited")), (3, 1));
    house.wait_for(&[("r1", "withdrawn")]);
    assert_eq!(server.snapshot("anna"), mailbox);
    // Asked for, it is drafted all the same.
    let no: i64 = house.query("SELECT no FROM message WHERE subject = 'No'");
    house.ok(&["draft", &format!("m{no}")]);
    house.once();
    house.wait_for(&[("r1", "withdrawn"), ("r2", "drafted")]);
}

#[test]
fn what_cools_is_left_alone_and_what_turns_out_to_hurt_is_kept_quiet() {
    let house = House::new("1h");
    house.deliver(&called("Old", newsletter("old", "Bulletin").hours_ago(300)));
    house.deliver(&called("New", newsletter("new", "Gazette")));
    house.deliver(&called("Good", confirmation("ack", "Solo", "Engineer")));
    house.deliver(&called("Cools", rejection("no", "Harbor", "Analyst")));
    house.once();
    house.wait_for(&[("r1", "cooling")]);
    rules(&house, "acknowledged");
    let said = house.ok(&["rescan", "--all"]);
    assert!(!said.contains("Cools"), "{said}");
    assert!(said.ends_with("3 mails read again, 2 judged otherwise\n"), "{said}");
    house.wait_for(&[("r1", "cooling")]);

    rules(&house, "rejected");
    let (changes, last) = rescan(&house, &["--all"]);
    assert_eq!(changes, [change("Old", "acknowledged", "rejected")]);
    assert_eq!(last["changed"], 1);
    let quiet = "SELECT group_concat(subject) FROM
                 (SELECT subject FROM message WHERE quiet_until > 0 ORDER BY subject)";
    assert_eq!(house.query::<String>(quiet), "Cools,Good,New");
    assert_eq!(house.counted("rejected"), 1);
    house.once();
    house.wait_for(&[("r1", "cooling")]);
}

#[test]
fn a_rejection_that_was_missed_lately_is_told_and_drafted_only_on_demand() {
    let house = House::new("1s");
    house.deliver(&called("Missed", rejection("no", "Harbor", "Analyst").hours_ago(100)));
    rules(&house, "noise");
    house.once();
    assert_eq!(house.query::<i64>("SELECT count(*) FROM message"), 0);
    fs::remove_file(house.path("rules/own.toml")).unwrap();
    assert_eq!(counts(&rescan(&house, &[]).1), [0, 0, 0, 0], "it was not in doubt");
    let lines = house.json(&["rescan", "--all"]);
    assert_eq!((&lines[0]["id"], &lines[0]["new"]), (&"m1".into(), &"rejected".into()));
    let mut names: Vec<&String> = lines[0].as_object().unwrap().keys().collect();
    names.sort_unstable();
    assert_eq!(names, ["from", "id", "new", "old", "received", "subject", "type"]);
    house.once();
    assert_eq!(house.all_replies(), []);
    assert_eq!((house.counted("rejected"), house.counted("noise")), (1, 0));
    house.ok(&["draft", "m1"]);
    house.once();
    house.wait_for(&[("r1", "drafted")]);
}

#[test]
fn what_became_noise_keeps_no_word_and_what_is_gone_from_the_mailbox_is_counted() {
    let house = House::new("1s");
    let gone = house.deliver(&called("Gone", newsletter("gone", "Bulletin").hours_ago(300)));
    house.deliver(&called("Ack", confirmation("ack", "Solo", "Engineer").hours_ago(300)));
    house.once();
    fs::remove_file(gone).unwrap();
    rules(&house, "noise");
    let said = house.ok(&["rescan", "--all"]);
    let last = "1 mails read again, 1 judged otherwise; 1 are not in the mailbox any more\n";
    assert!(said.ends_with(last), "{said}");
    let wordless = "SELECT count(*) FROM message WHERE text IS NULL AND raw IS NULL
                    AND application IS NULL";
    assert_eq!(house.query::<i64>(wordless), 1);
    assert_eq!(house.counted("acknowledged"), 0);
}

#[test]
fn a_rejection_that_was_heard_of_does_not_vanish_when_rules_are_tried_and_taken_back() {
    let house = House::new("1s");
    let config = fs::read_to_string(house.path("config.toml")).unwrap();
    let longer = config.replace("after_rescinded = \"1s\"", "after_rescinded = \"72h\"");
    assert_ne!(config, longer);
    fs::write(house.path("config.toml"), longer).unwrap();
    house.deliver(&called("No", rejection("no", "Harbor", "Analyst").hours_ago(2)));
    house.once();
    house.wait_for(&[("r1", "drafted")]);
    rules(&house, "acknowledged");
    let (changes, _) = rescan(&house, &["--all"]);
    assert_eq!(changes, [change("No", "rejected", "acknowledged")]);
    fs::remove_file(house.path("rules/own.toml")).unwrap();
    let (changes, _) = rescan(&house, &["--all"]);
    assert_eq!(changes, [change("No", "acknowledged", "rejected")], "told, and not kept quiet");
    assert_eq!(house.counted("rejected"), 1);
    house.ok(&["draft", "m1"]);
}
