//! What happened, when and by whom: append-only.

use jiff::Timestamp;
use serde::Serialize;

use super::ids::{ApplicationNo, MessageNo, ReplyNo};

/// One line of the journal. Holds no word of a mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// `daemon`, or the face that a person used.
    pub by: String,
    /// What happened, e.g. `approved`, `message rejected`, `brake set`.
    pub what: String,
    /// The reply it happened to.
    pub reply: Option<ReplyNo>,
    /// The application.
    pub application: Option<ApplicationNo>,
    /// The message.
    pub message: Option<MessageNo>,
    /// A reason or the server's words.
    pub why: Option<String>,
}
