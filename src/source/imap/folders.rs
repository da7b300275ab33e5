//! Which of the server's folders the configuration means, and opening them to look.

use async_imap::imap_proto::{MailboxDatum, NameAttribute, Response, ResponseCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::error::ImapError;
use super::wire::{PLAIN_ANSWER_MAX_BYTES, Wire, Words};
use super::{SentFolder, Settings};
use crate::source::{Folder, Role};

/// A folder as LIST shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    /// The name as it stands on the wire.
    pub(super) name: String,
    /// Attributes with their backslash.
    pub(super) attributes: Vec<String>,
}

impl Listed {
    fn has(&self, attribute: &str) -> bool {
        self.attributes.iter().any(|a| a.eq_ignore_ascii_case(attribute))
    }

    fn can_be_opened(&self) -> bool {
        !self.has("\\NoSelect") && !self.has("\\NonExistent")
    }

    fn is_meant(&self, configured: &str) -> bool {
        if configured.starts_with('\\') {
            return self.has(configured);
        }
        self.name == configured
            || self.name == modified_utf7(configured)
            || (self.name.eq_ignore_ascii_case("INBOX") && configured.eq_ignore_ascii_case("INBOX"))
    }
}

/// What is to be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Plan {
    /// In the order of the configuration, each folder once.
    pub(super) folders: Vec<Folder>,
    /// Configured, but not there.
    pub(super) missing: Vec<String>,
}

/// Lists every folder, with its special use where the server knows it (RFC 6154).
pub(super) async fn list(
    wire: &mut Wire,
    capabilities: &[String],
) -> Result<Vec<Listed>, ImapError> {
    let can = |name: &str| capabilities.iter().any(|c| c == name);
    let words = if can("SPECIAL-USE") && can("LIST-EXTENDED") {
        Words::new("LIST \"\" \"*\" RETURN (SPECIAL-USE)")
    } else {
        Words::new("LIST \"\" \"*\"")
    };
    let mut listed = Vec::new();
    wire.command("list its folders", words, PLAIN_ANSWER_MAX_BYTES, |response| {
        if let Response::MailboxData(MailboxDatum::List(data)) = response {
            listed.push(Listed {
                name: data.name.as_ref().to_owned(),
                attributes: data.name_attributes.iter().map(attribute_name).collect(),
            });
        }
    })
    .await?;
    Ok(listed)
}

fn attribute_name(attribute: &NameAttribute<'_>) -> String {
    match attribute {
        NameAttribute::NoInferiors => "\\NoInferiors",
        NameAttribute::NoSelect => "\\NoSelect",
        NameAttribute::Marked => "\\Marked",
        NameAttribute::Unmarked => "\\Unmarked",
        NameAttribute::All => "\\All",
        NameAttribute::Archive => "\\Archive",
        NameAttribute::Drafts => "\\Drafts",
        NameAttribute::Flagged => "\\Flagged",
        NameAttribute::Junk => "\\Junk",
        NameAttribute::Sent => "\\Sent",
        NameAttribute::Trash => "\\Trash",
        NameAttribute::Extension(name) => name.as_ref(),
        _ => "",
    }
    .to_owned()
}

/// The folders that the configuration means. A folder named twice is watched.
pub(super) fn plan(settings: &Settings, listed: &[Listed]) -> Plan {
    let mut plan = Plan::default();
    let watched = settings.watch.iter().map(|name| (name, Role::Watch));
    let counted = settings.count.iter().map(|name| (name, Role::Count));
    for (configured, role) in watched.chain(counted) {
        let names = meant(listed, configured);
        if names.is_empty() {
            plan.missing.push(configured.clone());
        }
        for name in names {
            if !plan.folders.iter().any(|f| f.name == name) {
                plan.folders.push(Folder { account: settings.account, name, role });
            }
        }
    }
    plan
}

/// The names of the folders where sent mail lies; usually one, none where there is none.
/// The folders whose rejections are answered.
pub(super) fn watched(settings: &Settings, listed: &[Listed]) -> Vec<String> {
    settings.watch.iter().flat_map(|name| meant(listed, name)).collect()
}

pub(super) fn sent(settings: &Settings, listed: &[Listed]) -> Vec<String> {
    match &settings.sent {
        SentFolder::ByAttribute => meant(listed, "\\Sent"),
        SentFolder::Named(name) => meant(listed, name),
        SentFolder::None => Vec::new(),
    }
}

