//! One judged mail into the store: known or new, which application, what it moves, whether
//! an answer begins to cool. Runs inside the transaction that moves the cursor.

use jiff::{SignedDuration, Timestamp};
use rusqlite::Transaction;

use super::book::Book;
use super::{Account, Shared, answers, drafting, own, reminders};
use crate::cool;
use crate::model::address::Address;
use crate::model::addressee::{Addressee, Addressing};
use crate::model::application::Move;
use crate::model::findings::{Findings, Reached};
use crate::model::ids::{AccountNo, ApplicationNo, MessageNo};
use crate::model::message::{Direction, Message};
use crate::model::reply::{Overtaking, Reply, ReplyEvent, ReplyState, Withdrawal};
use crate::model::verdict::{Decision, Kind, Verdict};
use crate::model::visibility::Visibility;
use crate::record::Placement;
use crate::source::Uid;
use crate::store::applications::{self, Whole};
use crate::store::arrivals::{self, Acquaintance, NewMessage};
use crate::store::brakes::{self, Brake};
use crate::store::messages::{self, Fingerprint, Question};
use crate::store::replies::{self, NewReply};
use crate::store::sightings::{self, Sighting};
use crate::store::{StoreError, accounts};

/// So many rejections in an hour are a mass event only if they are also three times the
/// user's busiest hour (DESIGN section 8).
const MANY_REJECTIONS_MIN: usize = 10;
const BUSIEST_HOUR_TIMES: usize = 3;

/// Who writes into the journal.
pub(super) const DAEMON: &str = "daemon";

/// A mail on its way in, judged but not written.
pub(super) struct Judged {
    pub(super) uid: Uid,
    pub(super) message: Message,
    pub(super) verdict: Option<Verdict>,
    pub(super) fingerprint: Fingerprint,
    pub(super) text_fingerprint: Fingerprint,
    pub(super) received_at: Timestamp,
    pub(super) raw: Vec<u8>,
    /// What the user's own application names.
    pub(super) begins: Option<Findings>,
    /// Marks of one application in its links.
    pub(super) ties: Vec<String>,
}

/// Where a mail was read, and when.
pub(super) struct Place {
    pub(super) account: AccountNo,
    pub(super) folder: i64,
    pub(super) uidvalidity: u32,
    pub(super) watched: bool,
    pub(super) ruleset: u32,
    pub(super) now: Timestamp,
}

/// Takes one mail in. Returns whether the desk's loop should look.
pub(super) fn admit(
    tx: &Transaction<'_>,
    shared: &Shared,
    place: &Place,
    book: &mut Book,
    it: &Judged,
) -> Result<bool, StoreError> {
    let known = arrivals::acquaintance(tx, &it.fingerprint, &it.text_fingerprint)?;
    let (message, woken) = match known {
        Acquaintance::Known { no, watched } => {
            let promoted = place.watched && !watched;
            if promoted {
                promote(tx, shared, place, it, no)?;
            }
            (Some(no), promoted)
        }
        Acquaintance::Stranger => take_in(tx, shared, place, book, it, None)?,
        // The same identifiers over another text: somebody's forgery, or a mailing that
        // numbers carelessly. It is kept apart and shown, never answered by itself.
        Acquaintance::Impostor(_) => take_in(tx, shared, place, book, it, Some(Question::SameIds))?,
        Acquaintance::Forgotten => (None, false),
    };
    let sighting = Sighting {
        folder: place.folder,
        uidvalidity: place.uidvalidity,
        uid: it.uid,
        received_at: it.received_at,
        fingerprint: it.fingerprint,
        // Of what was erased not even the kind is noted.
        verdict: it.verdict.as_ref().filter(|_| known != Acquaintance::Forgotten),
        ruleset: place.ruleset,
        message,
    };
    sightings::sight(tx, &sighting)?;
    Ok(woken)
}

fn take_in(
    tx: &Transaction<'_>,
    shared: &Shared,
    place: &Place,
    book: &mut Book,
    it: &Judged,
    question: Option<Question>,
) -> Result<(Option<MessageNo>, bool), StoreError> {
    match (&it.verdict, it.message.direction) {
        (Some(verdict), Direction::Incoming) => {
            match answers::answered(tx, it)?.filter(|_| question.is_none()) {
                Some(reply) => answers::take_in(tx, shared, place, book, it, verdict, &reply),
                None => incoming(tx, shared, place, book, it, verdict, question),
            }
        }
        _ => Ok((own::take_in(tx, place, book, it)?, true)),
    }
}

