//! A Sankey diagram: columns of nodes, and ribbons as wide as what flows between them.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::WIDTH;
use super::escape::escaped;
use super::style::Tone;

/// What flows where. Nodes of a column stand below each other in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sankey {
    /// The nodes.
    pub nodes: Vec<Node>,
    /// What flows between them, always to a later column.
    pub links: Vec<Link>,
}

/// A place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// What it is called.
    pub name: String,
    /// From the left, from 0.
    pub column: usize,
    /// What it stands for.
    pub tone: Tone,
}

/// A flow, between nodes by their places in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// From this node.
    pub from: usize,
    /// To this one.
    pub to: usize,
    /// So much.
    pub count: u64,
}

/// The largest column is so high, without what lies between its nodes.
const FLOW_HEIGHT: f64 = 240.0;
/// Between nodes of a column there is room for a line of text on a small screen.
const GAP: f64 = 30.0;
const TOP: f64 = 24.0;
const NODE_WIDTH: f64 = 14.0;
/// Right of the last column its names stand.
const NAMES_WIDTH: f64 = 150.0;

/// A node's place in the picture.
#[derive(Clone, Copy)]
struct Place {
    x: f64,
    y: f64,
    height: f64,
}

impl Sankey {
    /// As sankeymatic.com reads it: a line for each flow.
    pub fn lines(&self) -> String {
        let name = |at: usize| self.nodes.get(at).map_or("", |node| node.name.as_str());
        let line = |it: &Link| format!("{} [{}] {}\n", name(it.from), it.count, name(it.to));
        self.links.iter().map(line).collect()
    }

    /// What goes through a node.
    fn amount(&self, node: usize) -> u64 {
        let sum = |at: fn(&Link) -> usize| {
            self.links.iter().filter(|it| at(it) == node).map(|it| it.count).sum::<u64>()
        };
        sum(|it| it.from).max(sum(|it| it.to))
    }

    /// Height, what a screen reader says, and the shapes.
    pub(super) fn draw(&self) -> (u64, String, String) {
        let mut columns: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (at, node) in self.nodes.iter().enumerate() {
            columns.entry(node.column).or_default().push(at);
        }
        let total = |nodes: &Vec<usize>| nodes.iter().map(|at| self.amount(*at)).sum::<u64>();
        let most = columns.values().map(total).max().unwrap_or_default().max(1);
        let unit = FLOW_HEIGHT / float(most);
        let places = self.places(&columns, unit);
        let height = places.iter().map(|it| it.y + it.height).fold(0.0, f64::max) + TOP;
        let shapes = self.ribbons(&places, unit) + &self.shapes(&places);
        let told = self.lines().replace('[', "").replace(']', " to").replace('\n', "; ");
        (whole(height), told, shapes)
    }

    fn places(&self, columns: &BTreeMap<usize, Vec<usize>>, unit: f64) -> Vec<Place> {
        let last = columns.keys().next_back().copied().unwrap_or_default().max(1);
        let step = (f64::from(WIDTH) - NAMES_WIDTH - NODE_WIDTH) / float(last as u64);
        let mut next: BTreeMap<usize, f64> = BTreeMap::new();
        let mut place = |(at, node): (usize, &Node)| {
            let y = next.entry(node.column).or_insert(TOP);
            // A node of one among hundreds is still to be seen.
            let height = (float(self.amount(at)) * unit).max(2.0);
            let place = Place { x: float(node.column as u64) * step, y: *y, height };
            *y += height + GAP;
            place
        };
        self.nodes.iter().enumerate().map(&mut place).collect()
    }

