//! Each fault of an IMAP server at each moment of a watch, against `imap-matrix.md`.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use regards::source::Contact;
use regards::source::imap::Settings;
use tokio::sync::Semaphore;

use super::recorder::{Record, Recorder, Watching, settings};
use crate::support::scripted::{Line, Scripted};

const TABLE: &str = include_str!("imap-matrix.md");

/// Watches at a time: the limits below are short.
const AT_A_TIME: usize = 6;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    Greeting,
    Login,
    Select,
    Search,
    Fetch,
    Idle,
}

pub const MOMENTS: [(&str, At); 6] = [
    ("greeting", At::Greeting),
    ("login", At::Login),
    ("select", At::Select),
    ("search", At::Search),
    ("fetch", At::Fetch),
    ("idle", At::Idle),
];

const FAULTS: [&str; 17] = [
    "BYE and close",
    "BYE and silence",
    "tagged BYE",
    "BYE, then OK",
    "EOF in a literal",
    "expunge",
    "other UIDVALIDITY",
    "UIDNEXT jumps",
    "unasked FETCH",
    "endless lines",
    "literal of 4 GiB",
    "deep parentheses",
    "wrong tag",
    "OK without +",
    "silence",
    "slow drip",
    "PREAUTH",
];

/// The words of a row of the table.
fn words(line: &'static str) -> Vec<&'static str> {
    line.trim_matches('|').split('|').map(str::trim).collect()
}

/// Moment, fault and expected word of each cell that there is.
fn table() -> Vec<(At, &'static str, &'static str)> {
    let mut rows = TABLE.lines().filter(|line| line.starts_with("| "));
    assert_eq!(words(rows.next().unwrap())[1..], MOMENTS.map(|(name, _)| name));
    let rows: Vec<_> = rows.map(words).collect();
    let names: Vec<&str> = rows.iter().map(|row| row[0]).collect();
    assert_eq!(names, FAULTS);
    let cell = |row: &[&'static str], at: usize| (MOMENTS[at].1, row[0], row[at + 1]);
    let cells = rows.iter().flat_map(|row| (0..MOMENTS.len()).map(|at| cell(row, at)));
    cells.filter(|(_, _, word)| *word != "-").collect()
}

/// The mailbox behind all connections.
#[derive(Default)]
pub struct Mailbox {
    pub uids: Mutex<BTreeSet<u32>>,
    renumbered: AtomicBool,
}

impl Mailbox {
    fn uids(&self) -> Vec<u32> {
        self.uids.lock().unwrap().iter().copied().collect()
    }

    /// One more mail, and its UID.
    pub fn deliver(&self) -> u32 {
        let mut uids = self.uids.lock().unwrap();
        let uid = uids.last().map_or(5, |last| last + 1);
        uids.insert(uid);
        uid
    }

    fn uidvalidity(&self) -> u32 {
        if self.renumbered.load(Ordering::SeqCst) { 8 } else { 7 }
    }

    /// What a server answers that has no fault; for AUTHENTICATE and IDLE the "+".
    fn answer(&self, at: At, tag: &str, command: &str) -> String {
        let uids = self.uids();
        let done = format!("{tag} OK done\r\n");
        match at {
            At::Greeting => "* OK ready\r\n".to_owned(),
            At::Login | At::Idle => "+ go on\r\n".to_owned(),
            At::Select => format!(
                "* {} EXISTS\r\n* OK [UIDVALIDITY {}] ok\r\n{tag} OK [READ-ONLY] open\r\n",
                uids.len(),
                self.uidvalidity()
            ),
            At::Search => {
                let list: String = uids.iter().map(|uid| format!(" {uid}")).collect();
                format!("* SEARCH{list}\r\n{done}")
            }
            At::Fetch => {
                let set = command.split(' ').nth(2).unwrap();
                let asked = |uid: &&u32| set.split(',').any(|it| it == uid.to_string());
                let fetched = uids.iter().filter(asked).map(|uid| fetched(*uid));
                fetched.collect::<String>() + &done
            }
        }
    }
}

/// One FETCH line. Its mail is too long to drip within a deadline.
fn fetched(uid: u32) -> String {
    let text = format!("Subject: {uid}\r\n\r\n{}\r\n", "words ".repeat(50));
    let size = text.len();
    format!("* 1 FETCH (UID {uid} RFC822.SIZE {size} BODY[]<0> {{{size}}}\r\n{text})\r\n")
}

fn moment(command: &str) -> Option<At> {
    [
        ("AUTHENTICATE", At::Login),
        ("EXAMINE", At::Select),
        ("UID SEARCH", At::Search),
        ("UID FETCH", At::Fetch),
        ("IDLE", At::Idle),
    ]
    .into_iter()
    .find_map(|(begin, at)| command.starts_with(begin).then_some(at))
}

/// One connection of the scripted server.
pub struct Talk {
    line: Line,
    mailbox: Arc<Mailbox>,
    /// What will go wrong, once.
    ahead: Option<(At, &'static str)>,
    /// IDLE was answered without "+".
    refused: bool,
    /// Messages that the client knows of.
    told: usize,
}

impl Talk {
    pub fn new(line: Line, mailbox: Arc<Mailbox>, ahead: Option<(At, &'static str)>) -> Talk {
        Talk { line, mailbox, ahead, refused: false, told: 0 }
    }

    pub async fn play(mut self) {
        if !self.answer(At::Greeting, "*", "").await {
            return;
        }
        loop {
            let said = self.line.hear().await;
            let Some((tag, command)) = said.split_once(' ') else { return };
            let (tag, command) = (tag.to_owned(), command.to_owned());
            if let Some(at) = moment(&command) {
                if !self.answer(at, &tag, &command).await {
                    return;
                }
                let begun = at == At::Login || at == At::Idle;
                if begun && !std::mem::take(&mut self.refused) {
                    self.finish(at, &tag).await;
                }
            } else {
                let untagged = match command.split(' ').next().unwrap() {
                    "CAPABILITY" => "* CAPABILITY IMAP4rev1 AUTH=PLAIN IDLE\r\n",
                    "LIST" => "* LIST () \"/\" INBOX\r\n",
                    _ => "",
                };
                self.line.say(&format!("{untagged}{tag} OK done\r\n")).await;
            }
        }
    }

    /// The second half of what began with "+".
    async fn finish(&mut self, at: At, tag: &str) {
        let there = self.mailbox.uids().len();
        if at == At::Idle && there != self.told {
            self.told = there;
            self.line.say(&format!("* {there} EXISTS\r\n")).await;
        }
        if self.line.hear().await.is_empty() {
            return;
        }
        self.line.say(&format!("{tag} OK done\r\n")).await;
    }

    /// The answer, or the fault when this is its moment; false when the connection ends.
    async fn answer(&mut self, at: At, tag: &str, command: &str) -> bool {
        if at == At::Select {
            self.told = self.mailbox.uids().len();
        }
        let Some((_, fault)) = self.ahead.take_if(|(moment, _)| *moment == at) else {
            let answer = self.mailbox.answer(at, tag, command);
            self.line.say(&answer).await;
            return true;
        };
        let mailbox = Arc::clone(&self.mailbox);
        let besides = match fault {
            "expunge" => {
                mailbox.uids.lock().unwrap().pop_first();
                "* 1 EXPUNGE\r\n"
            }
            "other UIDVALIDITY" => {
                mailbox.renumbered.store(true, Ordering::SeqCst);
                "* OK [UIDVALIDITY 8] new numbers\r\n"
            }
            "UIDNEXT jumps" => "* OK [UIDNEXT 4294967295] far away\r\n",
            "unasked FETCH" => "* 2 FETCH (UID 99 RFC822.SIZE 5 BODY[]<0> {5}\r\nhello)\r\n",
            "PREAUTH" => "* PREAUTH welcome back\r\n",
            _ => "",
        };
        let answer = mailbox.answer(at, tag, command);
        mailbox.deliver();
        if fault == "slow drip" {
            self.line.drip(&answer).await;
            return true;
        }
        if fault == "PREAUTH" && at == At::Greeting {
            self.line.say(besides).await;
            return true;
        }
        if !besides.is_empty() {
            // While idling the server speaks when it has been let.
            let whole = match at {
                At::Idle => format!("{answer}{besides}"),
                _ => format!("{besides}{answer}"),
            };
            self.line.say(&whole).await;
            return true;
        }
        self.end(fault, at, tag).await
    }

    /// A fault after which the connection is of no use.
    async fn end(&mut self, fault: &str, at: At, tag: &str) -> bool {
        let said = match fault {
            "BYE and close" | "BYE and silence" => "* BYE going down\r\n".to_owned(),
            "tagged BYE" => format!("{tag} BYE going down\r\n"),
            "BYE, then OK" => format!("* BYE going down\r\n{tag} OK done\r\n"),
            "EOF in a literal" => "* 1 FETCH (UID 5 BODY[]<0> {100}\r\nSubject: h".to_owned(),
            "endless lines" => format!("* OK {}\r\n", "and here ".repeat(50)).repeat(15_000),
            "literal of 4 GiB" => "* 1 FETCH (UID 5 BODY[]<0> {4294967295}\r\n".to_owned(),
            "deep parentheses" => {
                format!("* 1 FETCH (UID 5 BODYSTRUCTURE {}", "(".repeat(200_000))
            }
            "wrong tag" => "zz9 OK done\r\n".to_owned(),
            "OK without +" => format!("{tag} OK done\r\n"),
            "silence" => String::new(),
            other => panic!("nobody knows how to play {other}"),
        };
        self.line.say(&said).await;
        if fault == "OK without +" && at == At::Idle {
            self.refused = true;
            return true;
        }
        if matches!(fault, "BYE and close" | "BYE, then OK" | "EOF in a literal") {
            self.line.close().await;
        } else {
            self.line.hear().await;
        }
        false
    }
}

/// A watch that gives up each answer after `limit`.
pub fn hurried(server: &Scripted, limit: Duration) -> Settings {
    let mut settings = settings(server.port, server.ca_file());
    settings.poll_every = Duration::from_millis(500);
    settings.deadlines.greeting = limit;
    settings.deadlines.command = limit;
    settings.deadlines.idle_done = limit;
    Settings { idle_for: Duration::from_secs(1), ..settings }
}

/// Plays a cell; what was not as it should be.
async fn played(at: At, fault: &'static str, expected: &str) -> Option<String> {
    let mailbox = Arc::<Mailbox>::default();
    for _ in 0..2 {
        mailbox.deliver();
    }
    let behind = Arc::clone(&mailbox);
    let server = Scripted::tls(move |line| {
        let ahead = (line.number == 0).then_some((at, fault));
        Talk::new(line, Arc::clone(&behind), ahead).play()
    })
    .await?;
    let intake = Recorder::new();
    intake.put_cursor("INBOX", 7, 5);
    // A drip of one byte in 16 ms is about one byte in a quarter of a second under the real
    // limit of a minute: enough for a line, too slow for a mail.
    let limit = Duration::from_secs(4);
    let watching = Watching::start(hurried(&server, limit), "pw", &intake);
    let rest = |c: &Contact| matches!(c, Contact::Idle { .. });
    let later = |r: &Record| {
        let valid = mailbox.uidvalidity();
        r.messages.keys().any(|(_, validity, uid)| (*validity, *uid) == (valid, 7))
            && r.contacts.last().is_some_and(rest)
    };
    let what = format!("the later mail and rest ({at:?}, {fault})");
    let record = intake.until(&what, later).await;
    watching.stop().await;
    judge(&record, &mailbox, expected).map(|it| format!("{at:?}, {fault}: {it}\n"))
}

fn judge(record: &Record, mailbox: &Mailbox, expected: &str) -> Option<String> {
    let word = if record.losses().is_empty() { "on" } else { "anew" };
    if word != expected {
        return Some(format!("{word}, not {expected}: {:?}", record.losses()));
    }
    if record.losses().len() > 1 {
        return Some(format!("lost more than once: {:?}", record.losses()));
    }
    let valid = mailbox.uidvalidity();
    let taken = record.messages.keys().filter(|(_, validity, _)| *validity == valid);
    let taken: Vec<u32> = taken.map(|(_, _, uid)| *uid as u32).collect();
    let there = mailbox.uids();
    let missed: Vec<&u32> = there.iter().filter(|uid| !taken.contains(uid)).collect();
    let invented: Vec<&u32> = taken.iter().filter(|uid| !(5..=7).contains(*uid)).collect();
    let fine = missed.is_empty() && invented.is_empty() && record.twice.is_empty();
    (!fine).then(|| format!("missed {missed:?}, invented {invented:?}, twice {:?}", record.twice))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_cell_of_the_table_ends_as_it_says_with_no_mail_missed_or_taken_twice() {
    let turn = Arc::new(Semaphore::new(AT_A_TIME));
    let mut cells = tokio::task::JoinSet::new();
    for (at, fault, expected) in table() {
        let turn = Arc::clone(&turn);
        cells.spawn(async move {
            let _turn = turn.acquire().await.unwrap();
            played(at, fault, expected).await.unwrap_or_default()
        });
    }
    let wrong = cells.join_all().await.concat();
    assert!(wrong.is_empty(), "\n{wrong}");
}
