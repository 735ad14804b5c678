//! Bins for pods that look at no other pod and whose volumes can be reached from anywhere.

use super::node_index::OpenNodes;
use super::open_claim::Closed;
use super::solve::{Place, Solver};
use super::world::{Meeting, Reading};

impl Solver<'_> {
    /// Nodes that have not refused pods of the class for good, taken out of its memory.
    pub(super) fn open_nodes(&mut self, class: usize, level: usize) -> OpenNodes {
        let Self { nodes, classes, world, .. } = self;
        let known = classes.all[class].memory[level].nodes.take();
        let class = &classes.all[class];
        let shape = &classes.shapes[class.shape];
        let mut open = known.unwrap_or_else(|| {
            let tolerated = nodes.open_to(class, &shape.levels[level]);
            nodes.index.candidates(class.ask(shape, level), tolerated, world)
        });
        nodes.index.catch_up(&mut open, &nodes.all);
        open
    }

    /// The first existing node that takes a pod of the class.
    pub(super) fn find_node(&mut self, class: usize, level: usize) -> Option<Place> {
        if self.nodes.all.is_empty() {
            return None;
        }
        let mut open = self.open_nodes(class, level);
        let Self { nodes, classes, world, .. } = self;
        let shape = &classes.shapes[classes.all[class].shape];
        let ask = classes.all[class].ask(shape, level);
        let mut place = None;
        let mut from = 0;
        while let Some(at) = open.next(from) {
            from = at + 1;
            let node = &nodes.all[at];
            if !node.has_room(ask) {
                open.remove(at);
                continue;
            }
            match world.meet(node.set, ask.set, Reading::Node) {
                Meeting::Joined(set) => {
                    place = Some(Place::Node(at, set));
                    break;
                }
                Meeting::NotNow => {}
                Meeting::Never => open.remove(at),
            }
        }
        classes.all[class].memory[level].nodes = Some(open);
        place
    }

    /// The open claim with the fewest pods that takes a pod of the class.
    pub(super) fn find_claim(&mut self, class: usize, level: usize) -> Option<Place> {
        let Self { order, claims, classes, world, indexes, templates, reservations, .. } = self;
        let shape = &classes.shapes[classes.all[class].shape];
        let mut memory = std::mem::take(&mut classes.all[class].memory[level]);
        let ask = classes.all[class].ask(shape, level);
        let mut place = None;
        for at in order.iter() {
            let claim = &claims[at];
            if memory.is_closed(at, claim.set) {
                continue;
            }
            let template = &templates[claim.template];
            if !shape.levels[level].tolerates(&template.supply.pool.template.taints) {
                memory.close(at, Closed::ForGood);
                continue;
            }
            let tables = (&mut indexes[template.index], &mut *world, &mut *reservations);
            match claim.try_add(ask, template, tables) {
                Ok(delta) => {
                    place = Some(Place::Claim(at, delta));
                    break;
                }
                Err(until) => memory.close(at, until),
            }
        }
        classes.all[class].memory[level] = memory;
        place
    }
}
