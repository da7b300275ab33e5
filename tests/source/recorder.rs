//! An intake that remembers what it was given, and the settings that tests share.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use regards::model::ids::AccountNo;
use regards::source::imap::{self, CredentialsError, Settings};
use regards::source::{
    BATCH_MESSAGES, Batch, Clock, Contact, Cursor, Folder, Intake, IntakeError, Raw, Uid,
};
use secrecy::SecretString;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

/// Nothing in these tests takes longer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Everything the intake was given.
#[derive(Debug, Clone, Default)]
pub struct Record {
    /// Messages by folder, UIDVALIDITY and UID; a second admission of one is a failure.
    pub messages: BTreeMap<(String, u32, Uid), Raw>,
    /// The cursor of each folder.
    pub cursors: BTreeMap<String, Cursor>,
    /// Folders whose numbers changed: old and new UIDVALIDITY.
    pub resets: Vec<(String, u32, u32)>,
    /// Messages that the server refused to hand out.
    pub unreadable: Vec<Uid>,
    /// How the contact stood, in order.
    pub contacts: Vec<Contact>,
    /// Messages that were admitted twice.
    pub twice: Vec<Uid>,
    /// UIDs in the order of their admission.
    pub order: Vec<Uid>,
}

/// The intake.
#[derive(Debug)]
pub struct Recorder {
    record: watch::Sender<Record>,
    /// Says that every prefix is enough.
    pub content: AtomicBool,
    /// Asks the parser instead, as the daemon does.
    pub parses: AtomicBool,
    /// So many admissions fail first.
    pub refusals: AtomicU32,
}

impl Recorder {
    pub fn new() -> Arc<Self> {
        let record = watch::Sender::new(Record::default());
        let (content, parses) = (AtomicBool::new(true), AtomicBool::new(false));
        Arc::new(Recorder { record, content, parses, refusals: AtomicU32::new(0) })
    }

    /// What was recorded so far.
    pub fn record(&self) -> Record {
        self.record.borrow().clone()
    }

    /// The messages' bytes in the order of their admission.
    pub fn admitted_in_order(&self) -> Vec<Vec<u8>> {
        let record = self.record();
        let bytes = |uid: &Uid| record.messages.values().find(|m| m.uid == *uid).cloned();
        record.order.iter().filter_map(bytes).map(|m| m.bytes).collect()
    }

    /// Puts a folder's cursor somewhere.
    pub fn put_cursor(&self, folder: &str, uidvalidity: u32, uid_next: Uid) {
        let cursor = Cursor { uidvalidity, uid_next };
        self.record.send_modify(|record| {
            record.cursors.insert(folder.to_owned(), cursor);
        });
    }

    /// Waits until the record is as wanted.
    pub async fn until(&self, what: &str, wanted: impl Fn(&Record) -> bool) -> Record {
        let mut changes = self.record.subscribe();
        let waited = tokio::time::timeout(PATIENCE, changes.wait_for(|r| wanted(r))).await;
        match waited {
            Ok(record) => record.unwrap().clone(),
            Err(_) => panic!("never came: {what}; the record: {:?}", self.record()),
        }
    }

    /// Waits until the account idles.
    pub async fn until_idle(&self) -> Record {
        self.until("idling", |r| matches!(r.contacts.last(), Some(Contact::Idle { .. }))).await
    }
}

impl Record {
    /// UIDs admitted in a folder.
    pub fn uids(&self, folder: &str) -> Vec<Uid> {
        self.messages.keys().filter(|(f, _, _)| f == folder).map(|(_, _, uid)| *uid).collect()
    }

    /// The contact that was lost, as sentences.
    pub fn losses(&self) -> Vec<String> {
        let lost = |c: &Contact| match c {
            Contact::Lost { why, .. } => Some(why.clone()),
            _ => None,
        };
        self.contacts.iter().filter_map(lost).collect()
    }
}

impl Intake for Recorder {
    async fn cursor(&self, folder: &Folder) -> Result<Option<Cursor>, IntakeError> {
        Ok(self.record.borrow().cursors.get(&folder.name).copied())
    }

    async fn unseen(
        &self,
        folder: &Folder,
        uidvalidity: u32,
        uids: Vec<Uid>,
    ) -> Result<Vec<Uid>, IntakeError> {
        let record = self.record.borrow();
        let known =
            |uid: &Uid| record.messages.contains_key(&(folder.name.clone(), uidvalidity, *uid));
        Ok(uids.into_iter().filter(|uid| !known(uid)).collect())
    }

