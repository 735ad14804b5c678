//! What each NodePool can launch: the catalogue, as NodeOverlays make it.

use std::sync::Arc;

use karpenter_core::decide::overlay::{self, Rejection};
use karpenter_core::decide::scheduling::input::PoolSupply;
use karpenter_core::model::label_rules::LabelNormalization;
use karpenter_core::model::node_pool::NodePool;
use karpenter_core::model::overlay::NodeOverlay;
use karpenter_core::model::validation::ValidationRules;
use karpenter_core::state::Collection;
use kwok_provider::catalog::InstanceTypes;
use kwok_provider::labels;

/// What users may write about labels when `types` can be launched.
pub fn rules(types: &InstanceTypes) -> ValidationRules {
    let mut rules = ValidationRules::core();
    rules.well_known = (*types.well_known).clone();
    rules.restricted_domains.insert(labels::GROUP.to_owned());
    rules.normalization = LabelNormalization::core();
    rules
}

/// Every pool with its instance types, and the overlays without effect, each with the reason.
pub fn supplies<'p>(
    pools: impl Iterator<Item = &'p Arc<NodePool>>,
    overlays: &Collection<NodeOverlay>,
    types: &InstanceTypes,
) -> (Vec<PoolSupply>, Vec<String>) {
    let supply =
        |pool: &Arc<NodePool>| PoolSupply { pool: pool.clone(), catalog: types.catalog.clone() };
    let mut supplies: Vec<PoolSupply> = pools.map(supply).collect();
    if overlays.is_empty() {
        return (supplies, vec![]);
    }
    let evaluation = overlay::evaluate(overlays, &supplies, &rules(types));
    for supply in &mut supplies {
        if let Some(catalog) = evaluation.effects.apply(&supply.pool.name, &supply.catalog) {
            supply.catalog = catalog;
        }
    }
    let rejected = evaluation.rejected.iter().map(|(name, why)| {
        let why = match why {
            Rejection::Invalid(why) | Rejection::Conflict(why) => why,
        };
        format!("NodeOverlay {name}: has no effect: {why}")
    });
    (supplies, rejected.collect())
}
