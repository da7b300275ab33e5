//! Rows to figures, figures to text. Pure: no clock, no database, no terminal.
//!
//! The figures are one person's history and small: a percentage is shown only with its base
//! and not at all below five, a time only as a median with its base, of few with an interval. Nothing is predicted and
//! nobody is compared with anybody. What is still cooling is not known here: the store leaves
//! it out.

mod counted;

pub mod course;

pub mod flow;

mod groups;

pub mod interval;

mod letter;

mod outcomes;

mod period;

mod silence;

mod text;

mod times;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::model::answer::AnswerKind;
use crate::model::application::Stage;
use crate::model::findings::Reached;
use crate::model::ids::ApplicationNo;
use crate::model::message::Direction;
use crate::model::verdict::{Decision, Kind};

pub use counted::{Counted, Share, is_silent};
pub use course::{Silence, Week};
pub use groups::{By, Group, groups};
pub use letter::{Letter, letter, week_before, week_until};
pub use outcomes::{Outcome, Outcomes, SentFact};
pub use period::{Period, monday};
pub use silence::{Patience, SILENT_AFTER_APPLYING, SILENT_AFTER_TALKS, Waits, wait};
pub use text::{Look, UNCLEAR_HINT, render_replies, render_text, unclear_words};
pub use times::Days;

/// More silences than these are no news.
const SILENCES_MAX: usize = 5;

/// A share of fewer than this says nothing and is not given; nor are quartiles.
pub const SHARE_MIN_BASE: u64 = 5;

/// Beside a share of fewer than this stands how far it can be believed.
pub const INTERVAL_BELOW: u64 = 30;

/// What the store knows that can be counted; all of it, whenever it happened.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Every application, those rejected before the program was first started included.
    pub applications: Vec<ApplicationFact>,
    /// Every incoming message with a verdict.
    pub messages: Vec<MessageFact>,
    /// Every reply that is not cooling.
    pub replies: Vec<ReplyFact>,
    /// All feedback that employers gave.
    pub feedback: Vec<FeedbackFact>,
    /// So many applications a week are the user's goal.
    pub goal: Option<u64>,
    /// When each mail was received that fits several applications and is in none.
    pub unclear: Vec<Timestamp>,
}

impl Facts {
    /// So many mails of a period fit several applications and are in none.
    pub fn unclear_in(&self, period: &Period) -> u64 {
        self.unclear.iter().filter(|at| period.holds(**at)).count() as u64
    }
}

/// What an application is called. Figures are sorted by it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Names {
    /// The employer.
    pub company: Option<String>,
    /// The position.
    pub role: Option<String>,
    /// The language that the employer writes, in two letters.
    pub language: Option<String>,
    /// The tracking system that the employer uses.
    pub system: Option<String>,
}

/// One application, as far as it is counted.
#[derive(Debug, Clone)]
pub struct ApplicationFact {
    /// Its number, where a database gave it one.
    pub no: Option<ApplicationNo>,
    /// What it is called.
    pub names: Names,
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
    /// The employer's latest message before that one.
    pub heard_before_end_at: Option<Timestamp>,
    /// How long an answer may take before it is silence.
    pub patience: Patience,
}

/// A message of an application, as far as it tells when the employer was heard.
#[derive(Debug, Clone, Copy)]
pub struct Event {
    /// When it was received.
    pub at: Timestamp,
    /// Who wrote it.
    pub direction: Direction,
    /// What it is; `None` for own mail.
    pub decision: Option<Decision>,
}

