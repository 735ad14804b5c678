//! Pods that are equal in everything a placement looks at, and what is known about where they cannot go.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::node_index::OpenNodes;
use super::open_claim::{Ask, Closed};
use super::pod_validation;
use super::preferences::{Reader, Rung};
use super::report::Relaxation;
use super::universe::{Amounts, Universe};
use super::unschedulable::{Unreadable, Unschedulable};
use super::world::{Draft, SetId};
use crate::model::pod::{
    HostPort, NodeSelectorTerm, Pod, PodShape, PreferredTerm, UnsupportedConstraint,
};
use crate::model::resources::Resources;
use crate::model::taints::{Taint, Toleration, is_tolerated};
use crate::model::validation::ValidationRules;

/// Constraints shared by pods, with their relaxation ladder.
#[derive(Debug)]
pub(super) struct Shape<'a> {
    /// Host ports.
    pub(super) ports: &'a [HostPort],
    /// Steps of the ladder, the most demanding first; never empty.
    pub(super) levels: Vec<Level>,
}

/// One step of a shape's ladder.
#[derive(Debug)]
pub(super) struct Level {
    /// What is asked of labels.
    pub(super) set: SetId,
    /// Taints put up with.
    pub(super) tolerations: Vec<Toleration>,
    /// Nothing can meet the level: the pod's own constraints exclude each other.
    pub(super) is_impossible: bool,
    /// What was given up on the step to this level.
    pub(super) given_up: Option<Relaxation>,
}

impl Level {
    /// Whether every one of `taints` is put up with.
    pub(super) fn tolerates(&self, taints: &[Taint]) -> bool {
        taints.iter().all(|taint| is_tolerated(&self.tolerations, taint))
    }
}

/// Pods with one shape and equal requests.
#[derive(Debug)]
pub(super) struct Class {
    /// Which shape.
    pub(super) shape: usize,
    /// Requests, without the number of pods.
    pub(super) requests: Arc<Resources>,
    /// Requests, with one pod.
    pub(super) amounts: Amounts,
    /// Pods of the class that have no place yet.
    pub(super) n_waiting: usize,
    /// What is known at each level of the shape.
    pub(super) memory: Vec<Memory>,
    /// Number of placements at which no level found a place.
    pub(super) failed_at: Option<usize>,
}

/// Where pods of a class cannot go at one level.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// Existing nodes that have not refused for good; made on first use.
    pub(super) nodes: Option<OpenNodes>,
    /// Per open claim, until when it is closed; claims beyond the end have not been asked.
    claims: Vec<Closed>,
    /// Per template, the version of its limits at which it refused.
    pub(super) templates: Vec<Option<u64>>,
}

impl Memory {
    /// Whether `claim`, which now has `set`, is known to refuse.
    pub(super) fn is_closed(&self, claim: usize, set: SetId) -> bool {
        match self.claims.get(claim) {
            None | Some(Closed::No) => false,
            Some(Closed::While(refused)) => *refused == set,
            Some(Closed::ForGood) => true,
        }
    }

    /// Notes that `claim` refused.
    pub(super) fn close(&mut self, claim: usize, until: Closed) {
        if self.claims.len() <= claim {
            self.claims.resize(claim + 1, Closed::No);
        }
        self.claims[claim] = until;
    }
}

impl Class {
    /// What its pods ask of a bin at `level`.
    pub(super) fn ask<'c>(&'c self, shape: &'c Shape<'_>, level: usize) -> Ask<'c> {
        Ask { set: shape.levels[level].set, amounts: &self.amounts, ports: shape.ports }
    }

    /// One of its pods has lost its place again, or may have learned what does not hold any more: nothing is known.
    pub(super) fn forget(&mut self, n_levels: usize, n_templates: usize) {
        let memory = || Memory { templates: vec![None; n_templates], ..Memory::default() };
        self.memory = std::iter::repeat_with(memory).take(n_levels).collect();
        self.failed_at = None;
    }

    /// One of its pods has found a place; what is known is dropped with the last one.
    pub(super) fn placed(&mut self) {
        self.n_waiting -= 1;
        if self.n_waiting == 0 {
            self.memory = vec![];
        }
    }
}

/// The parts of a [`PodShape`] that decide where a pod can go.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Constraints<'a> {
    node_selector: &'a std::collections::BTreeMap<Arc<str>, Arc<str>>,
    required: &'a [NodeSelectorTerm],
    preferred: &'a [PreferredTerm],
    tolerations: &'a [Toleration],
    host_ports: &'a [HostPort],
    unsupported: &'a [UnsupportedConstraint],
}

impl<'a> Constraints<'a> {
    fn of(shape: &'a PodShape) -> Self {
        Self {
            node_selector: &shape.node_selector,
            required: &shape.required_node_affinity,
            preferred: &shape.preferred_node_affinity,
            tolerations: &shape.tolerations,
            host_ports: &shape.host_ports,
            unsupported: &shape.unsupported,
        }
    }
}

