//! A whole world for one story: an applicant with a configuration, a home directory and a
//! mailbox, the real program as daemon and as commands, each a process of its own, and,
//! where a story needs them, a real Dovecot and a real Postfix with a recruiter behind them.
//!
//! The servers are shared by the stories that run at the same time; each story has an
//! applicant and a recruiter of its own there.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use super::certificates::Validity;
use super::dovecot::{self, Dovecot, Options};
use super::postfix::{self, Postfix};
pub use super::process::{Daemon, Ran};

/// How long anything may take on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// So many stories can share the servers.
const STORIES_MAX: usize = 80;

/// A Dovecot with all mailboxes and a Postfix that delivers into them.
pub struct Servers {
    /// IMAP; the mailboxes.
    pub dovecot: Dovecot,
    /// Submission and delivery.
    pub postfix: Postfix,
    stories: AtomicUsize,
}

impl Servers {
    /// The servers of the stories that run just now; `None`, said why, where they cannot be.
    pub fn shared() -> Option<Arc<Servers>> {
        static RUNNING: Mutex<Weak<Servers>> = Mutex::new(Weak::new());
        let mut running = RUNNING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(servers) = running.upgrade() {
            return Some(servers);
        }
        let servers = Arc::new(Servers::start()?);
        *running = Arc::downgrade(&servers);
        Some(servers)
    }

    /// Servers of its own for a story that breaks them.
    pub fn start() -> Option<Servers> {
        let users: Vec<String> =
            (0..STORIES_MAX).flat_map(|number| [applicant(number), recruiter(number)]).collect();
        let dovecot = Dovecot::start(&Options { users: users.clone(), ..Options::default() })?;
        let mailboxes: Vec<&str> = users.iter().map(String::as_str).collect();
        let certificate = dovecot.issue("localhost", Validity::Now);
        match Postfix::start_into(&dovecot.mail(), &mailboxes, &certificate) {
            Ok(postfix) => Some(Servers { dovecot, postfix, stories: AtomicUsize::new(0) }),
            Err(what) => {
                super::missing(&what);
                None
            }
        }
    }
}

fn applicant(number: usize) -> String {
    format!("alex{number}@applicant.example")
}

fn recruiter(number: usize) -> String {
    format!("nora{number}@firm{number}.example")
}

/// One applicant's machine.
pub struct World {
    home: TempDir,
    servers: Option<Arc<Servers>>,
    number: usize,
    config: toml::Table,
    fake: Option<String>,
}

impl World {
    /// An applicant with a mailbox at Dovecot and submission at Postfix, account `main`;
    /// `None`, said why, without the servers.
    pub fn with_servers() -> Option<World> {
        Some(World::at(Servers::shared()?))
    }

    /// The same at these servers.
    pub fn at(servers: Arc<Servers>) -> World {
        let number = servers.stories.fetch_add(1, Ordering::SeqCst);
        assert!(number < STORIES_MAX, "more stories than STORIES_MAX");
        World::new(Some(servers), number)
    }

    /// An applicant with a local Maildir (`Maildir` in the home directory) and the folder
    /// `out` as the way out, account `main`.
    pub fn local() -> World {
        World::new(None, 0)
    }

    /// Another machine of the same applicant: own home, own database, same mailbox.
    pub fn second_machine(&self) -> World {
        let mut other = World::new(self.servers.clone(), self.number);
        other.config = self.config.clone();
        other.write_config();
        other
    }

    fn new(servers: Option<Arc<Servers>>, number: usize) -> World {
        let home = tempfile::Builder::new().prefix("rg").tempdir().unwrap();
        let mut world = World { home, servers, number, config: toml::Table::new(), fake: None };
        let mut text = format!(
            "name = 'Alex Morgan'\n\
             [cooling]\nafter_form = '1s'\nafter_talks = '1s'\nafter_rescinded = '1s'\n\
             office_hours = '00:00-24:00'\n\
             working_days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']\n\
             [sending]\ndelay = '0s'\n\
             [account.main]\naddresses = ['Alex Morgan <{}>']\n",
            world.applicant()
        );
        match &world.servers {
            Some(servers) => {
                let (dovecot, postfix) = (&servers.dovecot, &servers.postfix);
                let ca = dovecot.ca_file();
                text.push_str(&format!(
                    "[account.main.imap]\nhost = 'localhost'\nport = {}\nca_file = '{}'\n\
                     login = '{}'\nsecret = {{ file = '{}' }}\n\
                     [account.main.send]\nhost = 'localhost'\nport = {}\n\
                     secret = {{ file = '{}' }}\nsent_copy = 'none'\n",
                    dovecot.imaps,
                    ca.display(),
                    world.applicant(),
                    world.path("imap.secret").display(),
                    postfix.smtps,
                    world.path("smtp.secret").display(),
                ));
                world.write_private("imap.secret", dovecot::PASSWORD);
                world.write_private("smtp.secret", postfix::PASSWORD);
            }
            None => {
                for below in ["Maildir/cur", "Maildir/new", "Maildir/tmp", "out"] {
                    fs::create_dir_all(world.path(below)).unwrap();
                }
                text.push_str(&format!(
                    "maildir = {{ path = '{}' }}\n\
                     send = {{ transport = 'folder', path = '{}', sent_copy = 'none' }}\n",
                    world.path("Maildir").display(),
                    world.path("out").display(),
                ));
            }
        }
        world.config = text.parse().unwrap();
        world.write_config();
        world
    }

