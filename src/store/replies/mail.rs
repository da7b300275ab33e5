//! The mail that a reply holds, in the columns of its row. It knows no states.

use rusqlite::{Row, Transaction, params};

use crate::model::address::{Address, Mailbox};
use crate::model::findings::Reached;
use crate::model::ids::ReplyNo;
use crate::model::mail::{Draft, Envelope, HeaderText, Intent, Origin, Route};
use crate::store::row::{column, parsed, required};
use crate::store::{Context, StoreError};

/// Writes the mail that a reply holds.
pub(super) fn write(
    transaction: &Transaction<'_>,
    no: ReplyNo,
    draft: &Draft,
) -> Result<(), StoreError> {
    let joined = |parts: Vec<&str>| parts.join(" ");
    transaction
        .execute(
            "UPDATE reply SET route_mailbox = ?2, route_transport = ?3, envelope_from = ?4,
                 envelope_to = ?5, from_name = ?6, from_address = ?7, to_name = ?8,
                 to_address = ?9, subject = ?10, in_reply_to = ?11, refs = ?12,
                 message_id = ?13, text = ?14, intent = ?15, template = ?16, edited = ?17,
                 reached = ?18, tone_shown = CASE WHEN text IS ?14 AND to_address IS ?9
                     THEN tone_shown ELSE 0 END
             WHERE no = ?1",
            params![
                no.get(),
                draft.route.mailbox,
                draft.route.transport,
                draft.envelope.from.as_str(),
                joined(draft.envelope.to.iter().map(Address::as_str).collect()),
                draft.from.name,
                draft.from.address.as_str(),
                draft.to.name,
                draft.to.address.as_str(),
                draft.subject.as_str(),
                draft.in_reply_to.as_ref().map(|id| id.as_str()),
                joined(draft.references.iter().map(|id| id.as_str()).collect()),
                draft.message_id.as_str(),
                draft.text,
                draft.intent.name(),
                draft.origin.template,
                draft.origin.edited,
                draft.origin.reached.map(Reached::name),
            ],
        )
        .context("write a reply's mail")?;
    Ok(())
}

/// Reads it back.
pub(super) fn read(row: &Row<'_>) -> Result<Draft, StoreError> {
    let text = |name: &str| required::<String>(row, name);
    let mailbox = |name: &str, address: &str| -> Result<Mailbox, StoreError> {
        let name: Option<String> = column(row, name)?;
        Ok(Mailbox::new(name.as_deref(), parsed(&text(address)?, "the address")?))
    };
    let in_reply_to: Option<String> = column(row, "in_reply_to")?;
    let intent = text("intent")?;
    Ok(Draft {
        route: Route { mailbox: text("route_mailbox")?, transport: text("route_transport")? },
        envelope: Envelope {
            from: parsed(&text("envelope_from")?, "the address")?,
            to: text("envelope_to")?
                .split_whitespace()
                .map(|address| parsed(address, "the address"))
                .collect::<Result<_, _>>()?,
        },
        from: mailbox("from_name", "from_address")?,
        to: mailbox("to_name", "to_address")?,
        subject: HeaderText::clean(&text("subject")?),
        in_reply_to: in_reply_to.map(|id| parsed(&id, "the Message-ID")).transpose()?,
        references: text("refs")?
            .split_whitespace()
            .map(|id| parsed(id, "the Message-ID"))
            .collect::<Result<_, _>>()?,
        message_id: parsed(&text("message_id")?, "the Message-ID")?,
        text: text("text")?,
        intent: Intent::named(&intent)
            .ok_or_else(|| StoreError::Unreadable(format!("the intent `{intent}`")))?,
        origin: origin(row)?,
    })
}

fn origin(row: &Row<'_>) -> Result<Origin, StoreError> {
    let reached: Option<String> = column(row, "reached")?;
    Ok(Origin {
        template: column(row, "template")?,
        edited: column(row, "edited")?,
        reached: reached.as_deref().and_then(Reached::named),
    })
}
