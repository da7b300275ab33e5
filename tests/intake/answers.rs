//! What comes back to a reply: feedback, a refusal, thanks, a machine's word, a bounce.

use crate::support::house::{House, Mail, PATIENCE, put, rejection};
use crate::support::process::Daemon;
use crate::support::wait_until;

/// A house whose reply r1 has gone out; its Message-ID.
fn after_sending() -> (House, Daemon, String) {
    let house = House::new("1s");
    house.deliver(&rejection("no", "Lindgren", "Engineer").hours_ago(30));
    let daemon = house.start();
    house.wait_for(&[("r1", "drafted")]);
    let shown = house.json(&["show", "r1"])[0].clone();
    house.ok(&["approve", "r1"]);
    house.wait_for(&[("r1", "sent")]);
    let id = shown["mail"]["message_id"].as_str().unwrap().to_owned();
    (house, daemon, id)
}

pub(super) fn answer(id: &str, to: &str, text: &str) -> Mail {
    let mut mail = rejection(id, "Lindgren", "Engineer");
    mail.subject = "Re: Your application for Engineer at Lindgren".to_owned();
    mail.header = format!("In-Reply-To: <{to}>\r\nReferences: <{to}>\r\n");
    mail.text = text.to_owned();
    mail
}

fn entries(house: &House) -> Vec<serde_json::Value> {
    house.json(&["feedback", "--all"])
}

fn wait_for_answers(house: &House, count: usize) {
    wait_until("the answer", PATIENCE, || entries(house).len() == count);
}

pub(super) const FEEDBACK: &str = "Dear Alex,\r\n\r\nthank you for asking. Unfortunately we decided to move \
                        forward with other candidates because the deciding factor was experience \
                        with distributed systems. You could also have given more examples.\r\n\r\n\
                        Best regards,\r\nNora Berg\r\n";