impl ApplicationFact {
    /// An application that went through these stages, the one before its first message
    /// included; `None` without a message. What it is called, and what a mail says of how far
    /// it had come, is the caller's to tell.
    pub fn of(stages: &[Stage], events: &[Event]) -> Option<ApplicationFact> {
        let (stage, first) = (*stages.last()?, events.first()?);
        let incoming = || events.iter().filter(|it| it.direction == Direction::Incoming);
        let says_more = |it: &&Event| matches!(it.decision, Some(Decision::Sure(kind)) if kind != Kind::Acknowledged);
        // The message after which it was closed, if it stayed closed.
        let closing = stages.iter().rposition(|it| it.is_open()).filter(|_| !stage.is_open());
        let closed_at = closing.and_then(|at| events.get(at)).map(|it| it.at);
        let before_end = |at: &Timestamp| closed_at.is_some_and(|closed| *at < closed);
        Some(ApplicationFact {
            no: None,
            names: Names::default(),
            stage,
            reached: stages.iter().map(|it| it.reached()).max().unwrap_or(Reached::Applied),
            acknowledged: incoming()
                .any(|it| it.decision == Some(Decision::Sure(Kind::Acknowledged))),
            opened_at: first.at,
            first_answer_at: incoming().find(says_more).map(|it| it.at),
            last_heard_at: incoming().next_back().map(|it| it.at),
            closed_at,
            heard_before_end_at: incoming().map(|it| it.at).rfind(before_end),
            patience: Patience::default(),
        })
    }
}

/// Feedback that an employer gave.
#[derive(Debug, Clone)]
pub struct FeedbackFact {
    /// When it was received.
    pub at: Timestamp,
    /// What it is about.
    pub tags: Vec<String>,
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
    /// Counted is what happened until this day, that one included; `null`: to the end.
    pub until: Option<Date>,
    /// The day for which silence was computed (UTC). Not the instant: figures that nothing
    /// has changed must look the same when they are asked for again.
    pub as_of: Date,
    /// How long no word is no silence yet, in days.
    pub silent_after: Patience,
    /// Applications.
    #[serde(flatten)]
    pub counted: Counted,
    /// This week, whatever is counted otherwise.
    pub week: Week,
    /// The five longest silences.
    pub silences: Vec<Silence>,
    /// Mails that fit several applications: they are counted with none.
    pub unclear: u64,
    /// Messages by kind; kinds without any are absent. Those that the rules could not decide
    /// stand under `unsure`.
    pub messages: BTreeMap<&'static str, u64>,
    /// Replies.
    pub replies: Replies,
    /// What the sent ones brought.
    pub outcomes: Outcomes,
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

/// Counts what happened in a period; what stands at `now` counts as it stands then.
pub fn figures(facts: &Facts, period: &Period, now: Timestamp) -> Figures {
    let applications = facts.applications.iter().filter(|it| period.holds(it.opened_at));
    Figures {
        since: period.since,
        until: period.until,
        as_of: now.to_zoned(TimeZone::UTC).date(),
        // All have the same.
        silent_after: facts.applications.first().map(|it| it.patience).unwrap_or_default(),
        counted: counted::count(&applications.collect::<Vec<_>>(), now),
        week: course::week(facts, period, now),
        silences: course::silences(facts, period, now, SILENCES_MAX),
        unclear: facts.unclear_in(period),
        messages: messages(facts, period),
        replies: replies(facts, period),
        outcomes: outcomes::outcomes(facts.replies.iter().filter(|reply| period.holds(reply.at))),
    }
}

fn messages(facts: &Facts, period: &Period) -> BTreeMap<&'static str, u64> {
    let mut per_kind = BTreeMap::new();
    for message in facts.messages.iter().filter(|message| period.holds(message.at)) {
        *per_kind.entry(message.decision.word()).or_default() += 1;
    }
    per_kind
}

