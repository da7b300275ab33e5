//! Secrets from a real keyring, asked the way the daemon asks: again and again from one
//! process that lives on.

use std::process::Command;
use std::time::{Duration, Instant};

use regards::secret::{Keyring, Purpose, SecretError, Source, fetch, store};
use secrecy::{ExposeSecret, SecretString};

use crate::support::keyring::{Desktop, PROGRAMS, write_program};
use crate::support::{has, wait_until};

const REGARDS: &str = env!("CARGO_BIN_EXE_regards");
const SOON: Duration = Duration::from_secs(20);

fn keyring_on(desktop: &Desktop) -> Source {
    Source::Keyring(Keyring::asked_by(desktop.wrapped(REGARDS)))
}

async fn ask(source: &Source) -> Result<String, SecretError> {
    fetch(source, "work", Purpose::Imap).await.map(|secret| secret.expose_secret().to_owned())
}

#[tokio::test]
async fn what_was_stored_in_the_keyring_is_fetched_for_its_purpose_only() {
    if !has(PROGRAMS) {
        return;
    }
    let mut desktop = Desktop::start();
    desktop.start_keyring_open();
    let source = keyring_on(&desktop);
    assert!(matches!(ask(&source).await, Err(SecretError::Missing { .. })));
    for secret in ["first", "pass wörd \"'$`\\"] {
        let stored = store(&source, "work", Purpose::Imap, SecretString::from(secret)).await;
        stored.expect("stored");
        assert_eq!(ask(&source).await.expect("fetched"), secret);
    }
    let other = fetch(&source, "work", Purpose::Smtp).await.expect_err("another secret");
    assert!(matches!(other, SecretError::Missing { .. }), "{other}");
    assert_eq!(other.hint(), "regards secret set work smtp");
}

#[tokio::test]
async fn a_keyring_that_opens_later_is_seen_by_the_next_question() {
    if !has(PROGRAMS) {
        return;
    }
    let mut desktop = Desktop::start();
    let source = keyring_on(&desktop);
    let absent = ask(&source).await.expect_err("no keyring yet");
    assert!(matches!(absent, SecretError::Unavailable { .. }), "{absent}");

    desktop.start_keyring_open();
    let stored = store(&source, "work", Purpose::Imap, SecretString::from("s3cret")).await;
    stored.expect("stored");

    desktop.start_keyring_locked();
    let locked = ask(&source).await.expect_err("locked");
    assert!(matches!(locked, SecretError::Locked), "{locked}");
    assert!(locked.may_mend() && absent.may_mend(), "both are a wait, not an end");

    assert!(!desktop.prompt_note().exists(), "a daemon that looks must not put up a window");
    desktop.unlock();
    assert_eq!(ask(&source).await.expect("open now"), "s3cret");

    desktop.stop_keyring();
    let gone = ask(&source).await.expect_err("gone again");
    assert!(matches!(gone, SecretError::Unavailable { .. }), "{gone}");
}

#[tokio::test]
async fn storing_into_a_locked_keyring_lets_the_desktop_ask() {
    if !has(PROGRAMS) {
        return;
    }
    let mut desktop = Desktop::start();
    let source = keyring_on(&desktop);
    desktop.start_keyring_open();
    let secret = || SecretString::from("old");
    store(&source, "work", Purpose::Imap, secret()).await.expect("stored");
    desktop.start_keyring_locked();
    // Nobody answers the window; taking the question back is all that can be done.
    let asks = store(&source, "work", Purpose::Imap, secret());
    dropped_once_there_is(desktop.prompt_note(), asks).await;
    desktop.unlock();
    assert_eq!(ask(&source).await.expect("not hurt by the question"), "old");
}

