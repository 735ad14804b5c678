//! What the disruption of a pod or node costs, as a number without unit: an ordinary pod is 1.

use std::sync::Arc;

use jiff::Timestamp;

use crate::api::labels;
use crate::model::instance_type::Catalog;
use crate::model::node::Node;
use crate::model::node_claim::NodeClaim;
use crate::model::pod::{Pod, elapsed};
use crate::model::price::Price;

/// Cost of disrupting a node without any pod.
pub const PER_NODE: f64 = 1.0;
const DELETION_COST_DIVISOR: f64 = 134_217_728.0;
const PRIORITY_DIVISOR: f64 = 33_554_432.0;
const LIMIT: f64 = 10.0;

/// Cost of evicting `pod`, from -10 to 10: 1, shifted by its annotated deletion cost and its priority.
///
/// Source: Karpenter behaviour (eviction cost). Differs: a deletion cost is an integer of 32 bits or nothing.
pub fn eviction_cost(pod: &Pod) -> f64 {
    let annotated = f64::from(pod.deletion_cost) / DELETION_COST_DIVISOR;
    let priority = f64::from(pod.shape.priority) / PRIORITY_DIVISOR;
    (1.0 + annotated + priority).clamp(-LIMIT, LIMIT)
}

/// Cost of moving these pods away and losing their node; at least [`PER_NODE`].
pub fn reschedule_disruption_cost<'a>(pods: impl IntoIterator<Item = &'a Arc<Pod>>) -> f64 {
    PER_NODE + pods.into_iter().map(|pod| eviction_cost(pod).max(0.0)).sum::<f64>()
}

/// Share of its life `claim` has left, from 0 to 1; 1 when it does not expire.
pub fn lifetime_remaining(claim: &NodeClaim, now: Timestamp) -> f64 {
    let Some(life) = claim.expire_after else { return 1.0 };
    let (life, age) = (life.as_secs_f64(), elapsed(claim.created, now).as_secs_f64());
    if life > 0.0 { ((life - age) / life).clamp(0.0, 1.0) } else { 0.0 }
}

/// Price of the offering `node` was bought as, available now or not; zero when it is not known.
pub fn price(node: &Node, catalog: &Catalog) -> Price {
    let instance_type = node.label(labels::INSTANCE_TYPE).and_then(|name| catalog.get(name));
    let Some(instance_type) = instance_type else { return Price::ZERO };
    let is_bought_as = |key: &str, offered: &crate::model::instance_type::Offering| {
        let value = node.label(key);
        offered.requirements.get(key).zip(value).is_some_and(|(own, value)| own.contains(value))
    };
    let mut offerings = instance_type.offerings.iter();
    let bought = offerings.find(|offering| {
        is_bought_as(labels::ZONE, offering) && is_bought_as(labels::CAPACITY_TYPE, offering)
    });
    bought.map_or(Price::ZERO, |offering| offering.price)
}
