//! What is warned of, and what only looks like it.

use std::collections::BTreeSet;

use super::*;

const LANGUAGES: [&str; 8] = ["en", "de", "fr", "es", "nl", "it", "pt", "sv"];

fn about() -> About<'static> {
    About {
        company: Some("Firm GmbH"),
        role: Some("Lawyer"),
        others: &["Other AG"],
        ..About::default()
    }
}

fn kinds(text: &str) -> Vec<ToneKind> {
    warnings(text, &about()).into_iter().map(|it| it.kind).collect()
}

#[test]
fn the_shipped_words_can_be_read_and_each_is_found() {
    let file: File = toml::from_str(FILE).unwrap();
    let lists: BTreeSet<_> =
        file.list.iter().map(|it| (format!("{:?}", it.kind), it._lang.clone())).collect();
    assert_eq!((lists.len(), file.list.len()), (32, 32), "four kinds in eight languages");
    for list in &file.list {
        assert!(LANGUAGES.contains(&list._lang.as_str()), "{}", list._lang);
        for phrase in &list.any {
            let found = warnings(&format!("x {phrase} x"), &About::default());
            assert!(found.iter().any(|it| it.kind == list.kind), "{phrase}: {found:?}");
        }
    }
}

#[test]
fn each_kind_of_spoiling_is_noticed_in_every_language() {
    use ToneKind::{Arguing, Bitterness, Blame, Pleading};
    for (text, kind) in [
        ("This was a WASTE of\ntime.", Bitterness),
        ("Das war sehr enttäuscht.", Bitterness),
        ("Quel manque de respect.", Bitterness),
        ("Ha sido una falta de respeto.", Bitterness),
        ("Ik vind dit onbeschoft.", Bitterness),
        ("Siete stati una vergogna.", Bitterness),
        ("Foi uma perda de tempo.", Bitterness),
        ("Jag är mycket besviken.", Bitterness),
        ("Please reconsider.", Arguing),
        ("Bitte überdenken Sie das.", Arguing),
        ("Je pense que vous vous trompez.", Arguing),
        ("No entiendo por qué.", Arguing),
        ("Ik begrijp niet waarom.", Arguing),
        ("Non capisco perché.", Arguing),
        ("Gostaria que reconsiderem.", Arguing),
        ("Jag förstår inte varför.", Arguing),
        ("I beg you.", Pleading),
        ("Geben Sie mir eine Chance!", Pleading),
        ("Donnez-moi une chance.", Pleading),
        ("Necesito este trabajo.", Pleading),
        ("Geef me een kans.", Pleading),
        ("Ho bisogno di questo lavoro.", Pleading),
        ("Preciso deste emprego.", Pleading),
        ("Ge mig en chans.", Pleading),
        ("You never answered me.", Blame),
        ("Das ist Ihre Schuld.", Blame),
        ("C'est à cause de vous.", Blame),
        ("Me prometieron otra cosa.", Blame),
        ("Het is jullie schuld.", Blame),
        ("È colpa vostra.", Blame),
        ("Prometeram-me outra coisa.", Blame),
        ("Ni lovade något annat.", Blame),
        ("I am shocked.", Bitterness),
        ("I was so disappointed.", Bitterness),
        ("Ich bin maßlos enttäuscht.", Bitterness),
        ("Je suis extrêmement déçue.", Bitterness),
        ("Estoy indignada.", Bitterness),
        ("Ik ben geschokt.", Bitterness),
        ("Sono davvero delusa.", Bitterness),
        ("Estou chocado.", Bitterness),
        ("Jag är chockad.", Bitterness),
        ("I clearly was the best candidate.", Arguing),
        ("Ich war eindeutig die Beste.", Arguing),
        ("J'étais clairement la meilleure.", Arguing),
        ("Claramente era el mejor candidato.", Arguing),
        ("Ik was duidelijk de beste.", Arguing),
        ("Ero il candidato migliore.", Arguing),
        ("Eu era claramente a melhor.", Arguing),
        ("Jag var bäst.", Arguing),
        ("I desperately want it.", Pleading),
        ("I am getting desperate.", Pleading),
        ("Je cherche désespérément.", Pleading),
        ("Cerco disperatamente.", Pleading),
        ("Jag är förtvivlad.", Pleading),
        ("Why? And when?", ToneKind::SeveralQuestions),
        ("Dear {{ person }}", ToneKind::PlaceholderLeft),
        ("I liked Other AG.", ToneKind::WrongCompany),
    ] {
        assert_eq!(kinds(text), [kind], "{text}");
    }
}

