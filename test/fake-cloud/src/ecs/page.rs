//! Paging by opaque token and by page number.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::{error::ApiError, params::Params};

/// Limits of `MaxResults` or `PageSize`; values outside are moved to the nearest bound, no error.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PageLimits {
    pub(crate) min: u32,
    pub(crate) max: u32,
    pub(crate) default: u32,
}

/// One page cut by token: rows after the one the token names, in the order of `key`.
///
/// The token names the last row of a page, so rows that come or go in between shift nothing.
///
/// # Errors
/// `InvalidParameter` for a token this function did not make.
pub(crate) fn by_token<T>(
    params: &Params,
    limits: PageLimits,
    mut rows: Vec<T>,
    key: impl Fn(&T) -> String,
) -> Result<(Vec<T>, String), ApiError> {
    let size = size(params, "MaxResults", limits)?;
    rows.sort_by_key(&key);
    if let Some(token) = params.text("NextToken") {
        let after = URL_SAFE_NO_PAD
            .decode(token)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .ok_or_else(|| ApiError::invalid("NextToken"))?;
        rows.retain(|row| key(row) > after);
    }
    let more = rows.len() > size;
    rows.truncate(size);
    let next = rows.last().filter(|_| more).map(|row| URL_SAFE_NO_PAD.encode(key(row)));
    Ok((rows, next.unwrap_or_default()))
}

/// One page cut by number, and the members that describe it.
///
/// # Errors
/// `InvalidParameter` for a page number or size that is no number.
pub(crate) fn by_number<T>(
    params: &Params,
    limits: PageLimits,
    rows: Vec<T>,
) -> Result<(Vec<T>, Value), ApiError> {
    let size = size(params, "PageSize", limits)?;
    let number = params.integer("PageNumber")?.unwrap_or(1).max(1);
    let total = rows.len();
    let skip = size.saturating_mul(number as usize - 1);
    let page = rows.into_iter().skip(skip).take(size).collect();
    Ok((page, json!({"TotalCount": total, "PageNumber": number, "PageSize": size})))
}

fn size(params: &Params, name: &str, limits: PageLimits) -> Result<usize, ApiError> {
    let asked = params.integer(name)?.unwrap_or(limits.default);
    Ok(asked.clamp(limits.min, limits.max) as usize)
}
