//! What the stories of a [`World`] have in common: the way to a draft and to an approval, a
//! hand in the database, and a look at what arrived with another parser.

use std::path::Path;
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
