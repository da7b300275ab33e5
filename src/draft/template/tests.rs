//! What the templates say, and what they refuse.

use super::*;
use crate::draft::clean::has_gap;
use crate::draft::tone::{self, About};
use crate::model::address::Mailbox;

fn templates(own: &[(&str, &str)]) -> Result<Templates, TemplateError> {
    Templates::new(own.iter().copied())
}

const LANGUAGES: [&str; 8] = ["en", "de", "fr", "es", "nl", "it", "pt", "sv"];

fn all_fields() -> Vec<Fields> {
    let mut all = Vec::new();
    for bits in 0..512u16 {
        let on = |bit: u16, text: &'static str| (bits & bit != 0).then_some(text);
        let fields = Fields::new(
            on(1, "Nordlicht Verlag Inc."),
            on(2, "Software Engineer (m/w/d)"),
            on(4, "Anna Müller"),
            "Jo Bewerber",
            on(8, "Jo Bewerber\n+49 30 1234"),
        )
        .in_form(bits & 32 != 0)
        .after_talks(bits & 64 != 0)
        .by_first_name(bits & 128 != 0)
        .may_reapply(bits & 256 != 0)
        .at((bits & 384 == 384).then_some("at the Nordlicht Verlag Inc."));
        // By parity, so that it stands beside every choice of the other fields, one left out.
        all.push(match (bits & 16 != 0, bits.count_ones() % 2 == 0) {
            (true, true) => fields.to_earlier_contact(),
            (true, false) => fields.of_new_mail(),
            (false, _) => fields,
        });
    }
    all
}

#[test]
fn every_language_has_every_intent_in_several_variants() {
    let templates = templates(&[]).unwrap();
    for language in LANGUAGES {
        for intent in Intent::ALL {
            let four = ["en", "de"].contains(&language)
                && [Intent::Thanks, Intent::FeedbackRequest].contains(intent);
            let count = |occasion| {
                let key = (language.to_owned(), *intent, occasion);
                templates.variants.get(&key).map_or(0, Vec::len)
            };
            assert_eq!(count(Occasion::Ordinary), if four { 4 } else { 3 }, "{language} {intent}");
            let special = if *intent == Intent::Thanks { 2 } else { 0 };
            for occasion in [Occasion::Gone, Occasion::Rescinded] {
                assert_eq!(count(occasion), special, "{language} {intent} {occasion:?}");
            }
        }
        for piece in PIECES {
            assert!(templates.env.get_template(&format!("{language}/{piece}.txt")).is_ok());
        }
        templates.try_all(language).unwrap();
    }
    let languages =
        templates.variants.keys().map(|(language, ..)| language).collect::<BTreeSet<_>>();
    assert_eq!(languages.len(), LANGUAGES.len());
}

#[test]
fn every_shipped_text_is_short_polite_and_whole_with_any_of_its_fields() {
    let templates = templates(&[]).unwrap();
    for ((language, intent, _), names) in &templates.variants {
        for (name, fields) in
            names.iter().flat_map(|name| all_fields().into_iter().map(move |it| (name, it)))
        {
            let text = templates.fill(name, &fields).unwrap();
            let place = format!("{name} {fields:?}:\n{text}");
            let words = text.split_whitespace().count();
            assert!((50..=125).contains(&words), "{words} words in {place}");
            assert_eq!(has_gap(&text), *intent == Intent::OtherRole, "{place}");
            for mark in ["  ", " ,", " .", "none", "{", "}", "\n\n\n", ",,", "..", "!", "(m/w/d)"] {
                assert!(!text.contains(mark), "{mark:?} in {place}");
            }
            let asks = [Intent::FeedbackRequest, Intent::KeepInTouch].contains(intent);
            assert_eq!(text.matches('?').count(), usize::from(asks), "{place}");
            for field in [&fields.company, &fields.role].into_iter().flatten() {
                assert!(text.contains(field.as_str()), "{field} not in {place}");
            }
            let greeted = text.lines().next().unwrap_or_default();
            let (first, full) = (greeted.contains("Anna"), greeted.contains("Anna Müller"));
            assert_eq!(first, fields.person.is_some(), "{place}");
            let by_first_name = fields.informal || fields.by_first_name || language == "sv";
            assert_eq!(full, fields.person.is_some() && !by_first_name, "{place}");
            assert!(text.contains("Jo Bewerber\n"), "{place}");
            assert_eq!(text.contains("1234"), fields.signature.is_some(), "{place}");
        }
    }
}

