//! A look into the mailbox for a face: what matches a search, or messages by their number.
//! Folders are examined and bodies peeked at, as in a sweep; no cursor is asked or moved.

use std::sync::Arc;

use super::connect::{LoggedIn, log_in};
use super::error::ImapError;
use super::folders::{self, Opened, examine};
use super::search::{imap_date, uid_search, windows};
use super::sweep::{FETCH_UIDS, few, same_numbers};
use super::wire::{Wire, Words};
use super::{Credentials, Settings, isolated, secret_of};
use crate::source::{Folder, Known, Looker, Search, Uid};

/// Shows the looker what matches in every folder that is read, the newest of each first,
/// until `limit` of a folder counted.
///
/// # Errors
/// Whatever stood in the way; what was shown until then was shown.
pub async fn search<C: Credentials, L: Looker>(
    settings: Arc<Settings>,
    credentials: &C,
    search: Search,
    limit: usize,
    looker: Arc<L>,
) -> Result<(), ImapError> {
    let secret = secret_of(&settings, credentials).await?;
    let own = Arc::clone(&settings);
    isolated(&settings, async move {
        let LoggedIn { mut wire, capabilities } = log_in(&own, &secret).await?;
        let listed = folders::list(&mut wire, &capabilities).await?;
        for folder in folders::plan(&own, &listed).folders {
            search_in(&mut wire, &folder, &search, limit, &*looker).await?;
        }
        wire.logout().await;
        Ok(())
    })
    .await
}

async fn search_in(
    wire: &mut Wire,
    folder: &Folder,
    search: &Search,
    limit: usize,
    looker: &impl Looker,
) -> Result<(), ImapError> {
    let opened = examine(wire, &folder.name).await?;
    let mut left = limit;
    for window in windows(opened.exists) {
        let mut uids = uid_search(wire, words(&window, search)).await?;
        uids.sort_unstable_by(|a, b| b.cmp(a));
        let place = Place { folder, opened };
        left = show(wire, &place, &uids, left, looker).await?;
        if left == 0 {
            break;
        }
    }
    Ok(())
}

/// The search of one window.
fn words(window: &str, search: &Search) -> Words {
    let texts = [&search.from, &search.subject];
    // A charset is named only where it is needed: not every server takes one.
    let ascii = texts.iter().all(|it| it.as_ref().is_none_or(|text| text.is_ascii()));
    let charset = if ascii { "" } else { "CHARSET UTF-8 " };
    let since = search.since.map(|day| format!(" SINCE {}", imap_date(day))).unwrap_or_default();
    let mut words = Words::new(&format!("UID SEARCH {charset}{window}{since}"));
    for (key, text) in [" FROM ", " SUBJECT "].into_iter().zip(texts) {
        if let Some(text) = text {
            words = words.text(key).string(text);
        }
    }
    words
}

struct Place<'a> {
    folder: &'a Folder,
    opened: Opened,
}

/// Shows these messages in this order until `limit` counted; how many are left to count.
async fn show(
    wire: &mut Wire,
    place: &Place<'_>,
    uids: &[Uid],
    limit: usize,
    looker: &impl Looker,
) -> Result<usize, ImapError> {
    let mut left = limit;
    let enough = |prefix: &[u8]| looker.enough(prefix);
    for part in uids.chunks(FETCH_UIDS.min(limit.max(1))) {
        if left == 0 {
            break;
        }
        let read = few(wire, part, &enough).await?;
        // Numbers that changed meanwhile would name other mail.
        same_numbers(wire, place.folder, place.opened.uidvalidity)?;
        for raw in read {
            if left > 0 && looker.look(place.folder, place.opened.uidvalidity, raw) {
                left -= 1;
            }
        }
    }
    Ok(left)
}

/// Shows the looker these messages, as far as they are there. A folder that is not read any
/// more, or whose messages have other numbers now, is passed over.
///
/// # Errors
/// Whatever stood in the way; what was shown until then was shown.
pub async fn again<C: Credentials, L: Looker>(
    settings: Arc<Settings>,
    credentials: &C,
    known: Vec<Known>,
    looker: Arc<L>,
) -> Result<(), ImapError> {
    let secret = secret_of(&settings, credentials).await?;
    let own = Arc::clone(&settings);
    isolated(&settings, async move {
        let LoggedIn { mut wire, capabilities } = log_in(&own, &secret).await?;
        let listed = folders::list(&mut wire, &capabilities).await?;
        let plan = folders::plan(&own, &listed);
        for it in known {
            let Some(folder) = plan.folders.iter().find(|folder| folder.name == it.folder) else {
                continue;
            };
            let opened = examine(&mut wire, &folder.name).await?;
            if it.uidvalidity.is_none_or(|number| number == opened.uidvalidity) {
                let place = Place { folder, opened };
                show(&mut wire, &place, &it.uids, usize::MAX, &*looker).await?;
            }
        }
        wire.logout().await;
        Ok(())
    })
    .await
}
