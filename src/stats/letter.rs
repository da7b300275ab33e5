//! One week of the search, as the weekly letter tells it.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde::Serialize;

use super::counted::{is_rejected, is_silent, silent_from};
use super::{ApplicationFact, Facts, Period, ReplyCount, ReplyFact};
use crate::model::verdict::{Decision, Kind};

/// The figures of one week. The field names are those of `letter --json` and stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Letter {
    /// Its first day.
    pub since: Date,
    /// Its last day.
    pub until: Date,
    /// Applications that began.
    pub applications: u64,
    /// So many were meant to be; `null`: the configuration has no goal.
    pub goal: Option<u64>,
    /// Applications that were answered for the first time.
    pub first_answers: u64,
    /// Invitations.
    pub invitations: u64,
    /// Offers.
    pub offers: u64,
    /// Rejections that were received then and may be heard of; one that cooled while the
    /// letter was read is in it when it is read again.
    pub rejections: u64,
    /// Applications whose answer became overdue.
    pub fell_silent: u64,
    /// Replies of the user that went out.
    pub replies_sent: u64,
    /// Replies that a person answered for the first time.
    pub replies_answered: u64,
    /// Feedback that employers gave.
    pub feedback: u64,
    /// Applications that had not ended, as of now.
    pub open: u64,
    /// Drafts that wait for the user, as of now.
    pub drafts: u64,
}

/// The week that a letter of this weekday tells of on `today`: the seven days before the
/// last such day.
pub fn week_before(day: Weekday, today: Date) -> (Date, Date) {
    let back = i32::from(today.weekday().since(day)) + 1;
    week_until(today.checked_sub(Span::new().days(back)).unwrap_or(today))
}

/// The seven days of which this is the last.
pub fn week_until(last: Date) -> (Date, Date) {
    (last.checked_sub(Span::new().days(6)).unwrap_or(last), last)
}

/// What happened within a week that ended before `now`.
pub fn letter(
    facts: &Facts,
    (since, until): (Date, Date),
    zone: &TimeZone,
    now: Timestamp,
) -> Letter {
    let week = Period { since: Some(since), until: Some(until), zone: zone.clone() };
    let applications = |wanted: &dyn Fn(&ApplicationFact) -> bool| {
        facts.applications.iter().filter(|it| wanted(it)).count() as u64
    };
    let mails = |wanted: Kind| {
        let kind = |it: &Decision| *it == Decision::Sure(wanted);
        facts.messages.iter().filter(|it| week.holds(it.at) && kind(&it.decision)).count() as u64
    };
    let within = |at: Option<Timestamp>| at.is_some_and(|at| week.holds(at));
    let replies = |wanted: &dyn Fn(&ReplyFact) -> bool| {
        facts.replies.iter().filter(|it| wanted(it)).count() as u64
    };
    Letter {
        since,
        until,
        applications: applications(&|it| week.holds(it.opened_at)),
        goal: facts.goal,
        // What began and was answered by one word, as in a table, does not tell when.
        first_answers: applications(&|it| {
            within(it.first_answer_at) && it.first_answer_at > Some(it.opened_at)
        }),
        invitations: mails(Kind::Invited),
        offers: mails(Kind::Offered),
        // One that is said in two mails is one.
        rejections: applications(&|it| is_rejected(it) && within(it.closed_at)),
        fell_silent: applications(&|it| is_silent(it, now) && within(silent_from(it))),
        replies_sent: replies(&|it| within(it.sent.as_ref().map(|sent| sent.at))),
        replies_answered: replies(&|it| within(it.sent.as_ref().and_then(|it| it.answered_at))),
        feedback: facts.feedback.iter().filter(|it| week.holds(it.at)).count() as u64,
        open: applications(&|it| it.stage.is_open()),
        drafts: replies(&|it| it.state == ReplyCount::Drafted),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::model::application::Stage;
    use crate::model::mail::Intent;
    use crate::stats::tests::{application, day, rejected};
    use crate::stats::{FeedbackFact, MessageFact, SentFact};

    #[test]
    fn a_letter_tells_of_the_seven_days_before_its_day() {
        let (sunday, monday) = (date(2026, 11, 22), date(2026, 11, 23));
        let last = (date(2026, 11, 9), date(2026, 11, 15));
        let this = (date(2026, 11, 16), date(2026, 11, 22));
        assert_eq!(week_before(Weekday::Monday, sunday), last);
        assert_eq!(week_before(Weekday::Monday, monday), this);
        let until_saturday = (date(2026, 11, 15), date(2026, 11, 21));
        assert_eq!(week_before(Weekday::Sunday, sunday), until_saturday);
        assert_eq!(week_before(Weekday::Sunday, monday), until_saturday);
    }

    #[test]
    fn what_happened_before_or_after_the_week_is_not_in_it() {
        let mail = |number, kind| MessageFact { at: day(number), decision: Decision::Sure(kind) };
        let sent = |number| ReplyFact {
            at: day(1),
            state: ReplyCount::Sent,
            answer: None,
            sent: Some(SentFact { at: day(number), answered_at: Some(day(number + 3)), ..reply() }),
        };
        let facts = Facts {
            // Silent after 21 days: on the 25th and the 31st.
            applications: vec![
                application(Stage::Applied, 3),
                application(Stage::Applied, 9),
                application(Stage::Applied, 24),
                rejected(0, 22),
            ],
            messages: vec![
                mail(20, Kind::Offered),
                mail(21, Kind::Invited),
                mail(22, Kind::Rejected),
                mail(23, Kind::Rejected),
            ],
            replies: vec![sent(17), sent(19), sent(26)],
            feedback: vec![FeedbackFact { at: day(27), tags: vec![] }],
            goal: Some(2),
            ..Facts::default()
        };
        // 1 January 2026 is day 0.
        let week = (date(2026, 1, 22), date(2026, 1, 28));
        let expected = Letter {
            since: week.0,
            until: week.1,
            applications: 1,
            goal: Some(2),
            first_answers: 1,
            invitations: 1,
            offers: 0,
            rejections: 1,
            fell_silent: 1,
            replies_sent: 1,
            replies_answered: 1,
            feedback: 1,
            open: 3,
            drafts: 0,
        };
        assert_eq!(letter(&facts, week, &TimeZone::UTC, day(40)), expected);
    }

    fn reply() -> SentFact {
        let intent = Intent::Thanks;
        let (at, reached, template) = (day(0), None, None);
        SentFact { at, intent, reached, template, edited: false, answered_at: None }
    }
}
