//! How many pods of a sort are in each topology domain.
//!
//! Every distinct constraint or term is counted once per pass over the placed pods, and each pod
//! placed during the pass is added: checking a node is a look at one number.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::node::Bin;
use super::pod::{Constraint, Counted, PodInfo};
use super::term::Term;
use crate::actors::world::Objects;
use crate::object::{is_terminating, label};

/// The domains of one topology key.
#[derive(Debug)]
pub(super) struct Domains {
    /// Domain of each node; `None` without the label.
    pub(super) of_node: Vec<Option<usize>>,
    pub(super) count: usize,
}

/// Pods per domain.
#[derive(Debug)]
pub(super) struct Tally {
    pub(super) domains: Rc<Domains>,
    pub(super) counts: Vec<i64>,
    pub(super) total: i64,
}

impl Tally {
    fn new(domains: Rc<Domains>) -> Self {
        Self { counts: vec![0; domains.count], domains, total: 0 }
    }

    fn add(&mut self, node: usize, amount: i64) {
        if let Some(domain) = self.domains.of_node[node] {
            self.counts[domain] += amount;
            self.total += amount;
        }
    }

    /// Pods in the domain of a node; `None` when the node is in no domain.
    pub(super) fn at(&self, node: usize) -> Option<i64> {
        self.domains.of_node[node].map(|domain| self.counts[domain])
    }
}

/// Pods one spread constraint counts.
#[derive(Debug)]
pub(super) struct SpreadTally {
    namespace: String,
    counted: Counted,
    /// Nodes that take part.
    pub(super) eligible: Vec<bool>,
    pub(super) tally: Tally,
}

impl SpreadTally {
    fn add(&mut self, pod: &PodInfo, node: usize) {
        let counts = pod.key.namespace == self.namespace
            && self.eligible[node]
            && !is_terminating(&pod.object)
            && self.counted.counts(&pod.object);
        if counts {
            self.tally.add(node, 1);
        }
    }

    /// Fewest pods in a domain that takes part, and the number of such domains.
    pub(super) fn minimum(&self) -> (i64, i64) {
        let mut present = vec![false; self.tally.domains.count];
        for (node, domain) in self.tally.domains.of_node.iter().enumerate() {
            if let Some(domain) = domain.filter(|_| self.eligible[node]) {
                present[domain] = true;
            }
        }
        let counts = self.tally.counts.iter().zip(&present).filter(|(_, present)| **present);
        let (mut least, mut domains) = (i64::MAX, 0);
        for (count, _) in counts {
            least = least.min(*count);
            domains += 1;
        }
        (if domains == 0 { 0 } else { least }, domains)
    }
}

/// Pods that all of some terms select, per term's domain.
#[derive(Debug)]
pub(super) struct Selected {
    pub(super) terms: Vec<Term>,
    pub(super) tallies: Vec<Tally>,
}

/// Placed pods that carry a term, per domain.
#[derive(Debug)]
pub(super) struct Bearers {
    pub(super) term: Term,
    pub(super) tally: Tally,
}

/// How a placed pod's term acts on a new pod that it selects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Force {
    /// Required anti-affinity: keeps it away.
    Repels,
    /// A preference, or affinity: a weight in the score.
    Attracts,
}

/// All counts of a pass.
#[derive(Debug)]
pub(super) struct Topology<'a> {
    namespaces: &'a Objects,
    placed: Vec<(PodInfoRef, usize)>,
    keys: BTreeMap<String, Rc<Domains>>,
    spread_ids: BTreeMap<String, usize>,
    pub(super) spread: Vec<SpreadTally>,
    selected_ids: BTreeMap<String, usize>,
    pub(super) selected: Vec<Selected>,
    pub(super) bearers: BTreeMap<(Force, String), Bearers>,
}

/// A placed pod.
type PodInfoRef = std::sync::Arc<PodInfo>;

impl<'a> Topology<'a> {
    pub(super) fn new(namespaces: &'a Objects) -> Self {
        Self {
            namespaces,
            placed: Vec::new(),
            keys: BTreeMap::new(),
            spread_ids: BTreeMap::new(),
            spread: Vec::new(),
            selected_ids: BTreeMap::new(),
            selected: Vec::new(),
            bearers: BTreeMap::new(),
        }
    }

