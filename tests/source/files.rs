//! Maildirs and files, on a real file system.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use regards::model::ids::AccountNo;
use regards::source::files::{self, Found};
use regards::source::maildir::{self, Settings};
use regards::source::{Contact, MESSAGE_READ_MAX};
use tokio_util::sync::CancellationToken;

use super::recorder::{Recorder, mail, wall_clock};

fn make_maildir(path: &Path) {
    for part in ["cur", "new", "tmp"] {
        fs::create_dir_all(path.join(part)).unwrap();
    }
}

fn settings(path: &Path) -> Settings {
    Settings::new(AccountNo::new(1).unwrap(), path.to_owned())
}

/// Every file below a directory with its content.
fn tree(path: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(tree(&path));
        } else {
            found.push((path.clone(), fs::read(path).unwrap()));
        }
    }
    found.sort();
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_maildir_is_read_by_age_and_left_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    make_maildir(dir.path());
    for (number, name) in ["new/zz", "cur/mm:2,S", "new/aa"].into_iter().enumerate() {
        let path = dir.path().join(name);
        fs::write(&path, mail(number)).unwrap();
        let time = std::time::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + number as u64);
        fs::File::options().append(true).open(path).unwrap().set_modified(time).unwrap();
    }
    fs::write(dir.path().join("tmp/half"), "half a mail").unwrap();
    fs::write(dir.path().join("new/.hidden"), "no mail").unwrap();
    let before = tree(dir.path());
    let intake = Recorder::new();
    assert_eq!(maildir::run_once(&settings(dir.path()), &*intake).await.unwrap(), 3);
    let order: Vec<_> = intake.admitted_in_order();
    assert_eq!(order, [mail(0), mail(1), mail(2)]);
    // A flag is set: the same message under another name.
    fs::rename(dir.path().join("new/zz"), dir.path().join("cur/zz:2,RS")).unwrap();
    assert_eq!(maildir::run_once(&settings(dir.path()), &*intake).await.unwrap(), 0);
    fs::rename(dir.path().join("cur/zz:2,RS"), dir.path().join("new/zz")).unwrap();
    assert_eq!(tree(dir.path()), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_into_a_maildir_calls_by_itself() {
    let dir = tempfile::tempdir().unwrap();
    let settings = Settings { poll_every: Duration::from_secs(3_600), ..settings(dir.path()) };
    make_maildir(dir.path());
    let (intake, stop) = (Recorder::new(), CancellationToken::new());
    let watching = tokio::spawn(maildir::watch(
        settings.clone(),
        Arc::clone(&intake),
        wall_clock,
        stop.clone(),
    ));
    let record = intake.until_idle().await;
    assert_eq!(record.contacts.last(), Some(&Contact::Idle { pushed: true }));
    let (quiet_dir, quiet) = (tempfile::tempdir().unwrap(), Recorder::new());
    make_maildir(quiet_dir.path());
    fs::write(quiet_dir.path().join("new/1"), mail(1)).unwrap();
    let other = Settings { path: quiet_dir.path().to_owned(), ..settings.clone() };
    tokio::spawn(maildir::watch(other, Arc::clone(&quiet), wall_clock, stop.clone()));
    let at_rest = quiet.until_idle().await.contacts;
    for number in 0..5 {
        fs::write(dir.path().join("tmp/x"), mail(number)).unwrap();
        fs::rename(dir.path().join("tmp/x"), dir.path().join(format!("new/{number}"))).unwrap();
        intake.until("the delivery", |r| r.messages.len() == number + 1).await;
    }
    // Where nothing was delivered, our own reading has called nobody.
    assert_eq!(quiet.record().contacts, at_rest);
    stop.cancel();
    watching.await.unwrap();
    assert!(intake.record().twice.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_maildir_that_is_not_there_yet_is_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("later");
    let settings = Settings { poll_every: Duration::from_millis(50), ..settings(&path) };
    let (intake, stop) = (Recorder::new(), CancellationToken::new());
    let watching =
        tokio::spawn(maildir::watch(settings, Arc::clone(&intake), wall_clock, stop.clone()));
    let record = intake.until("the loss", |r| !r.losses().is_empty()).await;
    assert!(record.losses()[0].contains("cannot be read as a Maildir"), "{record:?}");
    make_maildir(&path);
    fs::write(path.join("new/1"), mail(1)).unwrap();
    intake.until("the mail", |r| r.messages.len() == 1).await;
    stop.cancel();
    watching.await.unwrap();
}

fn found(paths: &[PathBuf]) -> (Vec<Found>, Vec<String>) {
    let (mut mails, mut errors) = (Vec::new(), Vec::new());
    for item in files::open(paths) {
        match item {
            Ok(mail) => mails.push(mail),
            Err(error) => errors.push(error.to_string()),
        }
    }
    (mails, errors)
}

#[test]
fn a_directory_of_everything_is_walked_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    make_maildir(&root.join("b-maildir"));
    fs::write(root.join("b-maildir/cur/1:2,S"), mail(1)).unwrap();
    fs::write(root.join("b-maildir/new/2"), mail(2)).unwrap();
    fs::write(root.join("b-maildir/tmp/3"), mail(3)).unwrap();
    fs::write(root.join("a.eml"), mail(4)).unwrap();
    let text = |number| String::from_utf8(mail(number)).unwrap();
    let mbox = format!(
        "From 1@xxx Sat Nov 21 10:00:00 +0000 2026\r\n{}\r\nFrom 2@xxx Sat Nov 21 10:00:00 2026\r\n{}\r\n",
        text(5),
        text(6)
    );
    fs::write(root.join("c.mbox"), mbox).unwrap();
    fs::write(root.join("d-corpus.00001"), mail(7)).unwrap();
    fs::write(root.join("picture.png"), b"\x89PNG\r\n\x1a\n: no mail").unwrap();
    fs::write(root.join("notes.txt"), "this is not: a mail").unwrap();
    std::os::unix::fs::symlink(root, root.join("circle")).unwrap();
    let files = files::open(&[root.to_owned()]);
    let total = files.total();
    let (mails, errors) = found(&[root.to_owned(), root.join("nowhere.eml")]);
    let read: Vec<_> = mails.iter().map(|m| m.bytes.clone()).collect();
    assert_eq!(read, [4, 1, 2, 5, 6, 7].map(mail));
    assert!(mails[3].path.ends_with("c.mbox#1") && mails[4].path.ends_with("c.mbox#2"));
    assert!(mails.iter().all(|m| m.complete));
    assert!(mails.is_sorted_by_key(|m| m.position));
    assert_eq!(mails.last().unwrap().position, total);
    assert!(errors.len() == 1 && errors[0].contains("nowhere.eml"), "{errors:?}");
}

#[test]
fn a_file_that_is_named_is_read_as_far_as_mail_is_and_refused_when_it_is_none() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("letter.txt");
    fs::write(&path, "Dear Alex,\n").unwrap();
    let (mails, errors) = found(std::slice::from_ref(&path));
    assert!(mails.is_empty() && errors[0].contains("begins like no mail"), "{errors:?}");
    let mut large = b"Subject: long\n\n".to_vec();
    large.resize(MESSAGE_READ_MAX + 5, b'x');
    fs::write(&path, &large).unwrap();
    let (mails, _) = found(&[path]);
    assert_eq!((mails[0].bytes.len(), mails[0].size), (MESSAGE_READ_MAX, large.len() as u64));
    assert!(!mails[0].complete);
}
