//! What is kept is the user's: erased so that no byte of it stays, copied and put back, and
//! not kept for ever.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::json;

use crate::support::house::{House, confirmation, invitation, rejection};
use crate::support::story::{days_pass, sql};

/// A word that stands in nothing but the mail to be forgotten.
const CANARY: &str = "canary";

/// The files of the state directory that hold the word, in any case.
fn holding(state: &Path, word: &str) -> Vec<String> {
    let mut holding = Vec::new();
    for entry in fs::read_dir(state).unwrap() {
        let path = entry.unwrap().path();
        // A socket cannot be read, and holds nothing.
        let Ok(bytes) = fs::read(&path) else { continue };
        let bytes = bytes.to_ascii_lowercase();
        if bytes.windows(word.len()).any(|window| window == word.as_bytes()) {
            holding.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
    holding
}

/// A house with an answered rejection by Canarycorp, all about it written down, and a
/// rejection by Quarry whose draft lies on the desk.
fn house_with_canary() -> House {
    let house = House::new("1s");
    house.deliver(&invitation("talk", "Canarycorp", "Engineer").hours_ago(200));
    house.deliver(&rejection("no", "Canarycorp", "Engineer").hours_ago(30));
    house.once();
    house.wait_for(&[("r1", "drafted")]);
    let text = "Dear Nora Berg,\n\nthank you for your canary and for your time.\n\nAlex Morgan\n";
    fs::write(house.path("text"), text).unwrap();
    house.ok(&["edit", "r1", "--text", house.path("text").to_str().unwrap()]);
    house.ok(&["show", "r1"]);
    house.ok(&["approve", "r1"]);
    house.once();
    house.wait_for(&[("r1", "sent")]);
    house.ok(&["remind", "r1", "3", "months"]);
    let thought = "INSERT INTO reflection (at, application, reply, question, text)
                   SELECT 0, application, no, 'went-well', 'the canary' FROM reply";
    sql(&house.path("state"), thought);
    house.deliver(&rejection("other", "Quarry", "Engineer").hours_ago(29));
    house.once();
    house.wait_for(&[("r1", "sent"), ("r2", "drafted")]);
    house
}

/// As after a new UIDVALIDITY: every mail is met once more.
fn all_mail_is_met_again(house: &House) {
    sql(&house.path("state"), "DELETE FROM sighting; UPDATE folder SET uid_next = 0");
    house.once();
    assert_eq!(house.query::<i64>("SELECT count(*) FROM sighting"), 3);
}

#[test]
fn no_byte_of_a_forgotten_application_stays_and_it_does_not_come_back() {
    let house = house_with_canary();
    let state = house.path("state");
    assert!(!holding(&state, CANARY).is_empty(), "there is something to forget");
    // Beside the running daemon, as a user does it.
    let daemon = house.start();
    let (said, code) = house.says_to("y\n", &["forget", "--application", "r1"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("Canarycorp") && said.contains("2 mails and 1 reply"), "{said}");
    assert_eq!(holding(&state, CANARY), [""; 0]);
    assert_eq!(house.all_replies().len(), 1, "the other one stays");
    assert_eq!(daemon.stop(), 0);
    assert_eq!(holding(&state, CANARY), [""; 0], "the daemon had nothing of it left to write");

    all_mail_is_met_again(&house);
    assert_eq!(holding(&state, CANARY), [""; 0]);
    house.wait_for(&[("r2", "drafted")]);
    assert_eq!(house.counted("rejected"), 1, "it is in no figure");
    house.ok(&["rescan", "--all"]);
    assert_eq!(holding(&state, CANARY), [""; 0]);
    assert_eq!(house.query::<i64>("SELECT count(*) FROM pragma_foreign_key_check"), 0);
    assert_eq!(house.query::<i64>("SELECT count(*) FROM message"), 1);

    // The mailbox is not changed, and the user may take a mail in again.
    let found = house.json(&["find", "--from", CANARY]);
    assert_eq!(found.len(), 2, "{found:?}");
    let id = found.iter().find(|it| it["kind"] == "rejected").unwrap()["id"].as_str().unwrap();
    let daemon = house.start();
    house.ok(&["correct", id, "rejected"]);
    drop(daemon);
    assert_eq!(house.counted("rejected"), 2);
}

#[test]
fn everything_can_be_forgotten_old_mail_or_an_account() {
    for (arguments, mails, left) in [
        (&["forget", "--all", "--yes"][..], 3, 0),
        (&["forget", "--before", "2999-01-01", "--yes"], 3, 0),
        (&["forget", "--account", "work", "--yes"], 3, 0),
        (&["forget", "--before", "2001-01-01", "--yes"], 0, 3),
        (&["forget", "--application", "a1", "--yes"], 2, 1),
    ] {
        let house = house_with_canary();
        let told = house.json(arguments);
        assert_eq!(told[0]["mails"], mails, "{arguments:?} {told:?}");
        assert_eq!(house.query::<i64>("SELECT count(*) FROM message"), left, "{arguments:?}");
        let word = if left == 0 { "berg" } else { CANARY };
        assert_eq!(holding(&house.path("state"), word).is_empty(), mails > 0, "{arguments:?}");
        all_mail_is_met_again(&house);
        assert_eq!(house.query::<i64>("SELECT count(*) FROM message"), left, "{arguments:?}");
    }
}

#[test]
fn what_was_entered_before_a_day_is_forgotten_with_the_mail_of_that_time() {
    let house = House::new("1s");
    house.once();
    for (company, day) in [("Sillword", "2024-03-01"), ("Lindgren", "2025-03-01")] {
        house.ok(&["applications", "add", "--company", company, "--on", day]);
    }
    house.ok(&["forget", "--before", "2025-01-01", "--yes"]);
    let left = house.json(&["applications"]);
    assert_eq!((left.len(), &left[0]["company"]), (1, &"Lindgren".into()), "{left:?}");
    assert!(holding(&house.path("state"), "sillword").is_empty());
}

#[test]
fn what_went_on_after_a_day_keeps_its_beginning() {
    let house = House::new("1s");
    house.deliver(&confirmation("old", "Lindgren", "Engineer").hours_ago(24 * 40));
    house.deliver(&rejection("no", "Lindgren", "Engineer").hours_ago(24 * 20));
    house.deliver(&confirmation("gone", "Harbor", "Baker").hours_ago(24 * 40));
    house.once();
    let before = house.now - jiff::SignedDuration::from_hours(24 * 30);
    let date = before.strftime("%F").to_string();
    let told = house.json(&["forget", "--before", &date, "--yes"]);
    assert_eq!(told[0], json!({ "applications": 1, "mails": 1, "replies": 0 }), "{told:?}");
    let figures = house.json(&["stats"]).remove(0);
    assert_eq!(figures["applications"], 1, "{figures}");
    assert_eq!(figures["rejection"]["median"], 20, "{figures}");
}

#[test]
fn what_cools_is_not_told_by_what_an_old_day_leaves() {
    let house = House::new("90d");
    house.deliver(&confirmation("old", "Lindgren", "Engineer").hours_ago(24 * 40));
    house.deliver(&confirmation("on", "Harbor", "Baker").hours_ago(24 * 40));
    house.deliver(&rejection("no", "Lindgren", "Engineer").hours_ago(2));
    house.once();
    let harbor = house.json(&["applications"]);
    let harbor = harbor.iter().find(|it| it["company"] == "Harbor").unwrap();
    let no = harbor["application"].as_str().unwrap().to_owned();
    house.ok(&["applications", "set", &no, "--stage", "in-talks"]);
    let before = house.now - jiff::SignedDuration::from_hours(24 * 30);
    let date = before.strftime("%F").to_string();
    let told = house.json(&["forget", "--before", &date, "--yes"]);
    assert_eq!(told[0], json!({ "applications": 1, "mails": 1, "replies": 0 }), "{told:?}");
    let left = house.json(&["applications"]);
    assert_eq!((left.len(), &left[0]["company"]), (1, &"Harbor".into()), "the other went on");
}

#[test]
fn an_account_that_is_gone_can_be_forgotten_with_its_name() {
    let house = house_with_canary();
    for below in ["cur", "new", "tmp"] {
        fs::create_dir_all(house.path("Other").join(below)).unwrap();
    }
    house.configure("1s", "maildir = { path = \"Other\" }");
    house.once();
    let state = house.path("state");
    assert!(!holding(&state, "/maildir").is_empty());
    let told = house.json(&["forget", "--account", "nobody", "--yes"]);
    assert_eq!(told.len(), 0);
    // Both are called `work`: the whole name tells them apart.
    let old = format!("alex@example.org@{}", house.path("Maildir").display());
    let told = house.json(&["forget", "--account", &old, "--yes"]);
    assert_eq!(told[0]["mails"], 3, "{told:?}");
    assert_eq!(holding(&state, "/maildir"), [""; 0]);
}

#[test]
fn nothing_is_forgotten_without_a_yes_and_nothing_half() {
    let house = house_with_canary();
    let (said, code) = house.says_to("n\n", &["forget", "--all"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("Erase everything: 2 applications, 3 mails and 2 replies?"), "{said}");
    assert!(said.contains("Nothing was erased"), "{said}");
    for wrong in [
        &["forget", "--all", "--json"][..],
        &["forget"],
        &["forget", "--yes"],
        &["forget", "--all", "--application", "a1"],
        &["forget", "--before", "yesterday"],
    ] {
        assert_eq!(house.says(wrong).1, 2, "{wrong:?}");
    }
    for nothing in ["a9", "r9", "m9"] {
        let said = house.refused(&["forget", "--application", nothing, "--yes"]);
        assert!(said.contains(nothing), "{said}");
    }
    // What is on its way keeps its row until it is known what came of it.
    sql(&house.path("state"), "UPDATE reply SET state = 'sending' WHERE no = 1");
    let said = house.refused(&["forget", "--all", "--yes"]);
    assert!(said.contains("being sent just now"), "{said}");
    assert_eq!(house.query::<i64>("SELECT count(*) FROM message"), 3);
}

#[test]
fn what_is_kept_quiet_is_forgotten_with_the_rest_and_not_counted() {
    let house = House::new("90d");
    house.deliver(&confirmation("here", "Lindgren", "Engineer").hours_ago(200));
    house.deliver(&rejection("no", "Lindgren", "Engineer").hours_ago(2));
    house.once();
    assert_eq!(house.query::<i64>("SELECT count(*) FROM message"), 2);
    let (said, _) = house.says_to("n\n", &["forget", "--application", "a1"]);
    assert!(said.contains("1 application, 1 mail and 0 replies"), "{said}");
    let told = house.json(&["forget", "--all", "--yes"]);
    assert_eq!((&told[0]["mails"], &told[0]["replies"]), (&1.into(), &0.into()), "{told:?}");
    assert_eq!(house.query::<i64>("SELECT count(*) FROM message"), 0);
    assert_eq!(house.query::<i64>("SELECT count(*) FROM reply"), 0);
    sql(&house.path("state"), "DELETE FROM sighting; UPDATE folder SET uid_next = 0");
    house.once();
    assert_eq!(house.query::<i64>("SELECT count(*) FROM message"), 0, "it does not come back");
}

#[test]
fn a_backup_is_private_whole_and_can_be_put_back() {
    let house = house_with_canary();
    let daemon = house.start();
    let copy = house.path("copy.db");
    let path = copy.to_str().unwrap();
    let said = house.ok(&["backup", path]);
    let database = house.path("state/regards.db");
    for step in [format!("rm -f '{}-wal'", database.display()), format!("cp '{path}'")] {
        assert!(said.contains(&step), "{said}");
    }
    assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    let said = house.refused(&["backup", path]);
    assert!(said.contains("--force"), "{said}");
    house.ok(&["skip", "r2"]);
    assert_eq!(house.json(&["backup", path, "--force"]).len(), 1);
    let said = house.refused(&["backup", house.path("no/where.db").to_str().unwrap()]);
    assert!(said.contains("where.db"), "{said}");
    let files = fs::read_dir(house.path("")).unwrap().filter_map(Result::ok);
    let left: Vec<_> =
        files.filter(|it| it.file_name().to_string_lossy().starts_with(".")).collect();
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(daemon.stop(), 0);

    // Gone, and put back as it was told.
    house.ok(&["forget", "--all", "--yes"]);
    let _ = fs::remove_file(house.path("state/regards.db-wal"));
    let _ = fs::remove_file(house.path("state/regards.db-shm"));
    fs::copy(&copy, &database).unwrap();
    house.wait_for(&[("r1", "sent"), ("r2", "skipped")]);
    house.once();
    assert_eq!(house.query::<String>("PRAGMA integrity_check"), "ok");
    assert_eq!(fs::read_dir(house.path("out")).unwrap().count(), 1, "nothing is sent twice");
}

#[test]
fn the_text_of_what_ended_a_year_ago_is_forgotten_and_what_was_found_stays() {
    let house = house_with_canary();
    house.deliver(&confirmation("open", "Bellows", "Engineer").hours_ago(20));
    house.once();
    let with_text = || house.query::<i64>("SELECT count(*) FROM message WHERE text IS NOT NULL");
    let days = |days: i64| {
        days_pass(&house.path("state"), days);
        // It is looked once a day; that day has passed, too. What waits goes on waiting.
        let span = days * 86_400_000;
        let waits = format!(
            "DELETE FROM meta WHERE key = 'old_text_looked_at';
             UPDATE reminder SET due = due + {span};
             UPDATE reply SET since = since + {span} WHERE state = 'drafted'"
        );
        sql(&house.path("state"), &waits);
        house.once();
    };
    days(363);
    assert_eq!(with_text(), 4);
    // A follow-up to r1 waits, r2 lies on the desk, Bellows is open.
    days(3);
    assert_eq!(with_text(), 4, "an answer may be made of it");
    house.ok(&["remind", "r1", "never"]);
    house.ok(&["skip", "r2"]);
    days(1);
    assert_eq!(with_text(), 1, "the open one");
    assert_eq!(house.query::<i64>("SELECT count(*) FROM message WHERE raw IS NOT NULL"), 1);
    assert!(house.ok(&["explain", "m2"]).contains("rejected"));
    assert_eq!(house.counted("rejected"), 2);
    assert!(house.ok(&["desk", "--all"]).contains("Canarycorp"));
}

#[test]
fn a_renamed_account_keeps_its_history_and_what_waits_in_a_removed_one_is_withdrawn() {
    let house = house_with_canary();
    house.deliver(&rejection("later", "Bellows", "Engineer").hours_ago(1));
    house.once();
    house.wait_for(&[("r1", "sent"), ("r2", "drafted"), ("r3", "drafted")]);
    house.ok(&["show", "r3"]);
    house.ok(&["pause"]);
    house.ok(&["approve", "r3"]);
    let config = house.path("config.toml");
    let renamed = fs::read_to_string(&config).unwrap().replace("account.work", "account.jobs");
    fs::write(&config, &renamed).unwrap();
    house.once();
    house.wait_for(&[("r1", "sent"), ("r2", "drafted"), ("r3", "approved")]);
    assert_eq!(house.query::<i64>("SELECT count(*) FROM account"), 1);
    assert_eq!(house.query::<String>("SELECT label FROM account"), "jobs");

    for below in ["cur", "new", "tmp"] {
        fs::create_dir_all(house.path("Other").join(below)).unwrap();
    }
    fs::write(&config, renamed.replace("\"Maildir\"", "\"Other\"")).unwrap();
    house.ok(&["resume"]);
    house.once();
    house.wait_for(&[("r1", "sent"), ("r2", "withdrawn"), ("r3", "withdrawn")]);
    let why = house.json(&["show", "r3"]);
    assert!(why[0].to_string().contains("the account was removed"), "{why:?}");
    assert_eq!(fs::read_dir(house.path("out")).unwrap().count(), 1);
}
