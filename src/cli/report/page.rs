//! Facts to a page: which pictures there are, and what stands beside them.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::report::{Columns, Link, Node, Page, Picture, Rows, Sankey, Section, Table, Tone};
use crate::stats::course;
use crate::stats::flow::{self, Step};
use crate::stats::{self, Counted, Days, Facts, Figures, Period, Share};

/// More weeks than half a year's are shown as months.
const WEEKS_MAX: usize = 26;

/// The whole page.
pub(super) fn page(facts: &Facts, period: &Period, now: Timestamp) -> Page {
    let figures = stats::figures(facts, period, now);
    let flows = flow::flows(facts, period, now);
    let mut sections = vec![numbers(&figures)];
    if !flows.is_empty() {
        sections.push(funnel(&flows));
        sections.push(over_time(facts, period));
        sections.push(answers(facts, period, &figures.counted));
    }
    sections.extend(feedback(facts, period));
    sections.extend(applications(facts, period, now));
    Page {
        title: "A job search".to_owned(),
        subtitle: subtitle(facts, period, now),
        sections,
        closing: format!(
            "Made by regards on {} from the mail itself. This page loads nothing and runs nothing.",
            words(period.day(now))
        ),
    }
}

fn subtitle(facts: &Facts, period: &Period, now: Timestamp) -> String {
    let counted = || facts.applications.iter().filter(|it| period.holds(it.opened_at));
    let first = counted().map(|it| it.opened_at).min().map(|at| period.day(at));
    let Some(from) = period.since.or(first) else {
        return "No applications are known".to_owned();
    };
    let today = period.day(now);
    // A search that is over ended with the last that happened.
    let goes_on = counted().any(|it| flow::end(it, now) == Step::Open);
    let last = counted().map(|it| it.closed_at.max(it.last_heard_at).unwrap_or(it.opened_at));
    let end = last.max().filter(|_| !goes_on).map_or(today, |at| period.day(at));
    let to = period.until.unwrap_or(end).min(today);
    match from == to {
        true => words(from),
        false => format!("{} to {}", words(from), words(to)),
    }
}

fn words(day: Date) -> String {
    day.strftime("%-d %B %Y").to_string()
}

fn table(heading: &[&str], numbers_from: usize, rows: Vec<Vec<String>>) -> Table {
    let heading = heading.iter().map(|it| (*it).to_owned()).collect();
    Table { heading, rows, numbers_from }
}

fn numbers(figures: &Figures) -> Section {
    let counted = &figures.counted;
    let (applying, talks) = figures.silent_after.days();
    let unclear = stats::unclear_words(figures.unclear);
    let unclear = unclear.map(|it| format!(" {it}.")).unwrap_or_default();
    let share = |share: Option<Share>, of: &str| share.map(|it| it.words(of)).unwrap_or_default();
    let row =
        |name: &str, count: u64, share: String| vec![name.to_owned(), count.to_string(), share];
    let days = |name: &str, days: Option<Days>| {
        let it = days?;
        let middle = it.lower_quartile.zip(it.upper_quartile);
        let middle = middle.map(|(low, high)| format!(", the middle half {low} to {high}"));
        let of = format!("of {}{}", it.of, middle.unwrap_or_default());
        Some(vec![name.to_owned(), it.median.to_string(), of])
    };
    let mut rows = vec![
        row("Applications", counted.applications, String::new()),
        row("Answered", counted.answered, share(counted.answered_share, "")),
        row("Invited to talk", counted.invited, share(counted.invited_share, "")),
        row("Offered", counted.offered, share(counted.offered_share, "invited")),
        row("Rejected", counted.rejected, share(counted.rejected_share, "")),
        row("Rejected after talks", counted.rejected_after_talks, String::new()),
        row("No word for long", counted.silent, String::new()),
    ];
    rows.extend(days("Days to the first answer, median", counted.first_answer));
    rows.extend(days("Days to the rejection, median", counted.rejection));
    Section {
        name: "numbers",
        heading: "In numbers".to_owned(),
        note: format!(
            "Shares have their base beside them; below five there is none. In brackets the 95 % \
             interval where the base is small. No word for long: {applying} days after applying, \
             {talks} after talks.{unclear}"
        ),
        picture: None,
        table: table(&["What", "Count", "Share"], 1, rows),
    }
}

fn funnel(flows: &[(Step, Step, u64)]) -> Section {
    let mut steps: Vec<Step> = flows.iter().flat_map(|(from, to, _)| [*from, *to]).collect();
    steps.sort_unstable();
    steps.dedup();
    let last = steps.iter().map(|step| column(*step)).filter(|it| *it < LAST_COLUMN).max();
    let node = |step: &Step| Node {
        name: step.words().to_owned(),
        // Without offers the ends stand where they would be.
        column: column(*step).min(last.unwrap_or_default() + 1),
        tone: tone(*step),
    };
    let at = |step: &Step| steps.iter().position(|it| it == step).unwrap_or_default();
    let link =
        |(from, to, count): &(Step, Step, u64)| Link { from: at(from), to: at(to), count: *count };
    let sankey =
        Sankey { nodes: steps.iter().map(node).collect(), links: flows.iter().map(link).collect() };
    let row = |(from, to, count): &(Step, Step, u64)| {
        vec![from.words().to_owned(), to.words().to_owned(), count.to_string()]
    };
    Section {
        name: "funnel",
        heading: "Where the applications went".to_owned(),
        note: String::new(),
        picture: Some(Picture::Sankey(sankey)),
        table: table(&["From", "To", "Count"], 2, flows.iter().map(row).collect()),
    }
}

