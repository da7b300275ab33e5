//! Puts the reply templates into the program: a table of every `rules/replies/*/*.txt`,
//! so that a translator adds a file and nobody keeps a list.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

const TEMPLATES: &str = "rules/replies";

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    // A directory is watched with everything in it.
    writeln!(io::stdout(), "cargo::rerun-if-changed={TEMPLATES}")?;
    let mut table = String::from("&[\n");
    for language in sorted(&root.join(TEMPLATES))?.iter().filter(|path| path.is_dir()) {
        for file in sorted(language)?.iter().filter(|path| path.extension() == Some("txt".as_ref()))
        {
            let name = format!("{}/{}", last(language), last(file));
            table += &format!("    ({name:?}, include_str!({:?})),\n", file.display().to_string());
        }
    }
    fs::write(out.join("replies.rs"), table + "]\n")
}

/// What lies in a directory, always in the same order.
fn sorted(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths =
        fs::read_dir(directory)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

fn last(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
