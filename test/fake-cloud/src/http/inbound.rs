//! A request, decoded once.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderMap, header::HOST, request::Parts};

use super::codec::{decode, decode_form};
use crate::action::Product;

/// Method, path, headers, parameters and body of a request.
#[derive(Debug)]
pub(crate) struct Inbound {
    /// Upper-case method.
    pub(crate) method: String,
    /// Path as received, still encoded.
    pub(crate) path: String,
    /// Path without a product prefix, still encoded, at least `/`.
    pub(crate) inner_path: String,
    /// Decoded segments of the inner path; empty for `/`.
    pub(crate) segments: Vec<String>,
    /// Host with port, as the caller wrote it.
    pub(crate) host: String,
    /// Product that prefix or host name tell, if they do.
    pub(crate) product: Option<Product>,
    /// Decoded query in the order received.
    pub(crate) query: Vec<(String, String)>,
    /// Decoded form body in the order received; empty for other bodies.
    pub(crate) form: Vec<(String, String)>,
    /// Body as received.
    pub(crate) body: Bytes,
    headers: BTreeMap<String, Vec<String>>,
}

impl Inbound {
    /// Decodes head and body; never fails, odd bytes become U+FFFD.
    pub(crate) fn decode(parts: &Parts, body: Bytes) -> Inbound {
        let headers = headers(&parts.headers);
        let path = parts.uri.path().to_owned();
        let (prefix, inner_path) = split_prefix(&path);
        let host = headers
            .get(HOST.as_str())
            .and_then(|values| values.first().cloned())
            .or_else(|| parts.uri.authority().map(ToString::to_string))
            .unwrap_or_default();
        let is_form = headers
            .get("content-type")
            .and_then(|values| values.first())
            .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
        let form = if is_form { decode_form(&String::from_utf8_lossy(&body)) } else { Vec::new() };
        Inbound {
            method: parts.method.as_str().to_owned(),
            segments: inner_path.split('/').filter(|s| !s.is_empty()).map(decode).collect(),
            product: prefix.or_else(|| Product::of_host(&host)),
            query: decode_form(parts.uri.query().unwrap_or_default()),
            form,
            path,
            inner_path,
            host,
            body,
            headers,
        }
    }

    /// The value of a header; several values are joined by commas in sorted order.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        if name == "host" {
            return Some(self.host.clone());
        }
        self.headers.get(name).map(|values| values.join(","))
    }

    /// Names of all headers, lower case, sorted.
    pub(crate) fn header_names(&self) -> impl Iterator<Item = &str> {
        self.headers.keys().map(String::as_str)
    }

    /// Query, then form.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = &(String, String)> {
        self.query.iter().chain(&self.form)
    }

    /// The first parameter of this name in query or form.
    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        self.pairs().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The paths a caller may have signed: as received, and without the prefix.
    pub(crate) fn signed_paths(&self) -> Vec<&str> {
        let mut paths = vec![self.path.as_str()];
        if self.inner_path != self.path {
            paths.push(&self.inner_path);
        }
        paths
    }
}

fn headers(map: &HeaderMap) -> BTreeMap<String, Vec<String>> {
    let mut headers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in map {
        let text = String::from_utf8_lossy(value.as_bytes()).trim().to_owned();
        headers.entry(name.as_str().to_owned()).or_default().push(text);
    }
    headers.values_mut().for_each(|values| values.sort());
    headers
}

fn split_prefix(path: &str) -> (Option<Product>, String) {
    let trimmed = path.trim_start_matches('/');
    let (head, rest) = trimmed.split_once('/').unwrap_or((trimmed, ""));
    match Product::of_prefix(head) {
        Some(product) => (Some(product), format!("/{rest}")),
        None => (None, if path.is_empty() { "/".into() } else { path.to_owned() }),
    }
}
