//! Applications: what their messages tell, seen as of what may be seen.
//!
//! An application's stage, company and role are not stored: they are folded from its
//! messages each time. So a message that still cools, or was corrected, or was read out of
//! order, can leave no trace where it must not.

use jiff::Timestamp;
use rusqlite::Transaction;

use super::messages::{self, Kept};
use super::row::{column, instant_opt, millis};
use super::{Context, StoreError};
use crate::model::application::{Application, Move, Stage};
use crate::model::findings::Reached;
use crate::model::ids::ApplicationNo;
use crate::model::verdict::Decision;
use crate::model::visibility::Visibility;

/// An application with its messages, oldest first; without one only when it was entered by
/// hand.
#[derive(Debug, Clone, PartialEq)]
pub struct Whole {
    /// What the messages tell.
    pub application: Application,
    /// The messages.
    pub messages: Vec<Kept>,
}

impl Whole {
    /// The stage after each of its messages, the one before the first included.
    pub fn stages(&self) -> Vec<Stage> {
        let upto = |end: usize| stage_after(self.messages.get(..end).unwrap_or_default());
        (0..=self.messages.len()).map(upto).collect()
    }

    /// How far it had come at its furthest: by what happened, or by what a mail says of it.
    pub fn furthest(&self) -> Reached {
        let happened = self.stages().into_iter().map(Stage::reached);
        happened.max().unwrap_or(Reached::Applied).max(self.told())
    }

    /// How far the mails say it had come. The invitation to talks that a rejection thanks for
    /// may have come by telephone.
    pub fn told(&self) -> Reached {
        let sure = self.messages.iter().filter(|message| is_sure(message));
        sure.filter_map(|message| message.reached).max().unwrap_or(Reached::Applied)
    }
}

/// What the user set by hand.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ByHand {
    /// The company.
    pub company: Option<String>,
    /// The role.
    pub role: Option<String>,
    /// When the user applied; `None`: it was not entered by hand.
    pub applied_at: Option<Timestamp>,
}

impl ByHand {
    /// The user has set something.
    pub fn is_named(&self) -> bool {
        *self != ByHand::default()
    }
}

/// Opens an application; its first message must follow in the same transaction.
pub fn open(transaction: &Transaction<'_>, now: Timestamp) -> Result<ApplicationNo, StoreError> {
    transaction
        .execute("INSERT INTO application (created_at) VALUES (?1)", [millis(now)])
        .context("open an application")?;
    ApplicationNo::new(transaction.last_insert_rowid())
        .ok_or_else(|| StoreError::Unreadable("application 0".to_owned()))
}

/// One application.
///
/// # Errors
/// [`StoreError::NotFound`] when there is none, or none that may be seen.
pub fn get(
    transaction: &Transaction<'_>,
    no: ApplicationNo,
    visibility: Visibility,
) -> Result<Whole, StoreError> {
    let messages = messages::of_application(transaction, no, visibility)?;
    let set = by_hand(transaction, no)?;
    whole(no, messages, set).ok_or_else(|| StoreError::NotFound(format!("application {no}")))
}

/// The application of a reply to `parent`. When a correction has taken all its messages
/// away, the parent alone tells what there was.
///
/// # Errors
/// The store's.
pub fn around(
    transaction: &Transaction<'_>,
    no: ApplicationNo,
    parent: &Kept,
    visibility: Visibility,
) -> Result<Whole, StoreError> {
    let absent = || StoreError::NotFound(format!("application {no}"));
    match get(transaction, no, visibility) {
        Err(StoreError::NotFound(_)) => {
            let set = by_hand(transaction, no)?;
            whole(no, vec![parent.clone()], set).ok_or_else(absent)
        }
        other => other,
    }
}

/// All applications, in the order of their numbers.
pub fn all(
    transaction: &Transaction<'_>,
    visibility: Visibility,
) -> Result<Vec<Whole>, StoreError> {
    let mut wholes = Vec::new();
    let mut pending: Vec<Kept> = Vec::new();
    for message in messages::all_of_applications(transaction, visibility)? {
        if pending.last().is_some_and(|last| last.application != message.application) {
            wholes.extend(gather(transaction, std::mem::take(&mut pending))?);
        }
        pending.push(message);
    }
    wholes.extend(gather(transaction, pending)?);
    for no in entered(transaction)? {
        if !wholes.iter().any(|it| it.application.no == no) {
            wholes.extend(whole(no, Vec::new(), by_hand(transaction, no)?));
        }
    }
    wholes.sort_by_key(|it| it.application.no);
    Ok(wholes)
}

/// The applications that were entered by hand.
fn entered(transaction: &Transaction<'_>) -> Result<Vec<ApplicationNo>, StoreError> {
    let mut statement = transaction
        .prepare_cached("SELECT no FROM application WHERE applied_at IS NOT NULL ORDER BY no")
        .context("read what was entered by hand")?;
    let numbers: Vec<i64> = statement
        .query_map([], |row| row.get(0))
        .and_then(Iterator::collect)
        .context("read what was entered by hand")?;
    Ok(numbers.into_iter().filter_map(ApplicationNo::new).collect())
}

fn gather(transaction: &Transaction<'_>, messages: Vec<Kept>) -> Result<Option<Whole>, StoreError> {
    match messages.first().and_then(|first| first.application) {
        Some(no) => Ok(whole(no, messages, by_hand(transaction, no)?)),
        None => Ok(None),
    }
}

/// What the user set of an application.
pub fn by_hand(transaction: &Transaction<'_>, no: ApplicationNo) -> Result<ByHand, StoreError> {
    let mut statement = transaction
        .prepare_cached("SELECT company, role, applied_at FROM application WHERE no = ?1")
        .context("read an application")?;
    let mut rows = statement.query([no.get()]).context("read an application")?;
    match rows.next().context("read an application")? {
        Some(row) => Ok(ByHand {
            company: column(row, "company")?,
            role: column(row, "role")?,
            applied_at: instant_opt(column(row, "applied_at")?)?,
        }),
        None => Ok(ByHand::default()),
    }
}

fn whole(no: ApplicationNo, messages: Vec<Kept>, set: ByHand) -> Option<Whole> {
    let times = || messages.iter().map(|it| it.received_at).chain(set.applied_at);
    let (first, last) = (times().min()?, times().max()?);
    let told = |tell: fn(&Kept) -> Option<&String>| messages.iter().find_map(tell).cloned();
    let application = Application {
        no,
        company: set.company.or_else(|| told(|m| m.company.as_ref())),
        role: set.role.or_else(|| told(|m| m.role.as_ref())),
        reference: told(|m| m.reference.as_ref()),
        stage: stage_after(&messages),
        opened_at: first,
        last_at: last,
    };
    Some(Whole { application, messages })
}

/// The stage after these messages, which are in the order of their receipt. What the user
/// is still being asked about moves nothing.
fn stage_after(messages: &[Kept]) -> Stage {
    messages.iter().fold(Stage::Applied, |stage, message| {
        let Some(Decision::Sure(kind)) = message.decision.filter(|_| is_sure(message)) else {
            return stage;
        };
        match stage.after(kind, message.reason) {
            Move::To(next) => next,
            Move::Stays | Move::Contradicts => stage,
        }
    })
}

/// The user is not being asked about it.
fn is_sure(message: &Kept) -> bool {
    message.question.is_none() && matches!(message.decision, Some(Decision::Sure(_)))
}
