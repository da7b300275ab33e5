//! Somebody's own table beside what mail tells: nothing is entered twice, and mail goes on with
//! what was entered.

use serde_json::Value;

use crate::support::has;
use crate::support::house::{House, confirmation, form_rejection, rejection};

fn day(house: &House, days_ago: i64) -> String {
    let at = house.now - jiff::SignedDuration::from_hours(24 * days_ago);
    at.strftime("%Y-%m-%d").to_string()
}

fn write(house: &House, table: &str) -> String {
    let path = house.path("tracker.csv");
    std::fs::write(&path, table).unwrap();
    path.display().to_string()
}

fn results(lines: &[Value]) -> Vec<(&str, &str)> {
    lines
        .iter()
        .map(|it| (it["company"].as_str().unwrap(), it["result"].as_str().unwrap()))
        .collect()
}

fn stages(house: &House) -> Vec<String> {
    let mut all: Vec<String> = house
        .json(&["applications"])
        .iter()
        .map(|it| format!("{}: {}", it["company"].as_str().unwrap(), it["stage"].as_str().unwrap()))
        .collect();
    all.sort();
    all
}

#[test]
fn a_table_adds_what_no_mail_told_once_and_mail_goes_on_with_it() {
    let house = House::new("1s");
    house.deliver(&confirmation("a", "Lindgren", "Cook").hours_ago(24 * 40));
    house.once();
    let table = format!(
        "Company,Job Title,Date Applied,Status,Location,Notes\n\
         Lindgren GmbH,Cook,{0},Applied,Oslo,\nHarbor,Analyst,{0},Interview,,\"call\nNora\"\n\
         Dorn AG,Nurse,{0},Rejected,,\nHarbor,Analyst,{0},Interview,,\nWish,Cook,,Wishlist,,\n",
        day(&house, 41)
    );
    let file = write(&house, &table);
    let fates = |new| {
        [
            ("Lindgren GmbH", "known"),
            ("Harbor", new),
            ("Dorn AG", new),
            ("Harbor", "stands twice"),
            ("Wish", "not applied for"),
        ]
    };
    let shown = house.json(&["import", &file, "--dry-run"]);
    assert_eq!(results(&shown), fates("would be added"));
    assert_eq!(shown[0]["application"], "a1");
    assert_eq!((&shown[2]["stage"], &shown[4]["stage"]), (&"rejected".into(), &Value::Null));
    let table = house.ok(&["import", &file, "--dry-run"]);
    let wish = table.lines().find(|it| it.starts_with("Wish")).unwrap();
    assert!(wish.contains(" -  ") && !wish.contains("applied  "), "{table}");
    assert!(!table.contains("not used"), "{table}");
    assert_eq!(stages(&house).len(), 1, "nothing was added");
    let (said, code) = house.says(&["import", &file, "--json"]);
    assert!(said.contains("--yes") && code == 2, "{said}");
    assert_eq!(results(&house.json(&["import", &file, "--yes"])), fates("added"));
    house.once();
    let all = ["Dorn AG: rejected", "Harbor: in-talks", "Lindgren: acknowledged"];
    assert_eq!(stages(&house), all);
    assert!(house.ok(&["import", &file]).ends_with("\nNothing new\n"));
    let again = house.json(&["import", &file, "--yes"]);
    assert!(again.iter().all(|it| it["result"] != "added"), "{again:?}");
    assert_eq!(stages(&house).len(), 3);
    let shown = house.ok(&["applications", "show", "a2"]);
    assert!(shown.contains("call\n    Nora"), "{shown}");

    house.deliver(&form_rejection("no", "Harbor", "Analyst").hours_ago(200));
    house.once();
    house.ok(&["rescan", "--all"]);
    assert_eq!(stages(&house)[1], "Harbor: rejected");
    let figures = house.json(&["stats"]);
    assert_eq!((&figures[0]["applications"], &figures[0]["invited"]), (&3.into(), &1.into()));
    // When Dorn answered the table does not tell: it is no time, and an answer all the same.
    assert_eq!(
        (&figures[0]["answered"], &figures[0]["first_answer"]["of"]),
        (&2.into(), &1.into())
    );
}

