//! The mailbox itself, read for one look: what is found, what is not, and what is kept of it.

use std::fs;

use serde_json::Value;

use super::again::on_server;
use crate::support::dovecot::Dovecot;
use crate::support::house::{House, Mail, confirmation, newsletter, rejection, unsure};

/// A letter that no rule knows what to do with.
fn letter(id: &str, firm: &str, subject: &str) -> Mail {
    let mail = rejection(id, firm, "Engineer").hours_ago(30);
    let text = "Dear Alex,\r\n\r\nthe room on the third floor is painted on Friday.\r\n\r\n\
                Best regards,\r\nNora Berg\r\n";
    Mail { subject: subject.to_owned(), text: text.to_owned(), ..mail }
}

fn word<'a>(line: &'a Value, name: &str) -> &'a str {
    line[name].as_str().unwrap_or_default()
}

/// Subjects and kinds, as found.
fn found(house: &House, arguments: &[&str]) -> Vec<(String, String)> {
    let lines = house.json(&[&["find"], arguments].concat());
    lines.iter().map(|it| (word(it, "subject").to_owned(), word(it, "kind").to_owned())).collect()
}

/// The only mail found with this in its subject.
fn id_of(house: &House, subject: &str) -> String {
    let lines = house.json(&["find", "--subject", subject]);
    assert_eq!(lines.len(), 1, "{lines:?}");
    word(&lines[0], "id").to_owned()
}

/// Everything in the database, but for what only counts.
fn database(house: &House) -> Vec<(String, String)> {
    ["account", "folder", "sighting", "message", "application", "reply", "decision", "journal"]
        .map(|table| {
            let columns: String = house.query(&format!(
                "SELECT group_concat('quote(' || name || ')', ' || ') \
                 FROM pragma_table_info('{table}')"
            ));
            let all = format!("SELECT coalesce(group_concat({columns}, '\n'), '') FROM {table}");
            (table.to_owned(), house.query::<String>(&all))
        })
        .to_vec()
}

fn filled(server: &Dovecot, house: &House) {
    for mail in [
        confirmation("ack", "Harbor", "Analyst").hours_ago(300),
        rejection("no", "Lindgren", "Engineer").hours_ago(100),
        newsletter("n-1", "Bulletin").hours_ago(20),
        Mail { subject: "Grüße aus Köln".to_owned(), ..newsletter("n-2", "Gazette") }.hours_ago(10),
    ] {
        server.deliver("anna", "INBOX", &mail.bytes(house.now));
    }
    let both = newsletter("n-1", "Bulletin").hours_ago(20).bytes(house.now);
    server.deliver("anna", "Work", &both);
}

#[test]
fn find_lists_live_mail_the_newest_first_and_leaves_mailbox_and_database_as_they_are() {
    let folders = "watch = [\"INBOX\"], count = [\"Work\"]";
    let Some((house, server)) = on_server("1s", folders) else { return };
    filled(&server, &house);
    house.once();
    let late = letter("late", "Other", "Paint").hours_ago(1);
    server.deliver("anna", "INBOX", &late.bytes(house.now));
    // A sweep of Dovecot's own moves what is new; a look must not be blamed for it.
    server.doveadm(&["mailbox", "status", "-u", "anna", "messages", "*"]);
    let (mailbox, before) = (server.snapshot("anna"), database(&house));

    let all = found(&house, &[]);
    let subjects: Vec<&str> = all.iter().map(|(subject, _)| subject.as_str()).collect();
    let news = "What is new at Bulletin this month";
    let no = "Your application for Engineer at Lindgren";
    let ack = "We received your application for Analyst";
    assert_eq!(subjects, ["Paint", "Grüße aus Köln", news, no, ack], "the one read by nobody, too");
    let kinds: Vec<&str> = all.iter().map(|(_, kind)| kind.as_str()).collect();
    assert_eq!(kinds[1..], ["noise", "noise", "rejected", "acknowledged"]);
    let only = |arguments: &[&str]| -> Vec<String> {
        found(&house, arguments).into_iter().map(|(subject, _)| subject).collect()
    };
    assert_eq!(only(&["--from", "NORA@lind"]), [no]);
    assert_eq!(only(&["--subject", "grüße"]), ["Grüße aus Köln"]);
    assert_eq!(only(&["--subject", "application", "--from", "harbor"]), [ack]);
    assert_eq!(only(&["--limit", "2"]), subjects[..2]);
    assert_eq!(only(&["--account", "work", "--limit", "1"]), ["Paint"]);
    let day = house.now.checked_sub(jiff::SignedDuration::from_hours(120)).unwrap();
    let day = day.strftime("%Y-%m-%d").to_string();
    assert_eq!(only(&["--since", &day]), subjects[..4]);
    assert_eq!(house.ok(&["find", "--from", "nobody"]), "Nothing was found\n");
    assert_eq!(house.says(&["find", "--account", "home"]).1, 2);
    let lines = house.json(&["find"]);
    let mut names: Vec<&String> = lines[0].as_object().unwrap().keys().collect();
    names.sort_unstable();
    assert_eq!(names, ["account", "from", "id", "kind", "probability", "received", "subject"]);

    assert_eq!(server.snapshot("anna"), mailbox);
    assert_eq!(database(&house), before);
}

