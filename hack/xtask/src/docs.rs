//! Reference pages made from code: options, metrics, events.

use std::path::Path;

use anyhow::Result;

use crate::generated::{Generated, settle};

mod events;
mod metrics;
mod options;
#[cfg(test)]
mod tests;

/// First line of every page.
const NOTE: &str = "<!-- Made from code by `cargo xtask docs`; do not edit. -->";

/// Writes the pages, or checks them.
pub(crate) fn run(root: &Path, check: bool) -> Result<()> {
    settle(root, &files(root)?, check, "docs")
}

/// The pages, by path.
pub(crate) fn files(root: &Path) -> Result<Vec<Generated>> {
    let page = |name: &str, text: String| Generated {
        path: format!("docs/reference/{name}.md"),
        text: format!("{NOTE}\n\n{text}"),
    };
    Ok(vec![
        page("events", events::page(root)?),
        page("metrics", metrics::page()?),
        page("options", options::page()),
    ])
}

/// A row of a table; `|` inside a cell is escaped.
fn row<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let escaped: Vec<_> = cells.into_iter().map(|cell| cell.replace('|', "\\|")).collect();
    format!("| {} |\n", escaped.join(" | "))
}
