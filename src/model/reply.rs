//! The life of a reply: a state machine whose data sits inside the variants.
//!
//! [`Reply::on`] is the only way from one state to another; what it does not list is
//! refused. It is pure: clock, wire and database stand outside.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::address::Address;
use super::ids::{AccountNo, ApplicationNo, MessageNo, ReplyNo};
use super::mail::{Digest, Draft, Intent, MailDate, Phase, Proof};
use super::verdict::Kind;

/// A 4yz answer is tried again at most so often; then the user is asked anew.
pub const DEFERRALS_MAX: u32 = 3;

/// One reply; belongs to one closing of one application.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// Its number.
    pub no: ReplyNo,
    /// The application that ended.
    pub application: ApplicationNo,
    /// The rejection that it answers.
    pub parent: MessageNo,
    /// The account that sends it.
    pub account: AccountNo,
    /// Whom the user named against the program's advice (`draft ID --to`).
    pub chosen: Option<Address>,
    /// The intent that the user named.
    pub wanted: Option<Intent>,
    /// A follow-up: the sent reply that it answers.
    pub follows: Option<ReplyNo>,
    /// Where it stands.
    pub state: ReplyState,
    /// Counts the writes; two faces that decide at once cannot both win.
    pub version: i64,
    /// What the user should know of its last move ("the server said …").
    pub notice: Option<String>,
}

/// Where a reply stands.
#[derive(Debug, Clone, PartialEq)]
pub enum ReplyState {
    /// The daemon is silent about it.
    Cooling {
        /// Not before this instant; office hours are asked then.
        not_before: Timestamp,
        /// A draft that was snoozed and keeps its text.
        kept: Option<Box<Draft>>,
    },
    /// On the desk.
    Drafted {
        /// What would be sent.
        draft: Box<Draft>,
        /// Since when nobody touched it.
        since: Timestamp,
    },
    /// The user said yes to exactly this mail.
    Approved(Box<Approval>),
    /// The sender has it in hand.
    Sending {
        /// What was approved.
        approval: Box<Approval>,
        /// The Date field.
        date: MailDate,
        /// Whether the body may be on the wire.
        phase: Phase,
    },
    /// It may be out or not; never sent again by itself.
    Doubtful {
        /// What was approved.
        approval: Box<Approval>,
        /// The Date field it carried.
        date: MailDate,
        /// Since when.
        since: Timestamp,
    },
    /// It went out.
    Sent {
        /// What was sent.
        draft: Box<Draft>,
        /// The Date field it carried.
        date: MailDate,
        /// When that was known.
        at: Timestamp,
        /// How it is known.
        proof: Proof,
    },
    /// The user does not want to answer.
    Skipped,
    /// Something made it superfluous.
    Withdrawn(Withdrawal),
    /// The server refused it for good.
    Failed {
        /// The server's words.
        why: String,
    },
}

/// The user's yes.
#[derive(Debug, Clone, PartialEq)]
pub struct Approval {
    /// The mail as approved.
    pub draft: Draft,
    /// The digest the user saw, taken over envelope, route and bytes.
    pub digest: Digest,
    /// Which face, e.g. `cli`.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Not before: the end of the undo window, or the server's pause.
    pub due: Timestamp,
    /// When it was due first; the approval is good for a day from here.
    pub first_due: Timestamp,
    /// 4yz answers so far.
    pub deferrals: u32,
    /// Attempts that reached no server, for the growing pause.
    pub unreached: u32,
    /// The Date field, once claimed.
    pub date: Option<MailDate>,
}

/// Why a reply became superfluous.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Withdrawal {
    /// The user answered from elsewhere.
    AnsweredElsewhere,
    /// Other mail of the same application came.
    Overtaken(Overtaking),
    /// The user corrected the verdict.
    Corrected,
    /// Read again by other rules, it is no rejection any more, or not surely one.
    Rejudged,
    /// Nobody touched it for long.
    Expired,
    /// The account is gone from the configuration.
    AccountRemoved,
    /// The application is not clear any more (merged, split, ambiguous).
    Unsettled,
}

