//! Where a message belongs: found, new, or said to be unclear, never guessed.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use regards::model::address::{Mailbox, MessageId};
use regards::model::application::{Application, Closing, Move, Stage};
use regards::model::findings::{Findings, Found, Reason, System};
use regards::model::ids::ApplicationNo;
use regards::model::message::{Body, Direction, Header, Message};
use regards::model::verdict::{Decision, Kind, Verdict};
use regards::record::{
    self, Aliases, Candidate, NewApplication, Placement, Trace, company_key, role_key,
};

fn now() -> Timestamp {
    "2026-11-21T10:00:00Z".parse().unwrap()
}

fn no(number: i64) -> ApplicationNo {
    ApplicationNo::new(number).unwrap()
}

fn candidate(number: i64, company: &str, role: &str, stage: Stage) -> Candidate {
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let application = Application {
        no: no(number),
        company: some(company),
        role: some(role),
        reference: None,
        stage,
        opened_at: now(),
        last_at: now(),
    };
    let message_ids = vec![format!("mail{number}@firm.example").parse().unwrap()];
    known(application, message_ids)
}

fn known(application: Application, message_ids: Vec<MessageId>) -> Candidate {
    Candidate::new(application, message_ids, vec![], &Aliases::default())
}

/// The same application after a change to what is known of it.
fn changed(it: &Candidate, change: impl FnOnce(&mut Application)) -> Candidate {
    let mut application = it.application.clone();
    change(&mut application);
    known(application, it.message_ids.clone())
}

fn place(
    message: &Message,
    verdict: &Verdict,
    candidates: &[Candidate],
    at: Timestamp,
) -> Placement {
    record::place(message, verdict, candidates, &Aliases::default(), at)
}

fn message(in_reply_to: &[&str], references: &[&str]) -> Message {
    let ids =
        |ids: &[&str]| -> Vec<MessageId> { ids.iter().map(|it| it.parse().unwrap()).collect() };
    Message {
        direction: Direction::Incoming,
        header: Header {
            in_reply_to: ids(in_reply_to),
            references: ids(references),
            ..Header::default()
        },
        body: Body::default(),
        defects: vec![],
    }
}

fn verdict(kind: Kind, company: &str, role: &str, reference: &str) -> Verdict {
    let found = |text: &str| Some(Found::new(text.to_owned(), text)).filter(|_| !text.is_empty());
    Verdict {
        decision: Decision::Sure(kind),
        probability: 0.9,
        hits: vec![],
        language: None,
        findings: Findings {
            company: found(company),
            role: found(role),
            reference: found(reference),
            ..Findings::default()
        },
    }
}

const CLOSED: Move = Move::To(Stage::Closed(Closing::Rejected(None)));

#[test]
fn the_thread_decides_before_everything_else() {
    let known = [
        candidate(1, "Firm", "Cook", Stage::Applied),
        candidate(2, "Firm", "Waiter", Stage::Applied),
    ];
    let about_cook = verdict(Kind::Rejected, "Firm", "Cook", "");
    let place = |message: &Message| place(message, &about_cook, &known, now());
    assert_eq!(place(&message(&[], &[])), Placement::Known(no(1), CLOSED));
    assert_eq!(place(&message(&["mail2@firm.example"], &[])), Placement::Known(no(2), CLOSED));
    assert_eq!(place(&message(&[], &["mail2@firm.example"])), Placement::Known(no(2), CLOSED));
    let both = message(&["mail2@firm.example"], &["mail1@firm.example", "mail2@firm.example"]);
    assert_eq!(place(&both), Placement::Known(no(2), CLOSED));
    let two = message(&[], &["mail1@firm.example", "mail2@firm.example"]);
    assert_eq!(place(&two), Placement::Ambiguous(vec![no(1), no(2)]));
}

#[test]
fn a_reference_number_decides_before_names_but_not_for_another_employer() {
    let mut known = [
        candidate(1, "Firm", "Cook", Stage::Applied),
        candidate(2, "Firm", "Cook", Stage::Applied),
        candidate(3, "Other", "Cook", Stage::Applied),
    ];
    known[1] = changed(&known[1], |it| it.reference = Some("REQ-2026/17".into()));
    known[2] = changed(&known[2], |it| it.reference = Some("REQ-99".into()));
    let place = |company: &str, reference: &str| {
        place(
            &message(&[], &[]),
            &verdict(Kind::Rejected, company, "Cook", reference),
            &known,
            now(),
        )
    };
    assert_eq!(place("Firm", "req 2026 17"), Placement::Known(no(2), CLOSED));
    assert_eq!(place("", "REQ-2026/17"), Placement::Known(no(2), CLOSED));
    // Another number at the firm cannot be the one with number 17.
    assert_eq!(place("Firm", "REQ-99"), Placement::Known(no(1), CLOSED));
    assert_eq!(place("Firm", ""), Placement::Ambiguous(vec![no(1), no(2)]));
}

