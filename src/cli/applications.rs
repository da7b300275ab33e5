//! `regards applications`: what was applied for, how far it has come, and putting it right.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;

use super::args::{ApplicationsArgs, ApplicationsCommand, Cli};
use super::find::begins;
use super::print;
use super::{Done, Failure, day, not_come, now, out, out_json, place, run, width};
use crate::model::ids::ApplicationNo;
use crate::model::verdict::Decision;
use crate::record::Aliases;
use crate::review::Desk;
use crate::review::applications::{ApplicationRow, Settlement, Unclear};
use crate::store::applications::Whole;
use crate::store::by_hand::Said;
use crate::store::messages::Kept;

/// `regards applications`
pub(super) fn applications(cli: &Cli, args: &ApplicationsArgs) -> Done {
    let mut desk = place::desk(cli)?;
    match &args.command {
        None if args.unclear => list_unclear(cli, &desk.unclear()?),
        None => list(cli, args, desk.applications(now())?),
        Some(ApplicationsCommand::Show { id }) => show(cli, &mut desk, *id),
        Some(ApplicationsCommand::Merge { id, other }) => {
            if id == other {
                let hint = Some("regards applications lists them".to_owned());
                return Err(Failure::usage(format!("{id} and {other} are one already"), hint));
            }
            let result = format!("The mails of {other} belong to {id} now");
            settle(cli, &mut desk, &Settlement::Merge(*id, *other), &result)
        }
        Some(ApplicationsCommand::Split { id, message }) => {
            if desk.is_whole(*id, message)? {
                let hint = format!("regards applications set {id} gives it another name");
                let said = format!("These are all mails of {id}: there is nothing to split");
                return Err(Failure::usage(said, Some(hint)));
            }
            let result = format!("These mails of {id} are an application of their own now");
            settle(cli, &mut desk, &Settlement::Split(*id, message), &result)
        }
        Some(ApplicationsCommand::Move { message, to }) => {
            let result = format!("{message} belongs to {to} now");
            settle(cli, &mut desk, &Settlement::Move(*message, *to), &result)
        }
        Some(ApplicationsCommand::Set { id, company, role, stage, on, note }) => {
            let since = on.map(until_end_of).transpose()?.unwrap_or_else(now);
            let said = Said {
                company: company.as_deref(),
                role: role.as_deref(),
                stage: stage.map(|stage| (stage, Some(since))),
                note: note.as_deref(),
                ..Said::default()
            };
            let result = format!("{id} is as you say now");
            settle(cli, &mut desk, &Settlement::Set(*id, said), &result)
        }
        Some(ApplicationsCommand::Alias { name, other, forget }) => {
            alias(cli, &mut desk, (name, other), *forget)
        }
        Some(ApplicationsCommand::Add { company, role, on }) => {
            let added = Settlement::Add(company, role.as_deref(), past(*on)?);
            settle(cli, &mut desk, &added, "It is entered")
        }
    }
}

/// The beginning of a day that has come.
fn past(day: Date) -> Result<Timestamp, Failure> {
    let at = begins(day)?;
    if at > now() {
        return Err(not_come(day, "Name the day on which it happened"));
    }
    Ok(at)
}

/// The end of a day that has come, but not more than now: mail of that day was known then.
fn until_end_of(day: Date) -> Result<Timestamp, Failure> {
    past(day)?;
    let next = day.tomorrow().map_err(|error| Failure::usage(error.to_string(), None))?;
    Ok(begins(next)?.min(now()))
}

fn settle(cli: &Cli, desk: &mut Desk, it: &Settlement<'_>, result: &str) -> Done {
    let no = desk.settle(it, now())?;
    run::nudge(desk.store().dir());
    told(cli, Some(no), result)
}

fn told(cli: &Cli, application: Option<ApplicationNo>, result: &str) -> Done {
    if cli.json {
        let line = serde_json::json!({ "application": application, "result": result });
        return out_json(&line);
    }
    let no = application.map(|no| format!(" ({no})")).unwrap_or_default();
    out(&format!("{}{no}\n", print::clean(result)))
}

