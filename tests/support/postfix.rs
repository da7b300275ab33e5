//! A private Postfix: a submission server with STARTTLS and one with implicit TLS, logins
//! checked by a private Dovecot `auth`, mail delivered into Maildirs that can be read.
//!
//! It needs root (Postfix changes users), no systemd, no syslog.

use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::certificates::Certificate;
use super::ports::free_port;

/// Every login has it.
pub const PASSWORD: &str = "correct-horse";

/// The user and group `nobody`/`nogroup`, who owns the Maildirs.
const MAIL_OWNER: u32 = 65534;

/// Starting takes a second or three on a busy machine.
const START_LIMIT: Duration = Duration::from_secs(60);

/// A running server; stopped when dropped.
pub struct Postfix {
    dir: TempDir,
    /// Below it lies a Maildir for each mailbox, named after it.
    mail: PathBuf,
    /// Implicit TLS.
    pub smtps: u16,
    /// STARTTLS.
    pub submission: u16,
}

impl Postfix {
    /// Starts one with these mailboxes; `Err` tells what the machine lacks.
    pub fn start(mailboxes: &[&str], certificate: &Certificate) -> Result<Postfix, String> {
        let dir = TempDir::new().unwrap();
        let mail = dir.path().join("mail");
        std::fs::create_dir(&mail).unwrap();
        Postfix::run_in(dir, mail, mailboxes, certificate)
    }

    /// Starts one that delivers into another server's Maildirs below `mail`.
    pub fn start_into(
        mail: &Path,
        mailboxes: &[&str],
        certificate: &Certificate,
    ) -> Result<Postfix, String> {
        Postfix::run_in(TempDir::new().unwrap(), mail.to_owned(), mailboxes, certificate)
    }

    fn run_in(
        dir: TempDir,
        mail: PathBuf,
        mailboxes: &[&str],
        certificate: &Certificate,
    ) -> Result<Postfix, String> {
        for (program, flag) in [("postfix", "-h"), ("dovecot", "--version")] {
            let found = Command::new(program).arg(flag).output();
            found.map_err(|_| format!("the {program} command"))?;
        }
        if !is_root() {
            return Err("root, which Postfix needs to start,".to_owned());
        }
        let postfix = Postfix { dir, mail, smtps: free_port(), submission: free_port() };
        postfix.write_files(mailboxes, certificate);
        postfix.run("dovecot", &["-c", "DIR/etc/dovecot.conf"]);
        postfix.run("postfix", &["-c", "DIR/etc", "start"]);
        let deadline = Instant::now() + START_LIMIT;
        let ports = [postfix.smtps, postfix.submission];
        while ports.iter().any(|port| std::net::TcpStream::connect(("127.0.0.1", *port)).is_err())
            || !postfix.path("queue/auth").exists()
        {
            assert!(Instant::now() < deadline, "Postfix did not start:\n{}", postfix.log());
            std::thread::yield_now();
        }
        Ok(postfix)
    }