    /// A path below the home directory.
    pub fn path(&self, below: &str) -> PathBuf {
        self.home.path().join(below)
    }

    /// The configuration file.
    pub fn config_file(&self) -> PathBuf {
        self.path(".config/regards/config.toml")
    }

    /// The state directory.
    pub fn state_dir(&self) -> PathBuf {
        self.path(".local/state/regards")
    }

    /// The servers.
    ///
    /// # Panics
    /// In a local world.
    pub fn servers(&self) -> &Servers {
        self.servers.as_ref().expect("a world with servers")
    }

    /// The applicant's address and login.
    pub fn applicant(&self) -> String {
        applicant(self.number)
    }

    /// The recruiter's address.
    pub fn recruiter(&self) -> String {
        recruiter(self.number)
    }

    /// Sets one value of the configuration, e.g. `set("sending.delay", "5s")`, and writes
    /// the file. A running daemon keeps the old one.
    pub fn set(&mut self, key: &str, value: impl Into<toml::Value>) {
        let (sections, last) = key.rsplit_once('.').unwrap_or(("", key));
        let mut table = &mut self.config;
        for section in sections.split('.').filter(|it| !it.is_empty()) {
            let entry = table.entry(section).or_insert_with(|| toml::Table::new().into());
            table = entry.as_table_mut().expect("a table");
        }
        table.insert(last.to_owned(), value.into());
        self.write_config();
    }

    /// Takes one value or section out of the configuration.
    pub fn unset(&mut self, key: &str) {
        let (sections, last) = key.rsplit_once('.').unwrap_or(("", key));
        let mut table = &mut self.config;
        for section in sections.split('.').filter(|it| !it.is_empty()) {
            table = table.get_mut(section).and_then(toml::Value::as_table_mut).expect("a table");
        }
        table.remove(last);
        self.write_config();
    }

    /// Takes the configuration from the file as a test has written it.
    pub fn reread(&mut self) {
        self.config = fs::read_to_string(self.config_file()).unwrap().parse().unwrap();
    }

    fn write_config(&self) {
        let text = toml::to_string(&self.config).unwrap();
        self.write_private(".config/regards/config.toml", &text);
    }