fn alias(cli: &Cli, desk: &mut Desk, (name, other): (&str, &str), forget: bool) -> Done {
    let key = |name: &str| Aliases::default().key(name);
    if !forget && key(name) == key(other) {
        let hint = Some("Name the other name, e.g. the brand and the firm behind it".to_owned());
        let said = format!("{name} and {other} are one name already");
        return Err(Failure::usage(said, hint));
    }
    let known = desk.applications(now())?;
    let known: BTreeSet<String> =
        known.iter().filter_map(|it| it.company.as_deref().map(key)).collect();
    let new = !forget && !known.contains(&key(name)) && !known.contains(&key(other));
    if !desk.alias(name, other, forget, now())? {
        let hint = Some("Write both names as you wrote them then".to_owned());
        return Err(Failure::failed("There is no such alias", hint));
    }
    run::nudge(desk.store().dir());
    let are = if forget { "are two employers again" } else { "are one employer now" };
    let when = match desk.store().dir().daemon_runs() {
        true => "the daemon joins the mail anew",
        false => "the mail is joined anew at the next run",
    };
    let when = if new { "no application names either yet, mail may still come" } else { when };
    told(cli, None, &format!("{name} and {other} {are}; {when}"))
}

fn list(cli: &Cli, args: &ApplicationsArgs, mut rows: Vec<ApplicationRow>) -> Done {
    rows.retain(|it| (it.open || !args.open) && (it.silent || !args.silent));
    if cli.json {
        return rows.iter().try_for_each(out_json);
    }
    if rows.is_empty() {
        return out("No application was found\n");
    }
    let name = |part: &Option<String>| part.clone().unwrap_or_else(|| "?".to_owned());
    let cells = |it: &ApplicationRow| {
        vec![
            it.application.to_string(),
            name(&it.company),
            name(&it.role),
            stage(it).to_owned(),
            day(it.applied),
            it.heard.map_or_else(|| "never".to_owned(), day),
        ]
    };
    let rows: Vec<Vec<String>> = rows.iter().map(cells).collect();
    table(&["ID", "COMPANY", "ROLE", "STAGE", "APPLIED", "HEARD"], &rows)
}

fn table(heading: &[&str], rows: &[Vec<String>]) -> Done {
    out(&print::table_or_lines(heading, rows, width(), print::colors()))
}

fn stage(it: &ApplicationRow) -> &'static str {
    if it.silent { "silent" } else { it.stage }
}

fn list_unclear(cli: &Cli, unclear: &[Unclear]) -> Done {
    if cli.json {
        return unclear.iter().try_for_each(out_json);
    }
    if unclear.is_empty() {
        return out("Every mail has its application\n");
    }
    let cells = |it: &Unclear| {
        let from = it.from.as_deref().unwrap_or("?");
        let text = format!("{from}: {}", it.subject);
        vec![it.message.to_string(), day(it.received), it.kind.to_owned(), text]
    };
    let rows: Vec<Vec<String>> = unclear.iter().map(cells).collect();
    table(&["ID", "RECEIVED", "KIND", "MAIL"], &rows)?;
    out("\nWhere one belongs you say:\n  regards applications move m12 --to a3\n")
}

fn show(cli: &Cli, desk: &mut Desk, no: ApplicationNo) -> Done {
    let whole = desk.application(no)?;
    let rows = desk.applications(now())?;
    let Some(row) = rows.iter().find(|it| it.application == no) else {
        return Err(Failure::failed(format!("There is no application {no}"), None));
    };
    if cli.json {
        return out_json(row);
    }
    let name = |part: &Option<String>| part.as_deref().map_or_else(|| "?".into(), print::clean);
    out(&format!("{no}  {} · {}  {}\n", name(&row.company), name(&row.role), stage(row)))?;
    if let Some(number) = &row.reference {
        out(&format!("    number: {}\n", print::clean(number)))?;
    }
    out(&format!("    applied: {}\n", day(row.applied)))?;
    if let Some(note) = &row.note {
        out(&format!("    {}\n", print::lines(note, "    ")))?;
    }
    mails(&whole)
}

fn mails(whole: &Whole) -> Done {
    let cells = |it: &Kept| {
        let kind = it.decision.map_or("yours", Decision::word);
        vec![it.no.to_string(), day(it.received_at), kind.to_owned(), it.subject.clone()]
    };
    let rows: Vec<Vec<String>> = whole.messages.iter().map(cells).collect();
    if rows.is_empty() {
        return Ok(());
    }
    out("\n")?;
    table(&["ID", "RECEIVED", "KIND", "SUBJECT"], &rows)
}
