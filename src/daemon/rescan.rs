//! A second look, by the rules of today, at mail that older ones judged: kept mail from what
//! is kept of it, other mail from the mailbox. Verdicts and figures change; no draft is made,
//! what the user told holds, and what cools is left alone.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use rusqlite::Transaction;

use super::book::Book;
use super::find::{Finder, cooled_at, failed, found_no, would_cool};
use super::judged::{Judged, Place};
use super::{
    Account, DaemonError, MailboxSource, Shared, admit, decisions, incoming, intake, overtake,
};
use crate::classify::Known as Evidence;
use crate::model::ids::{AccountNo, ApplicationNo, MailNo, MessageNo};
use crate::model::journal::Entry;
use crate::model::message::Message;
use crate::model::reply::{Overtaking, Withdrawal};
use crate::model::verdict::{Decision, Kind, Verdict};
use crate::model::visibility::Visibility;
use crate::parse;
use crate::record::Placement;
use crate::source::{Folder, Known, Looker, Raw, Role, imap, maildir};
use crate::store::arrivals::{self, Acquaintance};
use crate::store::messages::{self, Fingerprint, Kept, Question};
use crate::store::second_looks::{self, Rejudged, Scope, Unkept};
use crate::store::{StoreError, accounts, applications, journal, sightings};

/// Messages written in one transaction, as in the intake.
const CHUNK_MESSAGES: usize = 16;

/// Who writes into the journal.
const RESCAN: &str = "rescan";

/// Another verdict.
#[derive(Debug, Clone)]
pub struct Change {
    /// Which mail.
    pub id: MailNo,
    /// When it was received.
    pub received_at: Timestamp,
    /// Who wrote.
    pub from: Option<String>,
    /// Subject.
    pub subject: String,
    /// What it was taken for: a kind, or `unsure`.
    pub old: &'static str,
    /// What it is taken for now.
    pub new: &'static str,
}

/// What came of it.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// The number of the rule set of today.
    pub ruleset: u32,
    /// Mails read again.
    pub read: usize,
    /// Of these, mails whose kind the user has told: it holds.
    pub told: usize,
    /// Mails that are not in the mailbox any more.
    pub absent: usize,
    /// What is judged otherwise and may be heard of.
    pub changes: Vec<Change>,
}

impl Finder {
    /// Looks again at what older rules were in doubt about, or with `all` at everything that
    /// they judged, received since a moment. `tell` hears how many of how many are done.
    ///
    /// # Errors
    /// Whatever stood in the way; what was judged until then is written.
    pub async fn rescan(
        &self,
        since: Option<Timestamp>,
        all: bool,
        now: Timestamp,
        tell: impl Fn(usize, usize) + Send + Sync + 'static,
    ) -> Result<Outcome, DaemonError> {
        let ruleset = self.shared.rules().number();
        let scope = Scope { ruleset, since, all };
        let (kept, unkept) = self
            .shared
            .store()
            .read(|tx| Ok((second_looks::kept(tx, &scope)?, second_looks::unkept(tx, &scope)?)))?;
        let total = kept.len().saturating_add(unkept.len());
        let tell: Tell = Arc::new(move |done| tell(done, total));
        let mut outcome = Outcome { ruleset, ..Outcome::default() };
        for no in kept {
            kept_again(&self.shared, no, now, &mut outcome)?;
            tell(outcome.read);
        }
        let mut by_account: BTreeMap<AccountNo, Vec<Unkept>> = BTreeMap::new();
        for it in unkept {
            by_account.entry(it.account).or_default().push(it);
        }
        for (account, mails) in by_account {
            let wanted = mails.len();
            let before = outcome.read;
            self.unkept_again(account, mails, now, &mut outcome, &tell).await?;
            let read = outcome.read.saturating_sub(before);
            outcome.absent = outcome.absent.saturating_add(wanted.saturating_sub(read));
        }
        outcome.changes.sort_by(|a, b| (b.received_at, &b.id).cmp(&(a.received_at, &a.id)));
        Ok(outcome)
    }