#[test]
fn a_word_of_two_lists_is_told_once() {
    assert_eq!(kinds("This is unfair."), [ToneKind::Bitterness]);
}

#[test]
fn what_is_loud_or_long_is_noticed() {
    for text in [
        "Thank you!!",
        "You chose somebody else?!",
        "I did NOT hear from anybody for weeks.",
        "This was a DREADFUL way to treat a person.",
        "I have HAD IT WITH all of this now.",
        "GOODBYE!",
    ] {
        assert_eq!(kinds(text), [ToneKind::Shouting], "{text}");
    }
    assert_eq!(kinds(&"word ".repeat(201)), [ToneKind::Long]);
    assert_eq!(kinds(&"word ".repeat(200)), []);
}

#[test]
fn ordinary_words_are_left_alone() {
    for text in [
        "Thank you, Firm GmbH. May I ask one thing?",
        "I am a crude oil engineer.",
        "It was a joyful talk; I liked the others.",
        "I was shocked by the beautiful office.",
        "I am sure that you have found the best candidate.",
        "Of course I was disappointed, and I understand it.",
        "Natürlich war ich enttäuscht, aber Sie haben sicher die beste Person gefunden.",
        "J'espère que vous avez trouvé le meilleur candidat.",
        "Espero que hayan encontrado a la mejor candidata.",
        "Ik hoop dat u de beste kandidaat hebt gevonden.",
        "Spero che abbiate trovato il candidato migliore.",
        "Espero que tenham encontrado o melhor candidato.",
        "Jag hoppas att ni har hittat den bästa kandidaten.",
        "I am still interested in the position of Lawyer.",
        "I worked with HTML, CSS, SQL, and AWS at the NATO office.",
        "Thank you! I enjoyed it.\n\nALEXANDRA MORGAN\nHAMBURG 20095",
        "I have SAP HANA on my list and the A in mind.",
    ] {
        assert_eq!(kinds(text), [], "{text}");
    }
    let about = About { company: Some("NORDLICHT VERLAG"), role: Some("SENIOR WRITER"), ..about() };
    let text = "Thank you for the SENIOR WRITER position at NORDLICHT VERLAG and all.";
    assert_eq!(warnings(text, &about), []);
}

#[test]
fn who_is_greeted_is_who_is_answered() {
    let anna = Mailbox::new(None, "annamueller@firm.example".parse().unwrap());
    let about = About { person: Some("Anna Müller"), to: Some(&anna), ..about() };
    let wrong = |text: &str, about: &About<'_>| {
        let found = warnings(text, about).pop();
        found.filter(|it| it.kind == ToneKind::WrongPerson).map(|it| it.words)
    };
    for (text, name) in [
        ("Dear Bob,\n\nthank you.", "Bob"),
        ("\nSehr geehrte Frau Meier,\n\ndanke.", "Meier"),
        ("Hola, Ana López:\n\ngracias.", "Ana López"),
        ("Buenos días, Luis:\n", "Luis"),
        ("Hej Bo!\n", "Bo"),
        ("Beste Mark de Vries,\n", "Mark Vries"),
        ("Bonjour Chloé,\n", "Chloé"),
        ("Buongiorno Mario,\n", "Mario"),
        ("Olá, João,\n", "João"),
    ] {
        assert_eq!(wrong(text, &about).as_deref(), Some(name), "{text}");
        assert_eq!(wrong(text, &About { person: None, ..about }), None, "nobody was found");
    }
    for text in [
        "Dear Anna,\n\nthank you.",
        "Dear Ms Müller,\n",
        "Liebe Frau Dr. Mueller,\n",
        "Guten Tag Anna Müller,\n",
        "Hello,\n\nBob told me.",
        "Dear Firm team,\n",
        "Dear Hiring Manager,\n",
        "Sehr geehrte Damen und Herren,\n",
        "Liebes Team,\n",
        "Bonjour Madame,\n",
        "Thank you, Bob.\n",
        "Hi there,\n",
        "Hello, I write because Bob and Carla and the others asked me to.\n",
        "",
    ] {
        assert_eq!(wrong(text, &about), None, "{text}");
    }
}
