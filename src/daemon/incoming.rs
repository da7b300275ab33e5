//! A mail of somebody else's into the store: which application, what it moves, whether an
//! answer begins to cool.

use jiff::{SignedDuration, Timestamp};
use rusqlite::Transaction;

use super::book::Book;
use super::closing::{Closing, begin};
use super::judged::{Judged, Place, new_message};
use super::overtake::overtake;
use super::{Account, Shared, drafting};
use crate::cool;
use crate::draft::addressee;
use crate::model::address::Address;
use crate::model::addressee::Addressing;
use crate::model::application::Move;
use crate::model::findings::Reached;
use crate::model::ids::{AccountNo, ApplicationNo, MessageNo};
use crate::model::reply::{Overtaking, Withdrawal};
use crate::model::verdict::{Decision, Kind, Verdict};
use crate::model::visibility::Visibility;
use crate::record::Placement;
use crate::store::applications::{self, Whole};
use crate::store::arrivals::{self, NewMessage};
use crate::store::brakes::{self, Brake};
use crate::store::messages::{self, Question};
use crate::store::{StoreError, accounts};

/// So many rejections in an hour are a mass event only if they are also three times the
/// user's busiest hour (DESIGN section 8).
const MANY_REJECTIONS_MIN: usize = 10;
const BUSIEST_HOUR_TIMES: usize = 3;

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

pub(super) fn addressing(
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
    Ok(addressee::decide(&it.message, &verdict.findings, &history, &own, authserv_id))
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
