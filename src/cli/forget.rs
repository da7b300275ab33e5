//! `regards forget` and `regards backup`: what is kept is the user's to erase and to copy.

use std::path::Path;

use serde::Serialize;

use super::args::{Cli, ForgetArgs, Named};
use super::{Done, Failure, day, find, now, out, out_json, place, show};
use crate::model::ids::AccountNo;
use crate::review::Desk;
use crate::store::forget::{Amount, Scope};
use crate::store::{Store, accounts};

/// The line of `forget --json`. The field names stay.
#[derive(Serialize)]
struct Forgotten {
    applications: i64,
    mails: i64,
    replies: i64,
}

/// The line of `backup --json`. The field names stay.
#[derive(Serialize)]
struct Copied<'a> {
    file: &'a Path,
}

/// `regards forget`
pub(super) fn forget(cli: &Cli, args: &ForgetArgs) -> Done {
    let mut desk = place::desk(cli)?;
    let (scope, what) = scope(&mut desk, args)?;
    if !args.yes {
        if cli.json {
            let hint = Some("Add --yes when it is meant".to_owned());
            return Err(Failure::usage("A script is not asked", hint));
        }
        let amount = counted(desk.would_forget(scope)?);
        if !show::yes(&format!("Erase {what}: {amount}? Your mailbox stays as it is"))? {
            return out("Nothing was erased\n");
        }
    }
    let amount = desk.forget(scope, now())?;
    if cli.json {
        let Amount { applications, mails, replies } = amount;
        let forgotten = Forgotten { applications, mails, replies };
        return out_json(&forgotten);
    }
    out(&format!("Erased: {}; a backup that you made keeps what it has\n", counted(amount)))
}

/// What is meant, and how it is called before the question.
fn scope(desk: &mut Desk, args: &ForgetArgs) -> Result<(Scope, String), Failure> {
    if let Some(named) = args.application {
        let no = match named {
            Named::Itself(no) => no,
            Named::By(case) => desk.application_of(case)?,
        };
        let it = desk.application(no)?.application;
        let names: Vec<String> = [it.company, it.role].into_iter().flatten().collect();
        let names =
            if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) };
        return Ok((Scope::Application(no), format!("application {no}{names}")));
    }
    if let Some(name) = &args.account {
        let no = account(desk, name)?;
        return Ok((Scope::Account(no), format!("what came by account {name}")));
    }
    if let Some(date) = args.before {
        let before = find::begins(date)?;
        return Ok((Scope::Before(before), format!("what ended before {}", day(before))));
    }
    Ok((Scope::All, "everything".to_owned()))
}

/// The account of this name or login, also one that is gone from the configuration.
fn account(desk: &mut Desk, name: &str) -> Result<AccountNo, Failure> {
    let all = desk.store().read(accounts::all)?;
    let whole = |login: &str, host: &str| format!("{login}@{host}");
    let called: Vec<_> = all
        .iter()
        .filter(|it| it.label == name || it.login == name || whole(&it.login, &it.host) == name)
        .collect();
    if let [only] = called[..] {
        return Ok(only.no);
    }
    // By the name that one knows; what several share tells none of them.
    let unknown = called.is_empty();
    let listed = if unknown { all.iter().collect() } else { called };
    let names = listed.iter().map(|it| match unknown && it.present {
        true => it.label.clone(),
        false => whole(&it.login, &it.host),
    });
    let names: Vec<String> = names.collect();
    let hint = Some(format!("There are: {}", names.join(", ")));
    Err(Failure::failed(format!("`{name}` is not the name of one account"), hint))
}

fn counted(amount: Amount) -> String {
    let of = |count: i64, one: &str, more: &str| match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {more}"),
    };
    let applications = of(amount.applications, "application", "applications");
    let mails = of(amount.mails, "mail", "mails");
    format!("{applications}, {mails} and {}", of(amount.replies, "reply", "replies"))
}

/// `regards backup`
pub(super) fn backup(cli: &Cli, file: &Path, force: bool) -> Done {
    let dir = place::state_dir(cli)?;
    let store = Store::open_as_face(&dir)?;
    store.back_up(file, force).map_err(|error| {
        let there = !force && file.exists();
        let hint = there.then(|| "Name another file, or replace it: --force".to_owned());
        Failure { hint: hint.or(error.hint()), ..error.into() }
    })?;
    if cli.json {
        return out_json(&Copied { file });
    }
    let database = dir.database();
    out(&super::print::clean_block(&format!(
        "Copied to {file}\nTo go back to it: stop the daemon, then\n  \
         rm -f '{database}-wal' '{database}-shm'\n  cp '{file}' '{database}'\n\
         and start it again; leave the other files there as they are.\n",
        file = file.display(),
        database = database.display(),
    )))
}
