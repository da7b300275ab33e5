//! What stands in the header of an answer, read back at the recruiter by another parser.

use std::process::Command;

use serde_json::{Value, json};

use crate::support::mails::rejection;
use crate::support::story::{approve, assert_is_what_was_shown, number, read_by_python};
use crate::support::wait_until;
use crate::support::world::{PATIENCE, World};

/// What Python makes of words for a header field: encoded words, folded.
fn folded(field: &str, words: &str) -> String {
    const SCRIPT: &str = "
import email.header, sys
print(email.header.Header(sys.argv[2], 'utf-8', 76, sys.argv[1]).encode())";
    let output = Command::new("python3").args(["-c", SCRIPT, field, words]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

/// A world in which a rejection with these changes was answered; the mail at the recruiter.
fn answered(change: impl Fn(&World, String) -> String) -> Option<Value> {
    let world = World::with_servers()?;
    let daemon = world.daemon();
    world.deliver(&change(&world, rejection(&world)));
    let reply = number(&world.until_reply_is("drafted"));
    let shown = approve(&world, &reply);
    let arrived = world.until_arrived(1);
    assert_is_what_was_shown(&arrived[0], &shown);
    assert_eq!(daemon.stop(), 0);
    Some(read_by_python(&arrived[0]))
}

const SUBJECT: &str = "Subject: Your interview for Backend Engineer at Lindgren & Co";

#[test]
fn a_long_subject_in_encoded_words_is_answered_with_one_re() {
    let words = "AW: Re: RE[2]: Ihre Bewerbung als Geschäftsführungsassistenz (m/w/d) in Düsseldorf \
                 bei Lindgren – Rückmeldung nach dem zweiten Gespräch vom 3. März";
    let Some(read) = answered(|_, mail| {
        mail.replace(SUBJECT, &format!("Subject: {}", folded("Subject", words)))
    }) else {
        return;
    };
    let bare = words.trim_start_matches("AW: Re: RE[2]: ");
    assert_eq!(read["subject"], format!("Re: {bare}"));
    assert_eq!(read["defects"], json!([]));
}

#[test]
fn a_long_thread_keeps_its_first_and_its_last_references() {
    let ids: Vec<String> = (0..120).map(|n| format!("<mail-{n}@thread.example>")).collect();
    let Some(read) = answered(|_, mail| {
        let from = mail.find("References:").unwrap();
        let end = mail.find("MIME-Version").unwrap();
        format!("{}References: {}\n{}", &mail[..from], ids.join("\n "), &mail[end..])
    }) else {
        return;
    };
    let references = read["references"].as_str().unwrap();
    let references: Vec<&str> = references.split_whitespace().collect();
    assert_eq!(references.len(), 50);
    assert_eq!(references[0], ids[0]);
    assert_eq!(references[48], ids[119]);
    assert_eq!(references[49], read["in_reply_to"].as_str().unwrap());
}

#[test]
fn a_name_of_other_letters_arrives_as_it_was_written() {
    let name = "Łucja Nguyễn-Ørsted „HR“ 人事";
    let Some(read) = answered(|world, mail| {
        let from = format!("From: Nora Lindgren <{}>", world.recruiter());
        mail.replace(&from, &format!("From: {} <{}>", folded("From", name), world.recruiter()))
    }) else {
        return;
    };
    let to = read["to"].as_str().unwrap();
    assert!(to.contains(name), "{to}");
    assert_eq!(read["defects"], json!([]));
}

#[test]
fn an_address_that_needs_smtputf8_is_refused_with_the_reason() {
    let Some(world) = World::with_servers() else { return };
    let domain = world.recruiter().split_once('@').unwrap().1.to_owned();
    let other = format!("nöra@{domain}");
    world.deliver(&rejection(&world).replace(&world.recruiter(), &other));
    world.cli(&["run", "--once"]).ok();
    let daemon = world.daemon();
    wait_until("it was released", PATIENCE, || {
        world.cli(&["desk"]).ok().stdout.contains("cannot be written to")
    });
    let why = "before the @, which need SMTPUTF8 (RFC 6531)";
    let refused = world.cli(&["draft", "m1"]);
    assert!(refused.stderr.contains(why), "{}", refused.stderr);
    let typed = world.cli_typed(&["draft", "m1", "--to", &other], "y\ny\n");
    assert!(typed.stderr.contains(why), "{}{}", typed.stdout, typed.stderr);
    assert_eq!(daemon.stop(), 0);
    assert!(world.only_reply().is_none());
}
