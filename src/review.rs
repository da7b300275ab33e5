//! The desk: every face looks at replies and decides about them here.
//!
//! A decision about a reply is written at once, through the state machine; one that needs
//! the record or the templates (`correct`, `draft`) is written down for the daemon. Nothing
//! here sends, reads a clock, or shows what is still cooling unless it is asked to.

use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::draft::guard::{Limits, Objection};
use crate::draft::{clean, compose};
use crate::model::address::Address;
use crate::model::ids::{AccountNo, ReplyNo};
use crate::model::mail::{Digest, Draft, Origin, Proof, Route};
use crate::model::reply::{Reply, ReplyEvent, ReplyState};
use crate::stats;
use crate::store::accounts::AccountRow;
use crate::store::brakes::{self, Brake};
use crate::store::{Store, StoreError, crash, ledger, replies};

pub use opening::Opened;

pub mod applications;

pub mod export;

pub mod feedback;

pub mod figures;

pub mod follow_up;

mod forget;

pub mod import;

pub mod letter;

pub mod listing;

pub mod nobody;

mod opening;

pub mod reminders;

mod tone;

mod warnings;

pub mod wins;

mod wishes;

/// What the desk must know of the configuration.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The accounts.
    pub senders: Vec<Sender>,
    /// How much is too much.
    pub limits: Limits,
    /// The undo window after an approval.
    pub delay: SignedDuration,
    /// Offer a question after a draft was dealt with.
    pub questions: bool,
    /// How long an answer may take before it is silence, as far as the user has set it.
    pub waits: stats::Waits,
    /// So many applications a week are meant to be.
    pub weekly_goal: Option<u64>,
    /// The day on which the desk has a letter of the week; `None`: it has none.
    pub weekly_letter: Option<Weekday>,
    /// Where the user's days begin.
    pub zone: TimeZone,
}

/// An account as a sender.
#[derive(Debug, Clone)]
pub struct Sender {
    /// Who logs in.
    pub login: String,
    /// Where.
    pub host: String,
    /// The user's addresses there.
    pub own: Vec<Address>,
    /// The way out; `None`: nothing can be sent.
    pub route: Option<Route>,
    /// Somebody keeps a copy that later searches will find.
    pub keeps_copy: bool,
}

/// Why the desk could not do it.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// The store or the state machine.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The mail cannot be built.
    #[error(transparent)]
    Compose(#[from] compose::ComposeError),
    /// There is a reason not to send it.
    #[error("{no} cannot be approved: {}", reasons(.objections))]
    Objected {
        /// Which reply.
        no: ReplyNo,
        /// The reasons.
        objections: Vec<Objection>,
    },
    /// What the tone check says of its words was not shown yet. Now it was.
    #[error("{no} may need another look before the yes:\n{}", lines(.findings))]
    Tone {
        /// Which reply.
        no: ReplyNo,
        /// What was found.
        findings: Vec<String>,
    },
    /// The new text says nothing.
    #[error("The text is empty; {no} stays as it was")]
    NoText {
        /// Which reply.
        no: ReplyNo,
    },
    /// There is no draft to do that with.
    #[error("{no} is {state}; there is no draft to change or approve")]
    NoDraft {
        /// Which reply.
        no: ReplyNo,
        /// Its state.
        state: &'static str,
    },
}

impl DeskError {
    /// What to do next.
    pub fn hint(&self) -> Option<String> {
        match self {
            DeskError::Store(error) => error.hint(),
            DeskError::Compose(error) => Some(error.hint().to_owned()),
            DeskError::Objected { no, objections } => Some(match objections.first() {
                Some(Objection::GapLeft | Objection::Empty) => format!("regards edit {no}"),
                Some(Objection::Changed(_)) => {
                    "The daemon makes the draft anew; look again in a moment".to_owned()
                }
                Some(Objection::HourLimit { .. } | Objection::DayLimit { .. }) => {
                    format!("Say yes again then; it stays on the desk: regards approve {no}")
                }
                _ => format!("regards skip {no}, or snooze it: regards snooze {no} 3d"),
            }),
            DeskError::Tone { no, .. } => {
                Some(format!("All the same: regards approve {no}; other words: regards edit {no}"))
            }
            DeskError::NoText { no } => Some(format!("Not to answer at all: regards skip {no}")),
            DeskError::NoDraft { no, .. } => Some(format!("regards show {no}")),
        }
    }
}

