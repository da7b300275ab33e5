//! Submission over SMTP (RFC 5321, 6409), step by step, so that it is always known whether
//! the body may be out.
//!
//! Always under TLS: implicit, or STARTTLS that the server must offer. One connection a
//! mail, no pool. It must not retry.

use std::fmt::Display;
use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::commands::{self, Data, Ehlo, Quit, Starttls};
use lettre::transport::smtp::extension::{ClientId, Extension, ServerInfo};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use secrecy::{ExposeSecret, SecretString};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::model::mail::Outcome;

use super::wire::{Reply, Stream, Wire, WireError};
use super::{CheckError, Parcel, Report, Timeouts, certificate};

/// How a submission server is reached.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Its name; the certificate must be for it.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// When encryption begins.
    pub tls: Tls,
    /// Certificates (PEM) that are trusted in place of the system's.
    pub ca_file: Option<PathBuf>,
    /// The login name.
    pub login: String,
    /// What proves it.
    pub auth: Auth,
    /// The name given in EHLO: a domain of the user's, never the machine's name.
    pub ehlo: String,
}

/// When encryption begins. There is no "never".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// With the first byte (RFC 8314 section 3.3).
    Implicit,
    /// With STARTTLS (RFC 3207), which must be offered.
    StartTls,
}

/// What proves the login.
#[derive(Debug, Clone)]
pub enum Auth {
    /// A password, by AUTH PLAIN or LOGIN.
    Password(SecretString),
    /// An OAuth2 access token, by AUTH XOAUTH2.
    XOAuth2(SecretString),
}

/// Why no session came about.
enum NoSession {
    NoContact(String),
    LoginRefused(String),
}

/// Sends one mail.
pub(super) async fn send<F, R, E>(
    parcel: Parcel,
    settings: &Settings,
    limits: &Timeouts,
    body_begins: F,
) -> Outcome
where
    F: FnOnce() -> R + Send,
    R: Future<Output = Result<(), E>> + Send,
    E: Display + Send,
{
    let (mut wire, _) = match open(settings, limits).await {
        Ok(session) => session,
        Err(NoSession::NoContact(why)) => return Outcome::NoContact(why),
        Err(NoSession::LoginRefused(why)) => return Outcome::LoginRefused(why),
    };
    if let Err(outcome) = offer(&mut wire, &parcel, limits).await {
        goodbye(wire, limits).await;
        return outcome;
    }
    if let Err(error) = body_begins().await {
        // No QUIT: after 354 the server would read it as text.
        return Outcome::Unnoted(format!("It could not be noted that the mail goes out: {error}"));
    }
    let outcome = give_body(&mut wire, &parcel.bytes, limits).await;
    if !matches!(outcome, Outcome::LostSight(_)) {
        goodbye(wire, limits).await;
    }
    outcome
}

/// Greets, encrypts, logs in and leaves.
pub(super) async fn check(settings: &Settings, limits: &Timeouts) -> Result<Report, CheckError> {
    let (wire, info) = open(settings, limits).await.map_err(|stop| match stop {
        NoSession::NoContact(why) => CheckError::NoContact(why),
        NoSession::LoginRefused(why) => CheckError::LoginRefused(why),
    })?;
    goodbye(wire, limits).await;
    Ok(info)
}

/// The server said goodbye or not: it changes nothing any more.
async fn goodbye(mut wire: Wire, limits: &Timeouts) {
    let _ = wire.command(Quit, limits.quit).await;
}

