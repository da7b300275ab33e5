//! Waiting for news: IDLE (RFC 2177), renewed in time, and the watch over sleep.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, sleep_until};

use super::error::ImapError;
use super::wire::{Answer, Wire, Words};
use crate::source::{Clock, beat};

/// Timers stand still while a machine sleeps and its wall clock does not: a larger lead
/// of the wall clock than this is a sleep, and the connection is most likely dead.
const SLEPT_AT_LEAST: Duration = Duration::from_secs(30);

const DOING: &str = "wait for mail";

/// What may come unasked in one IDLE.
const IDLE_MAX_BYTES: u64 = 1024 * 1024;

/// Why the waiting ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Woken {
    /// The server told of a change.
    News,
    /// The time is up.
    Tick,
    /// The server ended it by itself.
    Ended,
    /// The server does not want to idle.
    Refused,
}

/// Compares the wall clock with the timers.
pub(super) struct SleepWatch {
    clock: Clock,
    wall: Timestamp,
    timer: Instant,
}

impl SleepWatch {
    /// Begins at this moment.
    pub(super) fn new(clock: Clock) -> Self {
        SleepWatch { clock, wall: clock(), timer: Instant::now() }
    }

    /// Has the machine slept since the last look?
    pub(super) fn slept(&mut self) -> bool {
        let (wall, timer) = ((self.clock)(), Instant::now());
        let by_wall = Duration::try_from(wall.duration_since(self.wall)).unwrap_or_default();
        let by_timer = timer.duration_since(self.timer);
        (self.wall, self.timer) = (wall, timer);
        by_wall > by_timer + SLEPT_AT_LEAST
    }
}

/// Idles on the open folder until there is news or `wait` is over.
///
/// `known` is the number of messages at the last search: if it has changed since, there
/// is news already.
pub(super) async fn idle(
    wire: &mut Wire,
    known: u32,
    wait: Duration,
    sleep_watch: &mut SleepWatch,
) -> Result<Woken, ImapError> {
    let patience = wire.deadlines().command;
    if wire.overheard().exists != known {
        return Ok(Woken::News);
    }
    let tag = wire.give(DOING, Words::new("IDLE"), IDLE_MAX_BYTES).await?;
    match wire.answer(DOING, &tag, patience, &mut |_| ()).await {
        Ok(Answer::Go(_)) => {}
        Ok(Answer::Ok) | Err(ImapError::No { .. } | ImapError::Bad { .. }) => {
            return Ok(Woken::Refused);
        }
        Err(other) => return Err(other),
    }
    let woken = wait_idling(wire, known, wait, sleep_watch).await?;
    // A server may end the IDLE by itself; then it awaits no DONE.
    if woken != Woken::Ended {
        wire.write(DOING, b"DONE\r\n").await?;
        let patience = wire.deadlines().idle_done;
        match wire.answer(DOING, &tag, patience, &mut |_| ()).await? {
            Answer::Ok => {}
            Answer::Go(_) => return Err(wire.unreadable(DOING)),
        }
    }
    Ok(woken)
}

async fn wait_idling(
    wire: &mut Wire,
    known: u32,
    wait: Duration,
    sleep_watch: &mut SleepWatch,
) -> Result<Woken, ImapError> {
    let deadline = Instant::now() + wait;
    let mut beat = beat::next();
    while wire.overheard().exists == known {
        let server = wire.server().to_owned();
        tokio::select! {
            () = sleep_until(deadline) => return Ok(Woken::Tick),
            () = sleep_until(beat) => {
                if sleep_watch.slept() {
                    return Err(ImapError::Slept { server });
                }
                beat = beat::next();
            }
            tagged = wire.listen(DOING) => {
                if tagged? {
                    return Ok(Woken::Ended);
                }
            }
        }
    }
    Ok(Woken::News)
}
