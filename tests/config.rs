//! The configuration file: the manual names every setting and its true default, and every
//! broken one ends in a sentence with its place and, for a word that is nearly right, with
//! the right one.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use regards::config::{Config, ConfigError};

const MANUAL: &str = include_str!("../config.example.toml");

fn parse(text: &str) -> Result<Config, ConfigError> {
    let now = "2026-11-20T10:00:00Z".parse().expect("a time");
    Config::parse(text, Path::new("config.toml"), now)
}

/// All settings of the rooms; two texts that mean the same give the same.
fn meaning(text: &str) -> String {
    match parse(text) {
        Ok(config) => format!("{config:#?}"),
        Err(error) => panic!("{error}\n{text}"),
    }
}

/// What a line of the manual is.
enum Line<'a> {
    /// `[table]`, `key = value`, prose or nothing.
    Other,
    /// `#key = value`: the default.
    Default(&'a str),
    /// `#e.g. key = value`: absent unless written.
    Example(&'a str),
    /// A line of a whole account that is shown.
    Shown(&'a str),
}

/// The manual's lines, in order. What follows a `#[table]` belongs to an account that is shown
/// as a whole.
fn lines() -> Vec<(&'static str, Line<'static>)> {
    let mut shown = false;
    let line = |line: &'static str| {
        let bare = line.strip_prefix('#').unwrap_or("");
        shown |= bare.starts_with('[');
        let setting = bare
            .split_once(" = ")
            .is_some_and(|(key, _)| key.chars().all(|c| c.is_ascii_lowercase() || c == '_'));
        let kind = if let Some(example) = bare.strip_prefix("e.g. ") {
            Line::Example(example)
        } else if shown && (setting || bare.starts_with('[')) {
            Line::Shown(bare)
        } else if setting {
            Line::Default(bare)
        } else {
            Line::Other
        };
        (line, kind)
    };
    MANUAL.lines().map(line).collect()
}

/// The manual with some of its lines written otherwise.
fn manual_with(change: impl Fn(usize, &Line<'static>) -> Option<String>) -> String {
    let line = |(at, (line, kind)): (usize, (&str, Line<'static>))| {
        change(at, &kind).unwrap_or_else(|| line.to_owned()) + "\n"
    };
    lines().into_iter().enumerate().map(line).collect()
}

#[test]
fn the_manual_is_a_configuration_and_its_defaults_are_the_true_ones() {
    let bare = meaning(MANUAL);
    let mut count = 0;
    for (at, (_, kind)) in lines().iter().enumerate() {
        let (Line::Default(setting) | Line::Example(setting)) = kind else { continue };
        let written = manual_with(|i, _| (i == at).then(|| (*setting).to_owned()));
        if matches!(kind, Line::Default(_)) {
            assert_eq!(meaning(&written), bare, "`{setting}` is not the default");
        } else {
            assert_ne!(meaning(&written), bare, "`{setting}` changes nothing");
        }
        count += 1;
    }
    assert!(count > 30, "only {count} settings were recognised");
    let all = manual_with(|_, kind| match kind {
        Line::Default(setting) => Some((*setting).to_owned()),
        _ => None,
    });
    assert_eq!(meaning(&all), bare);
}

#[test]
fn every_account_that_the_manual_shows_can_be_used() {
    let all = manual_with(|_, kind| match kind {
        Line::Default(text) | Line::Example(text) | Line::Shown(text) => Some((*text).to_owned()),
        Line::Other => None,
    });
    let config = parse(&all).expect("parses");
    let labels: Vec<&str> = config.accounts.iter().map(|it| it.label.as_str()).collect();
    assert_eq!(labels, ["fastmail", "gmail", "local", "main", "outlook", "trial"]);
    assert!(config.accounts.iter().all(|it| it.way_out.is_some()));
}

/// The settings of a table as the program itself names them when it meets an unknown one.
fn settings_of(table: &str) -> BTreeSet<String> {
    let text = match table {
        "" => "zzz = 1\n".to_owned(),
        table => format!("name = \"A\"\n[{table}]\nzzz = 1\n"),
    };
    let error = parse(&text).expect_err("refused");
    assert!(error.message.contains("zzz"), "{error}");
    let names = error.message.split('`').skip(3).step_by(2).map(str::to_owned);
    names.collect()
}

#[test]
fn the_manual_names_every_setting_of_every_table() {
    let mut count = 0;
    for table in [
        "",
        "cooling",
        "sending",
        "account.x",
        "account.x.imap",
        "account.x.maildir",
        "account.x.send",
    ] {
        let mut here = String::new();
        let mut named = BTreeSet::new();
        for (line, kind) in lines() {
            let text = match kind {
                Line::Default(text) | Line::Example(text) | Line::Shown(text) => text,
                Line::Other => line,
            };
            if let Some(head) = text.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
                let mut parts: Vec<&str> = head.split('.').collect();
                if let Some(label) = parts.get_mut(1) {
                    *label = "x";
                }
                here = parts.join(".");
            } else if let Some((key, _)) = text.split_once(" = ")
                && here == table
            {
                named.insert(key.to_owned());
            }
        }
        let missing: Vec<_> = settings_of(table)
            .into_iter()
            .filter(|key| !named.contains(key) && !MANUAL.contains(&format!("[{key}")))
            .filter(|key| !MANUAL.contains(&format!("[account.main.{key}]")))
            .filter(|key| !MANUAL.contains(&format!("#[account.local.{key}]")))
            .collect();
        assert!(missing.is_empty(), "[{table}]: {missing:?} is not in config.example.toml");
        count += settings_of(table).len();
    }
    assert!(count > 40, "only {count} settings were found");
}

/// A good account; the tables that follow are broken after it or in its place.
const GOOD: &str = "name = \"Alex\"\n[account.a]\naddresses = [\"a@example.org\"]\n";
const IMAP: &str = "[account.a.imap]\nhost = \"imap.example.org\"\nlogin = \"a\"\n";
const SEND: &str = "[account.a.send]\nhost = \"smtp.example.org\"\n";

/// Every way to be wrong that we could think of: what it is, and the file.
#[allow(clippy::too_many_lines, reason = "it is a table")]
fn broken() -> Vec<(&'static str, Vec<u8>)> {
    let whole = |line: &str| format!("{line}\n{GOOD}{IMAP}{SEND}");
    let cooling = |line: &str| format!("{GOOD}{IMAP}{SEND}\n[cooling]\n{line}\n");
    let sending = |line: &str| format!("{GOOD}{IMAP}{SEND}\n[sending]\n{line}\n");
    let account = |line: &str| format!("{GOOD}{line}\n{IMAP}{SEND}");
    let imap = |line: &str| format!("{GOOD}{IMAP}{line}\n{SEND}");
    let send = |line: &str| format!("{GOOD}{IMAP}{SEND}{line}\n");
    let cases = [
        ("empty file", String::new()),
        ("only a comment", "# nothing\n".to_owned()),
        ("no account", "name = \"Alex\"\n".to_owned()),
        ("no name", format!("{GOOD}{IMAP}").replace("name = \"Alex\"\n", "")),
        ("empty name", format!("{GOOD}{IMAP}").replace("Alex", " ")),
        ("name of two lines", format!("{GOOD}{IMAP}").replace("Alex", "Alex\\nMorgan")),
        (
            "host without quotes",
            format!("{GOOD}{IMAP}").replace("\"imap.example.org\"", "imap.org"),
        ),
        ("top setting below a table", account("rules_dir = \"rules\"")),
        ("sending's setting in the mailbox", imap("delay = \"2m\"")),
        ("table misspelt once", format!("{GOOD}{IMAP}").replace("[account.a]", "[acount.a]")),
        ("name without quotes", format!("{GOOD}{IMAP}").replace("\"Alex\"", "Alex")),
        ("name twice", whole("name = \"Bo\"")),
        ("unknown setting", whole("signatur = \"x\"")),
        ("unknown setting, unlike all", whole("colour = \"red\"")),
        ("capitals", whole("Signature = \"x\"")),
        ("unknown table", whole("").replace("[account.a]", "[accounts.a]")),
        ("no equals sign", whole("signature \"x\"")),
        ("quote not closed", whole("signature = \"x")),
        ("table not closed", format!("{GOOD}[account.a.imap\nhost = \"h\"\n")),
        ("word of another language", cooling("after_form = 24 Stunden")),
        ("unknown cooling setting", cooling("after_forms = \"1d\"")),
        ("length as a number", cooling("after_form = 24")),
        ("length without a unit", cooling("after_form = \"24\"")),
        ("length below zero", cooling("after_form = \"-1d\"")),
        ("length in months", cooling("look_back = \"3mo\"")),
        ("office hours in words", cooling("office_hours = \"nine to five\"")),
        ("office hours backwards", cooling("office_hours = \"18:00-09:00\"")),
        ("office hours of no length", cooling("office_hours = \"09:00-09:00\"")),
        ("hour 25", cooling("office_hours = \"09:00-25:00\"")),
        ("no working day", cooling("working_days = []")),
        ("day in full", cooling("working_days = [\"monday\"]")),
        ("day in German", cooling("working_days = [\"Mo\"]")),
        ("one day, no list", cooling("working_days = \"mon\"")),
        ("unknown zone", cooling("time_zone = \"Europe/Bonn\"")),
        ("holiday that is no date", cooling("holidays = [\"Christmas\"]")),
        ("holiday in German", cooling("holidays = [\"25.12.2026\"]")),
        ("holiday as a number", cooling("holidays = [2026]")),
        ("31 February", cooling("holidays = [\"2026-02-31\"]")),
        ("unknown word for when", sending("when = \"later\"")),
        ("number below zero", sending("per_hour = -1")),
        ("number as text", sending("per_day = \"20\"")),
        ("delay that is no length", sending("delay = \"soon\"")),
        ("table twice", sending("delay = \"1m\"\n[sending]\nper_day = 3")),
        ("no addresses", format!("name = \"A\"\n[account.a]\n{IMAP}")),
        ("list of no addresses", format!("name = \"A\"\n[account.a]\naddresses = []\n{IMAP}")),
        ("address without a domain", whole("").replace("a@example.org", "a@")),
        ("address without an at", whole("").replace("a@example.org", "Alex")),
        ("two addresses in one", whole("").replace("a@example.org", "a@b.example, c@d.example")),
        ("address, no list", whole("").replace("[\"a@example.org\"]", "\"a@example.org\"")),
        ("unknown account setting", account("address = [\"b@example.org\"]")),
        ("neither imap nor maildir", GOOD.to_owned()),
        ("both imap and maildir", format!("{GOOD}{IMAP}[account.a.maildir]\npath = \"M\"\n")),
        ("the same account twice", format!("{GOOD}{IMAP}[account.a]\naddresses = [\"b@c.de\"]\n")),
        (
            "the same mailbox twice",
            format!("{GOOD}{IMAP}")
                + &format!("{GOOD}{IMAP}")
                    .replace("account.a", "account.b")
                    .replace("name = \"Alex\"\n", ""),
        ),
        ("label with a slash", whole("").replace("account.a", "account.\"../a\"")),
        ("unknown imap setting", imap("hosst = \"x\"")),
        ("no host", format!("{GOOD}[account.a.imap]\nlogin = \"a\"\n")),
        ("no login", format!("{GOOD}[account.a.imap]\nhost = \"h\"\n")),
        ("empty login", imap("").replace("login = \"a\"", "login = \"\"")),
        ("host with a port", imap("").replace("imap.example.org", "imap.example.org:993")),
        ("host as an URL", imap("").replace("imap.example.org", "imaps://imap.example.org")),
        ("empty host", imap("").replace("imap.example.org", "")),
        ("port too large", imap("port = 99999")),
        ("port 0", imap("port = 0")),
        ("port as text", imap("port = \"993\"")),
        ("tls never", imap("tls = \"none\"")),
        ("tls misspelt", imap("tls = \"startls\"")),
        ("unknown way to log in", imap("auth = \"oauth\"")),
        ("a password in place of its place", imap("secret = \"hunter2-canary\"")),
        ("unknown place of a secret", imap("secret = { pass = \"mail\" }")),
        ("two places of a secret", imap("secret = { file = \"a\", command = [\"b\"] }")),
        ("command as one text", imap("secret = { command = \"pass show mail\" }")),
        ("empty command", imap("secret = { command = [] }")),
        ("password written down", imap("password = \"hunter2-canary\"")),
        ("no folder", imap("watch = []")),
        ("folder, no list", imap("watch = \"INBOX\"")),
        ("asking without a pause", imap("poll_every = \"0s\"")),
        ("unknown transport", send("transport = \"mail\"")),
        ("smtp without a host", format!("{GOOD}{IMAP}[account.a.send]\n")),
        (
            "folder without a path",
            format!("{GOOD}{IMAP}[account.a.send]\ntransport = \"folder\"\n"),
        ),
        (
            "sendmail by its short name",
            format!(
                "{GOOD}{IMAP}[account.a.send]\ntransport = \"sendmail\"\npath = \"sendmail\"\n"
            ),
        ),
        ("smtp without a login", format!("{GOOD}[account.a.maildir]\npath = \"M\"\n{SEND}")),
        ("smtp with a path", send("path = \"out\"")),
        ("unknown keeper of the copy", send("sent_copy = \"server\"")),
        ("yes in place of true", send("bcc_self = yes")),
    ];
    let mut all: Vec<(&str, Vec<u8>)> =
        cases.into_iter().map(|(what, text)| (what, text.into_bytes())).collect();
    all.push(("binary", vec![0, 159, 146, 150, 7]));
    all.push(("Latin-1", [whole("").as_bytes(), b"# M\xfcller\n"].concat()));
    all.push(("a NUL byte", whole("signature = \"\0\"").into_bytes()));
    all.push(("UTF-16", whole("").encode_utf16().flat_map(u16::to_le_bytes).collect()));
    all.push(("CRLF and a mistake", cooling("after_frm = \"1d\"").replace('\n', "\r\n").into()));
    all.push(("BOM and a mistake", format!("\u{feff}{}", whole("nam = 1")).into()));
    all
}

#[test]
fn every_broken_configuration_is_told_with_its_place() {
    let now = "2026-11-20T10:00:00Z".parse().expect("a time");
    let mut told = String::new();
    let broken = broken();
    assert!(broken.len() >= 40);
    for (what, bytes) in &broken {
        let Err(error) = Config::parse_bytes(bytes, Path::new("config.toml"), now) else {
            panic!("accepted: {what}\n{}", String::from_utf8_lossy(bytes))
        };
        writeln!(told, "{what}\n    {error}").expect("written");
        if let Some(hint) = &error.hint {
            writeln!(told, "    → {hint}").expect("written");
        }
        assert_eq!(error.to_string().lines().count(), 1, "{error}");
        // A password that was written into the wrong place is not repeated to a log.
        assert!(!error.to_string().contains("canary"), "{error}");
    }
    insta::assert_snapshot!(told);
}

#[test]
fn a_holiday_may_stand_without_quotes() {
    let with = |date: &str| meaning(&format!("{GOOD}{IMAP}\n[cooling]\nholidays = [{date}]\n"));
    assert_eq!(with("2026-12-25"), with("\"2026-12-25\""));
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_are_fine() {
    let plain = meaning(&format!("{GOOD}{IMAP}{SEND}"));
    assert_eq!(meaning(&format!("\u{feff}{GOOD}{IMAP}{SEND}")), plain);
    assert_eq!(meaning(&format!("{GOOD}{IMAP}{SEND}").replace('\n', "\r\n")), plain);
}
