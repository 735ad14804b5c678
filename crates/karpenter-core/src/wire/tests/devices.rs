//! Devices and their claims, read from the wire.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::pod;
use crate::model::device::{AttributeValue, DeviceId, Reach};
use crate::model::device_class::DeviceSelector;
use crate::model::resource_claim::{ConstraintRule, DeviceCount, RequestKind};
use crate::testing::quantity;
use crate::wire::Decoded;
use crate::wire::device_class::SlimDeviceClass;
use crate::wire::resource_claim::SlimResourceClaim;
use crate::wire::resource_slice::SlimResourceSlice;

fn read<K: Decoded + DeserializeOwned>(object: Value) -> K::Model {
    let slim: K = serde_json::from_value(object).expect("the slim type reads it");
    slim.decode().expect("the object is valid")
}

fn slice(spec: &Value) -> crate::model::resource_slice::ResourceSlice {
    read::<SlimResourceSlice>(json!({ "metadata": { "name": "s" }, "spec": spec }))
}

// behaviour 02#222
#[test]
fn pod_names_the_claims_it_uses_as_far_as_they_are_known() {
    let spec = json!({ "resourceClaims": [
        { "name": "given", "resourceClaimName": "mine" },
        { "name": "made", "resourceClaimTemplateName": "t" },
        { "name": "spared", "resourceClaimTemplateName": "t" },
        { "name": "later", "resourceClaimTemplateName": "t" },
    ] });
    let status = json!({ "resourceClaimStatuses": [
        { "name": "spared" }, { "name": "made", "resourceClaimName": "made-x7" },
    ] });
    let names: Vec<String> =
        pod(&spec, &status).resource_claims.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["mine", "made-x7"]);
}

#[test]
fn slice_says_what_devices_are_and_what_they_share() {
    let slice = read::<SlimResourceSlice>(json!({
        "metadata": { "name": "s", "ownerReferences": [
            { "apiVersion": "v1", "kind": "Node", "name": "n", "uid": "u" },
            { "apiVersion": "x/v1", "kind": "Node", "name": "other", "uid": "v" },
        ] },
        "spec": {
            "driver": "d", "nodeName": "n",
            "pool": { "name": "p", "generation": 3, "resourceSliceCount": 2 },
            "sharedCounters": [{ "name": "card", "counters": { "memory": { "value": "80Gi" } } }],
            "devices": [{
                "name": "gpu", "allowMultipleAllocations": true,
                "attributes": {
                    "b": { "bool": true }, "i": { "int": 7 }, "s": { "string": "x" },
                    "v": { "version": "1.2.3" }, "new": { "duration": "1s" },
                },
                "capacity": { "memory": { "value": "80Gi", "requestPolicy": {
                    "default": "10Gi", "validValues": ["40Gi", "10Gi"],
                    "validRange": { "min": "5Gi", "max": "80Gi", "step": "5Gi" },
                } } },
                "consumesCounters": [
                    { "counterSet": "card", "counters": { "memory": { "value": "10Gi" } } },
                ],
                "taints": [{ "key": "broken", "effect": "NoSchedule" }],
            }],
        },
    }));
    assert_eq!((slice.generation, slice.n_slices), (3, 2));
    assert_eq!(slice.reach, Reach::Node("n".into()));
    assert_eq!(slice.owner_nodes, ["n".into()]);
    assert_eq!(slice.counter_sets[0].counters["memory"], quantity("80Gi"));
    let device = &slice.devices[0];
    let attributes: Vec<&AttributeValue> = device.attributes.values().collect();
    let (bool, int) = (AttributeValue::Bool(true), AttributeValue::Int(7));
    let (text, version) =
        (AttributeValue::Text("x".into()), AttributeValue::Version("1.2.3".into()));
    assert_eq!(attributes, [&bool, &int, &text, &version]);
    let policy = device.capacity["memory"].policy.as_ref().expect("there is one");
    assert_eq!(policy.valid_values, [quantity("10Gi"), quantity("40Gi")]);
    let range = policy.valid_range.as_ref().expect("there is one");
    assert_eq!((range.min, range.max), (quantity("5Gi"), Some(quantity("80Gi"))));
    assert_eq!(device.consumes[0].counters["memory"], quantity("10Gi"));
    assert!(device.is_shareable && device.taints.len() == 1);
}

