//! DescribeInstances.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{
    fits,
    page::{PageLimits, by_number, by_token},
    tag_set, tags,
};
use crate::{
    Instance, SpotStrategy, action::Call, error::ApiError, http::respond::Reply, params::Params,
    time, world::World,
};

/// Most ids of one call.
const MAX_IDS: usize = 100;
/// Most instances a filter by tag finds.
const TAG_MATCHES: usize = 1000;

/// Instances that fit every filter; unknown ids are left out without an error, instances younger than
/// the describe delay too.
///
/// Source: Alibaba action DescribeInstances.
pub(crate) fn describe_instances(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    call.params.required("RegionId")?;
    let filter = Filter::read(call.params)?;
    let (world, now) = (&*call.world, call.now);
    let visible = |i: &&Instance| i.created + world.timing.describe_delay <= now;
    let mut found: Vec<&Instance> = world
        .instances_by_age()
        .into_iter()
        .filter(visible)
        .filter(|instance| filter.fits(instance, world))
        .collect();
    if !filter.tags.is_empty() {
        found.truncate(TAG_MATCHES);
    }
    let total = found.len();
    let limits = PageLimits { min: 10, max: 100, default: 10 };
    let by_tokens =
        call.params.text("NextToken").is_some() || call.params.text("MaxResults").is_some();
    let (page, mut answer) = if by_tokens {
        let key = |i: &&Instance| format!("{:020}", i.sequence);
        let (page, next) = by_token(call.params, limits, found, key)?;
        (page, json!({"NextToken": next, "TotalCount": total}))
    } else {
        by_number(call.params, PageLimits { min: 1, ..limits }, found)?
    };
    let rows: Vec<Value> = page.into_iter().map(|i| render(i, world, now)).collect();
    answer["Instances"] = json!({"Instance": rows});
    Ok(answer.into())
}

/// The filters of a request; absent ones fit everything.
struct Filter {
    ids: Option<Vec<String>>,
    tags: Vec<(String, Option<String>)>,
    status: Option<String>,
    name: Option<String>,
    vpc_id: Option<String>,
    vswitch_id: Option<String>,
    zone: Option<String>,
    instance_type: Option<String>,
    security_group_id: Option<String>,
    charge_type: Option<String>,
    lock_reason: Option<String>,
    resource_group_id: Option<String>,
    created_from: Option<DateTime<Utc>>,
    created_until: Option<DateTime<Utc>>,
}

impl Filter {
    fn read(params: &Params) -> Result<Filter, ApiError> {
        let ids = params.json_list("InstanceIds")?;
        if ids.as_ref().is_some_and(|ids| ids.len() > MAX_IDS) {
            return Err(ApiError::invalid("InstanceIds"));
        }
        params.list("AdditionalAttributes")?;
        let text = |name: &str| params.text(name).map(String::from);
        Ok(Filter {
            ids,
            tags: params.tag_filters("Tag"),
            status: text("Status"),
            name: text("InstanceName"),
            vpc_id: text("VpcId"),
            vswitch_id: text("VSwitchId"),
            zone: text("ZoneId"),
            instance_type: text("InstanceType"),
            security_group_id: text("SecurityGroupId"),
            charge_type: text("InstanceChargeType"),
            lock_reason: text("LockReason"),
            resource_group_id: text("ResourceGroupId"),
            created_from: creation_bound(params, "CreationStartTime")?,
            created_until: creation_bound(params, "CreationEndTime")?,
        })
    }

    fn fits(&self, i: &Instance, world: &World) -> bool {
        let same = |want: &Option<String>, have: &str| want.as_ref().is_none_or(|w| w == have);
        let vpc = world.vswitches.get(&i.vswitch_id).map_or("", |v| v.vpc_id.as_str());
        let lock = if i.interrupted_at.is_some() { "Recycling" } else { "" };
        self.ids.as_ref().is_none_or(|ids| ids.contains(&i.id))
            && tags::tags_fit(&i.tags, &self.tags)
            && same(&self.status, i.status.as_str())
            && self.name.as_ref().is_none_or(|pattern| fits(pattern, &i.name))
            && same(&self.vpc_id, vpc)
            && same(&self.vswitch_id, &i.vswitch_id)
            && same(&self.zone, &i.zone)
            && same(&self.instance_type, &i.instance_type)
            && self.security_group_id.as_ref().is_none_or(|g| i.security_group_ids.contains(g))
            && same(&self.charge_type, "PostPaid")
            && same(&self.lock_reason, lock)
            && same(&self.resource_group_id, i.resource_group_id.as_deref().unwrap_or_default())
            && self.created_from.is_none_or(|from| i.created >= from)
            && self.created_until.is_none_or(|until| i.created <= until)
    }
}

