//! Parts that many pods are equal in, kept once: a cluster has many pods but few distinct shapes and sizes.
//!
//! Plans compare parts by address first, so pods that share them are cheap to tell apart; and memory is what distinct
//! parts take, not what pods take.

use std::hash::Hash;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::collection::Change;
use crate::model::pod::{Pod, PodShape};
use crate::model::resources::Resources;

#[cfg(test)]
mod tests;

/// Parts below this number are not worth looking through.
const FEW: usize = 1024;

/// Shapes and requests of all pods.
#[derive(Debug, Default)]
pub(crate) struct SharedParts {
    shapes: Shared<PodShape>,
    requests: Shared<Resources>,
}

#[derive(Debug)]
struct Shared<T> {
    known: FxHashSet<Arc<T>>,
    /// With more parts than this, those nobody uses any more are let go.
    limit: usize,
}

impl SharedParts {
    /// Lets the pods of `change` share what they are equal in with each other and with all seen before.
    pub(crate) fn share(&mut self, change: &mut Change<Pod>) {
        match change {
            Change::Upsert(pod) | Change::Written(pod) | Change::Created(pod) => {
                self.share_pod(pod);
            }
            Change::Reset(pods) => pods.iter_mut().for_each(|pod| self.share_pod(pod)),
            Change::Delete(_) => {}
        }
    }

    fn share_pod(&mut self, pod: &mut Arc<Pod>) {
        let (shape, requests) = (self.shapes.part(&pod.shape), self.requests.part(&pod.requests));
        if Arc::ptr_eq(&shape, &pod.shape) && Arc::ptr_eq(&requests, &pod.requests) {
            return;
        }
        let own = Arc::make_mut(pod);
        (own.shape, own.requests) = (shape, requests);
    }
}

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Self { known: FxHashSet::default(), limit: FEW }
    }
}

impl<T: Eq + Hash> Shared<T> {
    /// The known part that equals `part`, which becomes known if there is none.
    fn part(&mut self, part: &Arc<T>) -> Arc<T> {
        if let Some(known) = self.known.get(part) {
            return known.clone();
        }
        if self.known.len() >= self.limit {
            self.known.retain(|known| Arc::strong_count(known) > 1);
            self.limit = FEW.max(2 * self.known.len());
        }
        self.known.insert(part.clone());
        part.clone()
    }
}
