//! The shipped rules on a corpus of labelled mail, where one is at hand: it is other
//! people's mail and no part of the project. `regards rules eval` tells more of it.

use std::path::{Path, PathBuf};

use regards::classify::Rules;
use regards::tune::{corpus, eval, judge};

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
    assert!(figures.opened.rate().is_none_or(|rate| rate >= 0.85), "recall fell below 85 %");
}
