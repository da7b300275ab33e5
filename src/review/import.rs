//! Applications from the user's own table: what mail or an earlier look at the table knows of
//! is not entered a second time.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use rusqlite::Transaction;

use super::{Desk, DeskError};
use crate::model::application::Stage;
use crate::model::ids::ApplicationNo;
use crate::model::journal;
use crate::model::visibility::Visibility;
use crate::record::{Aliases, role_key};
use crate::store::StoreError;
use crate::store::applications::{self, Whole};
use crate::store::by_hand::{self, Said};

/// Mail about an application begins so long after it at most; a later one is another's.
const NEAR_AFTER: SignedDuration = SignedDuration::from_hours(60 * 24);

/// People write a day into their table that is a little late.
const NEAR_BEFORE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// One application of the table.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The employer; `None` where no mail named one before it was exported.
    pub company: Option<String>,
    /// The position.
    pub role: Option<String>,
    /// When the user applied.
    pub applied_at: Timestamp,
    /// How far it has come.
    pub stage: Stage,
    /// What else the table says.
    pub note: Option<String>,
}

/// What becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is not known.
    New,
    /// It was entered under this number.
    Added(ApplicationNo),
    /// It is this one.
    Known(ApplicationNo),
    /// The same stands in the table already.
    Twice,
}

impl Desk {
    /// What an import would do with each; nothing is changed.
    ///
    /// # Errors
    /// The store's.
    pub fn would_import(&mut self, entries: &[Entry]) -> Result<Vec<Fate>, DeskError> {
        Ok(self.store().read(|tx| fates(tx, entries))?)
    }

    /// Enters what is not known; what became of each.
    ///
    /// # Errors
    /// The store's.
    pub fn import(&mut self, entries: &[Entry], now: Timestamp) -> Result<Vec<Fate>, DeskError> {
        let by = self.by;
        Ok(self.store().write(|tx| {
            let mut fates = fates(tx, entries)?;
            for (entry, fate) in entries.iter().zip(&mut fates) {
                if *fate == Fate::New {
                    *fate = Fate::Added(enter(tx, entry, by, now)?);
                }
            }
            by_hand::disarrange(tx)?;
            Ok(fates)
        })?)
    }
}

fn enter(
    tx: &Transaction<'_>,
    it: &Entry,
    by: &str,
    now: Timestamp,
) -> Result<ApplicationNo, StoreError> {
    let no = applications::open(tx, now)?;
    let said = Said {
        company: it.company.as_deref(),
        role: it.role.as_deref(),
        applied_at: Some(it.applied_at),
        stage: Some((it.stage, None)),
        note: it.note.as_deref(),
    };
    by_hand::say(tx, no, &said)?;
    let entry = journal::Entry {
        at: now,
        by: by.to_owned(),
        what: "imported".to_owned(),
        reply: None,
        application: Some(no),
        message: None,
        why: None,
    };
    crate::store::journal::append(tx, &entry)?;
    Ok(no)
}

/// As of what may be known. Mail that nobody has heard of yet joins what is entered, once it
/// may be heard of.
fn fates(tx: &Transaction<'_>, entries: &[Entry]) -> Result<Vec<Fate>, StoreError> {
    let pairs = by_hand::aliases(tx)?;
    let aliases = Aliases::of(pairs.iter().map(|(name, other)| (name.as_str(), other.as_str())));
    let known = applications::all(tx, Visibility::Released)?;
    let mut taken: BTreeSet<ApplicationNo> = BTreeSet::new();
    let mut read: BTreeSet<(Keys, Timestamp)> = BTreeSet::new();
    let fate = |entry: &Entry| {
        let key = |role: &String| role_key(role);
        let company = entry.company.as_deref().map(|it| aliases.key(it));
        let names = (company, entry.role.as_ref().map(key));
        if !read.insert((names.clone(), entry.applied_at)) {
            return Fate::Twice;
        }
        let same = known.iter().filter(|it| !taken.contains(&it.application.no));
        let same = same.filter(|it| is_same(it, &names, &aliases) && is_near(it, entry));
        // One whose role is known is likelier than one of which it is not, and then the nearer;
        // what was exported is the same to the moment.
        let one = same.min_by_key(|it| {
            let apart = it.application.opened_at.duration_since(entry.applied_at).abs();
            let itself = apart.is_zero() && it.application.role.is_some() == entry.role.is_some();
            (!itself, it.application.role.is_none(), apart)
        });
        match one {
            Some(it) => {
                taken.insert(it.application.no);
                Fate::Known(it.application.no)
            }
            None => Fate::New,
        }
    };
    Ok(entries.iter().map(fate).collect())
}

/// Company and role as they are compared.
type Keys = (Option<String>, Option<String>);

fn is_same(it: &Whole, names: &Keys, aliases: &Aliases) -> bool {
    let (company, role) = names;
    let same_company = it.application.company.as_deref().map(|it| aliases.key(it)) == *company;
    let own_role = it.application.role.as_deref().map(role_key);
    let same_role = own_role.is_none() || role.is_none() || own_role == *role;
    same_company && same_role
}

fn is_near(it: &Whole, entry: &Entry) -> bool {
    let after = it.application.opened_at.duration_since(entry.applied_at);
    after >= -NEAR_BEFORE && after <= NEAR_AFTER
}
