//! Each fault of a server in each phase of a submission, against `smtp-matrix.md`: from the
//! rejection to the state of the reply, and what happens when the server has recovered.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use regards::classify::Rules;
use regards::config::Config;
use regards::daemon::{self, Mode, RulesLoader};
use regards::draft::template::Templates;
use regards::model::ids::ReplyNo;
use regards::model::reply::{Reply, ReplyState};
use regards::review::{Desk, DeskError};
use regards::send::Timeouts;
use regards::store::{StateDir, Store};
use tempfile::TempDir;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::support::certificates::{Authority, Validity};
use crate::support::house::{put, rejection};
use crate::support::postfix::PASSWORD;
use crate::support::smtp::{At, Fault, Scripted};
use crate::support::{has, story, wait_until};

const TABLE: &str = include_str!("smtp-matrix.md");

const PHASES: [(&str, At); 11] = [
    ("TCP", At::Handshake),
    ("greeting", At::Greeting),
    ("EHLO", At::Ehlo),
    ("STARTTLS", At::StartTls),
    ("AUTH", At::Auth),
    ("MAIL", At::Mail),
    ("RCPT", At::Rcpt),
    ("DATA", At::Data),
    ("body", At::Body),
    ("after the dot", At::Dot),
    ("QUIT", At::Quit),
];

const FAULTS: [(&str, Fault); 8] = [
    ("reset", Fault::Reset),
    ("close", Fault::Close),
    ("stall", Fault::Stall),
    ("4yz", Fault::Temporary),
    ("5yz", Fault::Permanent),
    ("garbage", Fault::Garbage),
    ("1 byte/s", Fault::Drip),
    ("TLS alert", Fault::Alert),
];

/// Cells at a time: each is a daemon, and the limits below are short.
const AT_A_TIME: usize = 12;

/// Real limits are minutes. These are long enough for a busy machine, and, at the speed of
/// [`Fault::Drip`], long enough for an answer and too short for a handshake or a body.
fn limits() -> Timeouts {
    let seconds = Duration::from_secs;
    Timeouts {
        connect: seconds(4),
        tls: seconds(4),
        greeting: seconds(4),
        hello: seconds(4),
        envelope: seconds(4),
        data: seconds(4),
        body: seconds(4),
        dot: seconds(5),
        quit: seconds(1),
        command: seconds(4),
    }
}

/// The words of a row of the table.
fn words(line: &str) -> Vec<&str> {
    line.trim_matches('|').split('|').map(str::trim).collect()
}

/// The expected word of each cell.
fn table() -> Vec<(At, Fault, String, &'static str)> {
    let mut rows = TABLE.lines().filter(|line| line.starts_with("| "));
    let head = words(rows.next().unwrap());
    assert_eq!(head[1..], FAULTS.map(|(name, _)| name), "the columns of the table");
    let mut cells = Vec::new();
    for ((phase, at), row) in PHASES.into_iter().zip(rows.by_ref()) {
        let row = words(row);
        assert_eq!((row[0], row.len()), (phase, FAULTS.len() + 1));
        for ((name, fault), word) in FAULTS.into_iter().zip(&row[1..]) {
            cells.push((at, fault, format!("{phase}, {name}"), *word));
        }
    }
    assert_eq!((rows.next(), cells.len()), (None, 88));
    cells
}

/// One applicant with an approved reply whose way out is the scripted server.
struct Case {
    home: TempDir,
    config: Config,
}

impl Case {
    async fn approved(server: &Scripted, at: At, ca_file: &Path) -> Case {
        let home = TempDir::new().unwrap();
        for below in ["Maildir/cur", "Maildir/new", "Maildir/tmp"] {
            fs::create_dir_all(home.path().join(below)).unwrap();
        }
        let secret = home.path().join("secret");
        fs::write(&secret, PASSWORD).unwrap();
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
        let text = format!(
            "name = 'Alex Morgan'\n\
             [cooling]\nafter_form = '1s'\noffice_hours = '00:00-24:00'\n\
             working_days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']\n\
             [sending]\ndelay = '0s'\n\
             [account.work]\naddresses = ['Alex Morgan <alex@example.org>']\n\
             maildir = {{ path = 'Maildir' }}\n\
             [account.work.send]\nhost = 'localhost'\nport = {}\ntls = '{}'\nca_file = '{}'\n\
             login = 'alex@example.org'\nsecret = {{ file = 'secret' }}\nsent_copy = 'none'\n",
            server.port,
            if at == At::StartTls { "starttls" } else { "implicit" },
            ca_file.display(),
        );
        let now = Timestamp::now();
        let config = Config::parse(&text, &home.path().join("config.toml"), now).unwrap();
        let case = Case { home, config };
        let mail = rejection("rej-1", "Lindgren", "Engineer").hours_ago(1);
        put(&case.home.path().join("Maildir"), &mail.bytes(now));
        case.once().await;
        let mut desk = case.desk();
        let digest = desk.open(case.no(), now).unwrap().digest.unwrap();
        let approved = match desk.approve(case.no(), digest, Timestamp::now()) {
            // It is said once.
            Err(DeskError::Tone { .. }) => desk.approve(case.no(), digest, Timestamp::now()),
            other => other,
        };
        assert_eq!(approved.unwrap().state.name(), "approved");
        case
    }

    fn state(&self) -> StateDir {
        StateDir::at(&self.home.path().join("state"))
    }

    fn no(&self) -> ReplyNo {
        ReplyNo::new(1).unwrap()
    }

