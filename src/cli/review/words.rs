//! The words of the draft under review: what they are for, and how they sound.

use super::{Drafter, Step, Then, approve, edit};
use crate::cli::print::{self, Style};
use crate::cli::{args, draft, now, out, show};
use crate::model::ids::ReplyNo;
use crate::model::mail::Intent;
use crate::model::reply::Reply;
use crate::review::{Desk, Opened};

/// Asks what the draft is for, and has it made anew for that.
pub(super) fn intent(drafter: Drafter<'_>, reply: &Reply) -> Step {
    let Some(draft) = reply.state.draft() else {
        return Ok(("There is no draft.".to_owned(), Then::Next));
    };
    let kept = || Ok((format!("It stays for {}.", draft.intent), Then::Again));
    let names: Vec<&str> = Intent::ALL.iter().map(|it| it.name()).collect();
    let question = format!("What for: {}? [{}] ", names.join(", "), draft.intent);
    let word = show::answer(&question)?.unwrap_or_default();
    if word.is_empty() || word == draft.intent.name() {
        return kept();
    }
    let intent = match args::intent(&word) {
        Ok(intent) => intent,
        Err(why) => return Ok((print::clean(&why), Then::Again)),
    };
    if !draft::may_be_lost(reply)? {
        return kept();
    }
    drafter()?.draft_anew(reply, intent, "cli", now())?;
    Ok((format!("Made anew for {intent}."), Then::Again))
}

/// Shows what the tone check says, once, and asks again for the yes.
pub(super) fn tone(desk: &mut Desk, no: ReplyNo, opened: &Opened, findings: &[String]) -> Step {
    for finding in findings {
        let line = format!("! {}\n", print::clean(finding));
        out(&print::paint(Style::Warning, &line, print::colors()))?;
    }
    let choice = show::answer("[a]pprove anyway  [e]dit  ? ")?;
    match choice.as_deref() {
        // The desk has noted that it was shown, and says nothing more of it.
        Some("a" | "approve") => approve(desk, no, opened),
        Some("e" | "edit") => edit(desk, no, opened),
        Some(_) => Ok(("It is not approved.".to_owned(), Then::Again)),
        None => Ok(("It is not approved.".to_owned(), Then::Quit)),
    }
}
