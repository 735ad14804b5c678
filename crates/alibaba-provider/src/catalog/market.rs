//! The tables of the region, shared by readers and the one task that refreshes them.

use std::collections::BTreeMap;
use std::sync::Arc;

use alibaba_sdk::ecs::InstanceType as Row;
use jiff::Timestamp;
use parking_lot::RwLock;

use super::prices::Prices;
use super::stock::Stock;
use crate::cluster::ClusterFacts;

/// What was read of the region and of clusters, at one point in time.
#[derive(Debug, Clone, Default)]
pub struct MarketView {
    /// Grows with every change of content.
    pub sequence: u64,
    /// Types by name.
    pub types: Arc<BTreeMap<String, Row>>,
    /// When the types were read; `None` before the first time.
    pub types_read: Option<Timestamp>,
    /// Stock.
    pub stock: Arc<Stock>,
    /// When stock was read; `None` before the first time.
    pub stock_read: Option<Timestamp>,
    /// Prices.
    pub prices: Arc<Prices>,
    /// Facts about the cluster nodes join by default.
    pub cluster: Arc<ClusterFacts>,
    /// When the cluster was read; `None` before the first time.
    pub cluster_read: Option<Timestamp>,
    /// Why the last reading of the cluster failed.
    pub cluster_problem: Option<Arc<str>>,
    /// Why the last reading of the type catalogue failed.
    pub types_problem: Option<Arc<str>>,
    /// Why the last reading of stock failed.
    pub stock_problem: Option<Arc<str>>,
    /// Prices are not asked for before this; `None` when they never were refused.
    pub prices_paused_until: Option<Timestamp>,
}

impl MarketView {
    /// Which table has never been read, and why not; `None` when all were read or nothing is known yet.
    pub fn problem(&self) -> Option<String> {
        let tables = [
            ("cluster", self.cluster_read, &self.cluster_problem),
            ("catalogue of instance types", self.types_read, &self.types_problem),
            ("stock of instance types", self.stock_read, &self.stock_problem),
        ];
        tables.into_iter().filter(|(_, read, _)| read.is_none()).find_map(|(table, _, problem)| {
            Some(format!("the {table} cannot be read: {}", problem.as_ref()?))
        })
    }
}

/// The tables; cloning shares them.
#[derive(Debug, Clone, Default)]
pub struct Market(Arc<RwLock<MarketView>>);

impl Market {
    /// The tables as they are now; costs a few reference counts.
    pub fn view(&self) -> MarketView {
        self.0.read().clone()
    }

    /// Enters the type catalogue.
    pub fn set_types(&self, rows: Vec<Row>, at: Timestamp) {
        let rows = rows.into_iter().map(|row| (row.instance_type_id.clone(), row)).collect();
        let mut view = self.0.write();
        view.types_read = Some(at);
        view.types_problem = None;
        if *view.types != rows {
            view.types = Arc::new(rows);
            view.sequence += 1;
        }
    }

    /// Enters the stock tables.
    pub fn set_stock(&self, stock: Stock, at: Timestamp) {
        let mut view = self.0.write();
        view.stock_read = Some(at);
        view.stock_problem = None;
        if *view.stock != stock {
            view.stock = Arc::new(stock);
            view.sequence += 1;
        }
    }

    /// Changes prices.
    pub fn edit_prices(&self, edit: impl FnOnce(&mut Prices)) {
        let mut view = self.0.write();
        edit(Arc::make_mut(&mut view.prices));
        view.sequence += 1;
    }

    /// Enters facts about the cluster.
    pub fn set_cluster(&self, facts: ClusterFacts, at: Timestamp) {
        let mut view = self.0.write();
        view.cluster_read = Some(at);
        view.cluster_problem = None;
        if *view.cluster != facts {
            view.cluster = Arc::new(facts);
            view.sequence += 1;
        }
    }

    /// Enters why the cluster could not be read.
    pub fn set_cluster_problem(&self, problem: String) {
        self.0.write().cluster_problem = Some(problem.into());
    }

    /// Enters why the type catalogue could not be read.
    pub fn set_types_problem(&self, problem: String) {
        self.0.write().types_problem = Some(problem.into());
    }

    /// Enters why stock could not be read.
    pub fn set_stock_problem(&self, problem: String) {
        self.0.write().stock_problem = Some(problem.into());
    }

    /// Holds price calls back.
    pub fn pause_prices(&self, until: Timestamp) {
        self.0.write().prices_paused_until = Some(until);
    }
}
