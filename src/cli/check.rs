//! `regards check` and `regards secret set`: is everything as the configuration says, and
//! where not, what to do. Sends nothing unless asked to.

use std::io::{IsTerminal, Read};
use std::sync::Arc;

use secrecy::SecretString;

use super::args::{Cli, PurposeArg, SecretArgs, SecretCommand};
use super::print::{self, Style};
use super::{Done, Failure, desk, now, out, out_json, place, rule_set, run};
use crate::config::{Account, Config, Exit, MailboxSource, SecretPlace};
use crate::draft::compose;
use crate::model::address::{Address, MessageId};
use crate::model::mail::{Draft, Envelope, HeaderText, Intent, Origin, Outcome};
use crate::model::reply::Claim;
use crate::secret::{self, Purpose};
use crate::send::{self, Parcel};
use crate::source::imap;
use crate::source::imap::sent::{SentAnswer, SentQuery};
use crate::store::{Store, StoreError};

/// Providers file their copy within moments; it is looked for so often.
const COPY_LOOKS: u32 = 5;
const COPY_PAUSE: std::time::Duration = std::time::Duration::from_secs(2);

/// One line of the report.
#[derive(serde::Serialize)]
struct Finding {
    what: String,
    ok: bool,
    detail: String,
    hint: Option<String>,
}

/// Prints findings as they come and remembers whether one was bad.
struct Report<'a> {
    cli: &'a Cli,
    failed: bool,
}

impl Report<'_> {
    fn tell(&mut self, what: &str, result: Result<String, (String, Option<String>)>) -> Done {
        let ok = result.is_ok();
        self.failed |= !ok;
        let (detail, hint) = match result {
            Ok(detail) => (detail, None),
            Err((detail, hint)) => (detail, hint),
        };
        if self.cli.json {
            return out_json(&Finding { what: what.to_owned(), ok, detail, hint });
        }
        let color = print::colors();
        let mark = if ok {
            print::paint(Style::Good, "ok", color)
        } else {
            print::paint(Style::Bad, "no", color)
        };
        out(&format!("{mark}  {what}: {}\n", print::clean(&detail)))?;
        match hint {
            Some(hint) => out(&format!("    → {}\n", print::clean(&hint))),
            None => Ok(()),
        }
    }
}

/// `regards check`
pub(super) fn check(cli: &Cli, send_to_me: bool) -> Done {
    let mut report = Report { cli, failed: false };
    let config = place::config(cli)?;
    let path = place::config_path(cli)?;
    report.tell("configuration", Ok(path.display().to_string()))?;
    let rules = rule_set::load(config.rules_dir.as_deref());
    report.tell(
        "rules",
        rules.map(|it| format!("{} rules", it.list().len())).map_err(|f| (f.message, f.hint)),
    )?;
    let templates = run::templates(&config);
    report.tell(
        "reply templates",
        templates.map(|_| "every one can be filled in".to_owned()).map_err(|f| (f.message, f.hint)),
    )?;
    report.tell("database", database(cli))?;
    let runtime = run::runtime()?;
    for account in &config.accounts {
        runtime.block_on(check_account(&mut report, account))?;
    }
    if send_to_me {
        for account in &config.accounts {
            let label = &account.label;
            let sent = runtime.block_on(send_to_self(&config, account));
            let id = sent.as_ref().ok().map(|(id, _)| id.clone());
            report.tell(&format!("{label}: mail to yourself"), sent.map(|(_, words)| words))?;
            if let Some(id) = id {
                let copy = runtime.block_on(copy_of(account, id));
                report.tell(&format!("{label}: copy in the Sent folder"), copy)?;
            }
        }
    }
    if report.failed { Err(Failure::told()) } else { Ok(()) }
}

fn database(cli: &Cli) -> Result<String, (String, Option<String>)> {
    let told = |failure: Failure| (failure.message, failure.hint);
    let dir = place::state_dir(cli).map_err(told)?;
    match Store::open_as_face(&dir) {
        Ok(_) => Ok(dir.database().display().to_string()),
        // What the first run would refuse is told before it.
        Err(StoreError::Absent(path)) => match dir.check_private() {
            Ok(()) => Ok(format!("{} will be made by the first run", path.display())),
            Err(error) => Err((error.to_string(), error.hint())),
        },
        Err(error) => Err((error.to_string(), error.hint())),
    }
}

type Checked = Result<String, (String, Option<String>)>;

