//! What the scheduler reads of a pod, read once per version of the pod.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};

use super::term::Term;
use crate::actors::quantity::{Amounts, amounts, requests};
use crate::object::{Key, int_at, label, list, meta_str, str_at};
use crate::store::Selector;

/// Processor time a container without a request counts for in scores, in thousandths of a core.
const SCORED_CPU: i128 = 100;

/// Memory such a container counts for, in thousandths of a byte.
const SCORED_MEMORY: i128 = 200 * 1024 * 1024 * 1000;

/// A pod, ready for comparison with nodes.
#[derive(Debug)]
pub(super) struct PodInfo {
    pub(super) key: Key,
    pub(super) object: Arc<Value>,
    pub(super) priority: i64,
    /// Requests by resource, with one of `pods`.
    pub(super) requests: Amounts,
    /// Processor and memory as scores see them.
    pub(super) scored: [i128; 2],
    pub(super) ports: BTreeSet<HostPort>,
    /// Text of selectors, node affinity and tolerations: equal texts get equal verdicts.
    pub(super) shape: String,
    /// Text of all that scheduling reads: equal texts meet equal obstacles.
    pub(super) twin: String,
    pub(super) affinity: Vec<Term>,
    pub(super) anti_affinity: Vec<Term>,
    /// Preferred terms with their weights; those of anti-affinity are negative.
    pub(super) preferred: Vec<(i64, Term)>,
    pub(super) spread: Vec<Constraint>,
    /// Claims its volumes name.
    pub(super) claims: Vec<Key>,
}

/// A port of the node that a pod wants for itself: port, protocol, address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct HostPort(i64, String, String);

impl HostPort {
    /// Whether two pods with these ports cannot share a node; the wildcard meets every address.
    pub(super) fn collides(&self, other: &Self) -> bool {
        const ANY: &str = "0.0.0.0";
        let meets = self.2 == other.2 || self.2 == ANY || other.2 == ANY;
        self.0 == other.0 && self.1 == other.1 && meets
    }
}

/// One topology spread constraint.
#[derive(Debug)]
pub(super) struct Constraint {
    /// Text that names what is counted where.
    pub(super) id: String,
    pub(super) topology_key: String,
    pub(super) max_skew: i64,
    pub(super) min_domains: i64,
    /// `DoNotSchedule`, otherwise only a wish.
    pub(super) hard: bool,
    pub(super) honors_affinity: bool,
    pub(super) honors_taints: bool,
    pub(super) counted: Counted,
}

/// Which pods of the namespace a constraint counts.
#[derive(Debug, Clone)]
pub(super) enum Counted {
    /// Those a label selector selects.
    Selected(Option<Selector>),
    /// Those one workload manages.
    OwnedBy(String),
}

impl Counted {
    pub(super) fn counts(&self, pod: &Value) -> bool {
        match self {
            Self::Selected(selector) => selector.as_ref().is_some_and(|s| s.matches(pod)),
            Self::OwnedBy(uid) => {
                crate::actors::pods::controller(pod).is_some_and(|owner| owner["uid"] == *uid)
            }
        }
    }
}

impl PodInfo {
    /// Reads a pod.
    pub(super) fn read(key: &Key, object: &Arc<Value>) -> Self {
        let spec = &object["spec"];
        let affinity = spec.get("affinity").cloned().unwrap_or_default();
        let shape = json!([spec["nodeSelector"], affinity["nodeAffinity"], spec["tolerations"]]);
        let mut twin = spec.clone();
        if let Some(twin) = twin.as_object_mut() {
            twin.remove("hostname");
        }
        let twin = json!([key.namespace, object["metadata"]["labels"], twin]);
        let terms = |path: &str| {
            let terms = list(&affinity, path).iter();
            terms.map(|term| Term::read(term, object, key)).collect::<Vec<_>>()
        };
        Self {
            priority: int_at(object, "/spec/priority").unwrap_or_default(),
            requests: requests(object),
            scored: scored(object),
            ports: ports(object),
            shape: shape.to_string(),
            twin: twin.to_string(),
            affinity: terms("/podAffinity/requiredDuringSchedulingIgnoredDuringExecution"),
            anti_affinity: terms("/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution"),
            preferred: preferred(&affinity, object, key),
            spread: constraints(object, key),
            claims: claims(object, key),
            key: key.clone(),
            object: object.clone(),
        }
    }

    /// Whether what is placed elsewhere matters to this pod beyond resources.
    pub(super) fn is_social(&self) -> bool {
        let alone = self.affinity.is_empty()
            && self.claims.is_empty()
            && self.spread.iter().all(|constraint| !constraint.hard)
            && str_at(&self.object, "/status/nominatedNodeName").is_none();
        !alone
    }
}

fn preferred(affinity: &Value, pod: &Value, key: &Key) -> Vec<(i64, Term)> {
    let mut terms = Vec::new();
    for (kind, sign) in [("podAffinity", 1), ("podAntiAffinity", -1)] {
        let path = format!("/{kind}/preferredDuringSchedulingIgnoredDuringExecution");
        for weighted in list(affinity, &path) {
            let weight = int_at(weighted, "/weight").unwrap_or_default() * sign;
            terms.push((weight, Term::read(&weighted["podAffinityTerm"], pod, key)));
        }
    }
    terms
}

