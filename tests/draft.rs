//! The drafted mail says what was meant, and nothing that was smuggled in.

mod texts;

use jiff::tz::TimeZone;
use proptest::prelude::*;
use regards::draft::compose::{self, Parts};
use regards::model::address::{Mailbox, MessageId};
use regards::model::addressee::{Addressee, Addressing};
use regards::model::mail::{Draft, HeaderText, Intent, Origin, Route};
use regards::model::message::{Body, Direction, Header, Message};

fn parent(subject: &str, id: Option<&str>, references: &[&str]) -> Message {
    Message {
        direction: Direction::Incoming,
        header: Header {
            from: vec![Mailbox::bare("anna@firm.example".parse().unwrap())],
            message_id: id.map(|id| id.parse().unwrap()),
            references: references.iter().map(|id| id.parse().unwrap()).collect(),
            subject: subject.to_owned(),
            ..Header::default()
        },
        body: Body::default(),
        defects: vec![],
    }
}

fn draft_of(parent: &Message, from: &str, to: &str, text: &str) -> Draft {
    let mailbox = |name: &str, address: &str| Mailbox {
        // Past `Mailbox::new`: the composer must not rely on it.
        name: Some(name.to_owned()),
        address: address.parse().unwrap(),
    };
    let addressing = Addressing {
        addressee: Addressee::Person(mailbox(to, "anna@firm.example")),
        why: "test".into(),
        warnings: vec![],
    };
    compose::assemble(Parts {
        route: Route { mailbox: "jo@imap".into(), transport: "folder:/x".into() },
        from: mailbox(from, "jo@applicant.example"),
        addressing: &addressing,
        parent,
        follows: None,
        new_subject: HeaderText::clean("My application"),
        bcc_self: false,
        message_id: compose::new_message_id([1; 16], "applicant.example").unwrap(),
        text: text.to_owned(),
        intent: Intent::Thanks,
        origin: Origin::default(),
    })
    .unwrap()
}

/// Field names as a reader meets them, and the body.
fn names_of(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let head = text.split("\r\n\r\n").next().unwrap().to_owned();
    head.split("\r\n")
        .filter(|line| !line.starts_with([' ', '\t']))
        .map(|line| line.split(':').next().unwrap().to_owned())
        .collect()
}

/// Pieces that have broken mail programs before, between ordinary words.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\r\nBcc: spy@evil.example".to_owned()),
        Just("\nX: y".to_owned()),
        Just("\r\n\r\n<html>".to_owned()),
        Just("=?utf-8?b?eA0KQmNjOiBzcHlAZXZpbC5leGFtcGxl?=".to_owned()),
        Just("=?utf-8?q?x=0D=0ABcc:_y?=".to_owned()),
        Just("\u{202E}gnp.exe\u{2066}".to_owned()),
        Just("\u{0000}\u{001B}]0;x\u{0007}".to_owned()),
        Just("<evil@evil.example>, \"x\\\"".to_owned()),
        Just("ü".repeat(10_000)),
        Just("a".repeat(10_000)),
        Just("\r.\r\n.\r\n..\n".to_owned()),
        Just("{{ 7 * 7 }}".to_owned()),
        "[a-zA-Z ,.:;()<>@\"\\\\=?_-]{0,30}",
        "\\PC{0,20}",
        any::<String>(),
    ];
    prop::collection::vec(piece, 0..4).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn whatever_stands_in_a_field_exactly_the_intended_headers_come_back(
        subject in hostile(), from in hostile(), to in hostile(), text in hostile(),
    ) {
        let parent = parent(&subject, Some("parent@firm.example"), &["first@applicant.example"]);
        let draft = draft_of(&parent, &from, &to, &text);
        let rendered = compose::render(&draft);
        prop_assert!(rendered.is_ok(), "{:?} for {:?}", rendered, draft);
        let bytes = compose::dated(&rendered.unwrap(), "2026-11-21T10:00:00Z".parse().unwrap(), &TimeZone::UTC).unwrap();
        prop_assert_eq!(names_of(&bytes), [
            "Date", "From", "To", "Subject", "Message-ID", "In-Reply-To", "References",
            "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
        ]);
        // Read by the other parser, at the places a mail program would show.
        let mail = mail_parser::MessageParser::default().parse(&bytes).unwrap();
        prop_assert_eq!(mail.subject().unwrap_or_default(), draft.subject.as_str());
        prop_assert_eq!(mail.from().unwrap().first().unwrap().address(), Some("jo@applicant.example"));
        prop_assert_eq!(mail.to().unwrap().first().unwrap().address(), Some("anna@firm.example"));
        prop_assert!(mail.bcc().is_none());
        let text = mail.body_text(0).unwrap().replace("\r\n", "\n");
        prop_assert_eq!(text, draft.text.clone());
    }

    #[test]
    fn a_digest_knows_every_field(field in 0usize..9, word in "[a-z]{1,8}") {
        let parent = parent("Your application", Some("parent@firm.example"), &[]);
        let draft = draft_of(&parent, "Jo", "Anna", "Thank you.\n");
        let mut other = draft.clone();
        match field {
            0 => other.route.mailbox.push_str(&word),
            1 => other.route.transport.push_str(&word),
            2 => other.envelope.from = format!("{word}.jo@applicant.example").parse().unwrap(),
            3 => other.envelope.to.push(format!("{word}@applicant.example").parse().unwrap()),
            4 => other.from = Mailbox::new(Some(&format!("{word} Jo")), other.from.address),
            5 => other.subject = HeaderText::clean(&format!("Re: {word} Your application")),
            6 => other.in_reply_to = Some(format!("{word}@firm.example").parse().unwrap()),
            7 => other.references.insert(0, format!("{word}@firm.example").parse().unwrap()),
            _ => other.text.push_str(&word),
        }
        prop_assert_ne!(compose::digest(&draft).unwrap(), compose::digest(&other).unwrap());
        prop_assert_eq!(compose::digest(&draft).unwrap(), compose::digest(&draft.clone()).unwrap());
    }
}