async fn open(settings: &Settings, limits: &Timeouts) -> Result<(Wire, Report), NoSession> {
    let place = format!("{}:{}", settings.host, settings.port);
    let away = |step: &str, why: &dyn Display| {
        NoSession::NoContact(format!("Cannot {step} {place}: {why}"))
    };
    let stream = connected(settings, limits).await.map_err(|why| away("reach", &why))?;
    let mut wire = match settings.tls {
        Tls::Implicit => {
            let stream = encrypt(Box::new(stream), settings, limits).await?;
            let mut wire = Wire::new(stream);
            greeting(&mut wire, limits).await.map_err(|why| away("talk to", &why))?;
            wire
        }
        Tls::StartTls => {
            let mut wire = Wire::new(Box::new(stream));
            greeting(&mut wire, limits).await.map_err(|why| away("talk to", &why))?;
            let stream = starttls(wire, settings, limits)
                .await
                .map_err(|why| away("begin encryption with", &why))?;
            Wire::new(encrypt(stream, settings, limits).await?)
        }
    };
    // What was announced in clear is forgotten (RFC 3207 section 4.2).
    let info = hello(&mut wire, settings, limits).await.map_err(|why| away("talk to", &why))?;
    login(&mut wire, &info, settings, limits).await?;
    let report = Report { server: info.info.name().to_owned(), max_bytes: info.max_bytes };
    Ok((wire, report))
}

async fn connected(settings: &Settings, limits: &Timeouts) -> Result<TcpStream, String> {
    let attempt = async {
        let named = tokio::net::lookup_host((settings.host.as_str(), settings.port)).await;
        let addresses = named.map_err(|_| format!("no host named {}", settings.host))?;
        let addresses: Vec<SocketAddr> = addresses.collect();
        TcpStream::connect(addresses.as_slice()).await.map_err(|error| error.to_string())
    };
    let late = |_| format!("no connection within {} s", limits.connect.as_secs());
    tokio::time::timeout(limits.connect, attempt).await.map_err(late)?
}

async fn greeting(wire: &mut Wire, limits: &Timeouts) -> Result<(), String> {
    let reply = wire.reply(limits.greeting).await.map_err(|error| error.to_string())?;
    if reply.code == 220 { Ok(()) } else { Err(format!("it greets with {}", reply.words())) }
}

/// What EHLO tells.
struct Announced {
    info: ServerInfo,
    max_bytes: Option<u64>,
}

async fn hello(
    wire: &mut Wire,
    settings: &Settings,
    limits: &Timeouts,
) -> Result<Announced, String> {
    let name = ClientId::Domain(settings.ehlo.clone());
    let reply =
        wire.command(Ehlo::new(name), limits.hello).await.map_err(|error| error.to_string())?;
    if reply.code != 250 {
        return Err(format!("it answers EHLO with {}", reply.words()));
    }
    let info = ServerInfo::from_response(&reply.response).map_err(|error| error.to_string())?;
    let max_bytes = reply
        .response
        .message()
        .find_map(|line| line.strip_prefix("SIZE ")?.trim().parse().ok())
        .filter(|bytes| *bytes > 0);
    Ok(Announced { info, max_bytes })
}

async fn starttls(
    mut wire: Wire,
    settings: &Settings,
    limits: &Timeouts,
) -> Result<Box<dyn Stream>, String> {
    let announced = hello(&mut wire, settings, limits).await?;
    if !announced.info.supports_feature(Extension::StartTls) {
        return Err("it does not offer STARTTLS, and nothing is sent in clear".to_owned());
    }
    let reply = wire.command(Starttls, limits.hello).await.map_err(|error| error.to_string())?;
    if reply.code != 220 {
        return Err(format!("it answers STARTTLS with {}", reply.words()));
    }
    wire.into_stream().map_err(|error| error.to_string())
}

async fn encrypt(
    stream: Box<dyn Stream>,
    settings: &Settings,
    limits: &Timeouts,
) -> Result<Box<dyn Stream>, NoSession> {
    let unsafe_talk = |why: &dyn Display| {
        let place = format!("{}:{}", settings.host, settings.port);
        NoSession::NoContact(format!("No safe connection to {place}: the server {why}"))
    };
    let connector = connector(settings).await.map_err(NoSession::NoContact)?;
    let name = ServerName::try_from(settings.host.clone()).map_err(|_| {
        NoSession::NoContact(format!("`{}` is not the name of a server", settings.host))
    })?;
    match tokio::time::timeout(limits.tls, connector.connect(name, stream)).await {
        Ok(Ok(stream)) => Ok(Box::new(stream)),
        Ok(Err(error)) => Err(unsafe_talk(&certificate::sentence(&error))),
        Err(_) => Err(unsafe_talk(&"did not finish the TLS handshake in time")),
    }
}

