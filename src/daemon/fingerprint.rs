//! What tells a mail again wherever it turns up: a keyed hash, so that a stolen database
//! does not even tell which newsletters were read.

use ring::hmac;

use crate::model::message::Message;
use crate::store::messages::Fingerprint;

/// The key of one database.
#[derive(Clone)]
pub struct FingerprintKey(hmac::Key);

impl FingerprintKey {
    /// The key of these 32 random bytes.
    pub fn new(bytes: &[u8]) -> Self {
        FingerprintKey(hmac::Key::new(hmac::HMAC_SHA256, bytes))
    }

    /// Over what identifies a mail: Message-ID, Date, From, Subject. Received lines, folder
    /// and UID are not part of it, so a re-delivery or a move is the same mail.
    pub fn of(&self, message: &Message) -> Fingerprint {
        let header = &message.header;
        let date = header.date.map(|date| date.to_string());
        let from: Vec<&str> = header.from.iter().map(|m| m.address.as_str()).collect();
        self.over(&[
            header.message_id.as_ref().map_or("", |id| id.as_str()),
            date.as_deref().unwrap_or_default(),
            &from.join(","),
            &header.subject,
        ])
    }

    /// Over what the sender wrote, white space aside.
    pub fn of_text(&self, message: &Message) -> Fingerprint {
        let words: Vec<&str> = message.body.new_text.split_whitespace().collect();
        self.over(&[&words.join(" ")])
    }

    fn over(&self, fields: &[&str]) -> Fingerprint {
        let mut context = hmac::Context::with_key(&self.0);
        for field in fields {
            // The length goes first: two fields cannot lend each other words.
            context.update(&(field.len() as u64).to_be_bytes());
            context.update(field.as_bytes());
        }
        let mut fingerprint = Fingerprint::default();
        for (to, from) in fingerprint.iter_mut().zip(context.sign().as_ref()) {
            *to = *from;
        }
        fingerprint
    }
}

impl std::fmt::Debug for FingerprintKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FingerprintKey")
    }
}
