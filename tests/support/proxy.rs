//! A man in the middle of an SMTP dialogue over TLS: passes every line on, stops at one that
//! was agreed on, and goes on when it is told to. So a story can pull the plug at exactly
//! that moment, with a real Postfix behind.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection, StreamOwned,
};

use super::certificates::Certificate;
use super::world::PATIENCE;

/// Where the proxy stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The client has connected; not a byte was exchanged.
    Connect,
    /// The client's command that begins so has not been passed on.
    Command(&'static str),
    /// The whole body with its dot has come; the server has not got the dot.
    Body,
    /// The server has taken the body; the client does not know.
    Answer,
    /// The client knows; QUIT has not been passed on.
    Quit,
}

#[derive(Debug, Default)]
struct State {
    stop: Option<Stop>,
    reached: bool,
    ending: Ending,
}

/// How a dialogue goes on from where it was stopped.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Ending {
    #[default]
    AsItIs,
    Cut,
    Says(&'static str),
}

/// The proxy; listens as long as the process lives.
pub struct Proxy {
    /// Where it listens, with implicit TLS, as `localhost`.
    pub port: u16,
    state: Arc<(Mutex<State>, Condvar)>,
    bodies: Arc<AtomicUsize>,
}

impl Proxy {
    /// Stands before the server on this port, which `ca_file` vouches for.
    pub fn start(server: u16, ca_file: &Path, own: &Certificate) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state: Arc<(Mutex<State>, Condvar)> = Arc::default();
        let bodies = Arc::new(AtomicUsize::new(0));
        let as_server = Arc::new(server_config(own));
        let as_client = Arc::new(client_config(ca_file));
        let proxy = Proxy { port, state: Arc::clone(&state), bodies: Arc::clone(&bodies) };
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let line = Dialogue {
                    state: Arc::clone(&state),
                    bodies: Arc::clone(&bodies),
                    server,
                    as_server: Arc::clone(&as_server),
                    as_client: Arc::clone(&as_client),
                };
                // A client that was killed ends its dialogue with an error.
                std::thread::spawn(move || drop(line.play(client.unwrap())));
            }
        });
        proxy
    }

    /// Stops the next dialogue there.
    pub fn stop_at(&self, stop: Stop) {
        *self.state.0.lock().unwrap() = State { stop: Some(stop), ..State::default() };
    }

    /// Waits until a dialogue has come there.
    pub fn until_stopped(&self) {
        let (state, changed) = &*self.state;
        let (_guard, waited) = changed
            .wait_timeout_while(state.lock().unwrap(), PATIENCE, |state| !state.reached)
            .unwrap();
        assert!(!waited.timed_out(), "no dialogue came to the agreed point");
    }

    /// Lets everything pass from now on.
    pub fn go_on(&self) {
        *self.state.0.lock().unwrap() = State::default();
        self.state.1.notify_all();
    }

    /// Cuts the stopped dialogue; later ones pass.
    pub fn cut(&self) {
        self.go_on_with(Ending::Cut);
    }

    /// Goes on with this answer in place of the server's, which has the mail
    /// ([`Stop::Answer`]) or never sees it ([`Stop::Body`]).
    pub fn answer_instead(&self, line: &'static str) {
        self.go_on_with(Ending::Says(line));
    }

    fn go_on_with(&self, ending: Ending) {
        *self.state.0.lock().unwrap() = State { ending, ..State::default() };
        self.state.1.notify_all();
    }

    /// How many bodies were given to the server.
    pub fn bodies(&self) -> usize {
        self.bodies.load(Ordering::SeqCst)
    }
}

struct Dialogue {
    state: Arc<(Mutex<State>, Condvar)>,
    bodies: Arc<AtomicUsize>,
    server: u16,
    as_server: Arc<ServerConfig>,
    as_client: Arc<ClientConfig>,
}

