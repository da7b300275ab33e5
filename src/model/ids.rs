//! Row numbers as distinct types, so that a reply's number cannot be passed as a message's.
//!
//! A number is shown with its letter (`r12`) and is never used again for another row.

use std::fmt;
use std::num::NonZeroI64;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// What was typed is not the number of such a row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{typed}` is not the number of {what} (they look like `{letter}12`)")]
pub struct BadNumber {
    typed: String,
    what: &'static str,
    letter: char,
}

fn number(typed: &str, letter: char) -> Option<NonZeroI64> {
    let digits = typed.strip_prefix(letter).unwrap_or(typed);
    // `parse` alone would take "+5", which nobody has seen on the desk.
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok()
}

macro_rules! row_number {
    ($(#[$doc:meta])* $name:ident, $letter:literal, $what:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(NonZeroI64);

        impl $name {
            /// The number of a row that the store has written; `None` for zero.
            pub fn new(row: i64) -> Option<Self> {
                NonZeroI64::new(row).map(Self)
            }

            /// The database's own number.
            pub fn get(self) -> i64 {
                self.0.get()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}{}", $letter, self.0)
            }
        }

        impl FromStr for $name {
            type Err = BadNumber;

            fn from_str(typed: &str) -> Result<Self, BadNumber> {
                number(typed, $letter).filter(|n| n.get() > 0).map(Self).ok_or_else(|| BadNumber {
                    typed: typed.to_owned(),
                    what: $what,
                    letter: $letter,
                })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    };
}

row_number!(
    /// A mailbox login with its sending side; written `c3`, though people use its label.
    AccountNo, 'c', "an account"
);
impl AccountNo {
    /// An account of the configuration that the database has not numbered yet. No row has
    /// this number.
    pub const UNNUMBERED: AccountNo = AccountNo(NonZeroI64::MAX);
}

row_number!(
    /// A message kept because it is about a job; written `m3`.
    MessageNo, 'm', "a message"
);
row_number!(
    /// An application; written `a3`.
    ApplicationNo, 'a', "an application"
);
impl ApplicationNo {
    /// Larger than any row's.
    pub const LAST: ApplicationNo = ApplicationNo(NonZeroI64::MAX);
}

row_number!(
    /// A reply, from its cooling to its end; written `r3`.
    ReplyNo, 'r', "a reply"
);

/// A mail that lies in a mailbox and is not kept; written `f3.812.9c4e`: folder, number in
/// it, and the beginning of the mail's own fingerprint, so that a folder that is numbered
/// anew cannot pass another mail off as this one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FoundNo {
    /// The folder's number in the database.
    pub folder: i64,
    /// Its UID, or of a Maildir's long numbers the first hexadecimal digits.
    pub uid: String,
    /// The first four hexadecimal digits of the fingerprint.
    pub check: String,
}

impl fmt::Display for FoundNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "f{}.{}.{}", self.folder, self.uid, self.check)
    }
}

impl FromStr for FoundNo {
    type Err = BadNumber;

    fn from_str(typed: &str) -> Result<Self, BadNumber> {
        let hex = |word: &str| {
            let digits = word.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
            (digits && (1..=16).contains(&word.len())).then(|| word.to_owned())
        };
        let read = || {
            let mut parts = typed.strip_prefix('f')?.split('.');
            let folder = number(parts.next()?, 'f').filter(|it| it.get() > 0)?.get();
            let found = FoundNo { folder, uid: hex(parts.next()?)?, check: hex(parts.next()?)? };
            (parts.next().is_none() && found.check.len() == 4).then_some(found)
        };
        read().ok_or_else(|| BadNumber {
            typed: typed.to_owned(),
            what: "a mail of `regards find`",
            letter: 'f',
        })
    }
}

/// A mail by the name that `find` gives it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MailNo {
    /// It is kept.
    Kept(MessageNo),
    /// It lies in the mailbox alone.
    Found(FoundNo),
}

impl fmt::Display for MailNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MailNo::Kept(no) => no.fmt(f),
            MailNo::Found(no) => no.fmt(f),
        }
    }
}

impl FromStr for MailNo {
    type Err = BadNumber;

    fn from_str(typed: &str) -> Result<Self, BadNumber> {
        if typed.starts_with('f') {
            return typed.parse().map(MailNo::Found);
        }
        typed.parse().map(MailNo::Kept)
    }
}

impl Serialize for MailNo {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A reply, or the rejection that got none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseNo {
    /// A reply.
    Reply(ReplyNo),
    /// A rejection.
    Message(MessageNo),
}

impl fmt::Display for CaseNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CaseNo::Reply(no) => no.fmt(f),
            CaseNo::Message(no) => no.fmt(f),
        }
    }
}

impl FromStr for CaseNo {
    type Err = BadNumber;

    fn from_str(typed: &str) -> Result<Self, BadNumber> {
        if typed.starts_with('m') {
            return typed.parse().map(CaseNo::Message);
        }
        typed.parse().map(CaseNo::Reply)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_with_and_without_its_letter() {
        let twelve = ReplyNo::new(12);
        assert_eq!("r12".parse().ok(), twelve);
        assert_eq!("12".parse().ok(), twelve);
        assert_eq!(twelve.map(|n| n.to_string()).as_deref(), Some("r12"));
    }

    #[test]
    fn another_rows_letter_is_refused() {
        for typed in ["m12", "r", "", "r0", "r-1", "r+1", "rr1", "r1 ", "r99999999999999999999"] {
            let error = typed.parse::<ReplyNo>().map_err(|e| e.to_string());
            assert!(error.as_ref().is_err_and(|e| e.contains("a reply")), "{typed}: {error:?}");
        }
    }

    #[test]
    fn a_found_mail_is_read_as_it_is_written_and_in_no_other_way() {
        for typed in ["f3.812.9c4e", "f1.654bc089.00ff", "m12"] {
            let read = typed.parse::<MailNo>().map(|no| no.to_string());
            assert_eq!(read.as_deref(), Ok(typed));
        }
        for typed in
            ["f3", "f3.812", "f3.812.9c4", "f0.1.9c4e", "f3.x.9c4e", "f3.812.9c4e.1", "f3..9c4e"]
        {
            assert!(typed.parse::<MailNo>().is_err(), "{typed}");
        }
    }
}