/// The kinds of mail that overtake a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Overtaking {
    /// An interview or assessment.
    Invited,
    /// An offer.
    Offered,
    /// A question to the applicant.
    Question,
    /// The process goes on.
    Progress,
}

impl Overtaking {
    /// What a message of this kind does to replies of its application: confirmations,
    /// surveys, newsletters and further rejections overtake nothing.
    pub fn by(kind: Kind) -> Option<Overtaking> {
        match kind {
            Kind::Invited => Some(Overtaking::Invited),
            Kind::Offered => Some(Overtaking::Offered),
            Kind::Question => Some(Overtaking::Question),
            Kind::Progress | Kind::Paused => Some(Overtaking::Progress),
            Kind::Rejected
            | Kind::Acknowledged
            | Kind::Feedback
            | Kind::Withdrawn
            | Kind::Approached
            | Kind::Noise => None,
        }
    }
}

impl Withdrawal {
    /// The sentence for the user.
    pub fn sentence(&self) -> &'static str {
        match self {
            Withdrawal::AnsweredElsewhere => "you answered it yourself",
            Withdrawal::Overtaken(Overtaking::Invited) => "an invitation came",
            Withdrawal::Overtaken(Overtaking::Offered) => "an offer came",
            Withdrawal::Overtaken(Overtaking::Question) => "a question to you came",
            Withdrawal::Overtaken(Overtaking::Progress) => "the process goes on",
            Withdrawal::Corrected => "you corrected the verdict",
            Withdrawal::Rejudged => "the rules of today do not call it a rejection",
            Withdrawal::Expired => "nobody touched it for long",
            Withdrawal::AccountRemoved => "the account was removed from the configuration",
            Withdrawal::Unsettled => "it is not clear which application it belongs to",
        }
    }
}

/// What can happen to a reply.
#[derive(Debug, Clone, PartialEq)]
pub enum ReplyEvent {
    /// The pause is over; here is the draft.
    CooledOff(Box<Draft>),
    /// Not now.
    Snoozed(Timestamp),
    /// Never.
    Skipped,
    /// Superfluous.
    Overtaken(Withdrawal),
    /// The user changed the draft (it carries a new Message-ID).
    Edited(Box<Draft>),
    /// The user says yes to the mail with digest `seen`; `now_is` is that of the draft as stored.
    Approved {
        /// What the face had shown.
        seen: Digest,
        /// What it is now.
        now_is: Digest,
        /// Which face.
        by: String,
        /// The end of the undo window.
        due: Timestamp,
    },
    /// Nobody touched the draft for long.
    Expired,
    /// The sender takes it.
    Claimed,
    /// The user takes the yes back.
    Revoked,
    /// The guard or a changed digest speaks against it.
    Objected,
    /// The approval is too old, or was deferred too often.
    Stale,
    /// The next byte on the wire is the body's first.
    BodyBegins,
    /// No server was reached, or it broke off before the body.
    NoContact {
        /// Not again before.
        retry_at: Timestamp,
    },
    /// 4yz.
    Deferred {
        /// Not again before.
        retry_at: Timestamp,
    },
    /// 5yz, with the server's words.
    Refused(String),
    /// It stopped (crash, stop, cut line).
    Interrupted,
    /// The server took it.
    Accepted,
    /// No answer came.
    LostSight,
    /// It was found to be out.
    FoundSent(Proof),
    /// The user knows that it is not out.
    FoundUnsent,
}

/// The event does not fit the state: refused, and nothing changes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Such a reply cannot do that now.
    #[error("A reply that is {state} cannot be {event}")]
    NotNow {
        /// Its state's word.
        state: &'static str,
        /// The event's word.
        event: &'static str,
    },
    /// The draft changed after it was shown.
    #[error("The draft changed after it was shown; look at it again")]
    ShownOther,
}

