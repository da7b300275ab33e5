//! The applications, as the user sees them and puts them right. What the user decides is
//! kept as such; mail that is joined anew changes none of it.

use jiff::Timestamp;
use serde::Serialize;

use super::figures;
use super::{Desk, DeskError};
use crate::model::ids::{ApplicationNo, MessageNo};
use crate::model::journal::Entry;
use crate::model::message::Direction;
use crate::model::verdict::Decision;
use crate::model::visibility::Visibility;
use crate::stats::{self, ApplicationFact};
use crate::store::applications::{self, Whole};
use crate::store::by_hand::{self, Said};
use crate::store::{StoreError, journal, messages};

/// One application as a row. The field names are those of `applications --json` and stay.
#[derive(Debug, Clone, Serialize)]
pub struct ApplicationRow {
    /// Its number.
    pub application: ApplicationNo,
    /// The employer, when it is known.
    pub company: Option<String>,
    /// The position, when it is known.
    pub role: Option<String>,
    /// The employer's number, when a mail tells it.
    pub reference: Option<String>,
    /// `applied`, `acknowledged`, `in-talks`, `rejected` …
    pub stage: &'static str,
    /// It has not ended.
    pub open: bool,
    /// An answer is overdue.
    pub silent: bool,
    /// The first that is known of it.
    pub applied: Timestamp,
    /// The employer's latest mail.
    pub heard: Option<Timestamp>,
    /// Its mails.
    pub messages: Vec<MessageNo>,
    /// What your own table says of it besides.
    pub note: Option<String>,
}

/// A mail that may belong to several applications.
#[derive(Debug, Clone, Serialize)]
pub struct Unclear {
    /// Its number.
    pub message: MessageNo,
    /// What it is.
    pub kind: &'static str,
    /// The employer that it names.
    pub company: Option<String>,
    /// The position that it names.
    pub role: Option<String>,
    /// Who wrote.
    pub from: Option<String>,
    /// Subject.
    pub subject: String,
    /// When it was received.
    pub received: Timestamp,
}

