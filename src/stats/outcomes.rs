//! What sent replies brought: sent, answered, feedback and days, by what they were for, how
//! far it had come, which text it was, and how long after the rejection they left.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::ReplyFact;
use super::counted::{Share, share};
use super::times::{Days, days};
use crate::model::answer::AnswerKind;
use crate::model::findings::Reached;
use crate::model::mail::Intent;

/// What is known of a reply that went out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentFact {
    /// When.
    pub at: Timestamp,
    /// What for.
    pub intent: Intent,
    /// How far the application had come; `None`: not known.
    pub reached: Option<Reached>,
    /// From which template its text was made; `None`: not known.
    pub template: Option<String>,
    /// The user changed the words.
    pub edited: bool,
    /// When a person first wrote back.
    pub answered_at: Option<Timestamp>,
}

/// The same replies, counted in four ways. The field names are those of `stats --json`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Outcomes {
    /// By what they were for.
    pub by_intent: Vec<Outcome>,
    /// By how far the application had come: `applied`, `talks`, `offer`, `unknown`.
    pub by_stage: Vec<Outcome>,
    /// By the template, those apart whose words the user changed; or `unknown`.
    pub by_template: Vec<Outcome>,
    /// By the time between the rejection and the sending.
    pub by_delay: Vec<Outcome>,
}

/// What the replies of one sort brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// The sort.
    pub name: String,
    /// Went out.
    pub sent: u64,
    /// Of the sent: a person wrote back.
    pub answered: u64,
    /// `answered` in percent of `sent`; `null` below five, as below.
    pub answered_share: Option<Share>,
    /// Of the sent: feedback was given.
    pub feedback: u64,
    /// `feedback` in percent of `sent`.
    pub feedback_share: Option<Share>,
    /// Of the sent: could not be delivered.
    pub came_back: u64,
    /// Days from the sending to the first answer.
    pub days_to_answer: Option<Days>,
}

type Sent<'a> = (&'a ReplyFact, &'a SentFact);

/// Counts the replies that went out.
pub(super) fn outcomes<'a>(replies: impl Iterator<Item = &'a ReplyFact>) -> Outcomes {
    let sent: Vec<Sent<'a>> =
        replies.filter_map(|reply| Some((reply, reply.sent.as_ref()?))).collect();
    let mut templates: Vec<String> = sent.iter().map(|(_, it)| template(it)).collect();
    templates.sort();
    templates.dedup();
    let intents = Intent::ALL.iter().map(|it| it.name().to_owned());
    let stages = Reached::ALL.iter().map(|it| it.name()).chain([UNKNOWN]).map(str::to_owned);
    let delays = DELAYS.iter().map(|(name, _)| *name).chain([LATER]).map(str::to_owned);
    Outcomes {
        by_intent: sorted(&sent, intents, |(_, it)| it.intent.name().to_owned()),
        by_stage: sorted(&sent, stages, |(_, it)| {
            it.reached.map_or(UNKNOWN, Reached::name).to_owned()
        }),
        by_template: sorted(&sent, templates.into_iter(), |(_, it)| template(it)),
        by_delay: sorted(&sent, delays, |(reply, it)| delay(reply.at, it.at).to_owned()),
    }
}

const UNKNOWN: &str = "unknown";

/// What most advice calls soon, and what is a week.
const DELAYS: [(&str, SignedDuration); 2] = [
    ("within 2 days", SignedDuration::from_hours(2 * 24)),
    ("within a week", SignedDuration::from_hours(7 * 24)),
];

const LATER: &str = "later";

fn delay(rejected: Timestamp, sent: Timestamp) -> &'static str {
    let after = sent.duration_since(rejected);
    DELAYS.iter().find(|(_, limit)| after <= *limit).map_or(LATER, |(name, _)| name)
}

/// A text that the user changed is another one.
fn template(sent: &SentFact) -> String {
    let name = sent.template.as_deref().unwrap_or(UNKNOWN);
    if sent.edited { format!("{name} (changed)") } else { name.to_owned() }
}

