//! Applications as the user sees them and puts them right: what was said holds, whatever is
//! read later and however it is judged.

use serde_json::Value;

use crate::support::house::{House, Mail, confirmation, form_rejection, invitation, rejection};

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
fn what_no_mail_told_is_said_by_hand_and_later_mail_moves_it_on() {
    let house = House::new("1s");
    house.deliver(&confirmation("a", "Lindgren", "Cook").hours_ago(24 * 30));
    house.deliver(&confirmation("b", "Harbor", "Analyst").hours_ago(24 * 30));
    house.once();
    let day = |ago: i64| {
        let at = house.now - jiff::SignedDuration::from_hours(24 * ago);
        at.strftime("%F").to_string()
    };
    // They called, and they called to say no.
    house.ok(&["applications", "set", "a1", "--stage", "in-talks", "--on", &day(20)]);
    let note = ["--note", "they called"];
    let set = ["applications", "set", "a2", "--stage", "rejected", "--on", &day(20)];
    house.ok(&[&set[..], &note].concat());
    let both = [is("Harbor", "Analyst", "rejected"), is("Lindgren", "Cook", "in-talks")];
    assert_eq!(listed(&house, &[]), both);
    assert!(house.ok(&["applications", "show", "a2"]).contains("they called"));
    let figures = house.json(&["stats"]).remove(0);
    let told = (&figures["answered"], &figures["invited"], &figures["rejected"]);
    assert_eq!(told, (&2.into(), &1.into(), &1.into()), "{figures}");
    // It counts from the end of that day: rounded to ten days or eleven, as it is late now or early.
    let days = figures["first_answer"]["median"].as_i64();
    assert!(matches!(days, Some(10 | 11)), "{figures}");
    // A mail of before that day that is read late moves nothing, one of after it does.
    house.deliver(&invitation("late", "Harbor", "Analyst").hours_ago(24 * 25));
    house.deliver(&form_rejection("no", "Lindgren", "Cook").hours_ago(24 * 10));
    house.once();
    house.ok(&["rescan", "--all"]);
    house.once();
    let both = [is("Harbor", "Analyst", "rejected"), is("Lindgren", "Cook", "rejected")];
    assert_eq!(listed(&house, &[]), both);
    house.ok(&["applications", "set", "a1", "--stage", "accepted"]);
    assert_eq!(listed(&house, &["--open"]), []);
    assert_eq!(house.json(&["stats"])[0]["offered"], 1);
    for (wrong, told) in [(["--stage", "hired"], "accepted"), (["--on", "2999-01-01"], "--stage")] {
        let (said, code) = house.says(&[&["applications", "set", "a1"][..], &wrong].concat());
        assert!(code == 2 && said.contains(told), "{said}");
    }
}

#[test]
fn what_cooled_when_the_user_spoke_counts_when_it_is_heard_of() {
    let mut house = House::new("48h");
    house.deliver(&confirmation("a", "Lindgren", "Cook").hours_ago(24 * 30));
    house.deliver(&form_rejection("no", "Lindgren", "Cook").hours_ago(2));
    house.once();
    house.ok(&["applications", "set", "a1", "--stage", "in-talks", "--note", "they called"]);
    house.ok(&["applications", "set", "a1", "--note", "twice"]);
    assert_eq!(listed(&house, &[]), [is("Lindgren", "Cook", "in-talks")]);
    assert_eq!(house.json(&["applications"])[0]["note"], "they called\ntwice");
    assert_eq!(house.says(&["applications", "set", "a1", "--note", ""]).1, 2);
    if crate::support::has(&["faketime"]) {
        house.pretend(Some("+4d"));
        house.once();
        assert_eq!(listed(&house, &[]), [is("Lindgren", "Cook", "rejected")]);
    }
}

