//! Files to a rule set: entries of later files replace those of the same name, every
//! mistake is reported with its place.

use std::borrow::Cow;
use std::collections::BTreeMap;

use toml::Spanned;

use super::clauses::Governs;
use super::file::{self, File, Weight, error_at, nearest};
use super::formula::Formula;
use super::pattern::{Pattern, PatternError};
use super::score::{self, Weights};
use super::shipped::{ShippedFile, entries, expression};
use super::{RuleError, RuleFile, engine};
use crate::model::findings::Reason;
use crate::model::verdict::Place;

/// All expressions of a user's files together.
const ALL_PATTERNS_MAX_BYTES: usize = 16 * 1024 * 1024;

/// The languages that are told apart, as two-letter codes.
const LANGUAGES: [&str; 8] = ["en", "de", "fr", "es", "it", "nl", "pt", "sv"];

/// What a rule's hit tells besides its weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tells {
    Reason(Reason),
    FeedbackOffered,
    OtherRoleOffered,
    DoNotReply,
    MayReapply,
    WriteTo,
    TalksHeld,
    OfferMade,
}

impl Tells {
    const WORDS: &'static [(&'static str, Tells)] = &[
        ("chosen-other", Tells::Reason(Reason::ChosenOther)),
        ("filled", Tells::Reason(Reason::Filled)),
        ("cancelled", Tells::Reason(Reason::Cancelled)),
        ("rescinded", Tells::Reason(Reason::Rescinded)),
        ("requirement", Tells::Reason(Reason::Requirement)),
        ("feedback-offered", Tells::FeedbackOffered),
        ("other-role-offered", Tells::OtherRoleOffered),
        ("do-not-reply", Tells::DoNotReply),
        ("may-reapply", Tells::MayReapply),
        ("write-to", Tells::WriteTo),
        ("talks-held", Tells::TalksHeld),
        ("offer-made", Tells::OfferMade),
    ];

    fn named(word: &str) -> Option<Tells> {
        Tells::WORDS.iter().find(|(known, _)| *known == word).map(|(_, tells)| *tells)
    }
}

/// A rule, ready to run.
#[derive(Debug)]
pub struct Rule {
    pub symbol: String,
    pub describe: String,
    pub file: String,
    pub layer: usize,
    pub places: Vec<Place>,
    pub any: Vec<Pattern>,
    pub unless: Vec<Pattern>,
    pub near: Vec<Pattern>,
    pub lang: Option<String>,
    pub tells: Option<Tells>,
    pub matching: Vec<Cow<'static, str>>,
    pub pass: Vec<Cow<'static, str>>,
}

/// A composite, ready to run.
#[derive(Debug)]
pub struct Composite {
    pub symbol: String,
    pub describe: String,
    pub file: String,
    pub layer: usize,
    pub when: Formula,
}

/// Everything that the files say.
#[derive(Debug, Default)]
pub struct Set {
    pub rules: Vec<Rule>,
    pub composites: Vec<Composite>,
    pub senders: Vec<file::Sender>,
    /// Words by which a sentence is meant otherwise, and those that end that again.
    pub marks: Vec<(Governs, Vec<Pattern>)>,
    pub weights: Weights,
}

/// Merges files: the program's own add up, each of `files` replaces what it names.
pub fn compile(shipped: &'static [ShippedFile], files: &[RuleFile]) -> Result<Set, Vec<RuleError>> {
    let mut merge = Merge::default();
    for file in shipped {
        merge.shipped(file);
    }
    for (at, file) in files.iter().enumerate() {
        merge.layer = at + 1;
        merge.text(file);
    }
    merge.check_names(files);
    if merge.errors.is_empty() { Ok(merge.set) } else { Err(merge.errors) }
}

#[derive(Default)]
struct Merge {
    set: Set,
    errors: Vec<RuleError>,
    layer: usize,
    bytes: usize,
    named: Vec<Named>,
}

/// Where a formula or the decision names a symbol.
struct Named {
    /// The formula's own symbol.
    by: Option<String>,
    file: String,
    /// Byte offset in the file.
    at: usize,
    name: String,
    /// `NAME*`.
    family: bool,
}

impl Merge {
    fn text(&mut self, file: &RuleFile) {
        match File::parse(&file.name, &file.text) {
            Ok(parsed) => self.file(file, parsed),
            Err(error) => self.errors.push(error),
        }
    }

