//! IMAP accounts (RFC 9051 and 3501): read-only, always over TLS, one task each.
//!
//! Everything asked of a server is CAPABILITY, AUTHENTICATE or LOGIN, LIST, EXAMINE,
//! UID SEARCH, UID FETCH with BODY.PEEK, NOOP, IDLE and LOGOUT; only [`sent::append`]
//! writes, and only where a setting says so. What a server sends cannot take down more
//! than its own account: [`budget`] bounds it, and a connection's work runs in a task of
//! its own, so that a panic of the parser ends as an [`ImapError`].

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use tokio_util::task::AbortOnDropHandle;

use crate::model::ids::AccountNo;

mod budget;
pub mod check;
mod connect;
mod error;
mod folders;
mod idle;
pub mod look;
mod search;
pub mod sent;
mod sweep;
mod tls;
mod watch;
mod wire;

pub use budget::Refusal;
pub use error::ImapError;
pub use watch::{Summary, run_once, watch};

/// How the connection is encrypted. There is no third way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// From the first byte (RFC 8314 section 3), usually port 993.
    Implicit,
    /// After STARTTLS, which is never optional; usually port 143.
    StartTls,
}

/// How to log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    /// With a password: AUTHENTICATE PLAIN where it is announced, else LOGIN.
    Login,
    /// With an OAuth 2 access token.
    XOAuth2,
}

/// Where the account's sent mail lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SentFolder {
    /// The folder with the attribute `\Sent` (RFC 6154).
    ByAttribute,
    /// This one, by the name that the user sees.
    Named(String),
    /// There is none.
    None,
}

/// How long a server may take. All are network deadlines, not dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// TCP connect, and the TLS handshake.
    pub connect: Duration,
    /// The first line.
    pub greeting: Duration,
    /// Between two answers to a command.
    pub command: Duration,
    /// From DONE to the end of IDLE.
    pub idle_done: Duration,
    /// The first pause after a failure; doubled each time, with jitter.
    pub back_off: Duration,
    /// The longest pause.
    pub back_off_max: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Deadlines {
            connect: Duration::from_secs(30),
            greeting: Duration::from_secs(30),
            command: Duration::from_secs(60),
            idle_done: Duration::from_secs(15),
            back_off: Duration::from_secs(5),
            back_off_max: Duration::from_secs(300),
        }
    }
}

/// One IMAP account.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Whose mail it is.
    pub account: AccountNo,
    /// Host name, as the certificate has it.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Encryption.
    pub tls: Tls,
    /// Certificate authorities (PEM) to trust instead of the machine's.
    pub ca_file: Option<PathBuf>,
    /// Login name.
    pub login: String,
    /// How to log in.
    pub auth: Auth,
    /// Folders whose rejections make drafts, by name or attribute (`\All`).
    pub watch: Vec<String>,
    /// Folders that are only counted, by name or attribute.
    pub count: Vec<String>,
    /// Where sent mail lies.
    pub sent: SentFolder,
    /// How often every folder is looked at, and all there is where IDLE is not.
    pub poll_every: Duration,
    /// How long one IDLE lasts: RFC 2177 allows 29 minutes, routers often less.
    pub idle_for: Duration,
    /// Network deadlines.
    pub deadlines: Deadlines,
}

impl Settings {
    /// An account with implicit TLS, a password, and INBOX watched.
    pub fn new(account: AccountNo, host: &str, login: &str) -> Self {
        Settings {
            account,
            host: host.to_owned(),
            port: 993,
            tls: Tls::Implicit,
            ca_file: None,
            login: login.to_owned(),
            auth: Auth::Login,
            watch: vec!["INBOX".to_owned()],
            count: Vec::new(),
            sent: SentFolder::ByAttribute,
            poll_every: Duration::from_secs(300),
            idle_for: Duration::from_secs(300),
            deadlines: Deadlines::default(),
        }
    }

    /// `host:port`.
    pub(crate) fn server(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

/// The password or token cannot be had at this moment (a locked keyring, say).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CredentialsError(pub String);

/// Who knows the password or token. Implemented by every function that returns one.
pub trait Credentials: Send + Sync + 'static {
    /// Asks for it anew: it may have been changed, or a token may have run out.
    fn secret(&self) -> impl Future<Output = Result<SecretString, CredentialsError>> + Send;
}

impl<F, Answer> Credentials for F
where
    F: Fn() -> Answer + Send + Sync + 'static,
    Answer: Future<Output = Result<SecretString, CredentialsError>> + Send,
{
    fn secret(&self) -> impl Future<Output = Result<SecretString, CredentialsError>> + Send {
        self()
    }
}

/// Asks for the secret, in the words of this room.
async fn secret_of(
    settings: &Settings,
    credentials: &impl Credentials,
) -> Result<SecretString, ImapError> {
    credentials
        .secret()
        .await
        .map_err(|e| ImapError::NoSecret { login: settings.login.clone(), why: e.0 })
}

/// Runs a connection's work in a task of its own: a panic in it is an error here. The
/// work ends when this is dropped.
async fn isolated<T: Send + 'static>(
    settings: &Arc<Settings>,
    work: impl Future<Output = Result<T, ImapError>> + Send + 'static,
) -> Result<T, ImapError> {
    match AbortOnDropHandle::new(tokio::spawn(work)).await {
        Ok(result) => result,
        Err(_) => Err(ImapError::Panicked { server: settings.server() }),
    }
}
