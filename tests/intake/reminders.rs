//! Keeping in touch: what is remembered, since when, and what becomes of it.

use std::process::Command;

use jiff::{Timestamp, ToSpan};
use serde_json::Value;

use crate::support::house::{House, Mail, PATIENCE, form_rejection, invitation, rejection};
use crate::support::story::days_pass;
use crate::support::{has, missing, wait_until};

/// A rejection that says when to apply again.
fn states(mail: Mail, sentence: &str) -> Mail {
    let text = mail.text.replace("Best regards", &format!("{sentence}\r\n\r\nBest regards"));
    let text = text.replace("Please do not", &format!("{sentence} Please do not"));
    assert!(text.contains(sentence));
    Mail { text, ..mail }
}

fn reminders(house: &House) -> Vec<Value> {
    house.json(&["remind"])
}

fn pass(house: &House, days: i64) {
    days_pass(&house.path("state"), days);
}

/// A house whose reply r1 has gone out.
fn after_sending() -> House {
    let house = House::new("1s");
    house.deliver(&rejection("no", "Lindgren", "Engineer").hours_ago(30));
    house.once();
    house.ok(&["show", "r1"]);
    house.ok(&["approve", "r1"]);
    house.once();
    house.wait_for(&[("r1", "sent")]);
    house
}

const ENGLISH: &str = "You are welcome to reapply after six months.";

#[test]
fn a_waiting_time_that_the_employer_states_is_remembered_from_the_day_of_the_mail() {
    let house = House::new("1s");
    house.deliver(&states(form_rejection("en", "Lindgren", "Engineer").hours_ago(30), ENGLISH));
    let mut german = rejection("de", "Nordkorn", "Bäcker").hours_ago(28);
    german.subject = "Ihre Bewerbung als Bäcker".to_owned();
    german.text = "Guten Tag Alex Morgan,\r\n\r\nvielen Dank für Ihre Bewerbung als Bäcker bei \
                   Nordkorn. Leider müssen wir Ihnen absagen, weil wir uns für einen anderen \
                   Bewerber entschieden haben. Melden Sie sich gerne in einem halben Jahr wieder \
                   bei uns. Ihre Daten werden nach drei Monaten gelöscht.\r\n\r\nMit freundlichen \
                   Grüßen\r\nNora Berg\r\nNordkorn\r\n"
        .to_owned();
    house.deliver(&german);
    let vague = states(form_rejection("vague", "Harbor", "Cook").hours_ago(29), "Please reapply.");
    house.deliver(&vague);
    house.once();
    let all = reminders(&house);
    assert_eq!(all.len(), 2, "{all:?}");
    for (row, company, said, ago) in [
        (&all[0], "Lindgren", "reapply after six months", 30),
        (&all[1], "Nordkorn", "Melden Sie sich gerne in einem halben Jahr", 28),
    ] {
        assert_eq!(row["company"], company);
        assert_eq!(row["said"], said);
        let due: Timestamp = row["due"].as_str().unwrap().parse().unwrap();
        let received = house.now.to_zoned(jiff::tz::TimeZone::UTC) - ago.hours();
        let off = due.duration_since((received + 6.months()).timestamp()).as_secs();
        assert!(off.abs() < 2, "{company}: {off} s");
    }
    let said = house.ok(&["remind"]);
    assert!(said.contains("they said “reapply after six months”"), "{said}");
    assert_eq!(house.on_desk("reminder"), Vec::<Value>::new(), "not due yet");
}

#[test]
fn where_nothing_was_sent_the_desk_reminds_until_it_is_told_otherwise() {
    let house = House::new("1s");
    house.deliver(&states(form_rejection("no", "Lindgren", "Engineer").hours_ago(30), ENGLISH));
    house.once();
    pass(&house, 200);
    house.once();
    let line = house.on_desk("reminder").remove(0);
    assert_eq!((&line["message"], &line["reply"]), (&"m1".into(), &Value::Null));
    let desk = house.ok(&["desk"]);
    let told = "m1  Lindgren, Engineer: they said “reapply after six months”";
    assert!(desk.contains(told) && !desk.contains("The desk is empty"), "{desk}");
    assert_eq!(house.all_replies(), [], "there is nobody to write to");
    house.ok(&["remind", "m1", "6", "weeks"]);
    assert_eq!(house.on_desk("reminder"), Vec::<Value>::new());
    pass(&house, 43);
    assert!(house.ok(&["desk"]).contains("m1  Lindgren, Engineer: you wanted to be reminded"));
    house.ok(&["remind", "m1", "never"]);
    assert_eq!((house.on_desk("reminder").len(), reminders(&house).len()), (0, 0));
    // What the user said holds against what an employer says once more.
    house.deliver(&states(form_rejection("no-2", "Lindgren", "Engineer").hours_ago(29), ENGLISH));
    house.once();
    assert_eq!(house.counted("rejected"), 2);
    assert_eq!(reminders(&house).len(), 0);
}