    /// What a test has read as text, and compared.
    fn shipped(&mut self, file: &'static ShippedFile) {
        let patterns = |all| {
            let expressions = entries(all).filter_map(expression);
            expressions.map(|(source, literals)| Pattern::checked(source, literals)).collect()
        };
        let lines = |all| entries(all).map(Cow::Borrowed).collect();
        for rule in file.rules() {
            let places: Vec<Place> = entries(rule.places).filter_map(Place::named).collect();
            self.set.rules.push(Rule {
                symbol: rule.symbol.to_owned(),
                describe: rule.describe.to_owned(),
                file: file.name.to_owned(),
                layer: self.layer,
                places: if places.is_empty() { vec![Place::Body] } else { places },
                any: patterns(rule.any),
                unless: patterns(rule.unless),
                near: patterns(rule.near),
                lang: entries(rule.lang).next().map(str::to_owned),
                tells: Tells::named(rule.tells),
                matching: lines(rule.matching),
                pass: lines(rule.pass),
            });
        }
        for mark in file.marks() {
            if let Some(governs) = Governs::named(mark.means) {
                self.set.marks.push((governs, patterns(mark.any)));
            }
        }
        if !file.rest.is_empty() {
            self.text(&RuleFile { name: file.name.to_owned(), text: file.rest.to_owned() });
        }
    }

    fn file(&mut self, from: &RuleFile, parsed: File) {
        for rule in parsed.rule {
            self.rule(from, rule);
        }
        for composite in parsed.composite {
            self.composite(from, composite);
        }
        self.set.senders.splice(0..0, parsed.sender);
        for words in parsed.mark {
            let word = words.means.get_ref().as_str();
            let Some(governs) = Governs::named(word) else {
                let known = Governs::WORDS.iter().map(|(known, _)| *known);
                self.unknown(from, &words.means, "a mark", known);
                continue;
            };
            let patterns = self.patterns(from, &words.any);
            self.set.marks.push((governs, patterns));
        }
        for (symbol, weight) in parsed.weights {
            self.weight(from, symbol, &weight);
        }
        if let Some(decision) = parsed.decision {
            for symbol in [&decision.needs].into_iter().chain(&decision.asks) {
                let (at, symbol) = (symbol.span().start, symbol.get_ref().clone());
                self.names(None, from, at, symbol, false);
            }
            if let Err(word) = self.set.weights.decide_by(&decision) {
                self.error(
                    from,
                    decision.needs.span().start,
                    format!("`{word}` is neither a kind nor a mark"),
                    None,
                );
            }
        }
    }

    fn rule(&mut self, from: &RuleFile, rule: file::Rule) {
        let symbol = rule.symbol.get_ref().clone();
        let mut places = Vec::new();
        for word in rule.places.get_ref().words() {
            match Place::named(word) {
                Some(place) if place != Place::Composite => places.push(place),
                _ => {
                    let known = Place::ALL.iter().map(|p| p.name());
                    let found = nearest(word, known);
                    let message = format!(
                        "`{word}` is not a place (subject, body, sender, header, quoted, attachment)"
                    );
                    self.error(from, rule.places.span().start, message, found);
                }
            }
        }
        let tells = rule.tells.as_ref().and_then(|tells| {
            let word = tells.get_ref().as_str();
            let found = Tells::named(word);
            if found.is_none() {
                let known = Tells::WORDS.iter().map(|(known, _)| *known);
                self.unknown(from, tells, "something that a rule can tell", known);
            }
            found
        });
        if rule.any.is_empty() {
            self.error(
                from,
                rule.symbol.span().start,
                format!("`{symbol}` has no expression in `any`"),
                None,
            );
        }
        self.named_well(from, &rule.symbol);
        if let Some(lang) =
            rule.lang.as_ref().filter(|it| !LANGUAGES.contains(&it.get_ref().as_str()))
        {
            self.unknown(
                from,
                lang,
                "a language of the rules (en, de, fr, es, it, nl, pt, sv)",
                LANGUAGES.into_iter(),
            );
        }
        self.replace(&symbol);
        let ready = Rule {
            any: self.patterns(from, &rule.any),
            unless: self.patterns(from, &rule.unless),
            near: self.patterns(from, &rule.near),
            symbol,
            describe: rule.describe,
            file: from.name.clone(),
            layer: self.layer,
            places,
            lang: rule.lang.map(Spanned::into_inner),
            tells,
            matching: rule.matching.into_iter().map(Cow::Owned).collect(),
            pass: rule.pass.into_iter().map(Cow::Owned).collect(),
        };
        self.set.rules.push(ready);
    }

