//! What lies on the desk, as rows that every face shows alike.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::letter::{self, Unread};
use super::nobody::{self, Nobody};
use super::reminders::{self, Remembered};
use super::{Desk, DeskError, follow_up, warnings};
use crate::model::ids::{ApplicationNo, MessageNo, ReplyNo};
use crate::model::journal::Entry;
use crate::model::reply::{Reply, ReplyState};
use crate::model::verdict::{Decision, Kind};
use crate::model::visibility::Visibility;
use crate::store::brakes::{self, Brake};
use crate::store::messages::{Kept, Question};
use crate::store::{StoreError, accounts, answers, applications, journal, messages, replies};

/// How long an approved mail that did not leave stays on the desk.
const UNSENT_SHOWN_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What to list besides what waits for the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// Replies that have ended, too, and what came while the user was away and was listed.
    pub ended: bool,
    /// What is kept quiet, too.
    pub visibility: Visibility,
}

/// One reply as a row. The field names are those of `desk --json` and stay.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Its number.
    pub reply: ReplyNo,
    /// `cooling`, `drafted`, `approved`, `sending`, `doubtful`, `sent` …
    pub state: &'static str,
    /// The application.
    pub application: ApplicationNo,
    /// The rejection.
    pub message: MessageNo,
    /// The employer, when it is known.
    pub company: Option<String>,
    /// The position, when it is known.
    pub role: Option<String>,
    /// To whom, when there is a draft.
    pub to: Option<String>,
    /// What the text is meant to do.
    pub intent: Option<&'static str>,
    /// When the rejection was received.
    pub received: Timestamp,
    /// Cooling: not before; approved: not to be sent before.
    pub due: Option<Timestamp>,
    /// What the user should know.
    pub notice: Option<String>,
}

/// One message about which the user is asked.
#[derive(Debug, Clone, Serialize)]
pub struct Asked {
    /// Its number.
    pub message: MessageNo,
    /// `unsure`, `ambiguous`, `contradicts` or `same-ids`.
    pub question: Question,
    /// The best guess.
    pub guess: Option<Kind>,
    /// Who wrote.
    pub from: Option<String>,
    /// Subject.
    pub subject: String,
    /// When it was received.
    pub received: Timestamp,
}

/// A rejection that came while the user was away.
#[derive(Debug, Clone, Serialize)]
pub struct Away {
    /// Its number.
    pub message: MessageNo,
    /// The employer, when it is known.
    pub company: Option<String>,
    /// When it was received.
    pub received: Timestamp,
}

/// Everything on the desk.
#[derive(Debug, Clone)]
pub struct Listing {
    /// What holds drafts and sending.
    pub brakes: Vec<Brake>,
    /// Replies.
    pub rows: Vec<Row>,
    /// Questions.
    pub asked: Vec<Asked>,
    /// Listed once, and whenever everything is asked for.
    pub away: Vec<Away>,
    /// Reminders that are due and that no follow-up can come of: nothing was sent.
    pub reminders: Vec<Remembered>,
    /// Rejections with nobody to write to, the latest first.
    pub nobody: Vec<Nobody>,
    /// The weekly letter, unless it was read.
    pub letter: Option<Unread>,
    /// What the user should know of all replies that are still to leave.
    pub warning: Option<String>,
    /// Why there is nothing, when there is nothing.
    pub empty_because: Option<String>,
}

impl Desk {
    /// Lists the desk.
    ///
    /// # Errors
    /// The store's.
    pub fn list(&mut self, scope: Scope, now: Timestamp) -> Result<Listing, DeskError> {
        let settings = self.settings.clone();
        let listing = self.store().read(|tx| {
            let mut rows = Vec::new();
            for reply in replies::all(tx)? {
                rows.extend(row(tx, &reply, scope, now)?);
            }
            let asked = messages::questions(tx, scope.visibility)?.iter().map(asked).collect();
            let away = messages::away(tx, scope.ended)?.iter().map(away).collect();
            let mut listing = Listing {
                brakes: brakes::in_force(tx, now)?,
                rows,
                asked,
                away,
                reminders: reminders::due(tx, now)?,
                nobody: nobody::lately(tx, now)?,
                letter: letter::unread(tx, &settings, now)?,
                warning: warnings::without_copy(tx, &settings.senders)?,
                empty_because: None,
            };
            listing.empty_because = empty_because(tx, &listing)?;
            Ok(listing)
        })?;
        Ok(listing)
    }

    /// Notes that these, which came while the user was away, have been listed.
    ///
    /// # Errors
    /// The store's.
    pub fn away_listed(&mut self, listed: &[Away]) -> Result<(), DeskError> {
        let note = |tx: &rusqlite::Transaction<'_>| {
            listed.iter().try_for_each(|it| messages::away_listed(tx, it.message))
        };
        Ok(self.store().write(note)?)
    }
}

