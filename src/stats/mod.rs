//! Rows to figures, figures to text. Pure: no clock, no database, no terminal.
//!
//! The figures are one person's history and small: a percentage is shown only with its base
//! and not at all below five, a time only as a median with its base. Nothing is predicted and
//! nobody is compared with anybody. What is still cooling is not known here: the store leaves
//! it out.

mod outcomes;

mod text;

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};
use serde::Serialize;

use crate::model::answer::AnswerKind;
use crate::model::application::{Closing, Stage};
use crate::model::findings::Reached;
use crate::model::verdict::Decision;

pub use outcomes::{Outcome, Outcomes, SentFact};
pub use text::{render_replies, render_text};

/// Without an answer for so long after applying, an application counts as silent.
pub const SILENT_AFTER_APPLYING: SignedDuration = SignedDuration::from_hours(21 * 24);

/// After talks people expect to hear sooner.
pub const SILENT_AFTER_TALKS: SignedDuration = SignedDuration::from_hours(12 * 24);

/// A share of fewer than this says nothing and is not given.
pub const SHARE_MIN_BASE: u64 = 5;

/// What the store knows that can be counted; all of it, whenever it happened.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Every application, those rejected before the program was first started included.
    pub applications: Vec<ApplicationFact>,
    /// Every incoming message with a verdict.
    pub messages: Vec<MessageFact>,
    /// Every reply that is not cooling.
    pub replies: Vec<ReplyFact>,
}

/// One application, as far as it is counted.
#[derive(Debug, Clone)]
pub struct ApplicationFact {
    /// Where it stands.
    pub stage: Stage,
    /// How far it had come at its furthest, also when it is closed.
    pub reached: Reached,
    /// A confirmation of receipt came.
    pub acknowledged: bool,
    /// The first message that belongs to it.
    pub opened_at: Timestamp,
    /// The employer's first message that is more than a confirmation of receipt.
    pub first_answer_at: Option<Timestamp>,
    /// The employer's latest message of any kind.
    pub last_heard_at: Option<Timestamp>,
    /// The message that closed it.
    pub closed_at: Option<Timestamp>,
}

/// One message, as far as it is counted.
#[derive(Debug, Clone, Copy)]
pub struct MessageFact {
    /// When it was received.
    pub at: Timestamp,
    /// What the rules, or the user's correction, say.
    pub decision: Decision,
}

/// One reply, as far as it is counted.
#[derive(Debug, Clone)]
pub struct ReplyFact {
    /// When the rejection that it answers was received.
    pub at: Timestamp,
    /// Where it stands.
    pub state: ReplyCount,
    /// What came back to it; of several answers the one that says most.
    pub answer: Option<AnswerKind>,
    /// What is known of it when it went out.
    pub sent: Option<SentFact>,
}

/// The states of a reply that are counted; cooling is not among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplyCount {
    /// On the desk.
    Drafted,
    /// Approved or being sent.
    Approved,
    /// It may be out or not.
    Doubtful,
    /// Went out.
    Sent,
    /// The user did not want to answer.
    Skipped,
    /// Overtaken or expired.
    Withdrawn,
    /// Refused by the server for good.
    Failed,
}

/// The figures. The field names are those of `stats --json` and stay.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figures {
    /// Counted are the applications opened, messages received and replies moved from this day
    /// on; `null` for all.
    pub since: Option<Date>,
    /// The day for which silence was computed (UTC). Not the instant: figures that nothing
    /// has changed must look the same when they are asked for again.
    pub as_of: Date,
    /// Applications.
    pub applications: u64,
    /// Of these: a confirmation of receipt came.
    pub acknowledged: u64,
    /// Of these: more than a confirmation came.
    pub answered: u64,
    /// Of these: came to an interview or an assessment.
    pub invited: u64,
    /// Of these: came to an offer.
    pub offered: u64,
    /// Of these: ended by the employer.
    pub rejected: u64,
    /// Of the rejected: after talks or an offer.
    pub rejected_after_talks: u64,
    /// Of these: ended by the user (withdrawn, declined) or by an accepted offer.
    pub ended_by_user: u64,
    /// Of these: not ended. The silent ones are among them.
    pub open: u64,
    /// Of the open: no word for 21 days, for 12 after talks.
    pub silent: u64,
    /// `answered` in percent of `applications`; `null` below five applications, as below.
    pub answered_share: Option<Share>,
    /// `invited` in percent of `applications`.
    pub invited_share: Option<Share>,
    /// `rejected` in percent of `applications`.
    pub rejected_share: Option<Share>,
    /// Days from the first message to the first answer.
    pub first_answer: Option<Days>,
    /// Days from the first message to the rejection.
    pub rejection: Option<Days>,
    /// Messages by kind; kinds without any are absent. Those that the rules could not decide
    /// stand under `unsure`.
    pub messages: BTreeMap<&'static str, u64>,
    /// Replies.
    pub replies: Replies,
    /// What the sent ones brought.
    pub outcomes: Outcomes,
}

