//! The account: roles, quotas, what RAM forbids, client tokens, keys issued by STS.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{Config, data::pairs, error::ApiError, ids::Ids, params::Params};

/// How long a client token is remembered.
const TOKEN_MEMORY: TimeDelta = TimeDelta::hours(24);

/// Account-wide facts.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Account {
    /// Decimal account id.
    pub(crate) id: String,
    /// Roles that trust ECS, by name.
    pub(crate) roles: BTreeSet<String>,
    /// Key pairs by name.
    pub(crate) key_pairs: BTreeSet<String>,
    /// vCPU quota by family; absent means unlimited.
    pub(crate) vcpu_quotas: BTreeMap<String, u32>,
    /// Actions that RAM denies.
    pub(crate) denied: BTreeSet<String>,
    /// Keys issued by STS, by access key id.
    pub(crate) issued: BTreeMap<String, IssuedKey>,
    #[serde(with = "pairs")]
    tokens: BTreeMap<(String, String), Remembered>,
}

/// A temporary key; secret and token never show in `Debug`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct IssuedKey {
    /// Secret part.
    pub(crate) secret: String,
    /// Security token that must come along.
    pub(crate) token: String,
    /// When both end.
    pub(crate) expires: DateTime<Utc>,
    /// Role it stands for.
    pub(crate) role_arn: String,
    /// Session name.
    pub(crate) session: String,
}

impl fmt::Debug for IssuedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuedKey").field("expires", &self.expires).finish_non_exhaustive()
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Remembered {
    fingerprint: [u8; 32],
    answer: Value,
    until: DateTime<Utc>,
}

impl Account {
    /// The account of a fresh world.
    pub(crate) fn new(config: &Config) -> Account {
        let names = |all: &[&str]| all.iter().map(|name| (*name).to_owned()).collect();
        Account {
            id: config.account_id.clone(),
            roles: names(&["KubernetesWorkerRole", "AliyunCSDefaultRole"]),
            key_pairs: names(&["default"]),
            vcpu_quotas: BTreeMap::new(),
            denied: BTreeSet::new(),
            issued: BTreeMap::new(),
            tokens: BTreeMap::new(),
        }
    }

    /// The earlier answer to the same request under the same client token.
    ///
    /// # Errors
    /// `IdempotentParameterMismatch` when the token was used with other parameters.
    pub(crate) fn recall(
        &mut self,
        action: &str,
        params: &Params,
        now: DateTime<Utc>,
    ) -> Result<Option<Value>, ApiError> {
        self.tokens.retain(|_, remembered| remembered.until > now);
        let Some(token) = client_token(params)? else { return Ok(None) };
        match self.tokens.get(&(action.to_owned(), token)) {
            None => Ok(None),
            Some(known) if known.fingerprint == fingerprint(params) => {
                Ok(Some(known.answer.clone()))
            }
            Some(_) => Err(ApiError::bad(
                "IdempotentParameterMismatch",
                "The request uses the same client token as a previous, but non-identical request.",
            )),
        }
    }

    /// Remembers a success under the client token of the request, if it has one.
    pub(crate) fn remember(
        &mut self,
        action: &str,
        params: &Params,
        answer: &Value,
        now: DateTime<Utc>,
    ) {
        if let Some(token) = params.text("ClientToken") {
            let remembered = Remembered {
                fingerprint: fingerprint(params),
                answer: answer.clone(),
                until: now + TOKEN_MEMORY,
            };
            self.tokens.insert((action.to_owned(), token.to_owned()), remembered);
        }
    }

    /// Issues a temporary key for a role.
    pub(crate) fn issue(
        &mut self,
        ids: &mut Ids,
        role_arn: &str,
        session: &str,
        expires: DateTime<Utc>,
    ) -> (String, IssuedKey) {
        let id = format!("STS.{}", ids.base36("sts-key", 22));
        let key = IssuedKey {
            secret: ids.base36("sts-secret", 30),
            token: format!("CAIS{}", ids.base36("sts-token", 32)),
            expires,
            role_arn: role_arn.to_owned(),
            session: session.to_owned(),
        };
        self.issued.insert(id.clone(), key.clone());
        (id, key)
    }
}

fn client_token(params: &Params) -> Result<Option<String>, ApiError> {
    match params.text("ClientToken") {
        Some(token) if token.len() > 64 || !token.is_ascii() => Err(ApiError::bad(
            "InvalidClientToken.ValueNotSupported",
            "The ClientToken provided is invalid.",
        )),
        token => Ok(token.map(String::from)),
    }
}

fn fingerprint(params: &Params) -> [u8; 32] {
    let mut hash = Sha256::new();
    for (name, value) in params.values() {
        if name != "ClientToken" {
            hash.update((name.len() as u64).to_be_bytes());
            hash.update(name);
            hash.update((value.len() as u64).to_be_bytes());
            hash.update(value);
        }
    }
    hash.finalize().into()
}
