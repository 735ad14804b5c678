//! Assembly of the signed `http::Request` from a [`Call`].

use std::collections::BTreeMap;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderValue, Request, Uri, header};
use secrecy::ExposeSecret as _;

use super::{SignatureScheme, acs3, roa_v1, rpc_v1};
use crate::{
    action::{Body, Call, Style},
    clock::{http_date, iso_seconds},
    credentials::Credentials,
    encode::encode_pairs,
    params::Params,
    transport::endpoint::Endpoint,
};

/// Longest encoded query sent in a URL, in bytes; longer RPC calls travel as a v1 form body.
pub(crate) const MAX_QUERY_BYTES: usize = 16 * 1024;

const USER_AGENT: &str = concat!("alibaba-sdk/", env!("CARGO_PKG_VERSION"));

/// What one attempt adds to a call.
pub(crate) struct Envelope<'a> {
    /// Action name.
    pub(crate) action: &'static str,
    /// API version.
    pub(crate) version: &'static str,
    /// Where the request goes.
    pub(crate) endpoint: &'a Endpoint,
    /// Signature family.
    pub(crate) scheme: SignatureScheme,
    /// Signing time.
    pub(crate) date: DateTime<Utc>,
    /// Unique per attempt.
    pub(crate) nonce: &'a str,
    /// Who signs; none for anonymous calls.
    pub(crate) credentials: Option<&'a Credentials>,
}

/// Headers by lower-case name, before they become an `http::HeaderMap`.
type Headers = BTreeMap<String, String>;

/// Signs `call` and turns it into a request with absolute URI and explicit `host` header.
///
/// # Errors
/// When a value cannot be a header, or the URI is longer than the `http` crate allows.
pub(crate) fn build(call: &Call, envelope: &Envelope<'_>) -> Result<Request<Bytes>, http::Error> {
    match (envelope.credentials, call.style, envelope.scheme) {
        (None, _, _) => anonymous(call, envelope),
        (Some(credentials), Style::Rpc, SignatureScheme::V1) => rpc(call, envelope, credentials),
        (Some(credentials), Style::Rpc, SignatureScheme::Acs3)
            if query(&call.query).len() > MAX_QUERY_BYTES =>
        {
            rpc(call, envelope, credentials)
        }
        (Some(credentials), Style::Roa, SignatureScheme::V1) => roa(call, envelope, credentials),
        (Some(credentials), Style::Rpc | Style::Roa, SignatureScheme::Acs3) => {
            v3(call, envelope, credentials)
        }
    }
}

fn v3(
    call: &Call,
    envelope: &Envelope<'_>,
    credentials: &Credentials,
) -> Result<Request<Bytes>, http::Error> {
    let body = call.body.as_ref().map_or(&[][..], |body| &body.bytes);
    let mut signed = Headers::from([
        ("host".to_owned(), envelope.endpoint.host()),
        ("x-acs-action".to_owned(), envelope.action.to_owned()),
        ("x-acs-version".to_owned(), envelope.version.to_owned()),
        ("x-acs-date".to_owned(), iso_seconds(envelope.date)),
        ("x-acs-signature-nonce".to_owned(), envelope.nonce.to_owned()),
        ("x-acs-content-sha256".to_owned(), acs3::content_sha256(body)),
    ]);
    insert_content_type(&mut signed, call);
    insert_token(&mut signed, credentials);
    let signature = acs3::sign(
        &acs3::V3Request {
            method: call.method.as_str(),
            path: &call.path,
            query: &call.query,
            headers: &signed,
        },
        credentials.access_key_secret(),
    );
    let authorization = signature.authorization(credentials.access_key_id());
    signed.insert("authorization".to_owned(), authorization);
    finish(call, envelope, &call.query, call.body.as_ref(), signed)
}

