//! What can be typed behind `stats`.

use clap::Args;
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
