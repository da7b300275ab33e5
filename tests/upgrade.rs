//! From one schema to the next: what each released program wrote climbs to the newest, and a
//! climb that is killed is taken up again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rusqlite::Connection;

use crate::support::has;
use crate::support::house::House;

/// The schemas as they are or were in released programs, by number.
fn schemas() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemas")
}

/// A whole database's schema as text: its number, then each table and index.
fn schema(database: &Path) -> String {
    let database = Connection::open(database).unwrap();
    let number: i64 = database.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    let mut statement = database
        .prepare(
            "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'
             ORDER BY rowid",
        )
        .unwrap();
    let rows = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
    let parts: Vec<String> = rows.map(|sql| format!("{};\n", sql.unwrap())).collect();
    format!("PRAGMA user_version = {number};\n\n{}", parts.join("\n"))
}

/// A house that the program has opened once.
fn opened() -> House {
    let house = House::new("1s");
    house.once();
    house
}

#[test]
fn the_newest_schema_is_the_one_that_is_kept() {
    let now = schema(&opened().path("state/regards.db"));
    let number = now.lines().next().unwrap().trim_end_matches(';').rsplit(' ').next().unwrap();
    let file = schemas().join(format!("{number}.sql"));
    if std::env::var_os("REGARDS_RENEW_SCHEMA").is_some() {
        fs::create_dir_all(schemas()).unwrap();
        fs::write(&file, &now).unwrap();
    }
    let kept = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        kept == now,
        "{} is not what the migrations make. A migration that was released is never changed: \
         add another one. Was schema {number} never released? Then renew the file: \
         REGARDS_RENEW_SCHEMA=1 cargo test --test all upgrade",
        file.display()
    );
}

#[test]
fn a_database_of_every_schema_climbs_to_the_newest() {
    let newest = schema(&opened().path("state/regards.db"));
    let mut count = 0;
    for file in fs::read_dir(schemas()).unwrap().map(|it| it.unwrap().path()) {
        let house = opened();
        let database = house.path("state/regards.db");
        let key: Vec<u8> = house.query("SELECT value FROM meta WHERE key = 'fingerprint_key'");
        fs::remove_file(&database).unwrap();
        let old = Connection::open(&database).unwrap();
        old.execute_batch(&fs::read_to_string(&file).unwrap()).unwrap();
        old.execute("INSERT INTO meta VALUES ('fingerprint_key', ?1)", [&key]).unwrap();
        old.execute_batch(
            "INSERT INTO account (login, host, label) VALUES ('alex', 'imap.example', 'old')",
        )
        .unwrap();
        drop(old);
        private(&database);
        // A face alone brings it up to date when no daemon runs.
        house.ok(&["desk"]);
        assert_eq!(schema(&database), newest, "{}", file.display());
        assert_eq!(house.query::<String>("SELECT label FROM account WHERE no = 1"), "old");
        house.once();
        count += 1;
    }
    assert!(count > 0, "no schema is kept");
}

fn private(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// A first run that is killed at the `when`th call; `false` when it came to its end.
fn killed(house: &House, call: &str, when: usize) -> bool {
    let status = Command::new("strace")
        .args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}")])
        .args(["-e", &format!("inject={call}:signal=SIGKILL:when={when}")])
        .arg(env!("CARGO_BIN_EXE_regards"))
        .arg("--config")
        .arg(house.path("config.toml"))
        .arg("--state-dir")
        .arg(house.path("state"))
        .args(["run", "--once"])
        .output()
        .unwrap();
    !status.status.success()
}

#[test]
fn a_climb_that_is_killed_at_any_write_is_taken_up_again() {
    if !has(&["strace"]) {
        return;
    }
    let newest = schema(&opened().path("state/regards.db"));
    let mut kills = 0;
    for call in ["pwrite64", "fdatasync", "ftruncate"] {
        for when in 1.. {
            let house = House::new("1s");
            if !killed(&house, call, when) {
                break;
            }
            kills += 1;
            let database = house.path("state/regards.db");
            let climbed = database.exists() && schema(&database) == newest;
            let empty = !database.exists() || schema(&database).lines().count() <= 2;
            assert!(climbed || empty, "half a schema after {call} {when}");
            house.once();
            assert_eq!(schema(&database), newest, "after {call} {when}");
            assert_eq!(house.query::<String>("PRAGMA integrity_check"), "ok");
            // Behind the climb lie the writes of other stories.
            if climbed {
                break;
            }
        }
    }
    assert!(kills >= 3, "{kills} kills: it was not killed while it climbed");
}
