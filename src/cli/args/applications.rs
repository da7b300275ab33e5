//! `regards applications …`: what was applied for, and putting it right.

use clap::builder::NonEmptyStringValueParser;
use clap::{ArgGroup, Args, Subcommand};
use jiff::civil::Date;

use super::words::{date, name, stage};
use crate::model::application::Stage;
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
    /// Say what no mail told, or told wrongly; your word holds against every mail's
    #[command(
        group = ArgGroup::new("names").required(true).multiple(true).args(["company", "role", "stage", "note"]),
        after_help = "Examples:\n  regards applications set a3 --company \"Lindgren & Co\" --role \"Data Engineer\"\n  regards applications set a3 --stage accepted\n  regards applications set a3 --stage in-talks --on 2026-11-20 --note \"they called\"\n\nMail that comes later moves the stage on."
    )]
    Set {
        /// Number of the application, e.g. a3
        id: ApplicationNo,
        /// The employer
        #[arg(long, value_name = "NAME", value_parser = name)]
        company: Option<String>,
        /// The position
        #[arg(long, value_name = "NAME", value_parser = name)]
        role: Option<String>,
        /// Where it stands: applied, acknowledged, in-talks, paused, offered, rejected, accepted,
        /// declined or withdrawn
        #[arg(long, value_parser = stage)]
        stage: Option<Stage>,
        /// Since when it stands there (YYYY-MM-DD); unless given, from now on
        #[arg(long, value_name = "DATE", value_parser = date, requires = "stage")]
        on: Option<Date>,
        /// A note of yours; it stands below what is noted already
        #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
        note: Option<String>,
    },
    /// Two names are one employer, e.g. a brand and the firm behind it
    #[command(
        after_help = "Examples:\n  regards applications alias Lindgren \"LCO Holding AB\"\n  regards applications alias Lindgren \"LCO Holding AB\" --forget"
    )]
    Alias {
        /// One name
        #[arg(value_parser = name)]
        name: String,
        /// Another name of the same
        #[arg(value_parser = name)]
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
        #[arg(long, value_name = "NAME", value_parser = name)]
        company: String,
        /// The position
        #[arg(long, value_name = "NAME", value_parser = name)]
        role: Option<String>,
        /// When you applied (YYYY-MM-DD)
        #[arg(long, value_name = "DATE", value_parser = date)]
        on: Date,
    },
}
