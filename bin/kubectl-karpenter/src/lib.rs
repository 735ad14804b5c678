//! `kubectl karpenter`: the decisions of the engine on the command line.
//!
//! | module | idea |
//! |---|---|
//! | [`command`] | arguments, and how a run ends |
//! | [`simulate`] | objects from files become a plan; nothing is asked of a cluster and nothing is changed |
//!
//! The binary is [`command::run`] and nothing else, so that other programs can call it in process.

pub mod command;
pub mod simulate;
