//! Whole objects of the older kind: in memory they are classes of ours, on the API server they stay as they are.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use karpenter_core::api::labels as core;
use kube::api::DynamicObject;
use serde_json::{Value, json};

use super::convert::{Converted, convert};
use super::hash;
use super::node_class::LegacySpec;
use crate::api::node_class::ECSNodeClass;
use crate::api::status::{ECSNodeClassStatus, ImageStatus, SecurityGroupStatus, VSwitchStatus};

/// A class of the older group.
#[derive(Debug, Clone, PartialEq)]
pub struct LegacyClass {
    /// In our kind, with the metadata of the object.
    pub class: Arc<ECSNodeClass>,
    /// Static-drift hash by the older algorithm.
    pub hash: String,
    /// What the conversion changed.
    pub warnings: Vec<String>,
}

/// Reads an object.
///
/// # Errors
/// What is wrong with its spec.
pub fn decode(object: DynamicObject) -> Result<LegacyClass, serde_json::Error> {
    let spec = object.data.get("spec").cloned().unwrap_or_else(|| json!({}));
    let old: LegacySpec = serde_json::from_value(spec)?;
    let Converted { spec, warnings } = convert(&old);
    let mut class = ECSNodeClass::new("", spec);
    class.metadata = object.metadata;
    class.status = object.data.get("status").map(status);
    Ok(LegacyClass { class: Arc::new(class), hash: hash::hash(&old), warnings })
}

/// Our status from theirs; what cannot be read is found again.
fn status(theirs: &Value) -> ECSNodeClassStatus {
    let list = |member: &str| theirs[member].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let v_switch = |entry: &Value| {
        let (id, zone) = (text(&entry["id"])?, text(&entry["zoneID"])?);
        Some(VSwitchStatus { id, zone: zone.clone(), zone_id: Some(zone), ..Default::default() })
    };
    let group = |entry: &Value| {
        Some(SecurityGroupStatus { id: text(&entry["id"])?, name: text(&entry["name"]) })
    };
    let image = |entry: &Value| {
        let of_arch = |requirement: &&Value| requirement["key"] == core::ARCH;
        let requirements = entry["requirements"].as_array();
        let arch = requirements.into_iter().flatten().find(of_arch);
        let architecture = arch.and_then(|arch| text(&arch["values"][0]));
        let (id, name) = (text(&entry["id"])?, text(&entry["name"]));
        Some(ImageStatus { id, name, architecture, creation_time: None })
    };
    ECSNodeClassStatus {
        v_switches: list("vSwitches").iter().filter_map(v_switch).collect(),
        security_groups: list("securityGroups").iter().filter_map(group).collect(),
        images: list("images").iter().filter_map(image).collect(),
        capacity_reservations: vec![],
        ram_role: None,
        conditions: serde_json::from_value(theirs["conditions"].clone()).unwrap_or_default(),
    }
}

/// Their status from ours, whole.
pub fn encode_status(ours: &ECSNodeClassStatus) -> Value {
    let v_switches = ours.v_switches.iter().map(|v| json!({ "id": v.id, "zoneID": v.zone }));
    let groups = ours.security_groups.iter().map(|group| json!(group));
    let images = ours.images.iter().map(|image| {
        let arch = |arch: &String| json!({ "key": core::ARCH, "operator": "In", "values": [arch] });
        let requirements: Vec<Value> = image.architecture.iter().map(arch).collect();
        let mut entry = json!({ "id": image.id, "requirements": requirements });
        if let Some(name) = &image.name {
            entry["name"] = name.as_str().into();
        }
        entry
    });
    json!({
        "vSwitches": v_switches.collect::<Vec<_>>(),
        "securityGroups": groups.collect::<Vec<_>>(),
        "images": images.collect::<Vec<_>>(),
        "conditions": ours.conditions,
    })
}
