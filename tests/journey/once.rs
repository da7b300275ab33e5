//! One answer, whoever else answers: another machine, a phone, a restored copy of the
//! database.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::mails::rejection;
use crate::support::story::{approve, number, sql, until_drafted};
use crate::support::wait_until;
use crate::support::world::{PATIENCE, World};

#[test]
fn two_machines_that_both_approved_send_one_mail() {
    let Some(mut one) = World::with_servers() else { return };
    one.set("account.main.send.sent_copy", "append");
    let mut two = one.second_machine();
    // The second one holds its mail long enough for the copy of the first to be there.
    two.set("sending.delay", "1h");
    let (daemon_one, daemon_two) = (one.daemon(), two.daemon());
    one.deliver(&rejection(&one));
    let first = number(&one.until_reply_is("drafted"));
    let second = number(&two.until_reply_is("drafted"));
    approve(&two, &second);
    approve(&one, &first);
    one.until_reply_is("sent");
    // At once, not at the next look a minute later.
    let soon = std::time::Duration::from_secs(20);
    wait_until("the copy is in Sent", soon, || one.mails_of(&one.applicant(), "Sent").len() == 1);
    // Now the second one's undo window is over.
    assert_eq!(daemon_two.stop(), 0);
    sql(&two.state_dir(), "UPDATE reply SET due = approved_at, first_due = approved_at");
    let daemon_two = two.daemon();
    let line = two.until_reply_is("withdrawn");
    assert!(line["notice"].as_str().is_some_and(|it| it.contains("answer")), "{line}");
    one.until_arrived(1);
    assert_eq!((daemon_one.stop(), daemon_two.stop()), (0, 0));
    assert_eq!(one.at_recruiter().len(), 1);
}

#[test]
fn an_answer_from_the_phone_before_the_claim_holds_ours_back() {
    let Some(mut world) = World::with_servers() else { return };
    world.set("sending.delay", "1h");
    let daemon = world.daemon();
    let reply = until_drafted(&world);
    let shown = approve(&world, &reply);
    assert_eq!(daemon.stop(), 0);
    let domain = world.recruiter().split_once('@').unwrap().1.to_owned();
    world.deliver_into(
        "Sent",
        &format!(
            "Date: {}\nFrom: {}\nTo: {}\nSubject: {}\nMessage-ID: <phone-1@applicant.example>\n\
             In-Reply-To: <rej-1@{domain}>\n\nThanks, Alex (from the phone)\n",
            crate::support::mails::days_ago(0),
            world.applicant(),
            world.recruiter(),
            shown["mail"]["subject"].as_str().unwrap(),
        ),
    );
    sql(&world.state_dir(), "UPDATE reply SET due = approved_at, first_due = approved_at");
    let daemon = world.daemon();
    world.until_reply_is("withdrawn");
    assert_eq!(daemon.stop(), 0);
    assert!(world.at_recruiter().is_empty());
}

#[test]
fn what_the_user_answered_while_it_cooled_is_withdrawn_by_its_flag_or_its_copy() {
    for by_flag in [true, false] {
        let Some(mut world) = World::with_servers() else { return };
        world.set("cooling.after_form", "5s");
        world.set("cooling.after_talks", "5s");
        let daemon = world.daemon();
        world.recruiter_sends(&rejection(&world));
        wait_until("it cools", PATIENCE, || {
            world.cli(&["desk", "--cooling", "--json"]).ok().stdout.contains("\"cooling\"")
        });
        let domain = world.recruiter().split_once('@').unwrap().1.to_owned();
        if by_flag {
            let applicant = world.applicant();
            let flags = ["flags", "add", "-u", &applicant, "\\Answered", "mailbox", "INBOX"];
            world.servers().dovecot.doveadm(&flags);
        } else {
            let copy =
                format!("Message-ID: <p@a.example>\nIn-Reply-To: <rej-1@{domain}>\n\nThanks\n");
            world.deliver_into("Sent", &copy);
        }
        let line = world.until_reply_is("withdrawn");
        assert_eq!(line["notice"], "you answered it yourself");
        assert_eq!(daemon.stop(), 0);
    }
}

#[test]
fn a_restored_database_sends_nothing_again() {
    for whole in [true, false] {
        let Some(mut world) = World::with_servers() else { return };
        world.set("sending.delay", "1h");
        world.set("account.main.send.sent_copy", if whole { "append" } else { "none" });
        let daemon = world.daemon();
        let reply = until_drafted(&world);
        approve(&world, &reply);
        assert_eq!(daemon.stop(), 0);
        let state = world.state_dir();
        sql(&state, "UPDATE reply SET due = approved_at, first_due = approved_at");
        sql(&state, "PRAGMA wal_checkpoint(TRUNCATE)");
        let copy = world.path("copy");
        cp(&state, &copy);
        let daemon = world.daemon();
        world.until_reply_is("sent");
        wait_until("the copy is in Sent", PATIENCE, || {
            world.mails_of(&world.applicant(), "Sent").len() == usize::from(whole)
        });
        assert_eq!(daemon.stop(), 0);
        world.until_arrived(1);
        if whole {
            fs::remove_dir_all(&state).unwrap();
            cp(&copy, &state);
        } else {
            for end in ["-wal", "-shm"] {
                let _ = fs::remove_file(state.join(format!("regards.db{end}")));
            }
            fs::copy(copy.join("regards.db"), state.join("regards.db")).unwrap();
        }
        let daemon = world.daemon();
        // The ledger beside the database knows; where that was put back, too, the copy in
        // Sent does.
        let line = world.until_reply_is(if whole { "withdrawn" } else { "drafted" });
        assert_eq!(daemon.stop(), 0);
        assert_eq!(world.at_recruiter().len(), 1, "{line} whole: {whole}");
        assert_eq!(line["notice"].as_str().is_some_and(|it| it.contains("before")), !whole);
    }
}

fn cp(from: &Path, to: &Path) {
    assert!(Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap().success());
}
