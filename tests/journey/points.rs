//! The program dies at each named point of one whole life of a reply (receive, cool, draft,
//! approve, send, file the copy) and starts again. Judged from outside: by the recruiter's
//! mailbox, the Sent folder and this story's own list of what it approved.

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex};

use serde_json::Value;

use crate::support::mails::{old_sent_mail, rejection};
use crate::support::proxy::Stop;
use crate::support::story::{
    approve, assert_inbox_is_untouched, assert_is_what_was_shown, copies, number, proxy,
};
use crate::support::wait_until;
use crate::support::world::{Daemon, PATIENCE, Servers, World};

/// The table of the points is there.
const TABLE: &str = include_str!("../README.md");

/// Lives that go on at the same time.
const AT_A_TIME: usize = 4;

/// A row of the table.
struct Point {
    name: &'static str,
    /// The state of the reply in the database when the program has died there.
    left: &'static str,
    /// What the next start makes of it.
    then: &'static str,
}

fn table() -> Vec<Point> {
    let rows = TABLE.lines().filter(|line| {
        let name = line.strip_prefix("| `").and_then(|rest| rest.split_once("` |"));
        name.is_some_and(|(name, _)| name.contains('.') && !name.contains(['/', ' ', ':']))
    });
    let point = |line: &'static str| {
        let words: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        Point { name: words[0].trim_matches('`'), left: words[2], then: words[3] }
    };
    rows.map(point).collect()
}

fn sources(directory: &Path, text: &mut String) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, text);
        } else {
            text.push_str(&fs::read_to_string(path).unwrap_or_default());
        }
    }
}

#[test]
fn the_table_names_exactly_the_points_of_the_sources() {
    let mut text = String::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut text);
    let after = |begin: &str| -> Vec<String> {
        let parts = text.split(begin).skip(1);
        parts.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
    };
    let found = [after("crash::point(\""), after(" point(\"")].concat();
    let unique: BTreeSet<String> = found.iter().cloned().collect();
    assert_eq!(unique.len(), found.len(), "a name stands for one place: {found:?}");
    let told: BTreeSet<String> = table().iter().map(|it| it.name.to_owned()).collect();
    assert_eq!(told, unique);
}

