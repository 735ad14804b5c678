use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;
use serde_json::json;

use super::ClusterGauges;
use crate::testing::cluster::{World, at, claim, node, pool};

fn scrape(world: &World) -> String {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(ClusterGauges::new(world.state())));
    let mut text = String::new();
    encode(&mut text, &registry).expect("text can be written");
    text
}

#[test]
fn limits_and_usage_of_pools_are_told_in_units() {
    let object = json!({
        "spec": { "limits": { "cpu": "1500m", "example.com/big-gpu": "2" } },
        "status": { "nodes": 1, "resources": { "memory": "1Ki" } },
    });
    let text = scrape(&World::new(at(0)).pool(pool("p", object)));
    for line in [
        r#"karpenter_nodepools_limit{resource_type="cpu",nodepool="p"} 1.5"#,
        r#"karpenter_nodepools_limit{resource_type="example.com/big_gpu",nodepool="p"} 2"#,
        r#"karpenter_nodepools_usage{resource_type="memory",nodepool="p"} 1024"#,
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
}

#[test]
fn nodes_and_claims_are_counted_and_gone_objects_leave_no_series() {
    let empty = scrape(&World::new(at(0)));
    assert!(empty.contains("karpenter_cluster_state_node_count 0"), "{empty}");
    assert!(!empty.contains("nodepool="), "{empty}");
    let world = World::new(at(0)).node(node("other", json!({}))).claim(claim("a", json!({})));
    let text = scrape(&world);
    let total: f64 = text
        .lines()
        .filter(|line| line.starts_with("karpenter_nodeclaims_phase_count{"))
        .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
        .sum();
    assert!((total - 1.0).abs() < f64::EPSILON, "every claim is in one phase: {text}");
}
