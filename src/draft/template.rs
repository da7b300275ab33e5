//! Templates to text. Fields are data: a field's words are never read as a template, and
//! one that looks like more than a name is left out.
//!
//! A template is named `<language>/<intent>.<n>.txt`. What is not filled is an error with
//! the template's name and line, never a gap in a mail. It must not decide whom or when.

use std::collections::BTreeMap;

use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior, context};

use crate::model::addressee::{Addressee, Addressing};
use crate::model::findings::Findings;
use crate::model::mail::{HeaderText, Intent};

use super::compose::{header_text, plain_text};

/// The language that every intent is there in.
const FALLBACK: &str = "en";

/// Steps of the template engine: a shipped template needs about 100; a loop written by
/// mistake ends here.
const FUEL: u64 = 20_000;

/// What a name of a company, a role or a person has at most.
const FIELD_MAX_CHARS: usize = 60;

/// Opens the mark of a gap that only the user can fill.
const GAP_OPENS: &str = "[[";

/// Marks that no finished text holds.
const GAP_MARKS: [&str; 6] = [GAP_OPENS, "]]", "{{", "}}", "{%", "%}"];

/// The templates that come with the program.
const SHIPPED: [(&str, &str); 16] = [
    ("en/thanks.1.txt", include_str!("../../rules/replies/en/thanks.1.txt")),
    ("en/thanks.2.txt", include_str!("../../rules/replies/en/thanks.2.txt")),
    ("en/feedback-request.1.txt", include_str!("../../rules/replies/en/feedback-request.1.txt")),
    ("en/feedback-request.2.txt", include_str!("../../rules/replies/en/feedback-request.2.txt")),
    ("en/accept-feedback.1.txt", include_str!("../../rules/replies/en/accept-feedback.1.txt")),
    ("en/accept-feedback.2.txt", include_str!("../../rules/replies/en/accept-feedback.2.txt")),
    ("en/other-role.1.txt", include_str!("../../rules/replies/en/other-role.1.txt")),
    ("en/other-role.2.txt", include_str!("../../rules/replies/en/other-role.2.txt")),
    ("de/thanks.1.txt", include_str!("../../rules/replies/de/thanks.1.txt")),
    ("de/thanks.2.txt", include_str!("../../rules/replies/de/thanks.2.txt")),
    ("de/feedback-request.1.txt", include_str!("../../rules/replies/de/feedback-request.1.txt")),
    ("de/feedback-request.2.txt", include_str!("../../rules/replies/de/feedback-request.2.txt")),
    ("de/accept-feedback.1.txt", include_str!("../../rules/replies/de/accept-feedback.1.txt")),
    ("de/accept-feedback.2.txt", include_str!("../../rules/replies/de/accept-feedback.2.txt")),
    ("de/other-role.1.txt", include_str!("../../rules/replies/de/other-role.1.txt")),
    ("de/other-role.2.txt", include_str!("../../rules/replies/de/other-role.2.txt")),
];

/// A template that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// It cannot be read or filled.
    #[error("Cannot use the template {name}, line {line}: {why}")]
    Bad {
        /// `<language>/<intent>.<n>.txt`
        name: String,
        /// From 1; 0 when the engine does not tell.
        line: usize,
        /// What is wrong.
        why: String,
    },
    /// Its name says nothing.
    #[error("`{0}` is not the name of a reply template (expected something like en/thanks.1.txt)")]
    BadName(String),
}

impl TemplateError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            TemplateError::Bad { .. } => {
                "A template may use company, role, person, my_name, signature and new_mail; put \
                 what needs one of them between {% if company %} and {% endif %}"
            }
            TemplateError::BadName(_) => {
                "Intents are thanks, feedback-request, accept-feedback and other-role"
            }
        }
    }
}

/// What a template may say. Everything that is absent renders its branch without it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields {
    company: Option<String>,
    role: Option<String>,
    person: Option<String>,
    my_name: String,
    signature: Option<String>,
    new_mail: bool,
}

