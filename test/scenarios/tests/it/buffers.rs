//! CapacityBuffers end to end: every author is told what the buffer comes to, whatever it refers to and whenever that
//! comes, changes or goes.

use std::time::Duration;

use anyhow::Result;
use scenarios::manifests::{deployment, node_pool};
use scenarios::world::{World, run};
use serde_json::{Value, json};

const BUFFERS: &str = "/apis/autoscaling.x-k8s.io/v1beta1/namespaces/default/capacitybuffers";
const TEMPLATE: &str = "/api/v1/namespaces/default/podtemplates/t";
const DEFINITIONS: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

/// Long enough for a change to be seen and answered.
const SOON: Duration = Duration::from_secs(5);

fn buffer(name: &str, spec: &Value) -> Value {
    json!({
        "apiVersion": "autoscaling.x-k8s.io/v1beta1", "kind": "CapacityBuffer",
        "metadata": { "name": name, "namespace": "default" }, "spec": spec,
    })
}

fn of_template(name: &str) -> Value {
    buffer(name, &json!({ "podTemplateRef": { "name": "t" }, "replicas": 10 }))
}

/// A buffer of half the replicas of a workload.
fn half_of(kind: &str, name: &str) -> Value {
    let workload = json!({ "apiGroup": "apps", "kind": kind, "name": name });
    buffer(&kind.to_lowercase(), &json!({ "scalableRef": workload, "percentage": 50 }))
}

fn pod_template(cpu: &str) -> Value {
    let template = deployment("t", 1, cpu, "1Gi")["spec"]["template"].take();
    json!({
        "apiVersion": "v1", "kind": "PodTemplate",
        "metadata": { "name": "t", "namespace": "default" }, "template": template,
    })
}

/// A world whose controller looks after buffers and has no pool to make nodes of.
fn world(seed: u64) -> Result<World> {
    let mut world = World::new(seed);
    world.options.feature_gates.gates.capacity_buffer = true;
    world.start_controller()?;
    Ok(world)
}

/// The buffer after it has been looked at.
async fn seen(world: &World, name: &str) -> Result<Value> {
    world.pass(SOON).await?;
    world.read(&format!("{BUFFERS}/{name}")).await
}

/// Every condition as `type=status reason`.
fn said(buffer: &Value) -> Vec<String> {
    let text =
        |condition: &Value, member: &str| condition[member].as_str().unwrap_or_default().to_owned();
    let conditions = buffer["status"]["conditions"].as_array().cloned().unwrap_or_default();
    let say =
        |c: &Value| format!("{}={} {}", text(c, "type"), text(c, "status"), text(c, "reason"));
    conditions.iter().map(say).collect()
}

