//! The table of actions and how a request finds its row.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::{
    Config,
    auth::Caller,
    cms, cs, ecs,
    error::ApiError,
    http::{inbound::Inbound, respond::Reply},
    params::Params,
    ram, sts, vpc,
    world::World,
};

/// A product of the cloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Product {
    Ecs,
    Vpc,
    Cs,
    Ram,
    Sts,
    Cms,
}

impl Product {
    const ALL: [Product; 6] =
        [Product::Ecs, Product::Vpc, Product::Cs, Product::Ram, Product::Sts, Product::Cms];

    /// Product code as in error envelopes.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Product::Ecs => "Ecs",
            Product::Vpc => "Vpc",
            Product::Cs => "CS",
            Product::Ram => "Ram",
            Product::Sts => "Sts",
            Product::Cms => "Cms",
        }
    }

    /// The one version served.
    fn version(self) -> &'static str {
        match self {
            Product::Ecs => "2014-05-26",
            Product::Vpc => "2016-04-28",
            Product::Cs => "2015-12-15",
            Product::Ram => "2015-05-01",
            Product::Sts => "2015-04-01",
            Product::Cms => "2019-01-01",
        }
    }

    /// First labels of the product's endpoints.
    fn hosts(self) -> &'static [&'static str] {
        match self {
            Product::Ecs => &["ecs", "ecs-vpc", "ecs-cn-hangzhou"],
            Product::Vpc => &["vpc", "vpc-vpc"],
            Product::Cs => &["cs", "cs-anony-vpc"],
            Product::Ram => &["ram"],
            Product::Sts => &["sts", "sts-vpc"],
            Product::Cms => &["metrics", "metrics-vpc"],
        }
    }

    /// The product of an endpoint of the service, by its first label.
    pub(crate) fn of_host(host: &str) -> Option<Product> {
        let name = host.split(':').next().unwrap_or_default();
        let label = name.strip_suffix(".aliyuncs.com")?.split('.').next()?;
        Product::ALL.into_iter().find(|product| product.hosts().contains(&label))
    }

    /// The product of a path prefix: its code in lower case.
    pub(crate) fn of_prefix(prefix: &str) -> Option<Product> {
        Product::ALL.into_iter().find(|product| product.code().to_lowercase() == prefix)
    }
}

/// One action.
pub(crate) struct Action {
    /// Name as in the API.
    pub(crate) name: &'static str,
    /// Product it belongs to.
    pub(crate) product: Product,
    /// May be called without a signature.
    pub(crate) unsigned: bool,
    /// Validates, changes the world, answers.
    pub(crate) handler: fn(&mut Call<'_>) -> Result<Reply, ApiError>,
}

/// What a handler works with.
pub(crate) struct Call<'a> {
    /// The world, settled at `now`.
    pub(crate) world: &'a mut World,
    /// The configuration.
    pub(crate) config: &'a Config,
    /// Decoded parameters.
    pub(crate) params: &'a Params,
    /// Decoded path parameters of ROA actions, in the order of the pattern.
    pub(crate) path: &'a [String],
    /// Who calls.
    pub(crate) caller: &'a Caller,
    /// The time of the call.
    pub(crate) now: DateTime<Utc>,
}

/// A request that found its action.
pub(crate) struct Route {
    /// The action.
    pub(crate) action: &'static Action,
    /// Path parameters.
    pub(crate) path_params: Vec<String>,
    /// Parameters without those of protocol and signature.
    pub(crate) params: Vec<(String, String)>,
}

const fn rpc(
    name: &'static str,
    product: Product,
    handler: fn(&mut Call<'_>) -> Result<Reply, ApiError>,
) -> Action {
    Action { name, product, unsigned: false, handler }
}

/// RPC actions.
static RPC: &[Action] = &[
    rpc("RunInstances", Product::Ecs, ecs::run_instances::run_instances),
    rpc(
        "CreateAutoProvisioningGroup",
        Product::Ecs,
        ecs::provisioning_group::create_auto_provisioning_group,
    ),
    rpc("DescribeInstances", Product::Ecs, ecs::describe_instances::describe_instances),
    rpc("DeleteInstances", Product::Ecs, ecs::delete_instances::delete_instances),
    rpc("DeleteInstance", Product::Ecs, ecs::delete_instances::delete_instance),
    rpc("ModifyInstanceAttribute", Product::Ecs, ecs::modify_instance::modify_instance_attribute),
    rpc("DescribeInstanceTypes", Product::Ecs, ecs::instance_types::describe_instance_types),
    rpc(
        "DescribeAvailableResource",
        Product::Ecs,
        ecs::available_resource::describe_available_resource,
    ),
    rpc("DescribePrice", Product::Ecs, ecs::price::describe_price),
    rpc("DescribeSpotPriceHistory", Product::Ecs, ecs::price::describe_spot_price_history),
    rpc("DescribeImages", Product::Ecs, ecs::images::describe_images),
    rpc("DescribeImageFromFamily", Product::Ecs, ecs::images::describe_image_from_family),
    rpc("DescribeSecurityGroups", Product::Ecs, ecs::security_groups::describe_security_groups),
    rpc(
        "DescribeCapacityReservations",
        Product::Ecs,
        ecs::capacity_reservations::describe_capacity_reservations,
    ),
    rpc(
        "DescribeElasticityAssurances",
        Product::Ecs,
        ecs::capacity_reservations::describe_elasticity_assurances,
    ),
    rpc("DescribeZones", Product::Ecs, ecs::zones::describe_zones),
    rpc("DescribeRegions", Product::Ecs, ecs::zones::describe_regions),
    rpc("TagResources", Product::Ecs, ecs::tags::tag_resources),
    rpc("UntagResources", Product::Ecs, ecs::tags::untag_resources),
    rpc("ListTagResources", Product::Ecs, ecs::tags::list_tag_resources),
    rpc("DescribeTags", Product::Ecs, ecs::tags::describe_tags),
    rpc("DescribeVSwitches", Product::Vpc, vpc::describe_vswitches),
    rpc("GetRole", Product::Ram, ram::get_role),
    rpc("GetCallerIdentity", Product::Sts, sts::get_caller_identity),
    rpc("AssumeRole", Product::Sts, sts::assume_role),
    Action {
        name: "AssumeRoleWithOIDC",
        product: Product::Sts,
        unsigned: true,
        handler: sts::assume_role_with_oidc,
    },
    rpc("DescribeSystemEventAttribute", Product::Cms, cms::describe_system_event_attribute),
];

/// ROA actions by method and path pattern; `*` stands for one segment.
static ROA: &[(&str, &[&str], Action)] = &[
    (
        "GET",
        &["clusters", "*"],
        rpc("DescribeClusterDetail", Product::Cs, cs::describe_cluster_detail),
    ),
    (
        "POST",
        &["clusters", "*", "attachscript"],
        rpc("DescribeClusterAttachScripts", Product::Cs, cs::describe_cluster_attach_scripts),
    ),
    (
        "GET",
        &["clusters", "*", "nodepools"],
        rpc("DescribeClusterNodePools", Product::Cs, cs::describe_cluster_node_pools),
    ),
    (
        "GET",
        &["clusters", "*", "addon_instances", "*"],
        rpc("GetClusterAddonInstance", Product::Cs, cs::get_cluster_addon_instance),
    ),
    (
        "GET",
        &["api", "v1", "metadata", "versions"],
        rpc("DescribeKubernetesVersionMetadata", Product::Cs, cs::describe_version_metadata),
    ),
];

/// Names of all actions.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    RPC.iter().map(|action| action.name).chain(ROA.iter().map(|(_, _, action)| action.name))
}