    async fn unkept_again(
        &self,
        no: AccountNo,
        mails: Vec<Unkept>,
        now: Timestamp,
        outcome: &mut Outcome,
        tell: &Tell,
    ) -> Result<(), DaemonError> {
        // An account that was taken out of the configuration is not read.
        let Some(account) = self.shared.account(no) else { return Ok(()) };
        let known = places(&mails);
        let gatherer = Arc::new(Gatherer {
            shared: Arc::clone(&self.shared),
            own: account.own_addresses(),
            old: mails.into_iter().map(|it| (it.fingerprint, it.kind)).collect(),
            now,
            tell: Arc::clone(tell),
            state: Mutex::new(Gathered { outcome: std::mem::take(outcome), ..Gathered::default() }),
        });
        let read = read_again(account, no, known, &gatherer).await;
        let written = gatherer.flush();
        let mut state = gatherer.state.lock().unwrap_or_else(PoisonError::into_inner);
        *outcome = std::mem::take(&mut state.outcome);
        read?;
        written?;
        state.failed.take().map_or(Ok(()), |error| Err(error.into()))
    }
}

type Tell = Arc<dyn Fn(usize) + Send + Sync>;

/// The folders of an account with the numbers in each.
fn places(mails: &[Unkept]) -> Vec<Known> {
    let mut places: BTreeMap<(String, u32), Vec<u64>> = BTreeMap::new();
    for it in mails {
        places.entry((it.folder.clone(), it.uidvalidity)).or_default().push(it.uid);
    }
    let known =
        |((folder, uidvalidity), uids)| Known { folder, uidvalidity: Some(uidvalidity), uids };
    places.into_iter().map(known).collect()
}

async fn read_again(
    account: &Account,
    no: AccountNo,
    known: Vec<Known>,
    gatherer: &Arc<Gatherer>,
) -> Result<(), DaemonError> {
    let label = &account.label;
    match &account.mailbox {
        MailboxSource::Imap { settings, secret } => {
            let settings = imap::Settings { account: no, ..(**settings).clone() };
            let credentials = secret.clone().credentials();
            imap::look::again(Arc::new(settings), &credentials, known, Arc::clone(gatherer))
                .await
                .map_err(|error| failed(label, &error, error.hint()))
        }
        MailboxSource::Maildir(path) => {
            let settings = maildir::Settings::new(no, path.clone());
            let uids: std::collections::BTreeSet<u64> =
                known.into_iter().flat_map(|it| it.uids).collect();
            maildir::again(&settings, move |uid| uids.contains(&uid), &**gatherer)
                .await
                .map_err(|error| failed(label, &error, error.hint()))
        }
    }
}

/// A kept message, from what is kept of it.
fn kept_again(
    shared: &Shared,
    no: MessageNo,
    now: Timestamp,
    outcome: &mut Outcome,
) -> Result<(), StoreError> {
    let (kept, raw) = shared
        .store()
        .read(|tx| Ok((messages::get(tx, no, Visibility::Cooling)?, messages::raw(tx, no)?)))?;
    let Some(raw) = raw else { return Ok(()) };
    let own = shared.account(kept.account).map(Account::own_addresses).unwrap_or_default();
    let message = parse::message(&raw, true, &own);
    let belongs = kept.application.is_some();
    let evidence = Evidence { thread: belongs, application: belongs };
    let rules = shared.rules();
    let verdict = rules.classify(&message, &evidence);
    let change = shared.store().write(|tx| {
        // As it is by now: the daemon or the user may have moved it.
        let kept = messages::get(tx, no, Visibility::Cooling)?;
        let forged = kept.question == Some(Question::SameIds);
        if kept.quiet_until.is_some() || forged {
            return Ok(None);
        }
        second_looks::fires(tx, no, &verdict, rules.number())?;
        // Feedback is worded like a rejection, and was told from one by what it answers.
        if crate::store::answers::is_answer(tx, kept.no)? {
            return Ok(None);
        }
        if kept.corrected {
            outcome.told = outcome.told.saturating_add(1);
            return Ok(None);
        }
        judge_again(tx, shared, &kept, &message, &verdict, now)
    })?;
    outcome.read = outcome.read.saturating_add(1);
    outcome.changes.extend(change);
    Ok(())
}

