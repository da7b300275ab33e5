//! Each way out through the whole program, the copy in Sent, and what `check` and `secret`
//! say about them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::support::mails::old_sent_mail;
use crate::support::story::{approve, assert_is_what_was_shown, read_by_python, until_drafted};
use crate::support::wait_until;
use crate::support::world::{PATIENCE, World};
use crate::support::{dovecot, postfix};

#[test]
fn the_copy_in_sent_has_the_same_bytes_and_is_seen() {
    let Some(mut world) = World::with_servers() else { return };
    world.set("account.main.send.sent_copy", "append");
    let daemon = world.daemon();
    let reply = until_drafted(&world);
    let shown = approve(&world, &reply);
    world.until_reply_is("sent");
    world.until_arrived(1);
    wait_until("the copy is in Sent", PATIENCE, || {
        world.mails_of(&world.applicant(), "Sent").len() == 1
    });
    assert_eq!(daemon.stop(), 0);
    let arrived = fs::read(&world.at_recruiter()[0]).unwrap();
    let copy = fs::read(&world.mails_of(&world.applicant(), "Sent")[0]).unwrap();
    assert_eq!(from_date(&copy), from_date(&arrived));
    assert!(copy.starts_with(b"Date:"), "nothing stands before it");
    let dovecot = &world.servers().dovecot;
    let user = world.applicant();
    let flags = dovecot.doveadm(&["fetch", "-u", &user, "flags", "mailbox", "Sent", "all"]);
    assert!(flags.contains("\\Seen"), "{flags}");
    assert_is_what_was_shown(&world.at_recruiter()[0], &shown);
}

/// The mail below the lines that servers put on top, with the line ends of Unix.
fn from_date(mail: &[u8]) -> String {
    let mail = String::from_utf8_lossy(mail).replace("\r\n", "\n");
    mail[mail.find("Date: ").unwrap()..].to_owned()
}

#[test]
fn a_copy_that_cannot_be_filed_changes_nothing_about_sent() {
    let Some(mut world) = World::with_servers() else { return };
    world.set("account.main.send.sent_copy", "append");
    old_sent_mail(&world);
    let daemon = world.daemon();
    let reply = until_drafted(&world);
    let tmp = world.servers().dovecot.maildir(&world.applicant(), "Sent").join("tmp");
    // It can be searched, but nobody can write into it.
    let parking = tmp.with_file_name("tmp-away");
    fs::rename(&tmp, &parking).unwrap();
    fs::write(&tmp, "in the way").unwrap();
    approve(&world, &reply);
    world.until_reply_is("sent");
    world.until_arrived(1);
    wait_until("filing was tried", PATIENCE, || {
        world.cli(&["resume"]).ok();
        daemon.log().contains("No copy in the Sent folder yet")
    });
    assert_eq!(world.only_reply().unwrap()["state"], "sent");
    fs::remove_file(&tmp).unwrap();
    fs::rename(&parking, &tmp).unwrap();
    // It is tried again, also by the next start.
    daemon.kill();
    let daemon = world.daemon();
    wait_until("the copy is in Sent", PATIENCE, || {
        world.mails_of(&world.applicant(), "Sent").len() == 2
    });
    assert_eq!(daemon.stop(), 0);
    assert_eq!(world.only_reply().unwrap()["state"], "sent");
    assert_eq!(world.at_recruiter().len(), 1);
}

#[test]
fn sendmail_gets_the_envelope_and_the_mail() {
    let mut world = World::local();
    let program = world.path("sendmail");
    fs::write(
        &program,
        format!(
            "#!/bin/sh\nprintf '%s\\n' \"$@\" > '{0}/arguments'\ncat > '{0}/mail.tmp'\n\
             mv '{0}/mail.tmp' '{0}/mail'\n",
            world.path("").display()
        ),
    )
    .unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    world.set("account.main.send.transport", "sendmail");
    world.set("account.main.send.path", program.display().to_string());
    let daemon = world.daemon();
    let reply = until_drafted(&world);
    let shown = approve(&world, &reply);
    world.until_reply_is("sent");
    assert_eq!(daemon.stop(), 0);
    let arguments = fs::read_to_string(world.path("arguments")).unwrap();
    let (from, to) = (world.applicant(), world.recruiter());
    assert_eq!(arguments, format!("-i\n-f\n{from}\n--\n{to}\n"));
    let mail = fs::read_to_string(world.path("mail")).unwrap();
    assert!(!mail.contains('\r'));
    same_mail(&world.path("mail"), &shown);
}