impl Fields {
    /// The fields of an answer. `my_name` and `signature` are the user's own words and
    /// stand as they are; the others come from foreign mail and pass [`allowed`].
    pub fn new(
        company: Option<&str>,
        role: Option<&str>,
        person: Option<&str>,
        my_name: &str,
        signature: Option<&str>,
    ) -> Self {
        Fields {
            company: company.and_then(allowed),
            role: role.and_then(allowed),
            person: person.and_then(allowed),
            my_name: HeaderText::clean(my_name).as_str().to_owned(),
            signature: signature
                .map(|text| plain_text(text).trim_end().to_owned())
                .filter(|text| !text.is_empty()),
            new_mail: false,
        }
    }

    /// The same for a mail that answers none.
    pub fn of_new_mail(self) -> Self {
        Fields { new_mail: true, ..self }
    }
}

/// A foreign name as it may stand in a mail of the user's: letters, digits and a few marks,
/// no address of any kind, at most 60 characters. Everything else is absent.
pub fn allowed(name: &str) -> Option<String> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let marks = " .,&'’()/+#-–|:!";
    let sound = !name.is_empty()
        && name.chars().count() <= FIELD_MAX_CHARS
        && name.chars().all(|c| c.is_alphanumeric() || marks.contains(c))
        && name.chars().any(char::is_alphabetic)
        && !name.contains("//")
        && !name.split(|c: char| c.is_whitespace() || "/,()|:!".contains(c)).any(reads_as_host);
    sound.then_some(name)
}

/// Mail programs make links of words like `firm.com`.
fn reads_as_host(word: &str) -> bool {
    let word = word.trim_matches('.').to_lowercase();
    word.starts_with("www.")
        || psl::domain(word.as_bytes()).is_some_and(|domain| domain.suffix().is_known())
}

/// The name to greet by, only if the mail's signature and the address it goes to agree.
pub fn certain_person(addressing: &Addressing, findings: &Findings) -> Option<String> {
    let (mailbox, name) = match &addressing.addressee {
        Addressee::Earlier(mailbox) => (mailbox, mailbox.name.clone()?),
        Addressee::Person(mailbox) | Addressee::Relay(mailbox) | Addressee::Chosen(mailbox) => {
            (mailbox, findings.person.as_ref()?.value.clone())
        }
        Addressee::Nobody => return None,
    };
    let relayed = matches!(addressing.addressee, Addressee::Relay(_));
    let shown = mailbox.name.clone().filter(|_| addressing.addressee.name() != "earlier");
    let known = format!(
        "{} {}",
        shown.unwrap_or_default(),
        if relayed { "" } else { mailbox.address.local() }
    )
    .to_lowercase();
    let agrees = name
        .to_lowercase()
        .split(|c: char| !c.is_alphabetic())
        .any(|word| word.chars().count() > 2 && known.contains(word));
    if agrees { allowed(&name) } else { None }
}

/// All templates, compiled.
#[derive(Debug)]
pub struct Templates {
    env: Environment<'static>,
    /// By language and intent: the names of the variants, in order.
    variants: BTreeMap<(String, Intent), Vec<String>>,
}

impl Templates {
    /// The shipped ones, with the user's own (name below the directory, text) in their
    /// place where the name is the same, and beside them where it is not. Each is tried
    /// with all fields and with none, so that a mistake shows now and not in months.
    pub fn new<'a>(
        own: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Templates, TemplateError> {
        let mut env = Environment::new();
        env.set_undefined_behavior(UndefinedBehavior::Strict);
        env.set_auto_escape_callback(|_| AutoEscape::None);
        env.set_fuel(Some(FUEL));
        // `none` would be written as a word.
        env.set_formatter(|out, state, value| {
            if value.is_none() || value.is_undefined() {
                return Err(minijinja::Error::new(
                    ErrorKind::UndefinedError,
                    "a field that is not known is used outside of {% if %}",
                ));
            }
            minijinja::escape_formatter(out, state, value)
        });
        let mut templates = Templates { env, variants: BTreeMap::new() };
        for (name, text) in SHIPPED.into_iter().chain(own) {
            templates.add(name, text)?;
        }
        Ok(templates)
    }