fn judge_again(
    tx: &Transaction<'_>,
    shared: &Shared,
    kept: &Kept,
    message: &Message,
    verdict: &Verdict,
    now: Timestamp,
) -> Result<Option<Change>, StoreError> {
    let Some(old) = kept.decision else { return Ok(None) };
    let new = verdict.decision;
    let application = application(tx, kept, message, verdict, now)?;
    let recent = incoming::is_recent(shared, kept.received_at, now);
    let question = match new {
        Decision::Unsure(_) => Some(Question::Unsure).filter(|_| recent && kept.watched),
        Decision::Sure(kind) => kept.question.filter(|it| {
            let settled = *it == Question::Ambiguous && application.is_some();
            kind.concerns_application() && *it != Question::Unsure && !settled
        }),
    };
    // What did not hurt until now is kept quiet like a mail that has just come.
    let harmless = matches!(old, Decision::Sure(kind) if kind != Kind::Rejected);
    let pause = would_cool(shared, verdict, kept.received_at, now);
    let until = cooled_at(shared, verdict, kept.received_at).max(now);
    // But the user has heard of what was a rejection before, by other rules.
    let heard = second_looks::was_rejected(tx, kept.no)?;
    let quiet_until = Some(until).filter(|_| harmless && pause && !heard);
    second_looks::rejudge(tx, kept.no, Rejudged { verdict, application, question, quiet_until })?;
    settle(tx, kept, old, new, application, now)?;
    if new.sure().is_some_and(|kind| !kind.concerns_application()) {
        messages::forget_words(tx, kept.no)?;
    }
    if old.word() == new.word() {
        return Ok(None);
    }
    let entry = Entry {
        at: now,
        by: RESCAN.to_owned(),
        what: format!("judged {} and not {}", new.word(), old.word()),
        reply: None,
        application,
        message: Some(kept.no),
        why: None,
    };
    journal::append(tx, &entry)?;
    Ok(quiet_until.is_none().then(|| Change {
        id: MailNo::Kept(kept.no),
        received_at: kept.received_at,
        from: kept.sender.as_ref().map(ToString::to_string),
        subject: kept.subject.clone(),
        old: old.word(),
        new: new.word(),
    }))
}

/// What it belongs to by the new verdict.
fn application(
    tx: &Transaction<'_>,
    kept: &Kept,
    message: &Message,
    verdict: &Verdict,
    now: Timestamp,
) -> Result<Option<ApplicationNo>, StoreError> {
    if verdict.decision.sure().is_some_and(|kind| !kind.concerns_application()) {
        return Ok(None);
    }
    if kept.application.is_some() {
        return Ok(kept.application);
    }
    let mut book = Book::default();
    match book.place(tx, message, verdict, kept.received_at)? {
        Placement::Known(no, _) => Ok(Some(no)),
        Placement::New(_) => applications::open(tx, now).map(Some),
        Placement::Ambiguous(_) | Placement::Nowhere => Ok(None),
    }
}

/// Takes back what rests on the old verdict, and what the new one makes superfluous.
fn settle(
    tx: &Transaction<'_>,
    kept: &Kept,
    old: Decision,
    new: Decision,
    application: Option<ApplicationNo>,
    now: Timestamp,
) -> Result<(), StoreError> {
    if new != Decision::Sure(Kind::Rejected) || application != kept.application {
        decisions::take_back(tx, kept, Withdrawal::Rejudged, now)?;
    }
    match (application, new.sure().and_then(Overtaking::by)) {
        (Some(application), Some(why)) if old != new => {
            let why = Withdrawal::Overtaken(why);
            overtake::overtake(tx, application, kept.received_at, why, now)
        }
        _ => Ok(()),
    }
}

/// Takes in what comes from the mailbox, some mails at a time.
struct Gatherer {
    shared: Arc<Shared>,
    own: Vec<crate::model::address::Address>,
    /// What each was taken for.
    old: BTreeMap<Fingerprint, Kind>,
    now: Timestamp,
    tell: Tell,
    state: Mutex<Gathered>,
}

