//! Words and numbers to a page with pictures that can be kept and shared.
//!
//! A [`Page`] says what there is to show; [`html`] makes one file of it that needs nothing
//! else: no script, no font, no picture from anywhere. Beside every picture stands its table.
//! This room draws and escapes, it must not know what the numbers mean. The pictures are
//! written here: a plotting library writes colours and sizes into each shape, where these have
//! classes that a style sheet turns dark, large or printable; none draws a Sankey diagram.

use std::fmt::Write;

mod bars;

mod escape;

mod sankey;

mod style;

pub use bars::{Columns, Rows};
pub use escape::escaped;
pub use sankey::{Link, Node, Sankey};
pub use style::Tone;

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// What it is about.
    pub title: String,
    /// From when, until when.
    pub subtitle: String,
    /// Its parts, in their order.
    pub sections: Vec<Section>,
    /// Its last line.
    pub closing: String,
}

/// A part of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// A word for the address of the part and for the file of its picture.
    pub name: &'static str,
    /// Its heading.
    pub heading: String,
    /// What it tells, in a sentence or none.
    pub note: String,
    /// Its picture, if it has one.
    pub picture: Option<Picture>,
    /// Its numbers.
    pub table: Table,
}

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Picture {
    /// What flows where.
    Sankey(Sankey),
    /// Upright bars: a course of time.
    Columns(Columns),
    /// Lying bars: names with counts.
    Rows(Rows),
}

/// Rows below a heading. The first cell of a row names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// What stands in the columns.
    pub heading: Vec<String>,
    /// The rows.
    pub rows: Vec<Vec<String>>,
    /// From this column on, counted from 0, there are numbers.
    pub numbers_from: usize,
}

/// The page as one HTML file.
pub fn html(page: &Page) -> String {
    let (title, subtitle) = (escaped(&page.title), escaped(&page.subtitle));
    let mut html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>{title}</title>\n<style>\n{}{}</style>\n</head>\n<body>\n\
         <header>\n<h1>{title}</h1>\n<p>{subtitle}</p>\n</header>\n<main>\n",
        style::PICTURE,
        style::PAGE,
    );
    page.sections.iter().for_each(|it| section(&mut html, it));
    let _ = write!(
        html,
        "</main>\n<footer><p>{}</p></footer>\n</body>\n</html>\n",
        escaped(&page.closing)
    );
    html
}

/// Should a word of a mail become markup after all, the browser still loads and runs nothing.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; \
                      form-action 'none'";

fn section(html: &mut String, it: &Section) {
    let (name, heading) = (it.name, escaped(&it.heading));
    let _ =
        write!(html, "<section aria-labelledby=\"{name}\">\n<h2 id=\"{name}\">{heading}</h2>\n");
    if !it.note.is_empty() {
        let _ = writeln!(html, "<p>{}</p>", escaped(&it.note));
    }
    if let Some(picture) = &it.picture {
        let _ = write!(html, "<figure>\n{}</figure>\n", drawn(it, picture));
    }
    table(html, it);
    html.push_str("</section>\n");
}