pub(super) fn new_message<'a>(
    place: &Place,
    it: &'a Judged,
    application: Option<ApplicationNo>,
) -> NewMessage<'a> {
    NewMessage {
        account: place.account,
        application,
        fingerprint: it.fingerprint,
        text_fingerprint: it.text_fingerprint,
        watched: place.watched,
        message: &it.message,
        verdict: it.verdict.as_ref(),
        findings: it.verdict.as_ref().map(|it| &it.findings).or(it.begins.as_ref()),
        ties: &it.ties,
        received_at: it.received_at,
        first_seen_at: place.now,
        question: None,
        addressing: None,
        quiet_until: None,
        away: false,
        raw: &it.raw,
    }
}

/// What is known about where an incoming mail belongs.
struct Standing {
    application: Option<ApplicationNo>,
    /// Before this mail.
    before: Option<Whole>,
    question: Option<Question>,
}

/// A mail of somebody else's with its verdict, which need not be the rules' own.
pub(super) fn incoming(
    tx: &Transaction<'_>,
    shared: &Shared,
    place: &Place,
    book: &mut Book,
    it: &Judged,
    verdict: &Verdict,
    question: Option<Question>,
) -> Result<(Option<MessageNo>, bool), StoreError> {
    let sure = verdict.decision.sure();
    if sure.is_some_and(|kind| !kind.concerns_application()) {
        return Ok((None, false));
    }
    let recent = is_recent(shared, it.received_at, place.now);
    // The user is asked only about what is new and could have been answered.
    let asked = |question: Question| Some(question).filter(|_| recent && place.watched);
    let standing = match question {
        Some(question) => Standing { application: None, before: None, question: asked(question) },
        None => stand(tx, place, book, it, verdict, asked)?,
    };
    let reached = reached(&standing, verdict);
    let addressing = (sure == Some(Kind::Rejected))
        .then(|| addressing(tx, shared, place.account, it, verdict, standing.application))
        .transpose()?;
    let quiet_until = quiet_until(shared, place, it, verdict, reached, recent);
    let away = !recent
        && sure == Some(Kind::Rejected)
        && place.watched
        && was_caught_up(tx, place.account)?;
    let no = arrivals::insert(
        tx,
        &NewMessage {
            question: standing.question,
            addressing: addressing.as_ref(),
            quiet_until,
            away,
            verdict: Some(verdict),
            findings: Some(&verdict.findings),
            ..new_message(place, it, standing.application)
        },
    )?;
    if let Some(application) = standing.application {
        book.changed(tx, application)?;
    }
    if let (Some(application), Some(kind), None) = (standing.application, sure, standing.question) {
        if let Some(why) = Overtaking::by(kind) {
            overtake(tx, application, it.received_at, Withdrawal::Overtaken(why), place.now)?;
        }
        if kind == Kind::Rejected && recent {
            brake_if_many(tx, it.received_at, place.now)?;
            if place.watched {
                let closing = Closing { application, parent: no, account: place.account };
                let was_open = standing.before.is_none_or(|it| it.application.stage.is_open());
                begin(tx, &closing, addressing.as_ref(), quiet_until, was_open, place.now)?;
            }
        }
    }
    Ok((Some(no), true))
}

pub(super) fn is_recent(shared: &Shared, received: Timestamp, now: Timestamp) -> bool {
    now.duration_since(received) <= shared.settings.cool.look_back
}

fn was_caught_up(tx: &Transaction<'_>, account: AccountNo) -> Result<bool, StoreError> {
    Ok(accounts::all(tx)?.iter().any(|it| it.no == account && it.contact_at.is_some()))
}

