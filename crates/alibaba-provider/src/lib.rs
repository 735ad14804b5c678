//! The provider of Alibaba Cloud: [`CloudProvider`](karpenter_core::cloud_provider::CloudProvider) over `alibaba-sdk`.
//!
//! | module | idea |
//! |---|---|
//! | [`api`] | the kind `ECSNodeClass`, label keys, static hash, resource definition |
//! | [`catalog`] | rows of the cloud become instance types with offerings |
//! | [`launch`] | which offerings to try, and trying them |
//! | [`network`], [`images`], [`userdata`] | what an instance needs besides: `select` is pure, `discover` asks |
//! | [`reservations`] | capacity reservations a class selects, and the room left in them |
//! | [`roles`] | whether instances may take on the role of a class |
//! | [`passwords`] | where the password of an instance comes from |
//! | [`unavailable`] | what was refused lately |
//! | [`instance`] | an instance of the cloud as the engine sees it |
//! | [`node_classes`] | classes as last read or written |
//! | [`provider`] | the port's implementation |
//! | [`legacy`] | the older kind of another group: its hash, its labels, what it means in ours |
//! | [`controllers`] | node classes and the catalogue, as rows of the engine's runner |
//! | [`errors`] | what a refusal means |
//! | [`cluster`], [`options`], [`time`] | facts, settings, and the border of two calendars |
//!
//! Decisions are pure and take time as an argument; discovery and launch are effects around them.

pub mod api;
pub mod catalog;
pub mod cluster;
pub mod controllers;
pub mod errors;
pub mod images;
pub mod instance;
pub mod launch;
pub mod legacy;
pub mod network;
pub mod node_classes;
pub mod options;
pub mod passwords;
pub mod provider;
pub mod reservations;
pub mod roles;
#[cfg(test)]
mod testing;
pub mod time;
pub mod unavailable;
pub mod userdata;
