//! What an answer is for.

use crate::model::addressee::{Addressee, Addressing};
use crate::model::findings::{Findings, Reason};
use crate::model::mail::Intent;

/// The intent that fits (DESIGN section 8): what the employer offered goes first, then
/// whether they have `talked`. `None` when nobody is to be written to.
pub fn choose(addressing: &Addressing, talked: bool, findings: &Findings) -> Option<Intent> {
    if addressing.addressee == Addressee::Nobody {
        return None;
    }
    Some(if findings.other_role_offered.is_some() {
        Intent::OtherRole
    } else if findings.feedback_offered.is_some() {
        Intent::AcceptFeedback
    } else if talked && !is_gone(findings) {
        Intent::FeedbackRequest
    } else {
        Intent::Thanks
    })
}

/// What the texts of this intent say that is not known to have happened; `None`: nothing.
/// Of talks they are told by their field `talked`, and thank for one only then.
pub fn unfounded(intent: Intent, findings: &Findings) -> Option<&'static str> {
    match intent {
        Intent::AcceptFeedback if findings.feedback_offered.is_none() => {
            Some("it accepts an offer of feedback, and none was found in the rejection")
        }
        Intent::OtherRole if findings.other_role_offered.is_none() => {
            Some("it answers an offer of another position, and none was found in the rejection")
        }
        _ => None,
    }
}

/// The intents whose texts say nothing that did not happen.
pub fn founded(findings: &Findings) -> Vec<Intent> {
    let founded = |intent: &Intent| unfounded(*intent, findings).is_none();
    Intent::ALL.iter().copied().filter(founded).collect()
}

/// The position itself has gone. Asking what the applicant lacked would miss what happened.
fn is_gone(findings: &Findings) -> bool {
    let reason = findings.reason.as_ref().map(|found| found.value);
    matches!(reason, Some(Reason::Cancelled | Reason::Rescinded))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::address::Mailbox;
    use crate::model::findings::Found;

    fn to_somebody() -> Addressing {
        let mailbox = Mailbox::bare("anna@firm.example".parse().unwrap());
        Addressing { addressee: Addressee::Person(mailbox), why: String::new(), warnings: vec![] }
    }

    #[test]
    fn what_is_offered_goes_before_what_was_reached() {
        let mut findings = Findings::default();
        let choose = |findings: &Findings, talked| choose(&to_somebody(), talked, findings);
        assert_eq!(choose(&findings, false), Some(Intent::Thanks));
        assert_eq!(choose(&findings, true), Some(Intent::FeedbackRequest));
        findings.feedback_offered = Some(Found::new((), "happy to give feedback"));
        assert_eq!(choose(&findings, false), Some(Intent::AcceptFeedback));
        findings.other_role_offered = Some(Found::new((), "another role"));
        assert_eq!(choose(&findings, true), Some(Intent::OtherRole));
    }

    #[test]
    fn nobody_is_asked_what_was_missing_for_a_position_that_is_gone() {
        for (reason, asked) in [
            (Reason::ChosenOther, true),
            (Reason::Filled, true),
            (Reason::Requirement, true),
            (Reason::Cancelled, false),
            (Reason::Rescinded, false),
        ] {
            let reason = Some(Found::new(reason, "why"));
            let chosen = choose(&to_somebody(), true, &Findings { reason, ..Findings::default() });
            assert_eq!(chosen == Some(Intent::FeedbackRequest), asked, "{chosen:?}");
        }
    }

    #[test]
    fn what_did_not_happen_is_not_written_about() {
        let mut findings = Findings::default();
        let always = [Intent::Thanks, Intent::FeedbackRequest, Intent::KeepInTouch];
        assert_eq!(founded(&findings), always);
        findings.feedback_offered = Some(Found::new((), "happy to give feedback"));
        findings.other_role_offered = Some(Found::new((), "another role"));
        assert_eq!(founded(&findings), Intent::ALL);
        // What is chosen by the program is founded.
        for talked in [false, true] {
            let chosen = choose(&to_somebody(), talked, &findings).unwrap();
            assert_eq!(unfounded(chosen, &findings), None);
        }
    }

    #[test]
    fn nobody_is_told_nothing() {
        let nobody = Addressing { addressee: Addressee::Nobody, ..to_somebody() };
        assert_eq!(choose(&nobody, true, &Findings::default()), None);
    }
}
