//! No secret and no word of a mail where it does not belong: database, logs, arguments and
//! environment of the daemon are searched after a run with many failures.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::journey::bench::{number, rejection};
use crate::support::world::{PATIENCE, World};
use crate::support::{dovecot, postfix, wait_until};

const WRONG_IMAP: &str = "canary-imap-7c1f";
const WRONG_SMTP: &str = "canary-smtp-9e2d";

fn files_below(dir: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap().filter_map(Result::ok) {
        let path = entry.path();
        if path.is_dir() {
            files_below(&path, files)
        } else if path.is_file() {
            files.push(path)
        }
    }
}

fn holds(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window == word.as_bytes())
}

/// The daemon with everything written to its log that it ever writes.
fn talkative(world: &World) -> Command {
    let plain = world.command(&["run"]);
    let mut command = Command::new("env");
    command.env_clear().arg("REGARDS_LOG=trace").arg(plain.get_program()).args(plain.get_args());
    command.current_dir(world.path(""));
    for (name, value) in plain.get_envs() {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    command
}

#[test]
fn no_secret_and_no_word_of_a_mail_leaks() {
    let Some(world) = World::with_servers() else { return };
    world.write_private("imap.secret", WRONG_IMAP);
    let daemon = world.daemon_by(talkative(&world));
    wait_until("the wrong password was tried", PATIENCE, || {
        world.cli(&["status"]).stdout.contains("waiting: ")
    });
    let mut seen = Vec::new();
    for file in ["cmdline", "environ"] {
        seen.push((file.into(), fs::read(format!("/proc/{}/{file}", daemon.id())).unwrap()));
    }
    world.cli_typed(&["secret", "set", "main", "imap"], dovecot::PASSWORD).ok();
    let mail = rejection(&world)
        .replace("Your interview for", "CanarySubject: your interview for")
        .replace("It was not an easy decision.", "It was not an easy decision. CanaryBody.");
    world.deliver(&mail);
    let reply = number(&world.until_reply_is("drafted"));
    world.write_private("smtp.secret", WRONG_SMTP);
    world.cli(&["show", &reply]).ok();
    world.cli(&["approve", &reply]).ok();
    wait_until("the wrong SMTP password was tried", PATIENCE, || {
        world.servers().postfix.log().contains("authentication failed")
    });
    world.cli_typed(&["secret", "set", "main", "smtp"], postfix::PASSWORD).ok();
    world.until_reply_is("sent");
    let log = daemon.log();
    assert!(log.contains("TRACE"), "it is the talkative daemon");
    assert_eq!(daemon.stop(), 0);

    let mut files = Vec::new();
    files_below(&world.state_dir(), &mut files);
    assert!(files.len() >= 2, "{files:?}");
    seen.extend(files.into_iter().map(|path| (path.clone(), fs::read(path).unwrap())));
    seen.push(("the log".into(), log.clone().into_bytes()));
    let encoded = |secret: &str| {
        use base64::Engine;
        base64::engine::general_purpose::STANDARD
            .encode(format!("\0{}\0{secret}", world.applicant()))
    };
    for secret in [WRONG_IMAP, WRONG_SMTP, dovecot::PASSWORD, postfix::PASSWORD] {
        for (place, bytes) in &seen {
            assert!(!holds(bytes, secret), "{secret} is in {}", place.display());
            assert!(!holds(bytes, &encoded(secret)), "{secret} is in {}", place.display());
        }
    }
    for line in log.lines().filter(|line| !line.contains("DEBUG") && !line.contains("TRACE")) {
        assert!(!line.to_lowercase().contains("canary"), "{line}");
    }
}
