//! What the service manager hears.

use std::os::unix::net::UnixDatagram;
use std::time::Instant;

use crate::support::world::{PATIENCE, World};

/// Hears datagrams until one says `word`; all that was heard.
pub fn until_heard(socket: &UnixDatagram, word: &str) -> String {
    let until = Instant::now() + PATIENCE;
    let mut heard = String::new();
    while !heard.lines().any(|line| line == word) {
        assert!(Instant::now() < until, "not heard: {word} in\n{heard}");
        let mut buffer = [0; 1024];
        let length = socket.recv(&mut buffer).unwrap();
        heard.push_str(std::str::from_utf8(&buffer[..length]).unwrap());
        heard.push('\n');
    }
    heard
}

#[test]
fn the_service_manager_hears_ready_the_watchdog_and_the_end() {
    let world = World::local();
    let place = world.path("notify.sock");
    let socket = UnixDatagram::bind(&place).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut command = world.command(&["run"]);
    command.env("NOTIFY_SOCKET", &place);
    let daemon = world.daemon_by(command);
    let heard = until_heard(&socket, "READY=1");
    assert!(!heard.contains("STOPPING"), "{heard}");
    // Every look of the desk's loop feeds the watchdog; a nudge makes it look.
    until_heard(&socket, "WATCHDOG=1");
    world.cli(&["resume"]).ok();
    until_heard(&socket, "WATCHDOG=1");
    assert_eq!(daemon.stop(), 0);
    until_heard(&socket, "STOPPING=1");
}