#[tokio::test]
async fn without_a_session_bus_the_answer_comes_at_once() {
    let nowhere = tempfile::tempdir().expect("a directory");
    let script = nowhere.path().join("regards");
    let text = format!(
        "#!/bin/sh\nexport XDG_RUNTIME_DIR={0} DBUS_SESSION_BUS_ADDRESS=unix:path={0}/bus\n\
         exec '{REGARDS}' \"$@\"\n",
        nowhere.path().display()
    );
    write_program(&script, &text);
    let began = Instant::now();
    let error = ask(&Source::Keyring(Keyring::asked_by(&script))).await.expect_err("no bus");
    assert!(matches!(error, SecretError::Unavailable { .. }), "{error}");
    assert!(began.elapsed() < SOON, "it hung");
}

#[tokio::test]
async fn a_helper_that_breaks_down_is_a_failed_question_and_no_secret() {
    let directory = tempfile::tempdir().expect("a directory");
    let script = directory.path().join("regards");
    for ending in ["echo pass; exit 101", "echo pass; kill -9 $$", "echo pass; exit 2"] {
        write_program(&script, &format!("#!/bin/sh\necho 'it panicked' >&2\n{ending}\n"));
        let error = ask(&Source::Keyring(Keyring::asked_by(&script))).await.expect_err(ending);
        assert!(matches!(error, SecretError::Unavailable { .. }), "{ending}: {error}");
        assert!(error.to_string().contains("it panicked"), "{error}");
    }
}

/// The helper waits for a secret to store: long enough to look at it from outside.
#[test]
fn a_secret_stands_neither_in_the_helpers_arguments_nor_in_its_environment() {
    if !has(PROGRAMS) {
        return;
    }
    let mut desktop = Desktop::start();
    desktop.start_keyring_open();
    let mut helper = Command::new(REGARDS)
        .args([regards::secret::HELPER_COMMAND, "set", "work.imap"])
        .envs(desktop.environment())
        .stdin(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("the helper");
    let seen = ["cmdline", "environ"].map(|name| {
        std::fs::read_to_string(format!("/proc/{}/{name}", helper.id())).expect("its /proc")
    });
    use std::io::Write;
    helper.stdin.take().expect("its input").write_all(b"s3cret").expect("written");
    assert!(helper.wait().expect("ended").success());
    assert!(seen.iter().all(|text| !text.contains("s3cret")), "{seen:?}");
    let got = Command::new(REGARDS)
        .args([regards::secret::HELPER_COMMAND, "get", "work.imap"])
        .envs(desktop.environment())
        .output()
        .expect("the helper");
    assert_eq!(got.stdout, b"s3cret", "the pipe is the way it goes");
}

#[tokio::test]
async fn a_keyring_that_never_answers_is_given_up_and_leaves_nothing_running() {
    let directory = tempfile::tempdir().expect("a directory");
    let script = directory.path().join("regards");
    let pid = directory.path().join("pid");
    write_program(
        &script,
        &format!("#!/bin/sh\necho $$ > {0}.new\nmv {0}.new {0}\nsleep 600\n", pid.display()),
    );
    let source = Source::Keyring(Keyring::asked_by(&script));
    // The account is removed, or the daemon stops, while the question is open.
    dropped_once_there_is(pid.clone(), ask(&source)).await;
    let pid = std::fs::read_to_string(&pid).expect("it had started");
    wait_until("the helper is gone", SOON, || {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim()));
        stat.map_or(true, |stat| stat.contains(") Z "))
    });
}

/// Runs `question` until the file appears, and drops it then.
async fn dropped_once_there_is<T: std::fmt::Debug>(
    file: std::path::PathBuf,
    question: impl Future<Output = T>,
) {
    let what = format!("{} appears", file.display());
    let appeared = move || std::fs::metadata(&file).is_ok_and(|it| it.is_file());
    let waited = tokio::task::spawn_blocking(move || wait_until(&what, SOON, appeared));
    tokio::select! {
        early = question => panic!("answered before it was taken back: {early:?}"),
        waited = waited => waited.expect("it appeared"),
    }
}