#[test]
fn a_found_mail_is_explained_and_corrected_and_no_other_is_kept() {
    let folders = "watch = [\"INBOX\"], count = [\"Work\"]";
    let Some((house, server)) = on_server("1s", folders) else { return };
    // A copy elsewhere is the same mail.
    let copy = letter("a", "Lindgren", "Paint").bytes(house.now);
    server.deliver("anna", "Work", &copy);
    for mail in [letter("a", "Lindgren", "Paint"), letter("b", "Harbor", "Varnish")] {
        server.deliver("anna", "INBOX", &mail.bytes(house.now));
    }
    server.deliver("anna", "INBOX", &newsletter("n", "Bulletin").bytes(house.now));
    let daemon = house.start();
    assert_eq!(house.query::<i64>("SELECT count(*) FROM message"), 0);
    let id = id_of(&house, "paint");
    assert!(id.starts_with("f1.1."), "{id}");
    let said = house.ok(&["explain", &id]);
    assert!(said.contains("Subject  Paint") && said.contains("because"), "{said}");
    house.ok(&["correct", &id, "rejected"]);
    house.wait_for(&[("r1", "drafted")]);
    assert_eq!(house.query::<String>("SELECT group_concat(subject) FROM message"), "Paint");
    assert_eq!(house.counted("rejected"), 1);
    assert_eq!(house.counted("noise"), 2);
    assert_eq!(id_of(&house, "paint"), "m1");
    assert_eq!(found(&house, &["--subject", "paint"])[0].1, "rejected");
    // By its old name it is still that mail.
    house.ok(&["correct", &id, "noise"]);
    house.wait_for(&[("r1", "withdrawn")]);
    assert_eq!(house.query::<i64>("SELECT count(*) FROM message WHERE raw IS NULL"), 1);
    assert_eq!(daemon.stop(), 0);
    // Taken back, it is read again: a correction alone has no words to answer.
    house.ok(&["correct", &id, "rejected"]);
    house.once();
    assert_eq!(house.query::<i64>("SELECT count(*) FROM message WHERE raw IS NOT NULL"), 1);
    house.wait_for(&[("r1", "withdrawn"), ("r2", "drafted")]);
}

#[test]
fn a_number_that_names_another_mail_by_now_names_none() {
    let Some((house, server)) = on_server("1s", "watch = [\"INBOX\", \"Work\"]") else { return };
    let mails = [letter("a", "Lindgren", "Paint"), letter("b", "Harbor", "Varnish")]
        .map(|mail| mail.bytes(house.now));
    mails.iter().for_each(|mail| server.deliver("anna", "Work", mail));
    house.once();
    let id = id_of(&house, "paint");
    server.doveadm(&["mailbox", "delete", "-u", "anna", "Work"]);
    let _ = fs::remove_dir_all(server.maildir("anna", "Work"));
    server.doveadm(&["mailbox", "create", "-u", "anna", "Work"]);
    mails.iter().rev().for_each(|mail| server.deliver("anna", "Work", mail));
    for command in [&["explain", &id][..], &["correct", &id, "rejected"]] {
        let said = house.refused(command);
        assert!(said.contains(&format!("There is no mail {id}")), "{said}");
    }
    assert_eq!(house.query::<i64>("SELECT count(*) FROM message"), 0);
    assert_ne!(id_of(&house, "paint"), id);
}

#[test]
fn a_mail_of_a_maildir_is_found_and_corrected_by_a_short_id() {
    let house = House::new("1s");
    house.deliver(&letter("a", "Lindgren", "Paint"));
    house.deliver(&letter("b", "Harbor", "Varnish"));
    let daemon = house.start();
    assert_eq!(found(&house, &["--from", "lindgren"]).len(), 1);
    let id = id_of(&house, "paint");
    assert!(id.len() <= 16, "{id}");
    house.ok(&["correct", &id, "rejected"]);
    house.wait_for(&[("r1", "drafted")]);
    assert_eq!(house.query::<String>("SELECT group_concat(subject) FROM message"), "Paint");
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn what_would_cool_is_not_found_before_the_daemon_has_read_it_either() {
    let house = House::new("1h");
    house.deliver(&confirmation("ack", "Harbor", "Engineer").hours_ago(300));
    house.deliver(&newsletter("n-1", "Bulletin").hours_ago(30));
    house.deliver(&newsletter("n-2", "Bulletin").hours_ago(20));
    house.once();
    let looks: &[&[&str]] =
        &[&["find"], &["find", "--json"], &["find", "--limit", "2"], &["find", "--from", "o"]];
    let said = || looks.iter().map(|look| house.says(look)).collect::<Vec<_>>();
    let before = said();
    house.deliver(&rejection("no-1", "Harbor", "Engineer"));
    house.deliver(&rejection("no-2", "Bulletin", "Engineer"));
    house.deliver(&unsure("hm"));
    assert_eq!(said(), before, "the daemon has not read them");
    house.once();
    assert_eq!(house.query::<i64>("SELECT count(*) FROM message WHERE quiet_until > 0"), 3);
    assert_eq!(said(), before, "they cool");
}
