//! Rejections that say "you" in either way, and words that only look like it.

use super::*;

#[test]
fn the_shipped_words_can_be_read() {
    let signs = read(FILE).unwrap();
    let languages: Vec<&str> = signs.iter().map(|it| it.lang.as_str()).collect();
    assert_eq!(languages, ["en", "de", "fr", "es", "nl", "it", "pt", "sv"]);
}

#[test]
fn who_is_addressed_informally_answers_so() {
    for (language, text) in [
        ("en", "Hi Alex,\n\nthank you for your interest, but no."),
        ("de", "Hallo Alex,\n\nvielen Dank für deine Bewerbung. Leider hat es nicht geklappt."),
        ("de", "Liebe Alex,\nschön, dass du da warst. Wir haben uns anders entschieden."),
        // They, not you: the sentence begins with it.
        ("de", "Danke für deine Unterlagen. Sie haben uns gefallen. Ihr Aufbau ist klar."),
        // A footer of the system.
        (
            "de",
            "Hallo Alex, wir müssen dir leider absagen. Dein Team.\n\nHinweise finden Sie hier.",
        ),
        ("fr", "Bonjour Alex, merci pour ta candidature. Nous ne pouvons pas te retenir."),
        ("fr", "Salut Alex, après notre rendez-vous, nous t'informons que c'est non."),
        ("es", "Hola, Alex: gracias por tu candidatura. El equipo y su directora te saludan."),
        ("nl", "Beste Alex, bedankt voor je sollicitatie. We gaan helaas niet met jou verder."),
        ("es", "Hola, Alex: fue un placer conocerte. Hemos elegido a otra persona."),
        ("it", "Buongiorno, è stato un piacere conoscerti. Abbiamo scelto un altro."),
        ("nl", "Beste Alex, helaas is het niets geworden."),
        ("nl", "Hoi Alex, je krijgt a.u.b. geen antwoord meer."),
        ("it", "Ciao Alex, grazie per la tua candidatura. Giulia? Lei ti saluta."),
        ("pt", "Olá Alex, agradecemos a tua candidatura, mas não vamos avançar contigo."),
    ] {
        assert!(is_informal(&[text], Some(language)), "{language}: {text}");
    }
}

#[test]
fn who_is_addressed_formally_or_uncertainly_answers_formally() {
    for (language, text) in [
        ("en", "Dear Alex,\n\nthank you. Hi-fi is our trade."),
        ("de", "Guten Tag Alex Morgan,\n\nvielen Dank für Ihre Bewerbung."),
        // Nobody is addressed; her, she, and a director.
        ("de", "Guten Tag, leider müssen wir absagen. Sie wird ihr neues Team kennenlernen."),
        ("de", "Leider nein. Wir sind hier alle per Du. Frau Du grüßt, Crédit du Nord auch."),
        // A slogan after a formal letter, and one between quotation marks before it.
        ("de", "Vielen Dank für Ihre Zeit. Folge uns: dein Team, deine Chance, dein Weg!"),
        ("de", "„Finde deinen Weg, dein Team“\n\nLeider können wir Ihnen keine Zusage geben."),
        ("de", "Danke für deine Mail. Wir danken Ihnen und wünschen Ihnen alles Gute."),
        ("fr", "Bonjour, nous vous remercions de votre candidature."),
        (
            "fr",
            "Chez nous, le tutoiement est de rigueur, mais il n'y a pas de poste. A-t-il lu le ton juste ?",
        ),
        ("es", "Buenos días: le agradecemos su candidatura."),
        ("es", "El equipo y su directora lamentan no seguir adelante. Un té, quizá."),
        ("nl", "Geachte heer, hartelijk dank voor uw sollicitatie. Wij gaan niet met u verder."),
        ("it", "Buongiorno, La ringraziamo per la Sua candidatura."),
        ("it", "Ne ho parlato con Anna; lei e il suo gruppo hanno deciso diversamente. Un tè?"),
        ("pt", "Olá Alex, agradecemos o seu interesse, mas você não foi selecionado."),
        ("pt", "Te agradecemos por sua candidatura e desejamos a você sucesso."),
        ("sv", "Hej Alex, tack för din ansökan."),
    ] {
        assert!(!is_informal(&[text], Some(language)), "{language}: {text}");
    }
    assert!(!is_informal(&["Danke für deine Bewerbung."], None), "in doubt");
}

