//! The watches of objects that select pods, for default spread constraints.

use super::kinds::{Named, watch_behind_gate};
use super::{Watched, Watching};
use crate::model::selector_source::{SelectorSource, SelectorSourceKind as Selects};
use crate::state::{Change, ClusterEvent, Kind};
use crate::wire::selector_source::{
    SelectingReplicaSet, SelectingReplicationController, SelectingService, SelectingStatefulSet,
};

/// Services and the owners of pods; they count as listed and empty when nobody asks for them.
pub fn watch_selector_sources(watching: &Watching, is_wanted: bool) -> Vec<Named> {
    let services =
        source(Selects::Service, |change| ClusterEvent::SelectorSource(Selects::Service, change));
    let controllers = source(Selects::ReplicationController, |change| {
        ClusterEvent::SelectorSource(Selects::ReplicationController, change)
    });
    let replica_sets = source(Selects::ReplicaSet, |change| {
        ClusterEvent::SelectorSource(Selects::ReplicaSet, change)
    });
    let stateful_sets = source(Selects::StatefulSet, |change| {
        ClusterEvent::SelectorSource(Selects::StatefulSet, change)
    });
    let (replicas, ordinals) = ("watch-selecting-replicaset", "watch-selecting-statefulset");
    let tasks = [
        watch_behind_gate::<SelectingService>(is_wanted, watching, "watch-service", services),
        watch_behind_gate::<SelectingReplicationController>(
            is_wanted,
            watching,
            "watch-replicationcontroller",
            controllers,
        ),
        watch_behind_gate::<SelectingReplicaSet>(is_wanted, watching, replicas, replica_sets),
        watch_behind_gate::<SelectingStatefulSet>(is_wanted, watching, ordinals, stateful_sets),
    ];
    tasks.into_iter().flatten().collect()
}

fn source(
    kind: Selects,
    event: fn(Change<SelectorSource>) -> ClusterEvent,
) -> Watched<SelectorSource> {
    Watched { kind: Kind::SelectorSource(kind), event, optional: true }
}
