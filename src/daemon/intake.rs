//! Raw mail in: parse, classify, record, keep. The README's sentence as code.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex, PoisonError};
use std::{iter, thread};

use jiff::Timestamp;

use super::admit;
use super::judged::{Judged, Place};
use super::{Shared, now};
use crate::classify::Known;
use crate::model::findings::Found;
use crate::model::ids::AccountNo;
use crate::model::message::{Direction, Message};
use crate::model::verdict::Verdict;
use crate::model::visibility::Visibility;
use crate::parse;
use crate::record;
use crate::source::{Batch, Contact, Cursor, Folder, Intake, IntakeError, Raw, Role, Uid};
use crate::store::brakes::{self, Brake};
use crate::store::{StoreError, accounts, arrivals, by_hand, crash, sightings};

/// Messages written in one transaction; with some milliseconds each it stays below 200 ms,
/// so that a face never waits long for its turn.
const CHUNK_MESSAGES: usize = 16;

/// A further thread is begun for so many of them.
const THREAD_MESSAGES: usize = 4;

/// The daemon's side of every source.
#[derive(Clone)]
pub(super) struct DaemonIntake(pub(super) Arc<Shared>);

impl Intake for DaemonIntake {
    async fn cursor(&self, folder: &Folder) -> Result<Option<Cursor>, IntakeError> {
        let cursor =
            self.0.store().read(|tx| accounts::cursor(tx, folder.account, &folder.name))?;
        Ok(cursor.map(|(uidvalidity, uid_next)| Cursor { uidvalidity, uid_next }))
    }

    async fn unseen(
        &self,
        folder: &Folder,
        uidvalidity: u32,
        uids: Vec<Uid>,
    ) -> Result<Vec<Uid>, IntakeError> {
        let unseen = self.0.store().write(|tx| {
            let number = accounts::folder(tx, folder.account, &folder.name)?;
            sightings::unseen(tx, number, uidvalidity, &uids)
        })?;
        Ok(unseen)
    }

    async fn admit(&self, batch: Batch) -> Result<(), IntakeError> {
        let shared = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || take_over(&shared, batch)).await??;
        Ok(())
    }

    async fn reset(
        &self,
        folder: &Folder,
        old: Cursor,
        new_uidvalidity: u32,
    ) -> Result<(), IntakeError> {
        let brake = Brake {
            what: "uidvalidity".to_owned(),
            at: now(),
            until: None,
            why: format!(
                "the server numbers the folder {} anew; nothing is drafted until you have looked",
                folder.name
            ),
        };
        tracing::warn!(
            old = old.uidvalidity,
            new = new_uidvalidity,
            "UIDVALIDITY changed; reading the folder again"
        );
        self.0.store().write(|tx| {
            let number = accounts::folder(tx, folder.account, &folder.name)?;
            accounts::move_cursor(tx, number, new_uidvalidity, 0)?;
            brakes::set(tx, &brake)
        })?;
        Ok(())
    }

    fn enough(&self, prefix: &[u8]) -> bool {
        parse::enough(prefix)
    }

    fn contact(&self, account: AccountNo, contact: Contact) {
        let label = self.0.account(account).map_or("", |it| &it.label);
        let written = match &contact {
            Contact::Connected => {
                tracing::info!(account = label, "Logged in");
                Ok(())
            }
            Contact::CaughtUp { admitted, missing } => {
                if *admitted > 0 {
                    tracing::info!(account = label, admitted, "Caught up");
                }
                for folder in missing {
                    tracing::warn!(account = label, folder, "The server has no such folder");
                }
                self.0.shelf.clear();
                self.0.wake.notify_one();
                self.caught_up(account, label)
            }
            Contact::Idle { .. } => {
                self.0.store().write(|tx| accounts::in_contact(tx, account, now()))
            }
            Contact::Lost { why, hint, .. } => self.waits(account, label, why, hint.as_deref()),
            Contact::WaitingForSecret { why, .. } => self.waits(account, label, why, None),
            Contact::Refused { why, hint } => self.waits(account, label, why, Some(hint)),
        };
        if let Err(error) = written {
            tracing::error!(account = label, %error, "Could not note the contact");
        }
    }
}

