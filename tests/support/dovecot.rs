//! A private Dovecot in a temporary directory, on free ports of 127.0.0.1.
//!
//! It speaks implicit TLS and STARTTLS with a certificate for `localhost`, keeps mail in
//! Maildirs, has a folder with the special use `\Sent`, and is gone when dropped.

use std::fs;
use std::io::Read;
use std::net::TcpStream;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::certificates::{Authority, Certificate, Validity};
use super::ports::free_port;

/// The password of every user.
pub const PASSWORD: &str = "s3cret-ünïcode";

/// The user and group that own the mail when Dovecot is started by root.
const MAIL_OWNER: u32 = 65534;

/// What may differ from one Dovecot to the next.
#[derive(Debug, Clone)]
pub struct Options {
    /// User names.
    pub users: Vec<String>,
    /// The capabilities announced after the login, instead of Dovecot's own.
    pub capabilities: Option<String>,
    /// The host name in the certificate.
    pub certificate_for: String,
    /// Whether the certificate is still good.
    pub validity: Validity,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            users: vec!["anna".to_owned()],
            capabilities: None,
            certificate_for: "localhost".to_owned(),
            validity: Validity::Now,
        }
    }
}

/// A running Dovecot.
#[derive(Debug)]
pub struct Dovecot {
    authority: Authority,
    /// The port of implicit TLS.
    pub imaps: u16,
    /// The port of STARTTLS.
    pub imap: u16,
    child: Option<Child>,
}

impl Dovecot {
    /// Starts one, or says why the test is skipped (see [`super::has`]).
    pub fn start(options: &Options) -> Option<Self> {
        if !super::has(&["dovecot", "openssl"]) {
            return None;
        }
        let authority = Authority::new();
        let certificate = authority.issue(&options.certificate_for, options.validity);
        let (imaps, imap) = (free_port(), free_port());
        let dir = authority.path();
        fs::set_permissions(dir, fs::Permissions::from_mode(0o755)).unwrap();
        let users: String =
            options.users.iter().map(|u| format!("{u}:{{PLAIN}}{PASSWORD}\n")).collect();
        fs::write(dir.join("users"), users).unwrap();
        let conf = configuration(dir, options, &certificate, imaps, imap);
        fs::write(dir.join("dovecot.conf"), conf).unwrap();
        for user in &options.users {
            make_maildir(&dir.join("mail").join(user));
        }
        let mut dovecot = Dovecot { authority, imaps, imap, child: None };
        dovecot.resume();
        Some(dovecot)
    }

    /// The certificate authority, for a client's `ca_file`.
    pub fn ca_file(&self) -> PathBuf {
        self.authority.ca_file()
    }

    /// Kills the server, connections and all; the mail stays.
    pub fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // The master ends its children on TERM, not on KILL.
            Command::new("kill").arg(child.id().to_string()).status().unwrap();
            child.wait().unwrap();
        }
    }

    /// Starts the stopped server again, on the same ports with the same mail.
    pub fn resume(&mut self) {
        let conf = self.path().join("dovecot.conf");
        let errors = fs::File::create(self.path().join("stderr.log")).unwrap();
        let child = Command::new(program("dovecot"))
            .args(["-F", "-c"])
            .arg(conf)
            .stdout(Stdio::null())
            .stderr(errors)
            .spawn()
            .unwrap();
        self.child = Some(child);
        let deadline = Instant::now() + Duration::from_secs(20);
        while !self.greets() {
            assert!(Instant::now() < deadline, "Dovecot does not come up:\n{}", self.log());
            std::thread::yield_now();
        }
    }

    fn greets(&self) -> bool {
        let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.imap)) else { return false };
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let mut greeting = [0; 4];
        stream.read_exact(&mut greeting).is_ok() && &greeting == b"* OK"
    }

    /// What the server logged.
    pub fn log(&self) -> String {
        ["stderr.log", "dovecot.log"]
            .map(|name| fs::read_to_string(self.path().join(name)).unwrap_or_default())
            .concat()
    }

    /// How often a login failed, so far as it is logged.
    pub fn failed_logins(&self) -> usize {
        self.log().lines().filter(|l| l.contains("Password mismatch")).count()
    }

    /// Puts a mail into a user's folder (`INBOX`, `Sent`, …), as a delivery agent does.
    pub fn deliver(&self, user: &str, folder: &str, mail: &[u8]) {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let maildir = self.maildir(user, folder);
        make_maildir(&maildir);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}.M{number:08}P{}.host", 1_700_000_000 + number, std::process::id());
        let (tmp, new) = (maildir.join("tmp").join(&name), maildir.join("new").join(&name));
        fs::write(&tmp, mail).unwrap();
        own(&tmp);
        fs::rename(tmp, new).unwrap();
    }

    /// The Maildir behind a folder.
    pub fn maildir(&self, user: &str, folder: &str) -> PathBuf {
        let home = self.path().join("mail").join(user);
        if folder == "INBOX" { home } else { home.join(format!(".{folder}")) }
    }

    /// Runs `doveadm` against this server; its output.
    pub fn doveadm(&self, arguments: &[&str]) -> String {
        let output = Command::new(program("doveadm"))
            .arg("-c")
            .arg(self.path().join("dovecot.conf"))
            .args(arguments)
            .output()
            .unwrap();
        let problem = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "doveadm {arguments:?}: {problem}\n{}", self.log());
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Everything about a user's mail that a client could have changed: folders, UIDs,
    /// flags, MODSEQ and content. Equal snapshots mean an untouched mailbox.
    pub fn snapshot(&self, user: &str) -> String {
        let fields = "mailbox uid guid flags modseq date.saved size.physical hdr body";
        let status = self.doveadm(&[
            "mailbox",
            "status",
            "-u",
            user,
            "messages uidnext uidvalidity unseen",
            "*",
        ]);
        status + &self.doveadm(&["fetch", "-u", user, fields, "mailbox", "*", "all"])
    }

    /// Another certificate of the same authority.
    pub fn issue(&self, host: &str, validity: Validity) -> Certificate {
        self.authority.issue(host, validity)
    }

    /// The directory that holds a Maildir for each user, named after the user.
    pub fn mail(&self) -> PathBuf {
        self.path().join("mail")
    }

    fn path(&self) -> &Path {
        self.authority.path()
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        self.stop();
    }
}