#[test]
fn a_follow_up_goes_to_whoever_of_the_house_wrote_back() {
    let house = after_sending();
    let sent = house.json(&["show", "r1"])[0]["mail"].clone();
    let id = sent["message_id"].as_str().unwrap().trim_matches(['<', '>']).to_owned();
    let mut answer = rejection("warm", "Lindgren", "Engineer");
    answer.from = "Ole Dahl <ole@lindgren.example>".to_owned();
    answer.subject = "Re: Your application".to_owned();
    answer.header = format!("In-Reply-To: <{id}>\r\nReferences: <{id}>\r\n");
    answer.text =
        "Hi Alex,\r\n\r\nthank you for your kind letter, I wish you all the best.\r\n\r\n\
                   Ole Dahl\r\n"
            .to_owned();
    house.deliver(&answer);
    house.once();
    assert_eq!(house.json(&["feedback"])[0]["from"], "Ole Dahl <ole@lindgren.example>");
    house.ok(&["remind", "r1", "3", "months"]);
    pass(&house, 95);
    house.once();
    house.wait_for(&[("r1", "sent"), ("r2", "drafted")]);
    let shown = house.json(&["show", "r2"])[0].clone();
    let mail = &shown["mail"];
    assert_eq!((&shown["follows"], &mail["intent"]), (&"r1".into(), &"keep-in-touch".into()));
    assert_eq!(mail["to"], "Ole Dahl <ole@lindgren.example>");
    // Below our own mail: an answer of the user's to Ole's is not this one.
    assert_eq!(mail["in_reply_to"], sent["message_id"]);
    assert!(mail["text"].as_str().unwrap().starts_with("Hi Ole,"), "{mail}");
    assert!(mail["text"].as_str().unwrap().contains("Engineer"), "{mail}");
    assert_eq!(shown["tone"], serde_json::json!([]));
    let page = house.ok(&["show", "r2"]);
    let why = "a follow-up to r1, to the one who answered it; you wanted to be reminded\n";
    assert!(page.contains(why), "{page}");
    assert!(page.contains("their last answer, ") && page.contains("your kind letter"), "{page}");
    assert!(house.ok(&["desk"]).contains(why), "{page}");
    assert_eq!(reminders(&house).len(), 0, "it is seen to");
    // A snooze keeps it, and what is drafted again is the same mail.
    house.ok(&["snooze", "r2", "0s"]);
    house.once();
    house.wait_for(&[("r1", "sent"), ("r2", "drafted")]);
    assert_eq!(house.json(&["show", "r2"])[0]["mail"], *mail);
    // A further no in between takes nothing away from it.
    house.deliver(&rejection("no-2", "Lindgren", "Engineer").hours_ago(29));
    house.once();
    house.ok(&["approve", "r2"]);
    house.once();
    house.wait_for(&[("r1", "sent"), ("r2", "sent")]);
    house.once();
    assert_eq!(std::fs::read_dir(house.path("out")).unwrap().count(), 2, "each sent once");
}

#[test]
fn what_came_back_is_not_followed_up() {
    let house = after_sending();
    house.ok(&["remind", "r1", "2", "weeks"]);
    let bounced = "INSERT INTO answer (reply, fingerprint, kind, at, said)
                   VALUES (1, x'00', 'bounce', 1, 'no such user')";
    crate::support::story::sql(&house.path("state"), bounced);
    pass(&house, 20);
    house.once();
    house.wait_for(&[("r1", "sent")]);
    assert_eq!(house.on_desk("reminder")[0]["reply"], "r1");
}

