//! The screen at three widths, looked at.

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::*;
use crate::model::application::{Closing, Stage};
use crate::model::message::Direction;
use crate::model::verdict::{Decision, Kind};
use crate::stats::{ApplicationFact, Event, MessageFact, Names};

fn day(number: i64) -> Timestamp {
    "2026-09-01T12:00:00Z".parse::<Timestamp>().expect("a time")
        + SignedDuration::from_hours(24 * number)
}

/// An application with these answers: kind, days after the first of September.
fn application(at: usize, opened: i64, answers: &[(Kind, i64)]) -> ApplicationFact {
    let event = |(kind, on): &(Kind, i64)| Event {
        at: day(*on),
        direction: Direction::Incoming,
        decision: Some(Decision::Sure(*kind)),
    };
    let begun = [(Kind::Acknowledged, opened)];
    let events: Vec<Event> = begun.iter().chain(answers).map(event).collect();
    let stage = |stage: &Stage, kind: Kind| match stage.after(kind, None) {
        crate::model::application::Move::To(next) => next,
        _ => *stage,
    };
    let mut stages = vec![Stage::Applied];
    for (kind, _) in begun.iter().chain(answers) {
        stages.push(stages.last().map_or(Stage::Applied, |last| stage(last, *kind)));
    }
    let fact = ApplicationFact::of(&stages, &events).expect("messages");
    let company = ["Lindgren & Co", "Harbor", "Берг", "日本テスト株式会社", "Dorn\u{1b}[2J AG"];
    let names = Names {
        company: company.get(at % company.len()).map(|it| (*it).to_owned()),
        role: Some("Data Engineer with a rather long title (m/f/d) and more words".to_owned()),
        ..Names::default()
    };
    ApplicationFact { names, ..fact }
}

/// Twelve weeks of a search, seen on 25 November 2026.
fn search() -> Facts {
    let mut applications = Vec::new();
    for at in 0..30usize {
        let opened = i64::try_from(at).unwrap_or_default() * 3 - 3;
        let answers: &[(Kind, i64)] = match at % 6 {
            0 => &[(Kind::Rejected, 7)],
            1 => &[(Kind::Invited, 5), (Kind::Rejected, 16)],
            2 => &[(Kind::Rejected, 20)],
            _ => &[],
        };
        let answers: Vec<(Kind, i64)> = answers.iter().map(|(k, on)| (*k, opened + on)).collect();
        applications.push(application(at, opened, &answers));
    }
    applications.push(application(1, 40, &[(Kind::Invited, 50), (Kind::Offered, 70)]));
    let offer = ApplicationFact {
        stage: Stage::Closed(Closing::Accepted),
        ..application(3, 30, &[(Kind::Invited, 60), (Kind::Offered, 80)])
    };
    applications.push(offer);
    let said =
        [(Kind::Invited, 62), (Kind::Rejected, 63), (Kind::Offered, 80), (Kind::Rejected, 83)];
    let messages =
        said.map(|(kind, on)| MessageFact { at: day(on), decision: Decision::Sure(kind) }).to_vec();
    Facts { applications, messages, goal: Some(3), ..Facts::default() }
}

fn screen_at(width: usize, look: Look) -> String {
    let (facts, period) = (search(), Period::all(TimeZone::UTC));
    let figures = stats::figures(&facts, &period, day(85));
    screen(&facts, &figures, &period, day(85), (width, look))
}

#[test]
fn the_screen_is_as_it_was_looked_at() {
    for width in [60, 80, 200] {
        insta::assert_snapshot!(format!("screen_{width}"), screen_at(width, Look::Drawn));
    }
    insta::assert_snapshot!("screen_plain", screen_at(80, Look::Plain));
}

#[test]
fn weeks_before_the_period_are_not_shown_and_this_week_only_when_it_is_in_it() {
    let facts = search();
    let since = |day: &str| {
        let since = day.parse().ok();
        Period { since, ..Period::all(TimeZone::UTC) }
    };
    let told = |period: &Period, look: Look| {
        let figures = stats::figures(&facts, period, day(85));
        screen(&facts, &figures, period, day(85), (80, look))
    };
    // A Thursday: its week is touched.
    let period = since("2026-11-12");
    let plain = told(&period, Look::Plain);
    let (_, weeks) = plain
        .split_once(
            "Applications a week
",
        )
        .expect("weeks");
    let weeks: Vec<&str> = weeks.lines().take_while(|it| !it.is_empty()).collect();
    assert_eq!(weeks.len(), 3, "{plain}");
    assert!(weeks.iter().all(|it| it.contains("Nov")) && weeks[0].contains(" 9 Nov"), "{plain}");
    assert!(!told(&period, Look::Drawn).contains(" 2 Nov"));
    assert!(plain.contains("This week"), "{plain}");
    let until = Period { until: "2026-10-31".parse().ok(), ..Period::all(TimeZone::UTC) };
    assert!(!told(&until, Look::Plain).contains("This week"));
}

#[test]
fn mail_that_is_counted_with_none_is_told() {
    let mut facts = search();
    let told = |facts: &Facts| {
        let period = Period::all(TimeZone::UTC);
        let figures = stats::figures(facts, &period, day(85));
        screen(facts, &figures, &period, day(85), (200, Look::Drawn))
    };
    assert!(!told(&facts).contains("--unclear"));
    facts.unclear = vec![day(3)];
    let one = told(&facts);
    assert!(one.contains("1 mail fits several applications and is counted with none"), "{one}");
    facts.unclear = vec![day(3); 31];
    let many = told(&facts);
    assert!(many.contains("31 mails fit several applications and are counted with none"), "{many}");
    assert!(many.contains("  → regards applications --unclear"), "{many}");
}

#[test]
fn no_line_is_wider_than_the_terminal_and_colour_adds_no_words() {
    for width in [60, 70, 80, 100, 120, 160, 200] {
        let drawn = screen_at(width, Look::Drawn);
        for line in drawn.lines() {
            assert!(print::columns(line) <= width, "{width}: {line}");
        }
        assert!(!drawn.contains('\u{1b}'));
        let mut coloured = screen_at(width, Look::Coloured);
        assert!(coloured.contains('\u{1b}'));
        for code in [0, 1, 2, 31, 32, 33] {
            coloured = coloured.replace(&format!("\u{1b}[{code}m"), "");
        }
        let trimmed =
            |text: &str| text.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>();
        assert_eq!(trimmed(&coloured), trimmed(&drawn), "{width}");
    }
}

#[test]
fn plain_words_hold_nothing_that_is_drawn() {
    let plain = screen_at(80, Look::Plain);
    assert!(!plain.contains(['\u{1b}', '▇']), "{plain}");
    assert!(plain.contains("20 Nov              1 offered"), "{plain}");
}
