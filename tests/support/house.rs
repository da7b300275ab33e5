//! A whole program in one directory, for stories about what comes in: `--config` and
//! `--state-dir`, many mails of many companies, another clock. [`super::world`] is the bench
//! for the rest, with servers and one recruiter.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tempfile::TempDir;

use super::process::Daemon;
use super::wait_until;

/// Longer than anything here takes on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// One home directory with everything of one user.
pub struct House {
    dir: TempDir,
    /// The moment that `ago` counts from.
    pub now: Timestamp,
    fake: Option<String>,
}

/// A mail on its way into a mailbox.
#[derive(Clone)]
pub struct Mail {
    pub id: String,
    pub from: String,
    pub subject: String,
    pub ago: SignedDuration,
    /// Further header lines, each with its end.
    pub header: String,
    pub text: String,
}

/// A personal rejection of one application.
pub fn rejection(id: &str, company: &str, role: &str) -> Mail {
    let domain = company.to_lowercase();
    Mail {
        id: format!("{id}@{domain}.example"),
        from: format!("Nora Berg <nora@{domain}.example>"),
        subject: format!("Your application for {role} at {company}"),
        ago: SignedDuration::ZERO,
        header: String::new(),
        text: format!(
            "Dear Alex,\r\n\r\nthank you for your interest in the {role} position at {company}. \
             Unfortunately, we have decided to move forward with other candidates.\r\n\r\n\
             Best regards,\r\nNora Berg\r\n{company}\r\n"
        ),
    }
}

/// A rejection that nobody can answer.
pub fn form_rejection(id: &str, company: &str, role: &str) -> Mail {
    let domain = company.to_lowercase();
    Mail {
        from: format!("{company} Careers <no-reply@{domain}.example>"),
        header: "Auto-Submitted: auto-generated\r\n".to_owned(),
        text: format!(
            "Dear applicant,\r\n\r\nthank you for your interest in the {role} position at \
             {company}. Unfortunately, we have decided to move forward with other candidates. \
             Please do not reply to this email.\r\n\r\nThe {company} Team\r\n"
        ),
        ..rejection(id, company, role)
    }
}

/// An invitation to talk.
pub fn invitation(id: &str, company: &str, role: &str) -> Mail {
    Mail {
        subject: format!("Interview: {role} at {company}"),
        text: format!(
            "Hi Alex,\r\n\r\nwe liked your application for {role} at {company} and would like \
             to invite you to an interview. Would Tuesday at 10:00 suit you?\r\n\r\n\
             Best regards,\r\nNora Berg\r\n{company}\r\n"
        ),
        ..rejection(id, company, role)
    }
}

/// A confirmation of receipt.
pub fn confirmation(id: &str, company: &str, role: &str) -> Mail {
    Mail {
        subject: format!("We received your application for {role}"),
        text: format!(
            "Dear Alex,\r\n\r\nthank you for applying for the position of {role} at {company}. \
             We have received your application and will review it carefully.\r\n\r\n\
             {company} Recruiting\r\n"
        ),
        ..form_rejection(id, company, role)
    }
}

/// What may be a rejection or not: the rules cannot tell.
pub fn unsure(id: &str) -> Mail {
    let mail = include_str!("../mail/unsure/sorry-and-good-luck-only.eml").replace('\r', "");
    Mail {
        subject: "Your application".to_owned(),
        text: mail.split_once("\n\n").unwrap().1.replace('\n', "\r\n"),
        ..rejection(id, "Lindgren", "Engineer")
    }
}

/// Mail that is not about an application.
pub fn newsletter(id: &str, company: &str) -> Mail {
    let domain = company.to_lowercase();
    Mail {
        from: format!("{company} News <news@{domain}.example>"),
        subject: format!("What is new at {company} this month"),
        header: "List-Unsubscribe: <https://news.example/u>\r\nPrecedence: bulk\r\n".to_owned(),
        text: "Our new office opens in May. Read all about it in our blog.\r\n".to_owned(),
        ..rejection(id, company, "Engineer")
    }
}

impl Mail {
    /// The same mail so many hours earlier.
    pub fn hours_ago(self, hours: i64) -> Mail {
        Mail { ago: SignedDuration::from_hours(hours), ..self }
    }

