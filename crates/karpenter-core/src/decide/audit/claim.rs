//! Claims: every listed instance type can hold the pods and can be bought, prices and limits are as said.

use std::collections::{BTreeMap, BTreeSet};

use super::pod_view::{alternatives, clash, tolerates};
use super::{Finding, Violation};
use crate::api::labels;
use crate::decide::scheduling::input::{PoolSupply, SchedulingInput};
use crate::decide::scheduling::plan::{PlannedClaim, SchedulingPlan};
use crate::model::daemon_set::DaemonSet;
use crate::model::ids::{NodePoolName, PodKey};
use crate::model::instance_type::InstanceType;
use crate::model::pod::{Pod, UnsupportedConstraint};
use crate::model::price::Price;
use crate::model::requirement::Requirement;
use crate::model::requirements::{AllowUndefined, Requirements};
use crate::model::resources::Resources;

pub(super) fn check(
    input: &SchedulingInput,
    pods: &BTreeMap<&PodKey, &Pod>,
    plan: &SchedulingPlan,
    findings: &mut Vec<Finding>,
) {
    let mut left: BTreeMap<&NodePoolName, Resources> = BTreeMap::new();
    for claim in &plan.claims {
        let mut found = |violation| {
            findings.push(Finding { about: format!("nodeclaim/{}", claim.name), violation });
        };
        let Some(supply) = input.pools.iter().find(|supply| supply.pool.name == claim.pool) else {
            found(Violation::Unknown(claim.pool.to_string()));
            continue;
        };
        let own: Vec<&Pod> = claim.pods.iter().filter_map(|pod| pods.get(pod).copied()).collect();
        let audited = Audited { input, supply, claim, pods: own };
        audited.pods_are_admitted(&mut found);
        let types = audited.types(&mut found);
        for it in &types {
            audited.holds(it, &mut found);
        }
        audited.prices(&types, &mut found);
        audited.min_values(&types, &mut found);
        let left = left.entry(&supply.pool.name).or_insert_with(|| remaining(input, supply));
        debit(left, &types, &mut found);
    }
}

struct Audited<'a> {
    input: &'a SchedulingInput,
    supply: &'a PoolSupply,
    claim: &'a PlannedClaim,
    pods: Vec<&'a Pod>,
}

