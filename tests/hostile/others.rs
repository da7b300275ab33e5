//! Other people on the machine: what they can reach, and what they could have prepared.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::story::until_drafted;
use crate::support::world::World;

/// Nobody's number on Debian.
const ANOTHER: &str = "65534";

/// Everything below a directory, it included.
fn all_below(path: &Path, found: &mut Vec<PathBuf>) {
    found.push(path.to_owned());
    if let Ok(entries) = fs::read_dir(path) {
        entries.filter_map(Result::ok).for_each(|entry| all_below(&entry.path(), found));
    }
}

/// What another user may do with a path, tried by a process of that user's.
fn reached_by_another(path: &Path) -> String {
    const TRY: &str = "
import os, socket, sys
os.setgroups([]); os.setgid(int(sys.argv[1])); os.setuid(int(sys.argv[1]))
path, done = sys.argv[2], []
def attempt(what, work):
    try:
        work(); done.append(what)
    except OSError:
        pass
attempt('list', lambda: os.listdir(path))
attempt('read', lambda: open(path, 'rb').read(1))
attempt('write', lambda: os.close(os.open(path, os.O_WRONLY)))
attempt('make', lambda: os.close(os.open(path + '/x', os.O_CREAT | os.O_WRONLY)))
attempt('remove', lambda: os.rename(path, path + '.x'))
attempt('send', lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b'look', path))
print(' '.join(done))";
    let output = Command::new("python3")
        .args(["-c", TRY, ANOTHER])
        .arg(path)
        .env("LC_ALL", "C.UTF-8")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[test]
fn another_user_reaches_no_file_and_no_socket() {
    if !is_root() {
        eprintln!("skipped: only root can become another user");
        return;
    }
    let world = World::local();
    // The way to it is open: what is closed must be closed by itself.
    for way in ["", ".local", ".local/state", ".config", ".config/regards"] {
        let _ = fs::set_permissions(world.path(way), fs::Permissions::from_mode(0o755));
    }
    let daemon = world.daemon();
    until_drafted(&world);
    world.cli(&["backup", "copy.db"]).ok();
    let mut paths = Vec::new();
    all_below(&world.state_dir(), &mut paths);
    assert!(paths.iter().any(|path| path.ends_with("nudge.sock")), "{paths:?}");
    assert!(paths.iter().any(|path| path.ends_with("regards.db-wal")), "{paths:?}");
    paths.push(world.path("copy.db"));
    for path in &paths {
        assert_eq!(reached_by_another(path), "", "{}", path.display());
    }
    // And each of them by its own mode, should the directory once be open.
    fs::set_permissions(world.state_dir(), fs::Permissions::from_mode(0o755)).unwrap();
    for path in paths.iter().filter(|path| **path != world.state_dir()) {
        let mode = fs::metadata(path).unwrap().permissions().mode();
        let reached = reached_by_another(path);
        assert_eq!(reached, "", "{} {mode:o}", path.display());
    }
    // The test itself must be able to see something.
    assert_eq!(reached_by_another(&world.path("")), "list");
    drop(daemon);
}

/// Each command that opens the database, and the daemon.
const COMMANDS: [&[&str]; 3] = [&["desk"], &["backup", "copy.db"], &["run", "--once"]];

#[test]
fn state_that_another_may_read_is_refused() {
    let world = World::local();
    world.deliver(&crate::support::mails::rejection(&world));
    world.cli(&["run", "--once"]).ok();
    let state = world.state_dir();
    for (name, open) in [("", 0o750), ("regards.db", 0o640), ("handed-over.log", 0o604)] {
        let path = state.join(name);
        if name == "handed-over.log" {
            fs::write(&path, "").unwrap();
        }
        let before = fs::metadata(&path).unwrap().permissions();
        fs::set_permissions(&path, fs::Permissions::from_mode(open)).unwrap();
        for command in COMMANDS {
            world.cli(command).fails(78, "can be read by other users");
        }
        let closed = if name.is_empty() { before } else { fs::Permissions::from_mode(0o600) };
        fs::set_permissions(&path, closed).unwrap();
    }
    world.cli(&["desk"]).ok();
}

#[test]
fn state_that_leads_elsewhere_is_refused() {
    let world = World::local();
    world.deliver(&crate::support::mails::rejection(&world));
    world.cli(&["run", "--once"]).ok();
    let state = world.state_dir();
    let elsewhere = world.path("elsewhere");
    // Each file by itself, then the directory.
    for name in ["regards.db", "handed-over.log", "daemon.lock"] {
        let path = state.join(name);
        if !path.exists() {
            world.write_private(".local/state/regards/handed-over.log", "");
        }
        fs::rename(&path, &elsewhere).unwrap();
        symlink(&elsewhere, &path).unwrap();
        for command in COMMANDS {
            let ran = world.cli(command);
            assert_ne!(ran.status, 0, "{name}: {ran:?}");
            assert!(ran.stderr.contains("is a link"), "{name}: {ran:?}");
        }
        fs::remove_file(&path).unwrap();
        fs::rename(&elsewhere, &path).unwrap();
    }
    fs::rename(&state, &elsewhere).unwrap();
    symlink(&elsewhere, &state).unwrap();
    for command in COMMANDS {
        world.cli(command).fails(78, "is a link");
    }
}
