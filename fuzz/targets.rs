//! What is tried with bytes that nobody meant: each function takes any, and panics when a
//! promise is broken. The fuzzer runs them (`fuzz_targets`), and an ordinary test with the
//! inputs that are kept in `inputs`.

#![allow(dead_code, reason = "each fuzz target uses one")]

use std::path::Path;
use std::sync::OnceLock;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use regards::classify::{Known, RuleFile, Rules};
use regards::config::Config;
use regards::draft::compose;
use regards::draft::template::Templates;
use regards::model::address::Mailbox;
use regards::model::mail::{
    Digest, Draft, Envelope, HeaderText, Intent, Origin, Phase, Proof, Route,
};
use regards::model::reply::{ReplyEvent, ReplyState, Withdrawal};
use regards::parse;

/// A mail is read and judged; nothing of its header leads to another line.
pub fn message(bytes: &[u8]) {
    static RULES: OnceLock<Rules> = OnceLock::new();
    let mail = parse::message(bytes, true, &[]);
    let verdict = RULES.get_or_init(Rules::embedded).classify(&mail, &Known::default());
    assert!((0.0..=1.0).contains(&verdict.probability));
    let single = |text: &str| !text.contains(|c: char| c.is_control());
    assert!(single(&mail.header.subject));
    assert!(mail.header.from.iter().all(|it| single(&it.to_string())));
    assert!(mail.header.references.iter().all(|it| single(it.as_str())));
}

/// A rule file is taken or refused, in a sentence with its place.
pub fn rules(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    if let Err(errors) = Rules::compile(&[RuleFile { name: "mine.toml".to_owned(), text }]) {
        assert!(!errors.is_empty());
        assert!(errors.iter().all(|error| !error.to_string().is_empty()));
    }
}

/// A configuration is taken or refused, in a sentence.
pub fn config(bytes: &[u8]) {
    if let Err(error) = Config::parse_bytes(bytes, Path::new("c.toml"), Timestamp::UNIX_EPOCH) {
        assert!(!error.to_string().is_empty());
    }
}

/// A template is taken or refused, in a sentence; it costs no more than its fuel.
pub fn template(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Err(error) = Templates::new([("en/thanks.9.txt", &*text)]) {
        assert!(!error.to_string().is_empty());
    }
}

/// Words of somebody else's become a mail with exactly the header that was meant.
pub fn compose(bytes: &[u8]) {
    let mut parts = bytes.split(|byte| *byte == 0xff).map(String::from_utf8_lossy);
    let mut part = || parts.next().unwrap_or_default().into_owned();
    let mailbox = |name: String, address: &str| Mailbox {
        // Past `Mailbox::new`: the composer must not rely on it.
        name: Some(name),
        address: address.parse().expect("an address"),
    };
    let id = |id: String| id.parse().ok();
    let draft = Draft {
        subject: HeaderText::clean(&part()),
        from: mailbox(part(), "jo@applicant.example"),
        to: mailbox(part(), "anna@firm.example"),
        in_reply_to: id(part()),
        references: [part(), part()].into_iter().filter_map(id).collect(),
        text: part(),
        ..draft_of("text")
    };
    let Ok(rendered) = compose::render(&draft) else { return };
    let Ok(bytes) = compose::dated(&rendered, Timestamp::UNIX_EPOCH, &TimeZone::UTC) else {
        return;
    };
    let text = String::from_utf8(bytes).expect("a mail of ours is ASCII");
    let (header, _) = text.split_once("\r\n\r\n").expect("a header");
    let fields = header.split("\r\n").filter(|line| !line.starts_with([' ', '\t']));
    let mut names: Vec<&str> = fields.map(|line| line.split(':').next().unwrap_or("")).collect();
    names.retain(|name| !["In-Reply-To", "References"].contains(name));
    assert_eq!(
        names,
        [
            "Date",
            "From",
            "To",
            "Subject",
            "Message-ID",
            "MIME-Version",
            "Content-Type",
            "Content-Transfer-Encoding",
        ]
    );
    assert!(text.split("\r\n").all(|line| line.len() <= 998 && !line.contains(['\r', '\n'])));
}

