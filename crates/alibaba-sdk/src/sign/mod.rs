//! The three request signatures, as pure functions of their inputs.
//!
//! | module | used for |
//! |---|---|
//! | [`acs3`] | default for every product: `ACS3-HMAC-SHA256` over method, path, query, headers and body hash |
//! | [`rpc_v1`] | RPC products on older gateways, and calls whose parameters do not fit into a URL |
//! | [`roa_v1`] | ROA products (CS) on older gateways |
//!
//! Nothing here reads a clock or draws a random number; `request` assembles the signed `http::Request`.

pub mod acs3;
pub(crate) mod request;
pub mod roa_v1;
pub mod rpc_v1;

/// Which family of signatures a client uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SignatureScheme {
    /// `ACS3-HMAC-SHA256` for both RPC and ROA calls; RPC calls whose query would exceed 16 KiB fall back to
    /// [`SignatureScheme::V1`] in a form body.
    #[default]
    Acs3,
    /// HMAC-SHA1: RPC v1 for RPC calls, ROA v1 for ROA calls.
    V1,
}

/// Base64 of HMAC-SHA1, shared by both first-generation signatures.
fn hmac_sha1_base64(key: &[u8], text: &str) -> String {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use hmac::{Hmac, KeyInit as _, Mac as _};
    let mut mac =
        Hmac::<sha1::Sha1>::new_from_slice(key).expect("invariant: HMAC takes any key length");
    mac.update(text.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests;