fn stand(
    tx: &Transaction<'_>,
    place: &Place,
    book: &mut Book,
    it: &Judged,
    verdict: &Verdict,
    asked: impl Fn(Question) -> Option<Question>,
) -> Result<Standing, StoreError> {
    let unsure = verdict.decision.sure().is_none().then(|| asked(Question::Unsure)).flatten();
    let placement = book.place(tx, &it.message, verdict, it.received_at)?;
    let standing = match placement {
        Placement::Known(no, moves) => Standing {
            application: Some(no),
            before: book.whole(no).cloned(),
            question: match moves {
                Move::Contradicts => unsure.or(asked(Question::Contradicts)),
                Move::To(_) | Move::Stays => unsure,
            },
        },
        Placement::New(_) => Standing {
            application: Some(applications::open(tx, place.now)?),
            before: None,
            question: unsure,
        },
        Placement::Ambiguous(_) => Standing {
            application: None,
            before: None,
            question: unsure.or(asked(Question::Ambiguous)),
        },
        Placement::Nowhere => Standing { application: None, before: None, question: unsure },
    };
    Ok(standing)
}

/// How far the application had come: by its history, or by what the rejection says.
fn reached(standing: &Standing, verdict: &Verdict) -> Reached {
    let told = verdict.findings.stage.as_ref().map(|found| found.value);
    let known = standing.before.as_ref().map(Whole::furthest);
    told.into_iter().chain(known).max().unwrap_or(Reached::Applied)
}

fn addressing(
    tx: &Transaction<'_>,
    shared: &Shared,
    account: AccountNo,
    it: &Judged,
    verdict: &Verdict,
    application: Option<ApplicationNo>,
) -> Result<Addressing, StoreError> {
    let history = match application {
        Some(no) => drafting::history(tx, no, it.received_at, Visibility::Cooling)?,
        None => Vec::new(),
    };
    let account = shared.account(account);
    let own: Vec<Address> = account.map(Account::own_addresses).unwrap_or_default();
    let authserv_id = account.and_then(|it| it.authserv_id.as_deref());
    Ok(crate::draft::addressee::decide(&it.message, &verdict.findings, &history, &own, authserv_id))
}

/// Until when nobody hears of it; `None`: at once. Rejections and what may be one are kept
/// quiet while they are recent; everything else is good to know.
fn quiet_until(
    shared: &Shared,
    place: &Place,
    it: &Judged,
    verdict: &Verdict,
    reached: Reached,
    recent: bool,
) -> Option<Timestamp> {
    let hurts = match verdict.decision {
        Decision::Sure(kind) => kind == Kind::Rejected,
        Decision::Unsure(_) => true,
    };
    let reason = verdict.findings.reason.as_ref().map(|found| found.value);
    let until = cool::not_before(it.received_at, reached, reason, &shared.settings.cool);
    // A mail that was found late has cooled in the mailbox; still it waits for office hours.
    (hurts && recent).then(|| until.max(place.now))
}

/// Withdraws the living reply of an application because of a mail received at `at`.
pub(super) fn overtake(
    tx: &Transaction<'_>,
    application: ApplicationNo,
    at: Timestamp,
    why: Withdrawal,
    now: Timestamp,
) -> Result<(), StoreError> {
    if matches!(why, Withdrawal::Overtaken(_)) {
        reminders::overtaken(tx, application, at)?;
    }
    let Some(reply) = replies::living(tx, application)? else { return Ok(()) };
    let parent = messages::get(tx, reply.parent, Visibility::Cooling)?;
    // Mail from before the rejection, read late, says nothing about it.
    if at <= parent.received_at {
        return Ok(());
    }
    withdraw(tx, &reply, why, now)
}

