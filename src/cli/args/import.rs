//! `regards import …`, as far as it is typed.

use std::path::PathBuf;

use clap::Args;

/// What stands below the help.
pub(super) const EXAMPLES: &str = "Examples:
  regards import applications.csv --dry-run
  regards import applications.csv
  regards import tracker.csv --mapping tracker.toml

Columns are found by their headings (company, role, date applied, status, location, url, notes; also
in German, French, Spanish, Italian, Dutch, Portuguese and Swedish), as are those of Huntr, Teal,
Simplify and `regards export applications`. What mail tells of already is not entered again, nor is
anything when you import once more. A mapping says what is not found by itself:

  date = \"%d/%m/%Y\"
  [columns]
  company = \"Where\"        # also role, applied, status, location, url, notes
  [status]
  \"Round 2\" = \"in-talks\"  # applied, acknowledged, paused, offered, rejected, accepted, declined,
                          # withdrawn; not-applied leaves the line out";

/// `regards import`
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// The table, as CSV
    #[arg(value_name = "FILE.csv")]
    pub file: PathBuf,
    /// What its columns and words mean
    #[arg(long, value_name = "FILE.toml")]
    pub mapping: Option<PathBuf>,
    /// Show what would be added, and add nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask
    #[arg(long, conflicts_with = "dry_run")]
    pub yes: bool,
}
