//! What a face asks of the mailbox itself: mail that matches a search, or one mail by its
//! number, with what the rules say of it. No lock is held, no cursor moves, and of mail that
//! is not kept nothing is written; only [`Finder::admit`] takes a mail in, and only one.
//!
//! What cools is not there: neither kept mail that nobody may hear of yet, nor a mail that
//! the daemon would keep quiet as soon as it reads it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use jiff::civil::Date;

use super::book::Book;
use super::fingerprint::FingerprintKey;
use super::incoming;
use super::judged::Judged;
use super::{Account, DaemonError, MailboxSource, Settings, Shared, intake, lifecycle};
use crate::cool;
use crate::model::findings::Reached;
use crate::model::ids::{AccountNo, FoundNo, MailNo};
use crate::model::message::Message;
use crate::model::verdict::{Decision, Kind, Verdict};
use crate::model::visibility::Visibility;
use crate::parse;
use crate::record::Placement;
use crate::source::{Folder, Known, Looker, Raw, Role, Search, Uid, imap, maildir};
use crate::store::arrivals::{self, Acquaintance, NewMessage};
use crate::store::decisions;
use crate::store::messages::{self, Fingerprint};
use crate::store::sightings::{self, Sighting};
use crate::store::{Store, StoreError, accounts, forget};

/// Hexadecimal digits of a Maildir's number that are typed; the check behind them tells two
/// apart that begin alike.
const MAILDIR_DIGITS: usize = 8;

/// What to look for.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// A part of the sender's name or address.
    pub from: Option<String>,
    /// A part of the subject.
    pub subject: Option<String>,
    /// Received at this moment or later.
    pub since: Option<Timestamp>,
}

/// A mail as it lies in the mailbox.
#[derive(Debug, Clone)]
pub struct Seen {
    /// How it is called.
    pub id: MailNo,
    /// The account's label.
    pub account: String,
    /// When it was received.
    pub received_at: Timestamp,
    /// What it says.
    pub message: Message,
    /// What the rules say of it now.
    pub verdict: Verdict,
    /// What holds: of a kept mail what was decided or corrected, else what the rules say.
    pub decision: Decision,
    /// P(rejected) as it belongs to `decision`.
    pub probability: f64,
    fingerprint: Fingerprint,
    text_fingerprint: Fingerprint,
    folder: Folder,
    uidvalidity: u32,
    raw: Raw,
}

/// A reader of mailboxes for a face.
pub struct Finder {
    pub(super) shared: Arc<Shared>,
}

impl Finder {
    /// A reader of these accounts beside the daemon's database.
    ///
    /// # Errors
    /// When the daemon has never read one of them, or the rules cannot be used.
    pub fn open(settings: Settings, mut store: Store) -> Result<Finder, DaemonError> {
        let rules = (settings.rules.load)().map_err(DaemonError::Rules)?;
        let (key, rows) = store.read(|tx| {
            Ok((crate::store::meta(tx, lifecycle::FINGERPRINT_KEY)?, accounts::all(tx)?))
        })?;
        let unknown = |label: &str| DaemonError::Account {
            label: label.to_owned(),
            why: "the daemon has not read this account yet".to_owned(),
            hint: Some("Start it: regards run".to_owned()),
        };
        let mut numbers = Vec::new();
        for account in &settings.accounts {
            let row = rows.iter().find(|it| it.login == account.login && it.host == account.host);
            numbers.push(row.ok_or_else(|| unknown(&account.label))?.no);
        }
        let key = key.ok_or_else(|| unknown("database"))?;
        let key = FingerprintKey::new(&key);
        Ok(Finder { shared: Arc::new(Shared::new(settings, numbers, rules, key, store)) })
    }

    /// The labels of the accounts.
    pub fn labels(&self) -> Vec<String> {
        self.shared.settings.accounts.iter().map(|account| account.label.clone()).collect()
    }

