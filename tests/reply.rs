//! The life of a reply under random events: what must never happen does not.

use jiff::Timestamp;
use proptest::prelude::*;
use regards::model::address::Mailbox;
use regards::model::mail::{
    Digest, Draft, Envelope, HeaderText, Intent, Origin, Phase, Proof, Route,
};
use regards::model::reply::{Approval, Overtaking, Refusal, ReplyEvent, ReplyState, Withdrawal};

fn draft(text: &str) -> Box<Draft> {
    Box::new(Draft {
        route: Route { mailbox: "jo@imap".into(), transport: "folder:/x".into() },
        envelope: Envelope {
            from: "jo@applicant.example".parse().unwrap(),
            to: vec!["anna@firm.example".parse().unwrap()],
        },
        from: Mailbox::bare("jo@applicant.example".parse().unwrap()),
        to: Mailbox::bare("anna@firm.example".parse().unwrap()),
        subject: HeaderText::clean("Re: x"),
        in_reply_to: None,
        references: vec![],
        message_id: format!("{text}@applicant.example").parse().unwrap(),
        text: text.to_owned(),
        intent: Intent::Thanks,
        origin: Origin::default(),
    })
}

/// Stands for SHA-256: equal exactly when the drafts are.
fn digest(draft: &Draft) -> Digest {
    let mut bytes = [0; 32];
    for (to, from) in bytes.iter_mut().zip(draft.text.bytes()) {
        *to = from;
    }
    Digest(bytes)
}

