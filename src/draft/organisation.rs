//! Which hosts belong to one organisation, by the public suffix list.

use crate::model::address::Address;

/// Both are below the same registrable domain: `mail.firm.co.uk` and `jobs.firm.co.uk`.
pub(super) fn same(one: &Address, other: &Address) -> bool {
    of(one.domain()) == of(other.domain())
}

/// Two registrable domains that a hurried eye takes for one another: `firm.example` and
/// `f1rm.example`, `modern.example` and `rnodern.example`, `firm.example` and `fiirm.example`.
pub(super) fn look_alike(one: &Address, other: &Address) -> bool {
    let (one, other) = (of(one.domain()).to_lowercase(), of(other.domain()).to_lowercase());
    if one == other {
        return false;
    }
    let (one, other) = (skeleton(&one), skeleton(&other));
    let short = one.len().min(other.len()) < LOOK_ALIKE_MIN_BYTES;
    one == other || !short && strsim::damerau_levenshtein(&one, &other) == 1
}

/// In shorter names one letter makes another firm.
const LOOK_ALIKE_MIN_BYTES: usize = 10;

/// A domain with one letter for those that look alike, in whichever script, and without
/// hyphens.
fn skeleton(domain: &str) -> String {
    // Where a label cannot be decoded it stays as it is.
    let (letters, _) = idna::domain_to_unicode(domain);
    let domain: String = unicode_security::skeleton(&letters).collect();
    let domain = domain.replace("rn", "m").replace("vv", "w").replace('-', "");
    let alike = |c: char| match c {
        '0' => 'o',
        '1' | 'i' | '|' => 'l',
        '3' => 'e',
        '5' => 's',
        other => other,
    };
    domain.chars().map(alike).collect()
}

/// The registrable domain, else the host itself.
pub(super) fn of(domain: &str) -> &str {
    psl::domain_str(domain).unwrap_or(domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_that_look_alike_are_told_from_those_that_do_not() {
        let alike = |one: &str, other: &str| {
            let address = |domain: &str| format!("a@{domain}").parse().unwrap();
            look_alike(&address(one), &address(other))
        };
        for (one, other) in [
            ("lindgren.com", "l1ndgren.com"),
            ("modern-homes.com", "rnodernhomes.com"),
            ("mail.lindgren.com", "lindgrem.com"),
            ("lindgren.com", "lindgrenn.com"),
            ("lindgren.com", "lindgren.co"),
            // Two letters of another script, as they are registered.
            ("lindgren.com", "lіndgrеn.com"),
            ("apple-jobs.com", "аррӏе-jobs.com"),
            ("bücher.example", "bucher.example"),
        ] {
            assert!(alike(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("lindgren.com", "mail.lindgren.com"),
            ("lindgren.com", "lundberg.com"),
            ("abb.com", "abc.com"),
            ("ikea.com", "ikea.se"),
        ] {
            assert!(!alike(one, other), "{one} {other}");
        }
    }
}
