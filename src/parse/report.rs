//! Delivery reports (RFC 6522, RFC 3464), and those that older servers write as plain text:
//! which mail failed, and in which words.

use mail_parser::{Message as Parsed, MessagePart, MimeHeaders, PartType};

use crate::model::address::MessageId;
use crate::model::answer::status_in;
use crate::model::message::{FailedDelivery, Header, ReturnPath};

/// Servers quote their whole conversation; the first words tell.
const SAID_MAX_CHARS: usize = 300;

/// A server says in the subject and the first lines whether it has given up.
const TOLD_MAX_CHARS: usize = 2_000;

/// A mail server that has not given up, or has delivered, says one of these.
const NOT_FAILED: [&str; 14] = [
    "warning message only",
    "warning: could not send",
    "not yet been delivered",
    "delayed",
    "(delay)",
    "still trying",
    "keep trying",
    "will continue",
    "be retried",
    "no action is required",
    "successfully delivered",
    "(success)",
    "verzögert",
    "en attente",
];

/// A postmaster may be a person, or be away: one that gives a mail back says one of these.
const FAILED: [&str; 18] = [
    "undeliver",
    "not be delivered",
    "not delivered",
    "not deliver",
    "delivery fail",
    "failed",
    "failure",
    "returned",
    "returning",
    "user unknown",
    "no such user",
    "unzustellbar",
    "nicht zugestellt",
    "non remis",
    "no entregad",
    "mancato recapito",
    "onbestelbaar",
    "não entregue",
];

/// What a server tells of a delivery that failed for good; a delayed one is none. `text` is
/// what a person would read of the mail.
pub fn failed_delivery(
    raw: &[u8],
    parsed: &Parsed<'_>,
    header: &Header,
    text: &str,
) -> Option<FailedDelivery> {
    let status = parsed.parts.iter().find(|part| {
        part.is_content_type("message", "delivery-status")
            || part.is_content_type("message", "global-delivery-status")
    });
    match status {
        Some(status) if header.automatic.report => reported(raw, parsed, status),
        Some(_) => None,
        None => told(raw, parsed, header, text),
    }
}

/// In words for a person only. Such a mail comes from the mail system itself, and returns the
/// mail or answers it.
fn told(raw: &[u8], parsed: &Parsed<'_>, header: &Header, text: &str) -> Option<FailedDelivery> {
    let local = header.from.first()?.address.local().to_ascii_lowercase();
    if !["mailer-daemon", "postmaster"].contains(&local.as_str()) {
        return None;
    }
    let own = own_words(text);
    let words = format!("{} {own}", header.subject).to_lowercase();
    let holds = |list: &[&str]| list.iter().any(|it| words.contains(it));
    let code = own.lines().find(|line| line.split_whitespace().any(is_permanent));
    let by_machine =
        header.return_path == Some(ReturnPath::Null) || header.automatic.auto_submitted.is_some();
    let returns = local == "mailer-daemon" || by_machine && (code.is_some() || holds(&FAILED));
    if !returns || holds(&NOT_FAILED) {
        return None;
    }
    let answered = || header.in_reply_to.first().or(header.references.last()).cloned();
    let returned = parsed.parts.iter().find_map(|part| returned(raw, part));
    let message_id = returned.or_else(|| identifier(text)).or_else(answered)?;
    let said = code.unwrap_or(&own).split_whitespace().collect::<Vec<_>>().join(" ");
    Some(FailedDelivery { message_id, said: said.chars().take(SAID_MAX_CHARS).collect() })
}

/// What the server says itself, before the header of the mail that it gives back.
fn own_words(text: &str) -> String {
    let copy = |line: &&str| !field_of(line).is_some_and(|(name, _)| is_message_id(name));
    let own: Vec<&str> = text.lines().take_while(copy).collect();
    own.join("\n").chars().take(TOLD_MAX_CHARS).collect()
}

