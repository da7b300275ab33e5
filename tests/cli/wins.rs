//! A moment for the user: the question after a draft, and `regards wins`.

use serde_json::json;

use super::terminal::{drafted, on_terminal};
use crate::support::has;
use crate::support::mails::days_ago;
use crate::support::story::sql;
use crate::support::world::World;

const OFFER: &str = "For yourself, if you like";

fn review(world: &World, typed: &str) -> String {
    on_terminal(world, 80, &[("NO_COLOR", "1")], "review", typed).expect("script(1)")
}

/// What `wins --json` tells of the reflections, the latest first: question, company, text.
fn thoughts(world: &World) -> Vec<serde_json::Value> {
    let lines = world.cli(&["wins", "--json"]).ok().json();
    let lines = lines.into_iter().filter(|line| line["type"] == "reflection");
    lines.map(|it| json!([it["no"], it["question"], it["company"], it["text"]])).collect()
}

/// Another company's rejection, drafted.
fn another(world: &World, company: &str) {
    let domain = company.to_lowercase();
    world.deliver(&format!(
        "Date: {0}\nFrom: Otto Berg <otto@{domain}.example>\nTo: {1}\n\
         Subject: Your application as Data Engineer at {company}\nMessage-ID: <o@{domain}.example>\n\n\
         Dear Alex,\n\nthank you for your application as Data Engineer at {company}. \
         Unfortunately, we have decided to move forward with other candidates.\n\n\
         Best regards,\nOtto Berg\n{company}\n",
        days_ago(2),
        world.applicant()
    ));
    world.cli(&["run", "--once"]).ok();
    let waiting = world.cli(&["desk", "--json"]).ok().json();
    let is = |line: &serde_json::Value| line["company"] == company && line["state"] == "drafted";
    assert!(waiting.iter().any(is), "{waiting:?}");
}

#[test]
fn after_a_draft_one_question_is_offered_and_its_answer_is_kept_for_the_user_alone() {
    if !has(&["script"]) {
        return;
    }
    let (world, _) = drafted();
    let nothing = World::local();
    nothing.cli(&["run", "--once"]).ok();
    let said = nothing.cli(&["wins"]).ok().stdout;
    assert!(said.starts_with("Nothing to count yet"), "{said}");

    let text = review(&world, "s\n  The talk about \u{1b}[2J queues \n");
    assert!(text.contains(OFFER) && text.contains("What went well?"), "{text}");
    assert!(
        text.contains("Kept; regards wins shows it.") && text.contains("That was all"),
        "{text}"
    );
    let kept = "The talk about \u{1b}[2J queues";
    assert_eq!(thoughts(&world), [json!([1, "went-well", "Lindgren & Co", kept])]);
    let page = world.cli(&["wins"]).ok().stdout;
    assert!(page.contains("1  interview reached"), "{page}");
    assert!(page.contains("What went well?\n      The talk about ␛[2J queues\n"), "{page}");

    // The question that was asked least so far; Enter leaves it, and so does a lone letter.
    another(&world, "Harbor");
    let text = review(&world, "s\n\n");
    assert!(text.contains("What would you do differently?"), "{text}");
    assert!(!text.contains("Kept;"), "{text}");
    another(&world, "Quarry");
    let text = review(&world, "s\nq\n");
    assert!(text.contains("Was it the right job for you?") && !text.contains("Kept;"), "{text}");
    assert_eq!(thoughts(&world).len(), 1);

    let in_the_file = || {
        let database = std::fs::read(world.state_dir().join("regards.db")).unwrap();
        database.windows(14).any(|window| window == b"The talk about")
    };
    assert!(in_the_file());
    world.cli(&["wins", "--forget", "1"]).ok();
    assert_eq!(world.cli(&["wins", "--forget", "1"]).status, 1);
    assert!(thoughts(&world).is_empty());
    assert!(!in_the_file(), "the words are gone from the file, too");
}

#[test]
fn a_question_is_asked_once_a_session_once_a_draft_and_of_a_person_only() {
    if !has(&["script"]) {
        return;
    }
    let (mut world, _) = drafted();
    another(&world, "Harbor");
    // Not of a script: all that it types is meant for the drafts.
    let piped = world.cli_typed(&["review"], "l\n4h\nl\n4h\n");
    assert!(!piped.stdout.contains(OFFER) && piped.stdout.contains("That was all"), "{piped:?}");
    let back = || {
        sql(&world.state_dir(), "UPDATE reply SET not_before = 0 WHERE state = 'cooling'");
        world.cli(&["run", "--once"]).ok();
    };
    back();
    let text = review(&world, "l\n4h\n\nl\n4h\n");
    assert_eq!(text.matches(OFFER).count(), 1, "{text}");
    assert_eq!(text.matches("It comes back after ").count(), 2, "{text}");
    // The first one was asked about; the other one was not.
    back();
    let text = review(&world, "s\nl\n4h\n\n");
    assert_eq!(text.matches(OFFER).count(), 1, "{text}");
    let (before, after) = text.split_once("── 2 of 2 ──").expect("two drafts");
    assert!(!before.contains(OFFER) && after.contains(OFFER), "{text}");
    another(&world, "Quarry");
    world.set("review.questions", false);
    let text = review(&world, "s\n");
    assert!(text.contains("Skipped.") && !text.contains(OFFER), "{text}");
    // Where the input ends nothing is kept.
    world.set("review.questions", true);
    another(&world, "Bellows");
    let text = review(&world, "s\n");
    assert!(text.contains("Skipped.") && text.contains("That was all"), "{text}");
    assert!(thoughts(&world).is_empty());
}