/// Every pod of the input with its class.
#[derive(Debug, Default)]
pub(super) struct Classes<'a> {
    /// Shapes in order of first appearance.
    pub(super) shapes: Vec<Shape<'a>>,
    /// Classes in order of first appearance.
    pub(super) all: Vec<Class>,
    /// How many templates there are at most.
    pub(super) n_templates: usize,
    /// Per pod its class, or why it is not planned for.
    pub(super) of_pod: Vec<Result<usize, Unschedulable>>,
}

/// Sorts pods into classes.
pub(super) struct Classifier<'r, 'w, 'a> {
    /// How pods are read.
    pub(super) reader: Reader<'r>,
    /// What pods may ask for.
    pub(super) rules: &'r ValidationRules,
    /// How many of the pods wait for a node; the others run already and are not validated.
    pub(super) n_pending: usize,
    /// Resources of the solve.
    pub(super) universe: &'r Universe,
    /// Where requirement sets get their numbers.
    pub(super) draft: &'r mut Draft<'w>,
    /// How many templates there are.
    pub(super) n_templates: usize,
    /// What was read so far.
    pub(super) classes: Classes<'a>,
}

impl<'a> Classifier<'_, '_, 'a> {
    /// Reads `pods`. Pods that share a shape or requests by reference cost two look-ups by address.
    pub(super) fn read(mut self, pods: &'a [Arc<Pod>]) -> Classes<'a> {
        let mut shapes_by_address: FxHashMap<*const PodShape, Result<usize, Unschedulable>> =
            FxHashMap::default();
        let mut shapes: FxHashMap<Constraints<'a>, Result<usize, Unschedulable>> =
            FxHashMap::default();
        let mut refusals: FxHashMap<usize, Option<Unschedulable>> = FxHashMap::default();
        let mut requests_by_address: FxHashMap<*const Resources, usize> = FxHashMap::default();
        let mut requests: FxHashMap<&Resources, usize> = FxHashMap::default();
        let mut classes: FxHashMap<(usize, usize), usize> = FxHashMap::default();
        for (at, pod) in pods.iter().enumerate() {
            let shape = shapes_by_address.entry(Arc::as_ptr(&pod.shape)).or_insert_with(|| {
                let known = shapes.entry(Constraints::of(&pod.shape));
                known.or_insert_with(|| self.shape(&pod.shape)).clone()
            });
            let n_requests = requests.len();
            let request = *requests_by_address
                .entry(Arc::as_ptr(&pod.requests))
                .or_insert_with(|| *requests.entry(&pod.requests).or_insert(n_requests));
            let class = shape.clone().map(|shape| {
                let class = classes.entry((shape, request));
                *class.or_insert_with(|| self.class(shape, &pod.requests))
            });
            let is_pending = at < self.n_pending;
            let refusal = shape.as_ref().ok().filter(|_| is_pending).and_then(|shape| {
                let judge = || pod_validation::validate(&pod.shape, self.rules).err();
                refusals.entry(*shape).or_insert_with(judge).as_ref()
            });
            let class = match refusal {
                Some(why) => Err(why.clone()),
                None => class,
            };
            if let Ok(class) = class {
                self.classes.all[class].n_waiting += 1;
            }
            self.classes.of_pod.push(class);
        }
        self.classes.n_templates = self.n_templates;
        self.classes
    }

    fn shape(&mut self, shape: &'a PodShape) -> Result<usize, Unschedulable> {
        if !shape.unsupported.is_empty() {
            return Err(Unschedulable::Unsupported(shape.unsupported.clone()));
        }
        let rungs =
            self.reader.rungs(shape).map_err(|why: Unreadable| Unschedulable::Unreadable(why))?;
        if rungs.iter().all(|rung| rung.requirements.is_err()) {
            let key = rungs.into_iter().find_map(|rung| rung.requirements.err());
            return Err(Unschedulable::Contradiction(
                key.expect("invariant: a pod has at least one rung"),
            ));
        }
        let level = |rung: Rung| Level {
            is_impossible: rung.requirements.is_err(),
            set: self.draft.say(rung.requirements.unwrap_or_default()),
            tolerations: rung.tolerations,
            given_up: rung.given_up,
        };
        let levels = rungs.into_iter().map(level).collect();
        self.classes.shapes.push(Shape { ports: &shape.host_ports, levels });
        Ok(self.classes.shapes.len() - 1)
    }

    fn class(&mut self, shape: usize, requests: &Arc<Resources>) -> usize {
        let mut class = Class {
            shape,
            requests: requests.clone(),
            amounts: self.universe.amounts(&requests.with_pods(1)),
            n_waiting: 0,
            memory: vec![],
            failed_at: None,
        };
        class.forget(self.classes.shapes[shape].levels.len(), self.n_templates);
        self.classes.all.push(class);
        self.classes.all.len() - 1
    }
}
