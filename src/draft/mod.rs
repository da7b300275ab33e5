//! Whom to answer, with what words, as which bytes, and when not to. Pure: reads no
//! clock, file, socket or database, and never sends.
//!
//! [`addressee`] decides who, [`identity`] as whom, [`intent`] what for, [`address_form`]
//! how formally, [`greeting`] by which name, [`fields`] what is certain enough to be named, [`template`] writes the
//! text, [`clean`] says what may stand in a mail, [`compose`] makes the mail of it, [`guard`] says what speaks against
//! sending it, [`tone`] what the user may want to read again.

pub mod address_form;

pub mod addressee;

pub mod clean;

pub mod compose;

pub mod fields;

pub mod greeting;

pub mod guard;

pub mod identity;

pub mod intent;

pub mod template;

pub mod tone;

/// Which hosts belong to one organisation.
mod organisation;

/// The built mail, read by another parser and compared with what was meant.
mod readback;
