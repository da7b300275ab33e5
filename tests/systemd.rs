//! The units as systemd reads them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::has;

/// The lower the better; 10 is a bare unit.
const EXPOSURE_MAX: f64 = 1.5;
/// A user unit needs the home directory and the session bus.
const EXPOSURE_MAX_USER: f64 = 2.0;

/// A copy of the unit that starts a program which is there: `verify` looks for it, and the
/// tests do not install regards.
fn unit(directory: &Path, name: &str) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("systemd").join(name);
    let text = std::fs::read_to_string(source).expect("the unit");
    let program = text.lines().filter(|line| line.starts_with("ExecStart=")).count();
    assert_eq!(program, 1, "{name} starts one program");
    let copied = text.replace("ExecStart=/usr/local/bin/regards", "ExecStart=/bin/true");
    let copied = copied.replace("ExecStart=%h/.cargo/bin/regards", "ExecStart=/bin/true");
    assert!(copied.contains("ExecStart=/bin/true "), "{name} names its program");
    let path = directory.join(name);
    std::fs::write(&path, copied).expect("written");
    path
}

fn analyze(directory: &Path, words: &[&str], unit: &Path) -> Output {
    Command::new("systemd-analyze")
        .args(words)
        .arg(unit)
        .env("XDG_RUNTIME_DIR", directory)
        .output()
        .expect("systemd-analyze")
}

#[test]
fn systemd_has_nothing_to_say_against_the_units() {
    if !has(&["systemd-analyze"]) {
        return;
    }
    let directory = tempfile::tempdir().expect("a directory");
    let scopes = [("regards@.service", "--system"), ("regards.service", "--user")];
    for (name, scope) in scopes {
        let path = unit(directory.path(), name);
        let said = analyze(directory.path(), &["verify", scope], &path);
        // An unknown key is a warning and exit 0 to systemd: any word at all is a failure.
        let text = format!(
            "{}{}",
            String::from_utf8_lossy(&said.stdout),
            String::from_utf8_lossy(&said.stderr)
        );
        assert!(text.is_empty() && said.status.success(), "{name}: {text}");
    }
}

#[test]
fn the_units_expose_little() {
    if !has(&["systemd-analyze"]) {
        return;
    }
    let directory = tempfile::tempdir().expect("a directory");
    for (name, most) in [("regards@.service", EXPOSURE_MAX), ("regards.service", EXPOSURE_MAX_USER)]
    {
        let path = unit(directory.path(), name);
        let said = analyze(directory.path(), &["security", "--offline=yes", "--no-pager"], &path);
        let text = String::from_utf8_lossy(&said.stdout);
        let line = text.lines().last().unwrap_or_default();
        let figure = line.split(": ").nth(1).and_then(|rest| rest.split(' ').next());
        let exposure: f64 = figure.and_then(|figure| figure.parse().ok()).expect("a figure");
        println!("{name}: exposure {exposure}");
        assert!(exposure <= most, "{name}: {exposure}\n{text}");
    }
}

#[test]
fn the_units_restart_only_what_a_restart_can_mend() {
    for name in ["regards@.service", "regards.service"] {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("systemd").join(name);
        let text = std::fs::read_to_string(source).expect("the unit");
        for line in [
            "Type=notify",
            "NotifyAccess=main",
            "Restart=on-failure",
            "RestartPreventExitStatus=2 78",
            "TimeoutStopSec=90",
            "MemoryMax=256M",
            "UMask=0077",
        ] {
            assert!(text.lines().any(|it| it == line), "{name} lacks {line}");
        }
        assert!(
            !text.lines().any(|it| it.starts_with("Environment")),
            "no secret finds its way in"
        );
    }
}

/// Before version 254 systemd puts a user's StateDirectory below `~/.config`: the daemon and
/// the command line would work on two databases.
#[test]
fn the_daemon_and_the_command_line_find_the_same_state() {
    let unit = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("systemd").join(name);
        std::fs::read_to_string(path).expect("the unit")
    };
    let has = |text: &str, key: &str| text.lines().any(|line| line.starts_with(key));
    assert!(!has(&unit("regards.service"), "StateDirectory="));
    assert!(has(&unit("regards.service"), "ReadWritePaths=-%h/.local/state/regards"));
    assert!(has(&unit("regards@.service"), "StateDirectory=regards/%i"));
    assert!(has(&unit("regards@.service"), "StateDirectoryMode=0700"));
}
