//! A reply that the server took and gave back: told, never sent again, and no obstacle to the
//! next one, although its copy lies in Sent and answers the same rejection.

use serde_json::Value;

use crate::support::mails::rejection;
use crate::support::proxy::Stop;
use crate::support::story::{approve, number, proxy};
use crate::support::wait_until;
use crate::support::world::{Daemon, PATIENCE, World};

/// A world whose first recruiter has left the firm: Postfix takes mail to her and returns it.
fn whose_recruiter_is_gone() -> Option<(World, Daemon, String)> {
    let mut world = World::with_servers()?;
    world.set("account.main.send.sent_copy", "append");
    let daemon = world.daemon();
    let reply = until_drafted_to_gone(&world);
    Some((world, daemon, reply))
}

fn until_drafted_to_gone(world: &World) -> String {
    let domain = world.recruiter().split_once('@').unwrap().1.to_owned();
    world.deliver(&rejection(world).replace(&world.recruiter(), &format!("gone@{domain}")));
    number(&world.until_reply_is("drafted"))
}

fn lines(world: &World) -> Vec<Value> {
    let all = world.cli(&["desk", "--all", "--json"]).ok().json();
    all.into_iter().filter(|line| line["type"] == "reply").collect()
}

/// Waits until `reply` is in this state; its line on the desk.
fn until(world: &World, reply: &str, state: &str) -> Value {
    let mut line = Value::Null;
    wait_until(&format!("{reply} is {state}"), PATIENCE, || {
        let found = lines(world).into_iter().find(|line| line["reply"] == reply);
        line = found.unwrap_or_default();
        line["state"] == state
    });
    line
}

fn until_told(world: &World, reply: &str) {
    wait_until("the bounce is told", PATIENCE, || {
        let notice = lines(world)[0]["notice"].as_str().unwrap_or_default().to_owned();
        notice.contains("it came back") && notice.contains("nobody of this name works here")
    });
    let desk = world.cli(&["desk"]).ok().stdout;
    assert!(desk.contains(&format!("{reply}: it came back")), "{desk}");
}

#[test]
fn after_a_bounce_another_person_of_the_firm_gets_the_answer() {
    let Some((world, daemon, first)) = whose_recruiter_is_gone() else { return };
    approve(&world, &first);
    until_told(&world, &first);
    until(&world, &first, "sent");
    wait_until("the copy is in Sent", PATIENCE, || {
        world.mails_of(&world.applicant(), "Sent").len() == 1
    });
    let to = ["draft", "m1", "--to", &world.recruiter()];
    world.cli_typed(&to, "y\ny\n").ok();
    until(&world, "r2", "drafted");
    approve(&world, "r2");
    until(&world, "r2", "sent");
    world.until_arrived(1);
    assert_eq!(daemon.stop(), 0);
    world.cli(&["run", "--once"]).ok();
    assert_eq!(world.at_recruiter().len(), 1);
    let of_gone = "status=bounced (nobody of this name works here)";
    let log = world.servers().postfix.log();
    let id = world.recruiter().split_once('@').unwrap().1.to_owned();
    let bounced = log.lines().filter(|it| it.contains(&id) && it.contains(of_gone)).count();
    assert_eq!(bounced, 1, "{log}");
}

#[test]
fn an_answer_from_the_phone_holds_the_second_one_back_all_the_same() {
    let Some((world, daemon, first)) = whose_recruiter_is_gone() else { return };
    approve(&world, &first);
    until_told(&world, &first);
    let domain = world.recruiter().split_once('@').unwrap().1.to_owned();
    world.deliver_into(
        "Sent",
        &format!("Message-ID: <p@a.example>\nIn-Reply-To: <rej-1@{domain}>\n\nThanks\n"),
    );
    world.cli_typed(&["draft", "m1", "--to", &world.recruiter()], "y\ny\n").ok();
    let line = until(&world, "r2", "withdrawn");
    assert_eq!(line["notice"], "you answered it yourself");
    assert_eq!(daemon.stop(), 0);
    assert!(world.at_recruiter().is_empty());
}

#[test]
fn what_comes_back_was_out_whatever_was_thought_of_it() {
    let Some(mut world) = World::with_servers() else { return };
    let proxy = proxy(&world);
    world.set("account.main.send.port", i64::from(proxy.port));
    let daemon = world.daemon();
    let reply = until_drafted_to_gone(&world);
    proxy.stop_at(Stop::Answer);
    approve(&world, &reply);
    proxy.until_stopped();
    proxy.cut();
    until_told(&world, &reply);
    let line = until(&world, &reply, "sent");
    assert!(line["notice"].as_str().unwrap().contains("it came back"), "{line}");
    assert_eq!(daemon.stop(), 0);
    assert_eq!(proxy.bodies(), 1);
}