    /// Counts a pod on a node.
    pub(super) fn place(&mut self, pod: &PodInfoRef, node: usize, nodes: &[Bin]) {
        self.placed.push((pod.clone(), node));
        self.spread.iter_mut().for_each(|tally| tally.add(pod, node));
        for selected in &mut self.selected {
            count(selected, pod, node, self.namespaces);
        }
        for term in &pod.anti_affinity {
            self.bear(Force::Repels, term, 1, node, nodes);
        }
        for (weight, term) in &pod.preferred {
            self.bear(Force::Attracts, term, *weight, node, nodes);
        }
        for term in &pod.affinity {
            self.bear(Force::Attracts, term, 1, node, nodes);
        }
    }

    fn bear(&mut self, force: Force, term: &Term, weight: i64, node: usize, nodes: &[Bin]) {
        let domains = self.domains(&term.topology_key, nodes);
        let bearers = self
            .bearers
            .entry((force, term.id.clone()))
            .or_insert_with(|| Bearers { term: term.clone(), tally: Tally::new(domains) });
        bearers.tally.add(node, weight);
    }

    /// Bearers of this force whose term selects the pod.
    pub(super) fn bearers_of(&self, force: Force, pod: &PodInfo) -> Vec<&Tally> {
        let meant = self.bearers.iter().filter(|((kind, _), bearers)| {
            *kind == force && bearers.term.selects(&pod.object, &pod.key, self.namespaces)
        });
        meant.map(|(_, bearers)| &bearers.tally).collect()
    }

    /// Whether a pod is among those all of its own terms select.
    pub(super) fn selects_itself(&self, pod: &PodInfo) -> bool {
        pod.affinity.iter().all(|term| term.selects(&pod.object, &pod.key, self.namespaces))
    }

    fn domains(&mut self, key: &str, nodes: &[Bin]) -> Rc<Domains> {
        if let Some(known) = self.keys.get(key) {
            return known.clone();
        }
        let mut names: BTreeMap<&str, usize> = BTreeMap::new();
        let mut of_node = Vec::with_capacity(nodes.len());
        for bin in nodes {
            let next = names.len();
            of_node.push(label(&bin.object, key).map(|name| *names.entry(name).or_insert(next)));
        }
        let domains = Rc::new(Domains { of_node, count: names.len() });
        self.keys.insert(key.to_owned(), domains.clone());
        domains
    }

    /// Place of the counts of a spread constraint; `eligible` says which nodes take part.
    pub(super) fn spread_tally(
        &mut self,
        pod: &PodInfo,
        constraint: &Constraint,
        nodes: &[Bin],
        eligible: impl FnOnce() -> Vec<bool>,
    ) -> usize {
        let shape =
            if constraint.honors_affinity || constraint.honors_taints { &pod.shape } else { "" };
        let keys: Vec<_> = pod.spread.iter().filter(|c| c.hard == constraint.hard).collect();
        let keys: Vec<&str> = keys.iter().map(|c| c.topology_key.as_str()).collect();
        let id = format!("{} {shape} {keys:?}", constraint.id);
        if let Some(known) = self.spread_ids.get(&id) {
            return *known;
        }
        let mut eligible = eligible();
        for key in keys {
            let domains = self.domains(key, nodes);
            eligible.iter_mut().zip(&domains.of_node).for_each(|(e, d)| *e &= d.is_some());
        }
        let mut tally = SpreadTally {
            namespace: pod.key.namespace.clone(),
            counted: constraint.counted.clone(),
            eligible,
            tally: Tally::new(self.domains(&constraint.topology_key, nodes)),
        };
        self.placed.iter().for_each(|(pod, node)| tally.add(pod, *node));
        self.spread.push(tally);
        self.spread_ids.insert(id, self.spread.len() - 1);
        self.spread.len() - 1
    }

    /// Place of the counts of pods that all of these terms select.
    pub(super) fn selected_tally(&mut self, terms: &[Term], nodes: &[Bin]) -> usize {
        let ids: Vec<&str> = terms.iter().map(|term| term.id.as_str()).collect();
        let id = ids.join(" ");
        if let Some(known) = self.selected_ids.get(&id) {
            return *known;
        }
        let tallies =
            terms.iter().map(|term| Tally::new(self.domains(&term.topology_key, nodes))).collect();
        let mut selected = Selected { terms: terms.to_vec(), tallies };
        for (pod, node) in &self.placed {
            count(&mut selected, pod, *node, self.namespaces);
        }
        self.selected.push(selected);
        self.selected_ids.insert(id, self.selected.len() - 1);
        self.selected.len() - 1
    }
}

fn count(selected: &mut Selected, pod: &PodInfo, node: usize, namespaces: &Objects) {
    if selected.terms.iter().all(|term| term.selects(&pod.object, &pod.key, namespaces)) {
        selected.tallies.iter_mut().for_each(|tally| tally.add(node, 1));
    }
}
