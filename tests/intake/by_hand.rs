//! What the user does with the words: tries a template, changes what a draft is for, and is
//! told once how it sounds.

use std::fs;

use serde_json::Value;

use crate::support::house::{House, form_rejection, newsletter, rejection};

fn mail_of(house: &House, reply: &str) -> Value {
    house.json(&["show", reply])[0]["mail"].clone()
}

/// A house with one draft on the desk; no daemon runs.
fn with_draft() -> House {
    let house = House::new("1s");
    house.deliver(&rejection("no", "Lindgren", "Engineer").hours_ago(30));
    house.once();
    house.wait_for(&[("r1", "drafted")]);
    house
}

/// Puts these words into the draft.
fn edit(house: &House, text: &str) {
    let (said, code) = house.says_to(text, &["edit", "r1", "--text", "-"]);
    assert_eq!(code, 0, "{said}");
}

/// All that could have been written by a look.
fn written(house: &House) -> String {
    let rows = "SELECT group_concat(no || ' ' || version || ' ' || coalesce(text, ''), x'0a')
                || (SELECT count(*) FROM journal) || ' ' || (SELECT count(*) FROM decision)
                || (SELECT group_concat(coalesce(addressee_why, '')) FROM message) FROM reply";
    house.query(rows)
}

#[test]
fn a_template_is_tried_on_a_mail_and_nothing_is_written() {
    let house = with_draft();
    fs::create_dir_all(house.path("templates/en")).unwrap();
    let config = fs::read_to_string(house.path("config.toml")).unwrap();
    let config = config.replace("rules_dir", "templates_dir = \"templates\"\nrules_dir");
    fs::write(house.path("config.toml"), config).unwrap();
    let own = "{{ greeting }}\n\nso be it.\n\n{{ my_name }}\n";
    fs::write(house.path("templates/en/thanks.9.txt"), own).unwrap();
    let before = written(&house);

    let shipped = house.ok(&["draft", "--try", "en/keep-in-touch.1.txt", "m1"]);
    insta::assert_snapshot!("try_shipped", shipped);
    let own = house.ok(&["draft", "--try", "en/thanks.9.txt", "m1"]);
    assert!(own.contains("\n    Dear Nora,\n\n    so be it.\n\n    Alex Morgan\n"), "{own}");
    let anywhere = house.path("mine.txt");
    fs::write(&anywhere, "Mine{{ about }}.\n").unwrap();
    let path = anywhere.to_str().unwrap();
    let line = house.json(&["draft", "--try", path, "m1"])[0].clone();
    assert_eq!(line["text"], "Mine for the Engineer position at Lindgren.\n");
    assert_eq!(line["subject"], "Re: Your application for Engineer at Lindgren");
    assert_eq!(line["to"], "Nora Berg <nora@lindgren.example>");
    assert_eq!((&line["message"], &line["intent"]), (&"m1".into(), &"thanks".into()));

    // Not for every mail there is a company: it would fail one day.
    fs::write(&anywhere, "Hello,\n\nyours at {{ company }}\n").unwrap();
    let (said, code) = house.says(&["draft", "--try", path, "m1"]);
    assert_eq!(code, 78, "{said}");
    assert!(said.contains(&format!("the template {path}, line 3: ")), "{said}");
    let (said, code) = house.says(&["draft", "--try", "en/thank.2.txt", "m1"]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("There is no template `en/thank.2.txt`"), "{said}");
    assert!(said.contains("en/thanks.2.txt"), "near to it: {said}");
    let (said, code) = house.says(&["draft", "--try", "en/thanks.2.txt"]);
    assert!(code == 2 && said.contains("<ID>"), "{said}");
    assert_eq!(written(&house), before);

    fs::write(house.path("templates/en/thanks.9.txt"), "Hello\n{{ nobody }}\n").unwrap();
    let (said, code) = house.says(&["draft", "--try", "en/thanks.9.txt", "m1"]);
    assert_eq!(code, 78, "{said}");
    assert!(said.contains("the template en/thanks.9.txt, line 2: "), "{said}");
}

