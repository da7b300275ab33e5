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
    /// Where it stood before the first of them.
    began: Stage,
    /// Where it stands since then, by the user's word; later mail moves it on.
    set: Option<(Stage, Timestamp)>,
    /// What the user's own table says of it.
    pub note: Option<String>,
}

/// What moved an application, or might have.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    /// When.
    pub at: Timestamp,
    /// The mail; `None`: the user's word.
    pub message: Option<&'a Kept>,
    /// Where it stood then.
    pub stage: Stage,
}

impl Whole {
    /// Where it stood before all steps.
    pub fn began(&self) -> Stage {
        self.began
    }

    /// What happened, in its order.
    pub fn steps(&self) -> Vec<Step<'_>> {
        steps(self.began, self.set, &self.messages)
    }

    /// How far it had come at its furthest: by what happened, or by what a mail says of it.
    pub fn furthest(&self) -> Reached {
        let happened = self.steps().into_iter().map(|it| it.stage).chain([self.began]);
        happened.map(Stage::reached).max().unwrap_or(Reached::Applied).max(self.told())
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
    /// How far it had come by the user's own table or word.
    pub stage: Option<Stage>,
    /// Since when; `None`: by the table, which does not tell.
    pub stage_at: Option<Timestamp>,
    /// What else that table says.
    pub note: Option<String>,
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

/// One application with what is kept quiet; its messages without their text and hits, as
/// [`all`] has them.
///
/// # Errors
/// [`StoreError::NotFound`] when there is none.
pub fn get_briefly(transaction: &Transaction<'_>, no: ApplicationNo) -> Result<Whole, StoreError> {
    let messages = messages::of_application_briefly(transaction, no)?;
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

/// Whether there is an application of which everybody may hear.
pub fn any(transaction: &Transaction<'_>) -> Result<bool, StoreError> {
    transaction
        .query_row(
            "SELECT EXISTS (SELECT 1 FROM message
                            WHERE application IS NOT NULL AND quiet_until IS NULL)
                 OR EXISTS (SELECT 1 FROM application WHERE applied_at IS NOT NULL)",
            [],
            |row| row.get(0),
        )
        .context("look for an application")
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
        .prepare_cached(
            "SELECT company, role, applied_at, stage, stage_at, note FROM application WHERE no = ?1",
        )
        .context("read an application")?;
    let mut rows = statement.query([no.get()]).context("read an application")?;
    match rows.next().context("read an application")? {
        Some(row) => Ok(ByHand {
            company: column(row, "company")?,
            role: column(row, "role")?,
            applied_at: instant_opt(column(row, "applied_at")?)?,
            stage: column::<Option<String>>(row, "stage")?.as_deref().and_then(Stage::named),
            stage_at: instant_opt(column(row, "stage_at")?)?,
            note: column(row, "note")?,
        }),
        None => Ok(ByHand::default()),
    }
}

fn whole(no: ApplicationNo, messages: Vec<Kept>, set: ByHand) -> Option<Whole> {
    let times = || messages.iter().map(|it| it.received_at).chain(set.applied_at);
    // By a word alone there is no application.
    let told = || times().chain(set.stage_at);
    let (first, last) = (times().min().and(told().min())?, told().max()?);
    let name = |tell: fn(&Kept) -> Option<&String>| messages.iter().find_map(tell).cloned();
    // Where the table says that it ended, mail tells it better.
    let known = |it: &Stage| set.stage_at.is_none() && (messages.is_empty() || it.is_open());
    let began = set.stage.filter(known).unwrap_or(Stage::Applied);
    let said = set.stage.zip(set.stage_at);
    let application = Application {
        no,
        company: set.company.or_else(|| name(|m| m.company.as_ref())),
        role: set.role.or_else(|| name(|m| m.role.as_ref())),
        reference: name(|m| m.reference.as_ref()),
        stage: steps(began, said, &messages).last().map_or(began, |it| it.stage),
        opened_at: first,
        last_at: last,
    };
    Some(Whole { application, messages, began, set: said, note: set.note })
}

/// What these messages, which are in the order of their receipt, and the user's word between
/// them did. What the user is still being asked about moves nothing.
fn steps(began: Stage, set: Option<(Stage, Timestamp)>, messages: &[Kept]) -> Vec<Step<'_>> {
    let said = set.map(|(stage, at)| Step { at, message: None, stage });
    // What was kept quiet when the user spoke was not known then.
    let known = |it: &&Kept, at: Timestamp| {
        it.quiet_until.is_none()
            && it.released_at.unwrap_or(it.received_at).max(it.received_at) <= at
    };
    let before = |message: &&Kept| said.is_none_or(|said| known(message, said.at));
    let (earlier, later): (Vec<&Kept>, Vec<&Kept>) = messages.iter().partition(before);
    let mut stage = began;
    let mut steps: Vec<Step<'_>> = earlier.into_iter().map(|it| step(&mut stage, it)).collect();
    if let Some(said) = said {
        stage = said.stage;
        steps.push(said);
    }
    steps.extend(later.into_iter().map(|it| step(&mut stage, it)));
    steps
}

fn step<'a>(stage: &mut Stage, message: &'a Kept) -> Step<'a> {
    if let Some(Decision::Sure(kind)) = message.decision.filter(|_| is_sure(message))
        && let Move::To(next) = stage.after(kind, message.reason)
    {
        *stage = next;
    }
    Step { at: message.received_at, message: Some(message), stage: *stage }
}

/// The user is not being asked about it.
fn is_sure(message: &Kept) -> bool {
    message.question.is_none() && matches!(message.decision, Some(Decision::Sure(_)))
}
