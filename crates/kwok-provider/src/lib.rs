//! The provider without machines: a node is an object in the API and nothing else, so that the whole engine runs
//! against any API server, on any laptop, at any size. Something else has to play the kubelet of those nodes.
//!
//! | module | idea |
//! |---|---|
//! | [`api`] | the kind `KWOKNodeClass` and its definition |
//! | [`labels`] | the keys of this provider |
//! | [`catalog`] | instance types from a file in the format of KWOK, and 144 of them made by rule |
//! | [`choice`] | which type and offering a claim gets |
//! | [`node`] | the Node of a launched claim, and the instance it stands for |
//! | [`provider`] | the port's implementation |
//! | [`registration`] | nodes that appear later, as a row of the engine's runner |
//!
//! Choices are pure and depend on a seed; the only effects are reading node classes, and creating, reading and deleting
//! Nodes.
//!
//! Source: Karpenter behaviour, KWOK provider. Differs: nodes have the capacity of their type, a deletion deletes the
//! Node, equal seeds choose equally, and a claim nothing fits is refused.

pub mod api;
pub mod catalog;
pub mod choice;
mod errors;
pub mod labels;
pub mod node;
pub mod provider;
pub mod registration;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
