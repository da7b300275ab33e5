//! `regards explain`: why a mail was taken for what it was taken for.
//!
//! Of a kept message it tells the verdict that was given, not a new one; what the rules of
//! today would say stands beside it when it is something else.

use std::path::Path;

use serde::Serialize;

use super::args::Cli;
use super::files::{self, AddresseeJson, Line};
use super::print::{self, Style};
use super::{Done, Failure, find, now, out, out_json, place, rule_set};
use crate::classify::{Known, Rules};
use crate::model::ids::{FoundNo, MailNo, MessageNo, ReplyNo};
use crate::model::verdict::{Decision, Hit, Kind, Place};
use crate::model::visibility::Visibility;
use crate::parse;
use crate::source::files::Found;
use crate::store::Store;
use crate::store::messages::{self, Kept};

/// Weights below this are not worth a line.
const TELLING: f64 = 0.05;

/// A line of `explain --json`: a line of `scan --json` and why. The field names stay.
#[derive(Serialize)]
struct Explained {
    #[serde(flatten)]
    line: Line,
    /// The user told the kind.
    corrected: bool,
    /// The kind toward which the weights of the hits are told.
    toward: Option<&'static str>,
    hits: Vec<Hit>,
    /// The symbol without which nothing is a rejection, when it alone is missing.
    missing: Option<String>,
    /// The symbol at which it is asked about whatever the numbers say, when it fired.
    asked_by: Option<String>,
    /// What the rules of today would say, when that is something else.
    today: Option<Today>,
}

#[derive(Serialize)]
struct Today {
    kind: &'static str,
    probability: f64,
}

/// `regards explain`
pub(super) fn explain(cli: &Cli, what: &str) -> Done {
    let path = Path::new(what);
    if path.exists() {
        return explain_files(cli, path);
    }
    match what.parse::<MailNo>() {
        Ok(MailNo::Kept(no)) => explain_kept(cli, no),
        Ok(MailNo::Found(no)) => explain_found(cli, &no),
        Err(_) => Err(not_a_mail(cli, what)),
    }
}

fn not_a_mail(cli: &Cli, what: &str) -> Failure {
    if let Ok(reply) = what.parse::<ReplyNo>() {
        return a_reply(cli, reply).unwrap_or_else(|failure| failure);
    }
    let hint = "Give a file, the number of a message such as m12, or an id of `find`";
    Failure::usage(format!("There is no file `{what}`"), Some(hint.to_owned()))
}

/// What to type in place of a reply's number; an error, too, when there is no such reply.
fn a_reply(cli: &Cli, no: ReplyNo) -> Result<Failure, Failure> {
    let reply = place::desk(cli)?.open(no, now())?.reply;
    let hint = format!("It answers {0}: regards explain {0}", reply.parent);
    Ok(Failure::usage(format!("{no} is a reply, not a mail"), Some(hint)))
}

fn explain_files(cli: &Cli, path: &Path) -> Done {
    let rules = rule_set::in_force(cli)?;
    let mut any = false;
    for found in crate::source::files::open(&[path.to_owned()]) {
        any = true;
        let Found { path, bytes, complete, .. } = found.map_err(|error| {
            Failure::failed(format!("{}: {}", error.path.display(), error.why), None)
        })?;
        let (message, verdict) = files::judge(&rules, &bytes, complete);
        let line = files::line(path, &message, &verdict);
        tell(cli, fresh(&rules, line, verdict.decision, verdict.hits))?;
    }
    if any {
        return Ok(());
    }
    let hint = "Give a Maildir, an mbox, an .eml, or a directory of them".to_owned();
    Err(Failure::failed(format!("No mail was found in {}", path.display()), Some(hint)))
}

fn explain_found(cli: &Cli, no: &FoundNo) -> Done {
    let rules = rule_set::in_force(cli)?;
    let (_, seen) = find::fetched(cli, no)?;
    let line = files::line(no.to_string(), &seen.message, &seen.verdict);
    tell(cli, fresh(&rules, line, seen.verdict.decision, seen.verdict.hits))
}

