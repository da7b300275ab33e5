//! The shipped rules against mail written for this project: every file below
//! `tests/mail/<kind>/` is named after its quirk, and its folder is what it must be
//! taken for.

// Helpers of tests may stop at the first surprise as the tests themselves do.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout)]

use std::path::Path;

use base64::Engine as _;
use regards::classify::{Known, RuleFile, Rules};
use regards::model::findings::Findings;
use regards::model::message::Message;
use regards::model::verdict::{Decision, Kind, Verdict};

/// A mail and what the rules make of it.
pub fn judge(rules: &Rules, raw: &[u8]) -> (Message, Verdict) {
    let message = regards::parse::message(raw, true, &[]);
    let verdict = rules.classify(&message, &Known::default());
    (message, verdict)
}

/// (folder, file name without its end, bytes) of every mail.
fn mails() -> Vec<(String, String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mail");
    let mut mails = Vec::new();
    for folder in std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()) {
        if !folder.is_dir() {
            continue;
        }
        for file in std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            let name = |path: &Path| path.file_stem().unwrap().to_string_lossy().into_owned();
            mails.push((name(&folder), name(&file), std::fs::read(&file).unwrap()));
        }
    }
    mails.sort();
    assert!(mails.len() >= 60, "the mails are missing");
    mails
}

/// Prints a verdict that is not what was meant.
pub fn show(id: &str, meant: &str, verdict: &Verdict) {
    let hits: Vec<String> = verdict
        .hits
        .iter()
        .map(|h| format!("{}{}", h.symbol, h.mark.map_or(String::new(), |m| format!(":{m}"))))
        .collect();
    let (word, p) = (verdict.decision.word(), verdict.probability);
    println!("  {id} {meant} -> {word} p={p:.3} {}", hits.join(" "));
}

#[test]
fn every_rule_does_what_its_own_lines_say() {
    if let Err(errors) = Rules::compile(&[]) {
        for error in &errors {
            eprintln!("{error} ({})", error.hint());
        }
        panic!("{} errors", errors.len());
    }
    let failures = Rules::embedded().test();
    for failure in &failures {
        eprintln!("{failure:?}");
    }
    assert!(failures.is_empty());
    assert!(Rules::embedded().list().len() > 60);
}

#[test]
fn every_mail_is_taken_for_what_its_folder_says() {
    let rules = Rules::embedded();
    let mut wrong = 0;
    for (folder, name, raw) in mails() {
        let (_, verdict) = judge(&rules, &raw);
        if verdict.decision.word() != folder {
            show(&name, &folder, &verdict);
            wrong += 1;
        }
    }
    assert_eq!(wrong, 0);
}

/// The same mail in other clothes: what is said does not depend on how it was sent.
#[test]
fn a_mail_keeps_its_kind_however_it_is_encoded() {
    let rules = Rules::embedded();
    let mut wrong = 0;
    for (folder, name, raw) in mails() {
        let (message, _) = judge(&rules, &raw);
        for (how, dressed) in other_clothes(&message) {
            let (_, verdict) = judge(&rules, &dressed);
            if verdict.decision.word() != folder {
                show(&format!("{name} ({how})"), &folder, &verdict);
                wrong += 1;
            }
        }
    }
    assert_eq!(wrong, 0);
}

fn other_clothes(message: &Message) -> Vec<(&'static str, Vec<u8>)> {
    use unicode_normalization::UnicodeNormalization;
    let header = |kind: &str| {
        let from = message.header.from.first().map_or(String::new(), |from| {
            let name = from.name.clone().unwrap_or_default();
            format!("\"{name}\" <{}>", from.address)
        });
        let marks: String = message
            .header
            .fields
            .iter()
            .filter(|f| f.name.starts_with("List-") || f.name == "Precedence")
            .map(|f| format!("{}: {}\r\n", f.name, f.value))
            .collect();
        format!(
            "From: {from}\r\nSubject: {}\r\n{marks}MIME-Version: 1.0\r\n{kind}\r\n\r\n",
            message.header.subject
        )
    };
    let calendar =
        if message.body.calendar { "" } else { "Content-Type: text/plain; charset=utf-8" };
    if calendar.is_empty() {
        return Vec::new();
    }
    let text = whole_text(message);
    let footer = format!(
        "{text}\n\n-- \nA Company Ltd, Registered in Example No. 12345\nThis message is confidential."
    );
    let bytes = |head: String, body: &str| [head.as_bytes(), body.as_bytes()].concat();
    let html = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace("\n\n", "</p><p>")
        .replace('\n', "<br>");
    vec![
        ("wrapped at 40", bytes(header(calendar), &wrapped(&text, 40))),
        ("wrapped at 100", bytes(header(calendar), &wrapped(&text, 100))),
        ("NFD", bytes(header(calendar), &text.nfd().collect::<String>())),
        ("with a footer", bytes(header(calendar), &footer)),
        (
            "HTML only",
            bytes(
                header("Content-Type: text/html; charset=utf-8"),
                &format!("<div><p>{html}</p></div>"),
            ),
        ),
        (
            "base64",
            bytes(
                header(
                    "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64",
                ),
                &base64::engine::general_purpose::STANDARD.encode(&text),
            ),
        ),
        ("bare line feeds", bytes(header(calendar).replace("\r\n", "\n"), &text)),
        ("doubled carriage returns", bytes(header(calendar), &text.replace('\n', "\r\r\n"))),
    ]
}

