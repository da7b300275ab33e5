//! Figures as text for a terminal: calm, aligned, readable at 40 columns and by a screen
//! reader (without colour there are no drawings, only words and numbers).

use std::fmt::Write;

use super::{Counted, Days, Figures, Outcome, Patience, Replies, Share, Week};

/// How much may be drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Words and numbers only: for a pipe, and for who hears it read out.
    Plain,
    /// With bars, without colour.
    Drawn,
    /// With both.
    Coloured,
}

/// Longer bars say nothing more, shorter ones nothing at all.
const BAR_MAX_COLUMNS: usize = 20;
const BAR_MIN_COLUMNS: usize = 10;
const LABEL_COLUMNS: usize = 22;
/// A share with its base and its interval; behind it stands the bar.
const NOTE_COLUMNS: usize = 34;
/// Where bars begin: behind label, count and note.
const BAR_BEGINS: usize = LABEL_COLUMNS + 5 + 2 + NOTE_COLUMNS;

/// The counts of what replies brought.
const COUNTS_COLUMNS: usize = 34;

/// The figures for a terminal of `width` columns. A plain text has no escape and no block
/// character in it. Ends with a line end.
pub fn render_text(figures: &Figures, width: usize, look: Look) -> String {
    let mut page = Page { text: String::new(), width: width.max(LABEL_COLUMNS + 8), look };
    page.heading(&period(figures));
    if figures.counted.applications == 0 {
        page.line("  No applications yet.");
    } else {
        page.applications(&figures.counted, figures.silent_after);
        page.times(&figures.counted);
    }
    page.unclear(figures.unclear);
    page.week(&figures.week);
    page.replies(&figures.replies);
    page.outcomes("What your replies brought", &figures.outcomes.by_intent);
    page.messages(figures);
    page.text
}

/// What is said of mails that fit several applications; nothing where there is none.
pub fn unclear_words(count: u64) -> Option<String> {
    match count {
        0 => None,
        1 => Some("1 mail fits several applications and is counted with none".to_owned()),
        _ => Some(format!("{count} mails fit several applications and are counted with none")),
    }
}

fn period(figures: &Figures) -> String {
    match (figures.since, figures.until) {
        (Some(since), Some(until)) => format!("From {since} to {until}"),
        (Some(since), None) => format!("Since {since}"),
        (None, Some(until)) => format!("Until {until}"),
        (None, None) => "All that is known".to_owned(),
    }
}

/// What the sent replies brought, in every way in which it is counted.
pub fn render_replies(figures: &Figures, width: usize, look: Look) -> String {
    let mut page = Page { text: String::new(), width: width.max(LABEL_COLUMNS + 8), look };
    let known = figures.since.is_none() && figures.until.is_none();
    let when = if known { String::new() } else { format!(", {}", period(figures).to_lowercase()) };
    page.heading(&format!("What your replies brought{when}"));
    let outcomes = &figures.outcomes;
    if outcomes.by_intent.is_empty() {
        page.line("  No reply has been sent yet.");
    }
    for meaning in MEANINGS.iter().filter(|_| !outcomes.by_intent.is_empty()) {
        page.line(&format!("  {}", page.dim(meaning)));
    }
    page.outcomes("By what the reply was for", &outcomes.by_intent);
    page.outcomes("By how far the application had come", &outcomes.by_stage);
    page.outcomes("By the text that it was made of", &outcomes.by_template);
    page.outcomes("By when it left after the rejection", &outcomes.by_delay);
    page.text
}

/// What the columns count, none wider than a narrow terminal.
const MEANINGS: [&str; 4] = [
    "sent: it went out",
    "answered: a person wrote back",
    "feedback: they said why",
    "came back: it was not delivered",
];

/// Four numbers, or their heads, below each other.
fn counts([sent, answered, feedback, came_back]: [&str; 4]) -> String {
    format!("{sent:>5}{answered:>10}{feedback:>9}{came_back:>10}")
}

/// What settles a mail that fits several applications.
pub const UNCLEAR_HINT: &str = "→ regards applications --unclear";

struct Page {
    text: String,
    width: usize,
    look: Look,
}