#[test]
fn feedback_comes_into_the_notebook_and_is_no_second_rejection() {
    let (house, daemon, id) = after_sending();
    let before = house.json(&["stats"])[0].clone();
    house.deliver(&answer("fb", id.trim_matches(['<', '>']), FEEDBACK));
    wait_for_answers(&house, 1);
    let entry = &entries(&house)[0];
    assert_eq!((&entry["kind"], &entry["reply"]), (&"given".into(), &"r1".into()));
    assert_eq!((&entry["company"], &entry["role"]), (&"Lindgren".into(), &"Engineer".into()));
    assert_eq!(entry["tags"], serde_json::json!(["experience", "communication"]));
    assert!(entry["text"].as_str().unwrap().contains("distributed systems"), "{entry}");
    let after = house.json(&["stats"])[0].clone();
    for field in ["rejected", "applications", "messages.rejected"] {
        let of = |figures: &serde_json::Value| {
            field.split('.').fold(figures.clone(), |value, name| value[name].clone())
        };
        assert_eq!(of(&after), of(&before), "{field}");
    }
    assert_eq!(after["messages"]["feedback"], 1);
    assert_eq!(
        (&after["replies"]["answered"], &after["replies"]["feedback"]),
        (&1.into(), &1.into())
    );
    assert_eq!(house.all_replies().len(), 1, "no answer to the answer");
    let page = house.ok(&["feedback"]);
    assert!(page.contains("Lindgren · Engineer") && page.contains("    | "), "{page}");
    // The same mail in another place, and judged again by other rules.
    house.deliver(&answer("fb", id.trim_matches(['<', '>']), FEEDBACK));
    house.deliver(&rejection("next", "Harbor", "Analyst"));
    wait_until("the other mail", PATIENCE, || {
        house.query::<i64>("SELECT count(*) FROM message WHERE message_id LIKE 'next@%'") == 1
    });
    house.ok(&["rescan", "--all"]);
    assert_eq!(entries(&house).len(), 1);
    let of_answer = "SELECT kind FROM message WHERE message_id LIKE 'fb@%'";
    assert_eq!(house.query::<i64>(of_answer), 80, "still feedback");
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn the_user_tells_what_an_answer_is_about() {
    let (house, daemon, id) = after_sending();
    house.deliver(&answer("fb", id.trim_matches(['<', '>']), FEEDBACK));
    wait_for_answers(&house, 1);
    let no = entries(&house)[0]["message"].as_str().unwrap().to_owned();
    house.ok(&["feedback", &no, "--tag", "Skills", "--tag", "more SQL", "--tag", "skills"]);
    assert_eq!(entries(&house)[0]["tags"], serde_json::json!(["skills", "more sql"]));
    house.ok(&["feedback", &no, "--kind", "warm", "--untag"]);
    assert_eq!(entries(&house)[0]["kind"], "warm");
    assert_eq!(entries(&house)[0]["tags"], serde_json::json!([]));
    let (said, code) = house.says(&["feedback", &no, "--kind", "bounce"]);
    assert_eq!(code, 2, "{said}");
    let said = house.refused(&["feedback", "m1", "--tag", "skills"]);
    assert!(said.contains("There is no answer m1"), "{said}");
    for arguments in [&["feedback", "m1"][..], &["feedback", "m1", "--json"]] {
        let said = house.refused(arguments);
        assert!(said.contains("There is no answer m1"), "{said}");
        assert!(said.contains("`regards feedback` lists"), "{said}");
    }
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn a_refusal_a_warm_word_and_a_machine_are_told_apart() {
    let (house, daemon, id) = after_sending();
    let to = id.trim_matches(['<', '>']);
    let refusal = "Dear Alex,\r\n\r\nwe are sorry, but we are not able to provide individual \
                   feedback.\r\n\r\nNora Berg\r\n";
    let warm = "Dear Alex,\r\n\r\nwhat a kind letter! All the best to you.\r\n\r\nNora\r\n";
    house.deliver(&answer("refused", to, refusal));
    wait_for_answers(&house, 1);
    house.deliver(&answer("warm", to, warm));
    wait_for_answers(&house, 2);
    let mut machine = answer("machine", to, "I am out of the office until Monday.\r\n");
    machine.header.push_str("Auto-Submitted: auto-replied\r\n");
    house.deliver(&machine);
    wait_for_answers(&house, 3);
    let kinds: Vec<String> =
        entries(&house).iter().map(|it| it["kind"].as_str().unwrap().to_owned()).collect();
    assert_eq!(kinds.iter().filter(|it| *it == "refused").count(), 1, "{kinds:?}");
    assert_eq!(kinds.iter().filter(|it| *it == "warm").count(), 1, "{kinds:?}");
    assert_eq!(kinds.iter().filter(|it| *it == "automatic").count(), 1, "{kinds:?}");
    // No word of what a machine wrote is kept, and it is listed on demand only.
    assert_eq!(house.query::<i64>("SELECT count(*) FROM message WHERE text LIKE '%office%'"), 0);
    assert_eq!(house.json(&["feedback"]).len(), 2);
    let wins = house.json(&["wins"]);
    let counts = serde_json::json!({
        "type": "wins", "interviews": 0, "offers": 0, "answers": 2, "feedback": 0,
    });
    assert_eq!(wins[0], counts);
    assert_eq!(wins.len(), 2, "{wins:?}");
    assert_eq!(wins[1]["type"], "kind-words");
    assert_eq!(
        (&wins[1]["company"], &wins[1]["text"]),
        (&"Lindgren".into(), &"what a kind letter!".into())
    );
    let page = house.ok(&["wins"]);
    assert!(page.contains("2  answers to a reply of yours"), "{page}");
    assert!(page.contains("“what a kind letter!”") && !page.contains("interview"), "{page}");
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn a_kind_word_counts_wherever_it_was_said() {
    let house = House::new("1s");
    let mut no = rejection("no", "Lindgren", "Engineer").hours_ago(30);
    no.text =
        no.text.replace("Best regards", "It was a real pleasure to meet you.\r\n\r\nBest regards");
    house.deliver(&no);
    house.once();
    house.wait_for(&[("r1", "drafted")]);
    let words = |house: &House| -> Vec<String> {
        let lines = house.json(&["wins"]).into_iter().filter(|it| it["type"] == "kind-words");
        lines.map(|it| it["text"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(words(&house), ["It was a real pleasure to meet you."]);
    assert!(house.ok(&["wins"]).contains("“It was a real pleasure to meet you.”"));
    let id = house.json(&["show", "r1"])[0]["mail"]["message_id"].as_str().unwrap().to_owned();
    house.ok(&["approve", "r1"]);
    house.once();
    let kind = FEEDBACK.replace("thank you for asking.", "we were impressed by your answers.");
    house.deliver(&answer("fb", id.trim_matches(['<', '>']), &kind));
    house.once();
    assert_eq!(entries(&house)[0]["kind"], "given");
    assert_eq!(words(&house)[0], "we were impressed by your answers.");
    // What cools is heard of in no way.
    let house = House::new("100d");
    house.deliver(&no);
    house.once();
    assert_eq!(house.json(&["wins"]).len(), 1);
}

#[test]
fn an_invitation_in_answer_to_a_reply_reopens_the_application() {
    let (house, daemon, id) = after_sending();
    let text = "Dear Alex,\r\n\r\nthank you for your letter. Things have changed: we would like to \
                invite you to an interview for the Engineer position next Tuesday at \
                10:00.\r\n\r\nNora Berg\r\n";
    house.deliver(&answer("again", id.trim_matches(['<', '>']), text));
    wait_for_answers(&house, 1);
    assert_eq!(house.counted("invited"), 1);
    assert_eq!(house.json(&["stats"])[0]["open"], 1);
    assert_eq!(daemon.stop(), 0);
}

/// Delivers a report as RFC 3464 has it, about the mail with this Message-ID.
pub(super) fn report(house: &House, action: &str, about: &str) {
    let mut mail = rejection(&format!("{action}-{about}"), "Lindgren", "Engineer");
    mail.from = "Mail Delivery System <MAILER-DAEMON@mx.example.org>".to_owned();
    mail.subject = "Undelivered Mail Returned to Sender".to_owned();
    mail.header = "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\nContent-Type: \
                   multipart/report; report-type=delivery-status; boundary=\"b\"\r\n"
        .to_owned();
    mail.text = format!(
        "--b\r\nContent-Type: text/plain\r\n\r\nYour message could not be delivered.\r\n\
         --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n\
         \r\nFinal-Recipient: rfc822; nora@lindgren.example\r\nAction: {action}\r\nStatus: 5.1.1\r\n\
         Diagnostic-Code: smtp; 550 5.1.1 <nora@lindgren.example>: Recipient\r\n  address rejected\r\n\
         \r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\nFrom: alex@example.org\r\n\
         Message-ID: <{about}>\r\n\r\n--b--\r\n"
    );
    let plain = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n--b";
    let mail = String::from_utf8(mail.bytes(house.now)).unwrap().replace(plain, "\r\n--b");
    put(&house.path("Maildir"), mail.as_bytes());
}

#[test]
fn a_bounce_is_shown_with_the_servers_words_and_nothing_is_sent_again() {
    let (house, daemon, id) = after_sending();
    let to = id.trim_matches(['<', '>']);
    assert_eq!(house.desk(), []);
    // A delay is none, and neither is a report about another mail.
    report(&house, "failed", "another@example.org");
    report(&house, "delayed", to);
    let mut away = answer("away", to, "I am out of office.\r\n");
    away.header.push_str("Auto-Submitted: auto-replied\r\n");
    house.deliver(&away);
    wait_until("the machine's word", PATIENCE, || entries(&house).len() == 1);
    report(&house, "failed", to);
    wait_until("the bounce", PATIENCE, || !house.desk().is_empty());
    assert_eq!(house.json(&["stats"])[0]["replies"]["came_back"], 1);
    assert_eq!(house.json(&["stats"])[0]["replies"]["answered"], 0);
    let bounces: Vec<_> = entries(&house).into_iter().filter(|it| it["kind"] == "bounce").collect();
    assert_eq!(bounces.len(), 1, "{bounces:?}");
    let said = bounces[0]["text"].as_str().unwrap();
    assert_eq!(said, "550 5.1.1 <nora@lindgren.example>: Recipient address rejected");
    let desk = house.ok(&["desk"]);
    assert!(desk.contains("r1: it came back: the address does not exist (5.1.1)\n"), "{desk}");
    assert!(desk.contains("      the server said: 550 5.1.1 <nora"), "{desk}");
    assert!(desk.contains("regards draft m1 --to ADDRESS"), "{desk}");
    // Nobody has got it, so that the same person may be written to again.
    house.ok(&["draft", "m1"]);
    house.wait_for(&[("r1", "sent"), ("r2", "drafted")]);
    house.ok(&["show", "r2"]);
    assert!(house.desk().iter().all(|row| row.0 != "r1"), "the new one has taken its place");
    house.ok(&["approve", "r2"]);
    house.wait_for(&[("r1", "sent"), ("r2", "sent")]);
    assert_eq!(daemon.stop(), 0);
    house.once();
    assert_eq!(std::fs::read_dir(house.path("out")).unwrap().count(), 2, "each sent once");
}

/// A server that writes no report (RFC 3464) gives r1 back.
fn plain_bounce(house: &House, about: &str) {
    let text = format!(
        "Hi. This is the qmail-send program at mx.example.org.\r\nI'm afraid I wasn't able to \
         deliver your message.\r\n\r\n<nora@lindgren.example>:\r\nSorry, no mailbox here by that \
         name. (#5.1.1)\r\n\r\n--- Below this line is a copy of the message.\r\n\r\nMessage-ID: \
         <{about}>\r\nSubject: Re: Your application\r\n\r\nDear Nora\r\n"
    );
    let mail = Mail {
        from: "MAILER-DAEMON@mx.example.org".to_owned(),
        subject: "failure notice".to_owned(),
        header: "Return-Path: <>\r\n".to_owned(),
        text,
        ..rejection("plain", "Lindgren", "Engineer")
    };
    house.deliver(&mail);
}

#[test]
fn a_bounce_in_plain_text_is_one_too_and_can_be_put_away() {
    let (house, daemon, id) = after_sending();
    plain_bounce(&house, id.trim_matches(['<', '>']));
    wait_until("the bounce", PATIENCE, || !house.desk().is_empty());
    assert_eq!(entries(&house)[0]["kind"], "bounce");
    let desk = house.ok(&["desk"]);
    assert!(desk.contains("it came back: the address does not exist (5.1.1)"), "{desk}");
    assert!(desk.contains("the server said: Sorry, no mailbox here by that name."), "{desk}");
    assert!(desk.contains("regards skip r1"), "{desk}");
    assert_eq!(house.ok(&["skip", "r1"]), "r1 is off the desk\n");
    assert_eq!(house.desk(), []);
    assert_eq!(house.all_replies().len(), 1, "it is only out of sight");
    house.refused(&["skip", "r1"]);
    assert_eq!(house.json(&["stats"])[0]["replies"]["came_back"], 1);
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn another_address_after_a_bounce_is_asked_about_once_and_truly() {
    let (house, daemon, id) = after_sending();
    plain_bounce(&house, id.trim_matches(['<', '>']));
    wait_until("the bounce", PATIENCE, || !house.desk().is_empty());
    let to = ["draft", "m1", "--to", "hr@lindgren.example"];
    let (said, code) = house.says_to("n\n", &to);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("r1 reached nobody. Make a draft to hr@lindgren.example?"), "{said}");
    assert!(!said.contains("would not write"), "{said}");
    assert_eq!(house.says_to("y\n", &to).1, 0);
    house.wait_for(&[("r1", "sent"), ("r2", "drafted")]);
    let shown = house.ok(&["show", "r2"]);
    assert!(shown.contains("! you named this address, because r1 reached nobody"), "{shown}");
    assert!(!shown.contains("against the program"), "{shown}");
    assert_eq!(daemon.stop(), 0);
}
