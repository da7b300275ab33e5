//! A real gnome-keyring on a session bus of its own, with its files in a directory of its own:
//! nothing of the person who runs the tests is seen or changed.

use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::wait_until;

/// Programs that [`Desktop::start`] needs.
pub const PROGRAMS: &[&str] = &["dbus-daemon", "gnome-keyring-daemon"];

const SOON: Duration = Duration::from_secs(20);
const PASSWORD: &str = "keyring password";

/// A session bus, and a keyring on it when one was started. Both end when it is dropped.
pub struct Desktop {
    home: tempfile::TempDir,
    bus: Child,
    keyring: Option<Child>,
}

impl Desktop {
    /// A bus without a keyring.
    pub fn start() -> Desktop {
        let home = tempfile::Builder::new().prefix("keyring").tempdir().expect("a directory");
        for name in ["run", "data", "cache", "config", "services"] {
            let mut builder = std::fs::DirBuilder::new();
            builder.mode(0o700).create(home.path().join(name)).expect("a directory");
        }
        // The only service that a question on this bus can start is the prompter below:
        // nothing of the machine's, and no window.
        let config = format!(
            "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\" \
             \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n<busconfig>\
             <type>session</type><listen>unix:path={0}/bus</listen>\
             <servicedir>{0}/services</servicedir><auth>EXTERNAL</auth>\
             <policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/>\
             <allow eavesdrop=\"true\"/><allow own=\"*\"/></policy></busconfig>\n",
            home.path().display()
        );
        install_prompter(home.path());
        let file = home.path().join("bus.conf");
        std::fs::write(&file, config).expect("written");
        let bus = Command::new("dbus-daemon")
            .arg(format!("--config-file={}", file.display()))
            .args(["--nofork", "--nopidfile"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("dbus-daemon");
        let desktop = Desktop { home, bus, keyring: None };
        let socket = desktop.home.path().join("bus");
        wait_until("the bus listens", SOON, || socket.exists());
        desktop
    }

    /// The variables with which a program finds this bus and these directories.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let path = |name: &str| self.home.path().join(name).display().to_string();
        vec![
            ("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", path("bus"))),
            ("XDG_RUNTIME_DIR", path("run")),
            ("XDG_DATA_HOME", path("data")),
            ("XDG_CACHE_HOME", path("cache")),
            ("XDG_CONFIG_HOME", path("config")),
            ("HOME", self.home.path().display().to_string()),
        ]
    }

    /// A script that starts `program` on this desktop, for code that takes only a path.
    pub fn wrapped(&self, program: &str) -> PathBuf {
        let script = self.home.path().join("wrapped");
        let exports: String = self
            .environment()
            .iter()
            .map(|(name, value)| format!("export {name}='{value}'\n"))
            .collect();
        let text = format!("#!/bin/sh\n{exports}exec '{program}' \"$@\"\n");
        write_program(&script, &text);
        script
    }

    /// Starts the keyring, open; its file is made at the first start.
    pub fn start_keyring_open(&mut self) {
        self.start_keyring(Some(PASSWORD));
    }

    /// Starts the keyring as it is before anybody signed in: there and locked.
    pub fn start_keyring_locked(&mut self) {
        self.start_keyring(None);
    }

    /// Ends the keyring's process; its file stays.
    pub fn stop_keyring(&mut self) {
        if let Some(mut keyring) = self.keyring.take() {
            keyring.kill().expect("killed");
            keyring.wait().expect("ended");
        }
    }

    /// Opens a running, locked keyring, as signing in does: one packet on its control socket,
    /// a NUL byte first that carries the sender's credentials.
    pub fn unlock(&self) {
        const UNLOCK: u32 = 1;
        let mut socket = UnixStream::connect(self.control().join("control")).expect("the socket");
        let length = u32::try_from(PASSWORD.len()).expect("short");
        let mut packet = vec![0];
        for number in [12 + length, UNLOCK, length] {
            packet.extend(number.to_be_bytes());
        }
        packet.extend(PASSWORD.as_bytes());
        socket.write_all(&packet).expect("sent");
        let mut answer = [0; 8];
        socket.read_exact(&mut answer).expect("an answer");
        assert_eq!(answer, [0, 0, 0, 8, 0, 0, 0, 0], "the keyring was not unlocked");
    }

    /// A file that is there once somebody wanted to put up a window that asks for the
    /// keyring's password.
    pub fn prompt_note(&self) -> PathBuf {
        self.home.path().join("prompted")
    }

    fn control(&self) -> PathBuf {
        self.home.path().join("run/keyring")
    }

    fn start_keyring(&mut self, password: Option<&str>) {
        self.stop_keyring();
        let mut command = Command::new("gnome-keyring-daemon");
        command
            .args(["--foreground", "--components=secrets", "--control-directory"])
            .arg(self.control())
            .envs(self.environment())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if password.is_some() {
            command.arg("--unlock");
        }
        let mut keyring = command.spawn().expect("gnome-keyring-daemon");
        let mut stdin = keyring.stdin.take().expect("its input");
        stdin.write_all(password.unwrap_or_default().as_bytes()).expect("the password");
        drop(stdin);
        self.keyring = Some(keyring);
        wait_until("the keyring answers on the bus", SOON, || self.keyring_answers());
    }

    /// The name is taken on the bus: asked with the bus's own tool, not with our code.
    fn keyring_answers(&self) -> bool {
        let asked = Command::new("dbus-send")
            .args(["--session", "--print-reply=literal", "--dest=org.freedesktop.DBus"])
            .args(["/org/freedesktop/DBus", "org.freedesktop.DBus.NameHasOwner"])
            .arg("string:org.freedesktop.secrets")
            .envs(self.environment())
            .output()
            .expect("dbus-send");
        String::from_utf8_lossy(&asked.stdout).contains("true")
    }
}

/// A desktop's prompter that notes that it was wanted and then hangs, as one does whose window
/// nobody answers. It ends when the directory goes.
fn install_prompter(home: &Path) {
    let script = home.join("prompter");
    let home = home.display();
    let text = format!(
        "#!/bin/sh\ntouch '{home}/prompted'\nwhile [ -e '{home}/prompted' ]; do sleep 1; done\n"
    );
    write_program(&script, &text);
    let name = "org.gnome.keyring.SystemPrompter";
    let service = format!("[D-BUS Service]\nName={name}\nExec={}\n", script.display());
    std::fs::write(format!("{home}/services/{name}.service"), service).expect("written");
}

/// Writes a script that can be started.
pub fn write_program(path: &Path, text: &str) {
    std::fs::write(path, text).expect("written");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700)).expect("chmod");
}

impl Drop for Desktop {
    fn drop(&mut self) {
        self.stop_keyring();
        // The bus may have ended by itself; there is nothing left to do then.
        let _ = self.bus.kill();
        let _ = self.bus.wait();
    }
}
