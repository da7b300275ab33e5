//! Weights learned from the user's corrections, by the real program.

use std::fs;

use serde_json::json;

use crate::support::house::{House, Mail, PATIENCE, confirmation};
use crate::support::process::Daemon;
use crate::support::wait_until;

/// A word that somebody took for a sign of an invitation.
const MISLEADING: &str = "
[[rule]]
symbol = 'OWN_MARK'
describe = 'The word of these tests'
where = 'subject'
any = ['\\bxmarkx\\b']
[weights]
OWN_MARK = { invited = 12.0 }
";

fn marked(number: usize) -> Mail {
    let mail = confirmation(&format!("ack-{number}"), &format!("Firm{number}"), "Engineer");
    Mail { subject: "We received your application xmarkx".to_owned(), ..mail }.hours_ago(300)
}

/// So many confirmations that the rules take for invitations, all but one corrected.
fn misled(many: usize) -> (House, Daemon) {
    let house = House::new("1s");
    fs::write(house.path("rules/own.toml"), MISLEADING).unwrap();
    (0..many).for_each(|number| drop(house.deliver(&marked(number))));
    let daemon = house.start();
    assert_eq!(house.counted("invited"), many as u64);
    for number in 1..many {
        house.ok(&["correct", &format!("m{number}"), "acknowledged"]);
    }
    (house, daemon)
}

fn learned(house: &House) -> Option<String> {
    fs::read_to_string(house.path("rules/zz-learned.toml")).ok()
}

#[test]
fn ten_corrections_teach_after_a_yes_and_the_next_mail_is_judged_by_them() {
    let (house, daemon) = misled(10);
    let said = house.refused(&["rules", "learn", "--yes"]);
    assert!(said.contains("too few corrections to learn from: 9;"), "{said}");
    assert!(said.contains("10 are the least"), "{said}");
    house.ok(&["correct", "m10", "acknowledged"]);
    for no in ["", "n\n", "nonsense\n"] {
        let (said, code) = house.says_to(no, &["rules", "learn"]);
        assert_eq!(code, 0, "{said}");
        assert!(said.contains("Nothing was written"), "{said}");
        assert!(said.contains("- OWN_MARK = { invited = 12.00 }\n+ OWN_MARK = { "), "{said}");
        let figures = "Of the 10 corrected mails 0 are judged rightly now, 10 would be.";
        assert!(said.contains(figures), "{said}");
        assert!(said.contains("m1  invited → acknowledged (you said acknowledged)"), "{said}");
        assert_eq!(learned(&house), None);
    }
    let (said, code) = house.says_to("y\n", &["rules", "learn"]);
    assert_eq!(code, 0, "{said}");
    let text = learned(&house).expect("it is written");
    assert!(text.contains("OWN_MARK") && !text.contains("xmarkx"), "{text}");
    house.ok(&["rules", "check"]);
    wait_until("the rules are read again", PATIENCE, || daemon.log().contains("Rules reloaded"));
    house.deliver(&marked(10));
    wait_until("the mail is read", PATIENCE, || house.counted("acknowledged") == 11);
    // The same corrections do not push a second time.
    let said = house.ok(&["rules", "learn", "--yes"]);
    assert!(said.contains("change no weight; 10 of them are judged rightly"), "{said}");
    assert_eq!(learned(&house), Some(text));
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn a_script_gets_one_object_and_what_somebody_wrote_by_hand_is_not_replaced() {
    let (house, daemon) = misled(11);
    assert_eq!(daemon.stop(), 0);
    let one = || -> serde_json::Value { house.json(&["rules", "learn"]).remove(0) };
    let told = one();
    let mut names: Vec<&String> = told.as_object().unwrap().keys().collect();
    names.sort_unstable();
    let documented = [
        "changes",
        "corrections",
        "right_after",
        "right_before",
        "rules",
        "was",
        "weights",
        "written",
    ];
    assert_eq!(names, documented);
    assert_eq!((&told["corrections"], &told["written"]), (&json!(10), &json!(null)));
    assert_eq!(told["was"]["OWN_MARK"], json!({"invited": 12.0}));
    assert!(told["weights"]["OWN_MARK"]["invited"].as_f64().unwrap() < 12.0, "{told}");
    assert_eq!(told["changes"][0]["is"], "acknowledged");
    assert_eq!(learned(&house), None);

    let aside = house.path("aside.toml").display().to_string();
    let told = house.json(&["rules", "learn", "--out", &aside, "--yes"]).remove(0);
    assert_eq!(told["written"], json!(aside));
    assert!(fs::read_to_string(&aside).unwrap().contains("OWN_MARK"));

    fs::write(house.path("rules/zz-learned.toml"), "# mine\n").unwrap();
    let said = house.refused(&["rules", "learn", "--yes"]);
    assert!(said.contains("was written by somebody else and stays as it is"), "{said}");
    assert_eq!(learned(&house).as_deref(), Some("# mine\n"));
}
