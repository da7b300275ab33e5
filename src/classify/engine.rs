//! Runs the rules over a message: literals first, then only the expressions that can
//! still match, sentence by sentence, with the mark that each hit carries.

use std::cell::OnceCell;
use std::ops::Range;
use std::sync::OnceLock;

use super::clauses::Clauses;
use super::compile::{Rule, Set};
use super::formula::Wanted;
use super::pattern::Pattern;
use super::prefilter::{Prefilter, Seen};
use super::reading::{Passage, read};
use super::{Known, file};
use crate::model::message::Message;
use crate::model::verdict::{Mark, Place};

/// Symbols that the program sets itself, with what they mean.
pub const BUILT_IN: &[(&str, &str)] = &[
    ("KNOWN_THREAD", "It answers a mail of yours or of a known application"),
    ("KNOWN_APPLICATION", "It comes from an employer you have an open application with"),
    ("TRACKING_SYSTEM", "It was sent by a system that companies keep applications in"),
    ("JOB_BOARD", "It was sent by a site that also advertises jobs"),
    ("BULK", "It went to many readers at once"),
    ("CALENDAR", "It carries an appointment"),
    ("NO_TEXT", "It has no text of its own"),
];

/// Words shown of one hit.
const WORDS_MAX_CHARS: usize = 200;

/// Places in one sentence at which a rule is tried.
const HITS_MAX: usize = 8;

/// A rule that fired.
#[derive(Debug, Clone)]
pub struct Fired<'r> {
    pub symbol: &'r str,
    pub describe: &'r str,
    pub rule: Option<&'r Rule>,
    pub place: Place,
    pub mark: Option<Mark>,
    pub words: String,
    /// The whole sentence, in the writer's letters.
    pub sentence: String,
}

/// The rules with what finds those that can fire.
#[derive(Debug)]
pub struct Engine {
    pub set: Set,
    /// Where some rule looks.
    places: Vec<Place>,
    /// Built when the first mail is read: most commands read none, and a look at a mailbox
    /// often brings none.
    selections: OnceLock<Selections>,
}

/// What finds the expressions that can match.
#[derive(Debug)]
struct Selections {
    /// For what people write.
    texts: Selection,
    /// For header, sender and attachments: few rules look there.
    others: Selection,
    /// The words that mark a sentence.
    marks: Selection,
}

impl Selections {
    fn of(set: &Set) -> Selections {
        let read_in = |wanted: fn(&Place) -> bool| {
            let none: &[Pattern] = &[];
            let any = move |rule| if Rule::reads_one_of(rule, wanted) { &rule.any } else { none };
            set.rules.iter().map(any)
        };
        Selections {
            texts: Selection::new(read_in(Place::is_text)),
            others: Selection::new(read_in(|place| !place.is_text())),
            marks: Selection::new(set.marks.iter().map(|(_, patterns)| patterns.as_slice())),
        }
    }
}

/// Expressions from several lists, with what finds those that can match.
#[derive(Debug)]
struct Selection {
    /// By number of an expression in `filter`: its list, and which of the list it is.
    places: Vec<(usize, usize)>,
    filter: Prefilter,
}

impl Selection {
    fn new<'a>(lists: impl Iterator<Item = &'a [Pattern]> + Clone) -> Selection {
        let numbered = lists.clone().enumerate();
        let places = numbered.flat_map(|(list, all)| (0..all.len()).map(move |at| (list, at)));
        Selection {
            places: places.collect(),
            filter: Prefilter::new(lists.flatten().map(Pattern::literals)),
        }
    }

    /// List and place of what can match, in order.
    fn candidates<'a>(
        &'a self,
        text: &str,
        seen: &mut Seen,
        numbers: &'a mut Vec<usize>,
    ) -> impl Iterator<Item = (usize, usize)> + 'a {
        self.filter.candidates(text, seen, numbers);
        numbers.iter().filter_map(|number| self.places.get(*number).copied())
    }
}

/// A message that was read, with the sender found.
pub struct Read<'r> {
    pub passages: Vec<Passage>,
    pub sender: Option<&'r file::Sender>,
    text: &'r str,
    language: OnceCell<Option<&'static str>>,
}

impl Read<'_> {
    /// The language of what the sender wrote. To tell it costs as much as the rules do, so it
    /// is told only where it is asked for.
    pub fn language(&self) -> Option<&'static str> {
        *self.language.get_or_init(|| language(self.text))
    }

    /// The same with no language told, for a line that is too short to tell one.
    pub fn in_no_language(self) -> Self {
        Read { language: OnceCell::from(None), ..self }
    }
}

