//! The configuration file's text to each room's settings.
//!
//! `file` is the file as it is written, word for word; here its values become the settings
//! of the rooms. Nothing is read from disk or environment here: the text comes in, and every
//! mistake in it leaves as an error with line, column and what to write instead.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;

pub mod file;

mod mistake;

mod sense;

mod value;

use file::{AccountFile, Entry, File, SendFile};
use mistake::Wrong;

use crate::cool;
use crate::daemon::{self, Me, SmtpServer, WayOut};
// The faces check accounts without knowing the daemon that they are settings of.
pub use crate::daemon::{Account, Exit, MailboxSource, SecretPlace};
use crate::draft::guard::Limits;
use crate::model::ids::AccountNo;
use crate::model::mail::Route;
use crate::review::{self, Sender};
use crate::secret::{Keyring, Purpose, Source};
use crate::send;
use crate::source::imap;
use crate::stats::Waits;
pub use mistake::ConfigError;
pub use value::length;

/// The configuration, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// The mailboxes.
    pub accounts: Vec<Account>,
    /// When the user may hear of something.
    pub cool: cool::Settings,
    /// How much is too much.
    pub limits: Limits,
    /// The undo window after an approval.
    pub delay: jiff::SignedDuration,
    /// Offer a question after a draft was dealt with.
    pub questions: bool,
    /// How long an answer may take before it is silence, as far as it is set.
    pub waits: Waits,
    /// The text of job mail after its application has ended.
    pub keep_text: jiff::SignedDuration,
    /// So many applications a week are meant to be.
    pub weekly_goal: Option<u64>,
    /// The day on which the desk has a letter of the week; `None`: it has none.
    pub weekly_letter: Option<Weekday>,
    /// Send only within office hours.
    pub send_in_office_hours: bool,
    /// Who the user is.
    pub me: Me,
    /// The user's own rule files.
    pub rules_dir: Option<PathBuf>,
    /// The user's own reply templates.
    pub templates_dir: Option<PathBuf>,
}

impl Config {
    /// Reads the text of the file at `path`, which is only named in errors and the base of
    /// relative paths.
    ///
    /// # Errors
    /// The first mistake, with its place.
    pub fn parse(text: &str, path: &Path, now: Timestamp) -> Result<Config, ConfigError> {
        let file: File =
            toml::from_str(text).map_err(|error| mistake::of_parser(&error, text, path))?;
        let base = path.parent().unwrap_or(Path::new(""));
        Config::of_file(&file, base, now).map_err(|wrong| wrong.placed(text, path))
    }

    /// [`Config::parse`] for the bytes of a file.
    ///
    /// # Errors
    /// The first mistake, with its place; also where the bytes are no text.
    pub fn parse_bytes(bytes: &[u8], path: &Path, now: Timestamp) -> Result<Config, ConfigError> {
        // UTF-16 is valid UTF-8 now and then, but never without a NUL.
        if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
            return Err(mistake::not_text(bytes, at, path));
        }
        let text = std::str::from_utf8(bytes)
            .map_err(|error| mistake::not_text(bytes, error.valid_up_to(), path))?;
        Config::parse(text, path, now)
    }

    fn of_file(file: &File, base: &Path, now: Timestamp) -> Result<Config, Wrong> {
        sense::check(file)?;
        let cool = cooling(file, now)?;
        let mut accounts = Vec::new();
        for (label, entry) in &file.account {
            accounts.push(account(label, entry, base)?);
        }
        Ok(Config {
            accounts,
            cool,
            limits: Limits {
                per_hour: file.sending.per_hour,
                per_day: file.sending.per_day,
                same_person: file.sending.same_person.0,
                approval_good_for: file.sending.approval_good_for.0,
            },
            delay: file.sending.delay.0,
            questions: file.review.questions,
            waits: Waits {
                after_applying: file.silence.after_applying.as_ref().map(|it| it.0),
                after_talks: file.silence.after_talks.as_ref().map(|it| it.0),
            },
            keep_text: file.keeping.text.0,
            weekly_goal: file.stats.weekly_goal.map(|goal| goal.0),
            weekly_letter: file.stats.weekly_letter.map(|day| day.0),
            send_in_office_hours: file.sending.when == file::When::OfficeHours,
            me: Me { name: file.name.clone(), signature: file.signature.clone() },
            rules_dir: file.rules_dir.as_ref().map(|dir| base.join(dir)),
            templates_dir: file.templates_dir.as_ref().map(|dir| base.join(dir)),
        })
    }

    /// What the desk must know.
    pub fn review(&self) -> review::Settings {
        let sender = |account: &Account| {
            let imap = matches!(account.mailbox, MailboxSource::Imap { .. });
            Sender {
                login: account.login.clone(),
                host: account.host.clone(),
                own: account.own_addresses(),
                route: account.way_out.as_ref().map(|it| it.route.clone()),
                keeps_copy: account.way_out.as_ref().is_some_and(|it| {
                    it.bcc_self || (imap && (it.append_to_sent || it.provider_keeps_copy))
                }),
            }
        };
        review::Settings {
            senders: self.accounts.iter().map(sender).collect(),
            limits: self.limits.clone(),
            delay: self.delay,
            questions: self.questions,
            waits: self.waits,
            weekly_goal: self.weekly_goal,
            weekly_letter: self.weekly_letter,
            zone: self.cool.zone.clone(),
        }
    }
}

