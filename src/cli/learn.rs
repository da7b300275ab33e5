//! `regards rules learn`: a weight file of the user's own, from the corrections. Nothing is
//! written before the user has seen what changes and said yes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::args::Cli;
use super::print::{self, Style};
use super::{Done, Failure, out, out_json, place, rule_set, run, show};
use crate::classify::{Row, Rules, Weights};
use crate::model::verdict::Kind;
use crate::store::corrections::{self, Told};
use crate::store::{StateDir, Store};
use crate::tune::Truth;
use crate::tune::fit::{self, Example};
use crate::tune::learn::{self, CORRECTIONS_MIN, Change, Lesson};

/// In the rules' directory. The last name of all, because a later file replaces an earlier
/// one's rows: what is learned starts from all that was written by hand.
const FILE: &str = "zz-learned.toml";

/// How such a file begins; one that begins otherwise was written by hand and is not replaced.
const FIRST_LINE: &str = "# Learned by `regards rules learn`";

/// Where a proposal would go, and what is in force beside it.
struct Place {
    path: Option<PathBuf>,
    /// All the user's rule files, (name, text).
    files: Vec<(String, String)>,
    /// The name of `path` among them.
    name: String,
}

/// `rules learn --json`. The field names stay.
#[derive(Serialize)]
struct Proposed<'a> {
    /// The number of the rule set in force.
    rules: u32,
    /// How many corrections were learned from.
    corrections: usize,
    /// The rows that would differ: symbol, kind, weight.
    weights: BTreeMap<&'a str, BTreeMap<&'static str, f64>>,
    /// The same rows as they are.
    was: BTreeMap<&'a str, BTreeMap<&'static str, f64>>,
    /// Corrected mails judged rightly by the weights in force, and by those proposed.
    right_before: usize,
    right_after: usize,
    changes: &'a [Change<'a>],
    /// The file that was written.
    written: Option<String>,
}

/// `regards rules learn`
pub(super) fn learn(cli: &Cli, out_file: Option<&Path>, yes: bool) -> Done {
    let place = placed(cli, out_file)?;
    let dir = place::state_dir(cli)?;
    let told = Store::open_as_face(&dir)?.read(corrections::all)?;
    let in_force = rule_set::compiled(place.files.clone())?;
    let base = rule_set::compiled(by_hand(&place.files))?;
    let many = told.len();
    let lessons = learn::telling(base.weights(), told.into_iter().map(lesson).collect());
    if lessons.len() < CORRECTIONS_MIN {
        return Err(too_few(many, lessons.len()));
    }
    let rows = learn::rows(base.weights(), &lessons);
    let text = file(&in_force, base.weights(), &rows, lessons.len());
    let mut with = place.files.clone();
    with.retain(|(name, _)| *name != place.name);
    with.push((place.name.clone(), text.clone()));
    // A file given by --out may stand in the midst of the others.
    with.sort();
    let proposed = rule_set::compiled(with)?;
    let differ = differing(in_force.weights(), proposed.weights());
    let changes = learn::changes(in_force.weights(), proposed.weights(), &lessons);
    let told = Proposed {
        rules: in_force.number(),
        corrections: lessons.len(),
        weights: named(&differ, proposed.weights()),
        was: named(&differ, in_force.weights()),
        right_before: learn::right(in_force.weights(), &lessons),
        right_after: learn::right(proposed.weights(), &lessons),
        changes: &changes,
        written: None,
    };
    if cli.json {
        let write = yes && !differ.is_empty();
        let written = write.then(|| written(&place, &text, &dir)).transpose()?;
        return out_json(&Proposed { written, ..told });
    }
    out(&shown(&told))?;
    if differ.is_empty() {
        return Ok(());
    }
    let Some(path) = &place.path else {
        return out("Nothing was written: there is no rules_dir. Name a file: --out FILE\n");
    };
    if !yes && !show::yes(&format!("Write {}?", path.display()))? {
        return out("Nothing was written\n");
    }
    let path = written(&place, &text, &dir)?;
    out(&format!("{} is written\n", print::clean(&path)))
}

/// What was learned before is no ground to stand on: the same corrections would push the same
/// weights a second time.
fn by_hand(files: &[(String, String)]) -> Vec<(String, String)> {
    files.iter().filter(|(_, text)| !text.starts_with(FIRST_LINE)).cloned().collect()
}

fn too_few(all: usize, telling: usize) -> Failure {
    let of_no_use = match all.saturating_sub(telling) {
        0 => String::new(),
        useless => format!(" ({useless} more fired no rule that has a weight)"),
    };
    let message = format!(
        "There are too few corrections to learn from: {telling}{of_no_use}; {CORRECTIONS_MIN} are \
         the least"
    );
    let hint = "Tell what mails really are: regards correct ID KIND".to_owned();
    Failure::failed(message, Some(hint))
}

