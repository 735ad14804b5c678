//! RPC signature version 1: HMAC-SHA1 over all parameters but the signature.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use super::{Claim, bad_time};
use crate::{
    error::ApiError,
    http::{
        codec::{canonical_query, encode},
        inbound::Inbound,
    },
    time,
};

/// Reads key, time, nonce and signature from the parameters.
///
/// # Errors
/// `MissingParameter`, `InvalidParameter`, `InvalidTimeStamp.Format`.
pub(super) fn claim(inbound: &Inbound) -> Result<Claim, ApiError> {
    let required = |name: &str| {
        inbound.param(name).filter(|v| !v.is_empty()).ok_or_else(|| ApiError::missing(name))
    };
    if required("SignatureMethod")? != "HMAC-SHA1" {
        return Err(ApiError::invalid("SignatureMethod"));
    }
    if required("SignatureVersion")? != "1.0" {
        return Err(ApiError::invalid("SignatureVersion"));
    }
    Ok(Claim {
        key_id: required("AccessKeyId")?.to_owned(),
        token: inbound.param("SecurityToken").map(String::from),
        at: time::parse(required("Timestamp")?).ok_or_else(bad_time)?,
        nonce: Some(required("SignatureNonce")?.to_owned()),
        signature: required("Signature")?.to_owned(),
        to_sign: vec![string_to_sign(inbound)],
    })
}

/// `METHOD&%2F&<encoded canonical query>`; empty parameters take part.
pub(super) fn string_to_sign(inbound: &Inbound) -> String {
    let signed: Vec<_> = inbound.pairs().filter(|(name, _)| name != "Signature").cloned().collect();
    format!("{}&%2F&{}", inbound.method, encode(&canonical_query(&signed)))
}

/// Base64 of HMAC-SHA1 with the secret and a trailing `&` as key.
pub(super) fn sign(secret: &str, text: &str) -> String {
    hmac_sha1(&format!("{secret}&"), text)
}

/// Base64 of HMAC-SHA1.
pub(super) fn hmac_sha1(key: &str, text: &str) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(key.as_bytes())
        .expect("invariant: HMAC takes keys of any length");
    mac.update(text.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}
