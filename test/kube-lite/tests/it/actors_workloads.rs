//! Deployments, stateful sets, jobs, volumes and failing nodes.
//!
//! Source: Kubernetes concepts, "Deployments", "StatefulSets", "Jobs", "Persistent Volumes", "Node status" and "Taints and
//! Tolerations".

use http::Method;
use serde_json::{Value, json};

use crate::actors_scheduler::zoned;
use crate::cluster::{Cluster, DEPLOYMENTS, deployment, seconds};
use crate::support::{PODS, call, call_as, list_of};

const JOBS: &str = "/apis/batch/v1/namespaces/default/jobs";
const STATEFULSETS: &str = "/apis/apps/v1/namespaces/default/statefulsets";
const CLAIMS: &str = "/api/v1/namespaces/default/persistentvolumeclaims";
const ATTACHMENTS: &str = "/apis/storage.k8s.io/v1/volumeattachments";

async fn two_zones() -> Cluster {
    let cluster = Cluster::new();
    for (name, zone) in [("a1", "a"), ("b1", "b")] {
        cluster.actors.kubelets.join(zoned(name, zone)).await.expect("running");
    }
    seconds(5).await;
    cluster
}

async fn patch(cluster: &Cluster, path: &str, body: Value) {
    let media = "application/merge-patch+json";
    let (code, answer) = call_as(&cluster.server, Method::PATCH, path, media, body).await;
    assert_eq!(code, 200, "{answer}");
}

fn names(objects: &[Value]) -> Vec<&str> {
    objects.iter().filter_map(|object| object["metadata"]["name"].as_str()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_rolling_update_keeps_to_its_limits_and_ends_complete() {
    let cluster = two_zones().await;
    let mut web = deployment("web", 4, "100m");
    web["spec"]["strategy"] = json!({"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}});
    cluster.post(DEPLOYMENTS, web).await;
    seconds(30).await;
    let path = format!("{DEPLOYMENTS}/web");
    let image = json!({"spec": {"template": {"metadata": {"annotations": {"v": "2"}}}}});
    patch(&cluster, &path, image).await;
    let mut most = 0;
    for _ in 0..60 {
        seconds(1).await;
        let pods = list_of(&cluster.server, PODS).await;
        let stays = pods.iter().filter(|pod| pod["metadata"]["deletionTimestamp"].is_null());
        let ready = stays.clone().filter(|pod| pod["status"]["phase"] == "Running").count();
        most = most.max(stays.count());
        assert!(ready >= 4, "{ready} pods serve");
    }
    assert_eq!(most, 5);
    let web = cluster.get(&path).await;
    let status = &web["status"];
    assert_eq!((&status["updatedReplicas"], &status["replicas"]), (&json!(4), &json!(4)));
    let reasons: Vec<_> = status["conditions"].as_array().into_iter().flatten().collect();
    let reasons: Vec<_> = reasons.iter().map(|condition| &condition["reason"]).collect();
    assert_eq!(reasons, ["MinimumReplicasAvailable", "NewReplicaSetAvailable"]);
    let sets = list_of(&cluster.server, "/apis/apps/v1/namespaces/default/replicasets").await;
    let mut sizes: Vec<_> = sets.iter().map(|set| set["spec"]["replicas"].as_i64()).collect();
    sizes.sort();
    assert_eq!(sizes, [Some(0), Some(4)]);
}

fn job(name: &str, spec: &Value, exit_code: &str) -> Value {
    let mut job = json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name},
        "spec": spec});
    job["spec"]["template"] = json!({
        "metadata": {"annotations": {
            "kube-lite/run-seconds": "10", "kube-lite/exit-code": exit_code}},
        "spec": {"restartPolicy": "Never", "containers": [{"name": "main", "image": "pause"}]},
    });
    job
}

#[tokio::test(start_paused = true)]
async fn a_job_runs_to_completion_within_its_parallelism_and_vanishes_after_its_time_to_live() {
    let cluster = two_zones().await;
    let spec = json!({"completions": 3, "parallelism": 2, "ttlSecondsAfterFinished": 100});
    cluster.post(JOBS, job("sum", &spec, "0")).await;
    seconds(6).await;
    assert_eq!(list_of(&cluster.server, PODS).await.len(), 2);
    seconds(60).await;
    let sum = cluster.get(&format!("{JOBS}/sum")).await;
    assert_eq!(sum["status"]["succeeded"], 3);
    let types: Vec<_> = sum["status"]["conditions"].as_array().into_iter().flatten().collect();
    let types: Vec<_> = types.iter().map(|condition| &condition["type"]).collect();
    assert_eq!(types, ["SuccessCriteriaMet", "Complete"]);
    seconds(120).await;
    assert_eq!(
        call(&cluster.server, Method::GET, &format!("{JOBS}/sum"), Value::Null).await.0,
        404
    );
    assert_eq!(list_of(&cluster.server, PODS).await, Vec::<Value>::new());
}

#[tokio::test(start_paused = true)]
async fn a_job_whose_pods_fail_gives_up_after_its_backoff_limit() {
    let cluster = two_zones().await;
    cluster.post(JOBS, job("bad", &json!({"backoffLimit": 1}), "1")).await;
    seconds(120).await;
    let bad = cluster.get(&format!("{JOBS}/bad")).await;
    assert_eq!(bad["status"]["failed"], 2);
    let last = bad["status"]["conditions"].as_array().and_then(|all| all.last().cloned());
    let last = last.unwrap_or_default();
    assert_eq!(
        (&last["type"], &last["reason"]),
        (&json!("Failed"), &json!("BackoffLimitExceeded"))
    );
}

fn class(name: &str, mode: &str) -> Value {
    json!({
        "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": name},
        "provisioner": "disk.test", "reclaimPolicy": "Delete", "volumeBindingMode": mode,
        "allowedTopologies": [{"matchLabelExpressions": [
            {"key": "topology.kubernetes.io/zone", "values": ["b"]}]}],
    })
}

