//! One reply on the screen, exactly as it would be sent, with everything that speaks for or
//! against it; and what is asked of the person in front of it.

use std::io::{self, BufRead, IsTerminal, Write};

use jiff::Timestamp;
use serde::Serialize;

use super::args::Cli;
use super::print::{self, Style};
use super::{Done, Failure, day, moment, now, out, out_json, place, width};
use crate::model::answer::why_undelivered;
use crate::model::findings::Reached;
use crate::model::ids::ReplyNo;
use crate::model::mail::Draft;
use crate::model::reply::ReplyState;
use crate::model::verdict::Hit;
use crate::review::follow_up::FollowUp;
use crate::review::{Desk, Opened};

/// Text columns at most; longer lines are hard to read.
const TEXT_COLUMNS_MAX: usize = 78;

/// `regards show`
pub(super) fn show(cli: &Cli, no: ReplyNo) -> Done {
    let mut desk = place::desk(cli)?;
    let mut opened = desk.open(no, now())?;
    opened.tone_shown = true;
    if cli.json {
        out_json(&shown(&opened))?
    } else {
        out(&page(&opened))?
    }
    desk.show_tone(no)?;
    seen(&mut desk, &opened)
}

/// Notes that the user has this mail before the eyes.
pub(super) fn seen(desk: &mut Desk, opened: &Opened) -> Done {
    match &opened.digest {
        Some(digest) => Ok(desk.shown(opened.reply.no, digest)?),
        None => Ok(()),
    }
}

/// `show --json`. The field names stay.
#[derive(Serialize)]
pub(super) struct Shown<'a> {
    reply: ReplyNo,
    state: &'static str,
    application: crate::model::ids::ApplicationNo,
    message: crate::model::ids::MessageNo,
    /// A follow-up: the reply that went out before.
    follows: Option<ReplyNo>,
    company: Option<&'a str>,
    role: Option<&'a str>,
    /// When the rejection was received.
    received: Timestamp,
    /// The words by which it was recognised first of all.
    decisive: Option<String>,
    /// How far it had come.
    reached: &'static str,
    reason: Option<&'static str>,
    person: Option<&'a str>,
    addressee: Option<AddresseeJson<'a>>,
    mail: Option<MailJson<'a>>,
    digest: Option<String>,
    warnings: &'a [String],
    tone: &'a [String],
    objections: Vec<String>,
    notice: Option<&'a str>,
    /// Why there is a follow-up, and what came back before.
    follow_up: Option<&'a FollowUp>,
    journal: &'a [crate::model::journal::Entry],
}

#[derive(Serialize)]
struct AddresseeJson<'a> {
    who: &'a str,
    why: &'a str,
}

#[derive(Serialize)]
struct MailJson<'a> {
    account: &'a str,
    transport: &'a str,
    envelope_from: &'a str,
    envelope_to: Vec<&'a str>,
    from: String,
    to: String,
    subject: &'a str,
    message_id: String,
    in_reply_to: Option<String>,
    references: Vec<String>,
    intent: &'static str,
    text: &'a str,
}

/// A reply as an object.
pub(super) fn shown(opened: &Opened) -> Shown<'_> {
    let application = &opened.whole.application;
    let mail = opened.reply.state.draft().map(|draft| MailJson {
        account: &draft.route.mailbox,
        transport: &draft.route.transport,
        envelope_from: draft.envelope.from.as_str(),
        envelope_to: draft.envelope.to.iter().map(|address| address.as_str()).collect(),
        from: draft.from.to_string(),
        to: draft.to.to_string(),
        subject: draft.subject.as_str(),
        message_id: draft.message_id.to_string(),
        in_reply_to: draft.in_reply_to.as_ref().map(ToString::to_string),
        references: draft.references.iter().map(ToString::to_string).collect(),
        intent: draft.intent.name(),
        text: &draft.text,
    });
    // Why a follow-up goes to whom is told by `follow_up`.
    let addressee = opened.parent.addressee.as_ref().filter(|_| opened.reply.follows.is_none());
    Shown {
        reply: opened.reply.no,
        state: opened.reply.state.name(),
        application: opened.reply.application,
        message: opened.reply.parent,
        follows: opened.reply.follows,
        company: application.company.as_deref(),
        role: application.role.as_deref(),
        received: opened.parent.received_at,
        decisive: decisive(opened),
        reached: opened.whole.furthest().name(),
        reason: opened.parent.reason.map(|reason| reason.name()),
        person: opened.parent.person.as_deref(),
        addressee: addressee.map(|(who, why)| AddresseeJson { who, why }),
        mail,
        digest: opened.digest.map(|digest| digest.hex()),
        warnings: &opened.warnings,
        tone: &opened.tone,
        objections: opened.objections.iter().map(ToString::to_string).collect(),
        notice: opened.reply.notice.as_deref(),
        follow_up: opened.follow_up.as_ref(),
        journal: &opened.journal,
    }
}

