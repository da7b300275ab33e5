//! Reminders as a calendar file (RFC 5545). What is in it is what `remind` shows. Pure.

use jiff::tz::TimeZone;

use super::{print, remind};
use crate::review::reminders::Remembered;

/// No line is longer, its end not counted (section 3.1).
const LINE_OCTETS_MAX: usize = 75;

/// A calendar with a day for each reminder that has one.
pub(super) fn calendar(all: &[Remembered], zone: &TimeZone) -> String {
    let mut text = String::new();
    let head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//regards//reminders//EN"];
    head.iter().for_each(|it| line(&mut text, it));
    for it in all {
        event(&mut text, it, zone);
    }
    line(&mut text, "END:VCALENDAR");
    text
}

fn event(text: &mut String, it: &Remembered, zone: &TimeZone) {
    let Some(due) = it.due else { return };
    let day = due.to_zoned(zone.clone()).date();
    let written = it.set_at.strftime("%Y%m%dT%H%M%SZ");
    line(text, "BEGIN:VEVENT");
    // An application has one reminder: set anew it moves in the calendar, too.
    line(text, &format!("UID:reminder-{}@regards.invalid", it.application));
    line(text, &format!("DTSTAMP:{written}"));
    line(text, &format!("DTSTART;VALUE=DATE:{}", day.strftime("%Y%m%d")));
    line(text, &format!("SUMMARY:{}", escaped(&format!("Write to {}", remind::name(it)))));
    line(text, &format!("DESCRIPTION:{}", escaped(&remind::why(it))));
    line(text, "TRANSP:TRANSPARENT");
    line(text, "END:VEVENT");
}

/// A text of section 3.3.11, without what steers a terminal.
fn escaped(words: &str) -> String {
    let clean = print::clean(words);
    clean.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,")
}

/// A line, folded between characters where it is too long.
fn line(text: &mut String, content: &str) {
    let mut octets = 0_usize;
    for c in content.chars() {
        if octets.saturating_add(c.len_utf8()) > LINE_OCTETS_MAX {
            text.push_str("\r\n ");
            octets = 1;
        }
        text.push(c);
        octets = octets.saturating_add(c.len_utf8());
    }
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ids::{ApplicationNo, MessageNo};

    #[test]
    fn a_long_name_is_folded_between_its_letters_and_what_divides_is_escaped() {
        let it = Remembered {
            reply: None,
            message: MessageNo::new(4).expect("m4"),
            application: ApplicationNo::new(3).expect("a3"),
            company: Some("Käse; Brot, \\ Söhne ".to_owned() + &"ü".repeat(60)),
            role: None,
            due: Some("2027-02-01T23:30:00Z".parse().expect("a time")),
            said: Some("in\r\nsix months".to_owned()),
            set_at: "2026-11-22T18:00:00Z".parse().expect("a time"),
        };
        let zone = TimeZone::fixed(jiff::tz::offset(1));
        let text = calendar(std::slice::from_ref(&it), &zone);
        assert!(text.split("\r\n").all(|line| line.len() <= 75 && !line.contains('\n')), "{text}");
        let unfolded = text.replace("\r\n ", "");
        let name = format!("SUMMARY:Write to Käse\\; Brot\\, \\\\ Söhne {}\r\n", "ü".repeat(60));
        assert!(unfolded.contains(&name), "{unfolded}");
        for line in [
            "UID:reminder-a3@regards.invalid",
            "DTSTAMP:20261122T180000Z",
            "DTSTART;VALUE=DATE:20270202",
        ] {
            assert!(unfolded.contains(&format!("\r\n{line}\r\n")), "{line}: {unfolded}");
        }
        assert_eq!(text, calendar(&[it], &zone), "the same once more");
    }
}
