//! What the server said is not lost when it cannot be written down at once.

use crate::support::disk::SmallDisk;
use crate::support::proxy::{Proxy, Stop};
use crate::support::story::{approve, until_drafted, with_proxy};
use crate::support::wait_until;
use crate::support::world::{Daemon, PATIENCE, World};

#[test]
fn an_acceptance_is_kept_while_the_database_is_locked() {
    let Some((world, proxy)) = with_proxy() else { return };
    let daemon = world.daemon();
    let reply = until_drafted(&world);
    proxy.stop_at(Stop::Answer);
    approve(&world, &reply);
    proxy.until_stopped();
    let other = rusqlite::Connection::open(world.state_dir().join("regards.db")).unwrap();
    other.busy_timeout(PATIENCE).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    proxy.go_on();
    wait_until("it cannot be written", PATIENCE, || daemon.log().contains("is kept until"));
    other.execute_batch("ROLLBACK").unwrap();
    world.until_reply_is("sent");
    assert_eq!(daemon.stop(), 0);
    world.cli(&["run", "--once"]).ok();
    assert_eq!((world.until_arrived(1).len(), proxy.bodies()), (1, 1));
}

#[test]
fn an_acceptance_is_kept_while_the_disk_is_full() {
    let Some((world, proxy)) = with_proxy() else { return };
    let Some(disk) = SmallDisk::at(&world.state_dir()) else { return };
    let daemon = world.daemon();
    let reply = until_drafted(&world);
    proxy.stop_at(Stop::Answer);
    approve(&world, &reply);
    proxy.until_stopped();
    disk.fill();
    proxy.go_on();
    wait_until("it cannot be written", PATIENCE, || daemon.log().contains("is kept until"));
    assert_eq!(world.only_reply().unwrap()["state"], "sending");
    disk.empty();
    world.until_reply_is("sent");
    assert_eq!(daemon.stop(), 0);
    world.cli(&["run", "--once"]).ok();
    assert_eq!((world.until_arrived(1).len(), proxy.bodies()), (1, 1));
}

#[test]
fn a_mail_that_the_server_refused_stays_on_the_desk_with_its_words() {
    let Some((world, proxy)) = with_proxy() else { return };
    let daemon = world.daemon();
    let reply = until_drafted(&world);
    proxy.stop_at(Stop::Answer);
    approve(&world, &reply);
    proxy.until_stopped();
    proxy.answer_instead("554 5.7.1 we do not like it\r\n");
    world.until_reply_is("failed");
    let desk = world.cli(&["desk"]).ok().stdout;
    assert!(desk.contains("failed") && desk.contains("we do not like it"), "{desk}");
    assert_eq!((daemon.stop(), proxy.bodies()), (0, 1));
}

/// How often the daemon has said that the disk is full.
fn told_full(daemon: &Daemon) -> usize {
    daemon.log().matches("No space is left").count()
}

/// There is room again: it leaves, once, also after a new start.
fn leaves_once(world: &World, proxy: &Proxy, daemon: Daemon) {
    wait_until("it is sent", PATIENCE, || {
        // The next look is a minute away; whoever made room may ask for one.
        world.cli(&["resume"]).ok();
        world.only_reply().unwrap()["state"] == "sent"
    });
    assert_eq!(daemon.stop(), 0);
    world.cli(&["run", "--once"]).ok();
    assert_eq!((world.until_arrived(1).len(), proxy.bodies()), (1, 1));
}

#[test]
fn a_disk_that_is_full_when_an_approved_mail_is_due_holds_it() {
    let Some((mut world, proxy)) = with_proxy() else { return };
    let Some(disk) = SmallDisk::at(&world.state_dir()) else { return };
    world.set("sending.delay", "3s");
    let daemon = world.daemon();
    let reply = until_drafted(&world);
    approve(&world, &reply);
    disk.fill();
    assert_eq!(world.only_reply().unwrap()["state"], "approved");
    wait_until("it is told", PATIENCE, || told_full(&daemon) > 0);
    assert!(daemon.log().contains("Free some space"), "{}", daemon.log());
    assert_eq!(world.only_reply().unwrap()["state"], "approved");
    assert_eq!(proxy.bodies(), 0);
    disk.empty();
    leaves_once(&world, &proxy, daemon);
}

#[test]
fn a_disk_that_is_full_before_the_body_holds_the_body() {
    let Some((world, proxy)) = with_proxy() else { return };
    let Some(disk) = SmallDisk::at(&world.state_dir()) else { return };
    let daemon = world.daemon();
    let reply = until_drafted(&world);
    proxy.stop_at(Stop::Command("DATA"));
    approve(&world, &reply);
    proxy.until_stopped();
    disk.fill();
    proxy.go_on();
    wait_until("it is told", PATIENCE, || told_full(&daemon) > 0);
    assert_eq!(proxy.bodies(), 0);
    disk.empty();
    leaves_once(&world, &proxy, daemon);
}