    fn add(&mut self, name: &str, text: &str) -> Result<(), TemplateError> {
        let key = key_of(name).ok_or_else(|| TemplateError::BadName(name.to_owned()))?;
        self.env
            .add_template_owned(name.to_owned(), text.to_owned())
            .map_err(|error| bad(name, &error))?;
        let names = self.variants.entry(key).or_default();
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
            names.sort();
        }
        let full = Fields::new(Some("Firm"), Some("Role"), Some("Anna Example"), "Me", Some("Me"));
        let bare = Fields::new(None, None, None, "Me", None);
        for fields in [full.clone().of_new_mail(), full, bare.clone().of_new_mail(), bare] {
            self.fill(name, &fields)?;
        }
        Ok(())
    }

    /// The text in the language of the rejection, else in English. `turn` chooses between
    /// the variants, so that two answers to one company need not be twins; pass the
    /// reply's number.
    pub fn text(
        &self,
        language: Option<&str>,
        intent: Intent,
        turn: u64,
        fields: &Fields,
    ) -> Result<String, TemplateError> {
        let of = |language: &str| self.variants.get(&(language.to_owned(), intent));
        let names = language.and_then(of).or_else(|| of(FALLBACK));
        let name = names
            .and_then(|names| names.get(usize::try_from(turn % names.len() as u64).ok()?))
            .ok_or_else(|| TemplateError::BadName(format!("{FALLBACK}/{intent}.1.txt")))?;
        self.fill(name, fields)
    }

    fn fill(&self, name: &str, fields: &Fields) -> Result<String, TemplateError> {
        let text = self
            .env
            .get_template(name)
            .and_then(|template| {
                template.render(context! {
                    company => fields.company.as_deref(),
                    role => fields.role.as_deref(),
                    person => fields.person.as_deref(),
                    my_name => fields.my_name.as_str(),
                    signature => fields.signature.as_deref(),
                    new_mail => fields.new_mail,
                })
            })
            .map_err(|error| bad(name, &error))?;
        let text = plain_text(text.trim_start());
        let intended = key_of(name).is_some_and(|(_, intent)| intent == Intent::OtherRole);
        match gap_in(&text) {
            Some(mark) if !(intended && [GAP_OPENS, "]]"].contains(&mark)) => {
                let why = format!("`{mark}` is left in the text");
                Err(TemplateError::Bad { name: name.to_owned(), line: 0, why })
            }
            _ => Ok(text),
        }
    }
}

/// `en/thanks.1.txt` to English and thanks.
fn key_of(name: &str) -> Option<(String, Intent)> {
    let (language, file) = name.split_once('/')?;
    let (intent, number) = file.strip_suffix(".txt")?.rsplit_once('.')?;
    let sound = language.len() == 2
        && language.bytes().all(|b| b.is_ascii_lowercase())
        && !number.is_empty()
        && number.bytes().all(|b| b.is_ascii_digit());
    if sound { Some((language.to_owned(), Intent::named(intent)?)) } else { None }
}

fn bad(name: &str, error: &minijinja::Error) -> TemplateError {
    let why = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    TemplateError::Bad { name: name.to_owned(), line: error.line().unwrap_or(0), why }
}

/// The text waits for words of the user's own and cannot be approved.
pub fn has_gap(text: &str) -> bool {
    gap_in(text).is_some()
}

/// The mark of a gap, if one is left.
pub fn gap_in(text: &str) -> Option<&'static str> {
    GAP_MARKS.into_iter().find(|mark| text.contains(mark))
}

/// The subject of a mail that answers none, in the rejection's language.
pub fn subject_of_new_mail(
    language: Option<&str>,
    company: Option<&str>,
    role: Option<&str>,
) -> HeaderText {
    let (company, role) = (company.and_then(allowed), role.and_then(allowed));
    let german = language == Some("de");
    let words = match (role, company) {
        (Some(role), Some(company)) if german => {
            format!("Meine Bewerbung als {role} bei {company}")
        }
        (Some(role), None) if german => format!("Meine Bewerbung als {role}"),
        (None, Some(company)) if german => format!("Meine Bewerbung bei {company}"),
        (None, None) if german => "Meine Bewerbung".to_owned(),
        (Some(role), Some(company)) => format!("My application for {role} at {company}"),
        (Some(role), None) => format!("My application for {role}"),
        (None, Some(company)) => format!("My application at {company}"),
        (None, None) => "My application".to_owned(),
    };
    header_text(&words)
}

#[cfg(test)]
mod tests;
