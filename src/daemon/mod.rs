//! The loops that move a message through the house, and the house's only clock.
//!
//! `intake` takes mail over, `release` puts on the desk what has cooled, `outbox` sends what
//! was approved; `lifecycle` starts and ends them. Nothing here decides what a mail is, when
//! it may be heard of or what an answer says: it asks the rooms, in order, and writes down
//! what they say.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use jiff::Timestamp;
use tokio::sync::Notify;

use self::book::Shelf;
use crate::classify::Rules;
use crate::cool;
use crate::draft::guard;
use crate::draft::template::Templates;
use crate::model::address::{Address, Mailbox};
use crate::model::ids::AccountNo;
use crate::model::mail::Route;
use crate::secret::{self, Purpose};
use crate::send;
use crate::source::imap;
use crate::store::{Store, StoreError};

mod admit;

mod arrange;

mod aftermath;

mod answers;

mod book;

pub mod by_hand;

mod closing;

mod decisions;

mod drafting;

mod elsewhere;

pub mod find;

mod fingerprint;

mod follow_up;

mod incoming;

mod intake;

mod judged;

mod keeping;

mod lifecycle;

mod nudge;

mod outbox;

mod overtake;

mod own;

mod pauses;

mod release;

mod reminders;

pub mod rescan;

mod sent;

pub use lifecycle::{DaemonError, Mode, run};
pub use nudge::{Nudge, nudge};

use fingerprint::FingerprintKey;

/// Who writes into the journal.
const DAEMON: &str = "daemon";

/// The clock of the whole house.
#[allow(clippy::disallowed_methods, reason = "the one place where the daemon reads the clock")]
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// All that the daemon is told.
#[derive(Debug)]
pub struct Settings {
    /// The mailboxes.
    pub accounts: Vec<Account>,
    /// When the user may hear of something.
    pub cool: cool::Settings,
    /// How much is too much.
    pub limits: guard::Limits,
    /// The text of job mail is kept so long after its application has ended.
    pub keep_text: jiff::SignedDuration,
    /// Send only within office hours.
    pub send_in_office_hours: bool,
    /// Who the user is.
    pub me: Me,
    /// Reply templates, compiled.
    pub templates: Templates,
    /// Time limits of sending.
    pub send_limits: send::Timeouts,
    /// Where the rules come from.
    pub rules: RulesLoader,
}

/// How rules come into the daemon, which reads no files itself.
pub struct RulesLoader {
    /// Compiles the files as they are now; the text of the error is for the user.
    pub load: Box<dyn Fn() -> Result<Rules, String> + Send + Sync>,
    /// Another number when a file has changed.
    pub stamp: Box<dyn Fn() -> u64 + Send + Sync>,
}

impl std::fmt::Debug for RulesLoader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RulesLoader")
    }
}

/// Who the user is, in a mail.
#[derive(Debug, Clone)]
pub struct Me {
    /// Below the text.
    pub name: String,
    /// Below the name.
    pub signature: Option<String>,
}

/// One mailbox with its sending side.
#[derive(Debug, Clone)]
pub struct Account {
    /// The configuration's name for it.
    pub label: String,
    /// Who logs in; with `host` the account's identity.
    pub login: String,
    /// The server, or the Maildir's path.
    pub host: String,
    /// The user's addresses here; the first one is the default.
    pub own: Vec<Mailbox>,
    /// Where its mail is read.
    pub mailbox: MailboxSource,
    /// How its mail leaves; `None`: nothing can be drafted.
    pub way_out: Option<WayOut>,
    /// The name under which the provider writes Authentication-Results (RFC 8601).
    pub authserv_id: Option<String>,
}

/// Where mail is read.
#[derive(Debug, Clone)]
pub enum MailboxSource {
    /// Over the network.
    Imap {
        /// The server and what to read there; the account's number is filled in at start.
        settings: Box<imap::Settings>,
        /// Where the password is.
        secret: SecretPlace,
    },
    /// From a directory.
    Maildir(PathBuf),
}

/// Where a password is kept, and under which name.
#[derive(Debug, Clone)]
pub struct SecretPlace {
    /// The place.
    pub source: secret::Source,
    /// The account's label.
    pub label: String,
    /// What it opens.
    pub purpose: Purpose,
}

/// How mail leaves.
#[derive(Debug, Clone)]
pub struct WayOut {
    /// The door.
    pub exit: Exit,
    /// Its text in the digest.
    pub route: Route,
    /// A copy to the user's own address.
    pub bcc_self: bool,
    /// Put a copy into the Sent folder, where the provider does not.
    pub append_to_sent: bool,
    /// The provider files a copy by itself, as the user says.
    pub provider_keeps_copy: bool,
}

