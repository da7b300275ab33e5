//! Erasing what is kept of mail: because the user says so, or because its time is over.
//!
//! What the user has erased leaves its fingerprint, so that the mail, which still lies in the
//! mailbox, is passed over when it is seen again. Deleted content is overwritten
//! (`secure_delete`); [`Store::shrink`] clears the write-ahead log and the free pages.

use jiff::Timestamp;
use rusqlite::Transaction;

use super::messages::Fingerprint;
use super::row::millis;
use super::{Context, Store, StoreError};
use crate::model::ids::{AccountNo, ApplicationNo, MessageNo};

/// What to erase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// One application with its mails, replies and reminders.
    Application(ApplicationNo),
    /// All that came by one account.
    Account(AccountNo),
    /// All mail received before this instant, but for that of applications that went on.
    Before(Timestamp),
    /// Everything.
    All,
}

/// How much it is. What nobody may hear of yet is erased, too, and not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount {
    /// Applications, with all that is known of them.
    pub applications: i64,
    /// Mails that are kept.
    pub mails: i64,
    /// Replies to them.
    pub replies: i64,
}

/// How much `erase` would erase.
pub fn amount(transaction: &Transaction<'_>, scope: Scope) -> Result<Amount, StoreError> {
    choose(transaction, scope)?;
    let count = |sql: &str| -> Result<i64, StoreError> {
        transaction.query_row(sql, [], |row| row.get(0)).context("count what is to be erased")
    };
    Ok(Amount {
        applications: count(
            "SELECT count(*) FROM application AS a
             WHERE (a.applied_at IS NOT NULL AND a.no IN going_application
                 OR EXISTS (SELECT 1 FROM message AS m WHERE m.application = a.no
                     AND m.quiet_until IS NULL AND m.no IN going_message))
             AND NOT EXISTS (SELECT 1 FROM message AS m WHERE m.application = a.no
                 AND m.quiet_until IS NULL AND m.no NOT IN going_message)",
        )?,
        mails: count(
            "SELECT count(*) FROM message WHERE quiet_until IS NULL AND no IN going_message",
        )?,
        replies: count(
            "SELECT count(*) FROM reply AS r JOIN message AS p ON p.no = r.parent
             WHERE p.quiet_until IS NULL AND r.no IN going_reply",
        )?,
    })
}

/// Erases it; the fingerprints stay.
///
/// # Errors
/// [`StoreError::BeingSent`] while one of the replies is on its way; then nothing was erased.
pub fn erase(transaction: &Transaction<'_>, scope: Scope) -> Result<Amount, StoreError> {
    let amount = amount(transaction, scope)?;
    let on_its_way = transaction
        .prepare("SELECT 1 FROM reply WHERE state = 'sending' AND no IN going_reply")
        .and_then(|mut statement| statement.exists([]))
        .context("look for a reply on its way")?;
    if on_its_way {
        return Err(StoreError::BeingSent);
    }
    transaction.execute_batch(ERASE).context("erase")?;
    if scope == Scope::All {
        transaction.execute("DELETE FROM alias", []).context("erase the aliases")?;
    }
    if matches!(scope, Scope::Account(_) | Scope::All) {
        transaction.execute_batch(ERASE_ABSENT_ACCOUNTS).context("erase accounts")?;
    }
    Ok(amount)
}

/// Puts the numbers of what is to go into tables of this connection's own.
fn choose(transaction: &Transaction<'_>, scope: Scope) -> Result<(), StoreError> {
    let (application, account, before, all) = match scope {
        Scope::Application(no) => (Some(no.get()), None, None, false),
        Scope::Account(no) => (None, Some(no.get()), None, false),
        Scope::Before(at) => (None, None, Some(millis(at)), false),
        Scope::All => (None, None, None, true),
    };
    let choose = |sql: &str| {
        let scope = rusqlite::named_params! {
            ":application": application, ":account": account, ":before": before, ":all": all
        };
        transaction.execute(sql, scope).map(drop).context("choose what is to be erased")
    };
    transaction.execute_batch(GOING).context("choose what is to be erased")?;
    // What went on after that day keeps its beginning: without it the figures would tell of
    // another application than there was. What is kept quiet must not be told by what stays.
    choose(
        "INSERT INTO going_message SELECT no FROM message AS m WHERE application = :application
         OR account = :account OR :all
         OR received_at < :before AND NOT EXISTS (SELECT 1 FROM message AS later
             WHERE later.application = m.application AND later.received_at >= :before
             AND later.quiet_until IS NULL)
         AND NOT EXISTS (SELECT 1 FROM application AS a
             WHERE a.no = m.application AND a.stage_at >= :before)",
    )?;
    // One that keeps a mail stays, unless it was named; one that never had any, as it was
    // entered by hand or imported, is as old as its beginning.
    choose(
        "INSERT INTO going_application SELECT a.no FROM application AS a
         WHERE a.no = :application OR :all OR (:account IS NOT NULL OR :before IS NOT NULL)
         AND EXISTS (SELECT 1 FROM message AS m
             WHERE m.application = a.no AND m.no IN going_message)
         AND NOT EXISTS (SELECT 1 FROM message AS m
             WHERE m.application = a.no AND m.no NOT IN going_message)
         OR a.applied_at < :before AND ifnull(a.stage_at, 0) < :before
         AND NOT EXISTS (SELECT 1 FROM message AS m WHERE m.application = a.no)",
    )?;
    // A follow-up goes with the reply that it follows.
    transaction
        .execute_batch(
            "INSERT INTO going_reply WITH RECURSIVE it (no) AS (
                 SELECT no FROM reply WHERE parent IN going_message
                     OR application IN going_application
                 UNION SELECT reply.no FROM reply JOIN it ON reply.follows = it.no)
             SELECT no FROM it",
        )
        .context("choose what is to be erased")
}

