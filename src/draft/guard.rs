//! Reasons not to send, asked at the approval and again at the claim.
//!
//! Plain data in, reasons out: the daemon and the desk fill in what they know. It must
//! not look anything up, and it never changes a draft.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::model::address::Address;
use crate::model::addressee::{Addressee, Addressing};
use crate::model::mail::Draft;
use crate::model::reply::Approval;

use super::addressee::takes_no_replies;
use super::clean;

/// What is known at the moment of asking.
#[derive(Debug, Clone)]
pub struct GuardInput<'a> {
    /// The mail that is to be approved, or was.
    pub draft: &'a Draft,
    /// The same mail assembled again from configuration, rejection and application as they
    /// are now ([`super::compose::assemble`] with the draft's own text and Message-ID).
    /// `None` when that gives none: no account, or nobody to write to.
    pub recomputed: Option<&'a Draft>,
    /// Who can be answered, as of now.
    pub addressing: &'a Addressing,
    /// All addresses of the user.
    pub own: &'a [Address],
    /// What went out lately, other accounts included; at least the last seven days.
    pub sent: &'a [SentBefore],
    /// The user's yes, when there is one already.
    pub approval: Option<&'a Approval>,
    /// The clock.
    pub now: Timestamp,
    /// How much is too much.
    pub limits: &'a Limits,
}

/// A mail that went out (or may have).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentBefore {
    /// To whom.
    pub to: Address,
    /// When.
    pub at: Timestamp,
}

/// Brakes that an approval cannot pass silently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Mails within an hour.
    pub per_hour: usize,
    /// Mails within 24 hours.
    pub per_day: usize,
    /// One answer to the same person within this time.
    pub same_person: SignedDuration,
    /// An approval is good for so long after it was first due.
    pub approval_good_for: SignedDuration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            per_hour: 5,
            per_day: 20,
            same_person: SignedDuration::from_hours(7 * 24),
            approval_good_for: SignedDuration::from_hours(24),
        }
    }
}

/// A reason not to send.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Objection {
    /// The mail would be another one today.
    #[error("{} changed since this draft was made", .0.word())]
    Changed(Field),
    /// Nobody to write to any more.
    #[error("There is nobody to write to: {0}")]
    Nobody(String),
    /// The text still holds a gap for the user's own words.
    #[error("The text still has a gap to fill in")]
    GapLeft,
    /// The text is empty.
    #[error("The text is empty")]
    Empty,
    /// Nobody reads it there.
    #[error("{0} takes no answers")]
    TakesNoReplies(Address),
    /// A mail to oneself.
    #[error("{0} is your own address")]
    OwnAddress(Address),
    /// The same person got an answer lately.
    #[error("{to} got an answer from you on {}", .at.strftime("%-d %B"))]
    AnsweredLately {
        /// Who.
        to: Address,
        /// When.
        at: Timestamp,
    },
    /// As many as allowed within an hour went out.
    #[error("{limit} mails went out within the last hour, which is the limit; {}", from(.next))]
    HourLimit {
        /// How many.
        limit: usize,
        /// When the next one may go.
        next: Timestamp,
    },
    /// As many as allowed within a day went out.
    #[error("{limit} mails went out within the last day, which is the limit; {}", from(.next))]
    DayLimit {
        /// How many.
        limit: usize,
        /// When the next one may go.
        next: Timestamp,
    },
    /// The yes is too old.
    #[error("The approval is too old")]
    ApprovalTooOld,
    /// The clock stands before the approval.
    #[error("The clock stands before the moment of the approval")]
    ClockSetBack,
}

/// A part of the mail that the user approves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// Mailbox login or way out.
    Account,
    /// MAIL FROM or RCPT TO.
    Envelope,
    /// From.
    From,
    /// To.
    To,
    /// Subject.
    Subject,
    /// Message-ID, In-Reply-To or References.
    Threading,
    /// The text.
    Text,
}