    /// A symbol with a blank or a sign in it could not be named in a formula.
    fn named_well(&mut self, from: &RuleFile, symbol: &Spanned<String>) {
        let name = symbol.get_ref();
        let begins = name.starts_with(|c: char| c.is_ascii_uppercase());
        let sound = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        if !begins || !name.chars().all(sound) {
            let message = format!(
                "`{name}` is no symbol: it has capital letters, digits and `_`, as MY_RULE"
            );
            self.error(from, symbol.span().start, message, None);
        }
    }

    fn composite(&mut self, from: &RuleFile, composite: file::Composite) {
        self.named_well(from, &composite.symbol);
        let symbol = composite.symbol.into_inner();
        let start = composite.when.span().start + 1;
        match Formula::parse(composite.when.get_ref()) {
            Ok(when) => {
                let mut names = Vec::new();
                when.names(&mut names);
                for (name, family) in names {
                    self.names(Some(&symbol), from, start, name.to_owned(), family);
                }
                // One in the place of another stays where others count on it.
                let at = self.set.composites.iter().position(|c| c.symbol == symbol);
                self.replace(&symbol);
                let (file, layer) = (from.name.clone(), self.layer);
                let describe = composite.describe;
                let at = at.unwrap_or(usize::MAX).min(self.set.composites.len());
                self.set.composites.insert(at, Composite { symbol, describe, file, layer, when });
            }
            Err(error) => self.error(from, start + error.offset, error.message, None),
        }
    }

    fn names(&mut self, by: Option<&str>, from: &RuleFile, at: usize, name: String, family: bool) {
        let (by, file) = (by.map(str::to_owned), from.name.clone());
        self.named.push(Named { by, file, at, name, family });
    }

    /// The same symbol in a later file replaces; in the same file it adds.
    fn replace(&mut self, symbol: &str) {
        let layer = self.layer;
        self.set.rules.retain(|r| r.symbol != symbol || r.layer == layer);
        self.set.composites.retain(|c| c.symbol != symbol || c.layer == layer);
    }

    fn weight(&mut self, from: &RuleFile, symbol: Spanned<String>, weight: &Spanned<Weight>) {
        let at = symbol.span().start;
        let symbol = symbol.into_inner();
        match weight.get_ref() {
            Weight::Off(number) if *number == 0.0 => {
                self.set.weights.rows.remove(&symbol);
                self.set.weights.off.insert(symbol.clone());
            }
            Weight::Off(_) => {
                let message = format!(
                    "`{symbol}` needs a kind with its number, as in {{ rejected = 2.0 }}, or 0"
                );
                self.error(from, weight.span().start, message, None);
            }
            Weight::Kinds(numbers) => match score::row(numbers) {
                Ok(row) if row.iter().all(|n| n.is_finite() && n.abs() <= 50.0) => {
                    self.set.weights.off.remove(&symbol);
                    self.set.weights.rows.insert(symbol.clone(), row);
                }
                Ok(_) => {
                    let message = "A weight is a number between -50 and 50".to_owned();
                    self.error(from, weight.span().start, message, None);
                }
                Err(word) => {
                    let known = crate::model::verdict::Kind::ALL.iter().map(|k| k.name());
                    let found = nearest(&word, known);
                    self.error(from, weight.span().start, format!("`{word}` is not a kind"), found);
                }
            },
        }
        self.names(None, from, at, symbol, false);
    }

    fn patterns(&mut self, from: &RuleFile, sources: &[Spanned<String>]) -> Vec<Pattern> {
        let mut patterns = Vec::new();
        for source in sources {
            // The quotation mark stands before the expression.
            let start = source.span().start + 1;
            let checked = Pattern::new(source.get_ref()).and_then(|pattern| {
                self.charge(&pattern)?;
                Ok(pattern)
            });
            match checked {
                Ok(pattern) => patterns.push(pattern),
                Err(error) => self.error(from, start + error.offset, error.message, None),
            }
        }
        patterns
    }

