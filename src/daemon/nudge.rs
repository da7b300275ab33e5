//! How a face tells the daemon to look: one datagram on a private socket. It carries one
//! word; what was decided stands in the database. A lost nudge costs a minute at most.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram as StdDatagram;

use tokio::net::UnixDatagram;

use crate::store::StateDir;

/// Why the daemon should look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nudge {
    /// A decision was written.
    Look,
    /// A secret was set: accounts whose login was refused may try again.
    Secret,
}

/// Tells the daemon of this directory to look. Whether one runs is not known here.
pub fn nudge(dir: &StateDir, why: Nudge) {
    let word: &[u8] = match why {
        Nudge::Look => b"look",
        Nudge::Secret => b"secret",
    };
    if let Ok(socket) = StdDatagram::unbound() {
        // Nobody listening is no error: the next run will look by itself.
        let _ = socket.send_to(word, dir.nudge_socket());
    }
}

/// The daemon's end.
pub(super) struct Ear(Option<UnixDatagram>);

impl Ear {
    /// Listens. Where that is impossible (a path longer than a socket's name may be), the
    /// daemon looks by itself every minute.
    pub(super) fn open(dir: &StateDir) -> Ear {
        let path = dir.nudge_socket();
        // A socket left by a killed daemon is in the way; the lock says that none lives.
        let _ = std::fs::remove_file(&path);
        let bound = UnixDatagram::bind(&path).and_then(|socket| {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
            Ok(socket)
        });
        match bound {
            Ok(socket) => Ear(Some(socket)),
            Err(error) => {
                tracing::warn!(%error, "No nudge socket; commands take effect within a minute");
                Ear(None)
            }
        }
    }

    /// Waits for a nudge.
    pub(super) async fn hear(&self) -> Nudge {
        let mut buffer = [0u8; 16];
        let Some(socket) = &self.0 else { return std::future::pending().await };
        match socket.recv(&mut buffer).await {
            Ok(length) if buffer.get(..length) == Some(b"secret") => Nudge::Secret,
            _ => Nudge::Look,
        }
    }
}
