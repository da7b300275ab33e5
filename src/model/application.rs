//! One company and role that the user applied for, and how far it has come.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::findings::{Reached, Reason};
use super::ids::ApplicationNo;
use super::verdict::Kind;

/// An application as it is remembered.
#[derive(Debug, Clone, PartialEq)]
pub struct Application {
    /// Its number.
    pub no: ApplicationNo,
    /// The employer in its own writing, when a mail told it.
    pub company: Option<String>,
    /// The position.
    pub role: Option<String>,
    /// The employer's number for it.
    pub reference: Option<String>,
    /// How far it has come.
    pub stage: Stage,
    /// The first message that belongs to it.
    pub opened_at: Timestamp,
    /// The latest message that belongs to it.
    pub last_at: Timestamp,
}

/// How far an application has come. Silence is computed, never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Something was sent; nothing came back yet.
    Applied,
    /// The employer confirmed that it arrived.
    Acknowledged,
    /// Conversations or assessments; counts the invitations, from 1.
    InTalks(u16),
    /// On hold at the employer's side.
    Paused,
    /// An offer is on the table.
    Offered,
    /// It has ended.
    Closed(Closing),
}

/// How an application ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Closing {
    /// By the employer, with the reason where it was told.
    Rejected(Option<Reason>),
    /// The user took the offer.
    Accepted,
    /// The user declined the offer.
    Declined,
    /// The user withdrew.
    WithdrawnByMe,
}

/// What a message does to an application's stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// On to this stage.
    To(Stage),
    /// Nothing changes.
    Stays,
    /// The message does not fit what is known; the user is asked and nothing is drafted.
    Contradicts,
}

impl Stage {
    /// What a message of this kind does at this stage. `reason` is a rejection's.
    pub fn after(self, kind: Kind, reason: Option<Reason>) -> Move {
        match kind {
            Kind::Rejected => self.after_rejection(reason),
            Kind::Invited => match self {
                Stage::InTalks(round) => Move::To(Stage::InTalks(round.saturating_add(1))),
                Stage::Offered => Move::Stays,
                // An invitation after the end: the process was reopened.
                Stage::Applied | Stage::Acknowledged | Stage::Paused | Stage::Closed(_) => {
                    Move::To(Stage::InTalks(1))
                }
            },
            Kind::Offered => Move::To(Stage::Offered),
            Kind::Paused if self.is_open() => Move::To(Stage::Paused),
            Kind::Withdrawn => Move::To(Stage::Closed(Closing::WithdrawnByMe)),
            Kind::Acknowledged if self == Stage::Applied => Move::To(Stage::Acknowledged),
            Kind::Paused
            | Kind::Acknowledged
            | Kind::Progress
            | Kind::Question
            | Kind::Feedback
            | Kind::Approached
            | Kind::Noise => Move::Stays,
        }
    }

    fn after_rejection(self, reason: Option<Reason>) -> Move {
        match self {
            Stage::Closed(Closing::Rejected(None)) if reason.is_some() => {
                Move::To(Stage::Closed(Closing::Rejected(reason)))
            }
            Stage::Closed(Closing::Rejected(_) | Closing::WithdrawnByMe | Closing::Declined) => {
                Move::Stays
            }
            Stage::Closed(Closing::Accepted) => Move::Contradicts,
            Stage::Applied
            | Stage::Acknowledged
            | Stage::InTalks(_)
            | Stage::Paused
            | Stage::Offered => Move::To(Stage::Closed(Closing::Rejected(reason))),
        }
    }

    /// It has not ended.
    pub fn is_open(self) -> bool {
        !matches!(self, Stage::Closed(_))
    }

    /// How far it had come, for the pause and the tone of an answer.
    pub fn reached(self) -> Reached {
        match self {
            Stage::InTalks(_) => Reached::Talks,
            // Nobody takes or declines what was not offered.
            Stage::Offered | Stage::Closed(Closing::Accepted | Closing::Declined) => Reached::Offer,
            Stage::Applied
            | Stage::Acknowledged
            | Stage::Paused
            | Stage::Closed(Closing::Rejected(_) | Closing::WithdrawnByMe) => Reached::Applied,
        }
    }

    /// What the employer must have said, if it stands here by the user's own word; `None`:
    /// nothing.
    pub fn said(self) -> Option<Kind> {
        match self {
            Stage::Applied | Stage::Closed(Closing::WithdrawnByMe) => None,
            Stage::Acknowledged => Some(Kind::Acknowledged),
            Stage::InTalks(_) => Some(Kind::Invited),
            Stage::Paused => Some(Kind::Paused),
            Stage::Offered | Stage::Closed(Closing::Accepted | Closing::Declined) => {
                Some(Kind::Offered)
            }
            Stage::Closed(Closing::Rejected(_)) => Some(Kind::Rejected),
        }
    }

    /// The words of all stages, as they are typed.
    pub fn words() -> impl Iterator<Item = &'static str> {
        Stage::ALL.into_iter().map(Stage::name)
    }

    const ALL: [Stage; 9] = [
        Stage::Applied,
        Stage::Acknowledged,
        Stage::InTalks(1),
        Stage::Paused,
        Stage::Offered,
        Stage::Closed(Closing::Rejected(None)),
        Stage::Closed(Closing::Accepted),
        Stage::Closed(Closing::Declined),
        Stage::Closed(Closing::WithdrawnByMe),
    ];

    /// The stage of this word; of talks the first, of a rejection none of the reasons.
    pub fn named(word: &str) -> Option<Stage> {
        Stage::ALL.into_iter().find(|it| it.name() == word)
    }

    /// Its word for people and for `--json`.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Applied => "applied",
            Stage::Acknowledged => "acknowledged",
            Stage::InTalks(_) => "in-talks",
            Stage::Paused => "paused",
            Stage::Offered => "offered",
            Stage::Closed(Closing::Rejected(_)) => "rejected",
            Stage::Closed(Closing::Accepted) => "accepted",
            Stage::Closed(Closing::Declined) => "declined",
            Stage::Closed(Closing::WithdrawnByMe) => "withdrawn",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_after_a_rejection_reopens() {
        let closed = Stage::Closed(Closing::Rejected(None));
        assert_eq!(closed.after(Kind::Invited, None), Move::To(Stage::InTalks(1)));
        assert_eq!(Stage::InTalks(1).after(Kind::Invited, None), Move::To(Stage::InTalks(2)));
    }

    #[test]
    fn a_second_rejection_only_adds_a_reason() {
        let closed = Stage::Closed(Closing::Rejected(None));
        assert_eq!(closed.after(Kind::Rejected, None), Move::Stays);
        let filled = Stage::Closed(Closing::Rejected(Some(Reason::Filled)));
        assert_eq!(closed.after(Kind::Rejected, Some(Reason::Filled)), Move::To(filled));
        assert_eq!(filled.after(Kind::Rejected, Some(Reason::ChosenOther)), Move::Stays);
    }

    #[test]
    fn a_rejection_after_an_accepted_offer_is_asked_about() {
        let accepted = Stage::Closed(Closing::Accepted);
        assert_eq!(accepted.after(Kind::Rejected, None), Move::Contradicts);
    }

    #[test]
    fn noise_moves_nothing() {
        for stage in [Stage::Applied, Stage::InTalks(2), Stage::Closed(Closing::Rejected(None))] {
            assert_eq!(stage.after(Kind::Noise, None), Move::Stays);
            assert_eq!(stage.after(Kind::Approached, None), Move::Stays);
        }
    }
}
