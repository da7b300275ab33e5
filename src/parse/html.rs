//! HTML to the text that a reader would see, in linear time.
//!
//! It walks the tokens once with a stack of what was opened; it builds no tree, loads
//! nothing and never looks at links. Quoted mail (`<blockquote>` and what the big mail
//! programs put around it) is written as lines that begin with `>`.

use std::convert::Infallible;

use html5gum::emitters::callback::{Callback, CallbackEmitter, CallbackEvent};
use html5gum::{Emitter, ForwardingEmitter, Span, Tokenizer};

/// An element without an end tag; it must not stay on the stack.
fn is_void(name: &[u8]) -> bool {
    matches!(
        name,
        b"area"
            | b"base"
            | b"br"
            | b"col"
            | b"embed"
            | b"hr"
            | b"img"
            | b"input"
            | b"link"
            | b"meta"
            | b"source"
            | b"track"
            | b"wbr"
            | b"param"
    )
}

/// An element whose content nobody sees.
fn is_unseen(name: &[u8]) -> bool {
    matches!(
        name,
        b"style"
            | b"script"
            | b"head"
            | b"title"
            | b"noscript"
            | b"template"
            | b"svg"
            | b"object"
            | b"select"
    )
}

/// An element that begins and ends a line.
fn is_block(name: &[u8]) -> bool {
    matches!(
        name,
        b"address"
            | b"article"
            | b"aside"
            | b"blockquote"
            | b"body"
            | b"center"
            | b"dd"
            | b"div"
            | b"dl"
            | b"dt"
            | b"fieldset"
            | b"figure"
            | b"footer"
            | b"form"
            | b"header"
            | b"html"
            | b"li"
            | b"main"
            | b"nav"
            | b"ol"
            | b"pre"
            | b"section"
            | b"table"
            | b"tbody"
            | b"tfoot"
            | b"thead"
            | b"tr"
            | b"ul"
    )
}

/// An element that stands apart from what is around it by an empty line.
fn is_paragraph(name: &[u8]) -> bool {
    matches!(name, b"p" | b"h1" | b"h2" | b"h3" | b"h4" | b"h5" | b"h6" | b"hr")
}

/// Classes and ids by which mail programs mark the mail that is answered.
const QUOTE_MARKS: &[&str] = &["gmail_quote", "yahoo_quoted", "protonmail_quote", "moz-cite"];

/// Deeper than this the stack is only counted: no mail that somebody wrote nests so.
const DEPTH_MAX: usize = 512;

/// The text of an HTML document, and whether it nested deeper than is followed.
pub fn to_text(html: &str) -> (String, bool) {
    let mut page = Page::default();
    let mut tag = Tag::default();
    let told = |event: CallbackEvent<'_>, _: Span<()>| -> Option<Infallible> {
        match event {
            CallbackEvent::OpenStartTag { name } => tag.begin(name),
            CallbackEvent::AttributeName { name } => tag.attribute(name),
            CallbackEvent::AttributeValue { value } => tag.value(value),
            CallbackEvent::CloseStartTag { self_closing } => page.open(&tag, self_closing),
            CallbackEvent::EndTag { name } => page.close(name),
            CallbackEvent::String { value } => page.write(&String::from_utf8_lossy(value)),
            CallbackEvent::Comment { .. }
            | CallbackEvent::Doctype { .. }
            | CallbackEvent::Error(_) => {}
        }
        None
    };
    let mut emitter = CallbackEmitter::new(told);
    emitter.naively_switch_states(true);
    Tokenizer::new_with_emitter(html, Lenient(emitter)).for_each(drop);
    (page.text, page.cut)
}

/// Tells no errors: to look for them is a fourth of the work, and no page is without.
struct Lenient<F: Callback<Infallible, ()>>(CallbackEmitter<F, Infallible, ()>);

impl<F: Callback<Infallible, ()>> ForwardingEmitter for Lenient<F> {
    type Token = Infallible;

    fn inner(&mut self) -> &mut impl Emitter<Token = Infallible> {
        &mut self.0
    }

    fn should_emit_errors(&mut self) -> bool {
        false
    }
}

/// A start tag with what matters of its attributes, of which the first of a name counts.
#[derive(Default)]
struct Tag {
    name: Vec<u8>,
    hides: bool,
    quotes: bool,
    styled: bool,
    /// Whether `class` and `id` were seen.
    classed: bool,
    named: bool,
    /// What the next value belongs to.
    attribute: Attribute,
}