impl DaemonIntake {
    /// After the first look it is said once what was read and why the desk is empty.
    fn caught_up(&self, account: AccountNo, label: &str) -> Result<(), StoreError> {
        let first = self.0.store().write(|tx| {
            let first =
                accounts::all(tx)?.iter().any(|it| it.no == account && it.contact_at.is_none());
            accounts::in_contact(tx, account, now())?;
            // The count reads everything: not after each mail.
            let read = || Ok((sightings::count_read(tx)?, sightings::oldest_day(tx)?));
            first.then(read).transpose()
        })?;
        if let Some((read, oldest)) = first {
            let since = oldest
                .and_then(|day| Timestamp::from_second(day.saturating_mul(86_400)).ok())
                .map(|at| format!(" since {}", at.strftime("%Y-%m-%d")))
                .unwrap_or_default();
            tracing::info!(
                account = label,
                "First look: {read} mails read{since}. Rejections of more than {} ago are \
                 counted (regards stats), not drafted; newer ones come onto the desk after \
                 their pause",
                days(self.0.settings.cool.look_back),
            );
        }
        Ok(())
    }

    fn waits(
        &self,
        account: AccountNo,
        label: &str,
        why: &str,
        hint: Option<&str>,
    ) -> Result<(), StoreError> {
        tracing::warn!(account = label, hint, "{why}");
        let sentence = match hint {
            Some(hint) => format!("{why} ({hint})"),
            None => why.to_owned(),
        };
        self.0.store().write(|tx| accounts::waits(tx, account, &sentence))
    }
}

fn days(length: jiff::SignedDuration) -> String {
    format!("{} days", length.as_hours().div_euclid(24))
}

/// Judges the batch outside of any transaction, then writes it in short ones; the cursor
/// moves with each.
fn take_over(shared: &Shared, batch: Batch) -> Result<(), StoreError> {
    let Batch { folder, uidvalidity, messages, cursor, .. } = batch;
    let seen_at = now();
    let rules = shared.rules();
    let own = shared.account(folder.account).map(super::Account::own_addresses).unwrap_or_default();
    let mut chunks = messages.into_iter().peekable();
    loop {
        let raws: Vec<Raw> = chunks.by_ref().take(CHUNK_MESSAGES).collect();
        let last = chunks.peek().is_none();
        let judged =
            judge_all(raws, |raw| judge(shared, &rules, &own, raw, seen_at, Visibility::Cooling))?;
        let next = match judged.last() {
            Some(it) if !last && cursor.uid_next > 0 => it.uid.saturating_add(1),
            _ if last => cursor.uid_next,
            _ => 0,
        };
        let point = |name| {
            if !judged.is_empty() {
                crash::point(name)
            }
        };
        point("receive.judged");
        let (woken, left) = shared.store().write(|tx| {
            let mut book = shared.shelf.take(tx)?;
            let number = accounts::folder(tx, folder.account, &folder.name)?;
            let place = Place {
                account: folder.account,
                folder: number,
                uidvalidity,
                watched: folder.role == Role::Watch,
                ruleset: rules.number(),
                now: seen_at,
            };
            let mut woken = false;
            // Read out of its order, a mail may join what was read before otherwise.
            let in_order = judged.is_sorted_by_key(|it| it.received_at);
            let oldest = judged.iter().map(|it| it.received_at).min();
            if !in_order || oldest.map(|at| by_hand::is_late(tx, at)).transpose()? == Some(true) {
                by_hand::disarrange(tx)?;
            }
            for it in &judged {
                woken |= admit::admit(tx, shared, &place, &mut book, it)?;
            }
            point("receive.admitted");
            accounts::move_cursor(tx, number, uidvalidity, next)?;
            Ok((woken, book.left(tx)?))
        })?;
        shared.shelf.put(left);
        point("receive.committed");
        if woken {
            shared.wake.notify_one();
        }
        if last {
            return Ok(());
        }
    }
}

