//! What stays on the desk, what leaves it, and what is asked there.

use std::fs;

use crate::support::has;
use crate::support::house::{House, Mail, confirmation, form_rejection, invitation, rejection};
use crate::support::story::sql;

/// A rejection that says the company and no more.
fn without_role(id: &str, company: &str) -> Mail {
    Mail {
        subject: format!("Your application at {company}"),
        text: format!(
            "Dear Alex,\r\n\r\nthank you for your interest in {company}. Unfortunately, we have \
             decided to move forward with other candidates.\r\n\r\nBest regards,\r\nNora Berg\r\n\
             {company}\r\n"
        ),
        ..rejection(id, company, "Engineer")
    }
}

/// The row of `desk`, without `--all`.
fn on_desk(house: &House, reply: &str) -> Option<serde_json::Value> {
    house.on_desk("reply").into_iter().find(|line| line["reply"] == reply)
}

#[test]
fn a_yes_of_friday_evening_is_good_on_monday_and_not_on_tuesday() {
    if !has(&["faketime"]) {
        return;
    }
    for (day, state) in [("2026-11-23", "sent"), ("2026-11-24", "drafted")] {
        let mut house = House::new("1s");
        let file = house.path("config.toml");
        let config = fs::read_to_string(&file).unwrap();
        let config = config
            .replace("delay = \"0s\"", "delay = \"2m\"\nwhen = \"office-hours\"")
            .replace("00:00-24:00", "09:00-18:00")
            .replace(", \"sat\", \"sun\"", "");
        fs::write(&file, config).unwrap();
        house.now = "2026-11-20T12:00:00Z".parse().unwrap();
        house.deliver(&rejection("no", "Lindgren", "Engineer").hours_ago(3));
        house.pretend(Some("@2026-11-20 12:00:00"));
        house.once();
        house.pretend(Some("@2026-11-20 17:59:00"));
        house.ok(&["show", "r1"]);
        house.ok(&["approve", "r1"]);
        house.pretend(Some("@2026-11-20 18:30:00"));
        house.once();
        house.wait_for(&[("r1", "approved")]);
        house.pretend(Some(&format!("@{day} 10:00:00")));
        house.once();
        house.wait_for(&[("r1", state)]);
        if state == "drafted" {
            let shown = house.ok(&["show", "r1"]);
            assert!(shown.contains("the approval grew too old"), "{shown}");
        }
    }
}

