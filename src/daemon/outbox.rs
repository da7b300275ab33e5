//! What was approved leaves, one mail at a time: guard, search the Sent folder, claim, send,
//! write down what came of it. Every step is written before the wire is touched.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;

use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use tokio_util::sync::CancellationToken;

use super::drafting::{self, Facts, NoDraft};
use super::pauses::{Pauses, after, pause_after};
use super::sent::{self, InSent};
use super::{DAEMON, Shared, answers, now, overtake};
use crate::cool;
use crate::draft::compose;
use crate::draft::guard::{self, GuardInput, Objection, SentBefore};
use crate::model::address::MessageId;
use crate::model::ids::{AccountNo, ReplyNo};
use crate::model::mail::Outcome;
use crate::model::reply::{
    Approval, Claim, DEFERRALS_MAX, Reply, ReplyEvent, ReplyState, Withdrawal,
};
use crate::send::{self, Parcel, Transport};
use crate::store::brakes::{self, Brake};
use crate::store::{Store, StoreError, accounts, arrivals, crash, ledger, messages, replies};

/// RFC 5321 section 4.5.4.1 asks for 30 minutes between attempts.
const DEFERRED_PAUSE: SignedDuration = SignedDuration::from_mins(30);
/// Between two attempts to write down what a server said.
const UNWRITTEN_PAUSE: std::time::Duration = std::time::Duration::from_secs(5);

/// What the outbox remembers between two looks; nothing of it matters after a restart.
#[derive(Default)]
pub(super) struct Outbox {
    /// Passwords that a server refused: the same one is not tried again (lock-outs).
    refused: BTreeMap<AccountNo, SecretString>,
    /// Replies that could not be searched for in Sent.
    pub(super) searches: Pauses,
    /// Drafts that could not be looked for; an approval does not wait for these.
    pub(super) glances: Pauses,
    /// Drafts, by their Message-IDs, whose answer was looked for when they came onto the desk.
    pub(super) looked: BTreeSet<MessageId>,
}

impl Outbox {
    /// Sends what is due. A stop is heeded between two mails, never within one.
    pub(super) async fn look(
        &mut self,
        shared: &Shared,
        stop: &CancellationToken,
    ) -> Result<(), StoreError> {
        if shared.secret_set.swap(false, Ordering::Relaxed) {
            self.refused.clear();
            self.searches = Pauses::default();
            self.glances = Pauses::default();
        }
        // Only what this loop has in hand is being sent; after a full disk or a crash
        // something may have stayed there.
        recover(&mut shared.store())?;
        self.settle_doubts(shared).await?;
        let approved = shared.store().read(|tx| replies::in_states(tx, &["approved"]))?;
        for reply in approved {
            if stop.is_cancelled() {
                break;
            }
            self.consider(shared, &reply, stop).await?;
        }
        self.settle_answered(shared).await?;
        // Last, so that another machine of the user finds what has just left at once.
        self.file_copies(shared).await
    }

    async fn consider(
        &mut self,
        shared: &Shared,
        reply: &Reply,
        stop: &CancellationToken,
    ) -> Result<(), StoreError> {
        let ReplyState::Approved(approval) = &reply.state else { return Ok(()) };
        let now = now();
        if let Some(notice) = stale(shared, approval, now) {
            return back(shared, reply, ReplyEvent::Stale, &notice, now);
        }
        let open =
            !shared.settings.send_in_office_hours || cool::is_open(now, &shared.settings.cool);
        if approval.due > now || !open || self.searches.holds(reply.no, now) || held(shared, now)? {
            return Ok(());
        }
        let Some(facts) = examine(shared, reply, approval, now)? else { return Ok(()) };
        let Some(transport) = self.door(shared, reply, &facts).await? else { return Ok(()) };
        crash::point("send.examined");
        if !self.sent_is_clear(shared, reply, approval).await? {
            return Ok(());
        }
        crash::point("send.searched");
        let Some(claim) = claim(shared, reply)? else { return Ok(()) };
        crash::point("send.claimed");
        let append = facts.way_out.append_to_sent;
        self.transmit(shared, claim, reply, transport, append, stop).await
    }