impl Dialogue {
    fn play(&self, client: TcpStream) -> io::Result<()> {
        self.pass(Stop::Connect)?;
        client.set_read_timeout(Some(PATIENCE))?;
        let server = TcpStream::connect(("127.0.0.1", self.server))?;
        server.set_read_timeout(Some(PATIENCE))?;
        let name = ServerName::try_from("localhost").map_err(io::Error::other)?;
        let session = ClientConnection::new(Arc::clone(&self.as_client), name);
        let session = session.map_err(io::Error::other)?;
        let mut server = BufReader::new(StreamOwned::new(session, server));
        let session = ServerConnection::new(Arc::clone(&self.as_server));
        let session = session.map_err(io::Error::other)?;
        let mut client = BufReader::new(StreamOwned::new(session, client));
        loop {
            let answer = reply(&mut server)?;
            say(client.get_mut(), &answer)?;
            if answer.starts_with(b"354") {
                let body = body(&mut client)?;
                if let Ending::Says(line) = self.pass(Stop::Body)? {
                    say(client.get_mut(), line.as_bytes())?;
                    return Ok(());
                }
                self.alive(&client)?;
                say(server.get_mut(), &body)?;
                self.bodies.fetch_add(1, Ordering::SeqCst);
                let answer = reply(&mut server)?;
                match self.pass(Stop::Answer)? {
                    Ending::Says(line) => say(client.get_mut(), line.as_bytes())?,
                    _ => say(client.get_mut(), &answer)?,
                }
            }
            let command = line(&mut client)?;
            let word = String::from_utf8_lossy(&command).to_uppercase();
            if word.starts_with("QUIT") {
                self.pass(Stop::Quit)?;
            }
            let stop = self.state.0.lock().unwrap().stop;
            if let Some(Stop::Command(begin)) = stop
                && word.starts_with(begin)
            {
                self.pass(Stop::Command(begin))?;
            }
            say(server.get_mut(), &command)?;
        }
    }

    /// Stops here if that was agreed on; an error when the line is to be cut.
    fn pass(&self, here: Stop) -> io::Result<Ending> {
        let (state, changed) = &*self.state;
        let mut state = state.lock().unwrap();
        if state.stop != Some(here) {
            return Ok(Ending::AsItIs);
        }
        state.reached = true;
        changed.notify_all();
        let waited = changed.wait_timeout_while(state, PATIENCE, |state| state.stop.is_some());
        let ending = std::mem::take(&mut waited.unwrap().0.ending);
        match ending {
            Ending::Cut => Err(io::ErrorKind::ConnectionAborted.into()),
            other => Ok(other),
        }
    }

    /// A client that is gone cannot have its body passed on: the connection would have been
    /// cut where the proxy stands.
    fn alive<S: Tcp>(&self, client: &BufReader<S>) -> io::Result<()> {
        let tcp = client.get_ref().tcp();
        tcp.set_read_timeout(Some(Duration::from_millis(50)))?;
        let gone = matches!(tcp.peek(&mut [0]), Ok(0));
        tcp.set_read_timeout(Some(PATIENCE))?;
        if gone { Err(io::ErrorKind::ConnectionReset.into()) } else { Ok(()) }
    }
}

trait Tcp {
    fn tcp(&self) -> &TcpStream;
}

impl Tcp for StreamOwned<ServerConnection, TcpStream> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref()
    }
}

fn say(to: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    to.write_all(bytes)?;
    to.flush()
}

fn line(from: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    from.read_until(b'\n', &mut line)?;
    if line.is_empty() { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(line) }
}

/// An answer with all its lines.
fn reply(server: &mut BufReader<impl Read>) -> io::Result<Vec<u8>> {
    let mut reply = Vec::new();
    loop {
        let next = line(server)?;
        reply.extend_from_slice(&next);
        if next.get(3) != Some(&b'-') {
            return Ok(reply);
        }
    }
}

/// The body with its dot.
fn body(client: &mut BufReader<impl Read>) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let next = line(client)?;
        body.extend_from_slice(&next);
        if next == b".\r\n" {
            return Ok(body);
        }
    }
}

fn server_config(own: &Certificate) -> ServerConfig {
    let chain = CertificateDer::pem_file_iter(&own.cert).unwrap();
    let chain = chain.collect::<Result<Vec<_>, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_file(&own.key).unwrap();
    ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap()
}

fn client_config(ca_file: &Path) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(ca_file).unwrap() {
        roots.add(certificate.unwrap()).unwrap();
    }
    ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}
