//! What the drafts say, and what the desk says to that.

use serde_json::Value;

use crate::support::house::{House, rejection};

fn shown(house: &House, reply: &str) -> Value {
    serde_json::from_str(&house.ok(&["show", reply, "--json"])).unwrap()
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