    /// Ribbons leave a node in the order of where they go, from top to bottom, and arrive from
    /// the nearest column first: so few of them cross.
    fn ribbons(&self, places: &[Place], unit: f64) -> String {
        let mut out: Vec<f64> = places.iter().map(|it| it.y).collect();
        let mut into = out.clone();
        let mut links = self.links.clone();
        let column = |at: usize| self.nodes.get(at).map_or(0, |node| node.column);
        links.sort_by_key(|it| (std::cmp::Reverse(column(it.from)), column(it.to), it.to));
        let mut ribbons = String::new();
        for link in links {
            let (Some(from), Some(to)) = (places.get(link.from), places.get(link.to)) else {
                continue;
            };
            let (Some(y0), Some(y1)) = (out.get_mut(link.from), into.get_mut(link.to)) else {
                continue;
            };
            let width = float(link.count) * unit;
            let tone = self.nodes.get(link.to).map_or("plain", |node| node.tone.class());
            ribbons += &ribbon(from.x + NODE_WIDTH, *y0, to.x, *y1, width, tone);
            *y0 += width;
            *y1 += width;
        }
        ribbons
    }

    fn shapes(&self, places: &[Place]) -> String {
        let mut shapes = String::new();
        for ((at, node), place) in self.nodes.iter().enumerate().zip(places) {
            let Place { x, y, height } = *place;
            let _ = write!(
                shapes,
                "<rect class=\"{}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{NODE_WIDTH}\" \
                 height=\"{height:.1}\"/>\n\
                 <text class=\"label\" x=\"{:.1}\" y=\"{:.1}\">{} {}</text>\n",
                node.tone.class(),
                x + NODE_WIDTH + 6.0,
                y + height.min(FLOW_HEIGHT) / 2.0 + 5.0,
                escaped(&node.name),
                self.amount(at),
            );
        }
        shapes
    }
}

/// A band between two upright edges, curved.
fn ribbon(x0: f64, y0: f64, x1: f64, y1: f64, width: f64, tone: &str) -> String {
    let middle = (x0 + x1) / 2.0;
    let (low0, low1) = (y0 + width, y1 + width);
    format!(
        "<path class=\"flow {tone}\" d=\"M{x0:.1} {y0:.1}C{middle:.1} {y0:.1} {middle:.1} {y1:.1} \
         {x1:.1} {y1:.1}L{x1:.1} {low1:.1}C{middle:.1} {low1:.1} {middle:.1} {low0:.1} {x0:.1} \
         {low0:.1}Z\"/>\n"
    )
}

/// Counts are far below 2^32, where a float has no gaps.
fn float(count: u64) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

fn whole(height: f64) -> u64 {
    height.ceil() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Sankey {
        let node = |name: &str, column, tone| Node { name: name.to_owned(), column, tone };
        Sankey {
            nodes: vec![
                node("Applications", 0, Tone::Plain),
                node("Talks", 1, Tone::Going),
                node("Rejected", 2, Tone::Bad),
            ],
            links: vec![
                Link { from: 0, to: 1, count: 2 },
                Link { from: 0, to: 2, count: 8 },
                Link { from: 1, to: 2, count: 2 },
            ],
        }
    }

    #[test]
    fn sankeymatic_gets_a_line_for_each_flow() {
        let expected = "Applications [2] Talks\nApplications [8] Rejected\nTalks [2] Rejected\n";
        assert_eq!(some().lines(), expected);
    }

    #[test]
    fn a_node_is_as_high_as_what_goes_through_it() {
        let (_, said, shapes) = some().draw();
        // Ten fill the height, two a fifth of it.
        assert!(shapes.contains("x=\"0.0\" y=\"24.0\" width=\"14\" height=\"240.0\""), "{shapes}");
        assert!(shapes.contains("width=\"14\" height=\"48.0\""), "{shapes}");
        assert!(shapes.contains("Rejected 10</text>") && said.contains("2 to Talks"), "{said}");
    }

    #[test]
    fn nothing_to_draw_is_no_failure() {
        let (_, _, shapes) = Sankey { nodes: Vec::new(), links: Vec::new() }.draw();
        assert_eq!(shapes, "");
    }
}
