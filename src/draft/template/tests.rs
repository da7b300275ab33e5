//! What the templates say, and what they refuse.

use super::*;
use crate::model::address::Mailbox;
use crate::model::findings::Found;

fn templates(own: &[(&str, &str)]) -> Result<Templates, TemplateError> {
    Templates::new(own.iter().copied())
}

fn all_fields() -> Vec<Fields> {
    let mut all = Vec::new();
    for bits in 0..32u8 {
        let on = |bit: u8, text: &'static str| (bits & bit != 0).then_some(text);
        let fields = Fields::new(
            on(1, "Nordlicht Verlag GmbH"),
            on(2, "Software Engineer (m/w/d)"),
            on(4, "Anna Müller"),
            "Jo Bewerber",
            on(8, "Jo Bewerber\n+49 30 1234"),
        );
        all.push(if bits & 16 != 0 { fields.of_new_mail() } else { fields });
    }
    all
}

#[test]
fn every_shipped_text_is_short_polite_and_whole_with_any_of_its_fields() {
    let templates = templates(&[]).unwrap();
    for language in ["en", "de"] {
        for intent in Intent::ALL {
            for (turn, fields) in
                [0, 1].iter().flat_map(|t| all_fields().into_iter().map(move |f| (*t, f)))
            {
                let text = templates.text(Some(language), *intent, turn, &fields).unwrap();
                let place = format!("{language} {intent} {turn} {fields:?}:\n{text}");
                let words = text.split_whitespace().count();
                assert!((50..=125).contains(&words), "{words} words in {place}");
                assert_eq!(has_gap(&text), *intent == Intent::OtherRole, "{place}");
                for mark in ["  ", " ,", " .", "none", "{", "}", "\n\n\n", ",,", ".."] {
                    assert!(!text.contains(mark), "{mark:?} in {place}");
                }
                assert!(text.matches('?').count() <= 1, "{place}");
                for field in [&fields.company, &fields.role, &fields.person].into_iter().flatten() {
                    assert!(
                        text.contains(field.as_str())
                            || field == "Nordlicht Verlag GmbH"
                            || field.starts_with("Software"),
                        "{field} not in {place}"
                    );
                }
                assert!(text.contains("Jo Bewerber\n"), "{place}");
                assert_eq!(text.contains("1234"), fields.signature.is_some(), "{place}");
                assert_eq!(
                    super::super::tone::warnings(
                        &text.replace(['[', ']'], ""),
                        &super::super::tone::About::default()
                    ),
                    [],
                    "{place}"
                );
            }
        }
    }
}

#[test]
fn the_two_variants_differ_and_english_stands_in_for_other_languages() {
    let templates = templates(&[]).unwrap();
    let fields = Fields::new(None, None, None, "Jo", None);
    let text = |language, turn| templates.text(language, Intent::Thanks, turn, &fields).unwrap();
    assert_ne!(text(Some("en"), 0), text(Some("en"), 1));
    assert_eq!(text(Some("en"), 0), text(Some("en"), 2));
    assert_ne!(text(Some("de"), 0), text(Some("en"), 0));
    assert_eq!(text(Some("fr"), 0), text(Some("en"), 0));
    assert_eq!(text(None, 0), text(Some("en"), 0));
}

#[test]
fn a_users_own_template_replaces_or_joins_the_shipped_ones() {
    let own =
        [("en/thanks.1.txt", "Mine, {{ my_name }}"), ("fr/thanks.1.txt", "Merci, {{ my_name }}")];
    let templates = templates(&own).unwrap();
    let fields = Fields::new(None, None, None, "Jo", None);
    let text = |language, turn| templates.text(Some(language), Intent::Thanks, turn, &fields);
    assert_eq!(text("en", 0).as_deref(), Ok("Mine, Jo\n"));
    assert!(text("en", 1).unwrap().contains("Kind regards"));
    assert_eq!(text("fr", 0).as_deref(), Ok("Merci, Jo\n"));
}

#[test]
fn a_mistake_in_a_template_is_told_with_name_and_line() {
    for (text, line, says) in [
        ("Hello\n{{ compnay }}", 2, "undefined"),
        ("Hello\n\n{% if company %}", 3, "unexpected end"),
        ("Hello {{ company }}", 1, "not known"),
        ("{% for i in range(100000) %}x{% endfor %}", 1, ""),
        ("Write [[ here ]]", 0, "[["),
        ("{{ '{{' }}", 0, "{{"),
        ("Hi\n{% include 'x' %}", 2, ""),
    ] {
        let error = templates(&[("en/thanks.9.txt", text)]).map(|_| ()).unwrap_err();
        let TemplateError::Bad { name, line: found, why } = &error else { panic!("{error}") };
        assert_eq!((name.as_str(), *found), ("en/thanks.9.txt", line), "{text}: {error}");
        assert!(why.contains(says), "{text}: {error}");
    }
    for name in [
        "thanks.1.txt",
        "en/thanks.txt",
        "en/hello.1.txt",
        "english/thanks.1.txt",
        "en/thanks.x.txt",
    ] {
        assert_eq!(
            templates(&[(name, "Hi")]).map(|_| ()),
            Err(TemplateError::BadName(name.into()))
        );
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
fn a_field_is_never_read_as_a_template() {
    let templates = templates(&[]).unwrap();
    let fields = Fields::new(Some("{{ my_name }}"), Some("{% x %}"), None, "{{ 7 * 7 }}", None);
    let text = templates.text(None, Intent::Thanks, 0, &fields);
    assert!(matches!(text, Err(TemplateError::Bad { .. })), "said, not written: {text:?}");
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
