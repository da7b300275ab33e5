//! The style sheets, and what colours mean. Colours are chosen here alone: text has a
//! contrast of at least 4.5 to its ground, shapes of at least 3 (WCAG 2.2, 1.4.3, 1.4.11).

/// What a shape stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Nothing in particular.
    Plain,
    /// On its way.
    Going,
    /// As it should be.
    Good,
    /// A refusal.
    Bad,
    /// Nothing came.
    Quiet,
}

impl Tone {
    /// Its class in the style sheet.
    pub(super) fn class(self) -> &'static str {
        match self {
            Tone::Plain => "plain",
            Tone::Going => "going",
            Tone::Good => "good",
            Tone::Bad => "bad",
            Tone::Quiet => "quiet",
        }
    }
}

/// For pictures. On a small screen their letters grow, because the picture shrinks.
pub(super) const PICTURE: &str = "\
:root { --ground: #fff; --ink: #1c1e21; --faint: #5c6370; --line: #d5d9e0; --plain: #2563a8;
  --going: #0b7a75; --good: #2e7d32; --bad: #b4472e; --quiet: #767b85; }
@media (prefers-color-scheme: dark) { :root { --ground: #16181c; --ink: #e8eaed; --faint: #a8adb7;
  --line: #3a3f48; --plain: #6ea8e6; --going: #4db6ac; --good: #81c784; --bad: #e8866c;
  --quiet: #969ba6; } }
svg { font: 15px system-ui, sans-serif; }
@media (max-width: 560px) { svg { font-size: 21px; } }
svg text { fill: var(--ink); }
svg .axis { fill: var(--faint); }
svg .line { stroke: var(--line); }
svg .label { paint-order: stroke; stroke: var(--ground); stroke-width: 4px; stroke-linejoin: round; }
svg .middle { text-anchor: middle; }
svg .ground { fill: var(--ground); }
svg .plain { fill: var(--plain); }
svg .going { fill: var(--going); }
svg .good { fill: var(--good); }
svg .bad { fill: var(--bad); }
svg .quiet { fill: var(--quiet); }
svg .flow { opacity: .35; }
";

/// For the page around them. On paper it is light.
pub(super) const PAGE: &str = "\
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 48rem; padding: 1rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
header p, footer p { color: var(--faint); }
h1 { font-size: 1.75rem; margin: .5rem 0 0; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem; }
figure { margin: 1rem 0; }
svg { display: block; width: 100%; height: auto; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; font-size: .9375rem; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
th, td { padding: .25rem .5rem .25rem 0; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--line); font-weight: normal; }
thead th { color: var(--faint); overflow-wrap: normal; }
.n { text-align: right; font-variant-numeric: tabular-nums; }
@media print { :root { --ground: #fff; --ink: #1c1e21; --faint: #5c6370; --line: #d5d9e0;
  --plain: #2563a8; --going: #0b7a75; --good: #2e7d32; --bad: #b4472e; --quiet: #767b85; }
  body { max-width: none; padding: 0; } svg { font-size: 15px; }
  figure, tr { break-inside: avoid; } h2 { break-after: avoid; } }
";
