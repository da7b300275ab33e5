//! `regards applications`: what was applied for, how far it has come, and putting it right.

use jiff::tz::TimeZone;

use super::args::{ApplicationsArgs, ApplicationsCommand, Cli};
use super::print;
use super::{Done, Failure, day, now, out, out_json, place, run, width};
use crate::model::ids::ApplicationNo;
use crate::model::verdict::Decision;
use crate::review::Desk;
use crate::review::applications::{ApplicationRow, Settlement, Unclear};
use crate::store::applications::Whole;
use crate::store::messages::Kept;

/// On a narrower terminal names would be cut to nothing.
const TABLE_COLUMNS_MIN: usize = 70;

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
            let result = format!("These mails of {id} are an application of their own now");
            settle(cli, &mut desk, &Settlement::Split(*id, message), &result)
        }
        Some(ApplicationsCommand::Move { message, to }) => {
            let result = format!("{message} belongs to {to} now");
            settle(cli, &mut desk, &Settlement::Move(*message, *to), &result)
        }
        Some(ApplicationsCommand::Set { id, company, role }) => {
            let names = Settlement::Set(*id, company.as_deref(), role.as_deref());
            settle(cli, &mut desk, &names, &format!("{id} is named as you say now"))
        }
        Some(ApplicationsCommand::Alias { name, other, forget }) => {
            alias(cli, &mut desk, (name, other), *forget)
        }
        Some(ApplicationsCommand::Add { company, role, on }) => {
            let at = on.to_zoned(TimeZone::system()).map(|it| it.timestamp());
            let at = at.map_err(|error| Failure::usage(error.to_string(), None))?;
            if at > now() {
                let hint = Some("Name the day on which you applied".to_owned());
                return Err(Failure::usage(format!("{on} has not come yet"), hint));
            }
            let added = Settlement::Add(company, role.as_deref(), at);
            settle(cli, &mut desk, &added, "It is entered")
        }
    }
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

/// A table, or on a narrow terminal a few lines for each row.
fn table(heading: &[&str], rows: &[Vec<String>]) -> Done {
    let columns = width();
    if columns >= TABLE_COLUMNS_MIN {
        return out(&print::table(heading, rows, columns, print::colors()));
    }
    for row in rows {
        for (at, (name, cell)) in heading.iter().zip(row).enumerate() {
            let indent = if at == 0 { "" } else { "  " };
            let line = format!("{indent}{}: {}", name.to_lowercase(), print::clean(cell));
            out(&format!("{line}\n"))?;
        }
    }
    Ok(())
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
