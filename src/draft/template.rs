//! Templates to text. Fields are data: a field's words are never read as a template.
//!
//! A template is named `<language>/<intent>.<n>.txt`; rules/replies/README.md tells
//! translators what it may say. What is not filled is an error with
//! the template's name and line, never a gap in a mail. It must not decide whom or when.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior, context};

use crate::model::mail::{HeaderText, Intent};

use super::address_form;
use super::clean::{GAP_OPENS, gap_in, header_text, plain_text};
use super::fields::{Fields, Occasion};

/// The language that every intent is there in.
const FALLBACK: &str = "en";

/// Steps of the template engine: a shipped template needs about 100; a loop written by
/// mistake ends here.
const FUEL: u64 = 20_000;

/// The templates that come with the program: all of `rules/replies`, put here by build.rs.
const SHIPPED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/replies.rs"));

/// Pieces that a language says in one place: `<language>/<piece>.txt`.
const PIECES: [&str; 3] = ["about", "greeting", "subject"];

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
                "A template may use greeting, about, at, company, role, person, first_name, \
                 informal, by_first_name, my_name, signature, new_mail, earlier, talked and \
                 may_reapply; put what needs one of them between {% if company %} and {% endif %}"
            }
            TemplateError::BadName(_) => {
                "Intents are thanks (thanks-gone, thanks-rescinded), feedback-request, \
                 accept-feedback, other-role and keep-in-touch; besides them there are about.txt, \
                 greeting.txt and subject.txt"
            }
        }
    }
}

/// A text, and the template that it was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    /// `<language>/<intent>.<n>.txt`
    pub template: String,
    /// The text.
    pub text: String,
}

/// All templates, compiled.
#[derive(Debug, Clone)]
pub struct Templates {
    env: Environment<'static>,
    /// By language, intent and occasion: the names of the variants, in order.
    variants: BTreeMap<(String, Intent, Occasion), Vec<String>>,
}

impl Templates {
    /// The shipped ones, with the user's own (name below the directory, text) in their
    /// place where the name is the same, and beside them where it is not. Each template of
    /// a language in which the user wrote something is tried with all fields and with none,
    /// so that a mistake shows now and not in months; the shipped ones the tests have tried.
    pub fn new<'a>(
        own: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Templates, TemplateError> {
        let mut templates = Templates { env: environment(), variants: BTreeMap::new() };
        for (name, text) in SHIPPED {
            templates.add(name, text)?;
        }
        let mut touched = BTreeSet::new();
        for (name, text) in own {
            templates.add(name, text)?;
            touched.insert(language_of(name).to_owned());
        }
        for language in touched {
            templates.try_all(&language)?;
        }
        Ok(templates)
    }

