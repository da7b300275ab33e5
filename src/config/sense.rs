//! Settings that can be read and make no sense: found here, with a sentence, before they turn
//! into a connection that fails or a loop that spins.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::file::{AccountFile, Entry, File, ImapFile, SendFile, TransportKind};
use super::mistake::Wrong;
use super::value::Length;

/// The first setting that makes no sense.
pub(super) fn check(file: &File) -> Result<(), Wrong> {
    if file.name.trim().is_empty() || file.name.chars().any(char::is_control) {
        let hint = Some("Write the name that stands below your mails".to_owned());
        return Err(wrong("", "name", "Your name must be one line of text", hint));
    }
    if file.account.is_empty() {
        let hint = Some("Add a table [account.NAME]; config.example.toml shows some".to_owned());
        return Err(wrong("", "", "No account is configured", hint));
    }
    // The database knows an account by its login: two of the same would share their history.
    let mut logins: BTreeMap<(&str, String), &str> = BTreeMap::new();
    for (label, account) in &file.account {
        check_label(label)?;
        check_account(label, account)?;
        let login = match (&account.imap, &account.maildir) {
            (Some(imap), _) => (imap.login.as_str(), imap.host.to_lowercase()),
            (None, Some(maildir)) => ("", maildir.path.display().to_string()),
            (None, None) => continue,
        };
        if let Some(other) = logins.insert(login, label) {
            let message = format!("Accounts `{other}` and `{label}` are the same mailbox");
            let hint = Some("Take one of them away".to_owned());
            return Err(wrong(&format!("account.{label}"), "", message, hint));
        }
    }
    Ok(())
}

fn wrong(
    table: &str,
    key: &'static str,
    message: impl Into<String>,
    hint: Option<String>,
) -> Wrong {
    Wrong { table: table.to_owned(), key, message: message.into(), hint }
}

/// The name becomes part of the names of credentials and of keyring entries.
fn check_label(label: &str) -> Result<(), Wrong> {
    let plain = |c: char| c.is_alphanumeric() || ['-', '_'].contains(&c);
    if !label.is_empty() && label.chars().all(plain) {
        return Ok(());
    }
    let message = format!("`{label}` cannot be the name of an account");
    let hint = Some("Use letters, digits, - and _: [account.work]".to_owned());
    Err(wrong(&format!("account.{label}"), "", message, hint))
}

fn check_account(label: &str, account: &AccountFile) -> Result<(), Wrong> {
    if let Some(imap) = &account.imap {
        check_imap(&format!("account.{label}.imap"), imap)?;
    }
    if let Some(send) = &account.send {
        check_send(&format!("account.{label}.send"), send)?;
    }
    Ok(())
}

fn check_imap(table: &str, imap: &ImapFile) -> Result<(), Wrong> {
    check_host(table, &imap.host)?;
    check_port(table, imap.port)?;
    check_login(table, &imap.login)?;
    check_secret(table, &imap.secret)?;
    for (key, length) in [("poll_every", imap.poll_every), ("idle_for", imap.idle_for)] {
        check_interval(table, key, length)?;
    }
    if imap.watch.is_empty() && imap.count.is_empty() {
        let hint = Some("Name a folder: watch = [\"INBOX\"]".to_owned());
        return Err(wrong(table, "watch", "No folder is watched or counted", hint));
    }
    Ok(())
}

fn check_send(table: &str, send: &SendFile) -> Result<(), Wrong> {
    if let Some(host) = &send.host {
        check_host(table, host)?;
    }
    check_port(table, send.port)?;
    if let Some(login) = &send.login {
        check_login(table, login)?;
    }
    if let Some(secret) = &send.secret {
        check_secret(table, secret)?;
    }
    let Some(path) = &send.path else { return Ok(()) };
    match send.transport {
        TransportKind::Smtp => {
            let message = "`path` is for the transports sendmail and folder";
            let hint =
                Some("Set transport = \"sendmail\" or \"folder\", or take it away".to_owned());
            Err(wrong(table, "path", message, hint))
        }
        // Otherwise it would depend on where the daemon was started.
        TransportKind::Sendmail if !path.is_absolute() => {
            let message = format!("The program `{}` needs its whole path", path.display());
            let hint = Some("Write path = \"/usr/sbin/sendmail\"".to_owned());
            Err(wrong(table, "path", message, hint))
        }
        TransportKind::Sendmail | TransportKind::Folder => Ok(()),
    }
}

fn check_host(table: &str, host: &str) -> Result<(), Wrong> {
    let name = |c: char| c.is_alphanumeric() || ['-', '.', '_'].contains(&c);
    if (!host.is_empty() && host.chars().all(name)) || host.parse::<IpAddr>().is_ok() {
        return Ok(());
    }
    let hint = "Write the name alone, as in imap.example.org; its port has a line of its own";
    Err(wrong(table, "host", format!("`{host}` is not a host name"), Some(hint.to_owned())))
}

fn check_port(table: &str, port: Option<u16>) -> Result<(), Wrong> {
    if port != Some(0) {
        return Ok(());
    }
    let hint = Some("Take the line away; the usual port is known".to_owned());
    Err(wrong(table, "port", "No server listens on port 0", hint))
}

fn check_login(table: &str, login: &str) -> Result<(), Wrong> {
    if !login.trim().is_empty() && !login.chars().any(char::is_control) {
        return Ok(());
    }
    let hint = Some("It is usually your address: login = \"you@example.org\"".to_owned());
    Err(wrong(table, "login", "The login name must be one line of text", hint))
}

fn check_secret(table: &str, secret: &Entry) -> Result<(), Wrong> {
    let message = match secret {
        Entry::Command(words) if words.first().is_none_or(|it| it.is_empty()) => {
            "The command that prints the secret is empty"
        }
        Entry::File(path) if path.as_os_str().is_empty() => {
            "The file that holds the secret has no name"
        }
        _ => return Ok(()),
    };
    let hint =
        "Write { command = [\"pass\", \"show\", \"mail\"] }, { file = \"PATH\" } or \"keyring\"";
    Err(wrong(table, "secret", message, Some(hint.to_owned())))
}

/// Less than this is no interval but a flood for the server.
const INTERVAL_MIN_SECS: i64 = 1;

fn check_interval(table: &str, key: &'static str, length: Length) -> Result<(), Wrong> {
    if length.0.as_secs() >= INTERVAL_MIN_SECS {
        return Ok(());
    }
    let message = format!("`{key}` must be a second at least");
    Err(wrong(table, key, message, Some(format!("Write {key} = \"5m\""))))
}
