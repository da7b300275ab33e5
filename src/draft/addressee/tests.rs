//! Who is answered, and who is not.

use super::*;
use crate::model::findings::{Found, System};
use crate::model::message::{Automatic, Body, Direction, Header};

fn mailbox(address: &str) -> Mailbox {
    Mailbox::bare(address.parse().unwrap())
}

fn own() -> Vec<Address> {
    vec!["jo@applicant.example".parse().unwrap()]
}

fn from(sender: &str) -> Message {
    let header = Header {
        from: vec![mailbox(sender)],
        to: vec![mailbox("jo@applicant.example")],
        ..Header::default()
    };
    Message { direction: Direction::Incoming, header, body: Body::default(), defects: vec![] }
}

fn decided(message: &Message, findings: &Findings) -> Addressing {
    let addressing = decide(message, findings, &[], &own(), None);
    assert!(!addressing.why.is_empty());
    addressing
}

fn nobody(message: &Message, findings: &Findings) -> bool {
    decided(message, findings).addressee == Addressee::Nobody
}

fn system(relays: bool) -> Findings {
    let system = System { name: "Greenhouse".into(), relays };
    Findings { system: Some(Found::new(system, "x")), ..Findings::default() }
}

#[test]
fn a_person_and_a_shared_mailbox_are_answered() {
    for sender in ["anna.mueller@firm.example", "jobs@firm.example"] {
        let addressing = decided(&from(sender), &Findings::default());
        assert_eq!(addressing.addressee, Addressee::Person(mailbox(sender)));
        assert_eq!(addressing.warnings, []);
    }
}

#[test]
fn addresses_that_take_no_answers_are_known_in_several_languages() {
    for local in [
        "no-reply",
        "noreply",
        "No_Reply",
        "donotreply",
        "do-not-reply",
        "noreply+abc",
        "careers-noreply",
        "nicht-antworten",
        "keine-antwort",
        "ne-pas-repondre",
        "no-responder",
        "nao-responder",
        "mailer-daemon",
        "MAILER-DAEMON",
        "postmaster",
        "bounce",
        "bounces+x=y",
        "notifications",
        "svara-inte",
        "niet-beantwoorden",
    ] {
        assert!(nobody(&from(&format!("{local}@firm.example")), &Findings::default()), "{local}");
    }
    for local in ["anna", "bouncer.bob", "reply", "nora.eply", "postmasters-office"] {
        assert!(!nobody(&from(&format!("{local}@firm.example")), &Findings::default()), "{local}");
    }
}

#[test]
fn an_address_that_few_servers_take_is_told_and_not_answered() {
    let addressing = decided(&from("nöra@firm.example"), &Findings::default());
    assert_eq!(addressing.addressee, Addressee::Nobody);
    assert!(addressing.why.contains("SMTPUTF8 (RFC 6531)"), "{}", addressing.why);
    let addressing = decided(&from("nora@bücher.example"), &Findings::default());
    assert_eq!(addressing.addressee, Addressee::Person(mailbox("nora@xn--bcher-kva.example")));
}

#[test]
fn mail_by_a_machine_is_not_answered() {
    let marks: [fn(&mut Header); 6] = [
        |h| h.automatic.auto_submitted = Some("auto-generated".into()),
        |h| h.automatic.precedence = Some("bulk".into()),
        |h| h.automatic.list = true,
        |h| h.automatic.suppressed = true,
        |h| h.automatic.report = true,
        |h| h.return_path = Some(ReturnPath::Null),
    ];
    for (at, mark) in marks.iter().enumerate() {
        let mut message = from("anna@firm.example");
        mark(&mut message.header);
        assert!(nobody(&message, &Findings::default()), "mark {at}");
    }
    let asks =
        Findings { do_not_reply: Some(Found::new((), "do not reply")), ..Findings::default() };
    assert!(nobody(&from("anna@firm.example"), &asks));
    assert!(nobody(&from("jo@applicant.example"), &Findings::default()), "one's own address");
}

#[test]
fn a_relay_passes_answers_on_in_spite_of_its_marks_but_not_of_no_reply() {
    let mut message = from("abc123@us.greenhouse-mail.example");
    message.header.automatic = Automatic { list: true, ..Automatic::default() };
    assert!(matches!(decided(&message, &system(true)).addressee, Addressee::Relay(_)));
    assert!(nobody(&message, &system(false)));
    assert!(nobody(&from("no-reply@us.greenhouse-mail.example"), &system(true)));
    message.header.automatic.report = true;
    assert!(nobody(&message, &system(true)));
}

#[test]
fn reply_to_is_honoured_within_one_organisation_only() {
    let with = |sender: &str, reply_to: &str| {
        let mut message = from(sender);
        message.header.reply_to = vec![mailbox(reply_to)];
        let addressing = decided(&message, &Findings::default());
        (addressing.addressee, addressing.warnings)
    };
    let person = |address: &str| (Addressee::Person(mailbox(address)), vec![]);
    let elsewhere = (Addressee::Nobody, vec![Warning::ReplyToElsewhere]);
    assert_eq!(with("no-reply@mail.firm.co.uk", "anna@firm.co.uk"), person("anna@firm.co.uk"));
    assert_eq!(with("anna@firm.co.uk", "anna@evil.co.uk"), elsewhere);
    assert_eq!(with("anna@firm.example", "anna@firm.example.evil.com"), elsewhere);
    assert_eq!(with("anna@gmail.com", "other@gmail.com"), elsewhere, "a provider is no employer");
    assert_eq!(with("anna@gmail.com", "Anna@gmail.com"), person("Anna@gmail.com"));
}