/// New, quoted and forwarded text as one could have typed it.
fn whole_text(message: &Message) -> String {
    let body = &message.body;
    let mut text = body.new_text.clone();
    if !body.quoted.is_empty() {
        text.push_str("\n\nOn 3 Nov 2025 somebody <a@example.org> wrote:\n\n> ");
        text.push_str(&body.quoted.replace('\n', "\n> "));
    }
    if !body.forwarded.is_empty() {
        text.push_str("\n\n---------- Forwarded message ----------\n");
        text.push_str(&body.forwarded);
    }
    text
}

fn wrapped(text: &str, width: usize) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let (marks, line) =
            if let Some(rest) = line.strip_prefix("> ") { ("> ", rest) } else { ("", line) };
        let mut column = 0;
        out.push_str(marks);
        for word in line.split(' ') {
            if column > 0 && column + word.chars().count() > width {
                out.push_str("\r\n");
                out.push_str(marks);
                column = 0;
            }
            if column > 0 {
                out.push(' ');
            }
            out.push_str(word);
            column += word.chars().count() + 1;
        }
        out.push_str("\r\n");
    }
    out
}

#[test]
fn a_rejection_quoted_below_another_answer_is_none() {
    let rules = Rules::embedded();
    for (folder, name, raw) in mails() {
        if folder != "rejected" {
            continue;
        }
        let (message, _) = judge(&rules, &raw);
        let quoted = message.body.new_text.replace('\n', "\n> ");
        for head in
            ["On 3 Nov 2025 Anna <a@example.org> wrote:", "Am 03.11.2025 um 10:12 schrieb Anna:"]
        {
            let text = format!(
                "From: kim@friends.example\r\nSubject: Re: Sunday\r\n\r\nSee you on Sunday at eight!\n\n{head}\n\n> {quoted}\n"
            );
            let (_, verdict) = judge(&rules, text.as_bytes());
            assert_eq!(verdict.decision, Decision::Sure(Kind::Noise), "{name}");
        }
        let passed_on = format!(
            "From: kim@friends.example\r\nSubject: Fwd: x\r\n\r\nlook\n\n---------- Forwarded message ---------\n\n{}\n",
            message.body.new_text
        );
        let (_, verdict) = judge(&rules, passed_on.as_bytes());
        assert_ne!(verdict.decision, Decision::Sure(Kind::Rejected), "{name}");
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    company: Option<String>,
    role: Option<String>,
    person: Option<String>,
    reference: Option<String>,
    reason: Option<String>,
    stage: Option<String>,
    system: Option<String>,
    write_to: Option<String>,
    feedback_offered: Option<bool>,
    other_role_offered: Option<bool>,
    may_reapply: Option<bool>,
    do_not_reply: Option<bool>,
}

#[test]
fn a_question_is_no_rejection() {
    let rules = Rules::embedded();
    let opened = |subject: &str, text: &str| {
        let raw = format!(
            "From: a@jobs.example\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}"
        );
        judge(&rules, raw.as_bytes()).1.decision == Decision::Sure(Kind::Rejected)
    };
    for (subject, no) in [
        (
            "Your application as a baker",
            "Your application for the position was not successful this time.",
        ),
        (
            "Ihre Bewerbung als Bäckerin",
            "Ihre Bewerbung wurde leider abgelehnt und wir haben uns für andere entschieden.",
        ),
        ("Votre candidature", "Votre candidature n'a pas été retenue pour le poste."),
        (
            "Su candidatura",
            "No ha sido seleccionada para la vacante y su candidatura ha sido descartada.",
        ),
        ("La sua candidatura", "La sua candidatura non è stata selezionata per la posizione."),
        ("A sua candidatura", "A sua candidatura não foi selecionada para a vaga."),
        (
            "Uw sollicitatie",
            "Uw sollicitatie is afgewezen en u bent niet geselecteerd voor de functie.",
        ),
        ("Din ansökan", "Din ansökan har fått avslag och du har inte blivit utvald till tjänsten."),
    ] {
        assert!(opened(subject, no), "{no}");
        assert!(!opened(subject, &no.replace('.', "?")), "{no}");
    }
}

#[test]
fn findings_are_those_that_stand_in_the_mail() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mail/expected.toml");
    let text = std::fs::read_to_string(path).unwrap();
    let expected: std::collections::BTreeMap<String, Expected> = toml::from_str(&text).unwrap();
    let rules = Rules::embedded();
    let mails = mails();
    let mut wrong = Vec::new();
    for (name, expected) in &expected {
        let (folder, file) = name.split_once('/').unwrap();
        let (_, _, raw) = mails.iter().find(|(f, n, _)| f == folder && n == file).expect(name);
        let found = judge(&rules, raw).1.findings;
        compare(name, expected, &found, &mut wrong);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What is found in a mail of this sender with this text.
fn found_in(from: &str, text: &str) -> Findings {
    let raw = format!("From: {from}\r\nSubject: Your application\r\n\r\n{text}");
    judge(&Rules::embedded(), raw.as_bytes()).1.findings
}

#[test]
fn a_first_name_is_no_employer() {
    let text = "Hi Alex,\n\nthank you for applying. Unfortunately we chose another candidate.\n\n";
    for (from, name) in [
        ("dana@firm.example", "Dana"),
        ("dana.whitfield@firm.example", "Dana"),
        ("Careers <jobs@firm.example>", "Dana"),
        ("Kim <kim@firm.example>", "Kim"),
    ] {
        let signed = format!("{text}Thanks,\n{name}\n\n{name} Whitfield\nRecruiter\n");
        assert_eq!(found_in(from, &signed).company.map(|it| it.value), None, "{from}");
    }
    // What the domain bears is the firm's name, whoever else has it.
    let signed = format!("{text}Thanks,\nDana\n\nDana\nUnit 4\n");
    let company = found_in("dana@dana.example", &signed).company.map(|it| it.value);
    assert_eq!(company.as_deref(), Some("Dana"));
}

#[test]
fn who_is_not_considered_was_told_no_reason() {
    for text in [
        "Leider konnten wir Ihre Bewerbung im weiteren Verfahren nicht berücksichtigen.",
        "Leider können wir Sie bei der Besetzung einer Stelle nicht berücksichtigen.",
    ] {
        let found = found_in("Anna Berg <anna@firm.example>", &format!("Guten Tag,\n\n{text}\n"));
        assert_eq!(found.reason, None, "{text}");
    }
    let other = "Guten Tag,\n\nwir haben uns für einen anderen Bewerber entschieden.\n";
    assert!(found_in("Anna Berg <anna@firm.example>", other).reason.is_some());
}

fn compare(name: &str, expected: &Expected, found: &Findings, wrong: &mut Vec<String>) {
    let text = |f: &Option<regards::model::findings::Found<String>>| {
        f.as_ref().map_or(String::new(), |f| f.value.clone())
    };
    for (field, expected, found) in [
        ("company", &expected.company, text(&found.company)),
        ("role", &expected.role, text(&found.role)),
        ("person", &expected.person, text(&found.person)),
        ("reference", &expected.reference, text(&found.reference)),
        (
            "reason",
            &expected.reason,
            found.reason.as_ref().map_or(String::new(), |f| f.value.to_string()),
        ),
        (
            "stage",
            &expected.stage,
            found.stage.as_ref().map_or(String::new(), |f| f.value.to_string()),
        ),
        (
            "system",
            &expected.system,
            found.system.as_ref().map_or(String::new(), |f| f.value.name.clone()),
        ),
        (
            "write_to",
            &expected.write_to,
            found.write_to.as_ref().map_or(String::new(), |f| f.value.to_string()),
        ),
    ] {
        if expected.as_ref().is_some_and(|expected| *expected != found) {
            wrong.push(format!("{name}: {field} is {found:?}, not {expected:?}"));
        }
    }
    for (field, expected, found) in [
        ("feedback_offered", expected.feedback_offered, found.feedback_offered.is_some()),
        ("other_role_offered", expected.other_role_offered, found.other_role_offered.is_some()),
        ("may_reapply", expected.may_reapply, found.may_reapply.is_some()),
        ("do_not_reply", expected.do_not_reply, found.do_not_reply.is_some()),
    ] {
        if expected.is_some_and(|expected| expected != found) {
            wrong.push(format!("{name}: {field} is {found}"));
        }
    }
}

fn file(text: &str) -> RuleFile {
    RuleFile { name: "mine.toml".to_owned(), text: text.to_owned() }
}

#[test]
fn a_users_file_replaces_adds_and_switches_off() {
    let mail = b"From: x@example.org\r\nSubject: Your application\r\n\r\nYour application for the job: the owl has flown.\r\n";
    let mine = "[[rule]]\nsymbol = \"MY_OWL\"\ndescribe = \"How the zoo says no\"\nany = ['owl has flown']\nmatch = ['the owl has flown']\n[weights]\nMY_OWL = { rejected = 9.0 }\n";
    let shipped = Rules::embedded();
    let rules = Rules::compile(&[file(mine)]).unwrap();
    assert_ne!(shipped.number(), rules.number());
    assert_ne!(judge(&shipped, mail).1.decision, Decision::Sure(Kind::Rejected));
    let verdict = judge(&rules, mail).1;
    assert_eq!(verdict.decision, Decision::Sure(Kind::Rejected));
    assert!(verdict.hits.iter().any(|hit| hit.symbol == "MY_OWL" && hit.words == "owl has flown"));
    assert!(rules.test().is_empty());
    let off = Rules::compile(&[
        file(mine),
        RuleFile { name: "off.toml".into(), text: "[weights]\nMY_OWL = 0\n".into() },
    ])
    .unwrap();
    assert_ne!(judge(&off, mail).1.decision, Decision::Sure(Kind::Rejected));
    let replaced = mine.replace("owl has flown", "lion has slept");
    let both = Rules::compile(&[file(mine), RuleFile { name: "new.toml".into(), text: replaced }])
        .unwrap();
    assert_ne!(judge(&both, mail).1.decision, Decision::Sure(Kind::Rejected));
}

/// Shipped formulas go on to see it.
#[test]
fn a_formula_in_the_place_of_another_stands_where_that_one_stood() {
    let mail = include_bytes!("mail/rejected/position-filled.eml");
    let mine =
        "[[composite]]\nsymbol = \"OWN_APPLICATION\"\ndescribe = \"Mine\"\nwhen = \"HIRE_JOB\"\n";
    let rules = Rules::compile(&[file(mine)]).unwrap();
    let verdict = judge(&rules, mail).1;
    let fired = |symbol: &str| verdict.hits.iter().any(|hit| hit.symbol == symbol);
    assert!(fired("OWN_APPLICATION") && fired("NO_ALONE"), "{verdict:?}");
}

#[test]
fn a_mistake_in_a_rule_file_has_its_place_and_the_nearest_word() {
    for (text, line, word, nearest) in [
        ("[[rule]]\nsymbl = 'X'\n", 2, "Unknown field", Some("symbol")),
        ("[[rule]]\nsymbol = 'X'\ndescribe = 'x'\nany = [\n  'a(b',\n]\n", 5, "nclosed", None),
        (
            "[[rule]]\nsymbol = 'X'\ndescribe = 'x'\nwhere = 'subjekt'\nany = ['abc']\n",
            4,
            "not a place",
            Some("subject"),
        ),
        ("[[rule]]\nsymbol = 'X'\ndescribe = 'x'\nany = ['We regret']\n", 4, "lower-case", None),
        ("[[rule]]\nsymbol = 'X'\ndescribe = 'x'\nany = [\"\\bno\"]\n", 4, "between '…'", None),
        ("[[rule]]\nsymbol = 'MY NO'\ndescribe = 'x'\nany = ['no ']\n", 2, "is no symbol", None),
        (
            "[[rule]]\nsymbol = 'X'\ndescribe = 'x'\nlang = 'ed'\nany = ['no ']\n",
            4,
            "not a language",
            None,
        ),
        (
            "[weights]\nREJ_NO_FORWRD = { rejected = 1.0 }\n",
            2,
            "not a symbol",
            Some("REJ_NO_FORWARD"),
        ),
        ("[weights]\nREJ_NO_FORWARD = { rejectd = 1.0 }\n", 2, "not a kind", Some("rejected")),
        (
            "[[composite]]\nsymbol = 'Y'\ndescribe = 'y'\nwhen = 'REJ_NO_FORWARD & ('\n",
            4,
            "Expected",
            None,
        ),
        (
            "[[composite]]\nsymbol = 'Y'\ndescribe = 'y'\nwhen = 'BULK & !Z'\n\
             [[composite]]\nsymbol = 'Z'\ndescribe = 'z'\nwhen = 'BULK'\n",
            4,
            "stands below",
            None,
        ),
        (
            "[[rule]]\nsymbol = 'X'\ndescribe = 'x'\nany = ['(?:[a-z]{1000}){1000}']\n",
            4,
            "Too large",
            None,
        ),
    ] {
        let errors = Rules::compile(&[file(text)]).expect_err(text);
        let error = &errors[0];
        assert_eq!((error.line, error.file.as_str()), (line, "mine.toml"), "{text}");
        assert!(error.message.contains(word), "{text}: {error}");
        assert_eq!(error.nearest.as_deref(), nearest, "{text}");
    }
}