    /// Shipped expressions are known to be small; a user's are compiled now, so that one
    /// that wants gigabytes is refused here and not met at the first mail.
    fn charge(&mut self, pattern: &Pattern) -> Result<(), PatternError> {
        if self.layer == 0 {
            return Ok(());
        }
        let before = self.bytes;
        self.bytes += pattern.size()?;
        // Told once, where the limit is crossed.
        if before <= ALL_PATTERNS_MAX_BYTES && self.bytes > ALL_PATTERNS_MAX_BYTES {
            let message = "All expressions up to here are too large together".to_owned();
            return Err(PatternError { message, offset: 0 });
        }
        Ok(())
    }

    fn error(&mut self, from: &RuleFile, at: usize, message: String, nearest: Option<String>) {
        self.errors.push(error_at(&from.name, &from.text, at..at, message, nearest));
    }

    fn unknown<'a>(
        &mut self,
        from: &RuleFile,
        word: &Spanned<String>,
        what: &str,
        known: impl Iterator<Item = &'a str>,
    ) {
        let found = nearest(word.get_ref(), known);
        let message = format!("`{}` is not {what}", word.get_ref());
        self.error(from, word.span().start, message, found);
    }

    /// Weights and formulas may name symbols of every file, so they are looked up last.
    fn check_names(&mut self, files: &[RuleFile]) {
        if !self.errors.is_empty() {
            return;
        }
        let mut known: BTreeMap<&str, ()> =
            engine::BUILT_IN.iter().map(|(name, _)| (*name, ())).collect();
        known.extend(self.set.rules.iter().map(|r| (r.symbol.as_str(), ())));
        known.extend(self.set.composites.iter().map(|c| (c.symbol.as_str(), ())));
        for Named { by, file, at, name, family } in &self.named {
            let there = if *family {
                known.keys().any(|k| k.starts_with(name.as_str()))
            } else {
                known.contains_key(name.as_str())
            };
            let (message, found) = if !there {
                let found = nearest(name, known.keys().copied());
                (format!("`{name}` is not a symbol of any rule"), found)
            } else if by.as_ref().is_some_and(|by| !family && self.is_below(name, by)) {
                (format!("`{name}` stands below, and a formula sees only what is above it"), None)
            } else {
                continue;
            };
            let text = files.iter().find(|f| f.name == *file).map_or("", |f| f.text.as_str());
            self.errors.push(error_at(file, text, *at..*at, message, found));
        }
    }

    /// Whether a symbol is a formula's alone, and it does not stand above that other formula.
    fn is_below(&self, name: &str, by: &str) -> bool {
        let place = |symbol: &str| self.set.composites.iter().position(|c| c.symbol == symbol);
        let told = self.set.rules.iter().any(|rule| rule.symbol == name);
        !told && place(name).is_some_and(|at| place(by).is_none_or(|by| by <= at))
    }
}

#[cfg(test)]
mod tests {
    use super::super::number;
    use super::super::shipped::{SHIPPED, SHIPPED_NUMBER};
    use super::*;

    #[test]
    fn the_tables_in_the_program_say_what_the_rule_files_say() {
        let (mut read, mut number) = (Merge::default(), number::OF_NONE);
        for file in SHIPPED {
            let path = format!("{}/rules/{}", env!("CARGO_MANIFEST_DIR"), file.name);
            let text = std::fs::read_to_string(path).unwrap();
            number = number::with(number, &text);
            read.text(&RuleFile { name: file.name.to_owned(), text });
        }
        assert_eq!(number, SHIPPED_NUMBER);
        assert!(read.errors.is_empty(), "{:#?}", read.errors);
        let tables = compile(SHIPPED, &[]).unwrap();
        assert!(tables.rules.len() > 400 && tables.marks.len() > 8 && tables.senders.len() > 10);
        assert_eq!(format!("{:#?}", tables.marks), format!("{:#?}", read.set.marks));
        assert_eq!(tables.rules.len(), read.set.rules.len());
        for (table, read) in tables.rules.iter().zip(&read.set.rules) {
            assert_eq!(format!("{table:#?}"), format!("{read:#?}"));
        }
        assert_eq!(format!("{tables:?}"), format!("{:?}", read.set));
    }
}
