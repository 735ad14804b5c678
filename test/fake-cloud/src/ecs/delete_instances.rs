//! DeleteInstances and DeleteInstance.

use serde_json::json;

use crate::{
    InstanceStatus, action::Call, error::ApiError, http::respond::Reply, params::Params,
    world::World,
};

/// Most ids of one call.
const MAX_IDS: usize = 100;

/// Releases up to 100 instances; one that cannot be released fails the call and none is touched.
///
/// Source: Alibaba action DeleteInstances.
pub(crate) fn delete_instances(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    const ACTION: &str = "DeleteInstances";
    call.params.required("RegionId")?;
    let ids = call.params.list("InstanceId")?;
    if ids.is_empty() {
        return Err(ApiError::missing("InstanceId"));
    }
    if ids.len() > MAX_IDS {
        return Err(ApiError::invalid("InstanceId"));
    }
    let dry_run = call.params.flag("DryRun")?.unwrap_or(false);
    if !dry_run && let Some(answer) = call.world.account.recall(ACTION, call.params, call.now)? {
        return Ok(answer.into());
    }
    release(call, &ids)?;
    call.world.account.remember(ACTION, call.params, &json!({}), call.now);
    Ok(json!({}).into())
}

/// Releases one instance.
///
/// Source: Alibaba action DeleteInstance.
pub(crate) fn delete_instance(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let id = call.params.required("InstanceId")?.to_owned();
    call.params.raw("RegionId");
    release(call, &[id])?;
    Ok(json!({}).into())
}

fn release(call: &mut Call<'_>, ids: &[String]) -> Result<(), ApiError> {
    let force = options(call.params)?;
    for id in ids {
        check(call.world, id, force)?;
    }
    if call.params.flag("DryRun")?.unwrap_or(false) {
        return Err(ApiError::bad(
            "DRYRUN.SUCCESS",
            "All validations are passed, the DryRun flag was set.",
        ));
    }
    for id in ids {
        call.world.release(id, call.now);
    }
    Ok(())
}

/// Reads the flags and returns `Force`.
fn options(params: &Params) -> Result<bool, ApiError> {
    params.flag("ForceStop")?;
    params.flag("TerminateSubscription")?;
    Ok(params.flag("Force")?.unwrap_or(false))
}

fn check(world: &World, id: &str, force: bool) -> Result<(), ApiError> {
    let instance = world.instances.get(id).ok_or_else(not_found)?;
    if instance.deletion_protection {
        return Err(ApiError::forbidden(
            "InvalidOperation.DeletionProtection",
            "The operation is not allowed because the instance is protected against deletion.",
        ));
    }
    match instance.status {
        InstanceStatus::Pending | InstanceStatus::Starting => Err(ApiError::forbidden(
            "IncorrectInstanceStatus.Initializing",
            "The specified instance status does not support this operation.",
        )),
        InstanceStatus::Running if !force => Err(ApiError::forbidden(
            "IncorrectInstanceStatus",
            "The current status of the resource does not support this operation.",
        )),
        InstanceStatus::Running | InstanceStatus::Stopping | InstanceStatus::Stopped => Ok(()),
    }
}

/// The refusal of an id that does not exist.
pub(super) fn not_found() -> ApiError {
    ApiError::not_found("InvalidInstanceId.NotFound", "The specified InstanceId does not exist.")
}
