//! The page of `report` and of `scan --report`: from files to the picture without any setup,
//! opened in a real browser, which tells what it loads, what it complains of and, by axe-core,
//! whom it would shut out.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::house::{House, Mail, confirmation, form_rejection, invitation, rejection};
use crate::support::{has, missing};

/// A word of a mail that would like to become a part of the page.
const HOSTILE: &str =
    "Acme\"><script>console.log('evil')</script><img src='http://outside.example/x.png'>";

/// A search of some months: each company asked, some answered.
fn mails() -> Vec<Mail> {
    let mut mails = Vec::new();
    for at in 0..24i64 {
        let company = format!("Firm{}", char::from(b'a' + u8::try_from(at).unwrap()));
        let begun = 24 * (10 + 5 * at);
        let named = |kind: &str| format!("{kind}{at}");
        mails.push(confirmation(&named("c"), &company, "Engineer").hours_ago(begun));
        if at % 3 == 0 {
            mails.push(invitation(&named("i"), &company, "Engineer").hours_ago(begun - 90));
        }
        if at % 2 == 0 {
            mails.push(rejection(&named("r"), &company, "Engineer").hours_ago(begun - 200));
        }
    }
    let mut hostile = rejection("evil", "Acme", "Engineer").hours_ago(30);
    hostile.subject = format!("Your application for Engineer at {HOSTILE}");
    hostile.from = format!("{HOSTILE} <nora@acme.example>");
    mails.push(hostile);
    mails
}

/// A directory with an mbox of these mails, in this order.
fn mbox(dir: &Path, name: &str, mails: &[Mail], house: &House) -> PathBuf {
    let mut bytes = Vec::new();
    for mail in mails {
        bytes.extend_from_slice(b"From 17@xxx Sat Nov 21 10:00:00 +0000 2026\r\n");
        bytes.extend(mail.bytes(house.now));
        bytes.extend_from_slice(b"\r\n");
    }
    let path = dir.join(name);
    fs::write(&path, bytes).unwrap();
    path
}

/// `regards scan` of somebody who has set nothing up.
fn scan_of(home: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_regards"))
        .arg("scan")
        .args(arguments)
        .env_clear()
        .envs([("HOME", home.as_os_str()), ("TZ", "UTC".as_ref())])
        .current_dir(home)
        .output()
        .unwrap()
}

/// What it said.
fn scan(home: &Path, arguments: &[&str]) -> String {
    let output = scan_of(home, arguments);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn an_export_of_a_mailbox_becomes_a_picture_without_any_setup() {
    let (dir, house) = (TempDir::new().unwrap(), House::new("1s"));
    let mut mails = mails();
    let one = mbox(dir.path(), "one.mbox", &mails, &house);
    mails.reverse();
    // The same mail in another order, and some of it twice.
    mails.extend(mails[..9].to_vec());
    let other = mbox(dir.path(), "other.mbox", &mails, &house);
    let said = scan(dir.path(), &[one.to_str().unwrap(), "--report", "a/b"]);
    assert!(said.contains("Written: a/b/report.html\n") && !said.contains("Firma:"), "{said}");
    scan(dir.path(), &[other.to_str().unwrap(), "--report", "c"]);
    let page = fs::read_to_string(dir.path().join("a/b/report.html")).unwrap();
    assert_eq!(page, fs::read_to_string(dir.path().join("c/report.html")).unwrap());
    assert!(page.contains("<th scope=\"row\">Applications</th><td class=\"n\">25</td>"), "{page}");
    assert!(page.contains("Firmb") && !page.contains("<script") && !page.contains("<img"));
    let mut kept: Vec<_> =
        fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    kept.sort();
    assert_eq!(kept, ["a", "c", "one.mbox", "other.mbox"], "nothing else was written");

    scan(dir.path(), &[one.to_str().unwrap(), "--report", "c", "--anonymous"]);
    let page = fs::read_to_string(dir.path().join("c/report.html")).unwrap();
    assert!(page.contains("Company 25") && !page.contains("Firm") && !page.contains("Engineer"));
    assert!(!page.to_lowercase().contains("acme"), "{page}");
}

#[test]
fn no_page_is_written_of_what_could_not_be_read() {
    let (dir, house) = (TempDir::new().unwrap(), House::new("1s"));
    mbox(dir.path(), "one.mbox", &mails(), &house);
    fs::create_dir(dir.path().join("empty")).unwrap();
    fs::write(dir.path().join("none.txt"), "no mail\n").unwrap();
    for (paths, words) in [
        (&["one.mbox", "nowhere"][..], "nowhere cannot be read"),
        (&["empty"], "No mail was found in empty"),
        (&["none.txt"], "1 of the paths could not be read"),
    ] {
        let output = scan_of(dir.path(), &[paths, &["--report", "page"]].concat());
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(words) && said.contains("  → Maildir, mbox"), "{said}");
        assert_eq!(output.stdout, b"", "the error comes alone");
        assert!(!dir.path().join("page").exists(), "{paths:?}");
    }
}

