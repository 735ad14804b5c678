//! Whether a node takes a pod.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use serde_json::{Value, json};

use super::node::{Bin, Resources};
use super::obstacle::{Diagnosis, Obstacle};
use super::pod::PodInfo;
use super::topology::{Force, Topology};
use super::volumes::{self, Wanted};
use crate::actors::fit::{EFFECTS, matches_affinity, tolerates, untolerated};
use crate::object::list;

/// Nodes that may be looked at, and what their labels and taints say to pods of one shape.
pub(super) type Verdicts = Rc<Vec<(usize, Option<Obstacle>)>>;

/// Reasons of the nodes that do not take a pod.
pub(super) type Unfit = Vec<(usize, Vec<Obstacle>)>;

/// A pod with everything that is looked up once before the nodes are walked.
#[derive(Debug)]
pub(super) struct Ask {
    pub(super) pod: Arc<PodInfo>,
    pub(super) needs: Vec<(usize, i128)>,
    pub(super) volumes: Vec<Wanted>,
    pub(super) spread: Vec<SpreadAsk>,
    verdicts: Verdicts,
    /// Place of the counts for all affinity terms together, and whether a first pod may begin.
    affinity: Option<(usize, bool)>,
    anti_affinity: Vec<usize>,
    /// Weights and counts of preferred terms.
    pub(super) preferred: Vec<(i64, usize)>,
    /// Whether pods repel this one, by node; empty when none does.
    repelled: Vec<bool>,
}

/// One spread constraint of a pod.
#[derive(Debug)]
pub(super) struct SpreadAsk {
    pub(super) tally: usize,
    pub(super) hard: bool,
    pub(super) max_skew: i64,
    /// One when the pod counts itself.
    own: i64,
    least: i64,
}

/// Verdicts by shape, made on first use.
#[derive(Debug, Default)]
pub(super) struct Shapes(BTreeMap<String, Verdicts>);

impl Shapes {
    fn of(&mut self, pod: &PodInfo, bins: &[Bin]) -> Verdicts {
        if let Some(names) = named_nodes(&pod.object) {
            let find = |name: &&str| bins.binary_search_by(|bin| bin.name.as_str().cmp(name)).ok();
            let places = names.iter().filter_map(find);
            return Rc::new(places.map(|at| (at, verdict(pod, &bins[at]))).collect());
        }
        if let Some(known) = self.0.get(&pod.shape) {
            return known.clone();
        }
        let verdicts = bins.iter().enumerate().map(|(at, bin)| (at, verdict(pod, bin)));
        let verdicts = Rc::new(verdicts.collect::<Vec<_>>());
        self.0.insert(pod.shape.clone(), verdicts.clone());
        verdicts
    }
}

/// Nodes a pod names in every term of its affinity, as daemon pods do; `None` when it names none.
fn named_nodes(pod: &Value) -> Option<BTreeSet<&str>> {
    let path = "/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/\
                nodeSelectorTerms";
    let terms = list(pod, path);
    let names: Option<Vec<_>> = terms.iter().map(names_of).collect();
    names.filter(|names| !names.is_empty()).map(|names| names.into_iter().flatten().collect())
}

fn names_of(term: &Value) -> Option<Vec<&str>> {
    let field = list(term, "/matchFields").iter().find(|field| field["operator"] == "In")?;
    Some(list(field, "/values").iter().filter_map(Value::as_str).collect())
}

fn verdict(pod: &PodInfo, bin: &Bin) -> Option<Obstacle> {
    let tolerations = list(&pod.object, "/spec/tolerations");
    if bin.object.pointer("/spec/unschedulable") == Some(&json!(true)) {
        let cordon = json!({"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"});
        if !tolerations.iter().any(|toleration| tolerates(toleration, &cordon)) {
            return Some(Obstacle::Unschedulable);
        }
    }
    if let Some(taint) = untolerated(tolerations, &bin.object, &EFFECTS) {
        let text = |member: &str| taint[member].as_str().unwrap_or("").to_owned();
        return Some(Obstacle::Taint { key: text("key"), value: text("value") });
    }
    (!matches_affinity(&pod.object, &bin.object)).then_some(Obstacle::NodeAffinity)
}

impl Ask {
    /// Looks up what does not depend on the node.
    pub(super) fn new(
        pod: &Arc<PodInfo>,
        volumes: Vec<Wanted>,
        bins: &[Bin],
        shapes: &mut Shapes,
        resources: &mut Resources,
        topology: &mut Topology<'_>,
    ) -> Self {
        let verdicts = shapes.of(pod, bins);
        let affinity = (!pod.affinity.is_empty()).then(|| {
            let place = topology.selected_tally(&pod.affinity, bins);
            let nobody = topology.selected[place].tallies.iter().all(|tally| tally.total == 0);
            (place, nobody && topology.selects_itself(pod))
        });
        let anti_affinity = pod.anti_affinity.iter();
        let anti_affinity = anti_affinity
            .map(|term| topology.selected_tally(std::slice::from_ref(term), bins))
            .collect();
        let preferred = pod.preferred.iter();
        let preferred = preferred
            .map(|(weight, term)| {
                (*weight, topology.selected_tally(std::slice::from_ref(term), bins))
            })
            .collect();
        let mut repelled = Vec::new();
        for tally in topology.bearers_of(Force::Repels, pod) {
            repelled.resize(bins.len(), false);
            for (node, repelled) in repelled.iter_mut().enumerate() {
                *repelled |= tally.at(node).is_some_and(|count| count > 0);
            }
        }
        Self {
            needs: resources.dense(&pod.requests),
            spread: spread(pod, bins, topology),
            pod: pod.clone(),
            volumes,
            verdicts,
            affinity,
            anti_affinity,
            preferred,
            repelled,
        }
    }

