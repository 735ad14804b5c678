//! Columns of nodes, namespaces, events, services and small configuration kinds.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::text::{age, count, or, selector, size};
use super::{Sheet, age as ages, boolean, integer, name, text, wide};
use crate::object::{condition, list, str_at};

pub(super) const NODE: Sheet = Sheet {
    columns: &[
        text("Name"),
        text("Status"),
        text("Roles"),
        text("Age"),
        text("Version"),
        wide("Internal-IP"),
        wide("External-IP"),
        wide("OS-Image"),
        wide("Kernel-Version"),
        wide("Container-Runtime"),
    ],
    cells: |node, now| {
        vec![
            name(node),
            json!(node_status(node)),
            json!(node_roles(node)),
            age(node, now),
            or(node, "/status/nodeInfo/kubeletVersion", ""),
            address(node, "InternalIP"),
            address(node, "ExternalIP"),
            or(node, "/status/nodeInfo/osImage", "<unknown>"),
            or(node, "/status/nodeInfo/kernelVersion", "<unknown>"),
            or(node, "/status/nodeInfo/containerRuntimeVersion", "<unknown>"),
        ]
    },
};

pub(super) const NAMESPACE: Sheet = Sheet {
    columns: &[text("Name"), text("Status"), text("Age")],
    cells: |object, now| vec![name(object), or(object, "/status/phase", ""), age(object, now)],
};

pub(super) const LEASE: Sheet = Sheet {
    columns: &[text("Name"), text("Holder"), text("Age")],
    cells: |object, now| {
        vec![name(object), or(object, "/spec/holderIdentity", ""), age(object, now)]
    },
};

pub(super) const CONFIG_MAP: Sheet = Sheet {
    columns: &[text("Name"), text("Data"), text("Age")],
    cells: |object, now| {
        let data = size(object, "/data") + size(object, "/binaryData");
        vec![name(object), json!(data.to_string()), age(object, now)]
    },
};

pub(super) const SECRET: Sheet = Sheet {
    columns: &[text("Name"), text("Type"), integer("Data"), text("Age")],
    cells: |object, now| {
        vec![name(object), or(object, "/type", ""), json!(size(object, "/data")), age(object, now)]
    },
};

pub(super) const SERVICE_ACCOUNT: Sheet = Sheet {
    columns: &[text("Name"), integer("Secrets"), text("Age")],
    cells: |object, now| {
        vec![name(object), json!(list(object, "/secrets").len()), age(object, now)]
    },
};

pub(super) const PRIORITY_CLASS: Sheet = Sheet {
    columns: &[
        text("Name"),
        integer("Value"),
        boolean("Global-Default"),
        text("Age"),
        text("PreemptionPolicy"),
    ],
    cells: |object, now| {
        vec![
            name(object),
            json!(count(object, "/value")),
            json!(object["globalDefault"] == true),
            age(object, now),
            or(object, "/preemptionPolicy", ""),
        ]
    },
};

pub(super) const SERVICE: Sheet = Sheet {
    columns: &[
        text("Name"),
        text("Type"),
        text("Cluster-IP"),
        text("External-IP"),
        text("Port(s)"),
        text("Age"),
        wide("Selector"),
    ],
    cells: |service, now| {
        vec![
            name(service),
            or(service, "/spec/type", "ClusterIP"),
            or(service, "/spec/clusterIP", "<none>"),
            json!(external_addresses(service)),
            json!(ports(service)),
            age(service, now),
            selector(service.pointer("/spec/selector")),
        ]
    },
};

pub(super) const EVENT: Sheet = Sheet {
    columns: &[
        text("Last Seen"),
        text("Type"),
        text("Reason"),
        text("Object"),
        wide("Subobject"),
        wide("Source"),
        text("Message"),
        wide("First Seen"),
        wide("Count"),
        wide("Name"),
    ],
    cells: event,
};

fn node_status(node: &Value) -> String {
    let ready = match condition(node, "Ready") {
        Some("True") => "Ready",
        Some(_) => "NotReady",
        None => "Unknown",
    };
    let cordoned = node.pointer("/spec/unschedulable") == Some(&json!(true));
    if cordoned { format!("{ready},SchedulingDisabled") } else { ready.to_owned() }
}