#[test]
fn a_line_that_cannot_be_read_is_named_and_nothing_is_added() {
    let house = House::new("1s");
    house.once();
    let file = write(&house, "company,date,status\nFirm,2026-01-05,applied\nDorn,05/06/2026,\n");
    let said = house.refused(&["import", &file, "--yes"]);
    assert!(said.contains("line 3: `05/06/2026` may be two days"), "{said}");
    assert!(said.contains("regards import --help"), "{said}");
    assert!(house.json(&["applications"]).is_empty());
    std::fs::write(house.path("map.toml"), "date = '%d/%m/%Y'\n").unwrap();
    let map = house.path("map.toml").display().to_string();
    house.ok(&["import", &file, "--mapping", &map, "--yes"]);
    assert_eq!(house.json(&["applications"]).len(), 2);
    std::fs::write(house.path("map.toml"), "[columns]\ncompany = 'Nowhere'\n").unwrap();
    let said = house.refused(&["import", &file, "--mapping", &map]);
    assert!(said.contains("no column `Nowhere` among company, date, status"), "{said}");
    for (arguments, why, hint) in [
        (&["nowhere.csv"][..], "No such file", "Name the CSV file"),
        (&["/"], "it is a directory", "Name the CSV file"),
        (&[&file, "--mapping", "nowhere.toml"], "No such file", "A mapping tells"),
        (&[&file, "--mapping", "/"], "it is a directory", "A mapping tells"),
    ] {
        let said = house.refused(&[&["import"], arguments].concat());
        assert!(said.contains(why) && said.contains(hint) && !said.contains("UTF-8"), "{said}");
    }
    std::fs::write(&file, b"Firma;Ort\nK\xf6ln;1\n").unwrap();
    assert!(house.refused(&["import", &file]).contains("Save it as text in UTF-8"));
}

#[test]
fn columns_that_say_nothing_here_are_named_once() {
    let house = House::new("1s");
    house.once();
    let table = "Company,Status,List,Salary,Empty,Date\nA,Applied,Berlin,9,,2026-01-05\n\
                 B,Applied,Berlin,9,,2026-01-05\n";
    let said = house.ok(&["import", &write(&house, table), "--yes"]);
    assert_eq!(said.matches("not used: List, Salary\n").count(), 1, "{said}");
    assert!(said.contains("Added: 2 applications\n"), "{said}");
    let (said, _) = house.says(&["import", "tracker.csv", "--dry-run", "--json"]);
    assert!(said.contains("regards: not used: List, Salary\n"), "a script's person, too: {said}");
}

#[test]
fn what_was_exported_adds_nothing_here_and_everything_elsewhere() {
    let house = House::new("1s");
    // Some told by mail, some entered by hand, one of which no mail names the company.
    house.deliver(&confirmation("a", "Lindgren", "Cook").hours_ago(24 * 40));
    house.deliver(&form_rejection("b", "Lindgren", "Waiter").hours_ago(24 * 20));
    house.deliver(&rejection("c", "Harbor", "Analyst").hours_ago(24 * 9));
    house.once();
    for (company, on) in [("Lindgren", 70), ("+Dorn, Söhne; \"AG\"", 10)] {
        house.ok(&["applications", "add", "--company", company, "--on", &day(&house, on)]);
    }
    // The role of the first is not known: it must not be taken for the second.
    house.ok(&["applications", "add", "--company", "Quill", "--on", &day(&house, 70)]);
    let second = ["--company", "Quill", "--role", "Baker", "--on", &day(&house, 40)];
    house.ok(&[&["applications", "add"][..], &second].concat());
    let nameless = "INSERT INTO application (created_at, applied_at, stage)
                    VALUES (1, 1760000000000, 'in-talks')";
    let database = rusqlite::Connection::open(house.path("state/regards.db")).unwrap();
    database.execute(nameless, []).unwrap();
    drop(database);
    let exported = house.ok(&["export", "applications"]);
    let rows = house.json(&["export", "applications"]);
    assert_eq!(rows.len(), 8, "{exported}");
    let file = write(&house, &exported);
    let here = house.json(&["import", &file, "--yes"]);
    for (line, row) in here.iter().zip(&rows) {
        assert_eq!((&line["result"], &line["application"]), (&"known".into(), &row["application"]));
    }
    let said = house.ok(&["import", &file]);
    assert!(said.contains("not used: application, ") && said.contains("Nothing new"), "{said}");

    let other = House::new("1s");
    other.once();
    let there = other.json(&["import", &file, "--yes"]);
    assert!(there.iter().all(|it| it["result"] == "added"), "{there:?}");
    let told = |row: &Value| {
        ["company", "role", "stage", "opened_at"].map(|it| row[it].to_string()).join(" ")
    };
    let all = |rows: &[Value]| {
        let mut all: Vec<String> = rows.iter().map(told).collect();
        all.sort();
        all
    };
    assert_eq!(all(&other.json(&["export", "applications"])), all(&rows));
}

#[test]
fn what_cools_is_not_told_by_an_import_and_joins_what_was_entered() {
    if !has(&["faketime"]) {
        return;
    }
    let mut house = House::new("1h");
    house.deliver(&rejection("no", "Harbor", "Analyst"));
    house.once();
    let table = format!("company,role,date\nHarbor,Analyst,{}\n", day(&house, 20));
    let file = write(&house, &table);
    assert_eq!(results(&house.json(&["import", &file, "--yes"])), [("Harbor", "added")]);
    house.once();
    assert_eq!(stages(&house), ["Harbor: applied"], "the rejection cools");
    house.pretend(Some("+3d"));
    house.once();
    assert_eq!(stages(&house), ["Harbor: rejected"]);
}
