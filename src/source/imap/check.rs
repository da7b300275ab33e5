//! What `regards check` tells of an IMAP account; changes nothing.

use std::sync::Arc;

use super::connect::{LoggedIn, log_in};
use super::error::ImapError;
use super::folders::{self, examine};
use super::{Credentials, Settings, isolated, secret_of};
use crate::source::Role;

/// An account whose login worked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckReport {
    /// The folders that would be read.
    pub folders: Vec<FolderReport>,
    /// Configured, but not there.
    pub missing: Vec<String>,
    /// Folders of sent mail, as their names stand on the wire; none: see `sent`.
    pub sent: Vec<String>,
    /// Every folder that could be named, with its attributes.
    pub offered: Vec<(String, Vec<String>)>,
    /// The server tells of new mail by itself.
    pub idle: bool,
    /// What the server can do, in capitals.
    pub capabilities: Vec<String>,
}

/// One folder that would be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderReport {
    /// The name as it stands on the wire.
    pub name: String,
    /// What it is read for.
    pub role: Role,
    /// Messages in it.
    pub messages: u32,
}

/// Logs in, opens every configured folder to look, and leaves.
///
/// # Errors
/// The first thing that did not work, with its hint.
pub async fn check<C: Credentials>(
    settings: Arc<Settings>,
    credentials: &C,
) -> Result<CheckReport, ImapError> {
    let secret = secret_of(&settings, credentials).await?;
    let own = Arc::clone(&settings);
    isolated(&settings, async move {
        let LoggedIn { mut wire, capabilities } = log_in(&own, &secret).await?;
        let listed = folders::list(&mut wire, &capabilities).await?;
        let plan = folders::plan(&own, &listed);
        let sent = folders::sent(&own, &listed);
        let mut reports = Vec::new();
        for folder in plan.folders {
            let messages = examine(&mut wire, &folder.name).await?.exists;
            reports.push(FolderReport { name: folder.name, role: folder.role, messages });
        }
        for name in &sent {
            examine(&mut wire, name).await?;
        }
        wire.logout().await;
        Ok(CheckReport {
            folders: reports,
            missing: plan.missing,
            sent,
            offered: listed.into_iter().map(|l| (l.name, l.attributes)).collect(),
            idle: capabilities.iter().any(|c| c == "IDLE"),
            capabilities,
        })
    })
    .await
}
