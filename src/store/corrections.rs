//! What the user told of mails, as `rules learn` takes it: the kind and the symbols that
//! fired. Never a word of a mail.

use rusqlite::Transaction;
use serde::Deserialize;

use super::messages::number;
use super::row::column;
use super::{Context, StoreError};
use crate::model::ids::MessageNo;
use crate::model::verdict::{Kind, Mark, Symbol};

/// One correction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Of which message.
    pub no: MessageNo,
    /// What it is.
    pub kind: Kind,
    /// What fired when it was read.
    pub fired: Vec<(Symbol, Option<Mark>)>,
}

/// As a hit stands in `message.hits`.
#[derive(Deserialize)]
struct Hit {
    symbol: Symbol,
    mark: Option<String>,
}

/// All corrections of mail that may be heard of, oldest message first.
pub fn all(transaction: &Transaction<'_>) -> Result<Vec<Told>, StoreError> {
    let mut statement = transaction
        .prepare_cached(
            "SELECT no, kind, hits FROM message
             WHERE corrected = 1 AND quiet_until IS NULL ORDER BY no",
        )
        .context("read the corrections")?;
    let mut rows = statement.query([]).context("read the corrections")?;
    let mut all = Vec::new();
    while let Some(row) = rows.next().context("read the corrections")? {
        let no = number(column(row, "no")?)?;
        let unreadable = |what| StoreError::Unreadable(format!("the {what} of {no}"));
        let kind = Kind::from_code(column(row, "kind")?).ok_or_else(|| unreadable("kind"))?;
        let hits: String = column(row, "hits")?;
        let hits: Vec<Hit> = serde_json::from_str(&hits).map_err(|_| unreadable("hits"))?;
        let mark = |word: Option<String>| word.as_deref().and_then(Mark::named);
        let fired = hits.into_iter().map(|hit| (hit.symbol, mark(hit.mark))).collect();
        all.push(Told { no, kind, fired });
    }
    Ok(all)
}
