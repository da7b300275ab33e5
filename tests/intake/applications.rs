//! Applications as the user sees them and puts them right: what was said holds, whatever is
//! read later and however it is judged.

use serde_json::Value;

use crate::support::house::{House, Mail, confirmation, form_rejection, rejection};

/// Company, role and stage of each application, by name.
fn listed(house: &House, arguments: &[&str]) -> Vec<(String, String, String)> {
    let lines = house.json(&[&["applications"], arguments].concat());
    let word = |line: &Value, name: &str| line[name].as_str().unwrap_or("?").to_owned();
    let mut rows: Vec<_> =
        lines.iter().map(|it| (word(it, "company"), word(it, "role"), word(it, "stage"))).collect();
    rows.sort();
    rows
}

fn is(company: &str, role: &str, stage: &str) -> (String, String, String) {
    (company.to_owned(), role.to_owned(), stage.to_owned())
}

fn from_system(mail: Mail, company: &str) -> Mail {
    Mail { from: format!("{company} <no-reply@us.greenhouse-mail.io>"), ..mail }
}

#[test]
fn what_the_user_puts_right_holds_through_later_mail_and_a_second_look() {
    let house = House::new("1s");
    house.deliver(&confirmation("a", "Lindgren", "Cook").hours_ago(900));
    house.deliver(&confirmation("b", "Harbor", "Analyst").hours_ago(800));
    house.once();
    let two = [is("Harbor", "Analyst", "acknowledged"), is("Lindgren", "Cook", "acknowledged")];
    assert_eq!(listed(&house, &[]), two);

    house.ok(&["applications", "merge", "a1", "a2"]);
    assert_eq!(listed(&house, &[]), [is("Lindgren", "Cook", "acknowledged")]);
    let said = house.refused(&["applications", "show", "a2"]);
    assert!(said.contains("regards applications"), "{said}");
    house.ok(&["applications", "set", "a1", "--company", "Lindgren AB", "--role", "Chef"]);
    house.deliver(&form_rejection("c", "Harbor", "Analyst").hours_ago(300));
    house.once();
    house.ok(&["rescan", "--all"]);
    house.once();
    assert_eq!(listed(&house, &[]), [is("Lindgren AB", "Chef", "rejected")]);

    let new = house.json(&["applications", "split", "a1", "--message", "m2", "--message", "m3"]);
    let new = new[0]["application"].as_str().unwrap().to_owned();
    house.once();
    let two = [is("Harbor", "Analyst", "rejected"), is("Lindgren AB", "Chef", "acknowledged")];
    assert_eq!(listed(&house, &[]), two);
    house.ok(&["applications", "move", "m3", "--to", "a1"]);
    house.once();
    let two = [is("Harbor", "Analyst", "acknowledged"), is("Lindgren AB", "Chef", "rejected")];
    assert_eq!(listed(&house, &[]), two);
    let shown = house.ok(&["applications", "show", "a1"]);
    assert!(shown.contains("Lindgren AB · Chef") && shown.contains("m3"), "{shown}");
    assert!(house.refused(&["applications", "move", "m3", "--to", "a99"]).contains("a99"));
    let said = house.refused(&["applications", "split", &new, "--message", "m1"]);
    assert!(said.contains("no message m1 in"), "{said}");
}

#[test]
fn a_brand_and_the_firm_behind_it_meet_through_an_alias() {
    let house = House::new("1s");
    house.deliver(&from_system(confirmation("a", "Lindgren", "Cook"), "Lindgren").hours_ago(900));
    house.deliver(&from_system(form_rejection("b", "Ostwind", "Cook"), "Ostwind").hours_ago(700));
    house.once();
    assert_eq!(listed(&house, &[]).len(), 2);
    house.ok(&["applications", "alias", "Lindgren", "Ostwind"]);
    house.once();
    assert_eq!(listed(&house, &[]), [is("Lindgren", "Cook", "rejected")]);
    house.ok(&["applications", "alias", "Ostwind", "Lindgren", "--forget"]);
    house.once();
    assert_eq!(listed(&house, &[]).len(), 2);
    house.refused(&["applications", "alias", "Ostwind", "Lindgren", "--forget"]);
}

#[test]
fn an_application_entered_by_hand_is_there_and_the_mail_about_it_joins() {
    let house = House::new("1s");
    house.once();
    let day = house.now.checked_sub(jiff::SignedDuration::from_hours(24 * 40)).unwrap();
    let day = day.strftime("%Y-%m-%d").to_string();
    let add = ["applications", "add", "--company", "Lindgren", "--role", "Cook", "--on", &day];
    house.ok(&add);
    assert_eq!(listed(&house, &["--silent"]), [is("Lindgren", "Cook", "applied")]);
    house.deliver(&form_rejection("no", "Lindgren", "Cook").hours_ago(200));
    house.once();
    assert_eq!(listed(&house, &[]), [is("Lindgren", "Cook", "rejected")]);
    assert!(listed(&house, &["--open"]).is_empty(), "a late answer ends the silence");
    assert_eq!(
        house.json(&["applications"])[0]["applied"].as_str().map(|it| &it[..10]),
        Some(&*day)
    );
}

#[test]
fn nothing_of_a_cooling_rejection_shows() {
    let house = House::new("1h");
    house.deliver(&confirmation("a", "Lindgren", "Cook").hours_ago(900));
    house.deliver(&rejection("b", "Lindgren", "Cook"));
    house.deliver(&rejection("c", "Harbor", "Analyst"));
    house.once();
    assert_eq!(listed(&house, &[]), [is("Lindgren", "Cook", "acknowledged")]);
    assert_eq!(house.json(&["applications"])[0]["messages"], serde_json::json!(["m1"]));
    assert!(house.json(&["applications", "--unclear"]).is_empty());
    house.refused(&["applications", "show", "a2"]);
    house.refused(&["applications", "merge", "a1", "a2"]);
    house.refused(&["applications", "move", "m2", "--to", "a1"]);
}

#[test]
fn a_mail_that_fits_two_applications_is_put_to_the_user() {
    let house = House::new("1s");
    for (id, role, hours) in [("a", "Cook", 900), ("b", "Waiter", 890)] {
        house.deliver(&confirmation(id, "Lindgren", role).hours_ago(hours));
    }
    let mut no = form_rejection("no", "Lindgren", "Cook").hours_ago(300);
    no.subject = "Your application at Lindgren".to_owned();
    no.text = no.text.replace("the Cook position at", "working at");
    house.deliver(&no);
    house.once();
    let unclear = house.json(&["applications", "--unclear"]);
    assert_eq!(unclear.len(), 1, "{unclear:?}");
    assert_eq!(unclear[0]["message"], "m3");
    house.ok(&["applications", "move", "m3", "--to", "a2"]);
    assert!(house.json(&["applications", "--unclear"]).is_empty());
    house.once();
    let two = [is("Lindgren", "Cook", "acknowledged"), is("Lindgren", "Waiter", "rejected")];
    assert_eq!(listed(&house, &[]), two);
}
