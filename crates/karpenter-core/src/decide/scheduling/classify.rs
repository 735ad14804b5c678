//! Reads what pods ask for while the closed world still listens; who selects them is found out later (`sorter`).

use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::class::Level;
use super::devices::Desk;
use super::draft::Draft;
use super::input::SchedulingInput;
use super::pod_validation;
use super::preferences::{Reader, Rung};
use super::topology::{GroupId, Registry, Subject};
use super::unschedulable::{Unreadable, Unschedulable};
use super::volumes::{Lookup, Place, PodVolumes};
use super::world::SetId;
use crate::decide::devices::ClaimId;
use crate::model::ids::Namespace;
use crate::model::label_selector::Labels;
use crate::model::pod::{
    HostPort, NodeSelectorTerm, Pod, PodShape, PreferredTerm, UnsupportedConstraint,
};
use crate::model::pod_topology::PodTopology;
use crate::model::taints::Toleration;
use crate::model::validation::ValidationRules;

/// What pods ask for, whoever selects them.
#[derive(Debug)]
pub(super) struct Base<'a> {
    /// Host ports.
    pub(super) ports: &'a [HostPort],
    /// Steps of the ladder; never empty.
    pub(super) levels: Rc<[Level]>,
    pub(super) owned: Rc<[GroupId]>,
    /// Where its volumes can be reached from; empty when anywhere.
    pub(super) places: Rc<[SetId]>,
}

/// Every pod of the input with what it asks for.
#[derive(Debug, Default)]
pub(super) struct Bases<'a> {
    /// In order of first appearance.
    pub(super) all: Vec<Base<'a>>,
    /// Per pod which one, or why it is not planned for.
    pub(super) of_pod: Vec<Result<usize, Unschedulable>>,
    /// Volumes of the pods that have some, with the number of the pod.
    pub(super) volumes: Vec<(usize, PodVolumes)>,
    /// What the pods claim of devices that claim some, by the number of the pod.
    pub(super) device_claims: FxHashMap<usize, Rc<[ClaimId]>>,
    /// Where devices can be reached from.
    pub(super) reaches: Vec<SetId>,
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
    /// With the namespace it is meant in, and the labels if it refers to them.
    topology: Option<(&'a PodTopology, &'a Namespace, Option<&'a Labels>)>,
    /// Where its volumes can be reached from.
    places: PlacesId,
}

/// A list of places; all volumes that can be reached from anywhere have the first.
type PlacesId = usize;

impl<'a> Constraints<'a> {
    fn of(pod: &'a Pod, places: PlacesId) -> Self {
        let shape = &*pod.shape;
        let topology = &shape.topology;
        let labels = refers_to_own_labels(topology).then_some(&shape.labels);
        Self {
            node_selector: &shape.node_selector,
            required: &shape.required_node_affinity,
            preferred: &shape.preferred_node_affinity,
            tolerations: &shape.tolerations,
            host_ports: &shape.host_ports,
            unsupported: &shape.unsupported,
            topology: (!topology.is_empty()).then_some((topology, &pod.key.namespace, labels)),
            places,
        }
    }
}

fn refers_to_own_labels(topology: &PodTopology) -> bool {
    let preferred = topology.preferred_affinity.iter().chain(&topology.preferred_anti_affinity);
    let required = topology.affinity.iter().chain(&topology.anti_affinity);
    let mut terms = required.chain(preferred.map(|weighted| &weighted.term));
    topology.spread.iter().any(|constraint| !constraint.match_label_keys.is_empty())
        || terms.any(|t| !t.match_label_keys.is_empty() || !t.mismatch_label_keys.is_empty())
}

/// The first pass.
pub(super) struct Classifier<'r, 'w, 'a> {
    /// How pods are read.
    pub(super) reader: Reader<'r>,
    /// What pods may ask for.
    pub(super) rules: &'r ValidationRules,
    /// How many of the pods wait for a node; the others run already and are not validated.
    pub(super) n_pending: usize,
    /// Where requirement sets get their numbers.
    pub(super) draft: &'r mut Draft<'w>,
    /// Where topology terms become groups.
    pub(super) registry: &'r mut Registry<'w>,
    /// What is known of volumes.
    pub(super) lookup: &'r Lookup<'r>,
    /// Devices; `None` when nobody claims any or such claims are refused.
    pub(super) desk: Option<&'r mut Desk<'a>>,
    /// What is decided about.
    pub(super) input: &'r SchedulingInput,
    /// What was read so far.
    pub(super) bases: Bases<'a>,
}

