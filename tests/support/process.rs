//! The program as a process: a command that has ended, a daemon that runs.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::sync::OnceLock;

use serde_json::Value;

use super::world::PATIENCE;

/// A command that has ended.
#[derive(Debug)]
pub struct Ran {
    /// Its exit code.
    pub status: i32,
    /// What it printed.
    pub stdout: String,
    /// What it said.
    pub stderr: String,
    arguments: String,
}

impl Ran {
    pub(super) fn of(arguments: &[&str], mut command: Command) -> Ran {
        Ran::new(arguments, command.output().unwrap())
    }

    pub(super) fn new(arguments: &[&str], output: std::process::Output) -> Ran {
        Ran {
            status: output.status.code().expect("it ended by itself"),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            arguments: arguments.join(" "),
        }
    }

    /// It went well.
    ///
    /// # Panics
    /// Otherwise.
    pub fn ok(self) -> Ran {
        assert_eq!(self.status, 0, "regards {}: {}{}", self.arguments, self.stdout, self.stderr);
        self
    }

    /// It failed with this exit code and words.
    ///
    /// # Panics
    /// Otherwise.
    pub fn fails(self, status: i32, words: &str) -> Ran {
        assert_eq!(self.status, status, "{self:?}");
        assert!(self.stderr.contains(words), "not `{words}`: {self:?}");
        self
    }

    /// The JSON lines it printed.
    pub fn json(&self) -> Vec<Value> {
        let line = |line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{self:?}"));
        self.stdout.lines().map(line).collect()
    }

    /// The only JSON line it printed.
    pub fn one(&self) -> Value {
        let mut lines = self.json();
        assert_eq!(lines.len(), 1, "{self:?}");
        lines.remove(0)
    }
}

/// A running daemon; killed when dropped.
pub struct Daemon {
    pub(super) child: Child,
    pub(super) log: PathBuf,
}

impl Daemon {
    /// What it logged so far.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Its process number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// It has ended by itself.
    pub fn ended(&self) -> bool {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.id()));
        stat.map_or(true, |stat| stat.contains(") Z "))
    }

    /// How it stands, as the kernel writes it.
    pub fn status(&self) -> String {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id()));
        let lines = status.unwrap_or_else(|error| error.to_string());
        let kept = lines.lines().filter(|it| it.starts_with("State") || it.starts_with("Tracer"));
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.id())).unwrap_or_default();
        // The last field: the exit status (proc_pid_stat(5)).
        let code = stat.split(' ').next_back().unwrap_or_default().trim().to_owned();
        kept.chain([code.as_str()]).collect::<Vec<_>>().join(", ")
    }

    /// Sends a signal by its name, e.g. `HUP`.
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill").args(["-s", name, &self.id().to_string()]).status();
        assert!(status.unwrap().success());
    }

    /// Ends it as the service manager does; its exit code.
    pub fn stop(mut self) -> i32 {
        self.signal("TERM");
        let mut code = None;
        super::wait_until("the daemon ends", PATIENCE, || {
            code = self.child.try_wait().unwrap();
            code.is_some()
        });
        code.unwrap().code().expect("it ended by itself")
    }

    /// Ends it as a power cut does.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("The daemon's log:\n{}", self.log());
        }
    }
}

/// Lets a command live at another time, as libfaketime writes it (`@2026-11-11 09:00:00`, `+3d`).
/// Its `faketime` program is not used: it names a semaphore after its process number, and what a
/// killed one left stops the next one of that number.
pub fn live_at(command: &mut Command, moment: &str) {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    let library = LIBRARY.get_or_init(|| {
        let architectures = fs::read_dir("/usr/lib").unwrap();
        let mut places =
            architectures.map(|it| it.unwrap().path().join("faketime/libfaketime.so.1"));
        places.find(|it| it.exists()).expect("libfaketime comes with faketime")
    });
    command.env("LD_PRELOAD", library).env("FAKETIME", moment).env("FAKETIME_DISABLE_SHM", "1");
}
