//! What a path below `/latest/` answers.

use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use crate::{Instance, time, world::World};

/// How long credentials of a role live.
const LIFE: TimeDelta = TimeDelta::hours(6);
/// New ones are issued when the old ones live less than this.
const FRESH: TimeDelta = TimeDelta::minutes(30);

/// The answer of a path; `None` where there is nothing.
pub(super) fn read(world: &World, i: &Instance, path: &str) -> Option<Vec<u8>> {
    let text = match path {
        "user-data" => return user_data(i),
        "dynamic/instance-identity/document" => identity(world, i),
        "meta-data/instance-id" => i.id.clone(),
        "meta-data/region-id" => world.region.clone(),
        "meta-data/zone-id" => i.zone.clone(),
        "meta-data/vpc-id" => vpc_id(world, i),
        "meta-data/vswitch-id" => i.vswitch_id.clone(),
        "meta-data/owner-account-id" => world.account.id.clone(),
        "meta-data/private-ipv4" => i.private_ip.to_string(),
        "meta-data/hostname" => i.host_name.clone(),
        "meta-data/image-id" => i.image_id.clone(),
        "meta-data/instance/instance-type" => i.instance_type.clone(),
        "meta-data/instance/instance-name" => i.name.clone(),
        "meta-data/instance/spot/termination-time" => {
            time::seconds(i.interrupted_at.and(i.gone_at)?)
        }
        "meta-data/ram/security-credentials/" | "meta-data/ram/security-credentials" => {
            i.ram_role.clone()?
        }
        _ => return None,
    };
    Some(text.into_bytes())
}

/// Credentials of the role of an instance: the same ones until they are about to end.
pub(super) fn credentials(
    world: &mut World,
    i: &Instance,
    role: &str,
    now: DateTime<Utc>,
) -> String {
    let arn = format!("acs:ram::{}:role/{}", world.account.id, role);
    let fresh =
        world.account.issued.iter().find(|(_, key)| {
            key.role_arn == arn && key.session == i.id && key.expires > now + FRESH
        });
    let (id, key) = match fresh {
        Some((id, key)) => (id.clone(), key.clone()),
        None => world.account.issue(&mut world.ids, &arn, &i.id, now + LIFE),
    };
    json!({
        "AccessKeyId": id, "AccessKeySecret": key.secret, "SecurityToken": key.token,
        "Expiration": time::seconds(key.expires), "LastUpdated": time::seconds(key.expires - LIFE),
        "Code": "Success",
    })
    .to_string()
}

fn user_data(i: &Instance) -> Option<Vec<u8>> {
    BASE64_STANDARD.decode(&i.user_data).ok().filter(|raw| !raw.is_empty())
}

fn vpc_id(world: &World, i: &Instance) -> String {
    world.vswitches.get(&i.vswitch_id).map(|v| v.vpc_id.clone()).unwrap_or_default()
}

fn identity(world: &World, i: &Instance) -> String {
    json!({
        "account-id": world.account.id, "create-time": time::seconds(i.created),
        "image-id": i.image_id, "instance-id": i.id, "instance-type": i.instance_type,
        "owner-account-id": world.account.id, "private-ipv4": i.private_ip.to_string(),
        "region-id": world.region, "zone-id": i.zone, "vpc-id": vpc_id(world, i),
        "vswitch-cidr-block": world.vswitches.get(&i.vswitch_id)
            .map(|v| format!("{}/{}", v.network, v.prefix)),
    })
    .to_string()
}
