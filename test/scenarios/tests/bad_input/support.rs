//! What all tests of bad input share: short worlds, field paths, and the texts people read.

use std::time::Duration;

use k8s_openapi::api::core::v1::Event;
use scenarios::manifests::{self, USER_NODE_CLASS, USER_NODE_POOL, WIDE_NODE_POOL};
use scenarios::world::World;
use serde_json::{Value, json};

/// Collection of NodePools.
pub(crate) const POOLS: &str = "/apis/karpenter.sh/v1/nodepools";
/// Collection of ECSNodeClasses.
pub(crate) const CLASSES: &str = "/apis/karpenter.alibabacloud.com/v1alpha1/ecsnodeclasses";
/// Collection of NodeClaims.
pub(crate) const CLAIMS: &str = "/apis/karpenter.sh/v1/nodeclaims";
/// Longest virtual time in which something has to happen.
pub(crate) const LIMIT: Duration = Duration::from_secs(15 * 60);
/// How long nothing may spin.
pub(crate) const HOUR: Duration = Duration::from_secs(3600);

/// The user's NodePool under another name.
pub(crate) fn node_pool(name: &str) -> Value {
    named(USER_NODE_POOL, name)
}

/// A NodePool with many types under another name.
pub(crate) fn wide_pool(name: &str) -> Value {
    named(WIDE_NODE_POOL, name)
}

/// The user's ECSNodeClass under another name.
pub(crate) fn node_class(name: &str) -> Value {
    named(USER_NODE_CLASS, name)
}

fn named(yaml: &str, name: &str) -> Value {
    let mut object = manifests::parse(yaml).expect("a document of ours");
    object["metadata"]["name"] = name.into();
    object
}

/// A pod in namespace `default` that asks for one processor, with `spec` merged in.
pub(crate) fn pod(name: &str, spec: &Value) -> Value {
    let resources = json!({ "requests": { "cpu": "1", "memory": "1Gi" } });
    let container = json!({ "name": "main", "image": "pause", "resources": resources });
    let mut pod = json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": { "name": name, "namespace": "default" },
        "spec": { "containers": [container] },
    });
    for (member, value) in spec.as_object().into_iter().flatten() {
        pod["spec"][member] = value.clone();
    }
    pod
}

/// Sets the field at `path`, written as errors write it (`spec.list[0].member`); null removes it.
pub(crate) fn set(object: &mut Value, path: &str, value: Value) {
    let mut at = object;
    let mut steps = path.split('.').flat_map(|step| step.split('[')).peekable();
    while let Some(step) = steps.next() {
        let index = step.strip_suffix(']').map(|index| index.parse::<usize>().expect("an index"));
        if steps.peek().is_none() && value.is_null() && index.is_none() {
            at.as_object_mut().expect("an object").remove(step);
            return;
        }
        at = match index {
            Some(index) => {
                let list = at.as_array_mut().expect("a list");
                list.resize(list.len().max(index + 1), Value::Null);
                &mut list[index]
            }
            None => &mut at[step],
        };
        let is_list = steps.peek().is_some_and(|next| next.ends_with(']'));
        if is_list && at.is_null() {
            *at = json!([]);
        }
    }
    *at = value;
}

/// `object` with the field at `path` set.
pub(crate) fn with(mut object: Value, path: &str, value: Value) -> Value {
    set(&mut object, path, value);
    object
}

/// `pool` with the class `class`.
pub(crate) fn of_class(pool: Value, class: &str) -> Value {
    with(pool, "spec.template.spec.nodeClassRef.name", class.into())
}

/// Why the API server refuses an object: one `field: reason` per line, empty when it does not.
pub(crate) async fn refusal(world: &World, object: &Value) -> String {
    let Err(error) = world.apply(object).await else { return String::new() };
    match error.downcast_ref::<kube::Error>() {
        Some(kube::Error::Api(status)) => {
            let details = status.details.iter().flat_map(|details| &details.causes);
            let causes: Vec<_> = details.map(|c| format!("{}: {}", c.field, c.message)).collect();
            if causes.is_empty() { status.message.clone() } else { causes.join("\n") }
        }
        _ => panic!("not an answer of the API server: {error:#}"),
    }
}

