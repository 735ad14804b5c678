//! `kwok.registration`: Nodes whose class delays them appear when they are due.
//!
//! *Flow.* The provider promises a Node; when its time has come, one step creates it.
//!
//! *Guarantees.* A Node is created once; one whose claim was given up meanwhile is deleted again.
//!
//! *Assumptions.* A launch changes the claim, which wakes the runner.
//!
//! *Caveats.* Promises do not outlive the process: their claims are deleted when their nodes do not register in time.
//!
//! *Errors.* A Node the API does not take is tried again with the runner's backoff.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use karpenter_core::controllers::reconciler::Controller;
use karpenter_core::decide::plan::{Plan, Step};
use karpenter_core::effects::step::{Actor, Failure, Outcome};
use karpenter_core::model::ids::ProviderId;

use crate::provider::{KwokProvider, Promise};

/// The row.
pub struct Registration(Arc<RegistrationActor>);

/// Creates Nodes.
pub struct RegistrationActor(Arc<KwokProvider>);

/// The Node of one instance is to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appear(pub ProviderId);

impl Registration {
    /// The row of `provider`.
    pub fn new(provider: Arc<KwokProvider>) -> Self {
        Self(Arc::new(RegistrationActor(provider)))
    }
}

impl Step for Appear {
    fn object(&self) -> String {
        self.0.to_string()
    }
}

/// Nodes that are due at `now`, and when the next one is.
pub fn plan(promised: &BTreeMap<ProviderId, Promise>, now: Timestamp) -> Plan<Appear> {
    let mut plan = Plan::default();
    for (id, promise) in promised {
        if promise.due <= now {
            plan.steps.push(Appear(id.clone()));
        } else {
            plan.wake(promise.due);
        }
    }
    plan
}

#[async_trait]
impl Controller for Registration {
    type Input = BTreeMap<ProviderId, Promise>;
    type Step = Appear;

    fn name(&self) -> &'static str {
        "kwok.registration"
    }

    async fn observe(&mut self) -> Option<Self::Input> {
        Some(self.0.0.promised())
    }

    fn decide(&mut self, promised: Self::Input, now: Timestamp) -> Plan<Appear> {
        plan(&promised, now)
    }

    fn actor(&self) -> Arc<dyn Actor<Appear>> {
        self.0.clone()
    }
}

#[async_trait]
impl Actor<Appear> for RegistrationActor {
    async fn act(&self, Appear(id): Appear) -> Result<Outcome, Failure> {
        match self.0.keep_promise(&id).await {
            Ok(()) => Ok(Outcome::Done),
            Err(error) => Err(Failure::retry(error.to_string())),
        }
    }
}