    fn add(&mut self, name: &str, text: &str) -> Result<(), TemplateError> {
        let part = part_of(name).ok_or_else(|| TemplateError::BadName(name.to_owned()))?;
        if matches!(part, Part::Text(..)) && text.trim().is_empty() {
            let (name, why) = (name.to_owned(), "it is empty".to_owned());
            return Err(TemplateError::Bad { name, line: 0, why });
        }
        self.env
            .add_template_owned(name.to_owned(), text.to_owned())
            .map_err(|error| bad(name, &error))?;
        if let Part::Text(intent, occasion) = part {
            let key = (language_of(name).to_owned(), intent, occasion);
            let names = self.variants.entry(key).or_default();
            if !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
                names.sort();
            }
        }
        Ok(())
    }

    fn try_all(&self, language: &str) -> Result<(), TemplateError> {
        let of_language =
            |(name, _): &(&(String, Intent, Occasion), &Vec<String>)| name.0 == language;
        let names = self.variants.iter().filter(of_language).flat_map(|(_, names)| names);
        self.try_each(language, names)
    }

    fn try_each<'a>(
        &self,
        language: &str,
        names: impl Iterator<Item = &'a String>,
    ) -> Result<(), TemplateError> {
        let names: Vec<&String> = names.collect();
        let full = Fields::new(Some("Firm"), Some("Role"), Some("Anna Example"), "Me", Some("Me"));
        let bare = Fields::new(None, None, None, "Me", None);
        for fields in [full.clone().of_new_mail(), full, bare.clone().of_new_mail(), bare] {
            for yes in [false, true] {
                let fields = fields.clone().in_form(yes).by_first_name(!yes).may_reapply(yes);
                let at = fields.company.as_ref().filter(|_| yes).map(|it| format!("at {it}"));
                let fields = fields.at(at.as_deref());
                let fields = if yes { fields } else { fields.after_talks(true) };
                self.subject(Some(language), &fields)?;
                for name in &names {
                    self.fill(name, &fields)?;
                }
            }
        }
        Ok(())
    }

    /// The text in the language of the rejection, else in English, and its template's name.
    /// `turn` is where the choice between the variants begins; pass the reply's number.
    /// `earlier` is what the same people got before: the variant that repeats the least of it
    /// is taken.
    pub fn text(
        &self,
        language: Option<&str>,
        intent: Intent,
        turn: u64,
        earlier: &[String],
        fields: &Fields,
    ) -> Result<Filled, TemplateError> {
        let on =
            |language: &str, occasion| self.variants.get(&(language.to_owned(), intent, occasion));
        // Who wrote no text for an occasion says what is always said.
        let of = |language: &str| {
            on(language, fields.occasion).or_else(|| on(language, Occasion::Ordinary))
        };
        let missing = || TemplateError::BadName(format!("{FALLBACK}/{intent}.1.txt"));
        let names = language.and_then(of).or_else(|| of(FALLBACK)).ok_or_else(missing)?;
        let begin = usize::try_from(turn % names.len().max(1) as u64).unwrap_or(0);
        let turned = names.iter().cycle().skip(begin).take(names.len());
        let filled = turned.map(|name| {
            let text = self.fill(name, fields)?;
            Ok(Filled { template: name.clone(), text })
        });
        let filled = filled.collect::<Result<Vec<_>, TemplateError>>()?;
        filled.into_iter().min_by_key(|it| repeats(&it.text, earlier)).ok_or_else(missing)
    }

    /// The subject of a mail that answers none, in the rejection's language, else English.
    pub fn subject(
        &self,
        language: Option<&str>,
        fields: &Fields,
    ) -> Result<HeaderText, TemplateError> {
        let of = |language| self.piece(language, "subject", fields);
        let words = match language.map_or(Ok(None), of)? {
            Some(words) => words,
            None => of(FALLBACK)?.unwrap_or_default(),
        };
        Ok(header_text(&words))
    }

    /// A piece on one line; `None` where the language has none.
    fn piece(
        &self,
        language: &str,
        piece: &str,
        fields: &Fields,
    ) -> Result<Option<String>, TemplateError> {
        let name = format!("{language}/{piece}.txt");
        if self.env.get_template(&name).is_err() {
            return Ok(None);
        }
        // Only the subject names another piece.
        let about = if piece == "subject" { self.about(language, fields)? } else { None };
        let text = self.render(&name, fields, None, about.as_deref())?;
        Ok(Some(text.split_whitespace().collect::<Vec<_>>().join(" ")))
    }

    /// Role and company as far as they are known, with the blank before them.
    fn about(&self, language: &str, fields: &Fields) -> Result<Option<String>, TemplateError> {
        let about = self.piece(language, "about", fields)?;
        Ok(about.map(|words| if words.is_empty() { words } else { format!(" {words}") }))
    }

    fn fill(&self, name: &str, fields: &Fields) -> Result<String, TemplateError> {
        let language = language_of(name);
        let greeting = match &fields.greeting {
            Some(own) => Some(own.clone()),
            None => self.piece(language, "greeting", fields)?,
        };
        let about = self.about(language, fields)?;
        let mut text = self.render(name, fields, greeting.as_deref(), about.as_deref())?;
        // "… at Acme Inc." ends its sentence already.
        if let Some(about) = about.filter(|about| about.ends_with('.')) {
            text = text.replace(&format!("{about}."), &about);
        }
        Ok(plain_text(text.trim_start()))
    }

    fn render(
        &self,
        name: &str,
        fields: &Fields,
        greeting: Option<&str>,
        about: Option<&str>,
    ) -> Result<String, TemplateError> {
        let at = fields
            .at
            .clone()
            .or_else(|| address_form::at_company(fields.company.as_deref()?, language_of(name)));
        let text = self
            .env
            .get_template(name)
            .and_then(|template| {
                template.render(context! {
                    greeting,
                    about,
                    company => fields.company.as_deref(),
                    role => fields.role.as_deref(),
                    person => fields.person.as_deref(),
                    first_name => fields.first_name(),
                    informal => fields.informal,
                    my_name => fields.my_name.as_str(),
                    signature => fields.signature.as_deref(),
                    new_mail => fields.new_mail,
                    talked => fields.talked,
                    earlier => fields.earlier,
                    by_first_name => fields.by_first_name,
                    may_reapply => fields.may_reapply,
                    at,
                })
            })
            .map_err(|error| bad(name, &error))?;
        let intended = matches!(part_of(name), Some(Part::Text(Intent::OtherRole, _)));
        match gap_in(&text) {
            Some(mark) if !(intended && [GAP_OPENS, "]]"].contains(&mark)) => {
                let why = format!("`{mark}` is left in the text");
                Err(TemplateError::Bad { name: name.to_owned(), line: 0, why })
            }
            _ => Ok(text),
        }
    }
}