#[test]
fn dying_at_any_point_loses_nothing_doubles_nothing_and_sends_nothing_unapproved() {
    let Some(servers) = Servers::start().map(Arc::new) else { return };
    let ahead = Mutex::new(table().into_iter());
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                loop {
                    let Some(point) = ahead.lock().unwrap().next() else { return };
                    let life = || Life::of(&servers).dies_at(&point);
                    if catch_unwind(AssertUnwindSafe(life)).is_err() {
                        wrong.lock().unwrap().push(point.name);
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "at these points: {wrong:?}");
}

struct Life {
    world: World,
}

impl Life {
    fn of(servers: &Arc<Servers>) -> Life {
        let mut world = World::at(Arc::clone(servers));
        old_sent_mail(&world);
        world.set("account.main.send.sent_copy", "append");
        Life { world }
    }

    fn dies_at(mut self, point: &Point) {
        match point.name.split_once('.').unwrap().0 {
            "receive" | "cool" | "draft" => self.before_the_desk(point),
            "approve" => self.while_approving(point),
            _ => self.while_sending(point),
        }
    }

    fn before_the_desk(&mut self, point: &Point) {
        let daemon = self.daemon_that_dies_at(point);
        self.world.deliver(&rejection(&self.world));
        self.until_dead(daemon, point);
        let daemon = self.world.daemon();
        self.world.until_reply_is("drafted");
        assert_eq!(self.world.at_recruiter().len(), 0, "nobody has approved it");
        let shown = approve(&self.world, &self.only());
        self.to_the_end(daemon, &shown, 1);
    }

    fn while_approving(&mut self, point: &Point) {
        let daemon = self.drafted(self.world.daemon());
        let shown = self.world.cli(&["show", &self.only(), "--json"]).ok().one();
        let mut yes = self.world.command(&["approve", &self.only()]);
        let ended = yes.env("REGARDS_TEST_DIE_AT", point.name).status().unwrap();
        assert_eq!(ended.code(), None, "it was to die at {}", point.name);
        // The whole machine does.
        daemon.kill();
        assert_eq!(self.left(), point.left);
        let daemon = self.world.daemon();
        if point.then == "not approved" {
            self.world.cli(&["resume"]).ok();
            self.world.until_reply_is("drafted");
            assert_eq!(self.world.at_recruiter().len(), 0, "the yes was never written");
            self.world.cli(&["approve", &self.only()]).ok();
        }
        self.to_the_end(daemon, &shown, 1);
    }

    fn while_sending(&mut self, point: &Point) {
        let proxy = proxy(&self.world);
        self.world.set("account.main.send.port", i64::from(proxy.port));
        let daemon = self.drafted(self.daemon_that_dies_at(point));
        if point.name == "send.returned" {
            proxy.stop_at(Stop::Body);
        }
        let shown = approve(&self.world, &self.only());
        if point.name == "send.returned" {
            proxy.until_stopped();
            proxy.answer_instead("451 4.3.0 later, please\r\n");
        }
        self.until_dead(daemon, point);
        let daemon = self.world.daemon();
        let Some(out) = point.then.strip_prefix("doubtful, ") else {
            return self.to_the_end(daemon, &shown, 1);
        };
        self.world.until_reply_is("doubtful");
        // Neither a yes nor a look nor another start sends it.
        self.world.cli(&["approve", &self.only()]).fails(1, "");
        self.world.cli(&["resume"]).ok();
        daemon.kill();
        let daemon = self.world.daemon();
        self.world.until_reply_is("doubtful");
        let is_out = out == "1 out";
        assert_eq!(self.world.until_arrived(usize::from(is_out)).len(), usize::from(is_out));
        let word = if is_out { "sent" } else { "unsent" };
        self.world.cli(&["resolve", &self.only(), word]).ok();
        if !is_out {
            self.world.until_reply_is("drafted");
            let again = approve(&self.world, &self.only());
            assert_eq!(again["digest"], shown["digest"], "the very same mail");
        }
        // What the user found out is no reason to write into the mailbox.
        self.to_the_end(daemon, &shown, usize::from(!is_out));
    }

    /// The mail is with the recruiter once and as it was shown, its copy is filed once, the
    /// inbox is as it was; also after another start.
    fn to_the_end(&self, daemon: Daemon, shown: &Value, filed: usize) {
        let world = &self.world;
        world.until_reply_is("sent");
        assert_is_what_was_shown(&world.until_arrived(1)[0], shown);
        wait_until("the copy is filed", PATIENCE, || copies(world, shown).len() == filed);
        assert_eq!(daemon.stop(), 0);
        world.cli(&["run", "--once"]).ok();
        assert_eq!((world.at_recruiter().len(), copies(world, shown).len()), (1, filed));
        assert_inbox_is_untouched(world);
    }

    fn drafted(&self, daemon: Daemon) -> Daemon {
        self.world.deliver(&rejection(&self.world));
        self.world.until_reply_is("drafted");
        daemon
    }

    fn only(&self) -> String {
        number(&self.world.only_reply().unwrap())
    }

    fn daemon_that_dies_at(&self, point: &Point) -> Daemon {
        let mut command = self.world.command(&["run"]);
        command.env("REGARDS_TEST_DIE_AT", point.name);
        self.world.daemon_by(command)
    }

    fn until_dead(&self, daemon: Daemon, point: &Point) {
        wait_until(&format!("the daemon dies at {}", point.name), PATIENCE, || daemon.ended());
        drop(daemon);
        assert_eq!(self.left(), point.left);
    }

    /// The state of the only reply in the database.
    fn left(&self) -> String {
        let path = self.world.state_dir().join("regards.db");
        let database = rusqlite::Connection::open(path).unwrap();
        let state = database.query_row("SELECT state FROM reply", [], |row| row.get(0));
        state.unwrap_or_else(|_| "none".to_owned())
    }
}
