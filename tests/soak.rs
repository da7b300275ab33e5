//! Hours pass quickly for the daemon: mail comes, connections are lost, it is paused and told
//! to look, and in the end it holds no more than in the beginning.

use std::fs;
use std::time::{Duration, Instant};

use crate::support::mails::days_ago;
use crate::support::world::{Daemon, PATIENCE, World};
use crate::support::{find, missing, number, wait_until};

/// So many times as fast does the daemon's clock go.
const SPEED: u32 = 120;

/// What may be there more in the end, in parts of a hundred.
const GROWTH_MAX: u64 = 5;

/// A shorter run says nothing about memory.
const TELLING: Duration = Duration::from_secs(30);

/// After so many mails each disturbance was there once.
const ROUND: u32 = 8;

/// What it holds open, by kind: numbers of sockets and pipes are no part of it.
fn descriptors(daemon: &Daemon) -> Vec<String> {
    let entries = fs::read_dir(format!("/proc/{}/fd", daemon.id())).unwrap();
    let links = entries.filter_map(|entry| fs::read_link(entry.unwrap().path()).ok());
    let kind = |link: std::path::PathBuf| link.display().to_string();
    let mut kinds: Vec<String> =
        links.map(kind).map(|it| it.split(":[").next().unwrap().to_owned()).collect();
    kinds.sort();
    kinds
}

fn resident(daemon: &Daemon) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", daemon.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn known(world: &World) -> u32 {
    let database = rusqlite::Connection::open(world.state_dir().join("regards.db")).unwrap();
    database.busy_timeout(PATIENCE).unwrap();
    database.query_row("SELECT count(*) FROM sighting", [], |row| row.get(0)).unwrap()
}

fn mail(world: &World, number: u32) -> String {
    format!(
        "Date: {}\nFrom: News {number} <news{number}@paper.example>\nTo: <{}>\n\
         Subject: What is new, part {number}\nMessage-ID: <{number}@paper.example>\n\n\
         Our new office opens in May. Read all about it in our blog.\n",
        days_ago(0),
        world.applicant()
    )
}

#[test]
fn hours_leave_no_descriptor_and_no_memory_behind() {
    if find("faketime").is_none() {
        return missing("faketime");
    }
    let Some(mut world) = World::with_servers() else { return };
    let seconds = u64::try_from(number("REGARDS_SOAK_SECONDS", 2)).unwrap();
    world.pretend(Some(&format!("+0d x{SPEED}")));
    let daemon = world.daemon();
    let began = Instant::now();
    let whole = Duration::from_secs(seconds);
    let (mut count, mut first, mut lost) = (0u32, None, 0);
    let mut enough = u32::MAX;
    while began.elapsed() < whole || count < enough {
        count += 1;
        world.deliver(&mail(&world, count));
        wait_until("the mail was seen", PATIENCE, || known(&world) == count);
        // What a program needs to be warm is no growth; and its connection stands just now.
        if first.is_none() && count > ROUND && began.elapsed() > whole / 4 {
            first = Some((descriptors(&daemon), resident(&daemon)));
            enough = count + ROUND;
        }
        match count % ROUND {
            2 => daemon.signal("HUP"),
            4 => {
                lost += 1;
                world.servers().dovecot.doveadm(&["kick", &world.applicant()]);
            }
            // The machine sleeps, and mail comes.
            6 => {
                daemon.signal("STOP");
                count += 1;
                world.deliver(&mail(&world, count));
                daemon.signal("CONT");
            }
            _ => drop(world.cli(&["resume"]).ok()),
        }
    }
    let (fds, memory) = first.unwrap();
    let until = Instant::now() + PATIENCE;
    let mut now = descriptors(&daemon);
    while now != fds && Instant::now() < until {
        now = descriptors(&daemon);
        std::thread::yield_now();
    }
    assert_eq!(now, fds, "not the descriptors of the beginning");
    let grown = resident(&daemon);
    println!(
        "{} simulated minutes, {count} mails, {lost} connections lost: {} descriptors, \
         {memory} KiB, then {grown} KiB",
        began.elapsed().as_secs() * u64::from(SPEED) / 60,
        now.len(),
    );
    // Within minutes an allocator still settles.
    let grew = grown * 100 > memory * (100 + GROWTH_MAX);
    assert!(!grew || whole < TELLING, "{memory} KiB grew to {grown} KiB");
    assert_eq!(daemon.stop(), 0);
}
