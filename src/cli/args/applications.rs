//! `regards applications …`: what was applied for, and putting it right.

use clap::{Args, Subcommand};

use super::words::date;
use crate::model::ids::{ApplicationNo, MessageNo};

/// `regards applications`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct ApplicationsArgs {
    /// What to put right.
    #[command(subcommand)]
    pub command: Option<ApplicationsCommand>,
    /// Only those that have not ended
    #[arg(long)]
    pub open: bool,
    /// Only those from which an answer is overdue
    #[arg(long)]
    pub silent: bool,
    /// Mails that may belong to several applications
    #[arg(long, conflicts_with_all = ["open", "silent"])]
    pub unclear: bool,
}

/// What to do with applications.
#[derive(Debug, Subcommand)]
pub enum ApplicationsCommand {
    /// One application with its mails
    #[command(after_help = "Examples:\n  regards applications show a3")]
    Show {
        /// Number of the application, e.g. a3
        id: ApplicationNo,
    },
    /// Two are one: the mails of the second go into the first
    #[command(after_help = "Examples:\n  regards applications merge a3 a7")]
    Merge {
        /// The one that stays
        id: ApplicationNo,
        /// The one that goes into it
        other: ApplicationNo,
    },
    /// One is two: these mails become an application of their own
    #[command(
        after_help = "Examples:\n  regards applications split a3 --message m12 --message m15"
    )]
    Split {
        /// The one that they are in
        id: ApplicationNo,
        /// Number of a message, e.g. m12
        #[arg(long, value_name = "ID", required = true)]
        message: Vec<MessageNo>,
    },
    /// Put one mail into another application
    #[command(after_help = "Examples:\n  regards applications move m12 --to a3")]
    Move {
        /// Number of the message, e.g. m12
        message: MessageNo,
        /// Where it belongs
        #[arg(long, value_name = "ID")]
        to: ApplicationNo,
    },
    /// Name the company or the role; your word holds against every mail's
    #[command(
        after_help = "Examples:\n  regards applications set a3 --company \"Lindgren & Co\" --role \"Data Engineer\""
    )]
    Set {
        /// Number of the application, e.g. a3
        id: ApplicationNo,
        /// The employer
        #[arg(long, value_name = "NAME", required_unless_present = "role")]
        company: Option<String>,
        /// The position
        #[arg(long, value_name = "NAME")]
        role: Option<String>,
    },
    /// Two names are one employer, e.g. a brand and the firm behind it
    #[command(
        after_help = "Examples:\n  regards applications alias Lindgren \"LCO Holding AB\"\n  regards applications alias Lindgren \"LCO Holding AB\" --forget"
    )]
    Alias {
        /// One name
        name: String,
        /// Another name of the same
        other: String,
        /// They are two after all
        #[arg(long)]
        forget: bool,
    },
    /// Enter an application that no mail told of
    #[command(
        after_help = "Examples:\n  regards applications add --company Lindgren --role \"Data Engineer\" --on 2026-11-02"
    )]
    Add {
        /// The employer
        #[arg(long, value_name = "NAME")]
        company: String,
        /// The position
        #[arg(long, value_name = "NAME")]
        role: Option<String>,
        /// When you applied (YYYY-MM-DD)
        #[arg(long, value_name = "DATE", value_parser = date)]
        on: jiff::civil::Date,
    },
}
