//! What holds an approved mail at the last moment: a brake, a Sent folder that cannot be
//! searched, an answer from elsewhere.

use std::fs;
use std::process::Command;

use crate::support::dovecot;
use crate::support::mails::days_ago;
use crate::support::story::{approve, until_drafted};
use crate::support::wait_until;
use crate::support::world::{PATIENCE, World};

/// Lets the IMAP password come from a program that notes each call in `asked`, waits while
/// `hold` is there, and fails while `fail` is there. So a search can be stopped in its
/// middle and made to fail, at a real server.
fn password_by_program(world: &mut World) {
    let home = world.path("").display().to_string();
    let script = format!(
        "echo >> '{home}/asked'; while [ -e '{home}/hold' ]; do sleep 0.02; done; \
         [ -e '{home}/fail' ] && exit 1; echo '{}'",
        dovecot::PASSWORD
    );
    let words = ["sh", "-c", &script].map(toml::Value::from).to_vec();
    let mut place = toml::Table::new();
    place.insert("command".to_owned(), words.into());
    world.set("account.main.imap.secret", place);
}

fn asked(world: &World) -> usize {
    fs::read_to_string(world.path("asked")).map_or(0, |text| text.lines().count())
}

/// Waits until the daemon has asked for the password once for its own line and once to look
/// for an answer to the new draft: what it asks from now on is for sending.
fn after_the_first_look(world: &World) -> usize {
    wait_until("the answer to the draft is looked for", PATIENCE, || asked(world) == 2);
    2
}

#[test]
fn a_pause_that_is_set_while_sent_is_searched_holds_the_mail() {
    let Some(mut world) = World::with_servers() else { return };
    password_by_program(&mut world);
    let daemon = world.daemon();
    let reply = until_drafted(&world);
    let before = after_the_first_look(&world);
    fs::write(world.path("hold"), "").unwrap();
    approve(&world, &reply);
    wait_until("the search has begun", PATIENCE, || asked(&world) > before);
    world.cli(&["pause"]).ok();
    fs::remove_file(world.path("hold")).unwrap();
    // A stop finishes what is in hand: what it would have sent is sent then.
    assert_eq!(daemon.stop(), 0);
    assert_eq!(world.only_reply().unwrap()["state"], "approved");
    assert_eq!(world.at_recruiter().len(), 0);
    world.cli(&["resume"]).ok();
    let daemon = world.daemon();
    world.until_reply_is("sent");
    assert_eq!((world.until_arrived(1).len(), daemon.stop()), (1, 0));
}

#[test]
fn a_search_that_failed_is_not_repeated_at_every_look() {
    let Some(mut world) = World::with_servers() else { return };
    password_by_program(&mut world);
    let socket = std::os::unix::net::UnixDatagram::bind(world.path("notify.sock")).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut command = world.command(&["run"]);
    command.env("NOTIFY_SOCKET", world.path("notify.sock"));
    let daemon = world.daemon_by(command);
    let reply = until_drafted(&world);
    let before = after_the_first_look(&world);
    fs::write(world.path("fail"), "").unwrap();
    approve(&world, &reply);
    wait_until("it is told", PATIENCE, || {
        let notice = world.only_reply().unwrap()["notice"].clone();
        notice.as_str().is_some_and(|it| it.contains("Sent folder could not be searched"))
    });
    // Each look of the desk feeds the watchdog and wakes the outbox.
    for _ in 0..5 {
        while socket_is_full(&socket) {}
        world.cli(&["resume"]).ok();
        super::service::until_heard(&socket, "WATCHDOG=1");
    }
    assert_eq!(asked(&world), before + 1, "one failed log-in, not one a look");
    // A password that was set is a reason to try at once.
    fs::remove_file(world.path("fail")).unwrap();
    world.cli_typed(&["secret", "set", "main", "smtp"], crate::support::postfix::PASSWORD).ok();
    world.until_reply_is("sent");
    assert_eq!((world.until_arrived(1).len(), daemon.stop()), (1, 0));
}

/// Takes one datagram that waits.
fn socket_is_full(socket: &std::os::unix::net::UnixDatagram) -> bool {
    socket.set_nonblocking(true).unwrap();
    let heard = socket.recv(&mut [0; 1024]).is_ok();
    socket.set_nonblocking(false).unwrap();
    heard
}

#[test]
fn an_answer_by_phone_under_the_running_daemon_holds_ours_back() {
    const APPEND: &str = "
import imaplib, ssl, sys, time
_, port, ca, login, password = sys.argv
with imaplib.IMAP4_SSL('localhost', int(port), ssl_context=ssl.create_default_context(cafile=ca)) as phone:
    phone.authenticate('PLAIN', lambda _: f'\\0{login}\\0{password}'.encode())
    phone.create('Sent')
    answer = phone.append('Sent', '(\\\\Seen)', imaplib.Time2Internaldate(time.time()), sys.stdin.buffer.read())
    assert answer[0] == 'OK', answer
";
    let Some(mut world) = World::with_servers() else { return };
    world.set("sending.delay", "6s");
    let daemon = world.daemon();
    let reply = until_drafted(&world);
    let shown = approve(&world, &reply);
    let (applicant, recruiter) = (world.applicant(), world.recruiter());
    let domain = recruiter.split_once('@').unwrap().1;
    let mail = format!(
        "Date: {}\r\nFrom: {applicant}\r\nTo: {recruiter}\r\nSubject: {}\r\n\
         Message-ID: <phone-1@applicant.example>\r\nIn-Reply-To: <rej-1@{domain}>\r\n\r\n\
         Thanks, Alex (from the phone)\r\n",
        days_ago(0),
        shown["mail"]["subject"].as_str().unwrap(),
    );
    world.write_private("answer.eml", &mail);
    let servers = world.servers();
    let appended = Command::new("python3")
        .args(["-c", APPEND, &servers.dovecot.imaps.to_string()])
        .arg(servers.dovecot.ca_file())
        .args([&applicant, dovecot::PASSWORD])
        .stdin(fs::File::open(world.path("answer.eml")).unwrap())
        .status();
    assert!(appended.unwrap().success());
    assert_eq!(world.only_reply().unwrap()["state"], "approved", "the phone was too slow");
    // Nobody nudges: the undo window ends by itself.
    wait_until("it is due", PATIENCE, || world.only_reply().unwrap()["state"] != "approved");
    let line = world.only_reply().unwrap();
    assert_eq!(line["state"], "withdrawn", "{line}");
    assert_eq!(line["notice"], "you answered it yourself");
    // It was approved, so its user has to hear that it did not leave.
    assert!(world.cli(&["desk"]).ok().stdout.contains("you answered it yourself"));
    assert_eq!(daemon.stop(), 0);
    assert_eq!(world.at_recruiter().len(), 0);
}