    /// The bytes of the mail.
    pub fn bytes(&self, now: Timestamp) -> Vec<u8> {
        let at = now.checked_sub(self.ago).unwrap();
        let date = jiff::fmt::rfc2822::to_string(&at.to_zoned(TimeZone::UTC)).unwrap();
        format!(
            "Received: from mx.example by mail.example.org; {date}\r\nDate: {date}\r\n\
             From: {}\r\nTo: Alex Morgan <alex@example.org>\r\nSubject: {}\r\n\
             Message-ID: <{}>\r\n{}MIME-Version: 1.0\r\n\
             Content-Type: text/plain; charset=utf-8\r\n\r\n{}",
            self.from, self.subject, self.id, self.header, self.text
        )
        .into_bytes()
    }
}

/// A command that waits for its user.
pub struct Asking {
    child: std::process::Child,
}

impl Asking {
    /// Reads until it has asked this.
    pub fn until_asked(&mut self, question: &str) {
        use std::io::Read;
        let stdout = self.child.stdout.as_mut().unwrap();
        let (mut said, mut byte) = (Vec::new(), [0u8]);
        while !String::from_utf8_lossy(&said).contains(question) {
            assert_eq!(stdout.read(&mut byte).unwrap(), 1, "{}", String::from_utf8_lossy(&said));
            said.extend(byte);
        }
    }

    /// Answers; what it said then, and its exit code.
    pub fn answer(mut self, input: &str) -> (String, i32) {
        use std::io::Write;
        self.child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        told(&self.child.wait_with_output().unwrap())
    }
}

impl House {
    /// A house with a Maildir, where rejections cool for `pause`.
    #[allow(clippy::disallowed_methods, reason = "mail that has just come is dated now")]
    pub fn new(pause: &str) -> House {
        let house = House { dir: TempDir::new().unwrap(), now: Timestamp::now(), fake: None };
        for folder in ["Maildir/cur", "Maildir/new", "Maildir/tmp", "out", "rules"] {
            fs::create_dir_all(house.path(folder)).unwrap();
        }
        house.configure(pause, "maildir = { path = \"Maildir\" }");
        house
    }