    async fn admit(&self, batch: Batch) -> Result<(), IntakeError> {
        assert!(batch.messages.len() <= BATCH_MESSAGES);
        let left = self.refusals.load(Ordering::Relaxed);
        if left > 0 {
            self.refusals.store(left - 1, Ordering::Relaxed);
            return Err("disk full".into());
        }
        self.record.send_modify(|record| {
            let name = batch.folder.name;
            let before = record.cursors.insert(name.clone(), batch.cursor);
            assert!(before.is_none_or(|b| b.uidvalidity != batch.cursor.uidvalidity
                || b.uid_next <= batch.cursor.uid_next));
            record.unreadable.extend(batch.unreadable);
            for raw in batch.messages {
                let uid = raw.uid;
                record.order.push(uid);
                let key = (name.clone(), batch.uidvalidity, uid);
                if record.messages.insert(key, raw).is_some() {
                    record.twice.push(uid);
                }
            }
        });
        Ok(())
    }

    async fn reset(&self, folder: &Folder, old: Cursor, new: u32) -> Result<(), IntakeError> {
        self.record.send_modify(|r| r.resets.push((folder.name.clone(), old.uidvalidity, new)));
        Ok(())
    }

    fn enough(&self, prefix: &[u8]) -> bool {
        if self.parses.load(Ordering::Relaxed) {
            return regards::parse::enough(prefix);
        }
        self.content.load(Ordering::Relaxed)
    }

    fn contact(&self, _account: AccountNo, contact: Contact) {
        self.record.send_modify(|r| r.contacts.push(contact));
    }
}

/// The clock of tests that have no business with time.
#[allow(clippy::disallowed_methods)]
pub fn wall_clock() -> Timestamp {
    Timestamp::now()
}

/// An account on this machine, with short pauses.
pub fn settings(port: u16, ca_file: PathBuf) -> Settings {
    let account = AccountNo::new(1).unwrap();
    let mut settings = Settings::new(account, "localhost", "anna");
    settings.port = port;
    settings.ca_file = Some(ca_file);
    settings.deadlines.back_off = Duration::from_millis(20);
    settings.deadlines.back_off_max = Duration::from_millis(100);
    settings
}

/// Somebody who knows this password.
pub fn knows(password: &str) -> impl imap::Credentials + use<> {
    let secret = Mutex::new(SecretString::from(password.to_owned()));
    move || {
        let secret = secret.lock().unwrap().clone();
        async move { Ok::<_, CredentialsError>(secret) }
    }
}

/// A watch that runs until it is dropped.
pub struct Watching {
    /// Fires "the secret was set anew".
    pub changed: Arc<Notify>,
    stop: DropGuard,
    task: JoinHandle<()>,
}

impl Watching {
    pub fn start(settings: Settings, password: &str, intake: &Arc<Recorder>) -> Self {
        Self::start_with_clock(settings, password, intake, wall_clock)
    }

    pub fn start_with_clock(
        settings: Settings,
        password: &str,
        intake: &Arc<Recorder>,
        clock: Clock,
    ) -> Self {
        let (changed, stop) = (Arc::new(Notify::new()), CancellationToken::new());
        let task = tokio::spawn(imap::watch(
            Arc::new(settings),
            Arc::new(knows(password)),
            Arc::clone(&changed),
            Arc::clone(intake),
            clock,
            stop.clone(),
        ));
        Watching { changed, stop: stop.drop_guard(), task }
    }

    /// Asks it to stop and sees that it does.
    pub async fn stop(self) {
        drop(self.stop);
        tokio::time::timeout(PATIENCE, self.task).await.expect("stops when asked").unwrap();
    }
}

/// Catches up once.
pub async fn run_once(
    settings: Settings,
    password: &str,
    intake: &Arc<Recorder>,
) -> Result<imap::Summary, imap::ImapError> {
    let work = imap::run_once(
        Arc::new(settings),
        Arc::new(knows(password)),
        Arc::clone(intake),
        wall_clock,
    );
    tokio::time::timeout(PATIENCE, work).await.expect("ends in time")
}

/// A small mail.
pub fn mail(number: usize) -> Vec<u8> {
    format!(
        "From: Jobs <jobs@example.org>\r\nTo: anna@example.org\r\nSubject: Mail {number}\r\n\
         Message-ID: <{number}@example.org>\r\nDate: Mon, 2 Nov 2026 10:00:00 +0000\r\n\r\n\
         Hello, this is mail {number}.\r\n"
    )
    .into_bytes()
}
