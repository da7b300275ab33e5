//! The program is killed at a random call of one whole life (receive, cool, draft, approve,
//! send, file the copy), whatever it is doing there, and starts again. Nothing here knows the
//! points of `journey/points.rs`. Judged from outside: by the recruiter's mailbox at a real
//! Postfix, by Sent and inbox at a real Dovecot, and by this story's own list of approvals.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::Value;

use crate::support::chance::Chance;
use crate::support::mails::{old_sent_mail, rejection};
use crate::support::story::{
    assert_inbox_is_untouched, assert_is_what_was_shown, copies, number as number_of,
};
use crate::support::trace::{self, only_these, state_files, under};
use crate::support::world::{Daemon, PATIENCE, Ran, Servers, World};
use crate::support::{has, number, wait_until};

/// Lives that go on at the same time.
const AT_A_TIME: usize = 4;

/// Lives with one Postfix and Dovecot.
const LIVES_A_SERVER: usize = 60;

/// What changes a file.
const FILES: [&str; 7] =
    ["openat", "pwrite64", "write", "fdatasync", "fsync", "ftruncate", "unlink"];

/// What speaks with a server or hears of another process.
const SOCKETS: [&str; 6] = ["socket", "connect", "sendto", "recvfrom", "writev", "shutdown"];

/// What a command says that may be tried again, and how often it was said.
const BUSY: &str = "The database is busy";
static BUSY_COUNT: AtomicUsize = AtomicUsize::new(0);

/// Whose call it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    /// The daemon that makes its database. Its first thread makes so many calls for that, that
    /// the same number of another thread's calls never comes first.
    First,
    /// A later start of the daemon.
    Daemon,
    /// The command that approves.
    Yes,
}

/// Where the program dies: instead of the `when`th call of this name in any of its threads.
#[derive(Debug, Clone)]
struct Kill {
    who: Who,
    call: &'static str,
    /// Only calls on files of the state directory count.
    on_files: bool,
    when: usize,
}

impl Kill {
    /// The trace shows this call as the one that did not come back: the `when`th of its thread.
    fn is_the_last_of(&self, trace: &Path) -> bool {
        let calls: Vec<_> =
            trace::calls(trace).into_iter().filter(|call| call.name == self.call).collect();
        let open = calls.iter().filter(|call| call.rest.ends_with("= ?"));
        open.into_iter()
            .any(|last| calls.iter().filter(|call| call.id == last.id).count() == self.when)
    }

    fn options(&self, world: &World) -> Vec<String> {
        let mut options = vec![
            "-e".to_owned(),
            format!("trace={}", [&FILES[..], &SOCKETS[..]].concat().join(",")),
            "-e".to_owned(),
            format!("inject={}:signal=SIGKILL:when={}", self.call, self.when),
        ];
        if self.on_files {
            options.extend(only_these(&state_files(world)));
        }
        options
    }
}

/// What strace is told, for a world.
type Options<'a> = dyn Fn(&World) -> Vec<String> + 'a;

