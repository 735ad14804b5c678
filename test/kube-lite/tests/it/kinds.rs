//! Built-in kinds: scope, subresources, and what admission adds to new objects.

use http::Method;
use serde_json::{Value, json};

use crate::support::{PODS, call, list_of, pod, server};

const CLAIMS: &str = "/api/v1/namespaces/default/persistentvolumeclaims";

/// Path of the collection of a resource; namespaced ones are in `default`.
fn collection(group_version: &str, resource: &Value) -> String {
    let root = if group_version == "v1" { "/api" } else { "/apis" };
    let plural = resource["name"].as_str().expect("a name");
    match resource["namespaced"] == true {
        true => format!("{root}/{group_version}/namespaces/default/{plural}"),
        false => format!("{root}/{group_version}/{plural}"),
    }
}

/// Source: Kubernetes API reference, one page per resource.
#[tokio::test]
async fn every_listed_kind_is_served_under_its_plural_and_scope() {
    let server = server();
    let groups = [
        ("v1", "endpoints limitranges podtemplates replicationcontrollers resourcequotas services"),
        ("apps/v1", "daemonsets deployments replicasets statefulsets"),
        ("autoscaling/v2", "horizontalpodautoscalers"),
        ("batch/v1", "cronjobs jobs"),
        ("coordination.k8s.io/v1", "leases"),
        ("discovery.k8s.io/v1", "endpointslices"),
        ("networking.k8s.io/v1", "networkpolicies"),
        ("node.k8s.io/v1", "runtimeclasses"),
        ("rbac.authorization.k8s.io/v1", "clusterrolebindings clusterroles rolebindings roles"),
        (
            "resource.k8s.io/v1",
            "deviceclasses resourceclaims resourceclaimtemplates resourceslices",
        ),
        ("scheduling.k8s.io/v1", "priorityclasses"),
        (
            "storage.k8s.io/v1",
            "csidrivers csinodes csistoragecapacities storageclasses volumeattachments",
        ),
    ];
    for (group_version, plurals) in groups {
        let root = if group_version == "v1" { "/api" } else { "/apis" };
        let path = format!("{root}/{group_version}");
        let (_, served) = call(&server, Method::GET, &path, Value::Null).await;
        for plural in plurals.split(' ') {
            let mut resources = served["resources"].as_array().into_iter().flatten();
            let resource = resources.find(|resource| resource["name"] == plural);
            let path = collection(group_version, resource.expect(plural));
            let object = format!("{path}/x-1");
            assert_eq!(call(&server, Method::GET, &object, Value::Null).await.0, 404, "{path}");
            assert_eq!(call(&server, Method::GET, &path, Value::Null).await.0, 200, "{path}");
        }
    }
}

/// Source: Kubernetes API reference, `StatefulSet` and `Scale`.
#[tokio::test]
async fn stateful_sets_and_replication_controllers_are_scaled() {
    let server = server();
    let rows = [
        ("/apis/apps/v1/namespaces/default/statefulsets", json!({"matchLabels": {"a": "b"}})),
        ("/api/v1/namespaces/default/replicationcontrollers", json!({"a": "b"})),
    ];
    for (path, selector) in rows {
        let template = json!({"metadata": {"labels": {"a": "b"}}, "spec": pod("x")["spec"]});
        let spec = json!({"serviceName": "s", "selector": selector, "template": template});
        let set = json!({"metadata": {"name": "s"}, "spec": spec});
        let (code, body) = call(&server, Method::POST, path, set).await;
        assert_eq!((code, &body["spec"]["replicas"]), (201, &json!(1)), "{body}");
        let scale = json!({"metadata": {"name": "s"}, "spec": {"replicas": 3}});
        let (code, body) = call(&server, Method::PUT, &format!("{path}/s/scale"), scale).await;
        assert_eq!((code, &body["status"]["selector"]), (200, &json!("a=b")), "{body}");
        let (_, set) = call(&server, Method::GET, &format!("{path}/s"), Value::Null).await;
        assert_eq!(
            (&set["spec"]["replicas"], &set["metadata"]["generation"]),
            (&json!(3), &json!(2))
        );
    }
}

/// Source: Kubernetes concept page "Namespaces" (initial namespaces).
#[tokio::test]
async fn the_initial_namespaces_exist_and_three_of_them_stay() {
    let server = server();
    let namespaces = list_of(&server, "/api/v1/namespaces").await;
    let names: Vec<_> = namespaces.iter().map(|ns| ns["metadata"]["name"].clone()).collect();
    assert_eq!(names, ["default", "kube-node-lease", "kube-public", "kube-system"]);
    for (name, code) in
        [("default", 403), ("kube-public", 403), ("kube-system", 403), ("kube-node-lease", 200)]
    {
        let path = format!("/api/v1/namespaces/{name}");
        assert_eq!(call(&server, Method::DELETE, &path, Value::Null).await.0, code, "{name}");
    }
}

