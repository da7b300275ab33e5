//! As whom the user answers.

use crate::model::address::{Address, Mailbox};
use crate::model::addressee::Warning;
use crate::model::message::Message;

/// The user's own mailbox that the rejection was sent to: from To, else Cc, else the
/// fields in which servers note the recipient. When none of them is the user's, it is the
/// first of `own` (the account's) with a warning. `None` only when `own` is empty.
pub fn from_mailbox(own: &[Mailbox], message: &Message) -> Option<(Mailbox, Option<Warning>)> {
    let header = &message.header;
    let named = header.to.iter().chain(&header.cc).map(|mailbox| &mailbox.address);
    let mine = |address: &Address| own.iter().find(|m| m.address.same_mailbox(address));
    match named.chain(&header.delivered_to).find_map(mine) {
        Some(mailbox) => Some((mailbox.clone(), None)),
        None => own.first().map(|first| (first.clone(), Some(Warning::NotAddressedToUser))),
    }
}
