//! A reply with everything that belongs to it, and what is to be said of it before a yes.

use jiff::Timestamp;
use rusqlite::Transaction;

use super::follow_up::{self, FollowUp};
use super::{Desk, DeskError, Sender, sender, warnings};
use crate::draft::compose;
use crate::draft::guard::{self, GuardInput, Objection, SentBefore};
use crate::model::addressee::{Addressee, Addressing};
use crate::model::ids::{MessageNo, ReplyNo};
use crate::model::journal::Entry;
use crate::model::mail::{Digest, Draft};
use crate::model::reply::{Reply, ReplyState};
use crate::model::visibility::Visibility;
use crate::store::applications::Whole;
use crate::store::messages::Kept;
use crate::store::{StoreError, accounts, answers, applications, journal, messages, replies};

/// A reply as it is shown before a decision.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The reply.
    pub reply: Reply,
    /// The rejection.
    pub parent: Kept,
    /// Its application.
    pub whole: Whole,
    /// Where it comes from, when it follows an earlier one.
    pub follow_up: Option<FollowUp>,
    /// The digest of the mail as it stands, if there is one.
    pub digest: Option<Digest>,
    /// What the user must see about the addressee and the copy.
    pub warnings: Vec<String>,
    /// What the user should see about the words.
    pub tone: Vec<String>,
    /// That was shown already, about exactly these words.
    pub tone_shown: bool,
    /// Why it cannot be approved as it stands.
    pub objections: Vec<Objection>,
    /// What happened to it.
    pub journal: Vec<Entry>,
}

/// What the store knows of a reply.
struct Gathered {
    reply: Reply,
    parent: Kept,
    whole: Whole,
    sent: Vec<SentBefore>,
    journal: Vec<Entry>,
    told: Vec<String>,
    tone_shown: bool,
    follow_up: Option<FollowUp>,
}

impl Desk {
    /// A reply with everything that belongs to it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] also while its rejection is kept quiet.
    pub fn open(&mut self, no: ReplyNo, now: Timestamp) -> Result<Opened, DeskError> {
        let gathered = self.store.read(|tx| {
            let reply = replies::get(tx, no)?;
            // Whether a reply cools is nobody's business: it is not there.
            let hidden = |_| StoreError::NotFound(format!("reply {no}"));
            let parent = messages::get(tx, reply.parent, Visibility::Released).map_err(hidden)?;
            let whole = applications::around(tx, reply.application, &parent, Visibility::Released)?;
            Ok(Gathered {
                told: told(tx, &reply)?,
                sent: sent_before(tx, no)?,
                journal: journal::of_reply(tx, no)?,
                follow_up: follow_up::of(tx, &reply)?,
                tone_shown: replies::tone_shown(tx, no)?,
                reply,
                parent,
                whole,
            })
        })?;
        self.judged(gathered, now)
    }

    /// What is to be said of a reply.
    fn judged(&mut self, it: Gathered, now: Timestamp) -> Result<Opened, DeskError> {
        let Gathered { reply, parent, whole, sent, journal, told, tone_shown, follow_up } = it;
        let sender = self.sender(&reply)?;
        let draft = reply.state.draft().cloned();
        let built = draft.as_ref().map(compose::digest);
        // A mail that cannot be built must not bar the way to the others.
        let unbuildable = built.as_ref().and_then(|it| it.as_ref().err());
        let unbuildable = unbuildable.map(|error| format!("{error} ({})", error.hint()));
        let digest = built.and_then(Result::ok);
        let mut opened = Opened {
            warnings: Vec::new(),
            tone: Vec::new(),
            tone_shown,
            objections: Vec::new(),
            digest,
            reply,
            parent,
            whole,
            follow_up,
            journal,
        };
        if let Some(draft) = &draft {
            opened.tone = self.tone(draft, &opened)?;
            opened.warnings = warnings::of(&opened, draft);
            opened.warnings.extend(unbuildable);
            opened.warnings.extend(told);
            if matches!(opened.reply.state, ReplyState::Drafted { .. }) {
                opened.objections = self.objections(&opened, draft, sender.as_ref(), &sent, now);
            }
        }
        Ok(opened)
    }

