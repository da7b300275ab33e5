//! What a face decided and needs the record or the drafting for: `correct` and `draft`.

use jiff::Timestamp;
use rusqlite::Transaction;

use super::closing::{self, Closing};
use super::drafting::{Case, NoDraft};
use super::{Shared, drafting, overtake, reminders};
use crate::cool;
use crate::draft::compose::NEEDS_SMTPUTF8;
use crate::model::addressee::{Addressee, Addressing, Warning};
use crate::model::findings::Reached;
use crate::model::ids::{ApplicationNo, MessageNo, ReplyNo};
use crate::model::message::Direction;
use crate::model::reply::{Overtaking, ReplyState, Withdrawal};
use crate::model::verdict::Kind;
use crate::model::visibility::Visibility;
use crate::parse;
use crate::store::decisions::{self, Decision, Outcome, Pending, Wish};
use crate::store::messages::{self, Correction, Kept};
use crate::store::replies::{self, NewReply};
use crate::store::{StoreError, answers, applications};

/// Carries out everything that waits.
pub(super) fn apply(shared: &Shared, now: Timestamp) -> Result<(), StoreError> {
    let pending = shared.store().read(decisions::pending)?;
    for it in pending {
        shared.store().write(|tx| {
            let kept = messages::get(tx, it.message, Visibility::Cooling)?;
            let outcome = match &it.decision {
                Decision::Correct(kind) => correct(tx, shared, &it, &kept, *kind, now)?,
                Decision::Draft(wish) => draft(tx, shared, &it, &kept, wish, now)?,
            };
            decisions::applied(tx, it.no, &outcome, now)
        })?;
    }
    Ok(())
}

fn correct(
    tx: &Transaction<'_>,
    shared: &Shared,
    it: &Pending,
    kept: &Kept,
    kind: Kind,
    now: Timestamp,
) -> Result<Outcome, StoreError> {
    if kept.direction == Direction::Own {
        return Ok(Outcome::Refused(format!("{} is your own mail; it is of no kind", kept.no)));
    }
    let was_rejection = kept.is_rejection();
    let application = match (kind.concerns_application(), kept.application) {
        (false, _) => None,
        (true, Some(no)) => Some(no),
        (true, None) => Some(applications::open(tx, now)?),
    };
    // What hurts cools, also when the user is the one who recognised it.
    let recent = now.duration_since(kept.received_at) <= shared.settings.cool.look_back;
    let cools = kind == Kind::Rejected && recent && !was_rejection;
    let pause = cool::not_before(kept.received_at, Reached::Applied, None, &shared.settings.cool);
    let quiet_until = kept.quiet_until.filter(|_| kind == Kind::Rejected && was_rejection);
    let correction = Correction { kind, application, quiet_until };
    messages::correct(tx, kept.no, correction)?;
    if kind != Kind::Rejected || application != kept.application {
        take_back(tx, kept, Withdrawal::Corrected, now)?;
    }
    if kind == Kind::Rejected && quiet_until.is_none() {
        let kept = messages::get(tx, kept.no, Visibility::Cooling)?;
        reminders::stated(tx, shared, &kept, now)?;
    }
    if let (Some(application), Some(why)) = (application, Overtaking::by(kind)) {
        overtake::overtake(tx, application, kept.received_at, Withdrawal::Overtaken(why), now)?;
    }
    if let (true, Some(application)) = (cools && kept.watched, application) {
        let addressing = advised(tx, shared, kept)?;
        if let Some(addressing) = &addressing {
            messages::set_addressing(tx, kept.no, addressing)?;
        }
        let closing = Closing { application, parent: kept.no, account: kept.account };
        let until = Some(pause.max(now));
        closing::begin(tx, &closing, addressing.as_ref(), until, true, now)?;
    }
    crate::store::journal::append(
        tx,
        &crate::model::journal::Entry {
            at: now,
            by: it.by.clone(),
            what: format!("corrected to {kind}"),
            reply: None,
            application,
            message: Some(kept.no),
            why: None,
        },
    )?;
    let forgotten = if kind.concerns_application() {
        let asked = kind == Kind::Rejected && messages::raw(tx, kept.no)?.is_none();
        Some(format!("; {}", forgotten(kept))).filter(|_| asked)
    } else {
        Some("; its draft, if it had one, is withdrawn and its words are forgotten".to_owned())
    };
    Ok(Outcome::Done(format!("{} is {kind} now{}", kept.no, forgotten.unwrap_or_default())))
}

/// Takes back what rests on a rejection that is none any more, or belongs elsewhere.
pub(super) fn take_back(
    tx: &Transaction<'_>,
    kept: &Kept,
    why: Withdrawal,
    now: Timestamp,
) -> Result<(), StoreError> {
    crate::store::reminders::drop_about(tx, kept.no)?;
    let living = kept.application.map(|no| replies::living(tx, no)).transpose()?.flatten();
    match living.filter(|reply| reply.parent == kept.no) {
        Some(reply) => overtake::withdraw(tx, &reply, why, now),
        None => Ok(()),
    }
}

fn advised(
    tx: &Transaction<'_>,
    shared: &Shared,
    kept: &Kept,
) -> Result<Option<Addressing>, StoreError> {
    let (Some(account), Some(raw)) = (shared.account(kept.account), messages::raw(tx, kept.no)?)
    else {
        return Ok(None);
    };
    let own = account.own_addresses();
    let message = parse::message(&raw, true, &own);
    let known = crate::classify::Known { thread: true, application: true };
    let findings = shared.rules().classify(&message, &known).findings;
    let history = match kept.application {
        Some(no) => drafting::history(tx, no, kept.received_at, Visibility::Released)?,
        None => Vec::new(),
    };
    let authserv_id = account.authserv_id.as_deref();
    Ok(Some(crate::draft::addressee::decide(&message, &findings, &history, &own, authserv_id)))
}

