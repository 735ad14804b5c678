//! Keeps the tables of the region fresh: cluster, types, stock and prices.
//!
//! # Flow
//! Every table has an age at which it is read again. Prices are read type by type, for the types some NodePool could
//! use, small ones first.
//!
//! # Guarantees
//! A failed reading keeps the previous table and is repeated with the runner's backoff. Where a permission is missing,
//! price calls pause for [`refresh::DENIED_PAUSE`], and estimates stand in.
//!
//! # Caveats
//! Without permission for DescribeAvailableResource the zones' lists of types stand in for stock.
//!
//! # Errors
//! None reach the caller; the runner logs and counts failed steps.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use alibaba_sdk::ecs::InstanceType as Row;
use async_trait::async_trait;
use jiff::Timestamp;
use karpenter_core::api::labels as core;
use karpenter_core::controllers::reconciler::{Controller, Limits};
use karpenter_core::decide::plan::{Plan, Step};
use karpenter_core::effects::step::{Actor, Failure, FailureClass, Outcome};
use karpenter_core::model::ids::{NodePoolName, ResourceVersion};
use karpenter_core::model::label_rules::WellKnownLabels;
use karpenter_core::model::node_claim::NodeClaim;
use karpenter_core::model::node_pool::NodePool;
use karpenter_core::model::requirements::{AllowUndefined, Requirements};
use karpenter_core::state::ClusterState;

use crate::api::{self, labels};
use crate::catalog::CapacityType;
use crate::catalog::market::MarketView;
use crate::catalog::refresh;
use crate::catalog::types;
use crate::errors;
use crate::legacy;
use crate::options::Options;
use crate::provider::AlibabaProvider;

/// One table, or one price, to read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refresh {
    /// Facts about the cluster.
    Cluster,
    /// The type catalogue.
    Types,
    /// Stock.
    Stock,
    /// On-demand price of a type.
    Price(String),
    /// Spot prices of a type.
    SpotPrice(String),
}

impl Step for Refresh {
    fn object(&self) -> String {
        match self {
            Self::Cluster => "cluster".to_owned(),
            Self::Types => "types".to_owned(),
            Self::Stock => "stock".to_owned(),
            Self::Price(name) => format!("price/{name}"),
            Self::SpotPrice(name) => format!("spot-price/{name}"),
        }
    }
}

/// Types worth a price, and whether some pool takes them as spot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Types some pool could use, by vCPUs, then name.
    pub types: Vec<String>,
    /// Those a pool would take as spot.
    pub spot: BTreeSet<String>,
}

/// Steps that are due, and when the next is.
///
/// Source: ours.
pub fn plan(
    market: &MarketView,
    wanted: &Wanted,
    options: &Options,
    now: Timestamp,
) -> Plan<Refresh> {
    let mut plan = Plan::default();
    let mut due = |step: Refresh, read: Option<Timestamp>, age: Duration| match read {
        Some(at) if at + age > now => plan.wake(at + age),
        Some(_) | None => plan.steps.push(step),
    };
    if !options.cluster_id.is_empty() {
        due(Refresh::Cluster, market.cluster_read, options.cluster_refresh);
    }
    due(Refresh::Types, market.types_read, options.instance_types_refresh);
    due(Refresh::Stock, market.stock_read, options.stock_refresh);
    if let Some(until) = market.prices_paused_until.filter(|until| *until > now) {
        plan.wake(until);
        return plan;
    }
    for name in &wanted.types {
        let step = Refresh::Price(name.clone());
        due(step, market.prices.on_demand_read(name), options.price_refresh);
        if wanted.spot.contains(name) {
            let step = Refresh::SpotPrice(name.clone());
            due(step, market.prices.spot_read(name), options.spot_price_refresh);
        }
    }
    plan
}

/// What `pools` could use of `market`.
pub fn wanted<'a>(
    market: &MarketView,
    pools: impl IntoIterator<Item = &'a NodePool>,
    options: &Options,
) -> Wanted {
    let well_known = labels::well_known(options.legacy_labels);
    let pools: Vec<&NodePool> = pools.into_iter().filter(|pool| is_ours(pool, options)).collect();
    let (mut rows, mut spot) = (vec![], BTreeSet::new());
    for row in market.types.values() {
        let users: Vec<&&NodePool> = pools
            .iter()
            .filter(|pool| uses(&pool.template.requirements, row, market, options, &well_known))
            .collect();
        if users.is_empty() {
            continue;
        }
        rows.push((row.cpu_core_count, row.instance_type_id.clone()));
        if users.iter().any(|pool| takes(pool, CapacityType::Spot)) {
            spot.insert(row.instance_type_id.clone());
        }
    }
    rows.sort();
    Wanted { types: rows.into_iter().map(|(_, name)| name).collect(), spot }
}

fn is_ours(pool: &NodePool, options: &Options) -> bool {
    let class = &pool.template.node_class;
    let is_older = options.legacy_node_classes && *class.group == *legacy::GROUP;
    (*class.group == *api::GROUP || is_older) && *class.kind == *api::KIND
}

