//! What the server said is not lost when it cannot be written down at once.

use super::bench::{approve, until_drafted, with_proxy};
use crate::support::disk::SmallDisk;
use crate::support::proxy::Stop;
use crate::support::wait_until;
use crate::support::world::PATIENCE;

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