#[test]
fn a_mail_that_cannot_be_built_does_not_bar_the_way_to_the_others() {
    let house = House::new("1s");
    house.deliver(&rejection("a", "Lindgren", "Engineer").hours_ago(30));
    house.deliver(&rejection("b", "Harbor", "Engineer").hours_ago(29));
    house.once();
    house.wait_for(&[("r1", "drafted"), ("r2", "drafted")]);
    sql(&house.path("state"), "UPDATE reply SET envelope_to = 'else@firm.example' WHERE no = 1");
    let shown = house.ok(&["show", "r1"]);
    assert!(shown.contains("The envelope does not name the recipient"), "{shown}");
    let (said, code) = house.says(&["approve", "r1"]);
    assert_eq!(code, 1, "{said}");
    assert_eq!(house.desk().len(), 2);
    let (said, code) = house.says_to("a\ns\na\n", &["review"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("There is nothing to approve"), "{said}");
    let states: Vec<String> = house.all_replies().into_iter().map(|it| it.1).collect();
    assert_eq!(states, ["drafted", "skipped"], "the second was reached: {said}");
    // The daemon makes the mail anew.
    house.once();
    house.ok(&["show", "r1"]);
    house.ok(&["approve", "r1"]);
    house.once();
    house.wait_for(&[("r1", "sent"), ("r2", "skipped")]);
}

#[test]
fn edited_words_are_given_up_for_somebody_better_only() {
    const WORDS: &str = "Dear Nora,\n\nmy own words.\n\nAlex\n";
    for kept in ["drafted", "cooling"] {
        let house = House::new("1s");
        house.deliver(&invitation("talk", "Lindgren", "Engineer").hours_ago(200));
        house.deliver(&form_rejection("form", "Lindgren", "Engineer").hours_ago(30));
        house.once();
        house.wait_for(&[("r1", "drafted")]);
        let (said, code) = house.says_to(WORDS, &["edit", "r1", "--text", "-"]);
        assert_eq!(code, 0, "{said}");
        if kept == "cooling" {
            house.ok(&["snooze", "r1", "3d"]);
        }
        let holds = |words: bool, parent: i64| {
            let text = "SELECT count(*) FROM reply WHERE text LIKE '%my own words%'
                        AND route_mailbox IS NOT NULL";
            assert_eq!(house.query::<i64>(text), i64::from(words), "{kept}");
            assert_eq!(house.query::<i64>("SELECT parent FROM reply"), parent, "{kept}");
        };
        // The same closing said once more, to be answered to the same person.
        house.deliver(&form_rejection("form-2", "Lindgren", "Engineer").hours_ago(20));
        house.once();
        house.wait_for(&[("r1", kept)]);
        holds(true, 2);
        let mut personal = rejection("person", "Lindgren", "Engineer").hours_ago(10);
        personal.from = "Ole Dahl <ole@lindgren.example>".to_owned();
        house.deliver(&personal);
        house.once();
        let parent = 4;
        assert_eq!(house.query::<i64>("SELECT parent FROM reply"), parent, "{kept}");
        holds(false, parent);
    }
}

#[test]
fn an_approved_mail_that_did_not_leave_stays_in_sight_for_a_week() {
    let house = House::new("1s");
    for (id, company) in [("a", "Lindgren"), ("b", "Harbor"), ("c", "Quarry")] {
        house.deliver(&rejection(id, company, "Engineer").hours_ago(30));
    }
    house.once();
    house.wait_for(&[("r1", "drafted"), ("r2", "drafted"), ("r3", "drafted")]);
    house.ok(&["pause"]);
    for reply in ["r1", "r2"] {
        house.ok(&["show", reply]);
        house.ok(&["approve", reply]);
    }
    house.ok(&["revoke", "r2"]);
    for (id, company) in [("x", "Lindgren"), ("y", "Harbor"), ("z", "Quarry")] {
        house.deliver(&invitation(id, company, "Engineer").hours_ago(1));
    }
    house.once();
    house.wait_for(&[("r1", "withdrawn"), ("r2", "withdrawn"), ("r3", "withdrawn")]);
    // The user believes of the first one only that it is out.
    let row = on_desk(&house, "r1").expect("it is in sight");
    assert_eq!(row["notice"], "an invitation came", "{row}");
    assert!(house.ok(&["desk"]).contains("r1: an invitation came"));
    assert_eq!((on_desk(&house, "r2"), on_desk(&house, "r3")), (None, None));
    let day = 24 * 60 * 60 * 1000;
    sql(&house.path("state"), &format!("UPDATE journal SET at = at - {}", 7 * day - 60_000));
    assert!(on_desk(&house, "r1").is_some());
    sql(&house.path("state"), "UPDATE journal SET at = at - 120000");
    assert_eq!(on_desk(&house, "r1"), None);
}

#[test]
fn an_ambiguous_rejection_is_answered_once_the_user_says_that_it_is_one() {
    let house = House::new("1s");
    house.deliver(&confirmation("ack-1", "Lindgren", "Backend Engineer").hours_ago(300));
    house.deliver(&confirmation("ack-2", "Lindgren", "Data Analyst").hours_ago(299));
    house.deliver(&without_role("no", "Lindgren").hours_ago(30));
    let daemon = house.start();
    crate::support::wait_until("the question", crate::support::house::PATIENCE, || {
        !house.on_desk("question").is_empty()
    });
    let asked = house.on_desk("question");
    assert_eq!(asked[0]["question"], "ambiguous", "{asked:?}");
    let message = asked[0]["message"].as_str().unwrap();
    assert_eq!(house.all_replies(), []);
    // A draft needs an answer to the question first, and that is told as a failure.
    let (said, code) = house.says(&["draft", message]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains(&format!("regards correct {message} rejected")), "{said}");
    assert_eq!(house.all_replies(), []);
    house.ok(&["correct", message, "rejected"]);
    house.wait_for(&[("r1", "drafted")]);
    assert_eq!(house.on_desk("question").len(), 0);
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn a_contradiction_and_the_users_own_mail_are_refused_with_exit_code_1() {
    let house = House::new("1s");
    house.deliver(&rejection("no", "Lindgren", "Engineer").hours_ago(30));
    house.once();
    // Only an accepted offer can be contradicted, and no mail says that one was accepted.
    sql(&house.path("state"), "DELETE FROM reply; UPDATE message SET question = 'contradicts'");
    let mut own = rejection("mine", "Lindgren", "Engineer").hours_ago(1);
    own.from = "Alex Morgan <alex@example.org>".to_owned();
    own.header = "In-Reply-To: <no@lindgren.example>\r\n".to_owned();
    house.deliver(&own);
    let daemon = house.start();
    let refused = |arguments: &[&str], words: &str| {
        let (said, code) = house.says(arguments);
        assert_eq!(code, 1, "{arguments:?}: {said}");
        assert!(said.contains(words), "{arguments:?}: {said}");
        assert_eq!(house.all_replies(), []);
    };
    refused(&["draft", "m1"], "m1 is no rejection of an application");
    refused(&["draft", "m2"], "m2 is no rejection of an application");
    refused(&["correct", "m2", "rejected"], "m2 is your own mail");
    house.ok(&["correct", "m1", "rejected"]);
    house.wait_for(&[("r2", "drafted")]);
    let (said, code) = house.says(&["draft", "m1"]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("There is a reply already: regards show r2"), "{said}");
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn a_rejection_to_somebody_else_is_marked() {
    let house = House::new("1s");
    let mail = rejection("no", "Lindgren", "Engineer").hours_ago(30);
    let bytes = String::from_utf8(mail.bytes(house.now)).unwrap();
    let list = bytes.replace("To: Alex Morgan <alex@example.org>", "To: <list@else.example>");
    crate::support::house::put(&house.path("Maildir"), list.as_bytes());
    house.deliver(&rejection("b", "Harbor", "Engineer").hours_ago(29));
    house.once();
    house.wait_for(&[("r1", "drafted"), ("r2", "drafted")]);
    let marked = |reply: &str| house.ok(&["show", reply]).contains("was not addressed to you");
    let to_list = house.query::<String>("SELECT company FROM message WHERE no = 1");
    let (strange, mine) = if to_list == "Lindgren" { ("r1", "r2") } else { ("r2", "r1") };
    assert!(marked(strange) && !marked(mine));
}

#[test]
fn a_yes_under_a_brake_says_what_it_waits_for() {
    let house = House::new("1s");
    house.deliver(&rejection("a", "Lindgren", "Engineer").hours_ago(30));
    house.deliver(&rejection("b", "Harbor", "Engineer").hours_ago(29));
    house.once();
    house.ok(&["pause"]);
    house.ok(&["show", "r1"]);
    let said = house.ok(&["approve", "r1"]);
    assert!(said.contains("r1 is approved and waits"), "{said}");
    assert!(said.contains("regards resume") && !said.contains("leaves at"), "{said}");
    let (said, _) = house.says_to("a\n", &["review"]);
    assert!(said.contains("r2 is approved and waits"), "{said}");
    house.ok(&["resume"]);
    house.once();
    house.wait_for(&[("r1", "sent"), ("r2", "sent")]);
}

#[test]
fn what_was_typed_into_a_refused_edit_is_kept() {
    use std::os::unix::fs::PermissionsExt;
    let house = House::new("1s");
    house.deliver(&rejection("a", "Lindgren", "Engineer").hours_ago(30));
    house.once();
    house.wait_for(&[("r1", "drafted")]);
    house.ok(&["skip", "r1"]);
    let (said, code) =
        house.says_to("Dear Nora,\n\nhours of work.\n", &["edit", "r1", "--text", "-"]);
    assert_eq!(code, 1, "{said}");
    // What lies in a file of the user's needs no second one.
    let (from_file, code) = house.says(&["edit", "r1", "--text", "/dev/null"]);
    assert_eq!((from_file.contains("your text is in"), code), (false, 1), "{from_file}");
    let path = said.split_once("your text is in ").expect(&said).1;
    let path = std::path::Path::new(path.lines().next().unwrap());
    assert_eq!(fs::read_to_string(path).unwrap(), "Dear Nora,\n\nhours of work.\n");
    assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    fs::remove_file(path).unwrap();
}

#[test]
fn a_draft_for_a_skipped_rejection_has_the_intent_that_the_user_names() {
    let house = House::new("1s");
    house.deliver(&rejection("no", "Lindgren", "Engineer").hours_ago(30));
    let daemon = house.start();
    house.wait_for(&[("r1", "drafted")]);
    assert_eq!(house.json(&["show", "r1"])[0]["mail"]["intent"], "thanks");
    house.ok(&["skip", "r1"]);
    house.ok(&["draft", "m1", "--intent", "keep-in-touch"]);
    house.wait_for(&[("r1", "skipped"), ("r2", "drafted")]);
    let mail = house.json(&["show", "r2"])[0]["mail"].clone();
    assert_eq!(mail["intent"], "keep-in-touch");
    assert_ne!(mail["text"], house.json(&["show", "r1"])[0]["mail"]["text"]);
    let (said, code) = house.says(&["draft", "m1", "--intent", "revenge"]);
    assert!(code == 2 && said.contains("is none of thanks"), "{said}");
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn what_cannot_be_edited_is_told_before_the_editor_opens_and_a_void_yes_is_told() {
    let house = House::new("1s");
    house.deliver(&rejection("no", "Lindgren", "Engineer").hours_ago(30));
    let daemon = house.start();
    house.wait_for(&[("r1", "drafted")]);
    house.ok(&["pause"]);
    house.ok(&["show", "r1"]);
    house.ok(&["approve", "r1"]);
    fs::write(house.path("text"), "Thank you.\n").unwrap();
    let text = house.path("text");
    let said = house.ok(&["edit", "r1", "--text", text.to_str().unwrap()]);
    assert!(said.contains("is void: regards show r1"), "{said}");
    house.ok(&["snooze", "r1", "3d"]);
    // An editor that were started would end badly and say so.
    let said = house.refused(&["edit", "r1"]);
    assert!(said.contains("A reply that is cooling cannot be edited"), "{said}");
    assert!(said.contains("regards snooze ID 0s"), "{said}");
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn what_holds_of_all_drafts_is_told_once() {
    const WORDS: &str = "no copy of what you send can be looked for";
    let house = House::new("1s");
    house.deliver(&rejection("a", "Lindgren", "Engineer").hours_ago(30));
    house.deliver(&rejection("b", "Harbor", "Engineer").hours_ago(29));
    house.once();
    house.wait_for(&[("r1", "drafted"), ("r2", "drafted")]);
    let desk = house.ok(&["desk"]);
    assert_eq!(desk.matches(WORDS).count(), 1, "{desk}");
    assert_eq!(house.on_desk("warning").len(), 1);
    assert!(desk.contains("r1  m1") && desk.contains("r2  m2"), "the mails' numbers: {desk}");
    let shown = house.ok(&["show", "r1"]);
    assert!(!shown.contains("no copy") && shown.contains("m1, rejected on"), "{shown}");
    let (reviewed, _) = house.says_to("s\ns\n", &["review"]);
    assert_eq!(reviewed.matches(WORDS).count(), 1, "{reviewed}");
    // Nothing is left that could leave.
    assert!(!house.ok(&["desk", "--all"]).contains("no copy"));
}

#[test]
fn broken_rules_of_ones_own_are_told_by_status() {
    let house = House::new("1s");
    house.once();
    let rules = || -> Vec<_> {
        house.json(&["status"]).into_iter().filter(|line| line["type"] == "rules").collect()
    };
    assert!(rules().is_empty());
    fs::write(house.path("rules/mine.toml"), "[[rule]]\nsymbol = 'X'\n").unwrap();
    let why = rules()[0]["why"].as_str().unwrap().to_owned();
    assert!(why.contains("mine.toml"), "{why}");
    let said = house.ok(&["status"]);
    assert!(said.contains("Your own rules are not in force: mine.toml"), "{said}");
    assert!(said.contains("→ regards rules check"), "{said}");
}