fn reasons(objections: &[Objection]) -> String {
    let sentences: Vec<String> = objections.iter().map(ToString::to_string).collect();
    sentences.join("; ")
}

fn lines(findings: &[String]) -> String {
    let lines: Vec<String> = findings.iter().map(|it| format!("! {it}")).collect();
    lines.join("\n")
}

/// The desk of one database, used by one face.
#[derive(Debug)]
pub struct Desk {
    store: Store,
    settings: Settings,
    by: &'static str,
}

impl Desk {
    /// A desk for the face called `by`, which the journal will name.
    pub fn new(store: Store, settings: Settings, by: &'static str) -> Desk {
        Desk { store, settings, by }
    }

    /// The store, for what is only read.
    pub fn store(&mut self) -> &mut Store {
        &mut self.store
    }

    /// Says yes to exactly the mail with the digest `seen`. Saying it twice is one yes.
    ///
    /// # Errors
    /// [`DeskError::Objected`]; [`DeskError::Tone`] once for each text; or the state machine's
    /// refusal when the mail is another one.
    pub fn approve(
        &mut self,
        no: ReplyNo,
        seen: Digest,
        now: Timestamp,
    ) -> Result<Reply, DeskError> {
        let opened = self.open(no, now)?;
        if matches!(&opened.reply.state, ReplyState::Approved(it) if it.digest == seen) {
            return Ok(opened.reply);
        }
        let Some(now_is) = opened.digest else { return Err(no_draft(&opened.reply)) };
        if !opened.objections.is_empty() {
            return Err(DeskError::Objected { no, objections: opened.objections });
        }
        if seen == now_is {
            self.tone_once(&opened)?;
        }
        let due = now.saturating_add(self.settings.delay).unwrap_or(now);
        let event = ReplyEvent::Approved { seen, now_is, by: self.by.to_owned(), due };
        crash::point("approve.asked");
        let approved = self.advance(&opened.reply, event, now)?;
        crash::point("approve.written");
        Ok(approved)
    }

    /// Notes that the user has seen this mail, so that a later `approve` means it.
    ///
    /// # Errors
    /// The store's.
    pub fn shown(&mut self, no: ReplyNo, digest: &Digest) -> Result<(), DeskError> {
        Ok(self.store.write(|tx| replies::set_shown(tx, no, digest))?)
    }

    /// The mail that the user was last shown for this reply.
    ///
    /// # Errors
    /// The store's.
    pub fn last_shown(&mut self, no: ReplyNo) -> Result<Option<Digest>, DeskError> {
        Ok(self.store.read(|tx| replies::shown(tx, no))?)
    }

    /// Takes the yes back.
    ///
    /// # Errors
    /// When it is not approved any more.
    pub fn revoke(&mut self, no: ReplyNo, now: Timestamp) -> Result<Reply, DeskError> {
        self.decide(no, ReplyEvent::Revoked, now)
    }

    /// Puts other words into the draft; it becomes another mail, with a Message-ID made of
    /// `random`.
    ///
    /// # Errors
    /// When there is no draft, or the text is empty or cannot be sent.
    pub fn edit(
        &mut self,
        no: ReplyNo,
        text: &str,
        random: [u8; 16],
        now: Timestamp,
    ) -> Result<Reply, DeskError> {
        let opened = self.open(no, now)?;
        let Some(draft) = opened.reply.state.draft() else { return Err(no_draft(&opened.reply)) };
        let message_id = compose::new_message_id(random, draft.from.address.domain())
            .ok_or_else(|| no_draft(&opened.reply))?;
        let text = clean::plain_text(text);
        if text.trim().is_empty() {
            return Err(DeskError::NoText { no });
        }
        let changed = draft.origin.edited || text != draft.text;
        let origin = Origin { edited: changed, ..draft.origin.clone() };
        let edited = Draft { text, message_id, origin, ..draft.clone() };
        compose::digest(&edited)?;
        self.advance(&opened.reply, ReplyEvent::Edited(Box::new(edited)), now)
    }