#[test]
fn no_shipped_text_is_warned_of() {
    let templates = templates(&[]).unwrap();
    let to = Mailbox::new(Some("Anna Müller"), "anna@firm.example".parse().unwrap());
    for (name, fields) in templates
        .variants
        .values()
        .flatten()
        .flat_map(|name| all_fields().into_iter().step_by(19).map(move |it| (name, it)))
    {
        let text = templates.fill(name, &fields).unwrap().replace(['[', ']'], "");
        let about = About {
            company: fields.company.as_deref(),
            role: fields.role.as_deref(),
            person: fields.person.as_deref(),
            to: Some(&to),
            others: &["Another Company"],
        };
        assert_eq!(tone::warnings(&text, &about), [], "{name} {fields:?}:\n{text}");
    }
}

/// Words that claim that people met.
const OF_TALKS: &str = "(?i)interview|entretien|entrevista|colloquio|conversación|\
     nossa conversa|vorstellungsgespräch|unserem gespräch|austausch|échange|vårt samtal|intervju|\
     het gesprek|kennismaking|talking with you|when we spoke|everyone i met|kennenzulernen|\
     leren kennen|lära känna|votre connaissance|conocerle|conoscere|conhecer-te|\
     the talk that we had|das gespräch|unser gespräch|hablar conmigo|parlare con me|\
     falar comigo|ons gesprek|met mij te praten|prata med mig|chance to talk|\
     talk(?:ing)? with me|to know you|vorstellen durfte|mich vorzustellen|hablar contigo|\
     conocerte|hablar del puesto";

#[test]
fn only_who_has_talked_speaks_of_it() {
    let templates = templates(&[]).unwrap();
    let of_talks = regex::Regex::new(OF_TALKS).unwrap();
    for ((_, intent, _), names) in &templates.variants {
        for (name, fields) in
            names.iter().flat_map(|name| all_fields().into_iter().map(move |it| (name, it)))
        {
            // Thanks may, and some do.
            if *intent == Intent::Thanks && fields.talked {
                continue;
            }
            let text = templates.fill(name, &fields).unwrap();
            let claims = of_talks.find(&text).map(|it| it.as_str());
            let expected = *intent == Intent::FeedbackRequest && fields.talked;
            assert_eq!(claims.is_some(), expected, "{claims:?} {name}:\n{text}");
        }
    }
}

/// Lines and sentences of five words and more that stand in both texts.
fn shared<'a>(one: &'a str, other: &str) -> Vec<&'a str> {
    let long = |piece: &&str| piece.split(' ').count() > 4 && !piece.contains("[[");
    one.split(['.', '?', '\n']).filter(long).filter(|piece| other.contains(*piece)).collect()
}

#[test]
fn variants_share_no_sentence_but_the_farewell() {
    let templates = templates(&[]).unwrap();
    let mut families: BTreeMap<(&str, Intent), Vec<&String>> = BTreeMap::new();
    for ((language, intent, _), names) in &templates.variants {
        families.entry((language, *intent)).or_default().extend(names);
    }
    for names in families.values() {
        // Each field is on and off beside each other one; all 512 would take a minute.
        for fields in all_fields().into_iter().step_by(11) {
            let pairs = (0..names.len()).flat_map(|a| (0..a).map(move |b| [names[a], names[b]]));
            for [one, other] in pairs {
                let [a, b] = [one, other].map(|name| templates.fill(name, &fields).unwrap());
                assert!(shared(&a, &b).is_empty(), "{one} {other} {fields:?}:\n{a}");
            }
        }
    }
}

#[test]
fn two_answers_to_one_company_never_read_alike() {
    let templates = templates(&[]).unwrap();
    let role = |role| Fields::new(Some("Firm"), Some(role), Some("Anna Müller"), "Jo", None);
    for language in LANGUAGES {
        let mut sent: Vec<String> = Vec::new();
        for (turn, name) in [(4, "Baker"), (4, "Cook"), (7, "Waiter")] {
            let fields = role(name);
            let text = |earlier: &[String]| {
                templates.text(Some(language), Intent::Thanks, turn, earlier, &fields).unwrap().text
            };
            let next = text(&sent);
            let said: Vec<_> = sent.iter().flat_map(|it| shared(&next, it)).collect();
            assert!(said.is_empty(), "{language} {name}: {said:?}");
            sent.push(next);
        }
        let all = templates.text(Some(language), Intent::Thanks, 4, &sent, &role("Host"));
        assert!(all.is_ok(), "more answers than variants");
    }
}

#[test]
fn the_turn_chooses_and_english_stands_in_for_other_languages() {
    let templates = templates(&[]).unwrap();
    let fields = Fields::new(None, None, None, "Jo", None);
    let text =
        |language, turn| templates.text(language, Intent::Thanks, turn, &[], &fields).unwrap().text;
    assert_ne!(text(Some("en"), 0), text(Some("en"), 1));
    assert_eq!(text(Some("en"), 0), text(Some("en"), 4));
    assert_ne!(text(Some("de"), 0), text(Some("en"), 0));
    assert_eq!(text(Some("pl"), 0), text(Some("en"), 0));
    assert_eq!(text(None, 0), text(Some("en"), 0));
}

