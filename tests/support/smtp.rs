//! A scripted SMTP server, for the faults that a real one cannot be made to show.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{
    AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader, DuplexStream,
};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::certificates::Certificate;

/// The moment of the fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// The connection, in place of the TLS handshake.
    Handshake,
    Greeting,
    Ehlo,
    /// STARTTLS, or the handshake that follows; the server listens in clear then.
    StartTls,
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
    /// One byte at a time: of the answer, or, in the body, of what is read.
    Drip,
    /// A fatal TLS alert.
    Alert,
    /// Half a reply, then the end.
    Half,
    /// A reply in Latin-1.
    Latin1,
    /// A challenge with the reason as JSON, and the refusal after an empty answer.
    Challenge,
}

/// Between two bytes of [`Fault::Drip`]: with the time limits of a test, which are a
/// hundredth of the real ones, it stands for one byte a second.
const DRIP: Duration = Duration::from_millis(10);

/// A server whose first connection has a fault; all is well with later ones.
pub struct Scripted {
    pub port: u16,
    heard: Arc<Heard>,
}

#[derive(Default)]
struct Heard {
    away: AtomicBool,
    bodies: AtomicUsize,
    body_bytes: AtomicUsize,
    farewells: AtomicUsize,
    login: Mutex<String>,
}

impl Scripted {
    /// Listens with implicit TLS, or in clear for [`At::StartTls`].
    pub async fn start(issued: &Certificate, at: At, fault: Fault) -> Scripted {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::<Heard>::default();
        let server = Scripted { port, heard: Arc::clone(&heard) };
        let acceptor = acceptor(issued);
        let in_clear = at == At::StartTls;
        tokio::spawn(async move {
            for number in 0.. {
                let Ok((tcp, _)) = listener.accept().await else { return };
                if heard.away.load(Ordering::SeqCst) {
                    continue;
                }
                let at = if number == 0 { at } else { At::Never };
                // A single byte would wait for the acknowledgement of the one before.
                tcp.set_nodelay(true).unwrap();
                let (acceptor, heard) = (acceptor.clone(), Arc::clone(&heard));
                tokio::spawn(async move {
                    let talk = Talk { at, fault, heard };
                    if in_clear {
                        talk.in_clear(tcp, acceptor).await
                    } else {
                        talk.encrypted(tcp, acceptor).await
                    }
                });
            }
        });
        server
    }

    /// The line by which the client logged in.
    pub fn login(&self) -> String {
        self.heard.login.lock().unwrap().clone()
    }

    /// Bytes of the body that arrived.
    pub fn body_bytes(&self) -> usize {
        self.heard.body_bytes.load(Ordering::SeqCst)
    }

    /// How often QUIT was said, in all connections.
    pub fn farewells(&self) -> usize {
        self.heard.farewells.load(Ordering::SeqCst)
    }

    /// From now on nobody is there, or somebody is again.
    pub fn set_away(&self, away: bool) {
        self.heard.away.store(away, Ordering::SeqCst);
    }

    /// Bodies that were begun, in all connections.
    pub fn bodies(&self) -> usize {
        self.heard.bodies.load(Ordering::SeqCst)
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
        At::StartTls => "220 2.0.0 go ahead\r\n",
        At::Quit => "221 bye\r\n",
        At::Dot => "250 2.0.0 queued as 42\r\n",
        At::Handshake | At::Mail | At::Rcpt | At::Body | At::Never => "250 fine\r\n",
    }
}

/// A line to the client on which a TLS alert can be sent.
trait Channel: AsyncRead + AsyncWrite + Unpin {
    async fn alert(&mut self);
}

