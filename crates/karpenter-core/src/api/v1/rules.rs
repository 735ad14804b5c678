//! Rules the API server evaluates (CEL), with the messages users see.
//!
//! Source: Karpenter behaviour, published resource definitions.

use crate::api::labels;
use serde_json::{Value, json};

/// One rule as the definition holds it.
pub(in crate::api) fn rule(expression: impl Into<String>, message: impl Into<String>) -> Value {
    json!({ "rule": expression.into(), "message": message.into() })
}

fn restricted_domain(key: &str) -> String {
    let allowed = format!("[\"{}\", \"{}\"]", labels::CAPACITY_TYPE, labels::NODEPOOL);
    let domain = labels::GROUP;
    format!(r#"{key} in {allowed} || !{key}.find("^([^/]+)").endsWith("{domain}")"#)
}

/// For the key of a requirement of either kind.
pub(in crate::api) fn requirement_key() -> Vec<Value> {
    vec![
        rule(restricted_domain("self"), r#"label domain "karpenter.sh" is restricted"#),
        hostname_key(),
    ]
}

/// For the key of a requirement of a NodePool.
pub(in crate::api) fn node_pool_requirement_key() -> Vec<Value> {
    let node_pool = rule(
        format!("self != \"{}\"", labels::NODEPOOL),
        r#"label "karpenter.sh/nodepool" is restricted"#,
    );
    let mut rules = requirement_key();
    rules.insert(1, node_pool);
    rules
}

fn hostname_key() -> Value {
    rule(
        format!("self != \"{}\"", labels::HOSTNAME),
        r#"label "kubernetes.io/hostname" is restricted"#,
    )
}

/// For the labels of a NodePool's template.
pub(in crate::api) fn template_labels() -> Vec<Value> {
    let forbid = |key: &str| {
        rule(format!("self.all(x, x != \"{key}\")"), format!("label \"{key}\" is restricted"))
    };
    vec![
        rule(
            format!("self.all(x, {})", restricted_domain("x")),
            r#"label domain "karpenter.sh" is restricted"#,
        ),
        forbid(labels::NODEPOOL),
        forbid(labels::HOSTNAME),
    ]
}

/// For the list of requirements of a NodePool or NodeClaim.
pub(in crate::api) fn requirements() -> Vec<Value> {
    let mut rules = node_selector_values();
    rules.push(rule(
        "self.all(x, (x.operator == 'In' && has(x.minValues)) ? x.values.size() >= x.minValues : true)",
        "requirements with 'minValues' must have at least that many values specified in the 'values' field",
    ));
    rules
}

/// For the list of requirements of any kind: how many values an operator takes.
pub(in crate::api) fn node_selector_values() -> Vec<Value> {
    vec![
        rule(
            "self.all(x, x.operator == 'In' ? x.values.size() != 0 : true)",
            "requirements with operator 'In' must have a value defined",
        ),
        rule(
            "self.all(x, (x.operator == 'Gt' || x.operator == 'Lt' || x.operator == 'Gte' || x.operator == 'Lte') ? (x.values.size() == 1 && int(x.values[0]) >= 0) : true)",
            "requirements operator 'Gt', 'Lt', 'Gte', or 'Lte' must have a single positive integer value",
        ),
    ]
}

/// For the spec of a NodePool.
pub(in crate::api) fn node_pool_spec() -> Vec<Value> {
    vec![
        rule(
            "has(self.replicas) == has(oldSelf.replicas)",
            "Cannot transition NodePool between static (replicas set) and dynamic (replicas unset) provisioning modes",
        ),
        rule(
            "!has(self.replicas) || (!has(self.limits) || size(self.limits) == 0 || (size(self.limits) == 1 && 'nodes' in self.limits))",
            "only 'limits.nodes' is supported on static NodePools",
        ),
        rule(
            "!has(self.replicas) || !has(self.weight)",
            "'weight' is not supported on static NodePools",
        ),
    ]
}

/// For the NodeClass reference of a NodePool's template.
pub(in crate::api) fn immutable_node_class_kind() -> Vec<Value> {
    vec![
        rule("self.group == oldSelf.group", "nodeClassRef.group is immutable"),
        rule("self.kind == oldSelf.kind", "nodeClassRef.kind is immutable"),
    ]
}

/// For the budgets of a NodePool.
pub(in crate::api) fn budgets() -> Vec<Value> {
    vec![rule(
        "self.all(x, has(x.schedule) == has(x.duration))",
        "'schedule' must be set with 'duration'",
    )]
}

/// For the spec of a NodeClaim.
pub(in crate::api) fn node_claim_spec() -> Vec<Value> {
    vec![rule("self == oldSelf", "spec is immutable")]
}

/// For a member of a NodeClass reference.
pub(in crate::api) fn not_empty(member: &str) -> Vec<Value> {
    vec![rule("self != ''", format!("{member} may not be empty"))]
}
