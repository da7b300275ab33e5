//! Accounts, their folders, and how far each folder has been read.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, Transaction};

use super::row::{column, instant_opt, millis};
use super::{Context, StoreError};
use crate::model::ids::AccountNo;

/// An account as it is remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRow {
    /// Its number.
    pub no: AccountNo,
    /// Who logs in.
    pub login: String,
    /// On which server, or the path of a Maildir.
    pub host: String,
    /// The configuration's name for it.
    pub label: String,
    /// It is in the configuration.
    pub present: bool,
    /// When it was last known to be read to its end.
    pub contact_at: Option<Timestamp>,
    /// Why it is not being read.
    pub waiting: Option<String>,
}

fn account(row: &Row<'_>) -> Result<AccountRow, StoreError> {
    Ok(AccountRow {
        no: AccountNo::new(column(row, "no")?)
            .ok_or_else(|| StoreError::Unreadable("an account without a number".to_owned()))?,
        login: column(row, "login")?,
        host: column(row, "host")?,
        label: column(row, "label")?,
        present: column::<i64>(row, "present")? != 0,
        contact_at: instant_opt(column(row, "contact_at")?)?,
        waiting: column(row, "waiting")?,
    })
}

const COLUMNS: &str = "SELECT no, login, host, label, present, contact_at, waiting FROM account";

/// All accounts ever, in the order of their first use.
pub fn all(transaction: &Transaction<'_>) -> Result<Vec<AccountRow>, StoreError> {
    let mut statement =
        transaction.prepare_cached(&format!("{COLUMNS} ORDER BY no")).context("read accounts")?;
    let mut rows = statement.query([]).context("read accounts")?;
    let mut accounts = Vec::new();
    while let Some(row) = rows.next().context("read accounts")? {
        accounts.push(account(row)?);
    }
    Ok(accounts)
}

/// The account of this login and host, made where it is new; it takes the label given.
/// A renamed account keeps its history: the label is only a name.
pub fn enter(
    transaction: &Transaction<'_>,
    login: &str,
    host: &str,
    label: &str,
) -> Result<AccountNo, StoreError> {
    transaction
        .execute(
            "INSERT INTO account (login, host, label) VALUES (?1, ?2, ?3)
             ON CONFLICT (login, host) DO UPDATE SET label = excluded.label, present = 1",
            (login, host, label),
        )
        .context("enter an account")?;
    let no: i64 = transaction
        .query_row("SELECT no FROM account WHERE login = ?1 AND host = ?2", (login, host), |row| {
            row.get(0)
        })
        .context("find an account")?;
    AccountNo::new(no).ok_or_else(|| StoreError::Unreadable("account 0".to_owned()))
}

/// Marks an account as gone from the configuration.
pub fn leave(transaction: &Transaction<'_>, no: AccountNo) -> Result<(), StoreError> {
    transaction
        .execute("UPDATE account SET present = 0, waiting = NULL WHERE no = ?1", [no.get()])
        .context("mark an account as gone")?;
    Ok(())
}

/// Notes that the account has been read to its end at `now`.
pub fn in_contact(
    transaction: &Transaction<'_>,
    no: AccountNo,
    now: Timestamp,
) -> Result<(), StoreError> {
    transaction
        .execute(
            "UPDATE account SET contact_at = ?2, waiting = NULL WHERE no = ?1",
            (no.get(), millis(now)),
        )
        .context("note a contact")?;
    Ok(())
}

/// Notes why the account is not being read.
pub fn waits(transaction: &Transaction<'_>, no: AccountNo, why: &str) -> Result<(), StoreError> {
    transaction
        .execute("UPDATE account SET waiting = ?2 WHERE no = ?1", (no.get(), why))
        .context("note a wait")?;
    Ok(())
}

/// How far a folder has been read: UIDVALIDITY and the first UID not handled.
pub fn cursor(
    transaction: &Transaction<'_>,
    account: AccountNo,
    folder: &str,
) -> Result<Option<(u32, u64)>, StoreError> {
    let row: Option<(Option<u32>, i64)> = transaction
        .query_row(
            "SELECT uidvalidity, uid_next FROM folder WHERE account = ?1 AND name = ?2",
            (account.get(), folder),
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()
        .context("read a cursor")?;
    Ok(row.and_then(|(validity, next)| Some((validity?, u64::try_from(next).ok()?))))
}

/// The number of a folder, made where it is new.
pub fn folder(
    transaction: &Transaction<'_>,
    account: AccountNo,
    name: &str,
) -> Result<i64, StoreError> {
    let known = transaction
        .query_row(
            "SELECT no FROM folder WHERE account = ?1 AND name = ?2",
            (account.get(), name),
            |row| row.get(0),
        )
        .optional()
        .context("find a folder")?;
    if let Some(no) = known {
        return Ok(no);
    }
    // Not tried at every look: OR IGNORE counts the number up all the same, which is a write.
    transaction
        .execute("INSERT INTO folder (account, name) VALUES (?1, ?2)", (account.get(), name))
        .context("enter a folder")?;
    Ok(transaction.last_insert_rowid())
}

/// Whose folder has this number, and its name.
pub fn folder_of(
    transaction: &Transaction<'_>,
    no: i64,
) -> Result<Option<(AccountNo, String)>, StoreError> {
    let row: Option<(i64, String)> = transaction
        .query_row("SELECT account, name FROM folder WHERE no = ?1", [no], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()
        .context("find a folder")?;
    Ok(row.and_then(|(account, name)| Some((AccountNo::new(account)?, name))))
}

/// Moves the cursor; in the transaction that admits the messages below it.
pub fn move_cursor(
    transaction: &Transaction<'_>,
    folder: i64,
    uidvalidity: u32,
    uid_next: u64,
) -> Result<(), StoreError> {
    transaction
        .execute(
            // Within one epoch it never goes back: a look at older mail is no step back.
            "UPDATE folder SET uidvalidity = ?2,
                 uid_next = CASE WHEN uidvalidity = ?2 THEN max(uid_next, ?3) ELSE ?3 END
             WHERE no = ?1",
            (folder, uidvalidity, i64::try_from(uid_next).unwrap_or(i64::MAX)),
        )
        .context("move a cursor")?;
    Ok(())
}
