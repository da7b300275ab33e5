//! A process under strace.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::world::World;

/// What of a state directory outlives a process: the files in it that strace is told of.
/// What is only shared memory (`-shm`) or a mark (lock, socket) is not among them.
pub fn state_files(world: &World) -> Vec<PathBuf> {
    let state = world.state_dir();
    let names = ["regards.db", "regards.db-wal", "regards.db-journal", "handed-over.log"];
    names.iter().map(|name| state.join(name)).chain([state.clone()]).collect()
}

/// The same for strace's command line.
pub fn only_these(paths: &[PathBuf]) -> Vec<String> {
    paths.iter().flat_map(|path| ["-P".to_owned(), path.display().to_string()]).collect()
}

/// A command of a [`World`] under strace with these options, its lines in `trace`. The process
/// stays our own child (`-D`), so that what is killed and waited for is the program.
pub fn under(command: &Command, trace: &Path, options: &[String]) -> Command {
    // With -D strace gives its tracer three seconds (`alarm`) to attach and dies without a
    // word where a loaded machine takes longer.
    let mut traced = Command::new("env");
    traced.args(["--ignore-signal=ALRM", "strace", "-D", "-f", "-qq", "-o"]);
    traced.arg(trace).args(options);
    traced.arg(command.get_program()).args(command.get_args());
    // A world's command has no other environment than its own.
    traced.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    traced.current_dir(command.get_current_dir().unwrap()).stdin(std::process::Stdio::null());
    traced
}

/// A call in a trace.
#[derive(Debug, Clone)]
pub struct Call {
    /// Process or thread.
    pub id: String,
    /// When it began, in nanoseconds; 0 without `--absolute-timestamps`.
    pub at: u128,
    pub name: String,
    /// As strace prints them, with the result behind them.
    pub rest: String,
}

/// The calls of a trace in the order in which they began; those that were interrupted by
/// another thread's line are put together again.
pub fn calls(trace: &Path) -> Vec<Call> {
    let text = String::from_utf8_lossy(&fs::read(trace).unwrap_or_default()).into_owned();
    let mut calls: Vec<Call> = Vec::new();
    for line in text.lines() {
        let Some((id, rest)) = line.split_once(' ') else { continue };
        let rest = rest.trim_start();
        let (at, rest) = match rest.split_once(' ') {
            Some((stamp, rest)) if stamp.starts_with(|c: char| c.is_ascii_digit()) => {
                (stamp.replace('.', "").parse().unwrap(), rest)
            }
            _ => (0, rest),
        };
        if let Some(end) = rest.strip_prefix("<... ") {
            let (name, end) = end.split_once(" resumed>").unwrap();
            let begun = |call: &&mut Call| call.id == id && call.name == name;
            calls.iter_mut().rev().find(begun).unwrap().rest.push_str(end);
        } else if let Some((name, rest)) = rest.split_once('(') {
            let rest = rest.trim_end_matches(" <unfinished ...>").to_owned();
            calls.push(Call { id: id.to_owned(), at, name: name.to_owned(), rest });
        }
    }
    calls
}

/// The last lines of a trace.
pub fn end_of(trace: &Path, count: usize) -> String {
    let text = String::from_utf8_lossy(&fs::read(trace).unwrap_or_default()).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}
