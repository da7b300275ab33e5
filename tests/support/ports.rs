//! Ports for servers that are only told a number.
//!
//! A port that the kernel chooses (bound to 0) is given back before the server takes it, and the
//! kernel may choose it again at once: for the next server, or for the near end of any connection.
//! So these come from below what kernels choose from (32768 on Linux, 49152 on macOS), and no two
//! callers in one process get the same.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};

/// How many ports there are to hand out, from [`FIRST`] on.
const COUNT: u16 = 12_000;
const FIRST: u16 = 20_000;

/// A port of 127.0.0.1 that nobody listens on, and that no other caller gets.
///
/// # Panics
/// When none is left.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Two runs at once begin at different places.
    let begin = std::process::id() % u32::from(COUNT);
    loop {
        let nth = NEXT.fetch_add(1, Ordering::Relaxed);
        assert!(nth < COUNT, "every port was handed out");
        let place = (begin + u32::from(nth)) % u32::from(COUNT);
        let port = FIRST + u16::try_from(place).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

#[test]
fn two_callers_get_two_ports_though_nobody_listens_yet() {
    let mut ports: Vec<u16> = (0..200).map(|_| free_port()).collect();
    assert!(ports.iter().all(|port| (FIRST..FIRST + COUNT).contains(port)));
    ports.sort_unstable();
    ports.dedup();
    assert_eq!(ports.len(), 200);
}
