//! What can be typed. Parsing only: nothing here does anything.

mod applications;
mod figures;
mod forget;
mod import;
mod rules;
mod words;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::model::address::Address;
use crate::model::answer::AnswerKind;
use crate::model::ids::{CaseNo, MailNo, MessageNo, ReplyNo};
use crate::model::mail::Intent;
use crate::model::verdict::Kind;

pub use applications::{ApplicationsArgs, ApplicationsCommand};
pub use figures::{ExportArgs, Format, PeriodArgs, ReportArgs, ScanArgs, StatsArgs, Subject};
pub use forget::{ForgetArgs, Named};
pub use import::ImportArgs;
pub use rules::{RulesArgs, RulesCommand};
pub(super) use words::intent;
use words::{answer_kind, case, date, kind};

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

    /// Classify Maildir, mbox and .eml without any configuration
    #[command(
        after_help = "Examples:\n  regards scan ~/Maildir\n  regards scan takeout.mbox --report pictures   the whole search as a page, see `report`\n  regards scan takeout.mbox --json | jq 'select(.kind == \"rejected\")'\n\nNothing is written but the report, and nothing leaves the machine."
    )]
    Scan(ScanArgs),

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
    #[command(
        after_help = "Examples:\n  regards snooze r3 3d\n  regards snooze r3 tomorrow\n  regards snooze r3 2027-02-01"
    )]
    Snooze {
        /// Number of the reply, e.g. r3
        id: ReplyNo,
        /// Until when: 4h, 3d, 6 weeks, 3 months, tomorrow, friday, 2027-02-01
        #[arg(value_name = "TIME", required = true)]
        time: Vec<String>,
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

    /// Make a draft for a rejection that got none, or the one on the desk for another intent
    #[command(
        after_help = "Examples:\n  regards draft m12\n  regards draft m12 --intent thanks          also when a draft is on the desk already\n  regards draft m12 --to anna@example.org\n  regards draft --try en/thanks.2.txt m12    what this template would say; writes nothing\n  regards draft --try my/own.txt m12         a file that lies anywhere"
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
        /// Only show what this template would say: its name, or a file
        #[arg(long = "try", value_name = "TEMPLATE", conflicts_with_all = ["to", "intent"])]
        template: Option<String>,
    },

    /// What employers wrote back to your replies
    #[command(
        after_help = "Examples:\n  regards feedback\n  regards feedback m12 --tag skills --tag 'more SQL'\n  regards feedback m12 --kind warm      it was no feedback after all\n  regards feedback --json | jq -r 'select(.kind == \"given\") | .text'"
    )]
    Feedback(FeedbackArgs),

    /// Keep in touch: write once more, or apply again, after some time
    #[command(
        after_help = "Examples:\n  regards remind                  who is kept in mind, and when\n  regards remind r3 3 months\n  regards remind m4 2027-02-01    a rejection that got no reply\n  regards remind r3 never\n  regards remind --ics reminders.ics   for your calendar; read again, nothing stands in it twice\n\nWhen it is due, a short follow-up to the mail that you sent is drafted and waits for your yes like\nany other. Where you sent none, the desk reminds you. What an employer says (\"you may apply again\nafter six months\") is remembered by itself; what you say holds."
    )]
    Remind(RemindArgs),

    /// What you applied for, how far it has come, and putting it right
    #[command(
        after_help = "Examples:\n  regards applications\n  regards applications --silent             an answer is overdue\n  regards applications --unclear            mails that may belong to several\n  regards applications merge a3 a7\n  regards applications set a3 --role \"Data Engineer\"\n\nAll of it is told by your mail. What you say holds against it, and through every `rescan`."
    )]
    Applications(ApplicationsArgs),

    /// How the search goes, in figures
    #[command(
        after_help = "Examples:\n  regards stats\n  regards stats --since 2026-09-01 --until 2026-09-30\n  regards stats --by system   which tracking systems answer, and how soon\n  regards stats --replies     what your replies brought, by intent, stage, template and delay"
    )]
    Stats(StatsArgs),

    /// The search as a page with pictures, to keep or to share
    #[command(
        after_help = "Examples:\n  regards report --out pictures\n  regards report --out pictures --anonymous --svg   neutral names; each picture as a file, too\n  regards report --out pictures --sankeymatic       the funnel as text for sankeymatic.com\n\nThe page is one file that loads nothing and runs nothing. Without any setup: regards scan."
    )]
    Report(ReportArgs),

    /// Your data as CSV or JSON: applications, messages, replies, feedback
    #[command(
        after_help = "Examples:\n  regards export applications > applications.csv\n  regards export messages --format json\n\nThe README tells what the columns mean. What is kept quiet and your reflections are left out."
    )]
    Export(ExportArgs),

    /// Take over the applications of your own table or tracker, a CSV file
    #[command(after_help = import::EXAMPLES)]
    Import(ImportArgs),

    /// Your week in a few lines: what you sent, what came, what waits
    #[command(
        after_help = "Examples:\n  regards letter\n  regards letter --until 2026-11-22   the seven days of which this is the last\n\nWith `weekly_letter = \"mon\"` in [stats] of the configuration the desk says every Monday that it is\nthere. It leaves by no mail, and is counted when you read it."
    )]
    Letter {
        /// The week that ends with this day (YYYY-MM-DD); unless given, the last one that is over
        #[arg(long, value_name = "DATE", value_parser = date)]
        until: Option<jiff::civil::Date>,
    },

    /// Small wins of the search, and what you thought after a reply; for you alone
    #[command(
        after_help = "Examples:\n  regards wins\n  regards wins --forget 3   erases the reflection with this number\n\n`regards review` asks the questions; `questions = false` in [review] of the configuration ends that."
    )]
    Wins {
        /// Erase the reflection with this number
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(1..))]
        forget: Option<i64>,
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

    /// Erase what is kept of an application, an account, old mail or everything
    #[command(
        after_help = "Examples:\n  regards forget --application a3\n  regards forget --application r3        that of a reply or of a mail (m4)\n  regards forget --before 2025-01-01\n  regards forget --all --yes             without asking\n\nMails, drafts, notes and reminders are overwritten, and the mail, which still lies in your mailbox,\nis passed over there. Nothing in the mailbox changes; a backup that you made keeps what it has."
    )]
    Forget(ForgetArgs),

    /// Copy the database into a file, also while the daemon runs
    #[command(
        after_help = "Examples:\n  regards backup ~/regards-2026-11.db\n  regards backup ~/regards.db --force    replaces the file\n\nOnly you can read it. It holds mails and drafts, and no password."
    )]
    Backup {
        /// The new file
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Replace the file if it is there
        #[arg(long)]
        force: bool,
    },

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

/// `regards remind`
#[derive(Debug, Args)]
pub struct RemindArgs {
    /// Number of the reply, or of the rejection that got none: r3, m4
    #[arg(value_name = "ID", requires = "when", value_parser = case)]
    pub id: Option<CaseNo>,
    /// When: 3 months, 6 weeks, tomorrow, friday, 2027-02-01, never
    #[arg(value_name = "WHEN")]
    pub when: Vec<String>,
    /// Write all of them into a calendar file
    #[arg(long, value_name = "FILE.ics", conflicts_with = "id")]
    pub ics: Option<PathBuf>,
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
