//! Where configuration and state lie: flags, then the service manager, then the XDG
//! directories; and how both are opened.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use super::args::Cli;
use super::{Failure, now};
use crate::config::Config;
use crate::review::Desk;
use crate::store::{StateDir, Store};

/// Refuses a file of this size before reading it: nobody's configuration is that long.
const CONFIG_MAX_BYTES: u64 = 1024 * 1024;

/// The path of the configuration.
pub(super) fn config_path(cli: &Cli) -> Result<PathBuf, Failure> {
    match &cli.config {
        Some(path) => Ok(path.clone()),
        None => Ok(strategy()?.config_dir().join("regards").join("config.toml")),
    }
}

fn strategy() -> Result<impl BaseStrategy, Failure> {
    etcetera::choose_base_strategy().map_err(|error| {
        Failure::failed(
            format!("Your home directory cannot be found: {error}"),
            Some("Set HOME, or name the places: --config FILE --state-dir DIR".to_owned()),
        )
    })
}

/// The state directory.
pub(super) fn state_dir(cli: &Cli) -> Result<StateDir, Failure> {
    if let Some(dir) = &cli.state_dir {
        return Ok(StateDir::at(dir));
    }
    // systemd gives the unit's directories, divided by colons; the first one is ours.
    let given = std::env::var_os("STATE_DIRECTORY")
        .and_then(|dirs| std::env::split_paths(&dirs).next())
        .filter(|dir| !dir.as_os_str().is_empty());
    if let Some(dir) = given {
        return Ok(StateDir::at(&dir));
    }
    let strategy = strategy()?;
    let dir = strategy.state_dir().unwrap_or_else(|| strategy.data_dir());
    Ok(StateDir::at(&dir.join("regards")))
}

/// Reads and checks the configuration.
pub(super) fn config(cli: &Cli) -> Result<Config, Failure> {
    let path = config_path(cli)?;
    let about = fs::metadata(&path).map_err(|error| missing(&path, &error))?;
    check_private(&path, &about)?;
    if about.len() > CONFIG_MAX_BYTES {
        let message = format!("{} is larger than a configuration can be", path.display());
        let hint = "Name the right file: --config FILE".to_owned();
        return Err(Failure::config(message, Some(hint)));
    }
    let bytes = fs::read(&path).map_err(|error| missing(&path, &error))?;
    Ok(Config::parse_bytes(&bytes, &path, now())?)
}

fn missing(path: &Path, error: &std::io::Error) -> Failure {
    let hint = if error.kind() == std::io::ErrorKind::NotFound {
        "Copy config.example.toml there and fill it in, or try it without: regards demo"
    } else {
        "It must be a text file that you can read"
    };
    let message = format!("The configuration {} cannot be read: {error}", path.display());
    Failure::config(message, Some(hint.to_owned()))
}

/// It names commands that are started and folders that are written to, so nobody else may
/// change it; and where one applies for work is nobody else's business.
fn check_private(path: &Path, about: &fs::Metadata) -> Result<(), Failure> {
    // Root's own file for a system service may be readable by the service's group.
    let forbidden = if about.uid() == 0 { 0o027 } else { 0o077 };
    if about.mode() & forbidden == 0 {
        return Ok(());
    }
    let message = format!("The configuration {} can be read by other users", path.display());
    Err(Failure::config(message, Some(format!("chmod 600 '{}'", path.display()))))
}

/// Opens the desk.
pub(super) fn desk(cli: &Cli) -> Result<Desk, Failure> {
    let config = config(cli)?;
    let store = Store::open_as_face(&state_dir(cli)?)?;
    Ok(Desk::new(store, config.review(), "cli"))
}

/// The files of a user's directory with this ending, as (name below it, text).
pub(super) fn texts(dir: Option<&Path>, ending: &str) -> Result<Vec<(String, String)>, Failure> {
    let Some(dir) = dir else { return Ok(Vec::new()) };
    let mut texts = Vec::new();
    gather(dir, dir, ending, &mut texts).map_err(|(path, error)| {
        let message = format!("{} cannot be read: {error}", path.display());
        Failure::config(message, Some("Check rules_dir and templates_dir".to_owned()))
    })?;
    texts.sort();
    Ok(texts)
}

fn gather(
    base: &Path,
    dir: &Path,
    ending: &str,
    texts: &mut Vec<(String, String)>,
) -> Result<(), (PathBuf, std::io::Error)> {
    let told = |path: &Path| {
        let path = path.to_owned();
        move |error| (path, error)
    };
    for entry in fs::read_dir(dir).map_err(told(dir))? {
        let path = entry.map_err(told(dir))?.path();
        if path.is_dir() {
            gather(base, &path, ending, texts)?;
        } else if path.extension().is_some_and(|it| it == ending) {
            let name = path.strip_prefix(base).unwrap_or(&path).display().to_string();
            texts.push((name, fs::read_to_string(&path).map_err(told(&path))?));
        }
    }
    Ok(())
}