const GOING: &str = "
    CREATE TEMP TABLE IF NOT EXISTS going_message (no INTEGER PRIMARY KEY);
    CREATE TEMP TABLE IF NOT EXISTS going_application (no INTEGER PRIMARY KEY);
    CREATE TEMP TABLE IF NOT EXISTS going_reply (no INTEGER PRIMARY KEY);
    DELETE FROM going_message; DELETE FROM going_application; DELETE FROM going_reply;";

/// Every row that names one of them: the foreign keys let none be left out, but for `journal`
/// and `decision`, which have none.
const ERASE: &str = "
    INSERT OR IGNORE INTO forgotten
        SELECT fingerprint FROM message WHERE no IN going_message
        UNION SELECT fingerprint FROM answer
            WHERE reply IN going_reply OR message IN going_message;
    DELETE FROM answer WHERE reply IN going_reply OR message IN going_message;
    DELETE FROM reminder WHERE application IN going_application OR message IN going_message;
    UPDATE reminder SET follow_up = NULL WHERE follow_up IN going_reply;
    DELETE FROM reflection WHERE application IN going_application OR reply IN going_reply;
    DELETE FROM journal WHERE reply IN going_reply OR message IN going_message
        OR application IN going_application;
    DELETE FROM decision WHERE message IN going_message;
    DELETE FROM reply WHERE no IN going_reply;
    DELETE FROM thread_id WHERE message IN going_message;
    DELETE FROM pin WHERE message IN going_message OR application IN going_application;
    UPDATE sighting SET message = NULL, kind = 0, probability = 0
        WHERE fingerprint IN forgotten AND (message IS NULL OR message IN going_message);
    DELETE FROM message WHERE no IN going_message;
    DELETE FROM application WHERE no IN going_application;";

/// Of an account that nobody reads any more, nothing needs to be known again.
const ERASE_ABSENT_ACCOUNTS: &str = "
    CREATE TEMP TABLE IF NOT EXISTS going_account (no INTEGER PRIMARY KEY);
    DELETE FROM going_account;
    INSERT INTO going_account SELECT no FROM account WHERE present = 0
        AND no NOT IN (SELECT account FROM message) AND no NOT IN (SELECT account FROM reply);
    DELETE FROM sighting WHERE folder IN (
        SELECT no FROM folder WHERE account IN going_account);
    DELETE FROM folder WHERE account IN going_account;
    DELETE FROM account WHERE no IN going_account;";

/// The user had this mail erased.
pub fn is_forgotten(
    transaction: &Transaction<'_>,
    fingerprint: &Fingerprint,
) -> Result<bool, StoreError> {
    transaction
        .prepare_cached("SELECT 1 FROM forgotten WHERE fingerprint = ?1")
        .context("look for a forgotten mail")?
        .exists([fingerprint])
        .context("look for a forgotten mail")
}

/// The user has taken this mail in by hand: it is no forgotten one any more.
pub fn take_back(
    transaction: &Transaction<'_>,
    fingerprint: &Fingerprint,
) -> Result<(), StoreError> {
    transaction
        .execute("DELETE FROM forgotten WHERE fingerprint = ?1", [fingerprint])
        .context("take a forgotten mail back")?;
    Ok(())
}

/// Forgets the words of a mail whose time is over; what was found in it stays, and the text
/// of what an employer wrote back to a reply, which the notebook shows. Tells whether there
/// were any.
pub fn forget_text(transaction: &Transaction<'_>, no: MessageNo) -> Result<bool, StoreError> {
    let forgotten = transaction
        .execute(
            "UPDATE message SET raw = NULL, text = CASE WHEN EXISTS (
                 SELECT 1 FROM answer WHERE message = ?1) THEN text END
             WHERE no = ?1 AND raw IS NOT NULL",
            [no.get()],
        )
        .context("forget the text of a message")?;
    Ok(forgotten > 0)
}

/// The mails with words, received before this instant, that are not kept quiet and belong to
/// no application.
pub fn loose_before(
    transaction: &Transaction<'_>,
    before: Timestamp,
) -> Result<Vec<MessageNo>, StoreError> {
    let mut statement = transaction
        .prepare_cached(
            "SELECT no FROM message WHERE application IS NULL AND raw IS NOT NULL
             AND quiet_until IS NULL AND received_at < ?1",
        )
        .context("look for old mail")?;
    let numbers: Vec<i64> = statement
        .query_map([millis(before)], |row| row.get(0))
        .and_then(Iterator::collect)
        .context("look for old mail")?;
    numbers.into_iter().map(super::messages::number).collect()
}

impl Store {
    /// Leaves no erased byte behind: the write-ahead log is emptied, the file written anew.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when somebody reads or writes for too long.
    pub fn shrink(&mut self) -> Result<(), StoreError> {
        // The copy that VACUUM makes stays out of the directory of temporary files.
        self.connection.pragma_update(None, "temp_store", "MEMORY").context("set a pragma")?;
        self.empty_log()?;
        self.connection.execute_batch("VACUUM").context("write the database anew")?;
        self.empty_log()
    }

    fn empty_log(&self) -> Result<(), StoreError> {
        let busy: bool = self
            .connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
            .context("empty the write-ahead log")?;
        if busy { Err(StoreError::Busy) } else { Ok(()) }
    }
}