    /// The transport with its password; `None` while that cannot be had or was refused.
    async fn door(
        &mut self,
        shared: &Shared,
        reply: &Reply,
        facts: &Facts,
    ) -> Result<Option<Transport>, StoreError> {
        let transport = match facts.way_out.exit.open().await {
            Ok(transport) => transport,
            Err(error) => {
                let notice = format!("{error} ({})", error.hint());
                shared.store().write(|tx| replies::set_notice(tx, reply.no, &notice))?;
                return Ok(None);
            }
        };
        let refused = self.refused.get(&reply.account);
        let same = |secret: &SecretString| {
            refused.is_some_and(|it| it.expose_secret() == secret.expose_secret())
        };
        let again = match &transport {
            Transport::Smtp(settings) => match &settings.auth {
                send::smtp::Auth::Password(secret) | send::smtp::Auth::XOAuth2(secret) => {
                    same(secret)
                }
            },
            Transport::Sendmail(_) | Transport::Folder(_) => false,
        };
        Ok(Some(transport).filter(|_| !again))
    }

    /// Nothing in the Sent folder speaks against it, and it could be searched.
    async fn sent_is_clear(
        &mut self,
        shared: &Shared,
        reply: &Reply,
        approval: &Approval,
    ) -> Result<bool, StoreError> {
        let id = &approval.draft.message_id;
        if shared.store().read(|tx| arrivals::has_own(tx, id))? {
            let why = Withdrawal::AnsweredElsewhere;
            shared.store().write(|tx| overtake::withdraw(tx, reply, why, now()))?;
            return Ok(false);
        }
        let parent = shared.store().read(|tx| {
            messages::get(tx, reply.parent, crate::model::visibility::Visibility::Cooling)
        })?;
        let since = parent.received_at.to_zoned(jiff::tz::TimeZone::UTC).date();
        match sent::search(shared, reply, &approval.draft, since).await {
            Ok(InSent::Nothing) => {
                self.searches.succeeded(reply.no);
                Ok(true)
            }
            Ok(InSent::Itself | InSent::Another) => {
                let why = Withdrawal::AnsweredElsewhere;
                shared.store().write(|tx| overtake::withdraw(tx, reply, why, now()))?;
                Ok(false)
            }
            Err(error) => {
                self.searches.failed(reply.no, now());
                let notice =
                    format!("it waits because the Sent folder could not be searched: {error}");
                tracing::warn!(reply = %reply.no, "Not sent yet: {error}");
                shared.store().write(|tx| replies::set_notice(tx, reply.no, &notice))?;
                Ok(false)
            }
        }
    }

    async fn transmit(
        &mut self,
        shared: &Shared,
        claim: Claim,
        reply: &Reply,
        transport: Transport,
        append: bool,
        stop: &CancellationToken,
    ) -> Result<(), StoreError> {
        let (no, digest) = (reply.no, claim.digest());
        let bytes = match compose::bytes_for(&claim, &shared.settings.cool.zone) {
            Ok(bytes) => bytes,
            Err(error) => {
                let interrupted = ReplyEvent::Interrupted;
                let reply = advance(shared, no, interrupted, None)?;
                return back(shared, &reply, ReplyEvent::Objected, &error.to_string(), now());
            }
        };
        let Ok(parcel) = Parcel::new(claim, bytes) else {
            let reply = advance(shared, no, ReplyEvent::Interrupted, None)?;
            let notice = "the bytes to be sent are not those that were approved";
            return back(shared, &reply, ReplyEvent::Objected, notice, now());
        };
        let body_begins = || async {
            advance(shared, no, ReplyEvent::BodyBegins, None)?;
            crash::point("send.body-noted");
            ledger::note(shared.store().dir(), &digest)?;
            crash::point("send.ledger-noted");
            Ok::<(), StoreError>(())
        };
        let limits = &shared.settings.send_limits;
        let outcome = send::send(parcel, &transport, limits, body_begins).await;
        crash::point("send.answered");
        tracing::info!(reply = %no, outcome = word(&outcome), "Tried to send");
        if let Outcome::Unnoted(why) = &outcome {
            tracing::error!(reply = %no, "{why}");
        }
        // What the server said is known only here until it is written.
        loop {
            match self.conclude(shared, reply, outcome.clone(), &transport, append) {
                Err(error) if error.passes() && !stop.is_cancelled() => {
                    tracing::error!("{error}; the result is kept until it can be written");
                    tokio::time::sleep(UNWRITTEN_PAUSE).await;
                }
                other => {
                    // The next attempt may be due before the clock would look again.
                    shared.wake.notify_one();
                    return other;
                }
            }
        }
    }

