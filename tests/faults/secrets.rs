//! No secret and no word of a mail where it does not belong: database, logs, arguments and
//! environment of the daemon are searched after a run with many failures.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::mails::rejection;
use crate::support::proxy::Stop;
use crate::support::story::number;
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

/// The daemon with everything of this level written to its log.
fn logging(world: &World, level: &str) -> Command {
    let plain = world.command(&["run"]);
    let mut command = Command::new("env");
    command
        .env_clear()
        .arg(format!("REGARDS_LOG={level}"))
        .arg(plain.get_program())
        .args(plain.get_args());
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
    let daemon = world.daemon_by(logging(&world, "trace"));
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

/// The rejection with a canary in everything that a person could be known by.
fn canary(world: &World) -> String {
    rejection(world)
        .replace("Nora Lindgren", "Canarynora Canarygren")
        .replace("Lindgren & Co", "Canarycorp")
        .replace("Backend Engineer", "Canary Engineer")
        .replace("Your interview for", "Canarysubject: your interview for")
        .replace("It was not an easy decision.", "It was no easy decision for the canary.")
}

#[test]
fn at_info_no_word_of_a_mail_is_logged_through_its_whole_life() {
    let Some((mut world, proxy)) = crate::support::story::with_proxy() else { return };
    world.set("sending.delay", "1h");
    world.write_private("smtp.secret", WRONG_SMTP);
    let mut log = String::new();
    let daemon = world.daemon_by(logging(&world, "info"));
    world.deliver(&canary(&world));
    let reply = number(&world.until_reply_is("drafted"));
    let approve = || {
        let shown = world.cli(&["show", &reply]).ok().stdout;
        assert!(shown.contains("Canarynora") && shown.contains("Canarycorp"), "{shown}");
        world.cli(&["approve", &reply]).ok();
    };
    let due = || {
        let due = "UPDATE reply SET due = approved_at, first_due = approved_at";
        crate::support::story::sql(&world.state_dir(), due);
        world.cli(&["resume"]).ok();
    };
    // An objection that names somebody: answers would go elsewhere. Whoever comes back onto the
    // desk has the old header again in the same moment, or the next look would withdraw it.
    let raw = |from: &str, to: &str| {
        format!(
            "UPDATE message SET raw = CAST(replace(CAST(raw AS TEXT), '{from}', '{to}') AS BLOB)"
        )
    };
    let sql = |statement: &str| crate::support::story::sql(&world.state_dir(), statement);
    let (plain, elsewhere) = ("Subject: Canary", "Reply-To: <c@canary.example>\r\nSubject: Canary");
    approve();
    sql(&format!(
        "CREATE TRIGGER back AFTER UPDATE OF state ON reply WHEN new.state = 'drafted'
         BEGIN {}; END",
        raw(elsewhere, plain)
    ));
    sql(&raw(plain, elsewhere));
    due();
    let line = world.until_reply_is("drafted");
    assert!(line["notice"].as_str().is_some_and(|it| it.contains("canary.example")), "{line}");
    sql("DROP TRIGGER back");
    // A wrong password, a server that puts off, one that takes it.
    approve();
    due();
    wait_until("the password is refused", PATIENCE, || {
        daemon.log().contains("regards secret set main smtp")
    });
    proxy.stop_at(Stop::Answer);
    world.cli_typed(&["secret", "set", "main", "smtp"], postfix::PASSWORD).ok();
    due();
    proxy.until_stopped();
    proxy.answer_instead("451 4.3.0 the canary must wait\r\n");
    wait_until("it is put off", PATIENCE, || daemon.log().contains("deferred"));
    // The log tells it before the database has it.
    world.until_reply_is("approved");
    due();
    world.until_reply_is("sent");
    log.push_str(&daemon.log());
    assert_eq!(daemon.stop(), 0);
    // Another life: cooled, corrected, asked for anew, and once more at the next start.
    let daemon = world.daemon_by(logging(&world, "info"));
    let message = world.only_reply().unwrap()["message"].as_str().unwrap().to_owned();
    world.cli(&["correct", &message, "noise"]).ok();
    log.push_str(&daemon.log());
    assert_eq!(daemon.stop(), 0);
    for word in ["Ready", "Caught up", "Back on the desk", "Tried to send", "accepted"] {
        assert!(log.contains(word), "the log is one of level info: {log}");
    }
    assert!(!log.contains("DEBUG"), "{log}");
    for line in log.lines() {
        assert!(!line.to_lowercase().contains("canary"), "{line}");
        assert!(!line.contains(&world.recruiter()), "{line}");
        assert!(!line.contains(postfix::PASSWORD), "{line}");
    }
}
