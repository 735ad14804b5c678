//! Walks and their bounds.

use super::{NumberedPage, PageBounds, TokenPage, by_number, by_token};
use crate::error::ErrorKind;

fn page(items: &[u32], next: &str) -> TokenPage<u32> {
    TokenPage { items: items.to_vec(), next_token: next.to_owned() }
}

#[tokio::test]
async fn a_token_list_ends_with_the_empty_token() {
    let walk = by_token("X", PageBounds::default(), |token| async move {
        Ok(match token.as_deref() {
            None => page(&[1, 2], "b"),
            Some("b") => page(&[], "c"),
            _ => page(&[3], ""),
        })
    });
    assert_eq!(walk.await.unwrap(), [1, 2, 3]);
}

// behaviour 06#38
#[tokio::test]
async fn a_repeated_token_is_an_error() {
    let walk = by_token("X", PageBounds::default(), |_| async { Ok(page(&[1], "again")) });
    assert_eq!(walk.await.unwrap_err().kind, ErrorKind::Pagination);
}

#[tokio::test]
async fn pages_and_items_are_bounded() {
    let mut n = 0;
    let bounds = PageBounds { max_pages: 3, max_items: 100 };
    let walk = by_token("X", bounds, |_| {
        n += 1;
        let next = page(&[n], &n.to_string());
        async move { Ok(next) }
    });
    assert_eq!(walk.await.unwrap_err().kind, ErrorKind::Pagination);
    assert_eq!(n, 3);
    let bounds = PageBounds { max_pages: 3, max_items: 1 };
    let walk = by_token("X", bounds, |_| async { Ok(page(&[1, 2], "")) });
    assert_eq!(walk.await.unwrap_err().kind, ErrorKind::Pagination);
}

async fn numbered(pages: &'static [&'static [u32]], total_count: u64) -> (Vec<u32>, u32) {
    let mut asked = 0;
    let walk = by_number("X", PageBounds::default(), |number| {
        asked = number;
        let items = pages.get(number as usize - 1).map_or(Vec::new(), |page| page.to_vec());
        async move { Ok(NumberedPage { items, total_count }) }
    });
    let items = walk.await.unwrap();
    (items, asked)
}

#[tokio::test]
async fn a_numbered_list_ends_at_the_count_or_at_an_empty_page() {
    assert_eq!(numbered(&[&[1, 2], &[3]], 3).await, (vec![1, 2, 3], 2));
    assert_eq!(numbered(&[&[1, 2]], 9).await, (vec![1, 2], 2));
    assert_eq!(numbered(&[], 0).await, (vec![], 1));
}