    /// Writes a file below the home directory that only the user can read.
    pub fn write_private(&self, below: &str, text: &str) {
        let path = self.path(below);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// From now on the program's clock begins here at each start, as `faketime` writes it
    /// (`@2026-11-11 09:00:00`); the servers keep the true time.
    pub fn pretend(&mut self, moment: Option<&str>) {
        self.fake = moment.map(str::to_owned);
    }

    /// A command of the program with a clean environment.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_regards"));
        command
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.home.path())
            .env("XDG_CONFIG_HOME", self.path(".config"))
            .env("XDG_STATE_HOME", self.path(".local/state"))
            .env("XDG_RUNTIME_DIR", self.path("run"))
            .env("TZ", "UTC")
            .env("LC_ALL", "C.UTF-8")
            .current_dir(self.home.path())
            .stdin(Stdio::null());
        if let Some(moment) = &self.fake {
            super::process::live_at(&mut command, moment);
        }
        command
    }

    /// Runs a command to its end.
    pub fn cli(&self, arguments: &[&str]) -> Ran {
        Ran::of(arguments, self.command(arguments))
    }

    /// Runs a command that is typed something.
    pub fn cli_typed(&self, arguments: &[&str], typed: &str) -> Ran {
        let mut command = self.command(arguments);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Whoever does not read it may close the pipe.
        let _ = child.stdin.take().unwrap().write_all(typed.as_bytes());
        Ran::new(arguments, child.wait_with_output().unwrap())
    }

    /// Starts the daemon and waits until it is ready.
    pub fn daemon(&self) -> Daemon {
        self.daemon_by(self.command(&["run"]))
    }

    /// Starts the daemon by this command, made with [`World::command`].
    pub fn daemon_by(&self, command: Command) -> Daemon {
        let mut daemon = self.daemon_at_once(command);
        super::wait_until("the daemon is ready", PATIENCE, || {
            let ended = daemon.child.try_wait().unwrap();
            assert!(ended.is_none(), "the daemon ended with {ended:?}:\n{}", daemon.log());
            daemon.log().contains("Ready")
        });
        daemon
    }

    /// The same without waiting for it.
    pub fn daemon_at_once(&self, mut command: Command) -> Daemon {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::SeqCst);
        let log = self.path(&format!("daemon-{number}.log"));
        let child = command
            .env("REGARDS_LOG", "warn,regards=debug")
            .stdout(Stdio::null())
            .stderr(fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        Daemon { child, log }
    }

    /// Puts a mail into the applicant's mailbox as a delivery agent does, without SMTP.
    pub fn deliver(&self, mail: &str) {
        self.deliver_into("INBOX", mail);
    }

    /// The same into another folder (at Dovecot).
    pub fn deliver_into(&self, folder: &str, mail: &str) {
        let mail = mail.replace('\n', "\r\n");
        match &self.servers {
            Some(servers) => servers.dovecot.deliver(&self.applicant(), folder, mail.as_bytes()),
            None => {
                static COUNT: AtomicUsize = AtomicUsize::new(0);
                let name = format!("{}.test", COUNT.fetch_add(1, Ordering::SeqCst));
                let tmp = self.path("Maildir/tmp").join(&name);
                fs::write(&tmp, mail).unwrap();
                fs::rename(tmp, self.path("Maildir/new").join(name)).unwrap();
            }
        }
    }

    /// Sends a mail from the recruiter to the applicant through Postfix, with a login of the
    /// recruiter's and TLS (by Python's smtplib, another client than ours).
    pub fn recruiter_sends(&self, mail: &str) {
        const SCRIPT: &str = "
import smtplib, ssl, sys
_, port, ca, login, password, to = sys.argv
with smtplib.SMTP('localhost', int(port)) as server:
    server.starttls(context=ssl.create_default_context(cafile=ca))
    server.login(login, password)
    server.sendmail(login, [to], sys.stdin.buffer.read())
";
        let servers = self.servers();
        let mut child = Command::new("python3")
            .args(["-c", SCRIPT])
            .arg(servers.postfix.submission.to_string())
            .arg(servers.dovecot.ca_file())
            .args([&self.recruiter(), postfix::PASSWORD, &self.applicant()])
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mail = mail.replace('\n', "\r\n");
        child.stdin.take().unwrap().write_all(mail.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// The mails in a user's folder as files of its Maildir, whether seen or not.
    pub fn mails_of(&self, user: &str, folder: &str) -> Vec<PathBuf> {
        let maildir = self.servers().dovecot.maildir(user, folder);
        let mut mails = Vec::new();
        for part in ["new", "cur"] {
            let Ok(entries) = fs::read_dir(maildir.join(part)) else { continue };
            mails.extend(entries.filter_map(Result::ok).map(|entry| entry.path()));
        }
        mails.sort();
        mails
    }

    /// The mails that reached the recruiter.
    pub fn at_recruiter(&self) -> Vec<PathBuf> {
        self.mails_of(&self.recruiter(), "INBOX")
    }

    /// Waits until so many mails reached the recruiter.
    pub fn until_arrived(&self, count: usize) -> Vec<PathBuf> {
        let until = std::time::Instant::now() + PATIENCE;
        loop {
            let mails = self.at_recruiter();
            if mails.len() >= count {
                return mails;
            }
            let log = || self.servers().postfix.log();
            assert!(std::time::Instant::now() < until, "{count} mails did not come:\n{}", log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The only reply on the desk with its ended ones, as `desk --all --json` shows it.
    pub fn only_reply(&self) -> Option<Value> {
        let ran = self.cli(&["desk", "--all", "--json"]);
        let mut replies = ran.json().into_iter().filter(|line| line["type"] == "reply");
        let only = replies.next();
        assert!(replies.next().is_none(), "several replies:\n{}", ran.stdout);
        only
    }

    /// Waits until the only reply is in this state; the line of `desk --all --json`.
    pub fn until_reply_is(&self, state: &str) -> Value {
        let mut last = None;
        super::wait_until(&format!("the reply is {state}"), PATIENCE, || {
            last = self.only_reply();
            last.as_ref().is_some_and(|line| line["state"] == state)
        });
        last.unwrap()
    }
}
