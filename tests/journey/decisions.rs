//! What a person may say about a mail, and when it is too late or too early to say it.

use std::io::Write;
use std::process::Stdio;

use crate::support::story::{approve, number, until_drafted};
use crate::support::wait_until;
use crate::support::world::{PATIENCE, World};

/// The mails in the folder that is the way out.
pub fn left(world: &World) -> usize {
    let entries = std::fs::read_dir(world.path("out")).unwrap();
    entries.filter(|it| it.as_ref().unwrap().path().extension().is_some_and(|e| e == "eml")).count()
}

#[test]
fn a_yes_can_be_taken_back_within_the_undo_window() {
    let mut world = World::local();
    world.set("sending.delay", "1h");
    let daemon = world.daemon();
    let reply = until_drafted(&world);
    approve(&world, &reply);
    assert_eq!(world.only_reply().unwrap()["state"], "approved");
    assert_eq!(world.cli(&["revoke", &reply, "--json"]).ok().one()["state"], "drafted");
    world.cli(&["revoke", &reply]).fails(1, "");
    assert_eq!((daemon.stop(), left(&world)), (0, 0));
}

#[test]
fn only_what_was_shown_can_be_approved() {
    let world = World::local();
    let daemon = world.daemon();
    let reply = until_drafted(&world);
    world.cli(&["approve", &reply]).fails(1, "You have not seen r1 yet");
    let shown = world.cli(&["show", &reply, "--json"]).ok().one();
    let text = format!("{}\nPS: One more thing.\n", shown["mail"]["text"].as_str().unwrap());
    world.cli_typed(&["edit", &reply, "--text", "-"], &text).ok();
    world.cli(&["approve", &reply]).fails(1, "has changed since you looked at it");
    let old = shown["digest"].as_str().unwrap();
    world.cli(&["approve", &reply, "--seen", old]).fails(1, "");
    assert_eq!(world.only_reply().unwrap()["state"], "drafted");
    assert_eq!(left(&world), 0);
    let now = approve(&world, &reply);
    assert_ne!(now["digest"], shown["digest"]);
    assert_ne!(now["mail"]["message_id"], shown["mail"]["message_id"]);
    world.until_reply_is("sent");
    assert_eq!((daemon.stop(), left(&world)), (0, 1));
}

#[test]
fn an_edit_after_the_yes_voids_it() {
    let mut world = World::local();
    world.set("sending.delay", "1h");
    let daemon = world.daemon();
    let reply = until_drafted(&world);
    approve(&world, &reply);
    world.cli_typed(&["edit", &reply, "--text", "-"], "Dear Nora,\n\nthank you.\n\nAlex\n").ok();
    assert_eq!(world.only_reply().unwrap()["state"], "drafted");
    // The undo window of the old yes passes.
    crate::support::story::sql(&world.state_dir(), "UPDATE reply SET due = 0, first_due = 0");
    world.cli(&["resume"]).ok();
    world.cli(&["approve", &reply]).fails(1, "has changed since you looked at it");
    assert_eq!((daemon.stop(), left(&world)), (0, 0));
}

#[test]
fn an_edited_text_that_was_put_off_comes_back_as_it_was_edited() {
    let world = World::local();
    let daemon = world.daemon();
    let reply = until_drafted(&world);
    let mine = "Dear Nora,\n\nthank you for the talks.\n\nAlex";
    world.cli_typed(&["edit", &reply, "--text", "-"], mine).ok();
    world.cli(&["snooze", &reply, "0s"]).ok();
    // At once, and not with the daemon's next look of its own.
    wait_until("it is back", PATIENCE / 3, || {
        let journal = world.cli(&["show", &reply, "--json"]).ok().one()["journal"].to_string();
        let back = journal.rsplit_once("snoozed").is_some_and(|(_, rest)| rest.contains("drafted"));
        back && world.only_reply().is_some_and(|line| line["state"] == "drafted")
    });
    let text = world.cli(&["show", &reply, "--json"]).ok().one()["mail"]["text"].clone();
    assert_eq!(text.as_str().unwrap().trim_end(), mine);
    assert_eq!((daemon.stop(), left(&world)), (0, 0));
}

#[test]
fn two_people_who_say_yes_at_once_send_one_mail() {
    let world = World::local();
    let daemon = world.daemon();
    let reply = until_drafted(&world);
    let digest = world.cli(&["show", &reply, "--json"]).ok().one()["digest"].clone();
    let digest = digest.as_str().unwrap();
    let ran = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| world.cli(&["approve", &reply, "--seen", digest, "--json"])))
            .collect();
        threads.into_iter().map(|it| it.join().unwrap()).collect::<Vec<_>>()
    });
    assert!(ran.iter().any(|it| it.status == 0), "{ran:?}");
    world.until_reply_is("sent");
    wait_until("it left", PATIENCE, || left(&world) == 1);
    assert_eq!((daemon.stop(), left(&world)), (0, 1));
    let journal = world.cli(&["show", &reply, "--json"]).ok().one()["journal"].to_string();
    assert_eq!(journal.matches("approved").count(), 1, "{journal}");
}

#[test]
fn a_skipped_reply_never_leaves() {
    let world = World::local();
    let daemon = world.daemon();
    let reply = until_drafted(&world);
    world.cli(&["show", &reply]).ok();
    world.cli(&["skip", &reply]).ok();
    world.cli(&["approve", &reply]).fails(1, "");
    assert_eq!(number(&world.only_reply().unwrap()), reply);
    assert_eq!((daemon.stop(), left(&world)), (0, 0));
}

#[test]
fn what_was_typed_in_the_editor_is_kept_when_the_desk_refuses_it() {
    use std::os::unix::fs::PermissionsExt;
    for command in [&["edit", "r1"][..], &["review"]] {
        let world = World::local();
        let daemon = world.daemon();
        assert_eq!(until_drafted(&world), "r1");
        // While the user types, somebody decides otherwise on another terminal.
        let editor = world.path("editor");
        let program = env!("CARGO_BIN_EXE_regards");
        let script = format!("#!/bin/sh\n{program} skip r1\necho 'hours of work' > \"$1\"\n");
        std::fs::write(&editor, script).unwrap();
        std::fs::set_permissions(&editor, std::fs::Permissions::from_mode(0o755)).unwrap();
        let mut typing = world.command(command);
        typing.env("EDITOR", &editor).env("TMPDIR", world.path("")).stdin(Stdio::piped());
        typing.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut typing = typing.spawn().unwrap();
        typing.stdin.take().unwrap().write_all(b"e\nq\n").unwrap();
        let output = typing.wait_with_output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8(said).unwrap();
        let path = said.split_once("your text is in ").expect(&said).1.lines().next().unwrap();
        assert_eq!(std::fs::read_to_string(path).unwrap(), "hours of work\n", "{said}");
        let mode = std::fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(world.only_reply().unwrap()["state"], "skipped");
        assert_eq!(daemon.stop(), 0);
    }
}
