//! ROA signature v1: HMAC-SHA1 over method, a few headers and the resource.
//!
//! The body is not protected unless a `content-md5` header is sent, which no official client does.
//!
//! Source: Alibaba Cloud OpenAPI, ROA signature 1.0.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret as _, SecretString};

use super::hmac_sha1_base64;
use crate::params::Params;

/// The parts of a request that ROA v1 signs.
#[derive(Clone, Copy, Debug)]
pub struct RoaRequest<'a> {
    /// Upper-case HTTP method.
    pub method: &'a str,
    /// Path as on the wire, percent-encoded.
    pub path: &'a str,
    /// Query parameters, decoded.
    pub query: &'a Params,
    /// All headers by lower-case name; `accept`, `content-md5`, `content-type`, `date` and `x-acs-*` are used.
    pub headers: &'a BTreeMap<String, String>,
}

/// The text that is signed. An empty query value contributes its key alone.
#[must_use]
pub fn string_to_sign(request: &RoaRequest<'_>) -> String {
    let header = |name: &str| request.headers.get(name).map_or("", String::as_str);
    let mut text = format!(
        "{}\n{}\n{}\n{}\n{}\n",
        request.method,
        header("accept"),
        header("content-md5"),
        header("content-type"),
        header("date")
    );
    for (name, value) in request.headers.iter().filter(|(name, _)| name.starts_with("x-acs-")) {
        text.extend([name, ":", value, "\n"]);
    }
    text.push_str(request.path);
    for (position, (key, value)) in request.query.iter().enumerate() {
        text.push(if position == 0 { '?' } else { '&' });
        text.push_str(key);
        if !value.is_empty() {
            text.extend(["=", value]);
        }
    }
    text
}

/// The `Authorization` header value: `acs <access key id>:<signature>`.
#[must_use]
pub fn authorization(
    request: &RoaRequest<'_>,
    access_key_id: &str,
    secret: &SecretString,
) -> String {
    let signature = hmac_sha1_base64(secret.expose_secret().as_bytes(), &string_to_sign(request));
    format!("acs {access_key_id}:{signature}")
}
