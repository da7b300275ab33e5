//! Which application a message belongs to, and what it moves.
//!
//! By thread, else by reference number, else by company and role, else by a company with
//! one open application. Two that fit equally are said so, never guessed between.
//! Pure; it must not look anything up and never changes an application itself.

pub mod answer;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::model::address::MessageId;
use crate::model::application::{Application, Move, Stage};
use crate::model::findings::{Findings, Reached};
use crate::model::ids::ApplicationNo;
use crate::model::message::{Direction, Message};
use crate::model::verdict::{Decision, Kind, Verdict};

use jiff::{SignedDuration, Timestamp};

/// An employer is applied to anew after a year; what closed longer ago is another story.
const CLOSED_LONG_AGO: SignedDuration = SignedDuration::from_hours(365 * 24);

/// An application that the message may belong to.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// What is known of it.
    pub application: Application,
    /// The Message-IDs of its mails, both directions, drafts that were sent included.
    pub message_ids: Vec<MessageId>,
}

/// Where a message belongs.
#[derive(Debug, Clone, PartialEq)]
pub enum Placement {
    /// To this application, which it moves so.
    Known(ApplicationNo, Move),
    /// To one that was not known.
    New(NewApplication),
    /// To one of these; the user is asked.
    Ambiguous(Vec<ApplicationNo>),
    /// To none.
    Nowhere,
}

/// An application that begins with this message.
#[derive(Debug, Clone, PartialEq)]
pub struct NewApplication {
    /// The employer.
    pub company: Option<String>,
    /// The position.
    pub role: Option<String>,
    /// The employer's number.
    pub reference: Option<String>,
    /// How far it has come by this message.
    pub stage: Stage,
}

/// Places a message. `now` tells how long ago an application closed.
///
/// An unsure verdict is placed by its best guess but moves nothing: the user has not
/// answered yet.
pub fn place(
    message: &Message,
    verdict: &Verdict,
    candidates: &[Candidate],
    now: Timestamp,
) -> Placement {
    if let Some(found) = by_thread(message, candidates) {
        return known_or_ambiguous(&found, message, verdict);
    }
    let (Decision::Sure(kind) | Decision::Unsure(kind)) = verdict.decision;
    if message.direction == Direction::Own || !kind.concerns_application() {
        return Placement::Nowhere;
    }
    let recent: Vec<&Candidate> =
        candidates.iter().filter(|it| !closed_long_ago(&it.application, now)).collect();
    let found = by_findings(&verdict.findings, &recent);
    if found.is_empty() { new(verdict, kind) } else { known_or_ambiguous(&found, message, verdict) }
}

fn known_or_ambiguous(found: &[&Candidate], message: &Message, verdict: &Verdict) -> Placement {
    match found {
        [one] => {
            let moved = match (message.direction, verdict.decision) {
                (Direction::Incoming, Decision::Sure(kind)) => {
                    let reason = verdict.findings.reason.as_ref().map(|found| found.value);
                    one.application.stage.after(kind, reason)
                }
                (Direction::Own, _) | (_, Decision::Unsure(_)) => Move::Stays,
            };
            Placement::Known(one.application.no, moved)
        }
        several => {
            let mut numbers: Vec<_> = several.iter().map(|it| it.application.no).collect();
            numbers.sort_unstable();
            Placement::Ambiguous(numbers)
        }
    }
}

/// In-Reply-To says more than References: a mail that was forwarded into a second
/// application's thread carries both.
fn by_thread<'a>(message: &Message, candidates: &'a [Candidate]) -> Option<Vec<&'a Candidate>> {
    [&message.header.in_reply_to, &message.header.references]
        .into_iter()
        .map(|ids| {
            candidates
                .iter()
                .filter(|it| it.message_ids.iter().any(|known| ids.contains(known)))
                .collect::<Vec<_>>()
        })
        .find(|found| !found.is_empty())
}

fn by_findings<'a>(findings: &Findings, candidates: &[&'a Candidate]) -> Vec<&'a Candidate> {
    let company = findings.company.as_ref().map(|found| company_key(&found.value));
    let role = findings.role.as_ref().map(|found| role_key(&found.value));
    let reference = findings.reference.as_ref().map(|found| reference_key(&found.value));

    let conflicts = |known: Option<String>, told: &Option<String>| matches!((known, told), (Some(known), Some(told)) if known != *told);
    // A number is the employer's own: it never leads to another employer.
    let same_number: Vec<_> = candidates
        .iter()
        .copied()
        .filter(|it| reference.is_some() && reference_of(it) == reference)
        .filter(|it| !conflicts(company_of(it), &company))
        .collect();
    if !same_number.is_empty() {
        return narrowed(same_number);
    }
    let Some(company) = company.filter(|key| !key.is_empty()) else { return Vec::new() };
    let at_company: Vec<_> = candidates
        .iter()
        .copied()
        .filter(|it| company_of(it).as_ref() == Some(&company))
        .filter(|it| !conflicts(reference_of(it), &reference))
        .collect();
    if role.is_some() {
        let same_role: Vec<_> =
            at_company.iter().copied().filter(|it| role_of(it) == role).collect();
        if !same_role.is_empty() {
            return narrowed(same_role);
        }
    }
    narrowed(at_company.into_iter().filter(|it| !conflicts(role_of(it), &role)).collect())
}

