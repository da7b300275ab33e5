//! A scripted SMTP server, for the faults that a real one cannot be made to show.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::certificates::Certificate;

/// The moment of the fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    Handshake,
    Greeting,
    Ehlo,
    Auth,
    Mail,
    Rcpt,
    Data,
    /// After the first line of the body.
    Body,
    /// In place of the answer after the dot.
    Dot,
    Quit,
    Never,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    Reset,
    Close,
    Stall,
    Temporary,
    Permanent,
    Garbage,
    /// Half a reply, then the end.
    Half,
    /// A reply in Latin-1.
    Latin1,
    /// A challenge with the reason as JSON, and the refusal after an empty answer.
    Challenge,
}

/// A server for one connection.
pub struct Scripted {
    pub port: u16,
    body_bytes: Arc<AtomicUsize>,
    login: Arc<Mutex<String>>,
}

impl Scripted {
    /// Listens with implicit TLS and serves one connection with that fault.
    pub async fn start(issued: &Certificate, at: At, fault: Fault) -> Scripted {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let body_bytes = Arc::new(AtomicUsize::new(0));
        let login = Arc::new(Mutex::new(String::new()));
        let server =
            Scripted { port, body_bytes: Arc::clone(&body_bytes), login: Arc::clone(&login) };
        let acceptor = acceptor(issued);
        tokio::spawn(async move {
            let (tcp, _) = listener.accept().await.unwrap();
            if fault == Fault::Reset {
                // An end without a farewell: RST in place of FIN.
                socket2::SockRef::from(&tcp).set_linger(Some(Duration::ZERO)).unwrap();
            }
            if at == At::Handshake {
                let mut tcp = tcp;
                return break_off(&mut tcp, fault).await;
            }
            let Ok(stream) = acceptor.accept(tcp).await else { return };
            serve(BufReader::new(stream), at, fault, &body_bytes, &login).await;
        });
        server
    }

    /// The line by which the client logged in.
    pub fn login(&self) -> String {
        self.login.lock().unwrap().clone()
    }

    /// Bytes of the body that arrived.
    pub fn body_bytes(&self) -> usize {
        self.body_bytes.load(Ordering::SeqCst)
    }
}

fn acceptor(issued: &Certificate) -> TlsAcceptor {
    let chain = CertificateDer::pem_file_iter(&issued.cert).unwrap();
    let chain = chain.collect::<Result<Vec<_>, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_file(&issued.key).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

/// What the server says when all is well, by the command it hears.
fn good_reply(at: At) -> &'static str {
    match at {
        At::Greeting => "220 mail.test.example ready\r\n",
        At::Ehlo => "250-mail.test.example\r\n250-SIZE 1000000\r\n250 AUTH PLAIN LOGIN XOAUTH2\r\n",
        At::Auth => "235 2.7.0 welcome\r\n",
        At::Data => "354 go on\r\n",
        At::Quit => "221 bye\r\n",
        At::Dot => "250 2.0.0 queued as 42\r\n",
        At::Handshake | At::Mail | At::Rcpt | At::Body | At::Never => "250 fine\r\n",
    }
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: BufReader<S>,
    at: At,
    fault: Fault,
    body_bytes: &AtomicUsize,
    login: &Mutex<String>,
) {
    if !reply(&mut stream, At::Greeting, at, fault).await {
        return;
    }
    loop {
        let Some(line) = line(&mut stream).await else { return };
        let heard = match line.split([' ', ':']).next().unwrap().to_uppercase().as_str() {
            "EHLO" => At::Ehlo,
            "AUTH" => {
                login.lock().unwrap().clone_from(&line);
                At::Auth
            }
            "MAIL" => At::Mail,
            "RCPT" => At::Rcpt,
            "DATA" => At::Data,
            "QUIT" => At::Quit,
            "" if fault == Fault::Challenge => {
                write(&mut stream, b"535 5.7.8 no\r\n").await;
                continue;
            }
            other => panic!("the script does not know {other}"),
        };
        if !reply(&mut stream, heard, at, fault).await {
            return;
        }
        // A DATA that was not answered by 354 is followed by another command.
        let begins = heard == At::Data && at != At::Data;
        if begins && !body(&mut stream, at, fault, body_bytes).await {
            return;
        }
    }
}

/// Reads the body; answers after the dot. False when the line is cut.
async fn body<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufReader<S>,
    at: At,
    fault: Fault,
    body_bytes: &AtomicUsize,
) -> bool {
    let mut first = true;
    loop {
        let Some(line) = line(stream).await else { return false };
        if line == "." {
            break;
        }
        body_bytes.fetch_add(line.len() + 2, Ordering::SeqCst);
        if first && at == At::Body && !answer(stream, fault).await {
            return false;
        }
        first = false;
    }
    // Who answered in the middle of the body has answered.
    at == At::Body || reply(stream, At::Dot, at, fault).await
}

async fn line<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut BufReader<S>) -> Option<String> {
    let mut line = String::new();
    match stream.read_line(&mut line).await {
        Ok(n) if n > 0 => Some(line.trim_end_matches(['\r', '\n']).to_owned()),
        _ => None,
    }
}

/// The good reply or the fault; false when the line is cut.
async fn reply<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufReader<S>,
    heard: At,
    at: At,
    fault: Fault,
) -> bool {
    if heard == at {
        return answer(stream, fault).await;
    }
    write(stream, good_reply(heard).as_bytes()).await
}

async fn answer<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S, fault: Fault) -> bool {
    match fault {
        Fault::Temporary => write(stream, b"451 4.3.0 later, please\r\n").await,
        Fault::Permanent => write(stream, b"550 5.7.1 never\r\n").await,
        Fault::Garbage => write(stream, b"what do you mean?\r\n").await,
        Fault::Latin1 => write(stream, b"550 Empf\xE4nger unbekannt\r\n").await,
        Fault::Challenge => write(stream, b"334 eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIn0=\r\n").await,
        Fault::Reset | Fault::Close | Fault::Stall | Fault::Half => {
            break_off(stream, fault).await;
            false
        }
    }
}

async fn break_off<S: AsyncWrite + Unpin>(stream: &mut S, fault: Fault) {
    match fault {
        Fault::Stall => std::future::pending().await,
        Fault::Half => {
            write(stream, b"25").await;
        }
        Fault::Garbage => {
            write(stream, b"what do you mean?\r\n").await;
        }
        _ => {}
    }
}

async fn write<S: AsyncWrite + Unpin>(stream: &mut S, bytes: &[u8]) -> bool {
    stream.write_all(bytes).await.is_ok() && stream.flush().await.is_ok()
}

/// A server that speaks in clear: answers each line with the next of `replies`, whatever
/// it was; hands back what it heard.
pub async fn in_clear(replies: &'static [&'static str]) -> (u16, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = tokio::spawn(async move {
        let (tcp, _): (TcpStream, _) = listener.accept().await.unwrap();
        let mut stream = BufReader::new(tcp);
        let mut heard = String::new();
        for reply in replies {
            if !write(&mut stream, reply.as_bytes()).await {
                break;
            }
            let mut bytes = Vec::new();
            if stream.read_until(b'\n', &mut bytes).await.is_err() {
                break;
            }
            heard.push_str(&String::from_utf8_lossy(&bytes));
        }
        heard
    });
    (port, heard)
}
