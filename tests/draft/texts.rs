//! The texts as a reader gets them, and what no text ever holds.

use std::sync::LazyLock;

use proptest::prelude::*;
use regards::draft::clean::{allowed, has_gap};
use regards::draft::fields::{Fields, Occasion};
use regards::draft::template::Templates;
use regards::model::mail::{Intent, is_hidden};

use super::{draft_of, hostile, names_of, parent};

const LANGUAGES: [&str; 8] = ["en", "de", "fr", "es", "nl", "it", "pt", "sv"];

static TEMPLATES: LazyLock<Templates> = LazyLock::new(|| Templates::new([]).unwrap());

/// Every text of a language, with all fields and with none, in both forms of address.
fn all_texts(language: &str) -> String {
    let templates = &*TEMPLATES;
    let full = Fields::new(
        Some("Lindgren & Co"),
        Some("Backend Engineer"),
        Some("Nora Lindgren"),
        "Alex Morgan",
        None,
    );
    let none = Fields::new(None, None, None, "Alex Morgan", None);
    let mut all = String::new();
    for (fields, title) in [
        (full.clone(), "formal, all known"),
        (full.clone().in_form(true), "informal, all known"),
        (none.clone(), "formal, nothing known"),
        (none.in_form(true).of_new_mail(), "informal, nothing known, answers no mail"),
        (
            full.clone().of_new_mail().after_talks(true),
            "formal, all known, they have talked, answers no mail",
        ),
        (
            full.clone().in_form(true).after_talks(true).may_reapply(true),
            "informal, all known, they have talked, one may apply again",
        ),
        (
            full.to_earlier_contact().after_talks(true).by_first_name(true),
            "formal by the first name, to the recruiter of the talks",
        ),
    ] {
        let subject = templates.subject(Some(language), &fields).unwrap();
        all += &format!("######## {title}; as a new mail: {subject}\n\n");
        for intent in Intent::ALL {
            let four = ["en", "de"].contains(&language)
                && [Intent::Thanks, Intent::FeedbackRequest].contains(intent);
            for turn in 0..if four { 4 } else { 3 } {
                let text =
                    templates.text(Some(language), *intent, turn, &[], &fields).unwrap().text;
                all += &format!("==== {intent}.{}\n{text}\n", turn + 1);
            }
        }
        for (occasion, name) in [(Occasion::Gone, "gone"), (Occasion::Rescinded, "rescinded")] {
            for turn in 0..2 {
                let fields = fields.clone().on(occasion);
                let text = templates.text(Some(language), Intent::Thanks, turn, &[], &fields);
                all += &format!("==== thanks-{name}.{}\n{}\n", turn + 1, text.unwrap().text);
            }
        }
    }
    all
}

#[test]
fn the_texts_are_as_they_were_read() {
    for language in LANGUAGES {
        insta::assert_snapshot!(format!("texts_{language}"), all_texts(language));
    }
}

/// A name as it is found in good mail, one of a hostile mail, or none.
fn name() -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        Just(None),
        "[A-Za-zÄÖÜäöüßéàñç][A-Za-zÄÖÜäöüßéàñç0-9 .,&'’()/+#-]{0,40}".prop_map(Some),
        hostile().prop_map(Some),
        Just(Some("Buy at https://evil.example/x".to_owned())),
        Just(Some("Anna www.evil.example".to_owned())),
        Just(Some("{% if my_name %}{{ my_name }}{% endif %} [[ x ]]".to_owned())),
    ]
}

/// The same text with names that could not be mistaken for anything.
fn with_plain_names(names: [&Option<String>; 3]) -> Fields {
    let [company, role, person] = names;
    let plain = |name: &Option<String>, plain| name.as_deref().and_then(allowed).map(|_| plain);
    Fields::new(
        plain(company, "Qcompany"),
        plain(role, "Qrole"),
        plain(person, "Qperson"),
        "Jo",
        None,
    )
}

/// On one line, with one full stop after "Inc.", and without the French elision, which goes by
/// the name behind it.
fn even(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.replace("...", ".").replace("..", ".").replace("au poste d'", "au poste de ")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn whatever_was_found_a_text_holds_its_own_words_and_names_that_are_names(
        company in name(), role in name(), person in name(),
        language in 0usize..8, intent in 0usize..5, turn in 0u64..12,
        informal in any::<bool>(), new_mail in any::<bool>(), talked in any::<bool>(),
    ) {
        let (language, intent) = (LANGUAGES[language], Intent::ALL[intent]);
        let templates = &*TEMPLATES;
        let formed = |fields: Fields| {
            let fields = fields.in_form(informal).after_talks(talked);
            if new_mail { fields.of_new_mail() } else { fields }
        };
        let [company_said, role_said, person_said] =
            [&company, &role, &person].map(|it| it.as_deref().and_then(allowed));
        let fields = formed(Fields::new(
            company.as_deref(), role.as_deref(), person.as_deref(), "Jo", None,
        ));
        let text = templates.text(Some(language), intent, turn, &[], &fields).unwrap().text;
        let subject = templates.subject(Some(language), &fields).unwrap();

        prop_assert_eq!(has_gap(&text), intent == Intent::OtherRole, "{}", text);
        for said in [&text, subject.as_str()] {
            prop_assert!(!said.chars().any(|c| c.is_control() && c != '\n' || is_hidden(c)), "{said:?}");
            for mark in ["@", "://", "www.", "evil", "{", "}", "=?", "<", ">"] {
                prop_assert!(!said.contains(mark), "{mark} in {said}");
            }
        }
        prop_assert!(!has_gap(subject.as_str()) && !subject.as_str().contains('\n'));

        // A role that was nothing but a mark of gender is not said at all.
        let role_said = role_said.filter(|it| text.contains(it.as_str()) || !it.contains(['(', '/']));
        let plain = formed(with_plain_names([&company_said, &role_said, &person_said]));
        let plain = templates.text(Some(language), intent, turn, &[], &plain).unwrap().text;
        let person_said = person_said.unwrap_or_default();
        let first = person_said.split(' ').next().unwrap_or_default();
        let expected = |person: &str| {
            let text = plain
                .replace("Qcompany", company_said.as_deref().unwrap_or_default())
                .replace("Qrole", role_said.as_deref().unwrap_or_default())
                .replace("Qperson", person);
            even(&text)
        };
        let text = even(&text);
        prop_assert!(
            text == expected(&person_said) || text == expected(first),
            "{text}\n{}", expected(&person_said)
        );
    }

    #[test]
    fn a_drafted_text_brings_no_header_along(company in name(), role in name(), person in name()) {
        let fields = Fields::new(company.as_deref(), role.as_deref(), person.as_deref(), "Jo", None);
        let text = TEMPLATES.text(Some("de"), Intent::Thanks, 0, &[], &fields).unwrap().text;
        let draft = draft_of(&parent("Your application", Some("p@firm.example"), &[]), "Jo", "Anna", &text);
        let rendered = regards::draft::compose::render(&draft).unwrap();
        prop_assert_eq!(names_of(rendered.bytes()), [
            "From", "To", "Subject", "Message-ID", "In-Reply-To", "References",
            "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
        ]);
    }
}
