//! A certificate authority of our own, made by the `openssl` command.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use tempfile::TempDir;

/// A certificate authority that exists as long as the value does.
#[derive(Debug)]
pub struct Authority {
    dir: TempDir,
}

/// A certificate and its key, as PEM files.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// The certificate.
    pub cert: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// When a certificate is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// From 2020 to 2049.
    Now,
    /// From 2020 to the end of 2021-03-04.
    Expired,
}

impl Authority {
    /// A new authority that nobody knows.
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let config = "[ca]\ndefault_ca = own\n[own]\ndatabase = index.txt\nserial = serial\n\
                      new_certs_dir = .\ncertificate = ca.pem\nprivate_key = ca.key\n\
                      default_md = sha256\npolicy = any\ncopy_extensions = copy\n\
                      unique_subject = no\n[any]\ncommonName = supplied\n";
        std::fs::write(dir.path().join("ca.conf"), config).unwrap();
        std::fs::write(dir.path().join("index.txt"), "").unwrap();
        std::fs::write(dir.path().join("serial"), "01\n").unwrap();
        // Each has a name of its own: a client tells issuers by their names first.
        let subject = dir.path().file_name().unwrap().to_string_lossy();
        let subject = format!("/CN=Authority {subject}");
        let authority = Authority { dir };
        authority.openssl(&[
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-keyout",
            "ca.key",
            "-out",
            "ca.pem",
            "-subj",
            &subject,
            "-days",
            "3650",
            "-addext",
            "keyUsage=critical,keyCertSign,cRLSign",
        ]);
        authority
    }

    /// The authority's own certificate, for a client's `ca_file`.
    pub fn ca_file(&self) -> PathBuf {
        self.dir.path().join("ca.pem")
    }

    /// A server certificate for one host name.
    pub fn issue(&self, host: &str, validity: Validity) -> Certificate {
        // Stories share an authority: its serial numbers and files are for one at a time.
        static ISSUED: Mutex<u32> = Mutex::new(0);
        let mut issued = ISSUED.lock().unwrap_or_else(PoisonError::into_inner);
        *issued += 1;
        let file = |end: &str| format!("{host}-{}.{end}", *issued);
        let (request, cert, key) = (file("csr"), file("pem"), file("key"));
        self.openssl(&[
            "req",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-keyout",
            &key,
            "-out",
            &request,
            "-subj",
            &format!("/CN={host}"),
            "-addext",
            &format!("subjectAltName=DNS:{host}"),
        ]);
        let end = match validity {
            Validity::Now => "20491231000000Z",
            Validity::Expired => "20210304120000Z",
        };
        self.openssl(&[
            "ca",
            "-batch",
            "-config",
            "ca.conf",
            "-notext",
            "-startdate",
            "20200101000000Z",
            "-enddate",
            end,
            "-in",
            &request,
            "-out",
            &cert,
        ]);
        Certificate { cert: self.dir.path().join(cert), key: self.dir.path().join(key) }
    }

    /// The directory, below which everything is removed with the value.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    fn openssl(&self, arguments: &[&str]) {
        let output =
            Command::new("openssl").args(arguments).current_dir(self.dir.path()).output().unwrap();
        let problem = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "openssl {arguments:?}: {problem}");
    }
}
