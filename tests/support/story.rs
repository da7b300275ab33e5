//! What the stories of a [`World`] have in common: the way to a draft and to an approval, a
//! hand in the database, and a look at what arrived with another parser.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::certificates::Validity;
use super::mails::rejection;
use super::proxy::Proxy;
use super::world::{PATIENCE, World};

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

/// Delivers the rejection and waits until its draft is on the desk; the reply's number.
pub fn until_drafted(world: &World) -> String {
    world.deliver(&rejection(world));
    number(&world.until_reply_is("drafted"))
}

/// Runs SQL on a database as somebody with an editor would.
pub fn sql(state: &Path, statement: &str) {
    let database = rusqlite::Connection::open(state.join("regards.db")).unwrap();
    database.busy_timeout(PATIENCE).unwrap();
    database.execute_batch(statement).unwrap();
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

/// Gives a local world a way out that keeps each mail it is given in a file of its own, named
/// after the moment in nanoseconds; two of the same mail are two files.
pub fn kept_way_out(world: &mut World) {
    let program = world.path("sendmail");
    fs::write(&program, "#!/bin/sh\nnow=$(date +%s%N)\ncat > \"$HOME/out/$now\"\n").unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    world.set("account.main.send.transport", "sendmail");
    world.set("account.main.send.path", program.display().to_string());
}

/// The mails that left a local world.
pub fn given_out(world: &World) -> Vec<PathBuf> {
    fs::read_dir(world.path("out")).unwrap().map(|entry| entry.unwrap().path()).collect()
}

/// The copies of the mail in the applicant's Sent folder.
pub fn copies(world: &World, shown: &Value) -> Vec<PathBuf> {
    let id = shown["mail"]["message_id"].as_str().unwrap();
    let mut sent = world.mails_of(&world.applicant(), "Sent");
    sent.retain(|it| fs::read_to_string(it).unwrap_or_default().contains(id));
    sent
}

/// The applicant's inbox holds the rejection as it came, unseen, and nothing else.
pub fn assert_inbox_is_untouched(world: &World) {
    let inbox = world.mails_of(&world.applicant(), "INBOX");
    let flags: Vec<_> = inbox
        .iter()
        .map(|it| it.to_string_lossy().split_once(":2,").map(|it| it.1.to_owned()))
        .collect();
    assert!(flags.iter().all(|it| it.as_deref().is_none_or(str::is_empty)), "{flags:?}");
    assert_eq!(inbox.len(), 1);
    let mail = fs::read_to_string(&inbox[0]).unwrap();
    let came = rejection(world).replace('\n', "\r\n");
    assert_eq!(mail, came.replace(&date(&came), &date(&mail)));
}

/// The Date line of a mail.
fn date(mail: &str) -> String {
    mail.lines().find(|line| line.starts_with("Date: ")).unwrap().trim_end().to_owned()
}

fn unbracketed(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value}"))
}

/// So many days pass: everything that the database knows happened that much earlier.
pub fn days_pass(state: &Path, days: i64) {
    let span = days * 24 * 3600 * 1000;
    for (table, columns) in [
        ("message", &["received_at", "first_seen_at"][..]),
        ("reply", &["since", "date", "approved_at", "due", "first_due"]),
        ("answer", &["at"]),
        ("reminder", &["due", "set_at"]),
        ("journal", &["at"]),
    ] {
        let columns: Vec<String> =
            columns.iter().map(|column| format!("{column} = {column} - {span}")).collect();
        sql(state, &format!("UPDATE {table} SET {}", columns.join(", ")));
    }
}