    fn desk(&self) -> Desk {
        Desk::new(Store::open_as_face(&self.state()).unwrap(), self.config.review(), "test")
    }

    fn reply(&self) -> Reply {
        self.desk().open(self.no(), Timestamp::now()).unwrap().reply
    }

    /// The daemon catches up, sends what is due, and ends.
    async fn once(&self) {
        let rules = RulesLoader { load: Box::new(|| Ok(Rules::embedded())), stamp: Box::new(|| 0) };
        let templates = Templates::new(std::iter::empty()).unwrap();
        let mut settings = self.config.daemon(templates, rules);
        settings.send_limits = limits();
        // A child that another test is starting holds what was open for an instant.
        let mut lock = None;
        wait_until("nobody holds the lock", Duration::from_secs(20), || {
            lock = self.state().lock().ok();
            lock.is_some()
        });
        let lock = lock.unwrap();
        daemon::run(settings, lock, Mode::Once, CancellationToken::new()).await.unwrap();
    }
}

/// What the user is shown of the reply, in a word of the table.
fn told(reply: &Reply) -> String {
    let said = reply.notice.as_deref().unwrap_or_default();
    let word = match &reply.state {
        ReplyState::Approved(approval) => {
            let pause = approval.due.duration_since(Timestamp::now());
            // A server that breaks off each time must not be called in a loop.
            if pause > SignedDuration::from_secs(5) { "retried" } else { "retried at once" }
        }
        other => other.name(),
    };
    if said.is_empty() { format!("{word}, and nothing is said") } else { word.to_owned() }
}

/// What the server said, where it said something that is believed.
fn words_of(at: At, fault: Fault) -> &'static str {
    match fault {
        Fault::Temporary if !matches!(at, At::Handshake | At::Quit) => "451 4.3.0 later, please",
        Fault::Permanent if !matches!(at, At::Handshake | At::Quit) => "550 5.7.1 never",
        _ => "",
    }
}

/// Plays a cell; the sentences about what was not as it should be.
async fn play(server: &Scripted, at: At, fault: Fault, expected: &str, ca: &Path) -> Vec<String> {
    let case = Case::approved(server, at, ca).await;
    let mut wrong = Vec::new();
    let mut compare = |what: &str, is: &str, should: &str| {
        if is != should {
            wrong.push(format!("{what}: {is}, not {should}"));
        }
    };
    case.once().await;
    let reply = case.reply();
    compare("at first", &told(&reply), expected);
    let said = reply.notice.unwrap_or_default();
    if !said.contains(words_of(at, fault)) {
        compare("said", &said, words_of(at, fault));
    }
    // Any time later, with a server that has recovered.
    let before = server.bodies();
    story::sql(case.state().path(), "UPDATE reply SET due = approved_at");
    case.once().await;
    let again = server.bodies() - before;
    let (then, sent_again) = if expected == "retried" { ("sent", 1) } else { (expected, 0) };
    compare("then", &told(&case.reply()), then);
    compare("given again", &again.to_string(), &sent_again.to_string());
    wrong
}

#[tokio::test(flavor = "multi_thread")]
async fn each_cell_of_the_table_ends_as_it_says_and_no_doubtful_mail_leaves_again() {
    if !has(&["openssl"]) {
        return;
    }
    let authority = Arc::new(Authority::new());
    let issued = Arc::new(authority.issue("localhost", Validity::Now));
    let turn = Arc::new(Semaphore::new(AT_A_TIME));
    let mut cells = tokio::task::JoinSet::new();
    for (at, fault, name, expected) in table() {
        let (authority, issued) = (Arc::clone(&authority), Arc::clone(&issued));
        let turn = Arc::clone(&turn);
        cells.spawn(async move {
            let _turn = turn.acquire().await.unwrap();
            let server = Scripted::start(&issued, at, fault).await;
            // A daemon waits for its disk; the server must not, or it would stall by itself.
            let own = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let ca_file = authority.ca_file();
            let cell = move || own.block_on(play(&server, at, fault, expected, &ca_file));
            let wrong = tokio::task::spawn_blocking(cell).await.unwrap();
            wrong.into_iter().map(|it| format!("{name}: {it}\n")).collect::<String>()
        });
    }
    let wrong = cells.join_all().await.concat();
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_evening_offline_loses_no_approved_reply() {
    if !has(&["openssl"]) {
        return;
    }
    let authority = Authority::new();
    let issued = authority.issue("localhost", Validity::Now);
    let server = Scripted::start(&issued, At::Never, Fault::Close).await;
    let case = Case::approved(&server, At::Never, &authority.ca_file()).await;
    server.set_away(true);
    let mut pauses = Vec::new();
    for _ in 0..8 {
        case.once().await;
        let reply = case.reply();
        assert_eq!(told(&reply), "retried");
        let ReplyState::Approved(approval) = reply.state else { unreachable!() };
        pauses.push((approval.due.as_second() - Timestamp::now().as_second() + 4) / 5 * 5);
        // The pause passes, and an hour with it.
        story::sql(
            case.state().path(),
            "UPDATE reply SET due = due - 3600000, first_due = first_due - 3600000,
                 approved_at = approved_at - 3600000",
        );
    }
    assert_eq!(pauses, [15, 30, 60, 120, 240, 480, 900, 900], "seconds");
    server.set_away(false);
    case.once().await;
    assert_eq!((told(&case.reply()).as_str(), server.bodies()), ("sent", 1));
}