fn uses(
    requirements: &Requirements,
    row: &Row,
    market: &MarketView,
    options: &Options,
    well_known: &WellKnownLabels,
) -> bool {
    if !types::is_offered(row, market.cluster.network, options.include_exotic_families) {
        return false;
    }
    let own = types::requirements(row, &options.region);
    let asked = known_part(requirements, well_known);
    own.is_compatible(&asked, AllowUndefined::WellKnown(well_known))
}

/// Requirements that types can contradict; labels of a pool's own do not matter here.
fn known_part(requirements: &Requirements, well_known: &WellKnownLabels) -> Requirements {
    requirements.iter().filter(|r| well_known.contains(r.key().as_str())).cloned().collect()
}

fn takes(pool: &NodePool, capacity_type: CapacityType) -> bool {
    let kinds = pool.template.requirements.get(karpenter_core::api::labels::CAPACITY_TYPE);
    kinds.is_none_or(|kinds| kinds.contains(capacity_type.as_str()))
}

/// Whether every price `pool` needs is known, or cannot be read.
pub fn has_prices_for(market: &MarketView, pool: &NodePool, options: &Options) -> bool {
    let is_unread = |name: &String| market.prices.on_demand_read(name).is_none();
    market.prices_paused_until.is_some()
        || !wanted(market, [pool], options).types.iter().any(is_unread)
}

/// Whether the prices a launch for `claim` is decided by are known, or cannot be read: those of all types it names, as
/// claims of pools do, and that of any type when it names none, for types that no pool could use are never asked for.
pub fn has_prices_to_launch(market: &MarketView, claim: &NodeClaim, options: &Options) -> bool {
    let well_known = labels::well_known(options.legacy_labels);
    let mut usable = market
        .types
        .values()
        .filter(|row| uses(&claim.requirements, row, market, options, &well_known));
    let is_read = |row: &Row| market.prices.on_demand_read(&row.instance_type_id).is_some();
    let named = claim.requirements.get(core::INSTANCE_TYPE).is_some_and(|r| !r.complement());
    market.prices_paused_until.is_some()
        || if named { usable.all(is_read) } else { usable.any(is_read) }
}

/// The row.
pub struct CatalogRefresh {
    provider: Arc<AlibabaProvider>,
    state: ClusterState,
    wanted: (Key, Wanted),
}

/// What the wanted types were worked out from.
type Key = (Option<Timestamp>, Option<Timestamp>, Vec<(NodePoolName, ResourceVersion)>);

/// What a pass looks at.
pub struct Input {
    market: MarketView,
    pools: Vec<Arc<NodePool>>,
}

impl CatalogRefresh {
    /// The row of `provider`; pools come from `state`.
    pub fn new(provider: Arc<AlibabaProvider>, state: ClusterState) -> Self {
        Self { provider, state, wanted: Default::default() }
    }
}

#[async_trait]
impl Controller for CatalogRefresh {
    type Input = Input;
    type Step = Refresh;

    fn name(&self) -> &'static str {
        "alibaba.catalog"
    }

    fn limits(&self) -> Limits {
        Limits {
            max_in_flight: 8,
            min_interval: Duration::from_millis(500),
            backoff_base: Duration::from_secs(2),
            ..Limits::default()
        }
    }

    async fn observe(&mut self) -> Option<Input> {
        let pools = self.state.snapshot().pools.values().cloned().collect();
        Some(Input { market: self.provider.market.view(), pools })
    }

    fn decide(&mut self, input: Input, now: Timestamp) -> Plan<Refresh> {
        let options = &self.provider.parts.options;
        let versions =
            input.pools.iter().map(|pool| (pool.name.clone(), pool.resource_version.clone()));
        let key = (input.market.types_read, input.market.cluster_read, versions.collect());
        if self.wanted.0 != key {
            let pools = input.pools.iter().map(AsRef::as_ref);
            self.wanted = (key, wanted(&input.market, pools, options));
        }
        plan(&input.market, &self.wanted.1, options, now)
    }

    fn actor(&self) -> Arc<dyn Actor<Refresh>> {
        Arc::new(Reader(self.provider.clone()))
    }
}

struct Reader(Arc<AlibabaProvider>);

#[async_trait]
impl Actor<Refresh> for Reader {
    async fn act(&self, step: Refresh) -> Result<Outcome, Failure> {
        let provider = &*self.0;
        let now = provider.parts.clock.now();
        let result = match &step {
            Refresh::Cluster => refresh::cluster(provider, now).await,
            Refresh::Types => refresh::types(provider, now).await.inspect_err(|error| {
                provider.market.set_types_problem(errors::describe(error));
            }),
            Refresh::Stock => refresh::stock(provider, now).await.inspect_err(|error| {
                provider.market.set_stock_problem(errors::describe(error));
            }),
            Refresh::Price(name) => refresh::price(provider, name, now).await,
            Refresh::SpotPrice(name) => refresh::spot_price(provider, name, now).await,
        };
        result.map_err(|error| {
            let is_denied = errors::meaning(error.kind).reason == "Unauthorized";
            let class = match is_denied {
                true => FailureClass::WaitForUser,
                false => FailureClass::Retry { after: None },
            };
            Failure { message: errors::describe(&error), class }
        })
    }
}

#[cfg(test)]
mod tests;
