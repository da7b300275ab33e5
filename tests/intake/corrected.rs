//! The user knows better.

use std::fs;

use crate::support::house::{House, PATIENCE, confirmation, rejection, unsure};
use crate::support::wait_until;

/// Rules that take every mail for the kind that they are told.
pub fn everything_is(kind: &str) -> String {
    format!(
        "[[rule]]\nsymbol = 'OWN_ALL'\ndescribe = 'Any mail'\nwhere = 'subject'\nany = ['.']\n\
         [weights]\nOWN_ALL = {{ {kind} = 50.0 }}\n"
    )
}

#[test]
fn a_rejection_corrected_to_noise_withdraws_its_draft_and_stays_so() {
    let house = House::new("1s");
    house.deliver(&rejection("no", "Lindgren", "Engineer").hours_ago(30));
    let daemon = house.start();
    house.wait_for(&[("r1", "drafted")]);
    house.ok(&["correct", "m1", "noise"]);
    // The command waits for the daemon; both note the time.
    assert_eq!(house.all_replies()[0].1, "withdrawn");
    let took = house.query::<i64>("SELECT applied_at - at FROM decision");
    println!("applied after {took} ms");
    assert!(took <= 1000, "{took} ms");
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
    let house = House::new("1h");
    let missed = |id: &str, firm: &str| {
        let mut mail = confirmation(id, firm, "Engineer");
        mail.from = format!("Nora Berg <nora@{}.example>", firm.to_lowercase());
        mail.header.clear();
        mail
    };
    house.deliver(&missed("fresh", "Lindgren"));
    house.deliver(&missed("older", "Harbor").hours_ago(30));
    let daemon = house.start();
    assert_eq!(house.all_replies(), []);
    let number = |id: &str| -> i64 {
        house.query(&format!("SELECT no FROM message WHERE message_id LIKE '{id}@%'"))
    };
    house.ok(&["correct", &format!("m{}", number("fresh")), "rejected"]);
    house.wait_for(&[("r1", "cooling")]);
    house.ok(&["correct", &format!("m{}", number("older")), "rejected"]);
    house.wait_for(&[("r1", "cooling"), ("r2", "drafted")]);
    assert_eq!(house.counted("rejected"), 2);
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
    let unsure = unsure("hm");
    house.deliver(&unsure);
    let daemon = house.start();
    wait_until("the mail is read", PATIENCE, || {
        house.query::<i64>("SELECT count(*) FROM message") == 1
    });
    wait_until("the question", PATIENCE, || !house.on_desk("question").is_empty());
    let asked = house.on_desk("question");
    assert_eq!(asked[0]["question"], "unsure", "{asked:?}");
    assert_eq!(house.all_replies(), []);
    house.ok(&["correct", "m1", "rejected"]);
    house.wait_for(&[("r1", "drafted")]);
    assert_eq!(house.on_desk("question").len(), 0);
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn what_the_user_told_holds_through_changed_rules_and_a_mail_that_comes_again() {
    let house = House::new("1s");
    house.deliver(&rejection("no", "Lindgren", "Engineer").hours_ago(30));
    house.deliver(&confirmation("ack", "Harbor", "Analyst").hours_ago(300));
    let daemon = house.start();
    house.wait_for(&[("r1", "drafted")]);
    let number = |id: &str| -> String {
        let no: i64 =
            house.query(&format!("SELECT no FROM message WHERE message_id LIKE '{id}@%'"));
        format!("m{no}")
    };
    house.ok(&["correct", &number("no"), "noise"]);
    house.ok(&["correct", &number("ack"), "invited"]);
    fs::write(house.path("rules/own.toml"), everything_is("rejected")).unwrap();
    daemon.signal("HUP");
    wait_until("the rules are read again", PATIENCE, || daemon.log().contains("Rules reloaded"));
    // Moved by another mail program: the same mails under new numbers.
    house.deliver(&rejection("no", "Lindgren", "Engineer").hours_ago(30));
    house.deliver(&confirmation("ack", "Harbor", "Analyst").hours_ago(300));
    house.deliver(&confirmation("new", "Other", "Analyst").hours_ago(300));
    wait_until("the mail is read", PATIENCE, || house.counted("rejected") == 1);
    assert_eq!(house.query::<i64>("SELECT count(*) FROM message"), 3);
    assert_eq!(house.counted("invited"), 1);
    house.wait_for(&[("r1", "withdrawn")]);
    assert_eq!(daemon.stop(), 0);
    house.once();
    assert_eq!((house.counted("rejected"), house.counted("invited")), (1, 1));
    house.wait_for(&[("r1", "withdrawn")]);
}

#[test]
fn of_a_mail_that_the_user_calls_noise_the_symbols_stay_and_no_word_of_its_text() {
    let house = House::new("1s");
    house.deliver(&rejection("no", "Lindgren", "Engineer").hours_ago(30));
    house.once();
    let words = "SELECT group_concat(json_extract(value, '$.words'), '')
                 FROM message, json_each(hits)";
    assert!(house.query::<String>(words).contains("other candidates"));
    house.ok(&["correct", "m1", "noise"]);
    house.once();
    assert_eq!(house.query::<i64>("SELECT count(*) FROM message WHERE text IS NULL"), 1);
    assert_eq!(house.query::<i64>("SELECT count(*) FROM message WHERE raw IS NULL"), 1);
    assert_eq!(house.query::<String>(words), "");
    let rest = "SELECT subject || ifnull(sender, '') || ifnull(sender_name, '') || hits
                    || ifnull(company, '') || ifnull(role, '') || ifnull(person, '')
                    || ifnull(recipient, '') || ifnull(addressee_why, '') FROM message";
    let rest = house.query::<String>(rest).to_lowercase();
    for word in ["lindgren", "engineer", "nora", "alex"] {
        assert!(!rest.contains(word), "{word} in {rest}");
    }
    let said = house.ok(&["explain", "m1"]);
    assert!(said.contains("m1  noise (as you told; ") && said.contains("REJ_"), "{said}");
    let told = &house.json(&["explain", "m1"])[0];
    assert_eq!((&told["path"], &told["kind"]), (&"m1".into(), &"noise".into()));
    assert_eq!(told["corrected"], true);
    assert!(told["symbols"].to_string().contains("REJ_"), "{told}");
}

#[test]
fn a_rejection_called_noise_by_mistake_can_be_taken_back_and_answered() {
    let house = House::new("1s");
    house.deliver(&rejection("no", "Lindgren", "Engineer").hours_ago(30));
    let daemon = house.start();
    house.wait_for(&[("r1", "drafted")]);
    house.ok(&["correct", "m1", "noise"]);
    let said = house.ok(&["correct", "m1", "rejected"]);
    assert!(said.contains("words of m1 were forgotten"), "{said}");
    let said = house.refused(&["draft", "m1"]);
    assert!(said.contains("words of m1 were forgotten"), "{said}");
    assert!(said.contains("`regards find` tells its number"), "{said}");
    // The way that it names.
    let found = house.json(&["find", "--from", "lindgren.example"]);
    let id = found[0]["id"].as_str().unwrap().to_owned();
    assert!(id.starts_with('f'), "{id}");
    house.ok(&["correct", &id, "rejected"]);
    assert_eq!(house.query::<i64>("SELECT count(*) FROM message"), 1);
    house.ok(&["draft", "m1"]);
    house.wait_for(&[("r1", "withdrawn"), ("r2", "drafted")]);
    let told = &house.json(&["explain", "m1"])[0];
    assert_eq!(told["company"], "Lindgren");
    assert!(told["hits"].to_string().contains("other candidates"), "{told}");
    assert_eq!(house.json(&["find", "--from", "lindgren.example"])[0]["id"], "m1");
    assert_eq!(daemon.stop(), 0);
}
