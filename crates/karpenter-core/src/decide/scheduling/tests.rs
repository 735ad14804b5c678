//! Behaviour of the decision, case by case, and its equality with a naive reference.

mod batching;
mod bins;
mod bounds;
mod claim_objects;
mod claims;
mod journal;
mod ladder;
mod masks;
mod min_values;
mod packing;
mod random_clusters;
mod random_topology;
mod reasons;
mod reference;
mod reference_topology;
mod refused_pods;
mod topology_affinity;
mod topology_spread;
