//! Keeping in touch: when the user wants to write once more, or may apply again.

use jiff::{SignedDuration, Timestamp};
use rusqlite::Transaction;
use serde::Serialize;

use super::{Desk, DeskError};
use crate::model::ids::{ApplicationNo, CaseNo, MessageNo, ReplyNo};
use crate::model::reply::{Reply, ReplyState};
use crate::model::visibility::Visibility;
use crate::store::reminders::Reminder;
use crate::store::{StoreError, answers, applications, messages, reminders, replies};

/// A reminder as a row. The field names are those of `remind --json` and stay.
#[derive(Debug, Clone, Serialize)]
pub struct Remembered {
    /// The last reply that was drafted, when there is one.
    pub reply: Option<ReplyNo>,
    /// The rejection.
    pub message: MessageNo,
    /// The application.
    pub application: ApplicationNo,
    /// The employer, when it is known.
    pub company: Option<String>,
    /// The position, when it is known.
    pub role: Option<String>,
    /// When; `null`: never.
    pub due: Option<Timestamp>,
    /// The employer's words; `null`: the user set it.
    pub said: Option<String>,
    /// Since when it stands.
    #[serde(skip)]
    pub set_at: Timestamp,
}

impl Desk {
    /// The reminders that wait or are due, the earliest first.
    ///
    /// # Errors
    /// The store's.
    pub fn reminders(&mut self) -> Result<Vec<Remembered>, DeskError> {
        Ok(self.store().read(|tx| {
            let rows = reminders::all(tx)?.into_iter().map(|it| remembered(tx, it));
            rows.filter_map(Result::transpose).collect::<Result<Vec<_>, _>>()
        })?)
    }

    /// Sets the reminder of an application; `None`: never.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such reply or rejection that may be heard of.
    pub fn remind(
        &mut self,
        case: CaseNo,
        due: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Remembered, DeskError> {
        let message = match case {
            CaseNo::Reply(no) => self.open(no, now)?.reply.parent,
            CaseNo::Message(no) => no,
        };
        Ok(self.store().write(|tx| {
            let absent = || StoreError::NotFound(format!("rejection {message}"));
            let kept = messages::get(tx, message, Visibility::Released)?;
            let application = kept.application.filter(|_| kept.is_rejection());
            let application = application.ok_or_else(absent)?;
            let it = Reminder { application, message, due, said: None, set_at: now };
            reminders::set(tx, &it)?;
            remembered(tx, it)?.ok_or_else(absent)
        })?)
    }
}

/// A follow-up that was to begin has done so by then, week-ends included. What is due for
/// longer is left to the user: they declined, or the user wrote to them by another way.
const BEGUN_WITHIN: SignedDuration = SignedDuration::from_hours(4 * 24);

/// The reminders that are due and have no mail to follow up, or none that is followed up by
/// itself: the desk says them.
pub(super) fn due(tx: &Transaction<'_>, now: Timestamp) -> Result<Vec<Remembered>, StoreError> {
    let mut rows = Vec::new();
    for it in reminders::all(tx)? {
        let Some(since) = it.due.map(|due| now.duration_since(due)) else { continue };
        let left = since > BEGUN_WITHIN && replies::living(tx, it.application)?.is_none();
        if since >= SignedDuration::ZERO && (left || !is_written(tx, it.application)?) {
            rows.extend(remembered(tx, it)?);
        }
    }
    Ok(rows)
}

/// A reply has reached somebody, or is on its way to the user or out.
fn is_written(tx: &Transaction<'_>, application: ApplicationNo) -> Result<bool, StoreError> {
    for reply in replies::of_application(tx, application)? {
        let counts = match reply.state {
            ReplyState::Sent { .. } => answers::bounce_of(tx, reply.no)?.is_none(),
            // Whether one cools must not show.
            ReplyState::Cooling { .. } => false,
            _ => !reply.state.has_ended(),
        };
        if counts {
            return Ok(true);
        }
    }
    Ok(false)
}

/// `None` while the rejection is kept quiet.
fn remembered(tx: &Transaction<'_>, it: Reminder) -> Result<Option<Remembered>, StoreError> {
    let kept = messages::get(tx, it.message, Visibility::Cooling)?;
    if kept.quiet_until.is_some() {
        return Ok(None);
    }
    let whole = applications::around(tx, it.application, &kept, Visibility::Released)?;
    let shown = |reply: &Reply| reply.state.draft().is_some();
    let reply = replies::of_application(tx, it.application)?.into_iter().rfind(shown);
    Ok(Some(Remembered {
        reply: reply.map(|it| it.no),
        message: it.message,
        application: it.application,
        company: whole.application.company,
        role: whole.application.role,
        due: it.due,
        said: it.said,
        set_at: it.set_at,
    }))
}