/// How often each call is made in a life that nothing disturbs: by all threads, and at most
/// by one of them.
type Counts = BTreeMap<(Who, &'static str, bool), (usize, usize)>;

struct Life {
    /// Before the world, with which its log goes.
    daemon: Daemon,
    world: World,
    /// The state of the reply in the database when it was killed.
    killed: Option<String>,
    /// Where the traces go; they outlive the world.
    traces: PathBuf,
}

/// What the database says of the reply, whoever runs.
fn left(world: &World) -> String {
    let path = world.state_dir().join("regards.db");
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let state = rusqlite::Connection::open_with_flags(path, flags).and_then(|database| {
        database.query_row("SELECT state FROM reply", [], |row| row.get::<_, String>(0))
    });
    state.unwrap_or_else(|_| "none".to_owned())
}

/// strace says that it killed the process. What ended in another way was not tried at all.
fn assert_killed_by_strace(trace: &Path) {
    wait_until("strace tells of its kill", PATIENCE, || {
        std::fs::read_to_string(trace).unwrap_or_default().contains("+++ killed by SIGKILL +++")
    });
}

impl Life {
    /// An applicant whose daemon begins under strace with these options, if any.
    fn begin(
        servers: &Arc<Servers>,
        who: Who,
        traces: &Path,
        watched: Option<&Options<'_>>,
    ) -> Life {
        let mut world = World::at(Arc::clone(servers));
        old_sent_mail(&world);
        world.set("account.main.send.sent_copy", "append");
        if who != Who::First {
            world.cli(&["run", "--once"]).ok();
        }
        let mut run = world.command(&["run"]);
        if let Some(options) = watched {
            run = under(&run, &traces.join("daemon"), &options(&world));
        }
        let daemon = world.daemon_at_once(run);
        world.deliver(&rejection(&world));
        Life { world, daemon, killed: None, traces: traces.to_owned() }
    }

    /// Waits; a daemon that was killed meanwhile is started again, by itself.
    fn until(&mut self, what: &str, mut done: impl FnMut(&World) -> bool) {
        wait_until(what, PATIENCE, || {
            if self.daemon.ended() {
                assert!(self.killed.is_none(), "it died by itself");
                self.assert_killed();
                self.killed = Some(left(&self.world));
                self.daemon = self.world.daemon();
            }
            done(&self.world)
        });
    }

    fn assert_killed(&self) {
        let trace = self.traces.join("daemon");
        let told = catch_unwind(AssertUnwindSafe(|| assert_killed_by_strace(&trace)));
        let (status, end) = (self.daemon.status(), trace::end_of(&trace, 5));
        assert!(told.is_ok(), "it ended otherwise, {status}:\n{end}\n{}", self.daemon.log());
    }

    fn until_reply_is(&mut self, states: &[&str]) -> Value {
        let mut last = None;
        self.until(&format!("the reply is {states:?}"), |world| {
            last = world.only_reply();
            last.as_ref().is_some_and(|line| states.contains(&line["state"].as_str().unwrap()))
        });
        last.unwrap()
    }

    /// Runs a command, again where it says so: four lives and whatever else the machine does
    /// may hold a disk up for longer than a command waits.
    fn patiently(&self, arguments: &[&str]) -> Ran {
        let mut ran = None;
        wait_until("the database is not busy", PATIENCE, || {
            let last = self.world.cli(arguments);
            let busy = last.status == 1 && last.stderr.contains(BUSY);
            BUSY_COUNT.fetch_add(usize::from(busy), Ordering::Relaxed);
            ran = Some(last);
            !busy
        });
        ran.unwrap().ok()
    }

    /// Looks at the draft and approves it by a command that may be killed; what was shown.
    fn approve(&mut self, watched: Option<&Options<'_>>) -> Value {
        let world = &self.world;
        let reply = number_of(&world.only_reply().unwrap());
        let shown = self.patiently(&["show", &reply, "--json"]).one();
        let mut yes = world.command(&["approve", &reply]);
        if let Some(options) = watched {
            yes = under(&yes, &self.traces.join("yes"), &options(world));
        }
        let output = yes.output().unwrap();
        if output.status.code().is_none() {
            // The whole machine dies, or nobody would tell the daemon before its next tick.
            assert_killed_by_strace(&self.traces.join("yes"));
            self.killed = Some(left(&self.world));
            self.daemon.signal("KILL");
            wait_until("the daemon is dead", PATIENCE, || self.daemon.ended());
            self.daemon = self.world.daemon();
        } else if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(said.contains(BUSY), "{said}");
            BUSY_COUNT.fetch_add(1, Ordering::Relaxed);
            self.patiently(&["approve", &reply]);
        }
        shown
    }

    /// A person finds out what became of a mail that may be out, and says so; the copies that
    /// there will be.
    fn resolve(&mut self, shown: &Value) -> usize {
        let world = &self.world;
        let reply = number_of(&world.only_reply().unwrap());
        world.cli(&["approve", &reply]).fails(1, "");
        wait_until("Postfix is done", PATIENCE, || {
            world.servers().postfix.is_done_with(&world.applicant())
        });
        if world.at_recruiter().is_empty() {
            world.cli(&["resolve", &reply, "unsent"]).ok();
            self.until_reply_is(&["drafted"]);
            let again = self.approve(None);
            assert_eq!(again["digest"], shown["digest"], "the very same mail");
            1
        } else {
            world.cli(&["resolve", &reply, "sent"]).ok();
            0
        }
    }

    /// To the end and judged; the state in which it was killed on the way, if it
    /// was, and whether a doubt was left.
    fn lived_out(mut self, watched: Option<&Options<'_>>) -> (Option<String>, bool) {
        self.until_reply_is(&["drafted"]);
        assert_eq!(self.world.at_recruiter().len(), 0, "nobody has approved it");
        let mut shown = self.approve(watched);
        if self.until_reply_is(&["drafted", "approved", "sending", "sent", "doubtful"])["state"]
            == "drafted"
        {
            assert_eq!(self.world.at_recruiter().len(), 0, "the yes was never written");
            shown = self.approve(None);
        }
        let doubt = self.until_reply_is(&["sent", "doubtful"])["state"] == "doubtful";
        let filed = if doubt { self.resolve(&shown) } else { 1 };
        self.until_reply_is(&["sent"]);
        self.until("the copy is filed", |world| copies(world, &shown).len() == filed);
        let Life { world, daemon, killed, .. } = self;
        // Whatever it still has to die of, it is dead now and counts as undisturbed.
        daemon.kill();
        world.cli(&["run", "--once"]).ok();
        wait_until("Postfix is done", PATIENCE, || {
            world.servers().postfix.is_done_with(&world.applicant())
        });
        assert_eq!((world.at_recruiter().len(), copies(&world, &shown).len()), (1, filed));
        assert_is_what_was_shown(&world.at_recruiter()[0], &shown);
        assert_inbox_is_untouched(&world);
        (killed, doubt)
    }
}