/// A share with its base.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Share {
    /// Percent, rounded.
    pub percent: u64,
    /// Of how many; five or more.
    pub of: u64,
}

/// A median with its base.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Days {
    /// Whole days, rounded.
    pub median: i64,
    /// Of how many. An application first heard of by its own answer tells no time.
    pub of: u64,
}

/// Replies by where they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Replies {
    /// On the desk.
    pub drafted: u64,
    /// Approved or being sent.
    pub approved: u64,
    /// May be out or not.
    pub doubtful: u64,
    /// Went out.
    pub sent: u64,
    /// Not wanted.
    pub skipped: u64,
    /// Overtaken or expired.
    pub withdrawn: u64,
    /// Refused by the server.
    pub failed: u64,
    /// Of those sent: a person wrote back.
    pub answered: u64,
    /// Of those answered: feedback was given.
    pub feedback: u64,
    /// Of those sent: could not be delivered.
    pub came_back: u64,
}

/// Counts. `since` is the first instant of the day that the user named, in the user's zone.
pub fn figures(facts: &Facts, since: Option<&Zoned>, now: Timestamp) -> Figures {
    let from = since.map_or(Timestamp::MIN, Zoned::timestamp);
    let counted: Vec<&ApplicationFact> =
        facts.applications.iter().filter(|it| it.opened_at >= from).collect();
    let count = |wanted: &dyn Fn(&ApplicationFact) -> bool| {
        counted.iter().filter(|application| wanted(application)).count() as u64
    };
    let applications = counted.len() as u64;
    let answered = count(&|it| it.first_answer_at.is_some());
    let invited = count(&|it| it.reached >= Reached::Talks);
    let rejected = count(&|it| is_rejected(it));
    Figures {
        since: since.map(Zoned::date),
        as_of: now.to_zoned(TimeZone::UTC).date(),
        applications,
        acknowledged: count(&|it| it.acknowledged),
        answered,
        invited,
        offered: count(&|it| it.reached == Reached::Offer),
        rejected,
        rejected_after_talks: count(&|it| is_rejected(it) && it.reached >= Reached::Talks),
        ended_by_user: count(&|it| !it.stage.is_open() && !is_rejected(it)),
        open: count(&|it| it.stage.is_open()),
        silent: count(&|it| is_silent(it, now)),
        answered_share: share(answered, applications),
        invited_share: share(invited, applications),
        rejected_share: share(rejected, applications),
        first_answer: days(counted.iter().map(|it| (it.opened_at, it.first_answer_at))),
        rejection: days(
            counted.iter().filter(|it| is_rejected(it)).map(|it| (it.opened_at, it.closed_at)),
        ),
        messages: messages(facts, from),
        replies: replies(facts, from),
        outcomes: outcomes::outcomes(facts.replies.iter().filter(|reply| reply.at >= from)),
    }
}

fn is_rejected(application: &ApplicationFact) -> bool {
    matches!(application.stage, Stage::Closed(Closing::Rejected(_)))
}

/// Nothing was heard for long while an answer was due. On hold and on offer it is not due.
fn is_silent(application: &ApplicationFact, now: Timestamp) -> bool {
    let patience = match application.stage {
        Stage::Applied | Stage::Acknowledged => SILENT_AFTER_APPLYING,
        Stage::InTalks(_) => SILENT_AFTER_TALKS,
        Stage::Paused | Stage::Offered | Stage::Closed(_) => return false,
    };
    let heard = application.last_heard_at.unwrap_or(application.opened_at);
    now.duration_since(heard) >= patience
}