#[test]
fn two_roles_at_one_company_stay_two() {
    let known = [candidate(1, "Firm GmbH", "Cook (m/w/d)", Stage::Applied)];
    let place = |company: &str, role: &str| {
        place(&message(&[], &[]), &verdict(Kind::Rejected, company, role, ""), &known, now())
    };
    assert_eq!(place("FIRM", "cook"), Placement::Known(no(1), CLOSED));
    assert!(matches!(place("Firm", "Waiter"), Placement::New(_)));
    assert!(matches!(place("Firmament", "Cook"), Placement::New(_)));
    assert_eq!(place("Firm, Inc.", ""), Placement::Known(no(1), CLOSED));
}

#[test]
fn a_company_alone_is_enough_only_for_one_open_application() {
    let closed = Stage::Closed(Closing::Rejected(None));
    let known = [
        candidate(1, "Firm", "Cook", closed),
        candidate(2, "Firm", "Waiter", Stage::InTalks(1)),
        candidate(3, "Duo", "Cook", Stage::Applied),
        candidate(4, "Duo", "Waiter", Stage::Applied),
    ];
    let place = |company: &str| {
        place(&message(&[], &[]), &verdict(Kind::Rejected, company, "", ""), &known, now())
    };
    assert_eq!(place("Firm"), Placement::Known(no(2), CLOSED));
    assert_eq!(place("Duo"), Placement::Ambiguous(vec![no(3), no(4)]));
}

#[test]
fn what_closed_more_than_a_year_ago_is_another_story() {
    let old = candidate(1, "Firm", "Cook", Stage::Closed(Closing::Rejected(None)));
    let place = |candidate: &Candidate, message: &Message| {
        let verdict = verdict(Kind::Rejected, "Firm", "Cook", "");
        place(message, &verdict, std::slice::from_ref(candidate), now())
    };
    assert_eq!(place(&old, &message(&[], &[])), Placement::Known(no(1), Move::Stays));
    let old = changed(&old, |it| it.last_at = now() - SignedDuration::from_hours(24 * 366));
    assert!(matches!(place(&old, &message(&[], &[])), Placement::New(_)));
    let threaded = message(&["mail1@firm.example"], &[]);
    assert_eq!(place(&old, &threaded), Placement::Known(no(1), Move::Stays));
    let old = changed(&old, |it| it.stage = Stage::Applied);
    assert_eq!(place(&old, &message(&[], &[])), Placement::Known(no(1), CLOSED), "still open");
}

#[test]
fn a_rejection_of_which_nothing_is_known_begins_an_application_of_its_own() {
    let known = [candidate(1, "", "", Stage::Applied)];
    let mut verdict = verdict(Kind::Rejected, "", "", "");
    verdict.findings.reason = Some(Found::new(Reason::Filled, "filled"));
    let stage = Stage::Closed(Closing::Rejected(Some(Reason::Filled)));
    let new = NewApplication { company: None, role: None, reference: None, stage };
    assert_eq!(place(&message(&[], &[]), &verdict, &known, now()), Placement::New(new));
}

/// A mail of a tracking system that writes under this name.
fn from_system(name: &str, about: &Verdict) -> (Message, Verdict) {
    let address = "no-reply@system.example".parse().unwrap();
    let mut mail = message(&[], &[]);
    mail.header.from = vec![Mailbox::new(Some(name), address)];
    let system = System { name: "Hirewell".to_owned(), relays: false };
    let findings = Findings { system: Some(Found::new(system, "")), ..about.findings.clone() };
    (mail, Verdict { findings, ..about.clone() })
}

#[test]
fn a_system_writes_in_the_name_that_the_applicant_knows() {
    let known = [candidate(1, "Firm", "Cook", Stage::Applied)];
    let no_by_holding = verdict(Kind::Rejected, "Ostwind Holding", "Cook", "");
    let placed = |name: &str| {
        let (mail, verdict) = from_system(name, &no_by_holding);
        place(&mail, &verdict, &known, now())
    };
    assert_eq!(placed("Firm GmbH"), Placement::Known(no(1), CLOSED));
    assert!(matches!(placed("Hirewell"), Placement::New(_)));
    assert!(matches!(placed("Recruiting"), Placement::New(_)));
}

#[test]
fn one_address_confirms_an_application_once() {
    let received = verdict(Kind::Acknowledged, "Firm", "", "");
    let (mail, first) = from_system("Firm", &received);
    let aliases = Aliases::default();
    let trace = |at| Trace::of(&mail, Some(first.decision), &first.findings, &aliases, at);
    let mut known = candidate(1, "Firm", "Cook", Stage::Acknowledged);
    known.learn(trace(now()));
    let known = [known];
    let after = |hours| now() + SignedDuration::from_hours(hours);
    let copy = place(&mail, &first, &known, after(0));
    assert_eq!(copy, Placement::Known(no(1), Move::Stays));
    assert!(matches!(place(&mail, &first, &known, after(5)), Placement::New(_)));
    let by_person = place(&message(&[], &[]), &received, &known, after(5));
    assert_eq!(by_person, Placement::Known(no(1), Move::Stays));
}