    /// Writes down what came of it.
    fn conclude(
        &mut self,
        shared: &Shared,
        reply: &Reply,
        outcome: Outcome,
        transport: &Transport,
        append: bool,
    ) -> Result<(), StoreError> {
        let now = now();
        let ReplyState::Approved(approval) = &reply.state else { return Ok(()) };
        let given = |shared: &Shared| {
            shared.store().read(|tx| replies::get(tx, reply.no)).map(|it| {
                matches!(it.state, ReplyState::Sending { phase, .. }
                    if phase == crate::model::mail::Phase::BodyGiven)
            })
        };
        let (event, notice) = match outcome {
            Outcome::Accepted(words) => (ReplyEvent::Accepted, words),
            Outcome::NoContact(why) => {
                let retry_at = after(now, pause_after(approval.unreached));
                (ReplyEvent::NoContact { retry_at }, why)
            }
            Outcome::LoginRefused(why) => {
                self.remember_refusal(reply.account, transport);
                let retry_at = after(now, pause_after(approval.unreached));
                let why = with_next_step(shared, reply.account, why);
                tracing::warn!(reply = %reply.no, "{why}");
                shared.store().write(|tx| accounts::waits(tx, reply.account, &why))?;
                (ReplyEvent::NoContact { retry_at }, why)
            }
            Outcome::Deferred(words) => {
                (ReplyEvent::Deferred { retry_at: after(now, DEFERRED_PAUSE) }, words)
            }
            Outcome::Refused(words) => {
                let told = answers::undelivered("it did not go out", reply, &words);
                (ReplyEvent::Refused(words), told)
            }
            // Nothing of the body is out: a server that breaks off each time is not to be
            // called again at once.
            Outcome::Interrupted(why) if !given(shared)? => {
                let retry_at = after(now, pause_after(approval.unreached));
                (ReplyEvent::NoContact { retry_at }, why)
            }
            Outcome::Interrupted(why) | Outcome::Unnoted(why) => (ReplyEvent::Interrupted, why),
            Outcome::LostSight(why) => (ReplyEvent::LostSight, why),
        };
        // The server has said that it did not take it: it may be handed over again.
        let returned = matches!(event, ReplyEvent::Deferred { .. } | ReplyEvent::Refused(_));
        let returned = returned && given(shared)?;
        let accepted = event == ReplyEvent::Accepted;
        // Before the state: a crash between the two leaves a doubt, which is the safe side.
        if returned {
            ledger::forget(shared.store().dir(), &approval.digest)?;
            crash::point("send.returned");
        }
        if matches!(event, ReplyEvent::Refused(_)) {
            tracing::warn!(reply = %reply.no, "The server refused it; see regards show");
        }
        shared.store().write(|tx| {
            let current = replies::get(tx, reply.no)?;
            replies::advance(tx, &current, event, Some(&notice), DAEMON, now)?;
            if accepted && append { replies::want_sent_copy(tx, reply.no, true) } else { Ok(()) }
        })?;
        crash::point("send.concluded");
        Ok(())
    }

