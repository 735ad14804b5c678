//! Who is calling: signature scheme, key, skew, nonce.
//!
//! Source: Alibaba "Signature method" pages for RPC, ROA and V3.

mod acs3;
mod nonces;
mod roa_v1;
mod rpc_v1;

#[cfg(test)]
mod tests;

use chrono::{DateTime, TimeDelta, Utc};

pub(crate) use self::nonces::Nonces;
use crate::{
    Config, Scheme, SignatureCheck, action::Action, cloud::State, error::ApiError,
    http::inbound::Inbound,
};

/// Largest difference between the clocks of caller and service, and the memory for nonces.
pub(crate) const TOLERANCE: TimeDelta = TimeDelta::minutes(15);

/// Who a verified call comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Caller {
    /// The account itself.
    Account,
    /// A session of a role.
    Role {
        /// Arn of the role.
        arn: String,
        /// Session name.
        session: String,
    },
}

/// What a scheme reads from a request.
#[derive(Debug)]
pub(crate) struct Claim {
    pub(crate) key_id: String,
    pub(crate) token: Option<String>,
    pub(crate) at: DateTime<Utc>,
    pub(crate) nonce: Option<String>,
    pub(crate) signature: String,
    /// Texts that may have been signed; the first is the one shown in errors.
    pub(crate) to_sign: Vec<String>,
}

/// The scheme of a request, decided by what carries the signature.
pub(crate) fn scheme(inbound: &Inbound) -> Scheme {
    let authorization = inbound.header("authorization").unwrap_or_default();
    if authorization.starts_with("ACS3-") {
        Scheme::Acs3
    } else if authorization.starts_with("acs ") {
        Scheme::RoaV1
    } else if inbound.param("Signature").is_some() {
        Scheme::RpcV1
    } else {
        Scheme::Anonymous
    }
}

/// The access key id a request claims, empty if none.
pub(crate) fn claimed_key(inbound: &Inbound) -> String {
    let authorization = inbound.header("authorization").unwrap_or_default();
    let key = match scheme(inbound) {
        Scheme::Acs3 => {
            authorization.split_once("Credential=").and_then(|(_, r)| r.split(',').next())
        }
        Scheme::RoaV1 => authorization.strip_prefix("acs ").and_then(|r| r.split(':').next()),
        Scheme::RpcV1 => inbound.param("AccessKeyId"),
        Scheme::Anonymous => None,
    };
    key.unwrap_or_default().chars().take(128).collect()
}

impl State {
    /// Verifies a request as the service does.
    ///
    /// # Errors
    /// `MissingParameter`, `InvalidAccessKeyId.NotFound`, `InvalidSecurityToken.*`,
    /// `InvalidTimeStamp.*`, `SignatureDoesNotMatch`, `SignatureNonceUsed`.
    pub(crate) fn verify(
        &mut self,
        config: &Config,
        inbound: &Inbound,
        action: &Action,
        now: DateTime<Utc>,
    ) -> Result<Caller, ApiError> {
        let scheme = scheme(inbound);
        if config.signatures == SignatureCheck::Off
            || (scheme == Scheme::Anonymous && action.unsigned)
        {
            return Ok(Caller::Account);
        }
        let claim = match scheme {
            Scheme::Acs3 => acs3::claim(inbound)?,
            Scheme::RoaV1 => roa_v1::claim(inbound)?,
            Scheme::RpcV1 => rpc_v1::claim(inbound)?,
            Scheme::Anonymous => return Err(ApiError::missing("Signature")),
        };
        let (secret, caller) = self.key(config, &claim, now)?;
        if (now - claim.at).abs() > TOLERANCE {
            return Err(ApiError::bad(
                "InvalidTimeStamp.Expired",
                "Specified time stamp or date value is expired.",
            ));
        }
        let sign = match scheme {
            Scheme::Acs3 => acs3::sign,
            Scheme::RoaV1 => roa_v1::sign,
            Scheme::RpcV1 | Scheme::Anonymous => rpc_v1::sign,
        };
        if !claim.to_sign.iter().any(|text| sign(&secret, text) == claim.signature) {
            return Err(mismatch(&claim));
        }
        match &claim.nonce {
            Some(nonce) if !self.nonces.take(&claim.key_id, nonce, now) => Err(ApiError::bad(
                "SignatureNonceUsed",
                "Specified signature nonce was used already.",
            )),
            _ => Ok(caller),
        }
    }

    fn key(
        &self,
        config: &Config,
        claim: &Claim,
        now: DateTime<Utc>,
    ) -> Result<(String, Caller), ApiError> {
        if let Some(key) = config.access_keys.iter().find(|key| key.id == claim.key_id) {
            return Ok((key.secret().to_owned(), Caller::Account));
        }
        let Some(issued) = self.world.account.issued.get(&claim.key_id) else {
            return Err(ApiError::not_found(
                "InvalidAccessKeyId.NotFound",
                "Specified access key is not found.",
            ));
        };
        let refused =
            |code: &str| Err(ApiError::bad(code, "Specified SecurityToken is not valid."));
        match &claim.token {
            None => refused("MissingSecurityToken"),
            Some(token) if *token != issued.token => {
                refused("InvalidSecurityToken.MismatchWithAccessKey")
            }
            Some(_) if issued.expires <= now => refused("InvalidSecurityToken.Expired"),
            Some(_) => {
                let caller =
                    Caller::Role { arn: issued.role_arn.clone(), session: issued.session.clone() };
                Ok((issued.secret.clone(), caller))
            }
        }
    }
}

fn mismatch(claim: &Claim) -> ApiError {
    let text = claim.to_sign.first().map_or("", String::as_str);
    ApiError::bad(
        "SignatureDoesNotMatch",
        format!(
            "Specified signature is not matched with our calculation. server string to sign is:{text}"
        ),
    )
}

/// The refusal of a time that cannot be read.
pub(crate) fn bad_time() -> ApiError {
    ApiError::bad(
        "InvalidTimeStamp.Format",
        "Specified time stamp or date value is not well formatted.",
    )
}
