//! The workbench: rules measured on labelled mail, by the real program.
//!
//! Where exact figures matter the mails are made of words that only the rules of these
//! tests know, with weights that no change of the shipped rules outdoes.

mod learn;

use std::path::Path;

use serde_json::{Value, json};

use crate::support::world::World;

/// Two words that mean no and noise, whatever else is shipped.
const RULES: &str = "
[[rule]]
symbol = 'TEST_NO'
describe = 'The word of these tests for no'
any = ['\\bxnox\\b']
[[rule]]
symbol = 'TEST_NOISE'
describe = 'The word of these tests for noise'
any = ['\\bxnoisex\\b']
[weights]
TEST_NO = { rejected = 50.0 }
TEST_NOISE = { noise = 50.0 }
";

fn world() -> World {
    let mut world = World::local();
    std::fs::create_dir(world.path("rules.d")).unwrap();
    world.write_private("rules.d/test.toml", RULES);
    let rules_dir = world.path("rules.d").display().to_string();
    world.set("rules_dir", rules_dir);
    world
}

fn own_mail() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mail").display().to_string()
}

/// So many mails with this label and text as JSON Lines.
fn lines(label: &str, text: &str, many: usize) -> String {
    let line = |number| {
        let id = format!("{label}-{number}");
        json!({"id": id, "label": label, "lang": "en", "subject": "s", "body": text}).to_string()
    };
    (0..many).map(|number| line(number) + "\n").collect()
}

/// 30 rejections, one of which is not seen, and 41 others, one of which is taken for one.
fn labelled(world: &World) {
    let all = [
        lines("rejected", "It is xnox.", 29),
        lines("rejection", "It is xnoisex.", 1),
        lines("noise", "It is xnoisex.", 39),
        lines("other_job", "It is xnoisex.", 1),
        lines("received", "It is xnox.", 1),
    ];
    world.write_private("mine.jsonl", &all.concat());
    let aside = [lines("rejected", "Secretly xnox.", 3), lines("other", "Secretly xnox.", 1)];
    world.write_private("aside.jsonl", &aside.concat());
}

#[test]
fn the_projects_own_mail_is_measured_without_a_mistake() {
    let world = World::local();
    let measured = world.cli(&["rules", "eval", &own_mail(), "--json"]).ok().one();
    let figures = &measured["figures"];
    assert!(figures["mails"].as_u64() >= Some(60), "{figures}");
    assert!(figures["opened"]["of"].as_u64() >= Some(20), "{figures}");
    assert_eq!(figures["opened"]["count"], figures["opened"]["of"]);
    assert_eq!(figures["others_opened"]["count"], 0);
    assert_eq!(figures["confusion"]["unclear"].as_object().map(|it| it.len()), Some(1));
    assert_eq!(figures["sources"][0]["name"], "mail");
    assert_eq!(measured["errors"], json!([]));
    assert_eq!(measured["apart"], Value::Null);
}

#[test]
fn the_figures_are_told_as_they_were_reviewed() {
    let world = world();
    labelled(&world);
    let ran = world.cli(&["rules", "eval", "mine.jsonl", "--errors", "--apart", "aside.jsonl"]);
    insta::assert_snapshot!(ran.ok().stdout);
}

#[test]
fn mail_that_was_put_aside_is_counted_and_never_shown() {
    let world = world();
    labelled(&world);
    let arguments = ["rules", "eval", "mine.jsonl", "--errors", "--apart", "aside.jsonl"];
    let json = world.cli(&[&arguments[..], &["--json"]].concat()).ok();
    let turned = ["rules", "eval", "aside.jsonl", "mine.jsonl", "--json"];
    let straight = ["rules", "eval", "mine.jsonl", "aside.jsonl", "--json"];
    let (turned, straight) = (world.cli(&turned).ok().stdout, world.cli(&straight).ok().stdout);
    assert_eq!(turned, straight, "the order of the files changes nothing");
    assert_eq!(json.one()["apart"]["others_opened"]["count"], 1);
    assert_eq!(json.one()["errors"].as_array().map(Vec::len), Some(2));
    for said in [json.stdout.clone(), world.cli(&arguments).ok().stdout] {
        assert!(said.contains("received-0"), "{said}");
        assert!(!said.contains("other-0") && !said.contains("Secretly"), "{said}");
    }
}

