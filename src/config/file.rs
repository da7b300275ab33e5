//! The configuration file, word for word. `config.example.toml` is its manual: a test
//! compares the fields and the defaults written there with these.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::SignedDuration;
use jiff::civil::{Weekday, time};
use serde::Deserialize;

use super::value::{Day, DayTime, Goal, Holiday, Length, Named, OfficeHours};

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Your name, as it stands below your mails.
    pub name: String,
    /// Further lines below your name.
    #[serde(default)]
    pub signature: Option<String>,
    /// Your own rule files.
    #[serde(default)]
    pub rules_dir: Option<PathBuf>,
    /// Your own reply templates.
    #[serde(default)]
    pub templates_dir: Option<PathBuf>,
    /// When you may hear of a rejection.
    #[serde(default)]
    pub cooling: Cooling,
    /// When and how much is sent.
    #[serde(default)]
    pub sending: Sending,
    /// How `regards review` goes.
    #[serde(default)]
    pub review: Review,
    /// When no word is silence.
    #[serde(default)]
    pub silence: Silence,
    /// How long what is kept.
    #[serde(default)]
    pub keeping: Keeping,
    /// What the figures are held against.
    #[serde(default)]
    pub stats: Stats,
    /// Your mailboxes, by names of your own.
    #[serde(default)]
    pub account: BTreeMap<String, AccountFile>,
}

/// The tables, the first empty one being the top of the file.
const TABLES: [&str; 11] = [
    "",
    "cooling",
    "sending",
    "review",
    "silence",
    "keeping",
    "stats",
    "account.NAME",
    "account.NAME.imap",
    "account.NAME.maildir",
    "account.NAME.send",
];

/// The table in which this setting may stand: the first one whose reader knows it.
pub(super) fn table_of(key: &str) -> Option<&'static str> {
    let unknown = format!("unknown field `{key}`");
    TABLES.into_iter().find(|table| {
        let heading = if table.is_empty() { String::new() } else { format!("[{table}]\n") };
        // Nothing is missing as long as the name of the key is wrong.
        toml::from_str::<File>(&format!("{heading}{key} = []\n"))
            .err()
            .is_some_and(|error| !error.message().starts_with(&unknown))
    })
}

/// `[cooling]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Cooling {
    /// Pause after a rejection of the papers.
    pub after_form: Length,
    /// Pause after talks.
    pub after_talks: Length,
    /// Pause after an offer that was taken back.
    pub after_rescinded: Length,
    /// When drafts come onto the desk.
    pub office_hours: OfficeHours,
    /// On which days.
    pub working_days: Vec<Day>,
    /// But not on these.
    pub holidays: Vec<Holiday>,
    /// Everything at this time of the day; absent: as it cools.
    pub once_a_day_at: Option<DayTime>,
    /// Your time zone; absent: the machine's.
    pub time_zone: Option<String>,
    /// A draft that nobody touched expires after this.
    pub expires_after: Length,
    /// Older rejections are counted, not drafted.
    pub look_back: Length,
}

impl Default for Cooling {
    fn default() -> Self {
        use Weekday::{Friday, Monday, Thursday, Tuesday, Wednesday};
        let hours = |n| Length(SignedDuration::from_hours(n));
        Cooling {
            after_form: hours(24),
            after_talks: hours(48),
            after_rescinded: hours(72),
            office_hours: OfficeHours { from: time(9, 0, 0, 0), to: time(18, 0, 0, 0) },
            working_days: [Monday, Tuesday, Wednesday, Thursday, Friday].map(Day).to_vec(),
            holidays: Vec::new(),
            once_a_day_at: None,
            time_zone: None,
            expires_after: hours(14 * 24),
            look_back: hours(7 * 24),
        }
    }
}

/// `[sending]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sending {
    /// The undo window after an approval.
    pub delay: Length,
    /// When approved mail leaves.
    pub when: When,
    /// How long an approval is good for.
    pub approval_good_for: Length,
    /// Mails within an hour at most.
    pub per_hour: usize,
    /// Mails within a day at most.
    pub per_day: usize,
    /// One answer to the same person within this time.
    pub same_person: Length,
}

impl Default for Sending {
    fn default() -> Self {
        Sending {
            delay: Length(SignedDuration::from_mins(2)),
            when: When::Now,
            approval_good_for: Length(SignedDuration::from_hours(24)),
            per_hour: 5,
            per_day: 20,
            same_person: Length(SignedDuration::from_hours(7 * 24)),
        }
    }
}

/// `[silence]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Silence {
    /// After applying; absent: by your own history, else three weeks.
    pub after_applying: Option<Length>,
    /// After talks; absent: by your own history, else twelve days.
    pub after_talks: Option<Length>,
}

/// `[review]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Review {
    /// Offer a question after a draft was dealt with.
    pub questions: bool,
}

impl Default for Review {
    fn default() -> Self {
        Review { questions: true }
    }
}

/// `[keeping]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Keeping {
    /// The text of job mail after its application has ended.
    pub text: Length,
}

