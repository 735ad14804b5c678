//! The separate programs, driven as the guide says and some of them killed in the middle: nothing is launched twice,
//! nothing leaks.

use std::path::Path;

use crate::cluster::{Cluster, Seen};
use crate::kubectl::kubectl;
use crate::parts::{Parts, path};
use crate::process::{Process, folder, free_port, lab};

fn start_api(folder: &Path, port: u16, kubeconfig: &Path) -> Process {
    let listen = format!("127.0.0.1:{port}");
    let data = folder.join("api");
    let api = [
        "api",
        "--output",
        "json",
        "--listen",
        &listen,
        "--kubeconfig",
        path(kubeconfig),
        "--data",
        path(&data),
    ];
    let mut api = Process::start(folder, "api", lab(&api));
    api.until("part", "api");
    api
}

/// What `docs/guide/laptop.md` does, with its files.
const EXAMPLES: [&str; 7] = [
    "ecsnodeclass",
    "nodepool-general",
    "nodepool-spot",
    "agent-daemonset",
    "inflate",
    "inflate-pdb",
    "inflate-spot",
];

#[tokio::test(flavor = "multi_thread")]
async fn the_guide_works_and_programs_killed_in_the_middle_go_on_where_they_were() {
    let folder = folder("composition");
    let (port, kubeconfig) = (free_port(), folder.join("kubeconfig"));
    let mut api = start_api(&folder, port, &kubeconfig);
    let mut parts = Parts::start(&folder, &kubeconfig);
    let cluster = Cluster::new(&kubeconfig, &parts.cloud_url()).await;
    for example in EXAMPLES {
        cluster.apply(example).await;
    }
    cluster.scale("inflate", 200).await;
    cluster.scale("inflate-spot", 10).await;
    cluster.until("claims are there", |seen| !seen.claims.is_empty()).await;
    // In the middle of the launch.
    parts.restart_karpenter();
    let before = cluster.until_all_run(210).await;
    let launches = cluster.launches().await;
    assert_eq!(launches.len(), before.instances.len(), "one launch per instance: {before:?}");
    says_why(&kubeconfig, &before);

    api.signal("KILL");
    api.until_ended();
    api = start_api(&folder, port, &kubeconfig);
    parts.restart_cloud();
    parts.restart_kubelets();
    let after = cluster.until_all_run(210).await;
    assert_eq!(before.claims, after.claims, "restarts of its peers are no reason to launch");
    assert_eq!(before.instances, after.instances, "nothing is lost and nothing is left behind");
    assert!(cluster.launches().await.is_empty(), "the cloud that came back was asked for nothing");

    let drained = drain(&cluster, &after).await;
    delete_a_node(&cluster, &drained).await;
    cluster.scale("inflate", 0).await;
    cluster.scale("inflate-spot", 0).await;
    cluster.until("nothing is left", Seen::is_empty).await;
    api.signal("TERM");
    assert!(api.until_ended().success(), "{}", api.said());
}

/// `describe` of every claim and of its node tells for which pods it was made. The annotation tells it of all of them:
/// events that the killed controller had not written yet are lost.
fn says_why(kubeconfig: &Path, seen: &Seen) {
    for (kind, n) in [("nodeclaims", seen.claims.len()), ("nodes", seen.nodes.len())] {
        let Some(text) = kubectl(kubeconfig, &["describe", kind]) else { continue };
        assert_eq!(text.matches("karpenter.sh/provisioned-for:").count(), n, "{kind}: {text}");
        assert!(text.contains(" pod(s): default/inflate"), "{text}");
    }
}

/// The events of an object tell for which pods it was made.
fn tells_why(kubeconfig: &Path, kind: &str, name: &str) {
    let Some(text) = kubectl(kubeconfig, &["describe", kind, name]) else { return };
    let is_told = text.lines().any(|line| {
        line.split_whitespace().take(2).eq(["Normal", "Provisioned"])
            && line.contains(" pod(s): default/inflate")
    });
    assert!(is_told, "{text}");
}

/// Drains a node that holds pods under the disruption budget of the examples; its pods run elsewhere afterwards.
async fn drain(cluster: &Cluster, before: &Seen) -> Seen {
    let node = before.nodes.first().expect("there are nodes");
    let arguments = ["drain", node, "--ignore-daemonsets", "--timeout=150s"];
    let Some(text) = kubectl(&cluster.kubeconfig, &arguments) else {
        return cluster.until_all_run(210).await;
    };
    assert!(text.contains(&format!("node/{node} drained")), "{text}");
    assert!(text.contains("evicting pod default/inflate"), "{text}");
    cluster.until_all_run(210).await
}

/// Deletes a node; another comes in its place.
async fn delete_a_node(cluster: &Cluster, before: &Seen) {
    let node = before.nodes.last().expect("there are nodes").clone();
    match kubectl(&cluster.kubeconfig, &["delete", "node", &node, "--wait=false"]) {
        Some(_) => {}
        None => cluster.delete(&format!("/api/v1/nodes/{node}")).await,
    }
    cluster.until("the deleted node is gone", |seen| !seen.nodes.contains(&node)).await;
    let after = cluster.until_all_run(210).await;
    let made: Vec<_> =
        after.claims.keys().filter(|name| !before.claims.contains_key(*name)).collect();
    let joined: Vec<_> = after.nodes.difference(&before.nodes).collect();
    assert!(!made.is_empty() && made.len() == joined.len(), "claims {made:?}, nodes {joined:?}");
    made.iter().for_each(|claim| tells_why(&cluster.kubeconfig, "nodeclaim", claim));
    joined.iter().for_each(|node| tells_why(&cluster.kubeconfig, "node", node));
}

#[test]
fn a_part_says_what_it_misses() {
    let folder = folder("missing-api");
    let kubeconfig = folder.join("kubeconfig");
    let scheduler = ["scheduler", "--output", "json", "--kubeconfig", path(&kubeconfig)];
    let mut scheduler = Process::start(&folder, "scheduler", lab(&scheduler));
    let give_up = crate::process::clock() + crate::process::PATIENCE;
    while !scheduler.said().contains("\"waiting\"") {
        assert!(crate::process::clock() < give_up, "{}", scheduler.said());
        std::thread::sleep(crate::process::LOOK_EVERY);
    }
    assert!(scheduler.said().contains("kubeconfig"), "{}", scheduler.said());
    let api = start_api(&folder, free_port(), &kubeconfig);
    scheduler.until("part", "scheduler");
    drop(api);
}
