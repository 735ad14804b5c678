//! The separate programs, some of them killed in the middle: nothing is launched twice, nothing leaks.

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

#[tokio::test(flavor = "multi_thread")]
async fn parts_that_are_killed_and_started_again_go_on_where_they_were() {
    let folder = folder("composition");
    let (port, kubeconfig) = (free_port(), folder.join("kubeconfig"));
    let mut api = start_api(&folder, port, &kubeconfig);
    let mut parts = Parts::start(&folder, &kubeconfig);
    let cluster = Cluster::new(&kubeconfig, &parts.cloud_url()).await;
    for example in ["ecsnodeclass", "nodepool-general", "inflate"] {
        cluster.apply(example).await;
    }
    cluster.scale("inflate", 60).await;
    cluster.until("claims are there", |seen| !seen.claims.is_empty()).await;
    // In the middle of the launch.
    parts.restart_karpenter();
    let before = cluster.until_running(60).await;

    api.signal("KILL");
    api.until_ended();
    api = start_api(&folder, port, &kubeconfig);
    parts.restart_cloud();
    parts.restart_kubelets();
    let after = cluster.until_running(60).await;
    assert_eq!(before.claims, after.claims, "restarts of its peers are no reason to launch");

    cluster.scale("inflate", 120).await;
    let grown = cluster.until_running(120).await;
    assert!(before.instances.is_subset(&grown.instances), "growing takes nothing away");
    if let Some(text) = kubectl(&kubeconfig, &["get", "nodepools,nodeclaims,nodes"]) {
        assert!(text.contains("general"), "{text}");
    }
    cluster.scale("inflate", 0).await;
    cluster.until("nothing is left", Seen::is_empty).await;
    api.signal("TERM");
    assert!(api.until_ended().success(), "{}", api.said());
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
