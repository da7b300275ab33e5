//! What the stories have in common: the mails of a recruiter, the way to a draft and to an
//! approval, and a look at what arrived with another parser.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::certificates::Validity;
use crate::support::proxy::Proxy;
use crate::support::world::World;

/// A world whose way to Postfix leads through a proxy.
pub fn with_proxy() -> Option<(World, Proxy)> {
    let mut world = World::with_servers()?;
    let proxy = proxy(&world);
    world.set("account.main.send.port", i64::from(proxy.port));
    Some((world, proxy))
}

/// A proxy before the world's Postfix.
pub fn proxy(world: &World) -> Proxy {
    let servers = world.servers();
    let own = servers.dovecot.issue("localhost", Validity::Now);
    Proxy::start(servers.postfix.smtps, &servers.dovecot.ca_file(), &own)
}

/// An invitation by a person, some days old.
pub fn invitation(world: &World) -> String {
    let date = days_ago(9);
    let (nora, alex) = (world.recruiter(), world.applicant());
    let domain = nora.split_once('@').unwrap().1;
    format!(
        "Date: {date}\nFrom: Nora Lindgren <{nora}>\nTo: Alex Morgan <{alex}>\n\
         Subject: Interview: Backend Engineer at Lindgren & Co\n\
         Message-ID: <talk-1@{domain}>\nMIME-Version: 1.0\n\
         Content-Type: text/plain; charset=utf-8\n\n\
         Hi Alex,\n\nwe liked your application for Backend Engineer and would like to invite \
         you to an interview. Would Tuesday at 10:00 suit you?\n\n\
         Best regards,\nNora Lindgren\nLindgren & Co\n"
    )
}

/// Her rejection after the talks, in the same thread.
pub fn rejection(world: &World) -> String {
    let date = days_ago(0);
    let (nora, alex) = (world.recruiter(), world.applicant());
    let domain = nora.split_once('@').unwrap().1;
    format!(
        "Date: {date}\nFrom: Nora Lindgren <{nora}>\nTo: Alex Morgan <{alex}>\n\
         Subject: Your interview for Backend Engineer at Lindgren & Co\n\
         Message-ID: <rej-1@{domain}>\nIn-Reply-To: <talk-1@{domain}>\n\
         References: <first-0@{domain}>\n <talk-1@{domain}>\nMIME-Version: 1.0\n\
         Content-Type: text/plain; charset=utf-8\n\n\
         Hi Alex,\n\nthank you for taking the time to speak with us about the Backend \
         Engineer role. After careful consideration we have decided to offer the position to \
         another candidate. It was not an easy decision.\n\n\
         Best regards,\nNora Lindgren\nLindgren & Co\n"
    )
}

/// A mail that the applicant sent long ago: with it the folder exists, which Dovecot would
/// otherwise create at the first look.
pub fn old_sent_mail(world: &World) {
    world.deliver_into(
        "Sent",
        "Date: Mon, 02 Mar 2026 10:00:00 +0000\nFrom: alex@applicant.example\n\
         To: friend@else.example\nSubject: Hello\nMessage-ID: <old@applicant.example>\n\nHi.\n",
    );
}

/// A date as it stands in mails.
pub fn days_ago(days: i64) -> String {
    let at = jiff::Zoned::now().saturating_sub(jiff::SignedDuration::from_hours(24 * days));
    jiff::fmt::rfc2822::to_string(&at).unwrap()
}

/// Delivers the rejection and waits until its draft is on the desk; the reply's number.
pub fn until_drafted(world: &World) -> String {
    world.deliver(&rejection(world));
    number(&world.until_reply_is("drafted"))
}

/// The number in a line of `desk --json`.
pub fn number(line: &Value) -> String {
    line["reply"].as_str().unwrap().to_owned()
}

/// Looks at the mail, says yes to it, and hands back what was shown.
pub fn approve(world: &World, reply: &str) -> Value {
    let shown = world.cli(&["show", reply, "--json"]).ok().one();
    world.cli(&["approve", reply]).ok();
    shown
}

/// What Python's `email` reads from a mail: field names in order, then the values.
pub fn read_by_python(mail: &Path) -> Value {
    const SCRIPT: &str = "
import email, email.policy, json, sys
mail = email.message_from_binary_file(open(sys.argv[1], 'rb'), policy=email.policy.default)
print(json.dumps({
    'names': mail.keys(), 'subject': mail['subject'], 'in_reply_to': mail['in-reply-to'],
    'references': mail['references'], 'message_id': mail['message-id'],
    'from': str(mail['from']), 'to': str(mail['to']), 'received': mail.get_all('received'),
    'return_path': mail['return-path'], 'type': mail.get_content_type(),
    'text': mail.get_content(), 'defects': [str(d) for d in mail.defects],
}))";
    let output = Command::new("python3").args(["-c", SCRIPT]).arg(mail).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The mail is the one that was shown, field by field, and has nothing besides.
pub fn assert_is_what_was_shown(mail: &Path, shown: &Value) {
    let read = read_by_python(mail);
    let mine = &shown["mail"];
    for field in ["from", "to", "subject", "text", "message_id", "in_reply_to"] {
        assert_eq!(unbracketed(&read[field]), unbracketed(&mine[field]), "{field}");
    }
    let references: Vec<&str> =
        mine["references"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    assert_eq!(read["references"], references.join(" "));
    assert_eq!(
        read["return_path"].as_str().unwrap().trim_matches(['<', '>']),
        mine["envelope_from"]
    );
    let names: Vec<&str> = read["names"]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap())
        .filter(|name| !["Return-Path", "Received", "X-Original-To", "Delivered-To"].contains(name))
        .collect();
    let expected = [
        "Date",
        "From",
        "To",
        "Subject",
        "Message-ID",
        "In-Reply-To",
        "References",
        "MIME-Version",
        "Content-Type",
        "Content-Transfer-Encoding",
    ];
    assert_eq!(names, expected, "no header of our own");
    assert_eq!(read["defects"], serde_json::json!([]));
}

fn unbracketed(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value}"))
}
