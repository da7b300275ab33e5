//! What `rules eval`, `fit`, `stats` and `diff` say to a person. Text only.

use std::collections::BTreeMap;

use super::print::{self, Style};
use super::width;
use crate::model::verdict::Kind;
use crate::tune::diff::Change;
use crate::tune::eval::{Figures, Group, Wrong};
use crate::tune::interval::Share;
use crate::tune::symbols::{Odd, OfSymbol};

/// So wide is the name of a figure.
const NAME_WIDTH: usize = 34;

/// A heading over what follows.
pub(super) fn heading(text: &str) -> String {
    format!("\n{}\n", print::paint(Style::Strong, text, print::colors()))
}

fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    format!("\n{}", print::table(head, rows, width(), print::colors()))
}

/// `299/311 96.1 % (93.4–97.8)`, or the counts alone.
fn share(share: Share) -> String {
    let counts = format!("{}/{}", share.count, share.of);
    match (share.rate(), share.interval()) {
        (Some(rate), Some((low, high))) => {
            format!("{counts} {} % ({}–{})", percent(rate), percent(low), percent(high))
        }
        _ => counts,
    }
}

fn percent(rate: f64) -> String {
    let text = format!("{:.1}", rate * 100.0);
    text.strip_suffix("00.0").map_or(text.clone(), |one| format!("{one}00"))
}

/// `299/311 96.1 %`, or the counts alone.
fn brief(share: Share) -> String {
    let counts = format!("{}/{}", share.count, share.of);
    share.rate().map_or(counts.clone(), |rate| format!("{counts} {} %", percent(rate)))
}

/// `62/64 97 %` in a narrow column.
fn short(share: Share) -> String {
    match share.rate() {
        Some(rate) => format!("{}/{} {:.0} %", share.count, share.of, rate * 100.0),
        None if share.of == 0 => "-".to_owned(),
        None => format!("{}/{}", share.count, share.of),
    }
}

fn line(name: &str, value: &str) -> String {
    format!("{name:<NAME_WIDTH$}{value}\n")
}

/// The lines that matter most.
pub(super) fn headlines(figures: &Figures) -> String {
    let mut text = line("others opened as rejected", &share(figures.others_opened));
    text.push_str(&line("others asked about", &share(figures.others_unsure)));
    text.push_str(&line("rejections opened", &share(figures.opened)));
    text.push_str(&line("rejections opened or asked about", &share(figures.opened_or_unsure)));
    text.push_str(&line("rejections asked about", &share(figures.unsure)));
    text.push_str(&line("P(rejected) from 0.05 to 0.95", &share(figures.undecided)));
    if let Some(brier) = figures.brier {
        text.push_str(&line("Brier score, 1 in 100 rejected", &format!("{brier:.4}")));
    }
    text
}

/// The same figures of several weights beside each other.
pub(super) fn side_by_side(columns: &[(&str, &Figures)]) -> String {
    let row = |name: &str, value: &dyn Fn(&Figures) -> String| {
        let values = columns.iter().map(|(_, figures)| value(figures));
        [name.to_owned()].into_iter().chain(values).collect()
    };
    let rows: Vec<Vec<String>> = vec![
        row("others opened as rejected", &|it| brief(it.others_opened)),
        row("others asked about", &|it| brief(it.others_unsure)),
        row("rejections opened", &|it| brief(it.opened)),
        row("rejections asked about", &|it| brief(it.unsure)),
        row("P(rejected) 0.05 to 0.95", &|it| brief(it.undecided)),
        row("Brier score, 1 in 100", &brier),
        row("of the right kind", &|it| brief(it.right)),
    ];
    let head: Vec<&str> = [""].into_iter().chain(columns.iter().map(|(name, _)| *name)).collect();
    print::table(&head, &rows, width(), false)
}

fn brier(figures: &Figures) -> String {
    figures.brier.map_or_else(|| "-".to_owned(), |brier| format!("{brier:.4}"))
}

/// All figures over some mail.
pub(super) fn figures(figures: &Figures) -> String {
    let mut text = format!("{} labelled mails\n\n", figures.mails);
    text.push_str(&headlines(figures));
    let kinds: Vec<Vec<String>> = figures
        .kinds
        .iter()
        .map(|of| {
            let f1 = of.f1.map_or_else(|| "-".to_owned(), |f1| format!("{f1:.3}"));
            vec![of.kind.name().to_owned(), share(of.precision), share(of.recall), f1]
        })
        .collect();
    text.push_str(&table(&["kind", "precision", "recall", "F1"], &kinds));
    text.push_str(&confusion(figures));
    let bins: Vec<Vec<String>> = figures
        .reliability
        .iter()
        .map(|bin| {
            let number =
                |it: Option<f64>| it.map_or_else(|| "-".to_owned(), |it| format!("{it:.3}"));
            let range = format!("{:.2} to {:.2}", bin.from, bin.to);
            let (mails, rejections) = (bin.mails.to_string(), bin.rejections.to_string());
            vec![range, mails, rejections, number(bin.told), number(bin.seen)]
        })
        .collect();
    let head = ["P(rejected)", "mails", "rejections", "mean, 1 in 100", "came true, 1 in 100"];
    text.push_str(&table(&head, &bins));
    text.push_str(&groups("source", &figures.sources));
    text.push_str(&groups("language", &figures.languages));
    text
}