/// The reply as a page of text.
pub(super) fn page(opened: &Opened) -> String {
    let color = print::colors();
    let application = &opened.whole.application;
    let name = |part: &Option<String>| part.as_deref().map(print::clean);
    let company = name(&application.company).unwrap_or_else(|| "Unknown company".to_owned());
    let role = name(&application.role).map(|role| format!(" · {role}")).unwrap_or_default();
    let title = format!("{}  {company}{role}", opened.reply.no);
    let mut page = format!(
        "{}  {}\n",
        print::paint(Style::Strong, &title, color),
        print::paint(Style::Quiet, opened.reply.state.name(), color)
    );
    let ago = ago(opened.parent.received_at, now());
    let (no, on) = (opened.parent.no, day(opened.parent.received_at));
    page.push_str(&format!("    {no}, rejected on {on}{ago}"));
    if let Some(it) = &opened.follow_up {
        page.push_str(&format!("\n    {}", print::clean(&it.why())));
        page.push_str(&last_answer(it));
    } else if let Some((who, why)) = &opened.parent.addressee {
        page.push_str(&format!("; answer to: {who}, {}", print::clean(why)));
    }
    page.push('\n');
    if let Some(words) = decisive(opened) {
        page.push_str(&format!("    it said “{}”\n", print::clean(&words)));
    }
    page.push_str(&format!("    {}\n", print::clean(&found(opened).join("; "))));
    page.push_str(&standing(&opened.reply.state));
    if let Some(draft) = opened.reply.state.draft() {
        page.push('\n');
        page.push_str(&mail(draft, opened, color));
    }
    page + &remarks(opened, color)
}

/// What speaks against the reply, and what should be seen before the yes.
pub(super) fn remarks(opened: &Opened, color: bool) -> String {
    let mut page = String::new();
    let said = |page: &mut String, style, mark: &str, text: &str| {
        let text = print::lines(text, "  ");
        page.push_str(&print::paint(style, &format!("{mark} {text}\n"), color));
    };
    for objection in &opened.objections {
        said(&mut page, Style::Bad, "✗", &objection.to_string());
    }
    // What the tone check says stands before the yes, once; from then on also here.
    let tone = opened.tone.iter().filter(|_| opened.tone_shown);
    for warning in opened.warnings.iter().chain(tone) {
        said(&mut page, Style::Warning, "!", warning);
    }
    if let Some(notice) = &opened.reply.notice {
        said(&mut page, Style::Warning, "!", notice);
    }
    page
}

/// What came back to the mail before a follow-up.
fn last_answer(it: &FollowUp) -> String {
    match &it.answer {
        None => format!("\n    nobody answered {} so far", it.earlier),
        Some(answer) => {
            let text = answer.text.as_deref().map(|text| format!(": “{}”", print::clean(text)));
            format!("\n    their last answer, {}{}", day(answer.received), text.unwrap_or_default())
        }
    }
}

/// How long ago that day was, in days.
fn ago(at: Timestamp, now: Timestamp) -> String {
    match now.duration_since(at).as_hours() / 24 {
        ..=0 => String::new(),
        1 => " (a day ago)".to_owned(),
        days => format!(" ({days} days ago)"),
    }
}

/// The words by which the rejection was recognised first of all; `None` when they are
/// forgotten.
fn decisive(opened: &Opened) -> Option<String> {
    let hits: Vec<Hit> = serde_json::from_str(&opened.parent.hits).ok()?;
    let told = hits.into_iter().filter(|hit| !hit.words.is_empty() && hit.mark.is_none());
    told.max_by(|a, b| a.weight.total_cmp(&b.weight)).map(|hit| hit.words)
}

/// What was found besides company and position.
fn found(opened: &Opened) -> Vec<String> {
    let mut found = vec![match opened.whole.furthest() {
        Reached::Applied => "no talks are known of".to_owned(),
        Reached::Talks => "after talks".to_owned(),
        Reached::Offer => "after an offer".to_owned(),
    }];
    found.extend(opened.parent.reason.map(|reason| format!("reason: {}", reason.name())));
    found.extend(opened.parent.person.as_ref().map(|person| format!("signed by {person}")));
    found
}

fn standing(state: &ReplyState) -> String {
    match state {
        ReplyState::Cooling { not_before, .. } => {
            format!("    comes onto the desk after {}\n", moment(*not_before))
        }
        ReplyState::Approved(approval) => {
            format!("    approved, leaves at {} or later\n", moment(approval.due))
        }
        ReplyState::Sent { at, proof, .. } => {
            format!("    sent, known since {} ({proof})\n", moment(*at))
        }
        ReplyState::Doubtful { since, .. } => format!(
            "    it may have gone out or not (since {}); look into your Sent folder, then: \
             regards resolve ID sent|unsent\n",
            moment(*since)
        ),
        ReplyState::Withdrawn(why) => format!("    withdrawn: {}\n", why.sentence()),
        // In which words, the notice tells.
        ReplyState::Failed { why } => format!("    not sent: {}\n", why_undelivered(why)),
        ReplyState::Drafted { .. } | ReplyState::Sending { .. } | ReplyState::Skipped => {
            String::new()
        }
    }
}