    /// Writes the configuration with this mailbox.
    pub fn configure(&self, pause: &str, mailbox: &str) {
        let text = format!(
            r#"
name = "Alex Morgan"
rules_dir = "rules"

[cooling]
after_form = "{pause}"
after_talks = "{pause}"
after_rescinded = "{pause}"
office_hours = "00:00-24:00"
working_days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

[sending]
delay = "0s"

[account.work]
addresses = ["Alex Morgan <alex@example.org>"]
{mailbox}
send = {{ transport = "folder", path = "out", sent_copy = "none" }}
"#
        );
        let path = self.path("config.toml");
        fs::write(&path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// From now on the processes live at another time, as `faketime` writes it.
    pub fn pretend(&mut self, offset: Option<&str>) {
        self.fake = offset.map(str::to_owned);
    }

    /// A path in the house.
    pub fn path(&self, inside: &str) -> PathBuf {
        self.dir.path().join(inside)
    }

    /// Puts a mail into the Maildir; its file.
    pub fn deliver(&self, mail: &Mail) -> PathBuf {
        put(&self.path("Maildir"), &mail.bytes(self.now))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        self.command_on("state", arguments)
    }

    /// Runs a command on another state directory of the house.
    pub fn says_on(&self, state: &str, arguments: &[&str]) -> (String, i32) {
        told(&self.command_on(state, arguments).output().unwrap())
    }

    fn command_on(&self, state: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_regards"));
        if let Some(offset) = &self.fake {
            super::process::live_at(&mut command, offset);
        }
        command
            .arg("--config")
            .arg(self.path("config.toml"))
            .arg("--state-dir")
            .arg(self.path(state))
            .args(arguments)
            .env("TZ", "UTC")
            .env_remove("REGARDS_LOG")
            .current_dir(self.path(""))
            .stdin(Stdio::null());
        command
    }

    /// Runs a command; what it said, and its exit code.
    pub fn says(&self, arguments: &[&str]) -> (String, i32) {
        told(&self.command(arguments).output().unwrap())
    }

    /// Runs a command with this standard input.
    pub fn says_to(&self, input: &str, arguments: &[&str]) -> (String, i32) {
        use std::io::Write;
        let Asking { mut child } = self.begin(arguments);
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        told(&child.wait_with_output().unwrap())
    }

    /// Begins a command that will ask something.
    pub fn begin(&self, arguments: &[&str]) -> Asking {
        let child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Asking { child }
    }

    /// Runs a command that must end well.
    pub fn ok(&self, arguments: &[&str]) -> String {
        let (said, code) = self.says(arguments);
        assert_eq!(code, 0, "{arguments:?}: {said}");
        said
    }

    /// Runs a command that must fail; what it said.
    pub fn refused(&self, arguments: &[&str]) -> String {
        let (said, code) = self.says(arguments);
        assert_eq!(code, 1, "{arguments:?}: {said}");
        said
    }

    /// The lines of `COMMAND --json`.
    pub fn json(&self, arguments: &[&str]) -> Vec<Value> {
        let output = self.command(arguments).arg("--json").output().unwrap();
        String::from_utf8(output.stdout)
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// Lets the daemon catch up, release, send and end.
    pub fn once(&self) -> String {
        self.ok(&["run", "--once"])
    }

    /// Starts the daemon and waits until it has caught up.
    pub fn start(&self) -> Daemon {
        let daemon = self.start_at_once();
        wait_until("the daemon is ready", PATIENCE, || daemon.log().contains("Ready"));
        wait_until("the daemon has caught up", PATIENCE, || {
            self.json(&["status"]).iter().any(|line| line["state"] == "in-contact")
        });
        daemon
    }

    /// Starts the daemon.
    pub fn start_at_once(&self) -> Daemon {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let log = self.path(&format!("log.{}", COUNT.fetch_add(1, Ordering::Relaxed)));
        let child = self
            .command(&["run"])
            .stdout(Stdio::null())
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        Daemon { child, log }
    }

    /// The replies on the desk: number, state, company.
    pub fn desk(&self) -> Vec<(String, String, String)> {
        self.replies(&["desk"])
    }

    /// Also those that ended or cool.
    pub fn all_replies(&self) -> Vec<(String, String, String)> {
        self.replies(&["desk", "--all", "--cooling"])
    }

    fn replies(&self, arguments: &[&str]) -> Vec<(String, String, String)> {
        let word = |line: &Value, name: &str| line[name].as_str().unwrap_or_default().to_owned();
        self.json(arguments)
            .iter()
            .filter(|line| line["type"] == "reply")
            .map(|line| (word(line, "reply"), word(line, "state"), word(line, "company")))
            .collect()
    }

    /// The lines of one type on the desk.
    pub fn on_desk(&self, kind: &str) -> Vec<Value> {
        let mut lines = self.json(&["desk"]);
        lines.retain(|line| line["type"] == kind);
        lines
    }

    /// Waits until the replies stand like this: numbers and states.
    pub fn wait_for(&self, wanted: &[(&str, &str)]) {
        let seen = || -> Vec<(String, String)> {
            self.all_replies().into_iter().map(|(no, state, _)| (no, state)).collect()
        };
        let until = std::time::Instant::now() + PATIENCE;
        loop {
            let now = seen();
            if now.iter().map(|(no, state)| (&**no, &**state)).eq(wanted.iter().copied()) {
                return;
            }
            assert!(std::time::Instant::now() < until, "wanted {wanted:?}, there is {now:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// How many incoming mails of this kind the figures count.
    pub fn counted(&self, kind: &str) -> u64 {
        self.json(&["stats"])[0]["messages"][kind].as_u64().unwrap_or(0)
    }

    /// Looks into the database, as no user would.
    pub fn query<T: rusqlite::types::FromSql>(&self, sql: &str) -> T {
        let database = rusqlite::Connection::open(self.path("state/regards.db")).unwrap();
        database.query_row(sql, [], |row| row.get(0)).unwrap()
    }
}

/// Puts bytes into a Maildir.
pub fn put(maildir: &Path, mail: &[u8]) -> PathBuf {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let name = format!("{:08}.mail", COUNT.fetch_add(1, Ordering::Relaxed));
    let (tmp, new) = (maildir.join("tmp").join(&name), maildir.join("new").join(&name));
    fs::write(&tmp, mail).unwrap();
    fs::rename(&tmp, &new).unwrap();
    new
}

fn told(output: &Output) -> (String, i32) {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    (String::from_utf8(text).unwrap(), output.status.code().unwrap())
}
