//! What a face asks of the drafting: a template tried on one mail, which writes nothing, and
//! the draft on the desk made anew for another intent. The daemon need not run.
//!
//! Neither looks at what cools.

use jiff::Timestamp;

use super::Shared;
use super::decisions;
use super::drafting::{self, Case, Facts, NoDraft};
use super::find::Finder;
use crate::draft::intent;
use crate::draft::template::{self, TemplateError, Templates};
use crate::model::ids::MessageNo;
use crate::model::mail::{Draft, Intent, Origin};
use crate::model::reply::{Refusal, Reply, ReplyEvent, ReplyState};
use crate::model::visibility::Visibility;
use crate::store::{StoreError, messages, replies};

/// Why nothing came of it.
#[derive(Debug, thiserror::Error)]
pub enum ByHandError {
    /// The store, or the state machine.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The template.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// There is nothing to make a draft of, in a sentence for the user.
    #[error("{0}")]
    Refused(String),
}

/// A template to be tried.
#[derive(Debug, Clone, Copy)]
pub enum Template<'a> {
    /// One of the program's or the user's own.
    Named(&'a str),
    /// A file that lies anywhere.
    File {
        /// Where.
        path: &'a str,
        /// What it says.
        text: &'a str,
    },
}

/// What a template says to one mail.
#[derive(Debug, Clone)]
pub struct Tried {
    /// The language and intent that it was read as.
    pub template: String,
    /// The mail that it would be.
    pub draft: Draft,
    /// What it says that is not known to have happened.
    pub claims: Option<&'static str>,
}

impl Finder {
    /// The templates as they are now.
    pub fn templates(&self) -> &Templates {
        &self.shared.settings.templates
    }

    /// What a draft to this message would say, made of this template.
    ///
    /// # Errors
    /// When no draft can be made of that message, or with that template.
    pub fn try_template(
        &self,
        no: MessageNo,
        template: Template<'_>,
    ) -> Result<Tried, ByHandError> {
        let shared = &self.shared;
        let (kept, living) = shared.store().read(|tx| {
            let kept = messages::get(tx, no, Visibility::Released)?;
            let living = kept.application.map(|it| replies::living(tx, it)).transpose()?;
            Ok((kept, living.flatten()))
        })?;
        let Some(application) = decisions::rejected_application(&kept) else {
            return Err(ByHandError::Refused(decisions::no_rejection(&kept)));
        };
        let living = living.filter(|reply| reply.parent == no);
        let case = Case {
            application,
            parent: no,
            account: kept.account,
            chosen: living.as_ref().and_then(|reply| reply.chosen.as_ref()),
            follows: living.as_ref().and_then(|reply| reply.follows),
        };
        let made = shared.store().read(|tx| {
            let facts = drafting::facts_of(tx, shared, &case);
            Ok(facts.and_then(|facts| tried(shared, &facts, template)))
        })?;
        made.map_err(|error| match error {
            NoDraft::Store(error) => error.into(),
            NoDraft::Template(error) => error.into(),
            NoDraft::NoParent => ByHandError::Refused(decisions::forgotten(&kept)),
            NoDraft::Nobody(why) => ByHandError::Refused(decisions::nobody(&why, no)),
            NoDraft::NoWayOut(_) | NoDraft::NoAccount => ByHandError::Refused(error.to_string()),
        })
    }

    /// Makes the draft that `seen` holds anew, for this intent. It becomes another mail, with
    /// another Message-ID, and the words that it had are gone.
    ///
    /// # Errors
    /// When it is not on the desk, was changed since it was seen, or cannot be made.
    pub fn draft_anew(
        &self,
        seen: &Reply,
        intent: Intent,
        by: &str,
        now: Timestamp,
    ) -> Result<Reply, ByHandError> {
        if !matches!(seen.state, ReplyState::Drafted { .. }) {
            let state = seen.state.name();
            let refusal = Refusal::NotNow { state, event: "made for another intent" };
            return Err(StoreError::from(refusal).into());
        }
        let shared = &self.shared;
        let wanted = Reply { wanted: Some(intent), ..seen.clone() };
        let made = shared.store().read(|tx| {
            messages::get(tx, seen.parent, Visibility::Released)?;
            Ok(drafting::facts(tx, shared, &wanted).and_then(|facts| {
                let why = drafting::unfounded(&facts, intent);
                Ok((drafting::fresh(tx, shared, &wanted, &facts)?, why))
            }))
        })?;
        let (draft, unfounded) = made.map_err(|error| match error {
            NoDraft::Store(error) => error.into(),
            NoDraft::Template(error) => error.into(),
            other => ByHandError::Refused(other.to_string()),
        })?;
        if let Some(why) = unfounded {
            return Err(ByHandError::Refused(why));
        }
        let notice = format!("it was made anew for {intent}, as you asked");
        let event = ReplyEvent::Edited(Box::new(draft));
        let reply = shared.store().write(|tx| {
            replies::want(tx, seen.no, intent)?;
            replies::advance(tx, seen, event, Some(&notice), by, now)
        })?;
        Ok(reply)
    }
}

/// What a draft would say, made of this template.
fn tried(shared: &Shared, facts: &Facts, template: Template<'_>) -> Result<Tried, NoDraft> {
    let fitting = drafting::fitting(facts)?;
    let templates = &shared.settings.templates;
    let filled = match template {
        Template::Named(name) => templates.text_named(name, &facts.fields)?,
        Template::File { path, text } => {
            let (templates, name) =
                templates.with_file(path, text, facts.language.as_deref(), fitting)?;
            templates.text_named(&name, &facts.fields)?
        }
    };
    let intent = template::intent_of(&filled.template).unwrap_or(fitting);
    let (id, origin) = (drafting::new_message_id(facts)?, Origin::default());
    let draft = drafting::assemble(facts, id, filled.text, intent, origin)
        .ok_or_else(|| NoDraft::Nobody(facts.addressing.why.clone()))?;
    let claims = intent::unfounded(intent, &facts.findings);
    Ok(Tried { template: filled.template, draft, claims })
}
