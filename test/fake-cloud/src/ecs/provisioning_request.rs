//! Reading a CreateAutoProvisioningGroup request: targets, what all pools share, the order of one pool.

use std::collections::BTreeMap;

use super::{
    disks::{DiskRequest, data_disk, system_disk},
    order, tags,
};
use crate::{
    DiskSpec, InstanceType, SpotStrategy, action::Call, error::ApiError, params::Params,
    world::launch::Order,
};

const CONFIG: &str = "LaunchConfiguration.";

/// What all pools share.
pub(super) struct Shared {
    tags: BTreeMap<String, String>,
    user_data: String,
    ram_role: Option<String>,
    key_pair: Option<String>,
    disk_categories: Vec<Option<String>>,
}

/// Target capacity on demand and spot; what is not assigned goes to the default type.
///
/// # Errors
/// `MissingParameter`, `InvalidParameter`.
pub(super) fn targets(params: &Params) -> Result<(f64, f64), ApiError> {
    params.required("TotalTargetCapacity")?;
    let total = params.float("TotalTargetCapacity")?.unwrap_or(0.0);
    let on_demand = params.float("PayAsYouGoTargetCapacity")?.unwrap_or(0.0);
    let spot = params.float("SpotTargetCapacity")?.unwrap_or(0.0);
    let rest = total - on_demand - spot;
    if !(0.0..=1000.0).contains(&total) || on_demand < 0.0 || spot < 0.0 || rest < 0.0 {
        return Err(ApiError::invalid("TotalTargetCapacity"));
    }
    match params.text("DefaultTargetCapacityType") {
        None | Some("Spot") => Ok((on_demand, spot + rest)),
        Some("PayAsYouGo") => Ok((on_demand + rest, spot)),
        Some(_) => Err(ApiError::invalid("DefaultTargetCapacityType")),
    }
}

/// Tags, user data, identity and disk categories of the whole group.
///
/// # Errors
/// Those of the tags, the user data, the role and the key pair.
pub(super) fn shared(call: &Call<'_>) -> Result<Shared, ApiError> {
    let params = call.params;
    let (ram_role, key_pair) = order::identity(call.world, params, CONFIG)?;
    let first = params.text("LaunchConfiguration.SystemDiskCategory").map(String::from);
    let fallback = params
        .structs("SystemDiskConfig")
        .into_iter()
        .map(|prefix| params.text(&format!("{prefix}DiskCategory")).map(String::from));
    Ok(Shared {
        tags: tags::new_tags(params, "LaunchConfiguration.Tag")?,
        user_data: order::user_data(params.text("LaunchConfiguration.UserData"))?,
        ram_role,
        key_pair,
        disk_categories: [first].into_iter().chain(fallback).collect(),
    })
}

/// The order of the pool at `prefix`, bought with `strategy`.
///
/// # Errors
/// Those of RunInstances for type, image, vSwitch, security groups and disks.
pub(super) fn read_order(
    call: &Call<'_>,
    shared: &Shared,
    prefix: &str,
    strategy: SpotStrategy,
) -> Result<Order, ApiError> {
    let (params, world) = (call.params, &*call.world);
    let config = |name: &str| params.text(&format!("{CONFIG}{name}"));
    let of = order::instance_type(world, params.required(&format!("{prefix}InstanceType"))?)?;
    let own_image = params.text(&format!("{prefix}ImageId"));
    let (id, family) = match own_image {
        Some(id) => (Some(id), None),
        None => (config("ImageId"), config("ImageFamily")),
    };
    let image = order::image(world, id, family, of)?;
    let vswitch = order::vswitch(world, params.required(&format!("{prefix}VSwitchId"))?, None)?;
    let groups = params.list("LaunchConfiguration.SecurityGroupIds")?;
    let groups = order::security_groups(world, config("SecurityGroupId"), groups, vswitch)?;
    let (spot_strategy, spot_price_limit) = limit(params, prefix, strategy)?;
    Ok(Order {
        instance_type: of.id.clone(),
        image_id: image.id.clone(),
        vswitch_id: vswitch.id.clone(),
        zone: vswitch.zone.clone(),
        security_group_ids: groups,
        spot_strategy,
        spot_price_limit,
        system_disk: first_fitting_disk(params, shared, of, image.size_gib)?,
        data_disks: data_disks(params)?,
        tags: shared.tags.clone(),
        user_data: shared.user_data.clone(),
        name: config("InstanceName").map(String::from),
        host_name: config("HostName").map(String::from),
        ram_role: shared.ram_role.clone(),
        key_pair: shared.key_pair.clone(),
        resource_group_id: config("ResourceGroupId").map(String::from),
        reservation_id: None,
        reservation_named: false,
        deletion_protection: false,
        http_tokens: "optional".into(),
        http_endpoint: "enabled".into(),
    })
}