/// The open ones among several, if there are any: news is rarely about what has ended.
fn narrowed(found: Vec<&Candidate>) -> Vec<&Candidate> {
    let open: Vec<_> = found.iter().copied().filter(|it| it.application.stage.is_open()).collect();
    if open.is_empty() { found } else { open }
}

fn closed_long_ago(application: &Application, now: Timestamp) -> bool {
    !application.stage.is_open() && now.duration_since(application.last_at) > CLOSED_LONG_AGO
}

fn new(verdict: &Verdict, kind: Kind) -> Placement {
    let findings = &verdict.findings;
    let begun = match findings.stage.as_ref().map(|found| found.value) {
        Some(Reached::Offer) => Stage::Offered,
        Some(Reached::Talks) => Stage::InTalks(1),
        Some(Reached::Applied) | None => Stage::Applied,
    };
    let reason = findings.reason.as_ref().map(|found| found.value);
    let stage = match (verdict.decision, Stage::Applied.after(kind, reason)) {
        (Decision::Sure(_), Move::To(stage)) => stage,
        (Decision::Sure(_) | Decision::Unsure(_), _) => begun,
    };
    let value = |found: &Option<crate::model::findings::Found<String>>| {
        found.as_ref().map(|found| found.value.clone())
    };
    Placement::New(NewApplication {
        company: value(&findings.company),
        role: value(&findings.role),
        reference: value(&findings.reference),
        stage,
    })
}

fn company_of(candidate: &Candidate) -> Option<String> {
    candidate.application.company.as_deref().map(company_key)
}

fn role_of(candidate: &Candidate) -> Option<String> {
    candidate.application.role.as_deref().map(role_key)
}

fn reference_of(candidate: &Candidate) -> Option<String> {
    candidate.application.reference.as_deref().map(reference_key)
}

/// Legal forms, folded, as they stand last in a name; a form of several words is split.
const LEGAL_FORMS: [&str; 40] = [
    "gmbh",
    "mbh",
    "ggmbh",
    "ag",
    "se",
    "kg",
    "kgaa",
    "ohg",
    "ug",
    "ev",
    "eg",
    "co",
    "inc",
    "incorporated",
    "corp",
    "corporation",
    "company",
    "ltd",
    "limited",
    "llc",
    "llp",
    "plc",
    "lp",
    "bv",
    "nv",
    "sa",
    "sas",
    "sarl",
    "srl",
    "spa",
    "sl",
    "ab",
    "as",
    "aps",
    "oy",
    "oyj",
    "kk",
    "pty",
    "pte",
    "zoo",
];

/// A company's name without case, accents, punctuation and legal form: `Müller & Söhne
/// GmbH & Co. KG` and `MUELLER + SOEHNE` do not meet (ü is not ue everywhere), `Müller
/// Söhne` and `Muller, Sohne AG` do. Whole words only: `Meta` is not `Metaverse`.
pub fn company_key(name: &str) -> String {
    // Forms written with dots: "B.V.", "S.A.", "z o.o.".
    let joined = name.replace('.', "");
    let mut words = folded_words(&joined.to_lowercase().replace("z oo", "zoo"));
    while words.len() > 1 && words.last().is_some_and(|last| LEGAL_FORMS.contains(&last.as_str())) {
        words.pop();
    }
    words.join(" ")
}

/// Marks of gender in German job titles, folded to single letters.
const GENDER_MARKS: [&str; 6] = ["m", "w", "d", "f", "x", "div"];

/// A role as its folded words, without `(m/w/d)` and the like.
pub fn role_key(name: &str) -> String {
    let outside = without_gender_brackets(name);
    // "C++" and "C#" are not "C".
    folded_words(&outside.replace("++", "pp").replace('#', "sharp")).join(" ")
}

fn without_gender_brackets(name: &str) -> String {
    let mut kept = String::with_capacity(name.len());
    let mut rest = name;
    while let Some((before, after)) = rest.split_once('(') {
        kept.push_str(before);
        let Some((inside, behind)) = after.split_once(')') else {
            rest = after;
            break;
        };
        let words = folded_words(inside);
        if !words.iter().all(|word| GENDER_MARKS.contains(&word.as_str())) {
            kept.push(' ');
            kept.push_str(inside);
            kept.push(' ');
        }
        rest = behind;
    }
    kept.push_str(rest);
    kept
}

fn reference_key(number: &str) -> String {
    number.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Words of letters and digits, lower case, without accents.
fn folded_words(text: &str) -> Vec<String> {
    let folded: String =
        text.nfkd().filter(|c| !is_combining_mark(*c)).collect::<String>().to_lowercase();
    folded
        .replace('ß', "ss")
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}
