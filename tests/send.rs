//! One approved mail onto the wire, once: through a real Postfix, and against a server
//! that fails at each step in each way.

mod matrix;
mod programs;

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jiff::tz::TimeZone;
use regards::draft::{clean, compose};
use regards::model::address::Mailbox;
use regards::model::ids::{AccountNo, ApplicationNo, MessageNo, ReplyNo};
use regards::model::mail::{Draft, Envelope, Intent, Origin, Outcome, Route};
use regards::model::reply::{Claim, Reply, ReplyEvent, ReplyState};
use regards::send::smtp::{Auth, Settings, Tls};
use regards::send::{self, CheckError, Parcel, Timeouts, Transport};

use crate::support::certificates::{Authority, Validity};
use crate::support::ports::free_port;
use crate::support::postfix::{PASSWORD, Postfix};
use crate::support::smtp::{At, Fault, Scripted, in_clear};
use crate::support::{has, missing};

const TEXT: &str = "Dear Anna Müller,\n\nthank you — \"naïve\" = fine.\n.\n..two dots\nFrom here on: a line that is rather long, \
                    so that quoted-printable has to break it somewhere, however it likes to do so.\n\nKind regards\nJo\n";

fn draft() -> Draft {
    let address = |text: &str| text.parse().unwrap();
    Draft {
        route: Route { mailbox: "jo@imap".into(), transport: "smtp:jo@localhost:465".into() },
        envelope: Envelope {
            from: address("jo@applicant.example"),
            to: vec![address("anna@firm.example")],
        },
        from: Mailbox::new(Some("Jo Bewerber"), address("jo@applicant.example")),
        to: Mailbox::new(Some("Müller, Anna"), address("anna@firm.example")),
        subject: clean::header_text("Re: Ihre Bewerbung als Köchin (m/w/d) – unsere Rückmeldung"),
        in_reply_to: Some("parent.4711@firm.example".parse().unwrap()),
        references: vec![
            "first@applicant.example".parse().unwrap(),
            "parent.4711@firm.example".parse().unwrap(),
        ],
        message_id: compose::new_message_id([7; 16], "applicant.example").unwrap(),
        text: TEXT.into(),
        intent: Intent::Thanks,
        origin: Origin::default(),
    }
}

fn claim_of(draft: Draft) -> Claim {
    let now = "2026-11-21T10:00:00Z".parse().unwrap();
    let digest = compose::digest(&draft).unwrap();
    let approved = ReplyState::Drafted { draft: Box::new(draft), since: now }
        .on(ReplyEvent::Approved { seen: digest, now_is: digest, by: "test".into(), due: now }, now)
        .unwrap();
    let reply = Reply {
        no: ReplyNo::new(1).unwrap(),
        application: ApplicationNo::new(1).unwrap(),
        parent: MessageNo::new(1).unwrap(),
        account: AccountNo::new(1).unwrap(),
        chosen: None,
        wanted: None,
        follows: None,
        state: approved.on(ReplyEvent::Claimed, now).unwrap(),
        version: 1,
        notice: None,
    };
    reply.claim().unwrap()
}

fn parcel_of(draft: Draft) -> Parcel {
    let claim = claim_of(draft);
    let bytes = compose::bytes_for(&claim, &TimeZone::get("Europe/Berlin").unwrap()).unwrap();
    Parcel::new(claim, bytes).unwrap()
}

fn settings(port: u16, tls: Tls, authority: &Authority) -> Settings {
    Settings {
        host: "localhost".into(),
        port,
        tls,
        ca_file: Some(authority.ca_file()),
        login: "jo@applicant.example".into(),
        auth: Auth::Password(PASSWORD.into()),
        ehlo: "applicant.example".into(),
    }
}

/// Long enough for a busy machine, short enough for a test.
fn limits() -> Timeouts {
    let limit = Duration::from_secs(4);
    Timeouts {
        connect: limit,
        tls: limit,
        greeting: limit,
        hello: limit,
        envelope: limit,
        data: limit,
        body: limit,
        dot: limit,
        quit: limit,
        command: limit,
    }
}