impl<'a> Audited<'a> {
    fn well_known(&self) -> AllowUndefined<'a> {
        AllowUndefined::WellKnown(&self.input.well_known)
    }

    fn pods_are_admitted(&self, found: &mut impl FnMut(Violation)) {
        for (at, pod) in self.pods.iter().enumerate() {
            if !tolerates(&pod.shape, &self.supply.pool.template.taints) {
                found(Violation::Taints(pod.key.clone()));
            }
            let alternatives = alternatives(&pod.shape, self.input);
            if !alternatives.iter().any(|set| self.guarantees(set)) {
                found(Violation::Requirements(pod.key.clone()));
            }
            let others = self.pods[..at].iter();
            if others.into_iter().any(|other| clash(&pod.shape.host_ports, &other.shape.host_ports))
            {
                found(Violation::HostPorts(pod.key.clone()));
            }
        }
        let sum = self.requests();
        if !sum.iter().all(|(name, sum)| self.claim.requests.get_or_zero(name.as_str()) >= sum) {
            found(Violation::Requests);
        }
    }

    /// Whether every node the claim may become satisfies `set`; the host name is not known yet.
    fn guarantees(&self, set: &Requirements) -> bool {
        set.iter().filter(|wanted| wanted.key().as_str() != labels::HOSTNAME).all(|wanted| {
            match self.claim.requirements.get(wanted.key().as_str()) {
                Some(have) => have.intersection(wanted) == *have,
                None => PLANNING_KEYS.contains(&wanted.key().as_str()),
            }
        })
    }

    fn types(&self, found: &mut impl FnMut(Violation)) -> Vec<&'a InstanceType> {
        let names = &self.claim.instance_types;
        let limit = self.input.options.max_instance_types;
        if names.is_empty() || names.len() > limit {
            found(Violation::Order);
        }
        let known = names.iter().filter_map(|name| match self.supply.catalog.get(name.as_str()) {
            Some(it) => Some(&**it),
            None => {
                found(Violation::Unknown(name.to_string()));
                None
            }
        });
        known.collect()
    }

    fn requests(&self) -> Resources {
        let sum = self.pods.iter().fold(Resources::new(), |sum, pod| sum.add(&pod.requests));
        sum.with_pods(i64::try_from(self.pods.len()).unwrap_or(i64::MAX))
    }

    /// The type meets the requirements, and one of its offerings in stock that does has room for pods and DaemonSets.
    fn holds(&self, it: &InstanceType, found: &mut impl FnMut(Violation)) {
        let daemons = self.daemons(it);
        let total = daemons
            .iter()
            .fold(self.requests(), |sum, daemon| sum.add(&daemon.requests.with_pods(1)));
        let asked = self.before_reservation();
        let suits =
            |at: &usize| asked.is_compatible(&it.offerings[*at].requirements, self.well_known());
        let groups = it.allocatable_groups();
        let suitable: Vec<_> = groups.iter().filter(|g| g.offerings.iter().any(suits)).collect();
        if suitable.is_empty() || !it.requirements.is_intersecting(&asked) {
            found(Violation::Offering(it.name.to_string()));
        } else if !suitable.iter().any(|group| total.fits(&group.allocatable)) {
            found(Violation::Resources(it.name.to_string()));
        }
        for pod in &self.pods {
            if daemons.iter().any(|d| clash(&pod.shape.host_ports, &d.shape.host_ports)) {
                found(Violation::HostPorts(pod.key.clone()));
            }
        }
    }

    /// What the claim asks for, without the reservations it is narrowed to: types that are not reserved stay listed.
    fn before_reservation(&self) -> Requirements {
        let mut asked = (*self.claim.requirements).clone();
        let key = self.input.well_known.reservation_id();
        if key.is_some_and(|key| asked.remove(key.as_str()).is_some()) {
            asked.remove(labels::CAPACITY_TYPE);
            let own = self.supply.pool.template.requirements.get(labels::CAPACITY_TYPE);
            asked.extend(own.cloned());
        }
        asked
    }

    /// DaemonSets that will run on a node of this type, made from the bare template.
    fn daemons(&self, it: &InstanceType) -> Vec<&'a DaemonSet> {
        let template = &self.supply.pool.template;
        let mut labels = template.requirements.clone();
        let class = labels::node_class_label(&template.node_class.group, &template.node_class.kind);
        let fixed = [
            (labels::NODEPOOL, self.claim.pool.as_str()),
            (&class, &*template.node_class.name),
            (labels::REGISTERED, "true"),
            (labels::INITIALIZED, "true"),
        ];
        let own = template.labels.iter().map(|(key, value)| (&**key, &**value));
        for (key, value) in own.chain(fixed) {
            labels.add(Requirement::in_values(key, [value]));
        }
        // A host name is defined, but nobody knows which.
        let named =
            |set: &Requirements| set.get(labels::HOSTNAME).is_none_or(|name| name.complement());
        let runs = |daemon: &&DaemonSet| {
            !daemon.shape.unsupported.contains(&UnsupportedConstraint::ResourceClaim)
                && tolerates(&daemon.shape, &template.taints)
                && alternatives(&daemon.shape, self.input).iter().any(|set| {
                    let mut set = set.clone();
                    let is_named = named(&set);
                    set.remove(labels::HOSTNAME);
                    is_named
                        && labels.is_compatible(&set, self.well_known())
                        && it.requirements.is_intersecting(&set)
                })
        };
        self.input.daemon_sets.iter().map(|daemon| &**daemon).filter(runs).collect()
    }

    fn prices(&self, types: &[&InstanceType], found: &mut impl FnMut(Violation)) {
        let cheapest = |it: &&InstanceType| {
            let suits = it.offerings.iter().filter(|offering| {
                let requirements = &offering.requirements;
                offering.available
                    && self.claim.requirements.is_compatible(requirements, self.well_known())
            });
            suits.map(|offering| offering.price).min().unwrap_or(Price::UNKNOWN)
        };
        let priced: Vec<_> = types.iter().map(|it| (cheapest(it), &it.name)).collect();
        if !priced.is_sorted() {
            found(Violation::Order);
        }
        if priced.first().map(|(price, _)| *price) != Some(self.claim.price) {
            found(Violation::Price);
        }
    }

    fn min_values(&self, types: &[&InstanceType], found: &mut impl FnMut(Violation)) {
        for requirement in self.claim.requirements.iter() {
            let Some(wanted) = requirement.min_values() else { continue };
            let key = requirement.key().as_str();
            let listed = types.iter().filter_map(|it| it.requirements.get(key));
            let values: BTreeSet<_> = listed.flat_map(Requirement::values).collect();
            let n_values = values.iter().filter(|value| requirement.contains(value)).count();
            if u32::try_from(n_values).is_ok_and(|n_values| n_values < wanted) {
                found(Violation::MinValues(key.to_owned()));
            }
        }
    }
}

/// Keys every new node gets that a claim does not list.
const PLANNING_KEYS: [&str; 2] = [labels::REGISTERED, labels::INITIALIZED];

/// What the pool's limits leave besides its nodes.
fn remaining(input: &SchedulingInput, supply: &PoolSupply) -> Resources {
    let limits = supply.pool.limits.clone().unwrap_or_default();
    let own = input.nodes.iter().filter(|node| node.pool().as_ref() == Some(&supply.pool.name));
    own.fold(limits, |left, node| left.subtract(&node.capacity()))
}

/// Every type fits into what is left; then the largest of them is taken off.
fn debit(left: &mut Resources, types: &[&InstanceType], found: &mut impl FnMut(Violation)) {
    let one = |it: &InstanceType| {
        it.capacity.clone().with("nodes".into(), crate::model::quantity::Quantity::from_units(1))
    };
    for it in types {
        let capacity = one(it);
        if left.iter().any(|(name, left)| capacity.get_or_zero(name.as_str()) > left) {
            found(Violation::Limits(it.name.to_string()));
        }
    }
    let most = types.iter().fold(Resources::new(), |most, it| most.max(&one(it)));
    *left = left.subtract(&most);
}
