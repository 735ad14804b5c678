//! GET of a collection.

use bytes::{BufMut, Bytes, BytesMut};
use parking_lot::Mutex;
use serde_json::json;

use self::continue_token::{from_token, to_token};
use crate::error::ApiError;
use crate::kind::Kind;
use crate::object::Key;
use crate::request::Params;
use crate::state::State;
use crate::store::{KindLog, Packed, Selector};
use crate::verbs::list_options;
use crate::view::View;

/// One page of a list at one version.
#[derive(Debug)]
struct Page {
    version: u64,
    items: Vec<Packed>,
    /// Last key of the page, when more objects follow.
    next: Option<Key>,
    /// Selected objects after this page.
    remaining: usize,
}

/// Answers a list as JSON text.
///
/// Pages of one list show the state at the version of the first page.
///
/// # Errors
/// `Expired` for a version before the window, `Timeout` for one in the future, `BadRequest`.
pub(crate) fn list(
    shared: &Mutex<State>,
    kind: &Kind,
    namespace: Option<&str>,
    params: &Params,
    view: View,
) -> Result<Bytes, ApiError> {
    list_options::check_list(params)?;
    let selector = Selector::parse(kind, &params.label_selector, &params.field_selector)
        .map_err(ApiError::bad_request)?;
    let state = shared.lock();
    let (version, after) = start(&state, params)?;
    let page = match state.store.log(&kind.id()) {
        Some(log) if after.is_some() && version < log.oldest() => {
            return Err(ApiError::continue_expired());
        }
        Some(log) => page(log, namespace, after.as_ref(), version, params.limit, &selector)?,
        None => Page { version, items: Vec::new(), next: None, remaining: 0 },
    };
    // The texts are shared: others may write while they are copied.
    drop(state);
    Ok(render(kind, &page, &selector, view))
}

/// Version to show, and the key to continue after.
fn start(state: &State, params: &Params) -> Result<(u64, Option<Key>), ApiError> {
    let current = state.store.version();
    if !params.continue_token.is_empty() {
        let invalid = || ApiError::bad_request("continue key is not valid");
        let (version, key) = from_token(&params.continue_token).ok_or_else(invalid)?;
        return Ok((version.min(current), Some(key)));
    }
    match (params.resource_version, params.resource_version_match.as_str()) {
        (Some(version), _) if version > current => {
            Err(ApiError::too_large_version(version, current))
        }
        (Some(version), "Exact") if version > 0 => Ok((version, None)),
        _ => Ok((current, None)),
    }
}

fn page(
    log: &KindLog,
    namespace: Option<&str>,
    after: Option<&Key>,
    version: u64,
    limit: Option<usize>,
    selector: &Selector,
) -> Result<Page, ApiError> {
    if version < log.oldest() {
        return Err(ApiError::expired(version, log.oldest()));
    }
    let then = log.rewound(version);
    let here = |key: &Key| {
        namespace.is_none_or(|ns| key.namespace == ns) && after.is_none_or(|after| key > after)
    };
    let now = log.packed(namespace, after).filter(|(key, _)| !then.contains_key(key));
    let mut now = now.filter(|(_, stored)| stored.matches(selector));
    if then.is_empty() {
        return Ok(current_page(&mut now, version, limit, selector));
    }
    let mut items: Vec<(&Key, &Packed)> = now.collect();
    let old = then.iter().filter_map(|(key, stored)| Some((key, stored.as_ref()?)));
    items.extend(old.filter(|(key, stored)| here(key) && stored.matches(selector)));
    items.sort_by_key(|(key, _)| *key);
    let length = limit.unwrap_or(items.len()).min(items.len());
    let next =
        (length < items.len()).then(|| items[..length].last().map(|(key, _)| (*key).clone()));
    Ok(Page {
        version,
        next: next.flatten(),
        remaining: items.len() - length,
        items: items[..length].iter().map(|(_, stored)| (*stored).clone()).collect(),
    })
}

/// A page of the state as it is now; objects after it are counted only when that is cheap.
fn current_page<'a>(
    selected: &mut impl Iterator<Item = (&'a Key, &'a Packed)>,
    version: u64,
    limit: Option<usize>,
    selector: &Selector,
) -> Page {
    let taken: Vec<_> = selected.by_ref().take(limit.unwrap_or(usize::MAX)).collect();
    let remaining = match selector.is_everything() {
        true => selected.count(),
        false => usize::from(selected.next().is_some()),
    };
    let last = taken.last().filter(|_| remaining > 0).map(|(key, _)| (*key).clone());
    let items = taken.into_iter().map(|(_, stored)| stored.clone()).collect();
    Page { version, items, next: last, remaining }
}

fn render(kind: &Kind, page: &Page, selector: &Selector, view: View) -> Bytes {
    let mut meta = json!({"resourceVersion": page.version.to_string()});
    if let Some(next) = &page.next {
        meta["continue"] = json!(to_token(page.version, next));
        if *selector == Selector::default() {
            meta["remainingItemCount"] = json!(page.remaining);
        }
    }
    let (api_version, list_kind) = view.list_type(kind);
    let head = format!(
        "{{\"kind\":{},\"apiVersion\":{},\"metadata\":{meta},\"items\":[",
        json!(list_kind),
        json!(api_version)
    );
    let size: usize = page.items.iter().map(|stored| stored.json.len() + 1).sum();
    let mut text = BytesMut::with_capacity(head.len() + size + 2);
    text.put_slice(head.as_bytes());
    for (number, stored) in page.items.iter().enumerate() {
        if number > 0 {
            text.put_u8(b',');
        }
        text.put_slice(&view.show_packed(stored));
    }
    text.put_slice(b"]}");
    text.freeze()
}

/// Continue tokens: version and key as hexadecimal text, opaque to clients.
mod continue_token {
    use crate::object::Key;

    pub(super) fn to_token(version: u64, key: &Key) -> String {
        let text = format!("{version}/{}/{}", key.namespace, key.name);
        text.bytes().map(|byte| format!("{byte:02x}")).collect()
    }

    pub(super) fn from_token(token: &str) -> Option<(u64, Key)> {
        let digits: Vec<u8> = token
            .chars()
            .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
            .collect::<Option<_>>()?;
        let bytes = digits.chunks(2).map(|pair| match pair {
            [high, low] => Some(high << 4 | low),
            _ => None,
        });
        let text = String::from_utf8(bytes.collect::<Option<_>>()?).ok()?;
        let mut parts = text.splitn(3, '/');
        let version = parts.next()?.parse().ok()?;
        Some((version, Key::new(parts.next()?, parts.next()?)))
    }
}
