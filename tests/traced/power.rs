//! The power goes in the middle of one whole life: what the program had written and not yet
//! synced is lost, or some of it, and the program starts again on what is left. What was
//! accepted by then (a yes, a mail that was handed over, its line in the ledger) is not
//! forgotten, and nothing is sent a second time.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::chance::Chance;
use crate::support::mails::rejection;
use crate::support::story::{given_out, kept_way_out, number as number_of};
use crate::support::trace::{Call, calls, only_these, state_files, under};
use crate::support::world::World;
use crate::support::{has, number};

/// A disk takes at least so much at once.
const SECTOR: usize = 512;

/// What changes a file or makes it lasting.
const CALLS: &str = "trace=openat,pwrite64,write,ftruncate,unlink,rename,fsync,fdatasync";

/// Something that happened to a file of the state directory, by the file's name; the directory
/// itself has none.
#[derive(Debug, Clone)]
enum Event {
    Created(String),
    Removed(String),
    Written(String, usize, Vec<u8>),
    Appended(String, Vec<u8>),
    Cut(String, usize),
    Synced(String),
    DirectorySynced,
}

/// What was written and is not yet sure to last.
#[derive(Debug, Clone)]
enum Change {
    Write(usize, Vec<u8>),
    Cut(usize),
}

#[derive(Debug, Clone, Default)]
struct File {
    lasting: Vec<u8>,
    changes: Vec<Change>,
}

/// A disk that remembers what would be left of it.
#[derive(Debug, Clone, Default)]
struct Disk {
    files: Vec<File>,
    /// Names as processes see them.
    names: BTreeMap<String, usize>,
    /// Names as they would be found after the loss.
    lasting_names: BTreeMap<String, usize>,
}

/// What a loss of power leaves of what was not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Loss {
    /// Nothing, and no name of a new file either.
    All,
    /// Some of the writes, in any order, and some of these in part.
    Some,
    /// The first ones, and of the last of these a part.
    Later,
}

fn apply(bytes: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Write(at, new) => {
            bytes.resize(bytes.len().max(at + new.len()), 0);
            bytes[*at..at + new.len()].copy_from_slice(new);
        }
        Change::Cut(length) => bytes.resize(*length, 0),
    }
}

impl File {
    fn now(&self) -> Vec<u8> {
        let mut bytes = self.lasting.clone();
        self.changes.iter().for_each(|change| apply(&mut bytes, change));
        bytes
    }

    fn left(&self, loss: Loss, chance: &mut Chance) -> Vec<u8> {
        let mut bytes = self.lasting.clone();
        let first = chance.below(self.changes.len() + 1);
        for (at, change) in self.changes.iter().enumerate() {
            let (taken, torn) = match loss {
                Loss::All => (false, false),
                Loss::Some => (chance.below(2) == 0, chance.below(4) == 0),
                Loss::Later => (at < first, at + 1 == first),
            };
            match change {
                Change::Write(at, new) if taken && torn => {
                    let end = SECTOR * chance.below(new.len() / SECTOR + 1);
                    apply(&mut bytes, &Change::Write(*at, new[..end].to_vec()));
                }
                change if taken => apply(&mut bytes, change),
                _ => {}
            }
        }
        bytes
    }
}

impl Disk {
    fn file(&mut self, name: &str) -> &mut File {
        &mut self.files[self.names[name]]
    }

    fn take(&mut self, event: &Event) {
        match event {
            Event::Created(name) => {
                if !self.names.contains_key(name) {
                    self.names.insert(name.clone(), self.files.len());
                    self.files.push(File::default());
                }
            }
            Event::Removed(name) => drop(self.names.remove(name)),
            Event::Written(name, at, bytes) => {
                self.file(name).changes.push(Change::Write(*at, bytes.clone()));
            }
            Event::Appended(name, bytes) => {
                let file = self.file(name);
                let end = file.now().len();
                file.changes.push(Change::Write(end, bytes.clone()));
            }
            Event::Cut(name, length) => self.file(name).changes.push(Change::Cut(*length)),
            Event::Synced(name) => {
                let file = self.file(name);
                file.lasting = file.now();
                file.changes.clear();
            }
            Event::DirectorySynced => self.lasting_names = self.names.clone(),
        }
    }

    /// The files as a start after the loss finds them.
    fn left(&self, loss: Loss, chance: &mut Chance) -> BTreeMap<String, Vec<u8>> {
        let names = if loss == Loss::All { &self.lasting_names } else { &self.names };
        let file =
            |(name, at): (&String, &usize)| (name.clone(), self.files[*at].left(loss, chance));
        names.iter().map(file).collect()
    }
}

