//! The shipped rules on labelled mail: on the sets that were written for the project
//! (`tests/written`), and on a corpus where one is at hand: it is other people's mail and
//! no part of the project. `regards rules eval` tells more of both.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use regards::classify::{Known, Rules};
use regards::model::verdict::{Decision, Kind};
use regards::tune::{self, corpus, eval, judge};

/// The JSON Lines of the corpus; `None`, said so, where there is none.
fn files() -> Option<Vec<PathBuf>> {
    let given = std::env::var_os("REGARDS_CORPUS").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let Ok(entries) = std::fs::read_dir(given.unwrap_or(beside)) else {
        eprintln!("corpus absent: set REGARDS_CORPUS to a folder of JSON Lines");
        return None;
    };
    let paths = entries.map(|entry| entry.unwrap().path());
    Some(paths.filter(|path| path.extension().is_some_and(|ending| ending == "jsonl")).collect())
}

/// A mail that is no rejection must not be opened as one.
#[test]
fn no_labelled_mail_is_wrongly_opened_as_a_rejection() {
    let Some(files) = files() else { return };
    let rules = Rules::embedded();
    let mails = corpus::read(&files).unwrap();
    let judged: Vec<_> = mails.iter().map(|mail| judge(&rules, mail)).collect();
    let figures = eval::figures(&judged);
    println!("{} mails: {:?}, {:?}", figures.mails, figures.opened, figures.others_opened);
    assert_eq!(figures.others_opened.count, 0);
    assert!(figures.opened.rate().is_none_or(|rate| rate >= 0.95), "recall fell below 95 %");
}

/// The sets of `tests/written`.
fn written() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/written");
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let sets: Vec<_> =
        entries.filter(|path| path.extension().is_some_and(|e| e == "jsonl")).collect();
    assert!(sets.len() >= 32, "the sets are missing");
    sets
}

#[test]
fn no_written_mail_is_wrongly_opened_as_a_rejection() {
    let rules = Rules::embedded();
    let mails = corpus::read(&written()).unwrap();
    let judged: Vec<_> = mails.iter().map(|mail| judge(&rules, mail)).collect();
    let figures = eval::figures(&judged);
    let opened = |it: &&tune::Judged| it.decision == Decision::Sure(Kind::Rejected);
    for wrong in judged.iter().filter(opened).filter(|it| it.truth.rejected() == Some(false)) {
        println!("{} is {}", wrong.id, wrong.truth.word());
    }
    println!("{} mails: {:?}, {:?}", figures.mails, figures.opened, figures.others_opened);
    assert_eq!(figures.others_opened.count, 0);
    assert!(figures.opened.rate().is_some_and(|rate| rate >= 0.93), "recall fell below 93 %");
}

/// A rule that remembers a line remembers its names, too.
#[test]
fn other_names_change_no_verdict() {
    #[derive(serde::Deserialize)]
    struct Names {
        id: String,
        company: Vec<String>,
        person: Vec<String>,
    }
    let names: BTreeMap<String, Names> = written()
        .iter()
        .flat_map(|set| {
            std::fs::read_to_string(set).unwrap().lines().map(str::to_owned).collect::<Vec<_>>()
        })
        .map(|line| serde_json::from_str::<Names>(&line).unwrap())
        .map(|names| (names.id.clone(), names))
        .collect();
    let rules = Rules::embedded();
    let verdict = |raw: &[u8]| {
        let message = regards::parse::message(raw, true, &[]);
        rules.classify(&message, &Known::default()).decision.word().to_owned()
    };
    let mut renamed = 0;
    let mut changed = Vec::new();
    // Every third: each is judged twice, by a program that is not optimised.
    for mail in corpus::read(&written()).unwrap().into_iter().step_by(3) {
        let names = &names[&mail.id];
        let text = String::from_utf8_lossy(&mail.raw);
        let mut other = text.clone().into_owned();
        for (olds, new) in
            [(&names.company, "Quastenflosser Holm"), (&names.person, "Ottilie Brandmeyer")]
        {
            olds.iter().for_each(|old| other = other.replace(old.as_str(), new));
        }
        renamed += usize::from(other != text);
        let (before, after) = (verdict(&mail.raw), verdict(other.as_bytes()));
        if before != after {
            changed.push(format!("{}: {before} -> {after}", mail.id));
        }
    }
    assert!(renamed > 300, "{renamed}");
    assert!(changed.is_empty(), "{changed:#?}");
}

/// What a person read in mails of the corpus, as hashes: no third party's name is here.
#[derive(serde::Deserialize)]
struct Label {
    id: String,
    company: Vec<String>,
    role: Vec<String>,
    person: Vec<String>,
    /// Of a file that nobody reads while writing rules.
    apart: bool,
}

/// The hash of one value of one field of one mail.
fn hash(id: &str, field: &str, value: &str) -> String {
    let folded: Vec<String> = value
        .to_lowercase()
        .replace('’', "'")
        .replace(['–', '—'], "-")
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    let folded = folded.join(" ").trim_matches(['.', ',']).to_owned();
    let digest =
        ring::digest::digest(&ring::digest::SHA256, format!("{id}\0{field}\0{folded}").as_bytes());
    digest.as_ref().iter().take(12).map(|byte| format!("{byte:02x}")).collect()
}

/// In how many mails the value stands, in how many of these one was given, and how many
/// of all that were given are right.
#[derive(Debug, Default, PartialEq)]
struct Given {
    there: usize,
    of_these: usize,
    all: usize,
    right: usize,
}

/// Company, role and person against labels made by hand.
#[test]
fn findings_are_those_that_a_person_read() {
    let Some(files) = files() else { return };
    let labels = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/labels.jsonl");
    let labels: Vec<Label> = std::fs::read_to_string(labels)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(labels.len() >= 150);
    let mails = corpus::read(&files).unwrap();
    let rules = Rules::embedded();
    let mut given: BTreeMap<(bool, &str), Given> = BTreeMap::new();
    for label in &labels {
        let mail = mails.iter().find(|mail| mail.id == label.id).expect(&label.id);
        let message = regards::parse::message(&mail.raw, true, &[]);
        let found = rules.classify(&message, &Known::default()).findings;
        for (field, found, accepted) in [
            ("company", found.company, &label.company),
            ("role", found.role, &label.role),
            ("person", found.person, &label.person),
        ] {
            let count = given.entry((label.apart, field)).or_default();
            let right = found
                .as_ref()
                .is_some_and(|it| accepted.contains(&hash(&label.id, field, &it.value)));
            count.there += usize::from(!accepted.is_empty());
            count.of_these += usize::from(!accepted.is_empty() && found.is_some());
            count.all += usize::from(found.is_some());
            count.right += usize::from(right);
        }
    }
    for ((apart, field), count) in &given {
        println!("{} {field}: {count:?}", if *apart { "apart" } else { "read" });
    }
    let enough = |field: &str, given_percent: usize, right_percent: usize| {
        let count = &given[&(false, field)];
        assert!(count.of_these * 100 >= count.there * given_percent, "{field}: {count:?}");
        assert!(count.right * 100 >= count.all * right_percent, "{field}: {count:?}");
    };
    enough("company", 90, 95);
    enough("role", 85, 93);
    enough("person", 0, 97);
}
