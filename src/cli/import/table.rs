//! The table of somebody's tracker, read: which column is which, what its words mean, and what
//! is wrong with which line. Pure.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::words::{Column, DATES, HEADINGS, NOT_APPLIED, WISHES, WORDS, each};
use crate::model::application::Stage;

/// Nobody applies so often; a larger table is something else.
const ROWS_MAX: usize = 20_000;

/// Mistakes that are told at once: more are of one sort.
const MISTAKES_MAX: usize = 12;

/// What the user says of the table: `--mapping`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Mapping {
    /// How days are written, e.g. `%d/%m/%Y`.
    date: Option<String>,
    /// The heading of each column.
    columns: BTreeMap<Column, String>,
    /// What a status means: a stage's word, or `not-applied`.
    status: BTreeMap<String, String>,
}

/// An application that the table tells of.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    /// Where it stands in the file.
    pub line: u64,
    /// The employer; `None` only in what this program exported.
    pub company: Option<String>,
    /// The position.
    pub role: Option<String>,
    /// When it was applied for; `None`: it was not.
    pub applied: Option<Date>,
    /// The moment, where the table tells it.
    pub at: Option<Timestamp>,
    /// How far it has come.
    pub stage: Stage,
    /// Place, link and notes, a line each.
    pub note: Option<String>,
}

/// What is wrong with a table, line by line.
#[derive(Debug, PartialEq, thiserror::Error)]
#[error("{0}")]
pub(super) struct Mistake(pub String);

/// A table, read.
#[derive(Debug)]
pub(super) struct Table {
    /// Its lines.
    pub rows: Vec<Row>,
    /// The headings of columns that hold something and were not used.
    pub unused: Vec<String>,
}

/// Reads a table; the user's days are those of `zone`.
pub(super) fn read(
    text: &str,
    mapping: &Mapping,
    (today, zone): (Date, &TimeZone),
) -> Result<Table, Mistake> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter(text))
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let headings = reader.headers().map_err(|error| Mistake(error.to_string()))?.clone();
    let columns = columns(&headings, mapping)?;
    let (mut cells, mut filled) = (Vec::new(), BTreeSet::new());
    let mut lines = Lines { text, upto: 0, line: 1 };
    for record in reader.records() {
        let record = record.map_err(|error| Mistake(error.to_string()))?;
        let line = lines.of(record.position().map_or(0, csv::Position::byte));
        let cell = |column| {
            let at = *columns.get(&column)?;
            record.get(at).filter(|it| !it.is_empty()).map(|it| plain(it).to_owned())
        };
        filled.extend((0..record.len()).filter(|at| record.get(*at) != Some("")));
        if record.iter().any(|it| !it.is_empty()) {
            cells.push((line, HEADINGS.map(|(column, _)| cell(column))));
        }
        if cells.len() > ROWS_MAX {
            return Err(Mistake(format!("It has more than {ROWS_MAX} rows")));
        }
    }
    let days = Days::of(cells.iter().filter_map(|(_, it)| it.get(2)?.as_deref()), mapping);
    let reading = Reading { mapping, days, today, zone, ours: is_ours(&headings) };
    let rows = cells
        .into_iter()
        .map(|(line, cells)| reading.row(line, cells).map_err(|why| format!("line {line}: {why}")));
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    rows.for_each(|it| match it {
        Ok(row) => good.push(row),
        Err(why) => bad.push(why),
    });
    if bad.is_empty() {
        let used: BTreeSet<usize> = columns.into_values().collect();
        let unused = headings
            .iter()
            .enumerate()
            .filter(|(at, name)| !name.is_empty() && filled.contains(at) && !used.contains(at));
        let unused = unused.map(|(_, name)| name.to_owned()).collect();
        return Ok(Table { rows: good, unused });
    }
    let more = bad.len().saturating_sub(MISTAKES_MAX);
    bad.truncate(MISTAKES_MAX);
    let more = if more > 0 { format!("\n  and {more} more") } else { String::new() };
    Err(Mistake(format!("Some lines cannot be read:\n  {}{more}", bad.join("\n  "))))
}