fn fresh(rules: &Rules, line: Line, decision: Decision, hits: Vec<Hit>) -> Explained {
    let (missing, asked_by) = beside_the_numbers(rules, &hits);
    Explained {
        line,
        corrected: false,
        toward: Some(decision.weighed().name()),
        missing,
        asked_by,
        hits,
        today: None,
    }
}

/// The symbol that alone is missing for a rejection, and the one for which it is asked.
fn beside_the_numbers(rules: &Rules, hits: &[Hit]) -> (Option<String>, Option<String>) {
    let fired: Vec<_> = hits.iter().map(|hit| (hit.symbol.as_str(), hit.mark)).collect();
    let weights = rules.weights();
    let told = |symbol: Option<&str>| symbol.map(str::to_owned);
    (told(weights.missing(&fired)), told(weights.asked_by(&fired)))
}

fn explain_kept(cli: &Cli, no: MessageNo) -> Done {
    let rules = rule_set::in_force(cli)?;
    let mut store = Store::open_as_face(&place::state_dir(cli)?)?;
    let (kept, raw) = store.read(|tx| {
        let kept = messages::get(tx, no, Visibility::Cooling)?;
        Ok((kept, messages::raw(tx, no)?))
    })?;
    tell(cli, remembered(&rules, &kept, raw.as_deref()))
}

/// A kept message with the verdict that was given.
fn remembered(rules: &Rules, kept: &Kept, raw: Option<&[u8]>) -> Explained {
    let hits = hits(kept);
    let (missing, asked_by) = beside_the_numbers(rules, &hits);
    let mut explained = Explained {
        line: kept_line(kept),
        corrected: kept.corrected,
        // After a correction the weights are still those of the verdict before it.
        toward: kept.decision.filter(|_| !kept.corrected).map(|it| it.weighed().name()),
        missing: missing.filter(|_| !kept.corrected),
        asked_by: asked_by.filter(|_| !kept.corrected),
        hits,
        today: None,
    };
    let Some((raw, decided)) = raw.zip(kept.decision) else { return explained };
    let message = parse::message(raw, true, &[]);
    let fired = |symbol| explained.hits.iter().any(|hit| hit.symbol == symbol);
    // What was known of it then, not what is known since it was kept.
    let known = Known { thread: fired("KNOWN_THREAD"), application: fired("KNOWN_APPLICATION") };
    let now = rules.classify(&message, &known);
    let anew = files::line(String::new(), &message, &now);
    explained.line.stage = anew.stage;
    explained.line.defects = anew.defects;
    explained.line.addressee.who = anew.addressee.who.filter(|_| kept.addressee.is_some());
    if now.decision.word() != decided.word() {
        explained.today = Some(Today { kind: anew.kind, probability: anew.probability });
    }
    explained
}

fn kept_line(kept: &Kept) -> Line {
    let hits = hits(kept);
    let (who, why) = kept.addressee.clone().unwrap_or_default();
    Line {
        path: kept.no.to_string(),
        message_id: kept.message_id.as_ref().map(ToString::to_string),
        date: Some(kept.received_at),
        from: kept.sender.as_ref().map(ToString::to_string),
        subject: kept.subject.clone(),
        kind: kept.decision.map_or("own mail", Decision::word),
        probability: files::rounded(kept.probability),
        symbols: hits.into_iter().map(|hit| hit.symbol).collect(),
        company: kept.company.clone(),
        role: kept.role.clone(),
        person: kept.person.clone(),
        reference: kept.reference.clone(),
        stage: kept.reached.map(|reached| reached.name()),
        reason: kept.reason.map(|reason| reason.name()),
        addressee: AddresseeJson { who: Some(who).filter(|who| !who.is_empty()), why },
        language: kept.language.clone(),
        defects: Vec::new(),
    }
}

/// What fired when it was read.
fn hits(kept: &Kept) -> Vec<Hit> {
    serde_json::from_str(&kept.hits).unwrap_or_default()
}

fn tell(cli: &Cli, explained: Explained) -> Done {
    if cli.json {
        return out_json(&explained);
    }
    out(&page(&explained))
}

