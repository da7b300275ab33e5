//! Faults that a person has to mend: the sentence, the next step, the exit code.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::certificates::Validity;
use crate::support::dovecot::{self, Dovecot, Options};
use crate::support::world::World;

/// Everything that works on the desk or as the daemon.
const WITH_CONFIGURATION: &[&[&str]] = &[
    &["run"],
    &["run", "--once"],
    &["check"],
    &["desk"],
    &["status"],
    &["stats"],
    &["show", "r1"],
    &["approve", "r1"],
    &["review"],
    &["pause"],
    &["secret", "set", "main", "imap"],
];

/// What is said, with the changing names taken out.
fn said(world: &World, arguments: &[&str], status: i32) -> String {
    let ran = world.cli(arguments);
    assert_eq!(ran.status, status, "{ran:?}");
    let home = world.path("");
    let home = home.to_str().unwrap().trim_end_matches('/');
    ran.stderr.replace(home, "~")
}

#[test]
fn a_configuration_that_cannot_be_used_is_told_by_every_command() {
    let world = World::local();
    let file = world.config_file();
    let good = fs::read_to_string(&file).unwrap();
    let mut told = String::new();
    type Break<'a> = Box<dyn Fn() + 'a>;
    let write = |text: &'static [u8]| -> Break<'_> {
        let file = &file;
        Box::new(move || fs::write(file, text).unwrap())
    };
    let cases: Vec<(&str, Break<'_>)> = vec![
        ("missing", Box::new(|| fs::remove_file(&file).unwrap())),
        (
            "readable by others",
            Box::new(|| fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap()),
        ),
        ("a setting misspelt", write(b"name = \"A\"\n\n[coolling]\nafter_form = \"1d\"\n")),
        ("no text", write(&[0, 159, 146, 150])),
        ("huge", Box::new(|| fs::write(&file, "#\n".repeat(600_000)).unwrap())),
        (
            "a directory",
            Box::new(|| {
                fs::remove_file(&file).unwrap();
                fs::create_dir(&file).unwrap();
                fs::set_permissions(&file, fs::Permissions::from_mode(0o700)).unwrap();
            }),
        ),
    ];
    for (what, make) in cases {
        world.write_private(".config/regards/config.toml", &good);
        make();
        let first = said(&world, WITH_CONFIGURATION[0], 78);
        for arguments in WITH_CONFIGURATION {
            assert_eq!(said(&world, arguments, 78), first, "{what}: {arguments:?}");
        }
        writeln!(told, "{what}\n{first}").unwrap();
    }
    insta::assert_snapshot!(told);
    assert!(!world.state_dir().exists(), "nothing was made");
}

#[test]
fn what_lies_around_the_configuration_is_told_too() {
    let mut world = World::local();
    let mut told = String::new();
    let mut note = |what: &str, text: String| writeln!(told, "{what}\n{text}").unwrap();

    for arguments in
        [&["desk"][..], &["status"], &["stats"], &["approve", "r1"], &["explain", "m1"]]
    {
        let text = said(&world, arguments, 1);
        if arguments == ["desk"] {
            note("no state yet", text);
        } else {
            assert!(text.contains("nothing here yet"), "{arguments:?}: {text}");
        }
    }

    world.set("rules_dir", "rules.d");
    note("no such rules_dir", said(&world, &["run", "--once"], 78));
    world.write_private(
        ".config/regards/rules.d/mine.toml",
        "[[rule]]\nsymbol = \"MINE\"\nany = ['(']\n",
    );
    note("a broken rule", said(&world, &["run", "--once"], 78));
    assert!(said(&world, &["rules", "check"], 78).contains("mine.toml"));
    world.unset("rules_dir");

    world.set("templates_dir", "templates");
    world.write_private(".config/regards/templates/en/thanks.1.txt", "Dear {{ nobody }},\n");
    note("a broken template", said(&world, &["run", "--once"], 78));
    world.unset("templates_dir");

    world.cli(&["run", "--once"]).ok();
    let daemon = world.daemon();
    note("a second daemon", said(&world, &["run"], 1));
    assert_eq!(said(&world, &["run", "--once"], 1), said(&world, &["run"], 1));
    world.cli(&["status"]).ok();
    assert_eq!(daemon.stop(), 0);

    let open = |path: &str, mode| {
        fs::set_permissions(world.path(path), fs::Permissions::from_mode(mode)).unwrap();
    };
    open(".local/state/regards", 0o755);
    note("the state directory readable by others", said(&world, &["desk"], 78));
    let database = world.path(".local/state/regards/regards.db");
    for there in [true, false] {
        if !there {
            fs::rename(&database, database.with_extension("away")).unwrap();
        }
        let check = world.cli(&["check"]);
        assert_eq!(check.status, 1, "{}", check.stdout);
        assert!(check.stdout.contains("no  database: "), "there: {there}: {}", check.stdout);
        assert!(check.stdout.contains("chmod"), "there: {there}: {}", check.stdout);
    }
    fs::rename(database.with_extension("away"), &database).unwrap();
    assert_eq!(said(&world, &["run"], 78), said(&world, &["desk"], 78));
    open(".local/state/regards", 0o700);
    open(".local/state/regards/regards.db", 0o644);
    note("the database readable by others", said(&world, &["desk"], 78));
    open(".local/state/regards/regards.db", 0o600);
    world.cli(&["desk"]).ok();

    fs::write(world.path(".local/state/regards/regards.db"), "no database").unwrap();
    note("something else in place of the database", said(&world, &["desk"], 1));
    insta::assert_snapshot!(told);
}

