//! What the tone check says of a draft, and that it is said once before the yes.

use super::{Desk, DeskError, Opened};
use crate::draft::tone;
use crate::model::ids::ReplyNo;
use crate::model::mail::Draft;
use crate::model::visibility::Visibility;
use crate::store::{applications, replies};

impl Desk {
    pub(super) fn tone(
        &mut self,
        draft: &Draft,
        opened: &Opened,
    ) -> Result<Vec<String>, DeskError> {
        let wholes = self.store.read(|tx| applications::all(tx, Visibility::Released))?;
        let this = &opened.whole.application;
        let others: Vec<&str> = wholes
            .iter()
            .filter(|other| other.application.no != this.no)
            .filter_map(|other| other.application.company.as_deref())
            .collect();
        // A mail that answers none goes to somebody else than the one who wrote the rejection.
        let answers = draft.in_reply_to.is_some() && opened.reply.follows.is_none();
        let person = if answers { &opened.parent.person } else { &draft.to.name };
        let about = tone::About {
            company: this.company.as_deref(),
            role: this.role.as_deref(),
            person: person.as_deref(),
            to: Some(&draft.to),
            others: &others,
        };
        let warnings = tone::warnings(&draft.text, &about);
        Ok(warnings.iter().map(tone::ToneWarning::sentence).collect())
    }

    /// Stops the yes when something was found that the user has not been shown, and counts it
    /// as shown from now on: the next yes to these words holds.
    pub(super) fn tone_once(&mut self, opened: &Opened) -> Result<(), DeskError> {
        if opened.tone.is_empty() || opened.tone_shown {
            return Ok(());
        }
        let no = opened.reply.no;
        self.show_tone(no)?;
        Err(DeskError::Tone { no, findings: opened.tone.clone() })
    }

    /// Notes that the user has been shown what the tone check says of these words.
    ///
    /// # Errors
    /// The store's.
    pub fn show_tone(&mut self, no: ReplyNo) -> Result<(), DeskError> {
        Ok(self.store.write(|tx| replies::set_tone_shown(tx, no))?)
    }
}
