//! Server-side columns. Source: Kubernetes API concepts, "Receiving resources as Tables".

use axum::body::{Body, to_bytes};
use http::Method;
use http::Request;
use kube_lite::KubeLite;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::support::{PODS, call, call_as, pod, server};

async fn table(server: &KubeLite, path: &str) -> (u16, Value) {
    let request = Request::get(path)
        .header("accept", "application/json;as=Table;v=v1;g=meta.k8s.io,application/json")
        .body(Body::empty())
        .expect("a request");
    let answer = server.router().oneshot(request).await.expect("an answer");
    let code = answer.status().as_u16();
    let bytes = to_bytes(answer.into_body(), 1 << 20).await.expect("a body");
    (code, serde_json::from_slice(&bytes).expect("JSON"))
}

/// Cells of the only row under their column names, the age left out.
fn cells(table: &Value) -> Value {
    let columns = table["columnDefinitions"].as_array().expect("columns");
    let cells = table["rows"][0]["cells"].as_array().expect("cells");
    assert_eq!(columns.len(), cells.len(), "{table}");
    let pairs = columns.iter().zip(cells).map(|(column, cell)| {
        let name = column["name"].as_str().expect("a name").to_owned();
        (name, cell.clone())
    });
    Value::Object(pairs.filter(|(name, _)| name != "Age" && name != "Created At").collect())
}

#[tokio::test]
async fn each_built_in_kind_has_the_columns_people_know() {
    let template = json!({"metadata": {"labels": {"a": "b"}},
        "spec": {"containers": [{"name": "c", "image": "i"}]}});
    let selector = json!({"matchLabels": {"a": "b"}});
    let apps = "/apis/apps/v1/namespaces/default";
    let core = "/api/v1/namespaces/default";
    let rows = [
        (
            format!("{apps}/deployments"),
            json!({"spec": {"replicas": 2, "selector": selector, "template": template}}),
            json!({"Name": "x", "Ready": "0/2", "Up-to-date": 0, "Available": 0,
                "Containers": "c", "Images": "i", "Selector": "a=b"}),
        ),
        (
            format!("{apps}/daemonsets"),
            json!({"spec": {"selector": selector, "template": template}}),
            json!({"Name": "x", "Desired": 0, "Current": 0, "Ready": 0, "Up-to-date": 0,
                "Available": 0, "Node Selector": "<none>", "Containers": "c", "Images": "i",
                "Selector": "a=b"}),
        ),
        (
            format!("{apps}/statefulsets"),
            json!({"spec": {"selector": selector, "template": template}}),
            json!({"Name": "x", "Ready": "0/1", "Containers": "c", "Images": "i"}),
        ),
        (
            format!("{core}/configmaps"),
            json!({"data": {"a": "1", "b": "2"}}),
            json!({"Name": "x", "Data": "2"}),
        ),
        (
            format!("{core}/services"),
            json!({"spec": {"type": "NodePort", "clusterIP": "10.0.0.1",
                "ports": [{"port": 80, "nodePort": 30080}, {"port": 53, "protocol": "UDP"}]}}),
            json!({"Name": "x", "Type": "NodePort", "Cluster-IP": "10.0.0.1",
                "External-IP": "<none>", "Port(s)": "80:30080/TCP,53/UDP",
                "Selector": "<none>"}),
        ),
        (
            format!("{core}/persistentvolumeclaims"),
            json!({"spec": {"storageClassName": "disk", "accessModes": ["ReadWriteOnce"]}}),
            json!({"Name": "x", "Status": "Pending", "Volume": "", "Capacity": "",
                "Access Modes": "", "StorageClass": "disk", "VolumeAttributesClass": "<unset>",
                "VolumeMode": "Filesystem"}),
        ),
        (
            "/apis/policy/v1/namespaces/default/poddisruptionbudgets".to_owned(),
            json!({"spec": {"minAvailable": "50%", "selector": selector}}),
            json!({"Name": "x", "Min Available": "50%", "Max Unavailable": "N/A",
                "Allowed Disruptions": 0}),
        ),
        (
            "/apis/scheduling.k8s.io/v1/priorityclasses".to_owned(),
            json!({"value": 7}),
            json!({"Name": "x", "Value": 7, "Global-Default": false,
                "PreemptionPolicy": "PreemptLowerPriority"}),
        ),
        (
            "/apis/storage.k8s.io/v1/storageclasses".to_owned(),
            json!({"provisioner": "p", "metadata": {"annotations":
                {"storageclass.kubernetes.io/is-default-class": "true"}}}),
            json!({"Name": "x (default)", "Provisioner": "p", "ReclaimPolicy": "Delete",
                "VolumeBindingMode": "Immediate", "AllowVolumeExpansion": false}),
        ),
        (
            "/api/v1/nodes".to_owned(),
            json!({"metadata": {"labels": {"node-role.kubernetes.io/worker": ""}},
                "spec": {"unschedulable": true}, "status": {
                    "conditions": [{"type": "Ready", "status": "True"}],
                    "addresses": [{"type": "InternalIP", "address": "10.0.0.9"}],
                    "nodeInfo": {"kubeletVersion": "v1.33.1"}}}),
            json!({"Name": "x", "Status": "Ready,SchedulingDisabled", "Roles": "worker",
                "Version": "v1.33.1", "Internal-IP": "10.0.0.9", "External-IP": "<none>",
                "OS-Image": "<unknown>", "Kernel-Version": "<unknown>",
                "Container-Runtime": "<unknown>"}),
        ),
        (
            "/apis/coordination.k8s.io/v1/namespaces/default/leases".to_owned(),
            json!({"spec": {"holderIdentity": "me"}}),
            json!({"Name": "x", "Holder": "me"}),
        ),
    ];
    for (path, mut object, expected) in rows {
        let server = server();
        object["metadata"]["name"] = json!("x");
        let (code, body) = call(&server, Method::POST, &path, object).await;
        assert_eq!(code, 201, "{body}");
        let (_, found) = table(&server, &format!("{path}?fieldSelector=metadata.name=x")).await;
        assert_eq!((&found["kind"], cells(&found)), (&json!("Table"), expected), "{path}");
    }
}