#[test]
fn a_template_is_not_tried_on_what_cools_or_is_no_rejection() {
    let house = House::new("100d");
    house.deliver(&rejection("no", "Lindgren", "Engineer"));
    house.once();
    house.wait_for(&[("r1", "cooling")]);
    let tried = house.refused(&["draft", "--try", "en/thanks.1.txt", "m1"]);
    assert_eq!(tried, house.refused(&["draft", "m1"]), "no word more than `draft` says");
    assert_eq!(
        tried,
        house.refused(&["draft", "--try", "en/thanks.1.txt", "m7"]).replace("m7", "m1")
    );

    let house = with_draft();
    house.ok(&["correct", "m1", "invited"]);
    house.deliver(&newsletter("news", "Harbor"));
    house.once();
    let said = house.refused(&["draft", "--try", "en/thanks.1.txt", "m1"]);
    assert!(said.contains("m1 is no rejection of an application"), "{said}");

    let house = House::new("1s");
    house.deliver(&form_rejection("form", "Harbor", "Baker").hours_ago(30));
    house.once();
    let said = house.refused(&["draft", "--try", "en/thanks.1.txt", "m1"]);
    assert!(said.contains("There is nobody to write to"), "{said}");
}

#[test]
fn the_draft_on_the_desk_is_made_anew_for_another_intent_at_once() {
    let house = with_draft();
    let first = mail_of(&house, "r1");
    // The answer to the question what for, then the way out.
    let (said, _) = house.says_to("i\nrevenge\ni\n\ni\nkeep-in-touch\nq\n", &["review"]);
    assert!(said.contains("`revenge` is none of thanks"), "{said}");
    assert!(said.contains("It stays for thanks."), "{said}");
    assert!(said.contains("Made anew for keep-in-touch."), "{said}");
    assert!(said.contains("! it was made anew for keep-in-touch, as you asked"), "{said}");
    let second = mail_of(&house, "r1");
    assert_eq!((&first["intent"], &second["intent"]), (&"thanks".into(), &"keep-in-touch".into()));
    assert_ne!(first["text"], second["text"]);
    assert_ne!(first["message_id"], second["message_id"], "it is another mail");
    let template: String = house.query("SELECT template FROM reply");
    assert!(template.starts_with("en/keep-in-touch."), "{template}");

    // The same without the review; what was approved stays as it is.
    house.ok(&["draft", "m1", "--intent", "thanks"]);
    house.ok(&["draft", "m1", "--intent", "keep-in-touch"]);
    assert_eq!(mail_of(&house, "r1")["intent"], "keep-in-touch");
    house.ok(&["approve", "r1"]);
    let said = house.refused(&["draft", "m1", "--intent", "thanks"]);
    assert!(said.contains("A reply that is approved cannot be made for another intent"), "{said}");
    assert!(said.contains("regards revoke"), "{said}");
    assert_eq!(mail_of(&house, "r1")["intent"], "keep-in-touch");
}

