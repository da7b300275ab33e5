//! What happens to mail on its way in: whole processes on a real mailbox.

mod again;
mod answers;
mod applications;
mod brakes;
mod by_hand;
mod cooling;
mod corrected;
mod course;
mod desk;
mod explained;
mod figures;
mod find;
mod import;
mod letter;
mod nobody;
mod old;
mod outcomes;
mod reminders;
mod rescan;
mod service;
mod shell;
mod state;
mod texts;