    fn remember_refusal(&mut self, account: AccountNo, transport: &Transport) {
        if let Transport::Smtp(settings) = transport {
            let (send::smtp::Auth::Password(secret) | send::smtp::Auth::XOAuth2(secret)) =
                &settings.auth;
            self.refused.insert(account, secret.clone());
        }
    }
}

/// What a killed or full-disked predecessor left in Sending: before the body nothing can be
/// out, after it nothing can be known.
pub(super) fn recover(store: &mut Store) -> Result<(), StoreError> {
    let sending = store.read(|tx| replies::in_states(tx, &["sending"]))?;
    for reply in sending {
        let notice = "the program ended while it was being sent";
        let next = store.write(|tx| {
            replies::advance(tx, &reply, ReplyEvent::Interrupted, Some(notice), DAEMON, now())
        })?;
        tracing::warn!(reply = %next.no, state = next.state.name(), "Recovered");
    }
    Ok(())
}

fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Accepted(_) => "accepted",
        Outcome::NoContact(_) => "no contact",
        Outcome::LoginRefused(_) => "login refused",
        Outcome::Deferred(_) => "deferred",
        Outcome::Refused(_) => "refused",
        Outcome::Interrupted(_) => "interrupted",
        Outcome::Unnoted(_) => "unnoted",
        Outcome::LostSight(_) => "lost sight",
    }
}

fn held(shared: &Shared, now: Timestamp) -> Result<bool, StoreError> {
    shared.store().read(|tx| Ok(!brakes::in_force(tx, now)?.is_empty()))
}

/// Why an approval does not hold any more.
fn stale(shared: &Shared, approval: &Approval, now: Timestamp) -> Option<String> {
    let settings = &shared.settings;
    // A yes of Friday evening is as good on Monday morning, when it may leave at last.
    let due = if settings.send_in_office_hours {
        cool::next_opening(approval.first_due, &settings.cool)
    } else {
        approval.first_due
    };
    let age = now.duration_since(due);
    if age > shared.settings.limits.approval_good_for {
        return Some("the approval grew too old before it could be sent; approve it anew".into());
    }
    if approval.deferrals >= DEFERRALS_MAX {
        return Some("the server put it off three times; approve it anew to try again".into());
    }
    (now < approval.at).then(|| "the clock stands before the approval; approve it anew".into())
}

/// Back to the desk with a sentence for the user.
fn back(
    shared: &Shared,
    reply: &Reply,
    event: ReplyEvent,
    notice: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    tracing::info!(reply = %reply.no, event = event.name(), "Back on the desk");
    // The notice may name people.
    tracing::debug!(reply = %reply.no, "{notice}");
    shared.store().write(|tx| {
        replies::advance(tx, reply, event, Some(notice), DAEMON, now)?;
        Ok(())
    })
}

pub(super) fn advance(
    shared: &Shared,
    no: ReplyNo,
    event: ReplyEvent,
    notice: Option<&str>,
) -> Result<Reply, StoreError> {
    shared.store().write(|tx| {
        let reply = replies::get(tx, no)?;
        replies::advance(tx, &reply, event, notice, DAEMON, now())
    })
}

