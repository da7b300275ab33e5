//! Situations of people who were rejected, as whole mailboxes: one for each language, read by
//! the real program, with the default pauses. `tests/situations/<language>.txt` are the mails,
//! `tests/situations/expected.md` is what must come of them, and the snapshots are the drafts.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};
use regards::cool;
use regards::model::verdict::Kind;
use serde_json::Value;

use crate::support::has;
use crate::support::house::{House, put};

/// The year in which all of it happens; the files say day and time.
const YEAR: &str = "2026";

/// No language may have fewer.
const SITUATIONS_MIN: usize = 15;

/// What happened to somebody, mail by mail.
struct Situation {
    number: String,
    title: String,
    mails: Vec<Mail>,
}

/// A mail as the files write it: the moment, a header without what every mail has, a text.
struct Mail {
    at: Timestamp,
    header: String,
    text: String,
}

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/situations")
}

/// The situations of `<language>.txt`: `=== 01 title`, and for each mail `--- 12 Nov 08:30`,
/// its header, an empty line and its text.
fn situations(language: &str) -> Vec<Situation> {
    let text = fs::read_to_string(directory().join(format!("{language}.txt"))).unwrap();
    let mut parts = text.split("\n=== ");
    parts.next().unwrap();
    parts.map(situation).collect()
}

fn situation(part: &str) -> Situation {
    let mut mails = part.split("\n--- ");
    let (number, title) = mails.next().unwrap().trim().split_once(' ').unwrap();
    Situation { number: number.into(), title: title.into(), mails: mails.map(mail).collect() }
}

fn mail(part: &str) -> Mail {
    let (at, rest) = part.split_once('\n').unwrap();
    let (header, text) = rest.split_once("\n\n").unwrap();
    let at = Zoned::strptime("%d %b %H:%M %Y %z", format!("{at} {YEAR} +0000"))
        .unwrap_or_else(|error| panic!("{at}: {error}"));
    Mail { at: at.timestamp(), header: header.into(), text: text.trim_end().into() }
}

impl Mail {
    fn field(&self, name: &str) -> Option<&str> {
        let begin = format!("{name}: ");
        self.header.lines().find_map(|line| line.strip_prefix(&begin))
    }

    /// As it lies in the mailbox; `#2` in it is the Message-ID of the situation's second.
    fn bytes(&self, key: &str, number: usize) -> Vec<u8> {
        let date = jiff::fmt::rfc2822::to_string(&self.at.to_zoned(TimeZone::UTC)).unwrap();
        let mut header = format!("Received: from mx.example by mail.example.org; {date}\n");
        let mut field = |name: &str, value: &str| {
            if self.field(name).is_none() {
                writeln!(header, "{name}: {value}").unwrap();
            }
        };
        field("Date", &date);
        field("To", "Alex Morgan <alex@example.org>");
        field("Message-ID", &format!("<{key}-{number}@mail.example>"));
        field("MIME-Version", "1.0");
        field("Content-Type", "text/plain; charset=utf-8");
        field("Content-Transfer-Encoding", "8bit");
        for line in self.header.lines() {
            writeln!(header, "{}", encoded(line)).unwrap();
        }
        let referring = (1..9).fold(header, |header, n| {
            header.replace(&format!("#{n}"), &format!("<{key}-{n}@mail.example>"))
        });
        format!("{referring}\n{}\n", self.text).replace('\n', "\r\n").into_bytes()
    }
}

/// Words outside of ASCII as RFC 2047 has them.
fn encoded(line: &str) -> String {
    let mut words: Vec<(bool, String)> = Vec::new();
    for word in line.split(' ') {
        match words.last_mut() {
            // The blank between two encoded words is dropped by readers.
            Some((true, last)) if !word.is_ascii() => *last = format!("{last} {word}"),
            _ => words.push((!word.is_ascii(), word.to_owned())),
        }
    }
    let written = words.into_iter().map(|(foreign, word)| {
        if foreign { format!("=?utf-8?B?{}?=", BASE64_STANDARD.encode(word)) } else { word }
    });
    written.collect::<Vec<_>>().join(" ")
}

/// A mailbox with all mails of a language, and the program as a user has it who set nothing.
fn house(language: &str, situations: &[Situation]) -> House {
    let house = House::new("1s");
    let file = house.path("config.toml");
    let config = fs::read_to_string(&file).unwrap();
    let (before, cooling) = config.split_once("[cooling]").unwrap();
    let (_, after) = cooling.split_once("[sending]").unwrap();
    fs::write(&file, format!("{before}[sending]{after}")).unwrap();
    let mut mails: Vec<(Timestamp, Vec<u8>)> = Vec::new();
    for it in situations {
        let key = format!("{language}-{}", it.number);
        let bytes = |(n, mail): (usize, &Mail)| (mail.at, mail.bytes(&key, n + 1));
        mails.extend(it.mails.iter().enumerate().map(bytes));
    }
    mails.sort();
    for (_, bytes) in mails {
        put(&house.path("Maildir"), &bytes);
    }
    house
}

