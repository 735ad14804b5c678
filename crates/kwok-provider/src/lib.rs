//! The provider without machines: a node is an object in the API and nothing else, so that the whole engine runs
//! against any API server, on any laptop, at any size.
//!
//! | module | idea |
//! |---|---|
//! | [`catalog`] | instance types from a file in the format of KWOK, and 144 of them made by rule |
//! | [`labels`] | the keys of this provider |
//!
//! Source: Karpenter behaviour, KWOK provider.

pub mod catalog;
pub mod labels;
