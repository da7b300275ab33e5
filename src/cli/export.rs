//! `regards export`: the user's data for other programs.

use serde_json::Value;

use super::args::{Cli, ExportArgs, Format, Subject};
use super::{Done, out_json, place, write_out};
use crate::review::export::{APPLICATIONS, FEEDBACK, MESSAGES, REPLIES, Record};

/// `regards export`
pub(super) fn export(cli: &Cli, args: &ExportArgs) -> Done {
    let mut desk = place::desk(cli)?;
    let (columns, records) = match args.what {
        Subject::Applications => (APPLICATIONS, desk.export_applications()?),
        Subject::Messages => (MESSAGES, desk.export_messages()?),
        Subject::Replies => (REPLIES, desk.export_replies()?),
        Subject::Feedback => (FEEDBACK, desk.export_feedback()?),
    };
    if cli.json || args.format == Format::Json {
        return records.iter().try_for_each(out_json);
    }
    write_out(&line(columns.iter().map(|name| (*name).to_owned())))?;
    records.iter().try_for_each(|record| write_out(&row(record)))
}

fn row(record: &Record) -> String {
    line(record.0.iter().map(|(_, value)| cell(value)))
}

/// A record of RFC 4180.
fn line(cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<String> = cells.map(|cell| quoted(&cell)).collect();
    cells.join(",") + "\r\n"
}

fn quoted(cell: &str) -> String {
    match cell.contains(['"', ',', '\r', '\n', ';', '\t']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.to_owned(),
    }
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => harmless(text),
        Value::Array(items) => {
            let items: Vec<String> =
                items.iter().filter_map(Value::as_str).map(str::to_owned).collect();
            harmless(&items.join("; "))
        }
        other => other.to_string(),
    }
}

/// A spreadsheet takes a cell that begins so for a formula, whoever wrote it; what steers a
/// terminal has no business in a table.
fn harmless(text: &str) -> String {
    let text = super::print::clean_block(text);
    match text.starts_with(['=', '+', '-', '@']) {
        true => format!("'{text}"),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_cell_is_quoted_where_it_must_and_never_a_formula() {
        let values = [
            json!("plain"),
            json!("a, \"b\"\nc"),
            json!("=HYPERLINK(\"https://evil.example\")"),
            json!("@SUM(A1)"),
            json!(["skills", "more SQL"]),
            json!(null),
            json!(0.5),
            json!("\u{1b}[2J"),
        ];
        let record = Record(values.into_iter().map(|value| ("x", value)).collect());
        let expected = "plain,\"a, \"\"b\"\"\nc\",\"'=HYPERLINK(\"\"https://evil.example\"\")\",\
                        '@SUM(A1),\"skills; more SQL\",,0.5,␛[2J\r\n";
        assert_eq!(row(&record), expected);
    }
}
