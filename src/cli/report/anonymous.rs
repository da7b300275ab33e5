//! Names that say nothing, for a page that is shared with strangers.

use std::collections::BTreeMap;

use crate::model::answer::Theme;
use crate::stats::Facts;

/// What feedback is called that the user tagged with words of their own.
const OTHER: &str = "other";

/// Gives each company a number in the order in which it was first applied to, which later mail
/// does not change; leaves roles out, which name companies and places; keeps of the tags those
/// that everybody has.
pub(super) fn rename(facts: &mut Facts) {
    facts.applications.sort_by_key(|it| (it.no, it.opened_at));
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    for it in &mut facts.applications {
        it.names.role = None;
        if let Some(company) = &mut it.names.company {
            let next = numbers.len() + 1;
            let number = numbers.entry(company.trim().to_lowercase()).or_insert(next);
            *company = format!("Company {number}");
        }
    }
    for tag in facts.feedback.iter_mut().flat_map(|it| &mut it.tags) {
        if Theme::named(tag).is_none() {
            *tag = OTHER.to_owned();
        }
    }
}
