//! What can be typed behind `scan`, `stats`, `report` and `export`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::civil::Date;

use super::words::{by, date};
use crate::stats::By;

/// Which days, and how much of them may be seen.
#[derive(Debug, Clone, Args)]
pub struct PeriodArgs {
    /// Only applications since this day (YYYY-MM-DD)
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub since: Option<Date>,
    /// Only applications until this day, that one included (YYYY-MM-DD)
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub until: Option<Date>,
    /// Also what is still kept quiet
    #[arg(long)]
    pub cooling: bool,
}

/// `regards stats`
#[derive(Debug, Args)]
pub struct StatsArgs {
    /// Which days.
    #[command(flatten)]
    pub period: PeriodArgs,
    /// No colours and no drawing
    #[arg(long)]
    pub plain: bool,
    /// What your replies brought, by intent, stage, template and delay
    #[arg(long, conflicts_with = "by")]
    pub replies: bool,
    /// A table by month, week, company, system, stage, language, role or weekday
    #[arg(long, value_name = "WHAT", value_parser = by)]
    pub by: Option<By>,
}

/// `regards scan`
#[derive(Debug, Args)]
pub struct ScanArgs {
    /// Maildir, mbox, .eml, or directories of them
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// List what is not about a job, too
    #[arg(long, conflicts_with = "report")]
    pub all: bool,
    /// Write the search as a page into this directory instead of listing the mails
    #[arg(long, value_name = "DIR")]
    pub report: Option<PathBuf>,
    /// Call the companies of the report Company 1, Company 2 …
    #[arg(long, requires = "report")]
    pub anonymous: bool,
}

/// `regards report`
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// Write report.html into this directory; it is made when it is not there
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Which days.
    #[command(flatten)]
    pub period: PeriodArgs,
    /// Each picture as an SVG file, too
    #[arg(long)]
    pub svg: bool,
    /// The funnel as a text for sankeymatic.com, too
    #[arg(long)]
    pub sankeymatic: bool,
    /// Call the companies Company 1, Company 2 …; roles and tags of your own are left out
    #[arg(long)]
    pub anonymous: bool,
}

/// `regards export`
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// What: applications, messages, replies or feedback
    #[arg(value_name = "WHAT", hide_possible_values = true)]
    pub what: Subject,
    /// As what: csv or json (one object a line)
    #[arg(long, value_name = "FORMAT", default_value = "csv", hide_possible_values = true)]
    pub format: Format,
}

/// What is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Subject {
    /// Applications.
    Applications,
    /// Messages, without their text.
    Messages,
    /// Replies.
    Replies,
    /// What employers wrote back.
    Feedback,
}

/// How it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// RFC 4180, with a heading.
    Csv,
    /// One JSON object a line.
    Json,
}