async fn connector(settings: &Settings) -> Result<TlsConnector, String> {
    let mut roots = RootCertStore::empty();
    match &settings.ca_file {
        Some(path) => {
            let unusable = |why: &dyn Display| {
                format!("Cannot use the certificates in {}: {why}", path.display())
            };
            let pem = tokio::fs::read(path).await.map_err(|error| unusable(&error))?;
            for certificate in CertificateDer::pem_slice_iter(&pem) {
                let certificate = certificate.map_err(|error| unusable(&error))?;
                roots.add(certificate).map_err(|error| unusable(&error))?;
            }
            if roots.is_empty() {
                return Err(unusable(&"there is none in it"));
            }
        }
        None => {
            let found =
                tokio::task::spawn_blocking(rustls_native_certs::load_native_certs)
                    .await
                    .map_err(|error| format!("Cannot read the system's certificates: {error}"))?;
            roots.add_parsable_certificates(found.certs);
            if roots.is_empty() {
                return Err("This system has no trusted certificates (install `ca-certificates`, \
                            or set `ca_file`)"
                    .to_owned());
            }
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("Cannot set up TLS: {error}"))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

async fn login(
    wire: &mut Wire,
    announced: &Announced,
    settings: &Settings,
    limits: &Timeouts,
) -> Result<(), NoSession> {
    let account = format!("{} at {}", settings.login, settings.host);
    let answer = match &settings.auth {
        Auth::Password(password) => {
            let offered = [Mechanism::Plain, Mechanism::Login];
            let Some(mechanism) = announced.info.get_auth_mechanism(&offered) else {
                return Err(NoSession::NoContact(format!(
                    "Cannot log in as {account}: the server takes no passwords"
                )));
            };
            by_password(wire, mechanism, &settings.login, password, limits).await
        }
        Auth::XOAuth2(token) => by_token(wire, &settings.login, token, limits).await,
    };
    match answer {
        Ok(Proven::Yes) => Ok(()),
        Ok(Proven::No { reply, details }) => {
            let words = reply.words();
            let details = details.map(|json| format!(" ({json})")).unwrap_or_default();
            let why = format!("Cannot log in as {account}: {words}{details}");
            // 454 and the like: the server's own trouble, not the password's (RFC 4954).
            if reply.code < 500 {
                Err(NoSession::NoContact(why))
            } else {
                Err(NoSession::LoginRefused(why))
            }
        }
        Err(error) => Err(NoSession::NoContact(format!("Cannot log in as {account}: {error}"))),
    }
}

enum Proven {
    Yes,
    No { reply: Reply, details: Option<String> },
}

impl Proven {
    fn of(reply: Reply) -> Proven {
        if reply.code == 235 { Proven::Yes } else { Proven::No { reply, details: None } }
    }
}

/// AUTH LOGIN asks twice; more challenges than that are somebody else's protocol.
const CHALLENGES_MAX: usize = 2;

async fn by_password(
    wire: &mut Wire,
    mechanism: Mechanism,
    login: &str,
    password: &SecretString,
    limits: &Timeouts,
) -> Result<Proven, WireError> {
    let credentials = Credentials::new(login.to_owned(), password.expose_secret().to_owned());
    let command = commands::Auth::new(mechanism, credentials.clone(), None)
        .map_err(|_| WireError::Garbage)?;
    let mut reply = wire.command(command, limits.hello).await?;
    for _ in 0..CHALLENGES_MAX {
        if reply.code != 334 {
            break;
        }
        let answer =
            commands::Auth::new_from_response(mechanism, credentials.clone(), &reply.response)
                .map_err(|_| WireError::Garbage)?;
        reply = wire.command(answer, limits.hello).await?;
    }
    Ok(Proven::of(reply))
}

/// By hand: the library drops the server's reason, which comes as a challenge (JSON) and
/// wants an empty answer before the refusal itself.
async fn by_token(
    wire: &mut Wire,
    login: &str,
    token: &SecretString,
    limits: &Timeouts,
) -> Result<Proven, WireError> {
    let first =
        BASE64.encode(format!("user={login}\u{1}auth=Bearer {}\u{1}\u{1}", token.expose_secret()));
    let reply = wire.command(format!("AUTH XOAUTH2 {first}\r\n"), limits.hello).await?;
    if reply.code != 334 {
        return Ok(Proven::of(reply));
    }
    let challenge: String = reply.response.message().collect();
    let details = BASE64
        .decode(challenge.trim())
        .ok()
        .and_then(|json| String::from_utf8(json).ok())
        .map(|json| json.chars().filter(|c| !c.is_control()).take(200).collect());
    let reply = wire.command("\r\n", limits.hello).await?;
    Ok(match Proven::of(reply) {
        Proven::No { reply, .. } => Proven::No { reply, details },
        Proven::Yes => Proven::Yes,
    })
}

/// MAIL, RCPT and DATA up to 354.
async fn offer(wire: &mut Wire, parcel: &Parcel, limits: &Timeouts) -> Result<(), Outcome> {
    let envelope = parcel.envelope();
    // An address holds no blank and no bracket; outside ASCII it was refused before.
    let mail = format!("MAIL FROM:<{}>\r\n", envelope.from);
    expect(wire.command(mail, limits.envelope).await, 250..=259)?;
    for recipient in &envelope.to {
        let rcpt = format!("RCPT TO:<{}>\r\n", recipient);
        expect(wire.command(rcpt, limits.envelope).await, 250..=259)?;
    }
    expect(wire.command(Data, limits.data).await, 354..=354)
}

fn expect(
    answer: Result<Reply, WireError>,
    good: std::ops::RangeInclusive<u16>,
) -> Result<(), Outcome> {
    match answer {
        Ok(reply) if good.contains(&reply.code) => Ok(()),
        Ok(reply) => Err(match reply.code {
            400..=499 => Outcome::Deferred(reply.words()),
            500..=599 => Outcome::Refused(reply.words()),
            _ => Outcome::Interrupted(format!("The server answered {}", reply.words())),
        }),
        Err(error) => {
            Err(Outcome::Interrupted(format!("While it was offered to the server, {error}")))
        }
    }
}

async fn give_body(wire: &mut Wire, bytes: &[u8], limits: &Timeouts) -> Outcome {
    let lost = |error: WireError| Outcome::LostSight(format!("While it was given over, {error}"));
    if let Err(error) = wire.write(&dot_stuffed(bytes), limits.body).await {
        return lost(error);
    }
    if let Err(error) = wire.write(b".\r\n", limits.body).await {
        return lost(error);
    }
    match wire.reply(limits.dot).await {
        // RFC 5321 section 4.2.1: on 4yz and 5yz the server must not deliver.
        Ok(reply) => match reply.code {
            200..=299 => Outcome::Accepted(reply.words()),
            400..=499 => Outcome::Deferred(reply.words()),
            500..=599 => Outcome::Refused(reply.words()),
            _ => Outcome::LostSight(format!("The server answered {}", reply.words())),
        },
        Err(error) => lost(error),
    }
}

/// RFC 5321 section 4.5.2. The lines end in CRLF, the last one, too ([`Parcel::new`]).
fn dot_stuffed(bytes: &[u8]) -> Vec<u8> {
    let mut stuffed = Vec::with_capacity(bytes.len());
    let mut line_begins = true;
    for &byte in bytes {
        if line_begins && byte == b'.' {
            stuffed.push(b'.');
        }
        stuffed.push(byte);
        line_begins = byte == b'\n';
    }
    stuffed
}
