//! What the user must see before the yes, in sentences.

use super::{Opened, Sender, sender, wishes};
use crate::model::findings::Reason;
use crate::model::mail::Draft;
use crate::model::reply::Reply;
use crate::store::{StoreError, accounts, replies};

/// About the addressee.
pub(super) fn of(opened: &Opened, draft: &Draft) -> Vec<String> {
    let mut warnings = Vec::new();
    let earlier = opened.parent.addressee.as_ref().is_some_and(|(word, _)| word == "earlier");
    if earlier && opened.reply.follows.is_none() {
        warnings.push("this is a new mail to somebody who wrote to you earlier".to_owned());
    }
    if opened.parent.reason == Some(Reason::Rescinded) {
        warnings.push(
            "an offer was taken back: if you had accepted it, ask for advice before you answer"
                .to_owned(),
        );
    }
    if opened.parent.to_others {
        warnings.push(
            "the rejection was not addressed to you: look whether it is yours to answer".to_owned(),
        );
    }
    if draft.envelope.to.len() > 1 {
        warnings.push("a copy goes to your own address (bcc_self)".to_owned());
    }
    warnings
}

/// About an addressee whom the user named.
pub(super) fn chosen(
    tx: &rusqlite::Transaction<'_>,
    reply: &Reply,
) -> Result<Option<String>, StoreError> {
    if reply.chosen.is_none() {
        return Ok(None);
    }
    let before = wishes::reached_nobody(tx, reply.application, reply.parent, Some(reply.no))?;
    Ok(Some(match before {
        Some(earlier) => format!("you named this address, because {earlier} reached nobody"),
        None => "you chose the addressee against the program's advice".to_owned(),
    }))
}

/// Of what is drafted or approved no copy can be found once it is out. It is told once for
/// all of them: nothing of it is about the one mail.
pub(super) fn without_copy(
    tx: &rusqlite::Transaction<'_>,
    senders: &[Sender],
) -> Result<Option<String>, StoreError> {
    let rows = accounts::all(tx)?;
    let keeps =
        |reply: &Reply| sender(&rows, senders, reply.account).is_some_and(|it| it.keeps_copy);
    let waiting = replies::in_states(tx, &["drafted", "approved"])?;
    Ok(waiting.iter().any(|reply| !keeps(reply)).then(|| {
        "no copy of what you send can be looked for later: with `sent_copy = \"append\"` or \
         `bcc_self = true` a lost answer of the server would settle itself"
            .to_owned()
    }))
}

/// About other replies that wait on the desk, or are about to leave, for the same person.
pub(super) fn rivals(
    tx: &rusqlite::Transaction<'_>,
    reply: &Reply,
) -> Result<Vec<String>, StoreError> {
    let Some(draft) = reply.state.draft() else { return Ok(Vec::new()) };
    let to = &draft.to.address;
    let others = replies::in_states(tx, &["drafted", "approved", "sending", "doubtful"])?;
    let same = |other: &Reply| {
        other.no != reply.no
            && other.state.draft().is_some_and(|draft| draft.to.address.same_mailbox(to))
    };
    let told = others.iter().filter(|other| same(other)).map(|other| {
        format!("{} goes to the same person: answer one of the two and skip the other", other.no)
    });
    Ok(told.collect())
}
