//! Where mail comes from: IMAP, a watched Maildir, and files that are read once.
//!
//! A source yields raw bytes and the cursor behind them; whether a message is known, what
//! it says and what becomes of it is asked of the [`Intake`]. Nothing here parses a mail,
//! opens the database or reads a wall clock (it comes in as a [`Clock`]), and nothing
//! here changes a mailbox: folders are examined, never selected, files are only read.

use std::future::Future;

use jiff::Timestamp;

use crate::model::ids::AccountNo;

pub mod beat;
pub mod files;
pub mod imap;
pub mod maildir;
mod mbox;

/// The wall clock, as the daemon hands it in: tells a machine that slept.
pub type Clock = fn() -> Timestamp;

/// The number of a message within its folder: an IMAP UID (RFC 9051 section 2.3.1.1), or
/// for a Maildir a stable hash of the file's unique name. At most 63 bits.
pub type Uid = u64;

/// What a folder's mail is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Rejections in it make drafts.
    Watch,
    /// Its mail makes statistics only.
    Count,
}

/// One folder of one account.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Folder {
    /// Whose folder it is.
    pub account: AccountNo,
    /// The mailbox name as it stands on the wire (modified UTF-7, RFC 3501 section
    /// 5.1.3), or a Maildir's path.
    pub name: String,
    /// What it is read for.
    pub role: Role,
}

/// How far a folder was read: every UID below `uid_next` has been handled.
///
/// A Maildir has no order among its messages: there `uid_next` stays 0 and every sweep
/// asks [`Intake::unseen`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The UIDVALIDITY under which the UIDs hold.
    pub uidvalidity: u32,
    /// The lowest UID that has not been handled.
    pub uid_next: u64,
}

/// One message as it lay there.
#[derive(Clone, PartialEq, Eq)]
pub struct Raw {
    /// Its number within the folder.
    pub uid: Uid,
    /// Its first bytes, at most [`MESSAGE_READ_MAX`].
    pub bytes: Vec<u8>,
    /// Bytes of the whole message, as far as the source says.
    pub size: u64,
    /// `bytes` reaches to the end of the message.
    pub complete: bool,
}

impl std::fmt::Debug for Raw {
    /// Without a word of the mail.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Raw {{ uid: {}, {} of {} bytes }}", self.uid, self.bytes.len(), self.size)
    }
}

/// Messages of one folder that are to be taken over together with their cursor.
///
/// At most [`BATCH_MESSAGES`] of them and about [`BATCH_BYTES`] bytes, so that the
/// transaction that admits them stays short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Where they lay.
    pub folder: Folder,
    /// The UIDVALIDITY under which their UIDs hold.
    pub uidvalidity: u32,
    /// The messages, oldest first; may be empty when only `unreadable` has something.
    pub messages: Vec<Raw>,
    /// UIDs that are there but that the source refused to hand out. No row is written
    /// for them, so that the daily look back asks for them again.
    pub unreadable: Vec<Uid>,
    /// Where the folder's cursor stands once this batch is durable. Never lower than the
    /// cursor before.
    pub cursor: Cursor,
}

/// Nothing beyond this of one message is read: rejections are short, bombs are not.
pub const MESSAGE_READ_MAX: usize = 2 * 1024 * 1024;

/// Messages in one batch; with [`BATCH_BYTES`] it keeps a transaction below 200 ms.
pub const BATCH_MESSAGES: usize = 64;

/// Bytes after which a batch is closed.
pub const BATCH_BYTES: usize = 4 * 1024 * 1024;

/// Why the intake could not take or tell something; the source keeps its cursor, waits
/// and tries again.
pub type IntakeError = Box<dyn std::error::Error + Send + Sync>;

/// The other side of a source, implemented by the daemon.
pub trait Intake: Send + Sync + 'static {
    /// How far the folder was read; `None` before the first batch.
    fn cursor(
        &self,
        folder: &Folder,
    ) -> impl Future<Output = Result<Option<Cursor>, IntakeError>> + Send;

    /// Which of `uids` have no row yet, in any order.
    fn unseen(
        &self,
        folder: &Folder,
        uidvalidity: u32,
        uids: Vec<Uid>,
    ) -> impl Future<Output = Result<Vec<Uid>, IntakeError>> + Send;

    /// Takes the messages over and moves the cursor, durably and in one transaction.
    fn admit(&self, batch: Batch) -> impl Future<Output = Result<(), IntakeError>> + Send;

    /// The server numbers this folder anew (UIDVALIDITY changed); told before the first
    /// batch under the new numbers.
    fn reset(
        &self,
        folder: &Folder,
        old: Cursor,
        new_uidvalidity: u32,
    ) -> impl Future<Output = Result<(), IntakeError>> + Send;

    /// Is the visible text in these first bytes of a message long enough to judge it?
    fn enough(&self, prefix: &[u8]) -> bool;

    /// How the contact to the account stands; called at every change, must not block.
    fn contact(&self, account: AccountNo, contact: Contact);
}

/// The other side of a look into a mailbox on behalf of the user: nothing is taken over, and
/// no cursor moves.
pub trait Looker: Send + Sync + 'static {
    /// Is the visible text in these first bytes of a message long enough to judge it?
    fn enough(&self, prefix: &[u8]) -> bool;

    /// Here is a message; whether it counts as one of those looked for.
    fn look(&self, folder: &Folder, uidvalidity: u32, raw: Raw) -> bool;
}

/// What to look for in a mailbox. What is not given is not asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Search {
    /// A part of the sender's name or address.
    pub from: Option<String>,
    /// A part of the subject.
    pub subject: Option<String>,
    /// Received on this day or later, as the server counts days.
    pub since: Option<jiff::civil::Date>,
}

/// Messages of one folder that are to be read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The folder's name, as in [`Folder::name`].
    pub folder: String,
    /// The UIDVALIDITY under which the numbers hold; `None`: whatever it is now.
    pub uidvalidity: Option<u32>,
    /// Which.
    pub uids: Vec<Uid>,
}

/// How the contact to an account stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Contact {
    /// Logged in.
    Connected,
    /// Every folder has been read to its end.
    CaughtUp {
        /// Messages admitted in this pass.
        admitted: u64,
        /// Folders that are configured but that the server does not have.
        missing: Vec<String>,
    },
    /// Waiting for news: the server calls (`true`), or it is asked now and then.
    Idle {
        /// The server tells of new mail by itself (IDLE, RFC 2177).
        pushed: bool,
    },
    /// The contact broke; it is tried again.
    Lost {
        /// One sentence.
        why: String,
        /// What the user can do, when there is something.
        hint: Option<String>,
        /// When the next try comes.
        until: Timestamp,
    },
    /// The password or token cannot be had yet (a locked keyring); asked again.
    WaitingForSecret {
        /// One sentence.
        why: String,
        /// When it is asked again.
        until: Timestamp,
    },
    /// The server refused the login. Nothing is tried until the secret is set anew.
    Refused {
        /// The server's own words, in one sentence.
        why: String,
        /// What the user can do.
        hint: String,
    },
}
