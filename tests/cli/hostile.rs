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
    for arguments in [
        &["desk"][..],
        &["desk", "--all", "--cooling"],
        &["show", &reply],
        &["explain", "m1"],
        &["explain", "m2"],
        &["explain", "odd\u{1b}[31m.eml"],
        &["scan", "odd\u{1b}[31m.eml", "Maildir"],
        &["scan", "no\u{1b}[31mwhere"],
        &["explain", "no\u{1b}[31mwhere"],
        &["stats"],
        &["status"],
        &["check"],
        &["secret", "set", "\u{1b}[31m", "imap"],
        &["show", "\u{1b}[31m"],
        &["\u{1b}[31m"],
        &["desk", "--config", "\u{1b}[31m"],
        &["correct", "m2", "\u{1b}[31m"],
        &["snooze", &reply, "\u{1b}[31m"],
        &["approve", &reply],
        &["desk", "--all"],
    ] {
        look(arguments);
    }
    assert!(seen >= 5, "the mail was shown {seen} times only");
    let log = daemon.log();
    assert!(!log.contains(steers), "{log:?}");
}
