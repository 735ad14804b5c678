//! Rules of pod specs, in pods and in templates.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::is_dns_label;
use crate::actors::thousandths;
use crate::error::Cause;
use crate::object::{list, str_at};

const DNS_LABEL: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric \
     characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or \
     '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

const PORTS: std::ops::RangeInclusive<i64> = 1..=65_535;

/// Checks the pod spec below `holder`, which lies at the path `field`.
pub(super) fn check(holder: &Value, field: &str, causes: &mut Vec<Cause>) {
    let spec = &holder["spec"];
    if list(spec, "/containers").is_empty() {
        causes.push(Cause::required(&format!("{field}.containers"), ""));
    }
    let mut names = BTreeSet::new();
    for member in ["initContainers", "containers"] {
        for (index, container) in list(spec, &format!("/{member}")).iter().enumerate() {
            check_container(container, &format!("{field}.{member}[{index}]"), &mut names, causes);
        }
    }
    let policy = str_at(spec, "/restartPolicy").unwrap_or("Always");
    let policies = ["Always", "OnFailure", "Never"];
    if !policies.contains(&policy) {
        causes.push(not_supported(&format!("{field}.restartPolicy"), policy, &policies));
    }
}

fn check_container<'a>(
    container: &'a Value,
    field: &str,
    names: &mut BTreeSet<&'a str>,
    causes: &mut Vec<Cause>,
) {
    let name = str_at(container, "/name").unwrap_or("");
    let at = format!("{field}.name");
    match name {
        "" => causes.push(Cause::required(&at, "")),
        name if !is_dns_label(name) => causes.push(Cause::invalid(&at, &json!(name), DNS_LABEL)),
        name if !names.insert(name) => {
            let message = format!("Duplicate value: {name:?}");
            causes.push(Cause::new("FieldValueDuplicate", &at, message));
        }
        _ => {}
    }
    if str_at(container, "/image").unwrap_or("").is_empty() {
        causes.push(Cause::required(&format!("{field}.image"), ""));
    }
    for (index, port) in list(container, "/ports").iter().enumerate() {
        let number = crate::object::int_at(port, "/containerPort").unwrap_or_default();
        if !PORTS.contains(&number) {
            let at = format!("{field}.ports[{index}].containerPort");
            let why = "must be between 1 and 65535, inclusive";
            causes.push(Cause::invalid(&at, &json!(number), why));
        }
    }
    check_resources(&container["resources"], &format!("{field}.resources"), causes);
}

/// No request is above its limit, and none is negative.
fn check_resources(resources: &Value, field: &str, causes: &mut Vec<Cause>) {
    let limits = &resources["limits"];
    for (resource, request) in resources["requests"].as_object().into_iter().flatten() {
        let Some(amount) = thousandths(request) else { continue };
        if amount < 0 {
            let at = format!("{field}.requests[{resource}]");
            causes.push(Cause::invalid(&at, request, "must be greater than or equal to 0"));
        }
        let limit = &limits[resource.as_str()];
        if thousandths(limit).is_some_and(|limit| amount > limit) {
            let limit = limit.as_str().map_or_else(|| limit.to_string(), str::to_owned);
            let why = format!("must be less than or equal to {resource} limit of {limit}");
            causes.push(Cause::invalid(&format!("{field}.requests"), request, why));
        }
    }
}

/// Checks that only the few mutable fields of a pod differ.
pub(super) fn check_update(pod: &Value, old: &Value, causes: &mut Vec<Cause>) {
    if frozen(pod) == frozen(old) && keeps_tolerations(pod, old) {
        return;
    }
    let why = "pod updates may not change fields other than `spec.containers[*].image`,\
               `spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` \
               (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` \
               (allow it to be set to 1 if it was previously negative)";
    causes.push(Cause::forbidden("spec", why));
}

/// The spec without what may change.
fn frozen(pod: &Value) -> Value {
    let mut spec = pod["spec"].clone();
    if let Some(members) = spec.as_object_mut() {
        for mutable in ["activeDeadlineSeconds", "tolerations", "schedulingGates"] {
            members.remove(mutable);
        }
    }
    for member in ["containers", "initContainers"] {
        let containers = spec.get_mut(member).and_then(Value::as_array_mut);
        for container in containers.into_iter().flatten().filter_map(Value::as_object_mut) {
            container.remove("image");
        }
    }
    spec
}

fn keeps_tolerations(pod: &Value, old: &Value) -> bool {
    let kept = list(pod, "/spec/tolerations");
    list(old, "/spec/tolerations").iter().all(|toleration| kept.contains(toleration))
}

fn not_supported(field: &str, value: &str, supported: &[&str]) -> Cause {
    let supported: Vec<String> = supported.iter().map(|text| format!("{text:?}")).collect();
    let message =
        format!("Unsupported value: {value:?}: supported values: {}", supported.join(", "));
    Cause::new("FieldValueNotSupported", field, message)
}
