//! The record of calls: what was asked, by whom, and what came of it.

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, Utc};
use serde::Serialize;

/// How a request was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Scheme {
    /// Parameters and an HMAC-SHA1 `Signature` parameter.
    RpcV1,
    /// Headers and `Authorization: acs …`.
    RoaV1,
    /// Headers and `Authorization: ACS3-HMAC-SHA256 …`.
    Acs3,
    /// Not signed.
    Anonymous,
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// Done and answered.
    Ok,
    /// Refused with this code.
    Refused(String),
    /// A planned fault struck; `done` tells whether the work was done before.
    Broken {
        /// The effect took place.
        done: bool,
    },
}

/// One call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CallRecord {
    /// When it arrived.
    pub at: DateTime<Utc>,
    /// Action name; empty when the request named none that exists.
    pub action: String,
    /// How it was signed.
    pub scheme: Scheme,
    /// Access key id it claimed, empty if anonymous.
    pub access_key_id: String,
    /// Parameters by name without those of the signature; tokens and passwords read `***`, long
    /// values are cut to 256 characters. For ROA calls: query and top-level body members.
    pub params: BTreeMap<String, String>,
    /// Names that were sent but that the action never looked at, sorted: typing errors of the client.
    /// Empty unless the outcome is `Ok`.
    pub unknown_params: Vec<String>,
    /// HTTP status of the answer.
    pub status: u16,
    /// What came of it.
    pub outcome: Outcome,
    /// Request id of the answer.
    pub request_id: String,
}

/// Bounded log plus unbounded counters.
#[derive(Debug, Default)]
pub(crate) struct CallLog {
    records: VecDeque<CallRecord>,
    counts: BTreeMap<String, u64>,
}

impl CallLog {
    /// Appends a record and drops the oldest beyond `limit`.
    pub(crate) fn push(&mut self, record: CallRecord, limit: usize) {
        *self.counts.entry(record.action.clone()).or_default() += 1;
        self.records.push_back(record);
        while self.records.len() > limit {
            self.records.pop_front();
        }
    }

    /// Records, oldest first.
    pub(crate) fn records(&self) -> Vec<CallRecord> {
        self.records.iter().cloned().collect()
    }

    /// Number of calls by action.
    pub(crate) fn counts(&self) -> &BTreeMap<String, u64> {
        &self.counts
    }

    /// Empties log and counters.
    pub(crate) fn clear(&mut self) {
        self.records.clear();
        self.counts.clear();
    }
}

/// A copy of `params` fit to be kept.
pub(crate) fn redacted(params: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    const SECRET: [&str; 4] = ["OIDCToken", "SecurityToken", "Password", "Signature"];
    let keep = |(name, value): (&String, &String)| {
        let secret = SECRET.iter().any(|s| name == s || name.ends_with(&format!(".{s}")));
        let value = if secret { "***".into() } else { value.chars().take(256).collect() };
        (name.clone(), value)
    };
    params.iter().map(keep).collect()
}
