//! The shipped rules against mail written for this project, and, where it is at hand, a
//! corpus of labelled mail that is not part of it.

use regards::classify::{Known, Rules};
use regards::model::verdict::{Decision, Kind, Verdict};

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
}

fn corpus() -> Option<std::path::PathBuf> {
    let given = std::env::var_os("REGARDS_CORPUS").map(Into::into);
    let default = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    given.or(Some(default)).filter(|path| path.is_dir())
}

/// Labelled mail of other people: precision and recall are printed; a mail that is no
/// rejection must not be opened as one.
#[test]
fn no_labelled_mail_is_wrongly_opened_as_a_rejection() {
    let Some(folder) = corpus() else {
        eprintln!("corpus absent: set REGARDS_CORPUS to a folder of JSON Lines");
        return;
    };
    let only = std::env::var("REGARDS_CORPUS_FILES").unwrap_or_default();
    let rules = Rules::embedded();
    let (mut wrong, mut total) = (0, [0usize; 5]);
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    for file in files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        if file.extension().is_none_or(|e| e != "jsonl") || !only.is_empty() && !only.contains(&name) {
            continue;
        }
        let mut counts = [0usize; 5];
        for line in std::fs::read_to_string(&file).unwrap().lines() {
            let case: serde_json::Value = serde_json::from_str(line).unwrap();
            let field = |key: &str| case[key].as_str().unwrap_or("").to_owned();
            let raw = as_mail(&field("from"), &field("subject"), &field("body"));
            let verdict = rules.classify(&regards::parse::message(&raw, true, &[]), &Known::default());
            let opened = verdict.decision == Decision::Sure(Kind::Rejected);
            let unsure = matches!(verdict.decision, Decision::Unsure(_));
            let is_no = field("label") == "rejection";
            counts[0] += usize::from(is_no);
            counts[1] += usize::from(is_no && opened);
            counts[2] += usize::from(is_no && unsure);
            counts[3] += usize::from(!is_no && opened);
            counts[4] += usize::from(!is_no && unsure);
            if (is_no != opened || !is_no && unsure) && std::env::var_os("REGARDS_CORPUS_SHOW").is_some() {
                show(&field("id"), &field("label"), &verdict);
            }
        }
        println!("{name:28} rejections {:4}, opened {:4}, unsure {:3}; others opened {} unsure {}", counts[0], counts[1], counts[2], counts[3], counts[4]);
        wrong += counts[3];
        total.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
    }
    println!("all: recall {:.3} ({}/{}), unsure {}, wrongly opened {wrong}, wrongly asked {}", total[1] as f64 / total[0] as f64, total[1], total[0], total[2], total[4]);
}

fn show(id: &str, label: &str, verdict: &Verdict) {
    let hits: Vec<String> = verdict
        .hits
        .iter()
        .map(|h| format!("{}{}", h.symbol, h.mark.map_or(String::new(), |m| format!(":{m}"))))
        .collect();
    println!("  {id} {label} -> {} p={:.3} {}", verdict.decision.word(), verdict.probability, hits.join(" "));
}

fn as_mail(from: &str, subject: &str, body: &str) -> Vec<u8> {
    let from = if from.contains('@') { from.to_owned() } else { "x@example.org".to_owned() };
    format!("From: {from}\r\nSubject: {}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n", subject.replace(['\r', '\n'], " ")).into_bytes()
}
