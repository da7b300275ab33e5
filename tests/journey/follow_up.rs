//! Months after an answer: the follow-up on its way to the recruiter.

use serde_json::Value;

use crate::support::mails::old_sent_mail;
use crate::support::story::{
    approve, assert_is_what_was_shown, days_pass, read_by_python, until_drafted,
};
use crate::support::wait_until;
use crate::support::world::{PATIENCE, World};

fn states(world: &World) -> Vec<String> {
    let lines = world.cli(&["desk", "--all", "--json"]).ok().json();
    let replies = lines.iter().filter(|line| line["type"] == "reply");
    replies.map(|line| line["state"].as_str().unwrap().to_owned()).collect()
}

fn until(world: &World, wanted: &[&str]) {
    wait_until(&format!("{wanted:?}"), PATIENCE, || states(world) == wanted);
}

#[test]
fn a_follow_up_answers_ones_own_mail_whatever_was_written_since() {
    let Some(mut world) = World::with_servers() else { return };
    world.set("account.main.send.sent_copy", "append");
    old_sent_mail(&world);
    let daemon = world.daemon();
    let first = until_drafted(&world);
    let shown = approve(&world, &first);
    world.until_arrived(1);
    wait_until("the copy lies in Sent", PATIENCE, || {
        world.mails_of(&world.applicant(), "Sent").len() == 2
    });
    let id = shown["mail"]["message_id"].as_str().unwrap().to_owned();
    // She answers, and the user thanks her from another program.
    let (nora, alex) = (world.recruiter(), world.applicant());
    world.deliver(&format!(
        "From: Nora Lindgren <{nora}>\nTo: Alex Morgan <{alex}>\nSubject: Re: Your interview\n\
         Message-ID: <warm@firm.example>\nIn-Reply-To: {id}\nReferences: {id}\n\nHi Alex,\n\n\
         thank you for your kind letter, and all the best to you.\n\nNora\n"
    ));
    world.deliver_into(
        "Sent",
        &format!(
            "From: Alex Morgan <{alex}>\nTo: Nora Lindgren <{nora}>\nSubject: Re: Your interview\n\
             Message-ID: <thanks@applicant.example>\nIn-Reply-To: <warm@firm.example>\n\
             References: {id} <warm@firm.example>\n\nThank you, Nora!\n"
        ),
    );
    wait_until("her answer", PATIENCE, || {
        !world.cli(&["feedback", "--json"]).ok().json().is_empty()
    });
    let set = world.cli(&["remind", &first, "3", "months", "--json"]).ok().one();
    assert_eq!((&set["reply"], &set["said"]), (&Value::from("r1"), &Value::Null));
    days_pass(&world.state_dir(), 60);
    world.cli(&["resume"]).ok();
    assert_eq!(states(&world), ["sent"], "a month is left");
    days_pass(&world.state_dir(), 35);
    world.cli(&["resume"]).ok();
    until(&world, &["sent", "drafted"]);

    let next = approve(&world, "r2");
    let text = next["mail"]["text"].as_str().unwrap();
    assert!(text.starts_with("Hi Nora,"), "her thanks are no greeting: {text}");
    until(&world, &["sent", "sent"]);
    world.until_arrived(2);
    let mails = world.at_recruiter();
    let follow_up = mails.iter().find(|it| read_by_python(it)["in_reply_to"] == *id).unwrap();
    assert_is_what_was_shown(follow_up, &next);
    let read = read_by_python(follow_up);
    let before = shown["mail"]["references"].as_array().unwrap();
    let before: Vec<&str> = before.iter().map(|it| it.as_str().unwrap()).collect();
    assert_eq!(read["references"], format!("{} {id}", before.join(" ")));
    assert_eq!(read["subject"], shown["mail"]["subject"], "one `Re:`");
    assert_eq!(daemon.stop(), 0);
    world.cli(&["run", "--once"]).ok();
    assert_eq!(world.at_recruiter().len(), 2, "each sent once");
}
