//! Which verdicts differ between two rule sets.

use serde::Serialize;

use super::interval::rounded;
use super::{Judged, Truth};

/// A mail that is judged otherwise.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change<'a> {
    /// Where it comes from.
    pub source: &'a str,
    /// Its name there.
    pub id: &'a str,
    /// What it is.
    pub label: Truth,
    /// What it was taken for: a kind or `unsure`.
    pub old: &'static str,
    /// What it is taken for now.
    pub new: &'static str,
    /// P(rejected) then.
    pub old_probability: f64,
    /// P(rejected) now.
    pub new_probability: f64,
    /// It was right.
    pub was_right: bool,
    /// It is right.
    pub is_right: bool,
}

/// The mails with another decision; both are verdicts on the same mails in the same order.
pub fn changes<'a>(old: &'a [Judged], new: &[Judged]) -> Vec<Change<'a>> {
    let both = old.iter().zip(new).filter(|(old, new)| old.decision.word() != new.decision.word());
    both.map(|(old, new)| Change {
        source: &old.source,
        id: &old.id,
        label: old.truth,
        old: old.decision.word(),
        new: new.decision.word(),
        old_probability: rounded(old.probability),
        new_probability: rounded(new.probability),
        was_right: old.truth.agrees(old.decision),
        is_right: new.truth.agrees(new.decision),
    })
    .collect()
}
