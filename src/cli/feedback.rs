//! `regards feedback`: what employers wrote back, in their words.

use std::collections::BTreeMap;

use super::args::{Cli, FeedbackArgs};
use super::print::{self, Style};
use super::{Done, day, out, out_json, place, width};
use crate::model::answer::AnswerKind;
use crate::review::feedback::Entry;
use crate::store::StoreError;

/// Text columns at most; longer lines are hard to read.
const TEXT_COLUMNS_MAX: usize = 78;

/// `regards feedback`
pub(super) fn feedback(cli: &Cli, args: &FeedbackArgs) -> Done {
    let mut desk = place::desk(cli)?;
    let tags = cleaned(&args.tag);
    let told = args.kind.is_some() || args.untag || !tags.is_empty();
    if let Some(no) = args.id.filter(|_| told) {
        let tags = (args.untag || !tags.is_empty()).then_some(tags.as_slice());
        desk.tell_feedback(no, args.kind, tags)?;
    }
    let mut entries = desk.feedback(args.all)?;
    if let Some(no) = args.id {
        entries.retain(|it| it.message == Some(no));
        if entries.is_empty() {
            return Err(StoreError::NotFound(format!("answer {no}")).into());
        }
    }
    if cli.json {
        return entries.iter().try_for_each(out_json);
    }
    if entries.is_empty() {
        return out("No employer has written back to a reply of yours yet\n");
    }
    entries.iter().try_for_each(|entry| out(&page(entry)))?;
    if args.id.is_some() { Ok(()) } else { out(&themes(&entries)) }
}

/// Tags as they are kept: one line, lower case, each once.
fn cleaned(tags: &[String]) -> Vec<String> {
    let mut clean: Vec<String> = Vec::new();
    for tag in tags.iter().map(|it| print::clean(it).trim().to_lowercase()) {
        if !tag.is_empty() && !clean.contains(&tag) {
            clean.push(tag);
        }
    }
    clean
}

fn page(entry: &Entry) -> String {
    let color = print::colors();
    let name = |part: &Option<String>| part.as_deref().map(print::clean);
    let company = name(&entry.company).unwrap_or_else(|| "Unknown company".to_owned());
    let role = name(&entry.role).map(|role| format!(" · {role}")).unwrap_or_default();
    let no = entry.message.map_or_else(|| entry.reply.to_string(), |no| no.to_string());
    let title = print::paint(Style::Strong, &format!("{no}  {company}{role}"), color);
    let what = print::paint(Style::Quiet, words(entry.kind), color);
    let mut page = format!("{title}  {}, {what}\n", day(entry.received));
    if !entry.tags.is_empty() {
        page.push_str(&format!("    tags: {}\n", print::clean(&entry.tags.join(", "))));
    }
    let text = entry.text.as_deref().unwrap_or("(its words are forgotten)");
    let columns = width().min(TEXT_COLUMNS_MAX).saturating_sub(6);
    for line in print::clean_block(text).lines().filter(|line| !line.trim().is_empty()) {
        for part in super::show::wrapped(line, columns) {
            page.push_str(&format!("    | {part}\n"));
        }
    }
    page.push('\n');
    page
}

fn words(kind: AnswerKind) -> &'static str {
    match kind {
        AnswerKind::Given => "feedback",
        AnswerKind::Refused => "gives no feedback",
        AnswerKind::Warm => "an answer",
        AnswerKind::Automatic => "an automatic answer",
        AnswerKind::Bounce => "came back undelivered",
    }
}

/// How often each theme was named, when it was named more than once.
fn themes(entries: &[Entry]) -> String {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for tag in entries.iter().flat_map(|it| &it.tags) {
        let count = counts.entry(tag.as_str()).or_default();
        *count = count.saturating_add(1);
    }
    let mut counts: Vec<_> = counts.into_iter().filter(|(_, count)| *count > 1).collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    if counts.is_empty() {
        return String::new();
    }
    let words: Vec<String> = counts.iter().map(|(tag, count)| format!("{tag} {count}")).collect();
    format!("Named more than once: {}\n", print::clean(&words.join(", ")))
}