#[test]
fn labelled_mail_that_is_none_is_told_with_its_place() {
    let world = World::local();
    world.write_private("empty.jsonl", "\n");
    world.write_private("text.jsonl", &format!("{}Dear Max,\n", lines("noise", "x", 1)));
    world.write_private("label.jsonl", &lines("rejektion", "x", 1));
    world.write_private("none.jsonl", "{\"subject\": \"s\", \"body\": \"b\"}\n");
    world.write_private("body.jsonl", "{\"label\": \"noise\"}\n");
    world.write_private("raw.jsonl", "{\"label\": \"noise\", \"raw\": \"mails/1.eml\"}\n");
    world.write_private("list.jsonl", "[]\n");
    std::fs::create_dir_all(world.path("mails/rejectd")).unwrap();
    std::fs::create_dir_all(world.path("nothing")).unwrap();
    let mut text = String::new();
    for name in [
        "nowhere.jsonl",
        "empty.jsonl",
        "text.jsonl",
        "label.jsonl",
        "none.jsonl",
        "body.jsonl",
        "raw.jsonl",
        "list.jsonl",
        "mails",
        "nothing",
    ] {
        let ran = world.cli(&["rules", "eval", name]);
        assert_eq!((ran.status, ran.stdout.as_str()), (1, ""), "{ran:?}");
        text.push_str(&format!("$ regards rules eval {name}\n{}\n", ran.stderr));
    }
    insta::assert_snapshot!(text);
}

/// Rules of these tests whose weights are guesses, one of them the wrong way.
const GUESSED: &str = "
[decision]
upper = 0.95
lower = 0.4
needs = 'TEST_OURS'
tie = 0.3
start = { noise = 4.0 }
marked = { conditional = 0.0, negated = 0.0, quoted = 0.0, forwarded = 0.0 }
[[rule]]
symbol = 'TEST_OURS'
describe = 'A word of all mail about an application'
any = ['\\bxoursx\\b']
[[rule]]
symbol = 'TEST_HINT'
describe = 'A word that rejections have'
any = ['\\bxhintx\\b']
[[rule]]
symbol = 'TEST_WRONG'
describe = 'A word that only other mail has'
any = ['\\bxwrongx\\b']
[weights]
TEST_HINT = { rejected = 6.0, noise = -4.0 }
TEST_WRONG = { rejected = 2.0 }
";

/// Two sources in which the guesses can be seen to be right and wrong.
fn guessed() -> World {
    let world = world();
    world.write_private("rules.d/test.toml", GUESSED);
    let text = "It is xoursx and xhintx.";
    let one = [lines("rejected", text, 30), lines("noise", "It is xoursx and xwrongx.", 30)];
    world.write_private("one.jsonl", &one.concat());
    let two = [lines("rejected", text, 25), lines("other", "Is it xoursx and xwrongx?", 25)];
    world.write_private("two.jsonl", &two.concat());
    world
}

#[test]
fn fitted_weights_are_proposed_as_a_rule_file_that_can_be_used() {
    let world = guessed();
    let fit = ["rules", "fit", "one.jsonl", "two.jsonl"];
    let text = world.cli(&fit).ok().stdout;
    assert_eq!(text, world.cli(&fit).ok().stdout, "to the last byte");
    let file: toml::Table = toml::from_str(&text).unwrap();
    let weight = |symbol: &str| file["weights"][symbol]["rejected"].as_float().unwrap();
    assert!((0.0..2.0).contains(&weight("TEST_WRONG")), "{text}");
    assert!(text.contains("# was { rejected = 2.00 }"), "{text}");
    assert!(text.contains("fitted, left out") && text.contains("110 mails of 2 sources"), "{text}");

    let report = world.cli(&[&fit[..], &["--out", "fitted.toml"]].concat()).ok().stdout;
    assert!(report.contains("fitted, same mails") && !report.contains("[weights]"), "{report}");
    assert_eq!(std::fs::read_to_string(world.path("fitted.toml")).unwrap(), text);
    let again = world.cli(&[&fit[..], &["--out", "fitted.toml"]].concat());
    again.fails(1, "fitted.toml could not be written");
    std::fs::rename(world.path("fitted.toml"), world.path("rules.d/z-fitted.toml")).unwrap();
    world.cli(&["rules", "check"]).ok();
    let listed = world.cli(&["rules", "list", "--json"]).ok().json();
    let wrong = listed.iter().find(|rule| rule["symbol"] == "TEST_WRONG").expect("the rule");
    assert_eq!(wrong["weights"]["rejected"], json!(weight("TEST_WRONG")));
}

