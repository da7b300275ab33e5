//! From nothing to a logged-in connection: TCP, TLS, greeting, login.

use std::net::SocketAddr;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use rustls::pki_types::ServerName;
use secrecy::{ExposeSecret, SecretString};
use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use zeroize::Zeroizing;

use super::error::{ImapError, response_code, tidy};
use super::tls;
use super::wire::{Answer, PLAIN_ANSWER_MAX_BYTES, Wire, Words};
use super::{Auth, Settings, Tls};

/// A dead peer is noticed after 60 + 4 × 15 seconds.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(60);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(15);
const KEEPALIVE_RETRIES: u32 = 4;

/// The longest greeting or STARTTLS answer; RFC 9051 knows none above 8 KiB.
const FIRST_LINE_MAX_BYTES: usize = 8 * 1024;

/// Lines that may precede the answer to STARTTLS.
const LINES_BEFORE_STARTTLS: usize = 20;

/// A logged-in connection and what its server can do.
pub(super) struct LoggedIn {
    /// The connection.
    pub(super) wire: Wire,
    /// Capabilities after the login, in capitals.
    pub(super) capabilities: Vec<String>,
}

/// Connects and logs in.
///
/// # Errors
/// Everything up to [`ImapError::LoginRefused`]; the secret is sent over TLS only.
pub(super) async fn log_in(
    settings: &Settings,
    secret: &SecretString,
) -> Result<LoggedIn, ImapError> {
    let stream = encrypted(settings).await?;
    let mut wire = Wire::new(stream, &settings.server(), settings.deadlines);
    let capabilities = wire.capabilities().await?;
    authenticate(&mut wire, settings, secret, &capabilities).await?;
    // What is offered changes with the login (RFC 9051 section 6.2).
    let capabilities = wire.capabilities().await?;
    Ok(LoggedIn { wire, capabilities })
}

async fn encrypted(settings: &Settings) -> Result<TlsStream<TcpStream>, ImapError> {
    let config = tls::client_config(settings.ca_file.as_deref())?;
    let name = ServerName::try_from(settings.host.clone())
        .map_err(|_| ImapError::Setup(format!("`{}` is not a host name", tidy(&settings.host))))?;
    let mut tcp = connected(settings).await?;
    if settings.tls == Tls::StartTls {
        start_tls(settings, &mut tcp).await?;
    }
    let handshake = TlsConnector::from(config).connect(name, tcp);
    let mut stream = match timeout(settings.deadlines.connect, handshake).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return Err(tls::explain(&settings.host, &error)),
        Err(_) => return Err(silent(settings, "encrypt", settings.deadlines.connect)),
    };
    if settings.tls == Tls::Implicit {
        // With STARTTLS the greeting is past (RFC 9051 section 6.2.1).
        let greeting = first_line(settings, &mut stream).await?;
        check_greeting(settings, &greeting)?;
    }
    Ok(stream)
}

async fn connected(settings: &Settings) -> Result<TcpStream, ImapError> {
    let unreachable = |why: String| ImapError::Unreachable { server: settings.server(), why };
    let attempt = async {
        let addresses: Vec<SocketAddr> =
            tokio::net::lookup_host((settings.host.as_str(), settings.port))
                .await
                .map_err(|_| unreachable(format!("no host named {}", settings.host)))?
                .collect();
        TcpStream::connect(addresses.as_slice()).await.map_err(|e| unreachable(e.to_string()))
    };
    let limit = settings.deadlines.connect;
    let tcp = timeout(limit, attempt)
        .await
        .map_err(|_| unreachable(format!("no connection within {} s", limit.as_secs())))??;
    let keepalive = TcpKeepalive::new()
        .with_time(KEEPALIVE_IDLE)
        .with_interval(KEEPALIVE_INTERVAL)
        .with_retries(KEEPALIVE_RETRIES);
    let socket = SockRef::from(&tcp);
    socket.set_tcp_keepalive(&keepalive).map_err(|e| unreachable(e.to_string()))?;
    #[cfg(target_os = "linux")]
    socket
        .set_tcp_user_timeout(Some(KEEPALIVE_IDLE + KEEPALIVE_INTERVAL * KEEPALIVE_RETRIES))
        .map_err(|e| unreachable(e.to_string()))?;
    Ok(tcp)
}

/// RFC 9051 section 6.2.1 and 11.1: mandatory, and nothing said before it counts.
async fn start_tls(settings: &Settings, tcp: &mut TcpStream) -> Result<(), ImapError> {
    let spoilt = |what| ImapError::NotEncrypted { server: settings.server(), what };
    let greeting = first_line(settings, tcp).await?;
    if is_status(&greeting, "* PREAUTH") {
        return Err(spoilt("claims that somebody is logged in already, before encryption"));
    }
    check_greeting(settings, &greeting)?;
    tcp.write_all(b"r0 STARTTLS\r\n").await.map_err(|_| spoilt("closed the connection"))?;
    for _ in 0..LINES_BEFORE_STARTTLS {
        let line = first_line(settings, tcp).await?;
        if line.starts_with("* ") {
            continue;
        }
        if !is_status(&line, "r0 OK") {
            return Err(spoilt("refuses STARTTLS"));
        }
        // Whatever lies behind the OK was put there by somebody without the keys
        // (CVE-2011-0411 and its many kin).
        return match tcp.try_read(&mut [0; 1]) {
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => Ok(()),
            Ok(1..) => Err(spoilt("slipped in bytes behind its answer to STARTTLS")),
            _ => Err(spoilt("closed the connection instead of encrypting")),
        };
    }
    Err(spoilt("does not answer STARTTLS"))
}

