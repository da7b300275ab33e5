//! The same mailbox, read in every way there is, is the same mailbox.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use regards::classify::{Known, Rules};
use regards::parse;
use regards::source::files;

use super::recorder::{Recorder, run_once, settings};
use crate::support::dovecot::{Dovecot, Options, PASSWORD};

/// By number of the mail: its kind, its findings, and whatever else was said of it.
type Said = BTreeMap<String, String>;

fn judge(rules: &Rules, raw: &[u8], complete: bool, said: &mut Said) {
    let message = parse::message(raw, complete, &[]);
    let field = message.header.fields.iter().find(|field| field.name == "X-Number");
    let number = field.expect("numbered").value.clone();
    let verdict = rules.classify(&message, &Known::default());
    let symbols: Vec<_> = verdict.hits.iter().map(|hit| (&hit.symbol, hit.mark)).collect();
    let (kind, findings) = (verdict.decision.word(), &verdict.findings);
    let text = format!("{kind} {:.6} {findings:?} {symbols:?}", verdict.probability);
    assert_eq!(said.insert(number, text), None, "read twice");
}

/// All of `tests/mail`, and mail that is not read to its end, with line feeds alone.
fn mailbox() -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mail");
    let folders = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> = folders
        .filter(|path| path.is_dir())
        .flat_map(|folder| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()))
        .collect();
    paths.sort();
    let mut mails: Vec<Vec<u8>> = paths.iter().map(|path| fs::read(path).unwrap()).collect();
    mails.extend(long_mails().into_iter().map(String::into_bytes));
    let numbered = mails.into_iter().enumerate().map(|(number, mail)| {
        let text: Vec<u8> = mail.into_iter().filter(|byte| *byte != b'\r').collect();
        [format!("X-Number: {number}\n").into_bytes(), text].concat()
    });
    numbered.collect()
}

/// Longer than the first piece, the first step, or both; what stands behind would change the
/// verdict if it were read in one way only.
fn long_mails() -> Vec<String> {
    let head = "From: Nora Lindgren <nora@lindgren.example>\nSubject: Your application\nMIME-Version: 1.0\n";
    let no = "Thank you for applying for the Baker position at Nordkorn. Unfortunately we have \
              decided to move forward with other candidates.\n\nKind regards\nNora Lindgren\n";
    let chatter = "Wir backen Brötchen, süße und salzige, für alle.\n\n";
    let style = "p { color: #fff }\n".repeat(7_000);
    let attachment = format!(
        "--x\nContent-Type: application/pdf; name=\"a.pdf\"\nContent-Transfer-Encoding: base64\n\n{}",
        "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo=\n".repeat(4_000)
    );
    let plain = "Content-Type: text/plain; charset=utf-8\n";
    let mut mails = vec![
        format!(
            "{head}Content-Type: text/html; charset=utf-8\n\n<style>{style}</style><p>{no}</p>"
        ),
        format!(
            "{head}Content-Type: multipart/mixed; boundary=x\n\n--x\n{plain}\n{no}\n{attachment}\
             --x\nContent-Type: text/calendar\n\nBEGIN:VCALENDAR\n--x--\n"
        ),
    ];
    for lines in [400, 1_500, 1_600, 1_700, 6_000, 8_000] {
        let text = chatter.repeat(lines);
        mails.push(format!("{head}{plain}\n{text}{no}"));
        mails.push(format!("{head}{plain}\n{no}{text}\nPlease do not reply to this mail.\n"));
        let encoded = text.replace('ö', "=C3=B6").replace('ü', "=C3=\n=BC").replace('ß', "=C3=9F");
        let encoding = "Content-Transfer-Encoding: quoted-printable\n";
        mails.push(format!("{head}{plain}{encoding}\n{encoded}{no}"));
        mails.push(format!(
            "{head}{}\n{}{no}",
            plain.replace("plain", "html"),
            text.replace('\n', "<br>")
        ));
    }
    mails
}

/// As a source does it that reads in pieces: on until it is enough.
fn in_pieces(rules: &Rules, mails: &[Vec<u8>], piece: usize) -> Said {
    let mut said = Said::new();
    for mail in mails {
        let mut read = piece.min(mail.len());
        while read < mail.len() && !parse::enough(&mail[..read]) {
            read = (read + piece).min(mail.len());
        }
        judge(rules, &mail[..read], read == mail.len(), &mut said);
    }
    said
}

