//! ACK actions, ROA style.
//!
//! Source: Alibaba CS API reference, version 2015-12-15.

use serde_json::{Value, json};

use crate::{Cluster, action::Call, error::ApiError, http::respond::Reply};

/// Source: ACK action DescribeClusterDetail.
pub(crate) fn describe_cluster_detail(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let c = cluster(call)?;
    let region = &call.world.region;
    let account = &call.world.account.id;
    let meta_data = json!({"Capabilities": {"Network": c.network}}).to_string();
    let master_url = json!({
        "api_server_endpoint": "", "intranet_api_server_endpoint": "https://10.0.0.1:6443",
    });
    Ok(json!({
        "cluster_id": c.id,
        "name": c.name,
        "cluster_type": c.cluster_type,
        "cluster_spec": "ack.pro.small",
        "profile": "Default",
        "state": "running",
        "region_id": region,
        "zone_id": call.world.zones.first(),
        "vpc_id": c.vpc_id,
        "vswitch_ids": c.vswitch_ids,
        "vswitch_id": c.vswitch_ids.join(","),
        "security_group_id": c.security_group_id,
        "current_version": c.version,
        "init_version": c.version,
        "next_version": "",
        "container_cidr": if c.network == "Flannel" { "172.20.0.0/16" } else { "" },
        "service_cidr": "192.168.0.0/16",
        "subnet_cidr": "172.20.0.0/16",
        "node_cidr_mask": c.node_cidr_mask,
        "ip_stack": c.ip_stack,
        "proxy_mode": "ipvs",
        "cluster_domain": "cluster.local",
        "worker_ram_role_name": c.worker_role,
        "resource_group_id": "",
        "size": call.world.instances.len(),
        "master_url": master_url.to_string(),
        "meta_data": meta_data,
        "parameters": {},
        "rrsa_config": {
            "enabled": true,
            "issuer": format!("https://oidc-ack-{region}.oss-{region}.aliyuncs.com/{}", c.id),
            "audience": "sts.aliyuncs.com",
            "oidc_name": format!("ack-rrsa-{}", c.id),
            "oidc_arn": format!("acs:ram::{account}:oidc-provider/ack-rrsa-{}", c.id),
        },
        "tags": [],
        "created": "2025-01-01T08:00:00+08:00",
        "updated": "2025-01-01T08:00:00+08:00",
        "deletion_protection": false,
    })
    .into())
}

/// The command that joins a node; plain text, or a JSON string when the cluster says so.
///
/// Source: ACK action DescribeClusterAttachScripts.
pub(crate) fn describe_cluster_attach_scripts(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let c = cluster(call)?;
    let params = call.params;
    params.accept(
        "",
        &["expired", "keep_instance_name", "one_time_token", "options", "rds_instances"],
    );
    let arch = params.text("arch").unwrap_or("amd64");
    if !["amd64", "arm64", "arm"].contains(&arch) {
        return Err(ApiError::invalid("arch"));
    }
    let node_pool = params.text("nodepool_id").unwrap_or("default");
    let format_disk = params.flag("format_disk")?.unwrap_or(false);
    let script = attach_script(&call.world.region, c, node_pool, arch, format_disk);
    Ok(Reply::Text(if c.quoted_attach_script { json!(script).to_string() } else { script }))
}

/// Source: ACK action DescribeClusterNodePools.
pub(crate) fn describe_cluster_node_pools(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let c = cluster(call)?;
    let (runtime, runtime_version) = &c.runtime;
    let pool = json!({
        "nodepool_info": {
            "nodepool_id": format!("np{}", c.id), "name": "default-nodepool", "type": "ess",
            "is_default": true, "region_id": call.world.region,
        },
        "kubernetes_config": {
            "runtime": runtime, "runtime_version": runtime_version,
            "labels": [], "taints": [], "cpu_policy": "none", "cms_enabled": true,
            "unschedulable": false, "user_data": "",
        },
        "scaling_group": {
            "vswitch_ids": c.vswitch_ids, "security_group_ids": [c.security_group_id],
            "image_type": "AliyunLinux3", "spot_strategy": "NoSpot",
        },
        "status": {"state": "active", "total_nodes": 2, "healthy_nodes": 2, "serving_nodes": 2},
    });
    let wanted = call.params.text("NodepoolName").is_none_or(|name| name == "default-nodepool");
    let pools: Vec<Value> = wanted.then_some(pool).into_iter().collect();
    Ok(json!({"nodepools": pools}).into())
}

/// Source: ACK action GetClusterAddonInstance.
pub(crate) fn get_cluster_addon_instance(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let c = cluster(call)?;
    let name = call.path.get(1).map_or("", String::as_str);
    let (version, config) = c.addons.get(name).ok_or_else(|| {
        ApiError::not_found("AddonNotFound", format!("The addon {name} is not installed."))
    })?;
    Ok(json!({
        "name": name, "version": version, "state": "active", "config": config,
        "logging": {"log_project": "", "capable": false, "enabled": false},
    })
    .into())
}

/// One version with the images ACK offers for it; an empty array for another version.
///
/// Source: ACK action DescribeKubernetesVersionMetadata.
pub(crate) fn describe_version_metadata(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let params = call.params;
    params.accept("", &["Profile", "runtime", "Mode", "QueryUpgradableVersion"]);
    let Some(region) = params.text("Region") else {
        return Err(ApiError::bad("MissingRegion", "The parameter Region is missing."));
    };
    if region != call.world.region {
        return Err(ApiError::bad("InvalidRegion", "The parameter Region is not valid."));
    }
    params.required("ClusterType")?;
    let c = &call.world.cluster;
    if params.text("KubernetesVersion").is_some_and(|version| version != c.version) {
        return Ok(json!([]).into());
    }
    let images: Vec<Value> = call
        .world
        .images
        .values()
        .filter(|image| !image.ack_type.is_empty() && image.status == "Available")
        .map(|image| {
            json!({
                "image_id": image.id, "image_name": image.name, "platform": image.platform,
                "os_version": "3", "image_type": image.ack_type, "os_type": "Linux",
                "image_category": "system", "architecture": image.architecture_name(),
            })
        })
        .collect();
    let (runtime, runtime_version) = &c.runtime;
    Ok(json!([{
        "version": c.version, "capabilities": {}, "meta_data": {}, "images": images,
        "runtimes": [{"name": runtime, "version": runtime_version}],
        "creatable": true, "upgradable_versions": [],
    }])
    .into())
}

fn cluster<'a>(call: &'a Call<'_>) -> Result<&'a Cluster, ApiError> {
    let cluster = &call.world.cluster;
    if call.path.first() != Some(&cluster.id) {
        return Err(ApiError::not_found("ErrorClusterNotFound", "cluster not found"));
    }
    Ok(cluster)
}

fn attach_script(
    region: &str,
    c: &Cluster,
    node_pool: &str,
    arch: &str,
    format_disk: bool,
) -> String {
    let (runtime, runtime_version) = &c.runtime;
    let version = &c.version;
    let disk = if format_disk { " --disk-format true" } else { "" };
    format!(
        "curl http://aliacs-k8s-{region}.oss-{region}-internal.aliyuncs.com/public/pkg/run/attach/{version}/attach_node.sh \
         | bash -s -- --openapi-token fake-{cluster}-{node_pool} --arch {arch} --addon-names {network} \
         --runtime {runtime} --runtime-version {runtime_version} --labels alibabacloud.com/nodepool-id={node_pool}{disk}",
        cluster = c.id,
        network = c.network,
    )
}
