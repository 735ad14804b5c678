//! Which NodeClass a pool or claim uses.

use super::rules;
use crate::api::{labels, patterns};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Reference to an object that defines provider specific configuration.
///
/// Source: Karpenter behaviour, nodeClassRef.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct NodeClassReference {
    /// API group of the referent.
    #[schemars(extend("maxLength" = 253, "pattern" = patterns::GROUP, "x-kubernetes-validations" = rules::not_empty("group")))]
    pub group: String,
    /// Kind of the referent.
    #[schemars(extend("maxLength" = 63, "x-kubernetes-validations" = rules::not_empty("kind")))]
    pub kind: String,
    /// Name of the referent.
    #[schemars(extend("maxLength" = 253, "x-kubernetes-validations" = rules::not_empty("name")))]
    pub name: String,
}

impl NodeClassReference {
    /// Key of the label that carries [`name`](Self::name) on claims and nodes.
    pub fn label_key(&self) -> String {
        labels::node_class_label(&self.group, &self.kind)
    }
}
