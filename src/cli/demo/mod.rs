//! `regards demo`: the main job on an invented mailbox, with the real daemon, a cooling-off
//! of seconds and a folder as the way out. Everything lies in a temporary directory that is
//! gone afterwards; nothing leaves the machine.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::print::{self, Style};
use super::{Done, Failure, now, out, review, run, show, width};
use crate::config::Config;
use crate::model::ids::ReplyNo;
use crate::model::reply::ReplyState;
use crate::model::visibility::Visibility;
use crate::review::Desk;
use crate::review::listing::Scope;
use crate::stats;
use crate::store::{StateDir, Store};

mod mails;

/// A slow machine gets its time; a hanging demo is told.
const PATIENCE: Duration = Duration::from_secs(60);

/// `regards demo`
pub(super) fn demo(yes: bool) -> Done {
    let home = tempfile::Builder::new().prefix("regards-demo-").tempdir()?;
    let config = config(home.path())?;
    let dir = StateDir::at(&home.path().join("state"));
    let lock = dir.lock()?;
    say("A mailbox of Alex, who looks for work, with five new mails:\n")?;
    for mail in mails::deliver(&home.path().join("Maildir"), now())? {
        say(&format!("    {}\n", print::clean(&mail)))?;
    }
    say("\nThe daemon reads them. A rejection is kept quiet while it hurts; here for two \
         seconds, by default for a day and longer.\n")?;
    let runtime = run::runtime()?;
    let stop = CancellationToken::new();
    let daemon = run::in_background(&runtime, run::settings(&config)?, lock, stop.clone());
    let told = tell(&config, &dir, home.path(), yes);
    stop.cancel();
    let ended = runtime.block_on(daemon);
    told?;
    match ended {
        Ok(ended) => ended.map_err(Failure::from),
        Err(_) => Err(Failure::failed("The daemon of the demo broke down", None)),
    }
}

/// The configuration goes through the same door as every other.
fn config(home: &Path) -> Result<Config, Failure> {
    let text = r#"
name = "Alex Morgan"

[cooling]
after_form = "2s"
after_talks = "2s"
after_rescinded = "2s"
office_hours = "00:00-24:00"
working_days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

[sending]
delay = "0s"

[account.demo]
addresses = ["Alex Morgan <alex@example.org>"]
maildir = { path = "Maildir" }
send = { transport = "folder", path = "out", sent_copy = "none" }
"#;
    for folder in ["Maildir/cur", "Maildir/new", "Maildir/tmp", "out"] {
        fs::create_dir_all(home.join(folder))?;
    }
    Ok(Config::parse(text, &home.join("config.toml"), now())?)
}

fn say(text: &str) -> Done {
    out(text)
}

fn tell(config: &Config, dir: &StateDir, home: &Path, yes: bool) -> Done {
    let mut desk = wait_for("the database", || match Store::open_as_face(dir) {
        Ok(store) => Ok(Some(Desk::new(store, config.review(), "cli"))),
        Err(_) => Ok(None),
    })?;
    let scope = Scope { ended: false, visibility: Visibility::Cooling };
    let waiting = wait_for("the rejection", || {
        Ok(desk.list(scope, now())?.rows.into_iter().find(|row| row.state == "cooling"))
    });
    // On a slow machine it may have cooled before it was looked at.
    if waiting.is_ok() {
        say("It found one and keeps quiet: until the pause is over no command mentions it.\n")?;
    }
    let no = wait_for("the draft", || {
        Ok(desk
            .list(scope, now())?
            .rows
            .into_iter()
            .find(|row| row.state == "drafted")
            .map(|row| row.reply))
    })?;
    say("Now it is on the desk:\n\n")?;
    if !yes && show::interactive() {
        review::through(&mut desk)?;
        run::nudge(dir);
    } else {
        let opened = desk.open(no, now())?;
        say(&show::page(&opened))?;
        if !yes {
            return say("Nothing leaves without your yes: regards demo --yes approves it.\n");
        }
        let Some(digest) = opened.digest else {
            return Err(Failure::failed("The demo made no draft", None));
        };
        desk.approve(no, digest, now())?;
        run::nudge(dir);
        say("Approved: exactly this mail, by its digest.\n")?;
    }
    epilogue(&mut desk, no, home)
}

/// The mail that went out, and the figures.
fn epilogue(desk: &mut Desk, no: ReplyNo, home: &Path) -> Done {
    if matches!(
        desk.open(no, now())?.reply.state,
        ReplyState::Approved(_) | ReplyState::Sending { .. } | ReplyState::Sent { .. }
    ) {
        wait_for("the sending", || {
            let state = desk.open(no, now())?.reply.state;
            Ok(matches!(state, ReplyState::Sent { .. }).then_some(()))
        })?;
        for entry in fs::read_dir(home.join("out"))? {
            let path = entry?.path();
            if path.extension().is_some_and(|it| it == "eml") {
                let mail = String::from_utf8_lossy(&fs::read(&path)?).into_owned();
                say(&print::paint(Style::Strong, "\nThis mail went out:\n\n", print::colors()))?;
                for line in print::clean_block(&mail).lines() {
                    say(format!("    {line}").trim_end())?;
                    say("\n")?;
                }
            }
        }
    }
    let figures = desk.figures(None, Visibility::Released, now())?;
    say(&print::paint(Style::Strong, "\nAnd so the search goes:\n\n", print::colors()))?;
    say(&stats::render_text(&figures, width(), print::colors()))?;
    say("\nNothing has left this machine and nothing is left behind. README.md tells how to \
         set it up for your own mailbox.\n")
}

fn wait_for<T>(
    what: &str,
    mut look: impl FnMut() -> Result<Option<T>, Failure>,
) -> Result<T, Failure> {
    let until = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look()? {
            return Ok(found);
        }
        if Instant::now() > until {
            let message = format!("The demo waited in vain for {what}");
            return Err(Failure::failed(message, None));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
