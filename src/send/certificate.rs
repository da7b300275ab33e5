//! What a TLS failure means, in a sentence.

use std::io;

use rustls::{CertificateError, Error};

/// The words for a failed handshake, to be put behind "the server …".
pub(super) fn sentence(error: &io::Error) -> String {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        Some(Error::InvalidCertificate(why)) => of_certificate(why),
        Some(Error::InvalidMessage(_)) => {
            "does not speak TLS on this port (465 wants `tls = \"implicit\"`, 587 `tls = \"starttls\"`)"
                .to_owned()
        }
        Some(Error::AlertReceived(alert)) => format!("ended the TLS handshake ({alert:?})"),
        Some(other) => format!("does not agree on TLS ({other})"),
        None => format!("ended the connection during the TLS handshake ({error})"),
    }
}

fn of_certificate(why: &CertificateError) -> String {
    match why {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "shows a certificate that has expired".to_owned()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "shows a certificate that is not valid yet (is this machine's clock right?)".to_owned()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "shows a certificate for another name".to_owned()
        }
        CertificateError::UnknownIssuer => "shows a certificate that nobody trusted here has \
                                            signed (for a server of your own, set `ca_file`)"
            .to_owned(),
        CertificateError::Revoked => "shows a certificate that was revoked".to_owned(),
        // The library has no name of its own for it.
        CertificateError::Other(it) if it.to_string().contains("CaUsedAsEndEntity") => {
            "shows the certificate of an authority in place of its own (for a server of your own, \
             make one with CA:FALSE)"
                .to_owned()
        }
        other => format!("shows a certificate that is not accepted ({other})"),
    }
}
