//! ROA signature version 1: HMAC-SHA1 over selected headers and the resource. The body is not signed.

use super::{Claim, bad_time, rpc_v1::hmac_sha1};
use crate::{error::ApiError, http::inbound::Inbound, time};

/// Reads key, time, nonce and signature from the headers; the nonce is optional.
///
/// # Errors
/// `MissingParameter`, `InvalidTimeStamp.Format`.
pub(super) fn claim(inbound: &Inbound) -> Result<Claim, ApiError> {
    let authorization = inbound.header("authorization").unwrap_or_default();
    let (key_id, signature) = authorization
        .strip_prefix("acs ")
        .and_then(|rest| rest.split_once(':'))
        .ok_or_else(|| ApiError::missing("Authorization"))?;
    let date = inbound.header("date").ok_or_else(|| ApiError::missing("Date"))?;
    let to_sign = inbound
        .signed_paths()
        .into_iter()
        .flat_map(|path| [string_to_sign(inbound, path, ""), string_to_sign(inbound, path, "=")])
        .collect();
    Ok(Claim {
        key_id: key_id.to_owned(),
        token: inbound.header("x-acs-security-token"),
        at: time::parse_http_date(&date).ok_or_else(bad_time)?,
        nonce: inbound.header("x-acs-signature-nonce"),
        signature: signature.to_owned(),
        to_sign,
    })
}

/// The signed text; a parameter with an empty value is written as its key and `for_empty`.
pub(super) fn string_to_sign(inbound: &Inbound, path: &str, for_empty: &str) -> String {
    let header = |name: &str| inbound.header(name).unwrap_or_default();
    let mut text = format!(
        "{}\n{}\n{}\n{}\n{}\n",
        inbound.method,
        header("accept"),
        header("content-md5"),
        header("content-type"),
        header("date"),
    );
    for name in inbound.header_names().filter(|name| name.starts_with("x-acs-")) {
        text.push_str(&format!("{name}:{}\n", header(name)));
    }
    text.push_str(path);
    let mut query = inbound.query.clone();
    query.sort();
    let members: Vec<String> = query
        .into_iter()
        .map(|(k, v)| if v.is_empty() { format!("{k}{for_empty}") } else { format!("{k}={v}") })
        .collect();
    if !members.is_empty() {
        text.push('?');
        text.push_str(&members.join("&"));
    }
    text
}

/// Base64 of HMAC-SHA1 with the bare secret as key.
pub(super) fn sign(secret: &str, text: &str) -> String {
    hmac_sha1(secret, text)
}
