//! What a mail is that answers one of the user's own replies, and what it is recorded as.
//! Pure; whether it answers one is looked up elsewhere.

use crate::model::answer::AnswerKind;
use crate::model::message::Message;
use crate::model::verdict::{Decision, Kind};

/// What somebody, or something, has written back. `gives` and `refuses` tell what was read of
/// its words.
pub fn kind(message: &Message, gives: bool, refuses: bool) -> AnswerKind {
    let automatic = &message.header.automatic;
    if automatic.failed_delivery.is_some() {
        AnswerKind::Bounce
    } else if automatic.report || automatic.auto_submitted.is_some() || automatic.suppressed {
        AnswerKind::Automatic
    } else if gives {
        AnswerKind::Given
    } else if refuses {
        AnswerKind::Refused
    } else {
        AnswerKind::Warm
    }
}

/// The kind that it is recorded as; `None`: no word of it is kept. Feedback explains a
/// rejection with the words of one and is none: nothing ends a second time. A kind word is
/// received like a confirmation: nothing goes on again because of it.
pub fn recorded_as(kind: AnswerKind, judged: Decision) -> Option<Kind> {
    let news = judged
        .sure()
        .filter(|it| matches!(it, Kind::Invited | Kind::Offered | Kind::Question | Kind::Paused));
    match kind {
        AnswerKind::Bounce | AnswerKind::Automatic => None,
        AnswerKind::Given | AnswerKind::Refused => Some(news.unwrap_or(Kind::Feedback)),
        AnswerKind::Warm => Some(news.unwrap_or(Kind::Acknowledged)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::message::{Body, Direction, Header};

    fn mail() -> Message {
        let (header, body) = (Header::default(), Body::default());
        Message { direction: Direction::Incoming, header, body, defects: vec![] }
    }

    #[test]
    fn a_machine_goes_before_its_words_and_feedback_before_its_refusal() {
        assert_eq!(kind(&mail(), true, true), AnswerKind::Given);
        assert_eq!(kind(&mail(), false, true), AnswerKind::Refused);
        assert_eq!(kind(&mail(), false, false), AnswerKind::Warm);
        let mut machine = mail();
        machine.header.automatic.auto_submitted = Some("auto-replied".into());
        assert_eq!(kind(&machine, true, false), AnswerKind::Automatic);
    }

    #[test]
    fn an_answer_is_never_recorded_as_a_rejection_and_an_invitation_stays_one() {
        for judged in Kind::ALL.iter().flat_map(|it| [Decision::Sure(*it), Decision::Unsure(*it)]) {
            for answer in AnswerKind::ALL {
                let kind = recorded_as(*answer, judged);
                assert_ne!(kind, Some(Kind::Rejected), "{answer} {judged:?}");
                assert_eq!(kind.is_some(), answer.is_personal());
            }
        }
        let invited = Decision::Sure(Kind::Invited);
        assert_eq!(recorded_as(AnswerKind::Warm, invited), Some(Kind::Invited));
        let rejected = Decision::Sure(Kind::Rejected);
        assert_eq!(recorded_as(AnswerKind::Given, rejected), Some(Kind::Feedback));
    }
}
