//! Wrong CapacityBuffers.

use scenarios::world::{World, run};
use serde_json::{Value, json};

use super::{admits, refuses};

fn buffer() -> Value {
    json!({
        "apiVersion": "autoscaling.x-k8s.io/v1beta1", "kind": "CapacityBuffer",
        "metadata": { "name": "good", "namespace": "default" },
        "spec": { "podTemplateRef": { "name": "t" }, "replicas": 1 },
    })
}

#[test]
fn wrong_buffer_is_refused_with_its_path() {
    let template = json!({ "name": "t" });
    let workload = |name: &str| json!({ "apiGroup": "apps", "kind": "Deployment", "name": name });
    refuses(
        &buffer(),
        &[
            // behaviour 01#71
            (
                "spec",
                json!({ "podTemplateRef": template }),
                "spec",
                "replicas or limits must also be set",
            ),
            (
                "spec",
                json!({ "podTemplateRef": template, "replicas": 1, "scalableRef": workload("d") }),
                "spec",
                "but not both",
            ),
            ("spec.podTemplateRef", json!({}), "spec.podTemplateRef.name", "Required value"),
            ("spec.podTemplateRef.name", json!(""), "spec.podTemplateRef.name", "at least 1"),
            ("spec", json!({ "scalableRef": workload("") }), "spec.scalableRef.name", "at least 1"),
            (
                "spec",
                json!({ "scalableRef": { "name": "d" } }),
                "spec.scalableRef.kind",
                "Required value",
            ),
            ("spec.replicas", json!(-1), "spec.replicas", "greater than or equal to 0"),
            ("spec.percentage", json!(-1), "spec.percentage", "greater than or equal to 0"),
            ("spec.limits", json!({ "cpu": "plenty" }), "spec.limits.cpu", "should match"),
        ],
    );
}

#[test]
fn unusual_buffers_are_taken() {
    admits(
        &buffer(),
        &[
            // behaviour 01#71
            ("spec", json!({})),
            ("spec", json!({ "podTemplateRef": { "name": "t" }, "limits": { "cpu": 1 } })),
            ("spec", json!({ "scalableRef": { "kind": "DaemonSet", "name": "d" } })),
            ("spec.provisioningStrategy", json!("example.com/other")),
        ],
    );
}

#[test]
fn the_strategy_has_a_default() {
    run(async {
        let world = World::new(1);
        let stored = world.apply(&buffer()).await.expect("taken");
        assert_eq!(stored["spec"]["provisioningStrategy"], "buffer.x-k8s.io/active-capacity");
    });
}