fn page(explained: &Explained) -> String {
    let line = &explained.line;
    let mut text = heading(explained);
    let mut row = |name: &str, value: Option<&str>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            text.push_str(&format!("  {name:<9}{}\n", print::clean(value)));
        }
    };
    row("From", line.from.as_deref());
    row("Subject", Some(&line.subject));
    row("company", line.company.as_deref());
    row("role", line.role.as_deref());
    row("person", line.person.as_deref());
    row("number", line.reference.as_deref());
    row("stage", line.stage);
    row("reason", line.reason);
    row("language", line.language.as_deref());
    let who = line.addressee.who.as_deref().unwrap_or("nobody");
    let answer = format!("to {who}: {}", line.addressee.why);
    row("answer", Some(&answer).filter(|_| !line.addressee.why.is_empty()).map(String::as_str));
    text.push_str(&because(explained));
    for defect in &line.defects {
        text.push_str(&format!("  odd      {}\n", defect.sentence()));
    }
    if let Some(today) = &explained.today {
        text.push_str(&format!(
            "  today    the rules would say {} (P(rejected) = {:.3})\n",
            today.kind, today.probability
        ));
    }
    text
}

fn heading(explained: &Explained) -> String {
    let color = print::colors();
    let line = &explained.line;
    let how = match explained.corrected {
        true => format!("as you told; the rules gave P(rejected) = {:.3}", line.probability),
        false => format!("P(rejected) = {:.3}", line.probability),
    };
    format!(
        "{}  {} ({how})\n",
        print::paint(Style::Strong, &print::clean(&line.path), color),
        print::paint(Style::Strong, line.kind, color),
    )
}

/// The rules that fired, with their words.
fn because(explained: &Explained) -> String {
    let hits = &explained.hits;
    if hits.is_empty() {
        return "  because  no rule found anything\n".to_owned();
    }
    let toward = explained.toward.unwrap_or("what the rules took it for");
    let mut text = String::new();
    let mut group = |heading: String, belongs: fn(f64) -> bool| {
        let lines: String = hits.iter().filter(|hit| belongs(hit.weight)).map(one).collect();
        if !lines.is_empty() {
            text.push_str(&format!("  {heading}\n{lines}"));
        }
    };
    group(format!("speaks for {toward}"), |weight| weight >= TELLING);
    group("speaks against it".to_owned(), |weight| weight <= -TELLING);
    let rest: Vec<_> = hits
        .iter()
        .filter(|hit| hit.weight.abs() < TELLING)
        .map(|hit| hit.symbol.as_str())
        .collect();
    if !rest.is_empty() {
        text.push_str(&format!("  also fired: {}\n", print::clean(&rest.join(", "))));
    }
    if let Some(symbol) = &explained.missing {
        text.push_str(&format!(
            "  It would be {}, but nothing shows that it is about an application of yours \
             ({symbol} did not fire)\n",
            Kind::Rejected
        ));
    }
    let asked = hits.iter().find(|hit| Some(&hit.symbol) == explained.asked_by.as_ref());
    if let Some(hit) = asked.filter(|_| explained.line.kind == "unsure") {
        text.push_str(&format!(
            "  Asked about for {}: {}\n",
            hit.symbol,
            print::clean(&hit.describe)
        ));
    }
    text
}

fn one(hit: &Hit) -> String {
    let mark = hit.mark.map(|mark| format!(" [{mark}]")).unwrap_or_default();
    let words = match hit.words.as_str() {
        "" => print::clean(&hit.describe),
        words if hit.place == Place::Composite => print::clean(words),
        words => format!("“{}” ({})", print::clean(words), hit.place),
    };
    format!("    {:+.1} {}{mark}  {words}\n", hit.weight, print::clean(&hit.symbol))
}

/// The words by which the rejection was recognised, for somebody who reviews its answer.
pub(super) fn reasons(kept: &Kept) -> String {
    let explained = Explained {
        line: kept_line(kept),
        corrected: kept.corrected,
        toward: kept.decision.filter(|_| !kept.corrected).map(|it| it.weighed().name()),
        hits: hits(kept),
        missing: None,
        asked_by: None,
        today: None,
    };
    format!("  {}{}", heading(&explained), because(&explained))
}
