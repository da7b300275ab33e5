//! Which hosts belong to one organisation, by the public suffix list.

use crate::model::address::Address;

/// Both are below the same registrable domain: `mail.firm.co.uk` and `jobs.firm.co.uk`.
pub(super) fn same(one: &Address, other: &Address) -> bool {
    of(one.domain()) == of(other.domain())
}

/// The registrable domain, else the host itself.
pub(super) fn of(domain: &str) -> &str {
    psl::domain_str(domain).unwrap_or(domain)
}
