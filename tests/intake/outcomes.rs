//! What replies brought: counted by intent, stage, template and delay.

use serde_json::Value;

use super::answers::{FEEDBACK, answer, report};
use crate::support::has;
use crate::support::house::{House, invitation, rejection};
use crate::support::story::sql;

/// Says yes to a reply and lets it leave; its Message-ID.
fn sent(house: &House, reply: &str) -> String {
    let shown: Value = serde_json::from_str(&house.ok(&["show", reply, "--json"])).unwrap();
    house.ok(&["approve", reply]);
    house.once();
    shown["mail"]["message_id"].as_str().unwrap().trim_matches(['<', '>']).to_owned()
}

/// Two replies: one of thanks after a day, one after talks, whose words the user changed.
fn with_two_drafts() -> House {
    let house = House::new("1s");
    house.deliver(&invitation("invited", "Lindgren", "Engineer").hours_ago(150));
    house.deliver(&rejection("no", "Lindgren", "Engineer").hours_ago(100));
    house.deliver(&rejection("form", "Harbor", "Baker").hours_ago(30));
    house.once();
    house.wait_for(&[("r1", "drafted"), ("r2", "drafted")]);
    let text = house.json(&["show", "r1"])[0]["mail"]["text"].as_str().unwrap().to_owned();
    // Put back as it was, it is as it was.
    house.says_to(&text, &["edit", "r1", "--text", "-"]);
    assert_eq!(house.query::<i64>("SELECT sum(edited) FROM reply"), 0);
    let (said, code) =
        house.says_to(&format!("{text}\nPS: Thank you.\n"), &["edit", "r1", "--text", "-"]);
    assert_eq!(code, 0, "{said}");
    house
}

#[test]
fn what_two_replies_brought_is_told_by_intent_stage_template_and_delay() {
    if !has(&["faketime"]) {
        return;
    }
    let mut house = with_two_drafts();
    assert!(!house.ok(&["stats"]).contains("What your replies brought"), "none was sent");
    assert!(house.ok(&["stats", "--replies"]).contains("No reply has been sent yet"));
    let asked = sent(&house, "r1");
    let thanked = sent(&house, "r2");
    report(&house, "failed", &thanked);
    house.pretend(Some("+3d"));
    let mut machine = answer("machine", &asked, "I am out of the office until Monday.\r\n");
    machine.header.push_str("Auto-Submitted: auto-replied\r\n");
    house.deliver(&machine.hours_ago(-1));
    house.deliver(&answer("fb", &asked, FEEDBACK).hours_ago(-72));
    house.once();
    insta::assert_snapshot!("stats_replies", house.ok(&["stats", "--replies"]));
    let page = house.ok(&["stats"]);
    let table = page.split("What your replies brought\n").nth(1).expect(&page);
    let rows: Vec<String> =
        table.lines().map(|row| row.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(rows[1..3], ["thanks 1 0 0 1", "feedback-request 1 1 1 0"], "{page}");
    assert!(!table.contains("By the text"), "{page}");
    let outcomes = house.json(&["stats"])[0]["outcomes"].clone();
    let row = &outcomes["by_template"][0];
    assert_eq!(row["name"], "en/feedback-request.2.txt (changed)");
    let days =
        serde_json::json!({ "median": 3, "lower_quartile": null, "upper_quartile": null, "of": 1 });
    assert_eq!(row["days_to_answer"], days);
    assert_eq!(row["answered_share"], Value::Null, "one is no base");
    // A mail that left says nothing of all this.
    for entry in std::fs::read_dir(house.path("out")).unwrap() {
        let mail = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        assert!(!mail.contains("feedback-request") && !mail.contains(".txt"), "{mail}");
    }
}

#[test]
fn replies_to_what_is_kept_quiet_are_not_counted() {
    let house = with_two_drafts();
    sent(&house, "r2");
    let intents = |arguments: &[&str]| {
        let figures = house.json(arguments)[0].clone();
        figures["outcomes"]["by_intent"].as_array().unwrap().len()
    };
    assert_eq!(intents(&["stats"]), 1);
    assert_eq!(intents(&["stats", "--since", "2100-01-01"]), 0);
    // As a second look at the mail does when it turns out to hurt.
    let quiet = "UPDATE message SET quiet_until = 9999999999999 WHERE message_id LIKE 'form@%'";
    sql(&house.path("state"), quiet);
    assert_eq!(intents(&["stats"]), 0);
    assert_eq!(intents(&["stats", "--cooling"]), 1);
}

#[test]
fn talks_that_only_the_rejection_tells_of_are_counted_once_it_may_be_heard() {
    let house = House::new("1h");
    let mut told = rejection("told", "Lindgren", "Engineer");
    told.text = told.text.replace(
        "thank you for your interest in",
        "thank you for the interviews that you had with us for",
    );
    house.deliver(&told.clone().hours_ago(0));
    house.once();
    let counted = |wanted: [u64; 3]| {
        let figures = house.json(&["stats"])[0].clone();
        let wins = house.json(&["wins"])[0].clone();
        let all = [&figures["invited"], &figures["rejected_after_talks"], &wins["interviews"]];
        assert_eq!(all.map(|it| it.as_u64().unwrap()), wanted, "{figures} {wins}");
    };
    counted([0, 0, 0]);
    sql(&house.path("state"), "UPDATE message SET quiet_until = NULL, released_at = 1");
    counted([1, 1, 1]);
    house.deliver(&rejection("form", "Harbor", "Baker").hours_ago(30));
    house.once();
    house.wait_for(&[("r1", "cooling"), ("r2", "drafted")]);
    assert!(house.ok(&["show", "r2"]).contains("no talks are known of"));
    counted([1, 1, 1]);
    // What the user is still asked about counts for nothing.
    sql(&house.path("state"), "UPDATE message SET question = 'contradicts' WHERE no = 1");
    counted([0, 0, 0]);
}

#[test]
fn the_desk_says_after_talks_when_the_rejection_does() {
    let house = House::new("1s");
    let mut told = rejection("told", "Lindgren", "Engineer");
    told.text =
        told.text.replace("thank you for your interest in", "thank you for interviewing for");
    house.deliver(&told.hours_ago(60));
    house.once();
    house.wait_for(&[("r1", "drafted")]);
    let shown = house.ok(&["show", "r1"]);
    assert!(shown.contains("after talks") && !shown.contains("no talks"), "{shown}");
}
