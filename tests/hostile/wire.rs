//! Servers that would like to be believed: encryption of long ago, a certificate that signs
//! itself, a mail of a gigabyte. `tests/source` and `tests/send.rs` have the other
//! certificates and STARTTLS.

use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use regards::source::MESSAGE_READ_MAX;
use regards::source::imap::ImapError;

use crate::source::recorder::{Recorder, run_once, settings};
use crate::support::ports::free_port;
use crate::support::scripted::Scripted;
use crate::support::world::PATIENCE;
use crate::support::{has, wait_until};

/// A server of the `openssl` command with a certificate that it signed itself.
struct Own {
    child: Child,
    port: u16,
}

impl Own {
    /// `authority` is what the certificate says of itself: CA:TRUE or CA:FALSE.
    fn start(dir: &Path, authority: &str, more: &[&str]) -> Own {
        let (key, cert) = (dir.join("own.key"), dir.join("own.pem"));
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"])
            .args(["-addext", "subjectAltName=DNS:localhost", "-days", "30"])
            .args(["-addext", &format!("basicConstraints=critical,{authority}")])
            .args([Path::new("-keyout"), &key, Path::new("-out"), &cert])
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let port = free_port();
        let child = Command::new("openssl")
            .args(["s_server", "-quiet", "-accept", &port.to_string()])
            .args([Path::new("-key"), &key, Path::new("-cert"), &cert])
            .args(more)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        wait_until("it listens", PATIENCE, || {
            std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        Own { child, port }
    }

    /// Whoever comes over the handshake hears this.
    fn says(&mut self, words: &str) {
        self.child.stdin.as_mut().unwrap().write_all(words.as_bytes()).unwrap();
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What reading mail there ends with.
async fn reading(server: &Own, ca_file: &Path) -> ImapError {
    let settings = settings(server.port, ca_file.to_owned());
    run_once(settings, "pw", &Recorder::new()).await.unwrap_err()
}

/// What the program says that would send there.
fn sending(server: &Own, ca_file: &Path) -> String {
    let world = crate::support::world::World::local();
    let config = format!(
        "name = 'Alex'\n[account.main]\naddresses = ['alex@applicant.example']\n\
         maildir = {{ path = 'Maildir' }}\n[account.main.send]\nhost = 'localhost'\nport = {}\n\
         ca_file = '{}'\nlogin = 'alex'\nsecret = {{ file = 'smtp.secret' }}\n",
        server.port,
        ca_file.display()
    );
    world.write_private(".config/regards/config.toml", &config);
    world.write_private(".config/regards/smtp.secret", "canary-password");
    let ran = world.cli(&["check"]);
    format!("{}{}", ran.stdout, ran.stderr)
}

#[tokio::test(flavor = "multi_thread")]
async fn encryption_of_long_ago_is_refused_by_both_sides() {
    if !has(&["openssl"]) {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let long_ago = ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"];
    let server = Own::start(dir.path(), "CA:FALSE", &long_ago);
    let own = dir.path().join("own.pem");
    let error = reading(&server, &own).await;
    assert!(matches!(error, ImapError::Tls { .. }), "{error:?}");
    let said = sending(&server, &own);
    assert!(said.contains("ended the TLS handshake (ProtocolVersion)"), "{said}");
    assert!(!said.contains("canary"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_signs_itself_is_believed_only_when_it_is_named() {
    if !has(&["openssl"]) {
        return;
    }
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut server = Own::start(dir.path(), "CA:FALSE", &[]);
    let authority = Own::start(other.path(), "CA:TRUE", &[]);
    let (named, stranger) = (dir.path().join("own.pem"), other.path().join("own.pem"));
    let error = reading(&server, &stranger).await;
    assert!(matches!(error, ImapError::Tls { .. }), "{error:?}");
    assert!(error.to_string().contains("certificate of localhost"), "{error}");
    let said = sending(&server, &stranger);
    assert!(said.contains("the server shows a certificate"), "{said}");
    server.says("* BYE not today\r\n");
    let error = reading(&server, &named).await;
    assert!(matches!(error, ImapError::Bye { .. }), "over the handshake: {error:?}");
    // One that could sign others is no server's, whoever names it.
    let error = reading(&authority, &stranger).await;
    assert!(error.to_string().contains("certificate of an authority"), "{error}");
    let said = sending(&authority, &stranger);
    assert!(said.contains("make one with CA:FALSE"), "{said}");
}

/// What a script was asked for: the bytes of a partial FETCH, from its `<offset.count>`.
fn asked(command: &str) -> Option<(u64, u64)> {
    let (_, partial) = command.split_once("BODY.PEEK[]<")?;
    let (offset, count) = partial.split_once('>')?.0.split_once('.')?;
    Some((offset.parse().ok()?, count.parse().ok()?))
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_mail_of_a_gigabyte_on_a_server_two_mebibytes_are_fetched() {
    let served = Arc::new(AtomicU64::new(0));
    let count_up = Arc::clone(&served);
    let server = Scripted::tls(move |mut line| {
        let served = Arc::clone(&count_up);
        async move {
            line.login("").await;
            line.open_inbox(1).await;
            line.answer("UID SEARCH", "* SEARCH 5\r\n").await;
            loop {
                let command = line.hear().await;
                let tag = command.split(' ').next().unwrap().to_owned();
                let Some((offset, count)) = asked(&command) else { break };
                served.fetch_add(count, Ordering::SeqCst);
                let text = "A: b\r\n".repeat(usize::try_from(count).unwrap() / 6 + 1);
                let text = &text[..usize::try_from(count).unwrap()];
                line.say(&format!(
                    "* 1 FETCH (UID 5 RFC822.SIZE 1073741824 BODY[]<{offset}> {{{count}}}\r\n\
                     {text})\r\n{tag} OK done\r\n"
                ))
                .await;
            }
        }
    });
    let Some(server) = server.await else { return };
    let hungry = Recorder::new();
    hungry.content.store(false, Ordering::Relaxed);
    // The script ends at LOGOUT, which it does not know.
    let _ = run_once(settings(server.port, server.ca_file()), "pw", &hungry).await;
    let record = hungry.record();
    let raw = record.messages.values().next().expect("the mail was admitted");
    assert_eq!((raw.bytes.len(), raw.complete, raw.size), (MESSAGE_READ_MAX, false, 1 << 30));
    let served = usize::try_from(served.load(Ordering::SeqCst)).unwrap();
    assert!(served <= 2 * 1024 * 1024, "{served} bytes were asked for");
}