#[test]
fn words_cannot_be_shifted_between_fields_under_one_digest() {
    let parent = parent("Your application", Some("parent@firm.example"), &[]);
    let mut one = draft_of(&parent, "Jo", "Anna", "Thank you.\n");
    let mut other = one.clone();
    (one.route.mailbox, one.route.transport) = ("ab".into(), "c".into());
    (other.route.mailbox, other.route.transport) = ("a".into(), "bc".into());
    assert_ne!(compose::digest(&one).unwrap(), compose::digest(&other).unwrap());
}

#[test]
fn a_name_with_a_line_break_panics_in_the_library_and_not_here() {
    let parent = parent("x", None, &[]);
    let draft = draft_of(&parent, "Jo\r\nBcc: spy@evil.example", "An\nna", "Hi\n");
    assert_eq!(draft.from.name.as_deref(), Some("Jo Bcc: spy@evil.example"));
    let mut uncleaned = draft.clone();
    uncleaned.from.name = Some("Jo\r\nBcc: spy@evil.example".into());
    let error = compose::render(&uncleaned);
    assert_eq!(error, Err(compose::ComposeError::Differs("From")), "said, not sent");
}

#[test]
fn a_mail_that_says_something_else_than_its_draft_does_not_exist() {
    let parent = parent("x", None, &[]);
    let mut draft = draft_of(&parent, "Jo", "Anna", "Hi\n");
    // Past `clean::header_text`: readers would decode it once more.
    draft.subject = HeaderText::clean("=?utf-8?q?something_else?=");
    assert_eq!(compose::render(&draft), Err(compose::ComposeError::Differs("Subject")));
}

#[test]
fn addresses_outside_ascii_are_refused_with_a_reason() {
    let parent = parent("x", None, &[]);
    let mut draft = draft_of(&parent, "Jo", "Anna", "Hi\n");
    draft.to.address = "änna@firm.example".parse().unwrap();
    draft.envelope.to = vec![draft.to.address.clone()];
    let error = compose::render(&draft).unwrap_err();
    assert!(error.to_string().contains("änna@firm.example"), "{error}");
    draft.to.address = "other@firm.example".parse().unwrap();
    draft.envelope.to = vec!["anna@firm.example".parse().unwrap()];
    assert!(matches!(
        compose::render(&draft),
        Err(compose::ComposeError::EnvelopeWithoutRecipient(_))
    ));
}

#[test]
fn a_follow_up_is_threaded_under_ones_own_mail() {
    let first = draft_of(&parent("Your application", Some("p@x"), &["a@x"]), "Jo", "Anna", "Hi\n");
    let (subject, in_reply_to, references) = compose::reply_headers(&first);
    assert_eq!(subject.as_str(), "Re: Your application", "one mark");
    assert_eq!(in_reply_to.as_ref(), Some(&first.message_id));
    let ids: Vec<&str> = references.iter().map(MessageId::as_str).collect();
    assert_eq!(ids, ["a@x", "p@x", first.message_id.as_str()]);
}