#[test]
fn a_fit_tells_its_figures_and_changes_no_file() {
    let world = guessed();
    let fit = ["rules", "fit", "one.jsonl", "two.jsonl", "--json"];
    let told = world.cli(&fit).ok().one();
    assert_eq!(told["before"]["mails"], 110);
    assert_eq!(told["left_out"]["mails"], 110);
    assert_eq!(told["after"]["others_opened"]["count"], 0);
    let brier = |which: &str| told[which]["brier"].as_f64().expect("a score");
    assert!(brier("after") < brier("before"), "{told}");
    assert!(brier("left_out") < brier("before"), "{told}");
    assert!(told["weights"]["TEST_WRONG"]["rejected"].is_number(), "{told}");
    let grouped = world.cli(&[&fit[..], &["--folds", "2", "--seed", "9"]].concat()).ok().one();
    assert_eq!(grouped["seed"], 9);
    assert_eq!(grouped["weights"], told["weights"], "folds judge the fit, they are not the fit");
    let alone = world.cli(&["rules", "fit", "one.jsonl", "--json"]).ok().one();
    assert_eq!(alone["left_out"], Value::Null);
    let rules = std::fs::read_to_string(world.path("rules.d/test.toml")).unwrap();
    assert_eq!(rules, GUESSED);
    assert_eq!(std::fs::read_dir(world.path("rules.d")).unwrap().count(), 1);
}

#[test]
fn dead_and_misleading_rules_are_shown() {
    let world = world();
    labelled(&world);
    world.write_private("more.jsonl", &lines("noise", "It is xnoisex.", 2));
    let dead = "[[rule]]\nsymbol = 'TEST_DEAD'\ndescribe = 'x'\nany = ['\\bxdeadx\\b']\n";
    let lies = "[[rule]]\nsymbol = 'TEST_LIES'\ndescribe = 'x'\nany = ['\\bxnoisex\\b']\n";
    let text = format!("{dead}{lies}[weights]\nTEST_LIES = {{ rejected = 1.0 }}\n");
    world.write_private("rules.d/more.toml", &text);
    let stats = ["rules", "stats", "mine.jsonl", "more.jsonl"];
    let listed = world.cli(&[&stats[..], &["--json"]].concat()).ok().json();
    let of = |symbol: &str| {
        let mut found = listed.iter().filter(|line| line["symbol"] == symbol);
        let first = found.next().expect("the symbol").clone();
        assert!(found.next().is_none(), "{symbol} twice");
        first
    };
    let no = of("TEST_NO");
    assert_eq!((&no["fires"], &no["right"]["count"]), (&json!(30), &json!(29)));
    assert_eq!(no["labels"], json!({"rejected": 29, "acknowledged": 1}));
    assert_eq!(no["odd"], json!(["one-source"]));
    assert_eq!(of("TEST_NOISE")["sources"], json!({"mine": 41, "more": 2}));
    assert_eq!(of("TEST_NOISE")["odd"], json!([]));
    assert_eq!(of("TEST_LIES")["odd"], json!(["misleads"]));
    assert_eq!(of("TEST_DEAD")["odd"], json!(["never-fires"]));
    let told = world.cli(&stats).ok().stdout;
    assert!(told.contains("TEST_NO  rejected +50.0, right in 29/30 96.7 %\n"), "{told}");
    assert!(told.contains("misleads: 1\n    TEST_LIES\n"), "{told}");
}

#[test]
fn verdicts_that_other_rules_change_are_listed() {
    let world = world();
    labelled(&world);
    // Takes the word for noise for a no: right once, wrong forty times.
    let other = RULES.replace("TEST_NOISE = { noise", "TEST_NOISE = { rejected");
    world.write_private("other.toml", &other);
    let diff = ["rules", "diff", "rules.d", "other.toml", "mine.jsonl"];
    let told = world.cli(&diff).ok().stdout;
    let last = told.lines().last().expect("a line");
    assert_eq!(last, "41 of 71 verdicts change: 1 for the better, 40 for the worse");
    let better = "better  mine rejection-0 (rejected): noise 0.000 → rejected 1.000";
    assert!(told.lines().any(|line| line == better), "{told}");
    assert_eq!(world.cli(&[&diff[..], &["--json"]].concat()).ok().json().len(), 41);
    let same = world.cli(&["rules", "diff", "rules.d", "rules.d/test.toml", "mine.jsonl"]);
    assert_eq!(same.ok().stdout, "0 of 71 verdicts change: 0 for the better, 0 for the worse\n");
    for shipped in ["shipped", "-"] {
        let told = world.cli(&["rules", "diff", shipped, "rules.d", "mine.jsonl"]).ok().stdout;
        assert!(told.ends_with("verdicts change: 29 for the better, 0 for the worse\n"), "{told}");
    }
    std::fs::create_dir(world.path("empty")).unwrap();
    for (rules, status, words) in [
        ("nowhere.toml", 1, "nowhere.toml: could not be read"),
        ("empty", 1, "empty: holds no rule file"),
        ("mine.jsonl", 78, "mine.jsonl:1:"),
    ] {
        world.cli(&["rules", "diff", "shipped", rules, "mine.jsonl"]).fails(status, words);
    }
}