#[test]
fn something_new_drops_the_reminder_and_a_further_no_keeps_it() {
    let says = |id: &str, sentence: &str| {
        let text = format!("Hi Alex,\r\n\r\n{sentence}\r\n\r\nBest regards,\r\nNora Berg\r\n");
        Mail { text, ..rejection(id, "Lindgren", "Engineer") }.hours_ago(20)
    };
    let offer = "We are delighted to offer you the Engineer position at Lindgren. Please find your \
                 contract attached.";
    let question = "To complete your application for the Engineer position at Lindgren, please \
                    send us your certificates.";
    let news = "Your application for the Engineer position at Lindgren is still under review; we \
                need a little more time and will get back to you.";
    for (mail, kept) in [
        (says("offer", offer), 0),
        (says("question", question), 0),
        (says("news", news), 0),
        (rejection("no-2", "Lindgren", "Engineer").hours_ago(20), 1),
        (invitation("yes", "Lindgren", "Engineer").hours_ago(20), 0),
        // Older than the rejection, read late.
        (invitation("old", "Lindgren", "Engineer").hours_ago(200), 1),
    ] {
        let house = House::new("1s");
        house.deliver(&states(rejection("no", "Lindgren", "Engineer").hours_ago(30), ENGLISH));
        house.once();
        assert_eq!(reminders(&house).len(), 1);
        house.deliver(&mail);
        house.once();
        assert_eq!(house.query::<i64>("SELECT count(*) FROM message"), 2);
        assert_eq!(reminders(&house).len(), kept, "{}", mail.id);
    }
}

