//! `regards rules …`: looking at the rules, measuring and tuning them.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::words::folds;
use crate::tune::folds::Folds;

/// `regards rules …`
#[derive(Debug, Args)]
pub struct RulesArgs {
    /// What to do with them.
    #[command(subcommand)]
    pub command: RulesCommand,
}

/// What to do with the rules.
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// Read all rule files and tell what is wrong with them
    #[command(after_help = "Examples:\n  regards rules check")]
    Check,
    /// Run every rule's own test lines
    #[command(after_help = "Examples:\n  regards rules test")]
    Test,
    /// List the rules with their weights
    #[command(
        after_help = "Examples:\n  regards rules list\n  regards rules list --json | jq -r .symbol"
    )]
    List,
    /// Measure the rules on labelled mail
    #[command(
        after_help = "Examples:\n  regards rules eval tests/mail\n  regards rules eval mine.jsonl --errors                  which mails, and why\n  regards rules eval mine.jsonl --apart never-read.jsonl   figures apart, no mail shown"
    )]
    Eval {
        /// JSON Lines, or directories <kind>/*.eml
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Mail that nobody should tune to: its figures are told apart, its mails are not shown
        #[arg(long, num_args = 1.., value_name = "FILE")]
        apart: Vec<PathBuf>,
        /// List the mails that were judged wrongly, with the rules that fired
        #[arg(long)]
        errors: bool,
    },
    /// Propose weights fitted to labelled mail; changes no rule file
    #[command(
        after_help = "Examples:\n  regards rules fit mine.jsonl others.jsonl\n  regards rules fit *.jsonl --folds 5 --out ~/.config/regards/rules.d/weights.toml"
    )]
    Fit {
        /// JSON Lines, or directories <kind>/*.eml
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Judge the fit on mail left out of it: each source once, or N groups of sources
        #[arg(long, value_name = "source|N", default_value = "source", value_parser = folds)]
        folds: Folds,
        /// Which sources come into which of N groups
        #[arg(long, value_name = "N", default_value_t = 1)]
        seed: u64,
        /// Write the weights into this new file instead of to standard output
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Propose weights of your own from your corrections; writes them only after your yes
    #[command(
        after_help = "Examples:\n  regards rules learn                   into rules_dir, after a yes\n  regards rules learn --out mine.toml   into this file, after a yes\n\nA correction is what `regards correct` told. Ten are the least; no word of a mail is read.\nA file in rules_dir holds at once, and until you delete it."
    )]
    Learn {
        /// Write into this file instead of zz-learned.toml in rules_dir
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Write without asking
        #[arg(long)]
        yes: bool,
    },
    /// Tell of each symbol how often and where it fires, and whether it is right
    #[command(
        after_help = "Examples:\n  regards rules stats mine.jsonl others.jsonl\n  regards rules stats mine.jsonl --json | jq -r 'select(.odd != []) | .symbol'"
    )]
    Stats {
        /// JSON Lines, or directories <kind>/*.eml
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// List the labelled mails that two rule sets judge differently
    #[command(
        after_help = "Examples:\n  regards rules diff shipped rules.d mine.jsonl         what your own rules change\n  regards rules diff rules.d proposal.toml mine.jsonl   what other ones would\n\nBoth are merged after the shipped rules, as rules_dir is; `shipped` or `-` is those alone."
    )]
    Diff {
        /// A directory of rule files, one file, or `shipped`
        #[arg(value_name = "OLD")]
        old: PathBuf,
        /// The same to compare with
        #[arg(value_name = "NEW")]
        new: PathBuf,
        /// JSON Lines, or directories <kind>/*.eml
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
}
