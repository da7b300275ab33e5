//! The screen of `regards stats`: the figures, and how the search went: a month, the last
//! weeks, the longest silences. Beside each other where there is room; in words only where
//! nothing may be drawn.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{Span, Timestamp};

use super::print::{self, Style};
use crate::stats::course::{self, DayEvents};
use crate::stats::{self, Facts, Figures, Look, Period, Silence};

/// As many weeks as a calendar of a month has lines.
const WEEKS: i32 = 8;

/// The longest bar of a week.
const BAR_MAX_COLUMNS: u64 = 20;

/// A day of the calendar: its number, a mark, two blanks.
const DAY_COLUMNS: usize = 5;
const CALENDAR_COLUMNS: usize = 7 * DAY_COLUMNS - 2;

/// The day of a week's Monday, its bar, its number.
const WEEK_COLUMNS: usize = 8 + 20 + 6;

const GAP_COLUMNS: usize = 4;

/// The figures with their bars; beside them the rest fits when there is as much again.
const FIGURES_COLUMNS: usize = 86;

/// A block of text: its lines with their columns, paint not counted.
type Block = Vec<(String, usize)>;

/// The whole screen for a terminal of so many columns.
pub(super) fn screen(
    facts: &Facts,
    figures: &Figures,
    period: &Period,
    now: Timestamp,
    (width, look): (usize, Look),
) -> String {
    let screen = Screen { facts, period, width, look };
    let today = period.day(now);
    let last = period.until.map_or(today, |until| until.min(today));
    if figures.counted.applications == 0 {
        return stats::render_text(figures, width, look);
    }
    if look == Look::Plain {
        let text = stats::render_text(figures, width, look);
        return text + &screen.words(last) + &screen.silences(&figures.silences);
    }
    let calendar = screen.calendar(last);
    let beside = CALENDAR_COLUMNS + GAP_COLUMNS + WEEK_COLUMNS;
    let weeks = screen.bars(&screen.weeks(last));
    let silences = lines(&screen.silences(&figures.silences));
    if width >= FIGURES_COLUMNS + GAP_COLUMNS + beside {
        let figures = lines(&stats::render_text(figures, FIGURES_COLUMNS, look));
        let course = below(side_by_side(calendar, weeks), silences);
        return joined(side_by_side(figures, course));
    }
    let figures = stats::render_text(figures, width, look);
    let course =
        if width >= beside { side_by_side(calendar, weeks) } else { below(calendar, weeks) };
    format!("{figures}\n{}", joined(below(course, silences)))
}

struct Screen<'a> {
    facts: &'a Facts,
    period: &'a Period,
    width: usize,
    look: Look,
}

