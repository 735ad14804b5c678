//! NodeOverlays end to end: what users say about prices decides what is bought, and every author is answered.

use anyhow::Result;
use scenarios::manifests::node_pool;
use scenarios::steps::{LIMIT, label};
use scenarios::world::{World, run};
use serde_json::{Value, json};

const OVERLAYS: &str = "/apis/karpenter.sh/v1alpha1/nodeoverlays";
const TYPE: &str = "node.kubernetes.io/instance-type";

fn overlay(name: &str, spec: &Value) -> Value {
    json!({ "apiVersion": "karpenter.sh/v1alpha1", "kind": "NodeOverlay", "metadata": { "name": name }, "spec": spec })
}

fn condition(object: &Value) -> (Value, Value) {
    let all = object["status"]["conditions"].as_array().cloned().unwrap_or_default();
    let found = all.into_iter().find(|c| c["type"] == "ValidationSucceeded").unwrap_or_default();
    (found["status"].clone(), found["reason"].clone())
}

#[test]
fn a_type_with_a_lower_price_is_bought_and_the_claim_says_why() -> Result<()> {
    run(async {
        let mut world = World::new(151);
        world.options.feature_gates.gates.node_overlay = true;
        world.apply_yaml(scenarios::manifests::USER_NODE_CLASS).await?;
        world.apply(&node_pool("wide", &json!({}))?).await?;
        world.start_controller()?;
        world.deploy("before", 1).await?;
        world.until_running(1).await?;
        let seen = world.at_rest().await?;
        let cheapest = label(&seen.claims[0], TYPE).to_owned();
        let requirements = json!([{ "key": TYPE, "operator": "NotIn", "values": [cheapest] }]);
        let free = json!({ "requirements": requirements, "price": "0.0001", "weight": 10 });
        world.apply(&overlay("free", &free)).await?;
        world
            .apply(&overlay("rival", &json!({ "requirements": [], "price": "9", "weight": 10 })))
            .await?;
        world.pass(std::time::Duration::from_secs(60)).await?;
        world.deploy("after", 1).await?;
        world.until("both run", LIMIT, |seen| seen.n_running() == 2).await?;
        // In the order of effect `rival` comes first and takes everything; `free` contradicts it.
        let rival = world.read(&format!("{OVERLAYS}/rival")).await?;
        assert_eq!(condition(&rival), (json!("True"), json!("ValidationSucceeded")));
        let free = world.read(&format!("{OVERLAYS}/free")).await?;
        assert_eq!(condition(&free), (json!("False"), json!("Conflict")));
        world.delete(&format!("{OVERLAYS}/rival")).await?;
        world.pass(std::time::Duration::from_secs(60)).await?;
        world.deploy("big", 30).await?;
        world.until("all run", LIMIT, |seen| seen.n_running() == 32).await?;
        let free = world.read(&format!("{OVERLAYS}/free")).await?;
        assert_eq!(condition(&free), (json!("True"), json!("ValidationSucceeded")));
        let seen = world.at_rest().await?;
        let last = seen.claims.iter().max_by_key(|claim| claim.metadata.creation_timestamp.clone());
        let annotations =
            last.and_then(|claim| claim.metadata.annotations.clone()).unwrap_or_default();
        assert_eq!(
            annotations.get("karpenter.sh/price-overlay-applied").map(String::as_str),
            Some("true")
        );
        Ok(())
    })
}

#[test]
fn without_the_gate_overlays_are_not_looked_at() -> Result<()> {
    run(async {
        let world = World::elastic(152).await?;
        world.apply(&overlay("free", &json!({ "requirements": [], "price": "0" }))).await?;
        world.deploy("web", 1).await?;
        world.until_running(1).await?;
        let overlay = world.read(&format!("{OVERLAYS}/free")).await?;
        assert_eq!(overlay["status"], Value::Null);
        world.wind_down("web").await
    })
}
