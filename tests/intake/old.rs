//! Old mail makes statistics, not drafts.

use crate::support::house::{
    House, Mail, PATIENCE, confirmation, form_rejection, newsletter, rejection,
};
use crate::support::{has, wait_until};

const DAY: i64 = 24;

#[test]
fn an_empty_desk_says_whether_a_rejection_was_found() {
    let house = House::new("100d");
    house.deliver(&confirmation("ack", "Solo", "Engineer").hours_ago(50));
    house.deliver(&rejection("cools", "Solo", "Engineer"));
    house.once();
    assert_eq!(house.query::<i64>("SELECT count(*) FROM message WHERE quiet_until > 0"), 1);
    let desk = house.ok(&["desk"]);
    assert!(desk.contains("no rejection was found so far"), "one that cools is none: {desk}");
    house.deliver(&rejection("old", "Firm", "Engineer").hours_ago(90 * DAY));
    house.once();
    assert!(house.ok(&["desk"]).contains("while you were away"), "listed once");
    let desk = house.ok(&["desk"]);
    assert!(desk.contains("older than a week"), "{desk}");
}

#[test]
fn a_first_run_over_old_mail_makes_statistics_and_leaves_the_desk_empty() {
    let house = House::new("1s");
    for n in 0..1900 {
        house.deliver(&newsletter(&format!("news-{n}"), "Bulletin").hours_ago(60 * DAY + n));
    }
    for n in 0..100 {
        let mail = rejection(&format!("old-{n}"), &format!("Firm{n}"), "Engineer");
        house.deliver(&mail.hours_ago(90 * DAY + n));
    }
    let began = std::time::Instant::now();
    let log = house.once();
    println!("2000 messages in {:?}", began.elapsed());
    assert!(log.contains("First look: 2000 mails read since"), "{log}");
    assert_eq!(house.counted("rejected"), 100);
    assert_eq!(house.json(&["stats"])[0]["applications"], 100);
    assert_eq!(house.all_replies(), []);
    assert_eq!(house.query::<i64>("SELECT count(*) FROM message WHERE quiet_until > 0"), 0);
    let desk = house.ok(&["desk"]);
    assert!(desk.contains("older than a week"), "{desk}");
    assert!(!desk.contains("while you were away"), "{desk}");
    let status = house.ok(&["status"]);
    assert!(status.contains("2000 mails read"), "{status}");

    let daemon = house.start();
    house.deliver(&rejection("new-1", "Newcomer", "Engineer"));
    house.wait_for(&[("r1", "drafted")]);
    assert_eq!(house.desk()[0].2, "Newcomer");
    assert_eq!(house.counted("rejected"), 101);
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn rejections_that_came_while_the_program_was_off_are_listed_once_and_drafted_on_demand() {
    if !has(&["faketime"]) {
        return;
    }
    let mut house = House::new("1s");
    house.pretend(Some("-20d"));
    house.once();
    house.pretend(None);
    house.deliver(&rejection("late-1", "Lateness", "Engineer").hours_ago(10 * DAY));
    house.deliver(&form_rejection("late-2", "Formality", "Engineer").hours_ago(11 * DAY));
    let other = newsletter("news-1", "Bulletin");
    house.deliver(&other);
    house.once();
    assert_eq!(house.counted("rejected"), 2);

    let away = house.on_desk("away");
    assert_eq!(away.len(), 2, "{away:?}");
    let of = |company: &str| -> String {
        let line = away.iter().find(|line| line["company"] == company).unwrap();
        line["message"].as_str().unwrap().to_owned()
    };
    let (person, form) = (of("Lateness"), of("Formality"));
    assert_eq!(house.on_desk("away").len(), 2, "a script's look hides nothing from the user");
    assert!(house.ok(&["desk"]).contains("Lateness"));
    assert!(!house.ok(&["desk"]).contains("Lateness"), "listed a second time");
    assert!(house.ok(&["desk", "--all"]).contains("Lateness"));
    assert_eq!(house.all_replies(), []);

    let daemon = house.start();
    let said = house.refused(&["draft", &form]);
    assert!(said.contains("nobody to write to") && said.contains("--to"), "{said}");
    house.ok(&["draft", &person]);
    house.wait_for(&[("r1", "drafted")]);

    let to = ["draft", &form, "--to", "boss@formality.example"];
    let (said, code) = house.says_to("y\nn\n", &to);
    assert_eq!(code, 1, "{said}");
    let (said, code) = house.says_to("y\n", &to);
    assert_eq!(code, 1, "one yes is not enough: {said}");
    house.wait_for(&[("r1", "drafted")]);
    let (said, code) = house.says_to("y\ny\n", &to);
    assert_eq!(code, 0, "{said}");
    house.wait_for(&[("r1", "drafted"), ("r2", "drafted")]);
    let shown = house.ok(&["show", "r2"]);
    assert!(shown.contains("boss@formality.example"), "{shown}");
    assert!(shown.contains("against the program's advice"), "{shown}");
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn a_draft_for_what_is_no_rejection_says_what_to_do() {
    let house = House::new("1s");
    house.deliver(&confirmation("ack-1", "Firm", "Engineer"));
    let daemon = house.start();
    let said = house.refused(&["draft", "m1"]);
    assert!(said.contains("regards correct m1 rejected"), "{said}");
    let (said, code) = house.says(&["draft", "m7"]);
    assert_eq!((said.contains("There is no message m7"), code), (true, 1), "{said}");
    assert_eq!(house.all_replies(), []);
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn mail_that_came_while_the_daemon_was_off_is_taken_up() {
    let house = House::new("1s");
    let daemon = house.start();
    house.deliver(&rejection("one", "Firstly", "Engineer"));
    house.wait_for(&[("r1", "drafted")]);
    assert_eq!(daemon.stop(), 0);
    house.deliver(&rejection("two", "Secondly", "Engineer").hours_ago(50));
    let before = house.desk();
    let daemon = house.start();
    house.wait_for(&[("r1", "drafted"), ("r2", "drafted")]);
    assert_eq!(house.desk()[0], before[0]);
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn the_brake_for_many_rejections_holds_until_resume_and_comes_back_only_for_new_ones() {
    let house = House::new("1s");
    let mail = |n: usize| -> Mail { rejection(&format!("m-{n}"), &format!("Firm{n}"), "Engineer") };
    let daemon = house.start_at_once();
    for n in 0..12 {
        house.deliver(&mail(n).hours_ago(30));
    }
    wait_until("the brake is set", PATIENCE, || !house.on_desk("brake").is_empty());
    let status = house.says(&["status"]).0;
    assert!(status.starts_with("Held: more than 10 rejections"), "{status}");
    assert!(house.ok(&["desk"]).starts_with("Held: more than 10 rejections"));
    wait_until("all are in", PATIENCE, || house.query::<i64>("SELECT count(*) FROM reply") == 12);
    house.ok(&["resume"]);
    wait_until("the drafts are made", PATIENCE, || {
        house.desk().iter().filter(|(_, state, _)| state == "drafted").count() == 12
    });
    house.deliver(&mail(12));
    wait_until("one more draft is made", PATIENCE, || house.desk().len() == 13);
    assert_eq!(house.on_desk("brake").len(), 0, "the old hour brakes again");
    assert_eq!(daemon.stop(), 0);
}