#[derive(Default, Clone, Copy)]
enum Attribute {
    Style,
    Mark,
    #[default]
    Other,
}

impl Tag {
    fn begin(&mut self, name: &[u8]) {
        let mut buffer = std::mem::take(&mut self.name);
        buffer.clear();
        buffer.extend_from_slice(name);
        let (hides, quotes) = (is_unseen(name), name == b"blockquote");
        *self = Tag { name: buffer, hides, quotes, ..Tag::default() };
    }

    fn attribute(&mut self, name: &[u8]) {
        let seen = match name {
            b"style" => std::mem::replace(&mut self.styled, true),
            b"class" => std::mem::replace(&mut self.classed, true),
            b"id" => std::mem::replace(&mut self.named, true),
            _ => false,
        };
        self.hides |= name == b"hidden";
        self.attribute = match name {
            b"style" if !seen => Attribute::Style,
            b"class" | b"id" if !seen => Attribute::Mark,
            _ => Attribute::Other,
        };
    }

    fn value(&mut self, value: &[u8]) {
        match self.attribute {
            Attribute::Style => self.hides |= may_hide(value) && style_hides(&lower(value)),
            Attribute::Mark => {
                let value = lower(value);
                self.quotes |= QUOTE_MARKS.iter().any(|mark| value.contains(mark));
            }
            Attribute::Other => {}
        }
    }
}

fn lower(value: &[u8]) -> String {
    String::from_utf8_lossy(value).to_ascii_lowercase()
}

/// Which of the effects an open element has.
#[derive(Default)]
struct Open {
    name: Vec<u8>,
    hides: bool,
    quotes: bool,
    keeps_lines: bool,
}

#[derive(Default)]
struct Page {
    text: String,
    open: Vec<Open>,
    hidden: usize,
    quoted: usize,
    preformatted: usize,
    /// Line breaks owed before the next visible character.
    breaks: u8,
    /// A space is owed before the next visible character.
    space: bool,
    cut: bool,
}

impl Page {
    fn open(&mut self, tag: &Tag, self_closing: bool) {
        let name = tag.name.as_slice();
        self.lay_out(name);
        if is_void(name) || self_closing {
            return;
        }
        if self.open.len() >= DEPTH_MAX {
            self.cut = true;
            return;
        }
        // `<p>` and `<li>` are rarely closed; the next one closes the last.
        if matches!(name, b"p" | b"li" | b"option" | b"dd" | b"dt")
            && self.open.last().is_some_and(|top| top.name == name)
        {
            self.pop();
        }
        let Tag { hides, quotes, .. } = *tag;
        if quotes && !hides {
            self.breaks = self.breaks.max(1);
        }
        let open = Open { name: name.to_vec(), hides, quotes, keeps_lines: name == b"pre" };
        self.hidden += usize::from(open.hides);
        self.quoted += usize::from(open.quotes);
        self.preformatted += usize::from(open.keeps_lines);
        self.open.push(open);
    }

    fn close(&mut self, name: &[u8]) {
        self.lay_out(name);
        // Only a few levels up: a stray end tag must not empty the stack, nor cost a
        // walk over all of it.
        let depth = self.open.iter().rev().take(16).position(|open| open.name == name);
        for _ in 0..depth.map_or(0, |depth| depth + 1) {
            self.pop();
        }
    }

    fn pop(&mut self) {
        if let Some(open) = self.open.pop() {
            self.hidden -= usize::from(open.hides);
            self.quoted -= usize::from(open.quotes);
            self.preformatted -= usize::from(open.keeps_lines);
            if open.quotes {
                self.breaks = self.breaks.max(1);
            }
        }
    }

    /// What an opening or closing tag does to the lines.
    fn lay_out(&mut self, name: &[u8]) {
        if self.hidden > 0 {
            return;
        }
        if is_paragraph(name) {
            self.breaks = 2;
        } else if is_block(name) {
            self.breaks = self.breaks.max(1);
        } else if name == b"br" {
            self.breaks = (self.breaks + 1).min(2);
        } else if matches!(name, b"td" | b"th") {
            self.space = true;
        }
    }

    fn write(&mut self, text: &str) {
        if self.hidden > 0 {
            return;
        }
        for piece in text.split_inclusive(char::is_whitespace) {
            let word = piece.trim_end_matches(char::is_whitespace);
            if !word.is_empty() {
                self.settle();
                self.text.push_str(word);
            }
            match piece.chars().next_back() {
                Some('\u{a0}') => {
                    self.settle();
                    self.text.push(' ');
                }
                Some('\n') if self.preformatted > 0 => self.breaks = (self.breaks + 1).min(2),
                Some(c) if c.is_whitespace() => self.space = true,
                _ => {}
            }
        }
    }

