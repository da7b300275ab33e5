//! Applications, counted: all of them, or those of one sort.

use jiff::Timestamp;
use serde::Serialize;

use super::interval::wilson;
use super::times::{Days, days};
use super::{ApplicationFact, INTERVAL_BELOW, SHARE_MIN_BASE};
use crate::model::application::{Closing, Stage};
use crate::model::findings::Reached;

/// What became of some applications. The field names are those of `stats --json` and stay.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Counted {
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
    /// Of the open: no word for longer than `silent_after`.
    pub silent: u64,
    /// `answered` in percent of `applications`; `null` below five applications, as below.
    pub answered_share: Option<Share>,
    /// `invited` in percent of `applications`.
    pub invited_share: Option<Share>,
    /// `offered` in percent of `invited`.
    pub offered_share: Option<Share>,
    /// `rejected` in percent of `applications`.
    pub rejected_share: Option<Share>,
    /// Days from the first message to the first answer.
    pub first_answer: Option<Days>,
    /// Days from the first message to the rejection.
    pub rejection: Option<Days>,
}

/// A share with its base.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Share {
    /// Percent, rounded.
    pub percent: u64,
    /// Of how many; five or more.
    pub of: u64,
    /// What a share of so few can be believed to say: the 95 % interval of Wilson, in percent.
    pub low: u64,
    /// Its other end.
    pub high: u64,
}

impl Share {
    /// With its base, what that is (or nothing), and of few with what it can be believed to say.
    pub fn words(&self, what: &str) -> String {
        let Share { percent, of, low, high } = self;
        let blank = if what.is_empty() { "" } else { " " };
        let interval = (*of < INTERVAL_BELOW).then(|| format!(" ({low} to {high} %)"));
        format!("{percent} % of {of}{blank}{what}{}", interval.unwrap_or_default())
    }
}

/// Counts some applications.
pub(super) fn count(counted: &[&ApplicationFact], now: Timestamp) -> Counted {
    let count = |wanted: &dyn Fn(&ApplicationFact) -> bool| {
        counted.iter().filter(|application| wanted(application)).count() as u64
    };
    let applications = counted.len() as u64;
    let answered = count(&|it| it.first_answer_at.is_some());
    let invited = count(&|it| it.reached >= Reached::Talks);
    let offered = count(&|it| it.reached == Reached::Offer);
    let rejected = count(&is_rejected);
    Counted {
        applications,
        acknowledged: count(&|it| it.acknowledged),
        answered,
        invited,
        offered,
        rejected,
        rejected_after_talks: count(&|it| is_rejected(it) && it.reached >= Reached::Talks),
        ended_by_user: count(&|it| !it.stage.is_open() && !is_rejected(it)),
        open: count(&|it| it.stage.is_open()),
        silent: count(&|it| is_silent(it, now)),
        answered_share: share(answered, applications),
        invited_share: share(invited, applications),
        offered_share: share(offered, invited),
        rejected_share: share(rejected, applications),
        first_answer: days(counted.iter().map(|it| (it.opened_at, it.first_answer_at))),
        rejection: days(
            counted.iter().filter(|it| is_rejected(it)).map(|it| (it.opened_at, it.closed_at)),
        ),
    }
}

/// The employer said no.
pub(super) fn is_rejected(application: &ApplicationFact) -> bool {
    matches!(application.stage, Stage::Closed(Closing::Rejected(_)))
}

/// Nothing was heard for long while an answer was due. On hold and on offer it is not due.
pub fn is_silent(application: &ApplicationFact, now: Timestamp) -> bool {
    silent_from(application).is_some_and(|from| from <= now)
}

/// From then on it is silence, if no word comes before; `None` where none is due.
pub(super) fn silent_from(application: &ApplicationFact) -> Option<Timestamp> {
    let patience = match application.stage {
        Stage::Applied | Stage::Acknowledged => application.patience.after_applying,
        Stage::InTalks(_) => application.patience.after_talks,
        Stage::Paused | Stage::Offered | Stage::Closed(_) => return None,
    };
    heard(application).checked_add(patience).ok()
}

/// The employer's last word, or the application when there was none.
pub(super) fn heard(application: &ApplicationFact) -> Timestamp {
    application.last_heard_at.unwrap_or(application.opened_at)
}

/// `part` in percent of `of`, if that says anything.
pub(super) fn share(part: u64, of: u64) -> Option<Share> {
    let (low, high) = wilson(part, of);
    (of >= SHARE_MIN_BASE).then(|| Share {
        percent: (part * 100 + of / 2) / of,
        of,
        low: percent(low),
        high: percent(high),
    })
}

fn percent(rate: f64) -> u64 {
    (rate.clamp(0.0, 1.0) * 100.0).round() as u64
}
