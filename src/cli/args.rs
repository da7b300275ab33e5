//! What can be typed. Parsing only: nothing here does anything.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::model::address::Address;
use crate::model::answer::AnswerKind;
use crate::model::ids::{MailNo, MessageNo, ReplyNo};
use crate::model::mail::Intent;
use crate::model::verdict::Kind;
use crate::tune::folds::Folds;

/// The heading of the options that every command takes.
const EVERYWHERE: &str = "Everywhere";

/// Watches a mailbox for job rejections, keeps quiet while it hurts, and sends a polite
/// answer only after you approved exactly that text.
#[derive(Debug, Parser)]
#[command(
    version,
    max_term_width = 100,
    after_help = "Try it without any setup:  regards demo\nThen:                      regards check"
)]
pub struct Cli {
    /// Configuration file [default: ~/.config/regards/config.toml]
    #[arg(long, global = true, value_name = "FILE", env = "REGARDS_CONFIG", hide_env = true, help_heading = EVERYWHERE)]
    pub config: Option<PathBuf>,

    /// Directory of the database [default: ~/.local/state/regards]
    #[arg(long, global = true, value_name = "DIR", env = "REGARDS_STATE_DIR", hide_env = true, help_heading = EVERYWHERE)]
    pub state_dir: Option<PathBuf>,

