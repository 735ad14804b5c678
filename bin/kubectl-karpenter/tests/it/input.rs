//! What stands for what.

use kubectl_karpenter::command::Exit;
use serde_json::json;

use crate::run::{POOL, plan, pod, pods_on_new_nodes, simulate};

fn workload(version: &str, kind: &str, name: &str, spec: &str) -> String {
    format!(
        "apiVersion: {version}\nkind: {kind}\nmetadata: {{ name: {name}, uid: u-{name} }}\nspec:\n{spec}\n  template:\n    \
         metadata: {{ labels: {{ app: {name} }} }}\n    spec:\n      containers:\n        - {{ name: main }}\n---\n"
    )
}

fn owned(name: &str, kind: &str, owner: &str) -> String {
    let owner =
        format!("{{ apiVersion: apps/v1, kind: {kind}, name: {owner}, uid: u, controller: true }}");
    pod(name, "").replace("metadata: {", &format!("metadata: {{ ownerReferences: [{owner}],"))
}

#[test]
fn workloads_stand_for_the_pods_nobody_has_made() {
    let objects = [
        POOL.to_owned(),
        workload("apps/v1", "Deployment", "web", "  replicas: 3"),
        workload("apps/v1", "ReplicaSet", "set", "  replicas: 2"),
        workload("apps/v1", "StatefulSet", "db", "  serviceName: db"),
        workload("batch/v1", "Job", "job", "  parallelism: 4\n  completions: 2"),
        workload("batch/v1", "Job", "later", "  suspend: true"),
        owned("web-abc-xyz", "ReplicaSet", "web-abc"),
        owned("db-0", "StatefulSet", "db"),
    ];
    assert_eq!(
        pods_on_new_nodes(&plan(&objects.concat()).json()),
        [
            "default/db-0",
            "default/job-0",
            "default/job-1",
            "default/set-0",
            "default/set-1",
            "default/web-0",
            "default/web-1",
            "default/web-abc-xyz",
        ]
    );
}

#[test]
fn a_replica_set_of_a_deployment_that_is_given_stands_for_nothing() {
    let owner = "ownerReferences: [{ apiVersion: apps/v1, kind: Deployment, name: web, uid: u, controller: true }],";
    let set = workload("apps/v1", "ReplicaSet", "web-abc", "  replicas: 2");
    let set = set.replace("metadata: { name", &format!("metadata: {{ {owner} name"));
    let objects = [POOL.to_owned(), set, workload("apps/v1", "Deployment", "web", "  replicas: 2")];
    assert_eq!(
        pods_on_new_nodes(&plan(&objects.concat()).json()),
        ["default/web-0", "default/web-1"]
    );
}

const IN_ZONE_C: &str = "\
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: { name: disks }
provisioner: disk.example.com
volumeBindingMode: WaitForFirstConsumer
allowedTopologies:
  - matchLabelExpressions: [{ key: topology.kubernetes.io/zone, values: [test-zone-c] }]
---
";

fn database(class: &str) -> String {
    let claim = format!("{{ metadata: {{ name: data }}, spec: {{ storageClassName: {class} }} }}");
    workload("apps/v1", "StatefulSet", "db", &format!("  volumeClaimTemplates: [{claim}]"))
}

#[test]
fn a_claim_template_gives_every_pod_a_volume_of_its_class() {
    let ran = plan(&[POOL, IN_ZONE_C, &database("disks")].concat());
    let zone = json!({ "key": "topology.kubernetes.io/zone", "operator": "In", "values": ["test-zone-c"] });
    let plan = ran.json();
    let requirements = plan["claims"][0]["requirements"].as_array().expect("a node is made");
    assert!(requirements.contains(&zone), "{requirements:?}");
    assert_eq!((ran.exit, pods_on_new_nodes(&plan)), (Exit::Done, vec!["default/db-0"]));
}

#[test]
fn a_claim_that_is_there_is_found_again() {
    let volume = "apiVersion: v1\nkind: PersistentVolume\nmetadata: { name: v }\nspec:\n  nodeAffinity:\n    required:\n      \
                  nodeSelectorTerms:\n        - matchExpressions: [{ key: topology.kubernetes.io/zone, operator: In, values: [test-zone-b] }]\n---\n";
    let claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: { name: data-db-0 }\nspec: { volumeName: v, \
                 storageClassName: disks }\n---\n";
    let plan = plan(&[POOL, IN_ZONE_C, volume, claim, &database("disks")].concat()).json();
    assert!(plan["claims"][0]["requirements"].to_string().contains("test-zone-b"), "{plan}");
}

#[test]
fn a_volume_of_no_class_leaves_its_pod_without_a_place() {
    let ran = plan(&[POOL, &database("missing")].concat());
    assert_eq!(
        (ran.exit, ran.json()["unschedulable"][0]["pod"].as_str()),
        (Exit::NoPlace, Some("default/db-0"))
    );
}

#[test]
fn lists_and_streams_of_json_are_read_item_by_item() {
    let object = |name: &str| json!({ "metadata": { "name": name }, "spec": { "containers": [{ "name": "main" }] } });
    let list =
        json!({ "apiVersion": "v1", "kind": "PodList", "items": [object("a"), object("b")] });
    let pool: serde_json::Value =
        serde_saphyr::from_str(POOL.trim_end().trim_end_matches("---")).expect("the pool is YAML");
    let pool = json!({ "apiVersion": "v1", "kind": "List", "items": [pool] });
    let plan = plan(&format!("{list}\n{pool}")).json();
    assert_eq!(pods_on_new_nodes(&plan), ["default/a", "default/b"]);
}