/// Parameters of protocol and signature; they never reach a handler.
const PROTOCOL: [&str; 11] = [
    "Action",
    "Version",
    "Format",
    "Timestamp",
    "AccessKeyId",
    "Signature",
    "SignatureMethod",
    "SignatureVersion",
    "SignatureNonce",
    "SignatureType",
    "SecurityToken",
];

/// Finds the action: by method and path, or at `/` by `Action` and else `x-acs-action`.
///
/// # Errors
/// `InvalidAction.NotFound`, `InvalidVersion`, `MissingParameter`, or `InvalidParameter` for a ROA
/// body that is no JSON object; all but the last two with status 404.
pub(crate) fn route(inbound: &Inbound) -> Result<Route, ApiError> {
    if inbound.segments.is_empty() { route_rpc(inbound) } else { route_roa(inbound) }
}

fn route_rpc(inbound: &Inbound) -> Result<Route, ApiError> {
    let header_or_param = |param: &str, header: &str| {
        inbound.param(param).map(String::from).or_else(|| inbound.header(header))
    };
    let name =
        header_or_param("Action", "x-acs-action").ok_or_else(|| ApiError::missing("Action"))?;
    let action = RPC
        .iter()
        .filter(|action| inbound.product.is_none_or(|product| product == action.product))
        .find(|action| action.name == name)
        .ok_or_else(not_found)?;
    let version =
        header_or_param("Version", "x-acs-version").ok_or_else(|| ApiError::missing("Version"))?;
    if version != action.product.version() {
        let message = "Specified parameter Version is not valid.";
        return Err(ApiError::not_found("InvalidVersion", message));
    }
    let params = inbound.pairs().filter(|(n, _)| !PROTOCOL.contains(&n.as_str())).cloned();
    Ok(Route { action, path_params: Vec::new(), params: params.collect() })
}

fn route_roa(inbound: &Inbound) -> Result<Route, ApiError> {
    let (_, pattern, action) = ROA
        .iter()
        .filter(|_| inbound.product.is_none_or(|product| product == Product::Cs))
        .find(|(method, pattern, _)| {
            *method == inbound.method && matches(pattern, &inbound.segments)
        })
        .ok_or_else(not_found)?;
    let path_params = pattern
        .iter()
        .zip(&inbound.segments)
        .filter(|(pattern, _)| **pattern == "*")
        .map(|(_, segment)| segment.clone())
        .collect();
    let mut params = inbound.query.clone();
    params.extend(body_members(&inbound.body)?);
    Ok(Route { action, path_params, params })
}

fn matches(pattern: &[&str], segments: &[String]) -> bool {
    pattern.len() == segments.len()
        && pattern.iter().zip(segments).all(|(p, segment)| *p == "*" || p == segment)
}

/// Top-level members of a JSON body as texts; empty for an empty body.
fn body_members(body: &[u8]) -> Result<Vec<(String, String)>, ApiError> {
    if body.is_empty() {
        return Ok(Vec::new());
    }
    let Ok(Value::Object(members)) = serde_json::from_slice(body) else {
        return Err(ApiError::bad("InvalidParameter", "The request body is not a JSON object."));
    };
    let text = |(name, value): (String, Value)| match value {
        Value::Null => None,
        Value::String(text) => Some((name, text)),
        other => Some((name, other.to_string())),
    };
    Ok(members.into_iter().filter_map(text).collect())
}

fn not_found() -> ApiError {
    ApiError::not_found(
        "InvalidAction.NotFound",
        "Specified api is not found, please check your url and method.",
    )
}