#[derive(Default)]
struct Gathered {
    outcome: Outcome,
    waiting: Vec<(Folder, u32, Judged)>,
    failed: Option<StoreError>,
}

impl Looker for Gatherer {
    fn enough(&self, prefix: &[u8]) -> bool {
        parse::enough(prefix)
    }

    fn look(&self, folder: &Folder, uidvalidity: u32, raw: Raw) -> bool {
        let (shared, rules) = (&self.shared, self.shared.rules());
        let judged = intake::judge(shared, &rules, &self.own, raw, self.now, Visibility::Released);
        let waiting = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            match judged {
                // Another mail under an old number is none of those looked for.
                Ok(it) if self.old.contains_key(&it.fingerprint) => {
                    state.waiting.push((folder.clone(), uidvalidity, it));
                }
                Ok(_) => return false,
                Err(error) => state.failed = state.failed.take().or(Some(error)),
            }
            state.waiting.len()
        };
        if waiting >= CHUNK_MESSAGES
            && let Err(error) = self.flush()
        {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.failed = state.failed.take().or(Some(error));
        }
        true
    }
}

impl Gatherer {
    fn flush(&self) -> Result<(), StoreError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = std::mem::take(&mut state.waiting);
        let changes = self.shared.store().write(|tx| {
            let mut book = Book::default();
            let mut changes = Vec::new();
            for (folder, uidvalidity, it) in &waiting {
                changes.extend(self.take_in(tx, &mut book, folder, *uidvalidity, it)?);
            }
            Ok(changes)
        })?;
        state.outcome.changes.extend(changes);
        state.outcome.read = state.outcome.read.saturating_add(waiting.len());
        (self.tell)(state.outcome.read);
        Ok(())
    }

    /// Like a mail that has just come, but that no reply begins.
    fn take_in(
        &self,
        tx: &Transaction<'_>,
        book: &mut Book,
        folder: &Folder,
        uidvalidity: u32,
        it: &Judged,
    ) -> Result<Option<Change>, StoreError> {
        let (shared, now) = (&*self.shared, self.now);
        let place = Place {
            account: folder.account,
            folder: accounts::folder(tx, folder.account, &folder.name)?,
            uidvalidity,
            watched: false,
            ruleset: shared.rules().number(),
            now,
        };
        admit::admit(tx, shared, &place, book, it)?;
        let (Some(verdict), Some(old)) = (&it.verdict, self.old.get(&it.fingerprint)) else {
            return Ok(None);
        };
        second_looks::seen_again(tx, &it.fingerprint, None, verdict, place.ruleset)?;
        let quiet = would_cool(shared, verdict, it.received_at, now);
        let id = match arrivals::acquaintance(tx, &it.fingerprint, &it.text_fingerprint)? {
            Acquaintance::Known { no, .. } => {
                sightings::is_message(tx, &it.fingerprint, no)?;
                self.kept_now(tx, folder, it, no, quiet)?;
                MailNo::Kept(no)
            }
            Acquaintance::Stranger | Acquaintance::Impostor(_) | Acquaintance::Forgotten => {
                MailNo::Found(found_no(tx, shared, folder, it.uid, &it.fingerprint)?)
            }
        };
        let new = verdict.decision.word();
        Ok((!quiet && old.name() != new).then(|| Change {
            id,
            received_at: it.received_at,
            from: it.message.header.from.first().map(ToString::to_string),
            subject: it.message.header.subject.clone(),
            old: old.name(),
            new,
        }))
    }

    fn kept_now(
        &self,
        tx: &Transaction<'_>,
        folder: &Folder,
        it: &Judged,
        no: MessageNo,
        quiet: bool,
    ) -> Result<(), StoreError> {
        if !quiet {
            super::reminders::let_out(tx, &self.shared, no, self.now)?;
        }
        if folder.role != Role::Watch {
            return Ok(());
        }
        messages::watch(tx, no)?;
        let unsure = it.verdict.as_ref().is_some_and(|it| it.decision.sure().is_none());
        if unsure && incoming::is_recent(&self.shared, it.received_at, self.now) {
            messages::ask(tx, no, Question::Unsure)?;
        }
        Ok(())
    }
}
