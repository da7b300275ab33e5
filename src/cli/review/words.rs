//! What the draft under review is for.

use super::{Drafter, Step, Then};
use crate::cli::{args, draft, now, print, show};
use crate::model::mail::Intent;
use crate::model::reply::Reply;

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
