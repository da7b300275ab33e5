//! What the drafts say: in the rejection's own form of address, and never the same twice to
//! one company; and what the desk says to other words.

use serde_json::Value;

use crate::support::house::{House, Mail, rejection};

fn shown(house: &House, reply: &str) -> Value {
    serde_json::from_str(&house.ok(&["show", reply, "--json"])).unwrap()
}

fn text_of(house: &House, reply: &str) -> String {
    shown(house, reply)["mail"]["text"].as_str().unwrap().to_owned()
}

fn german(id: &str, company: &str, words: &str) -> Mail {
    let text = format!("{words}\r\n\r\nViele Grüße\r\nNora Berg\r\n");
    Mail { text, ..rejection(id, company, "Engineer") }
}

#[test]
fn the_desk_warns_of_greeting_somebody_else() {
    let house = House::new("1s");
    house.deliver(&rejection("a", "Lindgren", "Lawyer").hours_ago(30));
    house.once();
    house.wait_for(&[("r1", "drafted")]);
    let tone = |words: &str| {
        let text = format!("{words}\n\nThank you for your time.\n\nAlex Morgan\n");
        let (said, code) = house.says_to(&text, &["edit", "r1", "--text", "-"]);
        assert_eq!(code, 0, "{said}");
        shown(&house, "r1")["tone"].to_string()
    };
    assert!(tone("Dear Bob,").contains("It greets"), "Nora Berg wrote");
    assert_eq!(tone("Dear Ms Berg,\n\nI am still a lawyer."), "[]");
}

#[test]
fn an_answer_is_as_formal_as_the_rejection() {
    let house = House::new("1s");
    let formal = "Guten Tag Alex Morgan,\r\n\r\nvielen Dank für Ihre Bewerbung als Engineer bei \
                  Lindgren. Leider müssen wir Ihnen absagen.";
    let informal = "Hallo Alex,\r\n\r\nvielen Dank für deine Bewerbung als Engineer bei Harbor. \
                    Leider müssen wir dir absagen.";
    house.deliver(&german("a", "Lindgren", formal).hours_ago(30));
    house.deliver(&german("b", "Harbor", informal).hours_ago(29));
    house.once();
    house.wait_for(&[("r1", "drafted"), ("r2", "drafted")]);
    let (formal, informal) = (text_of(&house, "r1"), text_of(&house, "r2"));
    assert!(formal.starts_with("Guten Tag Nora Berg,\n") && formal.contains("Ihnen"), "{formal}");
    assert!(informal.starts_with("Hallo Nora,\n") && !informal.contains("Ihnen"), "{informal}");
}

#[test]
fn two_answers_to_one_company_are_two_texts() {
    let house = House::new("1s");
    // English has four variants for thanks: by its number alone the fifth would be the first.
    let companies = ["Lindgren", "Harbor", "Nordkorn", "Blumen", "Lindgren"];
    for (at, company) in companies.into_iter().enumerate() {
        let role = ["Engineer", "Baker"][at / 4];
        let hours = 30 - i64::try_from(at).unwrap();
        house.deliver(&rejection(&format!("m{at}"), company, role).hours_ago(hours));
    }
    house.once();
    house.wait_for(&["r1", "r2", "r3", "r4", "r5"].map(|reply| (reply, "drafted")));
    let (first, last) = (text_of(&house, "r1"), text_of(&house, "r5"));
    assert!(first.contains("the Engineer position at Lindgren"), "{first}");
    assert!(last.contains("the Baker position at Lindgren"), "{last}");
    let paragraphs = |text: &str| text.split("\n\n").map(str::to_owned).collect::<Vec<_>>();
    let (first, last) = (paragraphs(&first), paragraphs(&last));
    let same: Vec<_> = first[1..3].iter().filter(|it| last.contains(it)).collect();
    assert!(same.is_empty(), "{same:?}");
}