#[test]
fn a_corrected_rejection_loses_its_reminder_and_one_that_is_told_gets_it() {
    let house = House::new("1s");
    house.deliver(&states(rejection("no", "Lindgren", "Engineer").hours_ago(30), ENGLISH));
    let daemon = house.start();
    house.wait_for(&[("r1", "drafted")]);
    assert_eq!(reminders(&house).len(), 1);
    house.ok(&["correct", "m1", "progress"]);
    wait_until("it is gone", PATIENCE, || reminders(&house).is_empty());
    house.ok(&["correct", "m1", "rejected"]);
    wait_until("it is back", PATIENCE, || reminders(&house).len() == 1);
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn what_brought_a_follow_up_onto_the_desk_stays_told_after_an_edit() {
    let house = House::new("1s");
    house.deliver(&states(rejection("no", "Lindgren", "Engineer").hours_ago(30), ENGLISH));
    house.once();
    house.ok(&["show", "r1"]);
    house.ok(&["approve", "r1"]);
    house.once();
    pass(&house, 200);
    house.once();
    house.wait_for(&[("r1", "sent"), ("r2", "drafted")]);
    let why = "a follow-up to r1, to the one who got it; they said “reapply after six months”";
    let told = |house: &House| {
        for page in [house.ok(&["desk"]), house.ok(&["show", "r2"])] {
            assert!(page.contains(why), "{page}");
        }
        assert!(house.ok(&["show", "r2"]).contains("nobody answered r1 so far"));
    };
    told(&house);
    let (said, code) =
        house.says_to("Dear Nora,\n\nmy own words.\n", &["edit", "r2", "--text", "-"]);
    assert_eq!(code, 0, "{said}");
    told(&house);
    let shown = &house.json(&["show", "r2"])[0]["follow_up"];
    assert_eq!((&shown["earlier"], &shown["answer"]), (&"r1".into(), &Value::Null));
    assert_eq!(shown["said"], "reapply after six months");
}

#[test]
fn snooze_and_remind_read_the_same_times() {
    let house = House::new("1s");
    house.deliver(&rejection("no", "Lindgren", "Engineer").hours_ago(30));
    house.once();
    for when in [&["3d"][..], &["six", "weeks"], &["3", "months"], &["tomorrow"], &["2099-02-01"]] {
        house.once();
        let snoozed = house.json(&[&["snooze", "r1"], when].concat())[0].clone();
        let reminded = house.json(&[&["remind", "r1"], when].concat())[0].clone();
        let at = |value: &Value| value["due"].as_str().unwrap().parse::<Timestamp>().unwrap();
        let apart = at(&reminded).duration_since(at(&snoozed)).as_secs();
        assert!((0..30).contains(&apart), "{when:?}: {snoozed} {reminded}");
        house.ok(&["snooze", "r1", "0s"]);
    }
    for command in ["snooze", "remind"] {
        let (said, code) = house.says(&[command, "r1", "soon"]);
        assert_eq!(code, 2, "{said}");
        assert!(said.contains("`soon` is not a time") && said.contains("friday"), "{said}");
    }
}

#[test]
fn a_heart_does_not_shorten_the_time_that_the_employer_stated() {
    let house = House::new("1s");
    house.deliver(&states(rejection("no", "Lindgren", "Engineer").hours_ago(30), ENGLISH));
    house.once();
    let before = reminders(&house);
    let (said, code) = house.says_to("h\nq\n", &["review"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("already (they said “reapply after six months”)"), "{said}");
    assert_eq!(reminders(&house), before);
}

#[test]
fn a_company_is_marked_with_a_heart_in_the_review() {
    let house = House::new("1s");
    house.deliver(&rejection("no", "Lindgren", "Engineer").hours_ago(30));
    house.once();
    let (said, code) = house.says_to("h\na\n", &["review"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("Kept in mind until") && said.contains("Approved"), "{said}");
    house.once();
    pass(&house, 95);
    house.once();
    house.wait_for(&[("r1", "sent"), ("r2", "drafted")]);
}

#[test]
fn a_follow_up_is_drafted_within_office_hours_and_not_under_a_brake() {
    if !has(&["faketime"]) {
        return;
    }
    let mut house = House::new("1s");
    let file = house.path("config.toml");
    let config = std::fs::read_to_string(&file).unwrap().replace("00:00-24:00", "09:00-18:00");
    std::fs::write(&file, config).unwrap();
    house.now = "2026-11-20T12:00:00Z".parse().unwrap();
    house.deliver(&rejection("no", "Lindgren", "Engineer").hours_ago(3));
    house.pretend(Some("@2026-11-20 12:00:00"));
    house.once();
    house.ok(&["show", "r1"]);
    house.ok(&["approve", "r1"]);
    house.once();
    house.ok(&["remind", "r1", "2026-12-24"]);
    house.pretend(Some("@2026-12-23 12:00:00"));
    house.once();
    house.pretend(Some("@2026-12-24 08:00:00"));
    house.once();
    house.wait_for(&[("r1", "sent")]);
    house.pretend(Some("@2026-12-24 12:00:00"));
    house.ok(&["pause"]);
    house.once();
    house.wait_for(&[("r1", "sent")]);
    house.ok(&["resume"]);
    house.once();
    house.wait_for(&[("r1", "sent"), ("r2", "drafted")]);
}

#[test]
fn a_time_that_is_none_is_told_with_one_that_is() {
    let house = after_sending();
    for (when, told) in [
        (&["soon"][..], "`soon` is not a time"),
        (&["2020-01-01"], "`2020-01-01` is past"),
        (&["0", "weeks"], "`0 weeks` is still today"),
        (&["3m"], "`3m` is still today"),
    ] {
        let (said, code) = house.says(&[&["remind", "r1"], when].concat());
        assert_eq!(code, 2, "{said}");
        assert!(said.contains(told) && said.contains("6 weeks, 3 months"), "{said}");
    }
    assert!(house.refused(&["remind", "r9", "1", "year"]).contains("There is no reply r9"));
    assert!(house.refused(&["remind", "m9", "1", "year"]).contains("There is no message m9"));
    house.deliver(&invitation("talk", "Harbor", "Cook").hours_ago(20));
    house.once();
    assert!(house.refused(&["remind", "m2", "1", "year"]).contains("There is no rejection m2"));
    assert_eq!(house.says(&["remind", "r1"]).1, 2, "without a time");
    assert!(house.ok(&["remind"]).contains("Nobody is kept in mind"));
}

/// An answer to r1, the reply that has gone out.
fn answer(house: &House, id: &str, text: &str) -> Mail {
    let ours = house.json(&["show", "r1"])[0]["mail"]["message_id"].as_str().unwrap().to_owned();
    let mut mail = rejection(id, "Lindgren", "Engineer");
    mail.subject = "Re: Your application for Engineer at Lindgren".to_owned();
    mail.header = format!("In-Reply-To: {ours}\r\nReferences: {ours}\r\n");
    mail.text = text.to_owned();
    mail
}

#[test]
fn a_kind_word_keeps_the_reminder_and_a_refusal_leaves_it_to_the_user() {
    for (text, followed) in [
        ("Hi Alex,\r\n\r\nthank you, and all the best to you!\r\n\r\nNora\r\n", true),
        (
            "Hi Alex,\r\n\r\nunfortunately we are not able to provide individual feedback.\r\n\r\n\
             Nora\r\n",
            false,
        ),
    ] {
        let house = after_sending();
        house.ok(&["remind", "r1", "3", "months"]);
        house.deliver(&answer(&house, "re", text));
        house.once();
        assert_eq!(house.json(&["feedback"]).len(), 1, "{text}");
        assert_eq!(reminders(&house).len(), 1, "{text}");
        pass(&house, 100);
        house.once();
        let expected: &[(&str, &str)] =
            if followed { &[("r1", "sent"), ("r2", "drafted")] } else { &[("r1", "sent")] };
        house.wait_for(expected);
        assert_eq!(house.on_desk("reminder").len(), usize::from(!followed), "{text}");
    }
}

#[test]
fn what_is_over_or_went_on_since_is_not_remembered() {
    let house = House::new("1s");
    house.deliver(&states(rejection("no", "Lindgren", "Engineer").hours_ago(30), ENGLISH));
    house.once();
    assert_eq!(reminders(&house).len(), 1);
    pass(&house, 200);
    house.ok(&["correct", "m1", "progress"]);
    house.ok(&["correct", "m1", "rejected"]);
    house.once();
    assert_eq!(reminders(&house), [] as [Value; 0], "the six months are over");
    let house = House::new("1s");
    house.deliver(&states(rejection("no", "Lindgren", "Engineer").hours_ago(30), ENGLISH));
    house.deliver(&invitation("yes", "Lindgren", "Engineer").hours_ago(20));
    house.once();
    assert_eq!(house.counted("invited"), 1);
    assert_eq!(reminders(&house), [] as [Value; 0], "they have written since");
}

#[test]
fn never_holds_through_an_invitation_and_nothing_follows_at_once() {
    let house = House::new("1s");
    house.deliver(&rejection("no", "Lindgren", "Engineer").hours_ago(30));
    house.once();
    house.ok(&["remind", "m1", "never"]);
    house.deliver(&invitation("yes", "Lindgren", "Engineer").hours_ago(20));
    house.deliver(&states(rejection("again", "Lindgren", "Engineer").hours_ago(10), ENGLISH));
    house.once();
    assert_eq!(reminders(&house), [] as [Value; 0]);
    // A time that is over when the mail leaves: not on the heels of it.
    let house = after_sending();
    let daemon = house.start();
    let said = house.refused(&["draft", "m1"]);
    assert_eq!(daemon.stop(), 0);
    assert!(said.contains("was answered on") && said.contains("remind r1"), "{said}");
    house.ok(&["remind", "r1", "1", "day"]);
    pass(&house, 2);
    house.once();
    house.wait_for(&[("r1", "sent")]);
    pass(&house, 6);
    house.once();
    house.wait_for(&[("r1", "sent"), ("r2", "drafted")]);
}

/// Reads a calendar with somebody else's parser: uid, day and summary of each event.
const READ: &str = "
import icalendar, sys
calendar = icalendar.Calendar.from_ical(open(sys.argv[1], 'rb').read())
assert calendar['version'] == '2.0' and calendar['prodid']
for it in calendar.walk('VEVENT'):
    assert it['dtstamp'].dt.tzinfo
    print(it['uid'], it['dtstart'].dt.isoformat(), it['summary'], sep='|')
";

/// The one that Debian's packages are for; another may come first in the PATH.
const PYTHON: &str = "/usr/bin/python3";

fn has_icalendar() -> bool {
    let looked = Command::new(PYTHON).args(["-c", "import icalendar"]).output();
    let there = looked.is_ok_and(|it| it.status.success());
    if !there {
        missing("python3-icalendar");
    }
    there
}

#[test]
fn a_calendar_reads_the_reminders_and_nothing_of_what_cools() {
    let house = House::new("1s");
    house.deliver(&states(
        form_rejection("en", "Lindgren; & Co", "Engineer").hours_ago(30),
        ENGLISH,
    ));
    house.once();
    house.configure("30d", "maildir = { path = \"Maildir\" }");
    house.deliver(&states(form_rejection("cool", "Harbor", "Cook").hours_ago(1), ENGLISH));
    house.once();
    let path = house.path("reminders.ics");
    let name = path.display().to_string();
    house.ok(&["remind", "--ics", &name]);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(!text.contains("Harbor"), "{text}");
    assert_eq!(text.matches("BEGIN:VEVENT").count(), 1, "{text}");
    let first = text.clone();
    house.ok(&["remind", "--ics", &name]);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), first, "written again it is the same");
    if !has_icalendar() {
        return;
    }
    let read = Command::new(PYTHON).args(["-c", READ, &name]).output().unwrap();
    let said = String::from_utf8_lossy(&read.stdout).into_owned();
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    let due: Timestamp = reminders(&house)[0]["due"].as_str().unwrap().parse().unwrap();
    let day = due.strftime("%Y-%m-%d");
    let company = reminders(&house)[0]["company"].as_str().unwrap().to_owned();
    assert_eq!(said, format!("reminder-a1@regards.invalid|{day}|Write to {company}, Engineer\n"));
}