fn of_files(rules: &Rules, path: PathBuf) -> Said {
    let mut said = Said::new();
    for found in files::open(&[path]) {
        let found = found.unwrap();
        judge(rules, &found.bytes, found.complete, &mut said);
    }
    said
}

fn compare(how: &str, first: &Said, second: &Said) {
    for (number, said) in first {
        assert_eq!(second.get(number), Some(said), "{how}, mail {number}");
    }
    assert_eq!(first.len(), second.len(), "{how}");
}

#[test]
fn a_mailbox_is_judged_alike_as_maildir_mbox_and_in_pieces_of_any_size() {
    let (rules, mails) = (Rules::embedded(), mailbox());
    let dir = tempfile::tempdir().unwrap();
    let maildir = dir.path().join("Maildir");
    for part in ["cur", "new", "tmp"] {
        fs::create_dir_all(maildir.join(part)).unwrap();
    }
    let mut mbox = Vec::new();
    for (number, mail) in mails.iter().enumerate() {
        // Names against the order of the mails: they are read the other way round.
        let name = format!("cur/{}.mail:2,S", 9_999 - number);
        fs::write(maildir.join(name), with_returns(mail)).unwrap();
        mbox.extend_from_slice(b"From nora@lindgren.example Fri Nov 20 10:00:00 2026\n");
        for line in mail.split_inclusive(|byte| *byte == b'\n') {
            let bare = line.iter().position(|byte| *byte != b'>').unwrap_or(0);
            if line[bare..].starts_with(b"From ") {
                mbox.push(b'>');
            }
            mbox.extend_from_slice(line);
        }
        mbox.extend_from_slice(b"\n\n");
    }
    fs::write(dir.path().join("all.mbox"), mbox).unwrap();
    let first = of_files(&rules, maildir);
    assert_eq!(first.len(), mails.len());
    compare("mbox", &first, &of_files(&rules, dir.path().join("all.mbox")));
    for piece in [4_000, 24 * 1024, 100_000, usize::MAX] {
        compare(&format!("pieces of {piece}"), &first, &in_pieces(&rules, &mails, piece));
    }
}

fn with_returns(mail: &[u8]) -> Vec<u8> {
    let lines = mail.split_inclusive(|byte| *byte == b'\n');
    let line = |line: &[u8]| match line.strip_suffix(b"\n") {
        Some(line) => [line, b"\r\n"].concat(),
        None => line.to_vec(),
    };
    lines.flat_map(line).collect()
}

#[test]
fn two_threads_and_no_filter_change_no_verdict() {
    let (rules, mut mails) = (Rules::embedded(), mailbox());
    // Thousands of sentences, each tried by thousands of expressions, tell nothing more.
    mails.retain(|mail| mail.len() < 8 * 1024);
    let first = in_pieces(&rules, &mails, usize::MAX);
    let unfiltered = Rules::embedded().unfiltered();
    let half = mails.len() / 2;
    let second = std::thread::scope(|scope| {
        // Each thread compiles what it needs while the other one uses it.
        let halves = [&mails[half..], &mails[..half]]
            .map(|mails| scope.spawn(|| in_pieces(&unfiltered, mails, usize::MAX)));
        halves.map(|thread| thread.join().unwrap()).into_iter().flatten().collect()
    });
    compare("unfiltered, on two threads", &first, &second);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_is_judged_alike_over_imap() {
    let Some(dovecot) = Dovecot::start(&Options::default()) else { return };
    let (rules, mails) = (Rules::embedded(), mailbox());
    for mail in mails.iter().rev() {
        dovecot.deliver("anna", "INBOX", mail);
    }
    let intake = Recorder::new();
    intake.parses.store(true, Ordering::Relaxed);
    let settings = settings(dovecot.imaps, dovecot.ca_file());
    let summary = run_once(settings, PASSWORD, &intake).await.unwrap();
    assert_eq!(summary.admitted, mails.len() as u64);
    let mut over_imap = Said::new();
    let raws: Vec<_> = intake.record().messages.into_values().collect();
    assert!(raws.iter().any(|raw| !raw.complete), "every mail was fetched to its end");
    for raw in raws {
        judge(&rules, &raw.bytes, raw.complete, &mut over_imap);
    }
    compare("IMAP", &in_pieces(&rules, &mails, usize::MAX), &over_imap);
}