fn program(name: &str) -> PathBuf {
    let path = std::env::var("PATH").unwrap_or_default();
    path.split(':')
        .chain(["/usr/sbin"])
        .map(|place| Path::new(place).join(name))
        .find(|p| p.is_file())
        .unwrap()
}

fn started_by_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0)
}

fn own(path: &Path) {
    if started_by_root() {
        chown(path, Some(MAIL_OWNER), Some(MAIL_OWNER)).unwrap();
    }
}

fn make_maildir(path: &Path) {
    for part in ["", "cur", "new", "tmp"] {
        let part = path.join(part);
        if !part.is_dir() {
            fs::create_dir_all(&part).unwrap();
            own(&part);
        }
    }
}

fn configuration(
    dir: &Path,
    options: &Options,
    certificate: &Certificate,
    imaps: u16,
    imap: u16,
) -> String {
    let Certificate { cert, key } = certificate;
    let (dir, cert, key) = (dir.display(), cert.display(), key.display());
    let capabilities = match &options.capabilities {
        Some(list) => format!("protocol imap {{\n  imap_capability = {list}\n}}\n"),
        None => String::new(),
    };
    let id = |flag| {
        let output = Command::new("id").arg(flag).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let (uid, gid, who) = if started_by_root() {
        (MAIL_OWNER.to_string(), MAIL_OWNER.to_string(), String::new())
    } else {
        let (user, group) = (id("-un"), id("-gn"));
        let who = format!(
            "default_internal_user = {user}\ndefault_login_user = {user}\n\
             default_internal_group = {group}\nservice anvil {{\n  chroot =\n}}\n\
             service stats {{\n  chroot =\n}}\n"
        );
        (id("-u"), id("-g"), who)
    };
    format!(
        "protocols = imap\n\
         listen = 127.0.0.1\n\
         base_dir = {dir}/run\n\
         log_path = {dir}/dovecot.log\n\
         auth_verbose = yes\n\
         auth_failure_delay = 0\n\
         first_valid_uid = 1\n\
         first_valid_gid = 1\n\
         ssl = yes\n\
         ssl_cert = <{cert}\n\
         ssl_key = <{key}\n\
         disable_plaintext_auth = yes\n\
         auth_mechanisms = plain login\n\
         mail_location = maildir:{dir}/mail/%u\n\
         mailbox_idle_check_interval = 1 s\n\
         {who}\
         passdb {{\n  driver = passwd-file\n  args = {dir}/users\n}}\n\
         userdb {{\n  driver = static\n  args = uid={uid} gid={gid} home={dir}/home/%u\n}}\n\
         namespace inbox {{\n  inbox = yes\n  \
           mailbox Sent {{\n    special_use = \\Sent\n    auto = create\n  }}\n}}\n\
         service imap-login {{\n  chroot =\n  \
           inet_listener imap {{\n    port = {imap}\n  }}\n  \
           inet_listener imaps {{\n    port = {imaps}\n    ssl = yes\n  }}\n}}\n\
         {capabilities}"
    )
}