/// Lives undisturbed, once from nothing and once more, and counts the calls.
fn counted(servers: &Arc<Servers>) -> Counts {
    let calls = [&FILES[..], &SOCKETS[..]].concat();
    let trace = format!("trace={}", calls.join(","));
    let watch = move |_: &World| vec!["-y".to_owned(), "-e".to_owned(), trace.clone()];
    let mut counts = BTreeMap::<(Who, &str, bool), BTreeMap<String, usize>>::new();
    for start in [Who::First, Who::Daemon] {
        let traces = tempfile::tempdir().unwrap();
        let life = Life::begin(servers, start, traces.path(), Some(&watch));
        let files: Vec<String> =
            state_files(&life.world).iter().map(|it| it.display().to_string()).collect();
        life.lived_out(Some(&watch));
        for (who, name) in [(start, "daemon"), (Who::Yes, "yes")] {
            for call in trace::calls(&traces.path().join(name)) {
                let name = *calls.iter().find(|name| **name == call.name).unwrap();
                let on_files = FILES.contains(&name);
                // As a descriptor (`<path>`) or as a name (`"path"`).
                let about = |file: &String| {
                    let shapes = [format!("<{file}>"), format!("\"{file}\"")];
                    shapes.iter().any(|it| call.rest.contains(it))
                };
                if !on_files || files.iter().any(about) {
                    let by_thread = counts.entry((who, name, on_files)).or_default();
                    *by_thread.entry(call.id).or_default() += 1;
                }
            }
        }
    }
    let most = |by_thread: &BTreeMap<String, usize>| *by_thread.values().max().unwrap();
    counts.iter().map(|(key, by)| (*key, (by.values().sum(), most(by)))).collect()
}