fn node_roles(node: &Value) -> String {
    let labels = node.pointer("/metadata/labels").and_then(Value::as_object);
    let roles: Vec<&str> = labels
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| match key.strip_prefix("node-role.kubernetes.io/") {
            Some(role) if !role.is_empty() => Some(role),
            _ if key == "kubernetes.io/role" => value.as_str().filter(|role| !role.is_empty()),
            _ => None,
        })
        .collect();
    if roles.is_empty() { "<none>".to_owned() } else { roles.join(",") }
}

fn address(node: &Value, kind: &str) -> Value {
    let addresses = list(node, "/status/addresses");
    let found = addresses.iter().find(|address| address["type"] == kind);
    json!(found.and_then(|address| address["address"].as_str()).unwrap_or("<none>"))
}

fn external_addresses(service: &Value) -> String {
    let texts = |pointer: &str, members: &[&str]| -> Vec<String> {
        let items = list(service, pointer).iter();
        items
            .filter_map(|item| members.iter().find_map(|m| item[*m].as_str()).or(item.as_str()))
            .map(str::to_owned)
            .collect()
    };
    let given = texts("/spec/externalIPs", &[]);
    match str_at(service, "/spec/type").unwrap_or("ClusterIP") {
        "ExternalName" => str_at(service, "/spec/externalName").unwrap_or("").to_owned(),
        "LoadBalancer" => {
            let mut all = texts("/status/loadBalancer/ingress", &["ip", "hostname"]);
            all.extend(given);
            if all.is_empty() { "<pending>".to_owned() } else { all.join(",") }
        }
        _ if given.is_empty() => "<none>".to_owned(),
        _ => given.join(","),
    }
}

fn ports(service: &Value) -> String {
    let ports: Vec<String> = list(service, "/spec/ports")
        .iter()
        .map(|port| {
            let protocol = str_at(port, "/protocol").unwrap_or("TCP");
            match count(port, "/nodePort") {
                0 => format!("{}/{protocol}", count(port, "/port")),
                node_port => format!("{}:{node_port}/{protocol}", count(port, "/port")),
            }
        })
        .collect();
    if ports.is_empty() { "<none>".to_owned() } else { ports.join(",") }
}

/// Both kinds of `Event`: the old one has its times and count at the root, the new one in
/// `eventTime` and `series`.
fn event(event: &Value, now: Timestamp) -> Vec<Value> {
    let first_of = |pointers: &[&str]| {
        pointers.iter().find_map(|p| str_at(event, p).filter(|text| !text.is_empty()))
    };
    let first = first_of(&["/firstTimestamp", "/deprecatedFirstTimestamp", "/eventTime"]);
    let last = first_of(&[
        "/series/lastObservedTime",
        "/lastTimestamp",
        "/deprecatedLastTimestamp",
        "/eventTime",
    ]);
    let object = ["involvedObject", "regarding"].into_iter().find(|m| event[*m].is_object());
    let object = &event[object.unwrap_or("involvedObject")];
    let member = |name: &str| object[name].as_str().unwrap_or("");
    let count = ["/series/count", "/count", "/deprecatedCount"]
        .into_iter()
        .find_map(|pointer| crate::object::int_at(event, pointer));
    let source = first_of(&["/source/component", "/reportingComponent", "/reportingController"]);
    let host = first_of(&["/source/host"]).map(|host| format!(", {host}")).unwrap_or_default();
    vec![
        json!(ages::since(last, now)),
        or(event, "/type", ""),
        or(event, "/reason", ""),
        json!(format!("{}/{}", member("kind").to_lowercase(), member("name"))),
        json!(member("fieldPath")),
        json!(format!("{}{host}", source.unwrap_or(""))),
        json!(first_of(&["/message", "/note"]).unwrap_or("").trim()),
        json!(ages::since(first, now)),
        json!(count.unwrap_or(1).to_string()),
        name(event),
    ]
}
