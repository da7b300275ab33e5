//! `regards forget …`, as far as it is typed.

use std::str::FromStr;

use clap::{ArgGroup, Args};

use super::words::date;
use crate::model::ids::{ApplicationNo, BadNumber, CaseNo};

/// `regards forget`
#[derive(Debug, Args)]
#[group(skip)]
#[command(group = ArgGroup::new("scope").required(true))]
pub struct ForgetArgs {
    /// One application, by its number or that of a reply or mail of it: a3, r3, m4
    #[arg(long, value_name = "ID", group = "scope")]
    pub application: Option<Named>,
    /// All that came by this account, by its name or login
    #[arg(long, value_name = "NAME", group = "scope")]
    pub account: Option<String>,
    /// All mail received before this day (YYYY-MM-DD), but that of applications that went on
    #[arg(long, value_name = "DATE", value_parser = date, group = "scope")]
    pub before: Option<jiff::civil::Date>,
    /// Everything
    #[arg(long, group = "scope")]
    pub all: bool,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

/// What tells an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// Its own number.
    Itself(ApplicationNo),
    /// The number of a reply or mail of it.
    By(CaseNo),
}

impl FromStr for Named {
    type Err = BadNumber;

    fn from_str(typed: &str) -> Result<Self, BadNumber> {
        if typed.starts_with(['r', 'm']) {
            return typed.parse().map(Named::By);
        }
        typed.parse().map(Named::Itself)
    }
}