#[test]
fn the_subject_of_a_new_mail_names_what_is_known() {
    let templates = templates(&[]).unwrap();
    let subject = |language, company, role| {
        let fields = Fields::new(company, role, None, "Jo", None);
        templates.subject(language, &fields).unwrap().as_str().to_owned()
    };
    let (firm, cook) = (Some("Firm"), Some("Cook"));
    assert_eq!(subject(Some("en"), firm, cook), "My application for the Cook position at Firm");
    assert_eq!(subject(Some("de"), firm, None), "Meine Bewerbung bei Firm");
    assert_eq!(subject(Some("fr"), None, cook), "Ma candidature au poste de Cook");
    assert_eq!(subject(Some("es"), firm, cook), "Mi candidatura al puesto de Cook en Firm");
    assert_eq!(subject(Some("nl"), firm, None), "Mijn sollicitatie bij Firm");
    assert_eq!(subject(Some("it"), None, None), "La mia candidatura");
    assert_eq!(subject(Some("pt"), firm, None), "A minha candidatura na Firm");
    assert_eq!(subject(Some("sv"), firm, None), "Min ansökan till Firm");
    assert_eq!(subject(Some("sv"), firm, cook), "Min ansökan till tjänsten som Cook hos Firm");
    assert_eq!(subject(Some("pl"), firm, None), "My application at Firm");
    assert_eq!(subject(None, Some("=?utf-8?q?x?="), None), "My application");
}

#[test]
fn a_users_own_template_replaces_or_joins_the_shipped_ones() {
    let own =
        [("en/thanks.1.txt", "Mine, {{ my_name }}"), ("pl/thanks.1.txt", "Witam, {{ my_name }}")];
    let templates = templates(&own).unwrap();
    let fields = Fields::new(None, None, None, "Jo", None);
    let text = |language, turn| templates.text(Some(language), Intent::Thanks, turn, &[], &fields);
    let filled = |template: &str, text: &str| {
        Ok(Filled { template: template.to_owned(), text: text.to_owned() })
    };
    assert_eq!(text("en", 0), filled("en/thanks.1.txt", "Mine, Jo\n"));
    let shipped = text("en", 1).unwrap();
    assert_eq!(shipped.template, "en/thanks.2.txt");
    assert!(shipped.text.contains("Best regards"), "{shipped:?}");
    assert_eq!(text("pl", 0), filled("pl/thanks.1.txt", "Witam, Jo\n"));
}

#[test]
fn a_users_own_piece_stands_in_every_text() {
    let own = [
        ("de/greeting.txt", "Moin{% if person %} {{ person }}{% endif %},\n"),
        ("de/subject.txt", "Nachgefragt{{ about }}\n"),
    ];
    let templates = templates(&own).unwrap();
    let fields = Fields::new(None, Some("Koch"), Some("Anna Müller"), "Jo", None);
    let text = templates.text(Some("de"), Intent::Thanks, 0, &[], &fields).unwrap().text;
    assert!(text.starts_with("Moin Anna Müller,\n\nvielen Dank"), "{text}");
    let subject = templates.subject(Some("de"), &fields).unwrap();
    assert_eq!(subject.as_str(), "Nachgefragt als Koch");
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
        ("{% if informal and new_mail and not company %}{{ x }}{% endif %}", 1, "undefined"),
    ] {
        let error = templates(&[("en/thanks.9.txt", text)]).map(|_| ()).unwrap_err();
        let TemplateError::Bad { name, line: found, why } = &error else { panic!("{error}") };
        assert_eq!((name.as_str(), *found), ("en/thanks.9.txt", line), "{text}: {error}");
        assert!(why.contains(says), "{text}: {error}");
    }
    // The mistake is in the piece, not where it is used.
    let error = templates(&[("fr/greeting.txt", "Cher {{ person }},")]).map(|_| ()).unwrap_err();
    assert!(matches!(&error, TemplateError::Bad { name, .. } if name == "fr/greeting.txt"));
    let error = templates(&[("pl/thanks.1.txt", "{{ greeting }}")]).map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("not known"), "Polish has no greeting: {error}");
    for name in [
        "thanks.1.txt",
        "english/greeting.txt",
        "en/greeting.1.txt",
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
fn a_field_is_never_read_as_a_template() {
    let templates = templates(&[]).unwrap();
    let fields = Fields::new(Some("{{ my_name }}"), Some("{% x %}"), None, "{{ 7 * 7 }}", None);
    let text = templates.text(None, Intent::Thanks, 0, &[], &fields);
    assert!(matches!(text, Err(TemplateError::Bad { .. })), "said, not written: {text:?}");
}