impl Field {
    /// Its name at the beginning of a sentence.
    pub fn word(self) -> &'static str {
        match self {
            Field::Account => "The sending account",
            Field::Envelope => "The envelope",
            Field::From => "From",
            Field::To => "To",
            Field::Subject => "The subject",
            Field::Threading => "The threading",
            Field::Text => "The text",
        }
    }
}

/// Everything that speaks against sending it, in a fixed order; empty when nothing does.
pub fn objections(input: &GuardInput<'_>) -> Vec<Objection> {
    let mut found = Vec::new();
    match (&input.addressing.addressee, input.recomputed) {
        (Addressee::Nobody, _) => found.push(Objection::Nobody(input.addressing.why.clone())),
        (_, Some(now_is)) => {
            found.extend(changes(input.draft, now_is).into_iter().map(Objection::Changed));
        }
        (_, None) => found.push(Objection::Changed(Field::Account)),
    }
    about_text(input, &mut found);
    about_recipient(input, &mut found);
    about_amount(input, &mut found);
    about_approval(input, &mut found);
    found
}

fn changes(approved: &Draft, now_is: &Draft) -> Vec<Field> {
    let threading = |draft: &Draft| {
        (draft.message_id.clone(), draft.in_reply_to.clone(), draft.references.clone())
    };
    [
        (Field::Account, approved.route != now_is.route),
        (Field::Envelope, approved.envelope != now_is.envelope),
        (Field::From, approved.from != now_is.from),
        (Field::To, approved.to != now_is.to),
        (Field::Subject, approved.subject != now_is.subject),
        (Field::Threading, threading(approved) != threading(now_is)),
        (Field::Text, approved.text != now_is.text),
    ]
    .into_iter()
    .filter_map(|(field, differs)| differs.then_some(field))
    .collect()
}

fn about_text(input: &GuardInput<'_>, found: &mut Vec<Objection>) {
    if input.draft.text.trim().is_empty() {
        found.push(Objection::Empty);
    }
    if clean::has_gap(&input.draft.text) || clean::has_gap(input.draft.subject.as_str()) {
        found.push(Objection::GapLeft);
    }
}

fn about_recipient(input: &GuardInput<'_>, found: &mut Vec<Objection>) {
    let to = &input.draft.to.address;
    // Whom the user named against advice may be a no-reply address: asked twice already.
    if takes_no_replies(to) && !matches!(input.addressing.addressee, Addressee::Chosen(_)) {
        found.push(Objection::TakesNoReplies(to.clone()));
    }
    if input.own.iter().any(|mine| mine.same_mailbox(to)) {
        found.push(Objection::OwnAddress(to.clone()));
    }
    let lately = input
        .sent
        .iter()
        .filter(|sent| sent.to.same_mailbox(to))
        .filter(|sent| input.now.duration_since(sent.at) < input.limits.same_person)
        .max_by_key(|sent| sent.at);
    if let Some(sent) = lately {
        found.push(Objection::AnsweredLately { to: to.clone(), at: sent.at });
    }
}

fn about_amount(input: &GuardInput<'_>, found: &mut Vec<Objection>) {
    let (per_hour, per_day) = (input.limits.per_hour, input.limits.per_day);
    if let Some(next) = next_within(input, 1, per_hour) {
        found.push(Objection::HourLimit { limit: per_hour, next });
    }
    if let Some(next) = next_within(input, 24, per_day) {
        found.push(Objection::DayLimit { limit: per_day, next });
    }
}

/// When one may go again, if `limit` mails went out within so many hours.
fn next_within(input: &GuardInput<'_>, hours: i64, limit: usize) -> Option<Timestamp> {
    let span = SignedDuration::from_hours(hours);
    let late = |at: &Timestamp| input.now.duration_since(*at) < span;
    let mut sent: Vec<Timestamp> = input.sent.iter().map(|it| it.at).filter(late).collect();
    sent.sort();
    // With the one that is as many mails back as the limit, there is room again.
    let room_after = sent.len().checked_sub(limit)?;
    let oldest = sent.get(room_after).copied().unwrap_or(input.now);
    Some(oldest.saturating_add(span).unwrap_or(Timestamp::MAX))
}