impl Page {
    fn applications(&mut self, figures: &Counted, silent_after: Patience) {
        let part = |count: u64| Some(count * 100 / figures.applications.max(1));
        self.row("Applications", figures.applications, "", part(figures.applications));
        self.row("  confirmed", figures.acknowledged, "", part(figures.acknowledged));
        let note = |share: Option<Share>| share.map(|it| it.words("")).unwrap_or_default();
        let answered = note(figures.answered_share);
        self.row("  answered", figures.answered, &answered, part(figures.answered));
        let invited = note(figures.invited_share);
        self.row("  invited to talk", figures.invited, &invited, part(figures.invited));
        let offered = figures.offered_share.map(|it| it.words("invited"));
        let offered = offered.unwrap_or_default();
        self.row("  offered", figures.offered, &offered, part(figures.offered));
        let rejected = note(figures.rejected_share);
        self.row("  rejected", figures.rejected, &rejected, part(figures.rejected));
        if figures.rejected_after_talks > 0 {
            self.row("    after talks", figures.rejected_after_talks, "", None);
        }
        if figures.ended_by_user > 0 {
            self.row("  ended by you", figures.ended_by_user, "", None);
        }
        self.row("  open", figures.open, "", None);
        if figures.silent > 0 {
            let (applying, talks) = silent_after.days();
            let note = format!("no word for {applying} days, {talks} after talks");
            self.row("    silent", figures.silent, &note, None);
        }
    }

    fn times(&mut self, figures: &Counted) {
        if figures.first_answer.is_none() && figures.rejection.is_none() {
            return;
        }
        self.text.push('\n');
        self.heading("Half of them within");
        self.days("  first answer", figures.first_answer);
        self.days("  rejection", figures.rejection);
    }

    fn unclear(&mut self, count: u64) {
        let Some(words) = unclear_words(count) else { return };
        self.text.push('\n');
        // Whoever prints it folds what is too long.
        self.line(&words);
        self.line(&format!("  {}", self.dim(UNCLEAR_HINT)));
    }

    /// Said when there is something to be glad of or a goal; a week without is nobody's fault.
    fn week(&mut self, week: &Week) {
        if !week.counted || week.applications == 0 && week.goal.is_none() {
            return;
        }
        self.text.push('\n');
        self.heading("This week");
        let goal = week.goal.map(|goal| format!("of {goal}, your goal"));
        self.row("  applications", week.applications, goal.as_deref().unwrap_or_default(), None);
        if let Some(weeks) = week.in_a_row.filter(|weeks| *weeks > 1) {
            self.row("  weeks in a row", weeks, "with the goal reached", None);
        }
    }

    fn replies(&mut self, replies: &Replies) {
        let states = [
            ("to review", replies.drafted),
            ("approved", replies.approved),
            ("doubtful", replies.doubtful),
            ("sent", replies.sent),
            ("skipped", replies.skipped),
            ("withdrawn", replies.withdrawn),
            ("failed", replies.failed),
            ("answered", replies.answered),
            ("feedback", replies.feedback),
            ("came back", replies.came_back),
        ];
        self.counts("Replies", &states);
    }

    fn messages(&mut self, figures: &Figures) {
        let kinds: Vec<(&str, u64)> =
            figures.messages.iter().map(|(kind, count)| (*kind, *count)).collect();
        self.counts("Mail", &kinds);
    }

    /// A table of counts, and below a row what can be said of them in shares and days.
    fn outcomes(&mut self, title: &str, rows: &[Outcome]) {
        if rows.is_empty() {
            return;
        }
        self.text.push('\n');
        self.heading(title);
        let longest = rows.iter().map(|row| row.name.len() + 2).max().unwrap_or_default();
        let columns = longest.max(LABEL_COLUMNS);
        let fits = columns + COUNTS_COLUMNS <= self.width;
        let columns = if fits { columns } else { 0 };
        let heads = self.dim(&counts(["sent", "answered", "feedback", "came back"]));
        self.line(&format!("{:columns$}{heads}", ""));
        for row in rows {
            let numbers = [row.sent, row.answered, row.feedback, row.came_back];
            let numbers = counts(numbers.map(|it| it.to_string()).each_ref().map(String::as_str));
            let name = format!("  {}", row.name);
            if fits {
                self.line(&format!("{name:columns$}{numbers}"));
            } else {
                self.line(&name);
                self.line(&numbers);
            }
            self.notes(row);
        }
    }

