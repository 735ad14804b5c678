//! RPC signature v1: HMAC-SHA1 over the sorted parameters.
//!
//! Headers are not signed. The signed parameters are all public and action parameters except `Signature`, empty
//! values included.
//!
//! Source: Alibaba Cloud OpenAPI, RPC signature 1.0.

use secrecy::{ExposeSecret as _, SecretString};

use super::hmac_sha1_base64;
use crate::{
    encode::{encode, encode_pairs},
    params::Params,
};

/// The parameters sorted by raw key, encoded and joined; `Signature` must not be among them.
#[must_use]
pub fn canonical(params: &Params) -> String {
    encode_pairs(params.iter().map(|(key, value)| (key.as_str(), value.as_str())))
}

/// The base64 signature of `params` sent with `method` (`GET` or `POST`).
#[must_use]
pub fn signature(method: &str, params: &Params, secret: &SecretString) -> String {
    let to_sign = format!("{method}&%2F&{}", encode(&canonical(params)));
    let key = format!("{}&", secret.expose_secret());
    hmac_sha1_base64(key.as_bytes(), &to_sign)
}