impl Screen<'_> {
    fn paint(&self, style: Style, text: &str) -> String {
        print::paint(style, text, self.look == Look::Coloured)
    }

    fn days_of_month(&self, month: Date) -> BTreeMap<Date, DayEvents> {
        let mut days = course::days(self.facts, self.period);
        days.retain(|day, _| day.first_of_month() == month.first_of_month());
        days
    }

    /// The month of a day; what was best on each day is its mark.
    fn calendar(&self, day: Date) -> Block {
        let days = self.days_of_month(day);
        let mut block = vec![self.heading(&day.strftime("%B %Y").to_string())];
        block.push(self.quiet("Mo   Tu   We   Th   Fr   Sa   Su"));
        let first = day.first_of_month();
        let before = usize::try_from(first.weekday().to_monday_zero_offset()).unwrap_or_default();
        let (mut line, mut columns) = (" ".repeat(before * DAY_COLUMNS), before * DAY_COLUMNS);
        for number in 1..=first.days_in_month() {
            let date = first.with().day(number).build().unwrap_or(first);
            let (style, mark) = mark(days.get(&date));
            let cell = format!("{number:>2}{mark}");
            line.push_str(&style.map_or(cell.clone(), |style| self.paint(style, &cell)));
            columns += cell.len();
            let sunday = date.weekday() == jiff::civil::Weekday::Sunday;
            if sunday || date == first.last_of_month() {
                block.push((std::mem::take(&mut line), std::mem::take(&mut columns)));
            } else {
                let blanks = DAY_COLUMNS - cell.len();
                line.push_str(&" ".repeat(blanks));
                columns += blanks;
            }
        }
        block.push(self.quiet("a applied   t invited to talk"));
        block.push(self.quiet("n a no      o an offer"));
        block
    }

    /// The last weeks up to the one of a day, as far as the period touches them: their Mondays
    /// and their applications.
    fn weeks(&self, last: Date) -> Vec<(Date, u64)> {
        let known: BTreeMap<Date, u64> = course::weeks(self.facts, self.period)
            .into_iter()
            .map(|(week, applications, _)| (week, applications))
            .collect();
        let monday = stats::monday(last);
        (0..WEEKS)
            .rev()
            .filter_map(|back| monday.checked_sub(Span::new().weeks(back)).ok())
            .filter(|week| self.period.since.is_none_or(|since| stats::monday(since) <= *week))
            .map(|week| (week, known.get(&week).copied().unwrap_or_default()))
            .collect()
    }

    fn bars(&self, weeks: &[(Date, u64)]) -> Block {
        let most = weeks.iter().map(|it| it.1).max().unwrap_or_default().max(1);
        // A bar is a count as long as that fits.
        let unit = |count: u64| {
            let columns =
                if most <= BAR_MAX_COLUMNS { count } else { count * BAR_MAX_COLUMNS / most };
            usize::try_from(columns).unwrap_or_default().max(usize::from(count > 0))
        };
        let mut block = vec![self.heading("Applications a week")];
        for (week, count) in weeks {
            let (day, number) = (week.strftime("%e %b").to_string(), count.to_string());
            let bar = "▇".repeat(unit(*count));
            let columns = day.len() + 2 + unit(*count) + 1 + number.len();
            block.push((format!("{day}  {} {number}", self.paint(Style::Good, &bar)), columns));
        }
        block
    }

    /// Calendar and weeks in words, for a pipe and for who hears them read out.
    fn words(&self, last: Date) -> String {
        let mut text = String::new();
        let days = self.days_of_month(last);
        if !days.is_empty() {
            text += &format!("\n{}\n", last.strftime("%B %Y"));
        }
        for (day, it) in days {
            let told = [
                (it.offered, "offered"),
                (it.invited, "invited to talk"),
                (it.applied, "applied"),
                (it.rejected, "rejected"),
            ];
            let told: Vec<String> = told
                .iter()
                .filter(|(count, _)| *count > 0)
                .map(|(count, what)| format!("{count} {what}"))
                .collect();
            text += &format!("  {:<20}{}\n", day.strftime("%e %b").to_string(), told.join(", "));
        }
        text += "\nApplications a week\n";
        for (week, count) in self.weeks(last) {
            text += &format!("  {:<20}{count:>5}\n", week.strftime("%e %b").to_string());
        }
        text
    }

    fn silences(&self, silences: &[Silence]) -> String {
        if silences.is_empty() {
            return String::new();
        }
        let room = ABOUT_COLUMNS.min(self.width.saturating_sub(DAYS_COLUMNS));
        let heading = self.paint(Style::Strong, "No word for the longest time");
        let mut text = format!("\n{heading}\n");
        for it in silences {
            let name = |name: &Option<String>| name.as_deref().map(print::clean);
            let company = name(&it.company).unwrap_or_else(|| "unknown company".to_owned());
            let role = name(&it.role).map(|role| format!(" · {role}")).unwrap_or_default();
            let about = print::fit(&format!("{company}{role}"), room);
            let days = print::counted(it.days.unsigned_abs(), "day");
            text += &format!("  {days:>8}  {about}\n");
        }
        text
    }

    fn heading(&self, text: &str) -> (String, usize) {
        (self.paint(Style::Strong, text), print::columns(text))
    }

    fn quiet(&self, text: &str) -> (String, usize) {
        (self.paint(Style::Quiet, text), print::columns(text))
    }
}

/// Company and role in a line, behind the days.
const ABOUT_COLUMNS: usize = 48;
const DAYS_COLUMNS: usize = 12;

/// What weighs most of a day.
fn mark(day: Option<&DayEvents>) -> (Option<Style>, &'static str) {
    match day {
        Some(day) if day.offered > 0 => (Some(Style::Good), "o"),
        Some(day) if day.invited > 0 => (Some(Style::Good), "t"),
        Some(day) if day.rejected > 0 => (Some(Style::Warning), "n"),
        Some(day) if day.applied > 0 => (Some(Style::Strong), "a"),
        _ => (None, ""),
    }
}

fn lines(text: &str) -> Block {
    text.lines().map(|line| (line.to_owned(), print::shown_columns(line))).collect()
}

fn below(mut upper: Block, lower: Block) -> Block {
    if !lower.is_empty() && lower.first().is_some_and(|(_, columns)| *columns > 0) {
        upper.push((String::new(), 0));
    }
    upper.extend(lower);
    upper
}

fn side_by_side(left: Block, right: Block) -> Block {
    let column = left.iter().map(|it| it.1).max().unwrap_or_default() + GAP_COLUMNS;
    let mut rows = Block::new();
    let (mut left, mut right) = (left.into_iter(), right.into_iter());
    loop {
        let (one, other) = (left.next(), right.next());
        if one.is_none() && other.is_none() {
            return rows;
        }
        let (text, columns) = one.unwrap_or_default();
        rows.push(match other.filter(|it| it.1 > 0) {
            Some((beside, wide)) => {
                (format!("{text}{:pad$}{beside}", "", pad = column - columns), column + wide)
            }
            None => (text, columns),
        });
    }
}

fn joined(block: Block) -> String {
    block.iter().map(|(line, _)| format!("{}\n", line.trim_end())).collect()
}

#[cfg(test)]
mod tests;