    /// What would be said of a draft to this message that is only tried.
    ///
    /// # Errors
    /// When there is no such message that may be heard of.
    pub fn tried(
        &mut self,
        no: MessageNo,
        draft: Draft,
        now: Timestamp,
    ) -> Result<Opened, DeskError> {
        let opened = self.store.read(|tx| {
            let parent = messages::get(tx, no, Visibility::Released)?;
            let absent = || StoreError::NotFound(format!("application of {no}"));
            let application = parent.application.ok_or_else(absent)?;
            let whole = applications::around(tx, application, &parent, Visibility::Released)?;
            let living = replies::living(tx, application)?.filter(|it| it.parent == no);
            let last = replies::all(tx)?.last().map_or(0, |it| it.no.get());
            let next = ReplyNo::new(last.saturating_add(1));
            let number = living.as_ref().map(|it| it.no).or(next).ok_or_else(absent)?;
            let state = ReplyState::Drafted { draft: Box::new(draft), since: now };
            let reply = Reply {
                no: number,
                application,
                parent: no,
                account: parent.account,
                chosen: living.as_ref().and_then(|it| it.chosen.clone()),
                wanted: None,
                follows: living.as_ref().and_then(|it| it.follows),
                state,
                version: 0,
                notice: None,
            };
            Ok(Gathered {
                told: told(tx, &reply)?,
                sent: sent_before(tx, number)?,
                journal: Vec::new(),
                follow_up: None,
                tone_shown: true,
                reply,
                parent,
                whole,
            })
        })?;
        self.judged(opened, now)
    }

    fn sender(&mut self, reply: &Reply) -> Result<Option<Sender>, DeskError> {
        let rows = self.store.read(accounts::all)?;
        Ok(sender(&rows, &self.settings.senders, reply.account).cloned())
    }

    fn objections(
        &self,
        opened: &Opened,
        draft: &Draft,
        sender: Option<&Sender>,
        sent: &[SentBefore],
        now: Timestamp,
    ) -> Vec<Objection> {
        let own = sender.map(|it| it.own.clone()).unwrap_or_default();
        let again = sender
            .and_then(|it| it.route.clone())
            .filter(|_| own.iter().any(|mine| mine.same_mailbox(&draft.from.address)));
        let again = again.map(|route| Draft { route, ..draft.clone() });
        guard::objections(&GuardInput {
            draft,
            recomputed: again.as_ref(),
            addressing: &addressing(opened, draft),
            own: &own,
            sent,
            approval: None,
            now,
            limits: &self.settings.limits,
        })
    }
}

/// What other replies give cause to say.
fn told(tx: &Transaction<'_>, reply: &Reply) -> Result<Vec<String>, StoreError> {
    let mut told: Vec<String> = warnings::chosen(tx, reply)?.into_iter().collect();
    told.extend(warnings::rivals(tx, reply)?);
    Ok(told)
}

/// Who was chosen when the draft was made, in the words kept of it.
fn addressing(opened: &Opened, draft: &Draft) -> Addressing {
    let to = draft.to.clone();
    let (word, why) = opened.parent.addressee.clone().unwrap_or_default();
    let addressee = match word.as_str() {
        "nobody" => Addressee::Nobody,
        "relay" => Addressee::Relay(to),
        "earlier" => Addressee::Earlier(to),
        "chosen" => Addressee::Chosen(to),
        _ => Addressee::Person(to),
    };
    Addressing { addressee, why, warnings: Vec::new() }
}

/// What went out lately, or may have, other than this reply.
fn sent_before(tx: &Transaction<'_>, except: ReplyNo) -> Result<Vec<SentBefore>, StoreError> {
    let mut sent = answers::sent_before(tx)?;
    sent.retain(|(no, _, _)| *no != except);
    Ok(sent.into_iter().map(|(_, to, at)| SentBefore { to, at }).collect())
}