#[test]
fn an_uncertain_sender_is_nobody_also_through_the_back_door() {
    let history = [EarlierContact {
        mailbox: mailbox("anna@firm.example"),
        at: Timestamp::UNIX_EPOCH,
        message: MessageNo::new(1).unwrap(),
    }];
    let ask = |message: &Message, authserv: Option<&str>| {
        decide(message, &Findings::default(), &history, &own(), authserv)
    };
    let with = |results: &[&str]| {
        let mut message = from("anna@firm.example");
        message.header.authentication_results = results.iter().map(|it| (*it).to_owned()).collect();
        message
    };
    let failed = with(&["mx.mine.example; spf=pass; dmarc=fail (p=NONE) header.from=firm.example"]);
    for authserv in [None, Some("MX.mine.example")] {
        let addressing = ask(&failed, authserv);
        assert_eq!(addressing.addressee, Addressee::Nobody);
        assert_eq!(addressing.warnings, [Warning::DmarcFailed]);
    }
    let spaced = with(&["mx.mine.example;\tdmarc = fail"]);
    assert_eq!(ask(&spaced, None).warnings, [Warning::DmarcFailed]);
    for harmless in [
        with(&["mx.mine.example; dmarc=pass", "evil.example; dmarc=fail"]),
        with(&["mx.mine.example; dmarc=pass (was dmarc=fail; dmarc=fail)"]),
        with(&["mx.mine.example 1; spf=fail reason=\"dmarc=failed\"; dmarc=none"]),
    ] {
        assert_eq!(ask(&harmless, None).warnings, [], "{harmless:?}");
    }
    assert_eq!(ask(&failed, Some("other.example")).warnings, [], "not the user's provider");

    let mut several = from("anna@firm.example");
    several.header.from.push(mailbox("evil@evil.example"));
    let addressing = ask(&several, None);
    assert_eq!(
        (addressing.addressee, addressing.warnings),
        (Addressee::Nobody, vec![Warning::SeveralFrom])
    );
    several.header.from.clear();
    assert_eq!(ask(&several, None).addressee, Addressee::Nobody);
}

#[test]
fn somebody_from_earlier_stands_in_for_a_machine() {
    let contact = |address: &str, second: i64| EarlierContact {
        mailbox: mailbox(address),
        at: Timestamp::from_second(second).unwrap(),
        message: MessageNo::new(1).unwrap(),
    };
    let history = [
        contact("old@firm.example", 1),
        contact("anna@firm.example", 3),
        contact("mid@firm.example", 2),
        contact("no-reply@firm.example", 4),
        contact("jo@applicant.example", 5),
    ];
    let ask = |sender: &str| decide(&from(sender), &Findings::default(), &history, &own(), None);
    let addressing = ask("no-reply@firm.example");
    assert_eq!(addressing.addressee, Addressee::Earlier(mailbox("anna@firm.example")));
    assert!(addressing.why.contains("new mail"), "{}", addressing.why);
    assert_eq!(ask("bob@firm.example").addressee, Addressee::Person(mailbox("bob@firm.example")));
}

#[test]
fn a_mailbox_that_the_mail_names_goes_first_if_it_is_the_senders() {
    let named = |address: &str| Findings {
        write_to: Some(Found::new(mailbox(address), "write to")),
        ..Findings::default()
    };
    let ask = |address: &str| decided(&from("no-reply@firm.example"), &named(address)).addressee;
    assert_eq!(ask("hr@jobs.firm.example"), Addressee::Person(mailbox("hr@jobs.firm.example")));
    assert_eq!(ask("hr@evil.com"), Addressee::Nobody);
    assert_eq!(ask("noreply@firm.example"), Addressee::Nobody);
}

#[test]
fn a_mail_that_was_not_sent_to_the_user_carries_a_warning() {
    let mut message = from("anna@firm.example");
    message.header.to = vec![mailbox("list@firm.example")];
    assert_eq!(decided(&message, &Findings::default()).warnings, [Warning::NotAddressedToUser]);
    message.header.delivered_to = own();
    assert_eq!(decided(&message, &Findings::default()).warnings, []);
}

#[test]
fn a_domain_that_imitates_an_earlier_contact_is_not_answered() {
    let contact = |address: &str| EarlierContact {
        mailbox: mailbox(address),
        at: Timestamp::UNIX_EPOCH,
        message: MessageNo::new(1).unwrap(),
    };
    let decide = |history: &[EarlierContact]| {
        decide(&from("anna@l1ndgren.com"), &Findings::default(), history, &own(), None)
    };
    let addressing = decide(&[contact("anna@lindgren.com")]);
    assert_eq!(addressing.addressee, Addressee::Nobody);
    assert_eq!(addressing.warnings, [Warning::LookAlike]);
    assert!(addressing.why.contains("l1ndgren.com looks like lindgren.com"), "{}", addressing.why);
    let both = [contact("anna@lindgren.com"), contact("otto@l1ndgren.com")];
    assert!(matches!(decide(&both).addressee, Addressee::Person(_)), "both are known");
    assert!(matches!(decide(&[contact("a@other.com")]).addressee, Addressee::Person(_)));
}
