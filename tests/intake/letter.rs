//! The weekly letter: it comes on its day, is read once, and knows nothing of what cools.

use std::fs;

use serde_json::{Value, json};

use crate::support::house::{House, confirmation, rejection};

/// A house whose letter comes on today's day of the week and tells of the seven days before.
fn house() -> House {
    let house = House::new("48h");
    let today = house.now.strftime("%a").to_string().to_lowercase();
    let path = house.path("config.toml");
    let text = fs::read_to_string(&path).unwrap();
    let stats = format!("[stats]\nweekly_goal = 3\nweekly_letter = \"{today}\"\n\n[sending]");
    fs::write(&path, text.replace("[sending]", &stats)).unwrap();
    house
}

fn waiting(house: &House) -> Vec<Value> {
    house.json(&["desk"]).into_iter().filter(|line| line["type"] == "letter").collect()
}

#[test]
fn the_letter_waits_on_the_desk_until_it_was_read() {
    let mut house = house();
    house.deliver(&confirmation("c1", "Lindgren", "Engineer").hours_ago(24 * 5));
    house.deliver(&confirmation("c2", "Harbor", "Baker").hours_ago(24 * 5));
    house.deliver(&rejection("r2", "Harbor", "Baker").hours_ago(24 * 3));
    // Before the week and after it.
    house.deliver(&confirmation("c3", "Dorn", "Engineer").hours_ago(24 * 12));
    house.deliver(&confirmation("c4", "Aalto", "Engineer"));
    house.once();
    let [unread] = &waiting(&house)[..] else { panic!("no letter") };
    let letter = house.json(&["letter"]).remove(0);
    assert_eq!(letter["until"], unread["until"]);
    assert_eq!((&letter["applications"], &letter["goal"]), (&json!(2), &json!(3)), "{letter}");
    assert_eq!((&letter["rejections"], &letter["open"]), (&json!(1), &json!(3)), "{letter}");
    assert_eq!(waiting(&house).len(), 1, "a script that looks does not read it for the person");
    assert!(house.ok(&["desk"]).contains("regards letter"));

    let page = house.ok(&["letter"]);
    assert!(page.contains("   2  applications (your goal: 3)"), "{page}");
    assert!(page.contains("   1  rejection\n") && !page.contains("offer"), "{page}");
    assert!(waiting(&house).is_empty() && !house.ok(&["desk"]).contains("regards letter"));
    let before = house.ok(&["letter", "--until", "2020-01-05"]);
    assert!(before.contains("Monday, 30 December 2019 to Sunday, 5 January 2020"), "{before}");
    assert!(!before.contains("Today") && page.contains("\nToday\n"), "{before}");
    let today = house.now.strftime("%Y-%m-%d").to_string();
    for day in [today.as_str(), "2999-01-01"] {
        let (said, code) = house.says(&["letter", "--until", day]);
        assert!(code == 2 && said.contains(&format!("{day} is not over yet")), "{said}");
        let over = letter["until"].as_str().unwrap();
        assert!(said.contains(&format!("regards letter --until {over}")), "{said}");
    }
    assert!(waiting(&house).is_empty(), "an old one that is read again brings none back");

    if crate::support::has(&["faketime"]) {
        house.pretend(Some("+7d"));
        let next = house.json(&["letter"]).remove(0);
        assert_eq!(waiting(&house)[0]["until"], next["until"], "the next one");
        assert_ne!(next["until"], letter["until"]);
    }
}

#[test]
fn without_the_setting_the_desk_says_nothing_and_the_letter_can_be_read() {
    let house = House::new("48h");
    house.once();
    assert!(waiting(&house).is_empty());
    let page = house.ok(&["letter"]);
    assert!(
        page.contains("A quiet week") && page.contains("   0  applications are open"),
        "{page}"
    );
    let (said, code) = house.says(&["letter", "--until", "soon"]);
    assert!(code == 2 && said.contains("2026-09-01"), "{said}");
}

#[test]
fn no_letter_waits_before_there_is_a_search_to_write_of() {
    let house = house();
    house.once();
    assert!(waiting(&house).is_empty(), "nothing is known yet");
    house.deliver(&rejection("r1", "Lindgren", "Engineer"));
    house.once();
    assert!(waiting(&house).is_empty(), "it would tell that there is something");
    house.deliver(&confirmation("c1", "Harbor", "Baker").hours_ago(24 * 5));
    house.once();
    assert_eq!(waiting(&house).len(), 1);
    let by_hand = self::house();
    by_hand.once();
    by_hand.ok(&["applications", "add", "--company", "Lindgren", "--on", "2026-01-05"]);
    assert_eq!(waiting(&by_hand).len(), 1);
}

#[test]
fn what_cools_is_in_no_letter() {
    let house = house();
    house.deliver(&confirmation("c1", "Lindgren", "Engineer").hours_ago(24 * 5));
    house.once();
    let told = || house.ok(&["letter", "--json"]) + &house.ok(&["letter"]);
    let before = told();
    house.deliver(&rejection("r1", "Lindgren", "Engineer").hours_ago(30));
    house.deliver(&rejection("r2", "Quillon", "Gardener").hours_ago(30));
    house.once();
    assert_eq!(house.query::<i64>("SELECT count(*) FROM message WHERE quiet_until > 0"), 2);
    assert_eq!(told(), before);
}
