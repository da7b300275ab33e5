//! One short-lived program, fed and read through pipes, with an end in sight.
//!
//! It runs in a process group of its own, and the whole group is killed when the time is over
//! or nobody waits any more: a password manager that waits for a hidden window must not hold
//! an account up, nor be left behind. No shell, no secret in arguments or environment.

use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use secrecy::SecretString;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};
use zeroize::Zeroizing;

use super::{Place, SECRET_MAX_BYTES, SecretError, first_line};
use crate::model::mail::HeaderText;

/// Long enough for a passphrase typed into a window that the command opens.
pub(super) const COMMAND_LIMIT: Duration = Duration::from_secs(60);

/// A secret may be followed by other fields (`pass show` prints them all); beyond this it is
/// no password manager that answers.
const OUTPUT_MAX_BYTES: usize = 4 * SECRET_MAX_BYTES;
const COMPLAINT_MAX_BYTES: usize = 4 * 1024;
const COMPLAINT_MAX_CHARS: usize = 200;

/// What a program left behind.
pub(super) struct Ended {
    /// How it ended.
    pub(super) status: ExitStatus,
    /// What it printed; wiped when dropped.
    pub(super) output: Zeroizing<Vec<u8>>,
    /// The first line of its standard error, cleaned for a terminal.
    pub(super) complaint: String,
}

/// Runs `command` to its end with `input` on its standard input; `None` when `limit` passed
/// and it was killed with all it had started.
pub(super) async fn run(
    command: &mut Command,
    input: &[u8],
    limit: Duration,
) -> std::io::Result<Option<Ended>> {
    let child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()?;
    let mut group = Group::of(child);
    match tokio::time::timeout(limit, group.finish(input)).await {
        Ok(ended) => ended.map(Some),
        Err(_) => Ok(None),
    }
}

/// The first line that the program prints.
pub(super) async fn first_line_of(
    words: &[String],
    limit: Duration,
) -> Result<SecretString, SecretError> {
    let (program, arguments) = words.split_first().ok_or_else(|| SecretError::Unusable {
        place: Place::Command(String::new()),
        what: "the command is empty",
    })?;
    let ended = run(Command::new(program).args(arguments), b"", limit)
        .await
        .map_err(|error| SecretError::CommandNotStarted { program: program.clone(), error })?
        .ok_or_else(|| SecretError::CommandSilent {
            program: program.clone(),
            seconds: limit.as_secs(),
        })?;
    if !ended.status.success() {
        return Err(SecretError::CommandFailed {
            program: program.clone(),
            exit: ended.status.to_string(),
            line: ended.complaint,
        });
    }
    first_line(&ended.output, || Place::Command(program.clone()))
}

/// A running program and everything it started; killed as a whole when dropped.
struct Group {
    child: Child,
    leader: Option<Pid>,
}

impl Group {
    fn of(child: Child) -> Self {
        let leader = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        Group { child, leader }
    }

    async fn finish(&mut self, input: &[u8]) -> std::io::Result<Ended> {
        let stdin = self.child.stdin.take();
        let feed = async move {
            if let Some(mut stdin) = stdin {
                // A program that does not read its input is told by its exit status.
                let _ = stdin.write_all(input).await;
            }
        };
        let stdout = self.child.stdout.take();
        let stderr = self.child.stderr.take();
        let ((), output, complaint) = tokio::join!(
            feed,
            read_all(stdout, OUTPUT_MAX_BYTES),
            read_all(stderr, COMPLAINT_MAX_BYTES)
        );
        let status = self.child.wait().await?;
        Ok(Ended { status, output: output?, complaint: first_complaint(&complaint?) })
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // `Child::id` is None once it has been waited for: its number may be another's by then.
        if let (Some(leader), Some(_)) = (self.leader, self.child.id()) {
            // The group may have ended in this moment; there is nothing left to kill then.
            let _ = kill_process_group(leader, Signal::KILL);
        }
    }
}

