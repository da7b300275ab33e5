//! IMAP against servers that break the rules, one fault each.

use std::sync::atomic::Ordering;
use std::time::Duration;

use regards::source::Contact;
use regards::source::imap::{ImapError, Refusal, Settings, Tls};

use super::recorder::{Recorder, Watching, run_once, settings};
use crate::support::scripted::{Line, Scripted};

fn settings_of(server: &Scripted) -> Settings {
    settings(server.port, server.ca_file())
}

/// Plays a script for one catching up; what came of it, and what was recorded.
async fn outcome<F, Play>(script: F) -> Option<(Result<u64, ImapError>, super::recorder::Record)>
where
    F: Fn(Line) -> Play + Send + 'static,
    Play: Future<Output = ()> + Send + 'static,
{
    let server = Scripted::tls(script).await?;
    let intake = Recorder::new();
    let result = run_once(settings_of(&server), "pw", &intake).await;
    Some((result.map(|summary| summary.admitted), intake.record()))
}

/// The answer to a command that gets no further.
#[derive(Clone, Copy)]
enum Fault {
    No,
    Bad,
    Bye,
    Eof,
    Cut,
}

impl Fault {
    const ALL: [Fault; 5] = [Fault::No, Fault::Bad, Fault::Bye, Fault::Eof, Fault::Cut];

    async fn play(self, line: &mut Line, command: &str) {
        let tag = line.expect(command).await;
        match self {
            Fault::No => line.say(&format!("{tag} NO [SERVERBUG] not today\r\n")).await,
            Fault::Bad => line.say(&format!("{tag} BAD\r\n")).await,
            Fault::Bye => line.say("* BYE going down\r\n").await,
            Fault::Eof => line.close().await,
            Fault::Cut => {}
        }
    }