impl Default for Keeping {
    fn default() -> Self {
        Keeping { text: Length(SignedDuration::from_hours(365 * 24)) }
    }
}

/// `[stats]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Stats {
    /// So many applications a week are meant to be.
    pub weekly_goal: Option<Goal>,
    /// The day on which the desk has a letter of the week.
    pub weekly_letter: Option<Day>,
}

/// When approved mail leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// As soon as the undo window is over.
    Now,
    /// Within office hours.
    OfficeHours,
}

/// `[account.NAME]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountFile {
    /// Your addresses there, the usual one first.
    pub addresses: Vec<Named>,
    /// The name under which your provider writes Authentication-Results.
    #[serde(default)]
    pub authserv_id: Option<String>,
    /// Where your mail is read.
    #[serde(default)]
    pub imap: Option<ImapFile>,
    /// Or a local Maildir.
    #[serde(default)]
    pub maildir: Option<MaildirFile>,
    /// How your answers leave; absent: nothing is drafted.
    #[serde(default)]
    pub send: Option<SendFile>,
}

/// `[account.NAME.imap]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImapFile {
    /// The server.
    pub host: String,
    /// Its port; 993, with `tls = "starttls"` 143.
    #[serde(default)]
    pub port: Option<u16>,
    /// When encryption begins.
    #[serde(default)]
    pub tls: Tls,
    /// Certificates (PEM) to trust instead of the machine's.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// Login name.
    pub login: String,
    /// How to log in.
    #[serde(default)]
    pub auth: Auth,
    /// Where the password or token is kept.
    #[serde(default)]
    pub secret: Entry,
    /// Folders whose rejections are answered.
    #[serde(default = "inbox")]
    pub watch: Vec<String>,
    /// Folders that are only counted.
    #[serde(default)]
    pub count: Vec<String>,
    /// The folder of sent mail.
    #[serde(default = "sent")]
    pub sent: String,
    /// How often all folders are looked at.
    #[serde(default = "five_minutes")]
    pub poll_every: Length,
    /// How long one IDLE lasts.
    #[serde(default = "five_minutes")]
    pub idle_for: Length,
}

fn inbox() -> Vec<String> {
    vec!["INBOX".to_owned()]
}

fn sent() -> String {
    "\\Sent".to_owned()
}

fn five_minutes() -> Length {
    Length(SignedDuration::from_mins(5))
}

/// `[account.NAME.maildir]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaildirFile {
    /// The directory with `cur` and `new`.
    pub path: PathBuf,
}

/// When encryption begins. There is no "never".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tls {
    /// With the first byte.
    #[default]
    Implicit,
    /// With STARTTLS.
    Starttls,
}

/// How to log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Auth {
    /// With a password.
    #[default]
    Login,
    /// With an OAuth2 token.
    Xoauth2,
}

/// Where a secret is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Entry {
    /// The desktop's keyring.
    #[default]
    Keyring,
    /// A systemd credential.
    Credential,
    /// What a program prints.
    Command(Vec<String>),
    /// A file that only you can read.
    File(PathBuf),
}

/// `[account.NAME.send]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SendFile {
    /// The kind of way out.
    #[serde(default)]
    pub transport: TransportKind,
    /// SMTP: the server.
    #[serde(default)]
    pub host: Option<String>,
    /// SMTP: its port; 465, with `tls = "starttls"` 587.
    #[serde(default)]
    pub port: Option<u16>,
    /// SMTP: when encryption begins.
    #[serde(default)]
    pub tls: Tls,
    /// SMTP: certificates (PEM) to trust instead of the machine's; absent: as for IMAP.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// SMTP: login name; absent: as for IMAP.
    #[serde(default)]
    pub login: Option<String>,
    /// SMTP: how to log in; absent: as for IMAP.
    #[serde(default)]
    pub auth: Option<Auth>,
    /// SMTP: where the password is kept; absent: the one for IMAP.
    #[serde(default)]
    pub secret: Option<Entry>,
    /// Sendmail: the program. Folder: the directory.
    #[serde(default)]
    pub path: Option<PathBuf>,
    /// Who keeps the copy in the Sent folder.
    #[serde(default)]
    pub sent_copy: SentCopy,
    /// A blind copy to your own address.
    #[serde(default)]
    pub bcc_self: bool,
}

/// The kind of way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TransportKind {
    /// A submission server.
    #[default]
    Smtp,
    /// A program like sendmail.
    Sendmail,
    /// A directory; nothing leaves the machine.
    Folder,
}

impl TransportKind {
    /// Its word in the file.
    pub fn word(self) -> &'static str {
        match self {
            TransportKind::Smtp => "smtp",
            TransportKind::Sendmail => "sendmail",
            TransportKind::Folder => "folder",
        }
    }
}

/// Who keeps the copy in the Sent folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SentCopy {
    /// The provider does it by itself (Gmail, Microsoft, most others).
    #[default]
    Provider,
    /// This program puts it there: the one write into your mailbox.
    Append,
    /// Nobody.
    None,
}
