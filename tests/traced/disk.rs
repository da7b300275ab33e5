//! The disk refuses the daemon a write, once or for a while, anywhere in one whole life; and
//! disks of few megabytes fill up. Nothing is lost or doubled, the user is told, and when
//! there is space again it goes on by itself.

use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::chance::Chance;
use crate::support::disk::SmallDisk;
use crate::support::mails::rejection;
use crate::support::story::{approve, given_out, kept_way_out, number as number_of};
use crate::support::trace::{self, only_these, state_files, under};
use crate::support::world::{Daemon, PATIENCE, World};
use crate::support::{has, number, wait_until};

/// Lives that go on at the same time.
const AT_A_TIME: usize = 4;

/// What a disk may refuse.
const CALLS: [&str; 5] = ["pwrite64", "write", "fdatasync", "fsync", "ftruncate"];

/// The `when`th of these calls in a thread fails, and so many behind it.
#[derive(Debug, Clone)]
struct Fault {
    call: &'static str,
    error: &'static str,
    when: usize,
    more: usize,
}

struct Life {
    world: World,
    daemon: Daemon,
    log: String,
}

impl Life {
    fn begin(trace: &Path, fault: Option<&Fault>) -> Life {
        let mut world = World::local();
        kept_way_out(&mut world);
        let mut options = vec!["-ye".to_owned(), format!("trace={}", CALLS.join(","))];
        if let Some(Fault { call, error, when, more }) = fault {
            let inject = format!("inject={call}:error={error}:when={when}..{}", when + more);
            options.extend(["-e".to_owned(), inject]);
        }
        options.extend(only_these(&state_files(&world)));
        let daemon = world.daemon_at_once(under(&world.command(&["run"]), trace, &options));
        world.deliver(&rejection(&world));
        Life { world, daemon, log: String::new() }
    }

    /// Waits; a daemon that has given up says why and is started again, as systemd does it.
    fn until_reply_is(&mut self, states: &[&str]) -> String {
        let mut state = String::new();
        wait_until(&format!("the reply is {states:?}"), PATIENCE, || {
            if self.daemon.ended() {
                self.log.push_str(&self.daemon.log());
                self.daemon = self.world.daemon();
            }
            let reply = self.world.only_reply();
            state = reply.map_or(String::new(), |it| it["state"].as_str().unwrap().to_owned());
            // It would look again within a minute.
            self.world.cli(&["resume"]);
            states.contains(&&*state)
        });
        state
    }

    /// To the end and judged; how many doubts were left on the way.
    fn lived_out(mut self, trace: &Path) -> Result<usize, String> {
        self.until_reply_is(&["drafted"]);
        assert_eq!(given_out(&self.world).len(), 0, "nobody has approved it");
        let reply = number_of(&self.world.only_reply().unwrap());
        approve(&self.world, &reply);
        let mut doubts = 0;
        // Each thread has a first call that fails: the ledger may be refused several times.
        while self.until_reply_is(&["sent", "doubtful"]) == "doubtful" {
            doubts += 1;
            let is_out = !given_out(&self.world).is_empty();
            let word = if is_out { "sent" } else { "unsent" };
            self.world.cli(&["resolve", &reply, word]).ok();
            if !is_out {
                self.until_reply_is(&["drafted"]);
                approve(&self.world, &reply);
            }
        }
        self.log.push_str(&self.daemon.log());
        self.daemon.kill();
        self.world.cli(&["run", "--once"]).ok();
        assert_eq!(given_out(&self.world).len(), 1);
        let calls = trace::calls(trace);
        // SQLite passes over a directory that cannot be synced; then the daemon syncs it.
        let directory = format!("<{}>)", self.world.state_dir().display());
        let of_directory = |call: &&trace::Call| call.rest.contains(&directory);
        let synced = calls.iter().rfind(of_directory).is_some_and(|it| it.rest.ends_with("= 0"));
        let mut refused = calls.iter().filter(|it| it.rest.contains("INJECTED"));
        let refused = refused.any(|it| !(synced && of_directory(&it)));
        let told = self.log.lines().any(|line| {
            ["ERROR", "WARN", "regards: ", "No space is left"].iter().any(|it| line.contains(it))
        });
        if refused && !told {
            return Err(format!("nothing was said:\n{}", self.log));
        }
        Ok(doubts)
    }
}

