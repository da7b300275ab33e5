//! Files that are read once, for `scan`: single mails, mboxes, Maildirs, and directories
//! of them.
//!
//! Streams with bounded memory: of each mail at most [`MESSAGE_READ_MAX`] bytes are held,
//! however large the mbox and however long its lines. A file that cannot be read is an
//! item of its own and does not end the walk. Nothing is written.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use super::MESSAGE_READ_MAX;
use super::mbox::Mbox;

/// Directories within directories; deeper ones are links in a circle or a trap.
const DEPTH_MAX: usize = 40;

/// Enough of a file to tell what it is.
const HEAD_BYTES: usize = 512;

const NO_MAIL: &str = "it begins like no mail (a header field, or `From ` of an mbox)";

/// One mail in a file.
#[derive(Clone, PartialEq, Eq)]
pub struct Found {
    /// The file; for the n-th mail of an mbox with `#n` behind it, from 1.
    pub path: String,
    /// Its first bytes, at most [`MESSAGE_READ_MAX`].
    pub bytes: Vec<u8>,
    /// Bytes of the whole mail.
    pub size: u64,
    /// `bytes` reaches to its end.
    pub complete: bool,
    /// Bytes of all files that are behind us, for a progress bar; see [`Files::total`].
    pub position: u64,
}

impl std::fmt::Debug for Found {
    /// Without a word of the mail.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Found {{ {}: {} of {} bytes }}", self.path, self.bytes.len(), self.size)
    }
}

/// A file or directory that could not be read.
#[derive(Debug, thiserror::Error)]
#[error("Could not read {}: {why}", path.display())]
pub struct FileError {
    /// Which.
    pub path: PathBuf,
    /// The system's reason.
    pub why: io::Error,
}

/// All mails below some paths, in the order of their names.
pub struct Files {
    waiting: VecDeque<Result<(PathBuf, u64), FileError>>,
    total: u64,
    /// Bytes of the files that are behind us.
    behind: u64,
    mbox: Option<OpenMbox>,
}

struct OpenMbox {
    path: PathBuf,
    size: u64,
    mails: Mbox<BufReader<File>>,
    count: u64,
}

/// Finds what there is to read. A file that is named itself and looks like no mail is a
/// failure; in a directory it is passed over.
pub fn open(paths: &[PathBuf]) -> Files {
    let mut files = Files { waiting: VecDeque::new(), total: 0, behind: 0, mbox: None };
    for path in paths {
        match fs::metadata(path) {
            Ok(about) if about.is_dir() => files.walk(path, 0),
            Ok(about) => match named_is_mail(path, &about) {
                Ok(true) => files.add(path.clone(), about.len()),
                Ok(false) => files.fail(path, io::Error::other(NO_MAIL)),
                Err(why) => files.fail(path, why),
            },
            Err(why) => files.waiting.push_back(Err(FileError { path: path.clone(), why })),
        }
    }
    files
}

impl Files {
    /// Bytes of all files together.
    pub fn total(&self) -> u64 {
        self.total
    }

    fn add(&mut self, path: PathBuf, size: u64) {
        self.total += size;
        self.waiting.push_back(Ok((path, size)));
    }

    fn fail(&mut self, path: &Path, why: io::Error) {
        self.waiting.push_back(Err(FileError { path: path.to_owned(), why }));
    }

