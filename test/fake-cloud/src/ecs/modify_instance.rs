//! ModifyInstanceAttribute.

use serde_json::json;

use super::delete_instances::not_found;
use crate::{action::Call, error::ApiError, http::respond::Reply};

/// Changes name, host name, deletion protection or security groups.
///
/// Source: Alibaba action ModifyInstanceAttribute.
pub(crate) fn modify_instance_attribute(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let params = call.params;
    params.raw("RegionId");
    params.raw("Description");
    let id = params.required("InstanceId")?;
    let protection = params.flag("DeletionProtection")?;
    let groups = params.list("SecurityGroupIds")?;
    if groups.iter().any(|group| !call.world.security_groups.contains_key(group)) {
        return Err(ApiError::not_found(
            "InvalidSecurityGroupId.NotFound",
            "The specified SecurityGroupId does not exist.",
        ));
    }
    let instance = call.world.instances.get_mut(id).ok_or_else(not_found)?;
    if let Some(name) = params.text("InstanceName") {
        instance.name = name.to_owned();
    }
    if let Some(name) = params.text("HostName") {
        instance.host_name = name.to_owned();
    }
    if let Some(protection) = protection {
        instance.deletion_protection = protection;
    }
    if !groups.is_empty() {
        instance.security_group_ids = groups;
    }
    Ok(json!({}).into())
}