/// What the user decides of applications.
#[derive(Debug, Clone)]
pub enum Settlement<'a> {
    /// The mails of the second belong to the first.
    Merge(ApplicationNo, ApplicationNo),
    /// These mails of it are an application of their own.
    Split(ApplicationNo, &'a [MessageNo]),
    /// This mail belongs there.
    Move(MessageNo, ApplicationNo),
    /// What the user says of it.
    Set(ApplicationNo, Said<'a>),
    /// An application that no mail tells of: company, role, and when.
    Add(&'a str, Option<&'a str>, Timestamp),
}

impl Desk {
    /// All applications, the one last heard of first, as of what may be known.
    ///
    /// # Errors
    /// The store's.
    pub fn applications(&mut self, now: Timestamp) -> Result<Vec<ApplicationRow>, DeskError> {
        let wholes = self.store().read(|tx| applications::all(tx, Visibility::Released))?;
        let facts = figures::all_of(&wholes, self.settings.waits);
        let both = wholes.iter().zip(&facts);
        let mut rows: Vec<ApplicationRow> =
            both.map(|(it, fact)| row(it, fact, stats::is_silent(fact, now))).collect();
        rows.sort_by_key(|it| std::cmp::Reverse((it.heard.unwrap_or(it.applied), it.application)));
        Ok(rows)
    }

    /// The mails that may belong to several applications, oldest first.
    ///
    /// # Errors
    /// The store's.
    pub fn unclear(&mut self) -> Result<Vec<Unclear>, DeskError> {
        let kept = self.store().read(messages::joinable)?;
        Ok(kept.iter().filter_map(unclear).collect())
    }

    /// Carries a decision out; the application that it is about.
    ///
    /// # Errors
    /// When there is no such application or message that may be heard of.
    pub fn settle(
        &mut self,
        it: &Settlement<'_>,
        now: Timestamp,
    ) -> Result<ApplicationNo, DeskError> {
        let by = self.by;
        Ok(self.store().write(|tx| {
            let (no, what) = carry_out(tx, it, now)?;
            by_hand::disarrange(tx)?;
            let entry = Entry {
                at: now,
                by: by.to_owned(),
                what: what.to_owned(),
                reply: None,
                application: Some(no),
                message: None,
                why: None,
            };
            journal::append(tx, &entry)?;
            Ok(no)
        })?)
    }

    /// These mails are all that may be seen of an application, and nothing else tells of it:
    /// without them it would not be there.
    ///
    /// # Errors
    /// When there is no such application that may be heard of.
    pub fn is_whole(&mut self, no: ApplicationNo, chosen: &[MessageNo]) -> Result<bool, DeskError> {
        Ok(self.store().read(|tx| {
            let whole = seen(tx, no)?;
            let entered = applications::by_hand(tx, no)?.applied_at.is_some();
            Ok(!entered && whole.messages.iter().all(|it| chosen.contains(&it.no)))
        })?)
    }

    /// Keeps or forgets that two names are one employer; whether anything changed. The daemon
    /// joins the mail anew.
    ///
    /// # Errors
    /// The store's.
    pub fn alias(
        &mut self,
        name: &str,
        other: &str,
        forget: bool,
        now: Timestamp,
    ) -> Result<bool, DeskError> {
        Ok(self.store().write(|tx| {
            by_hand::disarrange(tx)?;
            if forget {
                return by_hand::forget_alias(tx, name, other);
            }
            by_hand::alias(tx, name, other, now).map(|()| true)
        })?)
    }
}

fn seen(tx: &rusqlite::Transaction<'_>, no: ApplicationNo) -> Result<Whole, StoreError> {
    applications::get(tx, no, Visibility::Released)
}

fn carry_out(
    tx: &rusqlite::Transaction<'_>,
    it: &Settlement<'_>,
    now: Timestamp,
) -> Result<(ApplicationNo, &'static str), StoreError> {
    match it {
        Settlement::Merge(into, other) => {
            let (kept, gone) = (seen(tx, *into)?, seen(tx, *other)?);
            // What cools goes along, unseen.
            pin_all(tx, *other, *into, now)?;
            pin_all(tx, *into, *into, now)?;
            let (own, set) =
                (applications::by_hand(tx, *into)?, applications::by_hand(tx, *other)?);
            let begun = kept.application.opened_at.min(gone.application.opened_at);
            let stage = set.stage.filter(|_| own.stage.is_none());
            let said = Said {
                // It keeps the names by which the user called it.
                company: kept.application.company.as_deref(),
                role: kept.application.role.as_deref(),
                applied_at: set.applied_at.map(|_| begun),
                stage: stage.map(|stage| (stage, set.stage_at)),
                note: set.note.as_deref(),
            };
            by_hand::say(tx, *into, &said)?;
            // A row that nobody sees any more must keep no words.
            by_hand::clear(tx, *other)?;
            Ok((*into, "merged with another"))
        }
        Settlement::Split(no, chosen) => {
            let whole = seen(tx, *no)?;
            for message in *chosen {
                if !whole.messages.iter().any(|it| it.no == *message) {
                    return Err(StoreError::NotFound(format!("message {message} in {no}")));
                }
            }
            let new = applications::open(tx, now)?;
            pin_all(tx, *no, *no, now)?;
            chosen.iter().try_for_each(|message| by_hand::pin(tx, *message, new, now))?;
            Ok((new, "split off"))
        }
        Settlement::Move(message, to) => {
            seen(tx, *to)?;
            messages::get(tx, *message, Visibility::Released)?;
            // What it holds is what the user sees it by.
            pin_all(tx, *to, *to, now)?;
            by_hand::pin(tx, *message, *to, now)?;
            Ok((*to, "a mail was put into it"))
        }
        Settlement::Set(no, said) => {
            seen(tx, *no)?;
            by_hand::say(tx, *no, said)?;
            pin_all(tx, *no, *no, now)?;
            Ok((*no, "told by you"))
        }
        Settlement::Add(company, role, at) => {
            let no = applications::open(tx, now)?;
            let said = Said {
                company: Some(company),
                role: *role,
                applied_at: Some(*at),
                ..Said::default()
            };
            by_hand::say(tx, no, &said)?;
            Ok((no, "entered"))
        }
    }
}

fn pin_all(
    tx: &rusqlite::Transaction<'_>,
    of: ApplicationNo,
    to: ApplicationNo,
    now: Timestamp,
) -> Result<(), StoreError> {
    let all = messages::of_application(tx, of, Visibility::Cooling)?;
    all.iter().try_for_each(|it| by_hand::pin(tx, it.no, to, now))
}

fn row(whole: &Whole, fact: &ApplicationFact, silent: bool) -> ApplicationRow {
    let it = &whole.application;
    ApplicationRow {
        application: it.no,
        company: it.company.clone(),
        role: it.role.clone(),
        reference: it.reference.clone(),
        stage: it.stage.name(),
        open: it.stage.is_open(),
        silent,
        applied: it.opened_at,
        heard: fact.last_heard_at,
        messages: whole.messages.iter().map(|it| it.no).collect(),
        note: whole.note.clone(),
    }
}

pub(super) fn unclear(it: &messages::Kept) -> Option<Unclear> {
    let (Decision::Sure(kind) | Decision::Unsure(kind)) = it.decision?;
    let lost = it.direction == Direction::Incoming
        && it.application.is_none()
        && it.question != Some(messages::Question::SameIds)
        && kind.concerns_application();
    (lost && it.quiet_until.is_none()).then(|| Unclear {
        message: it.no,
        kind: kind.name(),
        company: it.company.clone(),
        role: it.role.clone(),
        from: it.sender.as_ref().map(ToString::to_string),
        subject: it.subject.clone(),
        received: it.received_at,
    })
}