#[test]
fn a_quotation_without_its_end_hides_nothing() {
    assert_eq!(without_quotations("a \"b\" c \"d\ne\" f"), "a   c  d\ne  f");
    assert!(is_informal(&["Er rief „Halt\nund dankt dir für deine Mail."], Some("de")));
}

#[test]
fn the_first_text_that_tells_decides() {
    let de = |texts: &[&str]| is_informal(texts, Some("de"));
    assert!(de(&["Leider nein.", "Deine Bewerbung"]), "the subject, where the text is silent");
    assert!(!de(&["Leider müssen wir Ihnen absagen.", "Deine Bewerbung"]));
    assert!(!de(&["Leider nein.", "Ihre Bewerbung", ""]), "in doubt");
    let en = |texts: &[&str]| is_informal(texts, Some("en"));
    assert!(en(&["Thank you.", "Hi Alex, come on Tuesday."]));
    assert!(!en(&["Dear Alex, thank you.", "Hi Alex, come on Tuesday."]));
}

#[test]
fn the_employers_own_article_is_taken_over() {
    let at = |language, text, company| at(text, company, Some(language));
    for (language, text, company, words) in [
        (
            "de",
            "Stelle bei den Stadtwerken Lindenau besetzt",
            "Stadtwerken Lindenau",
            "bei den Stadtwerken Lindenau",
        ),
        (
            "de",
            "bei den Stadtwerken Lindenau",
            "Stadtwerke Lindenau",
            "bei den Stadtwerken Lindenau",
        ),
        ("de", "als Röster beim Kaffeekontor. Leider", "Kaffeekontor", "beim Kaffeekontor"),
        ("de", "bei der Rheinlack\nGmbH, leider", "Rheinlack GmbH", "bei der Rheinlack GmbH"),
        ("nl", "functie bij de Tulpfabriek!", "Tulpfabriek", "bij de Tulpfabriek"),
        ("it", "posizione presso l’Officina Bruni.", "Officina Bruni", "presso l’Officina Bruni"),
        ("pt", "vaga de professor na Escola da Ponte", "Escola da Ponte", "na Escola da Ponte"),
        ("fr", "au poste chez Pixelune.", "Pixelune", "chez Pixelune"),
        ("en", "a role at the Acme Inc. this year", "Acme Inc.", "at the Acme Inc."),
    ] {
        assert_eq!(at(language, text, company).as_deref(), Some(words));
    }
    assert_eq!(at("de", "Ihre Bewerbung für Rheinlack", "Rheinlack"), None);
    assert_eq!(at("de", "bei Rheinlackwerken", "Rheinlack"), None, "a longer name");
    assert_eq!(at("de", "wobei Rheinlack", "Rheinlack"), None, "a longer word");
    for (language, company, words) in [
        ("de", "Rheinlack GmbH", "bei der Rheinlack GmbH"),
        ("de", "Deutsche Bahn AG", "bei Deutsche Bahn AG"),
        ("de", "Nordlicht Verlag", "beim Nordlicht Verlag"),
        ("fr", "Mairie de Lys", "à la Mairie de Lys"),
        ("fr", "École du Lac", "à l'École du Lac"),
        ("fr", "Pixelune", "chez Pixelune"),
        ("it", "Officina Bruni", "presso l'Officina Bruni"),
        ("pt", "Hotel Farol", "no Hotel Farol"),
        ("sv", "Firm", "hos Firm"),
    ] {
        assert_eq!(at_company(company, language).as_deref(), Some(words));
    }
    assert_eq!(at_company("Acme", "pl"), None);
    assert_eq!(at("pl", "w firmie Acme", "Acme"), None);
    assert_eq!(at("de", "bei (a+)+$", "(a+)+$").as_deref(), Some("bei (a+)+$"));
}
