//! The figures as tables, as a page and as rows for other programs; nothing of what cools is
//! in any of them.

use std::fs;

use serde_json::{Value, json};

use crate::support::house::{House, Mail, confirmation, invitation, rejection};

/// Sent by a tracking system for a company.
fn tracked(mail: Mail) -> Mail {
    Mail { from: "Harbor <no-reply@us.greenhouse-mail.io>".to_owned(), ..mail }
}

/// Three companies in two months; the rejection of a fourth has just come.
fn search() -> House {
    let house = House::new("48h");
    house.deliver(&confirmation("c1", "Lindgren", "Engineer").hours_ago(24 * 60));
    house.deliver(&invitation("i1", "Lindgren", "Engineer").hours_ago(24 * 50));
    house.deliver(&rejection("r1", "Lindgren", "Engineer").hours_ago(24 * 40));
    house.deliver(&tracked(confirmation("c2", "Harbor", "Baker")).hours_ago(24 * 30));
    house.deliver(&tracked(rejection("r2", "Harbor", "Baker")).hours_ago(24 * 22));
    house.deliver(&confirmation("c3", "Dorn", "Engineer").hours_ago(24 * 2));
    house.once();
    house
}

fn named<'a>(lines: &'a [Value], name: &str) -> &'a Value {
    lines.iter().find(|line| line["name"] == name).unwrap_or_else(|| panic!("{name}: {lines:?}"))
}

#[test]
fn applications_are_counted_by_what_they_have_in_common() {
    let house = search();
    let by = |what: &str| house.json(&["stats", "--by", what]);
    let systems = by("system");
    assert_eq!(named(&systems, "Greenhouse")["rejection"]["median"], 8, "{systems:?}");
    assert_eq!(systems[1]["name"], Value::Null);
    assert_eq!((&systems[1]["applications"], &systems[1]["answered"]), (&json!(2), &json!(1)));
    let stages = by("stage");
    assert_eq!(named(&stages, "talks")["rejected_after_talks"], 1);
    assert_eq!(named(&stages, "applied")["applications"], 2);
    let companies: Vec<Value> = by("company").iter().map(|it| it["name"].clone()).collect();
    assert_eq!(companies.len(), 3, "{companies:?}");
    assert_eq!(named(&by("role"), "Engineer")["applications"], 2);
    assert_eq!(named(&by("language"), "en")["applications"], 3);
    for what in ["month", "week", "weekday"] {
        let sum: u64 = by(what).iter().map(|it| it["applications"].as_u64().unwrap()).sum();
        assert_eq!(sum, 3, "{what}");
    }
    let table = house.ok(&["stats", "--by", "system"]);
    assert!(table.contains("Greenhouse") && table.contains("8 d"), "{table}");

    let days_ago = |days: i64| {
        let at = house.now - jiff::SignedDuration::from_hours(24 * days);
        at.to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
    };
    let until = house.json(&["stats", "--until", &days_ago(20)]);
    assert_eq!(until[0]["applications"], 2);
    let between = house.json(&["stats", "--since", &days_ago(40), "--until", &days_ago(30)]);
    assert_eq!((&between[0]["applications"], &between[0]["rejected"]), (&json!(1), &json!(1)));
}

#[test]
fn the_goal_of_a_week_is_the_users_own() {
    let house = search();
    assert_eq!(house.json(&["stats"])[0]["week"]["goal"], Value::Null);
    let config = house.path("config.toml");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, text.replace("[sending]", "[stats]\nweekly_goal = 3\n[sending]")).unwrap();
    let week = house.json(&["stats"])[0]["week"].clone();
    assert_eq!((&week["goal"], &week["in_a_row"]), (&json!(3), &json!(0)), "{week}");
    assert!(house.ok(&["stats"]).contains("of 3, your goal"));
}

#[test]
fn a_page_needs_an_application_and_ends_with_what_happened_last() {
    let house = search();
    let out = house.path("page").display().to_string();
    let report = |arguments: &[&str]| house.says(&[&["report", "--out", &out], arguments].concat());
    let (said, code) = report(&["--since", "2999-01-01"]);
    assert!(code == 2 && said.contains("2999-01-01 has not come yet\n  → "), "{said}");
    let (said, code) = report(&["--until", "2020-01-01"]);
    assert!(code == 1 && said.contains("No application began on these days\n  → "), "{said}");
    assert!(!house.path("page").exists(), "nothing is written");
    let day = |days: i64| house.now - jiff::SignedDuration::from_hours(24 * days);
    let words = |days: i64| day(days).strftime("%-d %B %Y").to_string();
    let heading = |house: &House| {
        house.ok(&["report", "--out", &out]);
        let page = fs::read_to_string(house.path("page/report.html")).unwrap();
        page.split_once("<p>").unwrap().1.split_once("</p>").unwrap().0.to_owned()
    };
    assert_eq!(heading(&house), format!("{} to {}", words(60), words(0)), "one is open");
    house.deliver(&rejection("r3", "Dorn", "Engineer").hours_ago(1));
    house.ok(&["forget", "--application", "a3", "--yes"]);
    assert_eq!(heading(&house), format!("{} to {}", words(60), words(22)), "all are over");
    let empty = House::new("1s");
    empty.once();
    let said = empty.refused(&["report", "--out", &out]);
    assert!(said.contains("No application is known yet\n  → "), "{said}");
}

