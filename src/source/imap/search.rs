//! UID SEARCH: which messages there are.

use async_imap::imap_proto::{MailboxDatum, Response};
use jiff::civil::Date;

use super::error::ImapError;
use super::folders::Opened;
use super::wire::{PLAIN_ANSWER_MAX_BYTES, Wire, Words};
use crate::source::Uid;

/// Messages that one SEARCH covers: its answer is a single line.
const SEARCH_WINDOW: u32 = 20_000;

/// The UIDs from this one on.
pub(super) async fn search_from(
    wire: &mut Wire,
    opened: Opened,
    from: Uid,
) -> Result<Vec<Uid>, ImapError> {
    // A cursor behind the largest UID there can be: nothing is left to come.
    let Ok(first) = u32::try_from(from.max(1)) else { return Ok(Vec::new()) };
    let mut uids = Vec::new();
    for window in windows(opened.exists) {
        let mut found = search(wire, &format!("{window} UID {first}:*")).await?;
        // `n:*` names the last message even when its UID is below n (RFC 9051 section 6.4.9).
        found.retain(|uid| *uid >= from);
        // UIDs ascend with the place: below this window there is none either.
        if found.is_empty() {
            break;
        }
        uids.extend(found);
    }
    Ok(uids)
}

/// The UIDs of what came since a day, by INTERNALDATE.
pub(super) async fn search_since(
    wire: &mut Wire,
    opened: Opened,
    day: Date,
) -> Result<Vec<Uid>, ImapError> {
    let mut uids = Vec::new();
    for window in windows(opened.exists) {
        uids.extend(search(wire, &format!("{window} SINCE {}", imap_date(day))).await?);
    }
    Ok(uids)
}

/// Sequence sets that cover a folder from its end: an answer is one line, and the line is
/// bounded. An expunge in between moves later messages down into windows still to come,
/// where they are seen again rather than missed.
pub(super) fn windows(exists: u32) -> Vec<String> {
    let mut windows = Vec::new();
    let mut high = exists;
    while high > 0 {
        let low = high.saturating_sub(SEARCH_WINDOW - 1).max(1);
        windows.push(if high == exists { format!("{low}:*") } else { format!("{low}:{high}") });
        high = low - 1;
    }
    windows
}

async fn search(wire: &mut Wire, criteria: &str) -> Result<Vec<Uid>, ImapError> {
    uid_search(wire, Words::new(&format!("UID SEARCH {criteria}"))).await
}

/// A `date` of RFC 9051 section 9: `1-Feb-2026`.
pub(super) fn imap_date(day: Date) -> String {
    day.strftime("%-d-%b-%Y").to_string()
}

/// Runs a whole UID SEARCH command.
pub(super) async fn uid_search(wire: &mut Wire, words: Words) -> Result<Vec<Uid>, ImapError> {
    let mut uids = Vec::new();
    wire.command("search a folder", words, PLAIN_ANSWER_MAX_BYTES, |response| {
        if let Response::MailboxData(MailboxDatum::Search(found)) = response {
            uids.extend(found.iter().filter(|uid| **uid > 0).map(|uid| Uid::from(*uid)));
        }
    })
    .await?;
    Ok(uids)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_folder_is_searched_in_windows_from_its_end() {
        assert_eq!(windows(0), Vec::<String>::new());
        assert_eq!(windows(20_000), ["1:*"]);
        assert_eq!(windows(45_000), ["25001:*", "5001:25000", "1:5000"]);
    }

    #[test]
    fn a_date_is_written_with_the_month_in_english() {
        assert_eq!(imap_date(jiff::civil::date(2026, 2, 1)), "1-Feb-2026");
        assert_eq!(imap_date(jiff::civil::date(2026, 12, 31)), "31-Dec-2026");
    }
}