fn placed(cli: &Cli, out_file: Option<&Path>) -> Result<Place, Failure> {
    let rules_dir = rule_set::dir(cli)?;
    let files = place::texts(rules_dir.as_deref(), "toml")?;
    let Some(path) = out_file else {
        let path = rules_dir.map(|dir| dir.join(FILE));
        return Ok(Place { path, files, name: FILE.to_owned() });
    };
    if path.extension().is_none_or(|it| it != "toml") {
        let hint = "Rule files are those that end in .toml".to_owned();
        return Err(Failure::usage(format!("{} is no rule file", path.display()), Some(hint)));
    }
    let whole = |path: &Path| fs::canonicalize(path).ok();
    let parent = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let below = whole(parent).zip(rules_dir.as_deref().and_then(whole)).and_then(|(at, dir)| {
        let name = at.join(path.file_name()?).strip_prefix(dir).ok()?.display().to_string();
        Some(name)
    });
    // Elsewhere it is judged as if it came last.
    let name = below.unwrap_or_else(|| format!("~{FILE}"));
    Ok(Place { path: Some(path.to_owned()), files, name })
}

fn lesson(told: Told) -> Lesson {
    let example = Example { fired: told.fired, truth: Truth::Is(told.kind) };
    Lesson { name: told.no.to_string(), kind: told.kind, example }
}

fn file(in_force: &Rules, base: &Weights, rows: &BTreeMap<String, Row>, many: usize) -> String {
    format!(
        "{FIRST_LINE} from {many} corrections, for rule set {}.\n\
         # Made anew by the next one; delete it, and the weights are as they were before.\n\n{}",
        in_force.number(),
        fit::toml(base, rows)
    )
}

/// The symbols with another row.
fn differing(old: &Weights, new: &Weights) -> BTreeSet<String> {
    let (old, new): (BTreeMap<_, _>, BTreeMap<_, _>) = (old.rows().collect(), new.rows().collect());
    let differs = |symbol: &&str| old.get(*symbol) != new.get(*symbol);
    old.keys().chain(new.keys()).copied().filter(differs).map(str::to_owned).collect()
}

fn named<'a>(
    symbols: &'a BTreeSet<String>,
    weights: &Weights,
) -> BTreeMap<&'a str, BTreeMap<&'static str, f64>> {
    let rows: BTreeMap<&str, &Row> = weights.rows().collect();
    let named = |row: &Row| {
        let by_kind = Kind::ALL.iter().map(|kind| kind.name()).zip(row.iter().copied());
        by_kind.filter(|(_, number)| *number != 0.0).collect()
    };
    let row = |symbol: &'a String| {
        (symbol.as_str(), rows.get(symbol.as_str()).map(|row| named(row)).unwrap_or_default())
    };
    symbols.iter().map(row).collect()
}

fn shown(it: &Proposed<'_>) -> String {
    let of = it.corrections;
    if it.weights.is_empty() {
        return format!(
            "The {of} corrections change no weight; {} of them are judged rightly\n",
            it.right_before
        );
    }
    let color = print::colors();
    let mut text = format!("Weights that {of} corrections would change:\n");
    for (symbol, row) in &it.weights {
        let was = it.was.get(symbol).map(|row| line('-', symbol, row)).unwrap_or_default();
        text.push_str(&print::paint(Style::Bad, &was, color));
        text.push_str(&print::paint(Style::Good, &line('+', symbol, row), color));
    }
    text.push_str(&format!(
        "\nOf the {of} corrected mails {} are judged rightly now, {} would be.\n",
        it.right_before, it.right_after
    ));
    for change in it.changes {
        let right = if change.new == change.is.name() { "" } else { ", which is not right" };
        text.push_str(&format!(
            "  {}  {} → {} (you said {}{right})\n",
            change.message, change.old, change.new, change.is
        ));
    }
    text.push_str(
        "No other mail was looked at: `regards rules diff` tells what a file changes on \
         labelled mail.\n",
    );
    text
}

fn line(sign: char, symbol: &str, row: &BTreeMap<&'static str, f64>) -> String {
    // A symbol without a row has no weight: there is nothing to show of it.
    if row.is_empty() {
        return String::new();
    }
    let numbers: Vec<String> =
        row.iter().map(|(kind, number)| format!("{kind} = {number:.2}")).collect();
    format!("{sign} {} = {{ {} }}\n", print::clean(symbol), numbers.join(", "))
}

/// Puts the file in its place whole, and lets the daemon look.
fn written(place: &Place, text: &str, state: &StateDir) -> Result<String, Failure> {
    let Some(path) = &place.path else {
        let hint = Some("Name a file: --out FILE".to_owned());
        return Err(Failure::usage("There is no rules_dir to write to", hint));
    };
    let shown = path.display().to_string();
    if let Ok(there) = fs::read_to_string(path)
        && !there.starts_with(FIRST_LINE)
    {
        let hint = Some("Name another file: --out FILE".to_owned());
        let message = format!("{shown} was written by somebody else and stays as it is");
        return Err(Failure::failed(message, hint));
    }
    let parent = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let put = || -> std::io::Result<()> {
        let mut file = tempfile::Builder::new().prefix(".learned-").tempfile_in(parent)?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    };
    put().map_err(|error| {
        let hint = Some("Name a file in a directory that you can write to".to_owned());
        Failure::failed(format!("{shown} could not be written: {error}"), hint)
    })?;
    run::nudge(state);
    Ok(shown)
}
