//! Nothing tells of a rejection while it cools.

use std::path::Path;
use std::process::Command;

use crate::support::house::{
    House, Mail, PATIENCE, confirmation, form_rejection, invitation, rejection, unsure,
};
use crate::support::wait_until;

/// Of no mail.
const NO_DIGEST: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Every command that could give a cooling rejection away. What changes something is asked
/// on a copy.
const COMMANDS: &[&[&str]] = &[
    &["desk"],
    &["desk", "--all"],
    &["review"],
    &["wins"],
    &["letter"],
    &["wins", "--forget", "1"],
    &["feedback"],
    &["feedback", "m2"],
    &["stats"],
    &["stats", "--since", "2020-01-01"],
    &["stats", "--by", "company"],
    &["applications"],
    &["applications", "--silent"],
    &["applications", "--open"],
    &["applications", "--unclear"],
    &["applications", "show", "a1"],
    &["applications", "show", "a2"],
    &["applications", "show", "a4"],
    &["applications", "set", "a2", "--company", "Lind"],
    &["applications", "set", "a2", "--stage", "in-talks", "--note", "rang"],
    &["applications", "split", "a2", "--message", "m2"],
    &["applications", "merge", "a1", "a2"],
    &["applications", "move", "m2", "--to", "a1"],
    &["applications", "move", "m4", "--to", "a1"],
    &["applications", "alias", "Lindgren", "Harbor"],
    &["applications", "alias", "Lindgren", "Stranger"],
    &["import", "table.csv", "--dry-run"],
    &["import", "table.csv", "--yes"],
    &["forget", "--before", "2026-01-01", "--yes"],
    &["forget", "--account", "work", "--yes"],
    &["report", "--out", "page"],
    &["export", "applications"],
    &["export", "messages"],
    &["export", "replies"],
    &["export", "feedback"],
    &["status"],
    &["show", "r1"],
    &["show", "r2"],
    &["show", "r3"],
    &["approve", "r1", "--seen", NO_DIGEST],
    &["approve", "r2"],
    &["revoke", "r2"],
    &["snooze", "r2", "1d"],
    &["skip", "r2"],
    &["edit", "r2", "--text", "/dev/null"],
    &["resolve", "r2", "sent"],
    &["resolve", "r2", "unsent"],
    &["correct", "m3", "noise"],
    &["correct", "m4", "noise"],
    &["draft", "m2"],
    &["draft", "m4"],
    &["draft", "m4", "--to", "x@y.example"],
    &["remind"],
    &["remind", "r2", "2030-01-01"],
    &["remind", "m4", "2030-01-01"],
    &["remind", "m4", "never"],
    &["rules", "list"],
    &["rules", "check"],
    &["rules", "learn"],
    &["rescan"],
    &["rescan", "--all"],
    &["find"],
    &["find", "--limit", "2"],
    &["find", "--from", "nora"],
    &["pause"],
    &["resume"],
];

/// Refused whatever there is; and a new number goes on behind those that are not shown.
const NOT_COMPARED: &[&[&str]] =
    &[&["review", "--json"], &["import", "table.csv", "--yes", "--json"]];

/// What all commands say, each on a fresh copy of the state.
fn everything(house: &House) -> Vec<(String, String, i32)> {
    let mut said = Vec::new();
    for command in COMMANDS {
        for json in [&["--json"][..], &[]] {
            let arguments = [command, json].concat();
            if NOT_COMPARED.contains(&&arguments[..]) {
                continue;
            }
            let copy = house.path("copy");
            let _ = std::fs::remove_dir_all(&copy);
            copy_directory(&house.path("state"), &copy);
            let (text, code) = house.says_on("copy", &arguments);
            // A command line that is refused as such would prove nothing.
            assert!(!text.starts_with("error: "), "{arguments:?}: {text}");
            said.push((arguments.join(" "), text, code));
        }
    }
    said
}

fn copy_directory(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap();
    assert!(copied.success());
}

fn nothing_tells_of(hidden: &[Mail]) {
    let house = House::new("1h");
    house.deliver(&rejection("old", "Visible", "Engineer").hours_ago(30));
    house.deliver(&confirmation("ack", "Lindgren", "Engineer").hours_ago(300));
    house.deliver(&invitation("talk", "Harbor", "Engineer").hours_ago(300));
    house.once();
    house.wait_for(&[("r1", "drafted")]);
    house.ok(&["show", "r1"]);
    // What cools is in it, too: it must be told to be new.
    let table = "Company,Role,Applied,Status\nStranger,Engineer,2026-11-02,Rejected\n\
                 Harbor,Engineer,2026-11-02,Rejected\n";
    std::fs::write(house.path("table.csv"), table).unwrap();
    let before = everything(&house);
    let known: i64 = house.query("SELECT count(*) FROM message");
    for mail in hidden {
        house.deliver(mail);
    }
    house.once();
    let now: i64 = house.query("SELECT count(*) FROM message WHERE quiet_until > 0");
    assert_eq!((known, now), (3, hidden.len() as i64), "it does not cool");
    for (before, after) in before.into_iter().zip(everything(&house)) {
        assert_eq!(before, after);
    }
}

#[test]
fn no_command_tells_of_a_rejection_that_cools() {
    nothing_tells_of(&[rejection("no", "Stranger", "Engineer")]);
}

#[test]
fn no_command_tells_of_a_rejection_of_a_known_application_or_of_one_nobody_can_answer() {
    nothing_tells_of(&[
        rejection("no-1", "Harbor", "Engineer"),
        form_rejection("no-2", "Lindgren", "Engineer"),
    ]);
}

#[test]
fn no_command_tells_of_a_waiting_time_while_the_rejection_cools() {
    let mut states = rejection("no", "Harbor", "Engineer");
    states.text = states.text.replace("Best", "You may apply again after two days.\r\n\r\nBest");
    nothing_tells_of(&[states]);
}

#[test]
fn no_command_tells_of_an_unsure_mail_that_cools() {
    let unsure = unsure("hm");
    nothing_tells_of(&[unsure]);
}

#[test]
fn a_rejection_is_heard_of_after_the_pause_and_not_before() {
    let house = House::new("2s");
    let daemon = house.start();
    house.deliver(&rejection("no", "Lindgren", "Engineer"));
    wait_until("the mail is read", PATIENCE, || {
        house.query::<i64>("SELECT count(*) FROM message") == 1
    });
    house.wait_for(&[("r1", "drafted")]);
    let (received, drafted): (i64, i64) =
        (house.query("SELECT received_at FROM message"), house.query("SELECT since FROM reply"));
    assert!(drafted - received >= 2_000, "{} ms", drafted - received);
    assert_eq!(daemon.stop(), 0);
}
