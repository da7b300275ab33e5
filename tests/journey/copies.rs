//! A copy of our own mail that comes back (to the own address, into Sent) proves that it is
//! out, whenever it comes and whatever else was thought of the mail.

use crate::support::proxy::{Proxy, Stop};
use crate::support::story::{approve, until_drafted, with_proxy};
use crate::support::wait_until;
use crate::support::world::{Daemon, PATIENCE, World};

/// A world with a copy to the applicant's own address, whose mail the server has taken and
/// whose copy was read while the daemon waits for the answer.
fn copy_seen_in_hand() -> Option<(World, Proxy, Daemon, String)> {
    let (mut world, proxy) = with_proxy()?;
    world.set("account.main.send.bcc_self", true);
    let daemon = world.daemon();
    let reply = until_drafted(&world);
    proxy.stop_at(Stop::Answer);
    approve(&world, &reply);
    proxy.until_stopped();
    assert_eq!(world.only_reply().unwrap()["state"], "sending");
    wait_until("the copy was read", PATIENCE, || own_mails(&world) == 1);
    Some((world, proxy, daemon, reply))
}

fn own_mails(world: &World) -> i64 {
    let database = rusqlite::Connection::open(world.state_dir().join("regards.db")).unwrap();
    database.busy_timeout(PATIENCE).unwrap();
    let count = "SELECT count(*) FROM message WHERE own = 1";
    database.query_row(count, [], |row| row.get(0)).unwrap()
}

/// One mail at the recruiter, also after a new start.
fn is_out_once(world: &World, proxy: &Proxy, daemon: Daemon) {
    assert_eq!(daemon.stop(), 0);
    world.cli(&["run", "--once"]).ok();
    assert_eq!((world.until_arrived(1).len(), proxy.bodies()), (1, 1));
}

#[test]
fn a_copy_that_came_while_the_answer_was_awaited_settles_a_lost_answer() {
    let Some((world, proxy, daemon, reply)) = copy_seen_in_hand() else { return };
    proxy.cut();
    world.until_reply_is("sent");
    let journal = world.cli(&["show", &reply, "--json"]).ok().one()["journal"].to_string();
    assert!(journal.contains("its copy came"), "{journal}");
    is_out_once(&world, &proxy, daemon);
}

#[test]
fn a_copy_that_came_before_the_crash_settles_the_doubt_of_the_next_start() {
    let Some((world, proxy, daemon, _)) = copy_seen_in_hand() else { return };
    daemon.kill();
    proxy.go_on();
    let daemon = world.daemon();
    world.until_reply_is("sent");
    is_out_once(&world, &proxy, daemon);
}

#[test]
fn a_copy_contradicts_a_server_that_says_later() {
    let Some((world, proxy, daemon, _)) = copy_seen_in_hand() else { return };
    proxy.answer_instead("451 4.3.0 later, please\r\n");
    world.until_reply_is("approved");
    crate::support::story::sql(&world.state_dir(), "UPDATE reply SET due = approved_at");
    world.cli(&["resume"]).ok();
    let line = world.until_reply_is("withdrawn");
    assert_eq!(line["notice"], "you answered it yourself");
    is_out_once(&world, &proxy, daemon);
}

#[test]
fn a_copy_that_comes_after_the_user_said_unsent_takes_the_draft_away() {
    let Some((world, proxy)) = with_proxy() else { return };
    let daemon = world.daemon();
    let reply = until_drafted(&world);
    proxy.stop_at(Stop::Answer);
    approve(&world, &reply);
    proxy.until_stopped();
    proxy.cut();
    world.until_reply_is("doubtful");
    world.cli(&["resolve", &reply, "unsent"]).ok();
    assert_eq!(world.only_reply().unwrap()["state"], "drafted");
    // The applicant's own rule files what it sees of the own mail into the inbox.
    let copy = std::fs::read_to_string(&world.until_arrived(1)[0]).unwrap();
    world.deliver(&copy.replace("\r\n", "\n"));
    let line = world.until_reply_is("withdrawn");
    assert_eq!(line["notice"], "you answered it yourself");
    world.cli(&["approve", &reply]).fails(1, "");
    is_out_once(&world, &proxy, daemon);
}