fn is_status(line: &str, status: &str) -> bool {
    line.get(..status.len()).is_some_and(|head| head.eq_ignore_ascii_case(status))
        && matches!(line.as_bytes().get(status.len()), None | Some(b' '))
}

fn check_greeting(settings: &Settings, greeting: &str) -> Result<(), ImapError> {
    let server = settings.server();
    if is_status(greeting, "* OK") {
        return Ok(());
    }
    if is_status(greeting, "* BYE") {
        let words = tidy(greeting.get(5..).unwrap_or_default());
        return Err(ImapError::Bye { server, words });
    }
    Err(ImapError::NoGreeting { server, words: tidy(greeting) })
}

/// One line, read byte by byte so that nothing behind it is taken.
async fn first_line(
    settings: &Settings,
    stream: &mut (impl AsyncRead + Unpin),
) -> Result<String, ImapError> {
    let limit = settings.deadlines.greeting;
    let read = async {
        let mut line = Vec::new();
        while line.len() < FIRST_LINE_MAX_BYTES {
            match stream.read_u8().await {
                Ok(b'\n') => return Some(line),
                Ok(byte) => line.push(byte),
                Err(_) => return None,
            }
        }
        Some(line)
    };
    match timeout(limit, read).await {
        Ok(Some(line)) => Ok(String::from_utf8_lossy(&line).trim_end().to_owned()),
        Ok(None) => {
            Err(ImapError::Lost { server: settings.server(), doing: "be greeted".to_owned() })
        }
        Err(_) => Err(silent(settings, "be greeted", limit)),
    }
}

fn silent(settings: &Settings, doing: &str, after: Duration) -> ImapError {
    ImapError::Silent { server: settings.server(), doing: doing.to_owned(), after }
}

async fn authenticate(
    wire: &mut Wire,
    settings: &Settings,
    secret: &SecretString,
    capabilities: &[String],
) -> Result<(), ImapError> {
    let can = |name: &str| capabilities.iter().any(|c| c == name);
    let no_mechanism = |wanted| ImapError::NoMechanism { server: settings.server(), wanted };
    let result = match settings.auth {
        Auth::XOAuth2 if !can("AUTH=XOAUTH2") => return Err(no_mechanism("XOAUTH2")),
        Auth::XOAuth2 => {
            let token = secret.expose_secret();
            let response = format!("user={}\x01auth=Bearer {token}\x01\x01", settings.login);
            sasl(wire, "XOAUTH2", &Zeroizing::new(response)).await
        }
        // LOGIN has no way to say in which charset a password is; PLAIN has (RFC 4616).
        Auth::Login if can("AUTH=PLAIN") => {
            let response = format!("\0{}\0{}", settings.login, secret.expose_secret());
            sasl(wire, "PLAIN", &Zeroizing::new(response)).await
        }
        Auth::Login if can("LOGINDISABLED") => {
            return Err(no_mechanism("a password by PLAIN or LOGIN"));
        }
        Auth::Login => {
            let words = Words::new("LOGIN ")
                .string(&settings.login)
                .text(" ")
                .string(secret.expose_secret());
            wire.command("log in", words, PLAIN_ANSWER_MAX_BYTES, |_| ()).await
        }
    };
    result.map_err(|error| judged(settings, error))
}

/// One SASL exchange of a single client response. A server that asks again tells why it
/// is going to refuse (XOAUTH2 and RFC 7628 send JSON); it gets an empty line for it.
async fn sasl(wire: &mut Wire, mechanism: &str, response: &str) -> Result<(), ImapError> {
    let doing = "log in";
    let patience = wire.deadlines().command;
    let words = Words::new(&format!("AUTHENTICATE {mechanism}"));
    let tag = wire.give(doing, words, PLAIN_ANSWER_MAX_BYTES).await?;
    match wire.answer(doing, &tag, patience, &mut |_| ()).await? {
        Answer::Go(_) => {}
        Answer::Ok => return Err(wire.unreadable(doing)),
    }
    let line = Zeroizing::new(format!("{}\r\n", BASE64.encode(response)));
    wire.write(doing, line.as_bytes()).await?;
    let challenge = match wire.answer(doing, &tag, patience, &mut |_| ()).await? {
        Answer::Ok => return Ok(()),
        Answer::Go(challenge) => challenge,
    };
    wire.write(doing, b"\r\n").await?;
    match wire.answer(doing, &tag, patience, &mut |_| ()).await {
        Err(ImapError::No { server, doing, words }) => {
            let detail = BASE64
                .decode(challenge.trim())
                .map(|json| tidy(&String::from_utf8_lossy(&json)))
                .unwrap_or_default();
            Err(ImapError::No { server, doing, words: tidy(&format!("{words} {detail}")) })
        }
        Err(other) => Err(other),
        Ok(_) => Err(wire.unreadable(doing)),
    }
}

/// Is it the secret that is wrong, or is the server merely indisposed (RFC 5530)? Where
/// it does not say, the secret is suspected: trying again could lock the account.
fn judged(settings: &Settings, error: ImapError) -> ImapError {
    let (ImapError::No { server, words, .. } | ImapError::Bad { server, words, .. }) = &error
    else {
        return error;
    };
    let passing = match response_code(words).as_deref() {
        Some("UNAVAILABLE" | "INUSE" | "SERVERBUG" | "LIMIT" | "OVERQUOTA") => true,
        Some(_) => false,
        None => ["too many", "try again later", "temporar"]
            .iter()
            .any(|w| words.to_lowercase().contains(w)),
    };
    if passing {
        return error;
    }
    ImapError::LoginRefused {
        server: server.clone(),
        login: settings.login.clone(),
        words: words.clone(),
    }
}
