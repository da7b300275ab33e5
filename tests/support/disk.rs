//! A disk that can be full.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A disk of its own, so small that it can be filled; taken away when dropped.
pub struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Mounts one of 2 MB; `None` where the tests may not.
    pub fn at(path: &Path) -> Option<SmallDisk> {
        SmallDisk::of(2, path)
    }

    /// The same of so many megabytes.
    pub fn of(megabytes: usize, path: &Path) -> Option<SmallDisk> {
        fs::create_dir_all(path).unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={megabytes}m,mode=700"), "tmpfs"])
            .arg(path)
            .stderr(Stdio::null())
            .status();
        if mounted.is_ok_and(|status| status.success()) {
            return Some(SmallDisk(path.to_owned()));
        }
        eprintln!("skipped: only root can mount a small disk");
        None
    }

    /// Fills it to the last byte.
    pub fn fill(&self) {
        use std::io::Write;
        let mut file = fs::File::create(self.0.join("ballast")).unwrap();
        let mut size = 64 * 1024;
        while size > 0 {
            if file.write_all(&vec![b'x'; size]).is_err() {
                size /= 2;
            }
        }
    }

    /// Makes room again.
    pub fn empty(&self) {
        fs::remove_file(self.0.join("ballast")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}