#[test]
fn what_was_said_of_a_merged_application_goes_along() {
    let house = House::new("1s");
    house.deliver(&confirmation("a", "Lindgren", "Cook").hours_ago(900));
    house.once();
    house.ok(&["applications", "add", "--company", "Sillword", "--on", "2026-01-05"]);
    house.ok(&["applications", "set", "a2", "--stage", "in-talks", "--note", "by telephone"]);
    house.ok(&["applications", "merge", "a1", "a2"]);
    assert_eq!(listed(&house, &[]), [is("Lindgren", "Cook", "in-talks")]);
    assert_eq!(house.json(&["applications"])[0]["note"], "by telephone");
    let left = "SELECT count(*) FROM application WHERE company = 'Sillword'";
    assert_eq!(house.query::<i64>(left), 0, "a row that nobody sees keeps no words");
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
    let said = "1 mail fits several applications and is counted with none";
    let hint = "  → regards applications --unclear\n";
    assert_eq!(house.json(&["stats"])[0]["unclear"], 1);
    let page = house.path("page").display().to_string();
    let status = house.json(&["status"]);
    assert_eq!(status.last().unwrap()["unclear"], 1, "{status:?}");
    for told in [house.ok(&["stats"]), house.ok(&["report", "--out", &page]), house.ok(&["status"])]
    {
        assert!(told.contains(&format!("{said}\n{hint}")), "{told}");
    }
    let report = || std::fs::read_to_string(house.path("page/report.html")).unwrap();
    assert!(report().contains(said));
    // Nothing is counted that came at another time.
    assert_eq!(house.json(&["stats", "--until", "2020-01-01"])[0]["unclear"], 0);
    house.ok(&["applications", "move", "m3", "--to", "a2"]);
    assert!(house.json(&["applications", "--unclear"]).is_empty());
    house.once();
    let two = [is("Lindgren", "Cook", "acknowledged"), is("Lindgren", "Waiter", "rejected")];
    assert_eq!(listed(&house, &[]), two);
    house.ok(&["report", "--out", &page]);
    assert!(!house.ok(&["stats"]).contains("fits several") && !report().contains("fits several"));
}

#[test]
fn a_mail_that_cools_is_not_among_those_that_fit_several() {
    let house = House::new("1h");
    for (id, role, hours) in [("a", "Cook", 900), ("b", "Waiter", 890)] {
        house.deliver(&confirmation(id, "Lindgren", role).hours_ago(hours));
    }
    house.once();
    let mut no = form_rejection("no", "Lindgren", "Cook");
    no.subject = "Your application at Lindgren".to_owned();
    no.text = no.text.replace("the Cook position at", "working at");
    house.deliver(&no);
    house.once();
    assert_eq!(house.query::<i64>("SELECT count(*) FROM message WHERE quiet_until > 0"), 1);
    assert_eq!(house.json(&["stats"])[0]["unclear"], 0);
    assert!(!house.ok(&["stats"]).contains("fits several"));
}

#[test]
fn what_cannot_be_meant_is_refused_with_a_way_on() {
    let house = House::new("1s");
    house.deliver(&confirmation("a", "Lindgren", "Cook").hours_ago(900));
    house.deliver(&form_rejection("b", "Lindgren", "Cook").hours_ago(700));
    house.once();
    let before = listed(&house, &[]);
    let refused = |arguments: &[&str], words: &str| {
        let (said, code) = house.says(&[&["applications"], arguments].concat());
        assert!(code == 2 && said.contains(words), "{arguments:?}: {said}");
    };
    for blank in ["", "  ", "\u{a0}-"] {
        refused(&["add", "--company", blank, "--on", "2026-01-05"], "a name has a letter");
        refused(&["set", "a1", "--company", blank], "a name has a letter");
        refused(&["set", "a1", "--role", blank], "a name has a letter");
        refused(&["alias", "Lindgren", blank], "a name has a letter");
    }
    refused(&["alias", "Lindgren", "LINDGREN AB"], "are one name already");
    refused(&["split", "a1", "--message", "m2", "--message", "m1"], "These are all mails of a1");
    refused(&["set", "a1"], "<--company <NAME>|--role <NAME>|--stage <STAGE>|--note <TEXT>>");
    assert_eq!(listed(&house, &[]), before);
    let said = house.ok(&["applications", "alias", "Ostwind", "Ostwind Holding"]);
    assert!(said.contains("no application names either yet"), "{said}");
    let said = house.ok(&["applications", "alias", "Lindgren", "Ostwind"]);
    assert!(!said.contains("names either"), "{said}");

    let (said, code) = house.says(&["forget"]);
    assert!(code == 2 && said.contains("--application <ID>|--account <NAME>|--before"), "{said}");
    let said = house.refused(&["forget", "--account", "nosuch", "--yes"]);
    assert!(said.contains("There are: work\n"), "{said}");
    let (said, code) = house.says(&["remind", "a1", "3", "months"]);
    assert!(code == 2 && said.contains("e.g. r3 or m4") && said.contains("show a1"), "{said}");
}