/// An apostrophe keeps a text from being a formula; it is none of the text's.
fn plain(cell: &str) -> &str {
    let rest = cell.strip_prefix('\'').filter(|it| it.starts_with(['=', '+', '-', '@']));
    rest.unwrap_or(cell)
}

/// It is what `regards export applications` writes. An application whose employer no mail names
/// stands there, too.
fn is_ours(headings: &csv::StringRecord) -> bool {
    ["application", "reached", "opened_at"].iter().all(|it| headings.iter().any(|name| name == *it))
}

/// Counts the lines of a text on its way through. The reader's own count takes the second half
/// of a line's end for the next record's.
struct Lines<'a> {
    text: &'a str,
    upto: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line of the record that begins here, or behind the line ends that stand here.
    fn of(&mut self, byte: u64) -> u64 {
        let bytes = self.text.as_bytes();
        let start = usize::try_from(byte).unwrap_or(usize::MAX);
        let ends = bytes.iter().skip(start).take_while(|it| matches!(it, b'\r' | b'\n')).count();
        let start = start.saturating_add(ends);
        let passed = bytes.get(self.upto..start).unwrap_or_default();
        let count = passed.iter().filter(|it| **it == b'\n').count();
        self.line = self.line.saturating_add(count as u64);
        self.upto = start.max(self.upto);
        self.line
    }
}

/// Spreadsheets of half the world divide by semicolons.
fn delimiter(text: &str) -> u8 {
    let heading = text.lines().next().unwrap_or_default();
    let count = |it: u8| heading.bytes().filter(|byte| *byte == it).count();
    [b',', b';', b'\t'].into_iter().rev().max_by_key(|it| count(*it)).unwrap_or(b',')
}

fn columns(
    headings: &csv::StringRecord,
    mapping: &Mapping,
) -> Result<BTreeMap<Column, usize>, Mistake> {
    let folded: Vec<String> = headings.iter().map(fold).collect();
    let mut columns = BTreeMap::new();
    for (column, usual) in HEADINGS {
        if let Some(named) = mapping.columns.get(&column) {
            let Some(at) = folded.iter().position(|it| *it == fold(named)) else {
                let all: Vec<&str> = headings.iter().collect();
                return Err(Mistake(format!(
                    "There is no column `{named}` among {}",
                    all.join(", ")
                )));
            };
            columns.insert(column, at);
            continue;
        }
        let at = each(usual).find_map(|name| folded.iter().position(|it| it == name));
        columns.extend(at.map(|at| (column, at)));
    }
    for (column, what) in
        [(Column::Company, "the company"), (Column::Applied, "the day of the application")]
    {
        if !columns.contains_key(&column) {
            let all: Vec<&str> = headings.iter().collect();
            return Err(Mistake(format!("No column tells {what}; there are {}", all.join(", "))));
        }
    }
    Ok(columns)
}

/// Words in small letters, whatever stands between them.
fn fold(text: &str) -> String {
    let lower = text.to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|it| !it.is_empty()).collect();
    words.join(" ")
}

/// How the lines are read.
struct Reading<'a> {
    mapping: &'a Mapping,
    days: Days,
    today: Date,
    zone: &'a TimeZone,
    ours: bool,
}

impl Reading<'_> {
    fn row(
        &self,
        line: u64,
        [company, role, applied, status, location, url, notes]: [Option<String>; 7],
    ) -> Result<Row, String> {
        if company.is_none() && !self.ours {
            return Err("it names no company".to_owned());
        }
        let stage = match &status {
            Some(word) => stage(word, self.mapping)?,
            None => Some(Stage::Applied),
        };
        let (applied, at) = match (stage, applied) {
            (None, _) => (None, None),
            (Some(_), None) => return Err("it names no day".to_owned()),
            (Some(_), Some(word)) => {
                // Of others only the day is meant, as it is written.
                let at: Option<Timestamp> = word.parse().ok().filter(|_| self.ours);
                let day = at.map(|at| at.to_zoned(self.zone.clone()).date());
                (Some(day.map_or_else(|| self.days.day(&word), Ok)?), at)
            }
        };
        if applied.is_some_and(|day| day > self.today) {
            return Err("its day has not come yet".to_owned());
        }
        let lines: Vec<String> = [location, url, notes].into_iter().flatten().collect();
        let note = Some(lines.join("\n")).filter(|it| !it.is_empty());
        Ok(Row { line, company, role, applied, at, stage: stage.unwrap_or(Stage::Applied), note })
    }
}