impl<'a> Classifier<'_, '_, 'a> {
    /// Reads `pods`. Pods that share a shape by reference cost one look-up by address.
    pub(super) fn read(mut self, pods: &'a [Arc<Pod>]) -> Bases<'a> {
        let mut by_address: FxHashMap<(*const PodShape, &Namespace, PlacesId), _> =
            FxHashMap::default();
        let mut all_places = AllPlaces::default();
        let mut known: FxHashMap<Constraints<'a>, Result<usize, Unschedulable>> =
            FxHashMap::default();
        let mut refusals: FxHashMap<usize, Option<Unschedulable>> = FxHashMap::default();
        for (at, pod) in pods.iter().enumerate() {
            let is_pending = at < self.n_pending;
            if let Some(problem) = pod_validation::negative_request(&pod.requests) {
                self.bases.of_pod.push(Err(Unschedulable::Invalid(vec![problem])));
                continue;
            }
            let volumes = match self.volumes(pod, is_pending) {
                Ok(volumes) => volumes,
                Err(why) => {
                    let refusal = self.refusal(pod, is_pending);
                    self.bases.of_pod.push(Err(refusal.unwrap_or(why)));
                    continue;
                }
            };
            match self.device_claims(pod, at) {
                Ok(claims) => self.bases.device_claims.extend(claims.map(|claims| (at, claims))),
                Err(why) => {
                    let refusal = self.refusal(pod, is_pending);
                    self.bases.of_pod.push(Err(refusal.unwrap_or(why)));
                    continue;
                }
            }
            let places = all_places.number(&volumes);
            let address = (Arc::as_ptr(&pod.shape), &pod.key.namespace, places);
            let base: &mut Result<usize, Unschedulable> =
                by_address.entry(address).or_insert_with(|| {
                    let known = known.entry(Constraints::of(pod, places));
                    known.or_insert_with(|| self.base(pod, all_places.get(places))).clone()
                });
            let refusal = base.as_ref().ok().filter(|_| is_pending).and_then(|base| {
                let judge = || pod_validation::validate(&pod.shape, self.rules).err();
                refusals.entry(*base).or_insert_with(judge).as_ref()
            });
            let base = match refusal {
                Some(why) => Err(why.clone()),
                None => base.clone(),
            };
            self.bases.of_pod.push(base);
            self.bases.volumes.extend(volumes.map(|volumes| (at, volumes)));
        }
        let asked = self.desk.map(|desk| desk.asked()).unwrap_or_default();
        self.bases.reaches = asked.into_iter().map(|asked| self.draft.say(asked)).collect();
        self.bases
    }

    /// What `pod`, which is number `at`, claims of devices; `None` when nothing. Claims of virtual pods are never made.
    fn device_claims(
        &mut self,
        pod: &Pod,
        at: usize,
    ) -> Result<Option<Rc<[ClaimId]>>, Unschedulable> {
        let unsupported = &pod.shape.unsupported;
        if !unsupported.is_empty() && self.input.is_virtual(at) {
            return Err(Unschedulable::Unsupported(unsupported.clone()));
        }
        let Some(desk) = &mut self.desk else { return Ok(None) };
        desk.claims(pod).map_err(|why| Unschedulable::Devices(Box::new(why)))
    }

    /// Volumes of `pod`; `None` when it has none that matter.
    fn volumes(&self, pod: &Pod, is_pending: bool) -> Result<Option<PodVolumes>, Unschedulable> {
        if pod.volume_claims.is_empty() {
            return Ok(None);
        }
        let refused =
            if is_pending { Unschedulable::Volume } else { Unschedulable::VolumeTopology };
        let volumes = self.lookup.volumes(pod, is_pending);
        volumes.map(Some).map_err(|why| refused(Box::new(why)))
    }

    fn refusal(&self, pod: &Pod, is_pending: bool) -> Option<Unschedulable> {
        is_pending.then(|| pod_validation::validate(&pod.shape, self.rules).err()).flatten()
    }

    fn base(&mut self, pod: &'a Pod, places: &[Place]) -> Result<usize, Unschedulable> {
        let shape = &*pod.shape;
        if !shape.unsupported.is_empty() && self.input.options.ignore_dra_requests {
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
        let mut levels: Vec<Level> = rungs.into_iter().map(|rung| self.level(pod, rung)).collect();
        if places.iter().any(|place| place.is_impossible) {
            levels.iter_mut().for_each(|level| level.is_impossible = true);
        }
        let places =
            places.iter().map(|place| self.draft.say(place.requirements.clone())).collect();
        let subject = Subject {
            namespace: &pod.key.namespace,
            labels: &shape.labels,
            tolerations: &shape.tolerations,
        };
        let anti_affinity = shape.topology.anti_affinity.iter();
        let owned = anti_affinity.map(|term| self.registry.inverse(subject, term)).collect();
        self.bases.all.push(Base {
            ports: &shape.host_ports,
            levels: levels.into(),
            owned,
            places,
        });
        Ok(self.bases.all.len() - 1)
    }

    fn level(&mut self, pod: &Pod, rung: Rung<'_>) -> Level {
        let subject = Subject {
            namespace: &pod.key.namespace,
            labels: &pod.shape.labels,
            tolerations: &rung.tolerations,
        };
        let alternatives: Vec<SetId> =
            rung.alternatives.into_iter().map(|set| self.draft.say(set)).collect();
        let mut groups = vec![];
        for constraint in rung.topology.spread {
            groups.push(self.registry.spread(subject, constraint, &alternatives));
        }
        for term in rung.topology.affinity {
            groups.push(self.registry.affinity(subject, term));
        }
        for term in rung.topology.anti_affinity {
            groups.push(self.registry.anti_affinity(subject, term));
        }
        Level {
            is_impossible: rung.requirements.is_err(),
            set: self.draft.say(rung.requirements.unwrap_or_default()),
            strict: self.draft.say(rung.strict),
            groups,
            tolerations: rung.tolerations,
            given_up: rung.given_up,
        }
    }
}

/// Lists of places met so far.
#[derive(Debug)]
struct AllPlaces {
    lists: Vec<Vec<Place>>,
    ids: FxHashMap<Vec<Place>, PlacesId>,
}

impl Default for AllPlaces {
    fn default() -> Self {
        Self { lists: vec![vec![]], ids: FxHashMap::from_iter([(vec![], 0)]) }
    }
}

impl AllPlaces {
    fn get(&self, id: PlacesId) -> &[Place] {
        &self.lists[id]
    }

    fn number(&mut self, volumes: &Option<PodVolumes>) -> PlacesId {
        let Some(volumes) = volumes else { return 0 };
        if let Some(id) = self.ids.get(&volumes.places) {
            return *id;
        }
        self.lists.push(volumes.places.clone());
        self.ids.insert(volumes.places.clone(), self.lists.len() - 1);
        self.lists.len() - 1
    }
}
