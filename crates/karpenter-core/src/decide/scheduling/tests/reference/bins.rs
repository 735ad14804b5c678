//! Existing nodes, open claims and new claims, each asked anew for every pod.

use super::rules::{clash, falls_short, most, offered};
use super::*;

impl Reference<'_> {
    pub(super) fn on_node(
        &mut self,
        pod: &Arc<Pod>,
        shape: &PodShape,
        wanted: &Requirements,
    ) -> bool {
        let requests = pod.requests.with_pods(1);
        for at in 0..self.nodes.len() {
            let node = &self.nodes[at];
            let pods: Vec<&Pod> = node.pods.iter().chain([pod]).map(|pod| &**pod).collect();
            let is_closed = self.is_unsettled(node.state) && self.has_a_place(pod);
            let fits = !is_closed
                && !exceeds(self.input, node.state, &pods)
                && tolerates(&shape.tolerations, &node.state.taints()).is_ok()
                && !clash(&shape.host_ports, &node.ports)
                && requests.fits(&node.remaining)
                && node.requirements.is_compatible(wanted, AllowUndefined::Nothing)
                && !is_below_zero(&node.requirements.intersect(wanted));
            let joined = node.requirements.intersect(wanted);
            let bin = Bin {
                host: node.state.hostname().to_owned(),
                requirements: &joined,
                is_claim: false,
                is_wide: false,
            };
            if fits && let Some(chosen) = self.choices(pod, shape, &bin).into_iter().next() {
                self.note(pod, bin.host, &chosen, &self.nodes[at].state.taints());
                let node = &mut self.nodes[at];
                node.requirements = chosen;
                node.remaining.subtract_from(&requests);
                node.ports.extend(shape.host_ports.iter().cloned());
                node.pods.push(pod.clone());
                return true;
            }
        }
        false
    }

    /// Whether the plan is to tell about consolidation and the node has not been quiet for long enough.
    pub(super) fn is_unsettled(&self, node: &StateNode) -> bool {
        let (Some(claim), Some(name)) = (&node.claim, node.pool()) else { return false };
        let own = |supply: &&PoolSupply| supply.pool.name == name;
        let mut usable = self.input.pools.iter().filter(|s| s.pool.is_dynamic_and_usable());
        let Some(wait) = usable.find(own).and_then(|s| s.pool.consolidate_after) else {
            return false;
        };
        let conditions = claim.object.status.iter().flat_map(|status| &status.conditions);
        let mut initialized = conditions.filter(|condition| condition.r#type == "Initialized");
        let Some(since) = initialized.next().map(|condition| condition.last_transition_time.0)
        else {
            return false;
        };
        let last = claim.last_pod_event.unwrap_or(since);
        self.input.purpose == Purpose::Consolidation && last + wait > self.input.now
    }

    fn has_a_place(&self, pod: &Pod) -> bool {
        let is = |other: &Arc<Pod>| other.uid == pod.uid;
        self.input.virtual_pods.iter().any(is)
            || (self.input.displaced.iter().any(is) && pod.phase != PodPhase::Pending)
    }

    pub(super) fn on_claim(
        &mut self,
        pod: &Arc<Pod>,
        shape: &PodShape,
        wanted: &Requirements,
    ) -> bool {
        self.claims.sort_by_key(|claim| claim.pods.len());
        let found = (0..self.claims.len()).find_map(|at| {
            let claim = &self.claims[at];
            self.fill(claim, pod, shape, wanted, (false, false)).ok().map(|filled| (at, filled))
        });
        let Some((at, Filled { requirements, types, held })) = found else { return false };
        let claim = &self.claims[at];
        let taints = claim.supply.pool.template.taints.clone();
        self.note(pod, format!("claim {}", claim.rank), &requirements, &taints);
        if self.input.options.refund_limits {
            let pool = self.claims[at].supply.pool.name.to_string();
            let refund = most(&self.claims[at].types).subtract(&most(&types));
            let left = self.remaining.entry(pool).or_default();
            *left = left
                .iter()
                .map(|(name, q)| (name.clone(), q + refund.get_or_zero(name.as_str())))
                .collect();
        }
        let claim = &mut self.claims[at];
        claim.requirements = requirements;
        claim.types = types;
        claim.held = held;
        claim.requests = claim.requests.add(&pod.requests.with_pods(1));
        claim.ports.extend(shape.host_ports.iter().cloned());
        claim.pods.push(pod.clone());
        true
    }

    pub(super) fn on_new_claim(
        &mut self,
        pod: &Arc<Pod>,
        shape: &PodShape,
        wanted: &Requirements,
        is_wide: bool,
    ) -> bool {
        let relax = self.input.options.min_values_policy == MinValuesPolicy::BestEffort;
        let mut is_deferred = false;
        let found = self.pools.iter().find_map(|(supply, requirements, types)| {
            if is_deferred {
                return None;
            }
            let left = &self.remaining[supply.pool.name.as_str()];
            if left.get("nodes").is_some_and(Quantity::is_zero) {
                return None;
            }
            let below = |it: &&Arc<InstanceType>| {
                left.iter().all(|(name, left)| it.capacity.get_or_zero(name.as_str()) <= left)
            };
            let fresh = Claim {
                rank: self.claims.len(),
                supply,
                requirements: requirements.clone(),
                types: types.iter().filter(below).cloned().collect(),
                requests: Resources::new(),
                ports: vec![],
                pods: vec![],
                held: BTreeSet::new(),
            };
            let filled = self.fill(&fresh, pod, shape, wanted, (relax, is_wide));
            is_deferred = matches!(filled, Err(Unfilled::Reserved));
            let Filled { requirements, types, held } = filled.ok()?;
            Some(Claim {
                requirements,
                types,
                held,
                requests: pod.requests.with_pods(1),
                ports: shape.host_ports.clone(),
                pods: vec![pod.clone()],
                ..fresh
            })
        });
        if is_deferred {
            self.deferred.insert(pod.key.to_string());
        }
        let Some(claim) = found else { return false };
        let taints = claim.supply.pool.template.taints.clone();
        self.note(pod, format!("claim {}", claim.rank), &claim.requirements, &taints);
        let left = self.remaining.entry(claim.supply.pool.name.to_string()).or_default();
        *left =
            left.subtract(&most(&claim.types).with(ResourceName::nodes(), Quantity::from_units(1)));
        self.claims.push(claim);
        true
    }

    /// What a claim becomes with the pod.
    fn fill(
        &self,
        claim: &Claim<'_>,
        pod: &Pod,
        shape: &PodShape,
        wanted: &Requirements,
        (relax, is_wide): (bool, bool),
    ) -> Result<Filled, Unfilled> {
        let template = &claim.supply.pool.template;
        let joined = claim.requirements.intersect(wanted);
        if tolerates(&shape.tolerations, &template.taints).is_err()
            || !claim.requirements.is_compatible(wanted, self.well_known())
            || is_below_zero(&joined)
        {
            return Err(Unfilled::Unfit);
        }
        let host = format!("claim {}", claim.rank);
        let bin = Bin { host, requirements: &joined, is_claim: true, is_wide };
        let mut unfilled = Unfilled::Unfit;
        for joined in self.choices(pod, shape, &bin) {
            match self.fill_as(claim, pod, shape, joined, relax) {
                Ok(filled) => return Ok(filled),
                Err(Unfilled::Reserved) => unfilled = Unfilled::Reserved,
                Err(Unfilled::Unfit) => {}
            }
        }
        Err(unfilled)
    }

    /// What a claim becomes with the pod when it has to be `joined`.
    fn fill_as(
        &self,
        claim: &Claim<'_>,
        pod: &Pod,
        shape: &PodShape,
        mut joined: Requirements,
        relax: bool,
    ) -> Result<Filled, Unfilled> {
        let template = &claim.supply.pool.template;
        let total = claim.requests.add(&pod.requests.with_pods(1));
        let own = |pool: &&(&PoolSupply, _, _)| pool.0.pool.name == claim.supply.pool.name;
        let base = self.pools.iter().find(own).ok_or(Unfilled::Unfit)?;
        let types: Vec<_> = claim
            .types
            .iter()
            .filter(|it| {
                let (overhead, ports) = self.daemons(it, &base.1, &template.taints);
                let used: Vec<_> = claim.ports.iter().cloned().chain(ports).collect();
                !clash(&shape.host_ports, &used) && self.keeps(it, &joined, &total.add(&overhead))
            })
            .cloned()
            .collect();
        if types.is_empty() || (!relax && falls_short(&types, &joined)) {
            return Err(Unfilled::Unfit);
        }
        while falls_short(&types, &joined) {
            joined = joined
                .iter()
                .map(|requirement| {
                    let offered = offered(&types, requirement);
                    let min = requirement.min_values().map(|min| min.min(offered));
                    requirement.clone().with_min_values(min.filter(|min| *min > 0))
                })
                .collect();
        }
        let held = self.hold(claim, &joined, &types)?;
        Ok(Filled { requirements: joined, types, held })
    }

    pub(super) fn daemons(
        &self,
        it: &InstanceType,
        template: &Requirements,
        taints: &[Taint],
    ) -> (Resources, Vec<HostPort>) {
        let (mut sum, mut ports, mut count) = (Resources::new(), vec![], 0);
        for daemon in &self.input.daemon_sets {
            let runs = tolerates(&patient(&daemon.shape.tolerations), taints).is_ok()
                && alternatives(&daemon.shape, self.input).iter().any(|set| {
                    template.is_compatible(set, self.well_known())
                        && it.requirements.is_intersecting(set)
                });
            if runs {
                sum = sum.add(&daemon.requests);
                ports.extend(daemon.shape.host_ports.iter().cloned());
                count += 1;
            }
        }
        if count > 0 { (sum.with_pods(count), ports) } else { (sum, ports) }
    }

    pub(super) fn keeps(
        &self,
        it: &InstanceType,
        wanted: &Requirements,
        total: &Resources,
    ) -> bool {
        it.requirements.is_intersecting(wanted)
            && it.allocatable_groups().iter().any(|group| {
                total.fits(&group.allocatable)
                    && group.offerings.iter().any(|at| {
                        wanted.is_compatible(&it.offerings[*at].requirements, self.well_known())
                    })
            })
    }
}
