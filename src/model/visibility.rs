//! Who may hear of what is still cooling: by default nobody.

/// Which rows a query may show or count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// As of what has been released: the world as if cooling rejections had not come.
    Released,
    /// Everything; only where the user asked for it (`--cooling`) or named the mail.
    Cooling,
}