fn environment() -> Environment<'static> {
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
    env
}

/// How many sentences of the text stand in one of the earlier ones, too. Shorter ones, like
/// greetings, may be said again.
fn repeats(text: &str, earlier: &[String]) -> usize {
    const WORDS_MIN: usize = 5;
    text.split(['.', '?', '!', ';', ':', '\n'])
        .map(str::trim)
        .filter(|sentence| sentence.split_whitespace().count() >= WORDS_MIN)
        // A gap is not sent.
        .filter(|sentence| !sentence.contains(GAP_OPENS))
        .filter(|sentence| earlier.iter().any(|it| it.contains(sentence)))
        .count()
}

/// What a file is, by its name.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    /// One of [`PIECES`].
    Piece,
    /// A variant for an intent on an occasion.
    Text(Intent, Occasion),
}

/// The language of a well-formed name.
fn language_of(name: &str) -> &str {
    name.split('/').next().unwrap_or_default()
}

/// `en/thanks.1.txt` is a text of thanks, `en/thanks-gone.1.txt` one for a position that is
/// gone, `en/greeting.txt` a piece.
fn part_of(name: &str) -> Option<Part> {
    let (language, file) = name.split_once('/')?;
    let file = file.strip_suffix(".txt")?;
    if language.len() != 2 || !language.bytes().all(|b| b.is_ascii_lowercase()) {
        return None;
    }
    if PIECES.contains(&file) {
        return Some(Part::Piece);
    }
    let (intent, number) = file.rsplit_once('.')?;
    let numbered = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    let special = [Occasion::Gone, Occasion::Rescinded];
    let (intent, occasion) = special
        .into_iter()
        .find_map(|it| Some((intent.strip_suffix(it.suffix())?, it)))
        .unwrap_or((intent, Occasion::Ordinary));
    Intent::named(intent).filter(|_| numbered).map(|intent| Part::Text(intent, occasion))
}

fn bad(name: &str, error: &minijinja::Error) -> TemplateError {
    let why = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    TemplateError::Bad { name: name.to_owned(), line: error.line().unwrap_or(0), why }
}

mod trial;

pub use trial::intent_of;

#[cfg(test)]
mod tests;