impl Refusal {
    /// What a person can do instead.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Refusal::NotNow { state: "approved", .. } => {
                Some("Take the approval back first: regards revoke ID")
            }
            Refusal::NotNow { state: "cooling", .. } => Some(
                "It comes onto the desk by itself (`regards desk --cooling` tells when); one \
                     that was snoozed comes back at once by: regards snooze ID 0s",
            ),
            Refusal::NotNow { state: "doubtful", .. } => {
                Some("Look into your Sent folder, then: regards resolve ID sent|unsent")
            }
            Refusal::NotNow { state: "sent" | "skipped" | "withdrawn" | "failed", .. } => {
                Some("It has ended; `regards draft` begins another one with the mail's number")
            }
            Refusal::NotNow { .. } | Refusal::ShownOther => None,
        }
    }
}

impl ReplyState {
    /// The state that follows `event` at `now`.
    ///
    /// # Errors
    /// [`Refusal`] when the event is not listed for this state; `self` is as before.
    pub fn on(&self, event: ReplyEvent, now: Timestamp) -> Result<ReplyState, Refusal> {
        match self {
            ReplyState::Cooling { kept, .. } => self.on_cooling(kept.as_deref(), event, now),
            ReplyState::Drafted { draft, .. } => self.on_drafted(draft, event, now),
            ReplyState::Approved(approval) => self.on_approved(approval, event, now),
            ReplyState::Sending { approval, date, phase } => {
                self.on_sending(approval, *date, *phase, event, now)
            }
            ReplyState::Doubtful { approval, date, .. } => {
                self.on_doubtful(approval, *date, event, now)
            }
            ReplyState::Sent { .. }
            | ReplyState::Skipped
            | ReplyState::Withdrawn(_)
            | ReplyState::Failed { .. } => Err(self.refuses(&event)),
        }
    }

    fn on_cooling(
        &self,
        kept: Option<&Draft>,
        event: ReplyEvent,
        now: Timestamp,
    ) -> Result<ReplyState, Refusal> {
        match event {
            ReplyEvent::CooledOff(draft) => Ok(ReplyState::Drafted { draft, since: now }),
            ReplyEvent::Snoozed(until) => {
                let kept = kept.cloned().map(Box::new);
                Ok(ReplyState::Cooling { not_before: until, kept })
            }
            ReplyEvent::Skipped => Ok(ReplyState::Skipped),
            ReplyEvent::Overtaken(why) => Ok(ReplyState::Withdrawn(why)),
            other => Err(self.refuses(&other)),
        }
    }

    fn on_drafted(
        &self,
        draft: &Draft,
        event: ReplyEvent,
        now: Timestamp,
    ) -> Result<ReplyState, Refusal> {
        match event {
            ReplyEvent::Edited(draft) => Ok(ReplyState::Drafted { draft, since: now }),
            ReplyEvent::Approved { seen, now_is, by, due } => {
                if seen != now_is {
                    return Err(Refusal::ShownOther);
                }
                Ok(ReplyState::Approved(Box::new(Approval {
                    draft: draft.clone(),
                    digest: seen,
                    by,
                    at: now,
                    due,
                    first_due: due,
                    deferrals: 0,
                    unreached: 0,
                    date: None,
                })))
            }
            ReplyEvent::Snoozed(until) => {
                Ok(ReplyState::Cooling { not_before: until, kept: Some(Box::new(draft.clone())) })
            }
            ReplyEvent::Skipped => Ok(ReplyState::Skipped),
            ReplyEvent::Overtaken(why) => Ok(ReplyState::Withdrawn(why)),
            ReplyEvent::Expired => Ok(ReplyState::Withdrawn(Withdrawal::Expired)),
            other => Err(self.refuses(&other)),
        }
    }

