//! TLS for IMAP: who is trusted, and sentences for what is wrong with a certificate.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::{CertificateError, ClientConfig, RootCertStore};

use super::error::ImapError;

/// The machine's certificate authorities, or only those of `ca_file` (PEM).
///
/// # Errors
/// When the file cannot be read or no authority is found: without one no server can be told.
pub(super) fn client_config(ca_file: Option<&Path>) -> Result<Arc<ClientConfig>, ImapError> {
    let mut roots = RootCertStore::empty();
    match ca_file {
        Some(path) => {
            let problem = |why: String| {
                ImapError::Setup(format!("`ca_file` {} cannot be used: {why}", path.display()))
            };
            let certificates =
                CertificateDer::pem_file_iter(path).map_err(|e| problem(e.to_string()))?;
            for certificate in certificates {
                let certificate = certificate.map_err(|e| problem(e.to_string()))?;
                roots.add(certificate).map_err(|e| problem(e.to_string()))?;
            }
            if roots.is_empty() {
                return Err(problem("it holds no certificate".to_owned()));
            }
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            if roots.is_empty() {
                return Err(ImapError::Setup(
                    "This machine has no certificate authorities (install ca-certificates, or \
                     name a `ca_file`)"
                        .to_owned(),
                ));
            }
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| ImapError::Setup(format!("TLS cannot be set up: {e}")))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// The sentence for a handshake that failed.
pub(super) fn explain(host: &str, error: &std::io::Error) -> ImapError {
    let inner = error.get_ref().and_then(|e| e.downcast_ref::<rustls::Error>());
    let (sentence, hint) = match inner {
        Some(rustls::Error::InvalidCertificate(problem)) => certificate(host, problem),
        Some(other) => (
            format!("{host} and this program could not agree on TLS: {other}"),
            "Check the port: 993 speaks TLS from the start, 143 only after STARTTLS (`tls` in \
             the configuration)"
                .to_owned(),
        ),
        None => (
            format!("The TLS handshake with {host} was cut: {}", error.kind()),
            "Check the port and `tls` in the configuration, and the network".to_owned(),
        ),
    };
    ImapError::Tls { sentence, hint }
}

fn certificate(host: &str, problem: &CertificateError) -> (String, String) {
    let provider = "Nothing was sent. Wait for the provider to renew it; if this machine's \
                    clock is wrong, set it";
    match problem {
        CertificateError::Expired => {
            (format!("The certificate of {host} has expired"), provider.to_owned())
        }
        CertificateError::ExpiredContext { not_after, .. } => (
            format!("The certificate of {host} expired on {}", day(*not_after)),
            provider.to_owned(),
        ),
        CertificateError::NotValidYet => {
            (format!("The certificate of {host} is not valid yet"), provider.to_owned())
        }
        CertificateError::NotValidYetContext { not_before, .. } => (
            format!("The certificate of {host} is valid only from {}", day(*not_before)),
            provider.to_owned(),
        ),
        CertificateError::UnknownIssuer => (
            format!("The certificate of {host} was issued by nobody this machine trusts"),
            "If it is your own server, name its authority in `ca_file`; if it is a provider's, \
             somebody may sit in between"
                .to_owned(),
        ),
        CertificateError::NotValidForName => (
            format!("The certificate presented is not for {host}"),
            "Write the host name that the provider names in its instructions".to_owned(),
        ),
        CertificateError::NotValidForNameContext { presented, .. } => {
            let names: Vec<&str> = presented.iter().take(3).map(|n| host_of(n)).collect();
            (
                format!("The certificate presented is not for {host} but for {}", names.join(", ")),
                "Write the host name that the provider names in its instructions".to_owned(),
            )
        }
        // The library has no name of its own for it.
        CertificateError::Other(it) if it.to_string().contains("CaUsedAsEndEntity") => (
            format!("{host} shows the certificate of an authority in place of its own"),
            "If it is your own server, make it a certificate with CA:FALSE".to_owned(),
        ),
        other => (
            format!("The certificate of {host} cannot be accepted: {other}"),
            "Nothing was sent. Ask the provider".to_owned(),
        ),
    }
}

/// `DnsName("mail.example.org")`, as the library lists names, without its wrapping.
fn host_of(presented: &str) -> &str {
    presented.split('"').nth(1).unwrap_or(presented)
}

fn day(time: UnixTime) -> String {
    let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    Timestamp::from_second(seconds)
        .map_or_else(|_| "a day out of range".to_owned(), |t| t.strftime("%Y-%m-%d").to_string())
}
