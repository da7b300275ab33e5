//! The shapes in which names stand: expressions of which each is compiled when a text first
//! has the words that it needs, and is tried on no other text.

use std::sync::{LazyLock, OnceLock};

use regex::{Regex, RegexBuilder};

use super::fold;
use super::literals::{literals, parser, told};
use super::prefilter::{Prefilter, Seen};
use super::{employer, names};

/// Where shapes are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// Sentences that name the position beside the employer.
    Beside,
    /// Sentences that name the position alone.
    Roles,
    /// Sentences that hold something like a job title.
    Titles,
    /// What stands behind the noun for a position.
    Behind,
    /// A line that is nothing but a job title.
    Bare,
    /// Numbers of an application or a position.
    References,
    /// Sentences in which an agency names its client.
    Clients,
    /// Sentences that name the employer.
    Employers,
    /// Shapes of a subject.
    Subjects,
    /// Lines of a signature.
    Lines,
    /// How a display name carries an employer.
    Display,
}

/// A run of words that begin with a capital letter or a digit, with small words between.
const COMPANY: &str = r"(?P<company>[\p{Lu}\d][\w&.'+°-]*(?: (?:[\p{Lu}\d&][\w&.'+°-]*|of the|of|and|de la|de los|de las|del|della|dei|delle|degli|du|des|da|do|dos|das|de|di|van de|van der|van|von der|von|der|und|für|y|et|och|för|e|la|le|les|ter))*(?:, (?:Inc|LLC|Ltd|GmbH)\b\.?)?)";
const ROLE: &str = r"(?P<role>[\p{Lu}\d][\w&/+#.'-]*(?:(?:,| -| –| /|:)? (?:\(?[\p{Lu}\d&/][\w&/+#.'-]*\)?|\([mwfdx]/[mwfdx](?:/[mwfdx])?\)|\([^()]{2,40}\)|[a-z][A-Z]\w+|of the|of|and|for|in|to|on|und|für|im|in der|de|intern|internship|developer|engineer|analyst|scientist|manager|designer|assistant|trainee))*)";

/// The scripts that have capital letters, by which a name is told: Latin with its accents,
/// Greek, Cyrillic. All of Unicode in its place makes each of these expressions ten times as
/// large, and it has several such classes.
const SCRIPTS: &str = r"[\u{0}-\u{7ff}\u{1e00}-\u{1fff}]";

/// One way in which a name may stand.
struct Shape {
    list: List,
    strength: u32,
    source: &'static str,
    regex: OnceLock<Option<Regex>>,
}

/// All of them.
struct Shapes {
    all: Vec<Shape>,
    filter: Prefilter,
}

static SHAPES: LazyLock<Shapes> = LazyLock::new(|| {
    let shapes = names::SHAPES.iter().chain(employer::SHAPES).flat_map(|(list, sources)| {
        sources.iter().map(|(strength, source)| {
            let (list, strength, regex) = (*list, *strength, OnceLock::new());
            Shape { list, strength, source, regex }
        })
    });
    let all: Vec<Shape> = shapes.collect();
    let needs: Vec<String> = all.iter().map(|shape| needs(shape.source)).collect();
    Shapes { filter: Prefilter::new(needs.iter().map(String::as_str)), all }
});

/// A text with the shapes that it may have.
pub struct Shaped<'a> {
    pub text: &'a str,
    may_have: Vec<usize>,
}

impl<'a> Shaped<'a> {
    pub fn new(text: &'a str) -> Shaped<'a> {
        let mut may_have = Vec::new();
        SHAPES.filter.candidates(&fold::folded(text), &mut Seen::default(), &mut may_have);
        Shaped { text, may_have }
    }

    /// The expressions of a list that may match it, in order, each with its strength.
    pub fn shapes(&self, list: List) -> impl Iterator<Item = (&'static Regex, u32)> {
        let shapes = self.may_have.iter().filter_map(|number| SHAPES.all.get(*number));
        shapes.filter(move |shape| shape.list == list).filter_map(|shape| {
            let regex = shape.regex.get_or_init(|| regex(&whole(shape.source)));
            Some((regex.as_ref()?, shape.strength))
        })
    }
}

/// With what stands for a name, or for a department's.
fn whole(source: &str) -> String {
    let source = source.replace("DEPARTMENT", employer::DEPARTMENT);
    source.replace("COMPANY", COMPANY).replace("ROLE", ROLE)
}

/// The words of which a text in small letters must have some, as `literals::told` writes them.
fn needs(source: &str) -> String {
    let source = source.replace("DEPARTMENT", employer::DEPARTMENT);
    let source = source.replace("COMPANY", ".+").replace("ROLE", ".+").replace("(?i:", "(?:");
    let hir = parser().parse(&within_scripts(&source));
    hir.map_or_else(|_| String::new(), |hir| told(&literals(&hir)).to_lowercase())
}

fn within_scripts(source: &str) -> String {
    let within =
        |source: String, class: &str| source.replace(class, &format!("[{class}&&{SCRIPTS}]"));
    let source = [r"\w", r"\p{Lu}", r"\p{L}"].into_iter().fold(source.to_owned(), within);
    source.replace(r"\d", "[0-9]").replace(r"\S", "[^ \n\t]")
}

/// An expression over names, compiled; without the lazy DFA, like a rule's.
pub fn regex(source: &str) -> Option<Regex> {
    RegexBuilder::new(&within_scripts(source)).dfa_size_limit(0).build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_expressions() {
        for shape in &SHAPES.all {
            assert!(regex(&whole(shape.source)).is_some(), "{}", shape.source);
        }
    }

    #[test]
    fn a_shape_is_tried_where_its_words_stand() {
        let has = |text: &str, list| Shaped::new(text).shapes(list).next().is_some();
        assert!(!has("Thank you for the report.", List::Roles));
        assert!(has("THANK YOU FOR THE POSITION OF BAKER", List::Roles));
        assert!(!has("Thank you for the position of baker", List::Behind));
        assert!(has("SU POSTULACIÓN: LA POSICIÓN DE Panadero", List::Behind));
        assert!(has("Anna", List::Bare));
    }
}
