//! What every [`CloudProvider`] has to do, as a suite that any provider can run.
//!
//! A rule that is broken is data, so a provider's test is one line: no [`Violation`] is found. Rules stand by subject:
//! `catalog`, `launch`, `lookup`, `deletion`.
//!
//! Source: ours; Karpenter behaviour, contract of cloud providers.

mod catalog;
mod deletion;
mod launch;
mod lookup;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use crate::cloud_provider::{CloudProvider, CloudProviderError, Instance};
use crate::model::node_claim::NodeClaim;
use crate::model::node_pool::NodePool;

/// A provider with a cloud of its own, as the suite needs it.
#[async_trait]
pub trait Subject: Send + Sync {
    /// The provider of a process that has just started; every one works on the same cloud.
    fn provider(&self) -> Arc<dyn CloudProvider>;

    /// A claim called `name` that can be launched; its uid belongs to the name.
    fn claim(&self, name: &str) -> NodeClaim;

    /// A pool with instance types.
    fn pool(&self) -> NodePool;

    /// Lets everything the cloud does by itself come to its end: launches, deletions.
    async fn settle(&self);
}

/// A rule that a provider breaks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// The rule, a sentence.
    pub rule: &'static str,
    /// What was seen instead.
    pub seen: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; seen: {}", self.rule, self.seen)
    }
}

/// Everything `subject` does wrong, in the order of the rules; claims of the suite are called `conformance-*`.
pub async fn check(subject: &dyn Subject) -> Vec<Violation> {
    let mut findings = Findings(vec![]);
    catalog::check(subject, &mut findings).await;
    launch::check(subject, &mut findings).await;
    lookup::check(subject, &mut findings).await;
    deletion::check(subject, &mut findings).await;
    findings.0
}

/// What was found so far.
struct Findings(Vec<Violation>);

impl Findings {
    /// `rule` holds, or something else was `seen`.
    fn expect(&mut self, rule: &'static str, holds: bool, seen: impl FnOnce() -> String) {
        if !holds {
            self.0.push(Violation { rule, seen: seen() });
        }
    }

    /// The answer, or nothing when `rule` says that there is one.
    fn answer<T>(&mut self, rule: &'static str, got: Result<T, CloudProviderError>) -> Option<T> {
        match got {
            Ok(answer) => Some(answer),
            Err(error) => {
                self.0.push(Violation { rule, seen: format!("error: {error}") });
                None
            }
        }
    }
}

/// The claim once `instance` has been launched for it.
fn launched(claim: &NodeClaim, instance: &Instance) -> NodeClaim {
    NodeClaim { provider: Some(instance.provider_id.clone()), launched: true, ..claim.clone() }
}
