//! What is to be seen of a cluster and its cloud: read once a second, shown as a table or told as changes.
//!
//! | module | idea |
//! |---|---|
//! | `seen` | everything read from the API at one moment |
//! | `rows` | pools, nodes and waiting pods, as people ask for them |
//! | `table` | rows as text that fits a window |
//! | `changes` | what differs between two moments |
//! | `live` | reads again and again, and shows |

mod changes;
mod live;
mod rows;
mod seen;
mod table;
#[cfg(test)]
mod tests;

pub(crate) use live::{Live, Prices, Totals};
