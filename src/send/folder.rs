//! A folder as transport: the mail becomes a file that only the user can read.

use std::fmt::Display;
use std::fs::{DirBuilder, File};
use std::future::Future;
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use crate::model::address::MessageId;
use crate::model::mail::Outcome;

use super::Parcel;

/// It is there, or could be made.
pub(super) async fn usable(directory: &Path) -> Result<(), String> {
    let directory = directory.to_owned();
    blocking(move || {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&directory)
            .and_then(|()| tempfile::tempfile_in(&directory).map(drop))
            .map_err(|error| format!("Cannot write into {}: {error}", directory.display()))
    })
    .await
}

pub(super) async fn send<F, R, E>(parcel: Parcel, directory: &Path, body_begins: F) -> Outcome
where
    F: FnOnce() -> R + Send,
    R: Future<Output = Result<(), E>> + Send,
    E: Display + Send,
{
    if let Err(why) = usable(directory).await {
        return Outcome::NoContact(why);
    }
    if let Err(error) = body_begins().await {
        return Outcome::Unnoted(format!("It could not be noted that the mail goes out: {error}"));
    }
    let path = directory.join(file_name(parcel.message_id()));
    let directory = directory.to_owned();
    let written = blocking(move || {
        write(&directory, &path, &parcel.bytes)
            .map_err(|error| format!("Cannot write {}: {error}", path.display()))
            .map(|()| path)
    })
    .await;
    match written {
        Ok(path) => Outcome::Accepted(format!("written to {}", path.display())),
        // A file that does not have its name yet has not been sent.
        Err(why) => Outcome::Deferred(why),
    }
}

/// Whole or not at all, also after a loss of power. The same mail again replaces itself.
fn write(directory: &Path, path: &PathBuf, bytes: &[u8]) -> io::Result<()> {
    // Made with mode 0600.
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    File::open(directory).and_then(|directory| directory.sync_all())
}

/// `<message-id>.eml`, with nothing that could lead out of the folder or hide in it.
fn file_name(id: &MessageId) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "@+-_=".contains(c);
    let mut name: String = id
        .as_str()
        .chars()
        .enumerate()
        .map(|(at, c)| if plain(c) || (at > 0 && c == '.') { c } else { '_' })
        .take(200)
        .collect();
    name.push_str(".eml");
    name
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, String> + Send + 'static,
) -> Result<T, String> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(format!("The writing thread ended: {error}")),
    }
}