/// From when on, as the user's clock shows it.
fn from(at: &Timestamp) -> String {
    let at = at.to_zoned(TimeZone::system());
    format!("the next one may go from {} on", at.strftime("%-d %B, %H:%M"))
}

fn about_approval(input: &GuardInput<'_>, found: &mut Vec<Objection>) {
    let Some(approval) = input.approval else { return };
    if input.now < approval.at {
        found.push(Objection::ClockSetBack);
    } else if input.now.duration_since(approval.first_due) > input.limits.approval_good_for {
        found.push(Objection::ApprovalTooOld);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::address::Mailbox;
    use crate::model::mail::{Digest, Envelope, HeaderText, Intent, Origin, Route};

    fn now() -> Timestamp {
        "2026-11-21T10:00:00Z".parse().unwrap()
    }

    fn draft() -> Draft {
        Draft {
            route: Route { mailbox: "jo@imap".into(), transport: "folder:/x".into() },
            envelope: Envelope {
                from: "jo@applicant.example".parse().unwrap(),
                to: vec!["anna@firm.example".parse().unwrap()],
            },
            from: Mailbox::bare("jo@applicant.example".parse().unwrap()),
            to: Mailbox::bare("anna@firm.example".parse().unwrap()),
            subject: HeaderText::clean("Re: x"),
            in_reply_to: Some("p@x".parse().unwrap()),
            references: vec!["p@x".parse().unwrap()],
            message_id: "m@applicant.example".parse().unwrap(),
            text: "Thank you.\n".into(),
            intent: Intent::Thanks,
            origin: Origin::default(),
        }
    }

    fn person(to: &str) -> Addressing {
        let mailbox = Mailbox::bare(to.parse().unwrap());
        Addressing { addressee: Addressee::Person(mailbox), why: "x".into(), warnings: vec![] }
    }

    struct Story {
        draft: Draft,
        recomputed: Option<Draft>,
        addressing: Addressing,
        sent: Vec<SentBefore>,
        approval: Option<Approval>,
    }

    fn story() -> Story {
        Story {
            draft: draft(),
            recomputed: Some(draft()),
            addressing: person("anna@firm.example"),
            sent: vec![],
            approval: None,
        }
    }

    fn asked(story: &Story) -> Vec<Objection> {
        objections(&GuardInput {
            draft: &story.draft,
            recomputed: story.recomputed.as_ref(),
            addressing: &story.addressing,
            own: &["jo@applicant.example".parse().unwrap()],
            sent: &story.sent,
            approval: story.approval.as_ref(),
            now: now(),
            limits: &Limits::default(),
        })
    }

    fn sent(to: &str, hours_ago: i64) -> SentBefore {
        let at = now() - SignedDuration::from_hours(hours_ago);
        SentBefore { to: to.parse().unwrap(), at }
    }

    #[test]
    fn nothing_speaks_against_what_is_as_it_was() {
        assert_eq!(asked(&story()), []);
    }

    #[test]
    fn each_field_that_changed_is_named() {
        type Change = (Field, fn(&mut Draft));
        let changes: [Change; 9] = [
            (Field::Account, |d| d.route.mailbox.push('x')),
            (Field::Account, |d| d.route.transport.push('x')),
            (Field::Envelope, |d| d.envelope.to.push("x@y.example".parse().unwrap())),
            (Field::From, |d| d.from.name = Some("Jo".into())),
            (Field::To, |d| d.to.name = Some("Anna".into())),
            (Field::Subject, |d| d.subject = HeaderText::clean("Re: y")),
            (Field::Threading, |d| d.in_reply_to = None),
            (Field::Threading, |d| d.references.clear()),
            (Field::Text, |d| d.text.push('x')),
        ];
        for (field, change) in changes {
            let mut story = story();
            change(story.recomputed.as_mut().unwrap());
            assert_eq!(asked(&story), [Objection::Changed(field)]);
        }
        let gone = Story { recomputed: None, ..story() };
        assert_eq!(asked(&gone), [Objection::Changed(Field::Account)]);
    }

    #[test]
    fn without_anybody_to_write_to_it_says_why() {
        let mut story = story();
        story.addressing = Addressing {
            addressee: Addressee::Nobody,
            why: "it takes no answers".into(),
            warnings: vec![],
        };
        story.recomputed = None;
        assert_eq!(asked(&story), [Objection::Nobody("it takes no answers".into())]);
    }

    #[test]
    fn a_gap_or_nothing_at_all_is_not_sent() {
        for (text, objection) in [
            ("Hello [[ your words ]]", Objection::GapLeft),
            ("Hello {{ company }}", Objection::GapLeft),
            (" \n", Objection::Empty),
        ] {
            let mut story = story();
            story.draft.text = text.into();
            story.recomputed = Some(story.draft.clone());
            assert_eq!(asked(&story), [objection]);
        }
    }

    #[test]
    fn some_recipients_are_none() {
        for (to, objection) in [
            ("no-reply@firm.example", Objection::TakesNoReplies as fn(Address) -> Objection),
            ("Jo@applicant.example", Objection::OwnAddress),
        ] {
            let mut story = story();
            story.draft.to = Mailbox::bare(to.parse().unwrap());
            story.recomputed = Some(story.draft.clone());
            story.addressing = person(to);
            assert_eq!(asked(&story), [objection(to.parse().unwrap())]);
        }
        let mut chosen = story();
        let to = Mailbox::bare("no-reply@firm.example".parse().unwrap());
        chosen.draft.to = to.clone();
        chosen.recomputed = Some(chosen.draft.clone());
        chosen.addressing.addressee = Addressee::Chosen(to);
        assert_eq!(asked(&chosen), [], "the user was asked twice already");
    }

    #[test]
    fn one_person_gets_one_answer_a_week() {
        let mut story = story();
        story.sent = vec![sent("ANNA@firm.example", 6 * 24)];
        assert!(matches!(asked(&story).as_slice(), [Objection::AnsweredLately { .. }]));
        story.sent = vec![sent("anna@firm.example", 7 * 24), sent("other@firm.example", 30)];
        assert_eq!(asked(&story), []);
    }

    #[test]
    fn a_flood_is_stopped() {
        let mut story = story();
        let others = |count: usize, hours: i64| -> Vec<SentBefore> {
            (0..count).map(|n| sent(&format!("p{n}@firm.example"), hours)).collect()
        };
        story.sent = others(4, 0);
        assert_eq!(asked(&story), []);
        story.sent = others(5, 0);
        let next = now() + SignedDuration::from_hours(1);
        assert_eq!(asked(&story), [Objection::HourLimit { limit: 5, next }]);
        let earlier =
            SentBefore { at: now() - SignedDuration::from_mins(40), ..sent("q@f.example", 0) };
        story.sent.push(earlier);
        assert_eq!(asked(&story), [Objection::HourLimit { limit: 5, next }], "one too many");
        story.sent.remove(0);
        let next = now() + SignedDuration::from_mins(20);
        assert_eq!(asked(&story), [Objection::HourLimit { limit: 5, next }]);
        assert!(asked(&story)[0].to_string().contains("may go from 21 November, "));
        story.sent = others(5, 1);
        assert_eq!(asked(&story), []);
        story.sent = others(20, 23);
        let next = now() + SignedDuration::from_hours(1);
        assert_eq!(asked(&story), [Objection::DayLimit { limit: 20, next }]);
        story.sent = others(20, 24);
        assert_eq!(asked(&story), []);
    }

    #[test]
    fn a_yes_is_good_for_a_day_and_not_before_it_was_said() {
        let approved = |hours_ago: i64| {
            let at = now() - SignedDuration::from_hours(hours_ago);
            let approval = Approval {
                draft: draft(),
                digest: Digest([0; 32]),
                by: "test".into(),
                at,
                due: at,
                first_due: at,
                deferrals: 0,
                unreached: 0,
                date: None,
            };
            asked(&Story { approval: Some(approval), ..story() })
        };
        assert_eq!(approved(24), []);
        assert_eq!(approved(25), [Objection::ApprovalTooOld]);
        assert_eq!(approved(-1), [Objection::ClockSetBack]);
    }
}
