//! What holds drafts until somebody has looked, and what must not: a great deal of mail is
//! no event by itself. The other brakes have their stories elsewhere: a folder numbered anew
//! in `again`, a clock set back in `service`, a restored database in `journey::once`.

use std::fs;

use super::corrected::everything_is;
use crate::support::house::{House, Mail, newsletter, rejection};

fn no(n: i64) -> Mail {
    rejection(&format!("m-{n}"), &format!("Firm{n}"), "Engineer")
}

#[test]
fn a_first_start_on_a_full_inbox_brakes_nothing_and_drafts_only_what_is_new() {
    let house = House::new("1s");
    for n in 0..60 {
        house.deliver(&no(n).hours_ago(24 * 8 + 11 * n));
        house.deliver(&newsletter(&format!("n-{n}"), "Bulletin").hours_ago(13 * n));
    }
    // Three of an application spree, eight days ago in one hour; they are history.
    for n in 60..75 {
        house.deliver(&no(n).hours_ago(24 * 8));
    }
    house.deliver(&no(100).hours_ago(30));
    house.once();
    house.once();
    assert_eq!(house.on_desk("brake").len(), 0);
    assert_eq!(house.all_replies(), [("r1".into(), "drafted".into(), "Firm100".into())]);
    assert_eq!(house.counted("rejected"), 76);
}

#[test]
fn the_mail_of_a_long_week_end_brakes_nothing() {
    let house = House::new("1s");
    house.once();
    for n in 0..24 {
        house.deliver(&no(n).hours_ago(3 * n + 1));
    }
    house.once();
    house.once();
    assert_eq!(house.on_desk("brake").len(), 0);
    assert_eq!(house.desk().len(), 24);
}

#[test]
fn rules_that_suddenly_match_the_whole_inbox_draft_nothing_from_it() {
    let house = House::new("1s");
    for n in 0..30 {
        house.deliver(&newsletter(&format!("old-{n}"), &format!("Bulletin{n}")).hours_ago(n + 2));
    }
    house.once();
    assert_eq!((house.all_replies().len(), house.counted("noise")), (0, 30));
    fs::write(house.path("rules/own.toml"), everything_is("rejected")).unwrap();
    // What was read is not read again by itself; asked for, it makes figures and no drafts.
    house.once();
    house.ok(&["rescan", "--all"]);
    house.once();
    assert_eq!(house.all_replies(), []);
    // What comes in from now on is held as soon as it is many.
    for n in 0..15 {
        let mail = newsletter(&format!("new-{n}"), &format!("Gazette{n}"));
        house.deliver(&Mail { from: format!("Nora Berg <nora@gazette{n}.example>"), ..mail });
    }
    house.once();
    house.once();
    let brakes = house.on_desk("brake");
    assert_eq!(brakes.len(), 1, "{:?}", house.all_replies());
    assert_eq!(brakes[0]["what"], "many", "{brakes:?}");
    assert_eq!(house.desk(), [], "nothing of it comes onto the desk");
}