    /// Not before `until`.
    ///
    /// # Errors
    /// When it is not on the desk.
    pub fn snooze(
        &mut self,
        no: ReplyNo,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Reply, DeskError> {
        self.decide(no, ReplyEvent::Snoozed(until), now)
    }

    /// Never. One that reached nobody has ended and is put away.
    ///
    /// # Errors
    /// When it has left or ended already and is not on the desk.
    pub fn skip(&mut self, no: ReplyNo, now: Timestamp) -> Result<Reply, DeskError> {
        let reply = self.open(no, now)?.reply;
        let by = self.by;
        if self.store.write(|tx| listing::put_away(tx, &reply, by, now))? {
            return Ok(reply);
        }
        self.advance(&reply, ReplyEvent::Skipped, now)
    }

    /// Settles a doubtful mail by what the user found out.
    ///
    /// # Errors
    /// When it is not doubtful.
    pub fn resolve(
        &mut self,
        no: ReplyNo,
        went_out: bool,
        now: Timestamp,
    ) -> Result<Reply, DeskError> {
        if went_out {
            return self.decide(no, ReplyEvent::FoundSent(Proof::UserSaysSo), now);
        }
        let before = self.open(no, now)?.reply;
        let reply = self.advance(&before, ReplyEvent::FoundUnsent, now)?;
        if let ReplyState::Doubtful { approval, .. } = &before.state {
            ledger::forget(self.store.dir(), &approval.digest)?;
        }
        Ok(reply)
    }

    /// Holds drafts and sending until `until`, or until [`Desk::resume`].
    ///
    /// # Errors
    /// The store's.
    pub fn pause(&mut self, until: Option<Timestamp>, now: Timestamp) -> Result<(), DeskError> {
        let why = "you asked for a pause".to_owned();
        let brake = Brake { what: brakes::PAUSED.to_owned(), at: now, until, why };
        Ok(self.store.write(|tx| brakes::set(tx, &brake))?)
    }

    /// What holds drafts and sending.
    ///
    /// # Errors
    /// The store's.
    pub fn brakes(&mut self, now: Timestamp) -> Result<Vec<Brake>, DeskError> {
        Ok(self.store.read(|tx| brakes::in_force(tx, now))?)
    }

    /// Takes all brakes off and says how many there were.
    ///
    /// # Errors
    /// The store's.
    pub fn resume(&mut self) -> Result<usize, DeskError> {
        Ok(self.store.write(brakes::release)?)
    }

    fn decide(
        &mut self,
        no: ReplyNo,
        event: ReplyEvent,
        now: Timestamp,
    ) -> Result<Reply, DeskError> {
        let reply = self.open(no, now)?.reply;
        self.advance(&reply, event, now)
    }

    fn advance(
        &mut self,
        reply: &Reply,
        event: ReplyEvent,
        now: Timestamp,
    ) -> Result<Reply, DeskError> {
        let by = self.by;
        Ok(self.store.write(|tx| replies::advance(tx, reply, event, None, by, now))?)
    }
}

/// An account of the database as the configuration has it.
fn sender<'a>(rows: &[AccountRow], senders: &'a [Sender], no: AccountNo) -> Option<&'a Sender> {
    let row = rows.iter().find(|row| row.no == no)?;
    senders.iter().find(|it| row.login == it.login && row.host == it.host)
}

fn no_draft(reply: &Reply) -> DeskError {
    DeskError::NoDraft { no: reply.no, state: reply.state.name() }
}
