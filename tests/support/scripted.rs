//! An IMAP server that follows a script: for faults that no real server can be made to show.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use super::certificates::{Authority, Validity};

/// No line of a script is waited for longer than this.
const PATIENCE: Duration = Duration::from_secs(20);

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// A server on 127.0.0.1 that plays one script for every connection.
pub struct Scripted {
    authority: Authority,
    /// Where it listens.
    pub port: u16,
    task: JoinHandle<()>,
}

/// The server's end of one connection.
pub struct Line {
    stream: Box<dyn Stream>,
    /// The number of this connection, from 0.
    pub number: usize,
}

impl Scripted {
    /// Implicit TLS; `None` when `openssl` is missing (see [`super::has`]).
    pub async fn tls<F, Play>(script: F) -> Option<Self>
    where
        F: Fn(Line) -> Play + Send + 'static,
        Play: Future<Output = ()> + Send + 'static,
    {
        Self::start(true, script).await
    }

    /// In the clear, for what happens before STARTTLS.
    pub async fn clear<F, Play>(script: F) -> Option<Self>
    where
        F: Fn(Line) -> Play + Send + 'static,
        Play: Future<Output = ()> + Send + 'static,
    {
        Self::start(false, script).await
    }

    async fn start<F, Play>(encrypted: bool, script: F) -> Option<Self>
    where
        F: Fn(Line) -> Play + Send + 'static,
        Play: Future<Output = ()> + Send + 'static,
    {
        if !super::has(&["openssl"]) {
            return None;
        }
        let authority = Authority::new();
        let acceptor = encrypted.then(|| acceptor(&authority));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let task = tokio::spawn(async move {
            for number in 0.. {
                let (tcp, _) = listener.accept().await.unwrap();
                // A single byte would wait for the acknowledgement of the one before.
                tcp.set_nodelay(true).unwrap();
                let Some(stream) = opened(acceptor.as_ref(), tcp).await else { continue };
                tokio::spawn(script(Line { stream, number }));
            }
        });
        Some(Scripted { authority, port, task })
    }

    /// The certificate authority, for a client's `ca_file`.
    pub fn ca_file(&self) -> PathBuf {
        self.authority.ca_file()
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn opened(acceptor: Option<&TlsAcceptor>, tcp: TcpStream) -> Option<Box<dyn Stream>> {
    match acceptor {
        Some(acceptor) => Some(Box::new(acceptor.accept(tcp).await.ok()?)),
        None => Some(Box::new(tcp)),
    }
}

fn acceptor(authority: &Authority) -> TlsAcceptor {
    let certificate = authority.issue("localhost", Validity::Now);
    let chain = CertificateDer::pem_file_iter(&certificate.cert).unwrap();
    let chain: Vec<_> = chain.map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_file(&certificate.key).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

impl Line {
    /// Sends text as it stands; a client that has left is none of the script's business.
    pub async fn say(&mut self, text: &str) {
        let _ = self.stream.write_all(text.as_bytes()).await;
        let _ = self.stream.flush().await;
    }

    /// Sends text byte by byte.
    pub async fn drip(&mut self, text: &str) {
        for byte in text.bytes() {
            tokio::time::sleep(Duration::from_millis(16)).await;
            let _ = self.stream.write_all(&[byte]).await;
            let _ = self.stream.flush().await;
        }
    }

    /// Closes the connection as TLS wants it; a script that merely ends cuts it.
    pub async fn close(&mut self) {
        let _ = self.stream.shutdown().await;
    }

    /// Reads one line; empty when the client has left.
    pub async fn hear(&mut self) -> String {
        let read = async {
            let mut line = Vec::new();
            loop {
                match self.stream.read_u8().await {
                    Ok(b'\n') | Err(_) => break line,
                    Ok(byte) => line.push(byte),
                }
            }
        };
        let line = tokio::time::timeout(PATIENCE, read).await.unwrap_or_default();
        String::from_utf8_lossy(&line).trim_end().to_owned()
    }

    /// Waits for a command that begins like this; its tag. Ends the script when the client
    /// has left or says something else.
    pub async fn expect(&mut self, command: &str) -> String {
        let line = self.hear().await;
        let (tag, rest) = line.split_once(' ').unwrap_or_default();
        assert!(rest.starts_with(command), "expected {command:?}, heard {line:?}");
        tag.to_owned()
    }

    /// Answers a command with untagged lines and OK.
    pub async fn answer(&mut self, command: &str, untagged: &str) {
        let tag = self.expect(command).await;
        self.say(&format!("{untagged}{tag} OK done\r\n")).await;
    }

    /// Greets and lets the client log in with any password.
    pub async fn login(&mut self, capabilities: &str) {
        self.say("* OK ready\r\n").await;
        let before = "* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n";
        self.answer("CAPABILITY", before).await;
        let tag = self.expect("AUTHENTICATE PLAIN").await;
        self.say("+ \r\n").await;
        self.hear().await;
        self.say(&format!("{tag} OK in\r\n")).await;
        self.answer("CAPABILITY", &format!("* CAPABILITY IMAP4rev1 {capabilities}\r\n")).await;
    }

    /// Lets the client list an INBOX and open it with so many messages.
    pub async fn open_inbox(&mut self, messages: u32) {
        self.answer("LIST", "* LIST () \"/\" INBOX\r\n").await;
        self.examine(messages).await;
    }

    /// Lets the client open a folder with so many messages.
    pub async fn examine(&mut self, messages: u32) {
        let tag = self.expect("EXAMINE").await;
        self.say(&format!(
            "* {messages} EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 99] ok\r\n\
             {tag} OK [READ-ONLY] open\r\n"
        ))
        .await;
    }
}