fn message(buffer: &Value) -> String {
    buffer["status"]["conditions"][0]["message"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_buffer_waits_for_its_template_and_follows_it() -> Result<()> {
    run(async {
        let world = world(161)?;
        world.apply(&of_template("b")).await?;
        let missing = seen(&world, "b").await?;
        assert_eq!(
            said(&missing),
            [
                "ReadyForProvisioning=False PodTemplateNotFound",
                "Provisioning=False NotReadyForProvisioning"
            ]
        );
        world.apply(&pod_template("1")).await?;
        let resolved = seen(&world, "b").await?;
        assert_eq!(said(&resolved)[0], "ReadyForProvisioning=True Resolved");
        let status = &resolved["status"];
        assert_eq!(
            (&status["replicas"], &status["podTemplateRef"]["name"]),
            (&json!(10), &json!("t"))
        );
        assert_eq!(status["provisioningStrategy"], "buffer.x-k8s.io/active-capacity");
        let generation = status["podTemplateGeneration"].as_i64();
        // Once it has been planned for, nothing changes and nothing is written.
        world.pass(Duration::from_secs(60)).await?;
        let planned = world.read(&format!("{BUFFERS}/b")).await?;
        world.pass(Duration::from_secs(300)).await?;
        let later = world.read(&format!("{BUFFERS}/b")).await?;
        assert_eq!(later["metadata"]["resourceVersion"], planned["metadata"]["resourceVersion"]);
        let limits = json!({ "spec": { "limits": { "cpu": "6" } } });
        world.patch(&format!("{BUFFERS}/b"), &limits).await?;
        assert_eq!(seen(&world, "b").await?["status"]["replicas"], 6);
        world.apply(&pod_template("2")).await?;
        let larger = seen(&world, "b").await?;
        assert_eq!(larger["status"]["replicas"], 3);
        assert_eq!(larger["status"]["podTemplateGeneration"].as_i64(), generation.map(|g| g + 1));
        world.delete(TEMPLATE).await?;
        assert_eq!(said(&seen(&world, "b").await?), said(&missing));
        Ok(())
    })
}

#[test]
fn a_buffer_follows_the_scale_of_any_workload() -> Result<()> {
    run(async {
        let world = world(162)?;
        for kind in ["Deployment", "StatefulSet", "ReplicaSet"] {
            world.apply(&half_of(kind, "web")).await?;
            let missing = seen(&world, &kind.to_lowercase()).await?;
            assert_eq!(said(&missing)[0], "ReadyForProvisioning=False ScalableRefNotFound");
            let mut workload = deployment("web", 3, "1", "1Gi");
            workload["kind"] = json!(kind);
            world.apply(&workload).await?;
            let resolved = seen(&world, &kind.to_lowercase()).await?;
            assert_eq!(said(&resolved)[0], "ReadyForProvisioning=True Resolved");
            let status = &resolved["status"];
            assert_eq!((&status["replicas"], &status["podTemplateRef"]), (&json!(2), &Value::Null));
        }
        world.scale("web", 9).await?;
        assert_eq!(seen(&world, "deployment").await?["status"]["replicas"], 5);
        Ok(())
    })
}

// behaviour 01#71
// behaviour 01#75
#[test]
fn a_buffer_that_cannot_be_followed_says_why() -> Result<()> {
    run(async {
        let world = world(163)?;
        world.apply(&buffer("nothing", &json!({ "replicas": 1 }))).await?;
        world.apply(&half_of("DaemonSet", "agent")).await?;
        let batch = json!({ "apiGroup": "batch", "kind": "Deployment", "name": "web" });
        world.apply(&buffer("batch", &json!({ "scalableRef": batch, "replicas": 1 }))).await?;
        let mut passive = of_template("passive");
        passive["spec"]["provisioningStrategy"] = json!("example.com/passive");
        world.apply(&passive).await?;
        for (name, text) in [
            ("nothing", "Neither podTemplateRef nor scalableRef is set"),
            ("daemonset", "scalableRef.kind"),
            ("batch", "scalableRef.apiGroup"),
            ("passive", "example.com/passive"),
        ] {
            let seen = seen(&world, name).await?;
            assert_eq!(said(&seen)[0], "ReadyForProvisioning=False ResolutionFailed", "{name}");
            assert!(message(&seen).contains(text), "{name}: {}", message(&seen));
        }
        Ok(())
    })
}

#[test]
fn a_cluster_without_the_optional_kinds_gets_nodes_and_buffers_are_seen_once_the_kind_comes()
-> Result<()> {
    run(async {
        let mut world = World::new(164);
        world.options.feature_gates.gates.capacity_buffer = true;
        world.options.feature_gates.gates.node_overlay = true;
        let path = format!("{DEFINITIONS}/capacitybuffers.autoscaling.x-k8s.io");
        let definition = world.read(&path).await?;
        world.delete(&path).await?;
        world.delete(&format!("{DEFINITIONS}/nodeoverlays.karpenter.sh")).await?;
        world.apply_yaml(scenarios::manifests::USER_NODE_CLASS).await?;
        world.apply(&node_pool("wide", &json!({}))?).await?;
        world.start_controller()?;
        world.deploy("web", 1).await?;
        world.until_running(1).await?;
        let again = json!({
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": { "name": definition["metadata"]["name"] }, "spec": definition["spec"],
        });
        world.apply(&again).await?;
        world.apply(&of_template("b")).await?;
        world.pass(Duration::from_secs(120)).await?;
        let seen = seen(&world, "b").await?;
        assert_eq!(said(&seen)[0], "ReadyForProvisioning=False PodTemplateNotFound");
        Ok(())
    })
}

#[test]
fn without_the_gate_buffers_are_not_looked_at() -> Result<()> {
    run(async {
        let mut world = World::new(165);
        world.start_controller()?;
        world.apply(&pod_template("1")).await?;
        world.apply(&of_template("b")).await?;
        world.pass(Duration::from_secs(120)).await?;
        let buffer = world.read(&format!("{BUFFERS}/b")).await?;
        assert_eq!(buffer["status"], Value::Null);
        Ok(())
    })
}