/// Everything that the figures, the page and the rows say.
fn all_told(house: &House) -> String {
    let out = house.path("page").display().to_string();
    house.ok(&["report", "--out", &out, "--svg", "--sankeymatic"]);
    let mut files: Vec<_> =
        fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut told: String = files.iter().map(|it| fs::read_to_string(it).unwrap()).collect();
    for what in ["applications", "messages", "replies", "feedback"] {
        told += &house.ok(&["export", what]);
        told += &house.ok(&["export", what, "--format", "json"]);
    }
    for what in ["month", "week", "company", "system", "stage", "language", "role", "weekday"] {
        told += &house.ok(&["stats", "--by", what]);
    }
    told + &house.ok(&["stats"])
}

#[test]
fn what_cools_is_in_no_table_on_no_page_and_in_no_row() {
    let mut house = search();
    let before = all_told(&house);
    assert!(before.contains("Lindgren") && before.contains("Applications [1] Talks\n"), "{before}");
    // One of a company that nothing is known of yet, one of an application that is open.
    house.deliver(&rejection("r4", "Quillon", "Gardener").hours_ago(1));
    house.deliver(&rejection("r3", "Dorn", "Engineer").hours_ago(1));
    house.once();
    assert_eq!(house.query::<i64>("SELECT count(*) FROM message WHERE quiet_until > 0"), 2);
    assert_eq!(all_told(&house), before);
    let cooling = house.ok(&["stats", "--by", "company", "--cooling"]);
    assert!(cooling.contains("Quillon"), "{cooling}");
    if crate::support::has(&["faketime"]) {
        house.pretend(Some("+4d"));
        house.once();
        let released = all_told(&house);
        assert!(released.contains("Quillon") && released.contains("Gardener"), "{released}");
    }
}

#[test]
fn a_page_without_names_keeps_its_numbers_for_the_same_companies() {
    let house = search();
    let page = |name: &str| {
        let out = house.path(name).display().to_string();
        let told = house.json(&["report", "--out", &out, "--anonymous"]);
        assert_eq!(told[0]["written"], format!("{out}/report.html"));
        fs::read_to_string(house.path(name).join("report.html")).unwrap()
    };
    let first = page("one");
    for name in ["Lindgren", "Harbor", "Dorn", "Engineer", "Baker", "Nora", "example"] {
        assert!(!first.contains(name), "{name}");
    }
    let row = |page: &str, company: &str| {
        let row = format!("<th scope=\"row\">{company}</th>");
        page.lines().find(|line| line.contains(&row)).map(str::to_owned)
    };
    let third = row(&first, "Company 3").expect("three companies");
    // Older mail of another company turns up later.
    house.deliver(&confirmation("c0", "Aalto", "Engineer").hours_ago(24 * 70));
    house.once();
    let second = page("two");
    assert_eq!(row(&second, "Company 3"), Some(third));
    assert!(row(&second, "Company 4").is_some());
}

#[test]
fn rows_for_other_programs_are_the_same_as_csv_and_as_json() {
    let house = search();
    let csv = house.ok(&["export", "applications"]);
    let (head, rows) = csv.split_once("\r\n").unwrap();
    let lines = house.json(&["export", "applications"]);
    assert_eq!(rows.lines().count(), lines.len());
    let names: Vec<&str> = head.split(',').collect();
    for (row, line) in rows.lines().zip(&lines) {
        assert_eq!(line.as_object().unwrap().len(), names.len());
        for (name, cell) in names.iter().zip(row.split(',')) {
            let value = &line[*name];
            let told = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            assert_eq!(cell, if value.is_null() { "" } else { told.as_str() }, "{name}");
        }
    }
    let lindgren = &lines[0];
    assert_eq!((&lindgren["company"], &lindgren["reached"]), (&json!("Lindgren"), &json!("talks")));
    assert_eq!(lindgren["stage"], "rejected");
    let messages = house.json(&["export", "messages"]);
    assert_eq!(messages.len(), 6);
    assert_eq!(messages.iter().filter(|it| it["system"] == "Greenhouse").count(), 2);
    let refused = house.says(&["export", "reflections"]);
    assert_eq!(refused.1, 2, "what the user wrote for oneself stays there");
}