fn meant(listed: &[Listed], configured: &str) -> Vec<String> {
    let mut names: Vec<String> = listed
        .iter()
        .filter(|l| l.is_meant(configured) && l.can_be_opened())
        .map(|l| l.name.clone())
        .collect();
    // RFC 9051 section 5.1: INBOX is there, listed or not.
    if names.is_empty() && configured.eq_ignore_ascii_case("INBOX") {
        names.push("INBOX".to_owned());
    }
    names
}

/// A folder that is open for looking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Opened {
    /// Its UIDVALIDITY.
    pub(super) uidvalidity: u32,
    /// Messages in it.
    pub(super) exists: u32,
}

/// EXAMINE (RFC 9051 section 6.3.3): opens without the right to change anything.
pub(super) async fn examine(wire: &mut Wire, name: &str) -> Result<Opened, ImapError> {
    *wire.overheard() = super::wire::Overheard::default();
    let mut writable = false;
    let doing = format!("open {name}");
    let words = Words::new("EXAMINE ").string(name);
    wire.command(&doing, words, PLAIN_ANSWER_MAX_BYTES, |response| {
        if let Response::Done { outcome, .. } = response {
            writable |= outcome.code == Some(ResponseCode::ReadWrite);
        }
    })
    .await?;
    let bad = |server: &str, what| ImapError::BadFolder {
        server: server.to_owned(),
        folder: name.to_owned(),
        what,
    };
    if writable {
        return Err(bad(wire.server(), "for writing, though only looking was asked for"));
    }
    let overheard = *wire.overheard();
    match overheard.uidvalidity {
        Some(uidvalidity) => Ok(Opened { uidvalidity, exists: overheard.exists }),
        None => Err(bad(wire.server(), "without lasting message numbers (no UIDVALIDITY)")),
    }
}

/// The same folder later, when the server has told of a change in it: to open it again would
/// cost a server with one file a mail a look at all of them. `None` when it must be opened anew.
pub(super) fn still_open(wire: &mut Wire, opened: Opened) -> Option<Opened> {
    let overheard = *wire.overheard();
    let same = overheard.uidvalidity == Some(opened.uidvalidity);
    same.then_some(Opened { exists: overheard.exists, ..opened })
}

/// A mailbox name as it stands on the wire (RFC 3501 section 5.1.3).
fn modified_utf7(name: &str) -> String {
    let mut out = String::new();
    let mut foreign = Vec::new();
    let flush = |foreign: &mut Vec<u8>, out: &mut String| {
        if !foreign.is_empty() {
            let base64 = STANDARD_NO_PAD.encode(&foreign).replace('/', ",");
            out.push_str(&format!("&{base64}-"));
            foreign.clear();
        }
    };
    for c in name.chars() {
        if matches!(c, ' '..='~') {
            flush(&mut foreign, &mut out);
            out.push(c);
            if c == '&' {
                out.push('-');
            }
        } else {
            let mut units = [0; 2];
            foreign.extend(c.encode_utf16(&mut units).iter().flat_map(|u| u.to_be_bytes()));
        }
    }
    flush(&mut foreign, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ids::AccountNo;

    fn folder(name: &str, attributes: &[&str]) -> Listed {
        Listed {
            name: name.to_owned(),
            attributes: attributes.iter().map(|a| (*a).to_owned()).collect(),
        }
    }

    #[test]
    fn names_are_found_as_the_user_sees_them_and_attributes_by_use() {
        let listed = [
            folder("INBOX", &[]),
            folder("Gesendete Objekte", &["\\Sent"]),
            folder("Entw&APw-rfe", &[]),
            folder("Shared", &["\\NoSelect"]),
        ];
        let account = AccountNo::new(1).unwrap();
        let mut settings = Settings::new(account, "x.org", "u");
        settings.watch = vec!["inbox".into(), "Entwürfe".into(), "Shared".into()];
        settings.count = vec!["\\sent".into(), "INBOX".into(), "\\All".into()];
        let plan = plan(&settings, &listed);
        let found: Vec<_> = plan.folders.iter().map(|f| (f.name.as_str(), f.role)).collect();
        assert_eq!(
            found,
            [
                ("INBOX", Role::Watch),
                ("Entw&APw-rfe", Role::Watch),
                ("Gesendete Objekte", Role::Count)
            ]
        );
        assert_eq!(plan.missing, ["Shared", "\\All"]);
        assert_eq!(sent(&settings, &listed), ["Gesendete Objekte"]);
    }

    #[test]
    fn foreign_names_are_written_as_rfc_3501_wants_them() {
        assert_eq!(modified_utf7("~peter/mail/台北/日本語"), "~peter/mail/&U,BTFw-/&ZeVnLIqe-");
        assert_eq!(modified_utf7("A & B"), "A &- B");
    }
}
