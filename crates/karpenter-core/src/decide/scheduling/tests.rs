//! Behaviour of the decision, case by case, and its equality with a naive reference.

mod batching;
mod bins;
mod bounds;
mod claim_objects;
mod claims;
mod effective_zones;
mod journal;
mod ladder;
mod masks;
mod min_values;
mod packing;
mod random_clusters;
mod random_topology;
mod random_volumes;
mod reasons;
mod reference;
mod reference_topology;
mod reference_volumes;
mod refused_pods;
mod reservations;
mod rounds;
mod scans;
mod topology_affinity;
mod topology_spread;
mod volume_limits;
mod volumes;
