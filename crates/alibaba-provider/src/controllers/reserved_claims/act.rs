//! Carrying steps out: one list of the cloud, and guarded writes of claims and nodes.

use std::sync::Arc;

use async_trait::async_trait;
use k8s_openapi::api::core::v1::Node;
use karpenter_core::api::labels as core;
use karpenter_core::api::v1::nodeclaim::NodeClaim;
use karpenter_core::cloud_provider::{CloudProvider, Instance};
use karpenter_core::effects::error::Error;
use karpenter_core::effects::events::EventSink;
use karpenter_core::effects::patch::{delete, merge_guarded};
use karpenter_core::effects::step::{Actor, Failure, FailureClass, Outcome};
use karpenter_core::model::ids::{NodeClaimName, Uid};
use karpenter_core::observe::events::{Event, ObjectRef, Severity};
use kube::Api;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::{Listing, ReservedStep};
use crate::api::labels;
use crate::provider::AlibabaProvider;

/// Event reason: a claim goes because its reservation ends.
const EXPIRING: &str = "CapacityReservationExpiring";

/// Lists instances, writes claims and nodes.
pub(super) struct Writer {
    pub(super) provider: Arc<AlibabaProvider>,
    pub(super) events: EventSink,
    pub(super) listing: Arc<Mutex<Listing>>,
}

#[async_trait]
impl Actor<ReservedStep> for Writer {
    async fn act(&self, step: ReservedStep) -> Result<Outcome, Failure> {
        let kube = self.provider.parts.kube.clone();
        let result = match &step {
            ReservedStep::List => return self.list().await,
            ReservedStep::Expire(name, uid) => self.expire(name, uid).await,
            ReservedStep::DemoteClaim(name, version) => {
                let api = Api::<NodeClaim>::all(kube);
                merge_guarded(&api, name.as_str(), version, by_use()).await.map(|_| ())
            }
            ReservedStep::DemoteNode(name, version) => {
                let api = Api::<Node>::all(kube);
                merge_guarded(&api, name.as_str(), version, by_use()).await.map(|_| ())
            }
        };
        result.map(|()| Outcome::Done).or_else(Error::outcome)
    }
}

/// Labels of what is paid by use.
fn by_use() -> Value {
    json!({ "metadata": { "labels": {
        core::CAPACITY_TYPE: core::CAPACITY_TYPE_ON_DEMAND,
        labels::CAPACITY_RESERVATION_ID: null,
        labels::CAPACITY_RESERVATION_TYPE: null,
    } } })
}

impl Writer {
    async fn list(&self) -> Result<Outcome, Failure> {
        let read = self.provider.parts.clock.now();
        let listed = self.provider.list().await.map_err(|error| Failure {
            message: error.to_string(),
            class: FailureClass::Retry { after: None },
        })?;
        let by_use = listed.into_iter().filter(is_by_use).map(|one| one.provider_id).collect();
        *self.listing.lock() = Listing { read: Some(read), on_demand: by_use };
        Ok(Outcome::Done)
    }

    async fn expire(&self, name: &NodeClaimName, uid: &Uid) -> Result<(), Error> {
        let api = Api::<NodeClaim>::all(self.provider.parts.kube.clone());
        delete(&api, name.as_str(), uid, None).await?;
        self.events.publish(Event {
            about: ObjectRef {
                api_version: "karpenter.sh/v1".to_owned(),
                kind: "NodeClaim".to_owned(),
                namespace: String::new(),
                name: name.to_string(),
                uid: uid.to_string(),
            },
            severity: Severity::Normal,
            reason: EXPIRING,
            message: "The capacity reservation of the node ends soon".to_owned(),
        });
        Ok(())
    }
}

fn is_by_use(instance: &Instance) -> bool {
    let kind = instance.labels.get(core::CAPACITY_TYPE);
    kind.is_some_and(|kind| **kind == *core::CAPACITY_TYPE_ON_DEMAND)
}
