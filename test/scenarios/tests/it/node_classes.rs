//! Classes that wait for a role, and classes that somebody deletes while nodes use them.

use std::time::Duration;

use anyhow::{Context, Result};
use scenarios::steps::{LIMIT, POOLS};
use scenarios::world::{World, run};
use serde_json::{Value, json};

const CLASS: &str = "/apis/karpenter.alibabacloud.com/v1alpha1/ecsnodeclasses/default";
const FINALIZER: &str = "karpenter.alibabacloud.com/termination";

/// Waits until the class is as `is_so` says.
async fn until_class(world: &World, what: &str, is_so: impl Fn(&Value) -> bool) -> Result<()> {
    for _ in 0..LIMIT.as_secs() / 5 {
        if world.read(CLASS).await.is_ok_and(|class| is_so(&class)) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
    anyhow::bail!("{what}: {}", world.read(CLASS).await?)
}

/// Status and reason of a condition of the class.
fn said<'a>(class: &'a Value, kind: &str) -> (&'a str, &'a str) {
    let conditions = class["status"]["conditions"].as_array().into_iter().flatten();
    let mut found = conditions.filter(|condition| condition["type"] == kind);
    let text = |value: &'a Value| value.as_str().unwrap_or_default();
    found.next().map(|c| (text(&c["status"]), text(&c["reason"]))).unwrap_or_default()
}

// behaviour 01#160
#[test]
fn class_in_use_stays_until_its_last_claim_is_gone_and_says_who_keeps_it() -> Result<()> {
    run(async {
        let world = World::elastic(61).await?;
        world.deploy("web", 3).await?;
        world.until_running(3).await?;
        world.at_rest().await?;
        world.delete(CLASS).await?;
        until_class(&world, "is told to go", |c| c["metadata"]["deletionTimestamp"].is_string())
            .await?;
        world.until_stable(LIMIT).await?;
        let class = world.read(CLASS).await?;
        assert_eq!(class["metadata"]["finalizers"], json!([FINALIZER]));
        let events = world.events().await?;
        let waiting = |reason: Option<&str>| reason == Some("WaitingOnNodeClaimTermination");
        let event = events.iter().find(|e| waiting(e.reason.as_deref())).context("an event")?;
        assert_eq!(event.involved_object.name.as_deref(), Some("default"));
        let claim = world.observe().await?.claims[0].metadata.name.clone().context("a name")?;
        assert!(event.message.as_deref().is_some_and(|m| m.contains(&claim)), "{event:?}");
        world.scale("web", 0).await?;
        world.delete(&format!("{POOLS}/elastic")).await?;
        world.until_empty().await?;
        world.at_rest().await?;
        assert!(world.read(CLASS).await.is_err(), "the last claim has let it go");
        Ok(())
    })
}

// behaviour 01#161
#[test]
fn class_waits_for_a_role_until_somebody_makes_it() -> Result<()> {
    run(async {
        let world = World::elastic(62).await?;
        let is_ready = |class: &Value| said(class, "RAMRoleReady") == ("True", "RAMRoleReady");
        until_class(&world, "no role is fine", is_ready).await?;
        world.merge(CLASS, &json!({ "spec": { "role": "Workers" } })).await?;
        until_class(&world, "the role is missed", |class| {
            said(class, "RAMRoleReady") == ("False", "RoleNotFound")
                && said(class, "Ready").0 == "False"
        })
        .await?;
        world.cloud.add_role("Workers");
        until_class(&world, "the role is found", |class| {
            class["status"]["ramRole"] == "Workers" && said(class, "Ready").0 == "True"
        })
        .await
    })
}