fn cooling(file: &File, now: Timestamp) -> Result<cool::Settings, Wrong> {
    let c = &file.cooling;
    let wrong = |key, message| Wrong { table: "cooling".to_owned(), key, message, hint: None };
    let zone = match &c.time_zone {
        Some(name) => TimeZone::get(name).map_err(|_| {
            let message = format!("`{name}` is not a time zone; they look like `Europe/Berlin`");
            wrong("time_zone", message)
        })?,
        None => TimeZone::system(),
    };
    let settings = cool::Settings {
        after_form: c.after_form.0,
        after_talks: c.after_talks.0,
        after_rescinded: c.after_rescinded.0,
        office_from: c.office_hours.from,
        office_to: c.office_hours.to,
        working_days: c.working_days.iter().map(|day| day.0).collect(),
        holidays: c.holidays.iter().map(|holiday| holiday.0).collect(),
        once_a_day_at: c.once_a_day_at.map(|time| time.0),
        zone,
        expires_after: c.expires_after.0,
        look_back: c.look_back.0,
    };
    settings.checked(now).map_err(|error| {
        let key = match error {
            cool::BadSettings::NoWorkingDay => "working_days",
            cool::BadSettings::NoOfficeHours { .. } => "office_hours",
            cool::BadSettings::ClosedThen { .. } => "once_a_day_at",
            cool::BadSettings::Negative(key) => key,
            cool::BadSettings::OnlyHolidays => "holidays",
        };
        wrong(key, error.to_string())
    })
}

fn account(label: &str, file: &AccountFile, base: &Path) -> Result<Account, Wrong> {
    let table = format!("account.{label}");
    let own: Vec<_> = file.addresses.iter().map(|it| it.0.clone()).collect();
    let Some(first) = own.first() else {
        let hint = "Write the addresses at which you apply: addresses = [\"you@example.org\"]";
        let message = format!("Account `{label}` has no addresses");
        return Err(Wrong { table, key: "addresses", message, hint: Some(hint.to_owned()) });
    };
    let (mailbox, login, host) = match (&file.imap, &file.maildir) {
        (Some(imap), None) => {
            let place = secret_place(&imap.secret, label, Purpose::Imap, base);
            let settings = imap_settings(imap, base);
            let mailbox = MailboxSource::Imap { settings: Box::new(settings), secret: place };
            (mailbox, imap.login.clone(), imap.host.clone())
        }
        (None, Some(maildir)) => {
            let path = base.join(&maildir.path);
            let host = path.display().to_string();
            (MailboxSource::Maildir(path), first.address.to_string(), host)
        }
        (Some(_), Some(_)) => {
            let message = format!("Account `{label}` has both an imap and a maildir table");
            let hint = Some("Make two accounts of them, or take one away".to_owned());
            return Err(Wrong { table: format!("{table}.maildir"), key: "path", message, hint });
        }
        (None, None) => {
            let message = format!("Account `{label}` needs either an imap or a maildir table");
            let hint = Some(format!("Add [account.{label}.imap]"));
            return Err(Wrong { table, key: "addresses", message, hint });
        }
    };
    let way_out = match &file.send {
        Some(send) => Some(way_out(label, file, send, &format!("{login}@{host}"), base)?),
        None => None,
    };
    Ok(Account {
        label: label.to_owned(),
        login,
        host,
        own,
        mailbox,
        way_out,
        authserv_id: file.authserv_id.clone(),
    })
}

fn imap_settings(file: &file::ImapFile, base: &Path) -> imap::Settings {
    // The daemon fills in the number that the database gives the account.
    let mut settings = imap::Settings::new(AccountNo::UNNUMBERED, &file.host, &file.login);
    settings.tls = match file.tls {
        file::Tls::Implicit => imap::Tls::Implicit,
        file::Tls::Starttls => imap::Tls::StartTls,
    };
    settings.port = file.port.unwrap_or(match file.tls {
        file::Tls::Implicit => 993,
        file::Tls::Starttls => 143,
    });
    settings.ca_file = file.ca_file.as_ref().map(|path| base.join(path));
    settings.auth = match file.auth {
        file::Auth::Login => imap::Auth::Login,
        file::Auth::Xoauth2 => imap::Auth::XOAuth2,
    };
    settings.watch.clone_from(&file.watch);
    settings.count.clone_from(&file.count);
    settings.sent = match file.sent.as_str() {
        "\\Sent" => imap::SentFolder::ByAttribute,
        "" => imap::SentFolder::None,
        name => imap::SentFolder::Named(name.to_owned()),
    };
    settings.poll_every = file.poll_every.0.unsigned_abs();
    settings.idle_for = file.idle_for.0.unsigned_abs();
    settings
}

