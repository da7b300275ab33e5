//! HTML to the text that a reader would see, in linear time.
//!
//! It walks the tokens once with a stack of what was opened; it builds no tree, loads
//! nothing and never looks at links. Quoted mail (`<blockquote>` and what the big mail
//! programs put around it) is written as lines that begin with `>`.

use html5gum::emitters::default::{DefaultEmitter, StartTag};
use html5gum::{Token, Tokenizer};

/// Elements without an end tag; they must not stay on the stack.
const VOID: &[&str] = &[
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
    "wbr", "param",
];

/// Elements whose content nobody sees.
const UNSEEN: &[&str] =
    &["style", "script", "head", "title", "noscript", "template", "svg", "object", "select"];

/// Elements that begin and end a line.
const BLOCK: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "center",
    "dd",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figure",
    "footer",
    "form",
    "header",
    "html",
    "li",
    "main",
    "nav",
    "ol",
    "pre",
    "section",
    "table",
    "tbody",
    "tfoot",
    "thead",
    "tr",
    "ul",
];

/// Elements that stand apart from what is around them by an empty line.
const PARAGRAPH: &[&str] = &["p", "h1", "h2", "h3", "h4", "h5", "h6", "hr"];

/// Classes and ids by which mail programs mark the mail that is answered.
const QUOTE_MARKS: &[&str] = &["gmail_quote", "yahoo_quoted", "protonmail_quote", "moz-cite"];

/// Deeper than this the stack is only counted: no mail that somebody wrote nests so.
const DEPTH_MAX: usize = 512;

/// The text of an HTML document, and whether it nested deeper than is followed.
pub fn to_text(html: &str) -> (String, bool) {
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    let mut page = Page::default();
    for token in Tokenizer::new_with_emitter(html, emitter) {
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) => page.open(&tag),
            Token::EndTag(tag) => page.close(&tag.name),
            Token::String(text) => page.write(&String::from_utf8_lossy(&text)),
            Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
    }
    (page.text, page.cut)
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
    fn open(&mut self, tag: &StartTag<()>) {
        let name = tag.name.as_slice();
        self.lay_out(name);
        if is_one_of(name, VOID) || tag.self_closing {
            return;
        }
        if self.open.len() >= DEPTH_MAX {
            self.cut = true;
            return;
        }
        // `<p>` and `<li>` are rarely closed; the next one closes the last.
        if is_one_of(name, &["p", "li", "option", "dd", "dt"])
            && self.open.last().is_some_and(|top| top.name == name)
        {
            self.pop();
        }
        let attribute = |key: &[u8]| {
            tag.attributes.get(key).map(|v| String::from_utf8_lossy(v).to_ascii_lowercase())
        };
        let hides = is_one_of(name, UNSEEN)
            || tag.attributes.contains_key(b"hidden".as_slice())
            || attribute(b"style").is_some_and(|style| style_hides(&style));
        let marked = |value: Option<String>| {
            value.is_some_and(|v| QUOTE_MARKS.iter().any(|mark| v.contains(mark)))
        };
        let quotes =
            name == b"blockquote" || marked(attribute(b"class")) || marked(attribute(b"id"));
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
        if is_one_of(name, PARAGRAPH) {
            self.breaks = 2;
        } else if is_one_of(name, BLOCK) {
            self.breaks = self.breaks.max(1);
        } else if name == b"br" {
            self.breaks = (self.breaks + 1).min(2);
        } else if is_one_of(name, &["td", "th"]) {
            self.space = true;
        }
    }

    fn write(&mut self, text: &str) {
        if self.hidden > 0 {
            return;
        }
        for c in text.chars() {
            if c == '\n' && self.preformatted > 0 {
                self.breaks = (self.breaks + 1).min(2);
            } else if c.is_whitespace() && c != '\u{a0}' {
                self.space = true;
            } else {
                self.settle();
                self.text.push(if c == '\u{a0}' { ' ' } else { c });
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

fn is_one_of(name: &[u8], names: &[&str]) -> bool {
    names.iter().any(|n| n.as_bytes() == name)
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
