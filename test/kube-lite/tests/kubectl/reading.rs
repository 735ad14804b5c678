//! Commands that read: get in its forms, describe, events, wait.
//!
//! Source: kubectl reference, "kubectl get", "kubectl describe", "kubectl events" and "kubectl wait".

use crate::support::{Cluster, POD, words};

#[tokio::test(flavor = "multi_thread")]
async fn pods_are_listed_in_the_columns_people_know() {
    let Some(cluster) = Cluster::start().await else { return };
    cluster.ok_with("create -f -", POD).await;
    let listed = cluster.ok("get pods").await;
    let lines: Vec<&str> = listed.lines().collect();
    assert_eq!(words(lines[0]), ["NAME", "READY", "STATUS", "RESTARTS", "AGE"]);
    assert_eq!(words(lines[1])[..4], ["web", "0/1", "Pending", "0"]);
    let wide = cluster.ok("get pods -o wide").await;
    let lines: Vec<&str> = wide.lines().collect();
    assert_eq!(words(lines[0])[5..], ["IP", "NODE", "NOMINATED NODE", "READINESS GATES"]);
    assert_eq!(words(lines[1])[5..], ["<none>", "<none>", "<none>", "<none>"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn selectors_namespaces_and_sorting_choose_what_is_listed() {
    let Some(cluster) = Cluster::start().await else { return };
    cluster.ok_with("create -f -", POD).await;
    for (arguments, found) in [
        ("-l app=web", true),
        ("-l app=other", false),
        ("--field-selector status.phase=Pending", true),
        ("--field-selector spec.nodeName=n1", false),
        ("-n kube-system", false),
        ("-A", true),
        ("-A --sort-by=.metadata.name", true),
    ] {
        let listed = cluster.ok(&format!("get pods {arguments}")).await;
        assert_eq!(listed.contains("web"), found, "{arguments}: {listed}");
    }
    assert!(cluster.ok("get pods -A").await.starts_with("NAMESPACE   NAME"));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_object_is_shown_as_yaml_or_by_a_path() {
    let Some(cluster) = Cluster::start().await else { return };
    cluster.ok_with("create -f -", POD).await;
    assert!(cluster.ok("get pod web -o yaml").await.contains("kind: Pod"));
    assert_eq!(cluster.ok("get pod web -o jsonpath={.spec.containers[0].image}").await, "pause");
    assert!(cluster.fails("get pod none", "").await.contains("pods \"none\" not found"));
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_are_described() {
    let Some(cluster) = Cluster::with_actors().await else { return };
    cluster.ok_with("create -f -", POD).await;
    cluster.ok("wait --for=condition=Ready pod/web --timeout=20s").await;
    let pod = cluster.ok("describe pod web").await;
    assert!(pod.contains("Image:") && pod.contains("n1"), "{pod}");
    let node = cluster.ok("describe node n1").await;
    assert!(node.contains("Allocated resources") && node.contains("web"), "{node}");
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_printed() {
    let Some(cluster) = Cluster::start().await else { return };
    let event = "
apiVersion: v1
kind: Event
metadata: {name: e, namespace: default}
involvedObject: {kind: Pod, name: web, namespace: default}
reason: Nominated
message: it goes there
type: Normal
";
    cluster.ok_with("create -f -", event).await;
    for command in ["events", "get events"] {
        let printed = cluster.ok(command).await;
        for part in ["LAST SEEN", "Normal", "Nominated", "it goes there"] {
            assert!(printed.contains(part), "{command}: {printed}");
        }
    }
    assert!(cluster.ok("get events").await.contains("pod/web"));
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_ends_with_a_condition_a_value_or_a_deletion() {
    let Some(cluster) = Cluster::with_actors().await else { return };
    cluster.ok_with("create -f -", POD).await;
    cluster.ok("wait pod/web --for=condition=Ready --timeout=20s").await;
    cluster.ok("wait pod/web --for=jsonpath={.status.phase}=Running --timeout=20s").await;
    cluster.ok("delete pod web --wait=false").await;
    cluster.ok("wait pod/web --for=delete --timeout=20s").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_prints_every_change_as_a_row() {
    let Some(cluster) = Cluster::start().await else { return };
    cluster.ok_with("create -f -", POD).await;
    let watched = cluster.run("get pods -w --request-timeout=1s", "").await;
    assert!(watched.out.contains("web    0/1"), "{watched:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_and_exec_are_refused_with_a_reason() {
    let Some(cluster) = Cluster::start().await else { return };
    cluster.ok_with("create -f -", POD).await;
    for command in ["logs web", "exec web -- true"] {
        let refused = cluster.fails(command, "").await;
        assert!(refused.contains("containers exist on paper"), "{command}: {refused}");
    }
}
