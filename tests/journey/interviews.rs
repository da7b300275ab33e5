//! After two interviews: the whole way from the rejection to the entry in the notebook, on
//! the days and hours on which it happens.

use serde_json::{Value, json};

use crate::support::has;
use crate::support::mails::{invitation, rejection};
use crate::support::story::{approve, number, read_by_python};
use crate::support::wait_until;
use crate::support::world::{PATIENCE, World};

/// Office hours and pauses as they are without a setting, in UTC. It is Monday, 9 November
/// 2026, a quarter to eight; two talks lie behind.
fn on_monday() -> Option<World> {
    if !has(&["faketime"]) {
        return None;
    }
    let mut world = World::with_servers()?;
    for key in ["after_form", "after_talks", "after_rescinded", "office_hours", "working_days"] {
        world.unset(&format!("cooling.{key}"));
    }
    world.set("cooling.time_zone", "UTC");
    let first = dated(&invitation(&world), "Mon, 26 Oct 2026 10:00:00 +0000");
    let second = dated(&invitation(&world), "Mon, 02 Nov 2026 15:00:00 +0000")
        .replace("talk-1@", "talk-2@")
        .replace("Subject: Interview", "Subject: Second interview")
        .replace("we liked your application", "we enjoyed our first talk");
    for mail in [first, second] {
        world.deliver(&mail);
    }
    world.pretend(Some("@2026-11-09 07:45:00"));
    world.cli(&["run", "--once"]).ok();
    Some(world)
}

fn dated(mail: &str, date: &str) -> String {
    let from = mail.find("Date: ").unwrap();
    let end = from + mail[from..].find('\n').unwrap();
    format!("{}Date: {date}{}", &mail[..from], &mail[end..])
}

/// One look at another time; the replies on the desk.
fn look_at(world: &mut World, moment: &str) -> Vec<Value> {
    world.pretend(Some(moment));
    world.cli(&["run", "--once"]).ok();
    let desk = world.cli(&["desk", "--json"]).ok().json();
    desk.into_iter().filter(|line| line["type"] == "reply").collect()
}

#[test]
fn feedback_is_asked_for_two_days_later_at_nine_and_what_comes_is_kept() {
    let Some(mut world) = on_monday() else { return };
    assert_eq!(world.cli(&["stats", "--json"]).ok().one()["invited"], 1, "one application");
    world.deliver(&dated(&rejection(&world), "Mon, 09 Nov 2026 07:40:00 +0000"));
    assert!(look_at(&mut world, "@2026-11-09 07:50:00").is_empty());
    // Two days are over, and nobody works yet.
    assert!(look_at(&mut world, "@2026-11-11 08:58:00").is_empty());
    let desk = look_at(&mut world, "@2026-11-11 09:00:05");
    let [line] = desk.as_slice() else { panic!("{desk:?}") };
    let reply = number(line);
    let shown = approve(&world, &reply);
    assert_eq!(
        (&shown["addressee"]["who"], &shown["mail"]["intent"]),
        (&json!("person"), &json!("feedback-request"))
    );
    look_at(&mut world, "@2026-11-11 09:05:00");
    let arrived = world.until_arrived(1);
    let ours = read_by_python(&arrived[0])["message_id"].as_str().unwrap().to_owned();
    let before = world.cli(&["stats", "--json"]).ok().one();

    world.pretend(None);
    let text = "Hi Alex,\n\nthank you for asking. Unfortunately we decided for another candidate, \
                because the deciding factor was experience with distributed systems.\n\n\
                Best regards,\nNora Lindgren\n";
    let mail = rejection(&world);
    let header = mail.split_once("\n\n").unwrap().0.replace("rej-1@", "feedback-1@");
    let domain = world.recruiter().split_once('@').unwrap().1.to_owned();
    let header = header.replace(&format!("<talk-1@{domain}>\n"), &format!("{ours}\n"));
    world.recruiter_sends(&format!("{header}\n\n{text}"));
    wait_until("the answer was delivered", PATIENCE, || {
        world.mails_of(&world.applicant(), "INBOX").len() == 4
    });
    world.cli(&["run", "--once"]).ok();
    let entry = world.cli(&["feedback", "--json"]).ok().one();
    assert_eq!((&entry["kind"], &entry["reply"]), (&json!("given"), &json!(reply)));
    assert!(entry["text"].as_str().unwrap().contains("distributed systems"), "{entry}");
    assert_eq!(entry["tags"], json!(["experience"]));
    let after = world.cli(&["stats", "--json"]).ok().one();
    for unchanged in ["rejected", "applications", "rejected_after_talks"] {
        assert_eq!(after[unchanged], before[unchanged], "{unchanged}");
    }
    assert_eq!(
        (&before["replies"]["feedback"], &after["replies"]["feedback"]),
        (&json!(0), &json!(1))
    );
    assert_eq!((&after["replies"]["sent"], &after["replies"]["answered"]), (&json!(1), &json!(1)));
    assert!(world.cli(&["desk", "--json"]).ok().json().is_empty());
}

#[test]
fn a_no_reply_rejection_is_answered_to_the_recruiter_of_the_talks_as_a_new_mail() {
    let Some(mut world) = on_monday() else { return };
    let domain = world.recruiter().split_once('@').unwrap().1.to_owned();
    let machine = rejection(&world)
        .replace(
            &format!("From: Nora Lindgren <{}>", world.recruiter()),
            &format!("From: Lindgren & Co Careers <no-reply@{domain}>"),
        )
        .replace("Hi Alex", "Dear applicant")
        .replace(
            "Best regards,\nNora Lindgren\nLindgren & Co",
            "Please do not reply to this email.",
        );
    world.deliver(&dated(&machine, "Mon, 09 Nov 2026 07:40:00 +0000"));
    look_at(&mut world, "@2026-11-09 07:50:00");
    let desk = look_at(&mut world, "@2026-11-11 09:00:05");
    let [line] = desk.as_slice() else { panic!("{desk:?}") };
    let reply = number(line);
    let shown = approve(&world, &reply);
    assert_eq!(shown["addressee"]["who"], "earlier");
    look_at(&mut world, "@2026-11-11 09:05:00");
    let read = read_by_python(&world.until_arrived(1)[0]);
    assert_eq!((&read["in_reply_to"], &read["references"]), (&Value::Null, &Value::Null));
    assert_eq!(read["subject"], shown["mail"]["subject"]);
    assert!(!read["subject"].as_str().unwrap().starts_with("Re:"), "{read}");
}
