//! Signature V3, `ACS3-HMAC-SHA256`: the default.
//!
//! There is no key derivation: the string to sign is the algorithm name and the hash of the canonical request.
//!
//! Source: Alibaba Cloud OpenAPI, signature V3.

use std::collections::BTreeMap;

use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use crate::{encode::encode_pairs, params::Params};

/// Algorithm name in the string to sign and the `Authorization` header.
pub const ALGORITHM: &str = "ACS3-HMAC-SHA256";

/// The parts of a request that V3 signs.
#[derive(Clone, Copy, Debug)]
pub struct V3Request<'a> {
    /// Upper-case HTTP method.
    pub method: &'a str,
    /// Percent-encoded path; empty means `/`.
    pub path: &'a str,
    /// Query parameters, decoded.
    pub query: &'a Params,
    /// Exactly the headers to sign, by lower-case name. Must hold `x-acs-content-sha256`.
    pub headers: &'a BTreeMap<String, String>,
}

/// What signing a request yields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct V3Signature {
    /// Lower-case hex SHA-256 of the canonical request.
    pub canonical_sha256: String,
    /// Signed header names joined by `;`, sorted.
    pub signed_headers: String,
    /// Lower-case hex HMAC-SHA256.
    pub signature: String,
}

impl V3Signature {
    /// The `Authorization` header value for `access_key_id`.
    #[must_use]
    pub fn authorization(&self, access_key_id: &str) -> String {
        let Self { signed_headers, signature, .. } = self;
        format!(
            "{ALGORITHM} Credential={access_key_id},SignedHeaders={signed_headers},Signature={signature}"
        )
    }
}

/// Lower-case hex SHA-256 of a body, the value of `x-acs-content-sha256`.
#[must_use]
pub fn content_sha256(body: &[u8]) -> String {
    hex::encode(Sha256::digest(body))
}

/// The canonical request, byte for byte as hashed.
#[must_use]
pub fn canonical_request(request: &V3Request<'_>) -> String {
    let path = if request.path.is_empty() { "/" } else { request.path };
    let query =
        encode_pairs(request.query.iter().map(|(key, value)| (key.as_str(), value.as_str())));
    let mut text = format!("{}\n{path}\n{query}\n", request.method);
    for (name, value) in request.headers {
        text.extend([name, ":", value.trim(), "\n"]);
    }
    let payload = request.headers.get("x-acs-content-sha256").map_or("", String::as_str);
    text.extend(["\n", &signed_headers(request.headers), "\n", payload]);
    text
}

/// Signs `request` with the access key secret.
#[must_use]
pub fn sign(request: &V3Request<'_>, secret: &SecretString) -> V3Signature {
    let canonical_sha256 = content_sha256(canonical_request(request).as_bytes());
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes())
        .expect("invariant: HMAC takes any key length");
    mac.update(format!("{ALGORITHM}\n{canonical_sha256}").as_bytes());
    V3Signature {
        canonical_sha256,
        signed_headers: signed_headers(request.headers),
        signature: hex::encode(mac.finalize().into_bytes()),
    }
}

fn signed_headers(headers: &BTreeMap<String, String>) -> String {
    headers.keys().map(String::as_str).collect::<Vec<_>>().join(";")
}