/// Keeps the first `limit` bytes and reads on to the end, so that the writer is not stopped.
async fn read_all(
    pipe: Option<impl AsyncRead + Unpin>,
    limit: usize,
) -> std::io::Result<Zeroizing<Vec<u8>>> {
    // Capacity up front: growing would leave copies of a secret behind.
    let mut kept = Zeroizing::new(Vec::with_capacity(limit));
    if let Some(mut pipe) = pipe {
        (&mut pipe).take(limit as u64).read_to_end(&mut kept).await?;
        tokio::io::copy(&mut pipe, &mut tokio::io::sink()).await?;
    }
    Ok(kept)
}

fn first_complaint(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
    HeaderText::clean(line).as_str().chars().take(COMPLAINT_MAX_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;
    use std::time::Instant;

    const SOON: Duration = Duration::from_secs(10);

    fn shell(script: &str) -> Vec<String> {
        ["/bin/sh", "-c", script].map(String::from).to_vec()
    }

    #[tokio::test]
    async fn the_first_line_of_a_command_is_the_secret() {
        let secret = first_line_of(&shell("echo 'pass word'; echo login: me"), SOON).await;
        assert_eq!(secret.expect("a secret").expose_secret(), "pass word");
        let much = first_line_of(&shell("echo pass; head -c 300000 /dev/zero"), SOON).await;
        assert_eq!(much.expect("a secret").expose_secret(), "pass");
    }

    #[tokio::test]
    async fn words_are_not_read_by_a_shell() {
        let words = ["/bin/echo", "$HOME;", "`id`"].map(String::from);
        let secret = first_line_of(&words, SOON).await.expect("a secret");
        assert_eq!(secret.expose_secret(), "$HOME; `id`");
    }

    #[tokio::test]
    async fn a_failure_shows_its_first_line_cleaned_and_not_what_was_printed() {
        let script = r"echo s3cret; printf '\n\033[31mno\302\233 such\n entry\n' >&2; exit 7";
        let error = first_line_of(&shell(script), SOON).await.expect_err("failed");
        let text = error.to_string();
        assert!(text.contains("exit status: 7"), "{text}");
        assert!(text.contains("[31mno such"), "{text}");
        assert!(!text.contains(char::is_control), "{text:?}");
        assert!(!format!("{error:?}").contains("s3cret"), "{error:?}");
    }

    #[tokio::test]
    async fn a_silent_command_is_killed_with_all_it_started() {
        let directory = tempfile::tempdir().expect("directory");
        let pids = directory.path().join("pids");
        let script = format!("echo $$ > {0}; sleep 600 & echo $! >> {0}; wait", pids.display());
        let began = Instant::now();
        let error = first_line_of(&shell(&script), Duration::from_secs(2)).await;
        assert!(matches!(error, Err(SecretError::CommandSilent { .. })), "{error:?}");
        assert!(began.elapsed() < SOON, "the limit was not kept");
        for pid in std::fs::read_to_string(&pids).expect("started").lines() {
            wait_for_end(pid).await;
        }
    }

    #[tokio::test]
    async fn a_command_that_nobody_waits_for_any_more_is_killed() {
        let directory = tempfile::tempdir().expect("directory");
        let pids = directory.path().join("pids");
        let script = format!("sleep 600 & echo $! > {0}; wait", pids.display());
        let words = shell(&script);
        let gone = tokio::time::timeout(Duration::from_secs(2), first_line_of(&words, SOON));
        assert!(gone.await.is_err(), "it was still waiting");
        wait_for_end(std::fs::read_to_string(&pids).expect("started").trim()).await;
    }

    /// A killed process is gone, or a zombie that nobody has collected yet.
    async fn wait_for_end(pid: &str) {
        let until = Instant::now() + SOON;
        loop {
            let alive = std::process::Command::new("ps").args(["-o", "stat=", "-p", pid]).output();
            let state = String::from_utf8(alive.expect("ps").stdout).expect("text");
            if state.trim().is_empty() || state.starts_with('Z') {
                return;
            }
            assert!(Instant::now() < until, "process {pid} still runs: {state}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    #[tokio::test]
    async fn a_program_that_is_not_there_is_named() {
        let error = first_line_of(&["/nowhere/pass".to_owned()], SOON).await.expect_err("none");
        assert!(matches!(error, SecretError::CommandNotStarted { .. }), "{error}");
        assert!(error.to_string().contains("/nowhere/pass"), "{error}");
        assert!(first_line_of(&[], SOON).await.is_err());
    }
}