#[test]
fn own_mail_and_noise_belong_by_thread_only() {
    let known = [candidate(1, "Firm", "Cook", Stage::Applied)];
    let mut own = message(&[], &[]);
    own.direction = Direction::Own;
    let about_firm = verdict(Kind::Rejected, "Firm", "Cook", "");
    assert_eq!(place(&own, &about_firm, &known, now()), Placement::Nowhere);
    own.header.in_reply_to = vec!["mail1@firm.example".parse().unwrap()];
    assert_eq!(place(&own, &about_firm, &known, now()), Placement::Known(no(1), Move::Stays));
    let noise = verdict(Kind::Noise, "Firm", "Cook", "");
    assert_eq!(place(&message(&[], &[]), &noise, &known, now()), Placement::Nowhere);
}

#[test]
fn what_is_unsure_moves_nothing() {
    let known = [candidate(1, "Firm", "Cook", Stage::InTalks(1))];
    let mut unsure = verdict(Kind::Rejected, "Firm", "Cook", "");
    unsure.decision = Decision::Unsure(Kind::Rejected);
    let placed = place(&message(&[], &[]), &unsure, &known, now());
    assert_eq!(placed, Placement::Known(no(1), Move::Stays));
    let placed = place(&message(&[], &[]), &unsure, &[], now());
    assert!(matches!(placed, Placement::New(new) if new.stage == Stage::Applied), "still open");
}

#[test]
fn names_are_compared_as_people_read_them() {
    for (one, other) in [
        ("Müller & Söhne GmbH & Co. KG", "MULLER SOHNE"),
        ("Booking.com B.V.", "Booking.com"),
        ("Crédit Générale S.A.", "credit generale"),
        ("Acme, Inc.", "ACME"),
        ("Siemens AG", "Siemens"),
        ("Allegro sp. z o.o.", "Allegro sp z o.o"),
        ("AG", "ag"),
    ] {
        assert_eq!(company_key(one), company_key(other), "{one} / {other}");
    }
    for (one, other) in [("Meta", "Metaverse"), ("Firm", "Firm Labs"), ("SE", "AG"), ("", "Firm")] {
        assert_ne!(company_key(one), company_key(other), "{one} / {other}");
    }
    assert_eq!(role_key("Software Engineer (m/w/d)"), role_key("software-engineer"));
    assert_eq!(role_key("Köchin (all genders"), role_key("kochin all genders"));
    assert_ne!(role_key("C Developer"), role_key("C++ Developer"));
    assert_ne!(role_key("Engineer (Berlin)"), role_key("Engineer (Paris)"));
    assert_eq!(role_key("Engineer (Job ID: R-10482)"), role_key("Engineer"));
    assert_ne!(role_key("Engineer (Level 2)"), role_key("Engineer"));
}

prop_compose! {
    fn any_candidate(number: i64)(
        company in prop::sample::select(vec!["", "Firm", "Firm GmbH", "Other"]),
        role in prop::sample::select(vec!["", "Cook", "Waiter"]),
        reference in prop::option::of(prop::sample::select(vec!["1", "2"])),
        open in any::<bool>(),
    ) -> Candidate {
        let stage = if open { Stage::Applied } else { Stage::Closed(Closing::Rejected(None)) };
        let candidate = candidate(number, company, role, stage);
        changed(&candidate, |it| it.reference = reference.map(str::to_owned))
    }
}

proptest! {
    #[test]
    fn the_order_of_candidates_decides_nothing_and_no_conflict_is_overlooked(
        one in any_candidate(1), two in any_candidate(2), three in any_candidate(3),
        company in prop::sample::select(vec!["", "FIRM", "Other AG"]),
        role in prop::sample::select(vec!["", "cook", "WAITER"]),
        reference in prop::sample::select(vec!["", "1", "2"]),
    ) {
        let told = verdict(Kind::Rejected, company, role, reference);
        let forwards = [one.clone(), two.clone(), three.clone()];
        let backwards = [three, two, one];
        let placed = place(&message(&[], &[]), &told, &forwards, now());
        prop_assert_eq!(&placed, &place(&message(&[], &[]), &told, &backwards, now()));
        let chosen: Vec<ApplicationNo> = match &placed {
            Placement::Known(number, _) => vec![*number],
            Placement::Ambiguous(numbers) => {
                prop_assert!(numbers.len() > 1);
                numbers.clone()
            }
            Placement::New(_) | Placement::Nowhere => vec![],
        };
        for number in chosen {
            let it = forwards.iter().find(|it| it.application.no == number).unwrap();
            let known = it.application.company.as_deref().map(company_key);
            if let (Some(known), false) = (known, company.is_empty()) {
                prop_assert_eq!(known, company_key(company));
            }
            if let (Some(known), false) = (&it.application.reference, reference.is_empty()) {
                prop_assert_eq!(known, reference);
            }
        }
    }
}