    fn on_approved(
        &self,
        approval: &Approval,
        event: ReplyEvent,
        now: Timestamp,
    ) -> Result<ReplyState, Refusal> {
        match event {
            ReplyEvent::Claimed => {
                let date = approval.date.unwrap_or(now);
                let approval = Box::new(Approval { date: Some(date), ..approval.clone() });
                Ok(ReplyState::Sending { approval, date, phase: Phase::Talking })
            }
            ReplyEvent::Edited(draft) => Ok(ReplyState::Drafted { draft, since: now }),
            ReplyEvent::Revoked | ReplyEvent::Objected | ReplyEvent::Stale => {
                Ok(back_to_the_desk(approval, now))
            }
            ReplyEvent::Skipped => Ok(ReplyState::Skipped),
            ReplyEvent::Overtaken(why) => Ok(ReplyState::Withdrawn(why)),
            other => Err(self.refuses(&other)),
        }
    }

    fn on_sending(
        &self,
        approval: &Approval,
        date: MailDate,
        phase: Phase,
        event: ReplyEvent,
        now: Timestamp,
    ) -> Result<ReplyState, Refusal> {
        let approved = |changed: Approval| -> Result<_, Refusal> {
            Ok(ReplyState::Approved(Box::new(changed)))
        };
        match (phase, event) {
            (Phase::Talking, ReplyEvent::BodyBegins) => {
                let approval = Box::new(approval.clone());
                Ok(ReplyState::Sending { approval, date, phase: Phase::BodyGiven })
            }
            (Phase::Talking, ReplyEvent::NoContact { retry_at }) => approved(Approval {
                due: retry_at,
                unreached: approval.unreached.saturating_add(1),
                ..approval.clone()
            }),
            (_, ReplyEvent::Deferred { retry_at }) => approved(Approval {
                due: retry_at,
                deferrals: approval.deferrals.saturating_add(1),
                ..approval.clone()
            }),
            (_, ReplyEvent::Refused(why)) => Ok(ReplyState::Failed { why }),
            (Phase::Talking, ReplyEvent::Interrupted) => approved(approval.clone()),
            (Phase::BodyGiven, ReplyEvent::Accepted) => Ok(ReplyState::Sent {
                draft: Box::new(approval.draft.clone()),
                date,
                at: now,
                proof: Proof::Accepted,
            }),
            (Phase::BodyGiven, ReplyEvent::LostSight | ReplyEvent::Interrupted) => {
                let approval = Box::new(approval.clone());
                Ok(ReplyState::Doubtful { approval, date, since: now })
            }
            (_, other) => Err(self.refuses(&other)),
        }
    }

    fn on_doubtful(
        &self,
        approval: &Approval,
        date: MailDate,
        event: ReplyEvent,
        now: Timestamp,
    ) -> Result<ReplyState, Refusal> {
        match event {
            ReplyEvent::FoundSent(proof) => {
                let draft = Box::new(approval.draft.clone());
                Ok(ReplyState::Sent { draft, date, at: now, proof })
            }
            // The Message-ID stays while nobody edits: should the first mail be out after
            // all, servers and Sent folders can recognise the second as the same.
            ReplyEvent::FoundUnsent => Ok(back_to_the_desk(approval, now)),
            other => Err(self.refuses(&other)),
        }
    }

    fn refuses(&self, event: &ReplyEvent) -> Refusal {
        Refusal::NotNow { state: self.name(), event: event.name() }
    }

    /// Its word in database, `--json` and sentences.
    pub fn name(&self) -> &'static str {
        match self {
            ReplyState::Cooling { .. } => "cooling",
            ReplyState::Drafted { .. } => "drafted",
            ReplyState::Approved(_) => "approved",
            ReplyState::Sending { .. } => "sending",
            ReplyState::Doubtful { .. } => "doubtful",
            ReplyState::Sent { .. } => "sent",
            ReplyState::Skipped => "skipped",
            ReplyState::Withdrawn(_) => "withdrawn",
            ReplyState::Failed { .. } => "failed",
        }
    }

    /// Nothing can happen to it any more.
    pub fn has_ended(&self) -> bool {
        matches!(
            self,
            ReplyState::Sent { .. }
                | ReplyState::Skipped
                | ReplyState::Withdrawn(_)
                | ReplyState::Failed { .. }
        )
    }

    /// The mail that it holds.
    pub fn draft(&self) -> Option<&Draft> {
        match self {
            ReplyState::Cooling { kept, .. } => kept.as_deref(),
            ReplyState::Drafted { draft, .. } | ReplyState::Sent { draft, .. } => Some(draft),
            ReplyState::Approved(approval)
            | ReplyState::Sending { approval, .. }
            | ReplyState::Doubtful { approval, .. } => Some(&approval.draft),
            ReplyState::Skipped | ReplyState::Withdrawn(_) | ReplyState::Failed { .. } => None,
        }
    }
}