/// Status, reason and message of a condition as `False/Reason: message`; empty when it is not there.
pub(crate) async fn condition(world: &World, path: &str, kind: &str) -> String {
    let Ok(object) = world.read(path).await else { return String::new() };
    let conditions = object.pointer("/status/conditions").and_then(Value::as_array);
    let text =
        |condition: &Value, member: &str| condition[member].as_str().unwrap_or_default().to_owned();
    conditions
        .and_then(|conditions| conditions.iter().find(|condition| condition["type"] == kind))
        .map(|c| format!("{}/{}: {}", text(c, "status"), text(c, "reason"), text(c, "message")))
        .unwrap_or_default()
}

/// Messages of the events with `reason` about the object `name`, oldest first.
pub(crate) async fn messages(world: &World, reason: &str, name: &str) -> Vec<String> {
    let mut events = world.events().await.expect("events");
    events.sort_by(|a, b| a.metadata.creation_timestamp.cmp(&b.metadata.creation_timestamp));
    let wanted = |event: &&Event| {
        event.reason.as_deref() == Some(reason)
            && event.involved_object.name.as_deref() == Some(name)
    };
    events.iter().filter(wanted).filter_map(|event| event.message.clone()).collect()
}

/// Sleeps in virtual time.
pub(crate) async fn pass(time: Duration) {
    tokio::time::sleep(time).await;
}

/// Waits until the condition `kind` of the object at `path` contains all of `texts`.
pub(crate) async fn until_condition(world: &World, path: &str, kind: &str, texts: &[&str]) {
    let mut said = String::new();
    for _ in 0..LIMIT.as_secs() / 5 {
        said = condition(world, path, kind).await;
        if texts.iter().all(|text| said.contains(text)) {
            return;
        }
        pass(Duration::from_secs(5)).await;
    }
    panic!("{kind} of {path} never says {texts:?} but {said}");
}

/// Waits until some event of `reason` about `name` contains all of `texts`.
pub(crate) async fn until_event(world: &World, reason: &str, name: &str, texts: &[&str]) {
    let mut said = vec![];
    for _ in 0..LIMIT.as_secs() / 5 {
        said = messages(world, reason, name).await;
        if said.iter().any(|message| texts.iter().all(|text| message.contains(text))) {
            return;
        }
        pass(Duration::from_secs(5)).await;
    }
    panic!("no event {reason} of {name} says {texts:?} but {said:#?}");
}

/// Waits until the pod `name` runs.
pub(crate) async fn until_running(world: &World, name: &str) {
    let is_running = |pod: &k8s_openapi::api::core::v1::Pod| {
        pod.metadata.name.as_deref() == Some(name)
            && pod.status.as_ref().and_then(|s| s.phase.as_deref()) == Some("Running")
    };
    let what = format!("pod {name} runs");
    let running = world.until(&what, LIMIT, |seen| seen.pods.iter().any(is_running)).await;
    if let Err(error) = running {
        let said = messages(world, "FailedScheduling", name).await;
        panic!("{error:#}; {said:#?}");
    }
}

/// A pod that only nodes of one pool may take.
pub(crate) fn pod_for(pool: &str, name: &str) -> Value {
    pod(name, &json!({ "nodeSelector": { "karpenter.sh/nodepool": pool } }))
}

/// Creates all `objects`, in order.
pub(crate) async fn create(world: &World, objects: &[Value]) {
    for object in objects {
        world.apply(object).await.expect("an object that is taken");
    }
}

/// Number of calls the cloud has had.
pub(crate) fn n_calls(world: &World) -> u64 {
    world.cloud.counts().values().sum()
}