#[tokio::test]
async fn a_pod_shows_why_it_does_not_run() {
    let waiting = |reason: &str| {
        json!({"phase": "Pending", "containerStatuses": [
            {"name": "main", "ready": false, "restartCount": 0, "image": "", "imageID": "",
                "state": {"waiting": {"reason": reason}}}]})
    };
    let ended = json!({"phase": "Running", "containerStatuses": [
        {"name": "main", "ready": true, "restartCount": 3, "image": "", "imageID": "",
            "state": {"running": {}},
            "lastState": {"terminated": {"exitCode": 1, "finishedAt": "2023-11-14T22:03:20Z"}}}]});
    for (status, shown, restarts) in [
        (json!({"phase": "Pending"}), "Pending", "0"),
        (json!({"phase": "Failed", "reason": "Evicted"}), "Evicted", "0"),
        (waiting("ImagePullBackOff"), "ImagePullBackOff", "0"),
        (ended, "Running", "3 (10m ago)"),
        (
            json!({"phase": "Pending", "conditions": [
                {"type": "PodScheduled", "status": "False", "reason": "SchedulingGated"}]}),
            "SchedulingGated",
            "0",
        ),
    ] {
        let server = server();
        call(&server, Method::POST, PODS, pod("a")).await;
        let (path, merge) = (format!("{PODS}/a/status"), "application/merge-patch+json");
        let (code, body) =
            call_as(&server, Method::PATCH, &path, merge, json!({"status": status})).await;
        assert_eq!(code, 200, "{body}");
        let found = cells(&table(&server, &format!("{PODS}/a")).await.1);
        assert_eq!((&found["Status"], &found["Restarts"]), (&json!(shown), &json!(restarts)));
    }
}

#[tokio::test]
async fn rows_carry_nothing_metadata_or_the_whole_object() {
    let server = server();
    call(&server, Method::POST, PODS, pod("a")).await;
    for (include, kind, spec) in [
        ("None", Value::Null, false),
        ("", json!("PartialObjectMetadata"), false),
        ("Object", json!("Pod"), true),
    ] {
        let (_, found) = table(&server, &format!("{PODS}?includeObject={include}")).await;
        let object = &found["rows"][0]["object"];
        assert_eq!((&object["kind"], object["spec"].is_object()), (&kind, spec), "{include}");
    }
    assert_eq!(table(&server, &format!("{PODS}?includeObject=Some")).await.0, 400);
}

#[tokio::test]
async fn pages_of_a_table_continue() {
    let server = server();
    for name in ["a", "b", "c"] {
        call(&server, Method::POST, PODS, pod(name)).await;
    }
    let (_, first) = table(&server, &format!("{PODS}?limit=2")).await;
    let token = first["metadata"]["continue"].as_str().expect("more pages");
    let (_, rest) = table(&server, &format!("{PODS}?limit=2&continue={token}")).await;
    let names = |page: &Value| -> Vec<Value> {
        page["rows"].as_array().into_iter().flatten().map(|row| row["cells"][0].clone()).collect()
    };
    assert_eq!((names(&first), names(&rest)), (vec![json!("a"), json!("b")], vec![json!("c")]));
}