#[test]
fn slice_says_from_where_its_devices_can_be_reached() {
    let zone = json!({ "nodeSelectorTerms": [
        { "matchExpressions": [{ "key": "zone", "operator": "In", "values": ["a"] }] },
    ] });
    assert_eq!(slice(&json!({ "allNodes": true })).reach, Reach::Everywhere);
    assert_eq!(slice(&json!({ "sharedCounters": [] })).reach, Reach::Unsaid);
    let Reach::Selected(terms) = slice(&json!({ "nodeSelector": zone })).reach else {
        panic!("nodes are selected")
    };
    assert_eq!(&*terms[0].expressions[0].key, "zone");
    let own = json!({ "perDeviceNodeSelection": true, "devices": [
        { "name": "a", "nodeName": "n" }, { "name": "b", "allNodes": true },
    ] });
    let own = slice(&own);
    assert_eq!(own.reach, Reach::PerDevice);
    let reaches: Vec<Option<Reach>> = own.devices.into_iter().map(|one| one.reach).collect();
    assert_eq!(reaches, [Some(Reach::Node("n".into())), Some(Reach::Everywhere)]);
}

#[test]
fn claim_says_what_it_asks_for_and_what_it_has() {
    let claim = read::<SlimResourceClaim>(json!({
        "metadata": { "name": "c", "namespace": "d" },
        "spec": { "devices": {
            "requests": [
                { "name": "one", "exactly": {
                    "deviceClassName": "gpu",
                    "selectors": [{ "cel": { "expression": "true" } }, {}],
                    "capacity": { "requests": { "memory": "10Gi" } },
                    "tolerations": [{ "key": "broken", "operator": "Exists" }],
                } },
                { "name": "some", "firstAvailable": [
                    { "name": "all", "deviceClassName": "nic", "allocationMode": "All" },
                    { "name": "odd", "deviceClassName": "nic", "allocationMode": "Half" },
                ] },
                { "name": "new" },
            ],
            "constraints": [
                { "requests": ["one"], "matchAttribute": "d/root" },
                { "distinctAttribute": "d/root" },
                {},
            ],
        } },
        "status": {
            "allocation": {
                "devices": { "results": [
                    { "driver": "d", "pool": "p", "device": "x", "consumedCapacity": { "m": "1" } },
                    { "driver": "d", "pool": "p", "device": "y" },
                    { "driver": "d", "pool": "p", "device": "z", "adminAccess": true },
                ] },
                "nodeSelector": { "nodeSelectorTerms": [{ "matchFields": [
                    { "key": "metadata.name", "operator": "In", "values": ["n1"] },
                ] }] },
            },
            "reservedFor": [
                { "resource": "pods", "name": "a", "uid": "u" },
                { "apiGroup": "x.io", "resource": "pods", "name": "b", "uid": "v" },
            ],
        },
    }));
    assert_eq!(claim.key.to_string(), "d/c");
    let RequestKind::Exactly(ask) = &claim.requests[0].ask else { panic!("one kind is asked for") };
    assert_eq!(ask.count, DeviceCount::Exact(1));
    assert_eq!(ask.selectors, [DeviceSelector::Cel("true".into()), DeviceSelector::Unknown]);
    assert_eq!((ask.capacity["memory"], ask.tolerations.len()), (quantity("10Gi"), 1));
    let RequestKind::FirstAvailable(asks) = &claim.requests[1].ask else { panic!("there are two") };
    assert_eq!((&*asks[0].0, &asks[0].1.count), ("all", &DeviceCount::All));
    assert_eq!(asks[1].1.count, DeviceCount::Unknown("Half".into()));
    assert_eq!(claim.requests[2].ask, RequestKind::Unknown);
    let rules: Vec<&ConstraintRule> = claim.constraints.iter().map(|one| &one.rule).collect();
    let (same, different) = (
        ConstraintRule::MatchAttribute("d/root".into()),
        ConstraintRule::DistinctAttribute("d/root".into()),
    );
    assert_eq!(rules, [&same, &different, &ConstraintRule::Unknown]);
    let allocation = claim.allocation.expect("it has devices");
    assert_eq!(allocation.devices.len(), 2, "looking at a device does not use it");
    assert_eq!(allocation.devices[1].id, DeviceId::new("d", "p", "y"));
    let consumed = allocation.devices[0].consumed.as_ref().expect("a part");
    assert_eq!(consumed["m"], quantity("1"));
    assert_eq!(allocation.node, Some("n1".into()));
    let pods: Vec<bool> = claim.consumers.iter().map(|one| one.is_pod).collect();
    assert_eq!(pods, [true, false]);
}

#[test]
fn class_says_what_its_devices_are() {
    let class = read::<SlimDeviceClass>(json!({
        "metadata": { "name": "gpu" },
        "spec": { "selectors": [{ "cel": { "expression": "device.driver == 'd'" } }] },
    }));
    assert_eq!(&*class.name, "gpu");
    assert_eq!(class.selectors, [DeviceSelector::Cel("device.driver == 'd'".into())]);
}