/// A line for each label: the decisions, most frequent first.
fn confusion(figures: &Figures) -> String {
    let head = format!("{:<13} {:>5}  taken for\n", "label", "mails");
    let mut text = format!("\n{}", print::paint(Style::Quiet, &head, print::colors()));
    let labels = Kind::ALL.iter().map(|kind| kind.name()).chain(["not rejected", "unclear"]);
    for label in labels {
        let Some(row) = figures.confusion.get(label) else { continue };
        let sum: usize = row.values().sum();
        let line = format!("{label:<13} {sum:>5}  {}\n", frequent(row));
        text.push_str(&print::fold(&line, width()));
    }
    text
}

fn groups(what: &str, groups: &[Group]) -> String {
    let rows: Vec<Vec<String>> = groups
        .iter()
        .map(|group| {
            let name = if group.name.is_empty() { "?" } else { &group.name };
            vec![
                name.to_owned(),
                group.mails.to_string(),
                short(group.opened),
                group.unsure.count.to_string(),
                short(group.others_opened),
                group.others_unsure.count.to_string(),
            ]
        })
        .collect();
    let head = [what, "mails", "rejections opened", "asked", "others opened", "asked"];
    table(&head, &rows)
}

/// The mails that were judged wrongly, each with the rules that fired.
pub(super) fn wrong(wrong: &[Wrong<'_>]) -> String {
    let color = print::colors();
    let mut text = heading(&format!("{} judged otherwise than labelled", wrong.len()));
    for one in wrong {
        let name = print::clean(&format!("{} {}", one.source, one.id));
        let doubt = if one.ambiguous { " (in doubt)" } else { "" };
        text.push_str(&format!(
            "{}  {}{doubt} taken for {}, P = {:.3}\n",
            print::paint(Style::Strong, &name, color),
            one.label.word(),
            one.taken,
            one.probability
        ));
        for hit in one.hits {
            let mark = hit.mark.map(|mark| format!(" [{mark}]")).unwrap_or_default();
            let words = print::clean(&hit.words);
            let words = if words.is_empty() { words } else { format!("  “{words}”") };
            text.push_str(&format!("    {:+.1} {}{mark}{words}\n", hit.weight, hit.symbol));
        }
    }
    text
}

/// Each symbol with where it fires, and at the end those that are odd.
pub(super) fn symbols(symbols: &[OfSymbol<'_>]) -> String {
    let color = print::colors();
    let mut text = String::new();
    for one in symbols.iter().filter(|one| one.fires + one.marked > 0) {
        text.push_str(&print::paint(Style::Strong, &print::clean(one.symbol), color));
        if let Some(kind) = one.kind {
            text.push_str(&format!("  {kind} {:+.1}, right in {}", one.weight, brief(one.right)));
        }
        text.push_str(&format!("\n    fires in {}", one.fires));
        if one.marked > 0 {
            text.push_str(&format!(", and marked alone in {}", one.marked));
        }
        text.push('\n');
        text.push_str(&counts(&one.labels));
        text.push_str(&counts(&one.sources));
    }
    for odd in Odd::ALL {
        let names: Vec<&str> =
            symbols.iter().filter(|one| one.odd.contains(&odd)).map(|one| one.symbol).collect();
        if !names.is_empty() {
            let line = format!("    {}\n", print::clean(&names.join(", ")));
            text.push_str(&heading(&format!("{}: {}", odd.words(), names.len())));
            text.push_str(&print::fold(&line, width()));
        }
    }
    text
}

/// An indented line of counts; nothing of nothing.
fn counts(of: &BTreeMap<&str, usize>) -> String {
    if of.is_empty() {
        return String::new();
    }
    print::fold(&format!("    {}\n", print::clean(&frequent(of))), width())
}

/// `30 rejected, 2 noise`: the most frequent first.
fn frequent(of: &BTreeMap<&str, usize>) -> String {
    let mut counts: Vec<(&str, usize)> = of.iter().map(|(name, count)| (*name, *count)).collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let words: Vec<String> = counts.iter().map(|(name, count)| format!("{count} {name}")).collect();
    words.join(", ")
}

/// The mails that are judged otherwise, and how many.
pub(super) fn changes(changes: &[Change<'_>], of: usize) -> String {
    let mut text = String::new();
    for one in changes {
        let (style, word) = match (one.was_right, one.is_right) {
            (false, true) => (Style::Good, "better"),
            (true, false) => (Style::Bad, "worse"),
            _ => (Style::Quiet, "other"),
        };
        let word = print::paint(style, &format!("{word:<6}"), print::colors());
        let name = print::clean(&format!("{} {}", one.source, one.id));
        let was = format!(
            "{} {:.3} → {} {:.3}",
            one.old, one.old_probability, one.new, one.new_probability
        );
        text.push_str(&format!("{word}  {name} ({}): {was}\n", one.label.word()));
    }
    let count =
        |was, is| changes.iter().filter(|one| (one.was_right, one.is_right) == (was, is)).count();
    text.push_str(&format!(
        "{} of {of} verdicts change: {} for the better, {} for the worse\n",
        changes.len(),
        count(false, true),
        count(true, false)
    ));
    text
}
