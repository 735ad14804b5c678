//! One round of planning, as buffers see it: which virtual pods take part, and what became of them.
//!
//! Virtual pods go behind all real ones and leave no trace but room: a plan that was [settled](Reserve::settle) binds,
//! counts and blames real pods only. Nodes that exist are remembered together with the buffers they have room for, so
//! that they are not taken away as empty.
//!
//! Source: Karpenter behaviour, CapacityBuffer. Differs: real pods come first; virtual pods whose node is being launched
//! count as pods of new nodes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::virtual_pods::virtual_pods;
use super::writes::resolution;
use crate::decide::provisioning::is_launching;
use crate::decide::scheduling::plan::{SchedulingPlan, Target};
use crate::model::capacity_buffer::{Room, Round};
use crate::model::ids::{ObjectKey, PodKey, Uid};
use crate::model::pod::Pod;
use crate::state::ClusterSnapshot;

#[cfg(test)]
mod tests;

/// Virtual pods one buffer can have; what a buffer asks for beyond that is not provisioned for.
pub const MOST_PODS: i32 = 10_000;

/// The virtual pods of all buffers at one moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reserve {
    /// Pods to plan for, in the order of buffers and their numbers.
    pub pods: Vec<Arc<Pod>>,
    buffer_of: BTreeMap<PodKey, Arc<ObjectKey>>,
    rounds: BTreeMap<Arc<ObjectKey>, Round>,
}

impl Reserve {
    /// The virtual pods of every buffer of the snapshot that can be provisioned for and is not being deleted.
    ///
    /// Those for which a claim is being launched need not be planned. A number whose name a real pod has is left out.
    pub fn of(snapshot: &ClusterSnapshot, now: Timestamp) -> Self {
        let mut reserve = Self::default();
        if snapshot.buffers.is_empty() {
            return reserve;
        }
        let launching = snapshot.claims.values().filter(|claim| is_launching(claim));
        let planned = launching.filter_map(|claim| snapshot.intents.pods_planned_for(&claim.name));
        let planned: BTreeSet<&Uid> = planned.flat_map(|pods| pods.keys()).collect();
        for buffer in snapshot.buffers.values().filter(|buffer| !buffer.is_being_deleted()) {
            let Ok(mut resolved) = resolution(buffer, &snapshot.chunk_sources) else { continue };
            resolved.chunks = resolved.chunks.min(MOST_PODS);
            let key = Arc::new(buffer.key.clone());
            for pod in virtual_pods(&buffer.key, &buffer.uid, &resolved, now) {
                let is_planned = planned.contains(&pod.pod.uid);
                if snapshot.pods.get(&pod.pod.key).is_none() {
                    reserve.add(&key, pod.pod, is_planned);
                }
            }
        }
        reserve
    }

    /// Takes virtual pods out of placements and refusals of `plan`, which was made for them among others, and says what
    /// became of them. Claims keep theirs: they are what the claims are made for.
    pub fn settle(mut self, plan: &mut SchedulingPlan) -> Room {
        let mut room = Room::default();
        for claim in &plan.claims {
            for key in &claim.pods {
                let Some(buffer) = self.buffer_of.get(key) else { continue };
                room.claims.entry(claim.name.clone()).or_default().insert((**buffer).clone());
                self.rounds.entry(buffer.clone()).or_default().on_new_nodes += 1;
            }
        }
        for placement in &mut plan.placements {
            let buffers: BTreeSet<ObjectKey> = placement
                .pods
                .iter()
                .filter_map(|key| self.buffer_of.get(key))
                .map(|b| (**b).clone())
                .collect();
            if buffers.is_empty() {
                continue;
            }
            match &placement.target {
                Target::Node(node) => room.nodes.insert(node.clone(), buffers),
                Target::Claim(claim) => room.claims.insert(claim.clone(), buffers),
            };
            placement.pods.retain(|key| !self.buffer_of.contains_key(key));
        }
        plan.placements.retain(|placement| !placement.pods.is_empty());
        for (key, _) in &plan.unschedulable {
            let Some(buffer) = self.buffer_of.get(key) else { continue };
            self.rounds.entry(buffer.clone()).or_default().failed += 1;
        }
        plan.unschedulable.retain(|(key, _)| !self.buffer_of.contains_key(key));
        // A buffer not all of whose pods were tried learns nothing from this round.
        plan.unattempted.iter().filter_map(|key| self.buffer_of.get(key)).for_each(|buffer| {
            self.rounds.remove(buffer);
        });
        plan.unattempted.retain(|key| !self.buffer_of.contains_key(key));
        room.rounds = self.rounds.into_iter().map(|(key, round)| ((*key).clone(), round)).collect();
        room
    }

    fn add(&mut self, buffer: &Arc<ObjectKey>, pod: Arc<Pod>, is_planned: bool) {
        let round = self.rounds.entry(buffer.clone()).or_default();
        round.pods += 1;
        round.on_new_nodes += usize::from(is_planned);
        if !is_planned {
            self.buffer_of.insert(pod.key.clone(), buffer.clone());
            self.pods.push(pod);
        }
    }
}
