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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::message::{Body, Direction, Header};

    #[test]
    fn the_user_answers_as_whom_the_rejection_was_sent_to() {
        let own: Vec<Mailbox> = ["jo@main.example", "jo@alias.example"]
            .iter()
            .map(|address| Mailbox::new(Some("Jo"), address.parse().unwrap()))
            .collect();
        let as_whom = |to: &str, delivered_to: &[&str]| {
            let header = Header {
                to: vec![Mailbox::new(Some("J."), to.parse().unwrap())],
                delivered_to: delivered_to.iter().map(|it| it.parse().unwrap()).collect(),
                ..Header::default()
            };
            let message = Message {
                direction: Direction::Incoming,
                header,
                body: Body::default(),
                defects: vec![],
            };
            let (mailbox, warning) = from_mailbox(&own, &message).unwrap();
            assert_eq!(mailbox.name.as_deref(), Some("Jo"), "the name is the user's own");
            (mailbox.address.as_str().to_owned(), warning)
        };
        let alias = ("jo@alias.example".to_owned(), None);
        assert_eq!(as_whom("Jo@alias.example", &["jo@main.example"]), alias);
        assert_eq!(as_whom("list@firm.example", &["jo@alias.example"]), alias);
        let main = ("jo@main.example".to_owned(), Some(Warning::NotAddressedToUser));
        assert_eq!(as_whom("list@firm.example", &[]), main);
    }
}