/// One line for each of these sorts that occurs.
fn sorted(
    sent: &[Sent<'_>],
    sorts: impl Iterator<Item = String>,
    sort_of: impl Fn(&Sent<'_>) -> String,
) -> Vec<Outcome> {
    let of = |name: String| {
        let same: Vec<&Sent<'_>> = sent.iter().filter(|it| sort_of(it) == name).collect();
        (!same.is_empty()).then(|| outcome(name, &same))
    };
    sorts.filter_map(of).collect()
}

fn outcome(name: String, replies: &[&Sent<'_>]) -> Outcome {
    let count = |wanted: fn(AnswerKind) -> bool| {
        replies.iter().filter(|(reply, _)| reply.answer.is_some_and(wanted)).count() as u64
    };
    let sent = replies.len() as u64;
    let answered = count(AnswerKind::is_personal);
    let feedback = count(|kind| kind == AnswerKind::Given);
    Outcome {
        name,
        sent,
        answered,
        answered_share: share(answered, sent),
        feedback,
        feedback_share: share(feedback, sent),
        came_back: count(|kind| kind == AnswerKind::Bounce),
        days_to_answer: days(replies.iter().map(|(_, it)| (it.at, it.answered_at))),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::stats::ReplyCount;
    use crate::stats::tests::day;

    /// A reply to a rejection of the first day.
    pub(in crate::stats) fn sent(
        intent: Intent,
        after: i64,
        answer: Option<AnswerKind>,
    ) -> ReplyFact {
        let answered = answer.is_some_and(AnswerKind::is_personal);
        let sent = SentFact {
            at: day(after),
            intent,
            reached: Some(Reached::Applied),
            template: Some(format!("en/{intent}.1.txt")),
            edited: false,
            answered_at: answered.then(|| day(after + 4)),
        };
        ReplyFact { at: day(0), state: ReplyCount::Sent, answer, sent: Some(sent) }
    }

    fn names(outcomes: &[Outcome]) -> Vec<(&str, u64)> {
        outcomes.iter().map(|it| (it.name.as_str(), it.sent)).collect()
    }

    #[test]
    fn every_reply_is_counted_once_in_each_way() {
        let mut changed = sent(Intent::FeedbackRequest, 3, None);
        let fact = changed.sent.as_mut().unwrap();
        (fact.edited, fact.reached) = (true, Some(Reached::Talks));
        let mut unknown = sent(Intent::Thanks, 8, None);
        let fact = unknown.sent.as_mut().unwrap();
        (fact.template, fact.reached) = (None, None);
        let drafted =
            ReplyFact { state: ReplyCount::Drafted, sent: None, ..sent(Intent::Thanks, 1, None) };
        let facts = [unknown, drafted, sent(Intent::Thanks, 2, None), changed];
        let all = outcomes(facts.iter());
        assert_eq!(names(&all.by_intent), [("thanks", 2), ("feedback-request", 1)]);
        assert_eq!(names(&all.by_stage), [("applied", 1), ("talks", 1), ("unknown", 1)]);
        assert_eq!(
            names(&all.by_template),
            [("en/feedback-request.1.txt (changed)", 1), ("en/thanks.1.txt", 1), ("unknown", 1)]
        );
        let delays = [("within 2 days", 1), ("within a week", 1), ("later", 1)];
        assert_eq!(names(&all.by_delay), delays);
    }

    #[test]
    fn what_came_back_and_what_a_machine_wrote_is_no_answer() {
        let kinds = [
            Some(AnswerKind::Given),
            Some(AnswerKind::Refused),
            Some(AnswerKind::Warm),
            Some(AnswerKind::Automatic),
            Some(AnswerKind::Bounce),
            None,
        ];
        let facts = kinds.map(|kind| sent(Intent::Thanks, 1, kind));
        let all = outcomes(facts.iter());
        let one = all.by_intent.first().unwrap();
        assert_eq!((one.sent, one.answered, one.feedback, one.came_back), (6, 3, 1, 1));
        assert_eq!(one.answered_share, Some(Share { percent: 50, of: 6, low: 19, high: 81 }));
        assert_eq!(
            one.days_to_answer,
            Some(Days { median: 4, lower_quartile: None, upper_quartile: None, of: 3 })
        );
        let four = outcomes(facts.iter().take(4));
        let one = four.by_intent.first().unwrap();
        assert_eq!((one.answered_share, one.feedback_share), (None, None), "below five");
    }
}