async fn send_it(draft: Draft, transport: &Transport, limits: &Timeouts) -> (Outcome, usize) {
    let begun = AtomicUsize::new(0);
    let outcome = send::send(parcel_of(draft), transport, limits, || async {
        begun.fetch_add(1, Ordering::SeqCst);
        Ok::<(), String>(())
    })
    .await;
    (outcome, begun.into_inner())
}

/// What another parser reads from a mail: field names in order, then the values.
fn read_by_python(path: &Path) -> serde_json::Value {
    const SCRIPT: &str = "
import email, email.policy, json, sys
mail = email.message_from_binary_file(open(sys.argv[1], 'rb'), policy=email.policy.default)
print(json.dumps({
    'names': mail.keys(), 'subject': mail['subject'], 'in_reply_to': mail['in-reply-to'],
    'references': mail['references'], 'message_id': mail['message-id'], 'date': mail['date'],
    'from': [[a.display_name, a.addr_spec] for a in mail['from'].addresses],
    'to': [[a.display_name, a.addr_spec] for a in mail['to'].addresses],
    'type': mail.get_content_type(), 'charset': mail.get_content_charset(),
    'text': mail.get_content(), 'defects': [str(d) for d in mail.defects],
}))";
    let output = Command::new("python3").args(["-c", SCRIPT]).arg(path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn assert_is_the_draft(path: &Path, draft: &Draft) {
    let mail = read_by_python(path);
    let own: Vec<&str> = mail["names"]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap())
        .filter(|name| !["Return-Path", "Received", "X-Original-To", "Delivered-To"].contains(name))
        .collect();
    assert_eq!(
        own,
        [
            "Date",
            "From",
            "To",
            "Subject",
            "Message-ID",
            "In-Reply-To",
            "References",
            "MIME-Version",
            "Content-Type",
            "Content-Transfer-Encoding"
        ],
        "no header of our own"
    );
    let mailbox = |it: &Mailbox| serde_json::json!([[it.name.as_deref().unwrap(), it.address]]);
    assert_eq!(mail["from"], mailbox(&draft.from));
    assert_eq!(mail["to"], mailbox(&draft.to));
    assert_eq!(mail["subject"], draft.subject.as_str());
    assert_eq!(mail["in_reply_to"], draft.in_reply_to.as_ref().unwrap().to_string());
    let references: Vec<String> = draft.references.iter().map(ToString::to_string).collect();
    assert_eq!(mail["references"], references.join(" "));
    assert_eq!(mail["message_id"], draft.message_id.to_string());
    assert_eq!(mail["date"], "Sat, 21 Nov 2026 11:00:00 +0100");
    assert_eq!((&mail["type"], &mail["charset"]), (&"text/plain".into(), &"utf-8".into()));
    assert_eq!(mail["text"], draft.text);
    assert_eq!(mail["defects"], serde_json::json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_arrives_through_postfix_exactly_as_drafted() {
    if !has(&["openssl"]) {
        return;
    }
    let authority = Authority::new();
    let issued = authority.issue("localhost", Validity::Now);
    let postfix = match Postfix::start(&["anna@firm.example", "jo@applicant.example"], &issued) {
        Ok(postfix) => postfix,
        Err(what) => return missing(&what),
    };
    for (count, (port, tls)) in
        [(postfix.smtps, Tls::Implicit), (postfix.submission, Tls::StartTls)]
            .into_iter()
            .enumerate()
    {
        let transport = Transport::Smtp(settings(port, tls, &authority));
        let mut draft = draft();
        draft.message_id = compose::new_message_id([count as u8; 16], "applicant.example").unwrap();
        let (outcome, begun) = send_it(draft.clone(), &transport, &Timeouts::default()).await;
        assert!(
            matches!(&outcome, Outcome::Accepted(words) if words.contains("queued")),
            "{outcome:?}"
        );
        assert_eq!(begun, 1);
        let mails = postfix.wait_for_mails("anna@firm.example", count + 1);
        let id = draft.message_id.to_string();
        let mail = mails.iter().find(|it| std::fs::read_to_string(it).unwrap().contains(&id));
        assert_is_the_draft(mail.unwrap(), &draft);

        let report = send::check(&transport, &Timeouts::default()).await.unwrap();
        assert_eq!(
            (report.server.as_str(), report.max_bytes),
            ("mail.test.example", Some(10_240_000))
        );
    }
    assert_eq!(postfix.mails("anna@firm.example").len(), 2, "the check sends nothing");

    // A password that is wrong, a recipient who is unknown, a certificate that nobody signed.
    let wrong = Settings {
        auth: Auth::Password("wrong".into()),
        ..settings(postfix.smtps, Tls::Implicit, &authority)
    };
    let (outcome, begun) =
        send_it(draft(), &Transport::Smtp(wrong.clone()), &Timeouts::default()).await;
    assert!(matches!(&outcome, Outcome::LoginRefused(why) if why.contains("535")), "{outcome:?}");
    assert_eq!(begun, 0);
    let checked = send::check(&Transport::Smtp(wrong), &Timeouts::default()).await;
    assert!(matches!(checked, Err(CheckError::LoginRefused(_))), "{checked:?}");

    let mut to_nobody = draft();
    to_nobody.to = Mailbox::bare("nobody@firm.example".parse().unwrap());
    to_nobody.envelope.to = vec![to_nobody.to.address.clone()];
    let good = Transport::Smtp(settings(postfix.smtps, Tls::Implicit, &authority));
    let (outcome, begun) = send_it(to_nobody, &good, &Timeouts::default()).await;
    assert!(
        matches!(&outcome, Outcome::Refused(why) if why.starts_with("550 5.1.1")),
        "{outcome:?}"
    );
    assert_eq!(begun, 0, "nothing of the body is given away");
    assert_eq!(postfix.mails("anna@firm.example").len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_cannot_be_trusted_ends_it_in_a_sentence() {
    if !has(&["openssl"]) {
        return;
    }
    let authority = Authority::new();
    let stranger = Authority::new();
    for (issued, trusted, says) in [
        (authority.issue("localhost", Validity::Expired), &authority, "has expired"),
        (authority.issue("other.example", Validity::Now), &authority, "for another name"),
        (authority.issue("localhost", Validity::Now), &stranger, "nobody trusted here has signed"),
    ] {
        let server = Scripted::start(&issued, At::Never, Fault::Close).await;
        let transport = Transport::Smtp(settings(server.port, Tls::Implicit, trusted));
        let (outcome, begun) = send_it(draft(), &transport, &limits()).await;
        assert!(matches!(&outcome, Outcome::NoContact(why) if why.contains(says)), "{outcome:?}");
        assert_eq!(begun, 0);
    }
}

/// The rows are moments, the columns faults, written before the code that it judges:
/// N no contact, P the account pauses, I interrupted, D deferred, R refused, L lost sight,
/// A accepted.
const TABLE: [(At, &str); 9] = [
    //              reset close stall 4yz 5yz garbage half
    (At::Greeting, "NNNNNNN"),
    (At::Ehlo, "NNNNNNN"),
    (At::Auth, "NNNNPNN"),
    (At::Mail, "IIIDRII"),
    (At::Rcpt, "IIIDRII"),
    (At::Data, "IIIDRII"),
    (At::Body, "LLLDRLL"),
    (At::Dot, "LLLDRLL"),
    (At::Quit, "AAAAAAA"),
];

const FAULTS: [Fault; 7] = [
    Fault::Reset,
    Fault::Close,
    Fault::Stall,
    Fault::Temporary,
    Fault::Permanent,
    Fault::Garbage,
    Fault::Half,
];

fn letter(outcome: &Outcome) -> char {
    match outcome {
        Outcome::Accepted(_) => 'A',
        Outcome::NoContact(_) => 'N',
        Outcome::LoginRefused(_) => 'P',
        Outcome::Deferred(_) => 'D',
        Outcome::Refused(_) => 'R',
        Outcome::Interrupted(_) => 'I',
        Outcome::Unnoted(_) => 'U',
        Outcome::LostSight(_) => 'L',
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_at_each_moment_means_what_the_table_says() {
    if !has(&["openssl"]) {
        return;
    }
    let authority = Authority::new();
    let issued = Arc::new(authority.issue("localhost", Validity::Now));
    let authority = Arc::new(authority);
    let mut cells = tokio::task::JoinSet::new();
    for (at, letters) in TABLE {
        for (fault, expected) in FAULTS.into_iter().zip(letters.chars()) {
            let (issued, authority) = (Arc::clone(&issued), Arc::clone(&authority));
            cells.spawn(async move {
                let server = Scripted::start(&issued, at, fault).await;
                let transport = Transport::Smtp(settings(server.port, Tls::Implicit, &authority));
                let (outcome, begun) = send_it(draft(), &transport, &limits()).await;
                let body_is_out = matches!(at, At::Body | At::Dot | At::Quit);
                let told = (letter(&outcome), begun, server.body_bytes() > 0);
                let meant = (expected, usize::from(body_is_out), body_is_out);
                (told != meant)
                    .then(|| format!("{at:?} {fault:?}: {told:?}, not {meant:?}: {outcome:?}"))
            });
        }
    }
    let wrong: Vec<String> = cells.join_all().await.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// RFC 5321 section 4.1.1.10. Whom nobody answered any more nobody takes leave of.
#[tokio::test(flavor = "multi_thread")]
async fn who_was_answered_says_quit() {
    if !has(&["openssl"]) {
        return;
    }
    let authority = Authority::new();
    let issued = authority.issue("localhost", Validity::Now);
    for (at, fault, expected, farewells) in [
        (At::Never, Fault::Close, 'A', 1),
        (At::Rcpt, Fault::Permanent, 'R', 1),
        (At::Dot, Fault::Temporary, 'D', 1),
        (At::Dot, Fault::Garbage, 'L', 0),
    ] {
        let server = Scripted::start(&issued, at, fault).await;
        let transport = Transport::Smtp(settings(server.port, Tls::Implicit, &authority));
        let (outcome, _) = send_it(draft(), &transport, &limits()).await;
        assert_eq!((letter(&outcome), server.farewells()), (expected, farewells), "{at:?}");
    }
    let server = Scripted::start(&issued, At::Never, Fault::Close).await;
    let transport = Transport::Smtp(settings(server.port, Tls::Implicit, &authority));
    send::check(&transport, &limits()).await.unwrap();
    assert_eq!(server.farewells(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_in_another_charset_is_still_a_reply() {
    if !has(&["openssl"]) {
        return;
    }
    let authority = Authority::new();
    let issued = authority.issue("localhost", Validity::Now);
    let server = Scripted::start(&issued, At::Dot, Fault::Latin1).await;
    let transport = Transport::Smtp(settings(server.port, Tls::Implicit, &authority));
    let (outcome, _) = send_it(draft(), &transport, &limits()).await;
    assert!(matches!(&outcome, Outcome::Refused(why) if why.contains("unbekannt")), "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_logs_in_and_its_refusal_keeps_the_servers_reason() {
    if !has(&["openssl"]) {
        return;
    }
    let authority = Authority::new();
    let issued = authority.issue("localhost", Validity::Now);
    for (at, fault, expected) in [(At::Never, Fault::Close, 'A'), (At::Auth, Fault::Challenge, 'P')]
    {
        let server = Scripted::start(&issued, at, fault).await;
        let settings = Settings {
            auth: Auth::XOAuth2("ya29.token".into()),
            ..settings(server.port, Tls::Implicit, &authority)
        };
        assert!(!format!("{settings:?}").contains("ya29"), "no secret in Debug");
        let (outcome, _) = send_it(draft(), &Transport::Smtp(settings), &limits()).await;
        assert_eq!(letter(&outcome), expected, "{outcome:?}");
        if let Outcome::LoginRefused(why) = outcome {
            assert!(why.contains("invalid_token") && why.contains("535"), "{why}");
        }
        // base64 of "user=jo@applicant.example^Aauth=Bearer ya29.token^A^A"
        let meant =
            "AUTH XOAUTH2 dXNlcj1qb0BhcHBsaWNhbnQuZXhhbXBsZQFhdXRoPUJlYXJlciB5YTI5LnRva2VuAQE=";
        assert_eq!(server.login(), meant);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_the_body_leaves_when_its_beginning_cannot_be_noted() {
    if !has(&["openssl"]) {
        return;
    }
    let authority = Authority::new();
    let issued = authority.issue("localhost", Validity::Now);
    let server = Scripted::start(&issued, At::Never, Fault::Close).await;
    let transport = Transport::Smtp(settings(server.port, Tls::Implicit, &authority));
    let outcome =
        send::send(parcel_of(draft()), &transport, &limits(), || async { Err("the disk is full") })
            .await;
    assert!(matches!(&outcome, Outcome::Unnoted(why) if why.contains("disk is full")));
    assert_eq!(server.body_bytes(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_encryption_no_password_is_said() {
    if !has(&["openssl"]) {
        return;
    }
    let authority = Authority::new();
    let stories: [(&'static [&'static str], &str); 4] = [
        (
            &["220 hello\r\n", "250-here\r\n250 AUTH PLAIN\r\n", "220 -\r\n"],
            "does not offer STARTTLS",
        ),
        (&["220 hello\r\n", "250-here\r\n250 STARTTLS\r\n", "454 not now\r\n"], "454 not now"),
        (
            // What stands behind the answer came in clear: somebody on the way put it there.
            &[
                "220 hello\r\n",
                "250-here\r\n250 STARTTLS\r\n",
                "220 go\r\n250-evil\r\n250 AUTH PLAIN\r\n",
            ],
            "answered what it was not asked",
        ),
        (
            &["220 hello\r\n", "250-here\r\n250 STARTTLS\r\n", "220 go\r\n", "no TLS\r\n"],
            "does not speak TLS",
        ),
    ];
    for (replies, says) in stories {
        let (port, heard) = in_clear(replies).await;
        let transport = Transport::Smtp(settings(port, Tls::StartTls, &authority));
        let (outcome, begun) = send_it(draft(), &transport, &limits()).await;
        assert!(matches!(&outcome, Outcome::NoContact(why) if why.contains(says)), "{outcome:?}");
        assert_eq!(begun, 0);
        assert!(!heard.await.unwrap().contains("AUTH"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_is_no_contact() {
    if !has(&["openssl"]) {
        return;
    }
    let authority = Authority::new();
    let free = free_port();
    let transport = Transport::Smtp(settings(free, Tls::Implicit, &authority));
    let (outcome, begun) = send_it(draft(), &transport, &limits()).await;
    assert!(
        matches!(&outcome, Outcome::NoContact(why) if why.contains("Connection refused")),
        "{outcome:?}"
    );
    assert_eq!(begun, 0);
    let nowhere = Settings {
        host: "smtp.nowhere.invalid".to_owned(),
        ..settings(free, Tls::Implicit, &authority)
    };
    let (outcome, _) = send_it(draft(), &Transport::Smtp(nowhere), &limits()).await;
    let said =
        format!("Cannot reach smtp.nowhere.invalid:{free}: no host named smtp.nowhere.invalid");
    assert_eq!(outcome, Outcome::NoContact(said));
}

#[test]
fn bytes_of_another_mail_are_not_taken() {
    let mut other = draft();
    other.message_id = compose::new_message_id([9; 16], "applicant.example").unwrap();
    let bytes = compose::bytes_for(&claim_of(other), &TimeZone::UTC).unwrap();
    assert!(Parcel::new(claim_of(draft()), bytes.clone()).is_err());
    let mine = compose::bytes_for(&claim_of(draft()), &TimeZone::UTC).unwrap();
    assert!(Parcel::new(claim_of(draft()), mine.clone()).is_ok());
    let bare = [mine.as_slice(), b"\n.\r\nMAIL FROM:<x@y.example>\r\n"].concat();
    assert!(Parcel::new(claim_of(draft()), bare).is_err(), "a bare LF could end the mail");
}