#[test]
fn a_broken_rule_file_does_not_disturb_the_running_daemon() {
    let mut world = World::local();
    world.set("rules_dir", "rules.d");
    fs::create_dir_all(world.path(".config/regards/rules.d")).unwrap();
    let daemon = world.daemon();
    world.write_private(
        ".config/regards/rules.d/mine.toml",
        "[[rule]]\nsymbol = \"MINE\"\nany = ['(']\n",
    );
    daemon.signal("HUP");
    crate::support::wait_until("it is told", crate::support::world::PATIENCE, || {
        daemon.log().contains("The rules stay as they were")
    });
    assert!(daemon.log().contains("mine.toml"), "{}", daemon.log());
    world.deliver(&crate::support::mails::rejection(&world));
    world.until_reply_is("drafted");
}

#[test]
fn a_server_that_cannot_be_used_is_told_with_the_next_step() {
    let expired = Options { validity: Validity::Expired, ..Options::default() };
    let elsewhere = Options { certificate_for: "other.example".into(), ..Options::default() };
    let Some(expired) = Dovecot::start(&expired) else { return };
    let Some(elsewhere) = Dovecot::start(&elsewhere) else { return };
    let Some(good) = Dovecot::start(&Options::default()) else { return };
    let mut told = String::new();
    let cases = [
        ("wrong password", &good, "localhost", "wrong", true),
        ("expired certificate", &expired, "localhost", dovecot::PASSWORD, true),
        ("certificate of another host", &elsewhere, "localhost", dovecot::PASSWORD, true),
        ("certificate of nobody known", &good, "localhost", dovecot::PASSWORD, false),
        ("unknown host", &good, "imap.firm.invalid", dovecot::PASSWORD, true),
    ];
    for (what, server, host, password, trusted) in cases {
        let mut world = World::local();
        world.unset("account.main.maildir");
        world.set("account.main.imap.host", host);
        world.set("account.main.imap.port", i64::from(server.imaps));
        world.set("account.main.imap.login", "anna");
        if trusted {
            world.set("account.main.imap.ca_file", server.ca_file().to_str().unwrap());
        }
        let mut place = toml::Table::new();
        place.insert("file".into(), world.path("imap.secret").to_str().unwrap().into());
        world.set("account.main.imap.secret", place);
        world.write_private("imap.secret", password);

        let text = said(&world, &["run", "--once"], 1).replace(&server.imaps.to_string(), "PORT");
        let sentences: Vec<&str> = text
            .lines()
            .filter(|line| line.starts_with("regards: ") || line.starts_with("  →"))
            .collect();
        writeln!(told, "{what}\n{}\n", sentences.join("\n")).unwrap();
        let status = world.cli(&["status"]);
        assert_eq!(status.status, 1, "an account that was never read: {status:?}");
        assert!(status.stdout.contains("waiting: "), "{status:?}");
        let check = world.cli(&["check"]);
        assert_eq!(check.status, 1, "{check:?}");
        assert!(check.stdout.contains("no  main: IMAP"), "{check:?}");
    }
    insta::assert_snapshot!(told);
}
