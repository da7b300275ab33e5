//! What the user's own application by mail looks like. Pure.

use crate::model::message::{Direction, Message};

/// Says that the writer applies.
const APPLIES: [&str; 27] = [
    "apply for",
    "applying for",
    "applying to",
    "my application",
    "application for the",
    "bewerbe ich mich",
    "bewerbe mich",
    "meine bewerbung",
    "je postule",
    "je candidate",
    "ma candidature",
    "me postulo",
    "mi candidatura",
    "mi solicitud",
    "mi candido",
    "mia candidatura",
    "solliciteer",
    "mijn sollicitatie",
    "minha candidatura",
    "candidato-me",
    "me candidato",
    "ansöker",
    "söker jag",
    "min ansökan",
    "express my interest in the",
    "apply to the",
    "apply to your",
];

/// Says that it is about work: one applies for flats, loans and visas, too.
const WORK: [&str; 28] = [
    "position",
    "role",
    "job",
    "vacancy",
    "opening",
    "cv",
    "résumé",
    "resume",
    "cover letter",
    "internship",
    "stelle",
    "stellenanzeige",
    "lebenslauf",
    "praktikum",
    "ausbildung",
    "poste",
    "emploi",
    "stage",
    "puesto",
    "empleo",
    "currículum",
    "posto",
    "lavoro",
    "vacature",
    "functie",
    "vaga",
    "tjänst",
    "tjänsten",
];

/// Says that it ends, or is only asked after.
const NOT_NOW: [&str; 14] = [
    "withdraw",
    "zurückziehen",
    "ziehe meine bewerbung",
    "retirer ma candidature",
    "retiro mi candidatura",
    "ritirare la mia candidatura",
    "trek mijn sollicitatie",
    "retirar a minha candidatura",
    "tar tillbaka min ansökan",
    "status of my application",
    "stand meiner bewerbung",
    "follow up on my application",
    "following up on my application",
    "update on my application",
];

/// The mail is an application that the user sends: own, the first of its thread, with words
/// that apply for work.
pub fn begins(message: &Message) -> bool {
    let header = &message.header;
    if message.direction != Direction::Own
        || header.to.is_empty()
        || !(header.in_reply_to.is_empty() && header.references.is_empty())
    {
        return false;
    }
    let text = format!("{}\n{}", header.subject, message.body.new_text).to_lowercase();
    let says = |phrases: &[&str]| phrases.iter().any(|it| text.contains(it));
    let words = || text.split(|c: char| !c.is_alphanumeric());
    let work = WORK.iter().any(|it| match it.contains(' ') {
        true => text.contains(it),
        false => words().any(|word| word == *it),
    });
    work && says(&APPLIES) && !says(&NOT_NOW)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::message::{Body, Header};

    fn own(text: &str) -> Message {
        let header = Header {
            to: vec![crate::model::address::Mailbox::bare(
                "jobs@firm.example".parse().expect("it"),
            )],
            ..Header::default()
        };
        let body = Body { new_text: text.to_owned(), ..Body::default() };
        Message { direction: Direction::Own, header, body, defects: vec![] }
    }

    #[test]
    fn an_application_for_work_begins_one_and_nothing_else_does() {
        for text in [
            "I am writing to apply for the Data Engineer position at Firm.",
            "hiermit bewerbe ich mich um die Stelle als Köchin",
            "Je vous adresse ma candidature au poste de comptable.",
            "Härmed söker jag tjänsten som lärare.",
        ] {
            assert!(begins(&own(text)), "{text}");
        }
        for text in [
            "We would like to apply for the flat in Elm Street.",
            "I would like to withdraw my application for the position.",
            "I wanted to ask about the status of my application for the role.",
            "Thank you, Tuesday suits me.",
        ] {
            assert!(!begins(&own(text)), "{text}");
        }
        let applies = "I apply for the position.";
        let theirs = Message { direction: Direction::Incoming, ..own(applies) };
        assert!(!begins(&theirs));
        let mut answer = own(applies);
        answer.header.in_reply_to = vec!["a@b.example".parse().expect("an id")];
        assert!(!begins(&answer));
    }
}