#[test]
fn mail_that_fits_several_applications_is_told_and_counted_with_none() {
    let (dir, house) = (TempDir::new().unwrap(), House::new("1s"));
    let mut mails: Vec<Mail> = [("a", "Cook", 900), ("b", "Waiter", 890)]
        .map(|(id, role, hours)| confirmation(id, "Lindgren", role).hours_ago(hours))
        .to_vec();
    let mut no = form_rejection("no", "Lindgren", "Cook").hours_ago(300);
    no.subject = "Your application at Lindgren".to_owned();
    no.text = no.text.replace("the Cook position at", "working at");
    mails.push(no);
    let path = mbox(dir.path(), "one.mbox", &mails, &house);
    let said = scan(dir.path(), &[path.to_str().unwrap(), "--report", "page"]);
    let words = "1 mail fits several applications and is counted with none";
    assert_eq!(said.lines().last(), Some(words), "{said}");
    let page = fs::read_to_string(dir.path().join("page/report.html")).unwrap();
    assert!(page.contains(words), "{page}");
}

/// What the browser saw of a page.
struct Seen {
    /// The document as it stood in the end.
    document: String,
    console: Vec<String>,
    /// Addresses asked for, those left out that the browser asks for by itself.
    asked: Vec<String>,
}

fn browser(home: &Path) -> Command {
    let mut command = Command::new("chromium");
    command
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
        .args(["--no-first-run", "--disable-background-networking", "--disable-sync"])
        .args(["--disable-component-update", "--disable-default-apps", "--hide-scrollbars"])
        // Whatever is asked for, nothing is reached.
        .arg("--host-resolver-rules=MAP * ~NOTFOUND")
        .arg(format!("--user-data-dir={}", home.join("browser").display()))
        .env("HOME", home);
    command
}

fn look(home: &Path, page: &Path, dark: bool) -> Seen {
    let log = home.join("net.json");
    let output = browser(home)
        .arg("--enable-logging=stderr")
        .arg(format!("--log-net-log={}", log.display()))
        .args(dark.then_some("--blink-settings=preferredColorScheme=0"))
        .args(["--virtual-time-budget=20000", "--dump-dom"])
        .arg(format!("file://{}", page.display()))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr);
    let log = fs::read_to_string(log).unwrap();
    let own = [".google.com/", ".googleapis.com/", ".gvt1.com/"];
    let urls = log.split("\"url\":\"").skip(1).filter_map(|rest| rest.split('"').next());
    let outside = |url: &&str| url.starts_with("http") || url.starts_with("ws");
    Seen {
        document: String::from_utf8_lossy(&output.stdout).into_owned(),
        console: said.lines().filter(|it| it.contains(":CONSOLE")).map(str::to_owned).collect(),
        asked: urls
            .filter(outside)
            .filter(|url| !own.iter().any(|host| url.contains(host)))
            .map(str::to_owned)
            .collect(),
    }
}

/// Where `tests/run --install` puts axe-core.
const AXE: &str = "target/axe/node_modules/axe-core/axe.min.js";