    /// Print JSON Lines for scripts
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub json: bool,

    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show the main job on an invented mailbox: nothing is set up, nothing leaves the machine
    #[command(
        after_help = "Examples:\n  regards demo         ends with the review of the draft\n  regards demo --yes   approves it and prints the mail that went out"
    )]
    Demo {
        /// Approve the draft and print the mail that goes out
        #[arg(long)]
        yes: bool,
    },

    /// Test configuration, secrets, rules, database and logins; sends nothing
    #[command(
        after_help = "Examples:\n  regards check\n  regards check --send-to-me   sends one mail to your own address, the whole real way"
    )]
    Check {
        /// Send one mail through the whole real path to your own address
        #[arg(long)]
        send_to_me: bool,
    },

    /// Watch the mailboxes and send what was approved, until stopped
    #[command(
        after_help = "Examples:\n  regards run          as a service: systemctl --user enable --now regards\n  regards run --once   catch up, release, send what is approved, end (for cron)"
    )]
    Run {
        /// Catch up, release, send what is approved, and end
        #[arg(long)]
        once: bool,
    },

    /// Classify Maildir, mbox and .eml without any configuration; writes nothing
    #[command(
        after_help = "Examples:\n  regards scan ~/Maildir\n  regards scan takeout.mbox --json | jq 'select(.kind == \"rejected\")'"
    )]
    Scan {
        /// Maildir, mbox, .eml, or directories of them
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
        /// List what is not about a job, too
        #[arg(long)]
        all: bool,
    },

    /// Look into the mailbox itself: mails with their verdicts, the newest first
    #[command(
        after_help = "Examples:\n  regards find --from lindgren\n  regards find --subject application --since 2026-09-01 --limit 50\n  regards find --from nora --json | jq -r .id\n\nIts ids (m12, f3.812.9c4e) work in `explain` and `correct`. Nothing is kept of what it reads, and\nwhat is kept quiet is left out."
    )]
    Find {
        /// A part of the sender's name or address
        #[arg(long, value_name = "TEXT")]
        from: Option<String>,
        /// A part of the subject
        #[arg(long, value_name = "TEXT")]
        subject: Option<String>,
        /// Only mail received since this day (YYYY-MM-DD)
        #[arg(long, value_name = "DATE", value_parser = date)]
        since: Option<jiff::civil::Date>,
        /// Only this account, by its name in the configuration
        #[arg(long, value_name = "NAME")]
        account: Option<String>,
        /// So many at most
        #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..))]
        limit: u16,
    },

    /// Judge again, by the rules of today, what older ones were in doubt about
    #[command(
        after_help = "Examples:\n  regards rescan                     after a change of the rules\n  regards rescan --since 2026-09-01\n  regards rescan --all               also what was not in doubt\n\nVerdicts and figures change. No draft is made (`regards draft ID` makes one), and what you told\nby `correct` holds."
    )]
    Rescan {
        /// Only mail received since this day (YYYY-MM-DD)
        #[arg(long, value_name = "DATE", value_parser = date)]
        since: Option<jiff::civil::Date>,
        /// Everything that older rules judged
        #[arg(long)]
        all: bool,
    },

    /// Tell why a mail was judged as it was
    #[command(
        after_help = "Examples:\n  regards explain m12\n  regards explain f3.812.9c4e   an id of `regards find`\n  regards explain mail.eml"
    )]
    Explain {
        /// Number of a message, an id of `find`, or a file
        #[arg(value_name = "PATH|ID")]
        what: String,
    },

    /// Go through the desk, one draft after the other
    #[command(after_help = "Examples:\n  regards review")]
    Review,

    /// List what waits for you
    #[command(
        after_help = "Examples:\n  regards desk\n  regards desk --all       also what was sent, skipped, withdrawn\n  regards desk --cooling   also what is kept quiet"
    )]
    Desk {
        /// Also what has ended
        #[arg(long)]
        all: bool,
        /// Also what is still kept quiet
        #[arg(long)]
        cooling: bool,
    },

    /// Show a reply as it would be sent
    #[command(
        after_help = "Examples:\n  regards show r3\n  regards show r3 --json | jq -r .mail.text"
    )]
    Show {
        /// Number of the reply, e.g. r3
        id: ReplyNo,
    },

    /// Say yes to a reply exactly as it is shown
    #[command(
        after_help = "Examples:\n  regards approve r3\n  regards approve r3 --seen 3f2a…   only if it is still the mail with this digest"
    )]
    Approve {
        /// Number of the reply, e.g. r3
        id: ReplyNo,
        /// Only if the mail still has this digest (the `digest` of `show --json`)
        #[arg(long, value_name = "DIGEST")]
        seen: Option<String>,
    },

    /// Take the yes back, as long as it has not left
    #[command(after_help = "Examples:\n  regards revoke r3")]
    Revoke {
        /// Number of the reply, e.g. r3
        id: ReplyNo,
    },

    /// Change a reply's text in $EDITOR
    #[command(after_help = "Examples:\n  regards edit r3\n  regards edit r3 --text answer.txt")]
    Edit {
        /// Number of the reply, e.g. r3
        id: ReplyNo,
        /// Take the text from this file ('-': standard input) instead of an editor
        #[arg(long, value_name = "FILE")]
        text: Option<PathBuf>,
    },

    /// Hear of it again later
    #[command(after_help = "Examples:\n  regards snooze r3 3d\n  regards snooze r3 4h")]
    Snooze {
        /// Number of the reply, e.g. r3
        id: ReplyNo,
        /// How long: 4h, 3d, 1w
        #[arg(value_name = "TIME")]
        time: String,
    },

    /// Do not answer this one
    #[command(after_help = "Examples:\n  regards skip r3")]
    Skip {
        /// Number of the reply, e.g. r3
        id: ReplyNo,
    },

    /// Say whether a doubtful mail went out
    #[command(
        after_help = "Examples:\n  regards resolve r3 sent     it is in your Sent folder\n  regards resolve r3 unsent   it is not: the draft comes back"
    )]
    Resolve {
        /// Number of the reply, e.g. r3
        id: ReplyNo,
        /// What you found out: it went out or not
        #[arg(value_name = "sent|unsent", hide_possible_values = true)]
        outcome: Resolution,
    },

    /// Tell what a message really is
    #[command(
        after_help = "Examples:\n  regards correct m12 noise\n  regards correct f3.812.9c4e rejected   an id of `regards find`: takes this one mail in\n\nIt holds at once and through every change of the rules.\nKinds: rejected acknowledged progress paused invited offered question feedback withdrawn approached noise"
    )]
    Correct {
        /// Number of the message, e.g. m12, or an id of `find`
        id: MailNo,
        /// What it is
        #[arg(value_parser = kind)]
        kind: Kind,
    },

    /// Make a draft for a rejection that got none
    #[command(
        after_help = "Examples:\n  regards draft m12\n  regards draft m12 --intent thanks\n  regards draft m12 --to anna@example.org"
    )]
    Draft {
        /// Number of the message, e.g. m12
        id: MessageNo,
        /// Write to this address, against the program's advice
        #[arg(long, value_name = "ADDRESS")]
        to: Option<Address>,
        /// What for: thanks, feedback-request, accept-feedback, other-role or keep-in-touch
        #[arg(long, value_name = "INTENT", value_parser = intent)]
        intent: Option<Intent>,
    },

    /// What employers wrote back to your replies
    #[command(
        after_help = "Examples:\n  regards feedback\n  regards feedback m12 --tag skills --tag 'more SQL'\n  regards feedback m12 --kind warm      it was no feedback after all\n  regards feedback --json | jq -r 'select(.kind == \"given\") | .text'"
    )]
    Feedback(FeedbackArgs),

    /// How the search goes, in figures
    #[command(after_help = "Examples:\n  regards stats\n  regards stats --since 2026-09-01")]
    Stats {
        /// Only applications since this day (YYYY-MM-DD)
        #[arg(long, value_name = "DATE", value_parser = date)]
        since: Option<jiff::civil::Date>,
        /// Also what is still kept quiet
        #[arg(long)]
        cooling: bool,
        /// No colours and no drawing
        #[arg(long)]
        plain: bool,
    },

    /// What the daemon does, and what waits; exit 1 when an account was not read for an hour
    #[command(after_help = "Examples:\n  regards status\n  regards status --json")]
    Status,

    /// Hold drafts and sending
    #[command(
        after_help = "Examples:\n  regards pause\n  regards pause --today              nothing more until tomorrow\n  regards pause --until 2026-12-27"
    )]
    Pause {
        /// Go on by itself on this day (YYYY-MM-DD)
        #[arg(long, value_name = "DATE", value_parser = date)]
        until: Option<jiff::civil::Date>,
        /// Not today: until tomorrow
        #[arg(long, conflicts_with = "until")]
        today: bool,
    },

    /// Go on after `pause` or a brake
    #[command(after_help = "Examples:\n  regards resume")]
    Resume,

    /// Put a password or token where the configuration says
    Secret(SecretArgs),

    /// Look at the rules, measure and tune them
    Rules(RulesArgs),

    /// Print completions for a shell
    #[command(
        hide = true,
        after_help = "Examples:\n  regards completions fish > ~/.config/fish/completions/regards.fish"
    )]
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },

    /// Print the manual page
    #[command(hide = true, after_help = "Examples:\n  regards man > regards.1")]
    Man,
}

