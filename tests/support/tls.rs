//! Certificates made for one test, by the openssl command.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A certificate authority of our own.
pub struct Authority {
    dir: TempDir,
}

/// A certificate with its key, as PEM files.
pub struct Issued {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// Whether a certificate is still good.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    Good,
    Expired,
}

const CONFIG: &str = "\
[ca]
default_ca = own
[own]
database = index.txt
serial = serial
new_certs_dir = .
default_md = sha256
default_days = 2
policy = anything
unique_subject = no
[anything]
commonName = supplied
";

impl Authority {
    /// Makes one; `None` without the openssl command.
    pub fn new() -> Option<Authority> {
        Command::new("openssl").arg("version").stdout(Stdio::null()).status().ok()?;
        let dir = TempDir::new().unwrap();
        for (name, text) in [("ca.cnf", CONFIG), ("index.txt", ""), ("serial", "1000\n")] {
            std::fs::write(dir.path().join(name), text).unwrap();
        }
        let authority = Authority { dir };
        // Two authorities of one name would be told apart by their keys only.
        let name = authority.dir.path().file_name().unwrap().to_str().unwrap().to_owned();
        authority.openssl(&format!(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key \
             -out ca.pem -days 2 -subj /CN=Authority{name} -addext basicConstraints=critical,CA:TRUE"
        ));
        Some(authority)
    }

    /// The certificate to trust.
    pub fn file(&self) -> PathBuf {
        self.dir.path().join("ca.pem")
    }

    /// A certificate for a host name.
    pub fn issue(&self, host: &str, validity: Validity) -> Issued {
        let stem = format!("{host}-{}", if validity == Validity::Good { "good" } else { "old" });
        let path = |end: &str| self.dir.path().join(format!("{stem}.{end}"));
        std::fs::write(
            path("ext"),
            format!("subjectAltName=DNS:{host}\nbasicConstraints=CA:FALSE\n"),
        )
        .unwrap();
        self.openssl(&format!(
            "req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {stem}.key \
             -out {stem}.csr -subj /CN={host}"
        ));
        let dates = match validity {
            Validity::Good => "",
            Validity::Expired => "-startdate 20200101000000Z -enddate 20200102000000Z",
        };
        self.openssl(&format!(
            "ca -batch -notext -config ca.cnf -cert ca.pem -keyfile ca.key -in {stem}.csr \
             -out {stem}.pem -extfile {stem}.ext {dates}"
        ));
        Issued { certificate: path("pem"), key: path("key") }
    }

    fn openssl(&self, line: &str) {
        run_in(self.dir.path(), "openssl", line);
    }
}

/// Runs a command to a good end.
fn run_in(dir: &Path, program: &str, line: &str) {
    let output =
        Command::new(program).args(line.split_whitespace()).current_dir(dir).output().unwrap();
    assert!(
        output.status.success(),
        "{program} {line}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}
