//! NodeOverlays: parsed once, so that no decision parses.

use std::sync::Arc;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::meta::{Decoded, Meta, name_of, resources};
use crate::api::problem::Problem;
use crate::api::v1::requirement::NodeSelectorRequirementWithMinValues;
use crate::api::v1alpha1::node_overlay::NodeOverlay as Object;
use crate::model::ids::NodeOverlayName;
use crate::model::label_rules::LabelNormalization;
use crate::model::overlay::{NodeOverlay, PriceChange};
use crate::model::requirements::Requirements;
use crate::model::resources::Resources;

/// Members that cannot be read are remembered in the value, because a condition has to name them.
impl Decoded for Object {
    type Model = NodeOverlay;

    fn key(metadata: &ObjectMeta) -> NodeOverlayName {
        NodeOverlayName::from(name_of(metadata))
    }

    fn decode(self) -> Result<NodeOverlay, Problem> {
        let (meta, rest) = Meta::of(self.metadata.clone());
        let mut unreadable = vec![];
        let price = price(&self, &mut unreadable);
        let capacity = resources("", "spec.capacity", self.spec.capacity.as_ref());
        let capacity = capacity.unwrap_or_else(|problem| {
            unreadable.push(format!("{}: {}", problem.field, problem.message));
            Resources::default()
        });
        let entries: Vec<NodeSelectorRequirementWithMinValues> =
            self.spec.requirements.iter().map(Into::into).collect();
        Ok(NodeOverlay {
            name: NodeOverlayName::from(meta.name),
            uid: meta.uid,
            resource_version: meta.resource_version,
            generation: rest.generation,
            weight: self.spec.weight.unwrap_or_default(),
            requirements: Requirements::from_spec(&entries, &LabelNormalization::core()),
            price,
            capacity,
            unreadable,
            object: Arc::new(self),
        })
    }
}

/// The change of price that the object asks for; `price` comes first where both are given.
fn price(object: &Object, unreadable: &mut Vec<String>) -> Option<PriceChange> {
    let (field, text) = match (&object.spec.price, &object.spec.price_adjustment) {
        (Some(text), _) => ("spec.price", text),
        (None, Some(text)) => ("spec.priceAdjustment", text),
        (None, None) => return None,
    };
    match text.parse() {
        Ok(change) => Some(change),
        Err(error) => {
            unreadable.push(format!("{field}: {error}"));
            None
        }
    }
}
