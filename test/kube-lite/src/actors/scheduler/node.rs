//! Nodes and what is left of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::pod::{HostPort, PodInfo};
use crate::actors::quantity::{Amounts, amounts};
use crate::object::{Key, int_at, list, str_at};

/// Resource names as small numbers, in order of first use.
#[derive(Debug, Default)]
pub(super) struct Resources {
    ids: BTreeMap<String, usize>,
    names: Vec<String>,
}

impl Resources {
    /// Amounts by number; zero amounts are left out.
    pub(super) fn dense(&mut self, amounts: &Amounts) -> Vec<(usize, i128)> {
        let wanted = amounts.iter().filter(|(_, amount)| **amount > 0);
        wanted.map(|(name, amount)| (self.id(name), *amount)).collect()
    }

    fn id(&mut self, name: &str) -> usize {
        if let Some(known) = self.ids.get(name) {
            return *known;
        }
        self.ids.insert(name.to_owned(), self.names.len());
        self.names.push(name.to_owned());
        self.names.len() - 1
    }

    pub(super) fn name(&self, id: usize) -> &str {
        &self.names[id]
    }
}

/// A node and what the pods on it leave free.
#[derive(Debug)]
pub(super) struct Bin {
    pub(super) name: String,
    pub(super) object: Arc<Value>,
    /// Free amounts by resource number; resources beyond the end are not there at all.
    pub(super) free: Vec<i128>,
    /// Allocatable processor and memory, and what pods count for in scores.
    pub(super) total: [i128; 2],
    pub(super) scored: [i128; 2],
    pub(super) ports: BTreeSet<HostPort>,
    /// Claims whose volumes are on the node, by driver.
    pub(super) volumes: BTreeMap<String, BTreeSet<Key>>,
    /// Most volumes of a driver.
    pub(super) limits: BTreeMap<String, usize>,
    pub(super) pods: Vec<Arc<PodInfo>>,
}

impl Bin {
    /// An empty node; `csi` is its CSINode.
    pub(super) fn new(
        key: &Key,
        object: &Arc<Value>,
        csi: Option<&Value>,
        resources: &mut Resources,
    ) -> Self {
        let allocatable = amounts(object.pointer("/status/allocatable"));
        let total = ["cpu", "memory"].map(|name| allocatable.get(name).copied().unwrap_or(0));
        let mut free = Vec::new();
        for (id, amount) in resources.dense(&allocatable) {
            grow(&mut free, id);
            free[id] = amount;
        }
        let drivers = csi.map_or(&[][..], |csi| list(csi, "/spec/drivers")).iter();
        let limits = drivers.filter_map(|driver| {
            let limit = usize::try_from(int_at(driver, "/allocatable/count")?).ok()?;
            Some((str_at(driver, "/name")?.to_owned(), limit))
        });
        Self {
            name: key.name.clone(),
            object: object.clone(),
            free,
            total,
            scored: [0, 0],
            ports: BTreeSet::new(),
            volumes: BTreeMap::new(),
            limits: limits.collect(),
            pods: Vec::new(),
        }
    }

    /// What is free of a resource.
    pub(super) fn free(&self, id: usize) -> i128 {
        self.free.get(id).copied().unwrap_or_default()
    }

    /// Puts a pod here; `needs` are its requests by number.
    pub(super) fn take(&mut self, pod: &Arc<PodInfo>, needs: &[(usize, i128)]) {
        for (id, amount) in needs {
            grow(&mut self.free, *id);
            self.free[*id] -= amount;
        }
        self.scored[0] += pod.scored[0];
        self.scored[1] += pod.scored[1];
        self.ports.extend(pod.ports.iter().cloned());
        self.pods.push(pod.clone());
    }

    /// Whether another pod has one of these ports.
    pub(super) fn has_port_of(&self, ports: &BTreeSet<HostPort>) -> bool {
        ports.iter().any(|port| self.ports.iter().any(|taken| taken.collides(port)))
    }
}

fn grow(free: &mut Vec<i128>, id: usize) {
    if free.len() <= id {
        free.resize(id + 1, 0);
    }
}