/// RPC v1: every parameter in the query, or in a form body when the query would be too long.
fn rpc(
    call: &Call,
    envelope: &Envelope<'_>,
    credentials: &Credentials,
) -> Result<Request<Bytes>, http::Error> {
    let mut params = call.query.clone();
    params.extend(
        [
            ("Action", envelope.action),
            ("Version", envelope.version),
            ("Format", "JSON"),
            ("AccessKeyId", credentials.access_key_id()),
            ("SignatureMethod", "HMAC-SHA1"),
            ("SignatureVersion", "1.0"),
            ("SignatureNonce", envelope.nonce),
            ("Timestamp", &iso_seconds(envelope.date)),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned())),
    );
    if let Some(token) = credentials.security_token() {
        params.insert("SecurityToken".to_owned(), token.expose_secret().to_owned());
    }
    let signature =
        rpc_v1::signature(call.method.as_str(), &params, credentials.access_key_secret());
    params.insert("Signature".to_owned(), signature);
    let headers = Headers::from([("host".to_owned(), envelope.endpoint.host())]);
    if query(&params).len() <= MAX_QUERY_BYTES {
        return finish(call, envelope, &params, None, headers);
    }
    finish(call, envelope, &Params::new(), Some(&Body::form(&params)), headers)
}

fn roa(
    call: &Call,
    envelope: &Envelope<'_>,
    credentials: &Credentials,
) -> Result<Request<Bytes>, http::Error> {
    let mut headers = Headers::from([
        ("host".to_owned(), envelope.endpoint.host()),
        ("date".to_owned(), http_date(envelope.date)),
        ("accept".to_owned(), "application/json".to_owned()),
        ("x-acs-action".to_owned(), envelope.action.to_owned()),
        ("x-acs-version".to_owned(), envelope.version.to_owned()),
        ("x-acs-signature-method".to_owned(), "HMAC-SHA1".to_owned()),
        ("x-acs-signature-version".to_owned(), "1.0".to_owned()),
        ("x-acs-signature-nonce".to_owned(), envelope.nonce.to_owned()),
    ]);
    insert_content_type(&mut headers, call);
    insert_token(&mut headers, credentials);
    let authorization = roa_v1::authorization(
        &roa_v1::RoaRequest {
            method: call.method.as_str(),
            path: &call.path,
            query: &call.query,
            headers: &headers,
        },
        credentials.access_key_id(),
        credentials.access_key_secret(),
    );
    headers.insert("authorization".to_owned(), authorization);
    finish(call, envelope, &call.query, call.body.as_ref(), headers)
}

/// The unsigned exchange of an OIDC token: public parameters in the query, the others stay in the form body.
fn anonymous(call: &Call, envelope: &Envelope<'_>) -> Result<Request<Bytes>, http::Error> {
    let mut params = call.query.clone();
    params.extend(
        [
            ("Action", envelope.action),
            ("Version", envelope.version),
            ("Format", "JSON"),
            ("Timestamp", &iso_seconds(envelope.date)),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned())),
    );
    let headers = Headers::from([("host".to_owned(), envelope.endpoint.host())]);
    finish(call, envelope, &params, call.body.as_ref(), headers)
}

fn insert_content_type(headers: &mut Headers, call: &Call) {
    if let Some(body) = &call.body {
        headers.insert("content-type".to_owned(), body.content_type.to_owned());
    }
}

fn insert_token(headers: &mut Headers, credentials: &Credentials) {
    if let Some(token) = credentials.security_token() {
        headers.insert("x-acs-accesskey-id".to_owned(), credentials.access_key_id().to_owned());
        headers.insert("x-acs-security-token".to_owned(), token.expose_secret().to_owned());
    }
}

fn query(params: &Params) -> String {
    encode_pairs(params.iter().map(|(key, value)| (key.as_str(), value.as_str())))
}

fn finish(
    call: &Call,
    envelope: &Envelope<'_>,
    params: &Params,
    body: Option<&Body>,
    headers: Headers,
) -> Result<Request<Bytes>, http::Error> {
    let query = query(params);
    let target =
        if query.is_empty() { call.path.clone() } else { format!("{}?{query}", call.path) };
    let uri = Uri::builder()
        .scheme(envelope.endpoint.scheme().clone())
        .authority(envelope.endpoint.host())
        .path_and_query(target)
        .build()?;
    let mut request = Request::builder()
        .method(call.method.clone())
        .uri(uri)
        .body(body.map(|body| body.bytes.clone()).unwrap_or_default())?;
    let map = request.headers_mut();
    map.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    map.insert(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
    if let Some(body) = body {
        map.insert(header::CONTENT_TYPE, HeaderValue::from_static(body.content_type));
    }
    for (name, value) in headers {
        let mut value = HeaderValue::from_str(&value)?;
        value.set_sensitive(matches!(name.as_str(), "authorization" | "x-acs-security-token"));
        map.insert(header::HeaderName::from_bytes(name.as_bytes())?, value);
    }
    Ok(request)
}
