//! The course of one application: what comes after a rejection, and what it does to the
//! answer (DESIGN section 4).

use crate::support::house::{
    House, confirmation, form_rejection, invitation, newsletter, rejection,
};

#[test]
fn a_form_rejection_and_then_the_recruiters_own_make_one_reply_to_the_person() {
    let house = House::new("1h");
    let relay = house.path("state");
    // Somebody who wrote earlier could be answered; the person who rejects is better.
    house.deliver(&invitation("talk", "Lindgren", "Engineer").hours_ago(200));
    house.deliver(&form_rejection("form", "Lindgren", "Engineer").hours_ago(30));
    house.once();
    assert!(relay.exists());
    house.wait_for(&[("r1", "drafted")]);
    let first = house.ok(&["show", "r1"]);
    assert!(first.contains("nora@lindgren.example"), "{first}");
    let mut personal = rejection("person", "Lindgren", "Engineer");
    personal.from = "Ole Dahl <ole@lindgren.example>".to_owned();
    house.deliver(&personal);
    house.once();
    house.wait_for(&[("r1", "cooling")]);
    assert_eq!(house.query::<i64>("SELECT parent FROM reply"), 3);
    let left: i64 = house.query("SELECT not_before FROM reply");
    let pause = left - house.now.as_millisecond();
    assert!((3_590_000..=3_660_000).contains(&pause), "the pause was not restarted: {pause} ms");
}

#[test]
fn a_worse_addressee_does_not_take_the_reply_over() {
    let house = House::new("1s");
    house.deliver(&rejection("person", "Lindgren", "Engineer").hours_ago(30));
    house.once();
    house.deliver(&form_rejection("form", "Lindgren", "Engineer").hours_ago(2));
    house.once();
    house.wait_for(&[("r1", "drafted")]);
    assert_eq!(house.query::<i64>("SELECT parent FROM reply"), 1);
    assert_eq!(house.json(&["stats"])[0]["applications"], 1);
}

#[test]
fn two_roles_at_one_company_are_two_replies_and_the_desk_offers_one() {
    let house = House::new("1s");
    house.deliver(&rejection("a", "Lindgren", "Backend Engineer").hours_ago(30));
    house.deliver(&rejection("b", "Lindgren", "Data Analyst").hours_ago(29));
    house.once();
    house.wait_for(&[("r1", "drafted"), ("r2", "drafted")]);
    let shown = house.ok(&["show", "r2"]);
    assert!(shown.contains("r1 goes to the same person"), "{shown}");
    house.ok(&["show", "r1"]);
    house.ok(&["approve", "r1"]);
    house.once();
    house.wait_for(&[("r1", "sent"), ("r2", "drafted")]);
    house.ok(&["show", "r2"]);
    let (said, code) = house.says(&["approve", "r2"]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("got an answer from you"), "{said}");
    assert!(said.contains("regards skip r2"), "{said}");
    assert_eq!(sent(&house), 1);
}

#[test]
fn both_of_two_roles_approved_at_once_are_still_one_mail_to_the_person() {
    let house = House::new("1s");
    house.deliver(&rejection("a", "Lindgren", "Backend Engineer").hours_ago(30));
    house.deliver(&rejection("b", "Lindgren", "Data Analyst").hours_ago(29));
    house.once();
    for no in ["r1", "r2"] {
        house.ok(&["show", no]);
        house.says(&["approve", no]);
    }
    house.once();
    house.once();
    assert_eq!(sent(&house), 1);
    house.wait_for(&[("r1", "sent"), ("r2", "drafted")]);
}

#[test]
fn a_newsletter_or_confirmation_while_it_cools_changes_nothing() {
    let house = House::new("1h");
    house.deliver(&rejection("no", "Lindgren", "Engineer"));
    house.once();
    let row = "SELECT group_concat(version || state || not_before || parent) FROM reply";
    let before: String = house.query(row);
    house.deliver(&newsletter("news", "Lindgren"));
    house.deliver(&confirmation("ack", "Lindgren", "Engineer"));
    house.once();
    assert_eq!(house.query::<String>(row), before);
}

#[test]
fn an_invitation_withdraws_the_reply_wherever_it_stands() {
    for stand in ["cooling", "drafted", "approved"] {
        let house = House::new(if stand == "cooling" { "1h" } else { "1s" });
        house.deliver(&rejection("no", "Lindgren", "Engineer").hours_ago(0));
        let daemon = house.start();
        house.wait_for(&[("r1", if stand == "cooling" { "cooling" } else { "drafted" })]);
        if stand == "approved" {
            // Held, so that the approved mail stays where it is.
            house.ok(&["show", "r1"]);
            house.ok(&["pause"]);
            house.ok(&["approve", "r1"]);
            house.wait_for(&[("r1", "approved")]);
        }
        let mut later = invitation("yes", "Lindgren", "Engineer");
        later.ago = jiff::SignedDuration::from_secs(-1);
        house.deliver(&later);
        house.wait_for(&[("r1", "withdrawn")]);
        if stand != "cooling" {
            let shown = house.ok(&["show", "r1"]);
            assert!(shown.contains("invit"), "{stand}: {shown}");
        }
        house.ok(&["resume"]);
        assert_eq!(daemon.stop(), 0);
        house.once();
        assert_eq!(sent(&house), 0, "{stand}");
    }
}

#[test]
fn older_mail_that_is_read_late_overtakes_nothing() {
    let house = House::new("1s");
    house.deliver(&rejection("no", "Lindgren", "Engineer").hours_ago(30));
    house.once();
    house.wait_for(&[("r1", "drafted")]);
    house.deliver(&invitation("yes", "Lindgren", "Engineer").hours_ago(100));
    house.once();
    house.wait_for(&[("r1", "drafted")]);
}

#[test]
fn a_rejection_after_the_process_was_reopened_makes_a_new_reply() {
    let house = House::new("1s");
    house.deliver(&rejection("no-1", "Lindgren", "Engineer").hours_ago(50));
    house.once();
    house.deliver(&invitation("yes", "Lindgren", "Engineer").hours_ago(40));
    house.once();
    house.wait_for(&[("r1", "withdrawn")]);
    house.deliver(&rejection("no-2", "Lindgren", "Engineer").hours_ago(30));
    house.once();
    house.wait_for(&[("r1", "withdrawn"), ("r2", "drafted")]);
    assert_eq!(house.json(&["stats"])[0]["applications"], 1);
}

#[test]
fn a_further_rejection_after_the_answer_was_sent_is_only_recorded() {
    let house = House::new("1s");
    house.deliver(&rejection("no-1", "Lindgren", "Engineer").hours_ago(50));
    house.once();
    house.ok(&["show", "r1"]);
    house.ok(&["approve", "r1"]);
    house.once();
    house.deliver(&rejection("no-2", "Lindgren", "Engineer").hours_ago(3));
    house.once();
    house.wait_for(&[("r1", "sent")]);
    assert_eq!(house.counted("rejected"), 2);
}

fn sent(house: &House) -> usize {
    let out = std::fs::read_dir(house.path("out")).unwrap();
    out.filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|it| it == "eml"))
        .count()
}
