//! The part of `regards desk` about rejections that nobody can be answered to.

use super::print::{self, Style};
use super::{Done, day, out};
use crate::review::nobody::Nobody;

/// More are listed on demand: the desk is for what waits.
const SHOWN_MAX: usize = 5;

/// Tells of them below the drafts: all, or the latest.
pub(super) fn told(listed: &[Nobody], all: bool) -> Done {
    let Some(first) = listed.first() else { return Ok(()) };
    let shown = if all { listed.len() } else { SHOWN_MAX };
    out("\nNobody to write to (counted, not drafted):\n")?;
    listed.iter().take(shown).try_for_each(|it| out(&entry(it)))?;
    match listed.len().saturating_sub(shown) {
        0 => {}
        more => out(&format!("  and {more} more: regards desk --all\n"))?,
    }
    out(&format!("  `regards draft {} --to ADDRESS` writes anyway\n", first.message))
}

fn entry(it: &Nobody) -> String {
    let company = print::clean(it.company.as_deref().unwrap_or("unknown company"));
    let role = it.role.as_deref().map(|role| format!(", {}", print::clean(role)));
    let role = role.unwrap_or_default();
    let why = print::clean(&it.why);
    let why = match it.warning {
        Some(_) => print::paint(Style::Warning, &format!("! {why}"), print::colors()),
        None => why,
    };
    format!("  {}  {}  {company}{role}\n      {why}\n", it.message, day(it.received))
}