/// Every call of an undisturbed life that can fail, each with both errors.
fn faults() -> Vec<Fault> {
    let traces = tempfile::tempdir().unwrap();
    let trace = traces.path().join("daemon");
    Life::begin(&trace, None).lived_out(&trace).unwrap();
    let mut counts = BTreeMap::<(&str, String), usize>::new();
    for call in trace::calls(&trace) {
        let name = CALLS.iter().find(|name| **name == call.name).unwrap();
        *counts.entry((name, call.id)).or_default() += 1;
    }
    let mut faults = Vec::new();
    for call in CALLS {
        let by_thread = counts.iter().filter(|((name, _), _)| *name == call);
        let most = by_thread.map(|(_, count)| *count).max().unwrap_or(0);
        for when in 1..=most {
            for error in ["ENOSPC", "EIO"] {
                for more in [0, 9] {
                    faults.push(Fault { call, error, when, more });
                }
            }
        }
    }
    faults
}

#[test]
fn a_write_that_the_disk_refuses_loses_nothing_doubles_nothing_and_is_told() {
    if !has(&["strace"]) {
        return;
    }
    let goal = number("REGARDS_DISK_FAULTS", 3);
    let seed = number("REGARDS_SEED", 20_261_122);
    let mut chance = Chance(seed as u64);
    let mut faults = faults();
    let all = faults.len();
    while faults.len() > goal {
        faults.swap_remove(chance.below(faults.len()));
    }
    let (tried, ahead) = (faults.len(), Mutex::new(faults.into_iter()));
    let (doubts, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                let traces = tempfile::tempdir().unwrap();
                loop {
                    let Some(fault) = ahead.lock().unwrap().next() else { return };
                    let trace = traces.path().join(format!("{fault:?}"));
                    let life = || Life::begin(&trace, Some(&fault)).lived_out(&trace);
                    let why = match catch_unwind(AssertUnwindSafe(life)) {
                        Ok(Ok(left)) => {
                            doubts.fetch_add(left, Ordering::Relaxed);
                            continue;
                        }
                        Ok(Err(why)) => why,
                        Err(_) => "see the panic".to_owned(),
                    };
                    let end = trace::end_of(&trace, 20);
                    wrong.lock().unwrap().push(format!("{fault:?}: {why}\n{end}"));
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    let doubts = doubts.into_inner();
    println!("{tried} of {all} disk faults, {doubts} doubts, {} wrong, seed {seed}", wrong.len());
    assert!(all > 50, "hardly a write was seen");
    assert!(wrong.is_empty(), "seed {seed}:\n{}", wrong.join("\n\n"));
}

#[test]
fn a_disk_that_fills_while_a_mail_leaves_costs_no_doubt() {
    for megabytes in [1, 4, 16] {
        let mut world = World::local();
        kept_way_out(&mut world);
        let Some(disk) = SmallDisk::of(megabytes, &world.state_dir()) else { return };
        // Who delivers the mail is somebody else, and takes the last byte meanwhile.
        let ballast = world.state_dir().join("ballast");
        let program = world.path("sendmail");
        let text = fs::read_to_string(&program).unwrap();
        let fill = format!("cat /dev/zero > '{}' 2> /dev/null\nexit 0\n", ballast.display());
        fs::write(&program, text + &fill).unwrap();
        let daemon = world.daemon();
        world.deliver(&rejection(&world));
        let reply = number_of(&world.until_reply_is("drafted"));
        approve(&world, &reply);
        wait_until("it is told", PATIENCE, || daemon.log().contains("No space is left"));
        assert_eq!(given_out(&world).len(), 1);
        disk.empty();
        // By itself: nobody nudges it.
        world.until_reply_is("sent");
        assert_eq!(daemon.stop(), 0);
        world.cli(&["run", "--once"]).ok();
        assert_eq!(given_out(&world).len(), 1, "{megabytes} MB");
    }
}