fn draft_of(text: &str) -> Draft {
    Draft {
        route: Route { mailbox: "jo@imap".into(), transport: "folder:/x".into() },
        envelope: Envelope {
            from: "jo@applicant.example".parse().expect("an address"),
            to: vec!["anna@firm.example".parse().expect("an address")],
        },
        from: Mailbox::bare("jo@applicant.example".parse().expect("an address")),
        to: Mailbox::bare("anna@firm.example".parse().expect("an address")),
        subject: HeaderText::clean("Re: x"),
        in_reply_to: None,
        references: vec![],
        message_id: "1@applicant.example".parse().expect("an identifier"),
        text: text.to_owned(),
        intent: Intent::Thanks,
        origin: Origin::default(),
    }
}

/// A reply under any events: nothing is on the wire that was not approved as it stands, and
/// after the body's first byte only an answer of the server's leads back.
pub fn reply(bytes: &[u8]) {
    let mut state = ReplyState::Cooling { not_before: Timestamp::UNIX_EPOCH, kept: None };
    // The book that is kept apart from the states: the text that the user said yes to.
    let mut yes: Option<String> = None;
    for (second, byte) in (0i64..).zip(bytes) {
        let now = Timestamp::from_second(second).expect("a moment");
        let event = event(*byte, &state, now);
        let given = matches!(state, ReplyState::Sending { phase: Phase::BodyGiven, .. });
        let Ok(next) = state.on(event.clone(), now) else { continue };
        assert!(!state.has_ended(), "{} left an end", state.name());
        if let ReplyEvent::Approved { seen, now_is, .. } = &event {
            assert_eq!(seen, now_is);
            yes = next.draft().map(|draft| draft.text.clone());
        }
        let text = next.draft().map(|draft| draft.text.clone());
        if matches!(next, ReplyState::Approved(_) | ReplyState::Sending { .. }) {
            assert!(yes.is_some() && text == yes);
        }
        let answered = matches!(event, ReplyEvent::Deferred { .. } | ReplyEvent::Refused(_));
        let known = matches!(next, ReplyState::Doubtful { .. } | ReplyState::Sent { .. });
        assert!(!given || answered || known, "{} by {}", next.name(), event.name());
        if matches!(next, ReplyState::Drafted { .. } | ReplyState::Cooling { .. }) {
            yes = None;
        }
        state = next;
    }
}

/// The lower half of a byte is the event, the upper half its words.
fn event(byte: u8, state: &ReplyState, now: Timestamp) -> ReplyEvent {
    let draft = || Box::new(draft_of(&format!("text {}", byte >> 4)));
    let digest = |draft: Option<&Draft>| {
        let text = draft.map(|it| it.text.clone()).unwrap_or_default();
        Digest([*text.as_bytes().last().unwrap_or(&0); 32])
    };
    let now_is = digest(state.draft());
    let stale = digest(Some(&*draft()));
    match byte & 0x0f {
        0 => ReplyEvent::CooledOff(draft()),
        1 => ReplyEvent::Edited(draft()),
        2 => ReplyEvent::Approved { seen: now_is, now_is, by: "fuzz".into(), due: now },
        3 => ReplyEvent::Approved { seen: stale, now_is, by: "fuzz".into(), due: now },
        4 => ReplyEvent::Claimed,
        5 => ReplyEvent::BodyBegins,
        6 => ReplyEvent::Accepted,
        7 => ReplyEvent::LostSight,
        8 => ReplyEvent::Deferred { retry_at: now },
        9 => ReplyEvent::NoContact { retry_at: now },
        10 => ReplyEvent::Interrupted,
        11 => ReplyEvent::FoundUnsent,
        12 => ReplyEvent::FoundSent(Proof::FoundInSent),
        13 => ReplyEvent::Revoked,
        14 => ReplyEvent::Snoozed(now),
        _ => [
            ReplyEvent::Refused("550".into()),
            ReplyEvent::Overtaken(Withdrawal::Expired),
            ReplyEvent::Objected,
            ReplyEvent::Stale,
            ReplyEvent::Expired,
            ReplyEvent::Skipped,
        ]
        .into_iter()
        .cycle()
        .nth(usize::from(byte >> 4))
        .unwrap_or(ReplyEvent::Skipped),
    }
}
