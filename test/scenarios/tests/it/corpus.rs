//! Manifests of every documented field: taken as they are, stored without loss, and read by our types without loss.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use karpenter_core::api::v1::nodeclaim::NodeClaim;
use karpenter_core::api::v1::nodepool::NodePool;
use karpenter_core::api::v1alpha1::node_overlay::NodeOverlay;
use karpenter_core::api::v1beta1::capacity_buffer::CapacityBuffer;
use scenarios::manifests::{collection_path, parse};
use scenarios::world::{World, run};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// All manifests, by file name.
const CORPUS: [(&str, &str); 8] = [
    ("buffer of template", include_str!("../../corpus/capacitybuffer-of-template.yaml")),
    ("buffer of workload", include_str!("../../corpus/capacitybuffer-of-workload.yaml")),
    ("claim", include_str!("../../corpus/nodeclaim-every-field.yaml")),
    ("overlay", include_str!("../../corpus/nodeoverlay-adjustment-and-capacity.yaml")),
    ("overlay of price", include_str!("../../corpus/nodeoverlay-price.yaml")),
    ("pool", include_str!("../../corpus/nodepool-every-field.yaml")),
    ("pool of numbers", include_str!("../../corpus/nodepool-numbers.yaml")),
    ("static pool", include_str!("../../corpus/nodepool-static.yaml")),
];

/// The object as our type writes it after reading it.
fn through_types(object: &Value) -> Result<Value> {
    fn again<K: Serialize + DeserializeOwned>(object: &Value) -> Result<Value> {
        let typed: K = serde_json::from_value(object.clone())?;
        Ok(serde_json::to_value(typed)?)
    }
    match object["kind"].as_str().unwrap_or_default() {
        "NodePool" => again::<NodePool>(object),
        "NodeClaim" => again::<NodeClaim>(object),
        "NodeOverlay" => again::<NodeOverlay>(object),
        "CapacityBuffer" => again::<CapacityBuffer>(object),
        other => anyhow::bail!("no type for kind {other:?}"),
    }
}

/// Everything in `written` is in `read` as it was; a number may stand for its text.
fn assert_kept(written: &Value, read: &Value, at: &str) {
    match (written, read) {
        (Value::Object(written), Value::Object(_)) => {
            written.iter().for_each(|(k, v)| assert_kept(v, &read[k], &format!("{at}.{k}")));
        }
        (Value::Number(number), Value::String(text))
        | (Value::String(text), Value::Number(number)) => {
            assert_eq!(&number.to_string(), text, "{at}");
        }
        _ => assert_eq!(written, read, "{at}"),
    }
}

#[test]
fn types_lose_nothing_that_is_written() -> Result<()> {
    for (name, yaml) in CORPUS {
        let written = parse(yaml)?;
        let read = through_types(&written).context(name)?;
        assert_kept(&written, &read, name);
    }
    Ok(())
}

#[test]
fn the_api_stores_manifests_as_written_and_applying_them_again_changes_nothing() -> Result<()> {
    run(async {
        let world = World::new(141);
        for (name, yaml) in CORPUS {
            let written = parse(yaml)?;
            let first = world.apply(&written).await.context(name)?;
            assert_kept(&written["spec"], &first["spec"], name);
            let second = world.apply(&written).await.context(name)?;
            let version = |object: &Value| object["metadata"]["resourceVersion"].clone();
            assert_eq!(version(&first), version(&second), "{name}");
            // Defaults have been filled in, so what our types read is all there is.
            let read = through_types(&second).context(name)?;
            assert_kept(&read["spec"], &second["spec"], name);
            assert_kept(&second["spec"], &read["spec"], name);
        }
        Ok(())
    })
}

#[test]
fn a_status_is_stored_as_written() -> Result<()> {
    run(async {
        let world = World::new(142);
        for (name, yaml) in CORPUS {
            let written = parse(yaml)?;
            if written["status"].is_null() {
                continue;
            }
            world.apply(&written).await.context(name)?;
            let metadata = &written["metadata"]["name"];
            let path =
                format!("{}/{}", collection_path(&written)?, metadata.as_str().unwrap_or_default());
            let status = json!({ "status": written["status"] });
            let stored = world.patch(&format!("{path}/status"), &status).await.context(name)?;
            assert_eq!(stored["status"], written["status"], "{name}");
            assert_eq!(through_types(&stored)?["status"], written["status"], "{name}");
        }
        Ok(())
    })
}

/// Paths of all fields below `spec` and `status` of a schema; what is below a free map has none.
fn fields(schema: &Value, at: &str, found: &mut BTreeSet<String>) {
    for (name, below) in schema["properties"].as_object().into_iter().flatten() {
        let path = format!("{at}.{name}");
        fields(below, &path, found);
        found.insert(path);
    }
    if schema["items"].is_object() {
        fields(&schema["items"], at, found);
    }
}

/// Paths of all members of an object; elements of lists have the path of their list.
fn members(object: &Value, at: &str, found: &mut BTreeSet<String>) {
    match object {
        Value::Object(map) => map.iter().for_each(|(name, below)| {
            let path = format!("{at}.{name}");
            members(below, &path, found);
            found.insert(path);
        }),
        Value::Array(list) => list.iter().for_each(|element| members(element, at, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn the_corpus_uses_every_field_there_is() -> Result<()> {
    for definition in karpenter_core::api::crd::documents() {
        let kind = &definition["spec"]["names"]["kind"];
        let schema = &definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"];
        let (mut known, mut used) = (BTreeSet::new(), BTreeSet::new());
        for part in ["spec", "status"] {
            fields(&schema[part], part, &mut known);
        }
        for (_, yaml) in CORPUS {
            let object = parse(yaml)?;
            if object["kind"] == *kind {
                ["spec", "status"].iter().for_each(|part| members(&object[*part], part, &mut used));
            }
        }
        let unused: Vec<_> = known.difference(&used).collect();
        assert!(unused.is_empty(), "{kind}: {unused:?}");
    }
    Ok(())
}
