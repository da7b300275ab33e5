//! `regards demo`: the main job on an invented mailbox, with the real daemon, a cooling-off
//! of seconds and a folder as the way out. Everything lies in a temporary directory that is
//! gone afterwards; nothing leaves the machine.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::args::Cli;
use super::print::{self, Style};
use super::{Done, Failure, now, out, out_json, review, run, show, width};
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
pub(super) fn demo(cli: &Cli, yes: bool) -> Done {
    let voice = Voice { json: cli.json };
    let home = tempfile::Builder::new().prefix("regards-demo-").tempdir()?;
    let config = config(home.path())?;
    let dir = StateDir::at(&home.path().join("state"));
    let lock = dir.lock()?;
    voice.say("A mailbox of Alex, who looks for work, with five new mails:\n")?;
    for mail in mails::deliver(&home.path().join("Maildir"), now())? {
        voice.say(&format!("    {}\n", print::clean(&mail)))?;
    }
    voice.say(
        "\nThe daemon reads them. A rejection is kept quiet while it hurts; here for two \
         seconds, by default for a day and longer.\n",
    )?;
    let runtime = run::runtime()?;
    let stop = CancellationToken::new();
    let daemon = run::in_background(&runtime, run::settings(&config)?, lock, stop.clone());
    let told = tell(voice, &config, &dir, home.path(), yes);
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

[review]
questions = false

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

/// Tells the story, or with `--json` only its facts, a line each.
#[derive(Clone, Copy)]
struct Voice {
    json: bool,
}

/// A line of `demo --json`.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum Line<'a> {
    Draft(Box<show::Shown<'a>>),
    Sent { mail: &'a str },
    Stats(&'a stats::Figures),
}

impl Voice {
    fn say(self, text: &str) -> Done {
        if self.json { Ok(()) } else { out(text) }
    }

    /// A fact, and how it is told to a person.
    fn fact(self, line: &Line<'_>, text: impl FnOnce() -> String) -> Done {
        if self.json { out_json(line) } else { out(&text()) }
    }
}

fn tell(voice: Voice, config: &Config, dir: &StateDir, home: &Path, yes: bool) -> Done {
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
        voice.say(
            "It found one and keeps quiet: until the pause is over no command mentions it.\n",
        )?;
    }
    let no = wait_for("the draft", || {
        Ok(desk
            .list(scope, now())?
            .rows
            .into_iter()
            .find(|row| row.state == "drafted")
            .map(|row| row.reply))
    })?;
    voice.say("Now it is on the desk:\n\n")?;
    if !yes && !voice.json && show::interactive() {
        review::through(&mut desk, &|| run::finder_of(config, dir))?;
        run::nudge(dir);
    } else {
        let opened = desk.open(no, now())?;
        voice.fact(&Line::Draft(Box::new(show::shown(&opened))), || show::page(&opened))?;
        if !yes {
            return voice.say("Nothing leaves without your yes: regards demo --yes approves it.\n");
        }
        let Some(digest) = opened.digest else {
            return Err(Failure::failed("The demo made no draft", None));
        };
        desk.approve(no, digest, now())?;
        run::nudge(dir);
        voice.say("Approved: exactly this mail, by its digest.\n")?;
    }
    epilogue(voice, &mut desk, no, home)
}

/// The mail that went out, and the figures.
fn epilogue(voice: Voice, desk: &mut Desk, no: ReplyNo, home: &Path) -> Done {
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
                voice.fact(&Line::Sent { mail: &mail }, || sent_mail(&mail))?;
            }
        }
    }
    let figures =
        desk.figures(&stats::Period::all(TimeZone::system()), Visibility::Released, now())?;
    voice.fact(&Line::Stats(&figures), || {
        let heading = print::paint(Style::Strong, "\nAnd so the search goes:\n\n", print::colors());
        heading + &stats::render_text(&figures, width(), super::stats::look(false))
    })?;
    voice.say(
        "\nNothing has left this machine and nothing is left behind. README.md tells how to \
         set it up for your own mailbox.\n",
    )
}

fn sent_mail(mail: &str) -> String {
    let mut text = print::paint(Style::Strong, "\nThis mail went out:\n\n", print::colors());
    for line in print::clean_block(mail).lines() {
        text.push_str(format!("    {line}").trim_end());
        text.push('\n');
    }
    text
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