fn back_to_the_desk(approval: &Approval, now: Timestamp) -> ReplyState {
    ReplyState::Drafted { draft: Box::new(approval.draft.clone()), since: now }
}

impl ReplyEvent {
    /// Its word in the journal.
    pub fn name(&self) -> &'static str {
        match self {
            ReplyEvent::CooledOff(_) => "drafted",
            ReplyEvent::Snoozed(_) => "snoozed",
            ReplyEvent::Skipped => "skipped",
            ReplyEvent::Overtaken(_) => "withdrawn",
            ReplyEvent::Edited(_) => "edited",
            ReplyEvent::Approved { .. } => "approved",
            ReplyEvent::Expired => "expired",
            ReplyEvent::Claimed => "claimed",
            ReplyEvent::Revoked => "revoked",
            ReplyEvent::Objected => "objected to",
            ReplyEvent::Stale => "put back as stale",
            ReplyEvent::BodyBegins => "given to the server",
            ReplyEvent::NoContact { .. } => "kept for lack of contact",
            ReplyEvent::Deferred { .. } => "deferred",
            ReplyEvent::Refused(_) => "refused",
            ReplyEvent::Interrupted => "interrupted",
            ReplyEvent::Accepted => "accepted",
            ReplyEvent::LostSight => "lost sight of",
            ReplyEvent::FoundSent(_) => "found sent",
            ReplyEvent::FoundUnsent => "found unsent",
        }
    }
}

/// The only ticket to `send`: an approved mail whose row stands in Sending.
///
/// Its fields are private and it is made by [`Reply::claim`] alone, so a draft cannot be
/// sent by mistake. It can be used once: `send` takes it by value.
#[derive(Debug)]
pub struct Claim {
    reply: Option<ReplyNo>,
    draft: Draft,
    date: MailDate,
    digest: Digest,
}

impl Claim {
    /// The ticket for a trial mail, which needs no approval because it goes to nobody but
    /// the user: sender, addressee and every recipient are one mailbox. `None` otherwise.
    pub fn to_oneself(draft: Draft, digest: Digest, date: MailDate) -> Option<Claim> {
        let me = &draft.from.address;
        let mine = |address: &Address| address.same_mailbox(me);
        let to_me = mine(&draft.to.address)
            && mine(&draft.envelope.from)
            && draft.envelope.to.iter().all(mine);
        to_me.then_some(Claim { reply: None, draft, date, digest })
    }

    /// The reply that is being sent; `None` for the trial mail to oneself.
    pub fn reply(&self) -> Option<ReplyNo> {
        self.reply
    }

    /// The mail as approved.
    pub fn draft(&self) -> &Draft {
        &self.draft
    }

    /// Its Date.
    pub fn date(&self) -> MailDate {
        self.date
    }

    /// The digest that was approved.
    pub fn digest(&self) -> Digest {
        self.digest
    }
}

impl Reply {
    /// The ticket to send it; only while it stands in Sending and nothing is on the wire.
    pub fn claim(&self) -> Option<Claim> {
        match &self.state {
            ReplyState::Sending { approval, date, phase: Phase::Talking } => Some(Claim {
                reply: Some(self.no),
                draft: approval.draft.clone(),
                date: *date,
                digest: approval.digest,
            }),
            _ => None,
        }
    }
}