fn scored(pod: &Value) -> [i128; 2] {
    let mut sum = [0, 0];
    for container in list(pod, "/spec/containers") {
        let own = amounts(container.pointer("/resources/requests"));
        sum[0] += own.get("cpu").copied().unwrap_or(SCORED_CPU);
        sum[1] += own.get("memory").copied().unwrap_or(SCORED_MEMORY);
    }
    sum
}

fn ports(pod: &Value) -> BTreeSet<HostPort> {
    let text = |port: &Value, member: &str, default: &str| {
        port[member].as_str().filter(|text| !text.is_empty()).unwrap_or(default).to_owned()
    };
    let containers = list(pod, "/spec/containers").iter();
    let ports = containers.flat_map(|container| list(container, "/ports"));
    ports
        .filter_map(|port| {
            let number = int_at(port, "/hostPort").filter(|number| *number > 0)?;
            Some(HostPort(number, text(port, "protocol", "TCP"), text(port, "hostIP", "0.0.0.0")))
        })
        .collect()
}

/// Claims by name; a generic ephemeral volume has the claim `<pod>-<volume>`.
pub(in crate::actors) fn claims(pod: &Value, key: &Key) -> Vec<Key> {
    let volumes = list(pod, "/spec/volumes").iter();
    volumes
        .filter_map(|volume| {
            let named = str_at(volume, "/persistentVolumeClaim/claimName").map(str::to_owned);
            let ephemeral = || {
                volume.get("ephemeral").filter(|e| e.is_object())?;
                Some(format!("{}-{}", key.name, str_at(volume, "/name")?))
            };
            Some(Key::new(&key.namespace, &named.or_else(ephemeral)?))
        })
        .collect()
}

/// The constraints of a pod; without any, the copies of one workload spread a little.
fn constraints(pod: &Value, key: &Key) -> Vec<Constraint> {
    let own = list(pod, "/spec/topologySpreadConstraints");
    if own.is_empty() {
        return default_constraints(pod, key);
    }
    own.iter().map(|constraint| read_constraint(constraint, pod, key)).collect()
}

fn read_constraint(constraint: &Value, pod: &Value, key: &Key) -> Constraint {
    let selector = with_label_keys(constraint, &[("matchLabelKeys", "In")], pod);
    let honors =
        |member: &str, default: &str| constraint[member].as_str().unwrap_or(default) == "Honor";
    let topology_key = str_at(constraint, "/topologyKey").unwrap_or("").to_owned();
    let (honors_affinity, honors_taints) =
        (honors("nodeAffinityPolicy", "Honor"), honors("nodeTaintsPolicy", "Ignore"));
    let id = json!([key.namespace, topology_key, selector, honors_affinity, honors_taints]);
    Constraint {
        id: id.to_string(),
        topology_key,
        max_skew: int_at(constraint, "/maxSkew").unwrap_or(1),
        min_domains: int_at(constraint, "/minDomains").unwrap_or(1),
        hard: constraint["whenUnsatisfiable"].as_str() != Some("ScheduleAnyway"),
        honors_affinity,
        honors_taints,
        counted: Counted::Selected(Selector::of_object(&selector)),
    }
}

/// What kube-scheduler wishes for pods that say nothing. Source: Kubernetes API (system defaults).
fn default_constraints(pod: &Value, key: &Key) -> Vec<Constraint> {
    const KINDS: [&str; 3] = ["ReplicaSet", "StatefulSet", "ReplicationController"];
    let owner = crate::actors::pods::controller(pod);
    let owner = owner.filter(|owner| KINDS.iter().any(|kind| owner["kind"] == *kind));
    let Some(uid) = owner.and_then(|owner| owner["uid"].as_str()) else { return Vec::new() };
    [("kubernetes.io/hostname", 3), ("topology.kubernetes.io/zone", 5)]
        .into_iter()
        .map(|(topology_key, max_skew)| Constraint {
            id: json!([key.namespace, topology_key, uid]).to_string(),
            topology_key: topology_key.to_owned(),
            max_skew,
            min_domains: 1,
            hard: false,
            honors_affinity: true,
            honors_taints: false,
            counted: Counted::OwnedBy(uid.to_owned()),
        })
        .collect()
}

/// The label selector of a term with the pod's own values of the named label keys merged in.
pub(super) fn with_label_keys(term: &Value, members: &[(&str, &str)], pod: &Value) -> Value {
    let mut selector = term.get("labelSelector").cloned().unwrap_or_default();
    for (member, operator) in members {
        for key in term.get(*member).and_then(Value::as_array).into_iter().flatten() {
            let Some(value) = key.as_str().and_then(|key| label(pod, key)) else { continue };
            if !selector["matchExpressions"].is_array() {
                selector["matchExpressions"] = json!([]);
            }
            if let Some(expressions) = selector["matchExpressions"].as_array_mut() {
                let merged = json!({"key": key, "operator": operator, "values": [value]});
                if !expressions.contains(&merged) {
                    expressions.push(merged);
                }
            }
        }
    }
    selector
}

/// Order of scheduling: priority, age, name.
pub(super) fn rank(pod: &PodInfo) -> (std::cmp::Reverse<i64>, String, Key) {
    let created = meta_str(&pod.object, "creationTimestamp").unwrap_or("").to_owned();
    (std::cmp::Reverse(pod.priority), created, pod.key.clone())
}