    fn is(self, error: &ImapError) -> bool {
        match self {
            Fault::No => matches!(error, ImapError::No { .. }),
            Fault::Bad => matches!(error, ImapError::Bad { .. }),
            Fault::Bye => matches!(error, ImapError::Bye { .. }),
            Fault::Eof | Fault::Cut => matches!(error, ImapError::Lost { .. }),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_bad_bye_and_eof_are_never_an_empty_success() {
    for fault in Fault::ALL {
        for stage in ["LIST", "EXAMINE", "UID SEARCH"] {
            let played = outcome(move |mut line| async move {
                line.login("").await;
                if stage != "LIST" {
                    line.answer("LIST", "* LIST () \"/\" INBOX\r\n").await;
                }
                if stage == "UID SEARCH" {
                    line.examine(1).await;
                }
                fault.play(&mut line, stage).await;
            });
            let Some((result, record)) = played.await else { return };
            let error = result.unwrap_err();
            assert!(fault.is(&error), "{stage}: {error:?}");
            assert!(record.cursors.is_empty(), "{stage}: {record:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fetch_that_breaks_moves_no_cursor() {
    for fault in [Fault::Bad, Fault::Bye, Fault::Eof, Fault::Cut] {
        let played = outcome(move |mut line| async move {
            line.login("").await;
            line.open_inbox(2).await;
            line.answer("UID SEARCH", "* SEARCH 5 6\r\n").await;
            fault.play(&mut line, "UID FETCH 5,6 (UID RFC822.SIZE BODY.PEEK[]<0.90112>)").await;
        });
        let Some((result, record)) = played.await else { return };
        assert!(fault.is(&result.unwrap_err()));
        assert!(record.cursors.is_empty() && record.messages.is_empty(), "{record:?}");
    }
}

/// One FETCH line with its body.
fn fetched(uid: u64, text: &str) -> String {
    let size = text.len();
    format!("* 1 FETCH (UID {uid} RFC822.SIZE {size} BODY[]<0> {{{size}}}\r\n{text})\r\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn one_broken_message_costs_only_itself() {
    let played = outcome(|mut line| async move {
        line.login("").await;
        line.open_inbox(3).await;
        line.answer("UID SEARCH", "* SEARCH 5 6 7\r\n").await;
        Fault::No.play(&mut line, "UID FETCH 5,6,7 ").await;
        line.answer("UID FETCH 5 ", &fetched(5, "A: b\r\n\r\nfive")).await;
        Fault::No.play(&mut line, "UID FETCH 6 ").await;
        line.answer("UID FETCH 7 ", &fetched(7, "A: b\r\n\r\nseven")).await;
        line.answer("LOGOUT", "* BYE\r\n").await;
    });
    let Some((result, record)) = played.await else { return };
    assert_eq!(result.unwrap(), 2);
    assert_eq!((record.uids("INBOX"), record.unreadable), (vec![5, 7], vec![6]));
    assert_eq!(record.cursors["INBOX"].uid_next, 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_expunged_before_the_fetch_is_passed_over_without_losing_others() {
    let played = outcome(|mut line| async move {
        line.login("").await;
        line.open_inbox(3).await;
        line.answer("UID SEARCH", "* SEARCH 5 6 4000000000\r\n").await;
        let answer = format!("* 1 EXPUNGE\r\n{}* 2 FETCH (FLAGS (\\Seen))\r\n", fetched(6, "six"));
        line.answer("UID FETCH", &answer).await;
        line.answer("LOGOUT", "* BYE\r\n").await;
    });
    let Some((result, record)) = played.await else { return };
    assert_eq!(result.unwrap(), 1);
    assert_eq!(record.uids("INBOX"), [6]);
    // Not behind the UID from the future that was listed and never came.
    assert_eq!(record.cursors["INBOX"].uid_next, 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_untagged_no_is_a_warning_and_not_the_end() {
    let played = outcome(|mut line| async move {
        line.login("").await;
        line.answer("LIST", "* NO disk nearly full\r\n* LIST () \"/\" INBOX\r\n").await;
        let tag = line.expect("EXAMINE").await;
        line.say("* NO [ALERT] mailbox is old\r\n* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n").await;
        line.say(&format!("{tag} OK [READ-ONLY] open\r\n")).await;
        line.answer("UID SEARCH", "* NO index rebuilt\r\n* SEARCH 5\r\n").await;
        line.answer("UID FETCH", &fetched(5, "five")).await;
        line.answer("LOGOUT", "* BYE\r\n").await;
    });
    let Some((result, _)) = played.await else { return };
    assert_eq!(result.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_answers_are_cut_off_by_name() {
    let endless = format!("* OK {}", "x".repeat(600_000));
    let deep = format!("* 1 FETCH (UID 5 BODYSTRUCTURE {}", "(".repeat(200_000));
    let flood = "* OK still here, and here, and here again, and once more\r\n".repeat(200_000);
    for (answer, expected) in [
        (
            "* 1 FETCH (UID 5 BODY[]<0> {4294967295}\r\n".to_owned(),
            Refusal::Literal(u32::MAX.into()),
        ),
        (endless, Refusal::Line),
        (deep, Refusal::Depth),
        (flood, Refusal::Total),
    ] {
        let played = outcome(move |mut line| {
            let answer = answer.clone();
            async move {
                line.login("").await;
                line.open_inbox(1).await;
                line.answer("UID SEARCH", "* SEARCH 5\r\n").await;
                line.expect("UID FETCH").await;
                line.say(&answer).await;
                line.hear().await;
            }
        });
        let Some((result, record)) = played.await else { return };
        let error = result.unwrap_err();
        let ImapError::TooMuch { refusal, .. } = &error else { panic!("{error:?}") };
        assert_eq!(*refusal, expected);
        assert!(error.to_string().len() < 200 && record.cursors.is_empty(), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_upsets_the_parser_stays_inside_its_account() {
    let secret_text = "Dear Anna we are sorry";
    let panics = "* 1 FETCH (UID 5 INTERNALDATE NIL)\r\n".to_owned();
    let unknown = format!("* WHATEVER {secret_text}\r\n");
    for (line_of_death, panicked) in [(panics, true), (unknown, false)] {
        let played = outcome(move |mut line| {
            let line_of_death = line_of_death.clone();
            async move {
                line.login("").await;
                line.open_inbox(1).await;
                line.answer("UID SEARCH", "* SEARCH 5\r\n").await;
                line.expect("UID FETCH").await;
                line.say(&line_of_death).await;
                line.hear().await;
            }
        });
        let Some((result, _)) = played.await else { return };
        let error = result.unwrap_err();
        assert_eq!(matches!(error, ImapError::Panicked { .. }), panicked, "{error:?}");
        assert_eq!(matches!(error, ImapError::Unreadable { .. }), !panicked, "{error:?}");
        assert!(!format!("{error} {error:?}").contains(secret_text), "{error:?}");
    }
}

/// So seldom that a slow machine does not look at the folder by itself in between.
const SELDOM: Duration = Duration::from_secs(3600);

/// Keeps the line open until the story ends: hanging up would be a loss that is told or not,
/// as the machine is fast or slow.
async fn hold(line: Line) {
    let _line = line;
    std::future::pending().await
}

/// Lets a watch reach IDLE, plays a fault there, and is back with mail afterwards.
async fn idle_fault<F, Play>(poll_every: Duration, fault: F) -> Option<super::recorder::Record>
where
    F: Fn(Line, String) -> Play + Send + Sync + Clone + 'static,
    Play: Future<Output = ()> + Send + 'static,
{
    let server = Scripted::tls(move |mut line| {
        let fault = fault.clone();
        async move {
            line.login("IDLE").await;
            if line.number == 0 {
                line.open_inbox(0).await;
                let tag = line.expect("IDLE").await;
                return fault(line, tag).await;
            }
            line.open_inbox(1).await;
            line.answer("UID SEARCH", "* SEARCH 5\r\n").await;
            line.answer("UID FETCH", &fetched(5, "five")).await;
            line.hear().await;
        }
    })
    .await?;
    let intake = Recorder::new();
    let settings = Settings { poll_every, ..settings_of(&server) };
    let watching = Watching::start(settings, "pw", &intake);
    intake.until("mail after the fault", |r| r.messages.len() == 1).await;
    let at_rest = |c: &Contact| matches!(c, Contact::Idle { .. } | Contact::Lost { .. });
    let record = intake.until("rest", |r| r.contacts.iter().any(at_rest)).await;
    watching.stop().await;
    Some(record)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_of_the_line_while_idling_is_a_loss_and_not_a_wake_up() {
    for clean in [true, false] {
        let played = idle_fault(SELDOM, move |mut line, _| async move {
            line.say("+ idling\r\n").await;
            if clean {
                line.close().await;
            }
        });
        let Some(record) = played.await else { return };
        assert!(record.losses()[0].contains("was lost"), "{record:?}");
    }
    let played = idle_fault(SELDOM, |mut line, _| async move {
        line.say("+ idling\r\n* BYE see you\r\n").await;
    });
    assert!(played.await.unwrap().losses()[0].contains("see you"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_refuses_idle_is_asked_now_and_then() {
    for refusal in ["BAD", "NO not for you", "BAD unknown command"] {
        let served = idle_fault(Duration::from_millis(300), move |mut line, tag| async move {
            line.say(&format!("{tag} {refusal}\r\n")).await;
            // The same connection goes on, without another IDLE.
            line.open_inbox(1).await;
            line.answer("UID SEARCH", "* SEARCH 5\r\n").await;
            line.answer("UID FETCH", &fetched(5, "five")).await;
            hold(line).await;
        });
        let Some(record) = served.await else { return };
        assert_eq!(record.losses(), Vec::<String>::new(), "{refusal}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_regular_look_opens_the_folder_once_and_idles_on_it() {
    let served = idle_fault(Duration::from_millis(300), |mut line, tag| async move {
        let mut tag = tag;
        for _ in 0..2 {
            line.say("+ idling\r\n").await;
            assert_eq!(line.hear().await, "DONE");
            line.say(&format!("{tag} OK done\r\n")).await;
            line.open_inbox(0).await;
            tag = line.expect("IDLE").await;
        }
        line.say("* BYE enough\r\n").await;
    });
    let Some(record) = served.await else { return };
    assert!(record.losses()[0].contains("enough"), "{record:?}");
}

/// A server with one file a mail looks at all of them when a folder is opened.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_for_new_mail_opens_the_folder_anew_only_under_new_numbers() {
    for (said, opened_anew) in [("", false), ("* OK [UIDVALIDITY 8] new\r\n", true)] {
        let served = idle_fault(SELDOM, move |mut line, tag| async move {
            line.say(&format!("+ idling\r\n{said}* 1 EXISTS\r\n")).await;
            assert_eq!(line.hear().await, "DONE");
            line.say(&format!("{tag} OK done\r\n")).await;
            if opened_anew {
                line.examine(1).await;
            }
            line.answer("UID SEARCH", "* SEARCH 5\r\n").await;
            line.answer("UID FETCH", &fetched(5, "five")).await;
            hold(line).await;
        });
        let Some(record) = served.await else { return };
        assert_eq!(record.losses(), Vec::<String>::new(), "{said:?}");
    }
}

/// STARTTLS against a server in the clear; it must see no word of the login.
async fn starttls<F, Play>(script: F) -> Option<ImapError>
where
    F: Fn(Line) -> Play + Send + 'static,
    Play: Future<Output = ()> + Send + 'static,
{
    let server = Scripted::clear(script).await?;
    let settings = Settings { tls: Tls::StartTls, ..settings_of(&server) };
    Some(run_once(settings, "pw", &Recorder::new()).await.unwrap_err())
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_said_over_a_line_that_cannot_be_encrypted() {
    let preauth = starttls(|mut line| async move {
        line.say("* PREAUTH welcome back\r\n").await;
        assert_eq!(line.hear().await, "");
    });
    let Some(error) = preauth.await else { return };
    assert!(error.to_string().contains("logged in already"), "{error}");
    for (answer, words) in [
        ("NO not here", "refuses STARTTLS"),
        ("BAD what", "refuses STARTTLS"),
        ("OK go ahead\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN", "slipped in bytes"),
    ] {
        let error = starttls(move |mut line| async move {
            line.say("* OK ready\r\n").await;
            let tag = line.expect("STARTTLS").await;
            line.say(&format!("{tag} {answer}\r\n")).await;
            assert_eq!(line.hear().await, "", "something was sent in the clear");
        });
        let error = error.await.unwrap();
        assert!(matches!(error, ImapError::NotEncrypted { .. }), "{error:?}");
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_merely_busy_is_not_a_wrong_password() {
    for (answer, refused) in [
        ("NO [UNAVAILABLE] directory down", false),
        ("NO [ALERT] Too many simultaneous connections", false),
        ("NO [AUTHENTICATIONFAILED] no", true),
        ("NO no", true),
    ] {
        let played = outcome(move |mut line| async move {
            line.say("* OK ready\r\n").await;
            line.answer("CAPABILITY", "* CAPABILITY IMAP4rev1\r\n").await;
            let tag = line.expect("LOGIN \"anna\" \"pw\"").await;
            line.say(&format!("{tag} {answer}\r\n")).await;
        });
        let Some((result, _)) = played.await else { return };
        let error = result.unwrap_err();
        assert_eq!(error.is_login_refused(), refused, "{error:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_refused_brings_the_servers_reason() {
    let server = Scripted::tls(|mut line| async move {
        line.say("* OK ready\r\n").await;
        line.answer("CAPABILITY", "* CAPABILITY IMAP4rev1 AUTH=XOAUTH2\r\n").await;
        let tag = line.expect("AUTHENTICATE XOAUTH2").await;
        line.say("+ \r\n").await;
        // user=anna ^A auth=Bearer pw ^A ^A
        assert_eq!(line.hear().await, "dXNlcj1hbm5hAWF1dGg9QmVhcmVyIHB3AQE=");
        // {"status":"401"}
        line.say("+ eyJzdGF0dXMiOiI0MDEifQ==\r\n").await;
        assert_eq!(line.hear().await, "");
        line.say(&format!("{tag} NO [AUTHENTICATIONFAILED] sorry\r\n")).await;
    });
    let Some(server) = server.await else { return };
    let mut settings = settings_of(&server);
    settings.auth = regards::source::imap::Auth::XOAuth2;
    let error = run_once(settings, "pw", &Recorder::new()).await.unwrap_err();
    assert!(error.is_login_refused() && error.to_string().contains("\"401\""), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_falls_silent_is_given_up() {
    let server = Scripted::tls(|mut line| async move {
        line.login("").await;
        line.hear().await;
        line.hear().await;
    });
    let Some(server) = server.await else { return };
    let mut settings = settings_of(&server);
    settings.deadlines.command = Duration::from_millis(300);
    let error = run_once(settings, "pw", &Recorder::new()).await.unwrap_err();
    assert!(matches!(error, ImapError::Silent { .. }), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_opened_for_writing_is_left_at_once() {
    let played = outcome(|mut line| async move {
        line.login("").await;
        line.answer("LIST", "* LIST () \"/\" INBOX\r\n").await;
        let tag = line.expect("EXAMINE").await;
        line.say("* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n").await;
        line.say(&format!("{tag} OK [READ-WRITE] open\r\n")).await;
        line.hear().await;
    });
    let Some((result, _)) = played.await else { return };
    assert!(result.unwrap_err().to_string().contains("for writing"));
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_that_change_while_a_folder_is_read_are_noticed() {
    let played = outcome(|mut line| async move {
        line.login("").await;
        line.open_inbox(1).await;
        line.answer("UID SEARCH", "* SEARCH 5\r\n* OK [UIDVALIDITY 8] new numbers\r\n").await;
        line.answer("UID FETCH", &fetched(5, "five")).await;
        line.hear().await;
    });
    let Some((result, _)) = played.await else { return };
    assert!(result.unwrap_err().to_string().contains("other message numbers"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_message_that_every_range_names_is_not_read_again() {
    let server = Scripted::tls(|mut line| async move {
        line.login("").await;
        line.open_inbox(1).await;
        line.answer("UID SEARCH 1:* UID 10:*", "* SEARCH 5\r\n").await;
        line.answer("UID SEARCH 1:* SINCE ", "* SEARCH\r\n").await;
        line.answer("LOGOUT", "* BYE\r\n").await;
    });
    let Some(server) = server.await else { return };
    let intake = Recorder::new();
    intake.put_cursor("INBOX", 7, 10);
    let summary = run_once(settings_of(&server), "pw", &intake).await.unwrap();
    assert_eq!(summary.admitted, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_that_could_not_be_taken_over_comes_again() {
    let server = Scripted::tls(|mut line| async move {
        line.login("").await;
        line.open_inbox(1).await;
        line.answer("UID SEARCH 1:* UID 1:*", "* SEARCH 5\r\n").await;
        line.answer("UID FETCH", &fetched(5, "five")).await;
        line.hear().await;
    });
    let Some(server) = server.await else { return };
    let intake = Recorder::new();
    intake.refusals.store(2, Ordering::Relaxed);
    let watching = Watching::start(settings_of(&server), "pw", &intake);
    let record = intake.until("the mail", |r| r.messages.len() == 1).await;
    watching.stop().await;
    assert_eq!(record.losses().len(), 2, "{record:?}");
    assert!(record.losses()[0].contains("disk full") && record.twice.is_empty());
}
