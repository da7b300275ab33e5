//! A mail whose every visible part would like to steer the terminal.

use crate::support::mails::{days_ago, rejection};
use crate::support::story::number;
use crate::support::world::World;

/// Everything that a terminal could be steered with: window title, colours, erased lines,
/// turned text, a clipboard, C1 controls, a bell.
const ATTACK: &str = "\u{1b}]0;pwned\u{7}\u{1b}[2J\u{202E}\u{9b}31m\u{1b}]52;c;aGk=\u{7}\r\u{8}";

/// Written out here once more on purpose: the gate must not define its own measure.
fn steers(c: char) -> bool {
    let code = c as u32;
    (code < 0x20 && c != '\n')
        || (0x7f..=0x9f).contains(&code)
        || [0x61c, 0x200e, 0x200f, 0x2028, 0x2029].contains(&code)
        || (0x202a..=0x202e).contains(&code)
        || (0x2066..=0x2069).contains(&code)
}

fn encoded(text: &str) -> String {
    use base64::Engine;
    format!("=?utf-8?B?{}?=", base64::engine::general_purpose::STANDARD.encode(text))
}

/// The rejection of the stories with the attack in names, subject and text.
fn mail(world: &World) -> String {
    rejection(world)
        .replace("From: Nora Lindgren", &format!("From: {}", encoded(&format!("Nora{ATTACK}"))))
        .replace(
            "Subject: Your interview",
            &format!("Subject: {} Your interview", encoded(&format!("Hi{ATTACK}"))),
        )
        .replace("It was not", &format!("{}It was not", ATTACK.replace('\r', "")))
        .replace("Nora Lindgren\nLindgren", &format!("Nora {}\nLindgren", ATTACK.replace('\r', "")))
}

/// A mail that is asked about rather than answered.
fn unclear(world: &World) -> String {
    format!(
        "Date: {}\nFrom: {} <x@firm0.example>\nTo: {}\nSubject: {} your application\n\
         Message-ID: <q@firm0.example>\n\nUnfortunately {ATTACK} the position.\n",
        days_ago(0),
        encoded(ATTACK),
        world.applicant(),
        encoded(ATTACK),
    )
}

/// Commands that show the mail, or are given something hostile themselves.
const LOOKS: &[&[&str]] = &[
    &["desk"],
    &["desk", "--all", "--cooling"],
    &["explain", "m1"],
    &["explain", "m2"],
    &["explain", "odd\u{1b}[31m.eml"],
    &["scan", "odd\u{1b}[31m.eml", "Maildir"],
    &["scan", "no\u{1b}[31mwhere"],
    &["explain", "no\u{1b}[31mwhere"],
    &["stats"],
    &["status"],
    &["check"],
    &["find"],
    &["rescan", "--all"],
    &["draft", "m2"],
    &["draft", "m1", "--intent", "\u{1b}[31m"],
    &["draft", "--try", "\u{1b}[31m.txt", "m1"],
    &["remind"],
    &["feedback", "--all"],
    &["feedback", "m1", "--tag", "\u{1b}[31m"],
    &["wins"],
    &["rules", "check"],
    &["rules", "eval", "\u{1b}[31m"],
    &["forget", "--account", "\u{1b}[31m", "--yes"],
    &["forget", "--application", "\u{1b}[31m"],
    &["backup", "copy\u{1b}[31m.db"],
    &["backup", "no\u{1b}[31m/where"],
    &["secret", "set", "\u{1b}[31m", "imap"],
    &["show", "\u{1b}[31m"],
    &["\u{1b}[31m"],
    &["desk", "--config", "\u{1b}[31m"],
    &["correct", "m2", "\u{1b}[31m"],
    &["pause", "--until", "\u{1b}[31m"],
];

#[test]
fn no_command_prints_what_steers_a_terminal() {
    let world = World::local();
    world.write_private("odd\u{1b}[31m.eml", &mail(&world));
    let daemon = world.daemon();
    world.deliver(&mail(&world));
    world.deliver(&unclear(&world));
    let reply = number(&world.until_reply_is("drafted"));
    let mut seen = 0;
    let mut look = |arguments: &[&str]| {
        for json in [false, true] {
            let mut words = arguments.to_vec();
            if json {
                words.push("--json");
            }
            let ran = world.cli(&words);
            for text in [&ran.stdout, &ran.stderr] {
                let bad: Vec<String> = text
                    .lines()
                    .filter(|line| line.contains(steers))
                    .map(|l| format!("{l:?}"))
                    .collect();
                assert!(bad.is_empty(), "{words:?}: {bad:#?}");
            }
            seen += usize::from(ran.stdout.contains("Hi") || ran.stdout.contains("Nora"));
        }
    };
    let of_reply = [
        &["show", &reply][..],
        &["remind", &reply, "3", "months"],
        &["remind", &reply, "\u{1b}[31m"],
        &["forget", "--application", &reply],
        &["snooze", &reply, "\u{1b}[31m"],
        &["approve", &reply],
        &["desk", "--all"],
        &["review"],
    ];
    for arguments in LOOKS.iter().copied().chain(of_reply) {
        look(arguments);
    }
    assert!(seen >= 5, "the mail was shown {seen} times only");
    let log = daemon.log();
    assert!(!log.contains(steers), "{log:?}");
}

/// A server that would like to steer the terminal of whoever reads its errors.
async fn rude(mut line: crate::support::scripted::Line) {
    let words = ATTACK.replace('\r', "");
    line.say(&format!("* OK {words}\r\n")).await;
    line.answer("CAPABILITY", "* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n").await;
    let tag = line.expect("AUTHENTICATE PLAIN").await;
    line.say("+ \r\n").await;
    line.hear().await;
    line.say(&format!("{tag} NO [AUTHENTICATIONFAILED] {words} go away\r\n")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_word_of_a_server_steers_a_terminal() {
    let Some(server) = crate::support::scripted::Scripted::tls(rude).await else { return };
    let mut world = World::local();
    world.unset("account.main.maildir");
    world.write_private("secret", "pw");
    for (key, value) in [
        ("host", "localhost".to_owned()),
        ("login", "alex".to_owned()),
        ("ca_file", server.ca_file().display().to_string()),
    ] {
        world.set(&format!("account.main.imap.{key}"), value);
    }
    world.set("account.main.imap.port", i64::from(server.port));
    world.set("account.main.imap.secret.file", world.path("secret").display().to_string());
    let commands = ["check", "run --once", "status", "find", "check --json", "status --json"];
    let mut told = 0;
    for command in commands {
        let ran = world.cli(&command.split(' ').collect::<Vec<_>>());
        let text = format!("{}{}", ran.stdout, ran.stderr);
        assert!(!text.contains(steers), "{command}: {text:?}");
        told += usize::from(text.contains("go away"));
    }
    assert!(told >= 3, "the server was quoted {told} times only");
}
