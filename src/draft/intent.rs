//! What an answer is for.

use crate::model::addressee::{Addressee, Addressing};
use crate::model::findings::{Findings, Reached};
use crate::model::mail::Intent;

/// The intent that fits (DESIGN section 8): what the employer offered goes first, then how
/// far the application had come. `None` when nobody is to be written to.
pub fn choose(addressing: &Addressing, reached: Reached, findings: &Findings) -> Option<Intent> {
    if addressing.addressee == Addressee::Nobody {
        return None;
    }
    Some(if findings.other_role_offered.is_some() {
        Intent::OtherRole
    } else if findings.feedback_offered.is_some() {
        Intent::AcceptFeedback
    } else if reached >= Reached::Talks {
        Intent::FeedbackRequest
    } else {
        Intent::Thanks
    })
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
        let choose = |findings: &Findings, reached| choose(&to_somebody(), reached, findings);
        assert_eq!(choose(&findings, Reached::Applied), Some(Intent::Thanks));
        assert_eq!(choose(&findings, Reached::Talks), Some(Intent::FeedbackRequest));
        assert_eq!(choose(&findings, Reached::Offer), Some(Intent::FeedbackRequest));
        findings.feedback_offered = Some(Found::new((), "happy to give feedback"));
        assert_eq!(choose(&findings, Reached::Applied), Some(Intent::AcceptFeedback));
        findings.other_role_offered = Some(Found::new((), "another role"));
        assert_eq!(choose(&findings, Reached::Talks), Some(Intent::OtherRole));
    }

    #[test]
    fn nobody_is_told_nothing() {
        let nobody = Addressing { addressee: Addressee::Nobody, ..to_somebody() };
        assert_eq!(choose(&nobody, Reached::Talks, &Findings::default()), None);
    }
}