fn stateful_set(replicas: u32, storage_class: &str) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "db"},
        "spec": {
            "replicas": replicas, "serviceName": "db", "selector": {"matchLabels": {"app": "db"}},
            "template": {"metadata": {"labels": {"app": "db"}}, "spec": {"containers": [
                {"name": "main", "image": "pause",
                    "resources": {"requests": {"cpu": "100m"}}}]}},
            "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": {
                "accessModes": ["ReadWriteOnce"], "storageClassName": storage_class,
                "resources": {"requests": {"storage": "20Gi"}}}}],
        },
    })
}

#[tokio::test(start_paused = true)]
async fn a_stateful_set_starts_in_order_with_volumes_where_the_class_allows_them() {
    let cluster = two_zones().await;
    let classes = "/apis/storage.k8s.io/v1/storageclasses";
    cluster.post(classes, class("late", "WaitForFirstConsumer")).await;
    cluster.post(STATEFULSETS, stateful_set(3, "late")).await;
    seconds(1).await;
    assert_eq!(names(&list_of(&cluster.server, PODS).await), ["db-0"]);
    seconds(60).await;
    let pods = list_of(&cluster.server, PODS).await;
    assert_eq!(names(&pods), ["db-0", "db-1", "db-2"]);
    let nodes: Vec<_> = pods.iter().map(|pod| &pod["spec"]["nodeName"]).collect();
    assert_eq!(nodes, [&json!("b1"), &json!("b1"), &Value::Null], "a disk limit of two");
    let message = pods[2]["status"]["conditions"][0]["message"].as_str().unwrap_or("");
    assert!(message.contains("1 node(s) exceed max volume count"), "{message}");
    let claims = list_of(&cluster.server, CLAIMS).await;
    assert_eq!(names(&claims), ["data-db-0", "data-db-1", "data-db-2"]);
    assert_eq!(claims[0]["status"]["phase"], "Bound");
    assert_eq!(list_of(&cluster.server, ATTACHMENTS).await.len(), 2);
    let node = cluster.get("/api/v1/nodes/b1").await;
    assert_eq!(node["status"]["volumesAttached"].as_array().map(Vec::len), Some(2));
    patch(&cluster, &format!("{STATEFULSETS}/db"), json!({"spec": {"replicas": 0}})).await;
    seconds(60).await;
    assert_eq!(list_of(&cluster.server, PODS).await, Vec::<Value>::new());
    assert_eq!(list_of(&cluster.server, ATTACHMENTS).await, Vec::<Value>::new());
    call(&cluster.server, Method::DELETE, &format!("{CLAIMS}/data-db-0"), Value::Null).await;
    seconds(5).await;
    let volumes = list_of(&cluster.server, "/api/v1/persistentvolumes").await;
    assert_eq!(volumes.len(), 1, "the volume of a deleted claim goes");
}

#[tokio::test(start_paused = true)]
async fn an_immediate_claim_is_bound_before_any_pod_uses_it() {
    let cluster = two_zones().await;
    cluster.post("/apis/storage.k8s.io/v1/storageclasses", class("now", "Immediate")).await;
    let claim = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"],
            "storageClassName": "now", "resources": {"requests": {"storage": "20Gi"}}}});
    cluster.post(CLAIMS, claim).await;
    seconds(5).await;
    let claim = cluster.get(&format!("{CLAIMS}/data")).await;
    assert_eq!(claim["status"]["phase"], "Bound");
    let name = claim["spec"]["volumeName"].as_str().unwrap_or("");
    let volume = cluster.get(&format!("/api/v1/persistentvolumes/{name}")).await;
    let term = "/spec/nodeAffinity/required/nodeSelectorTerms/0/matchExpressions/0/values";
    assert_eq!(volume.pointer(term), Some(&json!(["b"])));
}

#[tokio::test(start_paused = true)]
async fn pods_leave_a_silent_node_when_their_toleration_ends() {
    let cluster = Cluster::new();
    cluster.actors.kubelets.join(zoned("a1", "a")).await.expect("running");
    seconds(5).await;
    cluster.post(DEPLOYMENTS, deployment("web", 1, "100m")).await;
    seconds(20).await;
    cluster.actors.kubelets.leave("a1").await.expect("running");
    cluster.actors.kubelets.join(zoned("b1", "b")).await.expect("running");
    seconds(60).await;
    let node = cluster.get("/api/v1/nodes/a1").await;
    let taints = node["spec"]["taints"].as_array().cloned().unwrap_or_default();
    let keys: Vec<_> = taints.iter().map(|taint| (&taint["key"], &taint["effect"])).collect();
    let unreachable = json!("node.kubernetes.io/unreachable");
    assert_eq!(keys, [(&unreachable, &json!("NoSchedule")), (&unreachable, &json!("NoExecute"))]);
    assert_eq!(list_of(&cluster.server, PODS).await.len(), 1, "five minutes are tolerated");
    seconds(300).await;
    let pods = list_of(&cluster.server, PODS).await;
    let running: Vec<_> = pods
        .iter()
        .filter(|pod| pod["metadata"]["deletionTimestamp"].is_null())
        .map(|pod| &pod["spec"]["nodeName"])
        .collect();
    assert_eq!(running, [&json!("b1")]);
}