fn share(part: u64, of: u64) -> Option<Share> {
    (of >= SHARE_MIN_BASE).then(|| Share { percent: (part * 100 + of / 2) / of, of })
}

fn days(spans: impl Iterator<Item = (Timestamp, Option<Timestamp>)>) -> Option<Days> {
    let mut seconds: Vec<i64> = spans
        .filter_map(|(from, to)| to.map(|to| to.duration_since(from).as_secs()))
        .filter(|seconds| *seconds > 0)
        .collect();
    seconds.sort_unstable();
    let upper = seconds.get(seconds.len() / 2)?;
    let lower = seconds.get((seconds.len() - 1) / 2)?;
    const DAY: i64 = 24 * 60 * 60;
    let median = ((lower + upper) / 2 + DAY / 2) / DAY;
    Some(Days { median, of: seconds.len() as u64 })
}

fn messages(facts: &Facts, from: Timestamp) -> BTreeMap<&'static str, u64> {
    let mut per_kind = BTreeMap::new();
    for message in facts.messages.iter().filter(|message| message.at >= from) {
        *per_kind.entry(message.decision.word()).or_default() += 1;
    }
    per_kind
}

fn replies(facts: &Facts, from: Timestamp) -> Replies {
    let mut replies = Replies::default();
    for reply in facts.replies.iter().filter(|reply| reply.at >= from) {
        *match reply.state {
            ReplyCount::Drafted => &mut replies.drafted,
            ReplyCount::Approved => &mut replies.approved,
            ReplyCount::Doubtful => &mut replies.doubtful,
            ReplyCount::Sent => &mut replies.sent,
            ReplyCount::Skipped => &mut replies.skipped,
            ReplyCount::Withdrawn => &mut replies.withdrawn,
            ReplyCount::Failed => &mut replies.failed,
        } += 1;
        let answer = reply.answer;
        replies.answered += u64::from(answer.is_some_and(AnswerKind::is_personal));
        replies.feedback += u64::from(answer == Some(AnswerKind::Given));
        replies.came_back += u64::from(answer == Some(AnswerKind::Bounce));
    }
    replies
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::model::verdict::Kind;

    pub(crate) fn day(number: i64) -> Timestamp {
        "2026-01-01T12:00:00Z".parse::<Timestamp>().expect("a time")
            + SignedDuration::from_hours(24 * number)
    }

    pub(crate) fn application(stage: Stage, opened: i64) -> ApplicationFact {
        ApplicationFact {
            stage,
            reached: stage.reached(),
            acknowledged: false,
            opened_at: day(opened),
            first_answer_at: None,
            last_heard_at: None,
            closed_at: None,
        }
    }

    pub(crate) fn rejected(opened: i64, closed: i64) -> ApplicationFact {
        ApplicationFact {
            first_answer_at: Some(day(closed)),
            last_heard_at: Some(day(closed)),
            closed_at: Some(day(closed)),
            ..application(Stage::Closed(Closing::Rejected(None)), opened)
        }
    }

    fn of(applications: Vec<ApplicationFact>, now: i64) -> Figures {
        figures(&Facts { applications, ..Facts::default() }, None, day(now))
    }

    #[test]
    fn silence_begins_at_21_days_after_applying_and_12_after_talks() {
        let talks = || ApplicationFact {
            last_heard_at: Some(day(10)),
            ..application(Stage::InTalks(1), 0)
        };
        assert_eq!(of(vec![application(Stage::Applied, 0)], 20).silent, 0);
        assert_eq!(of(vec![application(Stage::Applied, 0)], 21).silent, 1);
        assert_eq!(of(vec![talks()], 21).silent, 0, "the last word counts, not the first");
        assert_eq!(of(vec![talks()], 22).silent, 1);
    }

    #[test]
    fn who_said_no_or_wait_is_not_silent() {
        let ended = [Closing::Rejected(None), Closing::Accepted, Closing::WithdrawnByMe];
        let mut all: Vec<_> =
            ended.into_iter().map(|closing| application(Stage::Closed(closing), 0)).collect();
        all.extend([application(Stage::Paused, 0), application(Stage::Offered, 0)]);
        let figures = of(all, 400);
        assert_eq!((figures.silent, figures.open, figures.ended_by_user), (0, 2, 2));
    }

    #[test]
    fn a_share_needs_five_and_names_its_base() {
        assert_eq!(of(vec![rejected(0, 3); 4], 9).rejected_share, None);
        let mut five = vec![rejected(0, 3); 2];
        five.extend(vec![application(Stage::Applied, 0); 3]);
        assert_eq!(of(five, 9).rejected_share, Some(Share { percent: 40, of: 5 }));
        assert_eq!(share(2, 3 * 5).map(|share| share.percent), Some(13));
    }

    #[test]
    fn a_median_leaves_out_what_tells_no_time() {
        // The last one was first heard of by its rejection: opened and closed by one mail.
        let figures = of(vec![rejected(0, 4), rejected(0, 9), rejected(7, 7)], 30);
        assert_eq!(figures.rejection, Some(Days { median: 7, of: 2 }), "6.5 days");
        assert_eq!(figures.first_answer, Some(Days { median: 7, of: 2 }));
        assert_eq!((figures.rejected, figures.answered), (3, 3), "it is counted all the same");
        assert_eq!(of(vec![rejected(7, 7)], 30).rejection, None);
        let three = of(vec![rejected(0, 40), rejected(0, 2), rejected(0, 5)], 50);
        assert_eq!(three.rejection, Some(Days { median: 5, of: 3 }));
    }

    #[test]
    fn since_leaves_out_what_began_before() {
        let berlin = TimeZone::get("Europe/Berlin").expect("a zone");
        let since = day(5).to_zoned(berlin).start_of_day().expect("midnight");
        let decision = Decision::Unsure(Kind::Rejected);
        let facts = Facts {
            applications: vec![rejected(4, 6), rejected(5, 8)],
            messages: vec![
                MessageFact { at: day(4), decision },
                MessageFact { at: day(6), decision },
                MessageFact { at: day(6), decision: Decision::Sure(Kind::Rejected) },
            ],
            replies: vec![
                ReplyFact { at: day(4), state: ReplyCount::Sent, answer: None, sent: None },
                ReplyFact { at: day(5), state: ReplyCount::Skipped, answer: None, sent: None },
            ],
        };
        let figures = figures(&facts, Some(&since), day(9));
        assert_eq!((figures.applications, figures.rejected), (1, 1));
        assert_eq!(figures.messages, BTreeMap::from([("unsure", 1), ("rejected", 1)]));
        assert_eq!(figures.replies, Replies { skipped: 1, ..Replies::default() });
        assert_eq!(figures.since.map(|date| date.to_string()).as_deref(), Some("2026-01-06"));
    }

    #[test]
    fn how_far_it_came_outlives_the_rejection() {
        let after_talks = ApplicationFact { reached: Reached::Talks, ..rejected(0, 9) };
        let rescinded = ApplicationFact { reached: Reached::Offer, ..rejected(0, 9) };
        let figures = of(vec![after_talks, rescinded, rejected(0, 1)], 10);
        assert_eq!((figures.invited, figures.offered, figures.rejected_after_talks), (2, 1, 2));
    }

    #[test]
    fn the_field_names_of_the_json_are_the_documented_ones() {
        let json = serde_json::to_value(of(vec![rejected(0, 3); 5], 9)).expect("json");
        let names: Vec<&String> = json.as_object().expect("an object").keys().collect();
        let documented = "acknowledged answered answered_share applications as_of ended_by_user \
             first_answer invited invited_share messages offered open outcomes rejected \
             rejected_after_talks rejected_share rejection replies silent since";
        let mut names: Vec<&str> = names.into_iter().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, documented.split_whitespace().collect::<Vec<_>>());
        assert_eq!(json["rejection"], serde_json::json!({ "median": 3, "of": 5 }));
        assert_eq!(json["rejected_share"], serde_json::json!({ "percent": 100, "of": 5 }));
        let replies = json["replies"].as_object().expect("an object");
        assert_eq!(replies.len(), 10);
    }
}
