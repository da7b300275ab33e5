//! `regards draft`: a draft that the user asks for, the one on the desk for another intent,
//! and a template tried on one mail.

use std::path::Path;

use serde::Serialize;

use super::args::Cli;
use super::print::{self, Style};
use super::run::{self, Finder, Template, Tried};
use super::{Done, Failure, desk, now, out, out_json, place, show};
use crate::model::address::Address;
use crate::model::ids::MessageNo;
use crate::model::mail::{Draft, Intent};
use crate::model::reply::{Reply, ReplyState};
use crate::review::Opened;
use crate::store::decisions::Wish;

/// So many names are proposed for one that is not known.
const NEAR_MAX: usize = 3;

/// `regards draft`
pub(super) fn draft(cli: &Cli, no: MessageNo, wish: Wish) -> Done {
    let mut desk = place::desk(cli)?;
    if let (Some(intent), None) = (wish.intent, &wish.to)
        && let Some(reply) = desk.made_for(no)?
    {
        return anew(cli, &reply, intent);
    }
    if let Some(address) = &wish.to {
        let sure = match desk.reached_nobody(no)? {
            Some(reply) => {
                show::yes(&format!("{reply} reached nobody. Make a draft to {address}?"))?
            }
            None => against_advice(address)?,
        };
        if !sure {
            return Err(Failure::failed("Nothing was done", None));
        }
    }
    let decision = desk.draft(no, wish, now())?;
    desk::applied(cli, &mut desk, decision)
}

/// Against the program's advice: asked twice.
fn against_advice(address: &Address) -> Result<bool, Failure> {
    let question = format!("The program would not write to {address}. Do you want to?");
    let sure = "Nobody there may have asked for an answer. Make the draft all the same?";
    Ok(show::yes(&question)? && show::yes(sure)?)
}

/// The draft that is there, for another intent.
fn anew(cli: &Cli, reply: &Reply, intent: Intent) -> Done {
    let no = reply.no;
    if !may_be_lost(reply)? {
        return Err(Failure::failed("Nothing was done", None));
    }
    run::finder(cli)?.draft_anew(reply, intent, "cli", now())?;
    let text = format!("{no} is made anew for {intent}: regards show {no}");
    match cli.json {
        true => out_json(&serde_json::json!({ "decision": null, "result": text })),
        false => out(&format!("{text}\n")),
    }
}

/// Whether the words of this draft may go; only the user's own are asked about.
pub(super) fn may_be_lost(reply: &Reply) -> Result<bool, Failure> {
    let own = matches!(&reply.state,
        ReplyState::Drafted { draft, .. } if draft.origin.edited);
    Ok(!own || show::yes(&format!("Your own words in {} will be lost. Go on?", reply.no))?)
}

/// A line of `draft --try --json`. The field names stay.
#[derive(Serialize)]
struct Line<'a> {
    message: MessageNo,
    template: &'a str,
    intent: Intent,
    to: String,
    subject: &'a str,
    text: &'a str,
    /// What the desk would say of it.
    warnings: &'a [String],
    tone: &'a [String],
    objections: Vec<String>,
}

/// `regards draft --try`
pub(super) fn trial(cli: &Cli, no: MessageNo, template: &str) -> Done {
    let finder = run::finder(cli)?;
    let file;
    let wanted = if finder.templates().names().any(|name| name == template) {
        Template::Named(template)
    } else if Path::new(template).is_file() {
        file = std::fs::read_to_string(template)
            .map_err(|error| Failure::usage(format!("{template} cannot be read: {error}"), None))?;
        Template::File { path: template, text: &file }
    } else {
        return Err(unknown(&finder, template));
    };
    let Tried { draft, claims, .. } = finder.try_template(no, wanted)?;
    let mut opened = place::desk(cli)?.tried(no, draft.clone(), now())?;
    opened.warnings.extend(claims.map(|it| format!("this says what did not happen: {it}")));
    if cli.json {
        return out_json(&Line {
            message: no,
            template,
            intent: draft.intent,
            to: draft.to.to_string(),
            subject: draft.subject.as_str(),
            text: &draft.text,
            warnings: &opened.warnings,
            tone: &opened.tone,
            objections: opened.objections.iter().map(ToString::to_string).collect(),
        });
    }
    out(&page(&draft, &opened))
}

fn page(draft: &Draft, opened: &Opened) -> String {
    let color = print::colors();
    let mut page = String::new();
    for (name, value) in [("To", draft.to.to_string()), ("Subject", draft.subject.to_string())] {
        let name = print::paint(Style::Quiet, &format!("{name:<12}"), color);
        page.push_str(&format!("{name}{}\n", print::clean(&value)));
    }
    page + &show::body(draft) + &show::remarks(opened, color)
}

/// There is no such template; the names that are nearest.
fn unknown(finder: &Finder, template: &str) -> Failure {
    let mut names: Vec<&str> = finder.templates().names().collect();
    let near = |name: &str| strsim::jaro_winkler(name, template);
    names.sort_by(|a, b| near(b).total_cmp(&near(a)));
    names.truncate(NEAR_MAX);
    let hint = format!("Near to it are {}; or give the path of a file", names.join(", "));
    Failure::usage(format!("There is no template `{template}`, and no such file"), Some(hint))
}
