//! Rows, tables and changes of small clusters.

use serde_json::json;

use super::changes::between;
use super::rows::{PriceList, Rows};
use super::seen::Seen;
use super::table::{Window, render};

fn seen() -> Seen {
    let claim = json!({
        "metadata": {
            "name": "general-abc", "creationTimestamp": "2026-01-05T08:00:00Z",
            "labels": {
                "karpenter.sh/nodepool": "general", "karpenter.sh/capacity-type": "spot",
                "node.kubernetes.io/instance-type": "ecs.g7.large",
                "topology.kubernetes.io/zone": "cn-hangzhou-h",
            },
        },
        "spec": {
            "requirements": [],
            "nodeClassRef": {"group": "g", "kind": "ECSNodeClass", "name": "default"},
        },
        "status": {
            "nodeName": "n1", "providerID": "cn-hangzhou.i-1",
            "conditions": [{
                "type": "Initialized", "status": "True", "reason": "Initialized", "message": "",
                "lastTransitionTime": "2026-01-05T08:00:30Z", "observedGeneration": 1,
            }],
        },
    });
    let node = json!({
        "metadata": {"name": "n1"}, "status": {"allocatable": {"cpu": "2", "memory": "4Gi"}},
    });
    let pod = |name: &str, node: Option<&str>| {
        json!({
            "metadata": {"name": name, "namespace": "default"},
            "spec": {"nodeName": node, "containers": [{
                "name": "c", "resources": {"requests": {"cpu": "500m", "memory": "1Gi"}},
            }]},
            "status": {"phase": if node.is_some() { "Running" } else { "Pending" }},
        })
    };
    let event = |pod: &str, reason: &str, message: &str| {
        json!({
            "metadata": {"name": format!("{pod}.{reason}")}, "reason": reason, "message": message,
            "involvedObject": {"kind": "Pod", "namespace": "default", "name": pod},
            "lastTimestamp": "2026-01-05T08:00:01Z",
        })
    };
    let read = |value| serde_json::from_value(value);
    Seen {
        claims: vec![serde_json::from_value(claim).expect("a claim")],
        nodes: vec![serde_json::from_value(node).expect("a node")],
        pods: [pod("a", Some("n1")), pod("b", None)].map(|v| read(v).expect("a pod")).into(),
        events: vec![
            serde_json::from_value(event(
                "a",
                "Nominated",
                "Pod should schedule on: nodeclaim/general-abc",
            ))
            .expect("an event"),
            serde_json::from_value(event("b", "FailedScheduling", "too large")).expect("an event"),
        ],
        pools: vec![],
    }
}

fn rows() -> Rows {
    let prices = PriceList::from([("cn-hangzhou.i-1".to_owned(), 0.25)]);
    let now = "2026-01-05T08:01:00Z".parse().expect("a time");
    Rows::of(&seen(), &prices, now)
}

#[test]
fn a_node_shows_its_price_its_shares_and_the_pods_it_was_made_for() {
    let rows = rows();
    let node = &rows.nodes[0];
    assert_eq!((node.state, node.capacity_type.as_str()), ("ready", "spot"));
    assert_eq!((node.cpu_percent, node.memory_percent), (Some(25), Some(25)));
    assert_eq!((node.price_per_hour, node.age_seconds), (Some(0.25), 60));
    assert_eq!(node.reason, "for pod a");
    assert!((rows.cost_per_hour - 0.25).abs() < 1e-9);
}

#[test]
fn a_waiting_pod_shows_why_the_plan_left_it_out() {
    let rows = rows();
    let pending: Vec<_> =
        rows.pending.iter().map(|row| (row.pod.as_str(), row.reason.as_str())).collect();
    assert_eq!(pending, [("default/b", "too large")]);
}

#[test]
fn the_table_keeps_to_the_window_and_counts_what_it_leaves_out() {
    let mut rows = rows();
    let row = rows.nodes[0].clone();
    rows.nodes =
        (0..40).map(|n| super::rows::NodeRow { node: format!("n{n}"), ..row.clone() }).collect();
    let lines = render(&rows, "title", Window { columns: 50, lines: 16 });
    assert_eq!(lines.len(), 16, "{lines:#?}");
    assert!(lines.iter().all(|line| line.chars().count() < 50), "{lines:#?}");
    assert!(lines.iter().any(|line| line.contains("more nodes")), "{lines:#?}");
    assert!(lines.iter().any(|line| line.contains("too large")), "{lines:#?}");
}

#[test]
fn columns_are_spared_for_the_reason_and_what_is_cut_ends_in_an_ellipsis() {
    let mut rows = rows();
    rows.nodes[0].reason = "for 15 pods: inflate-rh7tzp92xf-28hkr, …".to_owned();
    let shown = |columns| render(&rows, "title", Window { columns, lines: 30 }).join("\n");
    let (wide, usual, narrow) = (shown(200), shown(100), shown(60));
    assert!(wide.contains("CAPACITY") && wide.contains("28hkr, …"), "{wide}");
    assert!(!usual.contains("CAPACITY") && usual.contains("28hkr, …"), "{usual}");
    assert!(narrow.lines().any(|line| line.ends_with('…') && !line.contains("28hkr")), "{narrow}");
}

#[test]
fn pods_whose_nodes_are_planned_wait_in_one_line() {
    let mut rows = rows();
    let planned = |n: usize| super::rows::PendingRow {
        pod: format!("default/p{n}"),
        reason: format!("Pod should schedule on: nodeclaim/general-{n}"),
    };
    rows.pending = (0..20).map(planned).collect();
    let lines = render(&rows, "title", Window { columns: 100, lines: 30 });
    let last = lines.last().expect("a table");
    assert!(last.contains("20  default/p0  their nodes are on the way"), "{lines:#?}");
}

#[test]
fn changes_are_told_once() {
    let rows = rows();
    let texts: Vec<_> = between(&Rows::default(), &rows).into_iter().map(|c| c.text).collect();
    assert_eq!(
        texts,
        [
            "node n1 is ready: ecs.g7.large cn-hangzhou-h spot at 0.2500 per hour (for pod a)",
            "pod default/b waits: too large",
            "1 pods run, 1 wait, 1 nodes, 0.2500 per hour",
        ]
    );
    let mut later = rows.clone();
    later.nodes[0].age_seconds += 1;
    later.nodes[0].cpu_percent = Some(50);
    assert_eq!(between(&rows, &later), []);
    let gone: Vec<_> = between(&rows, &Rows::default()).into_iter().map(|c| c.kind).collect();
    assert_eq!(gone, ["node gone", "sums"]);
}
