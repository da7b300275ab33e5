//! The state directory: private, of one schema, quick to ask.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;

use crate::support::house::{House, rejection};

fn one_run() -> House {
    let house = House::new("1s");
    house.deliver(&rejection("no", "Lindgren", "Engineer").hours_ago(30));
    house.once();
    house
}

fn set_schema(house: &House, number: i64) {
    let database = rusqlite::Connection::open(house.path("state/regards.db")).unwrap();
    database.pragma_update(None, "user_version", number).unwrap();
}

#[test]
fn a_schema_of_a_newer_program_is_refused_by_its_number() {
    let house = one_run();
    set_schema(&house, 99);
    for command in [&["desk"][..], &["run", "--once"]] {
        let (said, code) = house.says(command);
        assert_ne!(code, 0, "{said}");
        assert!(said.contains("schema 99"), "{said}");
        assert!(said.contains("update this program"), "{said}");
    }
}

#[test]
fn a_running_daemon_ends_when_a_newer_program_took_the_database_over() {
    let house = one_run();
    let daemon = house.start();
    set_schema(&house, 99);
    daemon.signal("HUP");
    crate::support::wait_until("it notices", crate::support::house::PATIENCE, || {
        daemon.signal("HUP");
        daemon.log().contains("taken the database over") || daemon.ended()
    });
}

#[test]
fn a_face_that_meets_an_older_schema_under_a_running_daemon_names_the_restart() {
    let house = one_run();
    // Only its lock and its number: no daemon of an older program can be had here, and one
    // of this program would end as soon as it notices.
    let lock = File::open(house.path("state/daemon.lock")).unwrap();
    lock.lock().unwrap();
    set_schema(&house, 0);
    let (said, code) = house.says(&["desk"]);
    assert_ne!(code, 0, "{said}");
    assert!(said.contains("schema 0") && said.contains("Restart the daemon"), "{said}");
    drop(lock);
}

#[test]
fn what_others_can_read_is_refused_with_the_command_that_closes_it() {
    let house = one_run();
    for (path, open, closed) in [("state", 0o755, 0o700), ("state/regards.db", 0o644, 0o600)] {
        let path = house.path(path);
        fs::set_permissions(&path, fs::Permissions::from_mode(open)).unwrap();
        let (said, code) = house.says(&["desk"]);
        assert_ne!(code, 0, "{said}");
        assert!(said.contains("can be read by other users"), "{said}");
        assert!(said.contains("chmod"), "{said}");
        fs::set_permissions(&path, fs::Permissions::from_mode(closed)).unwrap();
    }
    house.ok(&["desk"]);
}

#[test]
fn what_is_asked_for_every_mail_is_answered_by_an_index() {
    let house = one_run();
    let database = rusqlite::Connection::open(house.path("state/regards.db")).unwrap();
    for asked in [
        "SELECT no FROM message WHERE fingerprint = x'00' ORDER BY no",
        "SELECT 1 FROM message WHERE message_id = 'a@b' AND application IS NOT NULL",
        "SELECT 1 FROM message WHERE application IS NOT NULL AND own = 0
           AND substr(sender, instr(sender, '@') + 1) = 'firm.example'",
        "SELECT uid FROM sighting WHERE folder = 1 AND uidvalidity = 1",
        "SELECT no FROM message WHERE application = 1 ORDER BY received_at, no",
        "SELECT no FROM message WHERE quiet_until <= 5 ORDER BY quiet_until, no",
        "SELECT received_at FROM message WHERE kind = 1 AND unsure = 0 AND received_at >= 5",
        "SELECT no FROM message WHERE question IS NOT NULL ORDER BY received_at, no",
        "SELECT no FROM message WHERE away > 0 AND away <= 2 AND quiet_until IS NULL ORDER BY received_at, no",
    ] {
        let mut plan = database.prepare(&format!("EXPLAIN QUERY PLAN {asked}")).unwrap();
        let steps: Vec<String> =
            plan.query_map([], |row| row.get("detail")).unwrap().collect::<Result<_, _>>().unwrap();
        let scans = |step: &String| step.starts_with("SCAN") && !step.contains("USING");
        assert!(!steps.iter().any(scans), "{asked}: {steps:?}");
    }
}

/// Where there is no database yet, whoever comes second changes its journal while the first does:
/// SQLite then refuses at once, whatever the timeout.
#[test]
fn a_first_start_is_not_disturbed_by_faces_that_look_meanwhile() {
    use regards::store::{Store, StoreError, state_dir};
    for _ in 0..40 {
        let place = tempfile::tempdir().unwrap();
        let dir = state_dir(&place.path().join("state"));
        let lock = dir.lock().unwrap();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let until = std::time::Instant::now() + crate::support::house::PATIENCE;
                    while std::time::Instant::now() < until {
                        match Store::open_as_face(&dir) {
                            Ok(_) => return,
                            Err(StoreError::Absent(_) | StoreError::Schema { found: 0, .. }) => {}
                            Err(error) => panic!("a face: {error}"),
                        }
                    }
                    panic!("no face could open it");
                });
            }
            Store::open_as_daemon(&lock).unwrap();
        });
    }
}
