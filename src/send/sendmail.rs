//! The `sendmail` command as transport: `-i -f FROM -- RCPT…`, the mail on its input.

use std::fmt::Display;
use std::future::Future;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};

use crate::model::address::Address;
use crate::model::mail::Outcome;

use super::Parcel;

/// EX_TEMPFAIL of sysexits.h.
const TEMPORARY_FAILURE: i32 = 75;

/// What of its complaints is kept.
const COMPLAINT_MAX_BYTES: u64 = 400;

/// It is a file that may be run.
pub(super) async fn usable(program: &Path) -> Result<(), String> {
    let cannot = |why: &dyn Display| format!("Cannot run {}: {why}", program.display());
    let found = tokio::fs::metadata(program).await.map_err(|error| cannot(&error))?;
    if !found.is_file() || found.permissions().mode() & 0o111 == 0 {
        return Err(cannot(&"it is not a program"));
    }
    Ok(())
}

pub(super) async fn send<F, R, E>(
    parcel: Parcel,
    program: &Path,
    limit: Duration,
    body_begins: F,
) -> Outcome
where
    F: FnOnce() -> R + Send,
    R: Future<Output = Result<(), E>> + Send,
    E: Display + Send,
{
    if let Err(why) = usable(program).await {
        return Outcome::NoContact(why);
    }
    if let Err(error) = body_begins().await {
        return Outcome::Unnoted(format!("It could not be noted that the mail goes out: {error}"));
    }
    let envelope = parcel.envelope();
    let child = Command::new(program)
        .args(["-i", "-f", envelope.from.as_str(), "--"])
        .args(envelope.to.iter().map(Address::as_str))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn();
    let mut child = match child {
        Ok(child) => child,
        // It never ran, so nothing is out.
        Err(error) => {
            return Outcome::Deferred(format!("Cannot run {}: {error}", program.display()));
        }
    };
    match tokio::time::timeout(limit, feed(&mut child, &parcel.bytes)).await {
        Ok(Ok((status, complaint))) => judged(program, status, &complaint),
        Ok(Err(error)) => Outcome::LostSight(format!("{} got lost: {error}", program.display())),
        Err(_) => Outcome::LostSight(format!("{} did not end in time", program.display())),
    }
}

/// Writes the mail with the line ends of Unix, which is what such programs read.
async fn feed(child: &mut Child, bytes: &[u8]) -> std::io::Result<(ExitStatus, String)> {
    let mail: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != b'\r').collect();
    let (input, errors) = (child.stdin.take(), child.stderr.take());
    let write = async {
        if let Some(mut input) = input {
            // A program that has seen enough closes its input: its exit says what that means.
            let _ = input.write_all(&mail).await;
        }
    };
    let read = async {
        let mut complaint = Vec::new();
        if let Some(mut errors) = errors {
            let _ = (&mut errors).take(COMPLAINT_MAX_BYTES).read_to_end(&mut complaint).await;
            let _ = tokio::io::copy(&mut errors, &mut tokio::io::sink()).await;
        }
        complaint
    };
    let ((), complaint, status) = tokio::join!(write, read, child.wait());
    let complaint = String::from_utf8_lossy(&complaint);
    Ok((status?, complaint.split_whitespace().collect::<Vec<_>>().join(" ")))
}

fn judged(program: &Path, status: ExitStatus, complaint: &str) -> Outcome {
    let name = program.display();
    let words = |code: i32| format!("{name} ended with {code}: {complaint}");
    match status.code() {
        Some(0) => Outcome::Accepted(format!("{name} took it")),
        Some(TEMPORARY_FAILURE) => Outcome::Deferred(words(TEMPORARY_FAILURE)),
        Some(code) => Outcome::Refused(words(code)),
        None => Outcome::LostSight(format!("{name} was killed")),
    }
}
