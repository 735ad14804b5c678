//! Signature version 3, `ACS3-HMAC-SHA256`: HMAC-SHA256 over a canonical request.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::{Claim, bad_time};
use crate::{
    error::ApiError,
    http::{codec::canonical_query, inbound::Inbound},
    time,
};

const ALGORITHM: &str = "ACS3-HMAC-SHA256";
const MANDATORY: [&str; 6] = [
    "host",
    "x-acs-action",
    "x-acs-content-sha256",
    "x-acs-date",
    "x-acs-signature-nonce",
    "x-acs-version",
];

/// Reads key, time, nonce, list of signed headers and signature from the headers.
///
/// # Errors
/// `MissingParameter`, `IncompleteSignature` for a malformed or incomplete `Authorization`,
/// `SignatureDoesNotMatch` when the body is not the one whose hash was signed.
pub(super) fn claim(inbound: &Inbound) -> Result<Claim, ApiError> {
    let authorization = inbound.header("authorization").unwrap_or_default();
    let fields = authorization.strip_prefix(ALGORITHM).ok_or_else(incomplete)?.trim();
    let field = |name: &str| {
        fields
            .split(',')
            .find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='))
            .ok_or_else(incomplete)
    };
    let signed: Vec<&str> = field("SignedHeaders")?.split(';').collect();
    if let Some(name) = MANDATORY.iter().find(|name| !signed.contains(name)) {
        return Err(ApiError::bad(
            "IncompleteSignature",
            format!("The header {name} is not signed."),
        ));
    }
    let header = |name: &str| inbound.header(name).ok_or_else(|| ApiError::missing(name));
    if header("x-acs-content-sha256")? != hex::encode(Sha256::digest(&inbound.body)) {
        return Err(ApiError::bad(
            "SignatureDoesNotMatch",
            "The hash of the body is not the value of x-acs-content-sha256.",
        ));
    }
    let to_sign = inbound.signed_paths().into_iter().map(|p| string_to_sign(inbound, p, &signed));
    Ok(Claim {
        key_id: field("Credential")?.to_owned(),
        token: inbound.header("x-acs-security-token"),
        at: time::parse(&header("x-acs-date")?).ok_or_else(bad_time)?,
        nonce: Some(header("x-acs-signature-nonce")?),
        signature: field("Signature")?.to_owned(),
        to_sign: to_sign.collect(),
    })
}

/// The canonical request, with the headers of the list in its order.
pub(super) fn canonical_request(inbound: &Inbound, path: &str, signed: &[&str]) -> String {
    let mut text = format!("{}\n{path}\n{}\n", inbound.method, canonical_query(&inbound.query));
    for name in signed {
        text.push_str(&format!("{name}:{}\n", inbound.header(name).unwrap_or_default()));
    }
    let hash = inbound.header("x-acs-content-sha256").unwrap_or_default();
    text.push_str(&format!("\n{}\n{hash}", signed.join(";")));
    text
}

/// Hex of HMAC-SHA256 with the bare secret as key.
pub(super) fn sign(secret: &str, text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes())
        .expect("invariant: HMAC takes keys of any length");
    mac.update(text.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

fn string_to_sign(inbound: &Inbound, path: &str, signed: &[&str]) -> String {
    let hash = hex::encode(Sha256::digest(canonical_request(inbound, path, signed)));
    format!("{ALGORITHM}\n{hash}")
}

fn incomplete() -> ApiError {
    ApiError::bad("IncompleteSignature", "The Authorization header is not well formed.")
}