/// Judges these in their order, many on several cores: nearly all time of a first look goes
/// here.
fn judge_all(
    raws: Vec<Raw>,
    judge: impl Fn(Raw) -> Result<Judged, StoreError> + Sync,
) -> Result<Vec<Judged>, StoreError> {
    let threads = match raws.len() / THREAD_MESSAGES {
        0 | 1 => 1,
        many => many.min(thread::available_parallelism().map_or(1, NonZero::get)),
    };
    let left = Mutex::new(raws.into_iter().enumerate());
    let next = || left.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = || -> Result<Vec<(usize, Judged)>, StoreError> {
        iter::from_fn(next).map(|(at, raw)| Ok((at, judge(raw)?))).collect()
    };
    let mut judged = thread::scope(|scope| {
        let helpers: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut judged = work()?;
        for helper in helpers {
            judged.extend(helper.join().unwrap_or_else(|panic| resume_unwind(panic))?);
        }
        Ok::<_, StoreError>(judged)
    })?;
    judged.sort_unstable_by_key(|(at, _)| *at);
    Ok(judged.into_iter().map(|(_, it)| it).collect())
}

/// Every word of one name stands in the other.
fn is_part_of(name: &str, whole: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        words.map(str::to_lowercase).collect()
    };
    let whole = words(whole);
    words(name).iter().all(|word| whole.contains(word))
}

/// Parses and classifies one mail in the light of what is known and `visibility` lets see.
pub(super) fn judge(
    shared: &Shared,
    rules: &crate::classify::Rules,
    own: &[crate::model::address::Address],
    raw: Raw,
    seen_at: Timestamp,
    visibility: Visibility,
) -> Result<Judged, StoreError> {
    let message = parse::message(&raw.bytes, raw.complete, own);
    let begins = record::begins(&message);
    let classified = || -> Result<Verdict, StoreError> {
        let known = known(shared, &message, visibility)?;
        let mut verdict = rules.classify(&message, &known);
        // "Hi from Alex" in a subject names no employer.
        let own = |name: &Found<String>| is_part_of(&name.value, &shared.settings.me.name);
        verdict.findings.company = verdict.findings.company.filter(|it| !own(it));
        Ok(verdict)
    };
    let verdict = match message.direction {
        Direction::Own => None,
        Direction::Incoming => Some(classified()?),
    };
    let begins = begins.then(|| classified().map(|it| it.findings)).transpose()?;
    let ties = record::ties(&message);
    Ok(Judged {
        begins,
        ties,
        uid: raw.uid,
        fingerprint: shared.key.of(&message),
        text_fingerprint: shared.key.of_text(&message),
        received_at: message.received_at(seen_at),
        verdict,
        message,
        raw: raw.bytes,
    })
}

fn known(shared: &Shared, message: &Message, visibility: Visibility) -> Result<Known, StoreError> {
    let header = &message.header;
    let ids: Vec<_> = header.in_reply_to.iter().chain(&header.references).collect();
    let domain = message.sender().map(|sender| sender.address.domain());
    let (thread, application) =
        shared.store().read(|tx| arrivals::acquainted(tx, &ids, domain, visibility))?;
    Ok(Known { thread, application })
}

#[cfg(test)]
mod tests {
    use super::is_part_of;

    #[test]
    fn the_users_own_name_is_known_by_its_words() {
        for own in ["Alex", "alex morgan", "Morgan, Alex"] {
            assert!(is_part_of(own, "Alex Morgan"), "{own}");
        }
        for other in ["Alexander", "Morgan Stanley", "Alex & Co"] {
            assert!(!is_part_of(other, "Alex Morgan"), "{other}");
        }
    }
}
