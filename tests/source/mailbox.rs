//! IMAP against a real Dovecot.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::{Timestamp, ToSpan};
use regards::model::address::MessageId;
use regards::source::imap::check::check;
use regards::source::imap::sent::{self, FoundBy, MailTo, SentAnswer, SentQuery};
use regards::source::imap::{ImapError, SentFolder, Settings, Tls};
use regards::source::{Contact, MESSAGE_READ_MAX};

use super::recorder::{Recorder, Watching, knows, mail, run_once, settings, wall_clock};
use crate::support::certificates::{Authority, Validity};
use crate::support::dovecot::{Dovecot, Options, PASSWORD};
use crate::support::ports::free_port;

fn settings_of(dovecot: &Dovecot) -> Settings {
    settings(dovecot.imaps, dovecot.ca_file())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_look_reads_everything_and_changes_nothing() {
    let Some(dovecot) = Dovecot::start(&Options::default()) else { return };
    for number in 0..300 {
        dovecot.deliver("anna", "INBOX", &mail(number));
    }
    dovecot.snapshot("anna");
    let before = dovecot.snapshot("anna");
    assert!(before.contains("Mail 299"), "{before}");
    let intake = Recorder::new();
    let summary = run_once(settings_of(&dovecot), PASSWORD, &intake).await.unwrap();
    assert_eq!((summary.admitted, summary.missing.len()), (300, 0));
    let record = intake.record();
    assert_eq!(record.uids("INBOX"), (1..=300).collect::<Vec<_>>());
    assert!(record.messages.values().all(|raw| raw.complete && raw.size == raw.bytes.len() as u64));
    let texts: Vec<_> = record.messages.values().map(|raw| raw.bytes.clone()).collect();
    assert!((0..300).all(|number| texts.contains(&mail(number))));
    assert_eq!(record.cursors["INBOX"].uid_next, 301);
    // A second look finds nothing new; `n:*` names the last mail all the same.
    let again = run_once(settings_of(&dovecot), PASSWORD, &intake).await.unwrap();
    assert_eq!((again.admitted, intake.record().twice.len()), (0, 0));
    assert_eq!(dovecot.snapshot("anna"), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn new_mail_is_told_by_the_server_itself() {
    let Some(dovecot) = Dovecot::start(&Options::default()) else { return };
    let intake = Recorder::new();
    let watching = Watching::start(settings_of(&dovecot), PASSWORD, &intake);
    let record = intake.until_idle().await;
    assert_eq!(record.contacts.first(), Some(&Contact::Connected));
    assert_eq!(record.contacts.last(), Some(&Contact::Idle { pushed: true }));
    for number in 0..3 {
        dovecot.deliver("anna", "INBOX", &mail(number));
        intake.until("the new mail", |r| r.messages.len() == number + 1).await;
    }
    watching.stop().await;
    assert!(intake.record().twice.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_idle_is_asked_now_and_then() {
    let capabilities = Some("IMAP4rev1 LITERAL+ SPECIAL-USE LIST-EXTENDED".to_owned());
    let options = Options { capabilities, ..Options::default() };
    let Some(dovecot) = Dovecot::start(&options) else { return };
    let intake = Recorder::new();
    let settings = Settings { poll_every: Duration::from_millis(200), ..settings_of(&dovecot) };
    let watching = Watching::start(settings, PASSWORD, &intake);
    let record = intake.until_idle().await;
    assert_eq!(record.contacts.last(), Some(&Contact::Idle { pushed: false }));
    dovecot.deliver("anna", "INBOX", &mail(1));
    intake.until("the new mail", |r| r.messages.len() == 1).await;
    watching.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn folders_are_found_by_attribute_and_a_missing_one_is_named() {
    let Some(dovecot) = Dovecot::start(&Options::default()) else { return };
    dovecot.deliver("anna", "Sent", &mail(1));
    let intake = Recorder::new();
    let count = vec!["\\Sent".to_owned(), "Bewerbungen".to_owned(), "\\All".to_owned()];
    let settings = Settings { count, ..settings_of(&dovecot) };
    let summary = run_once(settings, PASSWORD, &intake).await.unwrap();
    assert_eq!(intake.record().uids("Sent"), [1]);
    assert_eq!(summary.missing, ["Bewerbungen", "\\All"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_made_anew_is_reported_and_read_from_its_start() {
    let Some(dovecot) = Dovecot::start(&Options::default()) else { return };
    dovecot.doveadm(&["mailbox", "create", "-u", "anna", "Jobs"]);
    dovecot.deliver("anna", "Jobs", &mail(1));
    dovecot.deliver("anna", "Jobs", &mail(2));
    let intake = Recorder::new();
    let settings = Settings { watch: vec!["Jobs".to_owned()], ..settings_of(&dovecot) };
    run_once(settings.clone(), PASSWORD, &intake).await.unwrap();
    dovecot.doveadm(&["mailbox", "delete", "-u", "anna", "Jobs"]);
    dovecot.doveadm(&["mailbox", "create", "-u", "anna", "Jobs"]);
    dovecot.deliver("anna", "Jobs", &mail(3));
    run_once(settings, PASSWORD, &intake).await.unwrap();
    let record = intake.record();
    let [(folder, old, new)] = record.resets.as_slice() else { panic!("{record:?}") };
    assert!(folder == "Jobs" && old != new);
    assert_eq!(record.cursors["Jobs"].uidvalidity, *new);
    assert_eq!(record.messages[&("Jobs".to_owned(), *new, 1)].bytes, mail(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_in_the_middle_of_idling_loses_and_repeats_nothing() {
    let Some(mut dovecot) = Dovecot::start(&Options::default()) else { return };
    dovecot.deliver("anna", "INBOX", &mail(1));
    let intake = Recorder::new();
    let watching = Watching::start(settings_of(&dovecot), PASSWORD, &intake);
    intake.until_idle().await;
    dovecot.stop();
    intake.until("the loss", |r| !r.losses().is_empty()).await;
    dovecot.deliver("anna", "INBOX", &mail(2));
    dovecot.resume();
    let record = intake.until("the second mail", |r| r.messages.len() == 2).await;
    assert_eq!(record.uids("INBOX"), [1, 2]);
    dovecot.deliver("anna", "INBOX", &mail(3));
    let record = intake.until("the third mail", |r| r.messages.len() == 3).await;
    watching.stop().await;
    assert!(record.twice.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_tried_once_until_it_is_set_anew() {
    let Some(dovecot) = Dovecot::start(&Options::default()) else { return };
    let intake = Recorder::new();
    let watching = Watching::start(settings_of(&dovecot), "wrong", &intake);
    let is_refused = |c: &Contact| matches!(c, Contact::Refused { .. });
    let record = intake.until("the refusal", |r| r.contacts.iter().any(is_refused)).await;
    let Some(Contact::Refused { why, hint }) = record.contacts.last() else { panic!() };
    assert!(why.contains("refused the login of anna"), "{why}");
    assert!(hint.contains("secret set") && !why.contains("wrong"), "{why} {hint}");
    // While an account that cannot be reached is tried again and again with the same
    // pauses, this one is left alone.
    let unreachable = Recorder::new();
    let settings = Settings { port: free_port(), ..settings_of(&dovecot) };
    let other = Watching::start(settings, PASSWORD, &unreachable);
    unreachable.until("ten tries", |r| r.losses().len() == 10).await;
    other.stop().await;
    assert_eq!(dovecot.failed_logins(), 1, "{}", dovecot.log());
    watching.changed.notify_one();
    let twice =
        |r: &super::recorder::Record| r.contacts.iter().filter(|c| is_refused(c)).count() == 2;
    intake.until("the second refusal", twice).await;
    watching.stop().await;
    assert_eq!(dovecot.failed_logins(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_certificates_become_sentences_and_nothing_is_sent() {
    let fail = async |options: Options, own_ca: bool| {
        let dovecot = Dovecot::start(&options)?;
        let stranger = Authority::new();
        let ca_file = if own_ca { dovecot.ca_file() } else { stranger.ca_file() };
        let settings = settings(dovecot.imaps, ca_file);
        let error = run_once(settings, PASSWORD, &Recorder::new()).await.unwrap_err();
        assert!(error.hint().is_some());
        assert_eq!(dovecot.log().matches("Login").count(), 0);
        Some(error.to_string())
    };
    let expired = Options { validity: Validity::Expired, ..Options::default() };
    let Some(sentence) = fail(expired, true).await else { return };
    assert_eq!(sentence, "The certificate of localhost expired on 2021-03-04");
    let stranger = fail(Options::default(), false).await.unwrap();
    assert_eq!(stranger, "The certificate of localhost was issued by nobody this machine trusts");
    let other = Options { certificate_for: "mail.example.org".to_owned(), ..Options::default() };
    assert_eq!(
        fail(other, true).await.unwrap(),
        "The certificate presented is not for localhost but for mail.example.org"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn starttls_reads_mail_too_and_a_wrong_port_is_explained() {
    let Some(dovecot) = Dovecot::start(&Options::default()) else { return };
    dovecot.deliver("anna", "INBOX", &mail(1));
    let intake = Recorder::new();
    let mut settings = settings_of(&dovecot);
    (settings.tls, settings.port) = (Tls::StartTls, dovecot.imap);
    run_once(settings.clone(), PASSWORD, &intake).await.unwrap();
    assert_eq!(intake.record().messages.len(), 1);
    settings.tls = Tls::Implicit;
    let error = run_once(settings, PASSWORD, &intake).await.unwrap_err();
    assert!(matches!(error, ImapError::Tls { .. }), "{error}");
    assert!(error.hint().unwrap().contains("993"), "{error:?}");
}

fn large_mail(bytes: usize) -> Vec<u8> {
    let mut large = mail(9);
    while large.len() < bytes {
        large.extend_from_slice(format!("line {:08}\r\n", large.len()).as_bytes());
    }
    large
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_mail_is_read_only_so_far_as_it_is_wanted() {
    let Some(dovecot) = Dovecot::start(&Options::default()) else { return };
    let (large, huge) = (large_mail(700_000), large_mail(5_000_000));
    dovecot.deliver("anna", "INBOX", &large);
    dovecot.deliver("anna", "INBOX", &huge);
    let content = Recorder::new();
    run_once(settings_of(&dovecot), PASSWORD, &content).await.unwrap();
    for raw in content.record().messages.values() {
        assert_eq!((raw.bytes.len(), raw.complete), (88 * 1024, false));
        assert!(raw.size == large.len() as u64 || raw.size == huge.len() as u64);
    }
    let hungry = Recorder::new();
    hungry.content.store(false, Ordering::Relaxed);
    run_once(settings_of(&dovecot), PASSWORD, &hungry).await.unwrap();
    let record = hungry.record();
    let mut raws: Vec<_> = record.messages.values().collect();
    raws.sort_by_key(|raw| raw.size);
    assert!(raws[0].bytes == large && raws[0].complete);
    assert!(raws[1].bytes == huge[..MESSAGE_READ_MAX] && !raws[1].complete);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sent_folder_is_searched_in_all_three_ways() {
    let Some(dovecot) = Dovecot::start(&Options::default()) else { return };
    let copy = "From: anna@example.org\r\nTo: Boss <boss@firm.example>\r\n\
                Subject: =?utf-8?q?R=C3=BCckmeldung?= zur Stelle\r\n\
                Message-ID: <renamed@provider>\r\n\
                X-Microsoft-Original-Message-ID: <ours@example.org>\r\n\
                In-Reply-To: <parent@firm.example>\r\n\r\nHi\r\n";
    dovecot.deliver("anna", "Sent", copy.as_bytes());
    dovecot.snapshot("anna");
    let before = dovecot.snapshot("anna");
    let settings = Arc::new(settings_of(&dovecot));
    let id = |text: &str| Some(text.parse::<MessageId>().unwrap());
    let ask = async |query: SentQuery| {
        sent::find(Arc::clone(&settings), &knows(PASSWORD), query).await.unwrap()
    };
    let found = |by| SentAnswer::Found { by, folder: "Sent".to_owned(), uid: 1 };
    let none = SentQuery::default;
    let parent = SentQuery { in_reply_to: id("<parent@firm.example>"), ..none() };
    assert_eq!(ask(parent).await, found(FoundBy::InReplyTo));
    let renamed = SentQuery { message_id: id("<ours@example.org>"), ..none() };
    assert_eq!(ask(renamed).await, found(FoundBy::MessageId));
    let mail_to = |to: &str, subject: &str| SentQuery {
        mail_to: Some(MailTo {
            to: to.parse().unwrap(),
            subject: subject.to_owned(),
            since: wall_clock().to_zoned(jiff::tz::TimeZone::UTC).date() - 7.days(),
        }),
        ..none()
    };
    let subject = "Rückmeldung zur Stelle";
    assert_eq!(ask(mail_to("boss@firm.example", subject)).await, found(FoundBy::ToAndSubject));
    // A known one of our own is no other answer, by whichever name the provider keeps it.
    for known in ["<ours@example.org>", "<renamed@provider>"] {
        let but_not = vec![known.parse::<MessageId>().unwrap()];
        let parent = id("<parent@firm.example>");
        let query = SentQuery { in_reply_to: parent, but_not: but_not.clone(), ..none() };
        assert_eq!(ask(query).await, SentAnswer::NotThere);
        let query = SentQuery { but_not, ..mail_to("boss@firm.example", subject) };
        assert_eq!(ask(query).await, SentAnswer::NotThere);
    }
    let injected = "x\" ALL\r\nr9 DELETE Sent\r\n";
    for absent in [
        SentQuery { in_reply_to: id("<other@firm.example>"), message_id: id("<o@x>"), ..none() },
        mail_to("other@firm.example", subject),
        mail_to("boss@firm.example", injected),
    ] {
        assert_eq!(ask(absent).await, SentAnswer::NotThere);
    }
    assert_eq!(dovecot.snapshot("anna"), before);
    let asked = "From: boss@firm.example\r\nMessage-ID: <asked@firm.example>\r\n\r\nNo.\r\n";
    dovecot.deliver("anna", "INBOX", asked.as_bytes());
    let flagged = || SentQuery { in_reply_to: id("<asked@firm.example>"), ..none() };
    assert_eq!(ask(flagged()).await, SentAnswer::NotThere);
    dovecot.doveadm(&["flags", "add", "-u", "anna", "\\Answered", "mailbox", "INBOX"]);
    let by_flag = SentAnswer::Found { by: FoundBy::Flag, folder: "INBOX".to_owned(), uid: 1 };
    assert_eq!(ask(flagged()).await, by_flag);
    let nowhere = Settings { sent: SentFolder::Named("Gesendet".into()), ..(*settings).clone() };
    let answer = sent::find(Arc::new(nowhere), &knows(PASSWORD), none()).await.unwrap();
    assert_eq!(answer, SentAnswer::NoSentFolder);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_filed_in_sent_as_read() {
    let Some(dovecot) = Dovecot::start(&Options::default()) else { return };
    let settings = Arc::new(settings_of(&dovecot));
    let folder = sent::append(settings, &knows(PASSWORD), mail(5)).await.unwrap();
    assert_eq!(folder.as_deref(), Some("Sent"));
    let filed = dovecot.doveadm(&["fetch", "-u", "anna", "flags text", "mailbox", "Sent"]);
    assert!(filed.contains("\\Seen") && filed.contains("Subject: Mail 5"), "{filed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn check_tells_what_there_is() {
    let Some(dovecot) = Dovecot::start(&Options::default()) else { return };
    dovecot.deliver("anna", "INBOX", &mail(1));
    let mut settings = settings_of(&dovecot);
    settings.count.push("Nowhere".to_owned());
    let report = check(Arc::new(settings), &knows(PASSWORD)).await.unwrap();
    assert_eq!((report.folders[0].name.as_str(), report.folders[0].messages), ("INBOX", 1));
    assert_eq!(
        (report.missing, report.sent),
        (vec!["Nowhere".to_owned()], vec!["Sent".to_owned()])
    );
    assert!(report.idle && report.capabilities.iter().any(|c| c == "IMAP4REV1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_slept_opens_its_connection_anew() {
    static LEAD: AtomicI64 = AtomicI64::new(0);
    fn clock() -> Timestamp {
        wall_clock() + LEAD.load(Ordering::Relaxed).seconds()
    }
    let capabilities = Some("IMAP4rev1 LITERAL+".to_owned());
    let Some(dovecot) = Dovecot::start(&Options { capabilities, ..Options::default() }) else {
        return;
    };
    let intake = Recorder::new();
    let settings = Settings { poll_every: Duration::from_secs(1), ..settings_of(&dovecot) };
    let watching = Watching::start_with_clock(settings, PASSWORD, &intake, clock);
    intake.until_idle().await;
    LEAD.store(3_600, Ordering::Relaxed);
    let record = intake.until("the loss", |r| !r.losses().is_empty()).await;
    assert!(record.losses()[0].contains("asleep"), "{record:?}");
    watching.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_that_was_passed_over_is_found_by_looking_back() {
    let Some(dovecot) = Dovecot::start(&Options::default()) else { return };
    dovecot.deliver("anna", "INBOX", &mail(1));
    let intake = Recorder::new();
    run_once(settings_of(&dovecot), PASSWORD, &intake).await.unwrap();
    // As if the server had not listed the next ones the first time.
    let uidvalidity = intake.record().cursors["INBOX"].uidvalidity;
    intake.put_cursor("INBOX", uidvalidity, 1_000);
    dovecot.deliver("anna", "INBOX", &mail(2));
    run_once(settings_of(&dovecot), PASSWORD, &intake).await.unwrap();
    let record = intake.record();
    assert_eq!((record.uids("INBOX"), record.twice.len()), (vec![1, 2], 0));
    assert_eq!(record.cursors["INBOX"].uid_next, 1_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_other_folders_are_looked_at_while_the_first_one_idles() {
    let Some(dovecot) = Dovecot::start(&Options::default()) else { return };
    let intake = Recorder::new();
    let settings = Settings {
        count: vec!["\\Sent".to_owned()],
        poll_every: Duration::from_millis(300),
        ..settings_of(&dovecot)
    };
    let watching = Watching::start(settings, PASSWORD, &intake);
    let record = intake.until_idle().await;
    assert_eq!(record.contacts.last(), Some(&Contact::Idle { pushed: true }));
    dovecot.deliver("anna", "Sent", &mail(1));
    intake.until("the sent mail", |r| r.uids("Sent") == [1]).await;
    dovecot.deliver("anna", "INBOX", &mail(2));
    intake.until("the new mail", |r| r.uids("INBOX") == [1]).await;
    watching.stop().await;
}
