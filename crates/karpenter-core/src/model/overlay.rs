//! NodeOverlays with everything parsed once: what planning should believe about instance types.

mod effects;
mod price_change;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::ids::{NodeOverlayName, ResourceVersion, Uid};
use super::requirements::Requirements;
use super::resources::Resources;
pub use effects::{OverlayEffects, PoolEffects, TypeEffects};
pub use price_change::{PriceChange, PriceChangeError};

/// What a user knows better than the cloud.
///
/// Source: Karpenter behaviour (NodeOverlay `karpenter.sh/v1alpha1`).
#[derive(Debug, Clone, PartialEq)]
pub struct NodeOverlay {
    /// Name.
    pub name: NodeOverlayName,
    /// Uid.
    pub uid: Uid,
    /// Version of the object this was decoded from.
    pub resource_version: ResourceVersion,
    /// `metadata.generation`.
    pub generation: i64,
    /// Heavier overlays win; zero when unset.
    pub weight: i32,
    /// Which instance types and offerings are meant.
    pub requirements: Requirements,
    /// What their price becomes.
    pub price: Option<PriceChange>,
    /// What nodes will have besides what the cloud knows.
    pub capacity: Resources,
    /// Members that cannot be read, each with its path; the overlay has no effect while there is one.
    pub unreadable: Vec<String>,
    /// The object itself, with its conditions: what changes are made to a copy of.
    pub object: Arc<crate::api::v1alpha1::node_overlay::NodeOverlay>,
}

impl NodeOverlay {
    /// Sorts overlays into the order they take effect in: weight descending, then name descending.
    ///
    /// Source: Karpenter behaviour (NodeOverlay ordering).
    pub fn by_weight(overlays: &mut [Arc<Self>]) {
        overlays.sort_by(|a, b| b.weight.cmp(&a.weight).then_with(|| b.name.cmp(&a.name)));
    }
}
