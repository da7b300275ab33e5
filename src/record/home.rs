//! Which of the known applications a mail belongs to: how thread, links, number, employer,
//! role and time are weighed.

use jiff::SignedDuration;

use super::trace::Trace;
use super::{Candidate, concerns};
use crate::model::address::{Address, MessageId};
use crate::model::ids::ApplicationNo;
use crate::model::message::Direction;
use crate::model::verdict::{Decision, Kind};

const fn days(count: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * count)
}

/// An employer is applied to anew after a year; what closed longer ago is another story.
const CLOSED_LONG_AGO: SignedDuration = days(365);

/// So soon after its end an application is still written about: a second letter, an answer.
const JUST_ENDED: SignedDuration = days(14);

/// The confirmations of one application come together: the form's, the system's, a person's.
const CONFIRMED_WITHIN: SignedDuration = days(3);

/// One address confirms an application once; a copy comes soon.
const COPIED_WITHIN: SignedDuration = SignedDuration::from_hours(1);

/// A role that is confirmed once more this late was applied for once more.
const ROLE_CONFIRMED_WITHIN: SignedDuration = days(60);

/// News is rarely about what nothing was heard of for so long, when there is another.
const LONG_SILENT: SignedDuration = days(120);

/// A shorter word is borne by too many names and domains.
const WORD_MIN: usize = 4;

/// Where a mail belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Home {
    /// To this one.
    Known(ApplicationNo),
    /// To one that was not known.
    New,
    /// To one of these.
    Ambiguous(Vec<ApplicationNo>),
    /// To none.
    Nowhere,
}

/// Finds the application of a mail.
pub fn home(trace: &Trace, candidates: &[Candidate]) -> Home {
    if let Some(found) = by_thread(trace, candidates) {
        return one_of(found);
    }
    let may_begin = match trace.told.direction {
        Direction::Own => trace.told.begins,
        Direction::Incoming => concerns(trace.told.decision),
    };
    if !may_begin {
        return Home::Nowhere;
    }
    if let Some(one) = by_shared_thread(trace, candidates).or(by_tie(trace, candidates)) {
        return Home::Known(one.application.no);
    }
    let found = by_findings(trace, candidates);
    if found.is_empty() { Home::New } else { one_of(found) }
}

fn one_of(found: Vec<&Candidate>) -> Home {
    let mut numbers: Vec<_> = found.iter().map(|it| it.application.no).collect();
    numbers.sort_unstable();
    match numbers.as_slice() {
        [one] => Home::Known(*one),
        _ => Home::Ambiguous(numbers),
    }
}

/// In-Reply-To says more than References: a mail that was forwarded into a second
/// application's thread carries both.
fn by_thread<'a>(trace: &Trace, candidates: &'a [Candidate]) -> Option<Vec<&'a Candidate>> {
    [&trace.in_reply_to, &trace.references]
        .into_iter()
        .map(|ids| {
            let known = |it: &&Candidate| it.message_ids.iter().any(|known| ids.contains(known));
            candidates.iter().filter(known).collect::<Vec<_>>()
        })
        .find(|found| !found.is_empty())
}

/// The one whose mails answer the same mail, which nobody has, or answer this one.
fn by_shared_thread<'a>(trace: &Trace, candidates: &'a [Candidate]) -> Option<&'a Candidate> {
    let own = trace.message_id.iter();
    let ids: Vec<&MessageId> = own.chain(&trace.in_reply_to).chain(&trace.references).collect();
    let named =
        |it: &Trace| it.in_reply_to.iter().chain(&it.references).any(|named| ids.contains(&named));
    only(candidates.iter().filter(|it| it.traces.iter().any(named) && !it.contradicts(trace)))
}

/// The one whose mails link to the same application. A link that several have leads to
/// something else.
fn by_tie<'a>(trace: &Trace, candidates: &'a [Candidate]) -> Option<&'a Candidate> {
    let ties = &trace.told.ties;
    let tied = |it: &Trace| it.told.ties.iter().any(|tie| ties.contains(tie));
    only(candidates.iter().filter(|it| it.traces.iter().any(tied) && !it.other_number(trace)))
}

fn only<'a>(mut found: impl Iterator<Item = &'a Candidate>) -> Option<&'a Candidate> {
    found.next().filter(|_| found.next().is_none())
}

