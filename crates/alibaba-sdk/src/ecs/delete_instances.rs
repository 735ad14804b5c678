//! DeleteInstances and DeleteInstance: release instances.

use serde::Serialize;

use super::Done;
use crate::action::rpc_action;

/// Releases 1 to 100 instances; one bad id fails the call and nothing is released.
///
/// Source: Alibaba action DeleteInstances.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteInstances {
    /// 1 to 100 ids.
    pub instance_id: Vec<String>,
    /// Whether running instances are released too; default false.
    pub force: Option<bool>,
    /// With `force`: power off (default) instead of a shutdown that takes minutes.
    pub force_stop: Option<bool>,
    /// Whether prepaid instances are released before they expire.
    pub terminate_subscription: Option<bool>,
    /// At most 64 ASCII characters.
    pub client_token: Option<String>,
    /// Only check: success is the error kind `DryRun`.
    pub dry_run: Option<bool>,
}

/// Releases one instance. Takes no `RegionId` and no `ClientToken`; releasing twice is harmless.
///
/// Source: Alibaba action DeleteInstance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteInstance {
    /// Id of the instance.
    pub instance_id: String,
    /// Whether a running instance is released too; default false.
    pub force: Option<bool>,
    /// With `force`: power off (default) instead of a shutdown that takes minutes.
    pub force_stop: Option<bool>,
    /// Whether a prepaid instance is released before it expires.
    pub terminate_subscription: Option<bool>,
    /// Only check: success is the error kind `DryRun`.
    pub dry_run: Option<bool>,
}

rpc_action!(DeleteInstances => Done, Ecs, "DeleteInstances");
rpc_action!(DeleteInstance => Done, Ecs, "DeleteInstance", {
    const REGIONAL: bool = false;
});
