//! Behaviour of the decision, case by case, and its equality with a naive reference.

mod batching;
mod bins;
mod claims;
mod journal;
mod masks;
mod random_clusters;
mod reference;
mod refused_pods;