fn draft(
    tx: &Transaction<'_>,
    shared: &Shared,
    it: &Pending,
    kept: &Kept,
    wish: &Wish,
    now: Timestamp,
) -> Result<Outcome, StoreError> {
    let Some(application) = rejected_application(kept) else {
        return Ok(Outcome::Refused(no_rejection(kept)));
    };
    if let Some(reply) = replies::living(tx, application)? {
        let no = reply.no;
        let text =
            format!("There is a reply already: regards show {no}, or first: regards skip {no}");
        return Ok(Outcome::Refused(text));
    }
    if wish.to.is_none()
        && let Some((no, on)) = answered(tx, kept.no, application)?
    {
        return Ok(Outcome::Refused(format!(
            "{} was answered on {} ({no}). To write once more later: regards remind {no} 3 months; \
             to somebody else: regards draft {} --to ADDRESS",
            kept.no,
            on.strftime("%-d %B %Y"),
            kept.no
        )));
    }
    if let Some(to) = wish.to.as_ref().filter(|to| to.needs_smtputf8()) {
        return Ok(Outcome::Refused(format!("{to} cannot be written to: {NEEDS_SMTPUTF8}")));
    }
    // An answer is made of the mail as it was read, whomever it goes to.
    let advised = advised(tx, shared, kept)?;
    let addressing = match &wish.to {
        Some(address) => advised.map(|_| Addressing {
            addressee: Addressee::Chosen(crate::model::address::Mailbox::bare(address.clone())),
            why: "you named this address yourself".to_owned(),
            warnings: vec![Warning::AgainstAdvice],
        }),
        None => advised,
    };
    let Some(addressing) = addressing else {
        return Ok(Outcome::Refused(unadvised(shared, kept)));
    };
    if addressing.addressee == Addressee::Nobody {
        return Ok(Outcome::Refused(nobody(&addressing.why, kept.no)));
    }
    if let Some(why) = unfounded(tx, shared, kept, application, wish)? {
        return Ok(Outcome::Refused(why));
    }
    messages::set_addressing(tx, kept.no, &addressing)?;
    // The user asks for it: no pause, but office hours as always.
    let new = NewReply {
        application,
        parent: kept.no,
        account: kept.account,
        chosen: wish.to.as_ref(),
        wanted: wish.intent,
        follows: None,
        not_before: now,
    };
    let no = replies::begin(tx, &new, &it.by, now)?;
    Ok(Outcome::Done(format!("{no} will be on the desk as soon as office hours allow")))
}

/// Why the intent that the user named cannot be; what speaks against the draft besides is
/// told when it is made.
fn unfounded(
    tx: &Transaction<'_>,
    shared: &Shared,
    kept: &Kept,
    application: ApplicationNo,
    wish: &Wish,
) -> Result<Option<String>, StoreError> {
    let Some(intent) = wish.intent else { return Ok(None) };
    let case = Case {
        application,
        parent: kept.no,
        account: kept.account,
        chosen: wish.to.as_ref(),
        follows: None,
    };
    match drafting::facts_of(tx, shared, &case) {
        Ok(facts) => Ok(drafting::unfounded(&facts, intent)),
        Err(NoDraft::Store(error)) => Err(error),
        Err(_) => Ok(None),
    }
}

/// The application that ended by this message, when it is surely a rejection.
pub(super) fn rejected_application(kept: &Kept) -> Option<ApplicationNo> {
    kept.application.filter(|_| kept.is_rejection())
}

/// What is said of a message that is none.
pub(super) fn no_rejection(kept: &Kept) -> String {
    let no = kept.no;
    format!("{no} is no rejection of an application; tell it first: regards correct {no} rejected")
}

/// What is said when nobody can be answered.
pub(super) fn nobody(why: &str, no: MessageNo) -> String {
    format!("There is nobody to write to ({why}); name somebody: regards draft {no} --to ADDRESS")
}

/// The reply to this rejection that has reached somebody, and when.
fn answered(
    tx: &Transaction<'_>,
    parent: MessageNo,
    application: ApplicationNo,
) -> Result<Option<(ReplyNo, Timestamp)>, StoreError> {
    for reply in replies::of_application(tx, application)? {
        if let ReplyState::Sent { at, .. } = reply.state
            && reply.parent == parent
            && answers::bounce_of(tx, reply.no)?.is_none()
        {
            return Ok(Some((reply.no, at)));
        }
    }
    Ok(None)
}

/// Why there is no advice about a mail: nobody reads its account, or its words are gone.
fn unadvised(shared: &Shared, kept: &Kept) -> String {
    if shared.account(kept.account).is_none() {
        return format!("The account of {} is not in the configuration any more", kept.no);
    }
    forgotten(kept)
}

/// How words are had again that went when a mail was called noise, or with time.
pub(super) fn forgotten(kept: &Kept) -> String {
    format!(
        "The words of {no} were forgotten (it was called no mail about an application, or its \
         application ended long ago), and an answer is made of them. If it still lies in the \
         mailbox, `regards find` tells its number there; then: regards correct NUMBER rejected",
        no = kept.no
    )
}
