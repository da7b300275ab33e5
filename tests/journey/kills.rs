//! The plug is pulled at every point of the SMTP dialogue; afterwards the daemon starts
//! again. What arrived is judged by the recruiter's mailbox and by the list of what this
//! story approved.

use serde_json::Value;

use crate::support::proxy::{Proxy, Stop};
use crate::support::story::{approve, assert_is_what_was_shown, until_drafted, with_proxy};
use crate::support::wait_until;
use crate::support::world::{PATIENCE, World};

/// Approves, kills the daemon when the dialogue has come to `stop`, starts it again without
/// a stop, and tells what was shown and the state after the recovery.
fn killed_at(world: &World, proxy: &Proxy, stop: Stop) -> (Value, crate::support::world::Daemon) {
    let daemon = world.daemon();
    let reply = until_drafted(world);
    proxy.stop_at(stop);
    let shown = approve(world, &reply);
    proxy.until_stopped();
    daemon.kill();
    proxy.go_on();
    (shown, world.daemon())
}

#[test]
fn killed_before_the_body_it_is_sent_once_by_the_next_start() {
    for stop in [Stop::Connect, Stop::Command("EHLO"), Stop::Command("RCPT"), Stop::Command("DATA")]
    {
        let Some((world, proxy)) = with_proxy() else { return };
        let (shown, daemon) = killed_at(&world, &proxy, stop);
        world.until_reply_is("sent");
        world.until_arrived(1);
        assert_eq!(daemon.stop(), 0);
        assert_eq!(world.at_recruiter().len(), 1, "{stop:?}");
        assert_is_what_was_shown(&world.at_recruiter()[0], &shown);
        assert_eq!(proxy.bodies(), 1, "{stop:?}");
    }
}

#[test]
fn killed_after_the_body_it_is_doubtful_and_never_sent_again_by_itself() {
    for (stop, arrives) in [(Stop::Body, 0), (Stop::Answer, 1)] {
        let Some((world, proxy)) = with_proxy() else { return };
        let (shown, daemon) = killed_at(&world, &proxy, stop);
        let line = world.until_reply_is("doubtful");
        let reply = line["reply"].as_str().unwrap();
        world.until_arrived(arrives);
        // A restart, and every look that a command causes, leave it as it is.
        daemon.kill();
        let daemon = world.daemon();
        world.cli(&["approve", reply]).fails(1, "");
        world.cli(&["resume"]).ok();
        world.until_reply_is("doubtful");
        assert_eq!(world.at_recruiter().len(), arrives, "{stop:?}");
        // The person looks and decides.
        let word = if arrives == 1 { "sent" } else { "unsent" };
        world.cli(&["resolve", reply, word]).ok();
        if arrives == 0 {
            world.until_reply_is("drafted");
            let again = approve(&world, reply);
            assert_eq!(again["digest"], shown["digest"], "the very same mail");
        }
        world.until_reply_is("sent");
        world.until_arrived(1);
        assert_is_what_was_shown(&world.at_recruiter()[0], &shown);
        assert_eq!(daemon.stop(), 0);
        assert_eq!((world.at_recruiter().len(), proxy.bodies()), (1, 1), "{stop:?}");
    }
}

#[test]
fn killed_after_the_answer_was_read_it_is_sent() {
    let Some((world, proxy)) = with_proxy() else { return };
    let (shown, daemon) = killed_at(&world, &proxy, Stop::Quit);
    // Accepted is written when the dialogue is over: whether that came to pass is a race
    // that the program cannot lose: sent, or doubtful, but not twice.
    wait_until("it is settled", PATIENCE, || {
        let line = world.only_reply().unwrap();
        line["state"] == "sent" || line["state"] == "doubtful"
    });
    world.until_arrived(1);
    assert_is_what_was_shown(&world.at_recruiter()[0], &shown);
    assert_eq!(daemon.stop(), 0);
    assert_eq!((world.at_recruiter().len(), proxy.bodies()), (1, 1));
}

#[test]
fn a_doubtful_mail_that_lies_in_sent_is_sent() {
    let Some((world, proxy)) = with_proxy() else { return };
    let (_, daemon) = killed_at(&world, &proxy, Stop::Answer);
    world.until_reply_is("doubtful");
    world.until_arrived(1);
    daemon.kill();
    // As a provider does that files a copy by itself, some time later.
    let copy = std::fs::read_to_string(&world.at_recruiter()[0]).unwrap();
    world.deliver_into("Sent", &copy.replace("\r\n", "\n"));
    let mut world = world;
    world.set("account.main.imap.count", vec!["\\Sent".to_owned()]);
    let daemon = world.daemon();
    world.until_reply_is("sent");
    assert_eq!(daemon.stop(), 0);
    assert_eq!((world.at_recruiter().len(), proxy.bodies()), (1, 1));
}

#[test]
fn a_stop_while_a_mail_is_in_hand_finishes_it() {
    let Some((world, proxy)) = with_proxy() else { return };
    let daemon = world.daemon();
    let reply = until_drafted(&world);
    proxy.stop_at(Stop::Body);
    let shown = approve(&world, &reply);
    proxy.until_stopped();
    daemon.signal("TERM");
    wait_until("the daemon has heard it", PATIENCE, || {
        !world.path(".local/state/regards/nudge.sock").exists() || daemon.log().contains("Ready")
    });
    proxy.go_on();
    assert_eq!(daemon.stop(), 0);
    assert_eq!(world.only_reply().unwrap()["state"], "sent");
    world.until_arrived(1);
    assert_is_what_was_shown(&world.at_recruiter()[0], &shown);
}

#[test]
fn a_line_cut_after_the_dot_leaves_a_doubt_and_no_second_mail() {
    let Some((world, proxy)) = with_proxy() else { return };
    let daemon = world.daemon();
    let reply = until_drafted(&world);
    proxy.stop_at(Stop::Answer);
    let shown = approve(&world, &reply);
    proxy.until_stopped();
    // The server has the mail, and the program goes on living.
    proxy.cut();
    world.until_reply_is("doubtful");
    assert_is_what_was_shown(&world.until_arrived(1)[0], &shown);
    world.cli(&["resume"]).ok();
    assert_eq!(daemon.stop(), 0);
    world.cli(&["run", "--once"]).ok();
    assert_eq!(world.only_reply().unwrap()["state"], "doubtful");
    assert_eq!((world.at_recruiter().len(), proxy.bodies()), (1, 1));
}