    /// The newest `limit` mails of an account that match, the newest first. `tell` hears how
    /// many were found so far.
    ///
    /// # Errors
    /// Whatever stood in the way.
    pub async fn find(
        &self,
        label: &str,
        query: &Query,
        limit: usize,
        now: Timestamp,
        tell: impl Fn(usize) + Send + Sync + 'static,
    ) -> Result<Vec<Seen>, DaemonError> {
        let (account, no) = self.account(label)?;
        let sieve = Sieve::new(&self.shared, account, query.clone(), now, Box::new(tell));
        match &account.mailbox {
            MailboxSource::Imap { settings, secret } => {
                let settings = imap::Settings { account: no, ..(**settings).clone() };
                let search = Search {
                    from: query.from.clone(),
                    subject: query.subject.clone(),
                    since: query.since.and_then(day_before),
                };
                let credentials = secret.clone().credentials();
                let sieve = Arc::clone(&sieve);
                imap::look::search(Arc::new(settings), &credentials, search, limit, sieve)
                    .await
                    .map_err(|error| failed(label, &error, error.hint()))?;
            }
            MailboxSource::Maildir(path) => {
                let settings = maildir::Settings::new(no, path.clone());
                maildir::search(&settings, limit, &*sieve)
                    .await
                    .map_err(|error| failed(label, &error, error.hint()))?;
            }
        }
        let mut found = sieve.into_found()?;
        found.sort_by(|a, b| (b.received_at, &b.id).cmp(&(a.received_at, &a.id)));
        found.truncate(limit);
        Ok(found)
    }

    /// The mail of this number; `None` when it is not there (any more) or cools.
    ///
    /// # Errors
    /// Whatever stood in the way.
    pub async fn fetch(&self, no: &FoundNo, now: Timestamp) -> Result<Option<Seen>, DaemonError> {
        let place = self.shared.store().read(|tx| accounts::folder_of(tx, no.folder))?;
        let Some((account_no, folder)) = place else { return Ok(None) };
        let Some(account) = self.shared.account(account_no) else { return Ok(None) };
        let label = &account.label;
        let sieve = Sieve::new(&self.shared, account, Query::default(), now, Box::new(|_| ()));
        match &account.mailbox {
            MailboxSource::Imap { settings, secret } => {
                let Ok(uid) = no.uid.parse::<Uid>() else { return Ok(None) };
                let settings = imap::Settings { account: account_no, ..(**settings).clone() };
                let known = vec![Known { folder, uidvalidity: None, uids: vec![uid] }];
                let credentials = secret.clone().credentials();
                imap::look::again(Arc::new(settings), &credentials, known, Arc::clone(&sieve))
                    .await
                    .map_err(|error| failed(label, &error, error.hint()))?;
            }
            MailboxSource::Maildir(path) => {
                let settings = maildir::Settings::new(account_no, path.clone());
                let digits = no.uid.clone();
                maildir::again(&settings, move |uid| digits_of(uid) == digits, &*sieve)
                    .await
                    .map_err(|error| failed(label, &error, error.hint()))?;
            }
        }
        let found = sieve.into_found()?;
        Ok(found.into_iter().find(|seen| check_of(&seen.fingerprint) == no.check))
    }

    /// Takes exactly this mail in as one of this kind: kept, placed, and the correction
    /// written down for the daemon; the number of that decision.
    ///
    /// # Errors
    /// The store's; then nothing was written.
    pub fn admit(
        &self,
        seen: &Seen,
        kind: Kind,
        by: &str,
        now: Timestamp,
    ) -> Result<i64, DaemonError> {
        let ruleset = self.shared.rules().number();
        let decided = self.shared.store().write(|tx| {
            let known = arrivals::acquaintance(tx, &seen.fingerprint, &seen.text_fingerprint)?;
            let no = match known {
                Acquaintance::Known { no, .. } => {
                    arrivals::remember(tx, no, &new_message(tx, seen, kind, now)?)?;
                    no
                }
                Acquaintance::Stranger | Acquaintance::Impostor(_) | Acquaintance::Forgotten => {
                    forget::take_back(tx, &seen.fingerprint)?;
                    arrivals::insert(tx, &new_message(tx, seen, kind, now)?)?
                }
            };
            let sighting = Sighting {
                folder: accounts::folder(tx, seen.folder.account, &seen.folder.name)?,
                uidvalidity: seen.uidvalidity,
                uid: seen.raw.uid,
                received_at: seen.received_at,
                fingerprint: seen.fingerprint,
                verdict: Some(&seen.verdict),
                ruleset,
                message: Some(no),
            };
            sightings::sight(tx, &sighting)?;
            sightings::is_message(tx, &seen.fingerprint, no)?;
            decisions::write(tx, no, &decisions::Decision::Correct(kind), by, now)
        })?;
        Ok(decided)
    }

