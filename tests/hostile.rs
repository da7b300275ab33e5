//! Mail and rule files that are made to cost: each ends in a verdict or a clear error, within
//! a bound on the processor's time and on memory that the system itself enforces. Below it:
//! hostile servers, and other people on the machine.

mod malformed;
mod others;
mod wire;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// Unoptimised code needs a few of them; what grows with the square of the size needs
/// hundreds. It is the process's own time: a busy machine changes little about it.
const PROCESSOR_SECONDS: u32 = 20;

/// Address space, of which threads only reserve most. A pattern or a mail that is held many
/// times over does not fit.
const MEMORY_KIB: u32 = 1024 * 1024;

/// The program with these arguments, within the bounds.
fn bounded(arguments: &[&str], path: &Path) -> Output {
    let limits =
        format!("ulimit -t {PROCESSOR_SECONDS}; ulimit -v {MEMORY_KIB}; exec \"$0\" \"$@\"");
    let mut command = Command::new("sh");
    command.args(["-c", &limits, env!("CARGO_BIN_EXE_regards")]).args(arguments).arg(path);
    // A configuration of whoever runs the tests is none of theirs.
    command.env("HOME", path.parent().unwrap()).env_remove("XDG_CONFIG_HOME");
    command.output().unwrap()
}

/// The line that `scan` prints of one mail.
fn scanned(name: &str, mail: &str) -> Value {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("hostile.eml");
    fs::write(&path, mail).unwrap();
    let output = bounded(&["scan", "--json"], &path);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {} {errors}", output.status);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|why| panic!("{name}: {why}"))
}

/// Makes a mail about a job of it, so that names are looked for, too.
fn about_a_job(kind: &str, text: &str) -> String {
    format!(
        "From: Nora Lindgren <nora@lindgren.example>\nSubject: Your application\n\
         Content-Type: text/{kind}; charset=utf-8\n\n\
         Thank you for applying for the Baker position at Nordkorn. Unfortunately we have \
         decided to move forward with other candidates.\n{text}\n"
    )
}

fn has_defect(line: &Value, defect: &str) -> bool {
    line["defects"].as_array().unwrap().iter().any(|it| it == defect)
}

#[test]
fn tags_by_the_hundred_thousand_end_in_a_verdict() {
    for (name, page) in [
        ("nested", "<div>".repeat(100_000)),
        ("nested quotations", "<blockquote>".repeat(100_000)),
        ("nested and closed", "<b>".repeat(100_000) + &"</i>".repeat(100_000)),
        ("never ended", "<a ".repeat(200_000)),
        ("attributes", format!("<p {}>", "style=\"font-size:0\" class=x ".repeat(30_000))),
        ("nothing but openings", "<".repeat(900_000)),
    ] {
        let line = scanned(name, &about_a_job("html", &page));
        assert_eq!(line["kind"], "rejected", "{name}: {line}");
        if name.starts_with("nested") {
            assert!(has_defect(&line, "html-cut"), "{name}: {line}");
        }
    }
}

#[test]
fn a_line_of_fifty_megabytes_ends_in_a_verdict_and_a_defect() {
    let line = scanned("one line", &about_a_job("plain", &"no ".repeat(17_000_000)));
    assert_eq!(line["kind"], "rejected", "{line}");
}

#[test]
fn text_made_to_be_compared_with_itself_ends_in_a_verdict() {
    for (name, text) in [
        (
            "10,000 sentences",
            "We are not sorry if you like it, but unfortunately no. ".repeat(10_000),
        ),
        ("firms", "at Aaaa Bbbb, at Cccc Dddd, ".repeat(9_000)),
        ("other firms", (0..20_000).map(|n| format!("at A{n}b, ")).collect()),
        ("roles", "for the Senior Lead Chef Baker, ".repeat(8_000)),
        ("capitals", "Baker ".repeat(40_000)),
        ("ifs", "if not unless ".repeat(18_000)),
        ("quotation marks", "\"we regret that it is no \" ".repeat(10_000)),
        ("signature marks", "--\n".repeat(80_000)),
        ("attributions", "On 3 Nov 2025 Anna <a@b.example> wrote:\n".repeat(6_000)),
        ("heads", "From: a\nSent: b\n".repeat(15_000)),
        ("accents", "e\u{301}\u{301}\u{301}\u{301}".repeat(25_000)),
        ("question marks", "? ".repeat(120_000)),
        ("blanks", " \n".repeat(120_000)),
    ] {
        let line = scanned(name, &about_a_job("plain", &text));
        assert!(line["kind"].is_string(), "{name}: {line}");
    }
}

#[test]
fn parts_without_end_end_in_a_verdict() {
    for (name, mail) in [
        ("types in one line", "multipart/mixed message/rfc822 ".repeat(60_000)),
        ("types", "Content-Type: message/rfc822\n\n".repeat(60_000)),
        ("boundaries", (0..60_000).map(|n| format!("boundary=b{n}\n--b{n}\n")).collect()),
        ("fields", "X-Y: z\n".repeat(250_000)),
        ("recipients", format!("To: {}\n\nhi", "a@b.example, ".repeat(100_000))),
        ("words", format!("Subject: {}\n\nhi", "=?utf-8?q?=C3?= ".repeat(100_000))),
    ] {
        let line = scanned(name, &format!("From: a@lindgren.example\n{mail}"));
        assert!(line["kind"].is_string(), "{name}: {line}");
    }
}

#[test]
fn rule_files_made_to_cost_are_refused_with_their_place() {
    let rule = |any: &str| format!("[[rule]]\nsymbol = 'X'\ndescribe = 'x'\nany = [{any}]\n");
    let many = (0..8_000).map(|n| format!("'a{n}(?:[a-z]{{40}} ){{9}}',\n")).collect::<String>();
    for (name, text, meant) in [
        ("gigabytes", rule("'(?:(?:[a-z]{1000}){1000}){1000}'"), ":4:"),
        ("gigabytes of letters", rule(r"'(?:\p{L}{1000}x?){1000}'"), ":4:"),
        ("many large ones", rule(&many), "too large together"),
        ("brackets", rule(&format!("'{}a{}'", "(".repeat(100_000), ")".repeat(100_000))), ":4:"),
        ("nested tables", format!("x = {}", "[".repeat(200_000)), ":1:"),
        ("a large file", "# comment\n".repeat(200_000), "Larger than"),
        (
            "formula",
            format!("[[composite]]\nsymbol='Y'\ndescribe='y'\nwhen='{}X'\n", "!".repeat(100_000)),
            ":4:",
        ),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let rules = dir.path().join("rules.d");
        fs::create_dir(&rules).unwrap();
        fs::write(rules.join("mine.toml"), text).unwrap();
        let config = dir.path().join("config.toml");
        fs::write(&config, format!("name = \"A\"\nrules_dir = {rules:?}\n{ACCOUNT}")).unwrap();
        private(&config);
        let output = bounded(&["rules", "check", "--config"], &config);
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(78), "{name}: {} {told}", output.status);
        assert!(told.contains("mine.toml:") && told.contains(meant), "{name}: {told:.300}");
    }
}

const ACCOUNT: &str = "[account.main]\naddresses = [\"A <a@b.example>\"]\n\
                       [account.main.imap]\nhost = \"imap.b.example\"\nlogin = \"a\"\n";

fn private(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}
