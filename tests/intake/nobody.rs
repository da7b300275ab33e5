//! Rejections that nobody can be answered to, on the desk.

use crate::support::house::{House, Mail, form_rejection, invitation, rejection};
use crate::support::story::sql;

/// A personal rejection whose sender the provider could not confirm.
fn forged(id: &str, company: &str) -> Mail {
    let mail = rejection(id, company, "Engineer");
    Mail { header: "Authentication-Results: mx.example.org; dmarc=fail\r\n".to_owned(), ..mail }
}

#[test]
fn a_rejection_that_nobody_can_be_answered_to_is_told_with_the_reason() {
    let house = House::new("1s");
    house.deliver(&form_rejection("form", "Lindgren", "Engineer").hours_ago(30));
    house.deliver(&forged("forged", "Harbor").hours_ago(29));
    // Somebody wrote earlier: that person is drafted to.
    house.deliver(&invitation("talk", "Quarry", "Engineer").hours_ago(200));
    house.deliver(&form_rejection("known", "Quarry", "Engineer").hours_ago(28));
    // Old at the first look: history.
    house.deliver(&form_rejection("old", "Bellows", "Engineer").hours_ago(300));
    house.once();
    house.wait_for(&[("r1", "drafted")]);
    let mut listed = house.on_desk("nobody");
    listed.sort_by_key(|it| it["company"].to_string());
    let told = |name: &str| -> Vec<_> { listed.iter().map(|it| it[name].clone()).collect() };
    assert_eq!(told("company"), ["Harbor", "Lindgren"], "{listed:?}");
    assert_eq!(told("warning"), ["dmarc-failed".into(), serde_json::Value::Null]);
    let desk = house.ok(&["desk"]);
    let (drafts, nobody) = desk.split_once("Nobody to write to").expect("the section");
    assert!(drafts.contains("Quarry") && !drafts.contains("Harbor"), "{desk}");
    assert!(nobody.contains("no-reply@lindgren.example takes no answers"), "{desk}");
    assert!(nobody.contains("! your mail provider could not confirm that this came"), "{desk}");
    assert!(nobody.contains("--to ADDRESS` writes anyway"), "{desk}");

    // Written to after all: it has a reply and is off the list, also when that has ended.
    let message = listed[1]["message"].as_str().unwrap().to_owned();
    let to = ["draft", message.as_str(), "--to", "jobs@lindgren.example"];
    let (said, code) = house.says_to("y\ny\n", &to);
    assert_eq!(code, 0, "{said}");
    house.once();
    house.wait_for(&[("r1", "drafted"), ("r2", "drafted")]);
    assert_eq!(house.on_desk("nobody").len(), 1);
    house.ok(&["skip", "r2"]);
    house.deliver(&form_rejection("again", "Lindgren", "Engineer").hours_ago(2));
    house.once();
    assert_eq!(house.query::<i64>("SELECT count(*) FROM message WHERE released_at > 0"), 4);
    assert_eq!(house.on_desk("nobody").len(), 1, "the same refusal said once more");
    let day = 24 * 60 * 60 * 1000;
    let back = |by: i64| {
        let back = format!("UPDATE message SET released_at = released_at - {by}");
        sql(&house.path("state"), &back);
    };
    back(14 * day - 600_000);
    assert_eq!(house.on_desk("nobody").len(), 1);
    back(660_000);
    assert_eq!(house.on_desk("nobody").len(), 0, "two weeks are enough");
    assert!(!house.ok(&["desk"]).contains("Nobody to write to"));
}

#[test]
fn nothing_is_told_before_the_pause_is_over() {
    let house = House::new("1h");
    house.deliver(&form_rejection("form", "Lindgren", "Engineer"));
    house.once();
    assert_eq!(house.query::<i64>("SELECT count(*) FROM message WHERE addressee = 'nobody'"), 1);
    for arguments in [&["desk"][..], &["desk", "--all"], &["desk", "--cooling"]] {
        let said = house.ok(arguments);
        assert!(!said.contains("Nobody to write to") && !said.contains("Lindgren"), "{said}");
    }
    assert!(house.on_desk("nobody").is_empty());
}

#[test]
fn the_desk_stays_short() {
    let house = House::new("1s");
    for (at, company) in
        ["Ash", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Gorse"].iter().enumerate()
    {
        let hours = 30 + i64::try_from(at).unwrap();
        house.deliver(&form_rejection("form", company, "Engineer").hours_ago(hours));
    }
    house.once();
    let entries = |said: &str| said.matches("takes no answers").count();
    let desk = house.ok(&["desk"]);
    assert!(desk.starts_with("The desk is empty: no draft waits for you."), "{desk}");
    assert_eq!(entries(&desk), 5, "{desk}");
    assert!(desk.contains("and 2 more: regards desk --all"), "{desk}");
    let all = house.ok(&["desk", "--all"]);
    assert_eq!(entries(&all), 7, "{all}");
    assert!(!all.contains("more:"), "{all}");
    assert_eq!(house.on_desk("nobody").len(), 7, "a script gets all of them");
}