    /// Writes the breaks and the space that are owed.
    fn settle(&mut self) {
        if self.text.is_empty() {
            self.breaks = 1;
        }
        if self.breaks > 0 {
            let first = usize::from(self.text.is_empty());
            for _ in first..usize::from(self.breaks) {
                self.text.push('\n');
            }
            if self.quoted > 0 {
                self.text.push_str("> ");
            }
        } else if self.space {
            self.text.push(' ');
        }
        self.breaks = 0;
        self.space = false;
    }
}

/// Whether a look at the style is worth it: nearly every tag of a newsletter has one, and
/// each way to hide ends its property and begins its value with one of these pairs.
fn may_hide(style: &[u8]) -> bool {
    let (mut ends, mut before) = (0, 0);
    // Blanks may stand anywhere.
    style.iter().filter(|byte| **byte > b' ').any(|byte| {
        let begins = byte.to_ascii_lowercase();
        let found = before == b':'
            && matches!(
                (ends, begins),
                (b'y', b'n' | b'h') | (b'e', b'a') | (b'e' | b'y' | b't', b'0' | b'.')
            );
        (ends, before) = (before, begins);
        found || !byte.is_ascii()
    })
}

/// The ways in which preheaders and tracking words are kept from the eye.
fn style_hides(style: &str) -> bool {
    let tight: String = style.chars().filter(|c| !c.is_whitespace()).collect();
    let zero = |property: &str| {
        tight.match_indices(property).any(|(at, _)| {
            // `font-size:0` and `0px`, but not `0.9em` and not `mso-line-height:0…`.
            let own = !tight.get(..at).is_some_and(|before| before.ends_with('-'));
            let value = tight.get(at + property.len()..).unwrap_or("");
            let number: String =
                value.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
            own && !number.is_empty() && number.parse::<f64>().is_ok_and(|n| n < 0.01)
        })
    };
    tight.contains("display:none")
        || tight.contains("visibility:hidden")
        || tight.contains("mso-hide:all")
        || zero("font-size:")
        || zero("opacity:")
        || (zero("max-height:") && tight.contains("overflow:hidden"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(html: &str) -> String {
        to_text(html).0
    }

    #[test]
    fn words_of_neighbouring_cells_and_items_stay_apart() {
        assert_eq!(text("<ul><li>one</li><li>two</li></ul>"), "one\ntwo");
        assert_eq!(text("<tr><td>c1</td><td>c2</td></tr>"), "c1 c2");
        assert_eq!(text("a<br>b<p>c</p>d"), "a\nb\n\nc\n\nd");
        assert_eq!(text("we <b>can</b>not"), "we cannot");
    }

    #[test]
    fn what_nobody_sees_is_not_text() {
        for hidden in [
            "<div style='display: none'>x</div>",
            "<span style=\"font-size:0px;color:#fff\">x</span>",
            "<div style='max-height:0;overflow:hidden'>x<div>y</div></div>",
            "<p hidden>x</p>",
            "<style>.x{color:red}</style>",
            "<head><title>x</title></head>",
            "<script>if (a < b) { x() }</script>",
            "<!-- x -->",
        ] {
            assert_eq!(text(&format!("{hidden}seen")).trim(), "seen", "{hidden}");
        }
        assert_eq!(text("<span style='font-size:0.9em;line-height:0'>seen</span>"), "seen");
    }

    #[test]
    fn quoted_mail_is_marked() {
        assert_eq!(text("new<blockquote>old<br>older</blockquote>new"), "new\n> old\n> older\nnew");
        assert_eq!(text("new<div class='gmail_quote x'>old</div>"), "new\n> old");
    }

    #[test]
    fn entities_are_characters() {
        assert_eq!(
            text("we&rsquo;re&nbsp;sorry &amp; sad &#8212; bye"),
            "we\u{2019}re sorry & sad — bye"
        );
    }

    #[test]
    fn depth_costs_nothing() {
        let deep = format!("{}sorry{}", "<div>".repeat(100_000), "</div>".repeat(100_000));
        let (text, cut) = to_text(&deep);
        assert_eq!(text, "sorry");
        assert!(cut);
    }
}