    fn notes(&mut self, row: &Outcome) {
        let part = |share: Option<Share>, word: &str| share.map(|it| it.words(word));
        let days = row.days_to_answer.map(|Days { median, of, .. }| {
            let time = match median {
                0 => "the same day".to_owned(),
                1 => "within a day".to_owned(),
                _ => format!("within {median} days"),
            };
            match of {
                1 => format!("the answer came {time}"),
                _ => format!("half of the {of} answers {time}"),
            }
        });
        let notes: Vec<String> =
            [part(row.answered_share, "answered"), part(row.feedback_share, "with feedback"), days]
                .into_iter()
                .flatten()
                .collect();
        let one = notes.join("; ");
        let lines = if one.len() + 4 <= self.width { vec![one] } else { notes };
        for note in lines.iter().filter(|note| !note.is_empty()) {
            self.line(&format!("    {}", self.dim(note)));
        }
    }

    /// A list of counts without those that are nought; nothing at all when all are.
    fn counts(&mut self, title: &str, counts: &[(&str, u64)]) {
        let items: Vec<_> = counts.iter().filter(|(_, count)| *count > 0).collect();
        if items.is_empty() {
            return;
        }
        self.text.push('\n');
        self.heading(title);
        for (name, count) in items {
            self.row(&format!("  {name}"), *count, "", None);
        }
    }

    fn days(&mut self, label: &str, days: Option<Days>) {
        if let Some(Days { median, lower_quartile, upper_quartile, of }) = days {
            let unit = if median == 1 { "day" } else { "days" };
            let middle = lower_quartile.zip(upper_quartile);
            let middle = middle.map(|(low, high)| format!(", the middle half {low} to {high}"));
            let note = format!("{unit}, of {of} known{}", middle.unwrap_or_default());
            self.row(label, median.unsigned_abs(), &note, None);
        }
    }

    /// `label   count   note   bar`, all columns aligned over the page.
    fn row(&mut self, label: &str, count: u64, note: &str, bar: Option<u64>) {
        let mut line = format!("{label:LABEL_COLUMNS$}{count:>5}");
        if !note.is_empty() {
            let fits = line.len() + 2 + note.len() <= self.width;
            let gap = if fits { "  ".to_owned() } else { "\n    ".to_owned() };
            let _ = write!(line, "{gap}{}", self.dim(note));
        }
        let room = self.width.saturating_sub(BAR_BEGINS).min(BAR_MAX_COLUMNS);
        if let Some(percent) = bar
            && self.look != Look::Plain
            && room >= BAR_MIN_COLUMNS
        {
            let part = usize::try_from(percent).unwrap_or_default();
            let gap = if note.is_empty() { 2 } else { 0 };
            let pad = NOTE_COLUMNS.saturating_sub(note.len()) + gap;
            let bar = "▇".repeat((part * room).div_ceil(100).min(room));
            let _ = write!(line, "{:pad$}{}", "", self.dim(&bar));
        }
        self.line(line.trim_end());
    }

    fn heading(&mut self, title: &str) {
        let title = if self.look == Look::Coloured {
            format!("\u{1b}[1m{title}\u{1b}[0m")
        } else {
            title.to_owned()
        };
        self.line(&title);
    }

