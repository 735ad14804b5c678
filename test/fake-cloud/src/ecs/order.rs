//! The checks that RunInstances and CreateAutoProvisioningGroup share.

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::{
    Architecture, Image, InstanceType, SpotStrategy,
    error::ApiError,
    params::Params,
    world::{World, network::VSwitch},
};

/// Largest user data before base64, bytes.
const MAX_USER_DATA: usize = 32 * 1024;

/// The instance type.
///
/// # Errors
/// `InvalidInstanceType.ValueNotSupported`.
pub(super) fn instance_type<'a>(world: &'a World, id: &str) -> Result<&'a InstanceType, ApiError> {
    world.types.get(id).ok_or_else(|| {
        ApiError::bad(
            "InvalidInstanceType.ValueNotSupported",
            "The specified InstanceType does not exist or beyond the permitted range.",
        )
    })
}

/// The image, by id or as the newest of a family, that boots on the type.
///
/// # Errors
/// `MissingParameter` without either, `InvalidParameter` with both, `InvalidImageId.NotFound`,
/// `ImageNotSupportInstanceType`.
pub(super) fn image<'a>(
    world: &'a World,
    id: Option<&str>,
    family: Option<&str>,
    of: &InstanceType,
) -> Result<&'a Image, ApiError> {
    let image = match (id, family) {
        (None, None) => return Err(ApiError::missing("ImageId")),
        (Some(_), Some(_)) => return Err(ApiError::invalid("ImageFamily")),
        (Some(id), None) => world.images.get(id).filter(|image| image.status != "UnAvailable"),
        (None, Some(family)) => newest_of_family(world, family),
    };
    let image = image.ok_or_else(|| {
        ApiError::not_found("InvalidImageId.NotFound", "The specified ImageId does not exist.")
    })?;
    if image.architecture != of.architecture {
        let arch = if of.architecture == Architecture::Arm { "arm64" } else { "x86_64" };
        return Err(ApiError::forbidden(
            "ImageNotSupportInstanceType",
            format!(
                "The specified image does not support the specified instance type, which is {arch}."
            ),
        ));
    }
    Ok(image)
}

/// The newest available image of a family.
pub(super) fn newest_of_family<'a>(world: &'a World, family: &str) -> Option<&'a Image> {
    world
        .images
        .values()
        .filter(|image| image.family == family && image.status == "Available")
        .max_by_key(|image| (image.created, &image.id))
}

/// The vSwitch, in `zone` if one is named.
///
/// # Errors
/// `InvalidVSwitchId.NotFound`, `InvalidParameter.Mismatch`.
pub(super) fn vswitch<'a>(
    world: &'a World,
    id: &str,
    zone: Option<&str>,
) -> Result<&'a VSwitch, ApiError> {
    let vswitch = world.vswitches.get(id).ok_or_else(|| {
        ApiError::not_found("InvalidVSwitchId.NotFound", "The specified VSwitchId does not exist.")
    })?;
    match zone {
        Some(zone) if zone != vswitch.zone => {
            Err(ApiError::bad("InvalidParameter.Mismatch", "The vSwitch is not in the zone."))
        }
        _ => Ok(vswitch),
    }
}

/// The security groups, from either parameter, all in the VPC of the vSwitch.
///
/// # Errors
/// `MissingParameter` without any, `InvalidParameter` with both parameters,
/// `InvalidSecurityGroupId.NotFound`, `InvalidParameter.Mismatch`.
pub(super) fn security_groups(
    world: &World,
    one: Option<&str>,
    many: Vec<String>,
    vswitch: &VSwitch,
) -> Result<Vec<String>, ApiError> {
    let ids = match one {
        Some(_) if !many.is_empty() => return Err(ApiError::invalid("SecurityGroupIds")),
        Some(id) => vec![id.to_owned()],
        None => many,
    };
    if ids.is_empty() {
        return Err(ApiError::missing("SecurityGroupId"));
    }
    for id in &ids {
        let group = world.security_groups.get(id).ok_or_else(|| {
            ApiError::not_found(
                "InvalidSecurityGroupId.NotFound",
                "The specified SecurityGroupId does not exist.",
            )
        })?;
        if group.vpc_id != vswitch.vpc_id {
            return Err(ApiError::bad(
                "InvalidParameter.Mismatch",
                "The specified security group and vSwitch are not in the same VPC.",
            ));
        }
    }
    Ok(ids)
}

/// User data as sent, after a look inside.
///
/// # Errors
/// `InvalidUserData.Base64FormatInvalid`, `InvalidUserData.SizeExceeded`.
pub(super) fn user_data(text: Option<&str>) -> Result<String, ApiError> {
    let text = text.unwrap_or_default();
    let raw = STANDARD.decode(text).map_err(|_| {
        ApiError::bad(
            "InvalidUserData.Base64FormatInvalid",
            "The specified parameter UserData must be base64 encoded.",
        )
    })?;
    if raw.len() > MAX_USER_DATA {
        return Err(ApiError::bad(
            "InvalidUserData.SizeExceeded",
            "The specified parameter UserData exceeds the size.",
        ));
    }
    Ok(text.to_owned())
}

/// Spot strategy and price limit; the limit only counts with `SpotWithPriceLimit`.
///
/// # Errors
/// `InvalidParameter`, or `MissingParameter` for the limit.
pub(super) fn spot(
    strategy: Option<&str>,
    limit: Option<f64>,
) -> Result<(SpotStrategy, Option<f64>), ApiError> {
    match strategy {
        None | Some("NoSpot") => Ok((SpotStrategy::NoSpot, None)),
        Some("SpotAsPriceGo") => Ok((SpotStrategy::AsPriceGo, None)),
        Some("SpotWithPriceLimit") => match limit {
            Some(limit) => Ok((SpotStrategy::WithPriceLimit, Some(limit))),
            None => Err(ApiError::missing("SpotPriceLimit")),
        },
        Some(_) => Err(ApiError::invalid("SpotStrategy")),
    }
}

/// Role and key pair, if named, exist.
///
/// # Errors
/// `InvalidRamRole.NotFound`, `InvalidKeyPairName.NotFound`.
pub(super) fn identity(
    world: &World,
    params: &Params,
    prefix: &str,
) -> Result<(Option<String>, Option<String>), ApiError> {
    let role = params.text(&format!("{prefix}RamRoleName"));
    if role.is_some_and(|role| !world.account.roles.contains(role)) {
        return Err(ApiError::not_found(
            "InvalidRamRole.NotFound",
            "The specified RamRoleName does not exist.",
        ));
    }
    let key_pair = params.text(&format!("{prefix}KeyPairName"));
    if key_pair.is_some_and(|key_pair| !world.account.key_pairs.contains(key_pair)) {
        return Err(ApiError::not_found(
            "InvalidKeyPairName.NotFound",
            "The specified KeyPairName does not exist.",
        ));
    }
    Ok((role.map(String::from), key_pair.map(String::from)))
}

/// The refusal of any launch template; there are none.
pub(super) fn no_template() -> ApiError {
    ApiError::not_found(
        "InvalidLaunchTemplate.NotFound",
        "The specified launch template does not exist.",
    )
}
