//! Who is greeted, and how.

use super::*;
use crate::model::findings::Found;
use crate::model::message::{Body, Direction, Header};

/// A mail that ends with this name.
fn signed_by(name: &str) -> Message {
    let new_text = format!("Hi Alex,\n\nsorry, it is a no.\n\nBest,\n{name}\n\nThe firm Ltd\n");
    let body = Body { new_text, ..Body::default() };
    Message { direction: Direction::Incoming, header: Header::default(), body, defects: vec![] }
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
        ("Dr. Anna Müller", "Anna"),
        ("Dr. Müller", "Dr. Müller"),
        ("Mr. Willem van der Meer", "Willem"),
        ("Prof. Dr. Anna Müller", "Anna"),
        ("Frau Müller", "Frau Müller"),
        ("Docent Nils Berg", "Nils"),
    ] {
        assert_eq!(first_name(person), first);
    }
}

#[test]
fn only_a_certain_person_is_greeted_by_name() {
    let name = |mailbox: (Option<&str>, &str), signed: Option<&str>, relay: bool| {
        let mailbox = Mailbox::new(mailbox.0, mailbox.1.parse().unwrap());
        let addressee = if relay { Addressee::Relay(mailbox) } else { Addressee::Person(mailbox) };
        let addressing = Addressing { addressee, why: String::new(), warnings: vec![] };
        let person = signed.map(|name| Found::new(name.to_owned(), name));
        certain_person(&addressing, &Findings { person, ..Findings::default() }, &signed_by(""))
    };
    let anna = Some("Anna Müller".to_owned());
    assert_eq!(name((Some("Anna Müller"), "am@firm.example"), Some("Anna Müller"), false), anna);
    assert_eq!(name((None, "anna.mueller@firm.example"), Some("Anna Müller"), false), anna);
    assert_eq!(name((Some("Anna at Firm"), "x@relay.example"), Some("Anna Müller"), true), anna);
    assert_eq!(name((None, "anna@relay.example"), Some("Anna Müller"), true), None);
    assert_eq!(name((Some("Recruiting"), "jobs@firm.example"), Some("Anna Müller"), false), None);
    assert_eq!(name((Some("Anna Müller"), "anna@firm.example"), None, false), None);
    assert_eq!(name((Some("Anna Müller"), "jobs@firm.example"), Some("Anna Müller"), false), anna);
}

#[test]
fn the_name_of_a_shared_mailbox_is_not_greeted() {
    let greeted = |name: &str, address: &str, company: &str| {
        let addressee = Addressee::Person(Mailbox::new(Some(name), address.parse().unwrap()));
        let addressing = Addressing { addressee, why: String::new(), warnings: vec![] };
        let found = |value: &str| Some(Found::new(value.to_owned(), value));
        let (person, company) = (found(name), found(company));
        let findings = Findings { person, company, ..Findings::default() };
        certain_person(&addressing, &findings, &signed_by("")).is_some()
    };
    assert!(!greeted("Stadtwerke Lindenau", "karriere@lindenau.example", "Stadtwerken Lindenau"));
    assert!(!greeted("Empleo", "empleo@costaverde.example", "Costa Verde"));
    assert!(!greeted("Segreteria Rossi", "segreteria@officina.example", "Officina"));
    assert!(greeted("Anna Rossi", "hr@officina.example", "Officina Bruni"));
    assert!(greeted("Anna Rossi", "anna.rossi@rossi.example", "Officina Rossi"), "the owner");
}

#[test]
fn who_signs_with_the_name_of_her_own_mailbox_is_certain() {
    let name = |name: &str, address: &str, signed: &str| {
        let addressee = Addressee::Person(Mailbox::new(Some(name), address.parse().unwrap()));
        let addressing = Addressing { addressee, why: String::new(), warnings: vec![] };
        certain_person(&addressing, &Findings::default(), &signed_by(signed))
    };
    assert_eq!(name("Lukas", "lukas@firm.example", "Lukas").as_deref(), Some("Lukas"));
    let relayed = name("Inès Laurent", "ines.laurent.2207@relay.example", "Inès Laurent,");
    assert_eq!(relayed.as_deref(), Some("Inès Laurent"));
    let lawyer = name("Mr. Willem Meer", "w.meer@firm.example", "mr. Willem Meer");
    assert_eq!(lawyer.as_deref(), Some("Willem Meer"), "a courtesy is not said twice");
    assert_eq!(name("Lukas", "lukas@firm.example", "Jonas"), None, "somebody else signs");
    assert_eq!(name("Lukas", "office@firm.example", "Lukas"), None, "not in the address");
    assert_eq!(name("Team Werving", "team@firm.example", "Team Werving"), None);
}

#[test]
fn a_user_who_is_called_by_the_first_name_does_the_same() {
    let by = |texts: &[&str]| is_by_first_name(texts, "Alex Morgan");
    assert!(by(&["Dear Alex,\n\nthank you"]));
    assert!(by(&["\n Bonjour Alex,\n"]));
    assert!(!by(&["Dear Alex Morgan,\n", "Hi Alex,\n"]), "the first one that says it");
    assert!(!by(&["Dear Mr Morgan,\n"]) && !by(&["Dear applicant,\n"]) && !by(&[]));
    assert!(!by(&["Alexandra has left us,\n"]));
    let long = format!("Alex, {}\n", "thank you for the application ".repeat(4));
    assert!(!by(&[&long]), "a sentence is no greeting");
}

#[test]
fn the_user_greets_as_before() {
    let heike = Mailbox::new(Some("Heike Lorenz"), "lorenz@firm.example".parse().unwrap());
    let greeted = |texts: &[&str]| {
        let texts: Vec<String> = texts.iter().map(|it| (*it).to_owned()).collect();
        own_greeting(&texts, &heike)
    };
    let before = "Sehr geehrte Frau Lorenz,\n\nanbei meine Unterlagen.\n";
    assert_eq!(greeted(&[before]).as_deref(), Some("Sehr geehrte Frau Lorenz,"));
    assert_eq!(greeted(&["Hallo Heike,\nja\n", before]).as_deref(), Some("Hallo Heike,"));
    assert_eq!(
        greeted(&["Danke, Frau Lorenz!\nbis bald\n", before]).as_deref(),
        Some("Sehr geehrte Frau Lorenz,"),
        "thanks are no greeting"
    );
    assert_eq!(greeted(&["Guten Tag,\nanbei\n"]), None);
    assert_eq!(greeted(&["Liebe Frau Sommer,\nanbei\n"]), None, "somebody else");
    assert_eq!(greeted(&["Frau Lorenz hat mir geschrieben.\n"]), None, "no greeting");
}
