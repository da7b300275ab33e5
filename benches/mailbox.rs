//! What a whole mailbox costs, beside what mail-parser alone costs on the same bytes, and how
//! long a start takes until the first mail is judged.
//!
//! `cargo bench --bench mailbox [-- MAILDIR]`; without a Maildir it takes the 10,000 mails of
//! `../shared/bench` where they are (its README tells how to make them), otherwise `tests/mail`.
//! One thread; what counts is the processor's time, because a busy machine lies with the clock.

#![allow(clippy::print_stdout, reason = "figures are what this program is for")]

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use mail_parser::decoders::html::html_to_text;
use mail_parser::{MessageParser, PartType};
use regards::classify::{Known, Rules};
use regards::parse;

/// The middle one of so many is told.
const ROUNDS: usize = 3;
const STARTS: usize = 21;

/// The argument by which this program starts itself.
const START: &str = "--start-once";

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    if words.iter().any(|word| word == START) {
        return start_once();
    }
    let root = words.first().map_or_else(mailbox, PathBuf::from);
    let mails = read(&root);
    let bytes: usize = mails.iter().map(Vec::len).sum();
    println!("{} mails, {} MB, of {}", mails.len(), bytes / 1_000_000, root.display());
    start();
    let rules = Rules::embedded();
    let mut rounds: Vec<Round> = (0..ROUNDS).map(|_| round(&rules, &mails)).collect();
    rounds.sort_by(|a, b| ratio(a.whole, a.floor).total_cmp(&ratio(b.whole, b.floor)));
    let Some(Round { floor, parse, whole }) = rounds.get(ROUNDS / 2).copied() else { return };
    for (what, time) in [("floor", floor), ("parse", parse), ("parse, verdict, findings", whole)] {
        let each = time.as_secs_f64() * 1e6 / mails.len().max(1) as f64;
        println!("{what:<26} {each:>7.0} µs a mail  {:>5.2} × floor", ratio(time, floor));
    }
    let judged = whole.saturating_sub(parse);
    println!("{:<26} {:>28.2} × floor", "verdict and findings alone", ratio(judged, floor));
}

/// What the mailbox cost in one go.
#[derive(Clone, Copy)]
struct Round {
    floor: Duration,
    parse: Duration,
    whole: Duration,
}

fn round(rules: &Rules, mails: &[Vec<u8>]) -> Round {
    let each = |work: &dyn Fn(&[u8])| spent(|| mails.iter().for_each(|raw| work(raw)));
    Round {
        floor: each(&|raw| {
            black_box(floor(raw));
        }),
        parse: each(&|raw| drop(black_box(parsed(raw)))),
        whole: each(&|raw| drop(black_box(judged(rules, raw)))),
    }
}

fn ratio(time: Duration, floor: Duration) -> f64 {
    time.as_secs_f64() / floor.as_secs_f64().max(0.01)
}

fn mailbox() -> PathBuf {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let large = home.join("../shared/bench/data/m10k/Maildir");
    if large.is_dir() { large } else { home.join("tests/mail") }
}

/// Every file below a directory, in the order of their paths.
fn read(root: &Path) -> Vec<Vec<u8>> {
    let (mut waiting, mut files) = (vec![root.to_owned()], Vec::new());
    while let Some(directory) = waiting.pop() {
        for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() { waiting.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files.iter().filter_map(|file| std::fs::read(file).ok()).collect()
}

/// What nobody who reads mail with this parser can do without.
fn floor(raw: &[u8]) -> usize {
    let Some(mail) = MessageParser::new().parse(raw) else { return 0 };
    let seen = mail.parts.iter().map(|part| match &part.body {
        PartType::Text(text) => text.len(),
        PartType::Html(html) => html_to_text(html).len(),
        _ => 0,
    });
    seen.sum()
}

fn parsed(raw: &[u8]) -> regards::model::message::Message {
    parse::message(raw, true, &[])
}

fn judged(rules: &Rules, raw: &[u8]) -> regards::model::verdict::Verdict {
    rules.classify(&parsed(raw), &Known::default())
}

/// The processor's time for some work, in hundredths of a second where Linux tells them;
/// the clock's elsewhere.
fn spent(work: impl FnOnce()) -> Duration {
    let (began, before) = (Instant::now(), processor());
    work();
    match (before, processor()) {
        (Some(before), Some(after)) => after - before,
        _ => began.elapsed(),
    }
}

/// User and system time of all threads.
fn processor() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // Fields 14 and 15 of proc_pid_stat(5); the second may hold blanks and ends with `)`.
    let times = stat.rsplit_once(')')?.1.split(' ').skip(12).take(2);
    let ticks: u64 = times.filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    Some(Duration::from_millis(ticks * 10))
}

/// A process of its own for each start: within one, what is compiled stays compiled.
fn start() {
    let Ok(program) = std::env::current_exe() else { return };
    let mut starts: Vec<(f64, f64)> = (0..STARTS)
        .filter_map(|_| {
            let told = Command::new(&program).arg(START).output().ok()?.stdout;
            let told = String::from_utf8(told).ok()?;
            let (usable, first) = told.trim().split_once(' ')?;
            Some((usable.parse().ok()?, first.parse().ok()?))
        })
        .collect();
    starts.sort_by(|a, b| a.0.total_cmp(&b.0));
    let Some((usable, first)) = starts.get(starts.len() / 2) else { return };
    println!("rules usable after {usable:.1} ms, the first mail judged after {first:.1} ms");
}

fn start_once() {
    let began = Instant::now();
    let rules = Rules::embedded();
    let usable = began.elapsed();
    let mail = "From: Anna <a@firm.example>\r\nSubject: Your application\r\n\r\n\
                Thank you for applying for the Baker position at Nordkorn.\r\n\
                Unfortunately we have decided to move forward with other candidates.\r\n";
    black_box(judged(&rules, mail.as_bytes()));
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    println!("{} {}", ms(usable), ms(began.elapsed()));
}
