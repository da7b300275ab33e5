//! After the yes something changes: the mail stays here, and the desk says why.

use std::path::Path;
use std::process::Command;

use super::decisions::left;
use crate::support::mails::invitation;
use crate::support::story::sql;
use crate::support::story::{approve, until_drafted};
use crate::support::world::World;

/// A local world in which a mail was approved and is due, without a daemon.
fn approved() -> World {
    let mut world = World::local();
    world.set("sending.delay", "1h");
    let addresses = [&world.applicant(), "alias@applicant.example"];
    world.set("account.main.addresses", addresses.map(|it| format!("Alex Morgan <{it}>")).to_vec());
    let daemon = world.daemon();
    let reply = until_drafted(&world);
    approve(&world, &reply);
    assert_eq!(daemon.stop(), 0);
    sql(
        &world.state_dir(),
        "UPDATE reply SET due = approved_at, first_due = approved_at;
         PRAGMA wal_checkpoint(TRUNCATE)",
    );
    world
}

fn copy(from: &Path, to: &Path) {
    let _ = std::fs::remove_dir_all(to);
    assert!(Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap().success());
}

/// Each change starts from the same approval; afterwards nothing has left and there is a
/// sentence. At the end, without any change, the mail leaves: the approval was a good one.
fn each_holds(mut world: World, changes: &[(&str, &dyn Fn(&mut World))]) {
    let (state, kept) = (world.state_dir(), world.path("kept"));
    let config = std::fs::read_to_string(world.config_file()).unwrap();
    copy(&state, &kept);
    for (what, change) in changes {
        copy(&kept, &state);
        change(&mut world);
        world.cli(&["run", "--once"]).ok();
        let line = world.only_reply().unwrap_or_else(|| panic!("{what}: nothing on the desk"));
        assert!(
            ["drafted", "withdrawn"].contains(&line["state"].as_str().unwrap()),
            "{what}: {line}"
        );
        let why = line["notice"].as_str().unwrap_or_default();
        assert!(!why.is_empty(), "{what}: {line}");
        assert_eq!(left(&world), 0, "{what}: {line}");
        world.write_private(".config/regards/config.toml", &config);
        world.reread();
    }
    copy(&kept, &state);
    // A change may have been a later mail, which is still in the mailbox.
    copy(&world.path("out"), &world.path("Maildir/new"));
    world.cli(&["run", "--once"]).ok();
    assert_eq!(world.only_reply().unwrap()["state"], "sent");
    assert_eq!(left(&world), 1);
}

#[test]
fn a_change_of_the_configuration_holds_an_approved_mail() {
    each_holds(
        approved(),
        &[
            ("From: the name", &|world| {
                let address = world.applicant();
                world.set("account.main.addresses", vec![format!("A. Morgan <{address}>")]);
            }),
            ("From: the address", &|world| {
                world.set(
                    "account.main.addresses",
                    vec!["Alex <else@applicant.example>".to_owned()],
                );
            }),
            ("envelope: a blind copy", &|world| world.set("account.main.send.bcc_self", true)),
            ("the way out", &|world| {
                let other = world.path("other").display().to_string();
                world.set("account.main.send.path", other);
            }),
            ("no way out", &|world| world.unset("account.main.send")),
            ("account: another mailbox", &|world| {
                let other = world.path("Mail2");
                copy(&world.path("Maildir"), &other);
                world.set("account.main.maildir.path", other.display().to_string());
            }),
        ],
    );
}