/// The bytes of strace's `\x0a\x0b`.
fn unhexed(text: &str) -> Vec<u8> {
    let digits = text.split("\\x").skip(1);
    digits.map(|two| u8::from_str_radix(two, 16).unwrap()).collect()
}

/// The bytes of the text in a call's arguments.
fn bytes(rest: &str) -> Vec<u8> {
    unhexed(rest.split('"').nth(1).unwrap())
}

/// The number at the end of `…, 4096, 24) = 24`, so many before the bracket.
fn argument(rest: &str, from_behind: usize) -> usize {
    let list = rest.rsplit_once(") = ").unwrap().0;
    list.rsplit(", ").nth(from_behind).unwrap().trim().parse().unwrap()
}

/// The event of a call, if it is one; calls that failed changed nothing.
fn event(call: &Call, state: &Path) -> Option<Event> {
    let result = call.rest.rsplit_once(" = ").map(|(_, result)| result.trim());
    if result.is_none_or(|result| result.starts_with('-')) {
        return None;
    }
    let path = if matches!(call.name.as_str(), "openat" | "unlink") {
        bytes(&call.rest)
    } else {
        unhexed(call.rest.split_once('<')?.1.split_once('>')?.0)
    };
    let path = PathBuf::from(String::from_utf8(path).unwrap());
    if path == state {
        return call.name.ends_with("sync").then_some(Event::DirectorySynced);
    }
    let name = path.strip_prefix(state).ok()?.to_str()?.to_owned();
    if !state_names().contains(&&*name) {
        return None;
    }
    Some(match call.name.as_str() {
        "openat" if call.rest.contains("O_CREAT") => Event::Created(name),
        "unlink" => Event::Removed(name),
        "pwrite64" => Event::Written(name, argument(&call.rest, 0), bytes(&call.rest)),
        "write" => Event::Appended(name, bytes(&call.rest)),
        "ftruncate" => Event::Cut(name, argument(&call.rest, 0)),
        "fsync" | "fdatasync" => Event::Synced(name),
        _ => return None,
    })
}

fn state_names() -> [&'static str; 4] {
    ["regards.db", "regards.db-wal", "regards.db-journal", "handed-over.log"]
}

#[allow(clippy::disallowed_methods, reason = "compared with strace's clock")]
fn clock() -> u128 {
    std::time::UNIX_EPOCH.elapsed().unwrap().as_nanos()
}

/// A life with what happened on the disk, and when something was accepted.
struct Recorded {
    world: World,
    events: Vec<(u128, Event)>,
    digest: String,
    /// The command `approve` has ended well.
    approved: u128,
    /// The mail is with the program that delivers it.
    handed_over: u128,
    /// The desk has said that it is sent.
    sent: u128,
}

/// One life, written down.
fn recorded() -> Recorded {
    let mut world = World::local();
    kept_way_out(&mut world);
    let traces = tempfile::tempdir().unwrap();
    let mut options: Vec<String> = [
        "-y",
        "-xx",
        "-s",
        "300000",
        "--absolute-timestamps=format:unix,precision:ns",
        "-e",
        CALLS,
    ]
    .map(str::to_owned)
    .to_vec();
    options.extend(only_these(&state_files(&world)));
    let watched =
        |command: &Command, name: &str| under(command, &traces.path().join(name), &options);
    let daemon = world.daemon_by(watched(&world.command(&["run"]), "daemon"));
    world.deliver(&rejection(&world));
    let reply = number_of(&world.until_reply_is("drafted"));
    let show = watched(&world.command(&["show", &reply, "--json"]), "show").output().unwrap();
    let shown: serde_json::Value = serde_json::from_slice(&show.stdout).unwrap();
    let yes = watched(&world.command(&["approve", &reply]), "yes").output().unwrap();
    assert!(yes.status.success(), "{}", String::from_utf8_lossy(&yes.stderr));
    let approved = clock();
    world.until_reply_is("sent");
    let sent = clock();
    assert_eq!(daemon.stop(), 0);
    let mails = given_out(&world);
    assert_eq!(mails.len(), 1);
    let handed_over = mails[0].file_name().unwrap().to_str().unwrap().parse().unwrap();
    let mut all: Vec<Call> =
        ["daemon", "show", "yes"].iter().flat_map(|it| calls(&traces.path().join(it))).collect();
    all.sort_by_key(|call| call.at);
    let state = world.state_dir();
    let events =
        all.iter().filter_map(|call| Some((call.at, event(call, &state)?))).collect::<Vec<_>>();
    let digest = shown["digest"].as_str().unwrap().to_owned();
    Recorded { world, events, digest, approved, handed_over, sent }
}