/// The value of `Filter.N` with this key.
fn creation_bound(params: &Params, key: &str) -> Result<Option<DateTime<Utc>>, ApiError> {
    for prefix in params.structs("Filter") {
        if params.text(&format!("{prefix}Key")) == Some(key) {
            let value = params.required(&format!("{prefix}Value"))?;
            return time::parse(value).map(Some).ok_or_else(|| ApiError::invalid("Filter"));
        }
    }
    Ok(None)
}

fn render(i: &Instance, world: &World, now: DateTime<Utc>) -> Value {
    let of = world.types.get(&i.instance_type);
    let vpc = world.vswitches.get(&i.vswitch_id).map_or("", |v| v.vpc_id.as_str());
    let gpu = of.and_then(|t| t.gpu.as_ref());
    let locks = match i.interrupted_at {
        Some(_) => {
            json!([{"LockReason": "Recycling", "LockMsg": "The spot instance is to be released."}])
        }
        None => json!([]),
    };
    json!({
        "InstanceId": i.id,
        "InstanceName": i.name,
        "HostName": i.host_name,
        "Description": "",
        "Status": i.status.as_str(),
        "RegionId": world.region,
        "ZoneId": i.zone,
        "InstanceType": i.instance_type,
        "InstanceTypeFamily": of.map_or("", |t| t.family()),
        "ImageId": i.image_id,
        "OSType": "linux",
        "Cpu": of.map_or(0, |t| t.vcpu),
        "Memory": of.map_or(0.0, |t| (t.memory_gib * 1024.0).round()) as u64,
        "GPUAmount": gpu.map_or(0, |g| g.amount),
        "GPUSpec": gpu.map_or("", |g| g.spec.as_str()),
        "InstanceChargeType": "PostPaid",
        "InstanceNetworkType": "vpc",
        "SpotStrategy": i.spot_strategy.as_str(),
        "SpotPriceLimit": i.spot_price_limit.unwrap_or(0.0),
        "SpotDuration": u8::from(i.spot_strategy != SpotStrategy::NoSpot),
        "CreationTime": time::minutes(i.created),
        "StartTime": time::minutes(i.created + world.timing.pending),
        "ExpiredTime": "2099-12-31T15:59Z",
        "DeletionProtection": i.deletion_protection,
        "ResourceGroupId": i.resource_group_id.as_deref().unwrap_or(""),
        "KeyPairName": i.key_pair.as_deref().unwrap_or(""),
        "VpcAttributes": {
            "VpcId": vpc, "VSwitchId": i.vswitch_id,
            "PrivateIpAddress": {"IpAddress": [i.private_ip.to_string()]},
        },
        "NetworkInterfaces": {"NetworkInterface": [
            {"Type": "Primary", "PrimaryIpAddress": i.private_ip.to_string()},
        ]},
        "SecurityGroupIds": {"SecurityGroupId": i.security_group_ids},
        "Tags": tag_set(&i.tags),
        "OperationLocks": {"LockReason": locks},
        "EcsCapacityReservationAttr": reservation(i, world, now),
        "MetadataOptions": {
            "HttpEndpoint": i.http_endpoint, "HttpTokens": i.http_tokens,
            "HttpPutResponseHopLimit": 0,
        },
    })
}

/// The reservation an instance sits in; it leaves one that ends, and runs on.
fn reservation(i: &Instance, world: &World, now: DateTime<Utc>) -> Value {
    let id = i.reservation_id.as_deref().filter(|id| world.is_active(id, now));
    let preference = match (id, i.reservation_named) {
        (None, _) => "None",
        (Some(_), true) => "Target",
        (Some(_), false) => "Open",
    };
    json!({
        "CapacityReservationId": id.unwrap_or_default(),
        "CapacityReservationPreference": preference,
    })
}
