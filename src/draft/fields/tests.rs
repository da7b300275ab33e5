//! What may be named, and how.

use super::*;
use crate::model::address::Mailbox;
use crate::model::findings::Found;
use crate::model::message::{Body, Direction, Header};

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
fn a_person_and_a_subject_mark_are_no_employers() {
    let employer = |company: &str, name: &str, address: &str, signed: Option<&str>| {
        let header = Header {
            from: vec![Mailbox::new(Some(name), address.parse().unwrap())],
            ..Header::default()
        };
        let parent = Message {
            direction: Direction::Incoming,
            header,
            body: Body::default(),
            defects: vec![],
        };
        let person = signed.map(|name| Found::new(name.to_owned(), name));
        is_employer(company, &Findings { person, ..Findings::default() }, &parent)
    };
    assert!(!employer("Lukas", "Lukas", "lukas@kontor.example", Some("Lukas")));
    assert!(!employer("Elisa", "Elisa Galli", "e.galli@post.example", None));
    assert!(!employer("AW", "Heike Lorenz", "lorenz@druckhaus.example", None));
    assert!(employer("Lorenz", "Heike Lorenz", "heike@druckhaus.example", None), "the owner");
    assert!(employer("Lukas", "Lukas", "lukas@lukas.example", Some("Lukas")));
    assert!(employer("Fernhill", "Fernhill Careers", "jobs@mail.example", None));
    assert!(employer("Elisa Moden", "Elisa Galli", "e.galli@post.example", None));
}

#[test]
fn an_agency_is_not_the_employer_of_its_client() {
    let parent = |text: &str| Message {
        direction: Direction::Incoming,
        header: Header {
            from: vec![Mailbox::bare("t.morin@cabinet-morin.example".parse().unwrap())],
            ..Header::default()
        },
        body: Body { new_text: text.to_owned(), ..Body::default() },
        defects: vec![],
    };
    let employer = |name, text| is_employer(name, &Findings::default(), &parent(text));
    assert!(!employer("Cabinet Morin", "le poste chez mon client n'est plus ouvert"));
    assert!(!employer("Cabinet Morin", "die Stelle bei unserem Kunden ist besetzt"));
    assert!(employer("Verrerie Sud", "mon client, la Verrerie Sud, a choisi"));
    assert!(employer("Cabinet Morin", "votre candidature comme conseil aux clients"));
}