/// An event; `Approved` is filled in by the story, which knows what is shown.
#[derive(Debug, Clone)]
enum Step {
    Event(ReplyEvent),
    /// Approves what is there, or what was there before the last edit.
    Approve {
        stale: bool,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let at = (0i64..1_000_000).prop_map(|s| Timestamp::from_second(s).unwrap());
    let event = prop_oneof![
        "[a-z]{1,6}".prop_map(|t| ReplyEvent::CooledOff(draft(&t))),
        "[a-z]{1,6}".prop_map(|t| ReplyEvent::Edited(draft(&t))),
        at.clone().prop_map(ReplyEvent::Snoozed),
        Just(ReplyEvent::Overtaken(Withdrawal::Overtaken(Overtaking::Invited))),
        Just(ReplyEvent::Skipped),
        Just(ReplyEvent::Expired),
        Just(ReplyEvent::Revoked),
        Just(ReplyEvent::Objected),
        Just(ReplyEvent::Stale),
        at.clone().prop_map(|retry_at| ReplyEvent::NoContact { retry_at }),
        at.prop_map(|retry_at| ReplyEvent::Deferred { retry_at }),
        Just(ReplyEvent::Refused("550".into())),
        Just(ReplyEvent::Interrupted),
        Just(ReplyEvent::Accepted),
        Just(ReplyEvent::LostSight),
        Just(ReplyEvent::FoundSent(Proof::FoundInSent)),
        Just(ReplyEvent::FoundUnsent),
    ];
    // The way to the wire is walked often, the ends seldom, or no story gets far.
    prop_oneof![
        4 => event.prop_map(Step::Event),
        3 => Just(Step::Approve { stale: false }),
        1 => Just(Step::Approve { stale: true }),
        3 => Just(Step::Event(ReplyEvent::Claimed)),
        3 => Just(Step::Event(ReplyEvent::BodyBegins)),
    ]
}

fn approval_of(state: &ReplyState) -> Option<&Approval> {
    match state {
        ReplyState::Approved(approval)
        | ReplyState::Sending { approval, .. }
        | ReplyState::Doubtful { approval, .. } => Some(approval),
        _ => None,
    }
}

fn body_is_given(state: &ReplyState) -> bool {
    matches!(state, ReplyState::Sending { phase: Phase::BodyGiven, .. })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn nothing_goes_out_that_was_not_approved_as_it_stands(steps in prop::collection::vec(step(), 1..40)) {
        let mut state = ReplyState::Drafted { draft: draft("first"), since: Timestamp::UNIX_EPOCH };
        // The test's own book, kept apart from the states: what the user last said yes to.
        let mut yes: Option<Draft> = None;
        let mut before = digest(&draft("never"));
        let mut date = None;
        for (second, step) in (1i64..).zip(steps) {
            let now = Timestamp::from_second(second).unwrap();
            let event = match step {
                Step::Event(event) => event,
                Step::Approve { stale } => {
                    let Some(shown) = state.draft() else { continue };
                    let now_is = digest(shown);
                    let seen = if stale { before } else { now_is };
                    ReplyEvent::Approved { seen, now_is, by: "test".into(), due: now }
                }
            };
            let next = match state.on(event.clone(), now) {
                Ok(next) => next,
                Err(refusal) => {
                    if refusal == Refusal::ShownOther {
                        let drafted = matches!(state, ReplyState::Drafted { .. });
                        prop_assert!(drafted);
                    }
                    continue;
                }
            };
            prop_assert!(!state.has_ended(), "{} left an end by {}", state.name(), event.name());
            match &event {
                ReplyEvent::Approved { seen, now_is, .. } => {
                    prop_assert_eq!(seen, now_is, "approved without having been shown");
                    yes = next.draft().cloned();
                    date = None;
                }
                ReplyEvent::Edited(_) => {
                    before = state.draft().map_or(before, digest);
                    yes = None;
                }
                _ => {}
            }
            if let Some(approval) = approval_of(&next) {
                prop_assert_eq!(Some(&approval.draft), yes.as_ref());
                prop_assert_eq!(approval.digest, digest(&approval.draft));
            }
            if let ReplyState::Sending { date: given, .. } = &next {
                // The one header outside the digest is kept by every retry.
                prop_assert_eq!(*date.get_or_insert(*given), *given);
            }
            if matches!(next, ReplyState::Sent { proof: Proof::Accepted, .. }) {
                prop_assert!(body_is_given(&state));
                prop_assert_eq!(next.draft(), yes.as_ref());
            }
            if body_is_given(&next) {
                let talking = matches!(state, ReplyState::Sending { phase: Phase::Talking, .. });
                prop_assert!(talking);
            }
            if body_is_given(&state) {
                let fair = match &next {
                    ReplyState::Approved(_) => matches!(event, ReplyEvent::Deferred { .. }),
                    ReplyState::Sent { .. } => event == ReplyEvent::Accepted,
                    ReplyState::Failed { .. } => matches!(event, ReplyEvent::Refused(_)),
                    ReplyState::Doubtful { .. } => matches!(event, ReplyEvent::LostSight | ReplyEvent::Interrupted),
                    _ => false,
                };
                prop_assert!(fair, "after the body: {} by {}", next.name(), event.name());
            }
            if matches!(state, ReplyState::Doubtful { .. }) {
                let found = matches!(event, ReplyEvent::FoundSent(_) | ReplyEvent::FoundUnsent);
                prop_assert!(found);
            }
            // Back on the desk the old yes is worth nothing.
            if matches!(next, ReplyState::Drafted { .. } | ReplyState::Cooling { .. }) {
                yes = None;
            }
            state = next;
        }
    }
}

/// Approved at the epoch and due then.
fn approved() -> ReplyState {
    let drafted = ReplyState::Drafted { draft: draft("text"), since: Timestamp::UNIX_EPOCH };
    let (seen, due) = (digest(&draft("text")), Timestamp::UNIX_EPOCH);
    let yes = ReplyEvent::Approved { seen, now_is: seen, by: "test".into(), due };
    drafted.on(yes, due).unwrap()
}

#[test]
fn what_a_server_puts_off_waits_as_long_as_it_says_and_is_counted_apart() {
    let now = Timestamp::UNIX_EPOCH;
    let at = |second| Timestamp::from_second(second).unwrap();
    let mut state = approved();
    let mut counts = Vec::new();
    for (second, given) in [(10, false), (20, true), (30, true)] {
        state = state.on(ReplyEvent::Claimed, now).unwrap();
        let retry_at = at(second);
        let event = if given {
            state = state.on(ReplyEvent::BodyBegins, now).unwrap();
            ReplyEvent::Deferred { retry_at }
        } else {
            ReplyEvent::NoContact { retry_at }
        };
        state = state.on(event, now).unwrap();
        let approval = approval_of(&state).unwrap();
        assert_eq!((approval.due, approval.first_due), (at(second), now));
        counts.push((approval.unreached, approval.deferrals));
    }
    assert_eq!(counts, [(1, 0), (1, 1), (1, 2)]);
}

#[test]
fn a_refusal_tells_what_a_person_can_do_where_there_is_something() {
    let hint =
        |state: &ReplyState, event| state.on(event, Timestamp::UNIX_EPOCH).unwrap_err().hint();
    let edited = || ReplyEvent::Edited(draft("new"));
    let sending = approved().on(ReplyEvent::Claimed, Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(hint(&sending, edited()), None, "it takes a moment");
    assert!(hint(&ReplyState::Skipped, edited()).unwrap().contains("regards draft"));
    let snooze = ReplyEvent::Snoozed(Timestamp::UNIX_EPOCH);
    assert!(hint(&approved(), snooze).unwrap().contains("regards revoke"));
}

#[test]
fn a_claim_exists_only_between_the_claim_and_the_body() {
    use regards::model::ids::{AccountNo, ApplicationNo, MessageNo, ReplyNo};
    use regards::model::reply::Reply;
    let now = Timestamp::UNIX_EPOCH;
    let drafted = ReplyState::Drafted { draft: draft("text"), since: now };
    let approved = approved();
    let claimed = approved.on(ReplyEvent::Claimed, now).unwrap();
    let given = claimed.on(ReplyEvent::BodyBegins, now).unwrap();
    let doubtful = given.on(ReplyEvent::LostSight, now).unwrap();
    let sent = given.on(ReplyEvent::Accepted, now).unwrap();
    for (state, has_claim) in [
        (drafted, false),
        (approved, false),
        (claimed, true),
        (given, false),
        (doubtful, false),
        (sent, false),
    ] {
        let reply = Reply {
            no: ReplyNo::new(1).unwrap(),
            application: ApplicationNo::new(1).unwrap(),
            parent: MessageNo::new(1).unwrap(),
            account: AccountNo::new(1).unwrap(),
            chosen: None,
            wanted: None,
            follows: None,
            state,
            version: 1,
            notice: None,
        };
        let claimed = reply.claim().map(|claim| claim.reply());
        assert_eq!(claimed, has_claim.then_some(Some(reply.no)), "{}", reply.state.name());
    }
}

#[test]
fn a_trial_mail_goes_to_nobody_but_oneself() {
    use regards::model::reply::Claim;
    let (me, other) = ("jo@applicant.example", "anna@firm.example");
    let trial = |to: &str, from: &str, recipients: &[&str]| {
        let mut draft = *draft("trial");
        draft.to = Mailbox::bare(to.parse().unwrap());
        draft.envelope.from = from.parse().unwrap();
        draft.envelope.to = recipients.iter().map(|it| it.parse().unwrap()).collect();
        let digest = digest(&draft);
        Claim::to_oneself(draft, digest, Timestamp::UNIX_EPOCH)
    };
    assert_eq!(trial(me, me, &[me]).map(|claim| claim.reply()), Some(None));
    for (to, from, recipients) in
        [(other, me, &[me][..]), (me, other, &[me]), (me, me, &[other]), (me, me, &[me, other])]
    {
        assert!(trial(to, from, recipients).is_none(), "{to} {from} {recipients:?}");
    }
}
