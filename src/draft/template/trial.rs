//! One text tried on one mail: of a template that is known by its name, or of a file that
//! lies anywhere.

use super::{Filled, Part, TemplateError, Templates, language_of, part_of};
use crate::draft::fields::Fields;
use crate::model::mail::Intent;

/// What the text of this name is for; `None` when it is no name of a text.
pub fn intent_of(name: &str) -> Option<Intent> {
    match part_of(name)? {
        Part::Text(intent, _) => Some(intent),
        Part::Piece => None,
    }
}

impl Templates {
    /// The names of all texts.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.variants.values().flatten().map(String::as_str)
    }

    /// The text of this name, filled.
    ///
    /// # Errors
    /// When a field is missing that it says.
    pub fn text_named(&self, name: &str, fields: &Fields) -> Result<Filled, TemplateError> {
        Ok(Filled { template: name.to_owned(), text: self.fill(name, fields)? })
    }

    /// The same templates with one more, which is tried like a user's own: with all fields
    /// and with none. Its name is made of the end of `path` as far as that is one, else of
    /// the language and intent that fit. Errors name `path`.
    ///
    /// # Errors
    /// Its mistakes.
    pub fn with_file(
        &self,
        path: &str,
        text: &str,
        language: Option<&str>,
        intent: Intent,
    ) -> Result<(Templates, String), TemplateError> {
        let name = self.name_of(path, language, intent);
        let called = |error| match error {
            TemplateError::Bad { line, why, name: bad } if bad == name => {
                TemplateError::Bad { name: path.to_owned(), line, why }
            }
            other => other,
        };
        let mut templates = self.clone();
        templates.add(&name, text).map_err(called)?;
        templates.try_each(language_of(&name), std::iter::once(&name)).map_err(called)?;
        Ok((templates, name))
    }

    fn name_of(&self, path: &str, language: Option<&str>, intent: Intent) -> String {
        let mut ends = path.rsplit('/');
        let (file, folder) = (ends.next().unwrap_or_default(), ends.next().unwrap_or_default());
        let is_text = |name: &String| intent_of(name).is_some();
        let named = Some(format!("{folder}/{file}")).filter(is_text);
        let spoken = |it: &&str| self.names().any(|name| language_of(name) == *it);
        let language = language.filter(spoken).unwrap_or(super::FALLBACK);
        let in_language = Some(format!("{language}/{file}")).filter(is_text);
        named.or(in_language).unwrap_or_else(|| format!("{language}/{intent}.0.txt"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tried(path: &str, text: &str, language: Option<&str>) -> Result<Filled, TemplateError> {
        let templates = Templates::new([]).unwrap();
        let (templates, name) = templates.with_file(path, text, language, Intent::Thanks)?;
        templates.text_named(&name, &Fields::new(None, None, None, "Jo", None))
    }

    #[test]
    fn a_file_speaks_the_language_that_it_lies_in_or_that_of_the_mail() {
        for (path, language, expected) in [
            ("own/de/thanks.9.txt", Some("en"), "Guten Tag,\n"),
            ("own/thanks.9.txt", Some("de"), "Guten Tag,\n"),
            ("mine.txt", Some("de"), "Guten Tag,\n"),
            ("/tmp/mine", Some("pl"), "Hello,\n"),
            ("mine.txt", None, "Hello,\n"),
        ] {
            let text = tried(path, "{{ greeting }}\n", language).map(|it| it.text);
            assert_eq!(text.as_deref(), Ok(expected), "{path}");
        }
    }

    #[test]
    fn a_mistake_is_told_with_the_path_and_the_line() {
        let broken = tried("own/mine.txt", "Hello,\n\n{{ company }}\n", None);
        let Err(TemplateError::Bad { name, line, .. }) = broken else { panic!("{broken:?}") };
        assert_eq!((name.as_str(), line), ("own/mine.txt", 3));
        // A gap is for the one intent that waits for the user's words.
        assert!(tried("own/mine.txt", "[[ your words ]]\n", None).is_err());
        assert!(tried("en/other-role.9.txt", "[[ your words ]]\n", None).is_ok());
    }

    #[test]
    fn only_texts_have_a_name_that_can_be_tried() {
        let templates = Templates::new([]).unwrap();
        assert!(templates.names().any(|name| name == "de/thanks.1.txt"));
        assert!(templates.names().all(|name| intent_of(name).is_some()));
        assert_eq!(intent_of("de/greeting.txt"), None);
    }
}
