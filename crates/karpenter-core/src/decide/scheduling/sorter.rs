//! Sorts pods into classes when all groups are known: pods of one class are equal in everything a placement looks at.

use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::class::{Class, Classes, Level, Shape};
use super::classify::{Base, Bases};
use super::input::SchedulingInput;
use super::topology::{AudienceId, Audiences, Topology};
use super::universe::Universe;
use super::volumes::{Attachments, VolumeLoad};
use crate::model::ids::Namespace;
use crate::model::pod::{Pod, PodShape};
use crate::model::resources::Resources;

/// Sorts pods.
pub(super) struct Sorter<'r> {
    /// Resources of the solve.
    pub(super) universe: &'r Universe,
    /// All groups.
    pub(super) topology: &'r mut Topology,
    /// What pods add to the volumes of nodes.
    pub(super) attachments: &'r Attachments,
    /// How many templates there are.
    pub(super) n_templates: usize,
    /// Where the pods are from.
    pub(super) input: &'r SchedulingInput,
}

impl Sorter<'_> {
    /// Sorts `pods`, which ask for `bases`, into classes.
    pub(super) fn sort<'a>(self, pods: &'a [Arc<Pod>], bases: Bases<'a>) -> Classes<'a> {
        let Bases { all: bases, of_pod, device_claims, .. } = bases;
        let mut audiences = Audiences::new(self.topology);
        let mut shapes_by_address: FxHashMap<(usize, *const PodShape, &Namespace), usize> =
            FxHashMap::default();
        let mut shapes: FxHashMap<(usize, usize), usize> = FxHashMap::default();
        let mut requests_by_address: FxHashMap<*const Resources, usize> = FxHashMap::default();
        let mut requests: FxHashMap<&Resources, usize> = FxHashMap::default();
        let mut known: FxHashMap<(usize, usize, Option<&VolumeLoad>, _, Side), usize> =
            FxHashMap::default();
        let mut classes = Classes { n_templates: self.n_templates, ..Classes::default() };
        for (at, (pod, base)) in pods.iter().zip(of_pod).enumerate() {
            let n_requests = requests.len();
            let request = *requests_by_address
                .entry(Arc::as_ptr(&pod.requests))
                .or_insert_with(|| *requests.entry(&pod.requests).or_insert(n_requests));
            let class = base.map(|base| {
                let address = (base, Arc::as_ptr(&pod.shape), &pod.key.namespace);
                let shape = *shapes_by_address.entry(address).or_insert_with(|| {
                    let labels = &pod.shape.labels;
                    let audience = audiences.of(&pod.key.namespace, labels, self.topology);
                    *shapes.entry((base, audience)).or_insert_with(|| {
                        classes.shapes.push(self.shape(&bases[base], audience));
                        classes.shapes.len() - 1
                    })
                });
                let volumes = self.attachments.load(at);
                let (is_virtual, shuns_unsettled) = side(self.input, at);
                let load = volumes.map(|load| &**load);
                let claims = device_claims.get(&at);
                let side = (is_virtual, shuns_unsettled);
                let class = known.entry((shape, request, load, claims, side));
                *class.or_insert_with(|| {
                    let n_levels = classes.shapes[shape].levels.len();
                    let (volumes, device_claims) = (volumes.cloned(), claims.cloned());
                    let class = self.class((shape, n_levels), &pod.requests, volumes);
                    classes.all.push(Class { shuns_unsettled, device_claims, ..class });
                    classes.all.len() - 1
                })
            });
            if let Ok(class) = class {
                classes.all[class].n_waiting += 1;
            }
            classes.of_pod.push(class);
        }
        classes
    }

    fn shape<'a>(&self, base: &Base<'a>, audience: AudienceId) -> Shape<'a> {
        let bonds = |level: &Level| self.topology.bonds(audience, &level.groups);
        Shape {
            ports: base.ports,
            levels: base.levels.clone(),
            audience,
            owned: base.owned.clone(),
            places: base.places.clone(),
            bonds: base.levels.iter().map(bonds).collect(),
        }
    }

    fn class(
        &self,
        (shape, n_levels): (usize, usize),
        requests: &Arc<Resources>,
        volumes: Option<Rc<VolumeLoad>>,
    ) -> Class {
        let mut class = Class {
            shape,
            requests: requests.clone(),
            amounts: self.universe.amounts(&requests.with_pods(1)),
            volumes,
            device_claims: None,
            shuns_unsettled: false,
            n_waiting: 0,
            memory: vec![],
            failed_at: None,
            deferred: None,
        };
        class.forget(n_levels, self.n_templates);
        class
    }
}

/// What tells equal pods apart: those nobody has created do not speak for those that wait, and not all may go to nodes
/// that have not settled.
type Side = (bool, bool);

fn side(input: &SchedulingInput, pod: usize) -> Side {
    (input.is_virtual(pod), input.shuns_unsettled(pod))
}