    /// First reason of a node not to take the pod; of resources, all that are short.
    fn obstacles(
        &self,
        node: usize,
        bin: &Bin,
        resources: &Resources,
        topology: &Topology<'_>,
    ) -> Vec<Obstacle> {
        if bin.has_port_of(&self.pod.ports) {
            return vec![Obstacle::Ports];
        }
        let short = self.needs.iter().filter(|(id, amount)| bin.free(*id) < *amount);
        let short: Vec<Obstacle> = short
            .map(|(id, _)| match resources.name(*id) {
                "pods" => Obstacle::TooManyPods,
                name => Obstacle::Insufficient(name.to_owned()),
            })
            .collect();
        if !short.is_empty() {
            return short;
        }
        let volumes = volumes::obstacle(&self.volumes, bin);
        let other = volumes.or_else(|| self.unspread(node, topology));
        other.or_else(|| self.unsociable(node, topology)).into_iter().collect()
    }

    fn unspread(&self, node: usize, topology: &Topology<'_>) -> Option<Obstacle> {
        self.spread.iter().filter(|ask| ask.hard).find_map(|ask| {
            match topology.spread[ask.tally].tally.at(node) {
                None => Some(Obstacle::SpreadLabel),
                Some(count) => {
                    (count + ask.own - ask.least > ask.max_skew).then_some(Obstacle::Spread)
                }
            }
        })
    }

    fn unsociable(&self, node: usize, topology: &Topology<'_>) -> Option<Obstacle> {
        if let Some((place, may_begin)) = self.affinity {
            let mut tallies = topology.selected[place].tallies.iter();
            let fits = tallies.all(|t| t.at(node).is_some_and(|count| count > 0 || may_begin));
            if !fits {
                return Some(Obstacle::PodAffinity);
            }
        }
        let near = |place: &usize| {
            let mut tallies = topology.selected[*place].tallies.iter();
            tallies.any(|tally| tally.at(node).is_some_and(|count| count > 0))
        };
        if self.anti_affinity.iter().any(near) {
            return Some(Obstacle::PodAntiAffinity);
        }
        let repelled = self.repelled.get(node) == Some(&true);
        repelled.then_some(Obstacle::ExistingAntiAffinity)
    }

    /// Nodes that take the pod.
    ///
    /// # Errors
    /// Why none does, with the reasons of each node in node order.
    pub(super) fn feasible(
        &self,
        bins: &[Bin],
        resources: &Resources,
        topology: &Topology<'_>,
    ) -> Result<Vec<usize>, (Diagnosis, Unfit)> {
        let (mut fit, mut unfit) = (Vec::new(), Unfit::new());
        for (node, verdict) in self.verdicts.iter() {
            let obstacles = match verdict {
                Some(_) if !fit.is_empty() => continue,
                Some(obstacle) => vec![obstacle.clone()],
                None => self.obstacles(*node, &bins[*node], resources, topology),
            };
            if obstacles.is_empty() {
                fit.push(*node);
            } else {
                unfit.push((*node, obstacles));
            }
        }
        if fit.is_empty() { Err((diagnose(bins.len(), &unfit), unfit)) } else { Ok(fit) }
    }
}

/// Counts obstacles; nodes that were not looked at are those the pod's affinity does not name.
fn diagnose(nodes: usize, unfit: &Unfit) -> Diagnosis {
    let outside = nodes - unfit.len();
    let mut diagnosis = Diagnosis { nodes, hopeless: outside, ..Diagnosis::default() };
    if outside > 0 {
        diagnosis.obstacles.insert(Obstacle::NodeAffinity, outside);
    }
    for (_, obstacles) in unfit {
        let hopeless = !obstacles.iter().all(Obstacle::yields_to_preemption);
        diagnosis.hopeless += usize::from(hopeless);
        for obstacle in obstacles {
            *diagnosis.obstacles.entry(obstacle.clone()).or_default() += 1;
        }
    }
    diagnosis
}

fn spread(pod: &PodInfo, bins: &[Bin], topology: &mut Topology<'_>) -> Vec<SpreadAsk> {
    let constraints = pod.spread.iter();
    constraints
        .map(|constraint| {
            let eligible = || {
                let takes = |bin: &Bin| {
                    let tolerations = list(&pod.object, "/spec/tolerations");
                    (!constraint.honors_affinity || matches_affinity(&pod.object, &bin.object))
                        && (!constraint.honors_taints
                            || untolerated(tolerations, &bin.object, &EFFECTS).is_none())
                };
                bins.iter().map(takes).collect()
            };
            let tally = topology.spread_tally(pod, constraint, bins, eligible);
            let (least, domains) = match constraint.hard {
                true => topology.spread[tally].minimum(),
                false => (0, 0),
            };
            SpreadAsk {
                tally,
                hard: constraint.hard,
                max_skew: constraint.max_skew,
                own: i64::from(constraint.counted.counts(&pod.object)),
                least: if domains < constraint.min_domains { 0 } else { least },
            }
        })
        .collect()
}