async fn check_account(report: &mut Report<'_>, account: &Account) -> Done {
    let label = &account.label;
    match &account.mailbox {
        MailboxSource::Imap { settings, secret } => {
            check_imap(report, label, settings, secret).await?;
        }
        MailboxSource::Maildir(path) => {
            let found = path.join("cur").is_dir() && path.join("new").is_dir();
            let hint = "It must be a directory with `cur` and `new`".to_owned();
            let result = if found {
                Ok(path.display().to_string())
            } else {
                Err((format!("{} is not a Maildir", path.display()), Some(hint)))
            };
            report.tell(&format!("{label}: Maildir"), result)?;
        }
    }
    let Some(way_out) = &account.way_out else {
        let hint = format!("Add [account.{label}.send]; without it nothing is drafted");
        let text = "there is no way to send mail".to_owned();
        return report.tell(&format!("{label}: sending"), Err((text, Some(hint))));
    };
    let sending = match way_out.exit.open().await {
        Err(error) => Err((error.to_string(), Some(error.hint()))),
        Ok(transport) => send::check(&transport, &send::Timeouts::default())
            .await
            .map(|it| format!("{} answers; nothing was sent", it.server))
            .map_err(|error| (error.to_string(), Some(error.hint().to_owned()))),
    };
    report.tell(&format!("{label}: sending"), sending)
}

async fn check_imap(
    report: &mut Report<'_>,
    label: &str,
    settings: &imap::Settings,
    secret: &SecretPlace,
) -> Done {
    let credentials = secret.clone().credentials();
    let checked = imap::check::check(Arc::new(settings.clone()), &credentials).await;
    let what = format!("{label}: IMAP");
    let found = match checked {
        Err(error) => return report.tell(&what, Err((error.to_string(), error.hint()))),
        Ok(found) => found,
    };
    let names: Vec<&str> = found.folders.iter().map(|folder| folder.name.as_str()).collect();
    let news = if found.idle { "new mail is told at once" } else { "it is asked for new mail" };
    report.tell(&what, Ok(format!("logged in; reads {}; {news}", names.join(", "))))?;
    for missing in &found.missing {
        let hint = "Correct `watch` or `count`".to_owned();
        let text = format!("the server has no folder {missing}");
        report.tell(&what, Err((text, Some(hint))))?;
    }
    let sent: Checked = match found.sent.first() {
        Some(name) => Ok(format!("{name}; searched before anything is sent")),
        None => Err((
            "no folder of sent mail was found".to_owned(),
            Some(
                "Name it with `sent = \"…\"`, or use `bcc_self = true` so that a copy can be \
                 found"
                    .to_owned(),
            ),
        )),
    };
    report.tell(&format!("{label}: Sent folder"), sent)
}

/// One mail through the whole real path, to the user's own address.
async fn send_to_self(
    config: &Config,
    account: &Account,
) -> Result<(MessageId, String), (String, Option<String>)> {
    let told = |text: String| (text, None);
    let way_out = account.way_out.as_ref().ok_or_else(|| told("no way out".to_owned()))?;
    let me = account.own.first().ok_or_else(|| told("no address".to_owned()))?;
    let random = desk::random().map_err(|failure| told(failure.message))?;
    let message_id = compose::new_message_id(random, me.address.domain())
        .ok_or_else(|| told("your address has no usable domain".to_owned()))?;
    let (to, id): (Address, MessageId) = (me.address.clone(), message_id.clone());
    let draft = Draft {
        route: way_out.route.clone(),
        envelope: Envelope { from: to.clone(), to: vec![to.clone()] },
        from: me.clone(),
        to: me.clone(),
        subject: HeaderText::clean("A mail from regards to yourself"),
        in_reply_to: None,
        references: Vec::new(),
        message_id,
        text: format!("If you can read this, answers will leave this way.\n\n{}\n", config.me.name),
        intent: Intent::Thanks,
        origin: Origin::default(),
    };
    let digest = compose::digest(&draft)
        .map_err(|error| (error.to_string(), Some(error.hint().to_owned())))?;
    let claim =
        Claim::to_oneself(draft, digest, now()).ok_or_else(|| told("not to you".to_owned()))?;
    let bytes = compose::bytes_for(&claim, &config.cool.zone)
        .map_err(|error| (error.to_string(), Some(error.hint().to_owned())))?;
    let parcel = Parcel::new(claim, bytes).map_err(|error| told(error.to_string()))?;
    let transport =
        way_out.exit.open().await.map_err(|error| (error.to_string(), Some(error.hint())))?;
    let ready = || async { Ok::<(), std::convert::Infallible>(()) };
    match send::send(parcel, &transport, &send::Timeouts::default(), ready).await {
        Outcome::Accepted(words) => {
            Ok((id, format!("accepted for {to}: {words}; look whether it came")))
        }
        Outcome::NoContact(why)
        | Outcome::LoginRefused(why)
        | Outcome::Deferred(why)
        | Outcome::Refused(why)
        | Outcome::Interrupted(why)
        | Outcome::Unnoted(why)
        | Outcome::LostSight(why) => Err(told(why)),
    }
}