#[test]
fn a_folder_gets_the_mail_as_a_private_file() {
    let world = World::local();
    let daemon = world.daemon();
    let reply = until_drafted(&world);
    let shown = approve(&world, &reply);
    world.until_reply_is("sent");
    assert_eq!(daemon.stop(), 0);
    let files: Vec<_> =
        fs::read_dir(world.path("out")).unwrap().map(|it| it.unwrap().path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    assert_eq!(fs::metadata(&files[0]).unwrap().permissions().mode() & 0o777, 0o600);
    same_mail(&files[0], &shown);
}

/// Without a server there is no Return-Path; the rest is as it was shown.
fn same_mail(mail: &Path, shown: &serde_json::Value) {
    let read = read_by_python(mail);
    for field in ["from", "to", "subject", "text", "message_id", "in_reply_to"] {
        assert_eq!(read[field], shown["mail"][field], "{field}");
    }
    assert_eq!(read["names"][0], "Date");
}

#[test]
fn check_finds_everything_in_order_and_sends_only_when_asked() {
    let Some(mut world) = World::with_servers() else { return };
    let ran = world.cli(&["check", "--json"]).ok();
    let lines = ran.json();
    assert!(lines.iter().all(|line| line["ok"] == true), "{lines:#?}");
    for what in ["main: IMAP", "main: Sent folder", "main: sending", "rules", "configuration"] {
        assert!(lines.iter().any(|line| line["what"] == what), "{what}: {lines:#?}");
    }
    let inbox = |world: &World| world.mails_of(&world.applicant(), "INBOX");
    assert!(inbox(&world).is_empty());
    // Postfix keeps no copy, and that is what it says, with both cures.
    let ran = world.cli(&["check", "--send-to-me"]);
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.stdout.contains("your provider keeps none"), "{ran:?}");
    assert!(ran.stdout.contains("sent_copy") && ran.stdout.contains("bcc_self"), "{ran:?}");
    wait_until("the mail to oneself arrived", PATIENCE, || inbox(&world).len() == 1);
    world.set("account.main.send.sent_copy", "append");
    let ran = world.cli(&["check", "--send-to-me"]).ok();
    assert!(ran.stdout.contains("`regards` sees to it"), "{ran:?}");
    wait_until("the second mail arrived", PATIENCE, || inbox(&world).len() == 2);
    let read = read_by_python(&inbox(&world)[0]);
    assert!(read["from"].as_str().unwrap().contains(&world.applicant()));
    assert!(read["to"].as_str().unwrap().contains(&world.applicant()));
    assert!(world.at_recruiter().is_empty());
}

#[test]
fn check_says_what_is_wrong_and_what_to_do() {
    let Some(mut world) = World::with_servers() else { return };
    world.write_private("smtp.secret", "wrong");
    let ran = world.cli(&["check", "--json"]);
    assert_eq!(ran.status, 1, "{ran:?}");
    let bad: Vec<_> = ran.json().into_iter().filter(|line| line["ok"] == false).collect();
    assert_eq!(bad.len(), 1, "{bad:#?}");
    assert_eq!(bad[0]["what"], "main: sending");
    assert!(bad[0]["hint"].as_str().is_some_and(|hint| !hint.is_empty()), "{bad:#?}");
    world.write_private("smtp.secret", postfix::PASSWORD);
    world.unset("account.main.imap.ca_file");
    let ran = world.cli(&["check", "--json"]);
    assert_eq!(ran.status, 1, "{ran:?}");
    let bad: Vec<_> = ran.json().into_iter().filter(|line| line["ok"] == false).collect();
    assert!(bad.iter().any(|line| line["what"] == "main: IMAP"), "{bad:#?}");
}

#[test]
fn a_wrong_password_is_tried_once_and_goes_on_after_secret_set() {
    let Some(world) = World::with_servers() else { return };
    world.write_private("imap.secret", "wrong");
    world.deliver(&crate::support::mails::rejection(&world));
    let daemon = world.daemon();
    let account = || {
        let lines = world.cli(&["status", "--json"]).json();
        lines.into_iter().find(|line| line["type"] == "account")
    };
    wait_until("the account waits", PATIENCE, || {
        account().is_some_and(|line| line["state"] == "waiting")
    });
    let why = account().unwrap()["why"].to_string();
    assert!(why.contains("regards secret set"), "{why}");
    let failures = || {
        let (log, user) = (world.servers().dovecot.log(), world.applicant());
        log.lines().filter(|l| l.contains("Password mismatch") && l.contains(&user)).count()
    };
    // Looks of the desk do not try it again.
    for _ in 0..3 {
        world.cli(&["resume"]).ok();
    }
    assert_eq!(failures(), 1, "{}", world.servers().dovecot.log());
    world.cli_typed(&["secret", "set", "main", "imap"], dovecot::PASSWORD).ok();
    let reply = world.until_reply_is("drafted");
    assert_eq!(failures(), 1);
    // The draft may be there before the look at the mailbox has ended.
    wait_until("the account is in contact", PATIENCE, || {
        account().unwrap()["state"] == "in-contact"
    });

    // The same for the way out.
    world.write_private("smtp.secret", "wrong");
    let reply = reply["reply"].as_str().unwrap();
    approve(&world, reply);
    let refusals = || {
        let (log, user) = (world.servers().postfix.log(), world.applicant());
        log.lines().filter(|l| l.contains("authentication failed") && l.contains(&user)).count()
    };
    wait_until("the login is refused", PATIENCE, || {
        world.only_reply().unwrap()["notice"].is_string()
    });
    for _ in 0..3 {
        world.cli(&["resume"]).ok();
    }
    assert!(refusals() <= 1, "{}", world.servers().postfix.log());
    world.cli_typed(&["secret", "set", "main", "smtp"], postfix::PASSWORD).ok();
    world.until_reply_is("sent");
    world.until_arrived(1);
    assert_eq!(daemon.stop(), 0);
}