/// A call of a life; those that are made often are taken often.
fn some_call(chance: &mut Chance, counts: &Counts) -> Kill {
    let dies = [Who::First, Who::Daemon, Who::Daemon, Who::Daemon, Who::Daemon, Who::Yes];
    let dies = dies[chance.below(dies.len())];
    let theirs = || counts.iter().filter(|((who, _, _), _)| *who == dies);
    let mut at = chance.below(theirs().map(|(_, (all, _))| all).sum());
    for ((who, call, on_files), (all, most)) in theirs() {
        if at < *all {
            let when = 1 + chance.below(*most);
            return Kill { who: *who, call, on_files: *on_files, when };
        }
        at -= all;
    }
    unreachable!("below the sum")
}

/// What came of all lives.
#[derive(Default)]
struct Tally {
    begun: usize,
    kills: usize,
    doubts: usize,
    by_call: BTreeMap<(Who, &'static str), usize>,
    by_state: BTreeMap<String, usize>,
    wrong: Vec<String>,
}

fn one_life(servers: &Arc<Servers>, kill: &Kill, tally: &Mutex<Tally>) {
    let traces = tempfile::tempdir().unwrap();
    let options = |world: &World| kill.options(world);
    let lived = catch_unwind(AssertUnwindSafe(|| match kill.who {
        Who::Yes => Life::begin(servers, kill.who, traces.path(), None).lived_out(Some(&options)),
        who => Life::begin(servers, who, traces.path(), Some(&options)).lived_out(None),
    }));
    let trace = traces.path().join(if kill.who == Who::Yes { "yes" } else { "daemon" });
    let mut tally = tally.lock().unwrap();
    match lived {
        Ok((Some(state), doubt)) => {
            if !kill.is_the_last_of(&trace) {
                let end = trace::end_of(&trace, 20);
                tally.wrong.push(format!("{kill:?}: it died of something else:\n{end}"));
                return;
            }
            tally.kills += 1;
            tally.doubts += usize::from(doubt);
            *tally.by_call.entry((kill.who, kill.call)).or_default() += 1;
            *tally.by_state.entry(state).or_default() += 1;
        }
        // It ended before the call that was to kill it.
        Ok((None, _)) => {}
        Err(_) => {
            let end = trace::end_of(&trace, 20);
            tally.wrong.push(format!("{kill:?}:\n{end}"));
        }
    }
}

#[test]
fn killed_at_any_call_it_loses_nothing_doubles_nothing_and_sends_nothing_unapproved() {
    if !has(&["strace"]) {
        return;
    }
    let Some(servers) = Servers::start().map(Arc::new) else { return };
    let goal = number("REGARDS_KILLS", 3);
    let seed = number("REGARDS_SEED", 20_261_122);
    let chance = Mutex::new(Chance(seed as u64));
    let counts = counted(&servers);
    let tally = Mutex::new(Tally::default());
    let mut servers = Some(servers);
    let done = || {
        let tally = tally.lock().unwrap();
        // Many lives end before their kill: threads share the calls as they like.
        tally.kills + tally.wrong.len() >= goal || tally.begun >= 4 * goal
    };
    while !done() {
        let servers = servers.take().or_else(|| Servers::start().map(Arc::new)).unwrap();
        let ahead = Mutex::new(0..LIVES_A_SERVER);
        std::thread::scope(|scope| {
            for _ in 0..AT_A_TIME {
                scope.spawn(|| {
                    while !done() {
                        if ahead.lock().unwrap().next().is_none() {
                            return;
                        }
                        let kill = some_call(&mut chance.lock().unwrap(), &counts);
                        tally.lock().unwrap().begun += 1;
                        one_life(&servers, &kill, &tally);
                    }
                });
            }
        });
    }
    let tally = tally.into_inner().unwrap();
    println!(
        "{} kills in {} lives, {} doubts, {} wrong, {} times busy, seed {seed}; the reply was {:?}; by {:?}",
        tally.kills,
        tally.begun,
        tally.doubts,
        tally.wrong.len(),
        BUSY_COUNT.load(Ordering::Relaxed),
        tally.by_state,
        tally.by_call
    );
    assert!(tally.wrong.is_empty(), "seed {seed}:\n{}", tally.wrong.join("\n\n"));
    assert!(tally.kills >= goal, "hardly a life was killed");
}