/// Parameters that are accepted and change nothing here.
pub(super) fn acknowledge(params: &Params) {
    const OF_GROUP: [&str; 9] = [
        "ExcessCapacityTerminationPolicy",
        "TerminateInstances",
        "TerminateInstancesWithExpiration",
        "SpotInstancePoolsToUseCount",
        "SpotInstanceInterruptionBehavior",
        "ResourcePoolOptions",
        "Description",
        "AutoProvisioningGroupName",
        "MaxSpotPrice",
    ];
    const OF_CONFIG: [&str; 12] = [
        "Password",
        "PasswordInherit",
        "SystemDiskName",
        "SystemDiskDescription",
        "SystemDisk.ProvisionedIops",
        "SystemDisk.BurstingEnabled",
        "SystemDisk.AutoSnapshotPolicyId",
        "CreditSpecification",
        "DeploymentSetId",
        "SpotDuration",
        "SpotInterruptionBehavior",
        "SecurityEnhancementStrategy",
    ];
    params.accept("", &OF_GROUP);
    params.accept(CONFIG, &OF_CONFIG);
    params.tag_filters("Tag");
}

/// The lower of the pool's and the group's price limit, for spot only.
fn limit(
    params: &Params,
    prefix: &str,
    strategy: SpotStrategy,
) -> Result<(SpotStrategy, Option<f64>), ApiError> {
    let own = params.float(&format!("{prefix}MaxPrice"))?;
    let group = params.float("MaxSpotPrice")?;
    let lowest = own.into_iter().chain(group).min_by(f64::total_cmp);
    match (strategy, lowest) {
        (SpotStrategy::NoSpot, _) => Ok((SpotStrategy::NoSpot, None)),
        (_, None) => Ok((SpotStrategy::AsPriceGo, None)),
        (_, Some(limit)) => Ok((SpotStrategy::WithPriceLimit, Some(limit))),
    }
}

/// The system disk in the first category of the fallback order that fits.
fn first_fitting_disk(
    params: &Params,
    shared: &Shared,
    of: &InstanceType,
    image_gib: u32,
) -> Result<DiskSpec, ApiError> {
    let level = params.text("LaunchConfiguration.SystemDiskPerformanceLevel").unwrap_or("PL0");
    let size_gib = params.integer("LaunchConfiguration.SystemDiskSize")?;
    let encrypted = params.flag("LaunchConfiguration.SystemDisk.Encrypted")?.unwrap_or(false);
    let key = params.text("LaunchConfiguration.SystemDisk.KMSKeyId").map(String::from);
    let try_category = |category: &Option<String>| {
        let request = DiskRequest {
            category: category.clone(),
            size_gib,
            performance_level: Some(level.into()),
            encrypted,
            kms_key_id: key.clone(),
        };
        system_disk(request, of, image_gib)
    };
    let mut tried = shared.disk_categories.iter().map(try_category);
    let first = tried.next().unwrap_or_else(|| try_category(&None));
    match first {
        Ok(disk) => Ok(disk),
        Err(error) => tried.find_map(Result::ok).ok_or(error),
    }
}

fn data_disks(params: &Params) -> Result<Vec<DiskSpec>, ApiError> {
    let read = |prefix: String| {
        params.accept(
            &prefix,
            &["Device", "DiskName", "Description", "SnapshotId", "DeleteWithInstance"],
        );
        let text = |field: &str| params.text(&format!("{prefix}{field}")).map(String::from);
        data_disk(DiskRequest {
            category: text("Category"),
            size_gib: params.integer(&format!("{prefix}Size"))?,
            performance_level: text("PerformanceLevel"),
            encrypted: params.flag(&format!("{prefix}Encrypted"))?.unwrap_or(false),
            kms_key_id: text("KmsKeyId"),
        })
    };
    params.structs("LaunchConfiguration.DataDisk").into_iter().map(read).collect()
}