/// Asks the guard with the facts of now; `None` when it objects (and the reply is back on
/// the desk) or says "not yet".
fn examine(
    shared: &Shared,
    reply: &Reply,
    approval: &Approval,
    now: Timestamp,
) -> Result<Option<Facts>, StoreError> {
    // Not in the match itself: there the store would stay locked through its arms.
    let gathered = shared.store().read(|tx| Ok(drafting::facts(tx, shared, reply)))?;
    let facts = match gathered {
        Ok(facts) => facts,
        Err(NoDraft::Store(error)) => return Err(error),
        Err(NoDraft::NoAccount) => {
            let why = Withdrawal::AccountRemoved;
            shared.store().write(|tx| overtake::withdraw(tx, reply, why, now))?;
            return Ok(None);
        }
        Err(error) => {
            back(shared, reply, ReplyEvent::Objected, &error.to_string(), now)?;
            return Ok(None);
        }
    };
    let digest = compose::digest(&approval.draft);
    if digest.as_ref() != Ok(&approval.digest) {
        let notice = "it is not the mail that you approved";
        back(shared, reply, ReplyEvent::Objected, notice, now)?;
        return Ok(None);
    }
    let objections = objections(shared, reply, approval, &facts, now)?;
    let later =
        |it: &Objection| matches!(it, Objection::HourLimit { .. } | Objection::DayLimit { .. });
    if objections.is_empty() {
        return Ok(Some(facts));
    }
    let notice: Vec<String> = objections.iter().map(ToString::to_string).collect();
    let notice = notice.join("; ");
    if objections.iter().all(later) {
        shared.store().write(|tx| replies::set_notice(tx, reply.no, &notice))?;
    } else {
        back(shared, reply, ReplyEvent::Objected, &notice, now)?;
    }
    Ok(None)
}

fn objections(
    shared: &Shared,
    reply: &Reply,
    approval: &Approval,
    facts: &Facts,
    now: Timestamp,
) -> Result<Vec<Objection>, StoreError> {
    let again = drafting::again(facts, &approval.draft);
    let mut sent = shared.store().read(crate::store::answers::sent_before)?;
    sent.retain(|(no, _, _)| *no != reply.no);
    let sent: Vec<SentBefore> = sent.into_iter().map(|(_, to, at)| SentBefore { to, at }).collect();
    Ok(guard::objections(&GuardInput {
        draft: &approval.draft,
        recomputed: again.as_ref(),
        addressing: &facts.addressing,
        own: &shared.all_own(),
        sent: &sent,
        // `stale` has asked for its age and the clock already.
        approval: None,
        now,
        limits: &shared.settings.limits,
    }))
}

/// Approved → Sending, if nobody changed it since it was looked at, and if this very mail
/// was not handed over before by a database that has been put back since.
fn claim(shared: &Shared, reply: &Reply) -> Result<Option<Claim>, StoreError> {
    let now = now();
    let ReplyState::Approved(approval) = &reply.state else { return Ok(None) };
    let handed_over = ledger::knows(shared.store().dir(), &approval.digest)?;
    if handed_over {
        let notice = "this very mail was handed to a server before; was the database restored? \
                      If it did not arrive, edit the text and approve it anew";
        let why = "the database looks restored: a mail that it holds as unsent was sent".to_owned();
        shared.store().write(|tx| {
            let brake = Brake { what: "restored".to_owned(), at: now, until: None, why };
            brakes::set(tx, &brake)
        })?;
        back(shared, reply, ReplyEvent::Objected, notice, now)?;
        return Ok(None);
    }
    let claimed = shared.store().write(|tx| {
        // A brake may have been set while the Sent folder was searched.
        if !brakes::in_force(tx, now)?.is_empty() {
            return Err(StoreError::Changed);
        }
        replies::advance(tx, reply, ReplyEvent::Claimed, None, DAEMON, now)
    });
    match claimed {
        Ok(reply) => Ok(reply.claim()),
        // Revoked, edited or overtaken while the Sent folder was searched.
        Err(StoreError::Changed | StoreError::Refused(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Why the login was refused, with the command that sets the password anew.
fn with_next_step(shared: &Shared, account: AccountNo, why: String) -> String {
    let exit = shared.account(account).and_then(|it| it.way_out.as_ref()).map(|it| &it.exit);
    match exit {
        Some(super::Exit::Smtp { secret, .. }) => {
            format!("{why} (set it anew: regards secret set {} {})", secret.label, secret.purpose)
        }
        _ => why,
    }
}
