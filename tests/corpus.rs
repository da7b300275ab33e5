//! The shipped rules on a corpus of labelled mail, where one is at hand: it is other
//! people's mail and no part of the project.

// Helpers of tests may stop at the first surprise as the tests themselves do.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout)]

use std::path::{Path, PathBuf};

use regards::classify::Rules;
use regards::model::verdict::{Decision, Kind};

use crate::rules::{judge, show};

fn beside(variable: &str, default: &str) -> Option<PathBuf> {
    let given = std::env::var_os(variable).map(PathBuf::from);
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join(default);
    given.or(Some(default)).filter(|path| path.is_dir())
}

/// Labelled mail of other people: precision and recall are printed; a mail that is no
/// rejection must not be opened as one.
#[test]
fn no_labelled_mail_is_wrongly_opened_as_a_rejection() {
    let Some(folder) = beside("REGARDS_CORPUS", "../shared/corpus") else {
        eprintln!("corpus absent: set REGARDS_CORPUS to a folder of JSON Lines");
        return;
    };
    let only = std::env::var("REGARDS_CORPUS_FILES").unwrap_or_default();
    let rules = Rules::embedded();
    let mut total = [0usize; 5];
    let mut files: Vec<_> =
        std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    for file in files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        if file.extension().is_none_or(|e| e != "jsonl")
            || !only.is_empty() && !only.contains(&name)
        {
            continue;
        }
        let counts = count(&rules, &std::fs::read_to_string(&file).unwrap());
        let [no, opened, unsure, wrong, asked] = counts;
        println!(
            "{name:28} rejections {no:4}: opened {opened:4}, unsure {unsure:3}; others: opened {wrong}, unsure {asked}"
        );
        total.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
    }
    let [no, opened, unsure, wrong, asked] = total;
    println!("all: recall {opened}/{no}, unsure {unsure}; others: opened {wrong}, unsure {asked}");
    assert_eq!(wrong, 0);
    assert!(opened * 100 >= no * 85, "recall fell below 85 %");
}

fn count(rules: &Rules, lines: &str) -> [usize; 5] {
    let mut counts = [0usize; 5];
    for line in lines.lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let field = |key: &str| case[key].as_str().unwrap_or("").to_owned();
        let from =
            if field("from").contains('@') { field("from") } else { "x@example.org".to_owned() };
        let subject = field("subject").replace(['\r', '\n'], " ");
        let raw = format!(
            "From: {from}\r\nSubject: {subject}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{}\r\n",
            field("body")
        );
        let (_, verdict) = judge(rules, raw.as_bytes());
        let opened = verdict.decision == Decision::Sure(Kind::Rejected);
        let unsure = matches!(verdict.decision, Decision::Unsure(_));
        let is_no = field("label") == "rejection";
        counts[0] += usize::from(is_no);
        counts[1] += usize::from(is_no && opened);
        counts[2] += usize::from(is_no && unsure);
        counts[3] += usize::from(!is_no && opened);
        counts[4] += usize::from(!is_no && unsure);
        if (is_no != opened || !is_no && unsure)
            && std::env::var_os("REGARDS_CORPUS_SHOW").is_some()
        {
            show(&field("id"), &field("label"), &verdict);
        }
    }
    counts
}