fn by_findings<'a>(trace: &Trace, candidates: &'a [Candidate]) -> Vec<&'a Candidate> {
    let told = &trace.told;
    let recent: Vec<&Candidate> =
        candidates.iter().filter(|it| !it.is_another_story(trace)).collect();
    // A number is the employer's own: it never leads to another employer.
    let same_number: Vec<_> = recent
        .iter()
        .copied()
        .filter(|it| {
            told.reference.as_ref().is_some_and(|number| it.references().contains(&number))
        })
        .filter(|it| it.employer(trace) != Employer::Other)
        .collect();
    if !same_number.is_empty() {
        return narrowed(same_number, trace);
    }
    let employers: Vec<(&Candidate, Employer)> = recent
        .into_iter()
        .filter(|it| !it.other_number(trace))
        .map(|it| (it, it.employer(trace)))
        .collect();
    let of = |wanted: Employer| -> Vec<&Candidate> {
        employers.iter().filter(|(_, is)| *is == wanted).map(|(it, _)| *it).collect()
    };
    let mut at_company = of(Employer::Same);
    if at_company.is_empty() {
        at_company = of(Employer::Like);
        at_company.retain(|it| told.role.as_ref().is_some_and(|role| it.roles().contains(&role)));
    }
    at_company.retain(|it| !it.other_role(trace));
    let same_role =
        |it: &Candidate| told.role.as_ref().is_some_and(|role| it.roles().contains(&role));
    let open = |it: &Candidate| it.application.stage.is_open();
    let lately = |it: &Candidate| trace.at.duration_since(it.application.last_at) < JUST_ENDED;
    // One that ended long ago gives way to an open one that may be for this role.
    for fits in [
        &(|it: &Candidate| same_role(it) && (open(it) || lately(it)))
            as &dyn Fn(&Candidate) -> bool,
        &open,
        &same_role,
    ] {
        let found: Vec<_> = at_company.iter().copied().filter(|it| fits(it)).collect();
        if !found.is_empty() {
            return narrowed(found, trace);
        }
    }
    narrowed(at_company, trace)
}

/// The likelier ones among several, where there are any: the open ones, those that the same
/// person wrote in, those that were heard of lately.
fn narrowed<'a>(mut found: Vec<&'a Candidate>, trace: &Trace) -> Vec<&'a Candidate> {
    let open = |it: &Candidate| it.application.stage.is_open();
    let known = |it: &Candidate| it.knows_writer(trace);
    let lately = |it: &Candidate| trace.at.duration_since(it.application.last_at) < LONG_SILENT;
    for likelier in [&open as &dyn Fn(&Candidate) -> bool, &known, &lately] {
        let better: Vec<_> = found.iter().copied().filter(|it| likelier(it)).collect();
        if !better.is_empty() {
            found = better;
        }
    }
    found
}

/// What two mails say about their employers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Employer {
    Same,
    /// One name begins with the other: a brand, a department, or somebody else.
    Like,
    Unknown,
    Other,
}

impl Candidate {
    fn of_all<'a>(
        &'a self,
        tell: fn(&'a Trace) -> Option<&'a String>,
    ) -> impl Iterator<Item = &'a String> {
        self.traces.iter().filter_map(tell)
    }

    fn companies(&self) -> Vec<&String> {
        let [company, _, _] = &self.names;
        company.iter().chain(self.of_all(|it| it.told.company.as_ref())).collect()
    }

    fn roles(&self) -> Vec<&String> {
        let [_, role, _] = &self.names;
        role.iter().chain(self.of_all(|it| it.told.role.as_ref())).collect()
    }

    fn references(&self) -> Vec<&String> {
        let [_, _, number] = &self.names;
        number.iter().chain(self.of_all(|it| it.told.reference.as_ref())).collect()
    }

    fn other_role(&self, trace: &Trace) -> bool {
        differs(&self.roles(), trace.told.role.as_ref())
    }

    fn other_number(&self, trace: &Trace) -> bool {
        differs(&self.references(), trace.told.reference.as_ref())
    }

    fn contradicts(&self, trace: &Trace) -> bool {
        self.other_role(trace)
            || self.other_number(trace)
            || self.employer(trace) == Employer::Other
    }

    /// Addresses of people and offices of the employer, or of the agency.
    fn addresses(&self) -> impl Iterator<Item = &Address> {
        let own_house = self.traces.iter().filter(|it| !it.told.system);
        own_house.filter_map(|it| it.told.address.as_ref())
    }

    fn knows_writer(&self, trace: &Trace) -> bool {
        let Some(writer) = trace.told.address.as_ref().filter(|_| !trace.told.system) else {
            return false;
        };
        self.addresses().any(|it| it.same_mailbox(writer))
    }

    fn employer(&self, trace: &Trace) -> Employer {
        let companies = self.companies();
        let told = trace.told.company.as_ref();
        let house = trace.told.house.as_ref();
        // A system writes in the name that the applicant knows, whatever the firm calls itself
        // in the text. Two such names say nothing: it may be the system's own.
        let wrote_as = |told| self.of_all(|it| it.told.house.as_ref()).any(|house| house == told);
        if [told, house].into_iter().flatten().any(|name| companies.contains(&name))
            || told.is_some_and(wrote_as)
        {
            return Employer::Same;
        }
        let domain = trace.told.address.as_ref().filter(|_| !trace.told.system);
        let domain = domain.map(Address::domain);
        // Whatever it calls itself, it is the house whose name the domain bears.
        let writes_from_there =
            domain.is_some_and(|domain| companies.iter().any(|name| bears(domain, name)));
        let wrote_from_there =
            told.is_some_and(|told| self.addresses().any(|it| bears(it.domain(), told)));
        if writes_from_there || wrote_from_there || told.is_none() && self.knows_writer(trace) {
            return Employer::Same;
        }
        match told {
            None => Employer::Unknown,
            Some(_) if companies.is_empty() => Employer::Unknown,
            Some(told) if companies.iter().any(|it| alike(it, told)) => Employer::Like,
            Some(_) => Employer::Other,
        }
    }

    /// The mail tells of another application to this employer: an earlier one has ended, or
    /// was confirmed already.
    fn is_another_story(&self, trace: &Trace) -> bool {
        let since_last = trace.at.duration_since(self.application.last_at);
        let closed = !self.application.stage.is_open();
        if begins(trace) {
            let confirmed = self
                .traces
                .iter()
                .rfind(|it| is_confirmation(it) == is_confirmation(trace) && begins(it));
            let again = confirmed.is_some_and(|it| self.begins_again(it, trace));
            return again
                || closed && (confirmed.is_some() || since_last > CONFIRMED_WITHIN)
                || since_last > ROLE_CONFIRMED_WITHIN;
        }
        closed && since_last > CLOSED_LONG_AGO
    }

    /// Of a role that is named, until nothing was heard for long; else until the other
    /// confirmations of the same application must have come.
    fn begins_again(&self, confirmed: &Trace, trace: &Trace) -> bool {
        let same_role = trace.told.role.as_ref().is_some_and(|role| self.roles().contains(&role));
        if same_role {
            return trace.at.duration_since(self.application.last_at) > ROLE_CONFIRMED_WITHIN;
        }
        let one_address = confirmed.told.address.is_some()
            && confirmed.told.address == trace.told.address
            && is_confirmation(trace);
        let within = if one_address { COPIED_WITHIN } else { CONFIRMED_WITHIN };
        trace.at.duration_since(confirmed.at).abs() > within
    }
}