/// The door by which mail leaves; the password is fetched when it is opened.
#[derive(Debug, Clone)]
pub enum Exit {
    /// A submission server.
    Smtp {
        /// How it is reached; its `auth` is filled in when the password is there.
        server: Box<SmtpServer>,
        /// Where its password is.
        secret: SecretPlace,
    },
    /// A program.
    Sendmail(PathBuf),
    /// A directory.
    Folder(PathBuf),
}

/// A submission server without its password.
#[derive(Debug, Clone)]
pub struct SmtpServer {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// When encryption begins.
    pub tls: send::smtp::Tls,
    /// Certificates that are trusted in place of the system's.
    pub ca_file: Option<PathBuf>,
    /// The login name.
    pub login: String,
    /// The secret is an OAuth2 token.
    pub token: bool,
    /// The name given in EHLO.
    pub ehlo: String,
}

impl SecretPlace {
    /// Asks for the secret.
    ///
    /// # Errors
    /// See [`secret::fetch`].
    pub async fn fetch(&self) -> Result<secrecy::SecretString, secret::SecretError> {
        secret::fetch(&self.source, &self.label, self.purpose).await
    }

    /// The same as the source of mail asks for it.
    pub fn credentials(self) -> impl imap::Credentials {
        move || {
            let place = self.clone();
            async move {
                let told = |error: secret::SecretError| format!("{error} ({})", error.hint());
                place.fetch().await.map_err(|error| imap::CredentialsError(told(error)))
            }
        }
    }
}

impl Exit {
    /// The door with its password.
    ///
    /// # Errors
    /// When the password cannot be had.
    pub async fn open(&self) -> Result<send::Transport, secret::SecretError> {
        match self {
            Exit::Smtp { server, secret } => {
                let secret = secret.fetch().await?;
                let auth = if server.token {
                    send::smtp::Auth::XOAuth2(secret)
                } else {
                    send::smtp::Auth::Password(secret)
                };
                Ok(send::Transport::Smtp(send::smtp::Settings {
                    host: server.host.clone(),
                    port: server.port,
                    tls: server.tls,
                    ca_file: server.ca_file.clone(),
                    login: server.login.clone(),
                    auth,
                    ehlo: server.ehlo.clone(),
                }))
            }
            Exit::Sendmail(program) => Ok(send::Transport::Sendmail(program.clone())),
            Exit::Folder(directory) => Ok(send::Transport::Folder(directory.clone())),
        }
    }
}

impl Account {
    /// The addresses without their names.
    pub fn own_addresses(&self) -> Vec<Address> {
        self.own.iter().map(|mailbox| mailbox.address.clone()).collect()
    }
}

/// What the loops share.
struct Shared {
    settings: Settings,
    /// Account numbers in the order of `settings.accounts`.
    numbers: Vec<AccountNo>,
    rules: RwLock<Arc<Rules>>,
    key: FingerprintKey,
    store: Mutex<Store>,
    /// The applications, between two transactions of the intake.
    shelf: Shelf,
    /// Something changed that the desk's loop should look at.
    wake: Notify,
    /// A secret was set: what a server refused may be tried again.
    secret_set: AtomicBool,
}

impl Shared {
    fn new(
        settings: Settings,
        numbers: Vec<AccountNo>,
        rules: Rules,
        key: FingerprintKey,
        store: Store,
    ) -> Shared {
        Shared {
            settings,
            numbers,
            rules: RwLock::new(Arc::new(rules)),
            key,
            store: Mutex::new(store),
            shelf: Shelf::default(),
            wake: Notify::new(),
            secret_set: AtomicBool::new(false),
        }
    }

    fn account(&self, no: AccountNo) -> Option<&Account> {
        let at = self.numbers.iter().position(|number| *number == no)?;
        self.settings.accounts.get(at)
    }

    fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.rules.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// A panic elsewhere cannot have left a half-written transaction behind.
    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn all_own(&self) -> Vec<Address> {
        self.settings.accounts.iter().flat_map(Account::own_addresses).collect()
    }
}

/// Random bytes, for a Message-ID or a key.
fn random<const N: usize>() -> Result<[u8; N], StoreError> {
    use ring::rand::{SecureRandom, SystemRandom};
    let mut bytes = [0u8; N];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| StoreError::Unreadable("the system's random numbers".to_owned()))?;
    Ok(bytes)
}