    fn dim(&self, text: &str) -> String {
        if self.look == Look::Coloured && !text.is_empty() {
            return format!("\u{1b}[2m{text}\u{1b}[0m");
        }
        text.to_owned()
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::answer::AnswerKind;
    use crate::model::application::Stage;
    use crate::model::findings::Reached;
    use crate::model::mail::Intent;
    use crate::model::verdict::{Decision, Kind};
    use crate::stats::outcomes::tests::sent;
    use crate::stats::tests::{all, application, day, rejected};
    use crate::stats::{ApplicationFact, Facts, MessageFact, ReplyCount, ReplyFact};

    fn some() -> Figures {
        let mut applications = vec![rejected(0, 4), rejected(1, 9), rejected(7, 7)];
        applications.push(ApplicationFact { reached: Reached::Talks, ..rejected(2, 30) });
        applications.extend([application(Stage::Applied, 0), application(Stage::Applied, 38)]);
        let decision = Decision::Sure(Kind::Rejected);
        let states = [ReplyCount::Drafted, ReplyCount::Sent, ReplyCount::Sent];
        let facts = Facts {
            applications,
            messages: vec![MessageFact { at: day(4), decision }; 4],
            replies: states
                .map(|state| ReplyFact { at: day(9), state, answer: None, sent: None })
                .to_vec(),
            ..Facts::default()
        };
        all(&facts, 40)
    }

    #[test]
    fn a_wide_terminal_shows_notes_beside_the_numbers() {
        let expected = "\
All that is known
Applications              6
  confirmed               0
  answered                4  67 % of 6 (30 to 90 %)
  invited to talk         1  17 % of 6 (3 to 56 %)
  offered                 0
  rejected                4  67 % of 6 (30 to 90 %)
    after talks           1
  open                    2
    silent                1  no word for 21 days, 12 after talks

Half of them within
  first answer            8  days, of 3 known
  rejection               8  days, of 3 known

Replies
  to review               1
  sent                    2

Mail
  rejected                4
";
        assert_eq!(render_text(&some(), 80, Look::Plain), expected);
    }

    #[test]
    fn no_line_is_wider_than_a_narrow_terminal() {
        let text = render_text(&some(), 40, Look::Plain);
        assert!(text.lines().all(|line| line.chars().count() <= 40), "{text}");
        assert!(text.contains("    silent                1\n    no word for 21 days"), "{text}");
    }

    fn with_answers() -> Figures {
        let given = Some(AnswerKind::Given);
        let mut replies = vec![sent(Intent::FeedbackRequest, 1, given); 2];
        replies.extend(vec![sent(Intent::FeedbackRequest, 3, None); 3]);
        replies.push(sent(Intent::Thanks, 1, Some(AnswerKind::Bounce)));
        all(&Facts { replies, ..Facts::default() }, 40)
    }

    #[test]
    fn what_replies_brought_is_a_table_with_the_base_of_each_share() {
        let expected = "\
What your replies brought
  sent: it went out
  answered: a person wrote back
  feedback: they said why
  came back: it was not delivered

By what the reply was for
                       sent  answered feedback came back
  thanks                  1         0        0         1
  feedback-request        5         2        2         0
    40 % of 5 answered (12 to 77 %)
    40 % of 5 with feedback (12 to 77 %)
    half of the 2 answers within 4 days

By how far the application had come
                       sent  answered feedback came back
  applied                 6         2        2         1
    33 % of 6 answered (10 to 70 %)
    33 % of 6 with feedback (10 to 70 %)
    half of the 2 answers within 4 days

By the text that it was made of
                            sent  answered feedback came back
  en/feedback-request.1.txt    5         2        2         0
    40 % of 5 answered (12 to 77 %)
    40 % of 5 with feedback (12 to 77 %)
    half of the 2 answers within 4 days
  en/thanks.1.txt              1         0        0         1

By when it left after the rejection
                       sent  answered feedback came back
  within 2 days           3         2        2         1
    half of the 2 answers within 4 days
  within a week           3         0        0         0
";
        assert_eq!(render_replies(&with_answers(), 90, Look::Plain), expected);
        let narrow = render_replies(&with_answers(), 40, Look::Plain);
        assert!(narrow.lines().all(|line| line.chars().count() <= 40), "{narrow}");
        assert!(narrow.contains("  thanks\n    1         0        0         1\n"), "{narrow}");
        let page = render_text(&with_answers(), 80, Look::Plain);
        assert!(page.contains("\nWhat your replies brought\n") && page.contains("40 % of 5"));
        assert!(!page.contains("By how far"), "the rest on demand: {page}");
        let none = all(&Facts::default(), 0);
        assert!(render_replies(&none, 80, Look::Plain).contains("No reply has been sent yet"));
    }

    #[test]
    fn without_colour_it_is_plain_text() {
        let plain = render_text(&some(), 100, Look::Plain);
        assert!(plain.is_ascii() && !plain.contains('\u{1b}'), "{plain:?}");
        let colored = render_text(&some(), 100, Look::Coloured);
        assert!(colored.contains('▇') && colored.contains("\u{1b}[1m"), "{colored:?}");
        let mut stripped = colored.replace('▇', "");
        for escape in ["\u{1b}[1m", "\u{1b}[2m", "\u{1b}[0m"] {
            stripped = stripped.replace(escape, "");
        }
        let trimmed: Vec<&str> = stripped.lines().map(str::trim_end).collect();
        assert_eq!(trimmed, plain.lines().collect::<Vec<_>>(), "colour adds bars, no words");
    }

    #[test]
    fn an_empty_history_is_said_in_one_sentence() {
        let none = all(&Facts::default(), 0);
        assert_eq!(
            render_text(&none, 80, Look::Plain),
            "All that is known\n  No applications yet.\n"
        );
    }
}