#[test]
fn a_limit_without_request_counts_as_request() {
    let limited = pod("a", "").replace("requests", "limits").replace("'1'", "'3'");
    let plan = plan(&[POOL, &limited].concat()).json();
    assert_eq!(plan["claims"][0]["instance_types"][0], "c-4x-amd64-linux");
}

#[test]
fn pods_nobody_may_place_are_noted_and_left_alone() {
    let gated = pod("gated", "  schedulingGates: [{ name: quota }]");
    let ran = plan(&[POOL, &gated].concat());
    assert_eq!(
        ran.notes,
        ["note: Pod default/gated: has scheduling gates, so it is not planned for"]
    );
    assert_eq!((ran.exit, ran.json()["claims"].clone()), (Exit::Done, json!([])));
    assert!(ran.out.contains("\"cost_per_hour\": 0.0"), "nothing costs nothing: {}", ran.out);
}

#[test]
fn pods_of_nodes_being_deleted_need_a_new_place() {
    let node = "apiVersion: v1\nkind: Node\nmetadata: { name: old, deletionTimestamp: '2026-01-01T00:00:00Z' }\n\
                status: { capacity: { cpu: '8', pods: '9' } }\n---\n";
    let plan = plan(&[POOL, node, &pod("a", "  nodeName: old")].concat()).json();
    assert_eq!(pods_on_new_nodes(&plan), ["default/a"]);
}

#[test]
fn overlays_change_prices() {
    let overlay = "apiVersion: karpenter.sh/v1alpha1\nkind: NodeOverlay\nmetadata: { name: dear }\n\
                   spec:\n  price: '5'\n  requirements:\n    - { key: kubernetes.io/arch, operator: In, values: [amd64] }\n---\n";
    let plan = plan(&[POOL, overlay, &pod("a", "")].concat()).json();
    assert_eq!(plan["cost_per_hour"], 5.0);
}

#[test]
fn preferences_are_tried_or_not_looked_at() {
    let wish = "  affinity:\n    nodeAffinity:\n      preferredDuringSchedulingIgnoredDuringExecution:\n        - weight: 1\n          \
                preference: { matchExpressions: [{ key: topology.kubernetes.io/zone, operator: In, values: [test-zone-c] }] }";
    let objects = [POOL, &pod("a", wish)].concat();
    let zones = |policy: &str| {
        let arguments = ["-f", "-", "-o", "json", "--preference-policy", policy];
        simulate(&arguments, &objects).out.contains("test-zone-c")
    };
    assert!(zones("Respect"));
    assert!(!zones("ignore"));
}

#[test]
fn min_values_are_insisted_on_or_lowered() {
    let family = "{ key: karpenter.kwok.sh/instance-family, operator: Exists, minValues: 9 }";
    let pool =
        POOL.replace("      nodeClassRef", &format!("        - {family}\n      nodeClassRef"));
    let objects = [pool, pod("a", "")].concat();
    let exit = |policy: &str| simulate(&["-f", "-", "--min-values-policy", policy], &objects).exit;
    assert_eq!((exit("Strict"), exit("BestEffort")), (Exit::NoPlace, Exit::Done));
}

#[test]
fn what_is_missing_for_a_plan_is_noted() {
    let claim = "apiVersion: karpenter.sh/v1\nkind: NodeClaim\nmetadata: { name: c }\nspec:\n  requirements: []\n  \
                 nodeClassRef: { group: g, kind: K, name: d }\n---\n";
    let class = "apiVersion: karpenter.kwok.sh/v1alpha1\nkind: KWOKNodeClass\nmetadata: { name: default }\n---\n";
    let ran = plan(&[claim, class, &pod("a", "  nodeName: gone")].concat());
    assert_eq!(
        ran.notes,
        [
            "note: standard input document 2: KWOKNodeClass default: has no effect; instance types come from the catalogue",
            "note: NodeClaim c: has no instance yet, so its size is unknown and nothing is placed on it",
            "note: Node gone: is not given, so pods on it are not counted",
            "note: no NodePool is given, so nothing is planned, not even onto nodes that are there",
        ]
    );
    assert_eq!(ran.exit, Exit::Done);
}

const DEVICES: &str = "\
apiVersion: resource.k8s.io/v1
kind: DeviceClass
metadata: { name: port }
spec: { selectors: [{ cel: { expression: device.driver == 'fabric.example.com' } }] }
---
apiVersion: resource.k8s.io/v1
kind: ResourceSlice
metadata: { name: fabric }
spec:
  driver: fabric.example.com
  pool: { name: fabric, generation: 1, resourceSliceCount: 1 }
  nodeSelector:
    nodeSelectorTerms:
      - matchExpressions: [{ key: topology.kubernetes.io/zone, operator: In, values: [test-zone-c] }]
  devices: [{ name: port-0 }]
---
apiVersion: resource.k8s.io/v1
kind: ResourceClaim
metadata: { name: one }
spec: { devices: { requests: [{ name: r, exactly: { deviceClassName: port } }] } }
---
";

#[test]
fn pods_that_claim_devices_are_planned_for_when_devices_are_given() {
    let claiming = pod("user", "  resourceClaims: [{ name: port, resourceClaimName: one }]");
    let with = plan(&[POOL, DEVICES, &claiming].concat()).json();
    assert_eq!(pods_on_new_nodes(&with), ["default/user"]);
    assert!(with.to_string().contains("test-zone-c"), "{with}");
    let without = plan(&[POOL, &claiming].concat()).json();
    assert!(pods_on_new_nodes(&without).is_empty());
    assert!(without.to_string().contains("Dynamic Resource Allocation"), "{without}");
}
