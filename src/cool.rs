//! cool
