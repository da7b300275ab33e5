//! A message is handled once, whatever the server does.

use std::fs;

use crate::support::dovecot::{Dovecot, Options, PASSWORD};
use crate::support::house::{House, PATIENCE, newsletter, rejection, unsure};
use crate::support::wait_until;

/// A house whose mailbox is on a server.
pub fn on_server(pause: &str, folders: &str) -> Option<(House, Dovecot)> {
    let server = Dovecot::start(&Options::default())?;
    let house = House::new(pause);
    let secret = house.path("secret");
    fs::write(&secret, PASSWORD).unwrap();
    fs::set_permissions(&secret, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    house.configure(
        pause,
        &format!(
            "imap = {{ host = \"localhost\", port = {}, login = \"anna\", ca_file = {:?}, \
             secret = {{ file = {secret:?} }}, {folders} }}",
            server.imaps,
            server.ca_file()
        ),
    );
    Some((house, server))
}

#[test]
fn a_folder_that_is_numbered_anew_makes_no_new_case_and_holds_drafts_until_resume() {
    let Some((house, server)) = on_server("1s", "watch = [\"Work\"]") else { return };
    let mails: Vec<Vec<u8>> = (0..3)
        .map(|n| rejection(&format!("no-{n}"), &format!("Firm{n}"), "Engineer").hours_ago(30 + n))
        .chain((0..5).map(|n| newsletter(&format!("n-{n}"), "Bulletin").hours_ago(n)))
        .map(|mail| mail.bytes(house.now))
        .collect();
    let fill = || mails.iter().for_each(|mail| server.deliver("anna", "Work", mail));
    fill();
    house.once();
    let drafted = [("r1", "drafted"), ("r2", "drafted"), ("r3", "drafted")];
    house.wait_for(&drafted);
    let (stats, status) = (house.json(&["stats"]), house.ok(&["status"]));

    server.doveadm(&["mailbox", "delete", "-u", "anna", "Work"]);
    let _ = fs::remove_dir_all(server.maildir("anna", "Work"));
    server.doveadm(&["mailbox", "create", "-u", "anna", "Work"]);
    fill();
    // A new folder's UIDVALIDITY is its time of making; this one must differ.
    server.doveadm(&["mailbox", "update", "-u", "anna", "--uid-validity", "4000000000", "Work"]);
    house.once();
    house.wait_for(&drafted);
    let after = house.json(&["stats"]);
    assert_eq!(after[0]["messages"], stats[0]["messages"]);
    let held = house.ok(&["status"]);
    assert!(held.starts_with("Held: the server numbers the folder Work anew"), "{held}");
    assert!(house.ok(&["desk"]).starts_with("Held: the server numbers"));
    let read = |text: &str| text.lines().last().unwrap().to_owned();
    assert_eq!(read(&held), read(&status), "the same mails are counted twice");

    // Later mail is seen, and drafted once the user has looked.
    server.deliver("anna", "Work", &rejection("new", "Newcomer", "Engineer").bytes(house.now));
    house.once();
    assert_eq!(house.all_replies().len(), 4);
    wait_until("the pause is over", PATIENCE, || {
        house.once();
        let waits: i64 =
            house.query("SELECT count(*) FROM reply WHERE not_before < unixepoch() * 1000 - 1000");
        waits == 1
    });
    house.once();
    assert_eq!(house.all_replies()[3].1, "cooling");
    house.ok(&["resume"]);
    house.once();
    assert_eq!(house.all_replies()[3].1, "drafted");
}

#[test]
fn the_same_mail_in_two_folders_is_one_case() {
    for folders in ["watch = [\"INBOX\", \"Work\"]", "watch = [\"INBOX\"], count = [\"Work\"]"] {
        let Some((house, server)) = on_server("1s", folders) else { return };
        let mail = rejection("no", "Lindgren", "Engineer").hours_ago(30).bytes(house.now);
        let news = newsletter("news", "Bulletin").bytes(house.now);
        for folder in ["INBOX", "Work"] {
            server.deliver("anna", folder, &mail);
            server.deliver("anna", folder, &news);
        }
        house.once();
        house.wait_for(&[("r1", "drafted")]);
        let stats = &house.json(&["stats"])[0];
        assert_eq!(stats["messages"]["rejected"], 1, "{stats}");
        assert_eq!(stats["messages"]["noise"], 1, "{stats}");
        assert!(house.ok(&["status"]).contains("2 mails read"));
    }
}

#[test]
fn first_seen_in_a_counted_folder_and_then_in_a_watched_one_it_is_answered_once() {
    let folders = "watch = [\"INBOX\"], count = [\"Work\"]";
    let Some((house, server)) = on_server("1s", folders) else { return };
    let mail = rejection("no", "Lindgren", "Engineer").hours_ago(30).bytes(house.now);
    server.deliver("anna", "Work", &mail);
    house.once();
    assert_eq!(house.all_replies(), []);
    assert_eq!(house.counted("rejected"), 1);
    server.deliver("anna", "INBOX", &mail);
    house.once();
    house.wait_for(&[("r1", "drafted")]);
    server.deliver("anna", "INBOX", &mail);
    house.once();
    house.wait_for(&[("r1", "drafted")]);
    assert_eq!(house.counted("rejected"), 1);
}

#[test]
fn moved_between_folders_or_expunged_before_it_was_read_no_case_is_made_twice_or_lost() {
    let Some((house, server)) = on_server("1s", "watch = [\"INBOX\", \"Work\"]") else { return };
    let mail =
        |id: &str, firm: &str| rejection(id, firm, "Engineer").hours_ago(30).bytes(house.now);
    server.doveadm(&["mailbox", "create", "-u", "anna", "Work"]);
    server.deliver("anna", "INBOX", &mail("moved", "Lindgren"));
    house.once();
    let moved = ["move", "-u", "anna", "Work", "mailbox", "INBOX", "all"];
    server.doveadm(&moved);
    house.once();
    house.wait_for(&[("r1", "drafted")]);
    // While the program was off: one comes and goes, one comes and is moved.
    server.deliver("anna", "INBOX", &mail("gone", "Vanished"));
    server.doveadm(&["expunge", "-u", "anna", "mailbox", "INBOX", "all"]);
    server.deliver("anna", "INBOX", &mail("off", "Harbor"));
    server.doveadm(&moved);
    house.once();
    house.wait_for(&[("r1", "drafted"), ("r2", "drafted")]);
    assert_eq!(house.desk()[1].2, "Harbor");
}

#[test]
fn the_same_mail_delivered_again_over_another_way_makes_no_second_case() {
    let house = House::new("1s");
    let mail = rejection("no", "Lindgren", "Engineer").hours_ago(30);
    house.deliver(&mail);
    house.once();
    let bytes = String::from_utf8(mail.bytes(house.now)).unwrap();
    let other = bytes.replacen("from mx.example", "from backup.mx.example", 1);
    let other = format!(
        "Received: from list.example by mail.example.org; Mon, 1 Jan 2024 10:00:00 +0000\r\n{other}"
    );
    crate::support::house::put(&house.path("Maildir"), other.as_bytes());
    house.once();
    house.wait_for(&[("r1", "drafted")]);
    assert_eq!(house.counted("rejected"), 1);
}

#[test]
fn the_same_identifiers_over_another_text_are_asked_about_and_never_answered() {
    let house = House::new("1s");
    let mail = rejection("no", "Lindgren", "Engineer").hours_ago(30);
    house.deliver(&mail);
    house.once();
    let mut forged = mail.clone();
    forged.text = mail.text.replace("Lindgren", "Lindgren Holding");
    house.deliver(&forged);
    house.once();
    house.wait_for(&[("r1", "drafted")]);
    let asked = house.on_desk("question");
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert_eq!(asked[0]["question"], "same-ids");
}

#[test]
fn an_unsure_mail_first_seen_in_a_counted_folder_is_asked_about_in_a_watched_one() {
    let folders = "watch = [\"INBOX\"], count = [\"Work\"]";
    let Some((house, server)) = on_server("1s", folders) else { return };
    let unsure = unsure("hm").hours_ago(30);
    server.deliver("anna", "Work", &unsure.bytes(house.now));
    house.once();
    assert_eq!(house.on_desk("question").len(), 0);
    server.deliver("anna", "INBOX", &unsure.bytes(house.now));
    house.once();
    assert_eq!(house.on_desk("question").len(), 1);
}
