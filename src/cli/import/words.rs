//! The headings and words that people write into their own tables, in English and German. Read
//! nowhere but beside it, in `table`.

use serde::Deserialize;

/// What a column tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Column {
    Company,
    Role,
    Applied,
    Status,
    Location,
    Url,
    Notes,
}

/// The usual headings, in the order of how sure they are.
pub(super) const HEADINGS: [(Column, &[&str]); 7] = [
    (
        Column::Company,
        &[
            "company",
            "company name",
            "employer",
            "organization",
            "organisation",
            "unternehmen",
            "firma",
            "arbeitgeber",
        ],
    ),
    (
        Column::Role,
        &[
            "role",
            "position",
            "job title",
            "position title",
            "job role",
            "title",
            "job",
            "stelle",
            "rolle",
            "jobtitel",
            "stellenbezeichnung",
        ],
    ),
    (
        Column::Applied,
        &[
            "date applied",
            "applied on",
            "applied date",
            "application date",
            "date of application",
            "applied",
            "date",
            "beworben am",
            "bewerbungsdatum",
            "bewerbung vom",
            "datum",
        ],
    ),
    (
        Column::Status,
        &[
            "status",
            "stage",
            "application status",
            "current status",
            "outcome",
            "stand",
            "ergebnis",
        ],
    ),
    (Column::Location, &["location", "city", "job location", "ort", "standort", "arbeitsort"]),
    (
        Column::Url,
        &[
            "url",
            "link",
            "job url",
            "job link",
            "job posting",
            "posting",
            "stellenanzeige",
            "anzeige",
        ],
    ),
    (
        Column::Notes,
        &["notes", "note", "comments", "comment", "notizen", "notiz", "bemerkungen", "kommentar"],
    ),
];

/// The word of a row that was not applied for.
pub(super) const NOT_APPLIED: &str = "not-applied";

/// What the usual words mean; others are told by `--mapping`.
pub(super) const WORDS: [(&str, &[&str]); 9] = [
    (
        "applied",
        &[
            "applied",
            "submitted",
            "sent",
            "open",
            "pending",
            "waiting",
            "no response",
            "ghosted",
            "no reply",
            "beworben",
            "abgeschickt",
            "offen",
            "keine antwort",
            "in progress",
        ],
    ),
    (
        "acknowledged",
        &[
            "acknowledged",
            "received",
            "confirmed",
            "under review",
            "in review",
            "bestätigt",
            "eingang bestätigt",
            "in prüfung",
        ],
    ),
    (
        "in-talks",
        &[
            "interview",
            "interviews",
            "interviewing",
            "interviewed",
            "phone screen",
            "screening",
            "phone interview",
            "technical interview",
            "onsite",
            "assessment",
            "final round",
            "gespräch",
            "im gespräch",
            "vorstellungsgespräch",
            "eingeladen",
        ],
    ),
    ("paused", &["paused", "on hold", "pausiert"]),
    ("offered", &["offer", "offered", "offer received", "angebot"]),
    ("rejected", &["rejected", "rejection", "not selected", "turned down", "absage", "abgelehnt"]),
    ("accepted", &["accepted", "offer accepted", "hired", "zusage", "angenommen"]),
    ("declined", &["offer declined", "declined offer", "angebot abgelehnt"]),
    ("withdrawn", &["withdrawn", "withdrew", "zurückgezogen"]),
];

/// What is only wished for is no application.
pub(super) const WISHES: &[&str] = &[
    "wishlist",
    "wish list",
    "saved",
    "bookmarked",
    "to apply",
    "not applied",
    "interested",
    "draft",
    "gemerkt",
    "geplant",
    "merkliste",
];

/// How days are written besides `2026-11-02`, as far as it can be told from one of them.
pub(super) const DATES: [&str; 8] = [
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%d.%m.%Y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%d %b %Y",
    "%d %B %Y",
    "%a, %b %d, %Y",
];