/// `regards secret …`
#[derive(Debug, Args)]
pub struct SecretArgs {
    /// What to do with it.
    #[command(subcommand)]
    pub command: SecretCommand,
}

/// What to do with a secret.
#[derive(Debug, Subcommand)]
pub enum SecretCommand {
    /// Ask for the secret and keep it
    #[command(
        after_help = "Examples:\n  regards secret set main imap\n  pass show mail | regards secret set main imap"
    )]
    Set {
        /// The account's name in the configuration
        account: String,
        /// Which of its two logins: for reading or for sending
        #[arg(value_name = "imap|smtp", hide_possible_values = true)]
        purpose: PurposeArg,
    },
}

/// `regards feedback`
#[derive(Debug, Args)]
pub struct FeedbackArgs {
    /// One answer
    #[arg(value_name = "ID")]
    pub id: Option<MessageNo>,
    /// What it is about, in your words or these: skills, experience, communication, fit, logistics
    #[arg(long, value_name = "WORD", requires = "id")]
    pub tag: Vec<String>,
    /// Take all its tags away
    #[arg(long, requires = "id", conflicts_with = "tag")]
    pub untag: bool,
    /// What it really is: given, refused or warm (an answer without feedback)
    #[arg(long, requires = "id", value_parser = answer_kind)]
    pub kind: Option<AnswerKind>,
    /// Also automatic answers, and replies that came back undelivered
    #[arg(long)]
    pub all: bool,
}

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

/// Which login of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PurposeArg {
    /// Reading.
    Imap,
    /// Sending.
    Smtp,
}

/// What became of a doubtful mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Resolution {
    /// It went out.
    Sent,
    /// It did not.
    Unsent,
}

fn date(word: &str) -> Result<jiff::civil::Date, String> {
    word.parse().map_err(|_| format!("`{word}` is not a day; write it like 2026-09-01"))
}

fn folds(word: &str) -> Result<Folds, String> {
    match (word, word.parse()) {
        ("source", _) => Ok(Folds::BySource),
        (_, Ok(many)) if many >= 2 => Ok(Folds::Groups(many)),
        _ => Err(format!("`{word}` is neither `source` nor a number of groups from 2 on")),
    }
}

fn intent(word: &str) -> Result<Intent, String> {
    Intent::named(word).ok_or_else(|| {
        let names: Vec<&str> = Intent::ALL.iter().map(|it| it.name()).collect();
        format!("`{word}` is none of {}", names.join(", "))
    })
}

fn answer_kind(word: &str) -> Result<AnswerKind, String> {
    AnswerKind::named(word)
        .filter(|kind| kind.is_personal())
        .ok_or_else(|| format!("`{word}` is none of given, refused, warm"))
}

fn kind(word: &str) -> Result<Kind, String> {
    Kind::named(word).ok_or_else(|| {
        let names: Vec<&str> = Kind::ALL.iter().map(|k| k.name()).collect();
        let near = names
            .iter()
            .max_by(|a, b| strsim::jaro(a, word).total_cmp(&strsim::jaro(b, word)))
            .copied()
            .unwrap_or_default();
        format!("`{word}` is not a kind; did you mean `{near}`? ({})", names.join(", "))
    })
}