#[test]
fn an_answer_is_threaded_under_its_parent() {
    let threads = |parent: &Message| {
        let (subject, in_reply_to, references) = compose::reply_headers(parent);
        let ids: Vec<String> = references.iter().map(|id| id.as_str().to_owned()).collect();
        (subject.as_str().to_owned(), in_reply_to.map(|id| id.as_str().to_owned()), ids.join(" "))
    };
    let with = |subject: &str| threads(&parent(subject, Some("p@x"), &["a@x", "b@x"]));
    for (subject, expected) in [
        ("Your application", "Re: Your application"),
        ("Re: Your application", "Re: Your application"),
        ("AW: RE: re[2]: Your application", "Re: Your application"),
        ("AW: WG: AW: Bewerbung", "Re: Bewerbung"),
        ("RE: TR: Candidature", "Re: Candidature"),
        ("RV: Fwd: Candidatura", "Re: Candidatura"),
        ("SV: VB: Ansökan", "Re: Ansökan"),
        ("Role: engineer", "Re: Role: engineer"),
        ("=?utf-8?q?x?=", "Re: = ?utf-8?q?x?="),
        ("", "Re:"),
    ] {
        assert_eq!(with(subject).0, expected);
    }
    assert_eq!(with("x").1.as_deref(), Some("p@x"));
    assert_eq!(with("x").2, "a@x b@x p@x");
    assert_eq!(threads(&parent("x", None, &["a@x"])), ("Re: x".into(), None, String::new()));
    let mut only_in_reply_to = parent("x", Some("p@x"), &[]);
    only_in_reply_to.header.in_reply_to = vec!["a@x".parse().unwrap()];
    assert_eq!(threads(&only_in_reply_to).2, "a@x p@x");

    let many: Vec<String> = (0..80).map(|n| format!("n{n}@x")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let (_, _, references) = compose::reply_headers(&parent("x", Some("p@x"), &many));
    assert_eq!(references.len(), 50);
    let at = |n: usize| references.get(n).map(MessageId::as_str);
    assert_eq!((at(0), at(1), at(49)), (Some("n0@x"), Some("n32@x"), Some("p@x")));
    let mut draft = draft_of(&parent("x", Some("p@x"), &many), "Jo", "Anna", "Hi\n");
    draft.references =
        (0..50).map(|n| format!("{n}{}@x", "r".repeat(190)).parse().unwrap()).collect();
    assert!(compose::render(&draft).is_ok(), "long identifiers are folded, not broken");
}

#[test]
fn a_mail_to_somebody_who_did_not_write_the_parent_is_no_answer() {
    let nora = || Mailbox::bare("nora@firm.example".parse().unwrap());
    let parent = parent("Your application", Some("p@x"), &[]);
    let to = |addressee: Addressee| {
        let addressing = Addressing { addressee, why: "test".into(), warnings: vec![] };
        compose::assemble(Parts {
            route: Route { mailbox: "jo@imap".into(), transport: "folder:/x".into() },
            from: Mailbox::bare("jo@applicant.example".parse().unwrap()),
            addressing: &addressing,
            parent: &parent,
            follows: None,
            new_subject: HeaderText::clean("My application"),
            bcc_self: true,
            message_id: compose::new_message_id([1; 16], "applicant.example").unwrap(),
            text: "Hi\n".into(),
            intent: Intent::Thanks,
            origin: Origin::default(),
        })
        .unwrap()
    };
    for stranger in [Addressee::Earlier(nora()), Addressee::Person(nora())] {
        let draft = to(stranger);
        assert_eq!(draft.subject.as_str(), "My application");
        assert_eq!((draft.in_reply_to.as_ref(), draft.references.len()), (None, 0));
        assert_eq!(draft.envelope.to.len(), 2, "a copy to oneself stands in the envelope only");
        let text = String::from_utf8(compose::render(&draft).unwrap().bytes().to_vec()).unwrap();
        assert_eq!(text.matches("jo@applicant.example").count(), 1, "{text}");
        assert!(!text.contains("In-Reply-To") && !text.contains("References"));
    }
    let chosen = to(Addressee::Chosen(nora()));
    assert_eq!(chosen.in_reply_to.as_ref().map(MessageId::as_str), Some("p@x"), "the user knows");
}
