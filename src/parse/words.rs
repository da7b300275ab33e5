//! The words by which mail programs announce quoted and forwarded mail, in English,
//! German, French, Spanish, Dutch, Italian, Portuguese and Swedish. All in lower case.

/// What an attribution ends with, before its colon.
pub const ATTRIBUTION_ENDS: &[&str] = &[
    "wrote",
    "writes",
    "schrieb",
    "geschrieben",
    "a écrit",
    "escribió",
    "schreef",
    "het volgende geschreven",
    "ha scritto",
    "escreveu",
    "skrev",
    "skrev följande",
    "schrieb folgendes",
];

/// What an attribution begins with.
pub const ATTRIBUTION_STARTS: &[&str] = &["on", "am", "le", "el", "op", "il", "em", "den", "a"];

/// Between the dashes above an answered mail.
pub const ORIGINAL_MARKS: &[&str] = &[
    "original message",
    "original appointment",
    "reply message",
    "ursprüngliche nachricht",
    "originalnachricht",
    "message d'origine",
    "message original",
    "mensaje original",
    "oorspronkelijk bericht",
    "messaggio originale",
    "mensagem original",
    "ursprungligt meddelande",
    "originalmeddelande",
];

/// Between the dashes above a forwarded mail.
pub const FORWARD_MARKS: &[&str] = &[
    "forwarded message",
    "forwarded mail",
    "weitergeleitete nachricht",
    "message transféré",
    "mensaje reenviado",
    "doorgestuurd bericht",
    "messaggio inoltrato",
    "mensagem encaminhada",
    "vidarebefordrat meddelande",
];

/// A line of its own above a forwarded mail, without its colon.
pub const FORWARD_OPENINGS: &[&str] = &[
    "begin forwarded message",
    "anfang der weitergeleiteten nachricht",
    "anfang der weitergeleiteten e-mail",
    "début du message transféré",
    "début du message réexpédié",
    "inicio del mensaje reenviado",
    "begin doorgestuurd bericht",
    "inizio messaggio inoltrato",
    "início da mensagem encaminhada",
    "vidarebefordrat brev",
];

/// The From field in the head of a quoted mail.
pub const FIELD_FROM: &[&str] = &["from", "von", "de", "van", "da", "från"];

/// The other fields there.
pub const FIELD_OTHER: &[&str] = &[
    "sent",
    "date",
    "to",
    "cc",
    "subject",
    "gesendet",
    "datum",
    "an",
    "betreff",
    "envoyé",
    "à",
    "objet",
    "enviado",
    "enviado el",
    "fecha",
    "para",
    "asunto",
    "verzonden",
    "aan",
    "onderwerp",
    "inviato",
    "data",
    "a",
    "oggetto",
    "enviada em",
    "enviado em",
    "assunto",
    "skickat",
    "till",
    "ämne",
];

/// How a phone signs.
pub const PHONE_SIGNATURES: &[&str] = &[
    "sent from my ",
    "get outlook for ",
    "von meinem iphone gesendet",
    "gesendet von meinem ",
    "envoyé de mon ",
    "enviado desde mi ",
    "verzonden vanaf mijn ",
    "verstuurd vanaf mijn ",
    "inviato da ",
    "enviado do meu ",
    "skickat från min ",
];

/// The marks of a subject that passes a mail on.
pub const FORWARD_SUBJECTS: &[&str] =
    &["fw:", "fwd:", "wg:", "tr:", "rv:", "i:", "enc:", "vb:", "doorst:"];