/// A reply code (RFC 5321 section 4.2.3) or status (RFC 3463) of what failed for good.
fn is_permanent(word: &str) -> bool {
    let mut codes = word.split('-').map(|it| it.trim_matches(|c: char| !c.is_ascii_digit()));
    codes.any(|code| match code.len() {
        3 => code.starts_with("55") && code.bytes().all(|it| it.is_ascii_digit()),
        _ => code.starts_with("5.") && status_in(code) == Some(code),
    })
}

/// A multipart/report.
fn reported(raw: &[u8], parsed: &Parsed<'_>, status: &MessagePart<'_>) -> Option<FailedDelivery> {
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
    identifier(text.split("\n\n").next().unwrap_or_default())
}

/// The Message-ID in a header, which may stand quoted in a text.
fn identifier(text: &str) -> Option<MessageId> {
    unfolded(text).into_iter().find_map(|line| {
        let (name, value) = field_of(&line)?;
        let id = value.trim_start_matches('<').trim_end_matches('>');
        is_message_id(name).then(|| id.parse().ok()).flatten()
    })
}

/// Name and value of a header line.
fn field_of(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(':')?;
    Some((name.trim_matches(['>', ' ', '\t']), value.trim()))
}

fn is_message_id(name: &str) -> bool {
    name.eq_ignore_ascii_case("message-id")
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

    /// Which mail a plain text gives back, and the words.
    fn plain(header: &str, text: &str) -> Option<(String, String)> {
        let mail = format!("{header}\r\n\r\n{text}").replace('\n', "\r\n").replace("\r\r", "\r");
        let failed = parse::message(mail.as_bytes(), true, &[]).header.automatic.failed_delivery?;
        Some((failed.message_id.as_str().to_owned(), failed.said))
    }

    const DAEMON: &str = "From: MAILER-DAEMON@mx.example.org\nSubject: failure notice";
    const RETURNED: &str = "Hi. This is the qmail-send program at mx.example.org.\nI'm afraid I \
                            wasn't able to deliver your message.\n\n<nora@firm.example>:\nSorry, no \
                            mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of \
                            the message.\n\nReturn-Path: <alex@example.org>\nMessage-ID: \
                            <a1@example.org>\n\nDear Nora\n";

    #[test]
    fn a_plain_text_gives_a_mail_back_too() {
        let (id, said) = plain(DAEMON, RETURNED).unwrap();
        assert_eq!(id, "a1@example.org");
        assert_eq!(said, "Sorry, no mailbox here by that name. (#5.1.1)");
        // What the returned mail says is not the server's word.
        let returned = RETURNED.replace("Dear Nora", "My answer was delayed; warning message only");
        assert!(plain(DAEMON, &returned).is_some());
        let quoted = RETURNED.replace("Message-ID:", "> Message-Id:");
        assert_eq!(plain(DAEMON, &quoted).unwrap().0, "a1@example.org");
        let (id, said) =
            plain(&format!("{DAEMON}\nIn-Reply-To: <a2@x.example>"), "Unrouteable address")
                .unwrap();
        assert_eq!((id.as_str(), said.as_str()), ("a2@x.example", "Unrouteable address"));
        let postmaster =
            "From: postmaster@firm.example\nReturn-Path: <>\nSubject: Undeliverable: Hi";
        assert!(plain(postmaster, RETURNED).is_some());
    }

    #[test]
    fn a_delay_a_person_and_a_mail_that_names_none_give_nothing_back() {
        let delayed = RETURNED.replace("Hi.", "THIS IS A WARNING MESSAGE ONLY.");
        assert_eq!(plain(DAEMON, &delayed), None);
        assert_eq!(plain(DAEMON, "Unrouteable address"), None, "which mail?");
        for from in ["nora@firm.example", "postmaster@firm.example"] {
            let header = format!("From: {from}\nSubject: Re: Hi\nIn-Reply-To: <a1@example.org>");
            assert_eq!(plain(&header, RETURNED), None, "{from}: no machine");
            let away = format!("{header}\nReturn-Path: <>");
            assert_eq!(plain(&away, "I am out of the office until Monday."), None, "{from}");
        }
    }
}
