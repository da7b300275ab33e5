//! Delivery reports (RFC 6522, RFC 3464): which mail failed, and in which words.

use mail_parser::{Message as Parsed, MessagePart, MimeHeaders, PartType};

use crate::model::address::MessageId;
use crate::model::message::FailedDelivery;

/// Servers quote their whole conversation; the first words tell.
const SAID_MAX_CHARS: usize = 300;

/// What a multipart/report tells of a delivery that failed for good; a delayed one is none.
pub fn failed_delivery(raw: &[u8], parsed: &Parsed<'_>) -> Option<FailedDelivery> {
    let status = parsed.parts.iter().find(|part| {
        part.is_content_type("message", "delivery-status")
            || part.is_content_type("message", "global-delivery-status")
    })?;
    let fields = unfolded(&text_of(raw, status));
    let field = |name: &str| {
        fields.iter().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.trim().eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    };
    if !field("action")?.eq_ignore_ascii_case("failed") {
        return None;
    }
    // "smtp; 550 5.1.1 …": the type before the semicolon says nothing to a person.
    let words = field("diagnostic-code").map(|it| match it.split_once(';') {
        Some((_, words)) => words.trim().to_owned(),
        None => it,
    });
    let said = words.or_else(|| field("status")).unwrap_or_default();
    let message_id = parsed.parts.iter().find_map(|part| returned(raw, part))?;
    Some(FailedDelivery { message_id, said: said.chars().take(SAID_MAX_CHARS).collect() })
}

/// The Message-ID of the mail, or of its header, that a report returns.
fn returned(raw: &[u8], part: &MessagePart<'_>) -> Option<MessageId> {
    let whole = part.is_content_type("message", "rfc822")
        || part.is_content_type("message", "global")
        || part.is_content_type("text", "rfc822-headers")
        || part.is_content_type("message", "global-headers");
    let text = if whole { text_of(raw, part) } else { return None };
    let header = text.split("\n\n").next().unwrap_or_default();
    unfolded(header).into_iter().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let id = value.trim().trim_start_matches('<').trim_end_matches('>');
        name.eq_ignore_ascii_case("message-id").then(|| id.parse().ok()).flatten()
    })
}

/// A part as it was sent: these are 7-bit text by their standards.
fn text_of(raw: &[u8], part: &MessagePart<'_>) -> String {
    let bytes = match &part.body {
        PartType::Text(text) => text.as_bytes(),
        _ => raw.get(part.offset_body as usize..part.offset_end as usize).unwrap_or_default(),
    };
    String::from_utf8_lossy(bytes).replace("\r\n", "\n").trim_start().to_owned()
}

/// Header lines with their continuations (RFC 5322 section 2.2.3).
fn unfolded(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        match lines.last_mut() {
            Some(last) if line.starts_with([' ', '\t']) => {
                last.push(' ');
                last.push_str(line.trim());
            }
            _ => lines.push(line.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use crate::parse;

    /// A report as Postfix writes it, in short.
    fn report(action: &str, returned: &str) -> String {
        format!(
            "From: MAILER-DAEMON@mx.example.org\r\nMIME-Version: 1.0\r\nContent-Type: \
             multipart/report; report-type=delivery-status;\r\n\tboundary=\"b\"\r\n\r\n\
             --b\r\nContent-Type: text/plain\r\n\r\nIt could not be delivered.\r\n\
             --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n\
             \r\nFinal-Recipient: rfc822; nora@firm.example\r\nAction: {action}\r\nStatus: 5.1.1\r\n\
             Diagnostic-Code: smtp; 550 5.1.1 no such\r\n  user\r\n\r\n--b\r\nContent-Type: {returned}\
             \r\n\r\nFrom: alex@example.org\r\nMessage-ID: <a1@example.org>\r\n\r\nMessage-ID: \
             <body@example.org>\r\n--b--\r\n"
        )
    }

    #[test]
    fn a_failed_delivery_names_the_mail_and_the_servers_words() {
        for returned in ["message/rfc822", "text/rfc822-headers", "message/global-headers"] {
            let mail = parse::message(report("failed", returned).as_bytes(), true, &[]);
            let failed = mail.header.automatic.failed_delivery.expect(returned);
            assert_eq!(failed.message_id.as_str(), "a1@example.org");
            assert_eq!(failed.said, "550 5.1.1 no such user");
        }
        for action in ["delayed", "delivered", "relayed"] {
            let mail = parse::message(report(action, "message/rfc822").as_bytes(), true, &[]);
            assert_eq!(mail.header.automatic.failed_delivery, None, "{action}");
        }
    }
}