    fn walk(&mut self, directory: &Path, depth: usize) {
        if depth > DEPTH_MAX {
            return self.fail(directory, io::Error::other("nested too deeply"));
        }
        let mut entries =
            match fs::read_dir(directory).and_then(|d| d.collect::<io::Result<Vec<_>>>()) {
                Ok(entries) => entries,
                Err(why) => return self.fail(directory, why),
            };
        entries.sort_by_key(fs::DirEntry::file_name);
        let is_maildir = directory.join("cur").is_dir() && directory.join("new").is_dir();
        let of_maildir = directory.ends_with("cur") || directory.ends_with("new");
        for entry in entries {
            let (path, name) = (entry.path(), entry.file_name());
            // Links are not followed: they may lead in a circle.
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && is_maildir && name == "tmp" => {}
                Ok(kind) if kind.is_dir() => self.walk(&path, depth + 1),
                Ok(kind) if kind.is_file() => match looks_like_mail(&path, of_maildir) {
                    Ok(true) => self.add(path, entry.metadata().map_or(0, |about| about.len())),
                    Ok(false) => {}
                    Err(why) => self.fail(&path, why),
                },
                Ok(_) => {}
                Err(why) => self.fail(&path, why),
            }
        }
    }

    fn begin(&mut self, path: PathBuf, size: u64) -> Option<Result<Found, FileError>> {
        let opened = File::open(&path).and_then(|file| {
            let mut reader = BufReader::new(file);
            let is_mbox = reader.fill_buf()?.starts_with(b"From ");
            Ok((reader, is_mbox))
        });
        match opened {
            Ok((reader, true)) => {
                self.mbox = Some(OpenMbox { path, size, mails: Mbox::new(reader), count: 0 });
                None
            }
            Ok((reader, false)) => {
                self.behind += size;
                Some(whole(reader, &path, size, self.behind))
            }
            Err(why) => {
                self.behind += size;
                Some(Err(FileError { path, why }))
            }
        }
    }

    fn next_of_mbox(&mut self) -> Option<Result<Found, FileError>> {
        let mbox = self.mbox.as_mut()?;
        match mbox.mails.next() {
            Some(Ok(mail)) => {
                mbox.count += 1;
                Some(Ok(Found {
                    path: format!("{}#{}", mbox.path.display(), mbox.count),
                    complete: mail.size == mail.bytes.len() as u64,
                    bytes: mail.bytes,
                    size: mail.size,
                    position: self.behind + mbox.mails.position().min(mbox.size),
                }))
            }
            end => {
                self.behind += mbox.size;
                let path = std::mem::take(&mut mbox.path);
                self.mbox = None;
                end.map(|failed| match failed {
                    Err(why) => Err(FileError { path, why }),
                    Ok(_) => Err(FileError { path, why: io::Error::other("unreadable") }),
                })
            }
        }
    }
}

impl Iterator for Files {
    type Item = Result<Found, FileError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if self.mbox.is_some() {
                if let Some(item) = self.next_of_mbox() {
                    return Some(item);
                }
                continue;
            }
            match self.waiting.pop_front()? {
                Err(error) => return Some(Err(error)),
                Ok((path, size)) => {
                    if let Some(item) = self.begin(path, size) {
                        return Some(item);
                    }
                }
            }
        }
    }
}

fn whole(reader: impl Read, path: &Path, size: u64, position: u64) -> Result<Found, FileError> {
    // A byte more than there is: so the end is seen without asking for more room.
    let room = usize::try_from(size).map_or(MESSAGE_READ_MAX, |size| size.min(MESSAGE_READ_MAX));
    let mut bytes = Vec::with_capacity(room + 1);
    match reader.take(MESSAGE_READ_MAX as u64).read_to_end(&mut bytes) {
        Ok(_) => {
            let read = bytes.len() as u64;
            let (size, complete) = (size.max(read), read >= size);
            Ok(Found { path: path.display().to_string(), bytes, size, complete, position })
        }
        Err(why) => Err(FileError { path: path.to_owned(), why }),
    }
}

/// A pipe cannot be looked into beforehand; an empty `.eml` is an empty mail.
fn named_is_mail(path: &Path, about: &fs::Metadata) -> io::Result<bool> {
    let of_maildir = path.parent().is_some_and(|it| it.ends_with("cur") || it.ends_with("new"));
    Ok(!about.is_file() || of_maildir || is_eml(path) || begins_like_mail(path)?)
}

fn is_eml(path: &Path) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case("eml"))
}

/// An mbox, an `.eml`, a file in `cur` or `new`, or one that begins with a header field.
fn looks_like_mail(path: &Path, of_maildir: bool) -> io::Result<bool> {
    Ok(!is_hidden(path) && (of_maildir || is_eml(path) || begins_like_mail(path)?))
}

fn begins_like_mail(path: &Path) -> io::Result<bool> {
    let mut head = Vec::new();
    File::open(path)?.take(HEAD_BYTES as u64).read_to_end(&mut head)?;
    if head.starts_with(b"From ") {
        return Ok(true);
    }
    let name = head.split(|b| *b == b':').next().unwrap_or_default();
    // RFC 5322 section 3.6.8: printable, no space; the longest real names have 40 letters.
    let is_field = (1..=60).contains(&name.len())
        && name.len() < head.len()
        && name.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-')
        && !head.contains(&0);
    Ok(is_field)
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}