impl Recorded {
    /// The power goes before the event of this number; the program starts on what is left.
    fn lost_at(
        &self,
        at: usize,
        loss: Loss,
        left: &BTreeMap<String, Vec<u8>>,
    ) -> Result<(), String> {
        let world = &self.world;
        let moment = self.events.get(at).map_or(u128::MAX, |(moment, _)| *moment);
        let state = tempfile::tempdir_in(world.path("")).unwrap();
        let state = state.path();
        for (name, bytes) in left {
            fs::write(state.join(name), bytes).unwrap();
            fs::set_permissions(state.join(name), fs::Permissions::from_mode(0o600)).unwrap();
        }
        for mail in given_out(world) {
            fs::remove_file(mail).unwrap();
        }
        let wrong = |what: String| Err(format!("event {at} ({loss:?} lost): {what}"));
        let ledger = left.get("handed-over.log").map(|it| String::from_utf8_lossy(it).into_owned());
        if moment > self.handed_over && !ledger.unwrap_or_default().contains(&self.digest) {
            return wrong("the ledger has forgotten the mail".to_owned());
        }
        let directory = state.to_str().unwrap();
        let once = world.cli(&["--state-dir", directory, "run", "--once"]);
        if once.status != 0 {
            return wrong(format!("it does not start: {}", once.stderr));
        }
        let desk = ["--state-dir", directory, "desk", "--all", "--cooling", "--json"];
        let replies = world.cli(&desk).ok().json();
        let replies: Vec<_> = replies.iter().filter(|line| line["type"] == "reply").collect();
        let [reply] = replies[..] else {
            return wrong(format!("{} replies", replies.len()));
        };
        let (now, sent) = (reply["state"].as_str().unwrap(), given_out(world).len());
        let may_be = if moment > self.sent {
            [("sent", 0), ("sent", 0)]
        } else if moment > self.handed_over {
            [("sent", 0), ("doubtful", 0)]
        } else if moment > self.approved || now == "sent" || now == "doubtful" {
            // What the yes wrote may have lasted before the command said so.
            [("sent", 1), ("doubtful", 0)]
        } else {
            [("cooling", 0), ("drafted", 0)]
        };
        if !may_be.contains(&(now, sent)) {
            return wrong(format!("it is {now}, {sent} sent; expected {may_be:?}"));
        }
        let database = rusqlite::Connection::open(state.join("regards.db")).unwrap();
        let whole: String =
            database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        if whole == "ok" { Ok(()) } else { wrong(whole) }
    }
}

#[test]
fn a_loss_of_power_forgets_nothing_that_was_accepted() {
    if !has(&["strace"]) {
        return;
    }
    let goal = number("REGARDS_POWER_LOSSES", 9);
    let seed = number("REGARDS_SEED", 20_261_122);
    let mut chance = Chance(seed as u64);
    let recorded = recorded();
    let syncs = |(at, (_, event)): (usize, &(u128, Event))| {
        matches!(event, Event::Synced(_) | Event::DirectorySynced).then_some(at)
    };
    let mut points: Vec<usize> = recorded.events.iter().enumerate().filter_map(syncs).collect();
    points.push(recorded.events.len());
    let mut losses: Vec<(usize, Loss)> = points
        .iter()
        .flat_map(|at| [Loss::All, Loss::Some, Loss::Later].map(|it| (*at, it)))
        .collect();
    // A sample is spread over the whole life.
    while losses.len() > goal {
        losses.swap_remove(chance.below(losses.len()));
    }
    // And the long form lets chance decide more often.
    while losses.len() < goal {
        let loss = [Loss::Some, Loss::Later][chance.below(2)];
        losses.push((points[chance.below(points.len())], loss));
    }
    losses.sort_by_key(|(at, _)| *at);
    let mut disk = Disk::default();
    let (mut taken, mut wrong) = (0, Vec::new());
    for (at, loss) in &losses {
        recorded.events[taken..*at].iter().for_each(|(_, event)| disk.take(event));
        taken = *at;
        wrong.extend(recorded.lost_at(*at, *loss, &disk.left(*loss, &mut chance)).err());
    }
    println!(
        "{} losses of power, {} syncs, {} writes and names, {} wrong, seed {seed}",
        losses.len(),
        points.len() - 1,
        recorded.events.len() + 1 - points.len(),
        wrong.len()
    );
    assert!(points.len() > 20, "hardly a sync was seen");
    assert!(wrong.is_empty(), "seed {seed}:\n{}", wrong.join("\n"));
}
