//! IMAP accounts: read-only, over TLS, one task each.
