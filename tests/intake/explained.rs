//! A verdict explains itself, later too, and when the user or the rules have changed.

use std::fs;

use super::corrected::everything_is;
use crate::support::house::{House, confirmation, rejection};

#[test]
fn a_kept_mail_is_explained_by_the_verdict_that_was_given() {
    let house = House::new("1s");
    let mail = rejection("no", "Lindgren", "Engineer").hours_ago(30);
    let file = house.deliver(&mail);
    let fresh = house.json(&["explain", file.to_str().unwrap()])[0].clone();
    house.once();
    let kept = house.json(&["explain", "m1"])[0].clone();
    // Keeping it has made its thread and its application known; that was no reason.
    for field in ["kind", "probability", "symbols", "hits", "company", "role", "language"] {
        assert_eq!(kept[field], fresh[field], "{field}");
    }
    assert_eq!((&kept["toward"], &kept["today"]), (&"rejected".into(), &serde_json::Value::Null));
    fs::write(house.path("rules/own.toml"), everything_is("noise")).unwrap();
    let later = house.json(&["explain", "m1"])[0].clone();
    assert_eq!((&later["kind"], &later["hits"]), (&kept["kind"], &kept["hits"]));
    assert_eq!(later["today"]["kind"], "noise");
    assert!(house.ok(&["explain", "m1"]).contains("today    the rules would say noise"));
}

#[test]
fn the_weights_are_told_toward_the_kind_that_was_decided() {
    let house = House::new("1s");
    let file = house.deliver(&confirmation("ack", "Harbor", "Analyst"));
    let told = &house.json(&["explain", file.to_str().unwrap()])[0];
    assert_eq!((&told["kind"], &told["toward"]), (&"acknowledged".into(), &"acknowledged".into()));
    let strongest = &told["hits"][0];
    assert!(strongest["weight"].as_f64().unwrap() > 1.0, "{strongest}");
    let page = house.ok(&["explain", file.to_str().unwrap()]);
    assert!(page.contains("speaks for acknowledged\n    +"), "{page}");
}

#[test]
fn a_refusal_of_something_else_is_told_to_lack_an_application() {
    let house = House::new("1s");
    let loan = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mail/noise/loan-refused.eml");
    let told = &house.json(&["explain", loan])[0];
    assert_eq!((&told["kind"], &told["missing"]), (&"noise".into(), &"OWN_APPLICATION".into()));
    let page = house.ok(&["explain", loan]);
    assert!(page.contains("(OWN_APPLICATION did not fire)"), "{page}");
}

#[test]
fn what_sounds_like_a_no_and_says_none_is_asked_about_with_the_reason() {
    let house = House::new("1s");
    let hints =
        concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mail/unsure/many-applied-papers-destroyed.eml");
    let told = &house.json(&["explain", hints])[0];
    assert_eq!((&told["kind"], &told["asked_by"]), (&"unsure".into(), &"MAYBE_NO".into()));
    let page = house.ok(&["explain", hints]);
    assert!(page.contains("Asked about for MAYBE_NO: About an application"), "{page}");
}

#[test]
fn a_corrected_mail_is_headed_as_told_by_the_user() {
    let house = House::new("1s");
    house.deliver(&rejection("no", "Lindgren", "Engineer").hours_ago(30));
    house.once();
    house.ok(&["correct", "m1", "invited"]);
    house.once();
    let page = house.ok(&["explain", "m1"]);
    let heading = page.lines().next().unwrap();
    assert!(heading.starts_with("m1  invited (as you told; the rules gave P("), "{heading}");
    let told = &house.json(&["explain", "m1"])[0];
    assert_eq!((&told["kind"], &told["corrected"]), (&"invited".into(), &true.into()));
    assert!(told["probability"].as_f64().unwrap() > 0.9, "{told}");
    assert_eq!(told["today"]["kind"], "rejected");
}

#[test]
fn a_reply_is_told_from_a_mail() {
    let house = House::new("1s");
    house.deliver(&rejection("no", "Lindgren", "Engineer").hours_ago(30));
    house.once();
    let (said, code) = house.says(&["explain", "r1"]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("r1 is a reply, not a mail"), "{said}");
    assert!(said.contains("regards explain m1"), "{said}");
    let said = house.refused(&["explain", "r2"]);
    assert!(said.contains("There is no reply r2"), "{said}");
}

#[test]
fn a_directory_without_mail_is_told_as_such() {
    let house = House::new("1s");
    fs::write(house.path("rules/notes"), "no mail at all").unwrap();
    for arguments in [&["explain", "rules"][..], &["explain", "rules", "--json"]] {
        let path = house.path("rules").display().to_string();
        let arguments: Vec<&str> =
            arguments.iter().map(|it| if *it == "rules" { path.as_str() } else { it }).collect();
        let said = house.refused(&arguments);
        assert!(said.contains("No mail was found in"), "{said}");
    }
}