#[test]
fn no_draft_is_made_that_says_what_did_not_happen() {
    let house = with_draft();
    let fit = "These fit: thanks, feedback-request, keep-in-touch;";
    for (intent, why) in [
        ("accept-feedback", "it accepts an offer of feedback, and none was found"),
        ("other-role", "it answers an offer of another position, and none was found"),
    ] {
        let said = house.refused(&["draft", "m1", "--intent", intent]);
        assert!(said.contains(why) && said.contains(fit), "{said}");
        let (said, _) = house.says_to(&format!("i\n{intent}\nq\n"), &["review"]);
        assert!(said.contains(why) && said.contains(fit), "{said}");
        assert_eq!(mail_of(&house, "r1")["intent"], "thanks");
        // What is only looked at says it as a warning.
        let template = format!("en/{intent}.1.txt");
        let tried = house.ok(&["draft", "--try", &template, "m1"]);
        assert!(tried.contains(&format!("! this says what did not happen: {why}")), "{tried}");
    }
    // The same where there is no draft yet.
    house.ok(&["skip", "r1"]);
    let daemon = house.start();
    let said = house.refused(&["draft", "m1", "--intent", "accept-feedback"]);
    assert!(said.contains("none was found") && said.contains(fit), "{said}");
    house.ok(&["draft", "m1", "--intent", "keep-in-touch"]);
    house.wait_for(&[("r1", "skipped"), ("r2", "drafted")]);
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn feedback_is_asked_for_without_a_talk_and_none_is_thanked_for() {
    let house = with_draft();
    let (said, _) = house.says_to("i\nfeedback-request\nq\n", &["review"]);
    assert!(said.contains("Made anew for feedback-request."), "{said}");
    let mail = mail_of(&house, "r1");
    assert_eq!(mail["intent"], "feedback-request");
    let text = mail["text"].as_str().unwrap();
    assert!(text.contains('?') && text.contains("time") && !text.contains("talk"), "{text}");
    // A text that is only looked at is not warned of either.
    let tried = house.ok(&["draft", "--try", "en/feedback-request.1.txt", "m1"]);
    let tried = tried.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(tried.contains("the time that was taken to consider me"), "{tried}");
    assert!(!tried.contains("what did not happen"), "{tried}");

    // The same without the review, and where there is no draft yet.
    house.ok(&["draft", "m1", "--intent", "thanks"]);
    house.ok(&["draft", "m1", "--intent", "feedback-request"]);
    assert_eq!(mail_of(&house, "r1")["intent"], "feedback-request");
    house.ok(&["skip", "r1"]);
    let daemon = house.start();
    house.ok(&["draft", "m1", "--intent", "feedback-request"]);
    house.wait_for(&[("r1", "skipped"), ("r2", "drafted")]);
    assert_eq!(mail_of(&house, "r2")["intent"], "feedback-request");
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn a_draft_that_changed_while_the_user_was_asked_is_not_made_anew() {
    let house = with_draft();
    edit(&house, "Dear Nora Berg,\n\nmy own words.\n\nAlex\n");
    let mut asked = house.begin(&["draft", "m1", "--intent", "keep-in-touch"]);
    asked.until_asked("will be lost");
    edit(&house, "Dear Nora Berg,\n\nbetter words.\n\nAlex\n");
    let (said, code) = asked.answer("y\n");
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("changed"), "{said}");
    let mail = mail_of(&house, "r1");
    assert!(mail["text"].as_str().unwrap().contains("better words"), "{mail}");
    assert_eq!(mail["intent"], "thanks");
}

#[test]
fn an_empty_text_is_no_answer_and_no_template() {
    let house = with_draft();
    let before = mail_of(&house, "r1");
    let empty = house.path("empty.txt");
    fs::write(&empty, " \n\n").unwrap();
    let path = empty.to_str().unwrap();
    for arguments in [["edit", "r1", "--text", path], ["edit", "r1", "--text", "-"]] {
        let said = house.refused(&arguments);
        assert!(said.contains("The text is empty; r1 stays as it was"), "{said}");
        assert!(said.contains("regards skip r1") && !said.contains("your text is in"), "{said}");
    }
    assert_eq!(mail_of(&house, "r1"), before);
    let (said, code) = house.says(&["draft", "--try", path, "m1"]);
    assert_eq!(code, 78, "{said}");
    assert!(said.contains("it is empty"), "{said}");
}

#[test]
fn a_tried_template_is_told_what_the_desk_would_say_of_it() {
    let house = with_draft();
    let bitter = house.path("bitter.txt");
    fs::write(&bitter, "Dear Nora Berg,\n\nthis is unfair.\n").unwrap();
    let path = bitter.to_str().unwrap();
    let tried = house.ok(&["draft", "--try", path, "m1"]);
    assert!(tried.contains("    this is unfair.\n"), "indented like `show`: {tried}");
    assert!(tried.contains("! This may sound bitter"), "{tried}");
    let line = house.json(&["draft", "--try", path, "m1"])[0].clone();
    assert!(line["tone"][0].as_str().unwrap().starts_with("This may sound bitter"), "{line}");
    assert_eq!(
        (&line["warnings"], &line["objections"]),
        (&Value::from(Vec::<Value>::new()), &Value::from(Vec::<Value>::new()))
    );
}

#[test]
fn the_review_tells_what_each_key_does() {
    let house = with_draft();
    let (said, _) = house.says_to("?\nx\nq\n", &["review"]);
    for key in [
        "a  approve",
        "e  edit",
        "i  intent",
        "n  not today",
        "l  later",
        "s  skip",
        "h  heart",
        "w  why",
        "q  quit",
    ] {
        assert!(said.contains(&format!("  {key} ")), "{key}: {said}");
    }
    assert!(said.contains("Type one of the letters in brackets; ? tells each."), "{said}");
}

#[test]
fn the_users_own_words_are_asked_about_before_they_are_lost() {
    let house = with_draft();
    edit(&house, "Dear Nora Berg,\n\nmy own words.\n\nAlex\n");
    let own = |house: &House| mail_of(house, "r1")["text"].as_str().unwrap().contains("own words");
    let (said, _) = house.says_to("i\nkeep-in-touch\nn\nq\n", &["review"]);
    assert!(said.contains("Your own words in r1 will be lost."), "{said}");
    assert!(said.contains("It stays for thanks.") && own(&house), "{said}");
    let (said, code) = house.says_to("n\n", &["draft", "m1", "--intent", "keep-in-touch"]);
    assert!(code == 1 && said.contains("Nothing was done") && own(&house), "{said}");
    house.says_to("i\nkeep-in-touch\ny\nq\n", &["review"]);
    assert!(!own(&house));
    // What the program wrote needs no question.
    let (said, _) = house.says_to("i\nthanks\nq\n", &["review"]);
    assert!(!said.contains("will be lost") && said.contains("Made anew for thanks."), "{said}");
}

const BITTER: &str = "Dear Nora Berg,\n\nthis is unfair. Thank you.\n\nAlex Morgan\n";

const FINDING: &str = "This may sound bitter";

fn state(house: &House) -> String {
    house.all_replies()[0].1.clone()
}

#[test]
fn how_it_sounds_is_told_once_before_the_yes() {
    let house = with_draft();
    edit(&house, BITTER);
    // Something else than a yes is none.
    let (said, _) = house.says_to("a\n\nq\n", &["review"]);
    assert!(said.contains(FINDING) && said.contains("[a]pprove anyway"), "{said}");
    assert!(said.contains("It is not approved.") && state(&house) == "drafted", "{said}");
    // Told once, it stands on the page and stops nobody.
    let (said, _) = house.says_to("a\n", &["review"]);
    assert!(said.contains(FINDING) && !said.contains("[a]pprove anyway"), "{said}");
    assert_eq!(state(&house), "approved");
    house.ok(&["revoke", "r1"]);

    // Other words are told of anew, and the yes may follow at once.
    edit(&house, &BITTER.replace("Thank you", "Thanks"));
    let (said, _) = house.says_to("a\na\n", &["review"]);
    assert!(said.contains("[a]pprove anyway") && said.contains("Approved"), "{said}");
    assert_eq!(state(&house), "approved");
    house.ok(&["revoke", "r1"]);

    // Polite words are not talked about.
    edit(&house, "Dear Nora Berg,\n\nthank you for your time.\n\nAlex Morgan\n");
    let (said, _) = house.says_to("a\n", &["review"]);
    assert!(!said.contains("[a]pprove anyway") && said.contains("Approved"), "{said}");
}

#[test]
fn approve_tells_once_too_unless_show_did() {
    let house = with_draft();
    edit(&house, BITTER);
    // The page of the review leaves it for the yes.
    let (said, _) = house.says_to("q\n", &["review"]);
    assert!(!said.contains(FINDING), "{said}");
    let said = house.refused(&["approve", "r1"]);
    assert!(said.contains(FINDING) && said.contains("All the same: regards approve r1"), "{said}");
    house.ok(&["approve", "r1"]);
    assert_eq!(state(&house), "approved");
    house.ok(&["revoke", "r1"]);
    edit(&house, &BITTER.replace("Thank you", "Thanks"));
    assert!(house.ok(&["show", "r1"]).contains(FINDING));
    house.ok(&["approve", "r1"]);
    assert_eq!(state(&house), "approved");
}