#[test]
fn a_change_of_servers_or_logins_holds_an_approved_mail() {
    let Some(mut world) = World::with_servers() else { return };
    world.set("sending.delay", "1h");
    let daemon = world.daemon();
    let reply = until_drafted(&world);
    approve(&world, &reply);
    assert_eq!(daemon.stop(), 0);
    let (state, kept) = (world.state_dir(), world.path("kept"));
    sql(
        &state,
        "UPDATE reply SET due = approved_at, first_due = approved_at;
         PRAGMA wal_checkpoint(TRUNCATE)",
    );
    let config = std::fs::read_to_string(world.config_file()).unwrap();
    copy(&state, &kept);
    // Everything that is changed to works, too: the mail could leave.
    let submission = i64::from(world.servers().postfix.submission);
    let recruiter = world.recruiter();
    let proxy = crate::support::story::proxy(&world);
    let changes: &[(&str, &str, &[(&str, toml::Value)])] = &[
        ("IMAP login", "removed", &[("imap.login", recruiter.clone().into())]),
        ("IMAP host", "removed", &[("imap.host", "127.0.0.1".into())]),
        ("SMTP login", "sending account", &[("send.login", recruiter.into())]),
        ("SMTP host", "sending account", &[("send.host", "127.0.0.1".into())]),
        ("SMTP port", "sending account", &[("send.port", i64::from(proxy.port).into())]),
        (
            "SMTP port and TLS",
            "sending account",
            &[("send.port", submission.into()), ("send.tls", "starttls".into())],
        ),
    ];
    for (what, why, settings) in changes {
        copy(&kept, &state);
        for (key, value) in *settings {
            world.set(&format!("account.main.{key}"), value.clone());
        }
        // Without a way to the mailbox it ends with 1; the replies are looked at all the same.
        world.cli(&["run", "--once"]);
        let line = world.only_reply().unwrap_or_else(|| panic!("{what}: nothing on the desk"));
        let expected = if *why == "removed" { "withdrawn" } else { "drafted" };
        assert_eq!(line["state"], expected, "{what}: {line}");
        assert!(line["notice"].as_str().is_some_and(|it| it.contains(why)), "{what}: {line}");
        assert_eq!((world.at_recruiter().len(), proxy.bodies()), (0, 0), "{what}");
        world.write_private(".config/regards/config.toml", &config);
        world.reread();
    }
    copy(&kept, &state);
    world.cli(&["run", "--once"]).ok();
    assert_eq!(world.only_reply().unwrap()["state"], "sent");
    assert_eq!(world.until_arrived(1).len(), 1);
}

#[test]
fn a_change_in_the_database_holds_an_approved_mail() {
    let columns = [
        ("route_mailbox", "else@imap.example"),
        ("route_transport", "folder:/else"),
        ("envelope_from", "else@applicant.example"),
        ("envelope_to", "else@firm0.example"),
        ("from_name", "Else"),
        ("from_address", "else@applicant.example"),
        ("to_name", "Else"),
        ("to_address", "else@firm0.example"),
        ("subject", "Re: else"),
        ("in_reply_to", "else@firm0.example"),
        ("refs", "else@firm0.example"),
        ("message_id", "else@applicant.example"),
        ("text", "Else."),
        ("digest", "0000000000000000000000000000000000000000000000000000000000000000"),
    ];
    let changes: Vec<(&str, Box<dyn Fn(&mut World)>)> = columns
        .into_iter()
        .map(|(column, value)| {
            let change = move |world: &mut World| {
                sql(&world.state_dir(), &format!("UPDATE reply SET {column} = '{value}'"));
            };
            (column, Box::new(change) as Box<dyn Fn(&mut World)>)
        })
        .collect();
    let changes: Vec<(&str, &dyn Fn(&mut World))> =
        changes.iter().map(|(what, change)| (*what, change.as_ref())).collect();
    each_holds(approved(), &changes);
}

#[test]
fn a_change_of_the_rejection_holds_an_approved_mail() {
    let raw = |from: &'static str, to: &'static str| {
        move |world: &mut World| {
            sql(
                &world.state_dir(),
                &format!(
                    "UPDATE message SET raw = CAST(replace(CAST(raw AS TEXT), '{from}', '{to}') AS BLOB)"
                ),
            );
        }
    };
    each_holds(
        approved(),
        &[
            ("who wrote it", &raw("From: Nora Lindgren <nora0@", "From: Nora Lindgren <else@")),
            (
                "where answers go",
                &raw("Subject:", "Reply-To: Nora <else@firm0.example>\r\nSubject:"),
            ),
            ("its thread", &raw("Message-ID: <rej-1@", "Message-ID: <rej-2@")),
            ("its references", &raw("References: <first-0@", "References: <first-9@")),
            ("its subject", &raw("Subject: Your interview", "Subject: An interview")),
            ("to whom it was", &raw("To: Alex Morgan <alex0@", "To: Alex Morgan <alias@")),
            ("it is gone", &|world| sql(&world.state_dir(), "UPDATE message SET raw = NULL")),
            ("it is none any more", &|world| {
                let message = world.only_reply().unwrap()["message"].as_str().unwrap().to_owned();
                world.cli(&["correct", &message, "noise"]).ok();
            }),
            ("a later mail", &|world| {
                let later = invitation(world)
                    .replace("talk-1@", "talk-2@")
                    .replace(
                        &crate::support::mails::days_ago(9)[..16],
                        &crate::support::mails::days_ago(0)[..16],
                    )
                    .replace("MIME-Version", "In-Reply-To: <rej-1@firm0.example>\nMIME-Version");
                world.deliver(&later);
            }),
        ],
    );
}