impl Engine {
    /// Over these rules.
    pub fn new(set: Set) -> Engine {
        let mut places: Vec<Place> =
            set.rules.iter().flat_map(|rule| rule.places.iter().copied()).collect();
        places.sort_unstable();
        places.dedup();
        Engine { set, places, selections: OnceLock::new() }
    }

    fn selections(&self) -> &Selections {
        self.selections.get_or_init(|| Selections::of(&self.set))
    }

    /// Lets every expression pass from now on.
    pub fn filter_nothing(&mut self) {
        let Selections { mut texts, mut others, mut marks } = Selections::of(&self.set);
        for selection in [&mut texts, &mut others, &mut marks] {
            selection.filter = Prefilter::off(selection.places.len());
        }
        self.selections = OnceLock::from(Selections { texts, others, marks });
    }

    /// Cuts a message into what the rules look at.
    pub fn read<'a>(&'a self, message: &'a Message) -> Read<'a> {
        let passages = read(message, |place| self.places.contains(&place));
        let (text, language) = (message.body.new_text.as_str(), OnceCell::new());
        Read { passages, sender: self.sender(message), text, language }
    }

    /// Everything that fires, each symbol once per mark; composites last.
    pub fn run<'r>(&'r self, message: &Message, known: &Known, read: &Read<'_>) -> Vec<Fired<'r>> {
        let mut fired = self.built_in(message, known, read);
        for passage in &read.passages {
            self.passage(passage, read, &mut fired);
        }
        for composite in &self.set.composites {
            let holds = composite.when.holds(&|name, family, wanted| {
                fired.iter().any(|f| {
                    let named = if family { f.symbol.starts_with(name) } else { f.symbol == name };
                    named && fits(f.mark, wanted)
                })
            });
            if holds && !self.set.weights.off.contains(&composite.symbol) {
                fired.push(Fired {
                    symbol: &composite.symbol,
                    describe: &composite.describe,
                    rule: None,
                    place: Place::Composite,
                    mark: None,
                    words: String::new(),
                    sentence: String::new(),
                });
            }
        }
        fired
    }

    fn passage<'r>(&'r self, passage: &Passage, read: &Read<'_>, fired: &mut Vec<Fired<'r>>) {
        let Selections { texts, others, .. } = self.selections();
        let selection = if passage.place.is_text() { texts } else { others };
        let (mut seen, mut numbers) = (Seen::default(), Vec::new());
        let mut candidates = Vec::new();
        for at in 0..passage.sentences.len() {
            let clauses = OnceCell::new();
            candidates.clear();
            candidates.extend(selection.candidates(passage.folded(at), &mut seen, &mut numbers));
            for places in candidates.chunk_by(|a, b| a.0 == b.0) {
                let rule = places.first().and_then(|(rule, _)| self.set.rules.get(*rule));
                let Some(rule) = rule else { continue };
                // A plain statement was found before: another one changes nothing.
                let told = || {
                    passage.mark.is_none()
                        && fired.iter().any(|f| f.symbol == rule.symbol && f.mark.is_none())
                };
                let any = places.iter().filter_map(|(_, at)| rule.any.get(*at));
                if rule.reads(passage.place)
                    && rule
                        .lang
                        .as_deref()
                        .is_none_or(|lang| read.language().is_none_or(|l| l == lang))
                    && !told()
                    && let Some(hit) = self.hit(rule, any, passage, at, &clauses)
                    && !fired.iter().any(|f| f.symbol == hit.symbol && f.mark == hit.mark)
                {
                    fired.push(hit);
                }
            }
        }
    }

    /// The words of a sentence by which others are meant otherwise.
    fn clauses(&self, sentence: &str) -> Clauses {
        let (mut seen, mut numbers) = (Seen::default(), Vec::new());
        let found = self.selections().marks.candidates(sentence, &mut seen, &mut numbers);
        let expressions = found.filter_map(|(list, at)| {
            let (governs, patterns) = self.set.marks.get(list)?;
            Some((*governs, patterns.get(at)?))
        });
        Clauses::of(expressions, sentence)
    }

    /// The rule's hit in one sentence.
    fn hit<'r>(
        &'r self,
        rule: &'r Rule,
        any: impl Iterator<Item = &'r Pattern>,
        passage: &Passage,
        at: usize,
        clauses: &OnceCell<Clauses>,
    ) -> Option<Fired<'r>> {
        let sentence = passage.folded(at);
        let mut found = any.flat_map(|pattern| pattern.matches(sentence)).peekable();
        found.peek()?;
        if self.set.weights.off.contains(&rule.symbol) || any_matches(&rule.unless, sentence) {
            return None;
        }
        let near = rule.near.is_empty()
            || (at.saturating_sub(1)..=at + 1).any(|n| any_matches(&rule.near, passage.folded(n)));
        if !near {
            return None;
        }
        let explicit = rule.places.contains(&passage.place) && passage.place == Place::Quoted;
        let mark_of = |range: &Range<usize>| match passage.mark {
            Some(mark) if !explicit => Some(mark),
            _ if passage.cited(at, range) => Some(Mark::Quoted),
            _ => clauses.get_or_init(|| self.clauses(sentence)).mark(sentence, range),
        };
        // A plain statement counts, whatever else the sentence says under an "if".
        let mut best = None;
        for range in found.take(HITS_MAX) {
            let mark = mark_of(&range);
            if mark.is_none() {
                best = Some((range, mark));
                break;
            }
            best = best.or(Some((range, mark)));
        }
        let (range, mark) = best?;
        let clean = passage.clean(at);
        let words = clean.get(range).unwrap_or(clean);
        Some(Fired {
            symbol: &rule.symbol,
            describe: &rule.describe,
            rule: Some(rule),
            place: passage.place,
            mark,
            words: words.chars().take(WORDS_MAX_CHARS).collect(),
            sentence: clean.to_owned(),
        })
    }

    fn sender(&self, message: &Message) -> Option<&file::Sender> {
        let header = &message.header;
        let domains = header.from.iter().chain(&header.sender).chain(&header.reply_to);
        let domains: Vec<&str> = domains.map(|mailbox| mailbox.address.domain()).collect();
        self.set.senders.iter().find(|sender| {
            sender.domains.iter().any(|known| domains.iter().any(|domain| is_below(domain, known)))
        })
    }

    fn built_in<'r>(&'r self, message: &Message, known: &Known, read: &Read<'_>) -> Vec<Fired<'r>> {
        let automatic = &message.header.automatic;
        let set = |name: &str| match name {
            "KNOWN_THREAD" => known.thread,
            "KNOWN_APPLICATION" => known.application,
            "TRACKING_SYSTEM" => read.sender.is_some_and(|s| !s.board),
            "JOB_BOARD" => read.sender.is_some_and(|s| s.board),
            "BULK" => automatic.list || automatic.precedence.is_some(),
            "CALENDAR" => message.body.calendar,
            "NO_TEXT" => message.body.new_text.is_empty(),
            _ => false,
        };
        let words = read.sender.map_or("", |sender| sender.name.as_str());
        BUILT_IN
            .iter()
            .filter(|(name, _)| set(name) && !self.set.weights.off.contains(*name))
            .map(|(name, describe)| Fired {
                symbol: name,
                describe,
                rule: None,
                place: Place::Composite,
                mark: None,
                words: if name.starts_with("TRACK") { words.to_owned() } else { String::new() },
                sentence: String::new(),
            })
            .collect()
    }
}

