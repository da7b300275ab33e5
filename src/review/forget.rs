//! Erasing what is kept, because the user says so.

use jiff::Timestamp;

use super::{Desk, DeskError};
use crate::model::ids::{ApplicationNo, CaseNo};
use crate::model::journal::Entry;
use crate::model::visibility::Visibility;
use crate::store::applications::{self, Whole};
use crate::store::forget::{self, Amount, Scope};
use crate::store::{StoreError, journal, messages, replies};

impl Desk {
    /// The application that a mail or a reply belongs to.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where there is none that may be heard of.
    pub fn application_of(&mut self, case: CaseNo) -> Result<ApplicationNo, DeskError> {
        let no = self.store.read(|tx| {
            let parent = match case {
                CaseNo::Message(no) => no,
                CaseNo::Reply(no) => replies::get(tx, no)?.parent,
            };
            let absent = || StoreError::NotFound(format!("application of {case}"));
            let kept = messages::get(tx, parent, Visibility::Released).map_err(|_| absent())?;
            match case {
                CaseNo::Message(_) => kept.application.ok_or_else(absent),
                CaseNo::Reply(no) => Ok(replies::get(tx, no)?.application),
            }
        })?;
        Ok(no)
    }

    /// An application as far as it may be heard of.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where there is none.
    pub fn application(&mut self, no: ApplicationNo) -> Result<Whole, DeskError> {
        Ok(self.store.read(|tx| applications::get(tx, no, Visibility::Released))?)
    }

    /// How much [`Desk::forget`] would erase.
    ///
    /// # Errors
    /// The store's.
    pub fn would_forget(&mut self, scope: Scope) -> Result<Amount, DeskError> {
        Ok(self.store.read(|tx| forget::amount(tx, scope))?)
    }

    /// Erases it, so that no byte of it stays in the state directory.
    ///
    /// # Errors
    /// The store's. When the database is busy, what was to be erased cannot be read any more,
    /// but the file still has to be written anew: the same command does it.
    pub fn forget(&mut self, scope: Scope, now: Timestamp) -> Result<Amount, DeskError> {
        let by = self.by.to_owned();
        let amount = self.store.write(|tx| {
            let amount = forget::erase(tx, scope)?;
            let what = format!("forgot {} mails and {} replies", amount.mails, amount.replies);
            let (reply, application, message) = (None, None, None);
            let why = None;
            journal::append(tx, &Entry { at: now, by, what, reply, application, message, why })?;
            Ok(amount)
        })?;
        self.store.shrink()?;
        Ok(amount)
    }
}
