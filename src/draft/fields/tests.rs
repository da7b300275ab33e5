//! What may be named, and how.

use super::*;
use crate::model::address::Mailbox;
use crate::model::findings::Found;

#[test]
fn a_mark_of_gender_is_not_written_back() {
    let role = |role| Fields::new(None, Some(role), None, "Jo", None).role;
    for (found, said) in [
        ("Software Engineer (m/w/d)", "Software Engineer"),
        ("Köchin (w/m/x) in Teilzeit", "Köchin in Teilzeit"),
        ("Ingénieur réseau (H/F)", "Ingénieur réseau"),
        ("Ingénieur réseau H/F", "Ingénieur réseau"),
        ("Designer (all genders)", "Designer"),
        ("C/C++ Developer (Embedded)", "C/C++ Developer (Embedded)"),
        ("UX/UI Designer", "UX/UI Designer"),
        ("Entwickler:in", "Entwickler:in"),
        ("Engineer (R&D)", "Engineer (R&D)"),
    ] {
        assert_eq!(role(found).as_deref(), Some(said));
    }
    assert_eq!(role("(m/w/d)"), None);
}

#[test]
fn a_first_name_is_used_where_it_is_plain() {
    for (person, first) in [
        ("Anna Müller", "Anna"),
        ("Anna", "Anna"),
        ("Jean-Luc de la Tour", "Jean-Luc"),
        ("Müller, Anna", "Müller, Anna"),
        ("A. Müller", "A. Müller"),
        ("MÜLLER Anna", "MÜLLER Anna"),
        ("Dr. Anna Müller", "Dr. Anna Müller"),
        ("Frau Müller", "Frau Müller"),
    ] {
        assert_eq!(first_name(person), first);
    }
}

#[test]
fn only_names_become_fields() {
    for good in [
        "Nordlicht Verlag GmbH",
        "C++ / C# Developer",
        "Node.js developer",
        "Köchin (m/w/d)",
        "O’Neil & Sons, Inc.",
    ] {
        assert_eq!(allowed(good).as_deref(), Some(good));
    }
    assert_eq!(allowed("  two \n lines ").as_deref(), Some("two lines"));
    for bad in [
        "",
        " ",
        "...",
        "Buy at evil.com",
        "www.evil",
        "https://evil.example",
        "a@b.example",
        "{{ 7 * 7 }}",
        "<b>x</b>",
        "x\u{202E}y",
        "x\u{0}y",
        "[[ x ]]",
        &"x".repeat(61),
    ] {
        assert_eq!(allowed(bad), None, "{bad:?}");
    }
}

#[test]
fn only_a_certain_person_is_greeted_by_name() {
    let name = |mailbox: (Option<&str>, &str), signed: Option<&str>, relay: bool| {
        let mailbox = Mailbox::new(mailbox.0, mailbox.1.parse().unwrap());
        let addressee = if relay { Addressee::Relay(mailbox) } else { Addressee::Person(mailbox) };
        let addressing = Addressing { addressee, why: String::new(), warnings: vec![] };
        let person = signed.map(|name| Found::new(name.to_owned(), name));
        certain_person(&addressing, &Findings { person, ..Findings::default() })
    };
    let anna = Some("Anna Müller".to_owned());
    assert_eq!(name((Some("Anna Müller"), "am@firm.example"), Some("Anna Müller"), false), anna);
    assert_eq!(name((None, "anna.mueller@firm.example"), Some("Anna Müller"), false), anna);
    assert_eq!(name((Some("Anna at Firm"), "x@relay.example"), Some("Anna Müller"), true), anna);
    assert_eq!(name((None, "anna@relay.example"), Some("Anna Müller"), true), None);
    assert_eq!(name((Some("Recruiting"), "jobs@firm.example"), Some("Anna Müller"), false), None);
    assert_eq!(name((Some("Anna Müller"), "anna@firm.example"), None, false), None);
}
