//! Discovery documents: which groups, versions and resources are served.

use std::collections::BTreeMap;

use axum::body::Body;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, Response, StatusCode};
use serde_json::{Value, json};

use crate::error::ApiError;
use crate::kind::Kind;
use crate::openapi;
use crate::registry::Registry;
use crate::request::Route;
use crate::routes::json_answer;

/// Verbs of every resource. Source: Kubernetes API.
const VERBS: [&str; 8] =
    ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

/// Answers one of the paths above the resources.
///
/// # Errors
/// `NotFound` for a group or version that is not served.
pub(crate) fn answer(
    registry: &Registry,
    route: &Route,
    headers: &HeaderMap,
) -> Result<Response<Body>, ApiError> {
    let document = match route {
        Route::Health => return Ok(Response::new(Body::from("ok"))),
        Route::Version => version(),
        Route::CoreVersions | Route::Groups if wants_aggregated(headers) => {
            return Ok(aggregated(registry, *route == Route::CoreVersions));
        }
        Route::CoreVersions => json!({
            "kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": [],
        }),
        Route::Groups => {
            let groups: Vec<Value> =
                groups(registry).iter().map(|(name, versions)| group(name, versions)).collect();
            json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
        }
        Route::Group(wanted) => {
            let known = groups(registry);
            let versions = known.get(wanted).ok_or_else(ApiError::no_such_path)?;
            let mut document = group(wanted, versions);
            document["kind"] = json!("APIGroup");
            document["apiVersion"] = json!("v1");
            document
        }
        Route::Resources { group, version } => resources(registry, group, version)?,
        Route::Schemas => openapi::index(registry),
        Route::Schema { group, version } => openapi::document(registry, group, version)?,
        Route::Place(_) => return Err(ApiError::no_such_path()),
    };
    Ok(json_answer(StatusCode::OK, Body::from(document.to_string())))
}

fn version() -> Value {
    json!({
        "major": "1", "minor": "33", "gitVersion": "v1.33.0+kube-lite", "gitCommit": "",
        "gitTreeState": "clean", "buildDate": "", "goVersion": "", "compiler": "",
        "platform": "linux/amd64",
    })
}

/// Versions by named group; stable versions come first.
fn groups(registry: &Registry) -> BTreeMap<String, Vec<String>> {
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for kind in registry.all().filter(|kind| !kind.group.is_empty()) {
        groups.entry(kind.group.clone()).or_default().push(kind.version.clone());
    }
    for versions in groups.values_mut() {
        versions.sort_by_key(|version| {
            (version.contains("alpha"), version.contains("beta"), version.clone())
        });
        versions.dedup();
    }
    groups
}

fn group(name: &str, versions: &[String]) -> Value {
    let versions: Vec<Value> = versions
        .iter()
        .map(|version| json!({"groupVersion": format!("{name}/{version}"), "version": version}))
        .collect();
    json!({"name": name, "versions": versions, "preferredVersion": versions.first()})
}

fn resources(registry: &Registry, group: &str, version: &str) -> Result<Value, ApiError> {
    let resources: Vec<Value> =
        registry.of_version(group, version).flat_map(|kind| kind_resources(kind)).collect();
    if resources.is_empty() {
        return Err(ApiError::no_such_path());
    }
    let group_version =
        if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
    Ok(json!({
        "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version,
        "resources": resources,
    }))
}

fn kind_resources(kind: &Kind) -> Vec<Value> {
    let mut main = json!({
        "name": kind.plural, "singularName": kind.singular, "namespaced": kind.namespaced,
        "kind": kind.kind, "verbs": VERBS,
    });
    if !kind.short_names.is_empty() {
        main["shortNames"] = json!(kind.short_names);
    }
    if !kind.categories.is_empty() {
        main["categories"] = json!(kind.categories);
    }
    let subresources = subresources(kind).into_iter().map(|sub| {
        let mut entry = json!({
            "name": format!("{}/{}", kind.plural, sub.name), "singularName": "",
            "namespaced": kind.namespaced, "kind": sub.kind, "verbs": sub.verbs,
        });
        if let Some((group, version)) = sub.group_version {
            entry["group"] = json!(group);
            entry["version"] = json!(version);
        }
        entry
    });
    [main].into_iter().chain(subresources).collect()
}

struct Subresource {
    name: &'static str,
    kind: String,
    /// Group and version of the exchanged kind, when it is not the resource's own.
    group_version: Option<(&'static str, &'static str)>,
    verbs: &'static [&'static str],
}

fn subresources(kind: &Kind) -> Vec<Subresource> {
    let exchange = |name, other: &str, group_version, verbs| Subresource {
        name,
        kind: other.to_owned(),
        group_version,
        verbs,
    };
    let mut all = Vec::new();
    if kind.is_pod() {
        all.push(exchange("binding", "Binding", None, &["create"][..]));
        all.push(exchange("eviction", "Eviction", Some(("policy", "v1")), &["create"][..]));
    }
    if kind.scale.is_some() {
        let verbs = &["get", "patch", "update"][..];
        all.push(exchange("scale", "Scale", Some(("autoscaling", "v1")), verbs));
    }
    if kind.status {
        all.push(exchange("status", &kind.kind, None, &["get", "patch", "update"][..]));
    }
    all
}

fn wants_aggregated(headers: &HeaderMap) -> bool {
    let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("");
    accept.contains("as=APIGroupDiscoveryList") && accept.contains("v=v2")
}

/// Everything below `/api` or `/apis` in one document.
fn aggregated(registry: &Registry, core: bool) -> Response<Body> {
    let groups = if core {
        BTreeMap::from([(String::new(), vec!["v1".to_owned()])])
    } else {
        groups(registry)
    };
    let items: Vec<Value> = groups
        .iter()
        .map(|(group, versions)| {
            let versions: Vec<Value> = versions
                .iter()
                .map(|version| aggregated_version(registry, group, version))
                .collect();
            json!({"metadata": {"name": group, "creationTimestamp": null}, "versions": versions})
        })
        .collect();
    let list = json!({
        "kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {},
        "items": items,
    });
    let mut answer = json_answer(StatusCode::OK, Body::from(list.to_string()));
    let media_type = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    answer
}

fn aggregated_version(registry: &Registry, group: &str, version: &str) -> Value {
    let resources: Vec<Value> =
        registry.of_version(group, version).map(|kind| aggregated_kind(kind)).collect();
    json!({"version": version, "freshness": "Current", "resources": resources})
}

fn aggregated_kind(kind: &Kind) -> Value {
    let own = || json!({"group": kind.group, "version": kind.version, "kind": kind.kind});
    let subresources: Vec<Value> = subresources(kind)
        .into_iter()
        .map(|sub| {
            let (group, version) =
                sub.group_version.unwrap_or((kind.group.as_str(), kind.version.as_str()));
            json!({
                "subresource": sub.name, "verbs": sub.verbs,
                "responseKind": {"group": group, "version": version, "kind": sub.kind},
            })
        })
        .collect();
    json!({
        "resource": kind.plural, "responseKind": own(), "singularResource": kind.singular,
        "scope": if kind.namespaced { "Namespaced" } else { "Cluster" },
        "verbs": VERBS, "shortNames": kind.short_names, "categories": kind.categories,
        "subresources": subresources,
    })
}
