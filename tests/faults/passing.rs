//! Faults that pass: the daemon waits, says what for, and goes on without a restart.

use std::fs;
use std::process::{Command, Stdio};

use crate::support::disk::SmallDisk;
use crate::support::keyring::{Desktop, PROGRAMS};
use crate::support::mails::rejection;
use crate::support::story::number;
use crate::support::world::{PATIENCE, World};
use crate::support::{dovecot, has, postfix, wait_until};

/// A command on the desktop whose keyring is meant.
fn on(desktop: &Desktop, mut command: Command) -> Command {
    let bus = ["DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"];
    command.envs(desktop.environment().into_iter().filter(|(name, _)| bus.contains(name)));
    command
}

fn typed(mut command: Command, text: &str) {
    use std::io::Write;
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
}

fn until_status_says(world: &World, words: &str) -> String {
    let mut said = String::new();
    wait_until(&format!("status says `{words}`"), PATIENCE, || {
        said = world.cli(&["status"]).stdout;
        said.contains(words)
    });
    said
}

#[test]
fn a_keyring_that_opens_after_the_start_is_waited_for() {
    if !has(PROGRAMS) {
        return;
    }
    let Some(mut world) = World::with_servers() else { return };
    world.set("account.main.imap.secret", "keyring");
    let mut desktop = Desktop::start();
    desktop.start_keyring_open();
    typed(on(&desktop, world.command(&["secret", "set", "main", "imap"])), dovecot::PASSWORD);
    desktop.start_keyring_locked();

    world.deliver(&rejection(&world));
    let daemon = world.daemon_by(on(&desktop, world.command(&["run"])));
    until_status_says(&world, "waiting: ");
    let said = until_status_says(&world, "keyring");
    assert!(said.contains("locked"), "{said}");
    assert!(!desktop.prompt_note().exists(), "a daemon puts up no window");

    desktop.unlock();
    world.until_reply_is("drafted");
    until_status_says(&world, "in contact");
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn a_wrong_password_is_tried_once_and_goes_on_when_it_was_set_right() {
    let Some(world) = World::with_servers() else { return };
    world.write_private("imap.secret", "wrong");
    world.deliver(&rejection(&world));
    let daemon = world.daemon();
    let said = until_status_says(&world, "waiting: ");
    assert!(said.contains("regards secret set"), "the next step: {said}");
    let refused = || {
        let log = world.servers().dovecot.log();
        let mine = |line: &&str| line.contains(&world.applicant()) && line.contains("mismatch");
        log.lines().filter(mine).count()
    };
    // A look at everything else must not try it again: many servers lock after five.
    for _ in 0..3 {
        world.cli(&["resume"]).ok();
    }
    assert_eq!(refused(), 1, "{}", daemon.log());

    world.cli_typed(&["secret", "set", "main", "imap"], dovecot::PASSWORD).ok();
    let reply = number(&world.until_reply_is("drafted"));
    assert_eq!(refused(), 1);

    // The same for sending: the approval stays, and the mail goes when the password is right.
    world.write_private("smtp.secret", "wrong");
    world.cli(&["show", &reply]).ok();
    world.cli(&["approve", &reply]).ok();
    wait_until("the refusal is told", PATIENCE, || {
        daemon.log().contains("regards secret set main smtp")
    });
    assert_eq!(world.at_recruiter().len(), 0);
    world.cli_typed(&["secret", "set", "main", "smtp"], postfix::PASSWORD).ok();
    world.until_reply_is("sent");
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn a_full_disk_is_told_and_nothing_is_lost() {
    let world = World::local();
    let Some(disk) = SmallDisk::at(&world.state_dir()) else { return };
    let daemon = world.daemon();
    disk.fill();
    world.deliver(&rejection(&world));
    wait_until("it is told", PATIENCE, || daemon.log().contains("No space is left"));
    let pause = world.cli(&["pause"]);
    assert_eq!(pause.status, 1, "{pause:?}");
    assert!(pause.stderr.contains("No space is left"), "{pause:?}");
    assert!(pause.stderr.contains("Free some space"), "{pause:?}");

    disk.empty();
    let reply = number(&world.until_reply_is("drafted"));

    // Full again between approval and sending: what cannot be written down is not sent.
    world.cli(&["show", &reply]).ok();
    disk.fill();
    let approve = world.cli(&["approve", &reply]);
    assert_eq!(approve.status, 1, "{approve:?}");
    disk.empty();
    world.cli(&["approve", &reply]).ok();
    world.until_reply_is("sent");
    assert_eq!(fs::read_dir(world.path("out")).unwrap().count(), 1);
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn the_same_password_set_once_more_is_tried_once_more() {
    let Some(world) = World::with_servers() else { return };
    let daemon = world.daemon();
    world.deliver(&rejection(&world));
    let reply = number(&world.until_reply_is("drafted"));
    world.write_private("smtp.secret", "wrong");
    world.cli(&["show", &reply]).ok();
    world.cli(&["approve", &reply]).ok();
    let refused = || {
        let log = world.servers().postfix.log();
        let mine = |line: &&str| line.contains(&world.applicant()) && line.contains("failed");
        log.lines().filter(mine).count()
    };
    wait_until("the refusal is told", PATIENCE, || {
        daemon.log().contains("regards secret set main smtp")
    });
    assert_eq!(refused(), 1, "{}", world.servers().postfix.log());
    // Its pause is over, and it is not tried.
    let due = "UPDATE reply SET due = approved_at";
    crate::support::story::sql(&world.state_dir(), due);
    for _ in 0..3 {
        world.cli(&["resume"]).ok();
    }
    assert_eq!(refused(), 1);
    // Perhaps the provider had locked the account: the user says that it is right.
    world.cli_typed(&["secret", "set", "main", "smtp"], "wrong").ok();
    wait_until("it is tried once more", PATIENCE, || refused() == 2);
    assert_eq!(daemon.stop(), 0);
    assert_eq!((refused(), world.at_recruiter().len()), (2, 0));
}