impl Place {
    /// People write there.
    fn is_text(&self) -> bool {
        matches!(self, Place::Subject | Place::Body | Place::Quoted)
    }
}

impl Rule {
    fn reads_one_of(&self, wanted: fn(&Place) -> bool) -> bool {
        self.places.iter().any(wanted)
    }

    /// Rules for the body also run over quoted text, where their hits carry its mark.
    fn reads(&self, place: Place) -> bool {
        self.places.contains(&place) || place == Place::Quoted && self.places.contains(&Place::Body)
    }
}

fn fits(mark: Option<Mark>, wanted: Wanted) -> bool {
    match wanted {
        Wanted::Plain => mark.is_none(),
        Wanted::Marked(wanted) => mark == Some(wanted),
        Wanted::Any => true,
    }
}

fn any_matches(patterns: &[Pattern], sentence: &str) -> bool {
    patterns.iter().any(|pattern| pattern.is_match(sentence))
}

/// The domain is `known` or one of its own.
pub fn is_below(domain: &str, known: &str) -> bool {
    domain.strip_suffix(known).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// The language of a text as a two-letter code, when it is long enough to tell.
fn language(text: &str) -> Option<&'static str> {
    use whatlang::Lang;
    const KNOWN: &[(Lang, &str)] = &[
        (Lang::Eng, "en"),
        (Lang::Deu, "de"),
        (Lang::Fra, "fr"),
        (Lang::Spa, "es"),
        (Lang::Nld, "nl"),
        (Lang::Ita, "it"),
        (Lang::Por, "pt"),
        (Lang::Swe, "sv"),
    ];
    const HINT_CHARS: usize = 1_000;
    if text.len() < 40 {
        return None;
    }
    let head: String = text.chars().take(HINT_CHARS).collect();
    let allowed = KNOWN.iter().map(|(lang, _)| *lang).collect();
    let found = whatlang::Detector::with_allowlist(allowed).detect_lang(&head)?;
    KNOWN.iter().find(|(lang, _)| *lang == found).map(|(_, code)| *code)
}