/// Whether the provider has filed a copy of the mail by itself.
async fn copy_of(account: &Account, id: MessageId) -> Checked {
    let MailboxSource::Imap { settings, secret } = &account.mailbox else {
        return Err(("a Maildir account has no Sent folder to look into".to_owned(), cure()));
    };
    let credentials = secret.clone().credentials();
    let query = SentQuery { message_id: Some(id), ..SentQuery::default() };
    for _ in 0..COPY_LOOKS {
        let settings = Arc::new((**settings).clone());
        match imap::sent::find(settings, &credentials, query.clone()).await {
            Ok(SentAnswer::Found { folder, .. }) => {
                return Ok(format!("your provider keeps one in {folder}"));
            }
            Ok(SentAnswer::NotThere) => tokio::time::sleep(COPY_PAUSE).await,
            Ok(SentAnswer::NoSentFolder) => break,
            Err(error) => return Err((error.to_string(), error.hint())),
        }
    }
    let appended = account.way_out.as_ref().is_some_and(|it| it.append_to_sent || it.bcc_self);
    let text = "your provider keeps none".to_owned();
    if appended { Ok(format!("{text}, so `regards` sees to it")) } else { Err((text, cure())) }
}

fn cure() -> Option<String> {
    Some(
        "Set `sent_copy = \"append\"` or `bcc_self = true` in [account.NAME.send], so that a \
         mail that went out can be found again"
            .to_owned(),
    )
}

/// `regards secret set`
pub(super) fn secret(cli: &Cli, args: &SecretArgs) -> Done {
    let SecretCommand::Set { account, purpose } = &args.command;
    let config = place::config(cli)?;
    let place = secret_place(&config, account, *purpose)?;
    let typed = typed_secret(account, place.purpose)?;
    let runtime = run::runtime()?;
    runtime
        .block_on(secret::store(&place.source, &place.label, place.purpose, typed))
        .map_err(|error| Failure::failed(error.to_string(), Some(error.hint())))?;
    run::nudge_secret(&place::state_dir(cli)?);
    out(&format!("The {} secret of `{}` is kept\n", place.purpose, place.label))
}

fn secret_place(config: &Config, label: &str, purpose: PurposeArg) -> Result<SecretPlace, Failure> {
    let labels: Vec<&str> = config.accounts.iter().map(|it| it.label.as_str()).collect();
    let account = config.accounts.iter().find(|it| it.label == label).ok_or_else(|| {
        let hint = format!("The configuration has: {}", labels.join(", "));
        Failure::usage(format!("There is no account `{label}`"), Some(hint))
    })?;
    let place = match (purpose, &account.mailbox, account.way_out.as_ref().map(|it| &it.exit)) {
        (PurposeArg::Imap, MailboxSource::Imap { secret, .. }, _)
        | (PurposeArg::Smtp, _, Some(Exit::Smtp { secret, .. })) => Some(secret.clone()),
        _ => None,
    };
    place.ok_or_else(|| Failure::usage(format!("Account `{label}` needs no such secret"), None))
}

/// From the terminal without showing it, or the first line of what is piped in.
fn typed_secret(account: &str, purpose: Purpose) -> Result<SecretString, Failure> {
    let typed = if std::io::stdin().is_terminal() {
        rpassword::prompt_password(format!("{purpose} password of {account}: "))?
    } else {
        let mut text = String::new();
        std::io::stdin().take(64 * 1024).read_to_string(&mut text)?;
        text.lines().next().unwrap_or_default().to_owned()
    };
    if typed.is_empty() {
        return Err(Failure::usage("An empty secret is none", None));
    }
    Ok(SecretString::from(typed))
}
