//! Walking paged lists within bounds.
//!
//! Both walkers take a function that fetches one page, so they work over any implementation of a service trait.
//!
//! Source: Alibaba OpenAPI pagination. Differs: a repeated token is an error, not an endless loop.

use std::{collections::BTreeSet, future::Future};

use crate::error::{ErrorKind, SdkError};

/// Bounds of one walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageBounds {
    /// Pages fetched at most; default 1000.
    pub max_pages: usize,
    /// Items collected at most; default 100,000.
    pub max_items: usize,
}

impl Default for PageBounds {
    fn default() -> Self {
        Self { max_pages: 1000, max_items: 100_000 }
    }
}

/// One page of a list that continues by token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenPage<T> {
    /// Items in service order.
    pub items: Vec<T>,
    /// Token of the next page; empty at the end.
    pub next_token: String,
}

/// One page of a list that is addressed by page number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberedPage<T> {
    /// Items in service order.
    pub items: Vec<T>,
    /// Items of the whole list, as the service counts now.
    pub total_count: u64,
}

/// Collects a list that continues by `NextToken`; `fetch` gets none for the first page.
///
/// # Errors
/// What `fetch` fails with; [`ErrorKind::Pagination`] when a token comes twice or a bound is passed.
pub async fn by_token<T, F, Fut>(
    action: &'static str,
    bounds: PageBounds,
    mut fetch: F,
) -> Result<Vec<T>, SdkError>
where
    F: FnMut(Option<String>) -> Fut,
    Fut: Future<Output = Result<TokenPage<T>, SdkError>>,
{
    let mut items = Vec::new();
    let mut seen = BTreeSet::new();
    let mut token = None;
    for _ in 0..bounds.max_pages {
        let page = fetch(token).await?;
        extend(action, bounds, &mut items, page.items)?;
        if page.next_token.is_empty() {
            return Ok(items);
        }
        if !seen.insert(page.next_token.clone()) {
            return Err(failed(action, "the service repeated a page token"));
        }
        token = Some(page.next_token);
    }
    Err(failed(action, "the list has more pages than allowed"))
}

/// Collects a list addressed by `PageNumber`, from 1, until `TotalCount` items or an empty page.
///
/// # Errors
/// What `fetch` fails with; [`ErrorKind::Pagination`] when a bound is passed.
pub async fn by_number<T, F, Fut>(
    action: &'static str,
    bounds: PageBounds,
    mut fetch: F,
) -> Result<Vec<T>, SdkError>
where
    F: FnMut(u32) -> Fut,
    Fut: Future<Output = Result<NumberedPage<T>, SdkError>>,
{
    let mut items = Vec::new();
    for number in (1_u32..).take(bounds.max_pages) {
        let page = fetch(number).await?;
        let empty = page.items.is_empty();
        extend(action, bounds, &mut items, page.items)?;
        if empty || items.len() as u64 >= page.total_count {
            return Ok(items);
        }
    }
    Err(failed(action, "the list has more pages than allowed"))
}

fn extend<T>(
    action: &'static str,
    bounds: PageBounds,
    items: &mut Vec<T>,
    more: Vec<T>,
) -> Result<(), SdkError> {
    if items.len() + more.len() > bounds.max_items {
        return Err(failed(action, "the list has more items than allowed"));
    }
    items.extend(more);
    Ok(())
}

fn failed(action: &'static str, message: &str) -> SdkError {
    SdkError::local(action, ErrorKind::Pagination, message)
}

#[cfg(test)]
mod tests;