/// Withdraws a reply if nothing of it can be out.
pub(super) fn withdraw(
    tx: &Transaction<'_>,
    reply: &Reply,
    why: Withdrawal,
    now: Timestamp,
) -> Result<(), StoreError> {
    let notice = why.sentence();
    match replies::advance(tx, reply, ReplyEvent::Overtaken(why), Some(notice), DAEMON, now) {
        Ok(_) | Err(StoreError::Refused(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// A rejection that may be answered.
pub(super) struct Closing {
    pub(super) application: ApplicationNo,
    pub(super) parent: MessageNo,
    pub(super) account: AccountNo,
}

/// Begins the reply of a closing, or moves the one that is there to the better addressee.
pub(super) fn begin(
    tx: &Transaction<'_>,
    it: &Closing,
    addressing: Option<&Addressing>,
    quiet_until: Option<Timestamp>,
    was_open: bool,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(addressing) = addressing.filter(|a| a.addressee != Addressee::Nobody) else {
        return Ok(());
    };
    let not_before = quiet_until.unwrap_or(now);
    let earlier = replies::of_application(tx, it.application)?;
    if let Some(reply) = earlier.iter().find(|reply| !reply.state.has_ended()) {
        let parent = messages::get(tx, reply.parent, Visibility::Cooling)?;
        let before = parent.addressee.map_or(0, |(word, _)| closeness(&word));
        let rank = closeness(addressing.addressee.name());
        let better = match reply.state {
            // It answers the user's own mail.
            _ if reply.follows.is_some() => false,
            ReplyState::Cooling { kept: None, .. } => rank >= before,
            // The user may have put work into these words: only for somebody better.
            ReplyState::Cooling { .. } | ReplyState::Drafted { .. } => rank > before,
            _ => false,
        };
        if better {
            replies::move_to(tx, reply, it.parent, not_before, DAEMON, now)?;
        }
        return Ok(());
    }
    // The same closing was dealt with before: a further rejection is only recorded.
    if !was_open && !earlier.is_empty() {
        return Ok(());
    }
    let new = NewReply {
        application: it.application,
        parent: it.parent,
        account: it.account,
        chosen: None,
        wanted: None,
        follows: None,
        not_before,
    };
    replies::begin(tx, &new, DAEMON, now)?;
    Ok(())
}

/// Who is better to answer: the person who wrote, somebody from earlier, a relay.
fn closeness(addressee: &str) -> u8 {
    match addressee {
        "person" | "chosen" => 3,
        "earlier" => 2,
        "relay" => 1,
        _ => 0,
    }
}

/// A mail known from a folder that is only counted turns up in one that is watched.
fn promote(
    tx: &Transaction<'_>,
    shared: &Shared,
    place: &Place,
    it: &Judged,
    no: MessageNo,
) -> Result<(), StoreError> {
    messages::watch(tx, no)?;
    let kept = messages::get(tx, no, Visibility::Cooling)?;
    let rejected = kept.decision == Some(Decision::Sure(Kind::Rejected));
    let recent = is_recent(shared, it.received_at, place.now);
    // In the other folder nobody was asked.
    if recent && matches!(kept.decision, Some(Decision::Unsure(_))) {
        messages::ask(tx, no, Question::Unsure)?;
    } else if recent && rejected && kept.application.is_none() {
        messages::ask(tx, no, Question::Ambiguous)?;
    }
    if let (Some(application), Some(verdict), true, true) =
        (kept.application, &it.verdict, rejected, recent)
    {
        let addressing = addressing(tx, shared, place.account, it, verdict, Some(application))?;
        let closing = Closing { application, parent: no, account: place.account };
        begin(tx, &closing, Some(&addressing), kept.quiet_until, false, place.now)?;
    }
    Ok(())
}

/// Sets the brake when far more rejections were received in the hour of this one than ever
/// before. Only its own hour counts: an hour that the user has looked at and released must
/// not brake again with every later mail.
fn brake_if_many(
    tx: &Transaction<'_>,
    received: Timestamp,
    now: Timestamp,
) -> Result<(), StoreError> {
    let year = SignedDuration::from_hours(365 * 24);
    let week = SignedDuration::from_hours(7 * 24);
    let since = now.saturating_sub(year).unwrap_or(now);
    let hour = |at: Timestamp| at.as_second().div_euclid(3600);
    let mut old = std::collections::BTreeMap::<i64, usize>::new();
    let mut in_its_hour = 0usize;
    for at in messages::rejections_received(tx, since)? {
        if now.duration_since(at) > week {
            *old.entry(hour(at)).or_default() += 1;
        } else if hour(at) == hour(received) {
            in_its_hour = in_its_hour.saturating_add(1);
        }
    }
    let busiest = old.values().max().copied().unwrap_or(0);
    let limit = MANY_REJECTIONS_MIN.max(BUSIEST_HOUR_TIMES.saturating_mul(busiest));
    if in_its_hour > limit {
        let why = format!(
            "more than {limit} rejections were received within one hour; \
             look whether they are real before anything is drafted"
        );
        brakes::set(tx, &Brake { what: "many".to_owned(), at: now, until: None, why })?;
    }
    Ok(())
}