/// An application that is sent, or confirmed as received.
fn begins(trace: &Trace) -> bool {
    trace.told.begins || is_confirmation(trace)
}

fn is_confirmation(trace: &Trace) -> bool {
    trace.told.direction == Direction::Incoming
        && trace.told.decision == Some(Decision::Sure(Kind::Acknowledged))
}

/// Something is known, and it is not this.
fn differs(known: &[&String], told: Option<&String>) -> bool {
    told.is_some_and(|told| !known.is_empty() && !known.contains(&told))
}

/// `Firm` and `Firm Labs`.
fn alike(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() < other.len() { (one, other) } else { (other, one) };
    short.len() >= WORD_MIN && long.strip_prefix(short).is_some_and(|rest| rest.starts_with(' '))
}

/// The domain is named after the company: `firmlabs.example` and `firm.example` after Firm
/// Labs, `firm-jobs.example` after Firm; `firm10.example` is not named after Firm 1.
fn bears(domain: &str, company: &str) -> bool {
    // Both names begin alike, or they are not alike: asked of all pairs, this comes first.
    let first = company.chars().next();
    if !domain.split('.').any(|label| label.chars().next() == first) {
        return false;
    }
    let begins_with = |words: &[&str], whole: &str| {
        whole.len() >= WORD_MIN
            && (1..=words.len())
                .any(|end| words.get(..end).is_some_and(|words| words.concat() == whole))
    };
    let name: Vec<&str> = company.split(' ').collect();
    let whole = name.concat();
    let mut labels: Vec<&str> = domain.split('.').collect();
    labels.pop();
    labels.iter().any(|label| {
        let parts: Vec<&str> = label.split('-').collect();
        begins_with(&name, &parts.concat()) || begins_with(&parts, &whole) || *label == whole
    })
}

#[cfg(test)]
mod tests {
    use super::{alike, bears};

    #[test]
    fn a_domain_bears_the_name_of_its_house_and_of_no_other() {
        for (domain, name) in [
            ("firmlabs.example", "firm labs"),
            ("mail.firm.example", "firm labs"),
            ("firm-jobs.example", "firm"),
            ("hp.example", "hp"),
        ] {
            assert!(bears(domain, name), "{domain} {name}");
        }
        for (domain, name) in [
            ("firm10.example", "firm1"),
            ("firm1.example", "firm10"),
            ("firmament.example", "firm"),
            ("the.example", "the firm"),
            ("other.example", "firm"),
        ] {
            assert!(!bears(domain, name), "{domain} {name}");
        }
        assert!(alike("firm", "firm labs") && !alike("firm", "firmament"));
    }
}