fn secret_place(entry: &Entry, label: &str, purpose: Purpose, base: &Path) -> SecretPlace {
    let source = match entry {
        Entry::Keyring => Source::Keyring(Keyring::default()),
        Entry::Credential => Source::credential(label, purpose),
        Entry::Command(words) => Source::Command(words.clone()),
        Entry::File(path) => Source::File(base.join(path)),
    };
    SecretPlace { source, label: label.to_owned(), purpose }
}

fn way_out(
    label: &str,
    account: &AccountFile,
    file: &SendFile,
    mailbox: &str,
    base: &Path,
) -> Result<WayOut, Wrong> {
    let needs = |key: &str| {
        let message =
            format!("Account `{label}` sends by {}, which needs `{key}`", file.transport.word());
        let hint = Some(format!("Add it to [account.{label}.send]"));
        Wrong { table: format!("account.{label}.send"), key: "transport", message, hint }
    };
    let (exit, transport) = match file.transport {
        file::TransportKind::Smtp => {
            let host = file.host.clone().ok_or_else(|| needs("host"))?;
            smtp(label, account, file, host, base).ok_or_else(|| needs("login"))?
        }
        file::TransportKind::Sendmail => {
            let path = file.path.clone().ok_or_else(|| needs("path"))?;
            (Exit::Sendmail(path.clone()), format!("sendmail:{}", path.display()))
        }
        file::TransportKind::Folder => {
            let path = base.join(file.path.as_ref().ok_or_else(|| needs("path"))?);
            (Exit::Folder(path.clone()), format!("folder:{}", path.display()))
        }
    };
    Ok(WayOut {
        exit,
        route: Route { mailbox: mailbox.to_owned(), transport },
        bcc_self: file.bcc_self,
        append_to_sent: file.sent_copy == file::SentCopy::Append,
        provider_keeps_copy: file.sent_copy == file::SentCopy::Provider,
    })
}

fn smtp(
    label: &str,
    account: &AccountFile,
    file: &SendFile,
    host: String,
    base: &Path,
) -> Option<(Exit, String)> {
    let imap = account.imap.as_ref();
    let login = file.login.clone().or_else(|| imap.map(|it| it.login.clone()))?;
    // Most providers have one password for both; then it is kept once.
    let secret = match (&file.secret, imap) {
        (Some(entry), _) => secret_place(entry, label, Purpose::Smtp, base),
        (None, Some(imap)) => secret_place(&imap.secret, label, Purpose::Imap, base),
        (None, None) => secret_place(&Entry::Keyring, label, Purpose::Smtp, base),
    };
    let auth = file.auth.or(imap.map(|it| it.auth)).unwrap_or(file::Auth::Login);
    let port = file.port.unwrap_or(match file.tls {
        file::Tls::Implicit => 465,
        file::Tls::Starttls => 587,
    });
    let first = account.addresses.first()?;
    let server = SmtpServer {
        host: host.clone(),
        port,
        tls: match file.tls {
            file::Tls::Implicit => send::smtp::Tls::Implicit,
            file::Tls::Starttls => send::smtp::Tls::StartTls,
        },
        ca_file: file
            .ca_file
            .as_ref()
            .or(imap.and_then(|it| it.ca_file.as_ref()))
            .map(|path| base.join(path)),
        login: login.clone(),
        token: auth == file::Auth::Xoauth2,
        // Never the machine's name: it would tell the recruiter where the user sits.
        ehlo: first.0.address.domain().to_owned(),
    };
    let transport = format!("smtp:{login}@{host}:{port}");
    Some((Exit::Smtp { server: Box::new(server), secret }, transport))
}

impl Config {
    /// The daemon's settings.
    pub fn daemon(
        &self,
        templates: crate::draft::template::Templates,
        rules: daemon::RulesLoader,
    ) -> daemon::Settings {
        daemon::Settings {
            accounts: self.accounts.clone(),
            cool: self.cool.clone(),
            limits: self.limits.clone(),
            keep_text: self.keep_text,
            send_in_office_hours: self.send_in_office_hours,
            me: self.me.clone(),
            templates,
            send_limits: send::Timeouts::default(),
            rules,
        }
    }
}
