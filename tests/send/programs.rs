//! The other ways out: a program, and a folder.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use regards::send::{Timeouts, Transport};

use super::{assert_is_the_draft, draft, letter, limits, send_it};

/// A program that writes its arguments and input beside itself and ends as told.
fn program(dir: &Path, end: &str) -> Transport {
    let path = dir.join("sendmail");
    let text = format!(
        "#!/bin/sh\nprintf '%s\\n' \"$@\" > {0}/arguments\ncat > {0}/input\n{end}\n",
        dir.display()
    );
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    Transport::Sendmail(path)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sendmail_command_gets_arguments_and_mail_and_is_believed() {
    for (end, expected) in [
        ("exit 0", 'A'),
        ("echo busy >&2; exit 75", 'D'),
        ("echo 'no such user' >&2; exit 67", 'R'),
        ("kill -9 $$", 'L'),
        ("exec sleep 60", 'L'),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let transport = program(dir.path(), end);
        let short = Timeouts { command: Duration::from_secs(2), ..limits() };
        let (outcome, begun) = send_it(draft(), &transport, &short).await;
        assert_eq!((letter(&outcome), begun), (expected, 1), "{end}: {outcome:?}");
        let arguments = std::fs::read_to_string(dir.path().join("arguments")).unwrap();
        assert_eq!(arguments, "-i\n-f\njo@applicant.example\n--\nanna@firm.example\n");
        assert_is_the_draft(&dir.path().join("input"), &draft());
        let input = std::fs::read(dir.path().join("input")).unwrap();
        assert!(!input.contains(&b'\r'), "such programs read Unix lines");
    }
    let absent = Transport::Sendmail("/nowhere/sendmail".into());
    let (outcome, begun) = send_it(draft(), &absent, &limits()).await;
    assert_eq!((letter(&outcome), begun), ('N', 0), "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_gets_one_private_file_a_mail() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("out");
    let transport = Transport::Folder(folder.clone());
    for _ in 0..2 {
        let (outcome, begun) = send_it(draft(), &transport, &limits()).await;
        assert_eq!((letter(&outcome), begun), ('A', 1), "{outcome:?}");
    }
    let files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|it| it.unwrap()).collect();
    assert_eq!(files.len(), 1, "the same mail again is the same file");
    assert!(files[0].file_name().to_str().unwrap().ends_with("@applicant.example.eml"));
    assert_eq!(files[0].metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_is_the_draft(&files[0].path(), &draft());

    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    let (outcome, begun) = send_it(draft(), &Transport::Folder(file), &limits()).await;
    assert_eq!((letter(&outcome), begun), ('N', 0), "{outcome:?}");
}
