//! Mail after mail while every connection ends in a fault: nothing missed, nothing twice.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::matrix::{MOMENTS, Mailbox, Talk, hurried};
use super::recorder::{Recorder, Watching};
use crate::support::chance::Chance;
use crate::support::number;
use crate::support::scripted::{Line, Scripted};

/// Faults that end a connection; what is there stays there under its number.
const FAULTS: [&str; 8] = [
    "BYE and close",
    "BYE and silence",
    "tagged BYE",
    "BYE, then OK",
    "EOF in a literal",
    "literal of 4 GiB",
    "wrong tag",
    "silence",
];

/// Lets some mail come, and says what goes wrong on this connection, if anything.
async fn connection(line: Line, mailbox: Arc<Mailbox>, chance: Arc<Mutex<Chance>>, total: usize) {
    let ahead = {
        let mut chance = chance.lock().unwrap();
        for _ in 0..=chance.below(8) {
            if mailbox.uids.lock().unwrap().len() < total {
                mailbox.deliver();
            }
        }
        let ahead = (MOMENTS[chance.below(MOMENTS.len())].1, FAULTS[chance.below(FAULTS.len())]);
        // Each fault lets one more mail come: the last connections have none.
        (mailbox.uids.lock().unwrap().len() < total).then_some(ahead)
    };
    Talk::new(line, mailbox, ahead).play().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hundreds_of_deliveries_under_random_faults_are_taken_over_once_each() {
    let total = number("REGARDS_DELIVERIES", 500);
    let seed = number("REGARDS_SEED", 20_261_122);
    let mailbox = Arc::<Mailbox>::default();
    let chance = Arc::new(Mutex::new(Chance(seed as u64)));
    let behind = Arc::clone(&mailbox);
    let played = Scripted::tls(move |line| {
        connection(line, Arc::clone(&behind), Arc::clone(&chance), total)
    });
    let Some(server) = played.await else { return };
    let intake = Recorder::new();
    let watching = Watching::start(hurried(&server, Duration::from_millis(400)), "pw", &intake);
    // Each step is waited for by itself: the whole may take as long as it likes.
    let mut goal = 0;
    while goal < total {
        goal = (goal + 100).min(total);
        let what = format!("{goal} of {total} mails, seed {seed}");
        intake.until(&what, |record| record.messages.len() >= goal).await;
    }
    watching.stop().await;
    let record = intake.record();
    let there: Vec<u64> = mailbox.uids.lock().unwrap().iter().map(|uid| u64::from(*uid)).collect();
    assert_eq!(record.uids("INBOX"), there, "seed {seed}");
    assert!(record.twice.is_empty(), "seed {seed}: {:?}", record.twice);
    println!("{total} deliveries, {} connections lost, seed {seed}", record.losses().len());
    assert!(record.losses().len() * 20 > total, "hardly a fault was played");
}