    fn account(&self, label: &str) -> Result<(&Account, AccountNo), DaemonError> {
        let accounts = self.shared.settings.accounts.iter().zip(&self.shared.numbers);
        let found = accounts.into_iter().find(|(account, _)| account.label == label);
        found.map(|(account, no)| (account, *no)).ok_or_else(|| DaemonError::Account {
            label: label.to_owned(),
            why: "the configuration has no such account".to_owned(),
            hint: Some(format!("There are: {}", self.labels().join(", "))),
        })
    }
}

pub(super) fn failed(
    label: &str,
    error: &dyn std::error::Error,
    hint: Option<String>,
) -> DaemonError {
    DaemonError::Account { label: label.to_owned(), why: error.to_string(), hint }
}

/// A server counts days in a zone of its own: a day more is asked for, and looked at here.
fn day_before(at: Timestamp) -> Option<Date> {
    at.to_zoned(jiff::tz::TimeZone::UTC).date().yesterday().ok()
}

/// The row of a mail that is kept because the user says so.
fn new_message<'a>(
    tx: &rusqlite::Transaction<'_>,
    seen: &'a Seen,
    kind: Kind,
    now: Timestamp,
) -> Result<NewMessage<'a>, StoreError> {
    let as_told = Verdict { decision: Decision::Sure(kind), ..seen.verdict.clone() };
    let mut book = Book::default();
    let application = match book.place(tx, &seen.message, &as_told, seen.received_at)? {
        Placement::Known(no, _) => Some(no),
        Placement::New(_) | Placement::Ambiguous(_) | Placement::Nowhere => None,
    };
    Ok(NewMessage {
        account: seen.folder.account,
        application,
        fingerprint: seen.fingerprint,
        text_fingerprint: seen.text_fingerprint,
        watched: seen.folder.role == Role::Watch,
        message: &seen.message,
        verdict: Some(&seen.verdict),
        findings: Some(&seen.verdict.findings),
        ties: &[],
        received_at: seen.received_at,
        first_seen_at: now,
        question: None,
        addressing: None,
        quiet_until: None,
        away: false,
        raw: &seen.raw.bytes,
    })
}

/// How a mail is called that is not kept.
pub(super) fn found_no(
    tx: &rusqlite::Transaction<'_>,
    shared: &Shared,
    folder: &Folder,
    uid: Uid,
    fingerprint: &Fingerprint,
) -> Result<FoundNo, StoreError> {
    let number = accounts::folder(tx, folder.account, &folder.name)?;
    let mailbox = shared.account(folder.account).map(|account| &account.mailbox);
    let local = matches!(mailbox, Some(MailboxSource::Maildir(_)));
    let uid = if local { digits_of(uid) } else { uid.to_string() };
    Ok(FoundNo { folder: number, uid, check: check_of(fingerprint) })
}

fn check_of(fingerprint: &Fingerprint) -> String {
    fingerprint.iter().take(2).map(|byte| format!("{byte:02x}")).collect()
}

/// The first digits of a Maildir's number.
fn digits_of(uid: Uid) -> String {
    format!("{uid:016x}").chars().take(MAILDIR_DIGITS).collect()
}

/// Lets through what matches and may be heard of.
struct Sieve {
    shared: Arc<Shared>,
    label: String,
    own: Vec<crate::model::address::Address>,
    query: Query,
    /// The mailbox has no search of its own.
    searches: bool,
    now: Timestamp,
    tell: Box<dyn Fn(usize) + Send + Sync>,
    state: Mutex<Sieved>,
}

#[derive(Default)]
struct Sieved {
    found: Vec<Seen>,
    /// A mail in two folders is one mail.
    fingerprints: BTreeSet<(Fingerprint, Fingerprint)>,
    failed: Option<StoreError>,
}

impl Sieve {
    fn new(
        shared: &Arc<Shared>,
        account: &Account,
        query: Query,
        now: Timestamp,
        tell: Box<dyn Fn(usize) + Send + Sync>,
    ) -> Arc<Sieve> {
        Arc::new(Sieve {
            shared: Arc::clone(shared),
            label: account.label.clone(),
            own: account.own_addresses(),
            query,
            searches: matches!(account.mailbox, MailboxSource::Maildir(_)),
            now,
            tell,
            state: Mutex::new(Sieved::default()),
        })
    }