/// The violations that axe-core finds, in a copy of the page that lets its script run.
fn violations(home: &Path, page: &str, axe: &str, dark: bool) -> Value {
    let (head, rest) = page.split_once("<meta http-equiv=").unwrap();
    let (_, rest) = rest.split_once(">\n").unwrap();
    let copy = home.join("copy.html");
    let run = "axe.run().then(r => { const it = document.createElement('pre'); it.id = 'axe'; \
               it.textContent = JSON.stringify({ wrong: r.violations.map(v => [v.id, \
               v.nodes.map(n => n.html)]), passed: r.passes.map(p => p.id) }); \
               document.body.append(it); });";
    fs::write(&copy, format!("{head}{rest}<script>{axe}</script><script>{run}</script>")).unwrap();
    let seen = look(home, &copy, dark);
    let told = seen.document.split_once("<pre id=\"axe\">").expect("axe-core ran").1;
    let told = told.split_once("</pre>").unwrap().0;
    serde_json::from_str(&told.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
        .unwrap()
}

/// The page of the mails in a new home.
fn page() -> (TempDir, PathBuf, String) {
    let (dir, house) = (TempDir::new().unwrap(), House::new("1s"));
    let mbox = mbox(dir.path(), "one.mbox", &mails(), &house);
    scan(dir.path(), &[mbox.to_str().unwrap(), "--report", "."]);
    let path = dir.path().join("report.html");
    let text = fs::read_to_string(&path).unwrap();
    (dir, path, text)
}

#[test]
fn the_page_complains_of_nothing_and_asks_for_nothing() {
    if !has(&["chromium"]) {
        return;
    }
    let (home, path, text) = page();
    let seen = look(home.path(), &path, false);
    assert!(seen.document.contains("<h1>A job search</h1>"), "{}", seen.document);
    assert_eq!((seen.console, seen.asked), (vec![], vec![]));
    // That these instruments see something is shown on a page that was broken into.
    let evil = "<script>console.log('evil')</script><img src='http://outside.example/x.png'>";
    let broken = home.path().join("broken.html");
    fs::write(&broken, text.replace("</main>", &format!("{evil}</main>"))).unwrap();
    let seen = look(home.path(), &broken, false);
    assert_eq!(seen.asked, Vec::<String>::new(), "the page's own policy holds");
    assert!(seen.console.iter().any(|line| line.contains("Content Security Policy")));
    fs::write(&broken, evil).unwrap();
    let seen = look(home.path(), &broken, false);
    assert!(seen.asked.iter().any(|url| url.contains("outside.example")), "{:?}", seen.asked);
    assert!(seen.console.iter().any(|line| line.contains("evil")), "{:?}", seen.console);
}

#[test]
fn the_page_is_for_everybody() {
    if !has(&["chromium"]) {
        return;
    }
    let axe = Path::new(env!("CARGO_MANIFEST_DIR")).join(AXE);
    let Ok(axe) = fs::read_to_string(axe) else { return missing("axe-core") };
    let (home, _, text) = page();
    for dark in [false, true] {
        let found = violations(home.path(), &text, &axe, dark);
        assert_eq!(found["wrong"], serde_json::json!([]), "dark: {dark}");
        let passed = found["passed"].as_array().unwrap();
        for rule in ["color-contrast", "landmark-one-main", "svg-img-alt"] {
            assert!(passed.iter().any(|it| it == rule), "{rule} was not tried: {passed:?}");
        }
    }
    let pale = text.replace("--faint: #5c6370", "--faint: #ccc");
    let found = violations(home.path(), &pale, &axe, false);
    assert_eq!(found["wrong"][0][0], "color-contrast", "axe-core sees what is wrong");
}

#[test]
fn the_page_is_drawn_on_a_phone_and_on_a_desk_by_day_and_by_night() {
    if !has(&["chromium"]) {
        return;
    }
    let (home, path, _) = page();
    let mut pictures = Vec::new();
    for (width, dark) in [(390, false), (390, true), (1280, false), (1280, true)] {
        let picture = home.path().join(format!("{width}-{dark}.png"));
        let output = browser(home.path())
            .args(dark.then_some("--blink-settings=preferredColorScheme=0"))
            .arg(format!("--window-size={width},2400"))
            .arg(format!("--screenshot={}", picture.display()))
            .arg(format!("file://{}", path.display()))
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        pictures.push(fs::read(&picture).unwrap());
    }
    // A page of one colour is a few thousand bytes.
    assert!(pictures.iter().all(|it| it.len() > 40_000), "{:?}", pictures.iter().map(Vec::len));
    assert!(pictures[0] != pictures[1] && pictures[2] != pictures[3], "the night is dark");
}