const LAST_COLUMN: usize = 3;

fn column(step: Step) -> usize {
    match step {
        Step::Applied => 0,
        Step::Talks => 1,
        Step::Offer => 2,
        Step::Accepted
        | Step::Declined
        | Step::Open
        | Step::Withdrawn
        | Step::Rejected
        | Step::Silent => LAST_COLUMN,
    }
}

fn tone(step: Step) -> Tone {
    match step {
        Step::Applied => Tone::Plain,
        Step::Talks | Step::Open => Tone::Going,
        Step::Offer | Step::Accepted => Tone::Good,
        Step::Rejected => Tone::Bad,
        Step::Declined | Step::Withdrawn | Step::Silent => Tone::Quiet,
    }
}

fn over_time(facts: &Facts, period: &Period) -> Section {
    let weeks = course::weeks(facts, period);
    let by_month = weeks.len() > WEEKS_MAX;
    let (steps, unit, format) = match by_month {
        true => (course::months(facts, period), "month", "%b %y"),
        false => (weeks, "week", "%-d %b"),
    };
    let label = |day: Date| day.strftime(format).to_string();
    let bars = steps.iter().map(|(day, all, part)| (label(*day), *all, *part)).collect();
    let full = if by_month { "%B %Y" } else { "Week of %-d %B %Y" };
    let row = |(day, all, part): &(Date, u64, u64)| {
        vec![day.strftime(full).to_string(), all.to_string(), part.to_string()]
    };
    Section {
        name: "applications-over-time",
        heading: format!("Applications by {unit}"),
        note: String::new(),
        picture: Some(Picture::Columns(Columns {
            bars,
            first: "applications".to_owned(),
            second: "of these answered since".to_owned(),
        })),
        table: table(
            &["When", "Applications", "Answered since"],
            1,
            steps.iter().map(row).collect(),
        ),
    }
}

fn answers(facts: &Facts, period: &Period, counted: &Counted) -> Section {
    let waits = flow::waits(facts, period);
    let known: u64 = waits.iter().map(|it| it.1).sum();
    let note = match counted.first_answer {
        Some(Days { median, .. }) => {
            let days = if median == 1 { "day" } else { "days" };
            format!(
                "Half of the {known} first answers whose time is known came within {median} {days}."
            )
        }
        None => "Of no answer both ends are known yet.".to_owned(),
    };
    let bars = waits.iter().map(|(words, answers, no)| ((*words).to_owned(), *answers, *no));
    let row = |(words, answers, no): &(&str, u64, u64)| {
        let within =
            if *words == "longer" { "Longer".to_owned() } else { format!("Within {words}") };
        vec![within, answers.to_string(), no.to_string()]
    };
    Section {
        name: "time-to-answer",
        heading: "How long the answers took".to_owned(),
        note,
        picture: Some(Picture::Columns(Columns {
            bars: bars.collect(),
            first: "first answers".to_owned(),
            second: "rejections".to_owned(),
        })),
        table: table(
            &["After applying", "First answers", "Rejections"],
            1,
            waits.iter().map(row).collect(),
        ),
    }
}

fn feedback(facts: &Facts, period: &Period) -> Option<Section> {
    let rows = course::themes(facts, period);
    let row = |(theme, count): &(String, u64)| vec![theme.clone(), count.to_string()];
    let table = table(&["Theme", "Answers"], 1, rows.iter().map(row).collect());
    (!rows.is_empty()).then(|| Section {
        name: "feedback",
        heading: "What feedback was about".to_owned(),
        note: "One answer may be about several themes.".to_owned(),
        picture: Some(Picture::Rows(Rows { rows })),
        table,
    })
}

fn applications(facts: &Facts, period: &Period, now: Timestamp) -> Option<Section> {
    let mut counted: Vec<_> =
        facts.applications.iter().filter(|it| period.holds(it.opened_at)).collect();
    counted.sort_by_key(|it| it.opened_at);
    let roles = counted.iter().any(|it| it.names.role.is_some());
    let heading: &[&str] = match roles {
        true => &["Company", "Role", "Since", "Where it stands"],
        false => &["Company", "Since", "Where it stands"],
    };
    let row = |it: &&stats::ApplicationFact| {
        let company = it.names.company.clone().unwrap_or_else(|| "not known".to_owned());
        let role = roles.then(|| it.names.role.clone().unwrap_or_default());
        let end = match flow::end(it, now) {
            Step::Open => it.stage.name(),
            end => end.words(),
        };
        let since = period.day(it.opened_at).to_string();
        [company].into_iter().chain(role).chain([since, end.to_lowercase()]).collect()
    };
    let rows: Vec<Vec<String>> = counted.iter().map(row).collect();
    (!rows.is_empty()).then(|| Section {
        name: "applications",
        heading: "The applications".to_owned(),
        note: String::new(),
        picture: None,
        table: table(heading, heading.len(), rows),
    })
}