    fn into_found(self: Arc<Self>) -> Result<Vec<Seen>, StoreError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match state.failed.take() {
            Some(error) => Err(error),
            None => Ok(std::mem::take(&mut state.found)),
        }
    }

    fn see(&self, folder: &Folder, uidvalidity: u32, raw: Raw) -> Result<Option<Seen>, StoreError> {
        let uid = raw.uid;
        let (shared, rules) = (&self.shared, self.shared.rules());
        let kept_raw = raw.clone();
        let judged = intake::judge(shared, &rules, &self.own, raw, self.now, Visibility::Released)?;
        let Judged { message, verdict, fingerprint, text_fingerprint, received_at, .. } = judged;
        // The user's own mail is of no kind.
        let Some(verdict) = verdict.filter(|_| self.matches(&message, received_at)) else {
            return Ok(None);
        };
        let kept = shared.store().read(|tx| {
            match arrivals::acquaintance(tx, &fingerprint, &text_fingerprint)? {
                Acquaintance::Known { no, .. } => {
                    messages::get(tx, no, Visibility::Cooling).map(Some)
                }
                Acquaintance::Stranger | Acquaintance::Impostor(_) | Acquaintance::Forgotten => {
                    Ok(None)
                }
            }
        })?;
        let cools = match &kept {
            Some(kept) => kept.quiet_until.is_some(),
            None => would_cool(shared, &verdict, received_at, self.now),
        };
        if cools {
            return Ok(None);
        }
        // One whose words were forgotten is read again under this number, and kept again.
        let id = match &kept {
            Some(kept) if kept.text.is_some() => MailNo::Kept(kept.no),
            _ => MailNo::Found(
                shared.store().write(|tx| found_no(tx, shared, folder, uid, &fingerprint))?,
            ),
        };
        let (decision, probability) = kept
            .and_then(|kept| Some((kept.decision?, kept.probability)))
            .unwrap_or((verdict.decision, verdict.probability));
        Ok(Some(Seen {
            id,
            account: self.label.clone(),
            received_at,
            message,
            verdict,
            decision,
            probability,
            fingerprint,
            text_fingerprint,
            folder: folder.clone(),
            uidvalidity,
            raw: kept_raw,
        }))
    }

    fn matches(&self, message: &Message, received_at: Timestamp) -> bool {
        if self.query.since.is_some_and(|since| received_at < since) {
            return false;
        }
        let holds = |wanted: &Option<String>, text: &str| {
            wanted.as_ref().is_none_or(|it| text.to_lowercase().contains(&it.to_lowercase()))
        };
        let from: Vec<String> = message.header.from.iter().map(ToString::to_string).collect();
        !self.searches
            || (holds(&self.query.from, &from.join(" "))
                && holds(&self.query.subject, &message.header.subject))
    }
}

/// The daemon would keep a mail quiet that it has not taken in.
pub(super) fn would_cool(
    shared: &Shared,
    verdict: &Verdict,
    received_at: Timestamp,
    now: Timestamp,
) -> bool {
    let hurts = match verdict.decision {
        Decision::Sure(kind) => kind == Kind::Rejected,
        Decision::Unsure(_) => true,
    };
    let open = cool::is_open(now, &shared.settings.cool);
    let quiet = cooled_at(shared, verdict, received_at) > now || !open;
    hurts && incoming::is_recent(shared, received_at, now) && quiet
}

/// The end of its pause. How far the application had come is not asked: the longest one.
pub(super) fn cooled_at(shared: &Shared, verdict: &Verdict, received_at: Timestamp) -> Timestamp {
    let reason = verdict.findings.reason.as_ref().map(|found| found.value);
    cool::not_before(received_at, Reached::Offer, reason, &shared.settings.cool)
}

impl Looker for Sieve {
    fn enough(&self, prefix: &[u8]) -> bool {
        parse::enough(prefix)
    }

    fn look(&self, folder: &Folder, uidvalidity: u32, raw: Raw) -> bool {
        let seen = self.see(folder, uidvalidity, raw);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match seen {
            Ok(Some(seen)) => {
                if !state.fingerprints.insert((seen.fingerprint, seen.text_fingerprint)) {
                    return false;
                }
                state.found.push(seen);
                (self.tell)(state.found.len());
                true
            }
            Ok(None) => false,
            Err(error) => {
                state.failed = state.failed.take().or(Some(error));
                false
            }
        }
    }
}
