//! From the recruiter's rejection to the answer in her mailbox.

use serde_json::json;

use crate::support::mails::{invitation, old_sent_mail, rejection};
use crate::support::story::{approve, assert_is_what_was_shown, number, read_by_python};
use crate::support::wait_until;
use crate::support::world::{PATIENCE, World};

#[test]
fn an_answer_travels_from_a_real_inbox_to_the_recruiter() {
    let Some(mut world) = World::with_servers() else { return };
    world.set("cooling.after_talks", "3s");
    old_sent_mail(&world);
    world.deliver(&invitation(&world));
    let daemon = world.daemon();
    wait_until("the first look is over", PATIENCE, || {
        let status = world.cli(&["status", "--json"]);
        status.json().iter().any(|line| line["state"] == "in-contact")
    });
    assert_eq!(world.cli(&["stats", "--json"]).ok().one()["invited"], 1);
    world.recruiter_sends(&rejection(&world));
    wait_until("the rejection was delivered", PATIENCE, || {
        world.mails_of(&world.applicant(), "INBOX").len() == 2
    });
    let dovecot = &world.servers().dovecot;
    // The first snapshot lets Dovecot move new mail from `new` to `cur`.
    dovecot.snapshot(&world.applicant());
    let before = dovecot.snapshot(&world.applicant());

    let reply = number(&world.until_reply_is("drafted"));
    let shown = approve(&world, &reply);
    assert_eq!(shown["addressee"]["who"], "person");
    assert_eq!(shown["mail"]["account"], format!("{}@localhost", world.applicant()));
    world.until_reply_is("sent");
    world.until_arrived(1);

    let mail = &world.at_recruiter()[0];
    assert_is_what_was_shown(mail, &shown);
    let read = read_by_python(mail);
    let domain = world.recruiter().split_once('@').unwrap().1.to_owned();
    assert_eq!(read["in_reply_to"], format!("<rej-1@{domain}>"));
    assert_eq!(
        read["references"],
        format!("<first-0@{domain}> <talk-1@{domain}> <rej-1@{domain}>")
    );
    // Who we are stands nowhere: EHLO names the mail's domain, not this machine.
    let received = read["received"].to_string();
    assert!(received.contains("from applicant.example"), "{received}");
    assert!(received.contains("ESMTPSA"), "neither TLS nor a login: {received}");
    assert_eq!(dovecot.snapshot(&world.applicant()), before, "the mailbox is untouched");
    let stats = world.cli(&["stats", "--json"]).ok().one();
    assert_eq!((&stats["replies"]["sent"], &stats["rejected_after_talks"]), (&json!(1), &json!(1)));
    assert_eq!(daemon.stop(), 0);
}
