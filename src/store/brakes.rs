//! Brakes: while one is set, drafts are held and nothing is sent.

use jiff::Timestamp;
use rusqlite::{Row, Transaction};
use serde::Serialize;

use super::row::{column, instant, instant_opt, millis};
use super::{Context, StoreError};

/// The brake that the user sets with `pause`.
pub const PAUSED: &str = "paused";

/// Something holds drafts and sending until the user says `resume`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Brake {
    /// `uidvalidity`, `clock`, `many`, `restored` or `paused`.
    pub what: String,
    /// Since when.
    pub at: Timestamp,
    /// Until when, if it ends by itself.
    pub until: Option<Timestamp>,
    /// The sentence for the user.
    pub why: String,
}

fn brake(row: &Row<'_>) -> Result<Brake, StoreError> {
    Ok(Brake {
        what: column(row, "what")?,
        at: instant(column(row, "at")?)?,
        until: instant_opt(column(row, "until")?)?,
        why: column(row, "why")?,
    })
}

/// The brakes in force at `now`.
pub fn in_force(transaction: &Transaction<'_>, now: Timestamp) -> Result<Vec<Brake>, StoreError> {
    let mut statement = transaction
        .prepare_cached(
            "SELECT what, at, until, why FROM brake WHERE until IS NULL OR until > ?1 ORDER BY at",
        )
        .context("read the brakes")?;
    let mut rows = statement.query([millis(now)]).context("read the brakes")?;
    let mut brakes = Vec::new();
    while let Some(row) = rows.next().context("read the brakes")? {
        brakes.push(brake(row)?);
    }
    Ok(brakes)
}

/// Sets a brake; one that is set keeps its time.
pub fn set(transaction: &Transaction<'_>, brake: &Brake) -> Result<(), StoreError> {
    transaction
        .execute(
            "INSERT INTO brake (what, at, until, why) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (what) DO UPDATE SET until = excluded.until, why = excluded.why",
            (&brake.what, millis(brake.at), brake.until.map(millis), &brake.why),
        )
        .context("set a brake")?;
    Ok(())
}

/// Takes all brakes off and says how many there were.
pub fn release(transaction: &Transaction<'_>) -> Result<usize, StoreError> {
    transaction.execute("DELETE FROM brake", []).context("take the brakes off")
}