    /// What it wrote about its work.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.path("mail.log")).unwrap_or_default()
    }

    /// What this user handed over is delivered or given up: no dialogue of theirs is open, and
    /// the queue has nothing of it.
    pub fn is_done_with(&self, login: &str) -> bool {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        let theirs = format!("sasl_username={login}");
        let mut handed = lines.iter().enumerate().filter(|(_, line)| line.ends_with(&theirs));
        handed.all(|(at, line)| {
            // "… postfix/smtpd[4711]: 3F2A1: client=…"
            let mut words = line.split(' ').skip_while(|word| !word.contains("/smtpd["));
            let (server, id) = (words.next().unwrap(), words.next().unwrap());
            let over = format!("{server} disconnect from");
            let queued = ["incoming", "active", "deferred", "maildrop"].iter().any(|queue| {
                self.path(&format!("queue/{queue}")).join(id.trim_end_matches(':')).exists()
            });
            !queued && lines[at..].iter().any(|line| line.contains(&over))
        })
    }

    /// The mails in a mailbox, as they were delivered.
    pub fn mails(&self, mailbox: &str) -> Vec<PathBuf> {
        let Ok(entries) = std::fs::read_dir(self.maildir(mailbox).join("new")) else {
            return Vec::new();
        };
        entries.map(|entry| entry.unwrap().path()).collect()
    }

    /// Waits until a mailbox holds so many mails.
    pub fn wait_for_mails(&self, mailbox: &str, count: usize) -> Vec<PathBuf> {
        let deadline = Instant::now() + START_LIMIT;
        loop {
            let mails = self.mails(mailbox);
            if mails.len() >= count {
                return mails;
            }
            assert!(Instant::now() < deadline, "{count} mails did not come:\n{}", self.log());
            std::thread::yield_now();
        }
    }

    /// The Maildir of a mailbox.
    pub fn maildir(&self, mailbox: &str) -> PathBuf {
        self.mail.join(mailbox)
    }

    fn path(&self, below: &str) -> PathBuf {
        self.dir.path().join(below)
    }

    fn text(&self, text: &str) -> String {
        text.replace("DIR", self.dir.path().to_str().unwrap())
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let status = Command::new(program)
            .args(arguments.iter().map(|argument| self.text(argument)))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap();
        assert!(status.success(), "{program} did not start:\n{}", self.log());
    }

    fn write_files(&self, mailboxes: &[&str], certificate: &Certificate) {
        for below in ["etc", "queue", "data"] {
            std::fs::create_dir(self.path(below)).unwrap();
        }
        // Its processes run as other users and walk through here.
        open_to_all(self.dir.path());
        chown(&self.mail, Some(MAIL_OWNER), Some(MAIL_OWNER)).unwrap();
        chown(self.path("data"), Some(number_of("postfix")), None).unwrap();
        let mut domains: Vec<&str> = mailboxes
            .iter()
            .filter_map(|it| it.split_once('@'))
            .map(|(_, domain)| domain)
            .collect();
        domains.sort_unstable();
        domains.dedup();
        let chain = [&certificate.key, &certificate.cert].map(|it| std::fs::read(it).unwrap());
        std::fs::write(self.path("etc/chain.pem"), chain.concat()).unwrap();
        let table: String = mailboxes.iter().map(|it| format!("{it} {it}/\n")).collect();
        let main = self.text(MAIN).replace("DOMAINS", &domains.join(", "));
        let main = main.replace("MAILBASE", self.mail.to_str().unwrap());
        let master = MASTER
            .replace("SMTPS", &self.smtps.to_string())
            .replace("SUBMISSION", &self.submission.to_string());
        for (name, text) in [
            ("etc/main.cf", main),
            ("etc/master.cf", master),
            ("etc/mailboxes", table),
            // Taken at first and given back later, as big providers do.
            ("etc/gone", "/^gone@/ nobody@gone.example\n".to_owned()),
            ("etc/dovecot.conf", self.text(DOVECOT).replace("PASSWORD", PASSWORD)),
        ] {
            std::fs::write(self.path(name), text).unwrap();
        }
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        for (program, arguments) in [
            ("postfix", ["-c", "DIR/etc", "abort"]),
            ("doveadm", ["-c", "DIR/etc/dovecot.conf", "stop"]),
        ] {
            let _ = Command::new(program)
                .args(arguments.map(|argument| self.text(argument)))
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
        }
    }
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn number_of(user: &str) -> u32 {
    let output = Command::new("id").args(["-u", user]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

fn open_to_all(dir: &Path) {
    std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o755)).unwrap();
}

const MAIN: &str = "\
compatibility_level = 3.6
queue_directory = DIR/queue
data_directory = DIR/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = DIR/mail.log
maillog_file_prefixes = DIR
myhostname = mail.test.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
local_recipient_maps =
alias_maps =
virtual_mailbox_domains = DOMAINS
virtual_mailbox_base = MAILBASE
virtual_mailbox_maps = texthash:DIR/etc/mailboxes
virtual_alias_maps = regexp:DIR/etc/gone
transport_maps = inline:{ { gone.example = error:5.1.1 nobody of this name works here } }
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
smtpd_tls_chain_files = DIR/etc/chain.pem
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = auth
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = reject_unlisted_recipient, permit_sasl_authenticated, reject
smtpd_client_connection_rate_limit = 0
";

const MASTER: &str = "\
127.0.0.1:SMTPS inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
127.0.0.1:SUBMISSION inet n - n - - smtpd -o smtpd_tls_security_level=encrypt
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
tlsmgr unix - - n 1000? 1 tlsmgr
proxymap unix - - n - - proxymap
virtual unix - n n - - virtual
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
";

const DOVECOT: &str = "\
base_dir = DIR/dovecot
state_dir = DIR/dovecot
log_path = DIR/dovecot.log
protocols =
ssl = no
auth_mechanisms = plain login
auth_failure_delay = 0
passdb {
  driver = static
  args = password=PASSWORD
}
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service auth {
  unix_listener DIR/queue/auth {
    mode = 0666
  }
}
";