/// What the program knows of the mails and replies of one situation.
#[derive(Default)]
struct Outcome {
    /// The rows of the mails that it kept, in the order of their arrival.
    kept: Vec<Value>,
    /// What `desk` said in the evening, while everything cooled.
    cooling: Vec<Value>,
    /// What `show` said days later.
    shown: Vec<Value>,
}

/// By number of the situation.
fn outcomes(language: &str, situations: &[Situation]) -> BTreeMap<String, Outcome> {
    let mut house = house(language, situations);
    let latest = situations.iter().flat_map(|it| &it.mails).map(|mail| mail.at).max().unwrap();
    let evening = at_time(latest, "23:50");
    house.pretend(Some(&evening));
    house.once();
    assert_eq!(house.desk(), [], "nobody hears of anything on the first evening");
    let cooling = house.json(&["desk", "--cooling"]);
    let later = latest.checked_add(SignedDuration::from_hours(5 * 24)).unwrap();
    let later = cool::next_opening(later, &cool::Settings::default());
    house.pretend(Some(&at_time(later, "16:00")));
    house.once();
    let mut outcomes: BTreeMap<String, Outcome> =
        situations.iter().map(|it| (it.number.clone(), Outcome::default())).collect();
    let kept = kept(&house);
    let number = |message: &str| -> String {
        let id = kept.iter().find(|it| it["message"] == message).unwrap()["id"].as_str().unwrap();
        id.split('-').nth(1).unwrap().to_owned()
    };
    assert!(cooling.iter().all(|row| row["type"] != "brake"), "{cooling:?}");
    for row in cooling.into_iter().filter(|row| row["type"] == "reply") {
        outcomes.get_mut(&number(word(&row["message"]))).unwrap().cooling.push(row);
    }
    for (reply, _, _) in house.all_replies() {
        let shown = house.json(&["show", &reply]).remove(0);
        outcomes.get_mut(&number(word(&shown["message"]))).unwrap().shown.push(shown);
    }
    for row in &kept {
        outcomes.get_mut(&number(word(&row["message"]))).unwrap().kept.push(row.clone());
    }
    outcomes
}

fn at_time(day: Timestamp, time: &str) -> String {
    format!("@{} {time}:00", day.to_zoned(TimeZone::UTC).date())
}

fn kept(house: &House) -> Vec<Value> {
    let rows: String = house.query(
        "SELECT json_group_array(json_object('message', 'm' || no, 'id', message_id, 'kind', kind, \
         'unsure', unsure, 'question', question, 'addressee', addressee, 'why', addressee_why)) \
         FROM (SELECT * FROM message ORDER BY received_at)",
    );
    serde_json::from_str(&rows).unwrap()
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or("—")
}

/// The rows of the table that an outcome is.
fn rows(it: &Situation, outcome: &Outcome) -> Vec<String> {
    let cells: Vec<[String; 4]> = match outcome.shown.as_slice() {
        [] => vec![undrafted(it, outcome)],
        shown => shown.iter().map(|shown| drafted(shown, outcome)).collect(),
    };
    let row =
        |cells: &[String; 4]| format!("| {} | {} | {} |", it.number, it.title, cells.join(" | "));
    cells.iter().map(row).collect()
}

fn undrafted(it: &Situation, outcome: &Outcome) -> [String; 4] {
    let none = |to: &str, why: String| [to.to_owned(), "none".into(), "—".into(), why];
    let nobody = outcome.kept.iter().rev().find(|row| row["addressee"] == "nobody");
    match (nobody, outcome.kept.last()) {
        (Some(row), _) => none("nobody", word(&row["why"]).to_owned()),
        (None, Some(row)) if outcome.kept.len() == it.mails.len() => none("—", kind(row)),
        (None, _) => none("—", "the last mail is not about an application".to_owned()),
    }
}

fn kind(row: &Value) -> String {
    let asked = row["question"].as_str().map(|it| format!(", asked: {it}")).unwrap_or_default();
    let code = u8::try_from(row["kind"].as_u64().unwrap()).unwrap();
    format!("{}{asked}", Kind::from_code(code).map_or("own", Kind::name))
}

