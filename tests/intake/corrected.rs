//! The user knows better.

use std::time::{Duration, Instant};

use super::house::{House, confirmation, rejection};

#[test]
fn a_rejection_corrected_to_noise_withdraws_its_draft_and_stays_so() {
    let house = House::new("1s");
    house.deliver(&rejection("no", "Lindgren", "Engineer").hours_ago(30));
    let daemon = house.start();
    house.wait_for(&[("r1", "drafted")]);
    let began = Instant::now();
    house.ok(&["correct", "m1", "noise"]);
    house.wait_for(&[("r1", "withdrawn")]);
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    assert_eq!(house.counted("rejected"), 0);
    // What has lost its application can still be looked at.
    house.ok(&["desk", "--all"]);
    house.ok(&["show", "r1"]);
    assert_eq!(daemon.stop(), 0);
    house.once();
    house.wait_for(&[("r1", "withdrawn")]);
    assert_eq!(house.counted("rejected"), 0);
    house.deliver(&rejection("no", "Lindgren", "Engineer").hours_ago(30));
    house.once();
    house.wait_for(&[("r1", "withdrawn")]);
}

#[test]
fn without_the_daemon_a_correction_takes_effect_at_the_next_run() {
    let house = House::new("1s");
    house.deliver(&rejection("no", "Lindgren", "Engineer").hours_ago(30));
    house.once();
    let said = house.ok(&["correct", "m1", "noise"]);
    assert!(said.contains("at the next run"), "{said}");
    assert_eq!(house.desk()[0].1, "drafted");
    house.once();
    house.wait_for(&[("r1", "withdrawn")]);
}

#[test]
fn a_missed_rejection_cools_and_is_drafted_once_it_is_corrected() {
    let house = House::new("3s");
    let mut missed = confirmation("odd", "Lindgren", "Engineer");
    missed.from = "Nora Berg <nora@lindgren.example>".to_owned();
    missed.header.clear();
    house.deliver(&missed);
    let daemon = house.start();
    assert_eq!(house.all_replies(), []);
    house.ok(&["correct", "m1", "rejected"]);
    house.wait_for(&[("r1", "cooling")]);
    house.wait_for(&[("r1", "drafted")]);
    assert_eq!(house.counted("rejected"), 1);
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn a_corrected_invitation_overtakes_the_reply() {
    let house = House::new("1s");
    house.deliver(&rejection("no", "Lindgren", "Engineer").hours_ago(30));
    let mut missed = confirmation("odd", "Lindgren", "Engineer").hours_ago(2);
    missed.header = "In-Reply-To: <no@lindgren.example>\r\n".to_owned();
    house.deliver(&missed);
    let daemon = house.start();
    house.wait_for(&[("r1", "drafted")]);
    let no: i64 = house.query("SELECT no FROM message WHERE message_id LIKE 'odd@%'");
    house.ok(&["correct", &format!("m{no}"), "invited"]);
    house.wait_for(&[("r1", "withdrawn")]);
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn an_unsure_mail_cools_is_asked_about_and_answered_as_the_user_says() {
    let house = House::new("2s");
    let mut unsure = rejection("hm", "Lindgren", "Engineer");
    unsure.text = include_str!("../mail/unsure/sorry-and-good-luck-only.eml")
        .split_once("\n\n")
        .unwrap()
        .1
        .replace('\n', "\r\n");
    unsure.subject = "Your application".to_owned();
    house.deliver(&unsure);
    let daemon = house.start();
    crate::support::wait_until("the mail is read", super::house::PATIENCE, || {
        house.query::<i64>("SELECT count(*) FROM message") == 1
    });
    crate::support::wait_until("the question", super::house::PATIENCE, || {
        !house.on_desk("question").is_empty()
    });
    let asked = house.on_desk("question");
    assert_eq!(asked[0]["question"], "unsure", "{asked:?}");
    assert_eq!(house.all_replies(), []);
    house.ok(&["correct", "m1", "rejected"]);
    house.wait_for(&[("r1", "drafted")]);
    assert_eq!(house.on_desk("question").len(), 0);
    assert_eq!(daemon.stop(), 0);
}