fn mail(draft: &Draft, opened: &Opened, color: bool) -> String {
    let recipients: Vec<&str> = draft.envelope.to.iter().map(|it| it.as_str()).collect();
    let mut lines = vec![
        ("From", draft.from.to_string()),
        ("To", draft.to.to_string()),
        ("Subject", draft.subject.as_str().to_owned()),
    ];
    let thread = draft.in_reply_to.as_ref().map_or("new mail, no thread".to_owned(), |id| {
        format!("{id} ({} in the thread)", draft.references.len())
    });
    lines.push(("In reply to", thread));
    lines.push(("Message-ID", draft.message_id.to_string()));
    lines.push(("Envelope", format!("{} to {}", draft.envelope.from, recipients.join(", "))));
    lines.push(("Account", format!("{} by {}", draft.route.mailbox, draft.route.transport)));
    lines.push(("Intent", draft.intent.name().to_owned()));
    lines.extend(opened.digest.map(|digest| ("Digest", digest.hex())));
    let mut text = String::new();
    for (name, value) in lines {
        let name = print::paint(Style::Quiet, &format!("{name:<12}"), color);
        text.push_str(&format!("{name}{}\n", print::clean(&value)));
    }
    text + &body(draft)
}

/// The text of a mail, indented and between empty lines.
pub(super) fn body(draft: &Draft) -> String {
    let columns = width().min(TEXT_COLUMNS_MAX).saturating_sub(4);
    let mut text = String::from("\n");
    for line in print::clean_block(&draft.text).lines() {
        for part in wrapped(line, columns) {
            text.push_str(format!("    {part}").trim_end());
            text.push('\n');
        }
    }
    text.push('\n');
    text
}

/// A line in pieces of at most `columns`, broken at blanks. Only for the eye: the mail's own
/// lines stay as they are.
pub(super) fn wrapped(line: &str, columns: usize) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for word in line.split(' ') {
        let Some(last) = pieces.last_mut() else { break };
        let longer = print::columns(last).saturating_add(print::columns(word)).saturating_add(1);
        if !last.is_empty() && longer > columns {
            pieces.push(word.to_owned());
        } else {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        }
    }
    pieces
}

/// Lets the user change `text` in `$VISUAL`, `$EDITOR` or vi.
pub(super) fn in_editor(text: &str) -> Result<String, Failure> {
    let editor = std::env::var("VISUAL")
        .or_else(|_| std::env::var("EDITOR"))
        .unwrap_or_else(|_| "vi".to_owned());
    let mut words = editor.split_whitespace();
    let program = words.next().unwrap_or("vi");
    // The directory is private to the user; the ending lets editors know plain text.
    let mut file = tempfile::Builder::new().prefix("regards-").suffix(".txt").tempfile()?;
    file.write_all(text.as_bytes())?;
    file.flush()?;
    let ended = std::process::Command::new(program).args(words).arg(file.path()).status();
    let hint = Some("Set EDITOR, or give the text: regards edit ID --text FILE".to_owned());
    match ended {
        Ok(status) if status.success() => Ok(std::fs::read_to_string(file.path())?),
        Ok(status) => {
            let message = format!("The editor `{editor}` ended with {status}; nothing was changed");
            Err(Failure::failed(message, hint))
        }
        Err(error) => {
            let message = format!("The editor `{editor}` cannot be started: {error}");
            Err(Failure::failed(message, hint))
        }
    }
}

/// A refused edit, with the file in which the typed text is kept.
pub(super) fn kept(no: ReplyNo, text: &str, refused: Failure) -> Failure {
    if text.trim().is_empty() {
        return refused;
    }
    let written = || -> io::Result<std::path::PathBuf> {
        // Private to the user.
        let prefix = format!("regards-{no}-");
        let mut file = tempfile::Builder::new().prefix(&prefix).suffix(".txt").tempfile()?;
        file.write_all(text.as_bytes())?;
        Ok(file.keep()?.1)
    };
    let place = match written() {
        Ok(path) => format!("your text is in {}", path.display()),
        Err(error) => format!("your text could not be kept: {error}"),
    };
    Failure { message: format!("{}; {place}", refused.message), ..refused }
}

/// A line from the user; `None` at the end of the input.
pub(super) fn answer(question: &str) -> Result<Option<String>, Failure> {
    out(question)?;
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line)?;
    if read == 0 {
        out("\n")?;
        return Ok(None);
    }
    Ok(Some(line.trim().to_owned()))
}

/// Asks until there is a yes or a no; the end of the input is a no.
pub(super) fn yes(question: &str) -> Result<bool, Failure> {
    Ok(answer(&format!("{} [y/N] ", print::clean(question)))?
        .is_some_and(|word| ["y", "yes"].contains(&word.to_lowercase().as_str())))
}

/// Somebody sits there.
pub(super) fn interactive() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}