/// What a status means; `None`: it was not applied for.
fn stage(word: &str, mapping: &Mapping) -> Result<Option<Stage>, String> {
    let folded = fold(word);
    let said = mapping.status.iter().find(|(it, _)| fold(it) == folded).map(|(_, it)| it.as_str());
    if said == Some(NOT_APPLIED) || said.is_none() && each(WISHES).any(|it| it == folded) {
        return Ok(None);
    }
    let usual = || WORDS.iter().find(|(_, words)| each(words).any(|it| it == folded));
    // A stage's own name may be no usual word: trackers mean several things by `declined`.
    let own = || Stage::named(&word.to_lowercase()).map(Stage::name);
    match said.or_else(|| usual().map(|(name, _)| *name)).or_else(own) {
        Some(name) => Stage::named(name)
            .map(Some)
            .ok_or_else(|| format!("the mapping says `{name}` for `{word}`, which is no stage")),
        None => Err(format!("`{word}` is no status that is known")),
    }
}

/// How the days of a table are written.
enum Days {
    /// All in one way.
    So(String),
    /// With slashes, and no day is later in its month than the twelfth.
    Either,
    /// Each tells it itself.
    Plain,
}

impl Days {
    fn of<'a>(cells: impl Iterator<Item = &'a str>, mapping: &Mapping) -> Days {
        if let Some(said) = &mapping.date {
            return Days::So(said.clone());
        }
        let slashed: Vec<(u8, u8)> = cells
            .filter_map(|it| {
                let mut parts = it.split('/');
                let number = |it: Option<&str>| it?.parse::<u8>().ok();
                Some((number(parts.next())?, number(parts.next())?))
            })
            .collect();
        match (
            slashed.is_empty(),
            slashed.iter().any(|(first, _)| *first > 12),
            slashed.iter().any(|(_, second)| *second > 12),
        ) {
            (true, ..) => Days::Plain,
            (false, true, _) => Days::So("%d/%m/%Y".to_owned()),
            (false, false, true) => Days::So("%m/%d/%Y".to_owned()),
            (false, false, false) => Days::Either,
        }
    }

    fn day(&self, word: &str) -> Result<Date, String> {
        // A spreadsheet may put the time behind the day.
        let iso = word.get(..10).and_then(|it| it.parse().ok());
        let plain = || DATES.iter().find_map(|it| Date::strptime(it, word).ok());
        let found = match self {
            Days::So(format) => Date::strptime(format, word).ok().or(iso).or_else(plain),
            Days::Either if word.contains('/') && iso.is_none() => {
                return Err(format!(
                    "`{word}` may be two days; a mapping with date = \"%d/%m/%Y\" or \
                     \"%m/%d/%Y\" tells"
                ));
            }
            Days::Either | Days::Plain => iso.or_else(plain),
        };
        found.ok_or_else(|| format!("`{word}` is not a day that can be read"))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn table(text: &str, mapping: &str) -> Result<Table, Mistake> {
        let mapping = toml::from_str(mapping).expect("a mapping");
        super::read(text, &mapping, (date(2026, 11, 22), &TimeZone::UTC))
    }

    fn read(text: &str, mapping: &str) -> Result<Vec<Row>, Mistake> {
        table(text, mapping).map(|it| it.rows)
    }

    fn stages(table: &str) -> Vec<&'static str> {
        let rows = read(table, "").expect("rows");
        rows.iter().map(|it| it.applied.map_or("none", |_| it.stage.name())).collect()
    }

    #[test]
    fn the_tables_of_other_trackers_are_read_without_a_word() {
        let huntr = "Job Title,Company,List,Applied Date,Location,Salary,Empty\n\
                     Cook,Firm,Wishlist,,Oslo,,\nCook,A,Applied,2026-10-05,,9,\n\
                     Cook,B,Offer,2026-10-06,,,\n";
        assert_eq!(stages(huntr), ["none", "applied", "offered"]);
        assert_eq!(table(huntr, "").expect("a table").unused, ["Salary"]);
        let teal = "Job Position,Company,Max. Salary,Location,Status,Date Saved,Date Applied\n\
                    Cook,A,,,Negotiating,10/01/2026,10/25/2026\nCook,B,,,Bookmarked,10/01/2026,\n\
                    Cook,C,,,I Withdrew,10/01/2026,10/25/2026\nCook,D,,,Applying,10/01/2026,\n\
                    Cook,E,,,Not Selected,10/01/2026,10/25/2026\n\
                    Cook,F,,,No Response,10/01/2026,10/25/2026\n";
        assert_eq!(stages(teal), ["offered", "none", "withdrawn", "none", "rejected", "applied"]);
        let simplify = "Job Title,Company Name,Job URL,Applied Date,Status\n\
                        Cook,A,https://a.example,2026-10-05,Screen\nCook,B,,2026-10-05,Ghosted\n";
        assert_eq!(stages(simplify), ["in-talks", "applied"]);
    }

    #[test]
    fn home_made_tables_are_read_in_eight_languages() {
        for (table, wanted) in [
            ("Firma;Position;Beworben am;Status\nA;B;05.10.2026;abgesagt\n", "rejected"),
            ("Entreprise;Poste;Date d'envoi;Statut\nA;B;2026-10-05;Entretien\n", "in-talks"),
            ("Empresa,Puesto,Fecha de envío,Estado\nA,B,2026-10-05,Sin respuesta\n", "applied"),
            ("Azienda,Ruolo,Data candidatura,Stato\nA,B,2026-10-05,Offerta\n", "offered"),
            ("Bedrijf,Functie,Gesolliciteerd op,Status\nA,B,2026-10-05,Afgewezen\n", "rejected"),
            (
                "Empresa,Vaga,Data da candidatura,Situação\nA,B,2026-10-05,Em análise\n",
                "acknowledged",
            ),
            ("Företag,Tjänst,Ansökningsdatum,Status\nA,B,2026-10-05,Avslag\n", "rejected"),
            ("Company,Role,Date,Status\nA,B,2026-10-05,✅ Hired\n", "accepted"),
        ] {
            assert_eq!(stages(table), [wanted], "{table}");
            assert_eq!(read(table, "").expect("rows")[0].role.as_deref(), Some("B"), "{table}");
        }
    }

    #[test]
    fn what_this_program_exported_keeps_its_moment_and_may_name_no_company() {
        let ours = "application,company,role,stage,reached,opened_at\r\n\
                    a1,'+Firm,Cook,declined,offer,2026-10-05T22:30:00.123Z\r\n\
                    a2,,,in-talks,talks,2026-10-06T08:00:00Z\r\n";
        let rows = read(ours, "").expect("rows");
        let zone = TimeZone::get("Europe/Berlin").expect("a zone");
        let here = super::read(ours, &Mapping::default(), (date(2026, 11, 22), &zone));
        let names: Vec<_> = rows.iter().map(|it| it.company.as_deref()).collect();
        assert_eq!(names, [Some("+Firm"), None]);
        assert_eq!(stages(ours), ["declined", "in-talks"]);
        let at = rows[0].at.map(|it| it.to_string());
        assert_eq!(at.as_deref(), Some("2026-10-05T22:30:00.123Z"));
        assert_eq!(here.expect("rows").rows[0].applied, Some(date(2026, 10, 6)), "the day here");
    }

    #[test]
    fn a_day_of_another_program_is_the_one_that_is_written() {
        let theirs = "Company,Date\nFirm,2026-10-05T00:00:00Z\n";
        let zone = TimeZone::get("America/Los_Angeles").expect("a zone");
        let rows = super::read(theirs, &Mapping::default(), (date(2026, 11, 22), &zone));
        let row = rows.expect("rows").rows.remove(0);
        assert_eq!((row.applied, row.at), (Some(date(2026, 10, 5)), None));
    }

    #[test]
    fn an_english_and_a_german_table_are_read_without_a_word() {
        let english = "Company Name,Job Title,Date Applied,Status,Location,URL,Notes\r\n\
                       Firm,Cook,2026-10-05,Interviewing,Oslo,https://firm.example/1,\"a\nb\"\r\n\
                       ,,,,,,\r\nDorn AG,,10/25/2026,Wishlist,,,\r\n";
        let rows = read(english, "").expect("rows");
        let [firm, dorn] = rows.as_slice() else { panic!("{rows:?}") };
        assert_eq!((firm.line, firm.role.as_deref()), (2, Some("Cook")));
        assert_eq!((firm.applied, firm.stage), (Some(date(2026, 10, 5)), Stage::InTalks(1)));
        assert_eq!(firm.note.as_deref(), Some("Oslo\nhttps://firm.example/1\na\nb"));
        assert_eq!(dorn.applied, None, "what is only wished for");
        let german = "\u{feff}Firma;Stelle;Beworben am;Stand\nDorn AG;Köchin;05.10.2026;Absage\n";
        let rows = read(german, "").expect("rows");
        assert_eq!(rows.first().map(|it| it.stage.name()), Some("rejected"));
        assert_eq!(rows.first().and_then(|it| it.applied), Some(date(2026, 10, 5)));
    }

    #[test]
    fn a_mapping_tells_columns_words_and_days() {
        let table = "where,what,when,how\nFirm,Cook,02/03/2026,Round 2\n";
        let mapping = "date = '%d/%m/%Y'\n[columns]\ncompany = 'Where'\nrole = 'what'\n\
                       applied = 'when'\nstatus = 'how'\n[status]\n'round 2' = 'in-talks'\n";
        let rows = read(table, mapping).expect("rows");
        assert_eq!(rows.first().and_then(|it| it.applied), Some(date(2026, 3, 2)));
        assert_eq!(rows.first().map(|it| it.stage), Some(Stage::InTalks(1)));
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_line() {
        let told = |table: &str| read(table, "").expect_err("a mistake").0;
        let table = "company,date,status\n\"A\nB\",2026-01-05,applied\n,2026-01-05,applied\n\
                     C,02/03/2026,applied\nD,2027-01-05,applied\nE,2026-01-05,Round 2\nF,,\n";
        let said = told(table);
        for line in [
            "line 4: it names no company",
            "line 5: `02/03/2026` may be two days",
            "line 6: its day has not come yet",
            "line 7: `Round 2` is no status that is known",
            "line 8: it names no day",
        ] {
            assert!(said.contains(line), "{line}: {said}");
        }
        assert!(told("name,date\nA,2026-01-05\n").contains("No column tells the company"));
    }

    #[test]
    fn every_usual_word_is_a_stages() {
        for (name, _) in WORDS {
            assert_eq!(Stage::named(name).map(Stage::name), Some(name));
        }
    }

    #[test]
    fn no_usual_word_or_heading_means_two_things_or_is_never_met() {
        let words = WORDS.iter().map(|it| it.1).chain([WISHES]).flat_map(each).collect();
        let headings = HEADINGS.iter().map(|it| it.1).flat_map(each).collect();
        for mut all in [words, headings] as [Vec<&str>; 2] {
            assert!(all.iter().all(|it| fold(it) == *it), "{all:?}");
            all.sort_unstable();
            let twice: Vec<_> = all.windows(2).filter(|it| it[0] == it[1]).collect();
            assert!(twice.is_empty(), "{twice:?}");
        }
    }
}