fn table(html: &mut String, it: &Section) {
    let number = |at: usize| if at >= it.table.numbers_from { " class=\"n\"" } else { "" };
    let _ = write!(html, "<table>\n<caption>{}</caption>\n<thead><tr>", escaped(&it.heading));
    for (at, cell) in it.table.heading.iter().enumerate() {
        let _ = write!(html, "<th scope=\"col\"{}>{}</th>", number(at), escaped(cell));
    }
    html.push_str("</tr></thead>\n<tbody>\n");
    for row in &it.table.rows {
        html.push_str("<tr>");
        for (at, cell) in row.iter().enumerate() {
            let cell = escaped(cell);
            let _ = match at {
                0 => write!(html, "<th scope=\"row\">{cell}</th>"),
                _ => write!(html, "<td{}>{cell}</td>", number(at)),
            };
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</tbody>\n</table>\n");
}

/// The picture of a section as an SVG file of its own, if it has one.
pub fn svg(section: &Section) -> Option<String> {
    let drawn = drawn(section, section.picture.as_ref()?);
    // In a page the style sheet of the page holds for it; alone it brings its own.
    let (head, shapes) = drawn.split_once('\n')?;
    Some(format!(
        "{head}\n<style>\n{}</style>\n<rect class=\"ground\" width=\"100%\" height=\"100%\"/>\n\
         {shapes}",
        style::PICTURE
    ))
}

/// The SVG element, its first line being its opening tag.
fn drawn(section: &Section, picture: &Picture) -> String {
    let (height, said, shapes) = match picture {
        Picture::Sankey(it) => it.draw(),
        Picture::Columns(it) => it.draw(),
        Picture::Rows(it) => it.draw(),
    };
    let name = section.name;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         aria-labelledby=\"{name}-title {name}-desc\">\n\
         <title id=\"{name}-title\">{}</title>\n<desc id=\"{name}-desc\">{}</desc>\n{shapes}</svg>\n",
        escaped(&section.heading),
        escaped(&said),
    )
}

/// All pictures are so many units wide, and as wide as the page lets them.
const WIDTH: u32 = 640;

#[cfg(test)]
mod tests {
    use super::*;

    fn hostile() -> Page {
        let evil =
            "</title></style><script>alert(1)</script>\"'&\u{202e}\u{0}<img src=x onerror=a>";
        let evil = || evil.to_owned();
        let table = Table {
            heading: vec![evil(), evil()],
            rows: vec![vec![evil(), evil()]],
            numbers_from: 1,
        };
        let section = |name, picture| Section {
            name,
            heading: evil(),
            note: evil(),
            picture: Some(picture),
            table: table.clone(),
        };
        let columns = Columns { bars: vec![(evil(), 3, 1)], first: evil(), second: evil() };
        let nodes = vec![
            Node { name: evil(), column: 0, tone: Tone::Plain },
            Node { name: evil(), column: 1, tone: Tone::Bad },
        ];
        let sankey = Sankey { nodes, links: vec![Link { from: 0, to: 1, count: 3 }] };
        Page {
            title: evil(),
            subtitle: evil(),
            sections: vec![
                section("a", Picture::Rows(Rows { rows: vec![(evil(), 2)] })),
                section("b", Picture::Columns(columns)),
                section("c", Picture::Sankey(sankey)),
            ],
            closing: evil(),
        }
    }

    #[test]
    fn no_word_becomes_markup() {
        let page = hostile();
        let mut all = html(&page);
        page.sections.iter().for_each(|it| all.push_str(&svg(it).expect("a picture")));
        for mark in ["<script", "<img", "\u{202e}", "\u{0}", "</title></style>"] {
            assert!(!all.contains(mark), "{mark:?} in {all}");
        }
        let elements = ["html", "svg", "table", "style", "title"];
        for name in elements {
            let (open, close) = (format!("<{name}"), format!("</{name}>"));
            let opened = all.matches(&open).count();
            assert!(opened > 0 && opened == all.matches(&close).count(), "{name}");
        }
        assert!(all.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;"), "{all}");
    }

    #[test]
    fn a_page_loads_and_runs_nothing() {
        let html = html(&hostile());
        assert!(html.contains("default-src 'none'"));
        for load in [" src=", " href=", "url(", "@import", "<link", "javascript:"] {
            let outside = html.replace("&lt;img src=x", "");
            assert!(!outside.contains(load), "{load}");
        }
    }

    #[test]
    fn a_picture_alone_brings_its_style() {
        let page = hostile();
        let alone = svg(&page.sections[2]).expect("a picture");
        assert!(alone.starts_with("<svg xmlns=") && alone.ends_with("</svg>\n"));
        assert!(alone.contains("prefers-color-scheme: dark") && alone.contains("class=\"ground\""));
    }
}