fn drafted(shown: &Value, outcome: &Outcome) -> [String; 4] {
    if shown["state"] != "drafted" {
        return [
            "—".into(),
            word(&shown["state"]).into(),
            "—".into(),
            word(&shown["notice"]).into(),
        ];
    }
    let mail = &shown["mail"];
    let to = format!("{} {}", word(&shown["addressee"]["who"]), word(&mail["envelope_to"][0]));
    let told =
        shown["warnings"].as_array().unwrap().iter().chain(shown["tone"].as_array().unwrap());
    let told: Vec<&str> = told.map(word).collect();
    let told = if told.is_empty() { "—".to_owned() } else { told.join("; ") };
    [to, word(&mail["intent"]).to_owned(), earliest(shown, outcome), told]
}

/// The pause, and the first office hour after it.
fn earliest(shown: &Value, outcome: &Outcome) -> String {
    let Some(row) = outcome.cooling.iter().find(|row| row["reply"] == shown["reply"]) else {
        return "not before the evening".to_owned();
    };
    let moment = |name: &str| word(&row[name]).parse::<Timestamp>().unwrap();
    let pause = moment("due").duration_since(moment("received")).as_hours();
    let opening = cool::next_opening(moment("due"), &cool::Settings::default());
    format!("{pause} h: {}", opening.strftime("%a %d %b %H:%M"))
}

/// A draft as a person reads it.
fn letter(it: &Situation, shown: &Value) -> String {
    let mail = &shown["mail"];
    let answers = match mail["in_reply_to"].as_str() {
        Some(id) => {
            format!("answers {id}, {} in the thread", mail["references"].as_array().unwrap().len())
        }
        None => "new mail".to_owned(),
    };
    format!(
        "=== {} {}\nFrom:    {}\nTo:      {}\nSubject: {}\n({answers})\n\n{}\n",
        it.number,
        it.title,
        word(&mail["from"]),
        word(&mail["to"]),
        word(&mail["subject"]),
        word(&mail["text"]).trim_end()
    )
}

/// The mark of a row that tells what comes today instead of the one above it.
const TODAY: &str = "| ↳ | today |";

/// The rows that `expected.md` has below the headline of a language: those that must come, and
/// those that should.
fn expected(language: &str) -> (Vec<String>, Vec<String>) {
    let text = fs::read_to_string(directory().join("expected.md")).unwrap();
    let headline = format!("## {language}\n");
    let part = text.split_once(&headline).unwrap().1;
    let part = part.split("\n## ").next().unwrap();
    let row = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let (mut must, mut should): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    for row in part.lines().filter(|line| line.starts_with("| ")).skip(1).map(row) {
        match row.strip_prefix(TODAY) {
            Some(today) => {
                let wish = must.pop().unwrap();
                let cells: Vec<&str> = wish.splitn(4, '|').collect();
                if today != " nothing |" {
                    must.push(format!("|{}|{}|{today}", cells[1], cells[2]));
                }
                should.push(wish);
            }
            None => must.push(row),
        }
    }
    (must, should)
}

/// Lets the program live through a language and compares what came of it.
fn live_through(language: &str) {
    if !has(&["faketime"]) {
        return;
    }
    let situations = situations(language);
    assert!(situations.len() >= SITUATIONS_MIN, "{}", situations.len());
    let outcomes = outcomes(language, &situations);
    let mut table = Vec::new();
    let mut letters = String::new();
    for it in &situations {
        let outcome = &outcomes[&it.number];
        table.extend(rows(it, outcome));
        let drafts = outcome.shown.iter().filter(|shown| shown["state"] == "drafted");
        letters.extend(drafts.map(|shown| letter(it, shown) + "\n"));
    }
    let (expected, should) = expected(language);
    let mut differing = String::new();
    for row in expected.iter().filter(|row| !table.contains(row)) {
        writeln!(differing, "expected {row}").unwrap();
    }
    for row in table.iter().filter(|row| !expected.contains(row)) {
        writeln!(differing, "came     {row}").unwrap();
    }
    for row in should.iter().filter(|row| table.contains(row)) {
        writeln!(differing, "cured    {row}").unwrap();
    }
    assert!(differing.is_empty(), "\n{differing}");
    assert_eq!(table.len(), expected.len());
    insta::assert_snapshot!(language, letters);
}

macro_rules! languages {
    ($($test:ident $language:literal)+) => { $(
        #[test]
        fn $test() {
            live_through($language);
        }
    )+ };
}

languages! {
    english_situations_end_as_the_table_says "en"
    german_situations_end_as_the_table_says "de"
    french_situations_end_as_the_table_says "fr"
    spanish_situations_end_as_the_table_says "es"
    italian_situations_end_as_the_table_says "it"
    portuguese_situations_end_as_the_table_says "pt"
    dutch_situations_end_as_the_table_says "nl"
    swedish_situations_end_as_the_table_says "sv"
}