fn replies(facts: &Facts, period: &Period) -> Replies {
    let mut replies = Replies::default();
    for reply in facts.replies.iter().filter(|reply| period.holds(reply.at)) {
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
    use jiff::SignedDuration;
    use serde_json::json;

    use super::*;
    use crate::model::application::Closing;

    pub(crate) fn day(number: i64) -> Timestamp {
        "2026-01-01T12:00:00Z".parse::<Timestamp>().expect("a time")
            + SignedDuration::from_hours(24 * number)
    }

    pub(crate) fn application(stage: Stage, opened: i64) -> ApplicationFact {
        ApplicationFact {
            no: None,
            names: Names::default(),
            stage,
            reached: stage.reached(),
            acknowledged: false,
            opened_at: day(opened),
            first_answer_at: None,
            last_heard_at: None,
            closed_at: None,
            heard_before_end_at: None,
            patience: Patience::default(),
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

    /// All that is known, by a day's figures.
    pub(crate) fn all(facts: &Facts, now: i64) -> Figures {
        figures(facts, &Period::all(TimeZone::UTC), day(now))
    }

    fn of(applications: Vec<ApplicationFact>, now: i64) -> Counted {
        all(&Facts { applications, ..Facts::default() }, now).counted
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
        assert_eq!(
            of(five, 9).rejected_share,
            Some(Share { percent: 40, of: 5, low: 12, high: 77 })
        );
        assert_eq!(counted::share(2, 3 * 5).map(|share| share.percent), Some(13));
    }

    fn median(median: i64, of: u64) -> Option<Days> {
        Some(Days { median, lower_quartile: None, upper_quartile: None, of })
    }

    #[test]
    fn a_median_leaves_out_what_tells_no_time() {
        // The last one was first heard of by its rejection: opened and closed by one mail.
        let figures = of(vec![rejected(0, 4), rejected(0, 9), rejected(7, 7)], 30);
        assert_eq!(figures.rejection, median(7, 2), "6.5 days");
        assert_eq!(figures.first_answer, median(7, 2));
        assert_eq!((figures.rejected, figures.answered), (3, 3), "it is counted all the same");
        assert_eq!(of(vec![rejected(7, 7)], 30).rejection, None);
        let three = of(vec![rejected(0, 40), rejected(0, 2), rejected(0, 5)], 50);
        assert_eq!(three.rejection, median(5, 3));
    }

    #[test]
    fn a_period_leaves_out_what_began_before_and_after() {
        let zone = TimeZone::get("Europe/Berlin").expect("a zone");
        let here = |number| day(number).to_zoned(zone.clone()).date();
        let (since, until) = (Some(here(5)), Some(here(6)));
        let decision = Decision::Unsure(Kind::Rejected);
        let facts = Facts {
            applications: vec![rejected(4, 6), rejected(5, 8), rejected(7, 8)],
            messages: vec![
                MessageFact { at: day(4), decision },
                MessageFact { at: day(6), decision },
                MessageFact { at: day(6), decision: Decision::Sure(Kind::Rejected) },
                MessageFact { at: day(7), decision },
            ],
            replies: vec![
                ReplyFact { at: day(4), state: ReplyCount::Sent, answer: None, sent: None },
                ReplyFact { at: day(5), state: ReplyCount::Skipped, answer: None, sent: None },
            ],
            unclear: vec![day(4), day(5), day(6), day(7)],
            ..Facts::default()
        };
        let figures = figures(&facts, &Period { since, until, zone }, day(9));
        assert_eq!((figures.counted.applications, figures.counted.rejected), (1, 1));
        assert_eq!(figures.messages, BTreeMap::from([("unsure", 1), ("rejected", 1)]));
        assert_eq!(figures.replies, Replies { skipped: 1, ..Replies::default() });
        assert_eq!(figures.unclear, 2);
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
        let json = serde_json::to_value(all(
            &Facts { applications: vec![rejected(0, 3); 5], ..Facts::default() },
            9,
        ))
        .expect("json");
        let names: Vec<&String> = json.as_object().expect("an object").keys().collect();
        let documented = "acknowledged answered answered_share applications as_of ended_by_user \
             first_answer invited invited_share messages offered offered_share open outcomes rejected \
             rejected_after_talks rejected_share rejection replies silences silent silent_after since unclear \
             until week";
        let mut names: Vec<&str> = names.into_iter().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, documented.split_whitespace().collect::<Vec<_>>());
        let days = json!({ "median": 3, "lower_quartile": 3, "upper_quartile": 3, "of": 5 });
        assert_eq!(json["rejection"], days);
        let share = json!({ "percent": 100, "of": 5, "low": 57, "high": 100 });
        assert_eq!(json["rejected_share"], share);
        let replies = json["replies"].as_object().expect("an object");
        assert_eq!(replies.len(), 10);
    }
}