/// Source: Kubernetes concept page "Pod Priority and Preemption".
#[tokio::test]
async fn pods_take_number_and_policy_from_their_priority_class() {
    let server = server();
    let classes = "/apis/scheduling.k8s.io/v1/priorityclasses";
    let high = json!({"metadata": {"name": "high"}, "value": 7, "preemptionPolicy": "Never"});
    assert_eq!(call(&server, Method::POST, classes, high).await.0, 201);
    let mut named = pod("a");
    named["spec"]["priorityClassName"] = json!("high");
    let (_, stored) = call(&server, Method::POST, PODS, named).await;
    assert_eq!(
        (&stored["spec"]["priority"], &stored["spec"]["preemptionPolicy"]),
        (&json!(7), &json!("Never"))
    );
    let mut missing = pod("b");
    missing["spec"]["priorityClassName"] = json!("low");
    let (code, status) = call(&server, Method::POST, PODS, missing).await;
    let message = "pods \"b\" is forbidden: no PriorityClass with name low was found";
    assert_eq!((code, &status["message"]), (403, &json!(message)));
    let mut contradicting = pod("c");
    contradicting["spec"]["priority"] = json!(5);
    assert_eq!(call(&server, Method::POST, PODS, contradicting).await.0, 403);
    let base = json!({"metadata": {"name": "base"}, "value": 3, "globalDefault": true});
    call(&server, Method::POST, classes, base).await;
    let (_, stored) = call(&server, Method::POST, PODS, pod("d")).await;
    assert_eq!(
        (&stored["spec"]["priority"], &stored["spec"]["priorityClassName"]),
        (&json!(3), &json!("base"))
    );
}

fn claim(name: &str) -> Value {
    let resources = json!({"requests": {"storage": "1Gi"}});
    let spec = json!({"accessModes": ["ReadWriteOnce"], "resources": resources});
    json!({"metadata": {"name": name}, "spec": spec})
}

/// Source: Kubernetes concept page "Persistent Volumes" and "Storage Classes".
#[tokio::test]
async fn claims_get_the_marked_storage_class_unless_they_name_one() {
    let server = server();
    let (_, bare) = call(&server, Method::POST, CLAIMS, claim("a")).await;
    assert_eq!(bare["spec"].get("storageClassName"), None);
    assert_eq!(bare["spec"]["volumeMode"], "Filesystem");
    let marked = json!({"storageclass.kubernetes.io/is-default-class": "true"});
    let class = json!({"provisioner": "p", "metadata": {"name": "disk", "annotations": marked}});
    call(&server, Method::POST, "/apis/storage.k8s.io/v1/storageclasses", class).await;
    let (_, given) = call(&server, Method::POST, CLAIMS, claim("b")).await;
    assert_eq!(given["spec"]["storageClassName"], "disk");
    let mut none = claim("c");
    none["spec"]["storageClassName"] = json!("");
    let (_, none) = call(&server, Method::POST, CLAIMS, none).await;
    assert_eq!(none["spec"]["storageClassName"], "");
}

/// Source: Kubernetes concept page "Persistent Volumes" (Storage Object in Use Protection).
#[tokio::test]
async fn a_claim_in_use_goes_when_its_pod_is_gone() {
    let server = server();
    for name in ["used", "free"] {
        let (_, stored) = call(&server, Method::POST, CLAIMS, claim(name)).await;
        let finalizers = json!(["kubernetes.io/pvc-protection"]);
        assert_eq!(stored["metadata"]["finalizers"], finalizers);
    }
    let mut user = pod("user");
    user["spec"]["nodeName"] = json!("n1");
    user["spec"]["volumes"] =
        json!([{"name": "v", "persistentVolumeClaim": {"claimName": "used"}}]);
    call(&server, Method::POST, PODS, user).await;
    for name in ["used", "free"] {
        call(&server, Method::DELETE, &format!("{CLAIMS}/{name}"), Value::Null).await;
    }
    let left = list_of(&server, CLAIMS).await;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0]["metadata"]["name"], "used");
    let now = json!({"gracePeriodSeconds": 0});
    call(&server, Method::DELETE, &format!("{PODS}/user"), now).await;
    assert_eq!(list_of(&server, CLAIMS).await.len(), 0);
}