fn row(
    tx: &rusqlite::Transaction<'_>,
    reply: &Reply,
    scope: Scope,
    now: Timestamp,
) -> Result<Option<Row>, StoreError> {
    let cooling = matches!(reply.state, ReplyState::Cooling { .. });
    let hidden = scope.visibility == Visibility::Released;
    // A snoozed reply is out of sight; one that could not be drafted says so.
    let quiet = cooling && hidden && reply.notice.is_none();
    let undelivered = unsent_lately(tx, reply, now)? || came_back_lately(tx, reply, now)?;
    let ended = reply.state.has_ended() && !undelivered;
    if (ended || quiet) && !scope.ended {
        return Ok(None);
    }
    let parent = messages::get(tx, reply.parent, Visibility::Cooling)?;
    if parent.quiet_until.is_some() && hidden {
        return Ok(None);
    }
    let whole = applications::around(tx, reply.application, &parent, scope.visibility)?;
    let due = match &reply.state {
        ReplyState::Cooling { not_before, .. } => Some(*not_before),
        ReplyState::Approved(approval) => Some(approval.due),
        _ => None,
    };
    Ok(Some(Row {
        reply: reply.no,
        state: reply.state.name(),
        application: reply.application,
        message: reply.parent,
        company: whole.application.company,
        role: whole.application.role,
        to: reply.state.draft().map(|draft| draft.to.to_string()),
        intent: reply.state.draft().map(|draft| draft.intent.name()),
        received: parent.received_at,
        due,
        notice: notice(tx, reply)?,
    }))
}

/// Why a follow-up is there, and what was noted of any reply since.
fn notice(tx: &rusqlite::Transaction<'_>, reply: &Reply) -> Result<Option<String>, StoreError> {
    // What has ended, or is to come, says why that is.
    let told = reply.state.draft().is_some() && !reply.state.has_ended();
    let why = if told { follow_up::of(tx, reply)?.map(|it| it.why()) } else { None };
    let lines: Vec<String> = why.into_iter().chain(reply.notice.clone()).collect();
    Ok(Some(lines.join("\n")).filter(|it| !it.is_empty()))
}

/// What the journal says of a reply that reached nobody and that the user has put away.
const PUT_AWAY: &str = "put away";

/// Takes a reply off the desk that has ended and is there because it reached nobody. Tells
/// whether it is one.
pub(super) fn put_away(
    tx: &rusqlite::Transaction<'_>,
    reply: &Reply,
    by: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    if !(unsent_lately(tx, reply, now)? || came_back_lately(tx, reply, now)?) {
        return Ok(false);
    }
    journal::append(
        tx,
        &Entry {
            at: now,
            by: by.to_owned(),
            what: PUT_AWAY.to_owned(),
            reply: Some(reply.no),
            application: Some(reply.application),
            message: None,
            why: None,
        },
    )?;
    Ok(true)
}

fn is_put_away(journal: &[Entry]) -> bool {
    journal.iter().any(|it| it.what == PUT_AWAY)
}

/// It was approved and did not leave (refused, or overtaken): the user believes that it did,
/// so it stays in sight for a while.
fn unsent_lately(
    tx: &rusqlite::Transaction<'_>,
    reply: &Reply,
    now: Timestamp,
) -> Result<bool, StoreError> {
    if !matches!(reply.state, ReplyState::Failed { .. } | ReplyState::Withdrawn(_)) {
        return Ok(false);
    }
    let journal = journal::of_reply(tx, reply.no)?;
    if is_put_away(&journal) {
        return Ok(false);
    }
    let last_yes = journal.iter().rev().find(|it| {
        ["approved", "revoked", "edited", "objected to", "put back as stale"]
            .contains(&it.what.as_str())
    });
    let recent = journal.last().is_some_and(|it| now.duration_since(it.at) < UNSENT_SHOWN_FOR);
    Ok(recent && last_yes.is_some_and(|it| it.what == "approved"))
}

/// It went out and a server sent it back: nobody has read it.
fn came_back_lately(
    tx: &rusqlite::Transaction<'_>,
    reply: &Reply,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let sent = matches!(reply.state, ReplyState::Sent { .. });
    if !sent || is_put_away(&journal::of_reply(tx, reply.no)?) {
        return Ok(false);
    }
    let bounce = answers::bounce_of(tx, reply.no)?;
    let recent = bounce.is_some_and(|at| now.duration_since(at) < UNSENT_SHOWN_FOR);
    // A further reply of the same application has taken its place.
    let again = replies::of_application(tx, reply.application)?;
    Ok(recent && again.iter().all(|other| other.no.get() <= reply.no.get()))
}

fn asked(message: &Kept) -> Asked {
    Asked {
        message: message.no,
        question: message.question.unwrap_or(Question::Unsure),
        guess: message.decision.map(|it| match it {
            Decision::Sure(kind) | Decision::Unsure(kind) => kind,
        }),
        from: message.sender.as_ref().map(ToString::to_string),
        subject: message.subject.clone(),
        received: message.received_at,
    }
}

fn away(message: &Kept) -> Away {
    Away { message: message.no, company: message.company.clone(), received: message.received_at }
}

/// An empty desk is told why, from what may be known.
fn empty_because(
    tx: &rusqlite::Transaction<'_>,
    listing: &Listing,
) -> Result<Option<String>, StoreError> {
    let nothing = listing.rows.is_empty() && listing.asked.is_empty() && listing.away.is_empty();
    if !nothing || !listing.reminders.is_empty() {
        return Ok(None);
    }
    if !listing.nobody.is_empty() {
        return Ok(Some("no draft waits for you".to_owned()));
    }
    let accounts = accounts::all(tx)?;
    let present = accounts.iter().filter(|account| account.present);
    let waiting = present.filter(|account| account.contact_at.is_none()).count();
    if waiting > 0 {
        return Ok(Some(
            "the first look at your mail is not finished; `regards status` tells how it goes"
                .to_owned(),
        ));
    }
    Ok(Some(if messages::has_rejection(tx)? {
        "the rejections found so far are older than a week, dealt with, or have nobody to \
         answer to; they are counted (`regards stats`), and `regards draft ID` drafts one"
            .to_owned()
    } else {
        "no rejection was found so far".to_owned()
    }))
}