impl Channel for TcpStream {
    async fn alert(&mut self) {
        // Fatal, handshake_failure (RFC 8446 section 6).
        write(self, b"\x15\x03\x03\x00\x02\x02\x28").await;
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> Channel for TlsStream<T> {
    async fn alert(&mut self) {
        // A record that nobody encrypted: the session answers it with bad_record_mac.
        let session = self.get_mut().1;
        session
            .read_tls(&mut &b"\x17\x03\x03\x00\x20nobody has encrypted this record"[..])
            .unwrap();
        session.process_new_packets().unwrap_err();
        let _ = self.flush().await;
    }
}

/// One connection: when what goes wrong, and what is heard.
struct Talk {
    at: At,
    fault: Fault,
    heard: Arc<Heard>,
}

impl Talk {
    async fn encrypted(&self, mut tcp: TcpStream, acceptor: TlsAcceptor) {
        self.arm(&tcp);
        if self.at == At::Handshake && self.fault == Fault::Drip {
            // Nobody waits for the end of such a handshake.
            let _ = acceptor.accept(dripping(tcp)).await;
        } else if self.at == At::Handshake {
            self.answer(&mut tcp).await;
        } else if let Ok(stream) = acceptor.accept(tcp).await {
            let mut stream = BufReader::new(stream);
            if self.reply(&mut stream, At::Greeting).await {
                self.serve(&mut stream).await;
            }
        }
    }

    async fn in_clear(&self, tcp: TcpStream, acceptor: TlsAcceptor) {
        self.arm(&tcp);
        let mut stream = BufReader::new(tcp);
        write(&mut stream, good_reply(At::Greeting).as_bytes()).await;
        line(&mut stream).await;
        write(&mut stream, b"250-mail.test.example\r\n250 STARTTLS\r\n").await;
        let asked = line(&mut stream).await;
        if asked.as_deref() != Some("STARTTLS") {
            return;
        }
        if self.at == At::StartTls && self.fault == Fault::Alert {
            write(&mut stream, good_reply(At::StartTls).as_bytes()).await;
            stream.get_mut().alert().await;
            return;
        }
        let failed = self.at == At::StartTls && self.fault != Fault::Drip;
        if self.reply(&mut stream, At::StartTls).await
            && !failed
            && let Ok(stream) = acceptor.accept(stream.into_inner()).await
        {
            self.serve(&mut BufReader::new(stream)).await;
        }
    }

    /// An end without a farewell: RST in place of FIN.
    fn arm(&self, tcp: &TcpStream) {
        if self.fault == Fault::Reset && self.at != At::Never {
            socket2::SockRef::from(tcp).set_linger(Some(Duration::ZERO)).unwrap();
        }
    }

    async fn serve<S: Channel>(&self, stream: &mut BufReader<S>) {
        loop {
            let Some(line) = line(stream).await else { return };
            let heard = match line.split([' ', ':']).next().unwrap().to_uppercase().as_str() {
                "EHLO" => At::Ehlo,
                "AUTH" => {
                    self.heard.login.lock().unwrap().clone_from(&line);
                    At::Auth
                }
                "MAIL" => At::Mail,
                "RCPT" => At::Rcpt,
                "DATA" => At::Data,
                "QUIT" => {
                    self.heard.farewells.fetch_add(1, Ordering::SeqCst);
                    At::Quit
                }
                "" if self.fault == Fault::Challenge => {
                    write(stream, b"535 5.7.8 no\r\n").await;
                    continue;
                }
                other => panic!("the script does not know {other}"),
            };
            // A DATA that was not answered by 354 is followed by another command.
            let dripped = self.fault == Fault::Drip;
            let begins = heard == At::Data && (self.at != At::Data || dripped);
            if !self.reply(stream, heard).await || begins && !self.body(stream).await {
                return;
            }
        }
    }

    /// Reads the body; answers after the dot. False when the line is cut.
    async fn body<S: Channel>(&self, stream: &mut BufReader<S>) -> bool {
        self.heard.bodies.fetch_add(1, Ordering::SeqCst);
        let mut first = true;
        let slowly = self.at == At::Body && self.fault == Fault::Drip;
        loop {
            let Some(line) = line(stream).await else { return false };
            if slowly {
                tokio::time::sleep(DRIP * (line.len() as u32 + 2)).await;
            }
            if line == "." {
                break;
            }
            self.heard.body_bytes.fetch_add(line.len() + 2, Ordering::SeqCst);
            if first && self.at == At::Body && !slowly && !self.answer(stream.get_mut()).await {
                return false;
            }
            first = false;
        }
        // Who answered in the middle of the body has answered.
        self.at == At::Body && !slowly || self.reply(stream, At::Dot).await
    }

    /// The good reply or the fault; false when the line is cut.
    async fn reply<S: Channel>(&self, stream: &mut BufReader<S>, heard: At) -> bool {
        if heard != self.at {
            return write(stream, good_reply(heard).as_bytes()).await;
        }
        if self.fault == Fault::Drip {
            return drip(stream, good_reply(heard).as_bytes()).await;
        }
        self.answer(stream.get_mut()).await
    }

    async fn answer<S: Channel>(&self, stream: &mut S) -> bool {
        let line: &[u8] = match self.fault {
            Fault::Temporary => b"451 4.3.0 later, please\r\n",
            Fault::Permanent => b"550 5.7.1 never\r\n",
            Fault::Garbage => b"what do you mean?\r\n",
            Fault::Latin1 => b"550 Empf\xE4nger unbekannt\r\n",
            Fault::Challenge => b"334 eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIn0=\r\n",
            Fault::Stall => std::future::pending().await,
            Fault::Half => {
                write(stream, b"25").await;
                return false;
            }
            Fault::Alert => {
                stream.alert().await;
                return false;
            }
            Fault::Reset | Fault::Close | Fault::Drip => return false,
        };
        write(stream, line).await
    }
}

/// What is written to it goes on byte by byte.
fn dripping(tcp: TcpStream) -> DuplexStream {
    let (near, far) = tokio::io::duplex(64 * 1024);
    let (mut from, mut to) = tcp.into_split();
    let (mut answers, mut questions) = tokio::io::split(near);
    tokio::spawn(async move { tokio::io::copy(&mut from, &mut questions).await });
    tokio::spawn(async move {
        while let Ok(byte) = answers.read_u8().await {
            if !drip(&mut to, &[byte]).await {
                return;
            }
        }
    });
    far
}

async fn drip<S: AsyncWrite + Unpin>(stream: &mut S, bytes: &[u8]) -> bool {
    for byte in bytes {
        tokio::time::sleep(DRIP).await;
        if !write(stream, &[*byte]).await {
            return false;
        }
    }
    true
}

async fn line<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut BufReader<S>) -> Option<String> {
    let mut line = String::new();
    match stream.read_line(&mut line).await {
        Ok(n) if n > 0 => Some(line.trim_end_matches(['\r', '\n']).to_owned()),
        _ => None,
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
